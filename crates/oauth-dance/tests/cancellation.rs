//! A browser goes away while it is being served: the future of its request is dropped at any await.

mod support;

use std::future::Future as _;
use std::sync::Arc;
use std::task::{Context, Waker};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use oauth_dance::{Authorized, ClientError, Dance, HttpClient, Limits, OAUTH_AUTHORIZED};
use oauth_dance_suites::{FaultyStore, Verb};
use parking_lot::Mutex;
use tokio::task::yield_now;

use self::support::{App, Op, app_with};

const RECEIVERS: [&str; 3] = ["first", "second", "third"];

/// What was done, in order. Clones share it.
#[derive(Clone, Default)]
struct Done(Arc<Mutex<Vec<&'static str>>>);

impl Done {
    fn note(&self, what: &'static str) {
        self.0.lock().push(what);
    }

    fn list(&self) -> Vec<&'static str> {
        self.0.lock().clone()
    }
}

/// A client that keeps its caller waiting before it sends and before it answers.
struct SlowClient(Op);

#[async_trait]
impl HttpClient for SlowClient {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        yield_now().await;
        let answer = self.0.send(request, limits).await;
        yield_now().await;
        answer
    }
}

/// An application that waits wherever it can, and notes what it has done.
fn slow_app() -> (App, Done, FaultyStore) {
    let (store, done) = (FaultyStore::default(), Done::default());
    store.give_way(Verb::Save);
    let kept_in = store.clone();
    let app = app_with(
        |dance| dance,
        |dances| dances.client(SlowClient(Op::default())).store(kept_in),
    );
    for name in RECEIVERS {
        let done = done.clone();
        let signal = app.signals.of(&OAUTH_AUTHORIZED);
        signal.connect(move |_: &Dance, _: &Authorized| {
            let done = done.clone();
            async move {
                done.note(name);
                yield_now().await;
            }
        });
    }
    (app, done, store)
}

/// Polls a callback so many times and leaves; whether it had ended by then.
async fn leave_after(polls: usize, app: &App) -> bool {
    let browser = app.browser();
    let callback = app.callback(&browser).await;
    let mut page = Box::pin(app.ask(&browser, Method::GET, &callback));
    let mut context = Context::from_waker(Waker::noop());
    (0..polls).any(|_| page.as_mut().poll(&mut context).is_ready())
}

#[tokio::test]
async fn l01_h09_a_login_is_over_where_its_browser_left() {
    let mut polls = 0;
    loop {
        let (app, done, store) = slow_app();
        let has_ended = leave_after(polls, &app).await;
        // Everything in its order, up to some place, and not a thing more.
        let all = [&RECEIVERS[..], &["saved"]].concat();
        let mut done = done.list();
        done.extend((store.done(Verb::Save) != 0).then_some("saved"));
        assert!(all.starts_with(&done), "{polls}: {done:?}");

        // Whoever comes next is served.
        let browser = app.signed_in().await;
        assert!(
            app.visit(&browser).owner("op").await.unwrap().is_some(),
            "{polls}"
        );
        if has_ended {
            // It has been left at the two waits of the client, at the receivers', and at the store's two.
            assert_eq!(polls, 2 + RECEIVERS.len() + 2 + 1);
            return;
        }
        polls += 1;
    }
}
