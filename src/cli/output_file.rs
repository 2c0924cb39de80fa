//! Files that a command leaves beside what it prints: checked before the work, written after it.

use super::exit::Failure;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use synod_campaign::Draft;

/// A file that is to be written, where writing looks possible.
#[derive(Debug)]
pub(super) struct OutputFile {
    /// As the user typed it.
    typed: PathBuf,
    /// Where it really lies.
    real: PathBuf,
    /// False for devices and pipes, in the place of which no file may be put.
    is_file: bool,
}

impl OutputFile {
    /// Creates the file `typed`, which must be none of those that `others` name, each with what it is.
    pub(super) fn new(typed: &Path, others: &[(&Path, &str)]) -> Result<OutputFile, Failure> {
        let refuse = |why: String| Failure::input(format_args!("{}: error: {why}", typed.display()));
        if typed.is_dir() || typed.file_name().is_none() {
            return Err(refuse("is a directory, not a file".to_owned()));
        }
        let is_file = typed.metadata().map_or(true, |data| data.is_file());
        let real = if is_file { real(typed) } else { Ok(typed.to_owned()) };
        let real = real.map_err(|error| {
            let why = format!("its folder cannot be entered: {error}");
            Failure::unwritable(typed.display(), &error, why)
        })?;
        for (other, what) in others {
            if self::real(other).is_ok_and(|other| other == real) {
                return Err(refuse(format!("this is {what}")));
            }
        }
        let output = OutputFile { typed: typed.to_owned(), real, is_file };
        if is_file {
            output.check().map_err(|error| {
                let why = format!("cannot be written: {}", plain(&error));
                Failure::unwritable(typed.display(), &error, why)
            })?;
        }
        Ok(output)
    }

    /// Tries whether it can be written, and changes nothing.
    fn check(&self) -> io::Result<()> {
        self.draft()?;
        match OpenOptions::new().write(true).open(&self.real) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Returns a file in the same folder, which vanishes unless it is put in the place of the target.
    fn draft(&self) -> io::Result<Draft> {
        let folder = self.real.parent().unwrap_or(Path::new("/"));
        Draft::tidy(folder);
        Draft::new(folder)
    }

    /// Returns the file, emptied, for what is written bit by bit.
    pub(super) fn create(&self) -> Result<File, Failure> {
        File::create(&self.real).map_err(|error| self.failure(&error))
    }

    /// Returns the failure that it could not be written.
    pub(super) fn failure(&self, error: &io::Error) -> Failure {
        Failure::unwritable(self.typed.display(), error, plain(error))
    }

    /// Writes the file, whole or not at all.
    pub(super) fn write(&self, content: &[u8]) -> Result<(), Failure> {
        let write = || -> io::Result<()> {
            if !self.is_file {
                let mut device: File = OpenOptions::new().write(true).open(&self.real)?;
                return device.write_all(content);
            }
            let mut draft = self.draft()?;
            draft.write_all(content)?;
            draft.replace(&self.real)
        };
        write().map_err(|error| self.failure(&error))
    }
}

impl fmt::Display for OutputFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.typed.display().fmt(out)
    }
}

/// The files that options name, none of them twice, and none of those that `others` name, each with what it is.
pub(super) fn output_files<const N: usize>(
    options: [(&str, &Option<PathBuf>); N],
    others: &[(&Path, &str)],
) -> Result<[Option<OutputFile>; N], Failure> {
    let mut targets = [const { None }; N];
    for (place, (option, typed)) in options.into_iter().enumerate() {
        let Some(typed) = typed else { continue };
        let output = OutputFile::new(typed, others)?;
        let is_same =
            |other: &Option<OutputFile>| other.as_ref().is_some_and(|other| other.real == output.real);
        if let Some(other) = targets[..place].iter().position(is_same) {
            let other = options[other].0;
            return Err(Failure::input(format_args!(
                "{}: error: {other} and {option} name the same file",
                typed.display()
            )));
        }
        targets[place] = Some(output);
    }
    Ok(targets)
}

/// Returns the path without links, of a file that may not exist in a folder that does.
fn real(path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match path.canonicalize() {
        Ok(path) => Ok(path),
        Err(_) => Ok(folder.canonicalize()?.join(path.file_name().unwrap_or_default())),
    }
}

/// Returns the error without the names of drafts, which mean nothing to the user.
fn plain(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}
