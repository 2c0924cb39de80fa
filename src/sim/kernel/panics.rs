//! Panics of protocols: findings, not the end of the process.
//!
//! A panic hook that is installed once keeps quiet about panics inside handlers, and notes where they happened; all
//! others go to the hook that was there before.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static HANDLING: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A panic inside a handler.
pub(super) struct Panic {
    /// What it said.
    pub(super) message: String,
    /// File, line and column; `None` if somebody else's hook is in place.
    pub(super) place: Option<String>,
    pub(super) payload: Box<dyn Any + Send>,
}

/// Marks that a protocol's code runs from now on, or no longer.
#[inline]
pub(super) fn handling(is_handling: bool) {
    HANDLING.set(is_handling);
}

/// Runs `run`, and catches a panic of a protocol's code; others pass.
pub(super) fn catch<R>(run: impl FnOnce() -> R) -> Result<R, Panic> {
    static HOOK: Once = Once::new();
    HOOK.call_once(install);
    panic::catch_unwind(AssertUnwindSafe(run)).map_err(of)
}

fn of(payload: Box<dyn Any + Send>) -> Panic {
    if !HANDLING.replace(false) {
        panic::resume_unwind(payload);
    }
    let place = PLACE.with_borrow_mut(Option::take);
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let message = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("it does not say why");
    Panic { message: message.to_owned(), place, payload }
}

fn install() {
    let others = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !HANDLING.get() {
            return others(info);
        }
        let place = info.location().map(|at| format!("{}:{}:{}", tidy(at.file()), at.line(), at.column()));
        PLACE.with_borrow_mut(|last| *last = place);
    }));
}

/// Returns the path of a source file without what differs between machines: where a registry's packages are kept.
fn tidy(file: &str) -> &str {
    let package = file.split_once("/registry/src/").and_then(|(_, rest)| rest.split_once('/'));
    package.map_or(file, |(_, package)| package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_panic_is_the_same_on_every_machine() {
        assert_eq!(
            tidy("/home/x/.cargo/registry/src/index-6f17/raft-0.7.0/src/raft.rs"),
            "raft-0.7.0/src/raft.rs"
        );
        assert_eq!(tidy("src/protocol/raft/log.rs"), "src/protocol/raft/log.rs");
    }

    #[test]
    fn a_panic_outside_of_handlers_passes() {
        let passed = panic::catch_unwind(|| {
            let quiet = catch(|| panic::resume_unwind(Box::new("not a handler's")));
            quiet.err().map(|panic| panic.message)
        });
        assert!(passed.is_err());
    }
}
