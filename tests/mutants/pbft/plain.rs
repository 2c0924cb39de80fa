//! Scenarios in which the network or crashes alone make the trouble, or one replica that merely falls silent.

use super::plan::{CALM, Plan, Sort, log, pass_if, session, sort};
use synod::protocol::pbft::{Config, Message};
use synod::sim::inject::{Action, InFlight, Intervention};
use synod::sim::{Damage, Duration, NodeId};
use synod::testing::{at, ms};

/// A session whose initiator is a backup.
pub(crate) fn calm_session(_: u64) -> Plan {
    Plan::new(session(4, 1))
}

/// A session with a deadline long after its decision.
pub(crate) fn session_with_deadline(_: u64) -> Plan {
    let mut config = session(4, 0);
    if let synod::protocol::pbft::Workload::Session(session) = &mut config.workload {
        session.deadline = Some(ms(500));
    }
    Plan::new(config)
}

/// Several slots under way at once, and checkpoints.
pub(crate) fn calm_log(_: u64) -> Plan {
    Plan::new(Config { checkpoint_interval: 4, ..log(4, 4, 16) })
}

/// A backup never says anything: every other vote is needed.
pub(crate) fn silent_backup(_: u64) -> Plan {
    Plan::new(session(4, 0)).with_faulty(3).with_script(|_, from, _, _| pass_if(from != NodeId(3)))
}

/// A primary that never says anything.
pub(crate) fn silent_primary(_: u64) -> Plan {
    Plan::new(log(4, 2, 4)).with_faulty(0).with_script(|_, from, _, _| pass_if(from != NodeId(0)))
}

/// A correct primary that nobody hears for a while.
pub(crate) fn isolated_primary(_: u64) -> Plan {
    Plan::new(session(4, 1)).isolated(0, CALM)
}

/// T is shorter than a message takes.
pub(crate) fn impatient(_: u64) -> Plan {
    let config = Config { timeout: ms(30), timeout_max: ms(3_200), ..session(4, 1) };
    let mut plan = Plan::new(config).over(ms(45), ms(55));
    plan.0.ground_truth.delay_max = Some(ms(55));
    plan.0.ground_truth.horizon = at(20_000);
    plan
}

/// The primary is silent, and the initiator waits long before it tells the others: it wants a new view well before
/// they do.
pub(crate) fn slow_initiator(_: u64) -> Plan {
    let timeout = ms(100);
    let client_timeout = timeout.saturating_mul(10);
    let config = Config { timeout, client_timeout, ..session(4, 3) };
    let mut plan = Plan::new(config).over(ms(1), ms(4));
    plan.0.ground_truth.delay_max = Some(ms(5));
    plan.with_faulty(0).with_script(|_, from, _, _| pass_if(from != NodeId(0)))
}

/// The first primary is cut off, the second goes along with the first view change and then falls silent: when the
/// first is back, the others want a view that it has not heard of.
pub(crate) fn left_behind(_: u64) -> Plan {
    let script = |_, from, _, message: &Message| {
        pass_if(from != NodeId(1) || matches!(sort(message), Sort::ViewChange(1)))
    };
    Plan::new(session(4, 2)).isolated(0, 1_000).with_faulty(1).with_script(script)
}

/// The proposal reaches one backup after everyone's votes for it; STATUS comes late.
pub(crate) fn overtaken_proposal(_: u64) -> Plan {
    let config = Config { status_interval: ms(600), ..session(4, 0) };
    let script = |_, _, to, message: &Message| match sort(message) {
        Sort::PrePrepare(..) if to == NodeId(3) => Action::Delay(ms(8)),
        _ => Action::Pass,
    };
    Plan::new(config).over(ms(1), Duration::from_micros(1_500)).with_script(script)
}

/// What the first view needs is lost, and so is what would replace it.
pub(crate) fn early_losses(_: u64) -> Plan {
    let script = |now, _, _, message: &Message| match sort(message) {
        Sort::Prepare(_) => pass_if(now > at(50)),
        Sort::ViewChange(_) => pass_if(now > at(500)),
        _ => Action::Pass,
    };
    Plan::new(session(4, 0)).unstable_until(500).with_script(script)
}

/// No checkpoint gets through for a while, so the window stays shut.
pub(crate) fn lost_checkpoints(_: u64) -> Plan {
    let config = Config { checkpoint_interval: 2, in_flight_max: 4, ..log(4, 4, 20) };
    let script = |now, _, _, message: &Message| pass_if(sort(message) != Sort::Checkpoint || now > at(600));
    Plan::new(config).unstable_until(600).with_script(script)
}

/// The primary crashes just after its first proposals, and is soon back.
pub(crate) fn primary_restarts(seed: u64) -> Plan {
    let mut plan = Plan::new(Config { batch_max: 64, in_flight_max: 1, ..log(4, 4, 8) });
    let crash = Intervention::Crash {
        id: 0,
        node: NodeId(0).into(),
        damage: Damage::Unsynced,
        in_flight: InFlight::Deliver,
    };
    plan.0.interventions.push((at(12 + seed % 4), crash));
    plan.0.interventions.push((at(25), Intervention::Restart { id: 0, node: NodeId(0).into() }));
    plan.unstable_until(25)
}

/// Slot 1 is committed in view 0, slot 2 never proposed; in view 1 nobody's votes get through; view 2 is left alone.
pub(crate) fn two_view_changes(_: u64) -> Plan {
    let script = |now, _, _, message: &Message| {
        pass_if(
            now > at(CALM)
                || !matches!(sort(message), Sort::PrePrepare(0, 2) | Sort::Prepare(1) | Sort::Commit(1)),
        )
    };
    Plan::new(Config { in_flight_max: 1, ..log(4, 2, 4) }).unstable_until(CALM).with_script(script)
}

/// The first primary is silent. Agent 3 alone hears that all want view 1, and gives it up in its turn; when the network
/// is back, agents 1 and 2 still wait for a quorum for view 1, and agent 3 for one for view 2.
pub(crate) fn scattered(_: u64) -> Plan {
    let script = |now, from, to, message: &Message| {
        let is_early = now < at(CALM) && sort(message) == Sort::ViewChange(1) && to != NodeId(3);
        pass_if(from != NodeId(0) && !is_early)
    };
    Plan::new(session(4, 1)).unstable_until(CALM).with_faulty(0).with_script(script)
}

/// One backup hears nothing of the proposal until it has given the view up, alone.
pub(crate) fn gives_up_alone(_: u64) -> Plan {
    let script = |now, _, to, message: &Message| match sort(message) {
        Sort::PrePrepare(..) | Sort::Prepare(_) | Sort::Commit(_) => {
            pass_if(to != NodeId(3) || now > at(CALM))
        }
        _ => Action::Pass,
    };
    Plan::new(session(4, 3)).unstable_until(CALM).with_script(script)
}
