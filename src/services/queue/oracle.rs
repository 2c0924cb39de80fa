//! The oracle of the queues: nothing lost, nothing after its acknowledgement, one consumer at a time, first come first
//! served.

use super::command::{Command, DeliveryId, Item, Output, QueueId};
use super::machine::Queues;
use crate::judge::{Judge, Operation};
use std::collections::BTreeMap;
use std::fmt;
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

/// What is remembered of the moment when an operation is invoked: [`Firsts::newest`] and [`Firsts::delivery`].
#[derive(Copy, Clone, Debug)]
pub struct Known {
    newest: u64,
    delivery: DeliveryId,
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
            Some((&item, _)) => {
                let others = if taken == 0 { String::new() } else { format!(" and {taken} others") };
                Err(operation
                    .objection(item, format_args!("nothing was ready at {at}, though {item}{others} were")))
            }
            None => Ok(()),
        }
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

    const NAME: &'static str = "queue";
    const CLAIM: &'static str = "items come first in the order of their pushes, to one consumer at a time, again until they are acknowledged, and never after that";

    fn on_invoked(&mut self, now: u64, id: OperationId, command: &Command) -> Known {
        self.note(id, command, None);
        let queue = self.queue(command);
        if let Command::Push { item, .. } = *command {
            let pushed = Pushed { invoked: now, returned: None, deliveries: BTreeMap::new() };
            queue.open.insert(item, pushed);
        }
        let Firsts { newest, delivery, .. } = queue.firsts;
        Known { newest, delivery }
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
            (Command::Size { .. }, Output::Holds { .. }) => Ok(()),
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
