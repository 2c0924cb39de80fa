//! What `run` and `replay` write of a run while it goes on.

use super::args::Recordings;
use super::exit::Failure;
use super::output_file::{OutputFile, output_files};
use std::cell::RefCell;
use std::io::BufWriter;
use std::path::Path;
use std::rc::Rc;
use synod_campaign::Notation;
use synod_harness::{Prepared, Recorders, SharedRecorder};
use synod_report::{ClientHistory, Events, ShiViz, Timeline};

/// Files that are being written.
pub(super) struct Recording(Vec<(OutputFile, SharedRecorder)>);

impl Recording {
    /// Opens the files that are `wanted` of the run of `scenario`, which was read from `file`, with its own seed.
    pub(super) fn open(
        wanted: &Recordings,
        file: &Path,
        scenario: &dyn Prepared,
    ) -> Result<Recording, Failure> {
        let options = [
            ("--trace", &wanted.trace),
            ("--events", &wanted.events),
            ("--history", &wanted.history),
            ("--shiviz", &wanted.shiviz),
        ];
        let [trace, events, history, shiviz] = output_files(options, &[(file, "the scenario itself")])?;
        let (agents, seed) = (scenario.agents(), scenario.seed());
        let mut files: Vec<(OutputFile, SharedRecorder)> = Vec::new();
        if let Some(target) = trace {
            let timeline = Timeline::new(BufWriter::new(target.create()?), agents);
            files.push((target, Rc::new(RefCell::new(timeline))));
        }
        if let Some(target) = events {
            let events = Events::new(BufWriter::new(target.create()?), scenario, seed);
            files.push((target, Rc::new(RefCell::new(events))));
        }
        if let Some(target) = history {
            let name = wanted.history.as_deref().unwrap_or(Path::new(""));
            let notation = Notation::of_file(&name.to_string_lossy());
            let history = ClientHistory::new(BufWriter::new(target.create()?), notation, scenario);
            files.push((target, Rc::new(RefCell::new(history))));
        }
        if let Some(target) = shiviz {
            let log = ShiViz::new(BufWriter::new(target.create()?), agents);
            files.push((target, Rc::new(RefCell::new(log))));
        }
        Ok(Recording(files))
    }

    /// Returns what is to see the run; nobody if nothing is written of it.
    pub(super) fn recorder(&self) -> Option<SharedRecorder> {
        match &self.0[..] {
            [] => None,
            [(_, only)] => Some(only.clone()),
            several => {
                let recorders = several.iter().map(|(_, recorder)| recorder.clone()).collect();
                Some(Rc::new(RefCell::new(Recorders(recorders))))
            }
        }
    }

    /// Writes what is left, once the run is over.
    pub(super) fn finish(self) -> Result<(), Failure> {
        let Recording(files) = self;
        files.iter().try_for_each(|(target, recorder)| {
            recorder.borrow_mut().finish().map_err(|error| target.failure(&error))
        })
    }
}
