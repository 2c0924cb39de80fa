//! Reading: the YAML files of a folder, and files of Synod's own.

use super::draft::open_no_link;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest file of Synod's own that is read, in bytes: 1 GiB.
const MAX_OWN_BYTES: u64 = 1 << 30;

/// Reads a file that Synod wrote. No link is followed.
///
/// # Errors
/// If it cannot be read, is no ordinary file, or is larger than any that Synod writes.
pub(crate) fn read_own(path: &Path) -> io::Result<Vec<u8>> {
    let file = open_no_link(path, OpenOptions::new().read(true))?;
    let length = file.metadata()?.len();
    if length > MAX_OWN_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "is larger than 1 GiB, the most that is read",
        ));
    }
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(MAX_OWN_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the YAML files below `folder`, however deep, in the order of their paths.
///
/// # Errors
/// If a folder cannot be read.
pub fn yaml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    gather(folder, &mut files)?;
    files.sort();
    Ok(files)
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // A link to a folder may lead around in a circle, or to another catalogue.
        if path.is_dir() {
            if !path.is_symlink() {
                gather(&path, files)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            files.push(path);
        }
    }
    Ok(())
}
