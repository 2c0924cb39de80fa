//! `synod select`: which protocol suits.

use super::args::{Format, SelectArgs};
use super::exit::{Exit, Failure};
use super::output;
use super::output_file::OutputFile;
use synod_campaign::{Demand, FaultClass, choose, measure};
use synod_harness::Registry;
use synod_report::{Selection, selection_object, selection_page, selection_plot};
use synod_scenario::Document;
use synod_scenario::to_yaml;

pub(super) fn select(registry: &Registry, arguments: &SelectArgs) -> Result<Exit, Failure> {
    let mut document = Document::load_with(&arguments.scenario, arguments.reading.access())?;
    arguments.overrides.set.iter().try_for_each(|assignment| document.set(assignment))?;
    let scenario = document.prepare(registry)?;
    let others = [(arguments.scenario.as_path(), "the scenario itself")];
    let plot = arguments.plot.as_ref().map(|path| OutputFile::new(path, &others)).transpose()?;
    let (corrupted, crashed) = scenario.faulty();
    let struck = match (corrupted, crashed) {
        (0, 0) => FaultClass::Benign,
        (0, _) => FaultClass::Crash,
        _ => FaultClass::Byzantine,
    };
    let demand = Demand {
        task: arguments.task,
        agents: scenario.agents(),
        fault_class: arguments.fault_class.unwrap_or(struck),
        faulty: arguments.faulty.unwrap_or(corrupted + crashed),
    };
    let trial = match arguments.runs {
        0 => None,
        runs => {
            let world = to_yaml(&scenario.resolved(scenario.seed()))?;
            Some(measure(registry, &world, &demand, runs)?)
        }
    };
    let selection = Selection { scenario: scenario.name(), demand, choice: choose(&demand), trial };
    if let Some(output) = plot {
        output.write(selection_plot(&selection).as_bytes())?;
    }
    match arguments.printing.format {
        Format::Json => output::json(&selection_object(&selection))?,
        Format::Human => output::page(&selection_page(&selection))?,
    }
    // Where nobody can do what is demanded, that is the answer, and it is no success.
    Ok(if selection.has_answer() { Exit::Held } else { Exit::Failed })
}
