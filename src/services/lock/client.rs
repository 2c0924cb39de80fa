//! Clients of the locks, as clients behave.

use super::command::{Command, LockId, Output, Owner, Token};
use super::machine::Locks;
use super::params::LockParams;
use crate::draw::{admits, below, choose};
use synod_log::Source;
use synod_sim::Stream;

/// A client acquires a lock, renews its lease while it works, and releases the lock. Now and then it forgets that it
/// holds one, so that the lease has to end, or comes back with a token of old.
#[derive(Clone, Debug)]
pub struct LockClient {
    params: LockParams,
    /// Its name: the number of its first operation, which no other has.
    owner: Option<Owner>,
    /// What it believes to hold.
    held: Option<(LockId, Token)>,
    /// What it held before.
    old: Option<(LockId, Token)>,
}

impl LockClient {
    /// Returns a client that has asked nothing yet.
    pub fn new(params: LockParams) -> LockClient {
        LockClient { params, owner: None, held: None, old: None }
    }

    fn with_old_token(&self, stream: &mut Stream, (lock, token): (LockId, Token)) -> Command {
        if below(stream, 2) == 0 {
            Command::Release { lock, token }
        } else {
            Command::Renew { lock, token, lease: self.params.lease.0 }
        }
    }
}

impl Source for LockClient {
    type Service = Locks;

    fn draw(&mut self, stream: &mut Stream, number: u64) -> Command {
        let LockParams { locks, lease, renew, forget, look, stale, .. } = self.params;
        let owner = *self.owner.get_or_insert(Owner(number));
        if let Some(old) = self.old.filter(|_| admits(stale, stream)) {
            return self.with_old_token(stream, old);
        }
        if let Some((lock, token)) = self.held {
            match choose(stream, [renew, forget]) {
                Some(0) => return Command::Renew { lock, token, lease: lease.0 },
                Some(_) => self.old = self.held.take(),
                None => {
                    self.old = self.held.take();
                    return Command::Release { lock, token };
                }
            }
        }
        let lock = LockId(below(stream, locks));
        if admits(look, stream) {
            return Command::Holder { lock };
        }
        Command::Acquire { lock, owner, lease: lease.0 }
    }

    fn learn(&mut self, command: &Command, output: &Output) {
        match (command, output) {
            (Command::Acquire { lock, .. }, Output::Granted { token, .. }) => {
                self.held = Some((*lock, *token));
            }
            (Command::Renew { lock, token, .. }, Output::Refused) if self.held == Some((*lock, *token)) => {
                self.old = self.held.take();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_log::Service;
    use synod_sim::{Duration, Purpose, Streams, Time};

    #[test]
    fn clients_hold_and_renew_release_and_forget_and_come_back_late() {
        let mut stream = Streams::new(1).stream(Purpose::Node, 0);
        let mut clients = vec![LockClient::new(LockParams::default()); 3];
        let mut locks = Locks::default();
        let mut told = [0; 6];
        for number in 1..=9_000 {
            locks.tick(Time::ZERO + Duration::from_millis(number * 5));
            let client = &mut clients[number as usize % 3];
            let command = client.draw(&mut stream, number);
            let output = locks.apply(&command);
            client.learn(&command, &output);
            told[match (&command, &output) {
                (Command::Acquire { .. }, Output::Granted { .. }) => 0,
                (Command::Acquire { .. }, _) => 1,
                (Command::Renew { .. }, Output::Granted { .. }) => 2,
                (Command::Release { .. }, Output::Released) => 3,
                (Command::Holder { .. }, _) => 4,
                (_, _) => 5,
            }] += 1;
        }
        assert!(told.iter().all(|&count| count > 300), "{told:?}");
        let owners = clients.iter().map(|client| client.owner);
        assert!(owners.eq([3, 1, 2].map(|number| Some(Owner(number)))), "each by its first number");
    }

    #[test]
    fn a_holder_that_is_refused_knows_that_it_holds_nothing() {
        let mut stream = Streams::new(2).stream(Purpose::Node, 0);
        let (lock, token) = (LockId(1), Token(4));
        let lease = Duration::from_millis(1);
        let renew = |token| Command::Renew { lock, token, lease };
        let mut client = LockClient::new(LockParams::default());
        let owner = Owner(1);
        let granted = Output::Granted { token, until: Time::ZERO + lease };
        client.learn(&Command::Acquire { lock, owner, lease }, &granted);
        assert_eq!((client.held, client.old), (Some((lock, token)), None));
        client.learn(&renew(Token(3)), &Output::Refused);
        assert_eq!(client.held, Some((lock, token)), "a token of old says nothing of the present one");
        client.learn(&renew(token), &Output::Refused);
        assert_eq!((client.held, client.old), (None, Some((lock, token))));
        // Half of what comes late is a release.
        let late: Vec<Command> =
            (0..4_000).map(|_| client.with_old_token(&mut stream, (lock, token))).collect();
        let releases = late.iter().filter(|command| matches!(command, Command::Release { .. })).count();
        assert!((1_870..2_130).contains(&releases), "{releases}");
    }
}
