//! Takes the stage off the paths of requests, as a proxy does.

use std::task::{Context, Poll};

use http::Uri;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt as _, Service};

/// Returns `service`, which then sees paths without the stage of the API.
///
/// In the request that `lambda_http` makes, the path has the stage: `/prod/welcome`, unless the stage is `$default`.
/// The dances and the application compare whole paths, and call that page `/welcome` in every stage.
pub fn without_stage<S>(service: S) -> WithoutStage<S> {
    WithoutStage(service)
}

/// The service that [`without_stage`] returns.
#[derive(Debug, Clone)]
pub struct WithoutStage<S>(S);

impl<S: Service<Request>> Service<Request> for WithoutStage<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        if let Some(uri) = inside(&request) {
            *request.uri_mut() = uri;
        }
        self.0.call(request)
    }
}

/// Returns the URI without the stage, or `None` if the path of the event is not one of HTTP.
fn inside(request: &Request) -> Option<Uri> {
    // The path of the event, to which `lambda_http` has added nothing yet.
    let mut path = request.raw_http_path();
    if let RequestContext::ApiGatewayV2(context) = request.request_context_ref()? {
        path = below(context.stage.as_deref().unwrap_or_default(), path);
    }
    let whole = match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(whole.parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Takes the stage off a path, if it is there: that of an HTTP API whose stage is `$default` has none.
fn below<'p>(stage: &str, path: &'p str) -> &'p str {
    match path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(stage))
    {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}
