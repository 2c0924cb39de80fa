//! Known bugs of pipelines, one at a time, and the rules that they break.

use synod_common::bugs;

bugs! {
    OneVoucherIsEnough "one_voucher_is_enough", "stage_entry": "A stage starts on the word of one member of the stage before, who may lie.";
    FirstWordCounts "first_word_counts", "stage_agreement": "A member takes the first decision that anybody tells it for that of its own stage.";
    EndsTwice "ends_twice", "one_ending": "A stage that has ended ends once more at its deadline.";
}

/// What a pipeline goes by, wherever a known bug goes by something else: made once, with the configuration.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// A stage starts on the word of so many that one of them is correct; else on anybody's.
    pub(crate) needs_vouchers: bool,
    /// The first decision that anybody tells a member is that of its own stage.
    pub(crate) first_word_counts: bool,
    /// A stage that has ended does not end again.
    pub(crate) endings_are_final: bool,
}

impl Rules {
    /// The protocol's.
    pub const PROTOCOL: Rules =
        Rules { needs_vouchers: true, first_word_counts: false, endings_are_final: true };

    /// Those of the mutant with `bug`; the protocol's, if there is none.
    pub fn of(bug: Option<Bug>) -> Rules {
        let rules = Rules::PROTOCOL;
        match bug {
            None => rules,
            Some(Bug::OneVoucherIsEnough) => Rules { needs_vouchers: false, ..rules },
            Some(Bug::FirstWordCounts) => Rules { first_word_counts: true, ..rules },
            Some(Bug::EndsTwice) => Rules { endings_are_final: false, ..rules },
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
