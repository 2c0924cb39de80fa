//! A run of PBFT by the library alone, without YAML, command line, reports and threads; prints its digest.

use std::error::Error;
use synod::harness::tree::Tree;

fn main() -> Result<(), Box<dyn Error>> {
    let scenario: serde_json::Value = serde_json::from_str(include_str!("../scenario.json"))?;
    let scenario = synod::standard().prepare(Tree::of("scenario.json", &scenario)?)?;
    let outcome = scenario.run(scenario.seed(), None)?;
    assert!(outcome.verdict.passed(), "{:#?}", outcome.expectations);
    println!("{}", outcome.end.digest);
    Ok(())
}
