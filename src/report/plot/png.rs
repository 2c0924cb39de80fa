//! Plots as PNG. Text uses a built-in font, so that the image does not depend on the fonts of the machine.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};
use std::sync::Arc;

/// A subset of DejaVu Sans: Latin, Greek and the symbols that plots use.
const FONT: &[u8] = include_bytes!("font/DejaVuSans.ttf");

/// Number of PNG pixels for each SVG pixel, in either direction, so that plots are sharp on high-density screens.
const SCALE: f32 = 2.0;

/// Renders SVG as PNG.
pub(crate) struct Painter {
    options: Options<'static>,
}

impl Painter {
    pub(crate) fn new() -> Painter {
        let mut fonts = Database::new();
        fonts.load_font_data(FONT.to_vec());
        fonts.set_sans_serif_family("DejaVu Sans");
        Painter { options: Options { fontdb: Arc::new(fonts), ..Options::default() } }
    }

    /// Returns `svg` as PNG; `None` if it is invalid or too large.
    pub(crate) fn png(&self, svg: &str) -> Option<Vec<u8>> {
        let tree = Tree::from_str(svg, &self.options).ok()?;
        let size = tree.size().to_int_size().scale_by(SCALE)?;
        let mut pixels = Pixmap::new(size.width(), size.height())?;
        resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
        pixels.encode_png().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_drawn_at_twice_its_size_and_with_its_text() {
        let with = |text: &str| {
            let svg = format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="2" y="15">{text}</text></svg>"#
            );
            let png = Painter::new().png(&svg).expect("it is a picture");
            Pixmap::decode_png(&png).expect("it is a PNG")
        };
        let (blank, drawn) = (with(""), with("λ 20 ms"));
        assert_eq!((drawn.width(), drawn.height()), (120, 40));
        assert!(blank.data().iter().all(|&byte| byte == 0));
        assert!(drawn.data().iter().filter(|&&byte| byte > 0).count() > 500, "letters are there");
        assert_eq!(Painter::new().png("no picture"), None);
    }
}
