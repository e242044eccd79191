//! Tells the requests that another site sends, with which it would sign a browser out.

use http::header::ORIGIN;
use http::request::Parts;
use url::Url;

/// Returns whether the browser says that a page of another site sent this request.
///
/// A client that sends neither header is not a current browser, or a proxy has removed them. If that
/// client does not know `SameSite`, another site can sign it out, which is a nuisance and nothing worse.
pub(crate) fn is_cross_site(request: &Parts, origin: &Url) -> bool {
    let header = |name: &str| request.headers.get(name).map(http::HeaderValue::as_bytes);
    match (header("sec-fetch-site"), header(ORIGIN.as_str())) {
        (Some(site), _) => site != b"same-origin" && site != b"none",
        (None, Some(sender)) => sender != origin.origin().ascii_serialization().as_bytes(),
        (None, None) => false,
    }
}
