//! All observers learn of one result.

use super::super::{AbortReason, Config, Iterative, Method, Observation, Outcome, SessionId, Value};
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{Event, EventTime, GroundTruth, NodeId, Oracle, Violation};

/// All correct observers who are told what came of a session are told the same, whoever led it. One who was told nothing
/// gives it up by itself.
#[derive(Debug)]
pub struct OneResult {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    results: SortedMap<SessionId, (NodeId, Outcome, Option<Rc<Value>>)>,
    checked: u64,
}

impl OneResult {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> OneResult {
        let (config, ground_truth) = (Rc::clone(config), Rc::clone(ground_truth));
        OneResult { config, ground_truth, results: SortedMap::new(), checked: 0 }
    }
}

impl Oracle<Iterative> for OneResult {
    fn name(&self) -> &'static str {
        "one_result"
    }

    fn claim(&self) -> &'static str {
        "all who are told what came of a session are told the same"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Iterative>) -> Result<(), Violation> {
        let Some((node, Observation::Concluded { session, outcome, value, .. })) =
            self.ground_truth.claim(event)
        else {
            return Ok(());
        };
        // In numeric agreement everybody has a number of its own.
        let is_told = !matches!(outcome, Outcome::Aborted(AbortReason::Silence));
        if !is_told || self.config.method != Method::Refinement {
            return Ok(());
        }
        self.checked += 1;
        let (first, result, of) =
            self.results.entry(*session).or_insert_with(|| (node, *outcome, value.clone()));
        if (*result, &*of) == (*outcome, value) {
            return Ok(());
        }
        let message = format_args!(
            "session {session} came to {outcome:?}, {value:?}, for agent {node}, and to {result:?}, {of:?}, for \
             agent {first}"
        );
        Err(Violation::new([*first, node], message).with("session", session))
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
