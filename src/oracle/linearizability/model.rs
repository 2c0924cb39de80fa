//! What a history is checked against: a sequential object, and the operations that clients saw.

use std::fmt;
use synod_sim::{NodeId, OperationId, Time};

/// A sequential object that consists of independent parts, its keys.
///
/// A history is linearizable if it is so key by key, so each key is judged on its own (M. Herlihy and J. Wing,
/// *Linearizability: a correctness condition for concurrent objects*, TOPLAS 12(3), 1990, theorem 1: locality).
pub trait Model: Clone + 'static {
    /// Names a part.
    type Key: Clone + Ord + fmt::Display;
    /// What a client asks.
    type Input: Clone + PartialEq + fmt::Display;
    /// What it is told.
    type Output: Clone + fmt::Display;
    /// What a part holds.
    type State: Clone + Ord + fmt::Display;

    /// Returns the part that `input` concerns.
    fn key(&self, input: &Self::Input) -> Self::Key;

    /// Returns what a part holds in the beginning.
    fn initial(&self) -> Self::State;

    /// Returns what a part that held `state` holds after `input`; `None` if the client cannot have been told `output`
    /// then. Where nobody knows what the client would have been told, anything goes.
    fn step(
        &self,
        state: &Self::State,
        input: &Self::Input,
        output: Option<&Self::Output>,
    ) -> Option<Self::State>;

    /// Returns true if an operation that was told `output` has changed nothing, whatever the part held.
    fn is_read(&self, input: &Self::Input, output: &Self::Output) -> bool;

    /// Returns true if `operation` may owe its outcome to `other`.
    ///
    /// Take operations out of a linearizable history to which none of those that stay owes anything, and what stays
    /// must be linearizable: on that rests what is left out of the smallest offending history. True is always right.
    fn owes(
        &self,
        operation: &Operation<Self::Input, Self::Output>,
        other: &Operation<Self::Input, Self::Output>,
    ) -> bool;

    /// Returns true if `operation` may tell that `other` took effect before it, and not only that something did.
    ///
    /// An operation that nobody sees makes no difference to others but that they do not find what was there before: it
    /// is tried where one awaits it, and nowhere else. What [`Model::owes`] says is always right.
    fn sees(
        &self,
        operation: &Operation<Self::Input, Self::Output>,
        other: &Operation<Self::Input, Self::Output>,
    ) -> bool {
        self.owes(operation, other)
    }

    /// Returns true if it makes no difference to anybody which of two inputs takes effect, as long as nobody sees either.
    fn are_alike(&self, input: &Self::Input, other: &Self::Input) -> bool {
        input == other
    }

    /// Returns the states through which a part may come to what `operation` tells of it, by operations that add to what is
    /// there; `None` if that cannot be said.
    ///
    /// Of a state that is none of these, for no operation, nobody will ever tell anything, nor of what is added to it. One
    /// such state is as good as another.
    fn glimpses(&self, operation: &Operation<Self::Input, Self::Output>) -> Option<Vec<Self::State>> {
        let _ = operation;
        None
    }

    /// Returns true if `operation`, which does not fit in `state`, may do so after `other`, at once or after still others.
    ///
    /// Where it does not fit, and none of those that may come before it is such another, no order is left. It is
    /// [`Model::owes`] with a closer look, and what that says is always right.
    fn awaits(
        &self,
        state: &Self::State,
        operation: &Operation<Self::Input, Self::Output>,
        other: &Operation<Self::Input, Self::Output>,
    ) -> bool {
        let _ = state;
        self.owes(operation, other)
    }

    /// Returns false if a part that holds `state` will never hold what `operation` tells of it, whatever takes effect in
    /// between: it only grows, say, and what it holds is not where that began. True is always right.
    fn may_lead_to(&self, state: &Self::State, operation: &Operation<Self::Input, Self::Output>) -> bool {
        let _ = (state, operation);
        true
    }

    /// Returns true if a part holds the same after an operation that was told `output`, whatever it held before. False is
    /// always right.
    fn determines(&self, input: &Self::Input, output: &Self::Output) -> bool {
        let _ = (input, output);
        false
    }

    /// Returns false if nobody has carried `input` out, and so it has had no effect so far.
    fn may_take_effect(&self, input: &Self::Input) -> bool {
        let _ = input;
        true
    }

    /// Returns how much memory `state` takes beside its own size, in bytes, near enough.
    fn weight(&self, state: &Self::State) -> usize {
        let _ = state;
        0
    }

    /// Returns true if the object has a time of its own, and what an operation does depends on when it takes effect.
    fn has_time(&self) -> bool {
        false
    }

    /// Takes note that an operation took effect at the time `at`, by the object's own.
    fn set_time(&self, input: &mut Self::Input, at: Time) {
        let _ = (input, at);
    }
}

/// An entry of a client's history. A client has one operation under way at most.
pub struct Call<M: Model> {
    /// The operation.
    pub operation: OperationId,
    /// The client.
    pub client: u32,
    /// How far it is.
    pub step: Step<M>,
}

/// How far a client's operation is.
pub enum Step<M: Model> {
    /// The client has asked: the operation may take effect from now on.
    Invoke(M::Input),
    /// The client was told: the operation took effect before now.
    Ok(M::Output),
    /// The operation has not taken effect and never will.
    Fail,
    /// The client has given up: the operation may have taken effect, may still do so, or may never.
    Info,
    /// The operation takes effect at this time by the object's own, which somebody else knows: it may come at any time
    /// after the invocation, even after the end. Only the first counts.
    TookEffect(Time),
}

/// A place in the one order of all invocations and returns of a run.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its number.
    pub number: u64,
    /// When that was.
    pub at: Time,
}

/// What a client asked, and what came of it. It precedes another if it returned before that was invoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation<I, O> {
    /// The client.
    pub client: u32,
    /// The node that speaks for it.
    pub node: NodeId,
    /// What it asked.
    pub input: I,
    /// The invocation.
    pub invoked: Place,
    /// The return, with what the client was told; `None` if the operation may take effect at any time from its
    /// invocation on, or never.
    pub returned: Option<(Place, O)>,
}

impl<I, O> Operation<I, O> {
    /// Returns what the client was told.
    pub fn output(&self) -> Option<&O> {
        self.returned.as_ref().map(|(_, output)| output)
    }
}

/// An operation on an object of `M`.
pub type OperationOf<M> = Operation<<M as Model>::Input, <M as Model>::Output>;
