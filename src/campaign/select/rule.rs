//! The rule: a list of rows, of which the first that fits holds.

use serde::Serialize;
use synod_harness::{Demand, FaultClass, Task};
use synod_sim::units::plural;

/// A row: the protocol for a task, a number of agents and a fault class.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The task.
    pub task: Task,
    /// The fault class that it is for: it tolerates no stronger one, and weaker ones are left to cheaper rows.
    pub fault_class: FaultClass,
    /// The least number of agents.
    pub least: u32,
    /// The most.
    pub most: u32,
    /// The protocol's name.
    pub protocol: &'static str,
    /// Why.
    pub why: &'static str,
}

/// The most agents that a row is for where there is no better bound.
const ANY: u32 = u32::MAX;

macro_rules! rows {
    ($($task:ident $fault_class:ident $least:literal..=$most:expr, $protocol:literal: $why:literal;)*) => {
        /// The table, in its order. Numbers are recommendations: every protocol runs at any size that memory allows.
        pub const ROWS: &[Row] = &[$(Row {
            task: Task::$task,
            fault_class: FaultClass::$fault_class,
            least: $least,
            most: $most,
            protocol: $protocol,
            why: $why,
        }),*];
    };
}

rows! {
    Standard Benign 1..=5, "simple": "a few agents, one coordinator, 3(n - 1) messages";
    Standard Benign 6..=1_000, "weighted": "one coordinator still hears everybody in one round: 3(n - 1) messages";
    Standard Benign 1_001..=ANY, "hierarchical": "a tree spares the coordinator: nobody hears more than its own cluster";
    Standard Crash 1..=100, "raft": "a coordinator that crashes is replaced, and what was decided stays";
    Standard Crash 101..=ANY, "hierarchical": "representatives that crash are replaced, cluster by cluster";
    Standard Byzantine 4..=100, "pbft": "agreement among n >= 3f + 1, whatever f of them do, for 2n(n - 1) messages";
    Standard Byzantine 101..=ANY, "distributed": "a committee drawn by lot agrees, for a fraction of the messages of all";
    Expertise Benign 1..=1_000, "weighted": "words weigh as much as their voters have earned";
    Expertise Benign 1_001..=ANY, "hierarchical": "the same weights, added up along a tree";
    Expertise Crash 1..=ANY, "hierarchical": "weights add up along a tree whose representatives are replaced when they crash";
    Expertise Byzantine 4..=1_000, "weighted": "certificates of weight more than (W + F) / 2 bear F that lies";
    Refinement Benign 1..=50, "iterative": "proposals, reviews and refinement in rounds that the silent do not hold up";
    Refinement Crash 1..=50, "iterative": "every phase closes with n - f, and the scores of f liars are trimmed away";
    Refinement Byzantine 4..=50, "iterative": "scores are trimmed on both sides, so that f liars move none of them beyond the honest";
    Distributed Benign 1..=ANY, "hierarchical": "a tree of any size, and the same outcome as a flat vote";
    Distributed Crash 1..=ANY, "hierarchical": "a tree whose representatives are replaced when they crash";
    Distributed Byzantine 4..=ANY, "distributed": "a committee that is honest enough but once in a billion draws";
}

/// What the rule says.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    /// The row that holds.
    pub row: Row,
}

/// That no row fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoMatchingRow {
    /// Why none does.
    pub why: String,
    /// The row of the task that is nearest, and what would have to change.
    pub nearest: Option<(Row, String)>,
}

impl Row {
    fn fits(&self, demand: &Demand) -> bool {
        self.task == demand.task
            && self.fault_class == demand.fault_class
            && (self.least..=self.most).contains(&demand.agents)
    }
}

/// Returns the agents that it takes to bear what is demanded.
fn needed(fault_class: FaultClass, faulty: u32) -> u32 {
    match fault_class {
        FaultClass::Benign => 1,
        FaultClass::Crash => faulty.saturating_mul(2).saturating_add(1),
        FaultClass::Byzantine => faulty.saturating_mul(3).saturating_add(1).max(4),
    }
}

/// Returns the protocol for `demand`: the first row that fits.
///
/// # Errors
/// If no protocol can bear it with so few agents, or if the table has no row for it.
pub fn choose(demand: &Demand) -> Result<Recommendation, NoMatchingRow> {
    let nearest = |agents: u32| {
        let of_task =
            ROWS.iter().filter(|row| row.task == demand.task && row.fault_class == demand.fault_class);
        let distance = |row: &&Row| agents.saturating_sub(row.most).max(row.least.saturating_sub(agents));
        of_task.min_by_key(distance).copied()
    };
    let needed = needed(demand.fault_class, demand.faulty);
    if demand.agents < needed {
        let why = format!(
            "{} cannot tolerate {} with {} faults: it takes {needed}",
            plural(demand.agents.into(), "agent"),
            plural(demand.faulty.into(), "faulty one"),
            demand.fault_class
        );
        let nearest = nearest(needed)
            .map(|row| (row, format!("with {}", plural(needed.max(row.least).into(), "agent"))));
        return Err(NoMatchingRow { why, nearest });
    }
    match ROWS.iter().find(|row| row.fits(demand)) {
        Some(&row) => Ok(Recommendation { row }),
        None => {
            let why = format!(
                "no protocol for {} tasks with {} faults is meant for {}",
                demand.task,
                demand.fault_class,
                plural(demand.agents.into(), "agent")
            );
            let nearest = nearest(demand.agents).map(|row| {
                let size = if demand.agents < row.least { row.least } else { row.most };
                (row, format!("with {}", plural(size.into(), "agent")))
            });
            Err(NoMatchingRow { why, nearest })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requires_progress() -> impl Iterator<Item = Demand> {
        let of = |task| {
            FaultClass::ALL.into_iter().flat_map(move |fault_class| {
                (1..=1_200).flat_map(move |agents| {
                    [0, 1, agents / 4, agents / 2, agents].map(|faulty| Demand {
                        task,
                        agents,
                        fault_class,
                        faulty,
                    })
                })
            })
        };
        Task::ALL.into_iter().flat_map(of)
    }

    /// Y1: for every demand there is an answer, it is of the task, it bears what is demanded, and whoever gets none is
    /// told what is nearest.
    fn judge(choose: impl Fn(&Demand) -> Result<Recommendation, NoMatchingRow>) -> Result<(), String> {
        for demand in requires_progress() {
            match choose(&demand) {
                Ok(Recommendation { row }) => {
                    if row.task != demand.task {
                        return Err(format!("{demand:?} is answered by a row for {}", row.task));
                    }
                    if row.fault_class < demand.fault_class {
                        return Err(format!(
                            "{demand:?} is answered by a row for {} faults",
                            row.fault_class
                        ));
                    }
                    let needed = match row.fault_class {
                        FaultClass::Byzantine => (3 * demand.faulty + 1).max(4),
                        FaultClass::Crash => 2 * demand.faulty + 1,
                        FaultClass::Benign => 1,
                    };
                    if demand.agents < needed {
                        return Err(format!("{demand:?} cannot be borne"));
                    }
                }
                Err(NoMatchingRow { nearest: None, .. }) => {
                    return Err(format!("{demand:?} is left without advice"));
                }
                Err(NoMatchingRow { nearest: Some((row, _)), .. }) if row.task != demand.task => {
                    return Err(format!("{demand:?} is sent to {}", row.task));
                }
                Err(_) => {}
            }
            if choose(&demand) != choose(&demand) {
                return Err(format!("{demand:?} is answered in two ways"));
            }
        }
        Ok(())
    }

    #[test]
    fn the_rule_is_total_and_true_to_the_task() {
        assert_eq!(judge(choose), Ok(()));
    }

    /// The matrix that the rule replaces took any row for standard tasks for any other task as well.
    #[test]
    fn a_rule_that_takes_standard_rows_for_any_task_is_caught() {
        let mutant = |demand: &Demand| {
            let fits = |row: &&Row| {
                (row.task == demand.task || row.task == Task::Standard)
                    && row.fault_class == demand.fault_class
                    && (row.least..=row.most).contains(&demand.agents)
            };
            ROWS.iter()
                .find(fits)
                .map(|&row| Recommendation { row })
                .ok_or(NoMatchingRow { why: String::new(), nearest: None })
        };
        assert!(judge(mutant).is_err());
    }

    /// So was one in which what is borne was a matter of taste.
    #[test]
    fn a_rule_without_guards_is_caught() {
        let mutant = |demand: &Demand| choose(&Demand { faulty: 0, ..*demand });
        assert!(judge(mutant).expect_err("too few agents").contains("cannot be borne"));
    }

    #[test]
    fn who_is_too_few_is_told_how_many_it_takes() {
        let demand =
            Demand { task: Task::Standard, agents: 6, fault_class: FaultClass::Byzantine, faulty: 2 };
        let refused = choose(&demand).expect_err("too few");
        assert_eq!(refused.why, "6 agents cannot tolerate 2 faulty ones with byzantine faults: it takes 7");
        let (row, change) = refused.nearest.expect("there is one");
        assert_eq!((row.protocol, change.as_str()), ("pbft", "with 7 agents"));
        let demand =
            Demand { task: Task::Refinement, agents: 60, fault_class: FaultClass::Benign, faulty: 0 };
        let (row, change) = choose(&demand).expect_err("too many").nearest.expect("there is one");
        assert_eq!((row.protocol, change.as_str()), ("iterative", "with 50 agents"));
    }

    #[test]
    fn every_row_can_be_reached() {
        for row in ROWS {
            let demand =
                Demand { task: row.task, agents: row.least, fault_class: row.fault_class, faulty: 0 };
            assert_eq!(choose(&demand).map(|choice| choice.row), Ok(*row));
        }
    }
}
