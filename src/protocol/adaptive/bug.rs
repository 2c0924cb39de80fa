//! Known bugs of adaptive coordination, one at a time, and the rules that they break.

use synod_common::bugs;

bugs! {
    FloorIgnored "floor_ignored", "security_floor": "A trigger leads to the next rung, however little that one bears.";
    FallbackWithoutClose "fallback_without_close", "one_decision": "Who waits no longer starts the next rung alone, whatever was decided in the one before.";
    BoundForgotten "bound_forgotten", "one_decision": "The next rung starts free, whatever those who have left say of the one before.";
    OscillatingTriggers "oscillating_triggers", "dwell": "A trigger that fires at once leads to the next rung, without any time in this one.";
    OneVoiceSettles "one_voice_settles", "one_decision": "Whoever has left takes the first outcome that any member names, liar or not.";
}

/// What a chain goes by, wherever a known bug goes by something else: made once, with the configuration.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// No rung is entered that bears less than is demanded.
    pub(crate) keeps_floor: bool,
    /// The next rung starts once enough have closed the one before.
    pub(crate) closes_before_next: bool,
    /// The next rung is bound to what may have been decided before.
    pub(crate) keeps_bounds: bool,
    /// A rung has its time to dwell.
    pub(crate) dwells: bool,
    /// Where members may lie, more must name an outcome than can.
    pub(crate) doubts_one_voice: bool,
}

impl Rules {
    /// The protocol's.
    pub const PROTOCOL: Rules = Rules {
        keeps_floor: true,
        closes_before_next: true,
        keeps_bounds: true,
        dwells: true,
        doubts_one_voice: true,
    };

    /// Those of the mutant with `bug`; the protocol's, if there is none.
    pub fn of(bug: Option<Bug>) -> Rules {
        let rules = Rules::PROTOCOL;
        match bug {
            None => rules,
            Some(Bug::FloorIgnored) => Rules { keeps_floor: false, ..rules },
            Some(Bug::FallbackWithoutClose) => Rules { closes_before_next: false, ..rules },
            Some(Bug::BoundForgotten) => Rules { keeps_bounds: false, ..rules },
            Some(Bug::OscillatingTriggers) => Rules { dwells: false, ..rules },
            Some(Bug::OneVoiceSettles) => Rules { doubts_one_voice: false, ..rules },
        }
    }

    /// These, as far as mutants are built in: without them the protocol's, which the optimiser knows.
    #[inline]
    pub(crate) fn in_force(self) -> Rules {
        if cfg!(feature = "mutants") { self } else { Rules::PROTOCOL }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bug_breaks_rules_of_its_own() {
        let mut all: Vec<Rules> = Bug::ALL.iter().map(|&bug| Rules::of(Some(bug))).collect();
        all.push(Rules::of(None));
        for (place, rules) in all.iter().enumerate() {
            assert!(!all[..place].contains(rules), "{rules:?}");
        }
        assert_eq!(Rules::of(None), Rules::PROTOCOL);
    }
}
