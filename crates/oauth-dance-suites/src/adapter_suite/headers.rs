//! Header fields byte for byte: on their way in to receivers, and on their way out from them.

use std::sync::Arc;

use http::header::{HeaderName, HeaderValue};
use http::{HeaderMap, Response};
use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED, Outcome};
use parking_lot::Mutex;

use super::adapter::Adapter;
use super::callback_text::cookie_header;
use super::raw;
use super::rig::rig;

/// Bytes that a field value may have and ASCII does not (RFC 9110 §5.5).
const BEYOND_ASCII: &[u8] = b"caf\xe9 \xff\x80\tend";

const FIELD: HeaderName = HeaderName::from_static("x-bytes");

/// H01, RFC 9110 §5.5: a receiver reads the fields of the request as the browser sent them. Repeated ones are several.
pub async fn h01_a_receiver_reads_fields_byte_for_byte(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let heard = Arc::new(Mutex::new(HeaderMap::new()));
    let read = Arc::clone(&heard);
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(move |_: &Dance, login: &Authorized| {
            read.lock().clone_from(&login.request().headers);
        });
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let target = format!(
        "{}?{}",
        callback.path(),
        callback.query().unwrap_or_default()
    );
    let mut headers: Vec<Vec<u8>> = ["Host: app.localhost", &cookie_header(&browser)]
        .map(|line| line.as_bytes().to_vec())
        .into();
    for value in [BEYOND_ASCII, b"second", b""] {
        headers.push([b"X-Bytes: ", value].concat());
    }
    let answer = raw::send(rig.address(), "GET", &target, &headers).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let heard = heard.lock();
    let read: Vec<&[u8]> = heard
        .get_all(FIELD)
        .iter()
        .map(HeaderValue::as_bytes)
        .collect();
    assert_eq!(read, [BEYOND_ASCII, b"second", b""]);
}

/// H01: the fields of a receiver's response go out as they are, repeated ones too.
pub async fn h01_a_receivers_fields_go_out_byte_for_byte(adapter: &Adapter) {
    let rig = rig(adapter).await;
    rig.signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|_: &Dance, _: &Authorized| {
            let mut response = Response::new("welcome");
            for value in [BEYOND_ASCII, b"second"] {
                let value = HeaderValue::from_bytes(value).expect("a field value");
                response.headers_mut().append(FIELD, value);
            }
            Some(Outcome::respond(response))
        });
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let target = format!(
        "{}?{}",
        callback.path(),
        callback.query().unwrap_or_default()
    );
    let headers = ["Host: app.localhost".to_owned(), cookie_header(&browser)];
    let answer = raw::get(rig.address(), &target, &headers).await;
    assert_eq!((answer.status, answer.body()), (200, "welcome"));
    assert!(answer.has(BEYOND_ASCII), "{}", answer.text());
    assert_eq!(answer.headers("x-bytes").last(), Some("second"));
    assert_eq!(answer.headers("x-bytes").count(), 2);
}
