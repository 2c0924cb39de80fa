//! `synod solve`: what a game, bids or orders come to, without a simulation.

use super::args::{Format, SolveArgs, SolveRule};
use super::exit::{Exit, Failure};
use super::output;
use std::path::Path;
use synod_economics::Amount;
use synod_economics::answer::{AnswerError, FileKind, MarketRule, Options, answer};
use synod_economics::file::minor_units;
use synod_report::{answer_object, answer_page};

pub(super) fn solve(arguments: &SolveArgs) -> Result<Exit, Failure> {
    let path = &arguments.file;
    let name = path.display();
    let text = synod_scenario::read(path)?;
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let kind = arguments.kind.or_else(|| FileKind::of(&extension, &text)).ok_or_else(|| unknown(path))?;
    let found = answer(kind, &text, &options(arguments, kind)?).map_err(|error| match error {
        AnswerError::File(error) => {
            Failure::input(format_args!("{name}:{}:{}: error: {}", error.line, error.column, error.message))
        }
        AnswerError::Asked(message) => Failure::input(format_args!("{name}: error: {message}")),
    })?;
    let shown = name.to_string();
    match arguments.printing.format {
        Format::Json => output::json(&answer_object(&shown, &found))?,
        Format::Human => output::page(&answer_page(&shown, &found))?,
    }
    Ok(if found.is_whole() { Exit::Held } else { Exit::Unknown })
}

fn unknown(path: &Path) -> Failure {
    let kinds = FileKind::ALL.map(FileKind::name).join(", ");
    Failure::input(format_args!(
        "{}: error: neither its name nor its first line says what this is\n = help: say it by --kind: {kinds}",
        path.display()
    ))
}

/// Returns how the file is to be answered; a rule has to be one for its kind.
fn options(arguments: &SolveArgs, kind: FileKind) -> Result<Options, Failure> {
    let rule = arguments.rule;
    let fits = match rule {
        None => true,
        Some(SolveRule::FirstPrice | SolveRule::SecondPrice) => kind == FileKind::Bids,
        Some(SolveRule::Vcg | SolveRule::Greedy) => matches!(kind, FileKind::Bids | FileKind::Cats),
        Some(SolveRule::Uniform | SolveRule::Mcafee) => kind == FileKind::Orders,
    };
    if !fits {
        return Err(Failure::input(format_args!("--rule: error: this is no rule for {}", kind.about())));
    }
    let reserve = minor_units(&arguments.reserve, arguments.decimals)
        .and_then(|reserve| if reserve < Amount::ZERO { Err("0 or more".to_owned()) } else { Ok(reserve) })
        .map_err(|what| {
            Failure::input(format_args!("--reserve {}: error: expected {what}", arguments.reserve))
        })?;
    Ok(Options {
        first_price: rule == Some(SolveRule::FirstPrice),
        reserve,
        greedy: rule == Some(SolveRule::Greedy),
        steps: arguments.steps,
        market: if rule == Some(SolveRule::Mcafee) { MarketRule::McAfee } else { MarketRule::Uniform },
        k_ppm: (arguments.k.fraction() * 1e6).round() as u64,
        decimals: arguments.decimals,
    })
}
