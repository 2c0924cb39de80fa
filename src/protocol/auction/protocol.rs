//! The state machine of a node: it passes messages and timers to its role.

use super::config::Config;
use super::durable::Record;
use super::message::{Message, Timer};
use super::observation::{Observation, Reason};
use super::state::{Auction, Auctioneer, Bidder};
use std::rc::Rc;
use synod_sim::{Context, Durable, NodeId, Protocol};

impl Protocol for Auction {
    type Config = Config;
    type Message = Message;
    type Timer = Timer;
    type Record = Record;
    type Observation = Observation;

    fn new(config: &Rc<Config>, me: NodeId, nodes: usize, _: u64, durable: Durable<'_, Record>) -> Auction {
        assert_eq!(config.nodes(), nodes, "an auctioneer and the bidders");
        config.assert_sound();
        if me == Config::AUCTIONEER {
            Auction::Auctioneer(Box::new(Auctioneer::new(config, durable.records)))
        } else {
            Auction::Bidder(Box::new(Bidder::new(config, me, durable.records)))
        }
    }

    fn on_start(&mut self, ctx: &mut Context<'_, Auction>) {
        match self {
            Auction::Auctioneer(auctioneer) => auctioneer.start(ctx),
            Auction::Bidder(bidder) => bidder.start(ctx),
        }
    }

    fn on_message(&mut self, ctx: &mut Context<'_, Auction>, from: NodeId, message: &Message) {
        let is_told_by_auctioneer = from == Config::AUCTIONEER;
        match (self, message) {
            (Auction::Auctioneer(auctioneer), Message::Heard) => auctioneer.on_heard(from),
            (Auction::Auctioneer(auctioneer), Message::Bid(bid)) => auctioneer.on_bid(ctx, from, bid),
            (Auction::Auctioneer(auctioneer), Message::Settled) => auctioneer.on_settled(from),
            (Auction::Bidder(bidder), Message::Announce(terms)) if is_told_by_auctioneer => {
                bidder.on_announce(ctx, from, terms);
            }
            (Auction::Bidder(bidder), Message::Answer(number, answer)) if is_told_by_auctioneer => {
                bidder.on_answer(ctx, *number, *answer);
            }
            (Auction::Bidder(bidder), Message::Outcome(settlement)) if is_told_by_auctioneer => {
                bidder.on_outcome(ctx, from, settlement);
            }
            _ => ctx.observe(Observation::Rejected { reason: Reason::WrongSender, from }),
        }
    }

    fn on_timer(&mut self, ctx: &mut Context<'_, Auction>, timer: Timer) {
        match (self, timer) {
            (Auction::Auctioneer(auctioneer), Timer::Open) => auctioneer.open(ctx),
            (Auction::Auctioneer(auctioneer), Timer::Close) => auctioneer.on_deadline(ctx),
            (Auction::Auctioneer(auctioneer), Timer::Resend) => auctioneer.on_resend(ctx),
            (Auction::Bidder(bidder), Timer::Bid(number)) => bidder.bid(ctx, number),
            (Auction::Bidder(bidder), Timer::Resend) => bidder.on_resend(ctx),
            (Auction::Auctioneer(_), Timer::Bid(_)) | (Auction::Bidder(_), Timer::Open | Timer::Close) => {
                unreachable!("only the other role arms it")
            }
        }
    }

    fn state(&self) -> Option<&dyn std::fmt::Debug> {
        Some(self)
    }

    fn leader(&self) -> Option<(u64, NodeId)> {
        Some((0, Config::AUCTIONEER))
    }

    /// Returns the configuration of a node's twin, which bids more.
    fn twin(config: &Rc<Config>, life: u32) -> Rc<Config> {
        Rc::new(Config { life, ..Config::clone(config) })
    }
}
