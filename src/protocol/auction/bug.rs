//! Known bugs of auctions, one at a time, and the rules that they break.

use synod_common::{bugs, rules};

bugs! {
    ReserveIgnored "reserve_ignored", "winner": "The item is sold below the reserve.";
    SecondBidReplaces "second_bid_replaces", "winner": "A further bid of a bidder replaces its first.";
    OwnBidSetsPrice "own_bid_sets_price", "winner": "A further bid of the winner counts as that of a rival.";
    TieToTheLast "tie_to_the_last", "winner": "Of bidders that tie, the last in the order of ties wins.";
    LosersPay "losers_pay", "money_conserved": "Who does not win pays its bid, too.";
    LateBidCounts "late_bid_counts", "no_late_bid": "A bid that comes after CLOSE counts.";
    AcknowledgedEarly "acknowledged_early", "transcript": "A bid is acknowledged before it is durable.";
    OrderRedrawn "order_redrawn", "one_outcome": "An auctioneer that restarts draws the order of ties anew.";
    EleventhPasses "eleventh_passes", "rate_limit": "One more bid is admitted in a window than may be.";
}

rules! {
    /// The reserve is a bound.
    reserve_holds: bool = true, ReserveIgnored => false;
    /// What a further bid of a bidder is.
    further_bid: FurtherBid = FurtherBid::Nothing,
        SecondBidReplaces => FurtherBid::Replaces, OwnBidSetsPrice => FurtherBid::Rivals;
    /// Of bidders that tie, the first in the order of ties wins.
    first_wins_ties: bool = true, TieToTheLast => false;
    /// Only the winner pays.
    losers_pay_nothing: bool = true, LosersPay => false;
    /// Nothing is entered behind CLOSE.
    close_is_final: bool = true, LateBidCounts => false;
    /// What is acknowledged is durable.
    durable_first: bool = true, AcknowledgedEarly => false;
    /// The order of ties is durable.
    order_is_kept: bool = true, OrderRedrawn => false;
    /// How many entries more than the limit a window holds.
    excess: u32 = 0, EleventhPasses => 1;
}

/// What a further bid of a bidder is.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) enum FurtherBid {
    /// It stands in the log, and does not count.
    Nothing,
    /// The bidder's bid.
    Replaces,
    /// A bid of somebody else.
    Rivals,
}
