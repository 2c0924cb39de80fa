//! Which files a scenario may name: those of its own folder and of its catalogue, links resolved.

use std::path::{Component, Path as FilePath, PathBuf};
use synod_harness::{Path, Problem};

/// How far the references of a file go.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// To the file's own folder, and to the catalogue that it belongs to: the nearest folder around it in which there
    /// are both `scenarios/` and `fault_models/`.
    #[default]
    Own,
    /// To every ordinary file.
    Anywhere,
}

/// Where the files that a document names are looked for, and how far that goes.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub(super) folder: PathBuf,
    pub(super) access: Access,
}

/// That a file lies too far away.
pub(super) struct OutOfReach(PathBuf);

impl OutOfReach {
    /// Returns that as what is wrong with the value at `path`.
    pub(super) fn at(self, path: Path) -> Problem {
        let message =
            format!("{} lies outside of the scenario's folder and of its catalogue", self.0.display());
        Problem::new(path, message).help("copy it there, or let scenarios name any file by --allow-outside")
    }
}

impl Reach {
    /// Returns where the file `named` lies, if it may be read.
    pub(super) fn permit(&self, named: &str) -> Result<PathBuf, OutOfReach> {
        let path = tidied(&self.folder.join(named));
        let is_within = || {
            let folder = match self.folder.as_os_str().is_empty() {
                true => FilePath::new("."),
                false => &self.folder,
            };
            let Ok(folder) = folder.canonicalize() else { return false };
            let real = real(&path);
            real.starts_with(&folder) || catalogue(&folder).is_some_and(|around| real.starts_with(around))
        };
        if self.access == Access::Anywhere || is_within() { Ok(path) } else { Err(OutOfReach(path)) }
    }
}

/// Returns the catalogue that `folder` belongs to.
fn catalogue(folder: &FilePath) -> Option<&FilePath> {
    let has_both =
        |folder: &&FilePath| ["scenarios", "fault_models"].iter().all(|name| folder.join(name).is_dir());
    folder.ancestors().find(has_both)
}

/// Returns the path with all links resolved. Where nothing is there, those of the folders around it are.
fn real(path: &FilePath) -> PathBuf {
    let mut missing = Vec::new();
    for around in path.ancestors() {
        let here = if around.as_os_str().is_empty() { FilePath::new(".") } else { around };
        if let Ok(real) = here.canonicalize() {
            return missing.iter().rev().fold(real, |path, step| path.join(step));
        }
        missing.extend(around.components().next_back().map(|step| PathBuf::from(step.as_os_str())));
    }
    path.to_owned()
}

/// Returns the path as people write it, without ways down and up again.
fn tidied(path: &FilePath) -> PathBuf {
    let mut tidied = PathBuf::new();
    for step in path.components() {
        let is_below = matches!(tidied.components().next_back(), Some(Component::Normal(_)));
        match step {
            Component::ParentDir if is_below => drop(tidied.pop()),
            Component::CurDir => {}
            step => tidied.push(step),
        }
    }
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    #[cfg(unix)]
    fn files_lie_in_the_folder_or_in_the_catalogue() {
        let around = std::env::temp_dir().join(format!("synod-access-{}", std::process::id()));
        let folder = around.join("catalogue/scenarios/mine");
        for name in ["catalogue/scenarios/mine/deep", "catalogue/fault_models", "elsewhere"] {
            fs::create_dir_all(around.join(name)).expect("a folder");
        }
        fs::write(around.join("elsewhere/secret.csv"), "1").expect("a file");
        fs::write(folder.join("a.csv"), "1").expect("a file");
        std::os::unix::fs::symlink("../../../elsewhere/secret.csv", folder.join("link.csv")).expect("a link");
        std::os::unix::fs::symlink("../../../elsewhere", folder.join("way")).expect("a link");
        let reach = |access| Reach { folder: folder.clone(), access };
        let secret = around.join("elsewhere/secret.csv").display().to_string();
        for (named, is_near) in [
            ("a.csv", true),
            ("deep/../a.csv", true),
            ("missing.csv", true),
            ("deep/missing/too.csv", true),
            ("../../fault_models/silent.yaml", true),
            ("link.csv", false),
            ("way/secret.csv", false),
            ("way/missing.csv", false),
            ("../../../elsewhere/secret.csv", false),
            ("../../../elsewhere/missing.csv", false),
            ("missing/../../../../elsewhere/missing.csv", false),
            (&secret, false),
            ("/dev/zero", false),
        ] {
            assert_eq!(reach(Access::Own).permit(named).is_ok(), is_near, "{named}");
            assert!(reach(Access::Anywhere).permit(named).is_ok(), "{named}");
        }
        fs::remove_dir_all(&around).expect("it was there");
    }
}
