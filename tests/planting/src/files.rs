//! Files and folders; every error names the path.

use crate::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// What no copy of a checkout needs.
const LEFT_OUT: [&str; 3] = [".git", "target", "reports"];

/// Reads a text.
pub fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::file(path, source))
}

/// Makes a folder and those above it.
pub fn make(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|source| Error::file(path, source))
}

/// Writes a file unless it holds just that already: what is built again is what has changed.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        make(folder)?;
    }
    fs::write(path, bytes).map_err(|source| Error::file(path, source))
}

/// Every file in a folder and below it, in order of their names, relative to it.
pub fn below(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inner) = folders.pop() {
        let path = folder.join(&inner);
        for entry in fs::read_dir(&path).map_err(|source| Error::file(&path, source))? {
            let entry = entry.map_err(|source| Error::file(&path, source))?;
            let kind = entry.file_type().map_err(|source| Error::file(&path, source))?;
            let name = inner.join(entry.file_name());
            if kind.is_dir() {
                folders.push(name);
            } else if kind.is_file() {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Every file of a checkout, in order of their names, relative to it.
pub fn of_checkout(checkout: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(checkout).map_err(|source| Error::file(checkout, source))? {
        let entry = entry.map_err(|source| Error::file(checkout, source))?;
        let name = PathBuf::from(entry.file_name());
        if LEFT_OUT.iter().any(|left| name == Path::new(left)) {
            continue;
        }
        if entry.path().is_dir() {
            found.extend(below(&entry.path())?.into_iter().map(|inner| name.join(inner)));
        } else {
            found.push(name);
        }
    }
    found.retain(|path| !path.components().any(|part| part.as_os_str() == "target"));
    found.sort();
    Ok(found)
}
