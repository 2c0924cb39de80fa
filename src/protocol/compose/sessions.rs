//! Concurrent sessions among the same nodes: each is a child of its own, independent of the others.

use std::borrow::Cow;
use std::fmt::Debug;
use std::rc::Rc;
use synod_common::decide::lift::{ChildOracles, Lifted, ParentOf, ground_of};
use synod_common::decide::{Decide, Tagged, Tokens};
use synod_sim::random::derived_seed;
use synod_sim::{Context, Durable, GroundTruth, Kind, Lens, Members, Message, NodeId, Oracle, Protocol};

/// A node of every session.
#[derive(Debug)]
pub struct Sessions<C> {
    children: Vec<C>,
    tokens: Tokens,
}

/// Configuration of each session, by its number.
pub struct SessionsConfig<C: Protocol> {
    /// The sessions, with their starting times.
    pub sessions: Vec<Rc<C::Config>>,
}

/// The lens of the session of this number.
struct Session<'a>(u32, &'a mut Tokens);

impl<C: Protocol + Debug> Lens<C, Sessions<C>> for Session<'_> {
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
    fn token(&mut self, token: u64) -> u64 {
        self.1.enter(self.0, token)
    }
}

impl<C: Protocol + Debug> Sessions<C> {
    fn within(
        &mut self,
        ctx: &mut Context<'_, Sessions<C>>,
        session: u32,
        run: impl FnOnce(&mut C, &mut Context<'_, C>),
    ) {
        let child = &mut self.children[session as usize];
        let mut lens = Session(session, &mut self.tokens);
        ctx.narrow(u64::from(session), Members::All, &mut lens, |ctx| run(child, ctx));
    }
}

impl<C: Protocol + Debug> Protocol for Sessions<C> {
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
        let mut records = vec![Vec::new(); config.sessions.len()];
        for Tagged(session, record) in durable.records {
            records[*session as usize].push(record.clone());
        }
        let children = config.sessions.iter().zip(&records).zip(0..).map(|((config, records), session)| {
            let durable = Durable { records, torn: durable.torn };
            C::new(config, me, nodes, derived_seed(seed, session), durable)
        });
        Sessions { children: children.collect(), tokens: Tokens::default() }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Self>) {
        for session in 0..self.children.len() as u32 {
            self.within(ctx, session, C::on_start);
        }
    }

    fn on_message(
        &mut self,
        ctx: &mut Context<'_, Self>,
        from: NodeId,
        Tagged(session, message): &Self::Message,
    ) {
        self.within(ctx, *session, |child, ctx| child.on_message(ctx, from, message));
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Self>, Tagged(session, timer): Self::Timer) {
        self.within(ctx, session, |child, ctx| child.on_timer(ctx, timer));
    }

    fn on_synced(&mut self, ctx: &mut Context<'_, Self>, token: u64) {
        let (session, token) = self.tokens.take(token);
        self.within(ctx, session, |child, ctx| child.on_synced(ctx, token));
    }

    fn state(&self) -> Option<&dyn Debug> {
        Some(self)
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        self.children.first().and_then(C::leader)
    }

    fn twin(config: &Rc<SessionsConfig<C>>, life: u32) -> Rc<SessionsConfig<C>> {
        let sessions = config.sessions.iter().map(|session| C::twin(session, life)).collect();
        Rc::new(SessionsConfig { sessions })
    }

    fn kinds(config: &SessionsConfig<C>) -> Cow<'static, [Kind]> {
        config.sessions.first().map_or(Cow::Borrowed(C::Message::KINDS), |session| C::kinds(session))
    }

    fn retained_bytes(&self) -> usize {
        self.children.iter().map(C::retained_bytes).sum()
    }
}

impl<C: Decide> ParentOf<C> for Sessions<C> {
    fn message(Tagged(session, message): &Tagged<C::Message>) -> Option<(u32, &C::Message)> {
        Some((*session, message))
    }
    fn timer(Tagged(session, timer): &Tagged<C::Timer>) -> Option<(u32, &C::Timer)> {
        Some((*session, timer))
    }
    fn claim(Tagged(session, claim): &Tagged<C::Observation>) -> Option<(u32, &C::Observation)> {
        Some((*session, claim))
    }
}

/// The oracles of every session.
pub fn oracles<C: Decide>(
    config: &SessionsConfig<C>,
    ground_truth: &GroundTruth,
) -> Vec<Box<dyn Oracle<Sessions<C>>>> {
    let ground_truth = ground_of(ground_truth, None);
    let part = |(child, config): (u32, &Rc<C::Config>)| {
        let oracles = C::oracles(config, &ground_truth);
        ChildOracles { child, members: None, oracles, starting: None, judges_end: true }
    };
    Lifted::all((0..).zip(&config.sessions).map(part).collect())
}
