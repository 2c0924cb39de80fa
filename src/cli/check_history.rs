//! `synod check-history`: is a history of clients' calls linearizable?

use super::args::{CheckHistoryArgs, Format};
use super::exit::{Exit, Failure};
use super::output;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use synod_campaign::{HistoryVerdict, LARGEST_FILE, Notation, check_history as check};
use synod_report::{checked_object, checked_page};

pub(super) fn check_history(arguments: &CheckHistoryArgs) -> Result<Exit, Failure> {
    let file = arguments.file.display().to_string();
    let text =
        read(&arguments.file).map_err(|problem| Failure::input(format_args!("{file}: error: {problem}")))?;
    let report = check(&text, Notation::of_file(&file), arguments.model).map_err(|error| {
        // Its place in the file comes first.
        Failure::input(format_args!("{file}:{error}"))
    })?;
    match arguments.printing.format {
        Format::Json => output::json(&checked_object(&report))?,
        Format::Human => output::page(&checked_page(&file, &report))?,
    }
    Ok(match report.verdict {
        HistoryVerdict::Linearizable => Exit::Held,
        HistoryVerdict::NotLinearizable(_) => Exit::Failed,
        HistoryVerdict::Unknown(_) => Exit::Unknown,
    })
}

/// Returns the text of a file that is not too large.
fn read(path: &Path) -> Result<String, String> {
    let told = |error: io::Error| error.to_string();
    if !fs::metadata(path).map_err(told)?.is_file() {
        return Err("is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    File::open(path).map_err(told)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(told)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(format!("larger than {} MiB, the most that is read", LARGEST_FILE >> 20));
    }
    String::from_utf8(bytes)
        .map_err(|error| format!("not UTF-8 text, from byte {} on", error.utf8_error().valid_up_to()))
}
