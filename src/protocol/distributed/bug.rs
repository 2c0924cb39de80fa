//! Known bugs of distributed coordination, one at a time.

use crate::protocol::bugs::bugs;

bugs! {
    SmallestCommittee "smallest_committee", "committee": "The committee has four members, however many agents are faulty.";
}
