//! Hierarchical consensus: a weighted vote that is counted along a tree.
//!
//! Agents stand in clusters of at most b, their representatives in clusters of at most b again, up to one (`tree.rs`).
//! A session's request goes down the tree; votes go to the representatives, who add up what those under them have said
//! and report that upwards (`office.rs`); the root judges the sums by the rules of a flat vote, with open what it has not
//! heard of, and the result goes down. The outcome is that of the flat vote on the same votes, for the same 3(n − 1)
//! messages, and nobody hears from more than b − 1 others a level.
//!
//! A representative that is not heard of for two heartbeats is replaced by the next of its cell's succession, in a new
//! epoch that suspicions of its predecessor prove (`succession.rs`); what it had counted, its children tell the next one.
//! Each level closes at its part of the deadline, so that nothing waits for a dead subtree.
//!
//! Where some weight F may be faulty, so may representatives. Then reports carry the votes themselves: a
//! representative that reports other sums proves itself a liar, and one that leaves votes out is found by those above
//! it, who ask some of the voters that are missing (`audit.rs`); of one that reports nothing that is valid, they ask all.
//! Decisions need certificates, as in a flat vote.
//!
//! In [`Mode::Delegated`] each cluster decides for its members instead, and counts as one voice above: cheaper to
//! report, and fewer liars in the right places win.
//!
//! Sources: the aggregation tree is that of D. Peleg, *Distributed Computing: A Locality-Sensitive Approach*, 2000, chapter
//! 3; what delegation costs is Condorcet's theorem applied twice (P. Boland, *Majority systems and the Condorcet jury
//! theorem*, The Statistician 38, 1989).

mod attack;
mod audit;
mod bug;
mod count;
#[cfg(feature = "harness")]
pub mod harness;
mod message;
mod observation;
mod office;
pub mod oracle;
mod succession;
mod tree;
mod voters;

pub use bug::{Bug, Rules};
pub use message::{Call, Message, Partial, Said, Suspicion, Tenure};
pub use observation::{MARKS, Observation};
pub use tree::{Cell, CellId, Epoch, Shape, Standing, Tree};
pub use voters::Voters;

use office::Office;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use succession::Succession;
use synod_sim::fault::Interceptor;
use synod_sim::{Attack, Context, Durable, Duration, Insiders, Lens, Members, NodeId, Protocol, Time};
use synod_vote::weighted::voter::Voter;
use synod_vote::weighted::{self, Deciding, Reason, Report, SessionId, Weighted};

/// What every agent is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The vote: its coordinator is the root's first representative.
    pub vote: Rc<weighted::Config>,
    /// The tree.
    pub tree: Rc<Tree>,
    /// What representatives report.
    pub mode: Mode,
    /// How often a representative says that it is there, while a session is open: twice the time in which 99% of all
    /// questions are answered.
    pub heartbeat: Duration,
    /// f_c: how many of those whom a cell's representative concerns may be faulty.
    pub faulty_per_cell: u32,
    /// Of how many voters that a report lacks those above it ask why.
    pub samples: u32,
    /// What else it goes by.
    pub rules: Rules,
    /// The weight of all before each position, and at the end of all: it follows from the vote and the tree.
    pub weight_before: Rc<[u64]>,
}

/// What representatives report.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// What all under them have voted: the outcome is that of a flat vote.
    Tally,
    /// What their clusters have decided: a majority of majorities.
    Delegated,
}

impl Config {
    /// `vote` along `tree`: tallied, with a heartbeat a tenth of the deadline, no faulty agents in cells, and five samples.
    pub fn new(vote: weighted::Config, tree: Tree) -> Config {
        let coordinator = tree.representative(0, 0);
        let mut weight_before = vec![0];
        for position in 0..tree.size() {
            let weight = vote.weighing.snapshot.weights()[tree.at(position).index()];
            weight_before.push(weight_before[position as usize] + weight);
        }
        Config {
            heartbeat: Duration::from_nanos((vote.deadline.as_nanos() / 10).max(1)),
            vote: Rc::new(weighted::Config { coordinator, ..vote }),
            tree: Rc::new(tree),
            mode: Mode::Tally,
            faulty_per_cell: 0,
            samples: 5,
            rules: Rules::PROTOCOL,
            weight_before: weight_before.into(),
        }
    }

    /// True if weight counts only with the vote that its voter has signed: representatives may lie.
    pub fn is_certified(&self) -> bool {
        self.vote.faulty_ppm > 0
    }

    /// The weight of the voter at `position`.
    pub fn weight_at(&self, position: u32) -> u64 {
        self.weight(position..position + 1)
    }

    /// The weight of the voters at `positions`.
    pub fn weight(&self, positions: Range<u32>) -> u64 {
        self.weight_before[positions.end as usize] - self.weight_before[positions.start as usize]
    }

    /// The place of `node` among `positions`, if it is there.
    pub fn place(&self, node: NodeId, positions: &Range<u32>) -> Option<u32> {
        let position = (node.0 < self.tree.size()).then(|| self.tree.position(node))?;
        positions.contains(&position).then(|| position - positions.start)
    }

    /// When a cell of this rank reports at the latest, or the root decides: the levels share the deadline, and the
    /// last share is for the result's way down.
    pub fn closes(&self, session: SessionId, rank: u32) -> Time {
        let part = u128::from(self.vote.deadline.as_nanos()) * u128::from(rank);
        let after = part / u128::from(self.tree.levels() + 1);
        self.vote.opens(session) + Duration::from_nanos(after as u64)
    }

    /// A cell that has no weight, if there is one: nothing could be counted in it.
    pub fn weightless(&self) -> Option<CellId> {
        let is_weightless = |cell: &Cell| self.weight(cell.members.clone()) == 0;
        self.tree.cells().iter().position(is_weightless).map(|cell| cell as CellId)
    }

    /// True if two roots that know of different votes cannot decide for different options: each voter has one vote,
    /// and what wins has more than half of all weight.
    pub fn is_recoverable(&self) -> bool {
        let is_of_all = matches!(self.vote.deciding, Deciding::Majority | Deciding::OfTotal { .. });
        is_of_all && self.mode == Mode::Tally
    }

    /// True if whoever represents `cell` is replaced when it is gone: the root only where a second one, which may know
    /// of other votes while the first still decides, cannot contradict it.
    pub fn is_replaceable(&self, cell: CellId) -> bool {
        self.is_recoverable() || self.tree.cell(cell).parent.is_some()
    }

    /// What it goes by.
    #[inline]
    pub(crate) fn rules(&self) -> Rules {
        self.rules.in_force()
    }

    fn assert_sound(&self) {
        self.vote.assert_sound();
        assert_eq!(self.vote.voters(), self.tree.size() as usize, "every voter is in the tree");
        assert_eq!(self.vote.coordinator, self.tree.representative(0, 0), "the root coordinates");
        assert!(!self.vote.learns(), "everybody knows the weights");
        assert!(!self.heartbeat.is_zero(), "heartbeats are apart");
        assert!(self.mode == Mode::Tally || !self.is_certified(), "certificates are for tallies");
        assert!(
            self.is_certified() || self.faulty_per_cell == 0,
            "where some lie decisions need certificates"
        );
    }
}

/// What a timer is for.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Timer {
    /// The next session opens.
    Open,
    /// A voter's own.
    Ballot(weighted::Timer),
    /// A representative: half of its time is over.
    HalfTime(SessionId),
    /// A representative: it is time to report, or to decide.
    Close(SessionId),
    /// The deadline is over, and where representatives may lie somebody has to be asked.
    Overdue(SessionId),
    /// A representative: time to say that it is there.
    Heartbeat,
    /// Nothing may have been heard of whoever represents this cell.
    Watch(CellId),
    /// A representative: three quarters of its time are over.
    LastQuarter(SessionId),
}

/// What an agent remembers after a crash.
#[derive(Clone, Debug, Serialize)]
pub enum Record {
    /// What a voter remembers, and that the root has opened a session.
    Ballot(weighted::Record),
    /// A cell has a new representative.
    Followed(Rc<Tenure>),
}

/// An agent: a voter, and maybe a representative.
#[derive(Debug)]
pub struct Hierarchical {
    config: Rc<Config>,
    me: NodeId,
    /// Its cell.
    home: CellId,
    voter: Voter,
    succession: Succession,
    office: Office,
    /// What came of sessions, to tell who asks.
    reports: BTreeMap<SessionId, Rc<Report>>,
    /// Sessions that it had opened as the root when it crashed.
    interrupted: Vec<SessionId>,
    /// The session that opens next.
    next: SessionId,
}

/// Sets a voter's signatures apart from those of the tree.
const BALLOTS: u64 = 1;

/// How a flat vote's effects become the hierarchy's.
struct Ballots;

impl Lens<Weighted, Hierarchical> for Ballots {
    fn message(&mut self, message: weighted::Message) -> Message {
        Message::Ballot(message)
    }
    fn timer(&mut self, timer: weighted::Timer) -> Timer {
        Timer::Ballot(timer)
    }
    fn record(&mut self, record: weighted::Record) -> Record {
        Record::Ballot(record)
    }
    fn observation(&mut self, observation: weighted::Observation) -> Option<Observation> {
        Some(Observation::Ballot(observation))
    }
}

/// Runs what belongs to a flat vote.
fn within<R>(ctx: &mut Context<'_, Hierarchical>, run: impl FnOnce(&mut Context<'_, Weighted>) -> R) -> R {
    ctx.narrow(BALLOTS, Members::All, &mut Ballots, run)
}

fn refuse(ctx: &mut Context<'_, Hierarchical>, reason: Reason, from: NodeId) {
    ctx.observe(Observation::Ballot(weighted::Observation::Rejected { reason, from }));
}

impl Protocol for Hierarchical {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(config: &Rc<Config>, me: NodeId, nodes: usize, durable: Durable<'_, Record>) -> Hierarchical {
        assert_eq!(config.vote.voters(), nodes, "every voter is a node");
        config.assert_sound();
        let mut ballots = Vec::new();
        let mut tenures = Vec::new();
        let mut interrupted = Vec::new();
        let mut reports = BTreeMap::new();
        for record in durable.records {
            match record {
                Record::Followed(tenure) => tenures.push(Rc::clone(tenure)),
                Record::Ballot(ballot) => {
                    match ballot {
                        weighted::Record::Opened(session) => interrupted.push(*session),
                        weighted::Record::Concluded(report) => {
                            interrupted.retain(|&session| session != report.session);
                            reports.insert(report.session, Rc::clone(report));
                        }
                        weighted::Record::Voted(_) | weighted::Record::Learned(_) => {}
                    }
                    ballots.push(ballot.clone());
                }
            }
        }
        let home = config.tree.home(me);
        let mut node = Hierarchical {
            config: Rc::clone(config),
            me,
            home,
            voter: Voter::new(&config.vote, me, &ballots),
            succession: Succession::new(home, tenures),
            office: Office::default(),
            reports,
            interrupted,
            next: 0,
        };
        node.voter.follow(node.chair());
        node
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Hierarchical>) {
        self.open(ctx);
        // What those under it had told it is lost.
        if let Some(session) = self.session()
            && self.config.vote.opens(session) < ctx.now()
            && self.represents()
            && !self.is_root()
        {
            self.preside(ctx, session, true);
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Hierarchical>, from: NodeId, message: &Message) {
        match message {
            Message::Call(call) => self.called(ctx, from, call),
            Message::Ballot(weighted::Message::Vote(vote)) => self.take(ctx, from, vote),
            Message::Ballot(weighted::Message::Ask(session, vote)) => {
                self.answer(ctx, from, *session, vote.as_ref());
            }
            Message::Ballot(weighted::Message::Result(report)) => self.told(ctx, from, report),
            Message::Ballot(weighted::Message::Request(_)) => refuse(ctx, Reason::WrongSender, from),
            Message::Partial(partial) => self.reported(ctx, from, partial),
            Message::Alive(tenure) => {
                self.heed(ctx, from, tenure);
            }
            Message::Suspicion(suspicion) => self.suspected(ctx, suspicion),
            Message::Challenge(partial) => self.challenged(ctx, from, partial),
            Message::Fetch(session) => self.answer_above(ctx, from, *session),
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Hierarchical>, timer: Timer) {
        match timer {
            Timer::Open => self.open(ctx),
            Timer::Ballot(weighted::Timer::Waited(session)) => self.waited(ctx, session),
            Timer::Ballot(weighted::Timer::Thought(session)) => self.thought(ctx, session),
            Timer::Ballot(_) => unreachable!("a voter arms no other timer"),
            Timer::HalfTime(session) => self.half_time(ctx, session),
            Timer::LastQuarter(session) => self.fetch(ctx, session),
            Timer::Close(session) => self.close(ctx, session),
            Timer::Overdue(session) => self.overdue(ctx, session),
            Timer::Heartbeat => self.beat(ctx),
            Timer::Watch(cell) => self.watch(ctx, cell),
        }
    }

    fn state(&self) -> Option<&dyn std::fmt::Debug> {
        Some(self)
    }

    /// Whoever represents the root, as far as this agent knows.
    fn leader(&self) -> Option<(u64, NodeId)> {
        let epoch = self.succession.epoch(0);
        Some((u64::from(epoch), self.config.tree.representative(0, epoch)))
    }

    /// A further life votes for another option.
    fn twin(config: &Rc<Config>, life: u32) -> Rc<Config> {
        let vote = Rc::new(weighted::Config { life, ..weighted::Config::clone(&config.vote) });
        Rc::new(Config { vote, ..Config::clone(config) })
    }

    const ATTACKS: &'static [Attack] = attack::ATTACKS;

    fn attack(name: &str, insiders: Insiders<Hierarchical>) -> Box<dyn Interceptor<Hierarchical>> {
        attack::mount(name, insiders)
    }

    fn retained_bytes(&self) -> usize {
        self.voter.retained_bytes() + self.office.retained_bytes() + self.succession.retained_bytes()
    }
}

impl Hierarchical {
    /// Opens all sessions whose time has come, and waits for the next.
    fn open(&mut self, ctx: &mut Context<'_, Hierarchical>) {
        while self.next < self.config.vote.schedule.sessions {
            let opens = self.config.vote.opens(self.next);
            if opens > ctx.now() {
                return ctx.set_timer(Timer::Open, opens.since(ctx.now()));
            }
            let session = self.next;
            self.next += 1;
            within(ctx, |ctx| self.voter.open(ctx, session));
            if self.is_open(session) {
                self.begin(ctx, session);
            }
        }
    }

    /// The time of `session` has come.
    fn begin(&mut self, ctx: &mut Context<'_, Hierarchical>, session: SessionId) {
        self.office.forget_before(session);
        self.reports.retain(|&other, _| other + 1 >= session);
        self.succession.forget_suspicions();
        self.keep_watch(ctx);
        if self.config.is_certified() {
            let deadline = self.config.vote.opens(session) + self.config.vote.deadline;
            ctx.set_timer(Timer::Overdue(session), deadline.since(ctx.now()));
        }
        if self.represents() && self.is_root() {
            let is_interrupted = self.interrupted.contains(&session);
            self.preside(ctx, session, is_interrupted);
        }
    }

    /// The session that is open for this agent.
    fn session(&self) -> Option<SessionId> {
        let session = self.next.checked_sub(1)?;
        self.is_open(session).then_some(session)
    }

    /// True if it waits for the outcome of `session`.
    fn is_open(&self, session: SessionId) -> bool {
        session < self.next && self.voter.outcome(session) == Some(None)
    }

    /// True if this agent represents its cell.
    fn represents(&self) -> bool {
        self.representative(self.home) == self.me
    }

    fn is_root(&self) -> bool {
        self.config.tree.cell(self.home).parent.is_none()
    }

    /// Whoever represents `cell`, as far as this agent knows.
    fn representative(&self, cell: CellId) -> NodeId {
        self.config.tree.representative(cell, self.succession.epoch(cell))
    }

    /// Whom this agent reports to; itself, if it is the root.
    fn chair(&self) -> NodeId {
        let superior = match self.config.tree.cell(self.home).parent {
            Some(parent) if self.represents() => parent,
            _ => self.home,
        };
        self.representative(superior)
    }

    /// Who reports to this agent as long as it represents its cell.
    fn juniors(&self) -> Rc<[NodeId]> {
        let cell = self.config.tree.cell(self.home);
        let members = self.config.tree.members(self.home).iter().copied().filter(|&node| node != self.me);
        members.chain(cell.children.iter().map(|&child| self.representative(child))).collect()
    }
}
