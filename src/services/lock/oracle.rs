//! The oracle of the locks: tokens rise, and leases do not overlap.

use super::command::{Command, LockId, Output, Owner, Token};
use super::machine::Locks;
use crate::judge::{Judge, Operation};
use std::collections::BTreeMap;
use std::fmt;
use synod_sim::{Duration, OperationId, Time, Violation};

/// Judges what clients were told of locks.
///
/// Of a lease it knows two ends: that for *certain*, by what clients were told, and the latest *possible* one, with
/// renewals of which nobody knows what became. Before the first a token must be good, unless a release may have come
/// before; after the second it must not. Times are those of the log, since leases end by them; where a correct node has
/// not told when an operation took effect, it may have been at any time.
#[derive(Debug, Default)]
pub struct LockJudge {
    locks: BTreeMap<LockId, Lock>,
    checked: u64,
}

/// What is known of a lock.
#[derive(Debug, Default)]
struct Lock {
    /// The highest token that somebody was granted, as clients know by now.
    highest: Token,
    /// The leases that clients know of, of tokens that may still matter.
    leases: BTreeMap<Token, Lease>,
    /// For each operation under way the highest token when it was invoked. Nothing below the lowest matters any more.
    pending: BTreeMap<OperationId, Token>,
}

/// A lease that a client knows of.
#[derive(Debug)]
struct Lease {
    owner: Owner,
    /// When it was granted.
    at: Option<Time>,
    /// When it ends for certain at the earliest, unless it was released.
    certain: Option<Time>,
    /// Renewals of which nobody knows what became: when they took effect, and how long they last.
    renewals: BTreeMap<OperationId, (Option<Time>, Duration)>,
    /// What may have released it, and when.
    releases: BTreeMap<OperationId, Option<Time>>,
    /// When a client was told that it is released, in the order of invocations and ends.
    released: Option<u64>,
}

impl Lease {
    /// Returns true if it may have been released by this time, other than by `operation`.
    fn may_be_released(&self, by: Time, operation: OperationId) -> bool {
        let mut others = self.releases.iter().filter(|&(&id, _)| id != operation);
        others.any(|(_, at)| at.is_none_or(|at| at <= by))
    }

    /// Returns true if its token must be good at this time: it lasts, and nothing but `operation` may have released it.
    fn lasts_for_certain(&self, at: Option<Time>, operation: OperationId) -> bool {
        let (Some(at), Some(from), Some(until)) = (at, self.at, self.certain) else { return false };
        from <= at && at < until && !self.may_be_released(at, operation)
    }

    /// Returns the time after which it cannot last, unless it is renewed by `operation`; `None` if nobody knows.
    fn latest_end(&self, operation: OperationId) -> Option<Time> {
        let others = self.renewals.iter().filter(|&(&id, _)| id != operation);
        let ends = others.map(|(_, &(at, lease))| Some(at? + lease));
        ends.chain([self.certain]).collect::<Option<Vec<Time>>>()?.into_iter().max()
    }
}

impl Lock {
    /// Returns the lease of `token`, if a client knows of it and it may still matter.
    fn lease(&mut self, token: Token) -> Option<&mut Lease> {
        self.leases.get_mut(&token)
    }

    /// An operation has ended: leases before all that are under way are forgotten, all but the last.
    fn end(&mut self, operation: OperationId) {
        self.pending.remove(&operation);
        let oldest = self.pending.values().copied().min().unwrap_or(self.highest);
        self.leases.retain(|&token, _| token >= oldest);
    }
}

type Judged = Result<(), Violation>;

impl Operation<LockJudge> {
    fn objection(&self, token: Token, message: impl fmt::Display) -> Violation {
        self.violation(message).with("lock", self.command.lock().0).with("token", token)
    }
}

impl LockJudge {
    fn lock(&mut self, command: &Command) -> &mut Lock {
        self.locks.entry(command.lock()).or_default()
    }

    /// Takes note of an operation that may end or prolong a lease.
    fn note(&mut self, id: OperationId, command: &Command, at: Option<Time>) {
        let lock = self.lock(command);
        match *command {
            Command::Renew { token, lease: span, .. } => {
                if let Some(lease) = lock.lease(token) {
                    lease.renewals.insert(id, (at, span));
                }
            }
            Command::Release { token, .. } => {
                if let Some(lease) = lock.lease(token) {
                    lease.releases.insert(id, at);
                }
            }
            Command::Acquire { .. } | Command::Holder { .. } => {}
        }
    }

    /// Takes note that an operation has not ended or prolonged a lease.
    fn strike(&mut self, id: OperationId, command: &Command) {
        if let Command::Renew { token, .. } | Command::Release { token, .. } = *command
            && let Some(lease) = self.lock(command).lease(token)
        {
            lease.renewals.remove(&id);
            lease.releases.remove(&id);
        }
    }

    fn on_granted(
        &mut self,
        operation: &Operation<LockJudge>,
        (owner, span): (Owner, Duration),
        (token, until): (Token, Time),
    ) -> Judged {
        let lock = self.lock(&operation.command);
        if token <= operation.memory {
            let message = format_args!("it was granted {token} after {} had been granted", operation.memory);
            return Err(operation.objection(token, message));
        }
        if lock.leases.contains_key(&token) {
            return Err(operation.objection(token, format_args!("it was granted {token}, as another was")));
        }
        let end = operation.at.map(|at| at + span);
        if let Some(end) = end.filter(|&end| end != until) {
            let message = format_args!("it was told that its lease ends at {until} and not at {end}");
            return Err(operation.objection(token, message));
        }
        let lease = Lease {
            owner,
            at: operation.at,
            certain: end,
            renewals: BTreeMap::new(),
            releases: BTreeMap::new(),
            released: None,
        };
        lock.leases.insert(token, lease);
        lock.highest = lock.highest.max(token);
        self.judge_overlap(operation, token)
    }

    /// Judges the lease of `token` beside those of the tokens before and after it.
    fn judge_overlap(&mut self, operation: &Operation<LockJudge>, token: Token) -> Judged {
        let lock = self.lock(&operation.command);
        let before = lock.leases.range(..token).next_back();
        let after = lock.leases.range(token..).nth(1);
        let this = lock.leases.get_key_value(&token);
        for ((&earlier, first), (&later, second)) in before.zip(this).into_iter().chain(this.zip(after)) {
            let (Some(granted), Some(from)) = (second.at, first.at) else { continue };
            if granted < from {
                let message = format_args!("{later} was granted at {granted}, before {earlier} at {from}");
                return Err(operation.objection(token, message));
            }
            let nobody = OperationId(u64::MAX);
            let lasts = first.certain.is_some_and(|until| granted < until);
            if lasts && !first.may_be_released(granted, nobody) {
                let until = first.certain.unwrap_or_default();
                let message = format_args!(
                    "{later} was granted at {granted}, while {earlier} held the lock until {until}"
                );
                return Err(operation.objection(token, message).with("until", until));
            }
        }
        Ok(())
    }

    /// Judges that a token was taken for that of the holder.
    fn judge_accepted(&mut self, operation: &Operation<LockJudge>, token: Token) -> Judged {
        if operation.memory > token {
            let message = format_args!("{token} was accepted after {} had been granted", operation.memory);
            return Err(operation.objection(token, message));
        }
        let Some(lease) = self.lock(&operation.command).lease(token) else {
            return Err(operation.objection(token, format_args!("{token} was accepted, which nobody had")));
        };
        if lease.released.is_some_and(|released| released < operation.invoked) {
            return Err(operation.objection(token, format_args!("{token} was accepted after its release")));
        }
        match (operation.at, lease.latest_end(operation.id)) {
            (Some(at), Some(end)) if end <= at => {
                let message =
                    format_args!("{token} was accepted at {at}, after its lease had ended at {end}");
                Err(operation.objection(token, message).with("until", end))
            }
            _ => Ok(()),
        }
    }

    fn judge_refused(&mut self, operation: &Operation<LockJudge>, token: Token) -> Judged {
        // Nothing is said of a token that was given away before anybody knew it.
        let is_known = operation.memory >= token;
        match self.lock(&operation.command).lease(token) {
            Some(lease) if is_known && lease.lasts_for_certain(operation.at, operation.id) => {
                let until = lease.certain.unwrap_or_default();
                let message = format_args!("{token} was refused, though its lease lasts until {until}");
                Err(operation.objection(token, message).with("until", until))
            }
            _ => Ok(()),
        }
    }

    fn on_renewed(
        &mut self,
        operation: &Operation<LockJudge>,
        (asked, span): (Token, Duration),
        (token, until): (Token, Time),
    ) -> Judged {
        if token != asked {
            return Err(operation.objection(token, format_args!("it was granted {token} instead")));
        }
        self.judge_accepted(operation, token)?;
        let end = operation.at.map(|at| at + span);
        if end.is_some_and(|end| until < end) {
            let message = format_args!("it was told that its lease ends at {until}, too early");
            return Err(operation.objection(token, message));
        }
        self.judge_until(operation, token, until, end)?;
        if let Some(lease) = self.lock(&operation.command).lease(token)
            && let Some(end) = end
        {
            lease.renewals.remove(&operation.id);
            lease.certain = lease.certain.map(|until| until.max(end));
        }
        self.judge_overlap(operation, token)
    }

    /// Judges that nobody knows of a later end of a lease than what was asked for, of which `own` is the operation's.
    fn judge_until(
        &mut self,
        operation: &Operation<LockJudge>,
        token: Token,
        until: Time,
        own: Option<Time>,
    ) -> Judged {
        let lease = self.lock(&operation.command).lease(token);
        let latest = lease.and_then(|lease| lease.latest_end(operation.id));
        match latest.map(|latest| latest.max(own.unwrap_or(latest))) {
            Some(latest) if latest < until => {
                let message = format_args!(
                    "{token} was good until {until}, though nobody asked for more than {latest}"
                );
                Err(operation.objection(token, message).with("until", until))
            }
            _ => Ok(()),
        }
    }

    fn on_released(&mut self, now: u64, operation: &Operation<LockJudge>, token: Token) -> Judged {
        self.judge_accepted(operation, token)?;
        if let Some(lease) = self.lock(&operation.command).lease(token) {
            lease.released.get_or_insert(now);
        }
        Ok(())
    }

    /// Judges that `owner` holds the lock.
    fn judge_held(
        &mut self,
        operation: &Operation<LockJudge>,
        (owner, token, until): (Owner, Token, Time),
    ) -> Judged {
        if let Some(at) = operation.at.filter(|&at| until <= at) {
            let message = format_args!("it was told at {at} that {token} holds the lock until {until}");
            return Err(operation.objection(token, message).with("until", until));
        }
        if token < operation.memory {
            let message = format_args!("{token} holds the lock after {} had been granted", operation.memory);
            return Err(operation.objection(token, message));
        }
        match self.lock(&operation.command).lease(token) {
            Some(lease) if lease.owner != owner => {
                let message = format_args!("{token} is that of {} and not of {owner}", lease.owner);
                Err(operation.objection(token, message))
            }
            Some(lease) if lease.released.is_some_and(|released| released < operation.invoked) => {
                Err(operation.objection(token, format_args!("{token} holds the lock after its release")))
            }
            _ => self.judge_until(operation, token, until, None),
        }
    }

    /// Judges that nobody holds the lock.
    fn judge_free(&mut self, operation: &Operation<LockJudge>) -> Judged {
        let token = operation.memory;
        match self.lock(&operation.command).lease(token) {
            Some(lease) if lease.lasts_for_certain(operation.at, operation.id) => {
                let until = lease.certain.unwrap_or_default();
                let message = format_args!("nobody held the lock, though {token} did until {until}");
                Err(operation.objection(token, message).with("until", until))
            }
            _ => Ok(()),
        }
    }
}

impl Judge for LockJudge {
    type Service = Locks;
    /// The highest token that somebody had been granted.
    type Memory = Token;

    const CLAIM: &'static str = "one holder a lock, with the highest token, until its lease ends";

    fn on_invoked(&mut self, _: u64, id: OperationId, command: &Command) -> Token {
        self.note(id, command, None);
        let lock = self.lock(command);
        lock.pending.insert(id, lock.highest);
        lock.highest
    }

    fn on_executed(&mut self, operation: &Operation<LockJudge>) {
        self.note(operation.id, &operation.command, operation.at);
    }

    fn on_answered(&mut self, now: u64, operation: &Operation<LockJudge>, output: &Output) -> Judged {
        self.checked += 1;
        let judged = match (&operation.command, output) {
            (&Command::Acquire { owner, lease, .. }, &Output::Granted { token, until }) => {
                self.on_granted(operation, (owner, lease), (token, until))
            }
            (&Command::Renew { token: asked, lease, .. }, &Output::Granted { token, until }) => {
                self.on_renewed(operation, (asked, lease), (token, until))
            }
            (&Command::Release { token, .. }, Output::Released) => self.on_released(now, operation, token),
            (Command::Acquire { .. } | Command::Holder { .. }, &Output::Held { owner, token, until }) => {
                self.judge_held(operation, (owner, token, until))
            }
            (Command::Holder { .. }, Output::Free) => self.judge_free(operation),
            (&(Command::Renew { token, .. } | Command::Release { token, .. }), Output::Refused) => {
                self.strike(operation.id, &operation.command);
                self.judge_refused(operation, token)
            }
            (_, output) => Err(operation.violation(format_args!("{output} is no answer to that"))),
        };
        self.lock(&operation.command).end(operation.id);
        judged
    }

    fn on_failed(&mut self, operation: &Operation<LockJudge>) {
        self.strike(operation.id, &operation.command);
        self.lock(&operation.command).end(operation.id);
    }

    fn on_lost(&mut self, operation: &Operation<LockJudge>) {
        self.lock(&operation.command).end(operation.id);
    }

    fn checked(&self) -> u64 {
        self.checked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::Does::*;
    use crate::judge::tests::{Entries, does, objection};

    const LOCK: LockId = LockId(1);
    const LEASE: Duration = Duration::from_nanos(10);

    fn acquire(owner: u64) -> Command {
        Command::Acquire { lock: LOCK, owner: Owner(owner), lease: LEASE }
    }

    fn renew(token: u64) -> Command {
        Command::Renew { lock: LOCK, token: Token(token), lease: LEASE }
    }

    fn release(token: u64) -> Command {
        Command::Release { lock: LOCK, token: Token(token) }
    }

    fn granted(token: u64, until: u64) -> Output {
        Output::Granted { token: Token(token), until: Time::from_nanos(until) }
    }

    fn held(owner: u64, token: u64, until: u64) -> Output {
        Output::Held { owner: Owner(owner), token: Token(token), until: Time::from_nanos(until) }
    }

    /// Asserts that after a grant of token 5 at the time 100, for ten nanoseconds, to owner 1, the judge objects in these
    /// words, or to nothing.
    #[track_caller]
    fn assert_judged(then: impl IntoIterator<Item = Entries<Locks>>, words: Option<&str>) {
        let first = does(1, acquire(1), 100, granted(5, 110));
        let entries = first.into_iter().chain(then.into_iter().flatten()).collect();
        let objection = objection(LockJudge::default(), entries);
        match words {
            None => assert_eq!(objection, None),
            Some(words) => assert!(objection.as_ref().is_some_and(|it| it.contains(words)), "{objection:?}"),
        }
    }

    #[test]
    fn what_is_promised_is_not_objected_to() {
        let holder = || Command::Holder { lock: LOCK };
        assert_judged(
            [does(2, acquire(2), 109, held(1, 5, 110)), does(3, renew(5), 109, granted(5, 119))],
            None,
        );
        assert_judged(
            [does(2, acquire(2), 110, granted(6, 120)), does(3, renew(5), 110, Output::Refused)],
            None,
        );
        assert_judged(
            [does(2, release(5), 103, Output::Released), does(3, acquire(3), 103, granted(6, 113))],
            None,
        );
        assert_judged(
            [does(2, holder(), 110, Output::Free), does(3, release(5), 110, Output::Refused)],
            None,
        );
        assert_judged(
            [does(2, renew(5), 109, granted(5, 119)), does(3, holder(), 118, held(1, 5, 119))],
            None,
        );
    }

    #[test]
    fn what_nobody_knows_is_granted() {
        // A release that was given up, or is under way, may have come before.
        for end in [|| GivesUp, || Crashes] {
            assert_judged(
                [vec![(2, Asks(release(5))), (2, end())], does(3, acquire(3), 103, granted(6, 113))],
                None,
            );
        }
        assert_judged([vec![(2, Asks(release(5)))], does(3, renew(5), 103, Output::Refused)], None);
        // As may a renewal that makes a token good for longer.
        let lost = vec![(2, Asks(renew(5))), (2, GivesUp), (2, At(109))];
        assert_judged([lost, does(3, release(5), 115, Output::Released)], None);
        // One that came too late, or failed, has not.
        let lost = vec![(2, Asks(release(5))), (2, At(105)), (2, GivesUp)];
        assert_judged([lost, does(3, acquire(3), 104, granted(6, 114))], Some("while token 5 held"));
        let failed = vec![(2, Asks(release(5))), (2, Fails)];
        assert_judged([failed, does(3, acquire(3), 104, granted(6, 114))], Some("while token 5 held"));
    }

    #[test]
    fn tokens_rise() {
        assert_judged([does(2, acquire(2), 120, granted(5, 130))], Some("granted token 5 after token 5"));
        let two = |second| {
            let asked =
                vec![(2, Asks(acquire(2))), (3, Asks(acquire(3))), (3, At(120)), (3, Hears(granted(7, 130)))];
            [asked, vec![(2, At(130)), (2, Hears(granted(second, 140)))]]
        };
        assert_judged(two(8), None);
        assert_judged(two(7), Some("as another was"));
        assert_judged(two(6), Some("was granted at 120ns, before token 6 at 130ns"));
    }

    #[test]
    fn leases_do_not_overlap_and_end_when_they_should() {
        assert_judged(
            [does(2, acquire(2), 109, granted(6, 119))],
            Some("while token 5 held the lock until 110ns"),
        );
        assert_judged([does(2, acquire(2), 110, granted(6, 121))], Some("ends at 121ns and not at 120ns"));
        assert_judged([does(2, acquire(2), 110, held(1, 5, 110))], Some("at 110ns that token 5 holds"));
        assert_judged([does(2, renew(5), 105, granted(5, 114))], Some("too early"));
        assert_judged([does(2, renew(5), 105, granted(5, 116))], Some("nobody asked for more than 115ns"));
        assert_judged([does(2, acquire(2), 105, held(1, 5, 111))], Some("nobody asked for more than 110ns"));
        assert_judged(
            [does(2, renew(5), 105, granted(5, 115)), does(3, acquire(3), 112, granted(6, 122))],
            Some("while token 5 held the lock until 115ns"),
        );
    }

    #[test]
    fn a_token_is_good_as_long_as_its_lease_lasts() {
        assert_judged([does(2, renew(5), 109, Output::Refused)], Some("though its lease lasts until 110ns"));
        assert_judged([does(2, release(5), 110, Output::Released)], Some("after its lease had ended"));
        assert_judged([does(2, release(9), 101, Output::Released)], Some("which nobody had"));
        let released = || does(2, release(5), 101, Output::Released);
        assert_judged([released(), does(3, renew(5), 102, granted(5, 112))], Some("after its release"));
        assert_judged([released(), does(3, acquire(3), 102, held(1, 5, 110))], Some("after its release"));
        let next = || does(2, acquire(2), 110, granted(6, 120));
        assert_judged([next(), does(3, release(5), 111, Output::Released)], Some("after token 6"));
        assert_judged([next(), does(3, acquire(3), 111, held(1, 5, 120))], Some("after token 6"));
        assert_judged([does(2, acquire(2), 101, held(2, 5, 110))], Some("that of owner 1"));
        assert_judged([does(2, Command::Holder { lock: LOCK }, 101, Output::Free)], Some("nobody held"));
        assert_judged([does(2, renew(5), 101, granted(6, 111))], Some("instead"));
        assert_judged([does(2, renew(5), 101, Output::Free)], Some("no answer"));
    }

    #[test]
    fn a_read_that_is_executed_again_tells_what_was_at_either_time() {
        let read = [Asks(Command::Holder { lock: LOCK }), At(101), At(110), Hears(Output::Free)];
        assert_judged([read.map(|does| (2, does)).into()], None);
    }
}
