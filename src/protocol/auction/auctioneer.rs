//! The auctioneer: it announces the auction, keeps the log, closes it at the deadline, and tells what came of it.

use super::book::{Answer, Close, Command, Entry};
use super::config::Config;
use super::durable::Record;
use super::message::{Bid, Message, Timer};
use super::observation::{Observation, Reason};
use super::settlement::Settlement;
use super::state::{Auction, Auctioneer};
use rand::seq::SliceRandom;
use std::rc::Rc;
use synod_economics::auction::Outcome;
use synod_economics::{Amount, Bidder};
use synod_log::Service;
use synod_sim::{Context, NodeId, Recipients, Signed};

/// What the order of ties is drawn for.
const TIES: u64 = 1;

impl Auctioneer {
    pub(super) fn new(config: &Rc<Config>, records: &[Record]) -> Auctioneer {
        let mut book = config.book();
        for record in records {
            if let Record::Logged(command) = record {
                book.apply(command);
            }
        }
        Auctioneer {
            config: Rc::clone(config),
            book,
            was_opened: records.iter().any(|record| matches!(record, Record::Opened)),
            answered: vec![false; config.participants.len()],
            settlement: None,
        }
    }

    /// Starts, or goes on where it was before a crash.
    pub(super) fn start(&mut self, ctx: &mut Context<'_, Auction>) {
        match self.book.close().cloned() {
            Some(mut close) => {
                if !self.config.rules().order_is_kept {
                    close.ties = self.draw_order(ctx);
                }
                self.conclude(ctx, &close);
                self.announce_outcome(ctx);
            }
            None => self.open(ctx),
        }
    }

    /// Announces the auction once it is time, and closes it if bids are due: it may have been down.
    pub(super) fn open(&mut self, ctx: &mut Context<'_, Auction>) {
        if ctx.now() < self.config.opens {
            return ctx.set_timer(Timer::Open, self.config.opens.since(ctx.now()));
        }
        if !std::mem::replace(&mut self.was_opened, true) {
            ctx.persist(Record::Opened);
            ctx.sync();
            ctx.observe(Observation::Opened);
        }
        if ctx.now() >= self.config.terms.closes {
            return self.close(ctx);
        }
        ctx.multicast(self.silent(), Message::Announce(Rc::clone(&self.config.terms)));
        ctx.set_timer(Timer::Close, self.config.terms.closes.since(ctx.now()));
        ctx.set_timer(Timer::Resend, self.config.resend);
    }

    /// Says again what some bidders have not answered.
    pub(super) fn on_resend(&mut self, ctx: &mut Context<'_, Auction>) {
        if self.answered.iter().all(|&answered| answered) {
            return;
        }
        let message = match &self.settlement {
            Some(settlement) => Message::Outcome(Rc::clone(settlement)),
            None => Message::Announce(Rc::clone(&self.config.terms)),
        };
        ctx.repeat(self.silent(), message);
        ctx.set_timer(Timer::Resend, self.config.resend);
    }

    /// Notes that a bidder has heard of the auction.
    pub(super) fn on_heard(&mut self, from: NodeId) {
        // What is said late is no answer to the outcome.
        if self.settlement.is_none() {
            self.answered[from.index() - 1] = true;
        }
    }

    /// Notes that a bidder knows what came of the auction.
    pub(super) fn on_settled(&mut self, from: NodeId) {
        if self.settlement.is_some() {
            self.answered[from.index() - 1] = true;
        }
    }

    /// Has the log decide about a bid, and answers once it is durable.
    pub(super) fn on_bid(&mut self, ctx: &mut Context<'_, Auction>, from: NodeId, bid: &Signed<Bid>) {
        let rejection = if !ctx.verify(bid) {
            Some(Reason::BadSignature)
        } else if bid.signer() != from {
            Some(Reason::WrongSender)
        } else if !self.was_opened || bid.terms != self.config.terms.digest() {
            Some(Reason::WrongTerms)
        } else {
            None
        };
        if let Some(reason) = rejection {
            return ctx.observe(Observation::Rejected { reason, from });
        }
        if self.book.close().is_none() && ctx.now() >= self.config.terms.closes {
            self.close(ctx);
        }
        self.on_heard(from);
        let Bid { number, amount, .. } = **bid;
        let entry = Entry { at: ctx.now().max(self.book.time()), bidder: Bidder(from.0), number, amount };
        let answer = self.enter(ctx, entry);
        ctx.send(from, Message::Answer(number, answer));
    }

    /// Enters a bid into the log. Effects after this wait until it is durable.
    fn enter(&mut self, ctx: &mut Context<'_, Auction>, entry: Entry) -> Answer {
        let command = Command::Bid(entry);
        let next = self.book.entries().len() as u64;
        let answer = self.book.apply(&command);
        if answer == Answer::Entered(next) {
            ctx.persist(Record::Logged(command));
        }
        // What was entered before may not be durable yet.
        if matches!(answer, Answer::Entered(_)) && self.config.rules().durable_first {
            ctx.sync();
        }
        match answer {
            Answer::Entered(place) if place == next => {
                ctx.observe(Observation::Entered { place, entry });
                if let Some(close) = self.book.close().cloned() {
                    self.conclude(ctx, &close);
                }
            }
            Answer::Refused(why) => ctx.observe(Observation::Refused { entry, why }),
            Answer::Entered(_) | Answer::Closed => {}
        }
        answer
    }

    /// Closes the auction, unless the clock was set back meanwhile.
    pub(super) fn on_deadline(&mut self, ctx: &mut Context<'_, Auction>) {
        let closes = self.config.terms.closes;
        if ctx.now() < closes {
            return ctx.set_timer(Timer::Close, closes.since(ctx.now()));
        }
        self.close(ctx);
    }

    /// Closes the auction.
    fn close(&mut self, ctx: &mut Context<'_, Auction>) {
        let close = Close { at: ctx.now().max(self.book.time()), ties: self.draw_order(ctx) };
        let command = Command::Close(close.clone());
        self.book.apply(&command);
        ctx.persist(Record::Logged(command));
        ctx.sync();
        ctx.cancel_timer(Timer::Close);
        self.conclude(ctx, &close);
        self.answered.fill(false);
        self.announce_outcome(ctx);
    }

    fn draw_order(&self, ctx: &mut Context<'_, Auction>) -> Vec<Bidder> {
        let mut ties: Vec<Bidder> = self.config.terms.bidders().collect();
        ties.shuffle(&mut ctx.fork(TIES));
        ties
    }

    /// Computes what came of the auction, and says so.
    fn conclude(&mut self, ctx: &mut Context<'_, Auction>, close: &Close) {
        let Config { terms, .. } = &*self.config;
        let settlement = Settlement::new(terms, self.book.entries(), close, self.config.rules());
        let settlement =
            Rc::new(settlement.expect("terms are checked, and an order of ties has every bidder once"));
        self.settlement = Some(Rc::clone(&settlement));
        ctx.observe(Observation::Closed { settlement: Rc::clone(&settlement) });
        ctx.observe(Observation::settled(&settlement));
        self.measure(ctx, &settlement.outcome);
    }

    fn announce_outcome(&mut self, ctx: &mut Context<'_, Auction>) {
        if let Some(settlement) = &self.settlement {
            ctx.multicast(self.silent(), Message::Outcome(Rc::clone(settlement)));
            ctx.set_timer(Timer::Resend, self.config.resend);
        }
    }

    /// Claims what the outcome was worth, by values that only the simulator knows.
    fn measure(&self, ctx: &mut Context<'_, Auction>, outcome: &Outcome) {
        let (price, value) = match *outcome {
            Outcome::Sold { winner, price } => (price, self.config.participant(NodeId(winner.0)).value),
            Outcome::Unsold(_) => (Amount::ZERO, Amount::ZERO),
        };
        let units = |amount: Amount| u64::try_from(amount.units()).ok();
        let optimum = self.config.participants.iter().map(|participant| participant.value.wide()).max();
        let efficiency =
            optimum.filter(|&optimum| optimum > 0).map(|optimum| value.wide() * 1_000_000 / optimum);
        let figures = [
            ("revenue", units(price)),
            ("surplus", value.minus(price).ok().and_then(units)),
            ("efficiency", efficiency.and_then(|ppm| u64::try_from(ppm).ok())),
        ];
        for (figure, value) in figures {
            if let Some(value) = value {
                ctx.observe(Observation::Measured(figure, value));
            }
        }
    }

    /// The bidders that have not answered.
    fn silent(&self) -> Recipients {
        let silent = (1..).zip(&self.answered).filter(|(_, answered)| !**answered);
        Recipients::List(silent.map(|(node, _)| NodeId(node)).collect())
    }
}
