//! Clients of the queues, as clients behave.

use super::command::{Command, DeliveryId, Item, Output, QueueId};
use super::machine::Queues;
use super::params::QueueParams;
use crate::draw::{admits, below, choose};
use synod_log::Source;
use synod_sim::Stream;

/// A client produces and consumes: it pushes items, and what it pulls it acknowledges, hands back, or forgets, so that
/// somebody else gets it. Now and then it comes back with a delivery of old.
#[derive(Clone, Debug)]
pub struct QueueClient {
    params: QueueParams,
    /// What was delivered to it and is not done with.
    has: Option<(QueueId, DeliveryId)>,
    /// What was delivered to it before.
    old: Option<(QueueId, DeliveryId)>,
}

impl QueueClient {
    /// Returns a client that has asked nothing yet.
    pub fn new(params: QueueParams) -> QueueClient {
        QueueClient { params, has: None, old: None }
    }
}

impl Source for QueueClient {
    type Service = Queues;

    fn draw(&mut self, stream: &mut Stream, number: u64) -> Command {
        let QueueParams { queues, lasts, push, look, hand_back, forget, stale, .. } = self.params;
        if let Some((queue, delivery)) = self.old.filter(|_| admits(stale, stream)) {
            return match below(stream, 2) {
                0 => Command::Ack { queue, delivery },
                _ => Command::Nack { queue, delivery },
            };
        }
        if let Some((queue, delivery)) = self.has.take() {
            self.old = Some((queue, delivery));
            match choose(stream, [hand_back, forget]) {
                Some(0) => return Command::Nack { queue, delivery },
                Some(_) => {}
                None => return Command::Ack { queue, delivery },
            }
        }
        let queue = QueueId(below(stream, queues));
        match choose(stream, [push, look]) {
            Some(0) => Command::Push { queue, item: Item(number) },
            Some(_) => Command::Size { queue },
            None => Command::Pull { queue, lasts: lasts.0 },
        }
    }

    fn learn(&mut self, command: &Command, output: &Output) {
        if let Output::Delivered { delivery, .. } = output {
            self.has = Some((command.queue(), *delivery));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use synod_log::Service;
    use synod_sim::{Duration, Purpose, Streams, Time};

    #[test]
    fn clients_push_and_pull_and_do_with_items_what_consumers_do() {
        let mut stream = Streams::new(1).stream(Purpose::Node, 0);
        let mut clients = vec![QueueClient::new(QueueParams::default()); 3];
        let mut queues = Queues::default();
        let mut told = [0; 8];
        for number in 1..=12_000 {
            queues.tick(Time::ZERO + Duration::from_millis(number * 5));
            let client = &mut clients[number as usize % 3];
            let command = client.draw(&mut stream, number);
            let output = queues.apply(&command);
            client.learn(&command, &output);
            told[match (&command, &output) {
                (Command::Push { .. }, _) => 0,
                (Command::Pull { .. }, Output::Delivered { times: 1, .. }) => 1,
                (Command::Pull { .. }, Output::Delivered { .. }) => 2,
                (Command::Pull { .. }, _) => 3,
                (Command::Ack { .. }, Output::Done) => 4,
                (Command::Nack { .. }, Output::Done) => 5,
                (Command::Size { .. }, _) => 6,
                (_, _) => 7,
            }] += 1;
        }
        assert!(told.iter().all(|&count| count > 150), "{told:?}");
    }

    #[test]
    fn what_clients_do_has_the_shares_of_their_parameters() {
        let mut stream = Streams::new(2).stream(Purpose::Node, 0);
        let params = QueueParams { stale: crate::draw::percent(50), ..QueueParams::default() };
        let (queue, delivery) = (QueueId(1), DeliveryId(1));
        let mut counts = [0; 6];
        for number in 0..20_000 {
            let mut fresh = QueueClient::new(params);
            match fresh.draw(&mut stream, number) {
                Command::Push { .. } => counts[0] += 1,
                Command::Size { .. } => counts[1] += 1,
                _ => {}
            }
            let mut late = QueueClient { old: Some((queue, delivery)), ..QueueClient::new(params) };
            match late.draw(&mut stream, number) {
                Command::Ack { .. } => counts[2] += 1,
                Command::Nack { .. } => counts[3] += 1,
                _ => {}
            }
            let mut busy = QueueClient { has: Some((queue, delivery)), ..QueueClient::new(params) };
            match busy.draw(&mut stream, number) {
                Command::Ack { .. } => counts[4] += 1,
                Command::Nack { .. } => counts[5] += 1,
                _ => {}
            }
        }
        // Four standard errors of a share of a half are 283.
        let expected = [8_000, 1_000, 5_000, 5_000, 16_000, 2_000];
        let is_near = |(count, expected): (i32, i32)| (count - expected).abs() < 283;
        assert!(counts.into_iter().zip(expected).all(is_near), "{counts:?}");
    }
}
