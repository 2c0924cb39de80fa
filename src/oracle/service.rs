//! Oracles of a replicated service: they judge what its clients saw by rules of their own, whatever log orders the
//! commands.

use std::rc::Rc;
use synod_log::{Executed, history};
use synod_sim::{End, Event, EventTime, GroundTruth, NodeId, Oracle, Protocol, Violation};

/// What nodes of a replicated service claim: all that an oracle of the service sees.
#[derive(Copy, Clone, Debug)]
pub enum ServiceClaim<'a> {
    /// A client has asked, or its operation has ended.
    Call(&'a history::Call),
    /// An operation took effect at this time of the log, which the machine knows.
    Executed(Executed),
}

/// An oracle of one service. It knows neither the log nor what the service's `apply` does.
pub trait ServiceOracle {
    /// Returns its name.
    fn name(&self) -> &'static str;

    /// Returns what it claims of every run, in one sentence.
    fn claim(&self) -> &'static str;

    /// Sees what a correct node claims.
    ///
    /// # Errors
    /// If the service broke its rules.
    fn on_claim(&mut self, moment: EventTime, node: NodeId, claim: ServiceClaim<'_>)
    -> Result<(), Violation>;

    /// Sees the crash of a node, whose clients forget what they have asked for.
    fn on_crash(&mut self, node: NodeId) {
        let _ = node;
    }

    /// Sees the end of the run.
    ///
    /// # Errors
    /// If the service broke its rules.
    fn on_end(&mut self) -> Result<(), Violation> {
        Ok(())
    }

    /// Returns how often it has judged.
    fn checked(&self) -> u64;
}

/// An oracle of a service that the log `P` replicates.
pub struct OverLog<P: Protocol> {
    ground_truth: Rc<GroundTruth>,
    /// What an observation claims of the service, if anything.
    claim: fn(&P::Observation) -> Option<ServiceClaim<'_>>,
    oracle: Box<dyn ServiceOracle>,
}

impl<P: Protocol> OverLog<P> {
    /// Creates the oracle for runs of which `ground_truth` is true; `claim` picks what `oracle` sees out of what nodes
    /// claim.
    pub fn new(
        ground_truth: &Rc<GroundTruth>,
        claim: fn(&P::Observation) -> Option<ServiceClaim<'_>>,
        oracle: Box<dyn ServiceOracle>,
    ) -> OverLog<P> {
        OverLog { ground_truth: Rc::clone(ground_truth), claim, oracle }
    }
}

impl<P: Protocol> Oracle<P> for OverLog<P> {
    fn name(&self) -> &'static str {
        self.oracle.name()
    }

    fn claim(&self) -> &'static str {
        self.oracle.claim()
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, P>) -> Result<(), Violation> {
        if let Event::Crashed { node } = *event {
            self.oracle.on_crash(node);
        } else if let Some((node, observation)) = self.ground_truth.claim(event)
            && let Some(claim) = (self.claim)(observation)
        {
            return self.oracle.on_claim(moment, node, claim);
        }
        Ok(())
    }

    fn on_end(&mut self, _: &End) -> Result<(), Violation> {
        self.oracle.on_end()
    }

    fn checked(&self) -> u64 {
        self.oracle.checked()
    }
}
