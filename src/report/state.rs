//! What an agent knows, as people read it.

/// The widest line into which a structure is folded, in characters.
const WIDTH: usize = 100;

/// `text`, which was printed over many lines by `{:#?}`, with every structure that fits on one line folded into it, and
/// two spaces a level.
pub(super) fn folded(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut folded = String::new();
    fold(&lines, &mut folded);
    folded
}

fn fold(lines: &[&str], out: &mut String) {
    let mut place = 0;
    while place < lines.len() {
        let line = lines[place];
        let end = if opens(line) { place + closing(&lines[place..]) } else { place };
        let depth = indent(line) / 4 * 2;
        let whole = (end > place).then(|| joined(&lines[place..=end]));
        match whole {
            Some(whole) if depth + whole.chars().count() <= WIDTH => {
                out.push_str(&format!("{:depth$}{whole}\n", ""));
            }
            Some(_) => {
                out.push_str(&format!("{:depth$}{}\n", "", line.trim_start()));
                fold(&lines[place + 1..end], out);
                out.push_str(&format!("{:depth$}{}\n", "", lines[end].trim_start()));
            }
            None => out.push_str(&format!("{:depth$}{}\n", "", line.trim_start())),
        }
        place = end + 1;
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn opens(line: &str) -> bool {
    line.ends_with(['{', '[', '('])
}

/// Returns the place of the line that closes what the first one opens: the first of no greater indent.
fn closing(lines: &[&str]) -> usize {
    let own = indent(lines[0]);
    lines.iter().skip(1).position(|line| indent(line) <= own).map_or(0, |place| place + 1)
}

/// Returns a structure on one line.
fn joined(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        let part = line.trim_start();
        let closes = part.starts_with(['}', ']', ')']);
        if closes && text.ends_with(',') {
            text.pop();
        }
        let braces = (closes && part.starts_with('}') && !text.ends_with('{')) || text.ends_with(['{', ',']);
        if braces && !(closes && text.ends_with('{')) {
            text.push(' ');
        }
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Debug)]
    #[expect(dead_code, reason = "it is printed")]
    struct Replica {
        view: u64,
        votes: BTreeMap<u32, Option<&'static str>>,
        empty: Vec<u8>,
    }

    #[test]
    fn structures_that_fit_are_folded() {
        let replica =
            Replica { view: 3, votes: BTreeMap::from([(1, Some("yes")), (2, None)]), empty: Vec::new() };
        assert_eq!(
            folded(&format!("{replica:#?}")),
            "Replica { view: 3, votes: { 1: Some(\"yes\"), 2: None }, empty: [] }\n"
        );
        let votes = (0..12).map(|voter| (voter, Some("aye"))).collect();
        let text = folded(&format!("{:#?}", Replica { view: 3, votes, empty: vec![1, 2] }));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..4], ["Replica {", "  view: 3,", "  votes: {", "    0: Some(\"aye\"),"]);
        assert_eq!(lines[15..], ["  },", "  empty: [1, 2],", "}"]);
    }
}
