//! YAML text -> tree, within limits: nothing that a file holds can take more than a moment or a few megabytes.

use serde_yaml::granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, options};
use std::collections::BTreeMap;
use synod_harness::tree::{Entry, Node, Value};
use synod_harness::tree::{Place, Source, end_position};
use synod_harness::{ScenarioError, quote};
use synod_sim::units::printable;

/// The deepest nesting of lists and maps.
const MAX_DEPTH: usize = 64;
/// The most that a tree may weigh: enough for some 400,000 values.
const MAX_WEIGHT: usize = 24 << 20;
/// What a value weighs, besides its text.
const NODE_WEIGHT: usize = 64;

/// Parses the text of `source`, which is number `index` among the document's sources.
///
/// # Errors
/// If the text is not YAML, is empty or holds several documents, if a key is given twice, and beyond the limits.
pub(super) fn parse(source: &Source, index: u32) -> Result<Node, ScenarioError> {
    if let Some(at) = source.text.find(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        let position = end_position(&source.text[..at]);
        let place = Place { source: index, line: position.line, column: position.column, width: 1 };
        let found = source.text[at..].chars().next().map_or(0, u32::from);
        let message = format!("the control character U+{found:04X} has no place in a text file");
        return Err(ScenarioError::at(source, place, message, None));
    }
    let mut builder = Builder { index, stack: Vec::new(), anchors: BTreeMap::new(), weight: 0, root: None };
    let limits = options! {
        disallow_directives: true,
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    for event in Parser::new_from_str_with_options(&source.text, limits) {
        let step = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => Err((builder.place(Span::empty(*error.marker())), broken(&error))),
        };
        step.map_err(|(place, message)| ScenarioError::at(source, place, message, None))?;
    }
    match builder.root {
        Some(root) => Ok(root),
        None => Err(ScenarioError::of_file(&source.name, "is empty")),
    }
}

/// What is wrong, and where.
type Fault = (Place, String);

/// A tree in the making.
struct Builder {
    index: u32,
    /// The lists and maps that are open.
    stack: Vec<Open>,
    /// The values that aliases can refer to.
    anchors: BTreeMap<usize, Node>,
    weight: usize,
    root: Option<Node>,
}

/// A list or map that is open.
struct Open {
    place: Place,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    /// The entries, and the key whose value comes next.
    Map(Vec<Entry>, Option<(String, Place)>),
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let place = self.place(span);
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                Err((place, "a second document begins here: a scenario file holds one".into()))
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, _, Some(_))
            | Event::MappingStart(_, _, Some(_)) => {
                let tag = span.tag_span().map_or(place, |span| self.place(span));
                Err((tag, "scenario files use no tags".into()))
            }
            Event::Scalar(text, style, anchor, None) => {
                let plain = style == ScalarStyle::Plain;
                // Whatever is printed of it later cannot steer a terminal or hide.
                let text = printable(&text).into_owned();
                self.charge(NODE_WEIGHT + text.len(), place)?;
                self.add(Node { value: Value::Scalar { text, plain }, place }, anchor)
            }
            Event::SequenceStart(_, anchor, None) => self.open(Content::List(Vec::new()), anchor, place),
            Event::MappingStart(_, anchor, None) => self.open(Content::Map(Vec::new(), None), anchor, place),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => self.alias(anchor, place),
            _ => Ok(()),
        }
    }

    /// Repeats the value that an alias refers to.
    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Fault> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err((place, "an alias cannot stand inside of what it refers to".into()));
        };
        let (weight, depth) = measure(node);
        if self.stack.len() + depth > MAX_DEPTH {
            return Err((place, too_deep()));
        }
        self.charge(weight, place)?;
        let place = self.owner().unwrap_or(place);
        let value = self.anchors[&anchor].value.clone();
        self.add(Node { value, place }, 0)
    }

    /// Counts what the tree takes.
    fn charge(&mut self, weight: usize, place: Place) -> Result<(), Fault> {
        self.weight += weight;
        if self.weight <= MAX_WEIGHT {
            Ok(())
        } else {
            Err((place, "the file grows too large here, counting what aliases repeat".into()))
        }
    }

    /// Begins a list or map.
    fn open(&mut self, content: Content, anchor: usize, place: Place) -> Result<(), Fault> {
        if self.expects_key() {
            return Err((place, "a key is a single word or text".into()));
        }
        if self.stack.len() >= MAX_DEPTH {
            return Err((place, too_deep()));
        }
        self.charge(NODE_WEIGHT, place)?;
        let place = self.owner().unwrap_or(place);
        self.stack.push(Open { place, anchor, content });
        Ok(())
    }

    /// Ends a list or map.
    fn close(&mut self) -> Result<(), Fault> {
        let Some(Open { place, anchor, content }) = self.stack.pop() else { return Ok(()) };
        let value = match content {
            Content::List(items) => Value::List(items),
            Content::Map(entries, _) => {
                refuse_duplicates(&entries)?;
                Value::Map(entries)
            }
        };
        self.add(Node { value, place }, anchor)
    }

    /// Puts a complete value, or a key, where it belongs.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        let place = node.place;
        if anchor != 0 {
            self.charge(measure(&node).0, place)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.stack.last_mut().map(|open| &mut open.content) {
            None => self.root = Some(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map(entries, key)) => match (key.take(), node.value) {
                (Some((key, place)), value) => {
                    entries.push(Entry { key, place, node: Node { value, place: node.place } })
                }
                (None, Value::Scalar { text, .. }) => *key = Some((on_one_line(&text), place)),
                (None, _) => return Err((place, "a key is a single word or text".into())),
            },
        }
        Ok(())
    }

    fn expects_key(&self) -> bool {
        matches!(self.stack.last(), Some(Open { content: Content::Map(_, None), .. }))
    }

    /// Returns the place of the key whose value comes next.
    fn owner(&self) -> Option<Place> {
        match &self.stack.last()?.content {
            Content::Map(_, Some((_, place))) => Some(*place),
            _ => None,
        }
    }

    fn place(&self, span: Span) -> Place {
        Place {
            source: self.index,
            line: span.start.line() as u32,
            column: span.start.col() as u32 + 1,
            width: span.len() as u32,
        }
    }
}

/// Returns a key with its line breaks and tabs escaped: keys are names.
fn on_one_line(key: &str) -> String {
    key.replace('\n', "\\n").replace('\t', "\\t")
}

/// Why the text is not YAML.
fn broken(error: &ScanError) -> String {
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => too_deep(),
        ErrorKind::DirectiveDisallowed => "scenario files use no directives".into(),
        _ => format!("broken YAML: {}", printable(&error.info())),
    }
}

fn too_deep() -> String {
    format!("lists and maps are nested more than {MAX_DEPTH} deep")
}

/// Returns what `node` weighs and how deep it is.
fn measure(node: &Node) -> (usize, usize) {
    let within =
        |(weight, depth): (usize, usize), (more, deep): (usize, usize)| (weight + more, depth.max(deep));
    match &node.value {
        Value::Scalar { text, .. } => (NODE_WEIGHT + text.len(), 0),
        Value::List(items) => {
            let (weight, depth) = items.iter().map(measure).fold((NODE_WEIGHT, 0), within);
            (weight, depth + 1)
        }
        Value::Map(entries) => {
            let measured = entries.iter().map(|entry| {
                let (weight, depth) = measure(&entry.node);
                (weight + NODE_WEIGHT + entry.key.len(), depth)
            });
            let (weight, depth) = measured.fold((NODE_WEIGHT, 0), within);
            (weight, depth + 1)
        }
    }
}

/// Refuses a map that has a key twice, at the second.
fn refuse_duplicates(entries: &[Entry]) -> Result<(), Fault> {
    let mut seen = BTreeMap::new();
    for Entry { key, place, .. } in entries {
        if let Some(first) = seen.insert(key, place) {
            let Place { line, column, .. } = first;
            return Err((*place, format!("{} is given twice: first at {line}:{column}", quote(key))));
        }
    }
    Ok(())
}
