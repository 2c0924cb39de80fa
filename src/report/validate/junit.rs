//! A validation as a report of tests for build servers.

use super::text;
use crate::format::plural;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use synod_campaign::{Readiness, ScenarioResult, State, TargetResult};
use synod_harness::RunVerdict;

/// Returns a test case for every point, and one for every target.
///
/// # Errors
/// None: it writes to memory.
pub fn validation_junit(readiness: &Readiness) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("synod validate");
    let (scenarios, others): (Vec<_>, Vec<_>) =
        readiness.points.iter().partition(|point| point.series.is_none());
    let points = [("catalogue", scenarios), (&readiness.name, others)];
    for (name, points) in points.into_iter().filter(|(_, points)| !points.is_empty()) {
        let mut suite = TestSuite::new(name);
        suite.add_test_cases(points.into_iter().map(point));
        report.add_test_suite(suite);
    }
    for criterion in &readiness.criteria {
        let mut suite = TestSuite::new(criterion.name.as_str());
        suite.add_test_cases(criterion.targets.iter().map(target));
        report.add_test_suite(suite);
    }
    let mut text = report.to_string()?;
    text.push('\n');
    Ok(text)
}

fn point(point: &ScenarioResult) -> TestCase {
    let status = match point.verdict() {
        RunVerdict::Pass => TestCaseStatus::success(),
        // What was not judged is an error of the test, not a failure of what is tested.
        RunVerdict::Unknown => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(format!(
                "{} of {} could not be judged",
                point.unknown,
                plural(point.runs, "run")
            ));
            status
        }
        RunVerdict::Fail => {
            let first = point.failures.first();
            let first = first.map_or_else(String::new, |run| format!("; seed {}: {}", run.seed, run.reason));
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(format!("{} of {} failed{first}", point.failed(), plural(point.runs, "run")));
            status
        }
    };
    TestCase::new(point.point.as_str(), status)
}

fn target(target: &TargetResult) -> TestCase {
    let mut status = match target.state {
        State::Held | State::NoException => TestCaseStatus::success(),
        State::Missed => TestCaseStatus::non_success(NonSuccessKind::Failure),
        State::NotMeasured => TestCaseStatus::skipped(),
    };
    if !target.state.is_held() {
        let why = target.why.clone().unwrap_or_default();
        let parts = [text::figure(target), text::bounds(target), why];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        status.set_message(parts.join("; "));
    }
    TestCase::new(target.name.as_str(), status)
}
