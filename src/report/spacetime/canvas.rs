//! A small writer of SVG: escapes what it is given, and rounds every coordinate, so that pictures are the same to the
//! byte.

use std::fmt::Write;
use synod_sim::units::is_printable;

/// SVG under construction.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    text: String,
}

/// A point.
pub(crate) type Point = (f64, f64);

impl Canvas {
    /// Adds markup as it is.
    pub(crate) fn raw(&mut self, markup: &str) {
        self.text.push_str(markup);
        self.text.push('\n');
    }

    /// An element without content, but for a title that shows when it is pointed at.
    pub(crate) fn element(&mut self, name: &str, attributes: &[(&str, &str)], title: &str) {
        self.open(name, attributes);
        if title.is_empty() {
            self.text.insert(self.text.len() - 1, '/');
            self.text.push('\n');
        } else {
            self.put(format_args!("<title>{}</title></{name}>\n", escaped(title)));
        }
    }

    pub(crate) fn line(&mut self, class: &str, (x1, y1): Point, (x2, y2): Point, title: &str) {
        let [x1, y1, x2, y2] = [x1, y1, x2, y2].map(number);
        let attributes = [("class", class), ("x1", &x1), ("y1", &y1), ("x2", &x2), ("y2", &y2)];
        self.element("line", &attributes, title);
    }

    pub(crate) fn circle(&mut self, class: &str, (x, y): Point, radius: f64, title: &str) {
        let [x, y, radius] = [x, y, radius].map(number);
        self.element("circle", &[("class", class), ("cx", &x), ("cy", &y), ("r", &radius)], title);
    }

    /// A rectangle from one corner to the opposite.
    pub(crate) fn rect(&mut self, class: &str, (x1, y1): Point, (x2, y2): Point, title: &str) {
        let [x, y, width, height] = [x1, y1, x2 - x1, y2 - y1].map(number);
        let attributes = [("class", class), ("x", &x), ("y", &y), ("width", &width), ("height", &height)];
        self.element("rect", &attributes, title);
    }

    pub(crate) fn polygon(&mut self, class: &str, points: &[Point], title: &str) {
        let points: Vec<String> =
            points.iter().map(|&(x, y)| format!("{},{}", number(x), number(y))).collect();
        self.element("polygon", &[("class", class), ("points", &points.join(" "))], title);
    }

    pub(crate) fn path(&mut self, class: &str, data: &str, title: &str) {
        self.element("path", &[("class", class), ("d", data)], title);
    }

    pub(crate) fn text(&mut self, class: &str, (x, y): Point, words: &str) {
        let [x, y] = [x, y].map(number);
        self.open("text", &[("class", class), ("x", &x), ("y", &y)]);
        self.put(format_args!("{}</text>\n", escaped(words)));
    }

    /// A cross around a point.
    pub(crate) fn cross(&mut self, class: &str, (x, y): Point, reach: f64, title: &str) {
        let [left, right, top, bottom] = [x - reach, x + reach, y - reach, y + reach].map(number);
        self.path(class, &format!("M{left} {top}L{right} {bottom}M{left} {bottom}L{right} {top}"), title);
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.put(format_args!("<{name}"));
        for (key, value) in attributes {
            self.put(format_args!(" {key}=\"{}\"", escaped(value)));
        }
        self.text.push('>');
    }

    fn put(&mut self, words: std::fmt::Arguments<'_>) {
        self.text.write_fmt(words).expect("a string takes everything");
    }
}

/// Returns a coordinate, to a tenth of a pixel.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// `words` as XML and HTML take them, in text as in attributes. Characters that XML has no form for are replaced.
pub(crate) fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for character in words.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\'' => text.push_str("&#39;"),
            '\n' | '\t' | '\r' => text.push(' '),
            '\u{fffe}' | '\u{ffff}' => text.push('\u{fffd}'),
            hidden if !is_printable(hidden) => text.push('\u{fffd}'),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_can_be_taken_for_markup() {
        let mut canvas = Canvas::default();
        canvas.text("label", (1.0, 2.06), "</text><script>\u{0}&'\"");
        canvas.circle("\"><b", (0.0, -0.01), 3.0, "<i>");
        assert_eq!(
            canvas.finish(),
            "<text class=\"label\" x=\"1\" y=\"2.1\">&lt;/text&gt;&lt;script&gt;\u{fffd}&amp;&#39;&quot;</text>\n\
             <circle class=\"&quot;&gt;&lt;b\" cx=\"0\" cy=\"0\" r=\"3\"><title>&lt;i&gt;</title></circle>\n"
        );
    }
}
