//! What a campaign is to run, fixed once and for all.

use super::block::{MOST_BLOCKS, MOST_RUNS};
use super::pace;
use crate::build_id::build_id;
use crate::sealed::Seal;
use crate::sweep::{Point, Seeds, SweepError};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use synod_harness::{Registry, ScenarioError};
use synod_scenario::{Document, to_yaml};

pub(super) const SEAL: Seal = Seal { kind: "plan", form: 1 };

/// What a campaign is to run: scenarios, seeds, and how the runs are cut into blocks. It holds the scenarios themselves, so
/// that no file that changes later changes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignPlan {
    /// The version of Synod.
    pub version: String,
    /// The digest of the program that makes the runs, where it can be told.
    pub(super) build: Option<String>,
    /// What the campaign is of.
    pub source: CampaignSource,
    /// The runs of a block: a power of two.
    pub block: u64,
    /// How many shards there are, where nobody says otherwise.
    pub shards: u32,
    /// How many failures of each point are kept as repro files.
    pub kept: u64,
    /// How many failures of the whole campaign are shrunk.
    pub shrunk: u64,
    points: Vec<PlannedPoint>,
}

/// What a campaign is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignSource {
    /// A scenario, perhaps with a grid: as `synod sweep`.
    Sweep,
    /// A suite: as `synod bench`.
    Suite {
        /// Its file.
        file: PathBuf,
        /// Which runs of it.
        extent: Extent,
    },
    /// A catalogue: as `synod validate`.
    Catalogue {
        /// Its files and folders.
        paths: Vec<PathBuf>,
        /// Which runs of it.
        extent: Extent,
    },
}

impl CampaignSource {
    /// Returns how many failures of each point are kept as repro files, where nobody says otherwise.
    pub fn kept(&self) -> u64 {
        match self {
            CampaignSource::Sweep => 100,
            CampaignSource::Suite { .. } => crate::bench::KEPT,
            CampaignSource::Catalogue { .. } => crate::validate::NAMED,
        }
    }
}

/// Which runs of a suite or a catalogue, as they were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// The fewer seeds of a quick look.
    pub quick: bool,
    /// These seeds, for every point.
    pub seeds: Option<String>,
    /// The points that this filter admits.
    pub filter: Option<String>,
    /// Whether files may refer to files anywhere.
    pub allow_outside: bool,
}

/// How a campaign is cut, and what is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanOptions {
    /// The runs of a block, a power of two up to 1,024; what takes about a minute, if left out.
    pub block: Option<u64>,
    /// How many shards there are, where nobody says otherwise.
    pub shards: u32,
    /// How many failures of each point are kept as repro files.
    pub kept: u64,
    /// How many failures of the whole campaign are shrunk.
    pub shrunk: u64,
}

/// A point of a plan: a scenario with all its values, and its seeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PlannedPoint {
    label: String,
    assignments: Vec<String>,
    seeds: (u64, u64),
    scenario: String,
}

impl CampaignPlan {
    /// Returns the plan of `points`. How long blocks should be is found by making some runs, unless `options` say it.
    ///
    /// # Errors
    /// If a scenario has no form that can be kept, a run cannot be made, or there are more than four million blocks.
    ///
    /// # Panics
    /// If the runs of a block are no power of two up to 1,024.
    pub fn new(
        source: CampaignSource,
        points: &[&Point],
        options: &PlanOptions,
    ) -> Result<CampaignPlan, SweepError> {
        let planned = points.iter().copied().map(PlannedPoint::of).collect::<Result<_, _>>();
        let block = match options.block {
            Some(block) => block,
            None => pace::block(points, options.shards)?,
        };
        assert!(block.is_power_of_two() && block <= MOST_RUNS, "a block of {block} runs");
        let plan = CampaignPlan {
            version: synod_sim::VERSION.to_owned(),
            build: build_id().map(str::to_owned),
            source,
            block,
            shards: options.shards,
            kept: options.kept,
            shrunk: options.shrunk,
            points: planned.map_err(SweepError::Scenario)?,
        };
        if plan.blocks() > MOST_BLOCKS {
            let message = format!(
                "these are {} blocks of up to {block} runs, and {MOST_BLOCKS} are possible",
                plan.blocks()
            );
            let mut error = ScenarioError::of_file("the campaign", message);
            error.help = Some("name fewer seeds, or a longer --block".to_owned());
            return Err(SweepError::Scenario(error));
        }
        Ok(plan)
    }

    /// Returns how many blocks there are.
    fn blocks(&self) -> u64 {
        let counts = self.seeds().map(|seeds| seeds.count().div_ceil(self.block));
        counts.fold(0, u64::saturating_add)
    }

    /// Returns the points, ready to run.
    ///
    /// # Errors
    /// If a scenario is not sound for this registry.
    pub fn points(&self, registry: &Registry) -> Result<Vec<Point>, ScenarioError> {
        self.points.iter().map(|point| point.prepare(registry)).collect()
    }

    /// Returns the number of runs.
    pub fn runs(&self) -> u64 {
        self.points.iter().map(|point| point.seeds.1 - point.seeds.0).sum()
    }

    /// Returns the number of points.
    pub fn width(&self) -> usize {
        self.points.len()
    }

    /// Returns the seeds of each point.
    pub fn seeds(&self) -> impl Iterator<Item = Seeds> {
        self.points.iter().map(|point| Seeds(point.seeds.0..point.seeds.1))
    }

    /// Returns true if its points are these.
    ///
    /// # Errors
    /// If a scenario has no form that can be kept.
    pub fn is_of(&self, points: &[&Point]) -> Result<bool, ScenarioError> {
        let others = points.iter().copied().map(PlannedPoint::of).collect::<Result<Vec<_>, _>>()?;
        Ok(self.points == others)
    }

    /// Returns true if only the lengths of blocks may tell the two apart.
    pub(super) fn is_alike(&self, other: &CampaignPlan) -> bool {
        *self == CampaignPlan { block: self.block, ..other.clone() }
    }

    /// Returns why this program cannot make the plan's runs, if it cannot.
    pub(super) fn obstacle(&self) -> Option<String> {
        if self.version != synod_sim::VERSION {
            return Some(format!(
                "the plan is of version {}, and this is {}",
                self.version,
                synod_sim::VERSION
            ));
        }
        let is_same = self.build.is_some() && self.build.as_deref() == build_id();
        (!is_same).then(|| {
            "the plan was made by another build of Synod, which may come to something else".to_owned()
        })
    }

    /// False for what no plan says.
    pub(super) fn is_sound(&self) -> bool {
        self.block.is_power_of_two()
            && self.block <= MOST_RUNS
            && (1..=super::Shard::MOST).contains(&self.shards)
            && !self.points.is_empty()
            && self.points.iter().all(|point| {
                let (start, end) = point.seeds;
                start < end && end <= synod_harness::SEED_MAX + 1
            })
            && self.blocks() <= MOST_BLOCKS
    }
}

impl PlannedPoint {
    fn of(point: &Point) -> Result<PlannedPoint, ScenarioError> {
        Ok(PlannedPoint {
            label: point.label.clone(),
            assignments: point.assignments().map(str::to_owned).collect(),
            seeds: (point.seeds.0.start, point.seeds.0.end),
            scenario: to_yaml(&point.scenario.config())?,
        })
    }

    fn prepare(&self, registry: &Registry) -> Result<Point, ScenarioError> {
        // It stands in the plan, and names no files.
        let document = Document::parse("the plan", &self.scenario)?;
        let seeds = Seeds(self.seeds.0..self.seeds.1);
        Ok(Point::planned(self.label.clone(), self.assignments.clone(), document.prepare(registry)?, seeds))
    }
}
