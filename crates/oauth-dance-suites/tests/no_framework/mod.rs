//! The application of the adapter suite without any framework: hyper, and the core alone.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderValue, SET_COOKIE};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use oauth_dance::leaf::{self, Asked, PageError};
use oauth_dance::{ApiError, Dances, Visit};
use oauth_dance_suites::adapter_suite::{Serving, pages};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// What the server does before a request is answered.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) looks_at_the_method_first: bool,
    /// The longest body, in bytes.
    pub(crate) most: usize,
    pub(crate) deadline: Duration,
    /// Takes a body that has broken off for one that has ended.
    pub(crate) takes_what_came: bool,
}

impl Reading {
    /// What the contract says.
    pub(crate) const CAREFUL: Self = Self {
        looks_at_the_method_first: true,
        most: leaf::MAX_BODY_BYTES,
        deadline: leaf::BODY_DEADLINE,
        takes_what_came: false,
    };
}

/// Serves what `answer` makes of each request, on a free port.
pub(crate) async fn serve<F, Answering>(dances: Dances, reading: Reading, answer: F) -> Serving
where
    F: Fn(Dances, Request<Bytes>) -> Answering + Clone + Send + Sync + 'static,
    Answering: Future<Output = Response<Bytes>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address: SocketAddr = listener.local_addr().expect("an address");
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let (dances, answer) = (dances.clone(), answer.clone());
            let service =
                service_fn(move |request| read(dances.clone(), reading, answer.clone(), request));
            connections.spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let connection = server.serve_connection(TokioIo::new(stream), service);
                connection.await.ok();
            });
        }
    });
    Serving::new(address, server)
}

/// Reads a request to its end, or to the length that is enough.
async fn read<F, Answering>(
    dances: Dances,
    reading: Reading,
    answer: F,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible>
where
    F: Fn(Dances, Request<Bytes>) -> Answering,
    Answering: Future<Output = Response<Bytes>>,
{
    let (parts, body) = request.into_parts();
    let wrong = leaf::wrong_method(&dances, &parts.method, parts.uri.path());
    if let (true, Some(response)) = (reading.looks_at_the_method_first, wrong) {
        return Ok(response.map(Full::new));
    }
    let body = Limited::new(body, reading.most).collect();
    let status = match timeout(reading.deadline, body).await {
        Ok(Ok(body)) => {
            let request = Request::from_parts(parts, body.to_bytes());
            return Ok(answer(dances, request).await.map(Full::new));
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => StatusCode::PAYLOAD_TOO_LARGE,
        Ok(Err(_)) if reading.takes_what_came => {
            let request = Request::from_parts(parts, Bytes::new());
            return Ok(answer(dances, request).await.map(Full::new));
        }
        Ok(Err(_)) => StatusCode::BAD_REQUEST,
        Err(_) => StatusCode::REQUEST_TIMEOUT,
    };
    Ok(leaf::unreadable(&dances, status).map(Full::new))
}

/// The application: what every adapter does, in the core's own words.
pub(crate) async fn answer(dances: Dances, request: Request<Bytes>) -> Response<Bytes> {
    if leaf::paths(&dances).any(|path| path == request.uri().path()) {
        return dances.handle(request).await;
    }
    let (parts, _) = request.into_parts();
    let asked = Asked::new(&parts.method, &parts.uri);
    if parts.uri.path() == pages::WITHOUT_VISIT {
        return PageError::no_visit(asked, "whether the page has a visit").response();
    }
    let visit = dances.visit(&parts);
    let response = match page(&visit, parts.uri.path()).await {
        Ok(response) => response,
        Err(error) => PageError::from(error).response(),
    };
    let (mut head, body) = response.into_parts();
    let login = leaf::close(&visit, asked, &mut head).await;
    Response::from_parts(head, login.unwrap_or(body))
}

async fn page(visit: &Visit, path: &str) -> Result<Response<Bytes>, ApiError> {
    let owner = visit.owner(pages::DANCE).await?;
    let api = visit.api(pages::DANCE).expect("a dance of the suite");
    match path {
        pages::HOME => Ok(body(pages::home(owner, &visit.take_flashes()))),
        pages::COOKIES => {
            let mut response = body(pages::home(owner, &visit.take_flashes()));
            let cookie = HeaderValue::from_static(pages::OWN_COOKIE);
            response.headers_mut().insert(SET_COOKIE, cookie);
            Ok(response)
        }
        pages::ME => {
            api.token().await?;
            Ok(body(pages::home(owner, &[])))
        }
        pages::PROFILE => Ok(api.get(pages::PROFILE_API).await?.into_response()),
        pages::NUMBER => Ok(body(visit.require_user_as::<i64>().await?.to_string())),
        pages::MISSPELT => Err(visit.api(pages::NO_DANCE).expect_err("no dance")),
        _ => Ok(status(StatusCode::NOT_FOUND)),
    }
}

fn body(text: String) -> Response<Bytes> {
    Response::new(Bytes::from(text))
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
