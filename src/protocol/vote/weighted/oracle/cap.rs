//! W4: the cap is kept, and nothing else is changed.

use super::super::{Config, Observation, Source, Weighing, Weighted};
use std::rc::Rc;
use synod_sim::{Event, EventTime, GroundTruth, Oracle, Violation};

/// W4: weights add up to W, keep the order and, below the cap, the ratios of strengths, and exceed the cap only where
/// so few voters cannot keep it. With these the weights are the ones of water-filling: it has no others to give.
#[derive(Debug)]
pub struct Cap {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    checked: u64,
}

const WHOLE: u64 = 1_000_000_000;

impl Cap {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Cap {
        Cap { config: Rc::clone(config), ground_truth: Rc::clone(ground_truth), checked: 0 }
    }

    /// What is wrong with the weights.
    fn fault(&self, weighing: &Weighing) -> Option<String> {
        let weights = weighing.snapshot.weights();
        let sum: u64 = weights.iter().sum();
        if sum != WHOLE {
            return Some(format!("weights add up to {sum}, not {WHOLE}"));
        }
        let share = u128::from(self.config.cap_ppm.unwrap_or(1_000_000));
        if share * (weights.len() as u128) < 1_000_000 {
            let (least, most) = (weights.iter().min()?, weights.iter().max()?);
            return (most - least > 1)
                .then(|| format!("weights of {least} and {most} where all are to weigh the same"));
        }
        let cap = (share * u128::from(WHOLE)).div_ceil(1_000_000) as u64;
        if let Some(most) = weights.iter().find(|&&weight| weight > cap) {
            return Some(format!("a weight of {most}, above the cap of {cap}"));
        }
        let mut ranks: Vec<(u64, u64)> =
            weighing.strengths.iter().copied().zip(weights.iter().copied()).collect();
        ranks.sort_unstable();
        ranks.windows(2).find_map(|pair| {
            let [(weak, light), (strong, heavy)] =
                [pair[0], pair[1]].map(|(s, w)| (i128::from(s), i128::from(w)));
            let error = (light * strong - heavy * weak).abs();
            // Rounding moves a weight by one unit at most.
            let is_proportional = error <= weak + strong;
            let is_cut = heavy == i128::from(cap) && heavy * weak <= light * strong + weak + strong;
            (heavy < light || !(is_proportional || is_cut))
                .then(|| format!("strengths of {weak} and {strong} weigh {light} and {heavy}"))
        })
    }
}

impl Oracle<Weighted> for Cap {
    fn name(&self) -> &'static str {
        "cap"
    }

    fn claim(&self) -> &'static str {
        "W4: weights add up, keep the cap, and below it follow strengths"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Weighted>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        let Observation::Opened { session, weighing } = claim else { return Ok(()) };
        if self.config.source == Source::Equal {
            return Ok(());
        }
        self.checked += 1;
        match self.fault(weighing) {
            None => Ok(()),
            Some(fault) => {
                Err(Violation::new([node], format_args!("session {session}: {fault}"))
                    .with("session", session))
            }
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
