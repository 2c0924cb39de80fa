//! Protocols inside protocols: sessions side by side, one in another, and among some of the nodes.

use serde::Serialize;
use std::collections::BTreeMap;
use std::rc::Rc;
use synod::sim::inject::{InFlight, Intervention};
use synod::sim::network::ConstantDelay;
use synod::sim::{
    Authentication, Body, Context, Damage, Durable, Duration, Event, EventTime, Flow, Lens, Members, Message,
    NodeId, Observation, Observer, Protocol, Setup, Signed, Simulation, Streams, Time,
};

/// A vote: every node signs its number and counts those of others. Then a timer runs out, and it writes down the sum.
struct Ballot {
    sum: u32,
    heard: usize,
    found: Vec<u32>,
}

#[derive(Copy, Clone, Debug, Serialize)]
struct Vote(u32);

impl Body for Vote {
    const KIND: &'static str = "vote";
}

#[derive(Clone, Debug, Serialize)]
struct Cast(Signed<Vote>);

impl Message for Cast {}

#[derive(Copy, Clone, Debug, PartialEq, Serialize)]
enum Outcome {
    Sum(u32),
    Refused,
    Found(usize),
}

impl Observation for Outcome {}

impl Protocol for Ballot {
    type Config = ();
    type Message = Cast;
    type Timer = u8;
    type Record = u32;
    type Observation = Outcome;

    fn new(_: &Rc<()>, _: NodeId, _: usize, _: u64, durable: Durable<'_, u32>) -> Ballot {
        Ballot { sum: 0, heard: 0, found: durable.records.to_vec() }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Ballot>) {
        if !self.found.is_empty() {
            return ctx.observe(Outcome::Found(self.found.len()));
        }
        let vote = ctx.sign(Vote(ctx.me().0));
        ctx.broadcast(Cast(vote));
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Ballot>, _: NodeId, Cast(vote): &Cast) {
        if !ctx.verify(vote) {
            return ctx.observe(Outcome::Refused);
        }
        self.sum += vote.0;
        self.heard += 1;
        if self.heard == ctx.nodes() - 1 {
            ctx.set_timer(0, Duration::from_millis(1));
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Ballot>, _: u8) {
        ctx.truncate();
        ctx.persist(self.sum);
        ctx.sync();
        ctx.observe(Outcome::Sum(self.sum));
    }
}

/// What belongs to a session.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Tagged<T>(u32, T);

impl<T: Message> Message for Tagged<T> {}
impl<T: Observation> Observation for Tagged<T> {}

/// Runs sessions of `C` side by side.
struct Sessions<C: Protocol> {
    config: Rc<SessionsConfig<C>>,
    children: BTreeMap<u32, C>,
}

struct SessionsConfig<C: Protocol> {
    child: Rc<C::Config>,
    /// Who takes part in each session; all, if nobody is listed.
    sessions: Vec<Vec<NodeId>>,
    /// Hands what arrives for session 0 to session 1 as well, as an attacker would.
    replays: bool,
}

impl<C: Protocol> SessionsConfig<C> {
    fn members(&self, session: u32) -> Members<'_> {
        match self.sessions[session as usize].as_slice() {
            [] => Members::All,
            list => Members::Some(list),
        }
    }

    /// The number of `node` within `session`, if it takes part.
    fn place(&self, session: u32, node: NodeId) -> Option<NodeId> {
        match self.members(session) {
            Members::All => Some(node),
            Members::Some(list) => {
                list.iter().position(|&member| member == node).map(|place| NodeId(place as u32))
            }
        }
    }
}

struct Session(u32);

impl<C: Protocol> Lens<C, Sessions<C>> for Session {
    fn message(&mut self, message: C::Message) -> Tagged<C::Message> {
        Tagged(self.0, message)
    }
    fn timer(&mut self, timer: C::Timer) -> Tagged<C::Timer> {
        Tagged(self.0, timer)
    }
    fn record(&mut self, record: C::Record) -> Tagged<C::Record> {
        Tagged(self.0, record)
    }
    fn observation(&mut self, observation: C::Observation) -> Option<Tagged<C::Observation>> {
        Some(Tagged(self.0, observation))
    }
}

impl<C: Protocol> Sessions<C> {
    fn within(
        &mut self,
        ctx: &mut Context<'_, Sessions<C>>,
        session: u32,
        run: impl FnOnce(&mut C, &mut Context<'_, C>),
    ) {
        let members = self.config.members(session);
        let child = self.children.get_mut(&session).expect("a session of this node");
        ctx.narrow(u64::from(session), members, &mut Session(session), |ctx| run(child, ctx));
    }

    fn hand(&mut self, ctx: &mut Context<'_, Sessions<C>>, session: u32, from: NodeId, message: &C::Message) {
        let from = self.config.place(session, from).expect("members alone send");
        self.within(ctx, session, |child, ctx| child.on_message(ctx, from, message));
    }
}

impl<C: Protocol> Protocol for Sessions<C> {
    type Config = SessionsConfig<C>;
    type Message = Tagged<C::Message>;
    type Timer = Tagged<C::Timer>;
    type Record = Tagged<C::Record>;
    type Observation = Tagged<C::Observation>;

    fn new(
        config: &Rc<SessionsConfig<C>>,
        me: NodeId,
        nodes: usize,
        seed: u64,
        durable: Durable<'_, Tagged<C::Record>>,
    ) -> Sessions<C> {
        let mut children = BTreeMap::new();
        for session in 0..config.sessions.len() as u32 {
            let Some(place) = config.place(session, me) else { continue };
            let size = match config.members(session) {
                Members::All => nodes,
                Members::Some(list) => list.len(),
            };
            let own = durable.records.iter().filter(|record| record.0 == session);
            let records: Vec<_> = own.map(|record| record.1.clone()).collect();
            let durable = Durable { records: &records, torn: durable.torn };
            children.insert(session, C::new(&config.child, place, size, seed, durable));
        }
        Sessions { config: Rc::clone(config), children }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Self>) {
        let sessions: Vec<u32> = self.children.keys().copied().collect();
        sessions.into_iter().for_each(|session| self.within(ctx, session, C::on_start));
    }

    fn on_message(
        &mut self,
        ctx: &mut Context<'_, Self>,
        from: NodeId,
        Tagged(session, message): &Self::Message,
    ) {
        self.hand(ctx, *session, from, message);
        if self.config.replays && *session == 0 {
            self.hand(ctx, 1, from, message);
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Self>, Tagged(session, timer): Self::Timer) {
        self.within(ctx, session, |child, ctx| child.on_timer(ctx, timer));
    }
}

/// Keeps what was claimed, and who sent how many copies.
struct Claims<O>(Vec<(NodeId, O)>);

impl<P: Protocol<Observation: Copy>> Observer<P> for Claims<P::Observation> {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, _: EventTime, event: &Event<'_, P>) -> Flow {
        if let Event::Observed { node, observation } = event {
            self.0.push((*node, **observation));
        }
        Flow::Continue
    }
}

/// All claims, in order of node and claim rather than of time.
fn claims<P>(setup: Setup<P>) -> Vec<(NodeId, P::Observation)>
where
    P: Protocol<Observation: Copy>,
{
    let mut run = Simulation::new(setup, Claims(Vec::new()));
    run.run();
    assert_eq!(run.pending(), 0);
    run.into_observer().0
}

fn setup<P: Protocol>(config: P::Config, nodes: usize) -> Setup<P> {
    Setup::new(config, nodes, Streams::new(1), ConstantDelay(Duration::from_millis(5)))
}

fn ballots(sessions: Vec<Vec<NodeId>>, replays: bool) -> SessionsConfig<Ballot> {
    SessionsConfig { child: Rc::new(()), sessions, replays }
}

fn nodes(numbers: &[u32]) -> Vec<NodeId> {
    numbers.iter().copied().map(NodeId).collect()
}

#[test]
fn sessions_run_side_by_side() {
    let all = claims::<Sessions<Ballot>>(setup(ballots(vec![vec![], vec![]], false), 4));
    // Every node hears the three others: 6 less its own number.
    let mut expected = Vec::new();
    for node in 0..4 {
        expected.extend([0, 1].map(|session| (NodeId(node), Tagged(session, Outcome::Sum(6 - node)))));
    }
    let mut all: Vec<_> =
        all.into_iter().map(|(node, Tagged(session, outcome))| (node, session, outcome)).collect();
    all.sort_by_key(|&(node, session, _)| (node, session));
    assert_eq!(
        all,
        expected.into_iter().map(|(node, Tagged(s, outcome))| (node, s, outcome)).collect::<Vec<_>>()
    );
}

#[test]
fn a_session_among_some_numbers_its_members_from_zero() {
    let config = ballots(vec![nodes(&[3, 1, 4])], false);
    let mut all = claims::<Sessions<Ballot>>(setup(config, 5));
    all.sort_by_key(|&(node, _)| node);
    // Node 3 is member 0, node 1 member 1, node 4 member 2: each sums up the others' places.
    let sums = [(1, 2), (3, 3), (4, 1)].map(|(node, sum)| (NodeId(node), Tagged(0, Outcome::Sum(sum))));
    assert_eq!(all, sums);
}

#[test]
fn sessions_run_within_sessions() {
    // Two outer sessions, the second among nodes 4, 2, 0, 1; in each, one inner session of all and one among its
    // members 3, 1, 0, which in the second are nodes 1, 2 and 4.
    let inner = Rc::new(ballots(vec![vec![], nodes(&[3, 1, 0])], false));
    let config =
        SessionsConfig { child: inner, sessions: vec![vec![], nodes(&[4, 2, 0, 1])], replays: false };
    let all = claims::<Sessions<Sessions<Ballot>>>(setup(config, 5));
    let of = |outer: u32, inner: u32| {
        let mut found: Vec<(u32, Outcome)> = all
            .iter()
            .filter(|(_, Tagged(session, Tagged(child, _)))| (*session, *child) == (outer, inner))
            .map(|&(node, Tagged(_, Tagged(_, outcome)))| (node.0, outcome))
            .collect();
        found.sort_by_key(|&(node, _)| node);
        found
    };
    let sums = |list: &[(u32, u32)]| -> Vec<_> {
        list.iter().map(|&(node, sum)| (node, Outcome::Sum(sum))).collect()
    };
    assert_eq!(of(0, 0), sums(&[(0, 10), (1, 9), (2, 8), (3, 7), (4, 6)]));
    assert_eq!(of(0, 1), sums(&[(0, 1), (1, 2), (3, 3)]));
    // Places in the outer session: node 4 is 0, node 2 is 1, node 0 is 2, node 1 is 3.
    assert_eq!(of(1, 0), sums(&[(0, 4), (1, 3), (2, 5), (4, 6)]));
    assert_eq!(of(1, 1), sums(&[(1, 3), (2, 2), (4, 1)]));
    assert_eq!(all.len(), 5 + 3 + 4 + 3);
}

#[test]
fn a_vote_of_one_session_does_not_verify_in_another() {
    for authentication in [Authentication::Mac, Authentication::Authenticator, Authentication::Ed25519] {
        let setup = setup(ballots(vec![vec![], vec![]], true), 4);
        let all = claims::<Sessions<Ballot>>(Setup { authentication, ..setup });
        let refused = all.iter().filter(|(_, claim)| *claim == Tagged(1, Outcome::Refused)).count();
        assert_eq!(refused, 4 * 3, "{authentication:?}");
        let sums: Vec<_> =
            all.iter().filter(|(_, Tagged(_, outcome))| matches!(outcome, Outcome::Sum(_))).collect();
        assert_eq!(sums.len(), 8, "{authentication:?}: both sessions come to an end");
        assert!(sums.iter().all(|(node, Tagged(_, outcome))| *outcome == Outcome::Sum(6 - node.0)));
    }
}

#[test]
fn sessions_do_not_truncate_each_others_records() {
    let setup = setup(ballots(vec![vec![], vec![]], false), 4);
    // Each session has truncated its log and written one record when the node crashes.
    let node = NodeId(2);
    let interventions = vec![
        (
            Time::from_nanos(20_000_000),
            Intervention::Crash {
                id: 0,
                node: node.into(),
                damage: Damage::Unsynced,
                in_flight: InFlight::Deliver,
            },
        ),
        (Time::from_nanos(30_000_000), Intervention::Restart { id: 0, node: node.into() }),
    ];
    let all = claims::<Sessions<Ballot>>(Setup { interventions, ..setup });
    let found: Vec<_> =
        all.iter().filter(|(_, Tagged(_, outcome))| matches!(outcome, Outcome::Found(_))).collect();
    assert_eq!(found, [&(node, Tagged(0, Outcome::Found(1))), &(node, Tagged(1, Outcome::Found(1)))]);
}
