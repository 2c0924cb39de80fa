//! A lease on one thing: the smallest service that knows the time, and clients that want it.

use serde::{Deserialize, Serialize};
use std::fmt;
use synod_log::{Service, Source};
use synod_sim::{Duration, Stream, Time};

/// How long a lease lasts.
pub(crate) const TERM: Duration = Duration::from_millis(50);

/// Who holds it, and until when.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Lease {
    now: Time,
    holder: Option<(u64, Time)>,
    token: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ask {
    Acquire { who: u64 },
    Holder,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Told {
    Granted(u64),
    Held(u64),
    Free,
}

macro_rules! display {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, out)
            }
        }
    )*};
}

display! { Lease Ask Told }

impl Service for Lease {
    const NAME: &'static str = "lease";
    const CLOCK: Option<Duration> = Some(Duration::from_millis(1));
    type Command = Ask;
    type Output = Told;

    fn apply(&mut self, ask: &Ask) -> Told {
        match (ask, self.holder) {
            (_, Some((holder, _))) => Told::Held(holder),
            (Ask::Holder, None) => Told::Free,
            (Ask::Acquire { who }, None) => {
                self.token += 1;
                self.holder = Some((*who, self.now + TERM));
                Told::Granted(self.token)
            }
        }
    }

    fn is_read(ask: &Ask) -> bool {
        matches!(ask, Ask::Holder)
    }

    fn tick(&mut self, now: Time) {
        self.now = now;
        self.holder = self.holder.filter(|(_, until)| *until > now);
    }

    fn now(&self) -> Time {
        self.now
    }

    fn deadline(&self) -> Option<Time> {
        self.holder.map(|(_, until)| until)
    }
}

/// A client that asks for the lease, or who has it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tenants {
    asked: u64,
}

impl Source for Tenants {
    type Service = Lease;

    fn draw(&mut self, _: &mut Stream, number: u64) -> Ask {
        self.asked += 1;
        if self.asked.is_multiple_of(3) { Ask::Holder } else { Ask::Acquire { who: number } }
    }
}
