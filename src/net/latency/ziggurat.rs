//! The ziggurat method: exponential and normal draws that cost one word, one product and one comparison.
//!
//! Source: G. Marsaglia and W. W. Tsang, *The ziggurat method for generating random variables* (2000), with 256
//! layers. The layer and the place in it come from different bits of the word, as J. A. Doornik (2005) advises.

use rand::Rng;
use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2};
use std::fmt;
use std::marker::PhantomData;
use std::sync::LazyLock;
use synod_sim::random::unit_open;

const LAYERS: usize = 256;

/// A decreasing density on the positive numbers, known up to a factor.
pub(super) trait Density {
    /// Where the tail starts: so that all layers have one area and the topmost ends at the peak.
    const TAIL: f64;
    /// Returns the area of the tail.
    fn tail_area() -> f64;
    /// Returns the density at `x`.
    fn at(x: f64) -> f64;
    /// Returns where the density is `y`.
    fn inverse(y: f64) -> f64;
    /// Returns a draw from the tail.
    fn tail(words: &mut impl Rng) -> f64;
}

/// exp(−x).
pub(super) struct Exponential;

impl Density for Exponential {
    const TAIL: f64 = 7.697_117_470_131_05;

    fn tail_area() -> f64 {
        libm::exp(-Exponential::TAIL)
    }

    fn at(x: f64) -> f64 {
        libm::exp(-x)
    }

    fn inverse(y: f64) -> f64 {
        -libm::log(y)
    }

    fn tail(words: &mut impl Rng) -> f64 {
        Exponential::TAIL - libm::log(unit_open(words.next_u64()))
    }
}

/// exp(−x² / 2).
pub(super) struct HalfNormal;

impl Density for HalfNormal {
    const TAIL: f64 = 3.654_152_885_361_009;

    fn tail_area() -> f64 {
        FRAC_PI_2.sqrt() * libm::erfc(HalfNormal::TAIL * FRAC_1_SQRT_2)
    }

    fn at(x: f64) -> f64 {
        libm::exp(-x * x / 2.0)
    }

    fn inverse(y: f64) -> f64 {
        (-2.0 * libm::log(y)).sqrt()
    }

    fn tail(words: &mut impl Rng) -> f64 {
        loop {
            let x = -libm::log(unit_open(words.next_u64())) / HalfNormal::TAIL;
            let y = -libm::log(unit_open(words.next_u64()));
            if 2.0 * y >= x * x {
                return HalfNormal::TAIL + x;
            }
        }
    }
}

/// The layers that cover a density.
pub(super) struct Ziggurat<D> {
    /// The right edge of each layer, from the widest on; the last is 0.
    edges: [f64; LAYERS + 1],
    /// The density at each edge.
    heights: [f64; LAYERS + 1],
    density: PhantomData<fn() -> D>,
}

pub(super) static EXPONENTIAL: LazyLock<Ziggurat<Exponential>> = LazyLock::new(Ziggurat::new);
pub(super) static HALF_NORMAL: LazyLock<Ziggurat<HalfNormal>> = LazyLock::new(Ziggurat::new);

impl<D> fmt::Debug for Ziggurat<D> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Ziggurat")
    }
}

impl<D: Density> Ziggurat<D> {
    fn new() -> Ziggurat<D> {
        let area = layer_area::<D>();
        let mut edges = [0.0; LAYERS + 1];
        // The lowest layer includes the tail: it is as wide as a rectangle of the same area would be.
        edges[0] = area / D::at(D::TAIL);
        edges[1] = D::TAIL;
        for layer in 2..LAYERS {
            let below = edges[layer - 1];
            edges[layer] = D::inverse(D::at(below) + area / below);
        }
        Ziggurat { edges, heights: edges.map(D::at), density: PhantomData }
    }

    /// Returns a draw that starts with `word` and takes more words only in one of a hundred cases. The three bits of
    /// `word` above the lowest eight take no part.
    #[inline]
    pub(super) fn draw(&self, mut word: u64, words: &mut impl Rng) -> f64 {
        loop {
            let layer = (word & 0xff) as usize;
            let x = unit_open(word) * self.edges[layer];
            if x < self.edges[layer + 1] {
                return x;
            }
            if let Some(x) = self.outside_the_core(layer, x, words) {
                return x;
            }
            word = words.next_u64();
        }
    }

    #[cold]
    fn outside_the_core(&self, layer: usize, x: f64, words: &mut impl Rng) -> Option<f64> {
        if layer == 0 {
            return Some(D::tail(words));
        }
        let (bottom, top) = (self.heights[layer], self.heights[layer + 1]);
        let y = bottom + (top - bottom) * unit_open(words.next_u64());
        (y < D::at(x)).then_some(x)
    }
}

fn layer_area<D: Density>() -> f64 {
    D::TAIL * D::at(D::TAIL) + D::tail_area()
}

impl Ziggurat<Exponential> {
    /// Returns an exponential draw of mean 1.
    #[inline]
    pub(super) fn exponential(&self, words: &mut impl Rng) -> f64 {
        self.draw(words.next_u64(), words)
    }
}

impl Ziggurat<HalfNormal> {
    /// Returns a standard normal draw.
    #[inline]
    pub(super) fn normal(&self, words: &mut impl Rng) -> f64 {
        let word = words.next_u64();
        let x = self.draw(word, words);
        // Bit 8 is one that the magnitude leaves alone.
        f64::from_bits(x.to_bits() | (word & 0x100) << 55)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_close_at_the_peak() {
        fn gap<D: Density>(table: &Ziggurat<D>) -> f64 {
            // The topmost layer, of the same area as the others, must end where the density does: at 1.
            let edge = table.edges[LAYERS - 1];
            assert!(table.edges.is_sorted_by(|a, b| a > b));
            (D::at(edge) + layer_area::<D>() / edge - 1.0).abs()
        }
        assert!(gap(&EXPONENTIAL) < 1e-12, "{}", gap(&EXPONENTIAL));
        assert!(gap(&HALF_NORMAL) < 1e-12, "{}", gap(&HALF_NORMAL));
    }
}
