//! The adapter suite passes an application without any framework, which shows the whole contract.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{HeaderValue, LOCATION, SET_COOKIE};
use http::uri::PathAndQuery;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use oauth_dance::{ApiError, Dances, Visit};
use oauth_dance_testkit::adapter_suite;
use oauth_dance_testkit::adapter_suite::{Adapter, Serving, pages};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// hyper, and the core alone.
struct NoFramework;

adapter_suite!(NoFramework);

impl Adapter for NoFramework {
    async fn serve(dances: Dances) -> Serving {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address: SocketAddr = listener.local_addr().expect("an address");
        let mut server = JoinSet::new();
        server.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let dances = dances.clone();
                let service = service_fn(move |request| answer(dances.clone(), request));
                let server = hyper::server::conn::http1::Builder::new();
                connections.spawn(server.serve_connection(TokioIo::new(stream), service));
            }
        });
        Serving::new(address, server)
    }
}

async fn answer(
    dances: Dances,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, Dances::MAX_BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Ok(status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Err(_) => return Ok(status(StatusCode::BAD_REQUEST)),
    };
    if dances.paths().any(|path| path == parts.uri.path()) {
        let response = dances.handle(Request::from_parts(parts, body)).await;
        return Ok(response.map(Full::new));
    }
    let visit = dances.visit(&parts);
    let path = parts.uri.path_and_query().map(PathAndQuery::as_str);
    let mut response = match page(&visit, parts.uri.path()).await {
        Ok(response) => response,
        Err(ApiError::LoginRequired(required)) => {
            let mut response = status(StatusCode::SEE_OTHER);
            let location = HeaderValue::try_from(required.login_url(path).as_str());
            let location = location.expect("a URL is a header value");
            response.headers_mut().insert(LOCATION, location);
            response
        }
        Err(error) => status(error.status()),
    };
    visit.finish(response.headers_mut());
    Ok(response)
}

async fn page(visit: &Visit, path: &str) -> Result<Response<Full<Bytes>>, ApiError> {
    let owner = visit.owner(pages::DANCE);
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
        pages::PROFILE => {
            let answer = api.get(pages::PROFILE_API).await?;
            Ok(answer.into_response().map(Full::new))
        }
        _ => Ok(status(StatusCode::NOT_FOUND)),
    }
}

fn body(text: String) -> Response<Full<Bytes>> {
    Response::new(Full::new(Bytes::from(text)))
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// A case that is missing in the macro's list would never run.
#[test]
fn every_case_is_in_the_list() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/adapter_suite");
    let mut cases = Vec::new();
    for file in std::fs::read_dir(folder).expect("the sources") {
        let source = std::fs::read_to_string(file.expect("a file").path()).expect("a source");
        let functions = source.lines().filter_map(|line| {
            let (name, _) = line.strip_prefix("pub async fn ")?.split_once('<')?;
            Some(name.to_owned())
        });
        cases.extend(functions);
    }
    let suite = include_str!("../src/adapter_suite.rs");
    let missing: Vec<_> = cases
        .iter()
        .filter(|case| !suite.lines().any(|line| line.trim() == case.as_str()))
        .collect();
    assert!(cases.len() > 100 && missing.is_empty(), "{missing:?}");
}
