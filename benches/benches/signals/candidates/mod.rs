//! The libraries that are compared, each as a [`Bus`](benches::Bus).

mod bevy;
mod locked;
mod mod_events;
mod ours;
mod ours_async;
mod signals2;
mod swapped;

pub(crate) use self::bevy::Bevy;
pub(crate) use self::locked::Locked;
pub(crate) use self::mod_events::ModEvents;
pub(crate) use self::ours::Ours;
pub(crate) use self::ours_async::{OursAsync, finish};
pub(crate) use self::signals2::Signals2;
pub(crate) use self::swapped::Swapped;
