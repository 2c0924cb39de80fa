//! Any replicated log as a protocol that decides once: it decides what it applies first.
//!
//! Every member hosts a replica of the log and proposes its value until it hears of a decision. The log's machine is
//! [`FirstProposal`], which keeps the first value that it is told, so that a member that caught up by a snapshot knows it
//! as well. Whatever agrees on the order of commands thus decides: that is the reduction of consensus to atomic broadcast
//! (T. D. Chandra and S. Toueg, *Unreliable Failure Detectors for Reliable Distributed Systems*, 1996, §7).

use super::abortable::{Abortable, InitHistory};
use super::deciding::{Decide, Ending};
use super::lift::{Lifted, ParentOf};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};
use std::rc::Rc;
use synod_log::{Command, Log, LogEvent, Machine, Proposal, ProposalId, Service, StateMachine};
use synod_sim::auth::Forge;
use synod_sim::inject::Alteration;
use synod_sim::{
    Context, CoverageMark, Durable, Duration, Event, EventTime, GroundTruth, Kind, Lens, Members, Message,
    Milestone, NodeId, Observation, OperationId, Oracle, Protocol, Settled, Time, Violation,
};

/// A node: a replica of the log `L`, and what it knows of the decision.
pub struct LogDecider<L: Log> {
    config: Rc<LogDeciderConfig<L>>,
    log: L,
    has_proposed: bool,
    decided: Option<u64>,
}

/// Configuration, the same for every node.
pub struct LogDeciderConfig<L: Log> {
    /// The log's, whose machine is [`FirstProposal::machine`] and which has no clients but its replicas.
    pub log: Rc<L::Config>,
    /// Number of members.
    pub members: usize,
    /// What members propose.
    pub value: u64,
    /// When, by each member's clock.
    pub at: Time,
    /// How long a member waits before it proposes again.
    pub retry_interval: Duration,
    /// The log's own oracles.
    pub oracles: LogOracles<L>,
}

/// The oracles of a log.
pub type LogOracles<L> = fn(&Rc<<L as Protocol>::Config>, &GroundTruth) -> Vec<Box<dyn Oracle<L>>>;

impl<L: Log> Clone for LogDeciderConfig<L> {
    fn clone(&self) -> LogDeciderConfig<L> {
        LogDeciderConfig { log: Rc::clone(&self.log), ..*self }
    }
}

/// The machine: the first value that was proposed, and is kept.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FirstProposal(Option<u64>);

/// A value is proposed.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Propose(pub u64);

/// The value that was proposed first.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct First(pub u64);

impl FirstProposal {
    /// The state of a log's machine, if it is one.
    pub fn of(machine: &dyn StateMachine) -> Option<FirstProposal> {
        machine.snapshot().decode().ok()
    }

    /// What was proposed first.
    pub fn first(self) -> Option<u64> {
        self.0
    }

    /// The machine of a log that decides.
    pub fn machine() -> Machine {
        Machine::new(FirstProposal::default())
    }
}

impl Service for FirstProposal {
    const NAME: &'static str = "first proposal";
    type Command = Propose;
    type Output = First;

    fn apply(&mut self, &Propose(value): &Propose) -> First {
        First(*self.0.get_or_insert(value))
    }
}

impl Display for FirstProposal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => write!(out, "decided {value}"),
            None => out.write_str("undecided"),
        }
    }
}

impl Display for Propose {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "propose {}", self.0)
    }
}

impl Display for First {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "decided {}", self.0)
    }
}

/// A message of the log, whose type is `M`.
#[derive(Clone, Debug, Serialize)]
pub struct LogMessage<M>(pub M);

impl<M: Message> Message for LogMessage<M> {
    const KINDS: &'static [Kind] = M::KINDS;

    fn kind(&self) -> usize {
        self.0.kind()
    }

    fn declared_kind(&self) -> Kind {
        self.0.declared_kind()
    }

    fn size(&self) -> usize {
        self.0.size()
    }

    fn damaged(&self) -> Option<Self> {
        Some(LogMessage(self.0.damaged()?))
    }

    fn altered(&self, alteration: Alteration, forge: &Forge<'_>) -> Option<Self> {
        Some(LogMessage(self.0.altered(alteration, forge)?))
    }
}

/// Timers, where `T` is the log's.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum LogTimer<T> {
    /// The log's own.
    Log(T),
    /// It is time to propose, or to propose again.
    Propose,
}

/// Observations, where `O` is the log's.
#[derive(Debug, Serialize)]
pub enum LogObservation<O> {
    /// The log's own.
    Log(O),
    /// A member proposes a value for the first time.
    Proposed(u64),
    /// A member knows the decision.
    Decided(u64),
}

/// There is one decision.
const DECISION: OperationId = OperationId(0);

impl<O: Observation> Observation for LogObservation<O> {
    fn milestone(&self) -> Option<Milestone> {
        match self {
            // What the log does with each command is its own affair.
            LogObservation::Log(_) => None,
            LogObservation::Proposed(_) => Some(Milestone::Submitted(DECISION)),
            LogObservation::Decided(_) => Some(Milestone::Decided(DECISION, 1)),
        }
    }

    fn settles(&self) -> Option<Settled> {
        match *self {
            LogObservation::Decided(value) => Some(Settled::number(0, value)),
            _ => None,
        }
    }

    fn peak(&self) -> Option<(&'static str, u64)> {
        self.log()?.peak()
    }

    fn accuses(&self) -> Option<NodeId> {
        self.log()?.accuses()
    }

    fn suspects(&self) -> bool {
        self.log().is_some_and(O::suspects)
    }

    fn mark(&self) -> Option<&'static CoverageMark> {
        self.log()?.mark()
    }
}

impl<O> LogObservation<O> {
    fn log(&self) -> Option<&O> {
        match self {
            LogObservation::Log(claim) => Some(claim),
            LogObservation::Proposed(_) | LogObservation::Decided(_) => None,
        }
    }
}

/// Puts what the log emits into the parent's types.
struct LogLens;

impl<L: Log> Lens<L, LogDecider<L>> for LogLens {
    fn message(&mut self, message: L::Message) -> LogMessage<L::Message> {
        LogMessage(message)
    }

    fn timer(&mut self, timer: L::Timer) -> LogTimer<L::Timer> {
        LogTimer::Log(timer)
    }

    fn record(&mut self, record: L::Record) -> L::Record {
        record
    }

    fn observation(&mut self, claim: L::Observation) -> Option<LogObservation<L::Observation>> {
        Some(LogObservation::Log(claim))
    }
}

type Ctx<'a, L> = Context<'a, LogDecider<L>>;

impl<L: Log> LogDecider<L> {
    /// Runs a handler of the log, and hears what it has to say.
    fn run(&mut self, ctx: &mut Ctx<'_, L>, handler: impl FnOnce(&mut L, &mut Context<'_, L>)) {
        ctx.narrow(0, Members::All, &mut LogLens, |ctx| handler(&mut self.log, ctx));
        while let Some(event) = self.log.next_event() {
            let value = match event {
                LogEvent::Applied { output, .. } | LogEvent::Answered { output, .. } => {
                    output.decode::<FirstProposal>().ok().map(|First(value)| value)
                }
                // Whatever was applied in between, the machine has kept the first.
                LogEvent::CaughtUp { .. } => {
                    FirstProposal::of(self.log.machine()).and_then(FirstProposal::first)
                }
            };
            if let (Some(value), None) = (value, self.decided) {
                self.decided = Some(value);
                ctx.cancel_timer(LogTimer::Propose);
                ctx.observe(LogObservation::Decided(value));
            }
        }
    }

    /// Proposes, unless the decision is known, and will propose again.
    fn propose(&mut self, ctx: &mut Ctx<'_, L>) {
        if self.decided.is_some() {
            return;
        }
        if !std::mem::replace(&mut self.has_proposed, true) {
            ctx.observe(LogObservation::Proposed(self.config.value));
        }
        ctx.set_timer(LogTimer::Propose, self.config.retry_interval);
        let id = ProposalId { client: ctx.me().0, sequence: 1 };
        let command = Command::of::<FirstProposal>(&Propose(self.config.value));
        self.run(ctx, |log, ctx| {
            log.propose(ctx, Proposal { id, command });
        });
    }
}

impl<L: Log> Protocol for LogDecider<L> {
    type Config = LogDeciderConfig<L>;
    type Message = LogMessage<L::Message>;
    type Timer = LogTimer<L::Timer>;
    type Record = L::Record;
    type Observation = LogObservation<L::Observation>;

    fn new(
        config: &Rc<LogDeciderConfig<L>>,
        me: NodeId,
        nodes: usize,
        seed: u64,
        durable: Durable<'_, L::Record>,
    ) -> LogDecider<L> {
        assert_eq!(config.members, nodes, "every node is a member");
        assert!(!config.retry_interval.is_zero(), "waiting takes time");
        LogDecider {
            config: Rc::clone(config),
            log: L::new(&config.log, me, nodes, seed, durable),
            has_proposed: false,
            decided: None,
        }
    }

    fn on_start(&mut self, ctx: &mut Ctx<'_, L>) {
        self.run(ctx, L::on_start);
        if self.config.at > ctx.now() {
            ctx.set_timer(LogTimer::Propose, self.config.at.since(ctx.now()));
        } else {
            self.propose(ctx);
        }
    }

    fn on_message(&mut self, ctx: &mut Ctx<'_, L>, from: NodeId, LogMessage(message): &Self::Message) {
        self.run(ctx, |log, ctx| log.on_message(ctx, from, message));
    }

    fn on_timer(&mut self, ctx: &mut Ctx<'_, L>, timer: Self::Timer) {
        match timer {
            LogTimer::Log(timer) => self.run(ctx, |log, ctx| log.on_timer(ctx, timer)),
            LogTimer::Propose => self.propose(ctx),
        }
    }

    fn on_synced(&mut self, ctx: &mut Ctx<'_, L>, token: u64) {
        self.run(ctx, |log, ctx| log.on_synced(ctx, token));
    }

    fn state(&self) -> Option<&dyn Debug> {
        self.log.state()
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        self.log.leader()
    }

    fn kinds(config: &LogDeciderConfig<L>) -> Cow<'static, [Kind]> {
        L::kinds(&config.log)
    }

    fn twin(config: &Rc<LogDeciderConfig<L>>, life: u32) -> Rc<LogDeciderConfig<L>> {
        Rc::new(LogDeciderConfig { log: L::twin(&config.log, life), ..**config })
    }

    fn retained_bytes(&self) -> usize {
        self.log.retained_bytes()
    }
}

impl<L: Log> Debug for LogDecider<L> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("LogDecider");
        shown.field("decided", &self.decided).field("machine", &self.log.machine()).finish()
    }
}

impl<L: Log> Decide for LogDecider<L> {
    fn ending(claim: &LogObservation<L::Observation>) -> Option<Ending> {
        match claim {
            LogObservation::Decided(value) => Some(Ending::Decided(*value)),
            LogObservation::Log(_) | LogObservation::Proposed(_) => None,
        }
    }

    fn starting(config: &LogDeciderConfig<L>, now: Time, proposal: Option<u64>) -> LogDeciderConfig<L> {
        LogDeciderConfig { at: now, value: proposal.unwrap_or(config.value), ..config.clone() }
    }

    fn members(config: &LogDeciderConfig<L>) -> usize {
        config.members
    }

    fn oracles(
        config: &Rc<LogDeciderConfig<L>>,
        ground_truth: &GroundTruth,
    ) -> Vec<Box<dyn Oracle<LogDecider<L>>>> {
        let mut oracles = Lifted::one((config.oracles)(&config.log, ground_truth));
        oracles.push(Box::new(LogDecision {
            ground_truth: ground_truth.clone(),
            proposed: Vec::new(),
            decided: BTreeMap::new(),
            checked: 0,
        }));
        oracles
    }
}

/// A log of proposals, whose machine is [`FirstProposal`], that members can leave before it has decided.
pub trait AbortableLog: Log {
    /// What a member that leaves has in its log, with the proof that the log's faults call for.
    type AbortProof: Clone + Debug + Serialize + 'static;

    /// This member's.
    fn abort_proof(&self) -> Self::AbortProof;

    /// Returns true if `abort_proof` is by `witness` and proves what it states.
    fn is_proven(
        config: &Self::Config,
        ctx: &mut Context<'_, Self>,
        witness: NodeId,
        abort_proof: &Self::AbortProof,
    ) -> bool;

    /// What may have been applied first, and so decided, anywhere: from what all but f members hold; `None` for a member
    /// that took no part.
    fn init_history(config: &Self::Config, proofs: &[(NodeId, Option<&Self::AbortProof>)]) -> InitHistory;

    /// Size of an abort history on the wire, in bytes.
    fn size(abort_proof: &Self::AbortProof) -> usize;
}

impl<L: AbortableLog> Abortable for LogDecider<L> {
    type AbortProof = L::AbortProof;

    fn abort_proof(&self) -> L::AbortProof {
        self.log.abort_proof()
    }

    fn is_proven(
        config: &LogDeciderConfig<L>,
        ctx: &mut Ctx<'_, L>,
        witness: NodeId,
        abort_proof: &L::AbortProof,
    ) -> bool {
        ctx.narrow(0, Members::All, &mut LogLens, |ctx: &mut Context<'_, L>| {
            L::is_proven(&config.log, ctx, witness, abort_proof)
        })
    }

    fn init_history(
        config: &LogDeciderConfig<L>,
        proofs: &[(NodeId, Option<&L::AbortProof>)],
    ) -> InitHistory {
        L::init_history(&config.log, proofs)
    }

    fn with_init_value(config: &LogDeciderConfig<L>, value: u64) -> LogDeciderConfig<L> {
        LogDeciderConfig { value, ..config.clone() }
    }

    fn size(abort_proof: &L::AbortProof) -> usize {
        L::size(abort_proof)
    }
}

impl<L: Log> ParentOf<L> for LogDecider<L> {
    fn message(message: &LogMessage<L::Message>) -> Option<(u32, &L::Message)> {
        Some((0, &message.0))
    }

    fn timer(timer: &LogTimer<L::Timer>) -> Option<(u32, &L::Timer)> {
        match timer {
            LogTimer::Log(timer) => Some((0, timer)),
            LogTimer::Propose => None,
        }
    }

    fn claim(claim: &LogObservation<L::Observation>) -> Option<(u32, &L::Observation)> {
        Some((0, claim.log()?))
    }
}

/// The name of the oracle of decisions by a log.
pub const ORACLE: &str = "log_decision";

/// Members decide one value, which one of them proposed.
struct LogDecision {
    ground_truth: GroundTruth,
    proposed: Vec<u64>,
    decided: BTreeMap<u64, NodeId>,
    checked: u64,
}

impl<L: Log> Oracle<LogDecider<L>> for LogDecision {
    fn name(&self) -> &'static str {
        ORACLE
    }

    fn claim(&self) -> &'static str {
        "Correct members that decide by a log decide the same value; where all are correct, one of them proposed it."
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, LogDecider<L>>) -> Result<(), Violation> {
        match self.ground_truth.claim(event) {
            Some((_, LogObservation::Proposed(value))) => self.proposed.push(*value),
            Some((node, LogObservation::Decided(value))) => {
                self.checked += 1;
                self.decided.entry(*value).or_insert(node);
                if let (Some((one, &first)), Some((other, &second))) =
                    (self.decided.first_key_value(), self.decided.iter().nth(1))
                {
                    let message = format!("agent {first} decided {one}, agent {second} {other}");
                    return Err(Violation::new([first, second], message)
                        .held(first, "value", one)
                        .held(second, "value", other));
                }
                let all_are_correct = self.ground_truth.correct.iter().all(|&is_correct| is_correct);
                if all_are_correct && !self.proposed.contains(value) {
                    let message = format!("agent {node} decided {value}, which nobody had proposed");
                    return Err(Violation::new([node], message).with("value", value));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}
