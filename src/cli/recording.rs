//! What `run` and `replay` write of a run while it goes on.

use super::args::Recordings;
use super::exit::Failure;
use super::output;
use super::output_file::{OutputFile, output_files};
use std::cell::RefCell;
use std::io::BufWriter;
use std::path::Path;
use std::rc::Rc;
use synod_campaign::Notation;
use synod_harness::{Prepared, Recorded, Recorders, SharedRecorder};
use synod_report::{ClientHistory, Events, ShiViz, Timeline, bytes, grouped};

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
        let limit = wanted.recording_limit.0;
        let (agents, seed) = (scenario.agents(), scenario.seed());
        let mut files: Vec<(OutputFile, SharedRecorder)> = Vec::new();
        if let Some(target) = trace {
            let timeline = Timeline::new(BufWriter::new(target.create()?), agents, limit);
            files.push((target, Rc::new(RefCell::new(timeline))));
        }
        if let Some(target) = events {
            let events = Events::new(BufWriter::new(target.create()?), scenario, seed, limit);
            files.push((target, Rc::new(RefCell::new(events))));
        }
        if let Some(target) = history {
            let name = wanted.history.as_deref().unwrap_or(Path::new(""));
            let notation = Notation::of_file(&name.to_string_lossy());
            let history = ClientHistory::new(BufWriter::new(target.create()?), notation, scenario, limit);
            files.push((target, Rc::new(RefCell::new(history))));
        }
        if let Some(target) = shiviz {
            let log = ShiViz::new(BufWriter::new(target.create()?), agents, limit);
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

    /// Writes what is left, once the run is over, and says what was left out.
    pub(super) fn finish(self) -> Result<Written, Failure> {
        let Recording(files) = self;
        let mut written = Vec::new();
        for (target, recorder) in &files {
            let recorded = recorder.borrow_mut().finish().map_err(|error| target.failure(&error))?;
            if recorded.left_out > 0 {
                output::note(&format!(
                    "{target}: {}: {} more would not fit; raise --recording-limit to have all",
                    bytes(recorded.bytes),
                    plural(recorded.left_out, "entry", "entries"),
                ));
            }
            written.push((target.to_string(), recorded));
        }
        Ok(Written(written))
    }
}

/// What was written of a run.
pub(super) struct Written(Vec<(String, Recorded)>);

impl Written {
    /// Returns a line for each file: its name and size.
    pub(super) fn lines(&self) -> String {
        let line = |(name, recorded): &(String, Recorded)| format!("{name}: {}\n", bytes(recorded.bytes));
        let lines: String = self.0.iter().map(line).collect();
        if lines.is_empty() { lines } else { format!("\n{lines}") }
    }
}

fn plural(count: u64, one: &str, several: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { several })
}
