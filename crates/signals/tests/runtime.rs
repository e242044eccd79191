//! A.8 with tokio's timer and runtime: time limits, and receivers in the background.
#![cfg(feature = "tokio")]

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use signals::AsyncSignal;
use tokio::sync::mpsc;

#[tokio::test(start_paused = true)]
async fn a08_a_receiver_that_outruns_its_time_limit_is_a_failure() {
    let signal = AsyncSignal::<str, u32, u32>::new("a");
    signal
        .receiver(async |_: &str, n: &u32| {
            tokio::time::sleep(Duration::from_secs(u64::from(*n))).await;
            Some(*n)
        })
        .timeout(Duration::from_secs(5))
        .connect();
    signal.connect(|_: &str, _: &u32| Some(0));
    let outcomes = signal.send("s", &4).await;
    assert_eq!(outcomes.first(), Some(&4));
    let outcomes = signal.send("s", &6).await;
    let (_, failure) = outcomes.failures().next().unwrap();
    assert!(failure.is_timeout());
    assert_eq!(failure.to_string(), "gave no answer within 5s");
    assert_eq!(outcomes.first(), Some(&0));
}

#[tokio::test(start_paused = true)]
async fn a08_a_time_limit_feels_no_panic_in_the_destructor_of_a_future() {
    struct Answers(u32);

    impl Future for Answers {
        type Output = Option<u32>;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
            assert_ne!(self.0, 2, "the poll");
            match self.0 {
                0 => Poll::Ready(Some(7)),
                _ => Poll::Pending,
            }
        }
    }

    impl Drop for Answers {
        fn drop(&mut self) {
            panic!("the drop");
        }
    }

    let signal = AsyncSignal::<str, u32, u32>::new("a");
    let receiver = signal.receiver(|_: &str, n: &u32| Answers(*n));
    receiver.timeout(Duration::from_secs(5)).connect();
    assert_eq!(signal.send("s", &0).await.into_result().unwrap(), Some(7));
    let failure = signal.send("s", &1).await.into_result().unwrap_err();
    assert!(failure.is_timeout(), "{failure}");
    let failure = signal.send("s", &2).await.into_result().unwrap_err();
    assert!(failure.to_string().contains("the poll"), "{failure}");
}

#[test]
fn a08_a_time_limit_without_a_runtime_is_a_failure() {
    let signal = AsyncSignal::<str, u32, u32>::new("a");
    signal
        .receiver(async |_: &str, _: &u32| ())
        .timeout(Duration::from_secs(5))
        .connect();
    let mut send = Box::pin(signal.send("s", &1));
    let polled = send
        .as_mut()
        .poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    let std::task::Poll::Ready(outcomes) = polled else {
        panic!("there is nothing to wait for");
    };
    assert!(outcomes.failures().next().unwrap().1.is_panic());
}

#[tokio::test]
async fn a08_a_detached_receiver_runs_on_the_runtime() {
    let signal = AsyncSignal::<str, u32, Infallible>::new("a");
    let (sender, mut received) = mpsc::unbounded_channel();
    signal
        .receiver(move |_: &str, n: &u32| {
            let (sender, n) = (sender.clone(), *n);
            async move {
                tokio::task::yield_now().await;
                sender.send(n).unwrap();
            }
        })
        .detached()
        .connect();
    assert_eq!(signal.send("s", &3).await.ran(), 1);
    assert_eq!(received.recv().await, Some(3));
}

#[tokio::test(start_paused = true)]
async fn a15_a_method_takes_a_time_limit() {
    struct Mailer(Duration);

    impl Mailer {
        async fn on_order(&self, _: &str, n: &u32) -> Option<u32> {
            tokio::time::sleep(self.0 * *n).await;
            Some(*n)
        }
    }

    let signal = AsyncSignal::<str, u32, u32>::new("a");
    let mailer = std::sync::Arc::new(Mailer(Duration::from_secs(1)));
    signal
        .receiver_weak(&mailer, Mailer::on_order)
        .timeout(Duration::from_secs(5))
        .connect();
    assert_eq!(signal.send("s", &4).await.first(), Some(&4));
    let outcomes = signal.send("s", &6).await;
    assert!(outcomes.failures().next().unwrap().1.is_timeout());
}

#[tokio::test]
async fn a16_a_task_awaits_the_next_send() {
    static PLACED: AsyncSignal<str, u32> = AsyncSignal::new("runtime::placed");
    let next = PLACED.next(|_, n| *n);
    let task = tokio::spawn(next);
    PLACED.send("s", &7).await;
    assert_eq!(task.await.unwrap(), 7);
}

#[cfg(feature = "inventory")]
mod registered {
    use super::*;
    use signals::receiver;

    static SLOW: AsyncSignal<str, u32, Infallible> = AsyncSignal::new("runtime::slow");

    #[receiver(SLOW, timeout = Duration::from_secs(1))]
    async fn stuck(_: &str, _: &u32) {
        std::future::pending::<()>().await;
    }

    #[receiver(SLOW, detached)]
    async fn background(_: &str, _: &u32) {
        std::future::pending::<()>().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a10_registered_receivers_take_a_time_limit_or_run_detached() {
        let outcomes = SLOW.send("s", &1).await;
        assert_eq!(outcomes.ran(), 2);
        assert_eq!(outcomes.failures().count(), 1);
    }
}
