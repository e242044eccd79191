//! The whole dance in process: `Dances::handle` against the development provider.

use bytes::Bytes;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use http::{Request, Response, StatusCode};
use oauth_dance::{
    Authorized, Credentials, Dance, Dances, Key, MemoryStore, OAUTH_AUTHORIZED, Outcome, Provider,
    SignalSet,
};
use oauth_dance_dev::{ClientRegistration, DevProvider, Person};

const ORIGIN: &str = "https://app.localhost";

fn dev_provider() -> DevProvider {
    DevProvider::builder()
        .client(
            ClientRegistration::new("app", "secret")
                .redirect_uri("https://app.localhost/login/op/authorized"),
        )
        .person(Person::new("ada").name("Ada Lovelace"))
        .scope("profile", "See your name")
        .scope("notes", "Read your notes")
        .build()
}

fn dances(provider: &DevProvider, signals: &SignalSet) -> Dances {
    let issuer = provider.issuer();
    let op = Provider::oauth2(
        "op",
        format!("{issuer}/authorize"),
        format!("{issuer}/token"),
    )
    .userinfo(format!("{issuer}/userinfo"), "sub")
    .revoke(format!("{issuer}/revoke"))
    .api_base(format!("{issuer}/api/"))
    .scopes(["profile", "notes"]);
    Dances::builder(ORIGIN, Key::generate().unwrap())
        .client(provider.client())
        .store(MemoryStore::new())
        .signals(signals.clone())
        .with(
            Dance::builder(op)
                .credentials(Credentials::new("app", "secret"))
                .redirect_to("/welcome"),
        )
        .build()
        .unwrap()
}

/// A browser as far as it concerns cookies.
#[derive(Default)]
struct Jar(Vec<(String, String)>);

impl Jar {
    async fn get(&mut self, dances: &Dances, url: &str) -> Response<Bytes> {
        self.send(dances, "GET", url).await
    }

    async fn send(&mut self, dances: &Dances, method: &str, url: &str) -> Response<Bytes> {
        let request = self.request(method, url);
        let response = dances.handle(request).await;
        for header in response.headers().get_all(SET_COOKIE) {
            let text = header.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.0.retain(|(other, _)| other != name);
            if !attributes.contains("Max-Age=0") {
                self.0.push((name.to_owned(), value.to_owned()));
            }
        }
        response
    }

    fn request(&self, method: &str, url: &str) -> Request<Bytes> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in &self.0 {
            request = request.header(COOKIE, format!("{name}={value}"));
        }
        request.body(Bytes::new()).unwrap()
    }
}

fn location(response: &Response<Bytes>) -> &str {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    response.headers()[LOCATION].to_str().unwrap()
}

#[tokio::test]
async fn a_login_ends_signed_in_where_it_should() {
    let provider = dev_provider();
    let signals = SignalSet::new();
    signals.of(&OAUTH_AUTHORIZED).connect(
        async |dance: &Dance, login: &Authorized| -> Option<Outcome> {
            login.flash(format!("Signed in with {}!", dance.display_name()));
            None
        },
    );
    let dances = dances(&provider, &signals);
    let mut jar = Jar::default();

    let response = jar.get(&dances, "/login/op?next=/deep%3Fa=b").await;
    let callback = provider
        .approve(location(&response), "ada", &["profile"])
        .unwrap();
    let response = jar.get(&dances, callback.as_str()).await;
    assert_eq!(location(&response), "https://app.localhost/deep?a=b");

    let (parts, _) = jar.request("GET", "/deep").into_parts();
    let visit = dances.visit(&parts);
    let api = visit.api("op").unwrap();
    let token = api.token().await.unwrap();
    assert_eq!(token.missing(), ["notes"]);
    let identity = api.identity().await.unwrap().unwrap();
    assert_eq!(identity.display_name(), "Ada Lovelace");
    let profile = api.get("/profile").await.unwrap();
    assert_eq!(profile.status(), StatusCode::OK);
    assert_eq!(visit.take_flashes()[0].text(), "Signed in with op!");

    let response = jar.send(&dances, "POST", "/logout/op").await;
    assert_eq!(location(&response), "https://app.localhost/");
    assert!(jar.0.iter().all(|(name, _)| name.contains("flash")));
}

#[tokio::test]
async fn a_page_without_messages_sets_no_cookie() {
    let dances = dances(&dev_provider(), &SignalSet::new());
    let (parts, _) = Jar::default().request("GET", "/").into_parts();
    let visit = dances.visit(&parts);
    assert!(visit.take_flashes().is_empty());
    let mut headers = http::HeaderMap::new();
    oauth_dance::leaf::finish(&visit, &mut headers);
    assert!(!headers.contains_key(SET_COOKIE), "{headers:?}");
}
