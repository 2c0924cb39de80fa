//! Text that shows what it holds: no character of it steers a terminal, hides, or turns what stands beside it around.

use std::borrow::Cow;

/// Returns true if a character shows itself where it stands. Control characters do not, nor do those that have no width
/// or no ink, those that turn the direction of writing, and separators of lines.
///
/// Source: Unicode 16, categories Cc, Cf, Zl and Zp, fillers of Hangul, and selectors of variations beyond the first 16.
pub fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}'
            | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns `text` with every character that does not show itself as `\u{…}`. Line breaks and tabs stay.
///
/// ```
/// use synod_sim::units::printable;
///
/// assert_eq!(printable("plain – ünïcödé"), "plain – ünïcödé");
/// assert_eq!(printable("a\u{1b}[31mb\u{202e}c"), r"a\u{1b}[31mb\u{202e}c");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    let stays = |c: char| is_printable(c) || matches!(c, '\n' | '\t');
    if text.chars().all(stays) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if stays(c) { shown.push(c) } else { shown.extend(c.escape_unicode()) }
    }
    shown.into()
}
