//! What a thing that a file describes may be called, and what is said of it.

use super::error::Problem;
use super::path::Path;
use serde::de::{Deserialize, Deserializer};

/// The longest name, in characters.
const NAME_MAX: usize = 120;

/// Checks the name that stands at `path`: it is one line that says something, and fits on a screen.
///
/// # Errors
/// If it is empty or blank, has several lines, or is too long.
pub fn check_name(name: &str, path: Path) -> Result<(), Problem> {
    let length = name.chars().count();
    if name.trim().is_empty() {
        Err(Problem::new(path, "the name says nothing").help("write a short name, such as name: quickstart"))
    } else if name.contains(['\n', '\t']) {
        Err(Problem::new(path, "a name is one line, without tabs"))
    } else if length > NAME_MAX {
        Err(Problem::new(path, format!("the name has {length} characters, and {NAME_MAX} are possible")))
    } else {
        Ok(())
    }
}

/// Reads a sentence that may stand on several lines of a file as one line.
pub(super) fn one_line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(text.trim_end().replace(['\n', '\t'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_short_line() {
        let said = |name: &str| check_name(name, Path::of(["name"])).map_err(|problem| problem.message);
        assert_eq!(said("quickstart"), Ok(()));
        assert_eq!(said("ü".repeat(120).as_str()), Ok(()));
        for (name, part) in [
            ("", "says nothing"),
            (" \n ", "says nothing"),
            ("a\nb", "is one line"),
            ("a\tb", "is one line"),
            ("a".repeat(121).as_str(), "has 121 characters, and 120 are possible"),
        ] {
            assert!(said(name).expect_err("it is refused").contains(part), "{name:?}");
        }
    }
}
