//! Known bugs of the locks, one at a time, and the rules that they break.

use synod_common::{bugs, rules};

bugs! {
    TokenLostInSnapshot "token_lost_in_snapshot", "lock": "A snapshot forgets the tokens of locks that nobody holds.";
    LeaseEndsEarly "lease_ends_early", "lock": "A lease ends when less than a tenth of a second is left of it.";
    LeaseNeverEnds "lease_never_ends", "lock": "A lock is held until it is released.";
    ReleaseWithoutToken "release_without_token", "lock": "Whoever asks for it releases the lock.";
    RenewalAfterTheEnd "renewal_after_the_end", "lock": "The last holder can renew a lease that has ended.";
    TokenKeptByOwner "token_kept_by_owner", "lock": "Who acquires a lock again gets the token that it had.";
}

rules! {
    /// A snapshot has the last token of every lock.
    snapshots_hold_all_tokens: bool = true, TokenLostInSnapshot => false;
    /// A lease ends by as much early.
    ends_early_by_millis: u64 = 0, LeaseEndsEarly => 100;
    /// Leases end.
    leases_end: bool = true, LeaseNeverEnds => false;
    /// A lock is released by the token of its holder alone.
    release_takes_the_token: bool = true, ReleaseWithoutToken => false;
    /// Only a lease that lasts is renewed.
    renews_only_what_lasts: bool = true, RenewalAfterTheEnd => false;
    /// Every grant has a token of its own.
    every_grant_has_a_new_token: bool = true, TokenKeptByOwner => false;
}
