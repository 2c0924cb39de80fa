//! Timers that are values: a slab that gives each a small name.

use serde::Serialize;

/// Names an alarm: a timer's name in a protocol whose timers are values.
///
/// The number of an alarm that has fired or was cancelled is used again.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct AlarmId(u32);

/// Alarms under way, and what each is for.
///
/// A library's timers are often values that cannot be copied or compared. Keep them here and arm
/// [`Context::set_timer`](crate::Context::set_timer) with their names.
///
/// ```
/// use synod_sim::{Context, Durable, Alarms, AlarmId, Duration, NoObservation, NodeId, Protocol};
/// use std::rc::Rc;
///
/// /// Runs errands, each after its delay.
/// struct Errands(Alarms<String>);
///
/// impl Protocol for Errands {
///     type Config = Vec<(Duration, String)>;
///     type Message = ();
///     type Timer = AlarmId;
///     type Record = ();
///     type Observation = NoObservation;
///
///     fn new(_: &Rc<Self::Config>, _: NodeId, _: usize, _: u64, _: Durable<'_, ()>) -> Errands {
///         Errands(Alarms::new())
///     }
///     fn on_start(&mut self, ctx: &mut Context<'_, Self>) {
///         let alarm = self.0.insert("buy milk".to_owned());
///         ctx.set_timer(alarm, Duration::from_millis(5));
///     }
///     fn on_message(&mut self, _: &mut Context<'_, Self>, _: NodeId, _: &()) {}
///     fn on_timer(&mut self, _: &mut Context<'_, Self>, alarm: AlarmId) {
///         assert_eq!(self.0.remove(alarm), "buy milk");
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Alarms<T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Alarms<T> {
    /// Creates a slab without alarms.
    pub const fn new() -> Alarms<T> {
        Alarms { slots: Vec::new(), free: Vec::new() }
    }

    /// Keeps `alarm`, and names it.
    ///
    /// # Panics
    /// If there are 2³² alarms.
    pub fn insert(&mut self, alarm: T) -> AlarmId {
        if let Some(place) = self.free.pop() {
            self.slots[place as usize] = Some(alarm);
            return AlarmId(place);
        }
        let place = u32::try_from(self.slots.len()).expect("fewer than 2^32 alarms are under way");
        self.slots.push(Some(alarm));
        AlarmId(place)
    }

    /// Returns an alarm that is under way.
    pub fn get(&self, id: AlarmId) -> Option<&T> {
        self.slots.get(id.0 as usize)?.as_ref()
    }

    /// Takes out an alarm that has fired, or whose timer is to be cancelled.
    ///
    /// # Panics
    /// If it is not under way.
    pub fn remove(&mut self, id: AlarmId) -> T {
        let alarm = self.slots.get_mut(id.0 as usize).and_then(Option::take);
        self.free.push(id.0);
        alarm.expect("an alarm is taken out once")
    }

    /// Returns the alarms under way, by name.
    pub fn iter(&self) -> impl Iterator<Item = (AlarmId, &T)> {
        (0..).map(AlarmId).zip(&self.slots).filter_map(|(id, slot)| Some((id, slot.as_ref()?)))
    }

    /// Returns the number of alarms under way.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Returns true if no alarm is under way.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Default for Alarms<T> {
    fn default() -> Alarms<T> {
        Alarms::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_used_again_and_tell_alarms_apart() {
        let mut alarms = Alarms::new();
        let (a, b) = (alarms.insert("a"), alarms.insert("b"));
        assert_ne!(a, b);
        assert_eq!((alarms.remove(a), alarms.len()), ("a", 1));
        let c = alarms.insert("c");
        assert_eq!((a, alarms.get(c), alarms.get(b)), (c, Some(&"c"), Some(&"b")));
        assert_eq!(alarms.iter().map(|(_, alarm)| *alarm).collect::<Vec<_>>(), ["c", "b"]);
    }

    #[test]
    #[should_panic(expected = "once")]
    fn an_alarm_is_taken_out_once() {
        let mut alarms = Alarms::new();
        let alarm = alarms.insert(());
        alarms.remove(alarm);
        alarms.remove(alarm);
    }
}
