//! Text in Markdown, such that nothing in it is taken for markup.

/// Returns a text as a part of a line, or as a cell of a table: no HTML, no link, no code, no column and no line of its
/// own.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '`' | '\\' => out.extend(['\\', c]),
            // Of a link or of what it refers to; an interval is none.
            ']' if matches!(characters.peek(), Some('(' | '[' | ':')) => out.push_str("\\]"),
            '\n' | '\r' | '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Returns a text as code within a line.
pub(super) fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r', '\t'], " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    match longest {
        0 => format!("`{text}`"),
        _ => format!("{0} {text} {0}", "`".repeat(longest + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup() {
        assert_eq!(plain("a|b <script>&\n[x](y) `c` \\"), "a\\|b &lt;script&gt;&amp; [x\\](y) \\`c\\` \\\\");
        assert_eq!(plain("latency ≤ 5 ms [1 ms, 9 ms]"), "latency ≤ 5 ms [1 ms, 9 ms]");
        assert_eq!(code("run x"), "`run x`");
        assert_eq!(code("run `x``y`"), "``` run `x``y` ```");
    }
}
