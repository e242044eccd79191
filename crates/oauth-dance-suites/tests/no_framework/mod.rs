//! The application of the adapter suite without any framework: hyper, and the core alone.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{HeaderValue, SET_COOKIE};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use oauth_dance::{ApiError, Dances, Visit, leaf};
use oauth_dance_suites::adapter_suite::{Serving, pages};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Serves what `answer` makes of each request, on a free port.
pub(crate) async fn serve<F, Answering>(answer: F) -> Serving
where
    F: Fn(Request<Bytes>) -> Answering + Clone + Send + 'static,
    Answering: Future<Output = Response<Bytes>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address: SocketAddr = listener.local_addr().expect("an address");
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            let service = service_fn(move |request| read(answer.clone(), request));
            let server = hyper::server::conn::http1::Builder::new();
            connections.spawn(server.serve_connection(TokioIo::new(stream), service));
        }
    });
    Serving::new(address, server)
}

/// Reads a request to its end, or to the length that is enough.
async fn read<F, Answering>(
    answer: F,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible>
where
    F: Fn(Request<Bytes>) -> Answering,
    Answering: Future<Output = Response<Bytes>>,
{
    let (parts, body) = request.into_parts();
    let response = match Limited::new(body, leaf::MAX_BODY_BYTES).collect().await {
        Ok(body) => answer(Request::from_parts(parts, body.to_bytes())).await,
        Err(error) if error.is::<LengthLimitError>() => status(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => status(StatusCode::BAD_REQUEST),
    };
    Ok(response.map(Full::new))
}

/// The application: what every adapter does, in the core's own words.
pub(crate) async fn answer(dances: Dances, request: Request<Bytes>) -> Response<Bytes> {
    if leaf::paths(&dances).any(|path| path == request.uri().path()) {
        return dances.handle(request).await;
    }
    let (parts, _) = request.into_parts();
    let visit = dances.visit(&parts);
    let mut response = match page(&visit, parts.uri.path()).await {
        Ok(response) => response,
        Err(ApiError::LoginRequired(required)) => leaf::login_required(&visit, &required).await,
        Err(error) => leaf::failed(leaf::Asked::new(&parts.method, &parts.uri), &error),
    };
    leaf::finish(&visit, response.headers_mut());
    response
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
