//! I3: what is selected was proposed.

use super::super::{Config, Iterative, Message, Observation, SessionId, Value};
use super::book::Books;
use std::rc::Rc;
use synod_sim::{Event, EventTime, GroundTruth, Oracle, Violation};

/// I3: what a round selects, and what the session comes to, somebody has proposed in it.
#[derive(Debug)]
pub struct Submitted {
    config: Rc<Config>,
    ground_truth: Rc<GroundTruth>,
    books: Books,
    checked: u64,
}

impl Submitted {
    pub(super) fn new(config: &Rc<Config>, ground_truth: &Rc<GroundTruth>) -> Submitted {
        let (config, ground_truth) = (Rc::clone(config), Rc::clone(ground_truth));
        Submitted { config, ground_truth, books: Books::default(), checked: 0 }
    }

    fn check(&mut self, session: SessionId, value: &Value) -> Result<(), Violation> {
        self.checked += 1;
        if self.books.has(session, value) {
            Ok(())
        } else {
            let message = format_args!("nobody proposed {value:?} in session {session}");
            Err(Violation::new([self.config.coordinator], message)
                .with("session", session)
                .with("value", value))
        }
    }
}

impl Oracle<Iterative> for Submitted {
    fn name(&self) -> &'static str {
        "submitted"
    }

    fn claim(&self) -> &'static str {
        "I3: what is selected was proposed"
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, Iterative>) -> Result<(), Violation> {
        self.books.note(&self.config, &self.ground_truth, event);
        if let Event::Sent { from, message: Message::Result(report), resend: false, .. } = *event
            && self.ground_truth.is_correct(from)
            && let Some(value) = &report.value
        {
            return self.check(report.session, value);
        }
        match self.ground_truth.claim(event) {
            Some((_, Observation::Selected { session, value, .. })) => self.check(*session, value),
            _ => Ok(()),
        }
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
