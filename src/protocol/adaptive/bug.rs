//! Known bugs of adaptive coordination, one at a time.

use synod_common::bugs;

bugs! {
    FloorIgnored "floor_ignored", "security_floor": "A trigger leads to the next rung, however little that one bears.";
    FallbackWithoutClose "fallback_without_close", "one_decision": "Who waits no longer starts the next rung alone, whatever was decided in the one before.";
    BoundForgotten "bound_forgotten", "one_decision": "The next rung starts free, whatever those who have left say of the one before.";
    OscillatingTriggers "oscillating_triggers", "dwell": "A trigger that fires at once leads to the next rung, without any time in this one.";
    OneVoiceSettles "one_voice_settles", "one_decision": "Whoever has left takes the first outcome that any member names, liar or not.";
}
