//! The oracle of the queues: nothing lost, nothing after its acknowledgement, one consumer at a time, first come first
//! served.

use super::command::{Command, DeliveryId, Item, Output, QueueId};
use super::machine::Queues;
use crate::judge::{Judge, Operation};
use std::collections::BTreeMap;
use std::fmt;
use synod_sim::units::plural;
use synod_sim::{Duration, OperationId, Time, Violation};

/// Judges what clients were told of queues.
///
/// Times are those of the log, since deliveries end by them; where a correct node has not told when an operation took
/// effect, it may have been at any time. Pulls of which nobody knows what they got may have got anything, one item each.
#[derive(Debug, Default)]
pub struct QueueJudge {
    queues: BTreeMap<QueueId, Queue>,
    checked: u64,
}

/// What is known of a queue.
#[derive(Debug, Default)]
struct Queue {
    /// Items that are not acknowledged, as far as clients know.
    open: BTreeMap<Item, Pushed>,
    /// The items that were acknowledged last.
    done: BTreeMap<Item, Done>,
    /// Their order.
    done_in_order: BTreeMap<u64, Item>,
    /// Number of items that were acknowledged, as clients know.
    finished: u64,
    /// The items of deliveries that clients know of, of those items.
    deliveries: BTreeMap<DeliveryId, Item>,
    /// Pulls of which nobody knows what they got: when they took effect, and how long a delivery lasts.
    pulls: BTreeMap<OperationId, (Option<Time>, Duration)>,
    firsts: Firsts,
}

/// An item that was pushed.
#[derive(Debug)]
struct Pushed {
    /// When its push was invoked, and when that returned, if it did.
    invoked: u64,
    returned: Option<u64>,
    deliveries: BTreeMap<DeliveryId, Delivery>,
}

/// A delivery that a consumer knows of.
#[derive(Debug)]
struct Delivery {
    times: u32,
    /// From when until when it lasts, unless it is ended before.
    span: Option<(Time, Time)>,
    /// What may have ended it, and when.
    ends: BTreeMap<OperationId, Option<Time>>,
    /// When a consumer was told that it has handed it back.
    handed_back: Option<u64>,
}

/// An item that was acknowledged.
#[derive(Debug)]
struct Done {
    /// When its consumer was told.
    told: u64,
    /// When that was, by the log.
    at: Option<Time>,
    deliveries: Vec<DeliveryId>,
}

impl Done {
    /// Returns true if that was certainly before `operation`.
    fn precedes(&self, operation: &Operation<QueueJudge>) -> bool {
        self.told < operation.invoked || self.at.zip(operation.at).is_some_and(|(done, at)| done < at)
    }
}

/// When items were delivered for the first time that were pushed late.
#[derive(Debug, Default)]
struct Firsts {
    /// The latest invocation of a push whose item some consumer has.
    newest: u64,
    /// The last delivery that a consumer knows of.
    delivery: DeliveryId,
    /// By the time of first deliveries, the latest invocation of their pushes so far: both rise.
    by_time: BTreeMap<Time, u64>,
}

/// What is remembered of the moment when an operation is invoked: [`Firsts::newest`], [`Firsts::delivery`] and
/// [`Queue::finished`].
#[derive(Copy, Clone, Debug)]
pub struct Known {
    newest: u64,
    delivery: DeliveryId,
    finished: u64,
}

/// Of how many acknowledged items a queue is remembered to have had them. An item that comes back later than that counts
/// as one that nobody pushed.
const DONE: usize = 1 << 14;

type Judged = Result<(), Violation>;

impl Delivery {
    /// Returns true if something other than `operation` may have ended it by this time.
    fn may_be_ended(&self, by: Time, operation: OperationId) -> bool {
        let mut others = self.ends.iter().filter(|&(&id, _)| id != operation);
        others.any(|(_, at)| at.is_none_or(|at| at <= by))
    }

    /// Returns true if the two certainly lasted at the same time.
    fn overlaps(&self, other: &Delivery) -> bool {
        let (Some(one), Some(two)) = (self.span, other.span) else { return false };
        let nobody = OperationId(u64::MAX);
        let lasts =
            |delivery: &Delivery, at: Time, until: Time| at < until && !delivery.may_be_ended(at, nobody);
        // Of two at the same time, either may have been the first.
        (one.0 > two.0 || lasts(self, two.0, one.1)) && (two.0 > one.0 || lasts(other, one.0, two.1))
    }
}

impl Pushed {
    /// Returns true if the item was certainly there when an operation that was invoked at this place took effect.
    fn is_there(&self, invoked: u64) -> bool {
        let mut deliveries = self.deliveries.values();
        self.returned.is_some_and(|returned| returned < invoked)
            && deliveries.all(|delivery| delivery.ends.is_empty() || delivery.handed_back.is_some())
    }

    /// Returns true if the item was certainly ready when a pull, which was invoked at this place, took effect.
    fn is_ready(&self, invoked: u64, at: Time) -> bool {
        let is_elsewhere = |delivery: &Delivery| {
            let is_back = delivery.handed_back.is_some_and(|told| told < invoked);
            let lasts = delivery.span.is_none_or(|(from, until)| from <= at && at < until);
            !is_back && (lasts || !delivery.ends.is_empty())
        };
        self.returned.is_some_and(|returned| returned < invoked)
            && !self.deliveries.values().any(is_elsewhere)
    }
}

impl Firsts {
    /// Takes note of a first delivery of an item whose push was invoked at this place.
    fn add(&mut self, at: Option<Time>, invoked: u64) {
        self.newest = self.newest.max(invoked);
        let Some(at) = at else { return };
        if self.by_time.range(..=at).next_back().is_none_or(|(_, &newest)| newest < invoked) {
            self.by_time.insert(at, invoked);
            let overtaken = self.by_time.range(at..).skip(1).take_while(|&(_, &newest)| newest <= invoked);
            let overtaken: Vec<Time> = overtaken.map(|(&at, _)| at).collect();
            overtaken.iter().for_each(|at| {
                self.by_time.remove(at);
            });
        }
        // What is long past is compared by the order of invocations and ends alone.
        while self.by_time.len() > DONE {
            self.by_time.pop_first();
        }
    }

    /// Returns the latest invocation of a push whose item was delivered before this time.
    fn newest_before(&self, at: Time) -> u64 {
        self.by_time.range(..at).next_back().map_or(0, |(_, &newest)| newest)
    }
}

impl Queue {
    /// Returns a delivery that a client knows of, of an item that is open.
    fn delivery(&mut self, delivery: DeliveryId) -> Option<&mut Delivery> {
        let item = self.deliveries.get(&delivery)?;
        self.open.get_mut(item)?.deliveries.get_mut(&delivery)
    }

    /// An item was acknowledged, as its consumer was told.
    fn finish(&mut self, item: Item, told: u64, at: Option<Time>) {
        let Some(pushed) = self.open.remove(&item) else { return };
        self.finished += 1;
        let deliveries = pushed.deliveries.into_keys().collect();
        self.done.insert(item, Done { told, at, deliveries });
        self.done_in_order.insert(pushed.invoked, item);
        if self.done.len() > DONE {
            let oldest = self.done_in_order.pop_first().and_then(|(_, oldest)| self.done.remove(&oldest));
            oldest.into_iter().flat_map(|done| done.deliveries).for_each(|delivery| {
                self.deliveries.remove(&delivery);
            });
        }
    }
}

impl Operation<QueueJudge> {
    fn objection(&self, item: Item, message: impl fmt::Display) -> Violation {
        self.violation(message).with("queue", self.command.queue().0).with("item", item)
    }
}

impl QueueJudge {
    fn queue(&mut self, command: &Command) -> &mut Queue {
        self.queues.entry(command.queue()).or_default()
    }

    /// Takes note of an operation that may give an item away, or end a delivery.
    fn note(&mut self, id: OperationId, command: &Command, at: Option<Time>) {
        let queue = self.queue(command);
        match *command {
            Command::Pull { lasts, .. } => {
                queue.pulls.insert(id, (at, lasts));
            }
            Command::Ack { delivery, .. } | Command::Nack { delivery, .. } => {
                if let Some(delivery) = queue.delivery(delivery) {
                    delivery.ends.insert(id, at);
                }
            }
            Command::Push { .. } | Command::Size { .. } => {}
        }
    }

    /// Takes note of an operation that has done nothing of that kind, or of which is known what it did.
    fn strike(&mut self, id: OperationId, command: &Command) {
        let queue = self.queue(command);
        match *command {
            Command::Pull { .. } => {
                queue.pulls.remove(&id);
            }
            Command::Ack { delivery, .. } | Command::Nack { delivery, .. } => {
                if let Some(delivery) = queue.delivery(delivery) {
                    delivery.ends.remove(&id);
                }
            }
            Command::Push { .. } | Command::Size { .. } => {}
        }
    }

    fn on_delivered(
        &mut self,
        operation: &Operation<QueueJudge>,
        lasts: Duration,
        (id, item, times): (DeliveryId, Item, u32),
    ) -> Judged {
        let queue = self.queue(&operation.command);
        if id <= operation.memory.delivery || queue.deliveries.contains_key(&id) {
            let message = format_args!("it got {item} as {id}, a number that was given before");
            return Err(operation.objection(item, message));
        }
        queue.firsts.delivery = queue.firsts.delivery.max(id);
        let Some(pushed) = queue.open.get_mut(&item) else {
            return match queue.done.get(&item) {
                None => {
                    Err(operation.objection(item, format_args!("it got {item}, which nobody has pushed")))
                }
                Some(done) if done.precedes(operation) => {
                    Err(operation.objection(item, format_args!("it got {item}, which had been acknowledged")))
                }
                // It was delivered before that, and its consumer hears of it late.
                Some(_) => Ok(()),
            };
        };
        let span = operation.at.map(|at| (at, at + lasts));
        let delivery = Delivery { times, span, ends: BTreeMap::new(), handed_back: None };
        if let Some((other, _)) = pushed.deliveries.iter().find(|(_, other)| other.overlaps(&delivery)) {
            let message = format_args!("it got {item} as {id} while {other} lasted");
            return Err(operation.objection(item, message).with("delivery", other));
        }
        if let Some((other, _)) = pushed.deliveries.iter().find(|(_, other)| other.times == times) {
            let message = format_args!("it got {item} for time {times}, as {other} was");
            return Err(operation.objection(item, message).with("delivery", other));
        }
        if times > 1 && pushed.deliveries.is_empty() && queue.pulls.is_empty() {
            let message = format_args!("it got {item} again, which nobody can have got before");
            return Err(operation.objection(item, message));
        }
        let (invoked, returned) = (pushed.invoked, pushed.returned);
        pushed.deliveries.insert(id, delivery);
        queue.deliveries.insert(id, item);
        if times == 1 {
            let newest = operation.at.map_or(0, |at| queue.firsts.newest_before(at));
            let newest = newest.max(operation.memory.newest);
            if returned.is_some_and(|returned| returned < newest) {
                let message = format_args!("it got {item} after one that was pushed later");
                return Err(operation.objection(item, message));
            }
            queue.firsts.add(operation.at, invoked);
        }
        Ok(())
    }

    fn judge_empty(&mut self, operation: &Operation<QueueJudge>) -> Judged {
        let Some(at) = operation.at else { return Ok(()) };
        let queue = self.queue(&operation.command);
        let mut ready = queue.open.iter().filter(|(_, pushed)| pushed.is_ready(operation.invoked, at));
        let takes = |(from, lasts): &(Option<Time>, Duration)| {
            from.is_none_or(|from| from <= at && at < from + *lasts)
        };
        let taken = queue.pulls.values().filter(|pull| takes(pull)).count();
        match ready.nth(taken) {
            Some((&item, _)) if taken == 0 => {
                Err(operation.objection(item, format_args!("nothing was ready at {at}, though {item} was")))
            }
            Some((&item, _)) => {
                let message = format_args!(
                    "nothing was ready at {at}, though {} items were, {item} among them, of which others may have taken {taken}",
                    taken + 1
                );
                Err(operation.objection(item, message))
            }
            None => Ok(()),
        }
    }

    fn judge_count(&mut self, operation: &Operation<QueueJudge>, count: u64) -> Judged {
        let queue = self.queue(&operation.command);
        let least = queue.open.values().filter(|pushed| pushed.is_there(operation.invoked)).count() as u64;
        let most = queue.open.len() as u64 + queue.finished - operation.memory.finished;
        if (least..=most).contains(&count) {
            return Ok(());
        }
        let message = format_args!("it counted {}, and there were {least} to {most}", plural(count, "item"));
        let violation = operation.violation(message).with("queue", operation.command.queue().0);
        Err(violation.with("count", count).with("least", least).with("most", most))
    }

    /// Judges that a delivery was taken for one that lasts.
    fn judge_accepted(
        &mut self,
        operation: &Operation<QueueJudge>,
        id: DeliveryId,
    ) -> Result<Option<Item>, Violation> {
        let queue = self.queue(&operation.command);
        let Some(&item) = queue.deliveries.get(&id) else {
            // The items of deliveries that are so old are no longer known.
            return Ok(None);
        };
        if let Some(done) = queue.done.get(&item) {
            // An item that was handed back in time may have been acknowledged before its first consumer hears of that.
            if matches!(operation.command, Command::Ack { .. }) || done.precedes(operation) {
                let message = format_args!("{id} was accepted, though {item} was acknowledged");
                return Err(operation.objection(item, message));
            }
            return Ok(None);
        }
        let Some(delivery) = queue.delivery(id) else { return Ok(None) };
        if delivery.handed_back.is_some_and(|told| told < operation.invoked) {
            return Err(operation.objection(item, format_args!("{id} was accepted after it was handed back")));
        }
        match (operation.at, delivery.span) {
            (Some(at), Some((_, until))) if until <= at => {
                let message = format_args!("{id} was accepted at {at}, after its deadline at {until}");
                Err(operation.objection(item, message).with("until", until))
            }
            _ => Ok(Some(item)),
        }
    }

    fn judge_refused(&mut self, operation: &Operation<QueueJudge>, id: DeliveryId) -> Judged {
        let queue = self.queue(&operation.command);
        let (Some(&item), Some(at)) = (queue.deliveries.get(&id), operation.at) else { return Ok(()) };
        let Some(delivery) = queue.delivery(id) else { return Ok(()) };
        match delivery.span {
            Some((from, until)) if from <= at && at < until && !delivery.may_be_ended(at, operation.id) => {
                let message = format_args!("{id} was refused at {at}, before its deadline at {until}");
                Err(operation.objection(item, message).with("until", until))
            }
            _ => Ok(()),
        }
    }
}

impl Judge for QueueJudge {
    type Service = Queues;
    type Memory = Known;

    const CLAIM: &'static str = "items come in order, to one at a time, until acknowledged and not after";

    fn on_invoked(&mut self, now: u64, id: OperationId, command: &Command) -> Known {
        self.note(id, command, None);
        let queue = self.queue(command);
        if let Command::Push { item, .. } = *command {
            let pushed = Pushed { invoked: now, returned: None, deliveries: BTreeMap::new() };
            queue.open.insert(item, pushed);
        }
        let Firsts { newest, delivery, .. } = queue.firsts;
        Known { newest, delivery, finished: queue.finished }
    }

    fn on_executed(&mut self, operation: &Operation<QueueJudge>) {
        self.note(operation.id, &operation.command, operation.at);
    }

    fn on_answered(&mut self, now: u64, operation: &Operation<QueueJudge>, output: &Output) -> Judged {
        self.checked += 1;
        match (&operation.command, output) {
            (&Command::Push { item, .. }, Output::Pushed) => {
                if let Some(pushed) = self.queue(&operation.command).open.get_mut(&item) {
                    pushed.returned = Some(now);
                }
                Ok(())
            }
            (&Command::Pull { lasts, .. }, &Output::Delivered { delivery, item, times }) => {
                self.strike(operation.id, &operation.command);
                self.on_delivered(operation, lasts, (delivery, item, times))
            }
            (Command::Pull { .. }, Output::Empty) => {
                self.strike(operation.id, &operation.command);
                self.judge_empty(operation)
            }
            (&Command::Ack { delivery, .. }, Output::Done) => {
                if let Some(item) = self.judge_accepted(operation, delivery)? {
                    self.queue(&operation.command).finish(item, now, operation.at);
                }
                Ok(())
            }
            (&Command::Nack { delivery, .. }, Output::Done) => {
                self.judge_accepted(operation, delivery)?;
                if let Some(delivery) = self.queue(&operation.command).delivery(delivery) {
                    delivery.handed_back.get_or_insert(now);
                }
                Ok(())
            }
            (&(Command::Ack { delivery, .. } | Command::Nack { delivery, .. }), Output::Refused) => {
                self.strike(operation.id, &operation.command);
                self.judge_refused(operation, delivery)
            }
            (Command::Size { .. }, &Output::Holds { ready, delivered }) => {
                self.judge_count(operation, u64::from(ready) + u64::from(delivered))
            }
            (_, output) => Err(operation.violation(format_args!("{output} is no answer to that"))),
        }
    }

    fn on_failed(&mut self, operation: &Operation<QueueJudge>) {
        self.strike(operation.id, &operation.command);
        if let Command::Push { item, .. } = operation.command {
            self.queue(&operation.command).open.remove(&item);
        }
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

    const QUEUE: QueueId = QueueId(1);

    fn push(item: u64) -> Command {
        Command::Push { queue: QUEUE, item: Item(item) }
    }

    fn pull() -> Command {
        Command::Pull { queue: QUEUE, lasts: Duration::from_nanos(10) }
    }

    fn ack(delivery: u64) -> Command {
        Command::Ack { queue: QUEUE, delivery: DeliveryId(delivery) }
    }

    fn nack(delivery: u64) -> Command {
        Command::Nack { queue: QUEUE, delivery: DeliveryId(delivery) }
    }

    fn delivered(delivery: u64, item: u64, times: u32) -> Output {
        Output::Delivered { delivery: DeliveryId(delivery), item: Item(item), times }
    }

    fn count(ready: u32, delivered: u32) -> Entries<Queues> {
        does(9, Command::Size { queue: QUEUE }, 101, Output::Holds { ready, delivered })
    }

    /// Asserts that after items 7 and 8 were pushed, in this order, and item 7 was delivered at the time 100, for ten
    /// nanoseconds, the judge objects in these words, or to nothing.
    #[track_caller]
    fn assert_judged(then: impl IntoIterator<Item = Entries<Queues>>, words: Option<&str>) {
        let first = [
            does(1, push(7), 99, Output::Pushed),
            does(2, push(8), 99, Output::Pushed),
            does(3, pull(), 100, delivered(1, 7, 1)),
        ];
        let entries = first.into_iter().chain(then).flatten().collect();
        let objection = objection(QueueJudge::default(), entries);
        match words {
            None => assert_eq!(objection, None),
            Some(words) => assert!(objection.as_ref().is_some_and(|it| it.contains(words)), "{objection:?}"),
        }
    }

    #[test]
    fn what_is_promised_is_not_objected_to() {
        let second = || does(4, pull(), 101, delivered(2, 8, 1));
        assert_judged(
            [second(), does(5, ack(2), 102, Output::Done), does(6, pull(), 103, Output::Empty)],
            None,
        );
        assert_judged(
            [does(4, ack(1), 110, Output::Refused), does(5, pull(), 110, delivered(2, 7, 2))],
            None,
        );
        assert_judged([does(4, nack(1), 101, Output::Done), does(5, pull(), 101, delivered(2, 7, 2))], None);
        assert_judged([count(1, 1)], None);
        assert_judged([does(4, ack(1), 101, Output::Done), count(1, 0)], None);
        assert_judged([vec![(4, Asks(ack(1)))], count(1, 0)], None);
        assert_judged([vec![(4, Asks(push(9)))], count(2, 1)], None);
        // The first consumer hears of it when the second has acknowledged the item.
        let late = [vec![(4, Asks(nack(1))), (4, At(101))], does(5, pull(), 101, delivered(2, 7, 2))];
        let then = [does(6, ack(2), 101, Output::Done), vec![(4, Hears(Output::Done))]];
        assert_judged(late.into_iter().chain(then), None);
    }

    #[test]
    fn what_nobody_knows_is_granted() {
        for end in [|| GivesUp, || Crashes] {
            let lost = |command| vec![(4, Asks(command)), (4, end())];
            assert_judged([lost(pull()), does(5, pull(), 101, Output::Empty)], None);
            assert_judged([lost(nack(1)), does(5, pull(), 101, delivered(2, 7, 2))], None);
            assert_judged([lost(ack(1)), does(5, ack(1), 101, Output::Refused)], None);
            assert_judged([lost(push(9)), does(5, pull(), 101, delivered(2, 9, 1))], None);
        }
        // What an item may be hidden by passes.
        let lost = vec![(4, Asks(pull())), (4, GivesUp), (4, At(101))];
        assert_judged(
            [lost, does(5, pull(), 111, Output::Empty)],
            Some("nothing was ready at 111ns, though item 7"),
        );
    }

    #[test]
    fn nothing_is_lost_and_nothing_comes_from_nowhere() {
        assert_judged([does(4, pull(), 101, Output::Empty)], Some("though item 8"));
        assert_judged(
            [does(4, nack(1), 101, Output::Done), does(5, pull(), 101, Output::Empty)],
            Some("item 7"),
        );
        assert_judged([does(4, pull(), 101, delivered(2, 9, 1))], Some("nobody has pushed"));
        assert_judged([count(1, 0)], Some("it counted 1 item, and there were 2 to 2"));
        assert_judged([does(4, ack(1), 101, Output::Done), count(1, 1)], Some("there were 1 to 1"));
        let failed = vec![(4, Asks(push(9))), (4, Fails)];
        assert_judged([failed, does(5, pull(), 101, delivered(2, 9, 1))], Some("nobody has pushed"));
        assert_judged([does(4, pull(), 101, delivered(2, 8, 2))], Some("nobody can have got before"));
    }

    #[test]
    fn nothing_comes_after_its_acknowledgement() {
        let acked = || does(4, ack(1), 101, Output::Done);
        assert_judged([acked(), does(5, pull(), 120, delivered(2, 7, 2))], Some("had been acknowledged"));
        assert_judged([acked(), does(5, ack(1), 102, Output::Done)], Some("though item 7 was acknowledged"));
        assert_judged([acked(), does(5, nack(1), 102, Output::Done)], Some("though item 7 was acknowledged"));
        // A pull that was under way may have come before, but for its time.
        let under_way = |at| {
            let asked = [vec![(5, Asks(pull()))], does(4, nack(1), 101, Output::Done)];
            let then = [does(6, pull(), 105, delivered(3, 7, 3)), does(7, ack(3), 106, Output::Done)];
            let end = vec![(5, At(at)), (5, Hears(delivered(2, 7, 2)))];
            asked.into_iter().chain(then).chain([end])
        };
        assert_judged(under_way(102), None);
        assert_judged(under_way(107), Some("had been acknowledged"));
    }

    #[test]
    fn one_consumer_has_an_item_at_a_time() {
        assert_judged([does(4, pull(), 109, delivered(2, 7, 2))], Some("while delivery 1 lasted"));
        assert_judged([does(4, pull(), 110, delivered(2, 7, 1))], Some("for time 1, as delivery 1"));
        assert_judged([does(4, pull(), 110, delivered(1, 8, 1))], Some("a number that was given before"));
        assert_judged([does(4, ack(1), 109, Output::Refused)], Some("was refused at 109ns"));
        assert_judged([does(4, ack(1), 110, Output::Done)], Some("after its deadline"));
        let back = does(4, nack(1), 101, Output::Done);
        assert_judged([back, does(5, ack(1), 102, Output::Done)], Some("after it was handed back"));
        assert_judged([does(4, pull(), 101, Output::Pushed)], Some("no answer"));
    }

    #[test]
    fn first_deliveries_come_in_the_order_of_pushes() {
        let push_another = || does(4, push(9), 101, Output::Pushed);
        let last = does(5, pull(), 102, delivered(2, 9, 1));
        assert_judged([push_another(), last, does(6, pull(), 103, delivered(3, 8, 1))], Some("pushed later"));
        // At one time either may have been the first, if both were under way.
        let both = |at| {
            let asked = vec![(5, Asks(pull())), (6, Asks(pull())), (5, At(102)), (6, At(at))];
            let told = vec![(5, Hears(delivered(3, 9, 1))), (6, Hears(delivered(2, 8, 1)))];
            [push_another(), asked, told]
        };
        assert_judged(both(102), None);
        assert_judged(both(103), Some("pushed later"));
        // Pushes that were under way together come in any order.
        let together = vec![
            (4, Asks(push(9))),
            (5, Asks(push(10))),
            (4, Hears(Output::Pushed)),
            (5, Hears(Output::Pushed)),
        ];
        let pulls = [(6, 2, 8), (7, 3, 10), (8, 4, 9)];
        let pulls = pulls.map(|(client, id, item)| does(client, pull(), 103, delivered(id, item, 1)));
        assert_judged([together].into_iter().chain(pulls), None);
    }

    #[test]
    fn late_pushes_are_known_by_the_time_of_their_delivery() {
        let mut firsts = Firsts::default();
        for (at, invoked) in [(5, 3), (9, 8), (7, 4), (8, 9), (6, 1), (5, 2)] {
            firsts.add(Some(Time::from_nanos(at)), invoked);
        }
        let before = [5, 6, 7, 8, 9, 10].map(|at| firsts.newest_before(Time::from_nanos(at)));
        assert_eq!((before, firsts.newest), ([0, 3, 3, 4, 9, 9], 9));
    }
}
