//! A node of a pipeline, and its state in every stage that it is a member of.

use super::config::{Config, Stage, session};
use super::durable::{Entry, Record};
use super::message::{Handover, Message, PipelineMessage, Timer, kinds};
use super::observation::{Observation, Reason};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::rc::Rc;
use synod_common::decide::lift::ParentOf;
use synod_common::decide::{Decide, Ending, Undecided};
use synod_common::decide::{Tagged, Tokens};
use synod_sim::{
    Context, Durable, Kind, Lens, NodeId, Observation as KernelObservation, Protocol, Recipients, Signed,
};

/// A node.
#[derive(Debug)]
pub struct Pipeline<C: Decide> {
    config: Shared<C>,
    me: NodeId,
    /// Its state in each stage; `None` where it is no member.
    parts: Vec<Option<Part<C>>>,
    /// The first HANDOVER received of each member of each stage.
    handovers: Vec<Vec<Option<Signed<Handover>>>>,
    /// True once it has reported the pipeline's outcome.
    concluded: bool,
    /// The children's syncs under way.
    tokens: Tokens,
    /// True if a crash tore the last write, which a rebuilt child is informed of.
    torn: bool,
}

/// The configuration, whose parts need not implement `Debug`.
struct Shared<C: Decide>(Rc<Config<C>>);

impl<C: Decide> Debug for Shared<C> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} stages", self.0.stages.len())
    }
}

/// A member's state in a stage.
#[derive(Debug)]
struct Part<C: Decide> {
    /// Its place among the members.
    place: NodeId,
    child: Option<Running<C>>,
    /// Messages that came before it started.
    early: VecDeque<(NodeId, C::Message, Option<u64>)>,
    ending: Option<Ending>,
    /// The child's durable records, until it is rebuilt after a crash.
    records: Vec<C::Record>,
    /// Its durable record of the start.
    entry: Option<Entry>,
}

/// A running child.
#[derive(Debug)]
struct Running<C> {
    node: C,
    proposal: Option<u64>,
}

/// Number of messages that a member buffers from each other member of a stage that has not started.
const EARLY_PER_MEMBER: usize = 16;

/// The lens of a stage, which notes the child's ending.
struct StageLens<'a> {
    tokens: &'a mut Tokens,
    stage: u32,
    proposal: Option<u64>,
    members: &'a [NodeId],
    ending: Option<Ending>,
}

impl<C: Decide> Lens<C, Pipeline<C>> for StageLens<'_> {
    fn message(&mut self, message: C::Message) -> PipelineMessage<C> {
        Message::Within(Tagged(self.stage, message), self.proposal)
    }

    fn timer(&mut self, timer: C::Timer) -> Timer<C::Timer> {
        Timer::Within(Tagged(self.stage, timer))
    }

    fn record(&mut self, record: C::Record) -> Record<C::Record> {
        Record::Within(Tagged(self.stage, record))
    }

    fn observation(&mut self, claim: C::Observation) -> Option<Observation<C::Observation>> {
        self.ending = self.ending.or(C::ending(&claim));
        let accused = claim.accuses().and_then(|place| self.members.get(place.index()).copied());
        Some(Observation::Within { claim: Tagged(self.stage, claim), accused })
    }

    fn token(&mut self, token: u64) -> u64 {
        self.tokens.enter(self.stage, token)
    }
}

impl<C: Decide> Protocol for Pipeline<C> {
    type Config = Config<C>;
    type Message = PipelineMessage<C>;
    type Timer = Timer<C::Timer>;
    type Record = Record<C::Record>;
    type Observation = Observation<C::Observation>;

    fn new(
        config: &Rc<Config<C>>,
        me: NodeId,
        _: usize,
        _: u64,
        durable: Durable<'_, Record<C::Record>>,
    ) -> Pipeline<C> {
        config.assert_sound();
        let part = |stage: usize| {
            let place = config.place(stage as u32, me)?;
            let early = VecDeque::new();
            Some(Part { place, child: None, early, ending: None, records: Vec::new(), entry: None })
        };
        let mut parts: Vec<Option<Part<C>>> = (0..config.stages.len()).map(part).collect();
        for record in durable.records {
            let (Record::Within(Tagged(stage, _)) | Record::Entered(stage, _) | Record::Ended(stage, _)) =
                record;
            let part = parts[*stage as usize].as_mut().expect("it writes down its own parts");
            match record {
                Record::Within(Tagged(_, record)) => part.records.push(record.clone()),
                Record::Entered(_, entry) => part.entry = Some(*entry),
                Record::Ended(_, ending) => part.ending = Some(*ending),
            }
        }
        let handovers = config.stages.iter().map(|stage| vec![None; stage.members.len()]).collect();
        Pipeline {
            config: Shared(Rc::clone(config)),
            me,
            parts,
            handovers,
            concluded: false,
            tokens: Tokens::default(),
            torn: durable.torn,
        }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Self>) {
        for stage in 0..self.config.0.stages.len() as u32 {
            let Some(part) = &self.parts[stage as usize] else { continue };
            let (entry, has_ended) = (part.entry, part.ending.is_some());
            if !has_ended {
                let ends = self.config.0.stages[stage as usize].ends;
                ctx.set_timer(Timer::Deadline(stage), ends.since(ctx.now()));
            }
            match entry {
                // Though the stage has ended for this member, others may need what it knows.
                Some(entry) => self.start_child(ctx, stage, entry),
                None if has_ended => {}
                None if stage == 0 => self.start_stage(ctx, 0, None),
                None => ctx.set_timer(Timer::Ask(stage), self.config.0.ask_interval),
            }
        }
        // What it knew before a crash it says again: nobody may have heard it.
        for stage in 0..self.config.0.last() {
            if let Some(ending) = self.parts[stage as usize].as_ref().and_then(|part| part.ending) {
                self.announce(ctx, stage, ending);
            }
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Self>, from: NodeId, message: &PipelineMessage<C>) {
        match message {
            Message::Within(Tagged(stage, message), proposal) => {
                self.on_child_message(ctx, *stage, from, message, *proposal);
            }
            Message::Handover(handover) => self.on_handover(ctx, handover),
            Message::Ask(stage) => self.on_ask(ctx, from, *stage),
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Self>, timer: Timer<C::Timer>) {
        match timer {
            Timer::Within(Tagged(stage, timer)) => {
                self.drive(ctx, stage, |node, ctx| node.on_timer(ctx, timer));
            }
            Timer::Deadline(stage) => {
                let part = self.parts[stage as usize].as_ref().expect("its own timer");
                if part.ending.is_none() || !self.config.0.rules().endings_are_final {
                    self.on_stage_ended(ctx, stage, Ending::Undecided(Undecided::OutOfTime));
                }
            }
            Timer::Ask(stage) => {
                let part = self.parts[stage as usize].as_ref().expect("its own timer");
                if part.child.is_none() && part.ending.is_none() {
                    let before = &self.config.0.stages[stage as usize - 1].members;
                    let others: Vec<NodeId> =
                        before.iter().copied().filter(|&member| member != self.me).collect();
                    ctx.resend(Recipients::List(others.into()), Message::Ask(stage - 1));
                    ctx.set_timer(Timer::Ask(stage), self.config.0.ask_interval);
                }
            }
        }
    }

    fn on_synced(&mut self, ctx: &mut Context<'_, Self>, token: u64) {
        let (stage, token) = self.tokens.take(token);
        self.drive(ctx, stage, |node, ctx| node.on_synced(ctx, token));
    }

    fn state(&self) -> Option<&dyn Debug> {
        Some(self)
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        let of = |(stage, part): (usize, &Option<Part<C>>)| {
            let (epoch, place) = part.as_ref()?.child.as_ref()?.node.leader()?;
            Some((epoch, self.config.0.stages[stage].members[place.index()]))
        };
        self.parts.iter().enumerate().rev().find_map(of)
    }

    fn twin(config: &Rc<Config<C>>, life: u32) -> Rc<Config<C>> {
        let stages = config.stages.iter().map(|stage| Stage {
            members: Rc::clone(&stage.members),
            child: C::twin(&stage.child, life),
            ..*stage
        });
        Rc::new(Config { stages: stages.collect(), ask_interval: config.ask_interval, bug: config.bug })
    }

    fn kinds(config: &Config<C>) -> Cow<'static, [Kind]> {
        // The children of a run share what kinds they have.
        kinds(&C::kinds(&config.stages[0].child)).into()
    }

    fn retained_bytes(&self) -> usize {
        let of = |part: &Part<C>| part.child.as_ref().map_or(0, |child| child.node.retained_bytes());
        let handovers = self.handovers.iter().flatten().flatten().count();
        self.parts.iter().flatten().map(of).sum::<usize>() + handovers * 32
    }
}

impl<C: Decide> Pipeline<C> {
    /// Starts `stage`, and persists its proposal.
    fn start_stage(&mut self, ctx: &mut Context<'_, Self>, stage: u32, proposal: Option<u64>) {
        let entry = Entry { proposal, at: ctx.now() };
        self.assert_vouched(stage, proposal);
        let part = self.parts[stage as usize].as_mut().expect("it is a member");
        assert!(part.entry.is_none() && part.ending.is_none(), "a stage starts once, and before it ends");
        part.entry = Some(entry);
        ctx.persist(Record::Entered(stage, entry));
        ctx.sync();
        ctx.observe(Observation::Entered { stage, proposal });
        self.start_child(ctx, stage, entry);
    }

    /// A stage starts on the word of v members of the one before, the first one on nobody's.
    fn assert_vouched(&self, stage: u32, proposal: Option<u64>) {
        let Some(before) = stage.checked_sub(1) else {
            return assert!(proposal.is_none(), "the first stage starts on what it is told");
        };
        let value = proposal.expect("a later stage starts on a decision");
        let handovers = self.handovers[before as usize].iter().flatten();
        let vouching = handovers.filter(|held| held.ending == Ending::Decided(value)).count();
        let is_vouched = vouching >= self.config.0.stages[before as usize].vouchers;
        assert!(is_vouched || !self.config.0.rules().needs_vouchers, "a decision has v signatures");
    }

    /// Builds the child of `stage` from its durable records and starts it.
    fn start_child(&mut self, ctx: &mut Context<'_, Self>, stage: u32, Entry { proposal, at }: Entry) {
        let config = Rc::clone(&self.config.0);
        let Stage { child, members, .. } = &config.stages[stage as usize];
        let child = match (stage, proposal) {
            (0, None) => Rc::clone(child),
            _ => Rc::new(C::starting(child, at, proposal)),
        };
        let part = self.parts[stage as usize].as_mut().expect("it is a member");
        assert!(part.child.is_none(), "a stage starts once");
        let records = std::mem::take(&mut part.records);
        let durable = Durable { records: &records, torn: self.torn && !records.is_empty() };
        let seed = ctx.fork(u64::from(stage)).into_seed();
        let node = C::new(&child, part.place, members.len(), seed, durable);
        part.child = Some(Running { node, proposal });
        ctx.cancel_timer(Timer::Ask(stage));
        self.drive(ctx, stage, |node, ctx| node.on_start(ctx));
        let early = self.parts[stage as usize].as_mut().map(|part| std::mem::take(&mut part.early));
        for (from, message, about) in early.into_iter().flatten() {
            self.deliver(ctx, stage, from, &message, about);
        }
    }

    /// Runs a handler of the child of `stage`, and checks whether it has ended.
    fn drive(
        &mut self,
        ctx: &mut Context<'_, Self>,
        stage: u32,
        act: impl FnOnce(&mut C, &mut Context<'_, C>),
    ) {
        let config = Rc::clone(&self.config.0);
        let Some(child) = self.parts[stage as usize].as_mut().and_then(|part| part.child.as_mut()) else {
            return;
        };
        let members = &config.stages[stage as usize].members;
        let tokens = &mut self.tokens;
        let mut lens = StageLens { tokens, stage, proposal: child.proposal, members, ending: None };
        let id = session(stage, child.proposal);
        ctx.narrow(id, config.members(stage), &mut lens, |ctx| act(&mut child.node, ctx));
        let is_open = self.parts[stage as usize].as_ref().is_some_and(|part| part.ending.is_none());
        if let Some(ending) = lens.ending.filter(|_| is_open) {
            self.on_stage_ended(ctx, stage, ending);
        }
    }

    /// Handles a child's message from `from` within `stage`.
    fn on_child_message(
        &mut self,
        ctx: &mut Context<'_, Self>,
        stage: u32,
        from: NodeId,
        message: &C::Message,
        proposal: Option<u64>,
    ) {
        let refuse =
            |ctx: &mut Context<'_, Self>, reason| ctx.observe(Observation::Rejected { reason, from });
        let Some(place) = self.config.0.place(stage, from) else { return refuse(ctx, Reason::NotAMember) };
        let Some(part) = self.parts.get_mut(stage as usize).and_then(Option::as_mut) else {
            return refuse(ctx, Reason::NotAMember);
        };
        if part.child.is_some() {
            return self.deliver(ctx, stage, place, message, proposal);
        }
        let held = part.early.iter().filter(|(member, ..)| *member == place).count();
        if part.ending.is_none() && held < EARLY_PER_MEMBER {
            part.early.push_back((place, message.clone(), proposal))
        } else {
            refuse(ctx, Reason::TooEarly)
        }
    }

    /// Delivers a message to the child of `stage`, if its proposal is the same.
    fn deliver(
        &mut self,
        ctx: &mut Context<'_, Self>,
        stage: u32,
        from: NodeId,
        message: &C::Message,
        about: Option<u64>,
    ) {
        let child = self.parts[stage as usize].as_ref().and_then(|part| part.child.as_ref());
        if child.is_none_or(|child| child.proposal != about) {
            let from = self.config.0.stages[stage as usize].members[from.index()];
            return ctx.observe(Observation::Rejected { reason: Reason::OtherProposal, from });
        }
        self.drive(ctx, stage, |node, ctx| node.on_message(ctx, from, message));
    }

    /// Records the ending of `stage`.
    fn on_stage_ended(&mut self, ctx: &mut Context<'_, Self>, stage: u32, ending: Ending) {
        let part = self.parts[stage as usize].as_mut().expect("it is a member");
        let is_final = self.config.0.rules().endings_are_final;
        assert!(part.ending.is_none() || !is_final, "a stage ends once");
        part.ending = Some(ending);
        part.early.clear();
        if is_final {
            ctx.cancel_timer(Timer::Deadline(stage));
        }
        ctx.persist(Record::Ended(stage, ending));
        ctx.sync();
        ctx.observe(Observation::Ended { stage, ending });
        self.announce(ctx, stage, ending);
    }

    /// Hands the ending of `stage` over to the next stage; after the last, concludes.
    fn announce(&mut self, ctx: &mut Context<'_, Self>, stage: u32, ending: Ending) {
        let config = Rc::clone(&self.config.0);
        if stage == config.last() {
            return self.conclude(ctx, stage, ending);
        }
        let handover = ctx.sign(Handover { stage, ending });
        let next = &config.stages[stage as usize + 1].members;
        let others: Vec<NodeId> = next.iter().copied().filter(|&member| member != self.me).collect();
        ctx.multicast(Recipients::List(others.into()), Message::Handover(handover.clone()));
        if next.contains(&self.me) {
            self.on_handover(ctx, &handover);
        }
    }

    fn on_ask(&mut self, ctx: &mut Context<'_, Self>, from: NodeId, stage: u32) {
        let ending = self.parts.get(stage as usize).and_then(|part| part.as_ref()?.ending);
        if let Some(ending) = ending {
            let handover = ctx.sign(Handover { stage, ending });
            ctx.resend(Recipients::One(from), Message::Handover(handover));
        }
    }

    /// Handles a member's ending of `stage`.
    fn on_handover(&mut self, ctx: &mut Context<'_, Self>, handover: &Signed<Handover>) {
        let (stage, from) = (handover.stage, handover.signer());
        let refuse =
            |ctx: &mut Context<'_, Self>, reason| ctx.observe(Observation::Rejected { reason, from });
        let Some(place) = self.config.0.place(stage, from) else { return refuse(ctx, Reason::NotAMember) };
        if !ctx.verify(handover) {
            return refuse(ctx, Reason::BadSignature);
        }
        let held = &mut self.handovers[stage as usize][place.index()];
        match held {
            Some(first) if first.digest() != handover.digest() => {
                let (first, second) = (first.clone(), handover.clone());
                return ctx.observe(Observation::DoubleHandover { first, second });
            }
            Some(_) => return,
            None => *held = Some(handover.clone()),
        }
        if self.config.0.rules().first_word_counts
            && let Some(part) = self.parts.get_mut(stage as usize + 1).and_then(Option::as_mut)
            && let (None, Ending::Decided(value)) = (part.ending, handover.ending)
        {
            return self.on_stage_ended(ctx, stage + 1, Ending::Decided(value));
        }
        self.try_start_next(ctx, stage);
    }

    /// Starts the stage after `stage`, or gives it up, once f + 1 members have handed over the same ending.
    fn try_start_next(&mut self, ctx: &mut Context<'_, Self>, stage: u32) {
        let next = stage + 1;
        let waits = self.parts.get(next as usize).and_then(Option::as_ref);
        if waits.is_none_or(|part| part.entry.is_some() || part.ending.is_some()) {
            return;
        }
        let needed = if self.config.0.rules().needs_vouchers {
            self.config.0.stages[stage as usize].vouchers
        } else {
            1
        };
        let most = needed.max(self.config.0.stages[stage as usize].members.len() / 2 + 1);
        let endings = || self.handovers[stage as usize].iter().flatten().map(|handover| handover.ending);
        let is_vouched = |ending: &Ending| endings().filter(|other| other == ending).count() >= needed;
        let vouched = endings().find(|ending| matches!(ending, Ending::Decided(_)) && is_vouched(ending));
        match vouched {
            Some(Ending::Decided(value)) => self.start_stage(ctx, next, Some(value)),
            // Who hears nothing of a decision ends without one, and another has it: that there is none, most must say.
            // Why, they may see differently.
            _ if endings().filter(|ending| matches!(ending, Ending::Undecided(_))).count() >= most => {
                let why = endings().find_map(|ending| match ending {
                    Ending::Undecided(why) => Some(why),
                    Ending::Decided(_) => None,
                });
                self.on_stage_ended(ctx, next, Ending::Undecided(why.expect("some have said so")));
            }
            _ => {}
        }
    }

    fn conclude(&mut self, ctx: &mut Context<'_, Self>, stage: u32, ending: Ending) {
        if !std::mem::replace(&mut self.concluded, true) {
            ctx.observe(Observation::Concluded { ending, stage });
        }
    }
}

impl<C: Decide> ParentOf<C> for Pipeline<C> {
    fn message(message: &PipelineMessage<C>) -> Option<(u32, &C::Message)> {
        match message {
            Message::Within(Tagged(stage, message), _) => Some((*stage, message)),
            Message::Handover(_) | Message::Ask(_) => None,
        }
    }

    fn timer(timer: &Timer<C::Timer>) -> Option<(u32, &C::Timer)> {
        match timer {
            Timer::Within(Tagged(stage, timer)) => Some((*stage, timer)),
            Timer::Deadline(_) | Timer::Ask(_) => None,
        }
    }

    fn claim(claim: &Observation<C::Observation>) -> Option<(u32, &C::Observation)> {
        match claim {
            Observation::Within { claim: Tagged(stage, claim), .. } => Some((*stage, claim)),
            _ => None,
        }
    }

    fn starts(claim: &Observation<C::Observation>) -> Option<(u32, u64)> {
        match *claim {
            Observation::Entered { stage, proposal: Some(value) } => Some((stage, value)),
            _ => None,
        }
    }
}
