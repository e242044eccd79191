//! A.10: receivers registered at their function that cannot be connected.
#![cfg(feature = "inventory")]

use std::panic::catch_unwind;

use signals::{ReceiverInfo, Signal, receiver};

mod stumbling {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    static STUMBLED: AtomicBool = AtomicBool::new(false);
    static ONCE: Signal<str, u32, ()> = Signal::new("registered_wrong::stumbling");

    #[receiver(ONCE, name = "early")]
    fn early(_: &str, _: &u32) {}

    #[receiver(ONCE, order = order(), name = "late")]
    fn late(_: &str, _: &u32) {}

    fn order() -> i32 {
        assert!(STUMBLED.swap(true, Ordering::Relaxed), "stumbled");
        1
    }

    #[test]
    fn a10_a_collection_that_panicked_is_begun_again_from_the_start() {
        catch_unwind(|| ONCE.send("s", &1)).unwrap_err();
        let receivers = ONCE.receivers();
        let names: Vec<_> = receivers.iter().map(ReceiverInfo::name).collect();
        assert_eq!(names, ["early", "late"]);
    }
}

mod twice {
    use super::*;

    static UNIQUE: Signal<str, u32, ()> = Signal::new("registered_wrong::twice");

    #[receiver(UNIQUE, name = "one", key = "k")]
    fn one(_: &str, _: &u32) {}

    #[receiver(UNIQUE, name = "other", key = "k")]
    fn other(_: &str, _: &u32) {}

    #[test]
    fn a10_a_key_that_two_registered_receivers_have_is_told_at_every_use() {
        for _ in 0..2 {
            let panic = catch_unwind(|| UNIQUE.has_receivers()).unwrap_err();
            let text = panic.downcast_ref::<String>().unwrap();
            assert!(
                text.starts_with(
                    "the receivers registered for the signal `registered_wrong::twice` cannot be \
                     connected: the key \"k\" is taken by the receiver one ("
                ),
                "{text}"
            );
        }
    }
}
