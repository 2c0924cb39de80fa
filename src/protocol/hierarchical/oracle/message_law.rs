//! H5: a tree costs no more messages than a flat vote.

use super::super::{Config, Hierarchical, Message, Observation};
use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::units::plural;
use synod_sim::{End, Ending, Event, EventTime, GroundTruth, Message as _, Oracle, Violation};
use synod_vote::weighted::{self, SessionId};

/// H5: without faults and losses, and if everyone has something to say in time and nobody is replaced, a session takes
/// n − 1 requests, n − 1 votes and reports, and n − 1 results. What is sent again is not counted.
#[derive(Debug)]
pub struct MessageLaw {
    config: Rc<Config>,
    is_to_hold: bool,
    is_prompt: bool,
    /// What each session has taken.
    sent: SortedMap<SessionId, u64>,
    checked: u64,
}

impl MessageLaw {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> MessageLaw {
        let is_quick = config.vote.agents.iter().all(|agent| agent.traits.thinking < config.vote.deadline);
        MessageLaw {
            config: Rc::clone(config),
            is_to_hold: ground_truth.fault_free && ground_truth.lossless && is_quick,
            is_prompt: ground_truth.timely,
            sent: SortedMap::new(),
            checked: 0,
        }
    }

    /// The session that a message is of, if it is of one and counts.
    fn session(message: &Message) -> Option<SessionId> {
        match message {
            Message::VoteRequest(request) => Some(request.session),
            Message::FlatVote(weighted::Message::Vote(vote)) => Some(vote.session),
            Message::FlatVote(weighted::Message::Result(report)) => Some(report.session),
            Message::Partial(partial) => Some(partial.session),
            _ => None,
        }
    }
}

impl Oracle<Hierarchical> for MessageLaw {
    fn name(&self) -> &'static str {
        "message_law"
    }

    fn claim(&self) -> &'static str {
        "H5: without faults and losses, a session takes 3(n - 1) messages"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Hierarchical>) -> Result<(), Violation> {
        match *event {
            Event::Sent { from, to, message, resend: false, .. }
                if !Message::KINDS[message.kind()].upkeep =>
            {
                if let Some(session) = MessageLaw::session(message) {
                    *self.sent.entry(session).or_default() += to.count(from) as u64;
                }
            }
            // Whoever comes next reports as well.
            Event::Observed { observation: Observation::TookOver { .. }, .. } => self.is_to_hold = false,
            _ => {}
        }
        Ok(())
    }

    fn on_end(&mut self, end: &End) -> Result<(), Violation> {
        if !self.is_to_hold {
            return Ok(());
        }
        let law = 3 * (u64::from(self.config.tree.size()) - 1);
        for (&session, &sent) in &self.sent {
            let is_past = self.config.vote.opens(session) + self.config.vote.patience() <= end.at;
            let is_over = end.ending == Ending::Quiescent || (self.is_prompt && is_past);
            let all_answer = self.config.vote.polls[session as usize].opinions.iter().all(Option::is_some);
            if !all_answer || !is_over {
                continue;
            }
            self.checked += 1;
            if sent != law {
                let message =
                    format!("session {session} took {}, and the law says {law}", plural(sent, "message"));
                return Err(Violation::new([self.config.vote.coordinator], message).with("session", session));
            }
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
