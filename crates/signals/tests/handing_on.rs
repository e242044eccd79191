//! A.5: a receiver that sends another signal hands on what came of that.

use std::error::Error;
use std::fmt;
use std::io;

use signals::{Answer, Failure, Outcomes, Signal};

/// An error of an application, with a cause.
#[derive(Debug)]
struct NotSaved(io::Error);

impl fmt::Display for NotSaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not saved")
    }
}

impl Error for NotSaved {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn save(_: &str, _: &u32) -> Result<Option<u32>, NotSaved> {
    Err(NotSaved(io::Error::other("disk full")))
}

type Counts = Signal<str, u32, u32>;
type Inner = Counts;
/// What a receiver of the outer signal makes of a send of the inner one.
type Outer = fn(&Inner) -> Outcomes<u32>;

/// Every way to hand on what came of the inner signal.
const WAYS: [(&str, Outer); 8] = [
    ("outcomes", |inner| {
        outer(inner, |inner| inner.send("s", &1))
    }),
    ("answer", |inner| {
        outer(inner, |inner| -> Answer<u32> {
            inner.emit("s", &1).next().unwrap()
        })
    }),
    ("result", |inner| {
        outer(inner, |inner| inner.send("s", &1).into_result())
    }),
    ("result without an outcome", |inner| {
        outer(inner, |inner| inner.send("s", &1).into_result().map(drop))
    }),
    ("`?` into a failure", |inner| {
        outer(inner, |inner| -> Result<(), Failure> {
            inner.send("s", &1).into_result()?;
            Ok(())
        })
    }),
    ("`?` into a box", |inner| {
        outer(inner, |inner| -> Result<(), Box<dyn Error + Send + Sync>> {
            inner.send("s", &1).into_result()?;
            Ok(())
        })
    }),
    ("a boxed failure", |inner| {
        outer(inner, |inner| -> Result<Option<u32>, Box<Failure>> {
            inner.send("s", &1).into_result().map_err(Box::new)
        })
    }),
    ("its error", |inner| {
        outer(inner, |inner| -> Result<(), Box<dyn Error + Send + Sync>> {
            match inner.send("s", &1).into_result() {
                Ok(_) => Ok(()),
                Err(failure) => Err(failure.into_error().unwrap_or_else(Into::into)),
            }
        })
    }),
];

/// Sends an outer signal, whose only receiver hands on.
fn outer<R: signals::IntoAnswer<u32> + 'static>(
    inner: &Inner,
    receiver: fn(&Inner) -> R,
) -> Outcomes<u32> {
    let outer = Signal::<Inner, u32, u32>::new("outer");
    outer.connect(move |inner: &Inner, _: &u32| receiver(inner));
    outer.send(inner, &1)
}

/// The only failure of a send by each way.
fn failures(inner: &Inner, check: impl Fn(&str, &Failure)) {
    for (way, outer) in WAYS {
        let outcomes = outer(inner);
        let mut failures = outcomes.failures();
        let (_, failure) = failures
            .next()
            .unwrap_or_else(|| panic!("{way}: no failure"));
        check(way, failure);
    }
}

#[test]
fn a05_a_failure_that_is_handed_on_keeps_its_error() {
    let inner = Inner::new("inner");
    inner.connect(save);
    failures(&inner, |way, failure| {
        let error = failure.as_error().and_then(|error| error.downcast_ref());
        assert!(matches!(error, Some(NotSaved(_))), "{way}: {failure:?}");
    });
}

#[test]
fn a05_a_failure_that_is_handed_on_keeps_the_causes_of_its_error() {
    let inner = Inner::new("inner");
    inner.connect(save);
    failures(&inner, |way, failure| {
        let cause = failure.source().expect(way);
        assert_eq!(cause.to_string(), "disk full", "{way}");
        assert!(cause.downcast_ref::<io::Error>().is_some(), "{way}");
        assert!(cause.source().is_none(), "{way}");
    });
}

#[test]
fn a05_a_panic_that_is_handed_on_is_a_panic() {
    let inner = Inner::new("inner");
    inner.connect(|_: &str, _: &u32| -> Option<u32> { panic!("lost") });
    failures(&inner, |way, failure| {
        assert!(failure.is_panic(), "{way}: {failure:?}");
        assert_eq!(failure.to_string(), "panicked: lost", "{way}");
    });
}

#[test]
fn a05_an_outcome_can_be_handed_on() {
    let inner = Inner::new("inner");
    inner.connect(|_: &str, n: &u32| Some(n + 1));
    for (way, outer) in &WAYS[..3] {
        assert_eq!(outer(&inner).into_first(), Some(2), "{way}");
    }
}

#[test]
fn a05_the_result_of_a_send_is_its_first_outcome_unless_a_receiver_failed() {
    let inner = Inner::new("inner");
    assert_eq!(inner.send("s", &1).into_result().unwrap(), None);
    inner.connect(|_: &str, n: &u32| Some(*n));
    inner.connect(|_: &str, n: &u32| Some(n + 1));
    assert_eq!(inner.send("s", &1).into_result().unwrap(), Some(1));
    inner.connect(|_: &str, _: &u32| Err::<(), _>("first"));
    inner.connect(|_: &str, _: &u32| Err::<(), _>("second"));
    let failure = inner.send("s", &1).into_result().unwrap_err();
    assert_eq!(failure.to_string(), "first");
}

#[test]
fn a05_a_failure_gives_its_error_away() {
    let signal = Counts::new("a");
    let connection = signal.connect(save);
    let failure = signal.send("s", &1).into_result().unwrap_err();
    let error = failure.into_error().unwrap();
    assert!(error.downcast::<NotSaved>().is_ok());
    connection.disconnect();
    signal.connect(|_: &str, _: &u32| -> Option<u32> { panic!("lost") });
    let failure = signal.send("s", &1).into_result().unwrap_err();
    assert!(failure.into_error().unwrap_err().is_panic());
}
