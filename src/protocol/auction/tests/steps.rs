//! Single steps of auctioneer and bidder among puppets: what they are told, and what they do then.

use std::rc::Rc;
use synod_auction::{
    Answer, Auction, Bid, Close, Config, Entry, Limit, Message, Observation, Participant, Price, Reason,
    Refusal, Settlement, Strategy, Terms,
};
use synod_economics::auction::Outcome;
use synod_economics::{Amount, Bidder, Party, Transfer};
use synod_sim::{Context, Digest, Duration, NodeId, Signed, Time};
use synod_testing::stage::{Played, Stage};

fn amount(units: i64) -> Amount {
    Amount::new(units).unwrap()
}

fn millis(millis: u64) -> Time {
    Time::from_nanos(millis * 1_000_000)
}

/// A second-price auction of three bidders, whose values are 10, 15 and 12, from the start to 1 s.
fn config() -> Config {
    let values = [10, 15, 12].map(amount);
    let terms = Terms {
        item: "a weight of .9".to_owned(),
        price: Price::Second,
        reserve: amount(5),
        weights: vec![1; 3],
        closes: millis(1_000),
    };
    Config {
        terms: Rc::new(terms),
        opens: Time::ZERO,
        resend: Duration::from_millis(200),
        limit: Limit { most: 10, window: Duration::from_secs(60) },
        participants: values.map(|value| Participant { value, strategy: Strategy::Truthful }).into(),
        bug: None,
        life: 0,
    }
}

fn stage(subject: u32) -> Stage<Auction> {
    Stage::new(config(), 4, subject)
}

/// Has a puppet bid.
fn bid(ctx: &mut Context<'_, Auction>, terms: Digest, number: u32, units: i64) {
    let bid = ctx.sign(Bid { terms, number, amount: amount(units) });
    ctx.send(NodeId(0), Message::Bid(bid));
}

fn bids(stage: Stage<Auction>, at: u64, who: u32, number: u32, units: i64) -> Stage<Auction> {
    stage.cue(at, who, move |ctx| bid(ctx, config().terms.digest(), number, units))
}

fn answers(played: &Played<Auction>) -> Vec<(u32, Answer)> {
    played.said(|message| match message {
        Message::Answer(number, answer) => Some((*number, *answer)),
        _ => None,
    })
}

fn outcomes(played: &Played<Auction>) -> Vec<Outcome> {
    played.claimed(|claim| match claim {
        Observation::Settled { outcome, .. } => Some(*outcome),
        _ => None,
    })
}

fn rejected(played: &Played<Auction>) -> Vec<(Reason, u32)> {
    played.claimed(|claim| match claim {
        Observation::Rejected { reason, from } => Some((*reason, from.0)),
        _ => None,
    })
}

fn sold(winner: u32, price: i64) -> Outcome {
    Outcome::Sold { winner: Bidder(winner), price: amount(price) }
}

// ---- The auctioneer ----

#[test]
fn a_bid_has_one_place_and_none_behind_close() {
    let stage = bids(bids(stage(0), 10, 1, 0, 10), 20, 2, 0, 15);
    // The same again, a further one, and one that arrives when bids are due.
    let stage = bids(bids(bids(stage, 30, 1, 0, 10), 40, 2, 1, 14), 999, 3, 0, 12);
    let played = stage.play(1_500);
    let entered = Answer::Entered;
    let late = Answer::Refused(Refusal::TooLate);
    assert_eq!(
        answers(&played),
        [(0, entered(0)), (0, entered(1)), (0, entered(0)), (1, entered(2)), (0, late)]
    );
    assert_eq!(outcomes(&played), [sold(2, 10)]);
}

#[test]
fn bids_in_other_names_or_under_other_terms_are_rejected() {
    let other = Terms { reserve: amount(1), ..(*config().terms).clone() }.digest();
    let stage = stage(0).cue(10, 1, move |ctx| bid(ctx, other, 0, 10));
    let stage = stage.cue(20, 1, |ctx| {
        let bid = ctx.sign(Bid { terms: config().terms.digest(), number: 0, amount: amount(9) });
        ctx.send(NodeId(2), Message::Bid(bid));
    });
    let forged = |ctx: &mut Context<'_, Auction>| {
        let body = Bid { terms: config().terms.digest(), number: 0, amount: amount(99) };
        let bid = Signed::with_tag(body, NodeId(2), ctx.scope(), synod_sim::auth::Tag::Mac(1));
        ctx.send(NodeId(0), Message::Bid(bid));
    };
    let played = stage.cue(30, 3, forged).say(40, 3, Message::Answer(0, Answer::Closed)).play(1_500);
    let reasons = [(Reason::WrongTerms, 1), (Reason::BadSignature, 3), (Reason::WrongSender, 3)];
    assert_eq!(rejected(&played), reasons);
    assert!(answers(&played).is_empty());
    assert!(matches!(outcomes(&played)[..], [Outcome::Unsold(_)]));
}

#[test]
fn an_auctioneer_that_was_down_at_the_deadline_closes_when_it_is_back() {
    let stage = bids(bids(stage(0), 10, 1, 0, 10), 20, 2, 0, 15).crash(500, 1_200);
    let played = bids(stage, 1_210, 3, 0, 12).play(2_000);
    assert_eq!(answers(&played).last(), Some(&(0, Answer::Refused(Refusal::TooLate))));
    assert_eq!(outcomes(&played), [sold(2, 10)]);
    // After CLOSE it says the same again.
    let stage = bids(bids(self::stage(0), 10, 1, 0, 7), 20, 2, 0, 7).crash(1_100, 1_200);
    let played = stage.play(2_000);
    let claims = played.claimed(|claim| match claim {
        Observation::Settled { digest, .. } => Some(*digest),
        _ => None,
    });
    assert_eq!(claims.len(), 2);
    assert_eq!(claims[0], claims[1]);
}

#[test]
fn who_is_silent_is_told_again() {
    let heard = stage(0).say(10, 2, Message::Heard).say(1_010, 3, Message::Settled).play(1_300);
    let told: Vec<(u64, bool, usize)> = heard
        .sent
        .iter()
        .map(|sent| {
            (sent.at.as_nanos() / 1_000_000, matches!(sent.message, Message::Outcome(_)), sent.to.len())
        })
        .collect();
    let again = |at| (at, false, 2);
    assert_eq!(
        told,
        [(0, false, 3), again(200), again(400), again(600), again(800), (1_000, true, 3), (1_200, true, 2)]
    );
}

// ---- A bidder ----

/// What comes of bids of 10 and 15.
fn settlement() -> Settlement {
    let entry =
        |bidder, units| Entry { at: millis(10), bidder: Bidder(bidder), number: 0, amount: amount(units) };
    Settlement {
        terms: Rc::clone(&config().terms),
        transcript: vec![entry(1, 10), entry(2, 15)],
        close: Close { at: millis(1_000), ties: [3, 1, 2].map(Bidder).into() },
        outcome: sold(2, 10),
        transfers: vec![Transfer { from: Party::Bidder(Bidder(2)), to: Party::Seller, amount: amount(10) }],
    }
}

fn told(settlement: Settlement) -> Played<Auction> {
    let stage = stage(1).say(5, 0, Message::Announce(Rc::clone(&config().terms)));
    stage.say(1_010, 0, Message::Outcome(Rc::new(settlement))).play(1_500)
}

#[test]
fn a_bidder_settles_what_follows_from_the_transcript_and_refuses_all_else() {
    let played = told(settlement());
    assert_eq!((outcomes(&played), rejected(&played)), (vec![sold(2, 10)], vec![]));
    assert!(matches!(played.sent.last().unwrap().message, Message::Settled));
    let close = |ties: &[u32]| Close { at: millis(1_000), ties: ties.iter().copied().map(Bidder).collect() };
    let wrong = [
        Settlement { outcome: sold(1, 10), ..settlement() },
        Settlement { outcome: sold(2, 11), ..settlement() },
        Settlement { transfers: Vec::new(), ..settlement() },
        Settlement { transcript: vec![settlement().transcript[1]], ..settlement() },
        Settlement { close: close(&[1, 2]), ..settlement() },
        Settlement { close: close(&[1, 2, 3, 3]), ..settlement() },
    ];
    for settlement in wrong {
        let played = told(settlement.clone());
        assert_eq!(rejected(&played), [(Reason::WrongOutcome, 0)], "{settlement:?}");
        assert!(outcomes(&played).is_empty());
    }
    let other = Rc::new(Terms { reserve: amount(9), ..(*config().terms).clone() });
    let played = told(Settlement { terms: other, ..settlement() });
    assert_eq!(rejected(&played), [(Reason::WrongTerms, 0)]);
}

#[test]
fn only_the_auctioneer_tells_outcomes() {
    let played = stage(1).say(1_010, 2, Message::Outcome(Rc::new(settlement()))).play(1_500);
    assert_eq!(rejected(&played), [(Reason::WrongSender, 2)]);
    assert!(outcomes(&played).is_empty());
}

#[test]
fn a_bid_is_sent_until_it_is_answered_also_after_a_crash() {
    let stage = stage(2).say(5, 0, Message::Announce(Rc::clone(&config().terms))).crash(300, 310);
    let played = stage.say(600, 0, Message::Answer(0, Answer::Entered(0))).play(1_500);
    let sent: Vec<(u64, u32, Amount)> = played
        .sent
        .iter()
        .filter_map(|sent| match &sent.message {
            Message::Bid(bid) => Some((sent.at.as_nanos() / 1_000_000, bid.number, bid.amount)),
            _ => None,
        })
        .collect();
    assert_eq!(sent, [6, 206, 310, 510].map(|at| (at, 0, amount(15))));
}
