//! Oracles of a flat vote that judge a hierarchy by what its agents claim of one.

use super::super::{Hierarchical, Observation};
use synod_sim::{Duration, End, Event, EventTime, Oracle, Violation};
use synod_vote::weighted::Weighted;

/// An oracle of the flat vote, which sees its claims and who crashes.
#[derive(Debug)]
pub struct Lifted<O>(pub(super) O);

impl<O: Oracle<Weighted>> Oracle<Hierarchical> for Lifted<O> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn claim(&self) -> &'static str {
        self.0.claim()
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Hierarchical>) -> Result<(), Violation> {
        match *event {
            Event::Observed { node, observation: Observation::FlatVote(observation) } => {
                self.0.on_event(moment, &Event::Observed { node, observation })
            }
            Event::Panicked { node, during, message, place } => {
                self.0.on_event(moment, &Event::Panicked { node, during, message, place })
            }
            Event::Crashed { node } => self.0.on_event(moment, &Event::Crashed { node }),
            _ => Ok(()),
        }
    }

    fn on_end(&mut self, end: &End) -> Result<(), Violation> {
        self.0.on_end(end)
    }

    fn checked(&self) -> u64 {
        self.0.checked()
    }

    fn unknown(&self) -> Option<String> {
        self.0.unknown()
    }

    fn bound(&self) -> Option<Duration> {
        self.0.bound()
    }
}
