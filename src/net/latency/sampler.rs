//! Drawing delays: a law made ready, so that a draw costs a few nanoseconds.

use super::empirical::Empirical;
use super::law::{Law, Parameters, nanos, span};
use super::ziggurat::{EXPONENTIAL, Exponential as ExponentialDensity, HALF_NORMAL, HalfNormal, Ziggurat};
use rand::Rng;
use synod_sim::Duration;
use synod_sim::random::unit_open;

/// A law made ready to be drawn from. The same words give the same delays on every platform.
#[derive(Clone, Debug)]
pub struct Sampler(pub(crate) Kind);

/// One type a law, so that a loop over many draws can be compiled for each.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Constant(Constant),
    Uniform(Uniform),
    Exponential(Exponential),
    Normal(Normal),
    LogNormal(LogNormal),
    Gamma(Gamma),
    Pareto(Pareto),
    Empirical(Empirical),
}

/// What delays can be drawn from.
pub(crate) trait Sample {
    /// Returns the delay that `words` give.
    fn sample(&self, words: &mut impl Rng) -> Duration;
}

impl Law {
    /// Returns what draws from the law.
    pub fn sampler(&self) -> Sampler {
        Sampler::new(self)
    }
}

impl Sampler {
    fn new(law: &Law) -> Sampler {
        Sampler(match &law.0 {
            Parameters::Constant(delay) => Kind::Constant(Constant(*delay)),
            Parameters::Uniform { min, max } => Kind::Uniform(Uniform::new(*min, *max)),
            Parameters::Exponential { mean, min } => {
                Kind::Exponential(Exponential { min: *min, scale: nanos(*mean - *min), table: &EXPONENTIAL })
            }
            Parameters::Normal { mean, sd, min } => Kind::Normal(Normal {
                mean: nanos(*mean),
                sd: nanos(*sd),
                min: nanos(*min),
                table: &HALF_NORMAL,
            }),
            Parameters::LogNormal { median, sigma } => {
                Kind::LogNormal(LogNormal { median: nanos(*median), sigma: *sigma, table: &HALF_NORMAL })
            }
            Parameters::Gamma { shape, mean } => Kind::Gamma(Gamma::new(*shape, *mean)),
            Parameters::Pareto { scale, shape } => {
                Kind::Pareto(Pareto { scale: nanos(*scale), shape_inverse: 1.0 / shape, table: &EXPONENTIAL })
            }
            Parameters::Empirical(samples) => Kind::Empirical(samples.clone()),
        })
    }

    /// Returns the delay that `words` give, in whole nanoseconds; what would exceed [`Duration::MAX`] becomes that.
    #[inline]
    pub fn sample(&self, words: &mut impl Rng) -> Duration {
        match &self.0 {
            Kind::Constant(law) => law.sample(words),
            Kind::Uniform(law) => law.sample(words),
            Kind::Exponential(law) => law.sample(words),
            Kind::Normal(law) => law.sample(words),
            Kind::LogNormal(law) => law.sample(words),
            Kind::Gamma(law) => law.sample(words),
            Kind::Pareto(law) => law.sample(words),
            Kind::Empirical(law) => law.sample(words),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Constant(Duration);

impl Sample for Constant {
    #[inline]
    fn sample(&self, _: &mut impl Rng) -> Duration {
        self.0
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Uniform {
    min: Duration,
    /// Number of whole nanoseconds to choose from; 0 stands for 2⁶⁴.
    choices: u64,
}

impl Uniform {
    fn new(min: Duration, max: Duration) -> Uniform {
        Uniform { min, choices: (max - min).as_nanos().wrapping_add(1) }
    }
}

impl Sample for Uniform {
    #[inline]
    fn sample(&self, words: &mut impl Rng) -> Duration {
        let word = words.next_u64();
        if self.choices == 0 {
            return Duration::from_nanos(word);
        }
        self.min + Duration::from_nanos(below(self.choices, word))
    }
}

/// Returns a whole number below `choices`. The bias is below `choices` / 2⁶⁴: for choices within a minute, 3 × 10⁻⁹.
#[inline]
fn below(choices: u64, word: u64) -> u64 {
    ((u128::from(word) * u128::from(choices)) >> 64) as u64
}

#[derive(Clone, Debug)]
pub(crate) struct Exponential {
    min: Duration,
    scale: f64,
    table: &'static Ziggurat<ExponentialDensity>,
}

impl Sample for Exponential {
    #[inline]
    fn sample(&self, words: &mut impl Rng) -> Duration {
        self.min + span(self.scale * self.table.exponential(words))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Normal {
    mean: f64,
    sd: f64,
    min: f64,
    table: &'static Ziggurat<HalfNormal>,
}

impl Sample for Normal {
    #[inline]
    fn sample(&self, words: &mut impl Rng) -> Duration {
        // The mean is no less than the minimum, so at least every other draw is good.
        loop {
            let delay = self.mean + self.sd * self.table.normal(words);
            if delay >= self.min {
                return span(delay);
            }
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct LogNormal {
    median: f64,
    sigma: f64,
    table: &'static Ziggurat<HalfNormal>,
}

impl Sample for LogNormal {
    #[inline]
    fn sample(&self, words: &mut impl Rng) -> Duration {
        span(self.median * libm::exp(self.sigma * self.table.normal(words)))
    }
}

/// Source: G. Marsaglia and W. W. Tsang, *A simple method for generating gamma variables* (2000).
#[derive(Clone, Debug)]
pub(crate) struct Gamma {
    scale: f64,
    /// The shape less a third, after shapes below 1 were raised by 1.
    d: f64,
    /// 1 / √(9 d).
    c: f64,
    /// For shapes below 1: the exponent that takes the raised shape back.
    shape_inverse: Option<f64>,
    normal: &'static Ziggurat<HalfNormal>,
    exponential: &'static Ziggurat<ExponentialDensity>,
}

impl Gamma {
    fn new(shape: f64, mean: Duration) -> Gamma {
        let raised = if shape < 1.0 { shape + 1.0 } else { shape };
        let d = raised - 1.0 / 3.0;
        Gamma {
            scale: nanos(mean) / shape,
            d,
            c: 1.0 / (9.0 * d).sqrt(),
            shape_inverse: (shape < 1.0).then(|| 1.0 / shape),
            normal: &HALF_NORMAL,
            exponential: &EXPONENTIAL,
        }
    }

    /// Returns a draw of scale 1 and of a shape that is at least 1.
    #[inline]
    fn raised(&self, words: &mut impl Rng) -> f64 {
        loop {
            let x = self.normal.normal(words);
            let cube_root = 1.0 + self.c * x;
            if cube_root <= 0.0 {
                continue;
            }
            let v = cube_root * cube_root * cube_root;
            let u = unit_open(words.next_u64());
            let square = x * x;
            if u < 1.0 - 0.0331 * square * square
                || libm::log(u) < 0.5 * square + self.d * (1.0 - v + libm::log(v))
            {
                return self.d * v;
            }
        }
    }
}

impl Sample for Gamma {
    #[inline]
    fn sample(&self, words: &mut impl Rng) -> Duration {
        let raised = self.scale * self.raised(words);
        span(match self.shape_inverse {
            None => raised,
            // u^(1/shape), where −ln u is an exponential draw.
            Some(inverse) => raised * libm::exp(-self.exponential.exponential(words) * inverse),
        })
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Pareto {
    scale: f64,
    shape_inverse: f64,
    table: &'static Ziggurat<ExponentialDensity>,
}

impl Sample for Pareto {
    #[inline]
    fn sample(&self, words: &mut impl Rng) -> Duration {
        // u^(−1/shape), where −ln u is an exponential draw.
        span(self.scale * libm::exp(self.table.exponential(words) * self.shape_inverse))
    }
}

impl Sample for Empirical {
    #[inline]
    fn sample(&self, words: &mut impl Rng) -> Duration {
        let samples = self.samples();
        samples[below(samples.len() as u64, words.next_u64()) as usize]
    }
}
