//! A.2, A.3: the last place of a list, which is left and taken again while somebody walks the list.

use std::sync::{Arc, Mutex};

use signals::{Connection, Signal};

type Saved = Signal<str, u32, &'static str>;

/// Connects a receiver that exchanges the last one for another, when it is called.
fn connect_exchanger(saved: &Arc<Saved>, last: &Arc<Mutex<Option<Connection>>>) {
    let (inside, last) = (Arc::downgrade(saved), Arc::clone(last));
    saved.connect(move |_: &str, _: &u32| {
        if let Some(old) = last.lock().unwrap().take() {
            old.disconnect();
            let saved = inside.upgrade().unwrap();
            saved.connect(|_: &str, _: &u32| Some("new"));
        }
    });
}

fn said(saved: &Saved) -> Vec<&'static str> {
    let outcomes = saved.send("editor", &1);
    outcomes.outcomes().map(|(_, said)| *said).collect()
}

#[test]
fn who_takes_the_last_place_during_a_send_is_called_from_the_next_on() {
    let saved = Arc::new(Saved::new("saved"));
    let last = Arc::new(Mutex::new(None));
    connect_exchanger(&saved, &last);
    *last.lock().unwrap() = Some(saved.connect(|_: &str, _: &u32| Some("old")));
    assert_eq!([said(&saved), said(&saved)], [vec![], vec!["new"]]);
}

#[test]
fn who_takes_the_last_place_is_not_called_by_a_walk_that_began_before() {
    let saved = Saved::new("saved");
    saved.connect(|_: &str, _: &u32| Some("first"));
    let last = saved.connect(|_: &str, _: &u32| Some("old"));
    let walk = saved.emit("editor", &1);
    last.disconnect();
    saved.connect(|_: &str, _: &u32| Some("new"));
    let said: Vec<_> = walk
        .filter_map(|answer| answer.outcome().copied())
        .collect();
    assert_eq!(said, ["first"]);
}

#[test]
fn a_connection_that_ended_is_not_the_one_that_took_its_place() {
    let saved = Saved::new("saved");
    saved.connect(|_: &str, _: &u32| Some("first"));
    let old = saved.connect(|_: &str, _: &u32| Some("last"));
    old.disconnect();
    // Most likely at the same address.
    saved.connect(|_: &str, _: &u32| Some("last"));
    assert!(!old.disconnect());
    assert_eq!(said(&saved), ["first", "last"]);
}
