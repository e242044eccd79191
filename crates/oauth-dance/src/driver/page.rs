//! The small pages of the dance: fixed texts, readable on a phone and in the dark.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use once_cell::sync::Lazy;
use sha2::{Digest as _, Sha256};
use url::Url;

/// The texts of a page. Nothing of a request or a provider ever gets here.
pub(super) struct Page {
    /// What happened, in plain words.
    pub(super) title: &'static str,
    /// What it means for the user, and what to do.
    pub(super) text: &'static str,
}

/// System fonts, and colours for light and dark.
const STYLE: &str = ":root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}\
body{margin:0;padding:3rem 1.25rem;color:light-dark(#1b1b1f,#e4e2e6);background:light-dark(#fff,#1b1b1f)}\
main{max-width:34rem;margin:auto;overflow-wrap:break-word}\
h1{font-size:1.5rem;line-height:1.25}\
a{color:light-dark(#0b57d0,#a8c7fa)}\
nav{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem}";

/// The pages load nothing and run nothing. The one style sheet is allowed by its hash.
static POLICY: Lazy<HeaderValue> = Lazy::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("base64 is visible ASCII")
});

impl Page {
    /// Makes the response. `login` is the URL where the browser may sign in again.
    pub(super) fn respond(&self, status: StatusCode, login: Option<&Url>) -> Response<Bytes> {
        let Self { title, text } = self;
        let again = login
            .map(|url| format!("<a href=\"{}\">Sign in again</a>", url.path()))
            .unwrap_or_default();
        let html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <title>{title}</title><style>{STYLE}</style></head>\
             <body><main><h1>{title}</h1><p>{text}</p>\
             <nav aria-label=\"Go on\">{again}<a href=\"/\">Home</a></nav></main></body></html>"
        );
        let mut response = Response::new(Bytes::from(html));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
        response
    }
}
