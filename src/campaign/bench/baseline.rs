//! What has changed since an earlier benchmark.

use super::machine::{Machine, PointCost};
use super::results::{Number, PointResult, Results};
use crate::files::read_own;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use synod_oracle::metric::{self, Metric, Unit};

/// An earlier benchmark, as its report has it.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// What it showed.
    pub results: Results,
    /// What it took of the machine, where its report says so.
    pub machine: Option<Machine>,
}

/// Why a folder is no baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineError {
    path: PathBuf,
    message: String,
}

/// What has changed since a baseline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The version of Synod that the baseline was made with.
    pub since_version: String,
    /// When it was made, in seconds since the Unix epoch, where it says so.
    pub since: Option<u64>,
    /// Number of points that were compared.
    pub compared: u64,
    /// The figures that have moved.
    pub moved: Vec<FigureChange>,
    /// Points whose runs are other runs now, though none of their figures has moved.
    pub rerun: Vec<String>,
    /// Points that cannot be compared, since the baseline has other seeds.
    pub other_seeds: Vec<String>,
    /// Points that the baseline does not have.
    pub new: Vec<String>,
    /// Why facts about the machine are not compared, where they would be.
    pub other_machine: Option<String>,
}

/// A figure that has moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FigureChange {
    /// The point.
    pub point: String,
    /// The figure.
    pub figure: &'static str,
    /// Its unit.
    #[serde(skip)]
    pub unit: Unit,
    /// What it was.
    pub was: Number,
    /// What it is.
    pub is: Number,
    /// True if it is worse.
    pub is_worse: bool,
}

/// A compared metric of a point of type `T`.
struct Compared<T> {
    name: &'static str,
    unit: Unit,
    /// True if more of it is better.
    is_gain: bool,
    value: fn(&T) -> Option<f64>,
}

impl<T> Compared<T> {
    const fn loss(name: &'static str, unit: Unit, value: fn(&T) -> Option<f64>) -> Compared<T> {
        Compared { name, unit, is_gain: false, value }
    }

    const fn gain(name: &'static str, unit: Unit, value: fn(&T) -> Option<f64>) -> Compared<T> {
        Compared { is_gain: true, ..Compared::loss(name, unit, value) }
    }
}

impl Compared<PointResult> {
    /// Returns a metric of which less is better.
    const fn metric(
        metric: &'static Metric,
        value: fn(&PointResult) -> Option<f64>,
    ) -> Compared<PointResult> {
        Compared::loss(metric.name, metric.unit, value)
    }
}

/// The figures that are compared. The same runs give the same figures, so any change counts.
static FIGURES: [Compared<PointResult>; 14] = [
    Compared::gain("success_rate", Unit::Share, |point| Some(point.success_rate.0)),
    Compared::loss("unsafe_runs", Unit::Count, |point| Some(point.unsafe_runs as f64)),
    Compared::loss("stuck_runs", Unit::Count, |point| Some(point.stuck_runs as f64)),
    Compared::metric(&metric::LATENCY.mean, mean_latency),
    Compared::metric(&metric::LATENCY.p50, |point| point.latency.as_ref().map(|latency| latency.p50.value.0)),
    Compared::metric(&metric::LATENCY.p95, |point| point.latency.as_ref().map(|latency| latency.p95.value.0)),
    Compared::metric(&metric::LATENCY.p99, |point| point.latency.as_ref().map(|latency| latency.p99.value.0)),
    Compared::metric(&metric::MESSAGES_PER_DECISION, |point| point.median(&metric::MESSAGES_PER_DECISION)),
    Compared::metric(&metric::BYTES_SENT, |point| point.median(&metric::BYTES_SENT)),
    Compared::metric(&metric::ROUNDS, PointResult::rounds),
    Compared::metric(&metric::RETAINED_BYTES_MAX, |point| point.median(&metric::RETAINED_BYTES_MAX)),
    Compared::metric(&metric::CPU_UTILISATION, |point| point.median(&metric::CPU_UTILISATION)),
    Compared::loss("recovery_ns", Unit::Nanoseconds, PointResult::recovery),
    Compared::gain("decisions", Unit::Count, |point| point.median(&metric::DECISIONS)),
];

/// The facts about the machine that are compared, where the simulator is measured: by their ratio.
static FACTS: [Compared<PointCost>; 3] = [
    Compared::gain("events_per_second", Unit::Count, |cost| Some(cost.events_per_second)),
    Compared::loss("wall_ms", Unit::Milliseconds, |cost| Some(cost.wall_ms)),
    Compared::loss("rss_bytes", Unit::Bytes, |cost| Some(cost.rss_bytes as f64)),
];

fn mean_latency(point: &PointResult) -> Option<f64> {
    point.latency.as_ref().and_then(|latency| latency.mean).map(|mean| mean.0)
}

impl Baseline {
    /// Reads the report in `folder`.
    ///
    /// # Errors
    /// If there is none, or if it is not of a form that this version knows.
    pub fn load(folder: &Path) -> Result<Baseline, BaselineError> {
        let results = read(&folder.join("results.json"))?;
        let path = folder.join("results.json");
        let results =
            results.ok_or_else(|| BaselineError { path, message: "there is no such file".to_owned() })?;
        Ok(Baseline { results, machine: read(&folder.join("machine.json"))? })
    }
}

/// Returns what the file holds; nothing if there is no file.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, BaselineError> {
    let fail = |message: String| BaselineError { path: path.to_owned(), message };
    match read_own(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| fail(format!("is not of a benchmark of this version: {error}"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fail(error.to_string())),
    }
}

impl Comparison {
    /// Returns what has changed in `results` since `baseline`. Facts about the machine, which no two runs agree on,
    /// have changed if they are worse or better by more than `noise`, a share.
    pub fn of(results: &Results, machine: &Machine, baseline: &Baseline, noise: f64) -> Comparison {
        let mut comparison = Comparison {
            since_version: baseline.results.version.clone(),
            since: baseline.machine.as_ref().map(|machine| machine.ended_at),
            compared: 0,
            moved: Vec::new(),
            rerun: Vec::new(),
            other_seeds: Vec::new(),
            new: Vec::new(),
            other_machine: None,
        };
        for point in &results.points {
            match baseline.results.points.iter().find(|other| other.point == point.point) {
                None => comparison.new.push(point.point.clone()),
                Some(other) if other.seeds != point.seeds => comparison.other_seeds.push(point.point.clone()),
                Some(other) => comparison.point(point, other),
            }
        }
        if results.points.iter().any(|point| point.measures_host) {
            comparison.facts(results, machine, baseline, noise);
        }
        comparison
    }

    /// Returns true if nothing is worse.
    pub fn passed(&self) -> bool {
        self.moved.iter().all(|moved| !moved.is_worse)
    }

    fn point(&mut self, point: &PointResult, other: &PointResult) {
        self.compared += 1;
        let before = self.moved.len();
        // Reports of earlier versions tell no means.
        let has_mean = other.latency.as_ref().is_none_or(|latency| latency.mean.is_some());
        for figure in FIGURES.iter().filter(|figure| has_mean || figure.name != metric::LATENCY.mean.name) {
            let (was, is) = ((figure.value)(other), (figure.value)(point));
            if was != is {
                let (was, is) = (was.unwrap_or_default(), is.unwrap_or_default());
                let is_worse = if figure.is_gain { is < was } else { is > was };
                self.moved.push(FigureChange {
                    point: point.point.clone(),
                    figure: figure.name,
                    unit: figure.unit,
                    was: Number(was),
                    is: Number(is),
                    is_worse,
                });
            }
        }
        if self.moved.len() == before && point.digest != other.digest {
            self.rerun.push(point.point.clone());
        }
    }

    fn facts(&mut self, results: &Results, machine: &Machine, baseline: &Baseline, noise: f64) {
        let earlier = match &baseline.machine {
            None => {
                self.other_machine = Some("the baseline says nothing about its machine".to_owned());
                return;
            }
            Some(earlier) => earlier,
        };
        if (&earlier.platform, &earlier.processor) != (&machine.platform, &machine.processor) {
            let name =
                |machine: &Machine| machine.processor.clone().unwrap_or_else(|| machine.platform.clone());
            self.other_machine =
                Some(format!("the baseline was made on {}, this on {}", name(earlier), name(machine)));
            return;
        }
        let measured = results.points.iter().zip(&machine.points).filter(|(point, _)| point.measures_host);
        for (_, cost) in measured {
            let Some(other) = earlier.points.iter().find(|other| other.point == cost.point) else {
                continue;
            };
            for fact in &FACTS {
                let Some((was, is)) = (fact.value)(other).zip((fact.value)(cost)) else { continue };
                let loss = if fact.is_gain { was / is } else { is / was };
                if loss > 1.0 + noise || loss < 1.0 / (1.0 + noise) {
                    let (was, is) = (Number(was), Number(is));
                    self.moved.push(FigureChange {
                        point: cost.point.clone(),
                        figure: fact.name,
                        unit: fact.unit,
                        was,
                        is,
                        is_worse: loss > 1.0,
                    });
                }
            }
        }
    }
}

impl fmt::Display for BaselineError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: error: {}", self.path.display(), self.message)
    }
}

impl std::error::Error for BaselineError {}
