//! Known bugs of distributed coordination, for mutants: one at a time.

use synod_common::bugs;

bugs! {
    SmallestCommittee "smallest_committee", "committee": "The committee has four members, however many agents are faulty.";
}
