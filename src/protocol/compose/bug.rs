//! Known bugs of pipelines, one at a time, and the rules that they break.

use synod_common::{bugs, rules};

bugs! {
    OneVoucherIsEnough "one_voucher_is_enough", "stage_entry": "A stage starts on the word of one member of the stage before, who may lie.";
    FirstWordCounts "first_word_counts", "stage_agreement": "A member takes the first decision that anybody tells it for that of its own stage.";
    EndsTwice "ends_twice", "one_ending": "A stage that has ended ends once more at its deadline.";
}

rules! {
    /// A stage starts on the word of so many that one of them is correct; else on anybody's.
    needs_vouchers: bool = true, OneVoucherIsEnough => false;
    /// The first decision that anybody tells a member is that of its own stage.
    first_word_counts: bool = false, FirstWordCounts => true;
    /// A stage that has ended does not end again.
    endings_are_final: bool = true, EndsTwice => false;
}
