//! The dance over HTTP/2, without TLS and with prior knowledge.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::client::{SendRequest, handshake};
use http::header::{COOKIE, HOST, SET_COOKIE};
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use http::{HeaderValue, Request, Response, Version};
use oauth_dance::{Authorized, Dance, OAUTH_AUTHORIZED};
use oauth_dance_testkit::Browser;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use url::Position;

use super::adapter::Adapter;
use super::callback_text::cookie_header;
use super::pages::{self, ORIGIN, PROFILE};
use super::rig::{Rig, WELCOME, rig, setup};
use super::steps::{get, step};

/// A connection of a client, which ends when it is dropped.
pub(crate) struct Connection {
    requests: SendRequest<Bytes>,
    _driver: JoinSet<()>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        let (requests, connection) = handshake(stream).await.expect("HTTP/2");
        let mut driver = JoinSet::new();
        driver.spawn(async {
            // A connection that breaks off fails the requests on it.
            let _ = connection.await;
        });
        Self {
            requests,
            _driver: driver,
        }
    }

    /// The sender of the next request, when the server takes one.
    pub(crate) async fn ready(&self) -> SendRequest<Bytes> {
        let ready = self.requests.clone().ready().await;
        ready.expect("a server that speaks HTTP/2")
    }

    /// Asks for a page. There is no `Host`: the name of the host is the authority.
    pub(crate) async fn get(&self, target: &str, cookies: &str) -> Response<Bytes> {
        let request = Request::get(target)
            .header(HOST, "app.localhost")
            .header(COOKIE, cookies);
        self.send(request.body(Bytes::new()).expect("a request"))
            .await
    }

    /// Sends a request as [`of_http_2`] makes it, and reads the response to its end.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let answer = async {
            let (head, body) = of_http_2(request).into_parts();
            let request = Request::from_parts(head, ());
            let mut requests = self.ready().await;
            let (response, mut sending) = requests.send_request(request, body.is_empty())?;
            if !body.is_empty() {
                sending.send_data(body, true)?;
            }
            let (head, mut body) = response.await?.into_parts();
            let mut whole = BytesMut::new();
            while let Some(data) = body.data().await.transpose()? {
                whole.extend_from_slice(&data);
                body.flow_control().release_capacity(data.len())?;
            }
            Ok::<_, h2::Error>(Response::from_parts(head, whole.freeze()))
        };
        let answer = tokio::time::timeout(Duration::from_secs(30), answer).await;
        answer.expect("an answer in time").expect("an answer")
    }
}

/// Makes a request of HTTP/1.1 one of HTTP/2: the authority takes the place of `Host`, and each cookie has a field of
/// its own, as in browsers (RFC 9113 §8.2.3, §8.3.1).
pub(crate) fn of_http_2(request: Request<Bytes>) -> Request<Bytes> {
    let (mut parts, body) = request.into_parts();
    if let Some(host) = parts.headers.remove(HOST) {
        let mut uri = parts.uri.into_parts();
        uri.scheme = Some(Scheme::HTTP);
        uri.authority = Some(Authority::try_from(host.as_bytes()).expect("an authority"));
        uri.path_and_query
            .get_or_insert(PathAndQuery::from_static("/"));
        parts.uri = Uri::from_parts(uri).expect("a URI");
    }
    let cookies: Vec<_> = parts.headers.get_all(COOKIE).iter().cloned().collect();
    parts.headers.remove(COOKIE);
    for cookies in cookies {
        for crumb in cookies
            .to_str()
            .expect("cookies")
            .split("; ")
            .filter(|crumb| !crumb.is_empty())
        {
            let crumb = HeaderValue::try_from(crumb).expect("a cookie");
            parts.headers.append(COOKIE, crumb);
        }
    }
    parts.headers.remove("connection");
    parts.version = Version::HTTP_2;
    Request::from_parts(parts, body)
}

impl Rig {
    /// A browser that speaks HTTP/2 to the application.
    pub(crate) fn browser_over_http_2(&self) -> Browser {
        let address = self.address();
        Browser::new().mount(ORIGIN, move |request| async move {
            Connection::open(address).await.send(request).await
        })
    }
}

/// The value of the `Cookie` of a request to the application.
pub(crate) fn cookies_of(browser: &Browser) -> String {
    let line = cookie_header(browser);
    line.trim_start_matches("Cookie: ").to_owned()
}

/// A13: a login over HTTP/2, whose browsers may split their cookies over several fields.
pub async fn a13_a_login_over_http_2_signs_in(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let connection = Connection::open(rig.address()).await;
    let begun = connection.get("/login/op", "").await;
    assert_eq!(begun.status(), 303);
    let location = begun.headers()["location"].to_str().expect("a URL");
    assert!(location.starts_with(&rig.provider.issuer()), "{location}");

    let callback = rig.callback(&browser).await;
    let cookies = cookies_of(&browser);
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
    let connection = Connection::open(rig.address()).await;
    let cookies = cookies_of(&browser);
    let page = connection.get(pages::COOKIES, &cookies).await;
    let set: Vec<_> = page.headers().get_all(SET_COOKIE).iter().collect();
    assert!(set.contains(&&HeaderValue::from_static(pages::OWN_COOKIE)));
    assert!(set.len() > 1, "{set:?}");
}

/// A13: all of a login, with the token in cookies too, and the logout: a form is sent, and the cookies of several
/// fields are read as those of one.
pub async fn a13_over_http_2_a_browser_signs_in_and_out(adapter: &Adapter) {
    let rig = setup(adapter).tokens_in_cookies().start().await;
    let browser = rig.browser_over_http_2();
    for name in ["aaa", "zzz"] {
        browser.change_jar(|jar| jar.plant("app.localhost", name, "planted"));
    }
    let begun = rig.begin_at(&browser, "/login/op?next=%2Fprofile").await;
    let ready = rig.approve(&browser, begun).await;
    let page = step(&browser, ready).await;
    assert_eq!(page.status(), 303, "{page:?}");
    let page = get(&browser, PROFILE).await;
    assert_eq!(Rig::username(&page).as_deref(), Some("ada"), "{page:?}");
    rig.sign_out(&browser).await;
    assert_eq!(rig.home(&browser).await.owner, None);
}

/// A33: the name of the host is in `:authority`, where there is no `Host`.
pub async fn a33_over_http_2_a_login_at_another_name_begins_at_the_origin(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let connection = Connection::open(rig.address()).await;
    let request = Request::get("http://www.app.localhost/login/op?next=%2Fme");
    let answer = connection
        .send(request.body(Bytes::new()).expect("a request"))
        .await;
    assert_eq!(answer.status(), 303);
    assert_eq!(
        answer.headers()["location"],
        "https://app.localhost/login/op?next=%2Fme&at_origin=1"
    );
    assert!(!answer.headers().contains_key(SET_COOKIE));
}
