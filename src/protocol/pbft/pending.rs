//! Pending requests, in order of arrival; at most one a client.

use super::ledger::ClientId;
use super::message::Request;
use synod_sim::Signed;
use synod_sim::collections::TreeMap;

/// The waiting requests.
#[derive(Debug, Default)]
pub(super) struct Pending {
    by_arrival: TreeMap<u64, Signed<Request>>,
    by_client: TreeMap<ClientId, u64>,
    arrivals: u64,
    /// Requests before this arrival number are proposed already.
    proposed: u64,
}

impl Pending {
    /// Adds `request`; returns false if it, or a later one of the client, is pending already.
    pub(super) fn insert(&mut self, request: &Signed<Request>) -> bool {
        if let Some(arrival) = self.by_client.get(&request.client) {
            if self.by_arrival[arrival].timestamp >= request.timestamp {
                return false;
            }
            self.by_arrival.remove(arrival);
        }
        self.arrivals += 1;
        self.by_client.insert(request.client, self.arrivals);
        self.by_arrival.insert(self.arrivals, request.clone());
        self.assert_sound();
        true
    }

    /// The client's request `timestamp` is executed: it and earlier ones wait no longer.
    pub(super) fn executed(&mut self, client: ClientId, timestamp: u64) {
        if let Some(&arrival) = self.by_client.get(&client)
            && self.by_arrival[&arrival].timestamp <= timestamp
        {
            self.by_arrival.remove(&arrival);
            self.by_client.remove(&client);
        }
        self.assert_sound();
    }

    /// The arrival number of the oldest.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.by_arrival.first_key_value().map(|(&arrival, _)| arrival)
    }

    /// Number of unproposed requests, up to `most`.
    pub(super) fn unproposed(&self, most: usize) -> usize {
        self.by_arrival.range(self.proposed + 1..).take(most).count()
    }

    /// Takes up to `most` unproposed requests for a batch, oldest first; they stay pending until executed.
    pub(super) fn propose(&mut self, most: usize) -> Vec<Signed<Request>> {
        self.assert_sound();
        let mut batch = Vec::with_capacity(most.min(self.by_arrival.len()));
        for (&arrival, request) in self.by_arrival.range(self.proposed + 1..).take(most) {
            self.proposed = arrival;
            batch.push(request.clone());
        }
        batch
    }

    /// A view begins in which nothing is proposed but what `is_proposed` says.
    ///
    /// Proposed requests move before the others, so that what is left to propose stays a suffix of the order.
    pub(super) fn restart(&mut self, is_proposed: impl Fn(&Request) -> bool) {
        let (proposed, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.by_arrival).into_values().partition(|request| is_proposed(request));
        self.by_client.clear();
        for request in &proposed {
            self.insert(request);
        }
        self.proposed = self.arrivals;
        for request in &rest {
            self.insert(request);
        }
    }

    fn assert_sound(&self) {
        assert_eq!(self.by_client.len(), self.by_arrival.len(), "each client waits for one request");
        assert!(self.proposed <= self.arrivals, "what is proposed has arrived");
    }

    /// All of them, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Signed<Request>> {
        self.by_arrival.values()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_arrival.is_empty()
    }
}
