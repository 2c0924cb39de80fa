//! Syncs that children have begun: each under a number by which the parent finds the child again.

/// The syncs under way that children have begun, by the tokens that the parent gives them.
///
/// A parent's lens enters a child's token ([`Lens::token`](synod_sim::Lens::token)), and its
/// [`on_synced`](synod_sim::Protocol::on_synced) takes it out again.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    under_way: Vec<Option<(u32, u64)>>,
}

impl Tokens {
    /// Enters the sync that `child` has begun under `token`, and returns the parent's token.
    pub fn enter(&mut self, child: u32, token: u64) -> u64 {
        let free = self.under_way.iter().position(Option::is_none);
        let place = free.unwrap_or_else(|| {
            self.under_way.push(None);
            self.under_way.len() - 1
        });
        self.under_way[place] = Some((child, token));
        place as u64
    }

    /// Takes out a sync that is done: the child that has begun it, and the child's token.
    ///
    /// # Panics
    /// If it is not under way.
    pub fn take(&mut self, token: u64) -> (u32, u64) {
        self.under_way[token as usize].take().expect("a sync is done once")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_child_gets_its_own_token_back() {
        let mut tokens = Tokens::default();
        let (a, b) = (tokens.enter(1, 7), tokens.enter(2, 7));
        assert_ne!(a, b);
        assert_eq!(tokens.take(a), (1, 7));
        assert_eq!(tokens.enter(3, 9), a, "numbers are used again");
        assert_eq!((tokens.take(b), tokens.take(a)), ((2, 7), (3, 9)));
    }
}
