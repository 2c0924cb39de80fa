//! A bidder: it bids as its strategy says, and learns what came of the auction.

use super::book::Answer;
use super::config::Config;
use super::durable::Record;
use super::message::{Bid, Message, Timer};
use super::observation::{Observation, Reason};
use super::settlement::Settlement;
use super::state::{Auction, Bidder};
use super::terms::Terms;
use std::rc::Rc;
use synod_sim::{Context, NodeId, Recipients};

impl Bidder {
    pub(super) fn new(config: &Rc<Config>, me: NodeId, records: &[Record]) -> Bidder {
        let mut bidder =
            Bidder { config: Rc::clone(config), me, terms: None, pending: Vec::new(), settlement: None };
        for record in records {
            match record {
                Record::Told(terms) => bidder.terms = Some(Rc::clone(terms)),
                Record::Settled(settlement) => bidder.settlement = Some(Rc::clone(settlement)),
                Record::Opened | Record::Logged(_) => {}
            }
        }
        bidder
    }

    /// Goes on where it was before a crash: it makes its bids again, and the log knows them by their numbers.
    pub(super) fn start(&mut self, ctx: &mut Context<'_, Auction>) {
        match (&self.settlement, &self.terms) {
            (Some(settlement), _) => ctx.observe(Observation::settled(settlement)),
            (None, Some(_)) => self.bid(ctx, 0),
            (None, None) => {}
        }
    }

    /// Handles the announcement.
    pub(super) fn on_announce(&mut self, ctx: &mut Context<'_, Auction>, from: NodeId, terms: &Rc<Terms>) {
        let is_new = self.terms.is_none() && self.settlement.is_none();
        if self.terms.as_ref().is_some_and(|known| known != terms) {
            return ctx.observe(Observation::Rejected { reason: Reason::WrongTerms, from });
        }
        if is_new {
            self.terms = Some(Rc::clone(terms));
            ctx.persist(Record::Told(Rc::clone(terms)));
        }
        ctx.sync();
        ctx.send(from, Message::Heard);
        if is_new {
            self.bid(ctx, 0);
        }
    }

    /// Makes its bid of this number when the time has come.
    pub(super) fn bid(&mut self, ctx: &mut Context<'_, Auction>, number: u32) {
        let (Some(terms), Some(amount)) = (&self.terms, self.config.bid(self.me, number)) else { return };
        if self.settlement.is_some() {
            return;
        }
        let strategy = self.config.participant(self.me).strategy;
        let starts = strategy.starts(terms.closes);
        if number == 0 && ctx.now() < starts {
            return ctx.set_timer(Timer::Bid(0), starts.since(ctx.now()));
        }
        let bid = ctx.sign(Bid { terms: terms.digest(), number, amount });
        ctx.observe(Observation::Placed { number, amount });
        ctx.send(Config::AUCTIONEER, Message::Bid(bid.clone()));
        self.pending.push(bid);
        ctx.set_timer(Timer::Resend, self.config.resend);
        if self.config.bid(self.me, number + 1).is_some() {
            ctx.set_timer(Timer::Bid(number + 1), strategy.every());
        }
    }

    /// Sends again what was not answered.
    pub(super) fn on_resend(&mut self, ctx: &mut Context<'_, Auction>) {
        if self.pending.is_empty() {
            return;
        }
        for bid in &self.pending {
            ctx.repeat(Recipients::One(Config::AUCTIONEER), Message::Bid(bid.clone()));
        }
        ctx.set_timer(Timer::Resend, self.config.resend);
    }

    /// Handles the log's answer to a bid.
    pub(super) fn on_answer(&mut self, ctx: &mut Context<'_, Auction>, number: u32, answer: Answer) {
        let Some(index) = self.pending.iter().position(|bid| bid.number == number) else { return };
        let bid = self.pending.remove(index);
        if let Answer::Entered(place) = answer {
            ctx.observe(Observation::Acknowledged { number, amount: bid.amount, place });
        }
    }

    /// Handles the outcome: computes it anew, and refuses one that is wrong.
    pub(super) fn on_outcome(
        &mut self,
        ctx: &mut Context<'_, Auction>,
        from: NodeId,
        settlement: &Rc<Settlement>,
    ) {
        if self.settlement.is_none() {
            let is_known = self.terms.as_ref().is_none_or(|terms| *terms == settlement.terms);
            let rejection = if !is_known {
                Some(Reason::WrongTerms)
            } else if !settlement.is_right(self.config.rules()) {
                Some(Reason::WrongOutcome)
            } else {
                None
            };
            if let Some(reason) = rejection {
                return ctx.observe(Observation::Rejected { reason, from });
            }
            self.settle(ctx, settlement);
        }
        ctx.sync();
        ctx.send(from, Message::Settled);
    }

    /// Adopts the outcome, for good.
    fn settle(&mut self, ctx: &mut Context<'_, Auction>, settlement: &Rc<Settlement>) {
        self.settlement = Some(Rc::clone(settlement));
        self.pending.clear();
        ctx.cancel_timer(Timer::Resend);
        ctx.persist(Record::Settled(Rc::clone(settlement)));
        ctx.sync();
        ctx.observe(Observation::settled(settlement));
    }
}
