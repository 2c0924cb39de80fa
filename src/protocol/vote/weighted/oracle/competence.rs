//! W8: who is a little better weighs a little more.

use super::super::{Config, Observation, Source, Weighing, Weighted};
use crate::expertise::Scale;
use std::rc::Rc;
use synod_sim::{Event, EventTime, GroundTruth, Oracle, Violation};

/// W8: strength never falls as competence rises, and never rises faster than its law allows: it has no jumps.
#[derive(Debug)]
pub struct Competence {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    checked: u64,
}

impl Competence {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Competence {
        Competence { config: Rc::clone(config), ground_truth: Rc::clone(ground_truth), checked: 0 }
    }

    /// How steep strength is at most between two competences: the derivative of ln(p / (1 − p)) is 1 / (p (1 − p)),
    /// which falls up to ½ and rises from there; the steepest piece of the legacy scale climbs .81 over .2.
    fn steepest(&self, low: f64, high: f64) -> f64 {
        match self.config.source {
            Source::Earned { scale: Scale::LogOdds { .. }, .. } => {
                let slope = |p: f64| 1.0 / (p * (1.0 - p)).max(1e-9);
                slope(low.max(0.5)).max(slope(high.max(0.5)))
            }
            _ => 4.05,
        }
    }

    /// Two voters whose strengths do not go with their competences.
    fn fault(&self, weighing: &Weighing) -> Option<String> {
        let mut ranks: Vec<(u64, u64)> =
            weighing.estimates.iter().copied().zip(weighing.strengths.iter().copied()).collect();
        ranks.sort_unstable();
        ranks.windows(2).find_map(|pair| {
            let [(low, weak), (high, strong)] =
                [pair[0], pair[1]].map(|(p, s)| (p as f64 / 1e9, s as f64 / 1e9));
            let floor = match self.config.source {
                Source::Earned { scale: Scale::LogOdds { floor }, .. } => floor as f64 / 1e9,
                _ => 0.0,
            };
            // From the floor the law's own curve goes on above it, and numbers are rounded.
            let most = self.steepest(low, high) * (high - low) + floor + 1e-6;
            (strong < weak || strong - weak > most)
                .then(|| format!("competences of {low} and {high} have strengths of {weak} and {strong}"))
        })
    }
}

impl Oracle<Weighted> for Competence {
    fn name(&self) -> &'static str {
        "competence"
    }

    fn claim(&self) -> &'static str {
        "W8: strength rises with competence, without jumps"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Weighted>) -> Result<(), Violation> {
        let Some((node, claim)) = self.ground_truth.claim(event) else { return Ok(()) };
        let Observation::Opened { session, weighing } = claim else { return Ok(()) };
        if weighing.estimates.len() < 2 {
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
