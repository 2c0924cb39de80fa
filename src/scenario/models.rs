//! Fault models: faults kept in files of their own, which scenarios pick and adjust.
//!
//! In `faults:`, the entry `model: {file: silent.yaml, agents: 3, from: 2s}` stands for the faults of that file, with
//! what else it says laid over the settings of each.

use super::access::Reach;
use super::{parse, reading};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use std::path::Path as FilePath;
use synod_fault::Fault;
use synod_harness::Path;
use synod_harness::check_name;
use synod_harness::tree;
use synod_harness::tree::{Entry, Node, Source, SourceKind, Tree, Value};
use synod_harness::{Draft, Problem, ScenarioError, quote};

/// The most faults that a scenario can have, those of its models included.
const MAX_FAULTS: usize = 10_000;

/// A file of faults to pick from.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultModel {
    /// A short name.
    pub name: String,
    /// What it does, in one sentence.
    pub about: String,
    /// Its number in the catalogue of attacks, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attack: Option<u32>,
    /// What it aims at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aims: Vec<Aim>,
    /// The faults that it is made of.
    pub faults: Vec<Fault>,
}

/// What an adversary wants to break.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// That nothing bad happens.
    Safety,
    /// That something good happens in the end.
    Liveness,
    /// That all are treated alike.
    Fairness,
}

impl FaultModel {
    /// Reads the model in the file at `path`.
    ///
    /// # Errors
    /// If it cannot be read or is no fault model.
    pub fn load(path: &FilePath) -> Result<FaultModel, ScenarioError> {
        let source =
            Source { name: path.display().to_string(), text: reading::read(path)?, kind: SourceKind::File };
        read(&source, 0).map(|(model, _)| model)
    }
}

/// Returns the JSON Schema of fault models.
pub fn schema(draft: Draft) -> Schema {
    let mut schema = draft.settings().into_generator().into_root_schema_for::<FaultModel>();
    schema.insert("title".to_owned(), "Synod fault model".into());
    schema
}

/// Puts the faults of every model that the scenario picks in its place.
pub(super) fn inline(tree: &mut Tree, reach: &Reach) -> Result<(), ScenarioError> {
    let Some(Value::List(entries)) = tree.root.get("faults").map(|node| node.value.clone()) else {
        return Ok(());
    };
    let mut faults = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        match entry.get("model") {
            None => faults.push(entry),
            Some(reference) => faults.extend(pick(tree, reach, reference, index)?),
        }
    }
    if faults.len() > MAX_FAULTS {
        let message = format!("there are {} faults, and {MAX_FAULTS} are possible", faults.len());
        return Err(tree.error(Problem::new(Path::of(["faults"]), message)));
    }
    let faults_node = tree.root.get_mut("faults").expect("it was there");
    faults_node.value = Value::List(faults);
    Ok(())
}

/// Returns the faults of the model that the entry at `index` picks, with what the entry says laid over them.
fn pick(tree: &mut Tree, reach: &Reach, reference: &Node, index: usize) -> Result<Vec<Node>, ScenarioError> {
    let here = Path::of(["faults"]).to(index).to("model");
    let (file, settings) = match &reference.value {
        // The file alone, when nothing is to be said besides.
        Value::Scalar { text, .. } => (text.clone(), Vec::new()),
        Value::Map(entries) => {
            let Some(Value::Scalar { text, .. }) = reference.get("file").map(|node| &node.value) else {
                let problem = Problem::new(here.to("file"), "which file?");
                return Err(tree.error(problem.help("write model: {file: …}")));
            };
            (text.clone(), entries.iter().filter(|entry| entry.key != "file").cloned().collect())
        }
        Value::List(_) => {
            return Err(tree.error(Problem::new(here, "expected a file and what is to be different")));
        }
    };
    let name = reach.permit(&file).map_err(|outside| tree.error(outside.at(here.to("file"))))?;
    let text = reading::read(&name).map_err(|error| match error.position {
        None => tree.error(Problem::new(here.to("file"), format!("{} {}", error.file, error.message))),
        Some(_) => error,
    })?;
    let number = tree.sources.len() as u32;
    let source = Source { name: name.display().to_string(), text, kind: SourceKind::Referred };
    let (_, mut faults) = read(&source, number)?;
    tree.sources.push(source);
    for fault in &mut faults {
        // A kind alone, such as `silent:`, has no settings yet; it was read, so it is a map of one kind.
        let Value::Map(kinds) = &mut fault.value else { unreachable!("it was read as a fault") };
        let kind = &mut kinds[0].node;
        if kind.is_null() {
            kind.value = Value::Map(Vec::new());
        }
        let Value::Map(own) = &mut kind.value else { unreachable!("it was read as settings") };
        settings.iter().for_each(|entry| lay(own, entry));
    }
    Ok(faults)
}

/// Lays one setting over a fault's own.
fn lay(own: &mut Vec<Entry>, entry: &Entry) {
    match own.iter_mut().find(|other| other.key == entry.key) {
        Some(other) => *other = entry.clone(),
        None => own.push(entry.clone()),
    }
}

/// Reads a model strictly, and gives its faults as trees as well.
fn read(source: &Source, number: u32) -> Result<(FaultModel, Vec<Node>), ScenarioError> {
    let root = parse::parse(source, number).map_err(|mut error| {
        // The parser's own words may hold some of the file's.
        if source.kind == SourceKind::Referred && error.message.starts_with("broken YAML") {
            error.message = "broken YAML".to_owned();
        }
        error
    })?;
    let model: FaultModel = tree::read(&root).map_err(|error| {
        ScenarioError::at(source, error.place.unwrap_or(root.place), error.message, error.help)
    })?;
    check_name(&model.name, Path::of(["name"])).map_err(|problem| {
        ScenarioError::at(source, root.locate(&problem.path), problem.message, problem.help)
    })?;
    match root.get("faults").map(|node| node.value.clone()) {
        Some(Value::List(faults)) if !faults.is_empty() => Ok((model, faults)),
        _ => {
            let message = format!("the model {} has no faults", quote(&model.name));
            Err(ScenarioError::at(source, root.place, message, None))
        }
    }
}
