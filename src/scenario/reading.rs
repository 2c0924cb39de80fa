//! Text files, read with limits.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path as FilePath;
use synod_harness::ScenarioError;
use synod_harness::tree::end_position;

/// The largest file that is read, in bytes: 16 MiB.
pub const MAX_FILE_BYTES: u64 = 16 << 20;

/// Reads a text file.
///
/// # Errors
/// If there is no such file, or it is a directory, larger than [`MAX_FILE_BYTES`] or not UTF-8.
pub fn read(path: &FilePath) -> Result<String, ScenarioError> {
    let name = path.display().to_string();
    let fail = |message: String| ScenarioError::of_file(&name, message);
    let refuse = |error: std::io::Error| fail(format!("cannot be read: {}", plain(&error)));
    // Before it is opened: opening a pipe waits for somebody to write into it.
    let kind = fs::metadata(path).map_err(refuse)?;
    if kind.is_dir() {
        return Err(fail("is a directory, not a file".into()));
    }
    if !kind.is_file() {
        return Err(fail("is not an ordinary file".into()));
    }
    let file = File::open(path).map_err(refuse)?;
    let mut bytes = Vec::new();
    // One byte more than is allowed tells a file that is too large, even one that never ends.
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| fail(format!("cannot be read: {}", plain(&error))))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(fail(format!("is larger than {} MiB, the most that is read", MAX_FILE_BYTES >> 20)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let position = Some(end_position(&String::from_utf8_lossy(valid)));
        let mut error = fail("is not UTF-8 text".into());
        error.position = position;
        error
    })
}

/// Returns the reason that the operating system gives, without its number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((reason, _)) => reason.to_lowercase(),
        None => text,
    }
}
