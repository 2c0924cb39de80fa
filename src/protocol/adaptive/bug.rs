//! Known bugs of adaptive coordination, one at a time, and the rules that they break.

use synod_common::{bugs, rules};

bugs! {
    FloorIgnored "floor_ignored", "security_floor": "A trigger leads to the next rung, however little that one bears.";
    FallbackWithoutClose "fallback_without_close", "one_decision": "Who waits no longer starts the next rung alone, whatever was decided in the one before.";
    BoundForgotten "bound_forgotten", "one_decision": "The next rung starts free, whatever those who have left say of the one before.";
    OscillatingTriggers "oscillating_triggers", "dwell": "A trigger that fires at once leads to the next rung, without any time in this one.";
    OneVoiceSettles "one_voice_settles", "one_decision": "Whoever has left takes the first outcome that any member names, liar or not.";
}

rules! {
    /// No rung is entered that bears less than is demanded.
    keeps_floor: bool = true, FloorIgnored => false;
    /// The next rung starts once enough have closed the one before.
    closes_before_next: bool = true, FallbackWithoutClose => false;
    /// The next rung is bound to what may have been decided before.
    keeps_bounds: bool = true, BoundForgotten => false;
    /// A rung has its time to dwell.
    dwells: bool = true, OscillatingTriggers => false;
    /// Where members may lie, more must name an outcome than can.
    doubts_one_voice: bool = true, OneVoiceSettles => false;
}
