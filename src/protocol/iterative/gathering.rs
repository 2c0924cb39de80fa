//! Phases: who has answered, and when a phase is over.

use synod_sim::{Duration, NodeId};

/// Number of extensions of a phase before the session is aborted.
pub const EXTENSIONS: u32 = 2;

/// Maximum length of a phase, in multiples of its own.
pub const LONGEST: u64 = 1 << EXTENSIONS;

/// A phase: it ends once all have answered, or once enough have and its time is over.
#[derive(Debug)]
pub struct Gathering {
    length: Duration,
    needed: usize,
    answered: Vec<bool>,
    count: usize,
    extensions: u32,
}

/// Effect of an answer.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing yet.
    None,
    /// Enough have answered.
    Enough,
    /// All have answered.
    Complete,
}

/// Effect of the end of a phase's time.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// The phase is over.
    Close,
    /// It lasts so much longer: its time is doubled.
    Extend(Duration),
    /// Too few have answered after all extensions.
    GiveUp,
}

impl Gathering {
    /// A phase of this length, in which `needed` of `agents` must answer.
    pub fn new(length: Duration, needed: usize, agents: usize) -> Gathering {
        assert!((1..=agents).contains(&needed), "somebody must answer, and can");
        Gathering { length, needed, answered: vec![false; agents], count: 0, extensions: 0 }
    }

    /// `agent` has answered.
    pub fn answer(&mut self, agent: NodeId) -> Change {
        if std::mem::replace(&mut self.answered[agent.index()], true) {
            return Change::None;
        }
        self.count += 1;
        assert!(self.count <= self.answered.len(), "everybody answers once");
        match self.count {
            count if count == self.answered.len() => Change::Complete,
            count if count == self.needed => Change::Enough,
            _ => Change::None,
        }
    }

    /// The agents that have not answered.
    pub fn silent(&self) -> impl Iterator<Item = NodeId> {
        let silent = self.answered.iter().enumerate().filter(|(_, answered)| !**answered);
        silent.map(|(agent, _)| NodeId(agent as u32))
    }

    /// Handles the end of the time.
    pub fn expire(&mut self) -> Expiry {
        if self.count >= self.needed {
            return Expiry::Close;
        }
        if self.extensions == EXTENSIONS {
            return Expiry::GiveUp;
        }
        assert!(self.extensions < EXTENSIONS, "a phase is extended so often and no more");
        let so_far = self.length.saturating_mul(1 << self.extensions);
        self.extensions += 1;
        Expiry::Extend(so_far)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: Duration = Duration::from_secs(1);

    #[test]
    fn answers_count_once() {
        let mut gathering = Gathering::new(LENGTH, 2, 3);
        let answers = [0, 0, 2, 1].map(|agent| gathering.answer(NodeId(agent)));
        assert_eq!(answers, [Change::None, Change::None, Change::Enough, Change::Complete]);
    }

    #[test]
    fn time_is_doubled_twice_and_then_up() {
        let mut gathering = Gathering::new(LENGTH, 2, 3);
        gathering.answer(NodeId(1));
        let seconds = |count| Duration::from_secs(count);
        assert_eq!(gathering.expire(), Expiry::Extend(seconds(1)));
        assert_eq!(gathering.expire(), Expiry::Extend(seconds(2)));
        assert_eq!(gathering.expire(), Expiry::GiveUp);
        assert_eq!(LENGTH.saturating_mul(LONGEST), seconds(4));
        assert_eq!(gathering.silent().collect::<Vec<_>>(), [NodeId(0), NodeId(2)]);
        gathering.answer(NodeId(0));
        assert_eq!(gathering.expire(), Expiry::Close);
    }
}
