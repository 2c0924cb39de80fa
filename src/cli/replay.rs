//! `synod replay`: a repro file's run again, or what an agent knows in it.

use super::args::{Format, ReplayArgs};
use super::exit::{Exit, Failure};
use super::recording::Recording;
use super::{output, run};
use std::cell::RefCell;
use std::rc::Rc;
use synod_harness::{Prepared, Registry, SharedRecorder, SnapshotError, replay, state_snapshot};
use synod_report::{EventPrinter, replay_object, replay_page, snapshot_object, snapshot_page};
use synod_sim::NodeId;

pub(super) fn replay_file(registry: &Registry, arguments: &ReplayArgs) -> Result<Exit, Failure> {
    let scenario = run::load(registry, &arguments.file, &[], arguments.reading)?;
    if let (Some(event), Some(agent)) = (arguments.until, arguments.state) {
        return show_state(&*scenario, arguments, event, NodeId(agent));
    }
    if scenario.finding().is_none() {
        let file = arguments.file.display();
        let advice = format!("it has no `repro`, which says what to compare with\n = help: synod run {file}");
        return Err(Failure::input(format_args!(
            "{file}: error: this is a scenario, not a repro file: {advice}"
        )));
    }
    let recording = Recording::open(&arguments.recordings, &arguments.file, &*scenario)?;
    let replay = replay(&*scenario, recording.recorder())?.expect("it is a repro file");
    let written = recording.finish()?;
    match arguments.printing.format {
        Format::Json => output::json(&replay_object(&replay))?,
        Format::Human => {
            let file = run::quoted(&arguments.file.display().to_string());
            output::page(&(replay_page(&replay, &output::program(), &file) + &written.lines()))?;
        }
    }
    Ok(if replay.reproduced() { Exit::Held } else { Exit::Failed })
}

/// Shows what an agent knows after an event; any scenario will do.
fn show_state(
    scenario: &dyn Prepared,
    arguments: &ReplayArgs,
    event: u64,
    agent: NodeId,
) -> Result<Exit, Failure> {
    let seed = scenario.seed();
    let snapshot = state_snapshot(scenario, seed, event, agent).map_err(|error| match error {
        SnapshotError::Scenario(error) => error.into(),
        SnapshotError::RunOver(_) => Failure::input(format_args!("--until {event}: error: {error}")),
        _ => Failure::input(format_args!("--state {agent}: error: {error}")),
    })?;
    let printer = Rc::new(RefCell::new(EventPrinter::new(event..=event)));
    let recorder: SharedRecorder = printer.clone();
    scenario.run(seed, Some(recorder))?;
    let printer = printer.borrow();
    let told = printer.lines_of(event);
    match arguments.printing.format {
        Format::Json => output::json(&snapshot_object(&snapshot, agent, told))?,
        Format::Human => output::page(&snapshot_page(&snapshot, agent, told))?,
    }
    Ok(Exit::Held)
}
