//! One node of a protocol among puppets: a test says what it hears and when, and sees all that it does.
//!
//! Where a whole run seldom comes to a point, a stage goes there by a few messages. Puppets act in the protocol's own name:
//! they have keys and sign.
//!
//! ```
//! use synod_testing::script::{Actor, Input, Script};
//! use synod_testing::stage::Stage;
//! use synod_testing::ms;
//!
//! // It answers a number by the next one, and its timer by 100.
//! let script: Script = Box::new(|_, ctx, input| match input {
//!     Input::Start => ctx.set_timer(0, ms(50)),
//!     Input::Message(from, number) => ctx.send(from, number + 1),
//!     Input::Timer(_) => ctx.broadcast(100),
//! });
//! let played = Stage::<Actor>::new(script, 3, 0).say(10, 2, 7).play(200);
//! let said: Vec<(u64, usize)> = played.sent.iter().map(|sent| (sent.message, sent.to.len())).collect();
//! assert_eq!(said, [(8, 1), (100, 2)]);
//! ```

use super::{TestRun, at};
use serde::Serialize;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use synod_sim::{
    Clock, Context, Durable, Event, EventTime, Flow, Kind, Lens, Members, NodeId, Observer, Protocol, Time,
};

/// What a test has planned for the node on its stage.
pub struct Stage<P: Protocol> {
    config: P::Config,
    nodes: usize,
    subject: NodeId,
    clocks: Vec<Clock>,
    cues: Vec<Planned<P>>,
    crashes: Vec<(u64, u64)>,
}

/// What the node did.
pub struct Played<P: Protocol>
where
    P::Observation: Clone,
{
    /// What it sent, in order.
    pub sent: Vec<Sent<P::Message>>,
    /// What it claimed, and when.
    pub claims: Vec<(Time, P::Observation)>,
    cast: super::Watched<Cast<P>, Record<P>>,
    subject: NodeId,
}

/// A message that the node sent.
#[derive(Clone, Debug)]
pub struct Sent<M> {
    /// When.
    pub at: Time,
    /// To whom, without itself.
    pub to: Vec<NodeId>,
    /// What.
    pub message: M,
    /// True if it repeats what was said before.
    pub resend: bool,
}

type Cue<P> = Box<dyn FnOnce(Option<&mut P>, &mut Context<'_, P>)>;

/// When who does what.
struct Planned<P: Protocol> {
    at: u64,
    who: NodeId,
    /// `None` once it is done.
    cue: Option<Cue<P>>,
}

impl<P: Protocol> Stage<P> {
    /// `nodes` nodes of which `subject` alone is real. Every message takes 1 ms.
    pub fn new(config: P::Config, nodes: usize, subject: u32) -> Stage<P> {
        let subject = NodeId(subject);
        Stage { config, nodes, subject, clocks: Vec::new(), cues: Vec::new(), crashes: Vec::new() }
    }

    /// Sets the clocks, in the order of nodes; nodes beyond the list have true ones.
    pub fn clocks(self, clocks: Vec<Clock>) -> Stage<P> {
        Stage { clocks, ..self }
    }

    /// Has `puppet` act, so many milliseconds after the start.
    ///
    /// # Panics
    /// If it is the real node.
    pub fn cue(mut self, at: u64, puppet: u32, act: impl FnOnce(&mut Context<'_, P>) + 'static) -> Stage<P> {
        let who = NodeId(puppet);
        assert_ne!(who, self.subject, "the real node is no puppet");
        self.cues.push(Planned { at, who, cue: Some(Box::new(|_, ctx| act(ctx))) });
        self
    }

    /// Has `puppet` send the node `message`, so many milliseconds after the start.
    ///
    /// # Panics
    /// If it is the real node.
    pub fn say(self, at: u64, puppet: u32, message: P::Message) -> Stage<P> {
        let subject = self.subject;
        self.cue(at, puppet, move |ctx| ctx.send(subject, message))
    }

    /// Calls the node itself, so many milliseconds after the start, as a protocol does that hosts it. It happens at once
    /// after the next restart if the node is down.
    pub fn call(mut self, at: u64, act: impl FnOnce(&mut P, &mut Context<'_, P>) + 'static) -> Stage<P> {
        let cue: Cue<P> = Box::new(|node, ctx| act(node.expect("it is the real node's cue"), ctx));
        self.cues.push(Planned { at, who: self.subject, cue: Some(cue) });
        self
    }

    /// Crashes the node, which loses what it has not synced, and restarts it, so many milliseconds after the start.
    pub fn crash(mut self, from: u64, until: u64) -> Stage<P> {
        self.crashes.push((from, until));
        self
    }
}

impl<P: Protocol> Stage<P>
where
    P::Observation: Clone,
{
    /// Plays it, so many milliseconds long.
    pub fn play(self, until: u64) -> Played<P> {
        let Stage { config, nodes, subject, clocks, cues, crashes } = self;
        let play = Play { config: Rc::new(config), subject, cues: RefCell::new(cues) };
        let mut run = TestRun::<Cast<P>>::new(play, nodes).horizon(at(until));
        run.clocks = clocks;
        for (from, until) in crashes {
            run = run.crash(subject.0, at(from), at(until));
        }
        let mut cast = run.run_before(Record { subject, sent: Vec::new(), claims: Vec::new() });
        let record = cast.simulation.watch_mut();
        let (sent, claims) = (std::mem::take(&mut record.sent), std::mem::take(&mut record.claims));
        Played { sent, claims, cast, subject }
    }
}

impl<P: Protocol> Played<P>
where
    P::Observation: Clone,
{
    /// The node, as it was at the end.
    ///
    /// # Panics
    /// If it was down.
    pub fn node(&self) -> &P {
        let cast = self.cast.simulation.machine(self.subject).expect("the node is up");
        cast.real.as_ref().expect("it is the real one")
    }

    /// What `pick` takes of the messages that it sent.
    pub fn said<T>(&self, mut pick: impl FnMut(&P::Message) -> Option<T>) -> Vec<T> {
        self.sent.iter().filter_map(|sent| pick(&sent.message)).collect()
    }

    /// What `pick` takes of its claims.
    pub fn claimed<T>(&self, mut pick: impl FnMut(&P::Observation) -> Option<T>) -> Vec<T> {
        self.claims.iter().filter_map(|(_, claim)| pick(claim)).collect()
    }
}

/// What the real node does.
struct Record<P: Protocol> {
    subject: NodeId,
    sent: Vec<Sent<P::Message>>,
    claims: Vec<(Time, P::Observation)>,
}

impl<P: Protocol> Observer<Cast<P>> for Record<P>
where
    P::Observation: Clone,
{
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, moment: EventTime, event: &Event<'_, Cast<P>>) -> Flow {
        match event {
            Event::Sent { from, to, message, resend, .. } if *from == self.subject => {
                let mut receivers = Vec::new();
                to.for_each(*from, |node| receivers.push(node));
                let message = (*message).clone();
                self.sent.push(Sent { at: moment.at, to: receivers, message, resend: *resend });
            }
            Event::Observed { node, observation } if *node == self.subject => {
                self.claims.push((moment.at, (*observation).clone()));
            }
            _ => {}
        }
        Flow::Continue
    }
}

/// The real node's configuration, and everybody's cues.
struct Play<P: Protocol> {
    config: Rc<P::Config>,
    subject: NodeId,
    cues: RefCell<Vec<Planned<P>>>,
}

/// The real node, or a puppet.
struct Cast<P: Protocol> {
    play: Rc<Play<P>>,
    real: Option<P>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
enum Alarm<T> {
    Own(T),
    Cue(u32),
}

/// Everything stays as it is, but for the names of timers.
struct Same;

impl<P: Protocol> Lens<P, Cast<P>> for Same {
    fn message(&mut self, message: P::Message) -> P::Message {
        message
    }
    fn timer(&mut self, timer: P::Timer) -> Alarm<P::Timer> {
        Alarm::Own(timer)
    }
    fn record(&mut self, record: P::Record) -> P::Record {
        record
    }
    fn observation(&mut self, observation: P::Observation) -> Option<P::Observation> {
        Some(observation)
    }
}

impl<P: Protocol> Cast<P> {
    fn run(&mut self, ctx: &mut Context<'_, Cast<P>>, handler: impl FnOnce(&mut P, &mut Context<'_, P>)) {
        let Some(real) = &mut self.real else { return };
        ctx.narrow(0, Members::All, &mut Same, |ctx| handler(real, ctx));
    }
}

impl<P: Protocol> Protocol for Cast<P> {
    type Config = Play<P>;
    type Message = P::Message;
    type Timer = Alarm<P::Timer>;
    type Record = P::Record;
    type Observation = P::Observation;

    fn new(
        play: &Rc<Play<P>>,
        me: NodeId,
        nodes: usize,
        seed: u64,
        durable: Durable<'_, P::Record>,
    ) -> Cast<P> {
        let real = (me == play.subject).then(|| P::new(&play.config, me, nodes, seed, durable));
        Cast { play: Rc::clone(play), real }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Cast<P>>) {
        self.run(ctx, |real, ctx| real.on_start(ctx));
        let cues = self.play.cues.borrow();
        for (place, planned) in (0..).zip(cues.iter()) {
            if planned.who == ctx.me() && planned.cue.is_some() {
                let wait = at(planned.at).since(ctx.now().min(at(planned.at)));
                ctx.set_timer(Alarm::Cue(place), wait);
            }
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Cast<P>>, from: NodeId, message: &P::Message) {
        self.run(ctx, |real, ctx| real.on_message(ctx, from, message));
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Cast<P>>, alarm: Alarm<P::Timer>) {
        match alarm {
            Alarm::Own(timer) => self.run(ctx, |real, ctx| real.on_timer(ctx, timer)),
            Alarm::Cue(place) => {
                let cue = self.play.cues.borrow_mut()[place as usize].cue.take();
                let cue = cue.expect("a cue is given once");
                ctx.narrow(0, Members::All, &mut Same, |ctx| cue(self.real.as_mut(), ctx));
            }
        }
    }

    fn on_synced(&mut self, ctx: &mut Context<'_, Cast<P>>, token: u64) {
        self.run(ctx, |real, ctx| real.on_synced(ctx, token));
    }

    fn kinds(play: &Play<P>) -> Cow<'static, [Kind]> {
        P::kinds(&play.config)
    }
}
