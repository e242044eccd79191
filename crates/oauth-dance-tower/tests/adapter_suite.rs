//! The adapter suite: a service of one function, served by plain hyper.

use bytes::Bytes;
use http::header::{HeaderValue, SET_COOKIE};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use oauth_dance::Dances;
use oauth_dance_suites::adapter_suite;
use oauth_dance_suites::adapter_suite::{Serving, pages};
use oauth_dance_tower::{Error, mount, service_fn, visit};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower_service::Service as _;

adapter_suite!(serve);

async fn serve(dances: Dances) -> Serving {
    let mounted = mount(service_fn(page), &dances);
    let app = service_fn(move |request: Request<Incoming>| {
        let mut mounted = mounted.clone();
        async move {
            if request.uri().path() == pages::WITHOUT_VISIT {
                return page(request).await;
            }
            let Ok(response) = mounted.call(request).await;
            Ok(response)
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let mut server = JoinSet::new();
    server.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let app = TowerToHyperService::new(app.clone());
            connections.spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let connection = server.serve_connection(TokioIo::new(stream), app);
                connection.await.ok();
            });
        }
    });
    Serving::new(address, server)
}

async fn page(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Error> {
    let visit = visit(&request)?;
    let owner = visit.owner(pages::DANCE).await?;
    let mut response = Response::default();
    let body = match request.uri().path() {
        pages::HOME => pages::home(owner, &visit.take_flashes()),
        pages::COOKIES => {
            let cookie = HeaderValue::from_static(pages::OWN_COOKIE);
            response.headers_mut().insert(SET_COOKIE, cookie);
            pages::home(owner, &visit.take_flashes())
        }
        pages::ME => {
            visit.api(pages::DANCE)?.token().await?;
            pages::home(owner, &[])
        }
        pages::PROFILE => {
            let answer = visit.api(pages::DANCE)?.get(pages::PROFILE_API).await?;
            return Ok(answer.into_response().map(Full::new));
        }
        pages::NUMBER => visit.require_user_as::<i64>().await?.to_string(),
        pages::MISSPELT => format!("{:?}", visit.api(pages::NO_DANCE)?),
        _ => {
            *response.status_mut() = StatusCode::NOT_FOUND;
            String::new()
        }
    };
    *response.body_mut() = body.into();
    Ok(response)
}
