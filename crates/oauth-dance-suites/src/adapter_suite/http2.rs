//! The dance over HTTP/2, without TLS and with prior knowledge.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, Request, Response, Version};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED};
use oauth_dance_testkit::Browser;
use tokio::net::TcpStream;
use url::Position;

use super::adapter::Adapter;
use super::callback_text::cookie_header;
use super::pages::{self, ORIGIN};
use super::rig::{WELCOME, rig};

/// A connection of a client.
#[derive(Clone)]
pub(crate) struct Connection(SendRequest<Empty<Bytes>>);

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (requests, connection) = handshake.await.expect("HTTP/2");
        tokio::spawn(connection);
        Self(requests)
    }

    /// Each cookie of `browser`, in a field of its own: RFC 9113, section 8.2.3.
    pub(crate) fn crumbs(browser: &Browser) -> Vec<String> {
        let header = cookie_header(browser);
        let pairs = header.trim_start_matches("Cookie: ").split("; ");
        pairs.map(str::to_owned).collect()
    }

    /// Asks for a page. There is no `Host`: the name of the host is the authority.
    pub(crate) async fn get(&mut self, target: &str, cookies: &[String]) -> Response<Bytes> {
        let mut request = Request::get(format!("http://app.localhost{target}"))
            .version(Version::HTTP_2)
            .body(Empty::new())
            .expect("a request");
        for cookie in cookies {
            let cookie = HeaderValue::from_str(cookie).expect("a cookie");
            request.headers_mut().append(COOKIE, cookie);
        }
        let answer = async {
            let (head, body) = self.0.send_request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            hyper::Result::Ok(Response::from_parts(head, body))
        };
        let answer = tokio::time::timeout(Duration::from_secs(30), answer).await;
        answer.expect("an answer in time").expect("an answer")
    }
}

/// A13: a login over HTTP/2, whose browsers may split their cookies over several fields.
pub async fn a13_a_login_over_http_2_signs_in(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let mut connection = Connection::open(rig.address()).await;
    let begun = connection.get("/login/op", &[]).await;
    assert_eq!(begun.status(), 303);
    let location = begun.headers()["location"].to_str().expect("a URL");
    assert!(location.starts_with(&rig.provider.issuer()), "{location}");

    let callback = rig.callback(&browser).await;
    let cookies = Connection::crumbs(&browser);
    let target = &callback[Position::BeforePath..];
    let done = connection.get(target, &cookies).await;
    assert_eq!(done.status(), 303);
    assert_eq!(done.headers()["location"], WELCOME);
    assert!(done.headers().get_all(SET_COOKIE).iter().count() > 1);
    let taken = browser.take_cookies(ORIGIN, done.headers());
    taken.expect("cookies");
    assert!(rig.home(&browser).await.owner.is_some());
}

/// G14 over HTTP/2: the page's own cookie and the dance's.
pub async fn g14_over_http_2_a_pages_cookie_goes_out_beside_the_dances(adapter: &Adapter) {
    let rig = rig(adapter).await;
    // The page takes the message, so the dance sets a cookie too.
    let flashes = |_: &Dance, login: &Authorized| login.flash("Ahoy!");
    rig.signals.of(&OAUTH_AUTHORIZED).connect(flashes);
    let browser = rig.browser();
    rig.sign_in(&browser).await;
    let mut connection = Connection::open(rig.address()).await;
    let cookies = Connection::crumbs(&browser);
    let page = connection.get(pages::COOKIES, &cookies).await;
    let set: Vec<_> = page.headers().get_all(SET_COOKIE).iter().collect();
    assert!(set.contains(&&HeaderValue::from_static(pages::OWN_COOKIE)));
    assert!(set.len() > 1, "{set:?}");
}
