//! A run that is made step by step, told without its protocol's types: what two runs are compared by, and what shows
//! what an agent knows at some event.

use super::run::RunInstance;
use crate::Harness;
use std::fmt::Debug;
use synod_sim::{Ending, NodeId, Protocol, RunDigest, Time, code};

/// A run that is made step by step.
pub trait Steps {
    /// Makes the next step.
    fn step(&mut self) -> Step;
    /// Returns the digest of the run so far. Nothing comes after it.
    fn digest(&mut self, ending: Ending) -> RunDigest;
    /// Returns what `node` knows now.
    fn view(&self, node: NodeId) -> NodeView<'_>;
}

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How many events there have been, this one included.
    pub event: u64,
    /// The virtual time.
    pub at: Time,
    /// What went into the digest.
    pub transcript: Vec<[u64; 3]>,
    /// Why there was no event, if there was none.
    pub ending: Option<Ending>,
}

/// The state of a node, as far as it can be shown.
#[derive(Debug)]
pub enum NodeView<'a> {
    /// There is no such node: they are numbered from 0 to so many less one.
    NoSuchNode(u32),
    /// It is down.
    Down,
    /// Its protocol does not show what it knows.
    NotExposed,
    /// Its state.
    State(&'a dyn Debug),
}

impl Step {
    /// Returns where two steps differ: what happened in each, in words.
    pub fn difference(&self, other: &Step) -> Option<[String; 2]> {
        let (one, two) = (&self.transcript, &other.transcript);
        match (0..one.len().max(two.len())).find(|&place| one.get(place) != two.get(place)) {
            Some(place) => Some([one.get(place), two.get(place)].map(|words| match words {
                Some(&words) => code::describe(words),
                None => "nothing".to_owned(),
            })),
            None if self.ending == other.ending => None,
            None => Some([self.ending, other.ending].map(|ending| match ending {
                Some(ending) => ending.to_string(),
                None => "goes on".to_owned(),
            })),
        }
    }
}

impl<H: Harness> RunInstance<H> {
    /// Returns the same run, about to be made step by step.
    pub(super) fn with_transcript(mut self) -> RunInstance<H> {
        self.simulation.keep_transcript();
        self
    }
}

impl<H: Harness> Steps for RunInstance<H> {
    fn step(&mut self) -> Step {
        let ending = self.simulation.step();
        let run = &mut self.simulation;
        Step { event: run.events(), at: run.now(), transcript: run.take_transcript(), ending }
    }

    fn digest(&mut self, ending: Ending) -> RunDigest {
        self.simulation.end(ending).digest
    }

    fn view(&self, node: NodeId) -> NodeView<'_> {
        if node.0 >= self.nodes {
            return NodeView::NoSuchNode(self.nodes);
        }
        match self.simulation.machine(node).map(Protocol::state) {
            None => NodeView::Down,
            Some(None) => NodeView::NotExposed,
            Some(Some(state)) => NodeView::State(state),
        }
    }
}
