//! From figures to verdicts.

use super::catalogue::Catalogue;
use super::measure::{Estimate, Evidence, Figure};
use super::readiness::{
    CriterionResult, Readiness, ReadinessVerdict, RequirementResult, ScenarioResult, State, TargetResult,
};
use crate::bench::{Number, rounded};
use crate::goals::{Criterion, Goals, Measure, Requirement, Target};
use std::collections::{BTreeMap, BTreeSet};
use synod_harness::{Bounds, Dimension, RunVerdict};
use synod_sim::units::plural;

/// Returns what `evidence` shows. It is all there is if it is `complete`.
pub(super) fn judge(evidence: &Evidence<'_>, complete: bool, digest: String) -> Readiness {
    let catalogue = evidence.catalogue;
    let goals = catalogue.goals.as_ref();
    let criteria: Vec<CriterionResult> =
        goals.iter().flat_map(|goals| &goals.criteria).map(|one| criterion(evidence, one)).collect();
    let states: BTreeMap<&str, State> = criteria
        .iter()
        .flat_map(|criterion| &criterion.targets)
        .map(|target| (target.name.as_str(), target.state))
        .collect();
    let requirements = goals.iter().flat_map(|goals| &goals.requirements);
    let requirements = requirements.map(|one| requirement(one, &states)).collect();
    let points: Vec<ScenarioResult> = (catalogue.points.iter().zip(&catalogue.cases))
        .zip(evidence.tallies)
        .map(|((point, case), tally)| ScenarioResult::of(point, case, tally))
        .collect();
    let runs = runs(&points);
    let is_missed = |state: &State| *state == State::Missed;
    let verdict = verdict(goals, &criteria, complete, runs);
    Readiness {
        name: catalogue.name.clone(),
        about: catalogue.about.clone(),
        version: synod_sim::VERSION.to_owned(),
        passed: runs.passed() && !states.values().any(is_missed),
        unknown: points.iter().map(|point| point.unknown).sum(),
        complete,
        verdict,
        score: score(&criteria).map(Number),
        needed: goals.map(|goals| Number(goals.score.fraction())),
        requirements,
        points,
        digest,
        criteria,
    }
}

/// Returns the verdict over the runs of all points.
fn runs(points: &[ScenarioResult]) -> RunVerdict {
    points.iter().fold(RunVerdict::Pass, |worst, point| match (worst, point.verdict()) {
        (RunVerdict::Fail, _) | (_, RunVerdict::Fail) => RunVerdict::Fail,
        (RunVerdict::Unknown, _) | (_, RunVerdict::Unknown) => RunVerdict::Unknown,
        (RunVerdict::Pass, RunVerdict::Pass) => RunVerdict::Pass,
    })
}

/// Returns the mean score of those criteria that are no vetoes; none where all are.
fn score(criteria: &[CriterionResult]) -> Option<f64> {
    let scores: Vec<f64> =
        criteria.iter().filter(|criterion| !criterion.veto).map(|criterion| criterion.score.0).collect();
    // Rounded as it is told: a sum of shares may miss the least score by less than anybody sees.
    (!scores.is_empty()).then(|| rounded(scores.iter().sum::<f64>() / scores.len() as f64))
}

fn verdict(
    goals: Option<&Goals>,
    criteria: &[CriterionResult],
    complete: bool,
    runs: RunVerdict,
) -> ReadinessVerdict {
    let vetoes = |state| criteria.iter().any(|criterion| criterion.veto && criterion.state == state);
    let needed = goals.map_or(0.0, |goals| goals.score.fraction());
    // What could be measured and was not may hold or not.
    let is_open = |target: &TargetResult| target.state == State::NotMeasured && !target.expect.is_empty();
    let has_open = criteria.iter().flat_map(|criterion| &criterion.targets).any(is_open);
    match score(criteria) {
        _ if runs == RunVerdict::Fail || vetoes(State::Missed) => ReadinessVerdict::NotReady,
        _ if runs == RunVerdict::Unknown || !complete || goals.is_none() || has_open => {
            ReadinessVerdict::Unknown
        }
        // What stands above the score and cannot be measured at all.
        _ if vetoes(State::NotMeasured) => ReadinessVerdict::NotReady,
        Some(score) if score < needed => ReadinessVerdict::NotReady,
        _ => ReadinessVerdict::Ready,
    }
}

fn criterion(evidence: &Evidence<'_>, criterion: &Criterion) -> CriterionResult {
    let targets: Vec<TargetResult> =
        criterion.targets.iter().map(|target| self::target(evidence, target)).collect();
    let held = targets.iter().filter(|target| target.state.is_held()).count();
    CriterionResult {
        name: criterion.name.clone(),
        about: criterion.about.clone(),
        veto: criterion.veto,
        state: together(targets.iter().map(|target| target.state)),
        score: Number(rounded(held as f64 / targets.len() as f64)),
        targets,
    }
}

/// Returns what became of something that these make up.
fn together(states: impl Iterator<Item = State>) -> State {
    states.fold(State::Held, |worst, state| match (worst, state) {
        (State::Missed, _) | (_, State::Missed) => State::Missed,
        (State::NotMeasured, _) | (_, State::NotMeasured) => State::NotMeasured,
        (State::NoException, _) | (_, State::NoException) => State::NoException,
        (State::Held, State::Held) => State::Held,
    })
}

fn requirement(requirement: &Requirement, states: &BTreeMap<&str, State>) -> RequirementResult {
    let state = |name: &String| states.get(name.as_str()).copied().unwrap_or(State::NotMeasured);
    RequirementResult {
        asks: requirement.asks.clone(),
        group: requirement.group.clone(),
        state: if requirement.by.is_empty() {
            State::NotMeasured
        } else {
            together(requirement.by.iter().map(state))
        },
        by: requirement.by.clone(),
        why: requirement.absent.clone(),
    }
}

fn target(evidence: &Evidence<'_>, target: &Target) -> TargetResult {
    let catalogue = evidence.catalogue;
    let bounds = target.expect.clone().unwrap_or_default();
    let unmeasured = TargetResult {
        name: target.name.clone(),
        about: target.about.clone(),
        state: State::NotMeasured,
        unit: target.dimension(&evidence.registry.metrics()).unwrap_or(Dimension::Number),
        expect: bounds.given().map(|(name, figure)| (name, Number(figure.value()))).collect(),
        value: None,
        interval: None,
        samples: 0,
        sampled: "run",
        measured_on: None,
        why: target.absent.clone(),
    };
    let about = catalogue.about(target);
    let all = [about.clone(), catalogue.divisor(target)].concat();
    let because = |why: &str| TargetResult { why: Some(why.to_owned()), ..unmeasured.clone() };
    if target.absent.is_some() {
        return unmeasured;
    }
    if all.len() < catalogue.wanted[&target.name] {
        return because("the filter has left out what it is measured on");
    }
    if about.is_empty() {
        return because("no point is like that");
    }
    let is_done = |place: &usize| evidence.tallies[*place].runs == catalogue.points[*place].seeds.count();
    if !all.iter().all(is_done) {
        return because("interrupted");
    }
    let figures = evidence.figures(target);
    let Some((figure, state, why)) = worst(&figures, &bounds) else {
        // Scenarios run again last of all.
        return because(match target.measure {
            Some(Measure::Reproducible) => "interrupted",
            _ => "no run says anything about it",
        });
    };
    TargetResult {
        state,
        value: figure.value.is_finite().then(|| Number(rounded(figure.value))),
        interval: figure.estimate.map(|_| figure.interval.map(|bound| bound.map(rounded).map(Number))),
        samples: figure.samples,
        sampled: figure.unit,
        measured_on: Some(match figure.point {
            Some(place) => catalogue.points[place].label.clone(),
            None => places(catalogue, &about),
        }),
        why,
        ..unmeasured
    }
}

/// Returns which points these are, in words: of which series, and how many.
fn places(catalogue: &Catalogue, points: &[usize]) -> String {
    let series: BTreeSet<Option<&str>> =
        points.iter().map(|&place| catalogue.cases[place].series.as_deref()).collect();
    let count = points.len() as u64;
    match series.into_iter().collect::<Vec<_>>()[..] {
        [None] => plural(count, "scenario"),
        [Some(series)] => format!("{series}, {}", plural(count, "point")),
        _ => plural(count, "point"),
    }
}

/// Of several figures that all have to keep the bounds the one that tells: one that misses them before one that leaves
/// them open, before those that keep them; of these the greatest, and the least where only that is bounded; of equal
/// ones the first.
fn worst<'a>(figures: &'a [Figure], bounds: &Bounds) -> Option<(&'a Figure, State, Option<String>)> {
    let is_floor = bounds.at_least.is_some() && bounds.at_most.is_none();
    let badness = |value: f64| match (value.is_nan(), is_floor) {
        (true, _) => f64::INFINITY,
        (false, true) => -value,
        (false, false) => value,
    };
    let judged = figures.iter().rev().map(|figure| (figure, keeps(figure, bounds)));
    let severity = |state| match state {
        State::Held => 0,
        State::NoException => 1,
        State::NotMeasured => 2,
        State::Missed => 3,
    };
    let worst = judged.max_by(|(one, (state, _)), (other, (other_state, _))| {
        let by_state = severity(*state).cmp(&severity(*other_state));
        by_state.then(badness(one.value).total_cmp(&badness(other.value)))
    });
    worst.map(|(figure, (state, why))| (figure, state, why))
}

/// Returns whether a figure is what it has to be. An estimate has to prove it: a bound that its interval does not keep
/// is missed if the figure itself does not keep it, and is else left open.
fn keeps(figure: &Figure, bounds: &Bounds) -> (State, Option<String>) {
    let missing = || {
        let names = figure.missing.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
        let more = figure.missing.len().saturating_sub(8);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        (!figure.missing.is_empty()).then(|| format!("not {names}{more}"))
    };
    if !bounds.admit(figure.value) {
        return (State::Missed, missing());
    }
    let [low, high] = figure.interval;
    let proves = |bound: Option<f64>, shows: &dyn Fn(f64) -> bool| bound.is_some_and(shows);
    // No number of runs proves that there is no exception: where there may be none, all runs are what counts.
    let is_rate = figure.estimate == Some(Estimate::Rate);
    let least = bounds.at_least.or(bounds.exactly).map(|figure| figure.value());
    let most = bounds.at_most.or(bounds.exactly).map(|figure| figure.value());
    let demands_all = is_rate && (least == Some(1.0) || most == Some(0.0));
    let least = least.filter(|least| !is_rate || *least < 1.0);
    let most = most.filter(|most| !is_rate || *most > 0.0);
    let is_proven = least.is_none_or(|least| proves(low, &|low| low >= least))
        && most.is_none_or(|most| proves(high, &|high| high <= most));
    if figure.estimate.is_some() && !is_proven {
        (State::NotMeasured, Some("too few runs to show it with 95 % confidence".to_owned()))
    } else if demands_all {
        (State::NoException, missing())
    } else {
        (State::Held, missing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(veto: bool, states: &[State]) -> CriterionResult {
        let held = states.iter().filter(|state| **state == State::Held).count();
        let target = |state: &State| TargetResult {
            name: "x".to_owned(),
            about: String::new(),
            state: *state,
            unit: Dimension::Share,
            expect: BTreeMap::from([("at_least", Number(1.0))]),
            value: None,
            interval: None,
            samples: 0,
            sampled: "run",
            measured_on: None,
            why: None,
        };
        CriterionResult {
            name: "x".to_owned(),
            about: String::new(),
            veto,
            state: together(states.iter().copied()),
            score: Number(held as f64 / states.len() as f64),
            targets: states.iter().map(target).collect(),
        }
    }

    fn goals(score: &str) -> Goals {
        let score = score.parse().expect("it is a share");
        Goals { score, criteria: Vec::new(), requirements: Vec::new() }
    }

    const HELD: State = State::Held;
    const MISSED: State = State::Missed;
    const OPEN: State = State::NotMeasured;

    #[test]
    fn the_score_is_the_mean_of_what_is_no_veto() {
        let criteria = [made(true, &[MISSED]), made(false, &[HELD, HELD]), made(false, &[HELD, OPEN])];
        assert_eq!(score(&criteria), Some(0.75), "what is not measured is not held");
        assert_eq!(score(&criteria[..1]), None);
    }

    #[test]
    fn a_score_that_is_told_as_enough_is_enough() {
        // .6 and .7 are less than 1.3 as binary fractions.
        let shares = |held, missed| made(false, &[vec![HELD; held], vec![MISSED; missed]].concat());
        let criteria = [shares(3, 2), shares(7, 3)];
        assert_eq!(score(&criteria), Some(0.65));
        assert_eq!(verdict(Some(&goals("65%")), &criteria, true, RunVerdict::Pass), ReadinessVerdict::Ready);
    }

    #[test]
    fn no_score_hides_a_veto() {
        // Seven criteria of which safety has .7 average to more than .95: that is how a mean hides it.
        let mut criteria = vec![made(false, &[HELD]); 6];
        let goals = goals("95%");
        let judged = |criteria: &[CriterionResult]| verdict(Some(&goals), criteria, true, RunVerdict::Pass);
        assert_eq!(judged(&criteria), ReadinessVerdict::Ready);
        criteria.push(made(true, &[[HELD; 7].as_slice(), &[MISSED; 3]].concat()));
        assert_eq!((score(&criteria), judged(&criteria)), (Some(1.0), ReadinessVerdict::NotReady));
    }

    #[test]
    fn what_is_not_measured_makes_nothing_ready() {
        let goals = goals("50%");
        let judged = |criteria: &[CriterionResult], complete| {
            verdict(Some(&goals), criteria, complete, RunVerdict::Pass)
        };
        assert_eq!(judged(&[made(false, &[HELD, OPEN])], true), ReadinessVerdict::Unknown);
        assert_eq!(judged(&[made(false, &[HELD])], false), ReadinessVerdict::Unknown);
        assert_eq!(verdict(None, &[], true, RunVerdict::Pass), ReadinessVerdict::Unknown);
        // What cannot be measured at all is no question of runs: it counts as not held.
        let mut absent = made(false, &[HELD, OPEN]);
        absent.targets[1].expect.clear();
        assert_eq!(judged(std::slice::from_ref(&absent), true), ReadinessVerdict::Ready);
        absent.veto = true;
        assert_eq!(judged(&[absent], true), ReadinessVerdict::NotReady);
        assert_eq!(
            verdict(Some(&goals), &[made(false, &[HELD])], true, RunVerdict::Fail),
            ReadinessVerdict::NotReady
        );
        let unjudged = verdict(Some(&goals), &[made(false, &[HELD])], true, RunVerdict::Unknown);
        assert_eq!(unjudged, ReadinessVerdict::Unknown, "what could not be judged is no success");
    }

    fn bounds(name: &str, value: &str) -> Bounds {
        serde_json::from_value(serde_json::json!({ name: value })).expect("they are bounds")
    }

    fn figure(estimate: Option<Estimate>, value: f64, interval: [Option<f64>; 2]) -> Figure {
        Figure { value, interval, estimate, samples: 10, unit: "run", point: None, missing: Vec::new() }
    }

    fn state(figure: &Figure, bounds: &Bounds) -> State {
        keeps(figure, bounds).0
    }

    #[test]
    fn an_estimate_has_to_prove_what_it_shows() {
        let figure = |value, interval| figure(Some(Estimate::Rate), value, interval);
        let rate = figure(0.95, [Some(0.9), Some(0.97)]);
        assert_eq!(state(&rate, &bounds("at_least", "90%")), HELD);
        assert_eq!(state(&rate, &bounds("at_least", "93%")), OPEN, "it may be less");
        assert_eq!(state(&rate, &bounds("at_least", "96%")), MISSED);
        // No interval of a rate keeps such a bound as a whole.
        let none = State::NoException;
        assert_eq!(state(&figure(1.0, [Some(0.9), Some(1.0)]), &bounds("at_least", "100%")), none);
        assert_eq!(state(&figure(1.0, [Some(0.9), Some(1.0)]), &bounds("exactly", "100%")), none);
        assert_eq!(state(&figure(0.0, [Some(0.0), Some(0.1)]), &bounds("at_most", "0%")), none);
        assert_eq!(state(&rate, &bounds("exactly", "95%")), OPEN, "of all runs it may be another part");
    }

    #[test]
    fn a_percentile_has_to_prove_what_it_shows() {
        let figure = |value, interval| figure(Some(Estimate::Percentile), value, interval);
        let tail = |high| figure(2e9, [Some(1e9), high]);
        assert_eq!(state(&tail(Some(3e9)), &bounds("at_most", "5s")), HELD);
        assert_eq!(state(&tail(Some(6e9)), &bounds("at_most", "5s")), OPEN);
        assert_eq!(state(&tail(None), &bounds("at_most", "5s")), OPEN, "the sample does not reach the tail");
        assert_eq!(state(&tail(None), &bounds("at_most", "1s")), MISSED);
        assert_eq!(state(&tail(None), &bounds("at_least", "1s")), HELD);
        assert_eq!(state(&tail(None), &bounds("at_least", "2s")), OPEN, "it is no share, of which 1 is all");
        assert_eq!(state(&tail(Some(3e9)), &bounds("exactly", "2s")), OPEN);
        assert_eq!(state(&figure(2e9, [Some(1e9), Some(2e9)]), &bounds("exactly", "2s")), OPEN);
        assert_eq!(state(&figure(2e9, [Some(2e9); 2]), &bounds("exactly", "2s")), HELD);
        assert_eq!(state(&figure(1.0, [Some(0.9), Some(1.0)]), &bounds("at_least", "100%")), OPEN);
    }

    #[test]
    fn a_mean_has_to_prove_what_it_shows() {
        let mean = figure(Some(Estimate::Mean), 2e9, [Some(1e9), Some(3e9)]);
        assert_eq!(state(&mean, &bounds("at_most", "3s")), HELD);
        assert_eq!(state(&mean, &bounds("at_most", "2.5s")), OPEN, "the true mean may be more");
        assert_eq!(state(&mean, &bounds("at_most", "1.5s")), MISSED);
        assert_eq!(state(&mean, &bounds("at_least", "1s")), HELD);
        let lone = figure(Some(Estimate::Mean), 2e9, [None; 2]);
        assert_eq!(state(&lone, &bounds("at_most", "3s")), OPEN, "one run shows no spread");
        let none = figure(Some(Estimate::Mean), f64::NAN, [None; 2]);
        assert_eq!(state(&none, &bounds("at_most", "3s")), MISSED, "a run has no figure");
    }

    #[test]
    fn of_several_figures_the_one_tells_that_is_worst_for_the_bounds() {
        let told = |figures: &[Figure], bounds: &Bounds| {
            let (figure, state, _) = worst(figures, bounds).expect("there are some");
            (figures.iter().position(|other| std::ptr::eq(other, figure)), state)
        };
        let exact = |value| figure(None, value, [None; 2]);
        let figures = [2e9, 3e9, 1e9, 3e9, 1e9].map(exact);
        assert_eq!(told(&figures, &bounds("at_most", "3s")), (Some(1), HELD));
        assert_eq!(told(&figures, &bounds("at_least", "1s")), (Some(2), HELD), "there more is better");
        assert_eq!(told(&figures, &bounds("exactly", "3s")), (Some(0), MISSED), "the greatest hides nothing");
        let without = [exact(1e9), exact(f64::NAN)];
        for name in ["at_least", "at_most"] {
            assert_eq!(told(&without, &bounds(name, "1s")), (Some(1), MISSED), "{name}");
        }
        let tail = |value, high| figure(Some(Estimate::Percentile), value, [Some(0.0), high]);
        let figures = [tail(3e9, Some(4e9)), tail(1e9, None)];
        assert_eq!(
            told(&figures, &bounds("at_most", "5s")),
            (Some(1), OPEN),
            "proven there is not proven here"
        );
        assert_eq!(worst(&[], &bounds("at_most", "5s")), None);
    }
}
