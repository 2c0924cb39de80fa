//! `groups:`: what the agents are like.

use super::error::{Problem, quote};
use super::path::Path;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::rc::Rc;
use synod_common::profile::{Factors, PastRecord, Profile, Traits};
use synod_sim::Duration;
use synod_sim::units::plural;
use synod_sim::units::{Rate, Share};

/// Agents that are alike. Agents are numbered in the order of the groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The name.
    pub name: String,
    /// How many agents it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Or: its share of all agents. What cannot be divided goes to the largest remainders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
    /// How likely a member's opinion is right.
    #[serde(default = "whole")]
    pub competence: Share,
    /// How strongly the members' errors go together: 0% not at all, at 100% all err at once.
    #[serde(default)]
    pub correlation: Share,
    /// How likely a member answers at all when it is asked.
    #[serde(default = "whole")]
    pub reliability: Share,
    /// What a member's word weighs, relative to others', where weights are given.
    #[serde(default = "one")]
    pub weight: u64,
    /// What members have shown before: by it weights are earned. Nothing, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordShape>,
    /// What asking a member costs, in micro-units.
    #[serde(default)]
    pub cost: u64,
    /// How many opinions a member forms in so long; it takes no time, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<Rate>,
}

/// What an agent has shown before.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordShape {
    /// By tasks.
    Tasks(TasksShape),
    /// By several factors, which are weighed 30, 20, 30 and 20 %.
    Factors(FactorsShape),
}

/// Tasks whose right answer is known by now.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TasksShape {
    /// How many it got right.
    pub correct: u32,
    /// How many there were.
    pub total: u32,
}

/// What an agent's expertise is judged by.
#[derive(Copy, Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorsShape {
    /// How often it was right.
    pub accuracy: Share,
    /// How steady it is.
    pub consistency: Share,
    /// How near the question is to its field.
    pub domain: Share,
    /// How well it did of late.
    pub performance: Share,
}

fn whole() -> Share {
    Share::WHOLE
}

fn one() -> u64 {
    1
}

/// A weight that still can be summed over all agents.
const MAX_WEIGHT: u64 = 1_000_000_000;

/// Checks that the groups cover all agents, and that what they say is possible.
pub(super) fn check(groups: &[Group], agents: u32) -> Result<(), Problem> {
    let here = |index: usize| Path::of(["groups"]).to(index);
    for (index, group) in groups.iter().enumerate() {
        if let Some(first) = groups[..index].iter().position(|other| other.name == group.name) {
            let message = format!("group {first} has the name {} already", quote(&group.name));
            return Err(Problem::new(here(index).to("name"), message));
        }
        match (group.count, group.share) {
            (None, None) => {
                let message = format!("how large is {}?", quote(&group.name));
                return Err(Problem::new(here(index), message).help("give count or share"));
            }
            (Some(_), Some(_)) => {
                let message = "a group has a count or a share, not both";
                return Err(Problem::new(here(index).to("share"), message));
            }
            (count, _) if count.is_some() != groups[0].count.is_some() => {
                let field = if count.is_some() { "count" } else { "share" };
                let message = "other groups say their size in the other way";
                return Err(Problem::new(here(index).to(field), message)
                    .help("give a count to all, or a share to all"));
            }
            _ => {}
        }
        group.check(&here(index))?;
    }
    check_cover(groups, agents)
}

fn check_cover(groups: &[Group], agents: u32) -> Result<(), Problem> {
    let refuse = |message: String| Err(Problem::new(Path::of(["groups"]), message));
    let counted: u64 = groups.iter().filter_map(|group| group.count).map(u64::from).sum();
    let shared: u64 = groups.iter().filter_map(|group| group.share).map(|share| u64::from(share.ppb())).sum();
    match groups.first() {
        Some(Group { count: Some(_), .. }) if counted != u64::from(agents) => {
            refuse(format!("the groups have {}, the scenario {agents}", plural(counted, "agent")))
        }
        Some(Group { share: Some(_), .. }) if shared != u64::from(Share::WHOLE.ppb()) => {
            refuse(format!("the shares of the groups add up to {}%, not 100%", shared as f64 / 1e7))
        }
        _ => Ok(()),
    }
}

impl Group {
    fn check(&self, here: &Path) -> Result<(), Problem> {
        if !(1..=MAX_WEIGHT).contains(&self.weight) {
            return Err(Problem::new(here.to("weight"), format!("a weight is 1 to {MAX_WEIGHT}")));
        }
        match self.record {
            Some(RecordShape::Tasks(TasksShape { correct, total })) if correct > total => {
                let message = format!("{correct} of {} cannot be right", plural(total.into(), "task"));
                Err(Problem::new(here.to("record").to("tasks").to("correct"), message))
            }
            _ => Ok(()),
        }
    }

    fn traits(&self) -> Traits {
        Traits {
            competence_ppm: ppm(self.competence),
            correlation_ppm: ppm(self.correlation),
            reliability_ppm: ppm(self.reliability),
            weight: self.weight,
            record: self.record.map_or(Traits::default().record, RecordShape::resolved),
            thinking: self.speed.map_or(Duration::ZERO, Rate::mean_interval),
        }
    }
}

impl RecordShape {
    fn resolved(self) -> PastRecord {
        match self {
            RecordShape::Tasks(TasksShape { correct, total }) => PastRecord::Tasks { correct, total },
            RecordShape::Factors(factors) => PastRecord::Factors(Factors {
                accuracy_ppm: ppm(factors.accuracy),
                consistency_ppm: ppm(factors.consistency),
                domain_ppm: ppm(factors.domain),
                performance_ppm: ppm(factors.performance),
            }),
        }
    }
}

fn ppm(share: Share) -> u32 {
    share.ppb() / 1_000
}

/// Returns what each of so many agents is like; all are alike where there are no groups.
pub(super) fn profiles(groups: &[Group], agents: u32) -> Rc<[Profile]> {
    if groups.is_empty() {
        let traits = Rc::new(Traits::default());
        return (0..agents).map(|place| Profile { group: 0, place, traits: Rc::clone(&traits) }).collect();
    }
    let members = |(group, (shape, size)): (u32, (&Group, u32))| {
        let traits = Rc::new(shape.traits());
        (0..size).map(move |place| Profile { group, place, traits: Rc::clone(&traits) })
    };
    (0..).zip(groups.iter().zip(sizes(groups, agents))).flat_map(members).collect()
}

/// Returns how many agents each group has: shares are divided by the largest remainders, of equal ones to the first.
pub(super) fn sizes(groups: &[Group], agents: u32) -> Vec<u32> {
    let parts = |group: &Group| match (group.count, group.share) {
        (Some(count), _) => u64::from(count) * u64::from(Share::WHOLE.ppb()),
        (None, share) => u64::from(share.unwrap_or_default().ppb()) * u64::from(agents),
    };
    let parts: Vec<u64> = groups.iter().map(parts).collect();
    let whole = u64::from(Share::WHOLE.ppb());
    let mut sizes: Vec<u32> = parts.iter().map(|part| (part / whole) as u32).collect();
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&index| (std::cmp::Reverse(parts[index] % whole), index));
    let left = agents - sizes.iter().sum::<u32>();
    order.into_iter().take(left as usize).for_each(|index| sizes[index] += 1);
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(percents: &[u32]) -> Vec<Group> {
        let group = |(index, percent): (usize, &u32)| Group {
            name: format!("g{index}"),
            count: None,
            share: Share::from_ppb(percent * 10_000_000),
            competence: Share::WHOLE,
            correlation: Share::NONE,
            reliability: Share::WHOLE,
            weight: 1,
            record: None,
            cost: 0,
            speed: None,
        };
        percents.iter().enumerate().map(group).collect()
    }

    #[test]
    fn shares_are_divided_by_the_largest_remainders() {
        let mix = shares(&[20, 30, 20, 10, 20]);
        assert_eq!(sizes(&mix, 10), [2, 3, 2, 1, 2]);
        assert_eq!(sizes(&mix, 25), [5, 8, 5, 2, 5]);
        assert_eq!(sizes(&mix, 1), [0, 1, 0, 0, 0]);
        assert_eq!(sizes(&shares(&[50, 50]), 3), [2, 1]);
    }

    #[test]
    fn agents_are_numbered_in_the_order_of_the_groups() {
        let profiles = profiles(&shares(&[20, 80]), 5);
        let places: Vec<_> = profiles.iter().map(|profile| (profile.group, profile.place)).collect();
        assert_eq!(places, [(0, 0), (1, 0), (1, 1), (1, 2), (1, 3)]);
    }

    #[test]
    fn groups_cover_all_agents() {
        assert_eq!(check(&shares(&[50, 50]), 3), Ok(()));
        let problem = check(&shares(&[50, 40]), 3).expect_err("not all");
        assert_eq!(problem.message, "the shares of the groups add up to 90%, not 100%");
        let mut groups = shares(&[50, 50]);
        (groups[0].count, groups[0].share) = (Some(3), None);
        assert_eq!(check(&groups, 3).expect_err("mixed").path.to_string(), "groups.1.share");
        groups.pop();
        assert_eq!(check(&groups, 3), Ok(()));
        assert_eq!(
            check(&groups, 4).expect_err("not all").message,
            "the groups have 3 agents, the scenario 4"
        );
    }
}
