//! API Gateway before a function, for a browser of this process: events in and responses out, in the JSON of Lambda.

mod event;
mod returned;

use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::Request;
use lambda_http::lambda_runtime::LambdaEvent;
use lambda_http::{Adapter, Context, IntoResponse, Service};
use oauth_dance_testkit::Browser;
use serde_json::Value;

pub(crate) const ORIGIN: &str = "https://abc123.execute-api.eu-west-1.amazonaws.com";

/// The kind of an API, and the stage that is deployed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Api {
    Http(&'static str),
    Rest(&'static str),
}

/// What the function has returned, event by event.
pub(crate) type Returned = Arc<Mutex<Vec<Value>>>;

/// A browser whose requests to [`ORIGIN`] reach `app` through an API.
pub(crate) fn browser<S>(api: Api, app: S) -> (Browser, Returned)
where
    S: Service<lambda_http::Request> + Clone + Send + Sync + 'static,
    S::Response: IntoResponse + Send + Sync + 'static,
    S::Error: fmt::Debug + Send,
    S::Future: Send,
{
    let function = Adapter::from(app);
    let returned = Returned::default();
    let kept = returned.clone();
    let browser = Browser::new().mount(ORIGIN, move |request: Request<Bytes>| {
        let (mut function, kept) = (function.clone(), kept.clone());
        async move {
            let event = serde_json::from_value(event::of(api, &request)).expect("an event");
            let event = LambdaEvent::new(event, Context::default());
            let response = function.call(event).await.expect("a response");
            let response = serde_json::to_value(response).expect("JSON");
            let answer = returned::to_browser(&response);
            kept.lock().unwrap().push(response);
            answer
        }
    });
    (browser, returned)
}
