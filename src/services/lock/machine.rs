//! The locks themselves.

use super::bug::{Bug, Rules};
use super::command::{Command, LockId, Output, Owner, Token};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use synod_log::{Part, Service};
use synod_sim::{Duration, Time};

/// All locks.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Snapshot")]
pub struct Locks {
    now: Time,
    locks: BTreeMap<LockId, Lock>,
    /// The bug of a mutant: all replicas have it, those that are restored from a snapshot as well.
    bug: Option<Bug>,
}

/// A lock that somebody has held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Lock {
    /// The last token that it gave.
    token: Token,
    /// To whom.
    owner: Owner,
    /// When that lease ends; `None` once it is over.
    until: Option<Time>,
}

/// What a replica reads of a snapshot.
#[derive(Deserialize)]
struct Snapshot {
    now: Time,
    locks: BTreeMap<LockId, Lock>,
    bug: Option<Bug>,
}

impl From<Snapshot> for Locks {
    fn from(Snapshot { now, mut locks, bug }: Snapshot) -> Locks {
        if !Rules::of(bug).snapshots_hold_all_tokens {
            locks.retain(|_, lock| lock.until.is_some());
        }
        Locks { now, locks, bug }
    }
}

impl Locks {
    /// Returns locks that nobody has held, with the bug of a mutant.
    pub fn new(bug: Option<Bug>) -> Locks {
        Locks { bug, ..Locks::default() }
    }

    fn acquire(&mut self, id: LockId, owner: Owner, lease: Duration) -> Output {
        let rules = Rules::of(self.bug);
        let until = self.now + lease;
        let new = Lock { token: Token(0), owner, until: None };
        let lock = self.locks.entry(id).or_insert(new);
        if let Some(until) = lock.until {
            return Output::Held { owner: lock.owner, token: lock.token, until };
        }
        let has_one = lock.token > Token(0) && lock.owner == owner;
        if rules.every_grant_has_a_new_token || !has_one {
            lock.token.0 += 1;
        }
        lock.owner = owner;
        // A lease of no length is over at once.
        lock.until = (until > self.now).then_some(until);
        Output::Granted { token: lock.token, until }
    }

    fn renew(&mut self, id: LockId, token: Token, lease: Duration) -> Output {
        let rules = Rules::of(self.bug);
        let Some(lock) = self.locks.get_mut(&id).filter(|lock| lock.token == token) else {
            return Output::Refused;
        };
        if lock.until.is_none() && rules.renews_only_what_lasts {
            return Output::Refused;
        }
        let until = lock.until.max(Some(self.now + lease)).expect("one of them is a time");
        lock.until = Some(until);
        Output::Granted { token, until }
    }

    fn release(&mut self, id: LockId, token: Token) -> Output {
        let rules = Rules::of(self.bug);
        let is_holder = |lock: &&mut Lock| lock.token == token || !rules.release_takes_the_token;
        let held = self.locks.get_mut(&id).filter(is_holder).and_then(|lock| lock.until.take());
        if held.is_some() { Output::Released } else { Output::Refused }
    }

    fn holder(&self, id: LockId) -> Output {
        match self.locks.get(&id) {
            Some(&Lock { token, owner, until: Some(until) }) => Output::Held { owner, token, until },
            _ => Output::Free,
        }
    }
}

impl Service for Locks {
    const NAME: &'static str = "lock";
    const CLOCK: Option<Duration> = Some(Duration::from_millis(10));
    type Command = Command;
    type Output = Output;

    fn apply(&mut self, command: &Command) -> Output {
        match *command {
            Command::Acquire { lock, owner, lease } => self.acquire(lock, owner, lease),
            Command::Renew { lock, token, lease } => self.renew(lock, token, lease),
            Command::Release { lock, token } => self.release(lock, token),
            Command::Holder { lock } => self.holder(lock),
        }
    }

    fn is_read(command: &Command) -> bool {
        matches!(command, Command::Holder { .. })
    }

    fn read(&self, command: &Command) -> Output {
        self.holder(command.lock())
    }

    fn part(command: &Command) -> Part {
        Part::numbered("lock ", command.lock().0.into())
    }

    fn tick(&mut self, now: Time) {
        self.now = now;
        let rules = Rules::of(self.bug);
        let seen = now + Duration::from_millis(rules.ends_early_by_millis);
        if rules.leases_end {
            self.locks.values_mut().for_each(|lock| lock.until = lock.until.filter(|&until| until > seen));
        }
    }

    fn now(&self) -> Time {
        self.now
    }

    fn deadline(&self) -> Option<Time> {
        let ends = self.locks.values().filter_map(|lock| lock.until);
        ends.min().filter(|_| Rules::of(self.bug).leases_end)
    }

    fn is_noop(_: &Command, output: &Output) -> bool {
        matches!(output, Output::Held { .. } | Output::Refused | Output::Free)
    }

    fn owes(_: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool {
        !Locks::is_read(other.0) && other.1.is_none_or(|told| !Locks::is_noop(other.0, told))
    }
}

impl fmt::Display for Locks {
    /// The locks that were ever held, with their last tokens.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.locks.is_empty() {
            return write!(out, "no token");
        }
        for (place, (id, Lock { token, owner, until })) in self.locks.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            match until {
                Some(until) => write!(out, "{separator}{id}: {token} of {owner} until {until}")?,
                None => write!(out, "{separator}{id}: free after {token}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use synod_log::laws::{Input, check};

    fn input() -> impl Strategy<Value = (u8, u32, u64, u64)> {
        (0..6u8, 0..3u32, 0..4u64, 0..50u64)
    }

    proptest! {
        #[test]
        fn it_keeps_the_laws_of_a_service(steps in vec(input(), 0..60)) {
            let mut now = 0;
            let input = |(kind, lock, who, nanos)| {
                let (lock, token, lease) = (LockId(lock), Token(who), Duration::from_nanos(nanos));
                Input::Command(match kind {
                    0 => {
                        now += nanos;
                        return Input::Tick(Time::from_nanos(now));
                    }
                    1 => Command::Holder { lock },
                    2 => Command::Renew { lock, token, lease },
                    3 => Command::Release { lock, token },
                    _ => Command::Acquire { lock, owner: Owner(who), lease },
                })
            };
            let inputs: Vec<_> = steps.into_iter().map(input).collect();
            check(&Locks::default(), &inputs);
        }
    }

    #[test]
    fn leases_end_in_the_log_and_tokens_rise_for_ever() {
        let (lock, span) = (LockId(1), Duration::from_nanos(10));
        let acquire = |owner| Command::Acquire { lock, owner: Owner(owner), lease: span };
        let renew = |token| Command::Renew { lock, token: Token(token), lease: span };
        let release = |token| Command::Release { lock, token: Token(token) };
        let granted = |token, until| Output::Granted { token: Token(token), until: Time::from_nanos(until) };
        let held = |owner, token, until| Output::Held {
            owner: Owner(owner),
            token: Token(token),
            until: Time::from_nanos(until),
        };
        let mut locks = Locks::default();
        for (at, command, output) in [
            (5, acquire(7), granted(1, 15)),
            (5, acquire(7), held(7, 1, 15)),
            (9, acquire(8), held(7, 1, 15)),
            (9, renew(1), granted(1, 19)),
            (9, Command::Renew { lock, token: Token(1), lease: Duration::ZERO }, granted(1, 19)),
            (9, Command::Renew { lock, token: Token(1), lease: Duration::from_nanos(9) }, granted(1, 19)),
            (18, Command::Holder { lock }, held(7, 1, 19)),
            (19, Command::Holder { lock }, Output::Free),
            (19, renew(1), Output::Refused),
            (19, release(1), Output::Refused),
            (19, acquire(8), granted(2, 29)),
            (20, release(1), Output::Refused),
            (20, release(2), Output::Released),
            (20, release(2), Output::Refused),
            (20, acquire(8), granted(3, 30)),
        ] {
            locks.tick(Time::from_nanos(at));
            assert_eq!(locks.apply(&command), output, "{command} at {at}");
        }
        assert_eq!(locks.to_string(), "lock 1: token 3 of owner 8 until 30ns");
    }
}
