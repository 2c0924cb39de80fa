//! Integers for elimination: machine words that tell when they overflow, and big ones.

use num_bigint::{BigInt, Sign};
use num_traits::{One, ToPrimitive, Zero};
use std::cmp::Ordering;

/// An integer whose operations return `None` if the result does not fit.
pub(super) trait Exact: Clone + Ord {
    fn of(big: &BigInt) -> Option<Self>;
    fn big(&self) -> BigInt;
    fn zero() -> Self;
    fn one() -> Self;
    /// Returns −1, 0 or 1.
    fn sign(&self) -> i32;
    fn negated(&self) -> Option<Self>;
    fn less(&self, other: &Self) -> Option<Self>;
    /// Returns this plus a product.
    fn plus_product(&self, one: &Self, other: &Self) -> Option<Self>;
    /// Returns `(a·b − c·d) / e`, a division without remainder.
    fn cross(a: &Self, b: &Self, c: &Self, d: &Self, e: &Self) -> Option<Self>;
    /// Compares `a·b` with `c·d`.
    fn compare_products(a: &Self, b: &Self, c: &Self, d: &Self) -> Option<Ordering>;
}

macro_rules! machine_word {
    ($word:ty, $narrowed:ident) => {
        impl Exact for $word {
            fn of(big: &BigInt) -> Option<$word> {
                big.$narrowed()
            }

            fn big(&self) -> BigInt {
                (*self).into()
            }

            fn zero() -> $word {
                0
            }

            fn one() -> $word {
                1
            }

            fn sign(&self) -> i32 {
                self.signum() as i32
            }

            fn negated(&self) -> Option<$word> {
                self.checked_neg()
            }

            fn less(&self, other: &$word) -> Option<$word> {
                self.checked_sub(*other)
            }

            fn plus_product(&self, one: &$word, other: &$word) -> Option<$word> {
                self.checked_add(one.checked_mul(*other)?)
            }

            fn cross(a: &$word, b: &$word, c: &$word, d: &$word, e: &$word) -> Option<$word> {
                a.checked_mul(*b)?.checked_sub(c.checked_mul(*d)?)?.checked_div(*e)
            }

            fn compare_products(a: &$word, b: &$word, c: &$word, d: &$word) -> Option<Ordering> {
                Some(a.checked_mul(*b)?.cmp(&c.checked_mul(*d)?))
            }
        }
    };
}

machine_word!(i64, to_i64);
machine_word!(i128, to_i128);

impl Exact for BigInt {
    fn of(big: &BigInt) -> Option<BigInt> {
        Some(big.clone())
    }

    fn big(&self) -> BigInt {
        self.clone()
    }

    fn zero() -> BigInt {
        Zero::zero()
    }

    fn one() -> BigInt {
        One::one()
    }

    fn sign(&self) -> i32 {
        match BigInt::sign(self) {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }
    }

    fn negated(&self) -> Option<BigInt> {
        Some(-self)
    }

    fn less(&self, other: &BigInt) -> Option<BigInt> {
        Some(self - other)
    }

    fn plus_product(&self, one: &BigInt, other: &BigInt) -> Option<BigInt> {
        Some(self + one * other)
    }

    fn cross(a: &BigInt, b: &BigInt, c: &BigInt, d: &BigInt, e: &BigInt) -> Option<BigInt> {
        Some((a * b - c * d) / e)
    }

    fn compare_products(a: &BigInt, b: &BigInt, c: &BigInt, d: &BigInt) -> Option<Ordering> {
        Some((a * b).cmp(&(c * d)))
    }
}
