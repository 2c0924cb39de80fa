//! A simpler network, and agents that lose no time.

use super::ddmin;
use super::search::Search;
use synod_harness::{Path, ScenarioError};
use synod_scenario::Document;

/// What makes up an agent, besides its protocol.
const AGENT: [&str; 4] = ["authentication", "cpu", "storage", "clocks"];
/// What laws of latency call a delay that is typical of them, the best first.
const TYPICAL: [&str; 7] = ["constant", "median", "mean", "min", "scale", "p99", "max"];

/// Does away with regions, with whatever else happens to messages but delay, and with chance in delays.
pub(super) fn simpler(search: &mut Search<'_>) {
    let network = Path::of(["network"]);
    let (latency, regions) = (network.to("latency"), network.to("regions"));
    without_regions(search, &latency, &regions);
    let mut spare = search.document().children(&network);
    spare.retain(|path| *path != latency && *path != regions);
    spare.extend(AGENT.map(|part| Path::of([part])));
    ddmin::ddmin(search, &spare);
    for delay in delays(search.document(), &latency) {
        if search.attempt_with(|candidate| put_constant(candidate, &latency, &delay)) {
            return;
        }
    }
}

/// One latency between all, as it is within a region, or else as it is between two.
fn without_regions(search: &mut Search<'_>, latency: &Path, regions: &Path) {
    let document = search.document();
    let between = document.children(&regions.to("between"));
    let laws =
        std::iter::once(regions.to("within")).chain(between.iter().map(|between| between.to("latency")));
    let mut typical: Vec<String> = laws.flat_map(|law| delays(document, &law)).collect();
    typical.dedup();
    for delay in typical {
        let is_as_good = search.attempt_with(|candidate| {
            candidate.remove(regions);
            put_constant(candidate, latency, &delay)
        });
        if is_as_good {
            return;
        }
    }
}

fn put_constant(document: &mut Document, latency: &Path, delay: &str) -> Result<(), ScenarioError> {
    document.put(latency, &format!("{{constant: {delay}}}"))
}

/// Delays that are typical of the law at `path`, the most typical first.
fn delays(document: &Document, path: &Path) -> Vec<String> {
    let scalars = document.scalars(path);
    let named = |name: &str| scalars.iter().find(|path| path.steps().last().is_some_and(|last| last == name));
    TYPICAL.iter().filter_map(|name| document.text(named(name)?)).map(str::to_owned).collect()
}
