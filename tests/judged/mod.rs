//! Runs before all oracles of a protocol, until one of them objects.

use std::collections::BTreeMap;
use std::ops::Range;
use synod::sim::fault::{Copy, Interceptor, Verdict, Way, Wire};
use synod::sim::{
    Duration, Ending, Event, Flow, Moment, NodeId, Oracle, Protocol, Setup, Simulation, Time, Violation,
    Watch,
};

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn at(millis: u64) -> Time {
    Time::ZERO + ms(millis)
}

/// Decides on every copy: a network at its worst, and what the faulty do.
pub(crate) struct Script<P: Protocol>(Box<Decide<P>>);

type Decide<P> = dyn FnMut(Time, &Copy<'_, <P as Protocol>::Message>) -> Verdict<<P as Protocol>::Message>;

impl<P: Protocol> Script<P> {
    pub(crate) fn boxed(
        decide: impl FnMut(Time, &Copy<'_, P::Message>) -> Verdict<P::Message> + 'static,
    ) -> Box<dyn Interceptor<P::Message>> {
        Box::new(Script::<P>(Box::new(decide)))
    }
}

impl<P: Protocol> Interceptor<P::Message> for Script<P> {
    fn covers(&self, _: NodeId, way: Way) -> bool {
        way == Way::Out
    }

    fn on_copy(
        &mut self,
        wire: &mut Wire<'_, P::Message>,
        _: Way,
        copy: &Copy<'_, P::Message>,
    ) -> Verdict<P::Message> {
        (self.0)(wire.now, copy)
    }
}

/// What the oracles said of a run.
pub(crate) struct Report {
    /// The oracles that objected, with their first objections.
    pub(crate) violations: Vec<(&'static str, String)>,
    /// How often the premise of each held.
    pub(crate) checked: BTreeMap<&'static str, u64>,
}

impl Report {
    /// True if `oracle` objected.
    pub(crate) fn names(&self, oracle: &str) -> bool {
        self.violations.iter().any(|&(name, _)| name == oracle)
    }
}

/// Runs `setup` until the oracle `wanted`, or any if none is wanted, objects, or to its end.
pub(crate) fn judge<P: Protocol>(
    setup: Setup<P>,
    oracles: Vec<Box<dyn Oracle<P>>>,
    wanted: Option<&'static str>,
) -> Report {
    let mut run = Simulation::new(setup, Bench { oracles, wanted, violations: Vec::new() });
    let end = run.run();
    assert!(!matches!(end.ending, Ending::Events(_)), "the run does not come to an end: {end:?}");
    let mut bench = run.into_watch();
    bench.ask(|oracle| oracle.on_end(&end));
    let checked = bench.oracles.iter().map(|oracle| (oracle.name(), oracle.checked())).collect();
    Report { violations: bench.violations, checked }
}

/// Runs so many seeds of what must do nothing wrong; says how often the premise of each oracle held.
pub(crate) fn survey(seeds: Range<u64>, run: impl Fn(u64) -> Report) -> BTreeMap<&'static str, u64> {
    let mut wrong = Vec::new();
    let mut checked = BTreeMap::new();
    for seed in seeds {
        let report = run(seed);
        report.checked.iter().for_each(|(&name, &count)| *checked.entry(name).or_default() += count);
        wrong.extend(report.violations.iter().map(|(oracle, why)| format!("seed {seed}: {oracle}: {why}")));
    }
    assert!(wrong.is_empty(), "{} violations\n{}", wrong.len(), wrong.join("\n"));
    checked
}

/// So many seeds, or as many as `SYNOD_SEEDS` says.
pub(crate) fn seeds(usual: u64) -> Range<u64> {
    0..std::env::var("SYNOD_SEEDS").map_or(usual, |seeds| seeds.parse().expect("a number of seeds"))
}

/// Shows a run to the oracles.
struct Bench<P: Protocol> {
    oracles: Vec<Box<dyn Oracle<P>>>,
    wanted: Option<&'static str>,
    violations: Vec<(&'static str, String)>,
}

impl<P: Protocol> Bench<P> {
    /// Asks every oracle; says whether the run is to stop.
    fn ask(&mut self, mut ask: impl FnMut(&mut dyn Oracle<P>) -> Result<(), Violation>) -> Flow {
        let mut flow = Flow::Continue;
        for oracle in &mut self.oracles {
            let Err(violation) = ask(oracle.as_mut()) else { continue };
            let name = oracle.name();
            if self.violations.iter().all(|&(other, _)| other != name) {
                self.violations.push((name, violation.message));
            }
            if self.wanted.is_none_or(|wanted| wanted == name) {
                flow = Flow::Violated;
            }
        }
        flow
    }
}

impl<P: Protocol> Watch<P> for Bench<P> {
    fn wants_copies(&self) -> bool {
        false
    }

    fn on_event(&mut self, moment: Moment, event: &Event<'_, P>) -> Flow {
        self.ask(|oracle| oracle.on_event(moment, event))
    }
}
