//! Where commands print. A reader that has gone away is no failure: the rest is not wanted.

use super::exit::Failure;
use anstyle::{AnsiColor, Style};
use std::env;
use std::io::{self, Write};
use std::path::Path;
use synod_sim::units::{is_printable, printable};

const ERROR: Style = AnsiColor::Red.on_default().bold();

/// The styles that pages are written with, as they end.
const STYLES: [&str; 6] = ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m"];

/// Prints `text` as it is on standard output.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::unwritable("standard output", &error, &error))
        }
        _ => Ok(()),
    }
}

/// Prints a page for people on standard output, without its styles unless they are wanted. What else would steer a
/// terminal, in names of files for example, is shown escaped.
pub(super) fn page(text: &str) -> Result<(), Failure> {
    print(&tamed(text))
}

/// Prints a page and a line break on standard output.
pub(super) fn page_line(text: &str) -> Result<(), Failure> {
    page(&format!("{text}\n"))
}

/// Prints a JSON text and a line break on standard output, where they may be read on a terminal as well: characters that
/// do not show themselves, which stand only inside of its strings, are escaped.
pub(super) fn json(text: &str) -> Result<(), Failure> {
    let mut out = String::with_capacity(text.len() + 1);
    for c in text.trim_end().chars() {
        if is_printable(c) || c == '\n' {
            out.push(c);
        } else {
            let units =
                c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
            out.push_str(&units);
        }
    }
    print(&(out + "\n"))
}

/// Prints why a command failed on standard error.
pub(super) fn error(failure: &Failure) {
    let text = failure.to_string();
    let text = printable(&text).replacen("error:", &format!("{ERROR}error:{ERROR:#}"), 1);
    anstream::eprintln!("{text}");
}

/// Prints a remark on standard error.
pub(super) fn note(text: &str) {
    anstream::eprintln!("{}", printable(text));
}

/// Returns a page with everything escaped that is neither text nor one of Synod's styles.
fn tamed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (place, c) in text.char_indices() {
        let is_style = || STYLES.iter().any(|style| text[place + 1..].starts_with(style));
        if is_printable(c) || matches!(c, '\n' | '\t') || (c == '\u{1b}' && is_style()) {
            out.push(c);
        } else {
            out.extend(c.escape_unicode());
        }
    }
    out
}

/// Returns the program as the user can call it again: a bare name if it was found on the path, or else where it lies.
pub(super) fn program() -> String {
    let called = env::args_os().next().unwrap_or_else(|| "synod".into());
    match env::current_dir() {
        Ok(here) => Path::new(&called).strip_prefix(here).unwrap_or(Path::new(&called)).display().to_string(),
        Err(_) => Path::new(&called).display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_steers_a_terminal_by_its_own_styles_alone() {
        let page = format!("{ERROR}bad{ERROR:#} a\u{1b}]0;title\u{7}b\u{1b}[2Jc\u{9b}31md\u{202e}e\r\n");
        let expected = format!(
            "{ERROR}bad{ERROR:#} a\\u{{1b}}]0;title\\u{{7}}b\\u{{1b}}[2Jc\\u{{9b}}31md\\u{{202e}}e\\u{{d}}\n"
        );
        assert_eq!(tamed(&page), expected);
    }
}
