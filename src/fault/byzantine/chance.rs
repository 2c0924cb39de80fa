//! Independent per-copy Bernoulli trials.

use rand::Rng;
use synod_sim::inject::Envelope;
use synod_sim::random::{CounterKey, Draws};
use synod_sim::units::Share;

/// A share of all copies, and the draws about them that are one fault's own.
pub(super) struct Chance {
    share: Share,
    key: CounterKey,
}

impl Chance {
    pub(super) fn new(share: Share, key: CounterKey) -> Chance {
        Chance { share, key }
    }

    /// Returns further draws about `envelope` if the trial succeeds.
    pub(super) fn strikes<M>(&self, envelope: &Envelope<'_, M>) -> Option<Draws> {
        let mut draws = self.key.draws(envelope.from, envelope.to, envelope.number);
        self.share.admits(draws.next_u64()).then_some(draws)
    }
}

/// Returns a uniform index below `count`.
pub(super) fn place(draws: &mut Draws, count: usize) -> usize {
    ((u128::from(draws.next_u64()) * count as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_sim::{NodeId, Purpose, Streams};

    #[test]
    fn it_strikes_the_share_of_copies_and_always_the_same() {
        let key = Streams::new(1).counter(Purpose::Fault);
        let strikes = |ppb| {
            let chance = Chance::new(Share::from_ppb(ppb).expect("a share"), key);
            let copies =
                (0..10_000).map(|number| Envelope { from: NodeId(1), to: NodeId(2), number, message: &() });
            copies
                .filter(|envelope| chance.strikes(envelope).is_some())
                .map(|envelope| envelope.number)
                .collect::<Vec<_>>()
        };
        assert_eq!((strikes(0).len(), strikes(1_000_000_000).len()), (0, 10_000));
        let third = strikes(300_000_000);
        assert!((2_850..3_150).contains(&third.len()), "{}", third.len());
        assert_eq!(third, strikes(300_000_000));
        let mut draws = key.draws(NodeId(0), NodeId(1), 1);
        assert!((0..1_000).all(|_| place(&mut draws, 3) < 3));
    }
}
