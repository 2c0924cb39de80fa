//! Every scenario of the folders holds what it expects.

use std::fs;
use std::path::Path;
use synod::scenario::Document;

#[test]
fn every_scenario_shows_what_it_says() {
    let mut failed = Vec::new();
    for folder in ["hierarchical", "simple", "weighted"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(folder);
        let files = fs::read_dir(folder).expect("there are scenarios");
        for file in files.map(|file| file.expect("a folder lists its entries").path()) {
            let document = Document::load(&file).unwrap_or_else(|error| panic!("{error}"));
            let scenario = document.prepare(&synod::standard()).unwrap_or_else(|error| panic!("{error}"));
            for seed in 1..=3 {
                let outcome = scenario.run(seed, None).unwrap_or_else(|error| panic!("{error}"));
                let unmet = outcome.expectations.iter().filter(|expectation| !expectation.verdict.passed());
                for unmet in unmet {
                    let name = scenario.name();
                    failed.push(format!(
                        "{name}, seed {seed}: {} is {}, not {}",
                        unmet.metric, unmet.value, unmet.bound
                    ));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
