//! `GET /api?path=/…`: the provider's API, called with the stored token.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};
use oauth_dance::{ApiError, ApiResponse, Dance, Visit};

use super::{client, respond};

pub(crate) async fn api(dance: &Dance, visit: &Visit, query: &str) -> Response<Bytes> {
    let mut paths = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "path");
    let (Some((_, path)), None) = (paths.next(), paths.next()) else {
        return respond::bad_request("say which path, once: /api?path=/…");
    };
    match client(dance, visit).get(&path).await {
        Ok(answer) => pass_on(answer),
        // The path is the request's, so it is the request that is wrong.
        Err(error @ (ApiError::ForeignOrigin | ApiError::InvalidRequest(_))) => {
            respond::bad_request(&error.to_string())
        }
        Err(error) => respond::failed(&error),
    }
}

/// Status and body as they are. Of the headers nothing but whether it is JSON: on this site, the
/// provider's cookies have no business and its HTML is text.
fn pass_on(answer: ApiResponse) -> Response<Bytes> {
    const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
    let is_json = answer.headers().get(CONTENT_TYPE).is_some_and(is_json);
    let (answer, body) = answer.into_response().into_parts();
    respond::data(
        answer.status,
        if is_json { respond::JSON } else { TEXT },
        body,
    )
}

fn is_json(content_type: &HeaderValue) -> bool {
    let text = content_type.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json") || essence.ends_with("+json")
}
