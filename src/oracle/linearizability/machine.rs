//! The replicated state machine of a log as the model of what its clients may see.

use super::history::History;
use super::judge::Judge;
use super::model::{Call, Model, OperationOf, Step};
use std::fmt;
use synod_log::{Command, Executed, Machine, Object, Output, Part, history};
use synod_sim::Time;

/// A machine as its own sequential specification, part by part.
///
/// One model serves all machines: a protocol that replicates one need not know which, and the search is compiled once a
/// protocol. Of a machine that knows the time the oracle must be told when each command took effect, by the log: see
/// [`MachineModel::executed`]. One that nobody has executed has had no effect.
#[derive(Clone, Debug)]
pub struct MachineModel(pub Machine);

/// What a client asks of a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The command.
    pub command: Command,
    /// When it took effect, by the log; unknown until a replica has executed it, and always so of a machine that knows no
    /// time.
    pub at: Option<Time>,
    /// When a read was executed anew, in order: it may be asked again, or of several replicas, and the client was told what
    /// it was at one of these times.
    pub again: Vec<Time>,
}

impl fmt::Display for Asked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.command.fmt(out)
    }
}

impl MachineModel {
    /// Returns an entry of a client's history, as the oracle takes it.
    pub fn call(call: &history::Call) -> Call<MachineModel> {
        let step = match &call.step {
            history::Step::Invoke(command) => {
                Step::Invoke(Asked { command: command.clone(), at: None, again: Vec::new() })
            }
            history::Step::Ok(output) => Step::Ok(output.clone()),
            history::Step::Fail => Step::Fail,
            history::Step::Info => Step::Info,
        };
        Call { operation: call.operation, client: call.client, step }
    }

    /// Returns that a replica has executed an operation, as the oracle takes it.
    pub fn executed(executed: Executed) -> Call<MachineModel> {
        Call { operation: executed.operation, client: 0, step: Step::TookEffect(executed.at) }
    }
}

impl Model for MachineModel {
    type Key = Part;
    type Input = Asked;
    type Output = Output;
    type State = Object;

    fn key(&self, input: &Asked) -> Part {
        self.0.part(&input.command)
    }

    fn initial(&self) -> Object {
        self.0.object()
    }

    fn step(&self, state: &Object, input: &Asked, output: Option<&Output>) -> Option<Object> {
        if output.is_none() && !self.may_take_effect(input) {
            return None;
        }
        if input.again.is_empty() {
            return state.step(input.at, &input.command, output);
        }
        // The earliest that fits leaves the most to what follows: of two ticks the second does all.
        let mut times = input.at.iter().chain(&input.again);
        times.find_map(|&at| state.step(Some(at), &input.command, output))
    }

    fn is_read(&self, input: &Asked, output: &Output) -> bool {
        // At its own time a read moves the object's.
        input.at.is_none() && (input.command.is_read() || self.0.is_noop(&input.command, output))
    }

    fn owes(&self, operation: &OperationOf<MachineModel>, other: &OperationOf<MachineModel>) -> bool {
        self.0.owes((&operation.input.command, operation.output()), (&other.input.command, other.output()))
    }

    fn sees(&self, operation: &OperationOf<MachineModel>, other: &OperationOf<MachineModel>) -> bool {
        self.0.sees((&operation.input.command, operation.output()), (&other.input.command, other.output()))
    }

    fn are_alike(&self, input: &Asked, other: &Asked) -> bool {
        input.at == other.at && self.0.are_alike(&input.command, &other.command)
    }

    fn glimpses(&self, operation: &OperationOf<MachineModel>) -> Option<Vec<Object>> {
        self.0.glimpses((&operation.input.command, operation.output()))
    }

    fn awaits(
        &self,
        state: &Object,
        operation: &OperationOf<MachineModel>,
        other: &OperationOf<MachineModel>,
    ) -> bool {
        // An object's time does not fall: what should have taken effect before comes too late.
        let latest = operation.input.again.last().copied().or(operation.input.at);
        latest.is_none_or(|latest| state.now() <= latest)
            && state.awaits(
                (&operation.input.command, operation.output()),
                (&other.input.command, other.output()),
            )
    }

    fn determines(&self, input: &Asked, output: &Output) -> bool {
        self.0.determines(&input.command, output)
    }

    fn may_take_effect(&self, input: &Asked) -> bool {
        input.at.is_some() || !self.has_time()
    }

    fn weight(&self, state: &Object) -> usize {
        state.size()
    }

    fn has_time(&self) -> bool {
        self.0.clock().is_some()
    }

    fn set_time(&self, input: &mut Asked, at: Time) {
        match input.at {
            None => input.at = Some(at),
            // A write takes effect once, and what is executed after that is told again.
            Some(_) if !input.command.is_read() => {}
            Some(first) => {
                input.at = Some(first.min(at));
                let later = first.max(at);
                if at != first
                    && let Err(place) = input.again.binary_search(&later)
                {
                    input.again.insert(place, later);
                }
            }
        }
    }
}

impl From<MachineModel> for Box<dyn Judge<MachineModel>> {
    #[inline(never)]
    fn from(model: MachineModel) -> Box<dyn Judge<MachineModel>> {
        Box::new(History::new(model))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Counterexample, History};
    use super::*;
    use serde::{Deserialize, Serialize};
    use std::collections::BTreeMap;
    use synod_log::Service;
    use synod_sim::{Duration, NodeId, OperationId};

    /// Marks that whoever set them holds until some time: the smallest service with parts and a time.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    struct Marks {
        now: Time,
        set: BTreeMap<u8, Time>,
    }

    #[derive(Clone, Debug, Serialize, Deserialize)]
    enum Ask {
        /// Sets a mark for 10 ns, unless it is set.
        Set(u8),
        IsSet(u8),
    }

    macro_rules! display {
        ($($type:ident)*) => {$(
            impl fmt::Display for $type {
                fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                    fmt::Debug::fmt(self, out)
                }
            }
        )*};
    }

    display! { Marks Ask }

    impl Service for Marks {
        const NAME: &'static str = "marks";
        const CLOCK: Option<Duration> = Some(Duration::ZERO);
        type Command = Ask;
        type Output = bool;

        /// Tells if the mark was set before.
        fn apply(&mut self, ask: &Ask) -> bool {
            let (Ask::Set(mark) | Ask::IsSet(mark)) = ask;
            let was_set = self.set.contains_key(mark);
            if !was_set && matches!(ask, Ask::Set(_)) {
                self.set.insert(*mark, Time::from_nanos(self.now.as_nanos() + 10));
            }
            was_set
        }

        fn is_read(ask: &Ask) -> bool {
            matches!(ask, Ask::IsSet(_))
        }

        fn part(ask: &Ask) -> Part {
            let (Ask::Set(mark) | Ask::IsSet(mark)) = *ask;
            Part::numbered("mark ", mark.into())
        }

        fn tick(&mut self, now: Time) {
            self.now = now;
            self.set.retain(|_, until| *until > now);
        }

        fn now(&self) -> Time {
            self.now
        }
    }

    enum Does {
        Asks(Ask),
        /// A replica executes it at this time.
        At(u64),
        Hears(bool),
        GivesUp,
        Crashes,
    }
    use Does::*;

    /// What becomes of a history of clients that each ask once.
    fn judge(entries: Vec<(u32, Does)>) -> Result<u64, Counterexample<MachineModel>> {
        let mut history = History::new(MachineModel(Machine::new(Marks::default())));
        for (place, (client, does)) in entries.into_iter().enumerate() {
            let (at, operation) = (Time::from_nanos(place as u64), OperationId(client.into()));
            let step = match does {
                Asks(ask) => history::Step::Invoke(Command::of::<Marks>(&ask)),
                Hears(output) => history::Step::Ok(Output::of::<Marks>(&output)),
                GivesUp => history::Step::Info,
                At(nanos) => {
                    let executed = Executed { operation, at: Time::from_nanos(nanos) };
                    history.on_call(at, NodeId(0), MachineModel::executed(executed))?;
                    continue;
                }
                Crashes => {
                    history.on_crash(NodeId(client))?;
                    continue;
                }
            };
            let call = history::Call { operation, client, step };
            history.on_call(at, NodeId(client), MachineModel::call(&call))?;
        }
        history.on_end()?;
        Ok(history.judged())
    }

    #[test]
    fn clients_are_told_what_the_machine_says_at_the_times_of_the_log() {
        let history = |second, at, told| {
            let first = [(1, Asks(Ask::Set(1))), (1, At(5)), (1, Hears(false))];
            judge(first.into_iter().chain([(2, Asks(second)), (2, At(at)), (2, Hears(told))]).collect())
        };
        assert!(matches!(history(Ask::IsSet(1), 14, true), Ok(2)));
        assert!(history(Ask::IsSet(1), 14, false).is_err());
        assert!(matches!(history(Ask::IsSet(1), 15, false), Ok(2)), "it has ended");
        assert!(history(Ask::IsSet(1), 15, true).is_err());
        assert!(history(Ask::IsSet(1), 4, false).is_err(), "the log's time does not fall");
        assert!(matches!(history(Ask::IsSet(2), 4, false), Ok(2)), "but each part is judged by itself");
        assert!(matches!(history(Ask::Set(1), 15, false), Ok(2)));
    }

    #[test]
    fn a_read_that_is_executed_again_may_tell_what_was_at_any_of_its_times() {
        let history = |times: &[u64], told, then| {
            let mut entries =
                vec![(1, Asks(Ask::Set(1))), (1, At(5)), (1, Hears(false)), (2, Asks(Ask::IsSet(1)))];
            entries.extend(times.iter().map(|&at| (2, At(at))));
            entries.extend([(2, Hears(told)), (3, Asks(Ask::Set(1))), (3, At(then)), (3, Hears(false))]);
            judge(entries)
        };
        assert!(history(&[7, 16], true, 16).is_ok() && history(&[16, 7], true, 16).is_ok());
        assert!(history(&[7, 16], false, 16).is_ok());
        assert!(history(&[7, 9], false, 16).is_err(), "it lasts until 15");
        assert!(history(&[7, 20, 16], false, 17).is_ok(), "it is the earliest that fits");
    }

    #[test]
    fn an_order_is_looked_for() {
        let history = |first_at, second_at, told: [bool; 2]| {
            judge(vec![
                (1, Asks(Ask::Set(1))),
                (2, Asks(Ask::Set(1))),
                (2, At(second_at)),
                (1, At(first_at)),
                (1, Hears(told[0])),
                (2, Hears(told[1])),
            ])
        };
        assert!(history(3, 3, [true, false]).is_ok() && history(3, 3, [false, true]).is_ok());
        assert!(history(2, 3, [true, false]).is_err(), "the times of the log tell who was first");
        assert!(history(3, 3, [false, false]).is_err());
    }

    #[test]
    fn who_gave_up_may_have_had_an_effect_from_when_a_replica_says_so_and_at_that_time_alone() {
        for end in [|| GivesUp, || Crashes] {
            let history = |at: Option<u64>, told| {
                let mut entries = vec![(1, Asks(Ask::Set(1))), (1, end())];
                entries.extend(at.map(|at| (1, At(at))));
                entries.extend([(2, Asks(Ask::IsSet(1))), (2, At(20)), (2, Hears(told))]);
                judge(entries)
            };
            assert!(history(None, false).is_ok() && history(None, true).is_err());
            assert!(history(Some(15), false).is_ok(), "it may still come");
            assert!(history(Some(15), true).is_ok());
            assert!(history(Some(10), true).is_err(), "it has ended");
        }
    }

    #[test]
    fn an_offence_is_the_smallest_and_names_its_part() {
        let Err(counterexample) = judge(vec![
            (1, Asks(Ask::Set(1))),
            (1, At(1)),
            (1, Hears(false)),
            (2, Asks(Ask::Set(2))),
            (2, At(2)),
            (2, Hears(false)),
            (3, Asks(Ask::IsSet(2))),
            (3, At(3)),
            (3, Hears(false)),
        ]) else {
            panic!("mark 2 is set")
        };
        let asked: Vec<_> = counterexample.operations.iter().map(|one| one.input.to_string()).collect();
        assert_eq!(asked, ["Set(2)", "IsSet(2)"]);
        let model = MachineModel(Machine::new(Marks::default()));
        assert_eq!(model.key(&counterexample.operations[0].input).to_string(), "mark 2");
    }
}
