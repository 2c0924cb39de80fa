//! The queues themselves.

use super::bug::{Bug, Rules};
use super::command::{Command, DeliveryId, Item, Output, QueueId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use synod_log::{Part, Service};
use synod_sim::{Duration, Time};

/// All queues.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Snapshot")]
pub struct Queues {
    now: Time,
    queues: BTreeMap<QueueId, Queue>,
    /// The bug of a mutant: all replicas have it, those that are restored from a snapshot as well.
    bug: Option<Bug>,
}

/// A queue to which something was pushed.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Queue {
    /// Number of items that were ever pushed.
    pushed: u64,
    /// The last delivery.
    delivery: DeliveryId,
    /// Items that are ready, by their places.
    ready: BTreeMap<u64, Stored>,
    /// Items whose delivery lasts.
    delivered: BTreeMap<DeliveryId, Delivered>,
}

/// An item, and how often it was delivered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Stored {
    item: Item,
    times: u32,
}

/// A delivery that lasts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Delivered {
    until: Time,
    place: u64,
    stored: Stored,
}

/// What a replica reads of a snapshot.
#[derive(Deserialize)]
struct Snapshot {
    now: Time,
    queues: BTreeMap<QueueId, Queue>,
    bug: Option<Bug>,
}

impl From<Snapshot> for Queues {
    fn from(Snapshot { now, mut queues, bug }: Snapshot) -> Queues {
        if !Rules::of(bug).snapshots_hold_deliveries {
            queues.values_mut().for_each(|queue| queue.end_deliveries(|_| true));
        }
        Queues { now, queues, bug }
    }
}

impl Queue {
    /// Makes items ready whose delivery is over.
    fn end_deliveries(&mut self, is_over: impl Fn(&Delivered) -> bool) {
        let over = self.delivered.extract_if(.., |_, delivered| is_over(delivered));
        self.ready.extend(over.map(|(_, delivered)| (delivered.place, delivered.stored)));
    }

    fn pull(&mut self, rules: &Rules, now: Time, lasts: Duration) -> Output {
        let next = if rules.oldest_first { self.ready.first_entry() } else { self.ready.last_entry() };
        let Some(mut next) = next else { return Output::Empty };
        next.get_mut().times += 1;
        let (place, stored) = (*next.key(), next.get().clone());
        let until = now + lasts;
        self.delivery.0 += 1;
        let (delivery, item, times) = (self.delivery, stored.item, stored.times);
        // A delivery of no length is over at once.
        if until > now {
            if rules.delivery_hides {
                next.remove();
            }
            self.delivered.insert(delivery, Delivered { until, place, stored });
        }
        Output::Delivered { delivery, item, times }
    }

    fn count(&self) -> Output {
        Output::Holds { ready: self.ready.len() as u32, delivered: self.delivered.len() as u32 }
    }
}

impl Queues {
    /// Returns empty queues, with the bug of a mutant.
    pub fn new(bug: Option<Bug>) -> Queues {
        Queues { bug, ..Queues::default() }
    }

    fn push(&mut self, id: QueueId, item: Item) -> Output {
        let queue = self.queues.entry(id).or_default();
        queue.pushed += 1;
        queue.ready.insert(queue.pushed, Stored { item, times: 0 });
        Output::Pushed
    }

    fn pull(&mut self, id: QueueId, lasts: Duration) -> Output {
        let (now, rules) = (self.now, Rules::of(self.bug));
        self.queues.get_mut(&id).map_or(Output::Empty, |queue| queue.pull(rules, now, lasts))
    }

    fn acknowledge(&mut self, id: QueueId, delivery: DeliveryId) -> Output {
        let Some(queue) = self.queues.get_mut(&id) else { return Output::Refused };
        let is_known = if Rules::of(self.bug).acknowledgement_removes {
            queue.delivered.remove(&delivery).is_some()
        } else {
            queue.delivered.contains_key(&delivery)
        };
        if is_known { Output::Done } else { Output::Refused }
    }

    fn hand_back(&mut self, id: QueueId, delivery: DeliveryId) -> Output {
        let Some(queue) = self.queues.get_mut(&id) else { return Output::Refused };
        let Some(Delivered { place, stored, .. }) = queue.delivered.remove(&delivery) else {
            return Output::Refused;
        };
        queue.ready.insert(place, stored);
        Output::Done
    }

    fn count(&self, id: QueueId) -> Output {
        self.queues.get(&id).map_or(Output::Holds { ready: 0, delivered: 0 }, Queue::count)
    }
}

impl Service for Queues {
    const NAME: &'static str = "queue";
    const CLOCK: Option<Duration> = Some(Duration::from_millis(10));
    type Command = Command;
    type Output = Output;

    fn apply(&mut self, command: &Command) -> Output {
        match *command {
            Command::Push { queue, item } => self.push(queue, item),
            Command::Pull { queue, lasts } => self.pull(queue, lasts),
            Command::Ack { queue, delivery } => self.acknowledge(queue, delivery),
            Command::Nack { queue, delivery } => self.hand_back(queue, delivery),
            Command::Size { queue } => self.count(queue),
        }
    }

    fn is_read(command: &Command) -> bool {
        matches!(command, Command::Size { .. })
    }

    fn read(&self, command: &Command) -> Output {
        self.count(command.queue())
    }

    fn part(command: &Command) -> Part {
        Part::numbered("queue ", command.queue().0.into())
    }

    fn tick(&mut self, now: Time) {
        self.now = now;
        let rules = Rules::of(self.bug);
        let is_over = |delivered: &Delivered| delivered.until <= now || !rules.deliveries_last;
        for queue in self.queues.values_mut() {
            if rules.deadline_returns {
                queue.end_deliveries(is_over);
            } else {
                queue.delivered.retain(|_, delivered| !is_over(delivered));
            }
        }
    }

    fn now(&self) -> Time {
        self.now
    }

    fn deadline(&self) -> Option<Time> {
        let delivered = self.queues.values().flat_map(|queue| queue.delivered.values());
        delivered.map(|delivered| delivered.until).min()
    }

    fn is_noop(command: &Command, output: &Output) -> bool {
        Queues::is_read(command) || matches!(output, Output::Empty | Output::Refused)
    }

    fn owes(_: (&Command, Option<&Output>), other: (&Command, Option<&Output>)) -> bool {
        !Queues::is_read(other.0) && other.1.is_none_or(|told| !Queues::is_noop(other.0, told))
    }
}

impl fmt::Display for Queues {
    /// The items of each queue, in order.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.queues.is_empty() {
            return write!(out, "nothing");
        }
        for (place, (id, queue)) in self.queues.iter().enumerate() {
            write!(out, "{}{id}:", if place == 0 { "" } else { ", " })?;
            queue.ready.values().try_for_each(|stored| write!(out, " {}", stored.item.0))?;
            for (delivery, Delivered { stored, until, .. }) in &queue.delivered {
                write!(out, " {} ({delivery} until {until})", stored.item.0)?;
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

    proptest! {
        #[test]
        fn it_keeps_the_laws_of_a_service(steps in vec((0..9u8, 0..2u32, 0..6u64, 0..50u64), 0..60)) {
            let mut now = 0;
            let input = |(kind, queue, number, nanos)| {
                let (queue, delivery) = (QueueId(queue), DeliveryId(number));
                Input::Command(match kind {
                    0 => {
                        now += nanos;
                        return Input::Tick(Time::from_nanos(now));
                    }
                    1 => Command::Size { queue },
                    2 => Command::Ack { queue, delivery },
                    3 => Command::Nack { queue, delivery },
                    4..7 => Command::Pull { queue, lasts: Duration::from_nanos(nanos) },
                    _ => Command::Push { queue, item: Item(nanos) },
                })
            };
            let inputs: Vec<_> = steps.into_iter().map(input).collect();
            check(&Queues::default(), &inputs);
        }
    }

    #[test]
    fn the_deadline_is_that_of_the_delivery_that_ends_first() {
        let queue = QueueId(1);
        let mut queues = Queues::default();
        let mut ask = |command: Command| {
            queues.apply(&command);
            queues.deadline().map(Time::as_nanos)
        };
        let pull = |nanos| Command::Pull { queue, lasts: Duration::from_nanos(nanos) };
        assert_eq!(ask(Command::Push { queue, item: Item(1) }), None);
        assert_eq!(ask(Command::Push { queue, item: Item(2) }), None);
        assert_eq!(ask(pull(9)), Some(9));
        assert_eq!(ask(pull(5)), Some(5));
        assert_eq!(ask(Command::Nack { queue, delivery: DeliveryId(2) }), Some(9));
        assert_eq!(ask(Command::Ack { queue, delivery: DeliveryId(1) }), None);
        assert_eq!(ask(pull(0)), None, "over at once");
    }

    #[test]
    fn what_is_handed_back_or_forgotten_takes_its_old_place() {
        let queue = QueueId(1);
        let mut queues = Queues::default();
        let items = |queues: &mut Queues| {
            let pull = Command::Pull { queue, lasts: Duration::from_nanos(100) };
            let next = || match queues.apply(&pull) {
                Output::Delivered { item, .. } => Some(item.0),
                _ => None,
            };
            std::iter::from_fn(next).collect::<Vec<u64>>()
        };
        (1..=4).for_each(|item| {
            queues.apply(&Command::Push { queue, item: Item(item) });
        });
        assert_eq!(items(&mut queues), [1, 2, 3, 4]);
        for delivery in [3, 1, 4] {
            queues.apply(&Command::Nack { queue, delivery: DeliveryId(delivery) });
        }
        queues.apply(&Command::Push { queue, item: Item(5) });
        assert_eq!(items(&mut queues), [1, 3, 4, 5], "before what came later");
        queues.tick(Time::from_nanos(100));
        assert_eq!(items(&mut queues), [1, 2, 3, 4, 5], "and so where deliveries end");
    }

    #[test]
    fn items_come_in_order_and_again_until_they_are_acknowledged() {
        let queue = QueueId(1);
        let push = |item| Command::Push { queue, item: Item(item) };
        let pull = Command::Pull { queue, lasts: Duration::from_nanos(10) };
        let [ack, nack] = [
            |delivery| Command::Ack { queue: QueueId(1), delivery: DeliveryId(delivery) },
            |delivery| Command::Nack { queue: QueueId(1), delivery: DeliveryId(delivery) },
        ];
        let delivered = |delivery, item, times| Output::Delivered {
            delivery: DeliveryId(delivery),
            item: Item(item),
            times,
        };
        let mut queues = Queues::default();
        for (at, command, output) in [
            (1, pull.clone(), Output::Empty),
            (1, push(7), Output::Pushed),
            (1, push(8), Output::Pushed),
            (1, pull.clone(), delivered(1, 7, 1)),
            (2, pull.clone(), delivered(2, 8, 1)),
            (2, pull.clone(), Output::Empty),
            (3, Command::Size { queue }, Output::Holds { ready: 0, delivered: 2 }),
            (3, ack(2), Output::Done),
            (3, ack(2), Output::Refused),
            (11, ack(1), Output::Refused),
            (11, push(9), Output::Pushed),
            (11, pull.clone(), delivered(3, 7, 2)),
            (12, nack(3), Output::Done),
            (12, pull.clone(), delivered(4, 7, 3)),
            (13, pull.clone(), delivered(5, 9, 1)),
            (13, ack(4), Output::Done),
            (30, pull, delivered(6, 9, 2)),
        ] {
            queues.tick(Time::from_nanos(at));
            assert_eq!(queues.apply(&command), output, "{command} at {at}");
        }
        assert_eq!(queues.to_string(), "queue 1: 9 (delivery 6 until 40ns)");
    }
}
