//! `synod diff`: the first event at which two runs part.

use super::args::{DiffArgs, Format};
use super::exit::{Exit, Failure};
use super::{output, run};
use std::cell::RefCell;
use std::rc::Rc;
use synod_harness::{Prepared, Registry, SharedRecorder, diff};
use synod_report::{EventPrinter, PAST, Side, parting_object, parting_page, same_object, same_page};

pub(super) fn diff_files(registry: &Registry, arguments: &DiffArgs) -> Result<Exit, Failure> {
    let files = [&arguments.first, &arguments.second];
    let seeds = match arguments.seed[..] {
        [] => [None; 2],
        [seed] => [Some(seed); 2],
        [first, second] => [first, second].map(Some),
        _ => {
            return Err(Failure::input(
                "--seed: error: there are two runs, so give one seed for both, or two",
            ));
        }
    };
    let overrides = |place: usize| Vec::from_iter(seeds[place].map(|seed| format!("seed={seed}")));
    let one = run::load(registry, files[0], &overrides(0), arguments.reading)?;
    let other = run::load(registry, files[1], &overrides(1), arguments.reading)?;
    let difference = match diff((&*one, one.seed()), (&*other, other.seed()))? {
        Ok(same) => {
            match arguments.printing.format {
                Format::Json => output::json(&same_object(&same))?,
                Format::Human => output::page(&same_page(&same))?,
            }
            return Ok(Exit::Held);
        }
        Err(difference) => difference,
    };
    let narrators = [narrate(&*one, difference.event)?, narrate(&*other, difference.event)?];
    let labels = [(files[0], &one), (files[1], &other)]
        .map(|(file, scenario)| format!("{}, seed {}", file.display(), scenario.seed()));
    let narrators = [narrators[0].borrow(), narrators[1].borrow()];
    let sides = [0, 1].map(|place: usize| Side { label: &labels[place], printer: &narrators[place] });
    match arguments.printing.format {
        Format::Json => output::json(&parting_object(&difference, &sides))?,
        Format::Human => output::page(&parting_page(&difference, &sides))?,
    }
    Ok(Exit::Failed)
}

/// Tells a run again, around `event`.
fn narrate(scenario: &dyn Prepared, event: u64) -> Result<Rc<RefCell<EventPrinter>>, Failure> {
    let printer = Rc::new(RefCell::new(EventPrinter::new(event.saturating_sub(PAST)..=event)));
    let recorder: SharedRecorder = printer.clone();
    scenario.run(scenario.seed(), Some(recorder))?;
    Ok(printer)
}
