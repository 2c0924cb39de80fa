//! The hypergeometric distribution: sampling without replacement.

use crate::binomial_pmf;

/// P(X = `hits`) for the number X of marked members among `draws`, taken without replacement from a `population` of
/// whom so many are `marked`.
///
/// The relative error is below 1e-11 for populations up to 10⁶. Logarithms of factorials would bring one of 1e-8.
///
/// Source: C. Loader, *Fast and accurate computation of binomial probabilities* (2000), section 5.
///
/// # Panics
/// If there are more draws than members, or more marked ones.
pub fn hypergeometric_pmf(hits: u64, draws: u64, marked: u64, population: u64) -> f64 {
    assert!(draws <= population && marked <= population, "what is drawn or marked is of the population");
    if hits > draws || hits > marked || draws - hits > population - marked {
        return 0.0;
    }
    if draws == 0 || draws == population {
        return 1.0;
    }
    // Any share will do; at this one none of the three is far out.
    let share = draws as f64 / population as f64;
    binomial_pmf(hits, marked, share) * binomial_pmf(draws - hits, population - marked, share)
        / binomial_pmf(draws, population, share)
}

/// P(X ≥ `hits`), under the terms of [`hypergeometric_pmf`].
///
/// # Panics
/// If there are more draws than members, or more marked ones.
pub fn hypergeometric_tail(hits: u64, draws: u64, marked: u64, population: u64) -> f64 {
    assert!(draws <= population && marked <= population, "what is drawn or marked is of the population");
    let most = draws.min(marked);
    // As many unmarked ones as there are: the rest is marked in any lot.
    let least = (draws + marked).saturating_sub(population);
    let pmf = |hits: u64| hypergeometric_pmf(hits, draws, marked, population);
    if hits <= least {
        return 1.0;
    }
    // Sums of small terms first, over the side that is the smaller one.
    if u128::from(hits) * u128::from(population) > u128::from(draws) * u128::from(marked) {
        (hits..=most).rev().map(pmf).sum()
    } else {
        1.0 - (least..hits).map(pmf).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use statrs::distribution::{Discrete, DiscreteCDF, Hypergeometric};

    #[test]
    fn it_agrees_with_another_implementation() {
        for (population, marked, draws) in [
            (1, 1, 1),
            (1, 0, 1),
            (10, 3, 4),
            (60, 19, 59),
            (1_000, 200, 31),
            (10_000, 9_990, 60),
            (100_000, 30_000, 60),
        ] {
            let lot = Hypergeometric::new(population, marked, draws).expect("it is one");
            // Theirs is no number of what cannot be.
            let least = (draws + marked).saturating_sub(population);
            for hits in least..=draws.min(marked).min(least + 200) {
                // Theirs subtracts logarithms of factorials, and sums.
                let tolerance = 1e-10 + population as f64 * 1e-13;
                for (found, exact) in [
                    (hypergeometric_pmf(hits, draws, marked, population), lot.pmf(hits)),
                    (hypergeometric_tail(hits + 1, draws, marked, population), lot.sf(hits)),
                ] {
                    let is_near = (found - exact).abs() <= tolerance * exact.max(1e-12);
                    assert!(is_near, "{hits} of {draws}, {marked} of {population}: {found}, not {exact}");
                }
            }
        }
    }

    const PMF: [(u64, u64, u64, u64, f64); 6] = [
        (0, 100, 200_000, 1_000_000, 2.034_516_515_535_111_7e-10),
        (40, 100, 200_000, 1_000_000, 2.313_544_470_689_760_2e-06),
        (20_000, 100_000, 200_000, 1_000_000, 0.003_324_504_296_998_598_7),
        (20_500, 100_000, 200_000, 1_000_000, 5.873_850_979_868_149e-07),
        (4, 5, 999_990, 1_000_000, 4.999_820_001_979_996e-05),
        (1, 1, 1, 1_000_000, 1e-06),
    ];

    #[test]
    fn large_populations_are_known_to_eleven_digits() {
        // By a hundred-digit computation.
        for (hits, draws, marked, population, exact) in PMF {
            let found = hypergeometric_pmf(hits, draws, marked, population);
            assert!((found / exact - 1.0).abs() < 1e-11, "{hits} of {draws}: {found}, not {exact}");
        }
    }

    /// Returns the same probability, by whole numbers.
    fn exact(hits: u64, draws: u64, marked: u64, population: u64) -> f64 {
        fn choose(n: u64, k: u64) -> u128 {
            if k > n {
                0
            } else {
                (0..k).fold(1, |product, i| product * u128::from(n - i) / u128::from(i + 1))
            }
        }
        let ways = |hits: u64| choose(marked, hits) * choose(population - marked, draws - hits);
        (hits..=draws).map(ways).sum::<u128>() as f64 / choose(population, draws) as f64
    }

    proptest! {
        #[test]
        fn tails_are_those_of_whole_numbers(
            (population, draws, marked) in (1u64..100).prop_flat_map(|all| (Just(all), 0..=all, 0..=all)),
            part in 0.0..1.0,
        ) {
            let hits = (part * draws as f64) as u64;
            let (found, exact) =
                (hypergeometric_tail(hits, draws, marked, population), exact(hits, draws, marked, population));
            prop_assert!((found - exact).abs() <= 1e-12 * exact.max(1e-9), "{} and {}", found, exact);
        }
    }
}
