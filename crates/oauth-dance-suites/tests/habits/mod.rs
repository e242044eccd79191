//! Habits of careless adapters: with targets, methods and fields, and when a browser leaves.

use bytes::Bytes;
use http::header::{ALLOW, HeaderMap};
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};
use http::{Method, Request, Response, StatusCode, Version};
use oauth_dance::Dances;
use tokio::sync::oneshot;

use super::no_framework::{self, Reading};
use super::{Answering, Habit, ReadsTheBodyFirst};

pub(super) struct HasOneStatusForUpstreams;

impl Habit for HasOneStatusForUpstreams {
    fn response(_: &Parts, response: &mut Response<Bytes>) {
        if response.status() == StatusCode::GATEWAY_TIMEOUT {
            *response.status_mut() = StatusCode::BAD_GATEWAY;
        }
    }
}

fn texts(headers: &HeaderMap) -> HeaderMap {
    let texts = headers.iter().filter(|(_, value)| value.to_str().is_ok());
    texts
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Header values as `&str`.
pub(super) struct ReadsFieldsAsText;

impl Habit for ReadsFieldsAsText {
    fn request(request: &mut Request<Bytes>) {
        *request.headers_mut() = texts(request.headers());
    }
}

pub(super) struct WritesFieldsAsText;

impl Habit for WritesFieldsAsText {
    fn response(_: &Parts, response: &mut Response<Bytes>) {
        *response.headers_mut() = texts(response.headers());
    }
}

pub(super) struct KnowsNoHttp2;

impl Habit for KnowsNoHttp2 {
    fn response(request: &Parts, response: &mut Response<Bytes>) {
        if request.version == Version::HTTP_2 {
            *response.status_mut() = StatusCode::HTTP_VERSION_NOT_SUPPORTED;
        }
    }
}

/// A URI is a path and a query.
pub(super) struct DropsTheAuthority;

impl Habit for DropsTheAuthority {
    fn request(request: &mut Request<Bytes>) {
        let target = request.uri().path_and_query().cloned();
        *request.uri_mut() = target.map(Uri::from).unwrap_or_default();
    }
}

/// A request that failed half way is tried again.
pub(super) struct RepeatsWhatIsDropped;

impl Habit for RepeatsWhatIsDropped {
    fn answer(dances: Dances, request: Request<Bytes>) -> Answering {
        struct Again(Option<Answering>);

        impl Drop for Again {
            fn drop(&mut self) {
                if let Some(answering) = self.0.take() {
                    tokio::spawn(answering);
                }
            }
        }

        let again = no_framework::answer(dances.clone(), request.clone());
        Box::pin(async move {
            let mut again = Again(Some(Box::pin(again)));
            let response = no_framework::answer(dances, request).await;
            again.0 = None;
            response
        })
    }
}

/// A runtime for each request.
pub(super) struct EndsWithItsRequest;

impl Habit for EndsWithItsRequest {
    fn answer(dances: Dances, request: Request<Bytes>) -> Answering {
        Box::pin(async move {
            let (response, answered) = oneshot::channel();
            let (alive, gone) = oneshot::channel::<()>();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime.expect("a runtime").block_on(async move {
                    tokio::select! {
                        answer = no_framework::answer(dances, request) => {
                            let _ = response.send(answer);
                        }
                        _ = gone => {}
                    }
                });
            });
            let answer = answered.await.expect("an answer");
            drop(alive);
            answer
        })
    }
}

pub(super) struct NamesNoMethod;

impl Habit for NamesNoMethod {
    const READING: Reading = ReadsTheBodyFirst::READING;

    fn response(_: &Parts, response: &mut Response<Bytes>) {
        response.headers_mut().remove(ALLOW);
    }
}

/// Routes for GET alone.
pub(super) struct KnowsNoHead;

impl Habit for KnowsNoHead {
    fn response(request: &Parts, response: &mut Response<Bytes>) {
        if request.method == Method::HEAD {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        }
    }
}

/// Puts `change`d path and query in the place of the request's own.
fn change_target(request: &mut Request<Bytes>, change: impl FnOnce(&str) -> String) {
    let target = request.uri().path_and_query().map(PathAndQuery::as_str);
    if let Ok(changed) = change(target.unwrap_or("/")).parse() {
        *request.uri_mut() = changed;
    }
}

/// A router that does not mind capitals.
pub(super) struct LowersPaths;

impl Habit for LowersPaths {
    fn request(request: &mut Request<Bytes>) {
        change_target(request, str::to_lowercase);
    }
}

/// Queries through a map of their parameters.
pub(super) struct WritesQueriesAnew;

impl Habit for WritesQueriesAnew {
    fn request(request: &mut Request<Bytes>) {
        change_target(request, |target| target.replace("%20", "+"));
    }
}

pub(super) struct TakesTheTargetForAPath;

impl Habit for TakesTheTargetForAPath {
    fn request(request: &mut Request<Bytes>) {
        if request.uri().authority().is_some() {
            *request.uri_mut() = format!("/{}", request.uri()).parse().expect("a URI");
        }
    }
}

pub(super) struct TakesShortTargets;

impl Habit for TakesShortTargets {
    fn response(request: &Parts, response: &mut Response<Bytes>) {
        if request.uri.to_string().len() > 4096 {
            *response.status_mut() = StatusCode::URI_TOO_LONG;
        }
    }
}
