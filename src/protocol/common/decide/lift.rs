//! Oracles of children, as oracles of the protocol around them.
//!
//! A [`Lifted`] oracle is all the oracles of one name, one for each child that has it: each sees the events of its own
//! child, under the numbers that nodes have there.

use std::rc::Rc;
use synod_sim::collections::SortedMap;
use synod_sim::{
    Duration, End, Event, EventTime, GroundTruth, NodeId, Oracle, Protocol, Recipients, Time, Violation,
};

/// A protocol with children of type `C`: projects messages, timers and observations to a child's.
pub trait ParentOf<C: Protocol>: Protocol {
    /// The child's number and its message, if it is a child's.
    fn message(message: &Self::Message) -> Option<(u32, &C::Message)>;
    /// The child's number and its timer, if it is a child's.
    fn timer(timer: &Self::Timer) -> Option<(u32, &C::Timer)>;
    /// The child's number and its observation, if it is a child's.
    fn claim(claim: &Self::Observation) -> Option<(u32, &C::Observation)>;
    /// The child that starts with this observation, and the value that it starts on, where its configuration does not
    /// give that.
    fn starts(claim: &Self::Observation) -> Option<(u32, u64)> {
        let _ = claim;
        None
    }
}

/// Builds the oracles of a child from the value that it starts on and its starting time.
pub type Starting<C> = Rc<dyn Fn(u64, Time) -> Vec<Box<dyn Oracle<C>>>>;

/// The oracles of one child.
pub struct ChildOracles<C: Protocol> {
    /// Its number.
    pub child: u32,
    /// Its members; all nodes under their own numbers, if nobody is listed.
    pub members: Option<Rc<[NodeId]>>,
    /// Its oracles,
    pub oracles: Vec<Box<dyn Oracle<C>>>,
    /// and those that replace them once a correct node starts it on a value, with the ground truth.
    pub starting: Option<(Starting<C>, Rc<GroundTruth>)>,
    /// True if its end can be judged: not where its start is unknown beforehand.
    pub judges_end: bool,
}

/// All oracles of one name.
pub struct Lifted<C: Protocol> {
    name: &'static str,
    claim: &'static str,
    parts: SortedMap<u32, Watcher<C>>,
}

struct Watcher<C: Protocol> {
    members: Option<Rc<[NodeId]>>,
    oracle: Box<dyn Oracle<C>>,
    starting: Option<(Starting<C>, Rc<GroundTruth>)>,
    judges_end: bool,
}

impl<C: Protocol> Lifted<C> {
    /// Oracles of children, grouped by name in order of first appearance.
    pub fn all<P: ParentOf<C>>(parts: Vec<ChildOracles<C>>) -> Vec<Box<dyn Oracle<P>>> {
        let mut gathered: Vec<Lifted<C>> = Vec::new();
        for ChildOracles { child, members, oracles, starting, judges_end } in parts {
            for oracle in oracles {
                let name = oracle.name();
                let place = gathered.iter().position(|lifted| lifted.name == name).unwrap_or_else(|| {
                    gathered.push(Lifted { name, claim: oracle.claim(), parts: SortedMap::new() });
                    gathered.len() - 1
                });
                let (members, starting) = (members.clone(), starting.clone());
                let watcher = Watcher { members, oracle, starting, judges_end };
                gathered[place].parts.insert(child, watcher);
            }
        }
        gathered.into_iter().map(|lifted| Box::new(lifted) as Box<dyn Oracle<P>>).collect()
    }

    /// Oracles of an only child that all nodes take part in.
    pub fn one<P: ParentOf<C>>(oracles: Vec<Box<dyn Oracle<C>>>) -> Vec<Box<dyn Oracle<P>>> {
        Lifted::all(vec![ChildOracles { child: 0, members: None, oracles, starting: None, judges_end: true }])
    }
}

impl<C: Protocol> Watcher<C> {
    /// The child's number of `node`.
    fn place(&self, node: NodeId) -> Option<NodeId> {
        match &self.members {
            None => Some(node),
            Some(list) => list.iter().position(|&member| member == node).map(|place| NodeId(place as u32)),
        }
    }

    /// Recipients by the child's numbers.
    fn recipients(&self, from: NodeId, to: &Recipients) -> Recipients {
        if self.members.is_none() {
            return to.clone();
        }
        let mut places = Vec::new();
        to.for_each(from, |node| places.extend(self.place(node)));
        Recipients::List(places.into())
    }

    /// The violation, by the parent's numbers.
    fn objection(&self, child: u32, violation: Violation) -> Violation {
        let node = |&node: &NodeId| self.members.as_ref().map_or(node, |list| list[node.index()]);
        let message = match &self.members {
            None => violation.message,
            Some(_) => format!("{} (agents by their places in child {child})", violation.message),
        };
        let mut evidence = violation.evidence;
        for agent in evidence.iter_mut().filter_map(|evidence| evidence.agent.as_mut()) {
            *agent = node(agent);
        }
        let agents = violation.agents.iter().map(node).collect();
        let violation = Violation { agents, message, evidence, interleaving: violation.interleaving };
        match &self.members {
            None => violation,
            Some(_) => violation.with("child", child),
        }
    }

    /// Judges the child by `value` from now on, on which `node` starts it.
    fn start(&mut self, node: NodeId, value: u64, at: Time) {
        let is_correct = |ground_truth: &Rc<GroundTruth>| ground_truth.is_correct(node);
        if let Some((oracles, _)) = self.starting.take_if(|(_, ground_truth)| is_correct(ground_truth)) {
            let name = self.oracle.name();
            let fresh = oracles(value, at).into_iter().find(|oracle| oracle.name() == name);
            self.oracle = fresh.expect("a child has the same oracles, whatever it starts on");
        }
    }

    fn see(&mut self, child: u32, moment: EventTime, event: &Event<'_, C>) -> Result<(), Violation> {
        let judged = self.oracle.on_event(moment, event);
        judged.map_err(|violation| self.objection(child, violation))
    }
}

impl<C: Protocol> Lifted<C> {
    /// Shows an event of one child to its oracle.
    fn show<'a>(
        &mut self,
        child: u32,
        moment: EventTime,
        event: impl FnOnce(&Watcher<C>) -> Option<Event<'a, C>>,
    ) -> Result<(), Violation> {
        let Some(watcher) = self.parts.get_mut(&child) else { return Ok(()) };
        match event(watcher) {
            Some(event) => watcher.see(child, moment, &event),
            None => Ok(()),
        }
    }

    /// Shows an event that is no child's in particular to all that it concerns.
    fn show_all<'a>(
        &mut self,
        moment: EventTime,
        event: impl Fn(&Watcher<C>) -> Option<Event<'a, C>>,
    ) -> Result<(), Violation> {
        self.parts.iter_mut().try_for_each(|(&child, watcher)| match event(watcher) {
            Some(event) => watcher.see(child, moment, &event),
            None => Ok(()),
        })
    }
}

impl<C: Protocol, P: ParentOf<C>> Oracle<P> for Lifted<C> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn claim(&self) -> &'static str {
        self.claim
    }

    fn wants_copies(&self) -> bool {
        self.parts.values().any(|watcher| watcher.oracle.wants_copies())
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, P>) -> Result<(), Violation> {
        match *event {
            Event::Sent { id, from, to, message, resend, withheld } => {
                let Some((child, message)) = P::message(message) else { return Ok(()) };
                let Some(watcher) = self.parts.get_mut(&child) else { return Ok(()) };
                let Some(place) = watcher.place(from) else { return Ok(()) };
                let to = watcher.recipients(from, to);
                watcher.see(
                    child,
                    moment,
                    &Event::Sent { id, from: place, to: &to, message, resend, withheld },
                )
            }
            Event::Delivered { id, from, to, message } => match P::message(message) {
                Some((child, message)) => self.show(child, moment, |watcher| {
                    let (from, to) = (watcher.place(from)?, watcher.place(to)?);
                    Some(Event::Delivered { id, from, to, message })
                }),
                None => Ok(()),
            },
            Event::Lost { id, from, to, message, why } => match P::message(message) {
                Some((child, message)) => self.show(child, moment, |watcher| {
                    let (from, to) = (watcher.place(from)?, watcher.place(to)?);
                    Some(Event::Lost { id, from, to, message, why })
                }),
                None => Ok(()),
            },
            Event::Expired { node, timer } => match P::timer(timer) {
                Some((child, timer)) => self.show(child, moment, |watcher| {
                    Some(Event::Expired { node: watcher.place(node)?, timer })
                }),
                None => Ok(()),
            },
            Event::Observed { node, observation } if P::starts(observation).is_some() => {
                let (child, value) = P::starts(observation).expect("it was just seen");
                if let Some(watcher) = self.parts.get_mut(&child) {
                    watcher.start(node, value, moment.at);
                }
                Ok(())
            }
            Event::Observed { node, observation } => match P::claim(observation) {
                Some((child, observation)) => self.show(child, moment, |watcher| {
                    Some(Event::Observed { node: watcher.place(node)?, observation })
                }),
                None => Ok(()),
            },
            Event::Shown { node, observation } => match P::claim(observation) {
                Some((child, observation)) => self.show(child, moment, |watcher| {
                    Some(Event::Shown { node: watcher.place(node)?, observation })
                }),
                None => Ok(()),
            },
            Event::Panicked { node, during, message, place } => self.show_all(moment, |watcher| {
                Some(Event::Panicked { node: watcher.place(node)?, during, message, place })
            }),
            Event::Crashed { node } => {
                self.show_all(moment, |watcher| Some(Event::Crashed { node: watcher.place(node)? }))
            }
            Event::Restarted { node, wiped } => {
                self.show_all(moment, |watcher| Some(Event::Restarted { node: watcher.place(node)?, wiped }))
            }
            Event::Paused { node } => {
                self.show_all(moment, |watcher| Some(Event::Paused { node: watcher.place(node)? }))
            }
            Event::Resumed { node } => {
                self.show_all(moment, |watcher| Some(Event::Resumed { node: watcher.place(node)? }))
            }
            Event::Struck { id, node } => {
                self.show_all(moment, |watcher| Some(Event::Struck { id, node: watcher.place(node)? }))
            }
            // A cut is a cut, whichever of the members it separates: oracles ask no more of it.
            Event::Cut { id, cut } => self.show_all(moment, |_| Some(Event::Cut { id, cut })),
            Event::Healed { id } => self.show_all(moment, |_| Some(Event::Healed { id })),
        }
    }

    fn on_end(&mut self, end: &End) -> Result<(), Violation> {
        self.parts.iter_mut().filter(|(_, watcher)| watcher.judges_end).try_for_each(|(&child, watcher)| {
            watcher.oracle.on_end(end).map_err(|violation| watcher.objection(child, violation))
        })
    }

    fn checked(&self) -> u64 {
        self.parts.values().map(|watcher| watcher.oracle.checked()).sum()
    }

    fn unknown(&self) -> Option<String> {
        self.parts.values().find_map(|watcher| watcher.oracle.unknown())
    }

    fn bound(&self) -> Option<Duration> {
        self.parts.values().filter_map(|watcher| watcher.oracle.bound()).max()
    }
}

/// Ground truth of a child among `members`, by its own numbers. The totals of a run are no child's, so message laws are
/// not judged by it.
pub fn ground_of(ground_truth: &GroundTruth, members: Option<&[NodeId]>) -> GroundTruth {
    let Some(members) = members else { return GroundTruth { fault_free: false, ..ground_truth.clone() } };
    let of = |facts: &dyn Fn(NodeId) -> bool| members.iter().map(|&node| facts(node)).collect();
    GroundTruth {
        correct: of(&|node| ground_truth.is_correct(node)),
        live_required: of(&|node| ground_truth.requires_progress(node)),
        fault_free: false,
        ..ground_truth.clone()
    }
}
