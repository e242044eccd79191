//! A.13: what tests are given, and A.12: the printed map.

mod support;

use std::convert::Infallible;
use std::panic::catch_unwind;

use signals::{AsyncSignal, Signal};
use support::block_on;

#[test]
fn a13_recording_keeps_what_is_sent_in_its_scope() {
    let signal = Signal::<str, String, Infallible>::new("a");
    signal.send("s", &"before".to_owned());
    let recording = signal.record();
    signal.send("s", &"one".to_owned());
    signal.send("s", &"two".to_owned());
    recording.assert_times(2);
    assert_eq!(recording.assert_sent(|text| text.starts_with('t')), "two");
    recording.assert_sent_exactly(&["one", "two"]);
    assert_eq!(recording.take(), ["one", "two"]);
    recording.assert_times(0);
    drop(recording);
    assert!(!signal.has_receivers());
}

#[test]
fn a13_recording_lists_what_was_sent_when_an_assertion_fails() {
    let signal = Signal::<str, u32, Infallible>::new("listed");
    let recording = signal.record();
    signal.send("s", &1);
    signal.send("s", &2);
    let text = |run: &dyn Fn()| {
        let run = std::panic::AssertUnwindSafe(run);
        *catch_unwind(run).unwrap_err().downcast::<String>().unwrap()
    };
    assert_eq!(
        text(&|| {
            recording.assert_sent(|n| *n == 3);
        }),
        "signal `listed`: nothing that was sent fits; sent were:\n  1. 1\n  2. 2"
    );
    assert_eq!(
        text(&|| recording.assert_sent_exactly(&[1])),
        "signal `listed`: expected [1]; sent were:\n  1. 1\n  2. 2"
    );
    recording.take();
    assert_eq!(
        text(&|| recording.assert_times(1)),
        "signal `listed`: expected 1 sends, saw 0; sent were:\n  (nothing)"
    );
}

#[test]
fn a13_recording_here_leaves_out_other_threads() {
    static SHARED: AsyncSignal<str, str, Infallible> = AsyncSignal::new("shared");
    let recording = SHARED.record_here();
    std::thread::spawn(|| block_on(SHARED.send("s", "elsewhere")))
        .join()
        .unwrap();
    block_on(SHARED.send("s", "here"));
    recording.assert_sent_exactly(&["here"]);
}

#[test]
fn a12_map_shows_signals_types_and_receivers_in_order() {
    let signal = Signal::<str, u32, Infallible>::new("on the \"map\"");
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("late")
        .order(7)
        .connect();
    let line = line!() + 2;
    signal
        .receiver(|_: &str, _: &u32| ())
        .named("early")
        .before("late")
        .after("nobody")
        .connect();
    let map = signals::map();
    let text = map.to_string();
    let file = file!();
    assert!(
        text.contains(&format!(
            "on the \"map\": Signal<str, u32, core::convert::Infallible>\n  1. early ({file}:{line}), before late, after nobody\n  2. late ({file}:"
        )),
        "{text}"
    );
    let index = map
        .signals()
        .iter()
        .position(|signal| signal.name == "on the \"map\"")
        .unwrap();
    let chart = map.mermaid();
    assert!(
        chart.contains(&format!("    s{index}{{{{\"on the #quot;map#quot;\"}}}}\n")),
        "{chart}"
    );
    assert!(chart.contains(&format!(
        "    s{index} -- 1 --> s{index}r0[\"early <br/> {file}:{line}\"]\n"
    )));
}

#[test]
fn a12_map_as_a_diagram_shows_names_as_they_are() {
    let signal = Signal::<str, u32, Infallible>::new("drawn");
    let receiver = signal.receiver(|_: &str, _: &u32| ());
    receiver.named("<Audit as Counts>::count\n#1;").connect();
    let chart = signals::map().mermaid();
    assert!(
        chart.contains("[\"#lt;Audit as Counts#gt;::count #35;1; <br/> "),
        "{chart}"
    );
}
