//! Interceptors and networks made of closures.

use synod_sim::inject::{Action, AdversaryContext, Direction, Envelope, Interceptor};
use synod_sim::network::{Arrival, Fate, Transmission};
use synod_sim::{Message, Network, NodeId, Time};

/// Returns an interceptor that asks `decide` about every copy that any node sends.
///
/// ```
/// use synod_sim::inject::Action;
/// use synod_testing::script::{Actor, Input};
/// use synod_testing::{TestRun, at, on_copies};
///
/// // Nothing odd gets through, and even numbers only from 10 ms on.
/// let picky = on_copies(|wire, copy| match copy.message % 2 == 0 && wire.now >= at(10) {
///     true => Action::Pass,
///     false => Action::Drop,
/// });
/// let run = TestRun::<Actor>::scripted(2, |_, ctx, input| {
///     if let (Input::Start, 0) = (input, ctx.me().0) {
///         ctx.broadcast(2);
///     }
/// });
/// assert_eq!(run.intercept(picky).run().end.tally.delivered, 0);
/// ```
pub fn on_copies<M: Message>(
    decide: impl FnMut(&mut AdversaryContext<'_, M>, &Envelope<'_, M>) -> Action<M> + 'static,
) -> Box<dyn Interceptor<M>> {
    Box::new(OnCopies { nodes: None, decide })
}

/// Returns an interceptor that asks `decide` about every copy that one of `nodes` sends.
pub fn on_copies_of<M: Message>(
    nodes: impl IntoIterator<Item = u32>,
    decide: impl FnMut(&mut AdversaryContext<'_, M>, &Envelope<'_, M>) -> Action<M> + 'static,
) -> Box<dyn Interceptor<M>> {
    let nodes = Some(nodes.into_iter().map(NodeId).collect());
    Box::new(OnCopies { nodes, decide })
}

struct OnCopies<F> {
    /// `None` for all.
    nodes: Option<Vec<NodeId>>,
    decide: F,
}

impl<M, F> Interceptor<M> for OnCopies<F>
where
    M: Message,
    F: FnMut(&mut AdversaryContext<'_, M>, &Envelope<'_, M>) -> Action<M>,
{
    fn covers(&self, node: NodeId, way: Direction) -> bool {
        way == Direction::Outbound && self.nodes.as_ref().is_none_or(|nodes| nodes.contains(&node))
    }

    fn intercept(
        &mut self,
        wire: &mut AdversaryContext<'_, M>,
        _: Direction,
        copy: &Envelope<'_, M>,
    ) -> Action<M> {
        (self.decide)(wire, copy)
    }
}

/// Returns a network that decides by a function of (sender, receiver, message number, time of departure).
///
/// ```
/// use synod_sim::network::{Fate, LossCause};
/// use synod_testing::script::{Actor, Input};
/// use synod_testing::{TestRun, ms, network_fn};
///
/// // Links lead up in a millisecond, and never down.
/// let uphill = network_fn(|from, to, _, at| match from < to {
///     true => Fate::Intact(at + ms(1)),
///     false => Fate::Lost(LossCause::Chance),
/// });
/// let run = TestRun::<Actor>::scripted(3, |_, ctx, input| {
///     if let Input::Start = input {
///         ctx.broadcast(1);
///     }
/// });
/// assert_eq!(run.network(uphill).run().end.tally.delivered, 3);
/// ```
pub fn network_fn(decide: impl Fn(NodeId, NodeId, u64, Time) -> Fate + 'static) -> impl Network {
    NetworkFn(decide)
}

struct NetworkFn<F>(F);

impl<F: Fn(NodeId, NodeId, u64, Time) -> Fate> Network for NetworkFn<F> {
    fn route(&mut self, transmission: &Transmission<'_>, arrivals: &mut Vec<Arrival>) {
        let &Transmission { from, number, at, .. } = transmission;
        transmission
            .to
            .for_each(from, |to| arrivals.push(Arrival { to, fate: (self.0)(from, to, number, at) }));
    }
}
