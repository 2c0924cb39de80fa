//! Known bugs of pipelines, one at a time.

use synod_common::bugs;

bugs! {
    OneVoucherIsEnough "one_voucher_is_enough", "stage_entry": "A stage starts on the word of one member of the stage before, who may lie.";
    FirstWordCounts "first_word_counts", "stage_agreement": "A member takes the first decision that anybody tells it for that of its own stage.";
    EndsTwice "ends_twice", "one_ending": "A stage that has ended ends once more at its deadline.";
}
