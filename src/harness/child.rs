//! A protocol of a harness inside another protocol.

use super::composition::Composition;
use super::error::{Problem, ScenarioError};
use super::faults::Tolerance;
use super::harness::Harness;
use super::inner::{Child, InnerPlace, InnerProtocol, InnerTask, RungSpec};
use super::path::Path;
use super::theory::Theory;
use super::tree::Tree;
use super::vocabulary::Names;
use super::world::Scenario;
use std::sync::Arc;
use synod_common::decide::{Decide, Decider, DeciderConfig, KindTable};
use synod_oracle::{Agreement, NoPanic};
use synod_sim::{Digest, Streams, Value};

/// The protocol of `H` with its parameters.
struct Typed<H: Harness> {
    params: H::Params,
    names: Names,
    composition: HarnessComposition<H>,
}

type HarnessComposition<H> =
    Composition<<H as Harness>::Protocol, <H as Harness>::Params, <H as Harness>::Workload>;

/// Reads the protocol of a name whose parameters are at a path.
pub(super) type Lookup<'a> = dyn Fn(&str, &Path) -> Result<Arc<dyn Child>, ScenarioError> + 'a;

/// Reads the parameters of the protocol of `H` at `path`, with the protocols that they name, which `lookup` finds.
pub(super) fn read_params<H: Harness>(
    tree: &Tree,
    path: &Path,
    lookup: &Lookup<'_>,
) -> Result<(H::Params, Names), ScenarioError> {
    let mut params: H::Params = tree.read(path)?;
    for (steps, inner) in H::children(&mut params) {
        let here = Path::of(path.steps().iter().chain(steps.steps())).to(&inner.name);
        inner.child = Some(lookup(&inner.name, &here)?);
    }
    let names = names::<H>(&mut params);
    Ok((params, names))
}

/// The oracles, metrics and marks of the protocol of `H` and of those inside it.
pub(super) fn names<H: Harness>(params: &mut H::Params) -> Names {
    let mut names = own_names::<H>();
    for (_, inner) in H::children(params) {
        let Names { oracles, metrics, marks } = inner.child().names().clone();
        names.add(oracles, metrics, marks);
    }
    names
}

/// Returns the oracles, metrics and marks of the protocol of `H` itself.
pub(super) fn own_names<H: Harness>() -> Names {
    let mut names = Names::default();
    // Two oracles watch every run; a protocol may bring the second itself.
    let oracles = H::ORACLES.iter().copied().chain([NoPanic::NAME, Agreement::NAME]);
    names.add(oracles, H::METRICS, H::MARKS.iter().copied());
    names
}

/// Reads the protocol of `H` whose parameters are at `path`; `None` if it takes no part in others.
pub(super) fn read<H: Harness>(
    tree: &Tree,
    path: &Path,
    lookup: &Lookup<'_>,
) -> Option<Result<Arc<dyn Child>, ScenarioError>> {
    let composition = H::composition()?;
    let read = read_params::<H>(tree, path, lookup);
    Some(read.map(|(params, names)| Arc::new(Typed::<H>::new(params, names, composition)) as Arc<dyn Child>))
}

impl InnerProtocol {
    /// The protocol of `H` with these parameters, where a composition itself says which protocols it is made of.
    ///
    /// # Panics
    /// If it takes no part in others.
    pub fn of<H: Harness>(mut params: H::Params) -> InnerProtocol {
        let composition = H::composition().expect("it says how it takes part in others");
        let names = names::<H>(&mut params);
        let child = Arc::new(Typed::<H>::new(params, names, composition));
        InnerProtocol { name: H::NAME.into(), child: Some(child) }
    }
}

impl<H: Harness> Typed<H> {
    fn new(params: H::Params, mut names: Names, composition: HarnessComposition<H>) -> Typed<H> {
        names.add(composition.oracles.iter().copied(), [], []);
        Typed { params, names, composition }
    }

    /// The scenario that the child sees.
    fn scenario(&self, place: &InnerPlace<'_>, task: InnerTask) -> Scenario<H::Params, H::Workload> {
        let world = place.around.inner(place.groups.clone(), place.members);
        Scenario { world, params: self.params.clone(), workload: (self.composition.workload)(&task) }
    }
}

/// Names a value of a protocol that stands at `here`.
fn located(problem: Problem, name: &str, here: &Path) -> Problem {
    let moved = problem.path.moved(&["protocol", name], &here.to(name));
    Problem { path: moved.unwrap_or_else(|| here.clone()), ..problem }
}

impl<H: Harness> Child for Typed<H> {
    fn name(&self) -> &'static str {
        H::NAME
    }

    fn params(&self) -> Value {
        Value::of(&self.params).expect("parameters can be serialized")
    }

    fn names(&self) -> &Names {
        &self.names
    }

    fn resolve(
        &self,
        place: &InnerPlace<'_>,
        task: InnerTask,
        streams: &Streams,
        kinds: &KindTable,
        here: &Path,
    ) -> Result<(DeciderConfig, Option<Tolerance>), Problem> {
        let scenario = self.scenario(place, task);
        let instance = H::instance(&scenario, &apart(streams, task.number))
            .map_err(|problem| located(problem, H::NAME, here))?;
        let child = (self.composition.child)(instance.config, &task, kinds);
        assert_eq!(Decider::members(&child), place.members as usize, "a child has no nodes but its members");
        Ok((child, H::tolerance(&scenario)))
    }

    fn rung(&self, here: &Path) -> Result<Option<RungSpec>, Problem> {
        let rung = self.composition.rung.map(|rung| rung(&self.params));
        rung.transpose().map_err(|problem| located(problem, H::NAME, here))
    }

    fn theory(&self, place: &InnerPlace<'_>, task: InnerTask) -> Vec<Theory> {
        H::theory(&self.scenario(place, task))
    }
}

/// Returns the streams of an inner protocol: none of their draws is another's.
fn apart(streams: &Streams, number: u64) -> Streams {
    let Digest(bytes) = Digest::of(&("inner protocol", streams.seed(), number));
    Streams::new(u64::from_le_bytes(*bytes.first_chunk().expect("a digest has more than eight bytes")))
}
