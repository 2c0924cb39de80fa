//! A protocol inside another, in a scenario file: the same parameters as on its own, in another place.

use super::error::Problem;
use super::faults::Tolerance;
use super::groups::Group;
use super::path::Path;
use super::theory::Theory;
use super::vocabulary::Names;
use super::world::World;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, EnumAccess, IgnoredAny, VariantAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use synod_common::decide::{DeciderConfig, KindTable, Level};
use synod_sim::units::Span;
use synod_sim::{NodeId, Streams, Value};

/// A deciding protocol and its parameters, as they stand under `protocol` where it runs alone.
///
/// What it can be, the registry says: any protocol whose harness has a
/// [`composition`](super::Harness::composition). A protocol with such a parameter names it in
/// [`Harness::children`](super::Harness::children), and it is looked up when the scenario is read.
#[derive(Clone)]
pub struct InnerProtocol {
    pub(super) name: Cow<'static, str>,
    pub(super) child: Option<Arc<dyn Child>>,
}

impl InnerProtocol {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The protocol.
    ///
    /// # Panics
    /// If it was not looked up.
    pub fn child(&self) -> &dyn Child {
        self.child.as_deref().expect("a protocol inside another is looked up when the scenario is read")
    }
}

/// A protocol with its parameters, ready to take part in another.
pub trait Child: Send + Sync {
    /// Its name in scenario files.
    fn name(&self) -> &'static str;
    /// Its parameters.
    fn params(&self) -> Value;
    /// Its oracles, metrics and marks.
    fn names(&self) -> &Names;

    /// Its configuration as a child whose run has `kinds` of message, and what it tolerates. `here` is where it stands in
    /// the file.
    ///
    /// # Errors
    /// What is wrong with its parameters, or with what it is asked.
    fn resolve(
        &self,
        place: &InnerPlace<'_>,
        task: InnerTask,
        streams: &Streams,
        kinds: &KindTable,
        here: &Path,
    ) -> Result<(DeciderConfig, Option<Tolerance>), Problem>;

    /// What it is as a rung of a chain; `None` if it cannot be left before it has decided.
    ///
    /// # Errors
    /// If it cannot be left with these parameters.
    fn rung(&self, here: &Path) -> Result<Option<RungSpec>, Problem>;

    /// What theory says of it there.
    fn theory(&self, place: &InnerPlace<'_>, task: InnerTask) -> Vec<Theory>;
}

/// Where an inner protocol runs.
#[derive(Clone)]
pub struct InnerPlace<'a> {
    /// The world around.
    pub around: &'a World,
    /// The groups of its members.
    pub groups: Vec<Group>,
    /// Number of its members.
    pub members: u32,
}

/// What an inner protocol is asked.
#[derive(Copy, Clone, Debug)]
pub struct InnerTask {
    /// When it begins.
    pub at: Span,
    /// What its initiator proposes, where it has one, unless the protocol around has something for it.
    pub value: u64,
    /// The largest value that may be decided.
    pub value_max: u64,
    /// How many options a vote has.
    pub options: u64,
    /// When a decision is given up, from the start, where nothing in the protocol itself ends it.
    pub deadline: Option<Span>,
    /// Separates its random streams from those of other inner protocols of the run.
    pub number: u64,
}

/// What a protocol is as a rung of a chain.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct RungSpec {
    /// How much it bears.
    pub level: Level,
    /// The member that opens it, once the rung before is closed: best the one on which its first decision depends.
    pub opener: NodeId,
}

impl fmt::Debug for InnerProtocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.child {
            Some(child) => write!(out, "{}: {:?}", self.name, child.params()),
            None => out.write_str(&self.name),
        }
    }
}

impl Serialize for InnerProtocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let child = self.child();
        serializer.serialize_newtype_variant("InnerProtocol", 0, child.name(), &child.params())
    }
}

/// Reads the name alone; parameters are read by the protocol that it names.
impl<'de> Deserialize<'de> for InnerProtocol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<InnerProtocol, D::Error> {
        struct Named;
        impl<'de> Visitor<'de> for Named {
            type Value = InnerProtocol;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a protocol's name and its parameters")
            }

            fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<InnerProtocol, A::Error> {
                let (name, params) = access.variant::<String>()?;
                params.newtype_variant::<IgnoredAny>()?;
                Ok(InnerProtocol { name: name.into(), child: None })
            }
        }
        deserializer.deserialize_enum("InnerProtocol", &[], Named)
    }
}

/// Anything: the schema of scenario files says which protocols there are.
impl JsonSchema for InnerProtocol {
    fn schema_name() -> Cow<'static, str> {
        InnerProtocol::SCHEMA.into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!(true)
    }
}

impl InnerProtocol {
    /// Its name in schemas.
    pub(super) const SCHEMA: &'static str = "InnerProtocol";
}
