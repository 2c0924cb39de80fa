//! Regions: agents that are near each other, and how far the regions are from one another.

use super::error::{Problem, quote};
use super::latency::LatencyLaw;
use super::path::Path;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use synod_net::{Law, LinkClass, Topology};
use synod_sim::units::plural;

/// The most regions: their pairs are what a network can tell apart.
const MAX_REGIONS: usize = 256;

/// A full mesh in which latency depends on the regions of sender and receiver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionsShape {
    /// How many agents each region has. Agents are numbered in the order of the regions.
    pub members: Members,
    /// The latency within every region.
    pub within: LatencyLaw,
    /// The latency between each two regions, both ways.
    #[serde(default)]
    pub between: Vec<Between>,
}

/// The number of agents of every region, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members(pub Vec<(String, u32)>);

/// The latency between two regions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// The names of the two regions.
    pub pair: [String; 2],
    /// The latency, both ways.
    pub latency: LatencyLaw,
}

impl RegionsShape {
    /// Returns the topology of so many agents and clients, and the law of every link class.
    pub(super) fn topology(&self, agents: u32, clients: u32) -> Result<(Topology, Vec<Law>), Problem> {
        let here = Path::of(["network", "regions"]);
        self.check_members(agents, &here)?;
        let count = self.members.0.len();
        let mut laws = vec![self.within.law(&here.to("within"))?];
        let mut classes = vec![vec![None; count]; count];
        for (index, between) in self.between.iter().enumerate() {
            let here = here.to("between").to(index);
            let [a, b] = self.pair(between, &here.to("pair"))?;
            if classes[a][b].is_some() {
                return Err(Problem::new(here.to("pair"), "this pair of regions was given before"));
            }
            let class = LinkClass(laws.len() as u16);
            laws.push(between.latency.law(&here.to("latency"))?);
            classes[a][b] = Some(class);
            classes[b][a] = Some(class);
        }
        let classes = (0..count)
            .map(|a| (0..count).map(|b| if a == b { Some(LinkClass(0)) } else { classes[a][b] }).collect())
            .collect::<Vec<Vec<_>>>();
        let missing = |(a, row): (usize, &Vec<Option<_>>)| Some([a, row.iter().position(Option::is_none)?]);
        if let Some([a, b]) = classes.iter().enumerate().find_map(missing) {
            let name = |region: usize| quote(&self.members.0[region].0);
            let message = format!("the latency between {} and {} is missing", name(a), name(b));
            return Err(Problem::new(here.to("between"), message));
        }
        let classes = classes.into_iter().map(|row| row.into_iter().flatten().collect()).collect();
        let members = self.members.0.iter().enumerate();
        let of_agents: Vec<u16> =
            members.flat_map(|(region, (_, size))| (0..*size).map(move |_| region as u16)).collect();
        let region_of = of_agents.iter().copied().cycle().take((agents + clients) as usize).collect();
        Ok((Topology::Regions { region_of, classes }, laws))
    }

    fn check_members(&self, agents: u32, here: &Path) -> Result<(), Problem> {
        let members = here.to("members");
        if self.members.0.len() > MAX_REGIONS {
            return Err(Problem::new(members, format!("there can be {MAX_REGIONS} regions at most")));
        }
        let sum: u64 = self.members.0.iter().map(|(_, size)| u64::from(*size)).sum();
        if sum == u64::from(agents) {
            Ok(())
        } else {
            Err(Problem::new(
                members,
                format!("the regions have {}, the scenario {agents}", plural(sum, "agent")),
            ))
        }
    }

    /// Returns the indices of two different regions.
    fn pair(&self, between: &Between, here: &Path) -> Result<[usize; 2], Problem> {
        let region = |side: usize| {
            let name = &between.pair[side];
            let found = self.members.0.iter().position(|(other, _)| other == name);
            found.ok_or_else(|| {
                let known: Vec<&str> = self.members.0.iter().map(|(name, _)| name.as_str()).collect();
                Problem::unknown(here.to(side), "region", name, &known)
            })
        };
        let pair = [region(0)?, region(1)?];
        if pair[0] == pair[1] {
            Err(Problem::new(here.clone(), "a pair is of two regions")
                .help("within gives the latency in one"))
        } else {
            Ok(pair)
        }
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, size)| (name, size)))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a map of regions to their numbers of agents")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Members::default();
                while let Some(entry) = map.next_entry()? {
                    members.0.push(entry);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl JsonSchema for Members {
    fn schema_name() -> Cow<'static, str> {
        "Members".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<BTreeMap<String, u32>>()
    }
}
