//! `synod replay`: a repro file's run again, or what an agent knows in it.

use super::args::{Format, ReplayArgs};
use super::exit::{Exit, Failure};
use super::recording::Recording;
use super::{output, run};
use std::cell::RefCell;
use std::rc::Rc;
use synod_harness::{Blind, Prepared, Registry, SharedRecorder, glimpse, replay};
use synod_report::{Narrator, glimpse_object, glimpse_page, replay_object, replay_page};
use synod_sim::NodeId;

pub(super) fn replay_file(registry: &Registry, arguments: &ReplayArgs) -> Result<Exit, Failure> {
    let scenario = run::load(registry, &arguments.file, &[])?;
    if let (Some(event), Some(agent)) = (arguments.until, arguments.state) {
        return look(&*scenario, arguments, event, NodeId(agent));
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
    recording.finish()?;
    match arguments.printing.format {
        Format::Json => output::print_line(&replay_object(&replay))?,
        Format::Human => {
            let file = run::quoted(&arguments.file.display().to_string());
            output::print(&replay_page(&replay, &output::program(), &file))?;
        }
    }
    Ok(if replay.reproduced() { Exit::Held } else { Exit::Broken })
}

/// Shows what an agent knows after an event; any scenario will do.
fn look(scenario: &dyn Prepared, arguments: &ReplayArgs, event: u64, agent: NodeId) -> Result<Exit, Failure> {
    let seed = scenario.seed();
    let glimpse = glimpse(scenario, seed, event, agent).map_err(|blind| match blind {
        Blind::Scenario(error) => error.into(),
        Blind::Over(_) => Failure::input(format_args!("--until {event}: error: {blind}")),
        _ => Failure::input(format_args!("--state {agent}: error: {blind}")),
    })?;
    let narrator = Rc::new(RefCell::new(Narrator::new(event..=event)));
    let recorder: SharedRecorder = narrator.clone();
    scenario.run(seed, Some(recorder))?;
    let narrator = narrator.borrow();
    let told = narrator.told(event);
    match arguments.printing.format {
        Format::Json => output::print_line(&glimpse_object(&glimpse, agent, told))?,
        Format::Human => output::print(&glimpse_page(&glimpse, agent, told))?,
    }
    Ok(Exit::Held)
}
