//! Commands as a shell reads them.

use std::path::Path;

/// Returns the scenario and its overrides as a shell reads them: without its overrides a run would be another.
pub fn as_typed(scenario: &Path, overrides: &[String]) -> String {
    let mut words = vec![quoted(&scenario.display().to_string())];
    words.extend(overrides.iter().map(|assignment| format!("--set {}", quoted(assignment))));
    words.join(" ")
}

/// Returns the word as a shell reads it.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,%+@".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
