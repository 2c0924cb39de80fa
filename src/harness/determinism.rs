//! Determinism check: two executions of a run in lockstep, compared event by event.

use super::outcome::Outcome;
use super::run::{PreparedRun, conclude, instantiate};
use super::steps::Steps;
use crate::{Harness, Problem};
use std::fmt;
use synod_sim::Ending;

/// The first event at which two executions of one scenario and seed diverge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The event's number, from 1.
    pub event: u64,
    /// What happened in the first run, and in the second.
    pub happened: [String; 2],
}

impl fmt::Display for Divergence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.happened;
        write!(
            out,
            "not deterministic: the runs part at event {}\n  first run:  {first}\n  second run: {second}",
            self.event
        )
    }
}

/// Makes a run twice, step by step.
pub(super) fn check<H: Harness>(
    prepared_run: &PreparedRun<H>,
    seed: u64,
) -> Result<Result<Outcome, Divergence>, Problem> {
    let (mut one, mut other) = (
        instantiate(prepared_run, seed, None)?.with_transcript(),
        instantiate(prepared_run, seed, None)?.with_transcript(),
    );
    let ending = match compare(&mut one, &mut other) {
        Ok((ending, _)) => ending,
        Err(difference) => return Ok(Err(difference)),
    };
    let end = one.simulation.end(ending);
    assert_eq!(end.digest, other.digest(ending), "equal events have equal digests");
    Ok(Ok(conclude(prepared_run, seed, one, end)))
}

/// Makes two runs side by side, to the first event at which they differ, or else to the end of both after so many
/// events.
pub(super) fn compare(one: &mut dyn Steps, other: &mut dyn Steps) -> Result<(Ending, u64), Divergence> {
    loop {
        let (step, second) = (one.step(), other.step());
        if let Some(happened) = step.difference(&second) {
            return Err(Divergence { event: step.event.max(second.event), happened });
        }
        if let Some(ending) = step.ending {
            return Ok((ending, step.event));
        }
    }
}
