//! The whole dance in process: `Dances::handle` against the development provider.

use http::StatusCode;
use http::header::SET_COOKIE;
use oauth_dance::{
    Authorized, Credentials, Dance, Dances, Key, MemoryStore, OAUTH_AUTHORIZED, Outcome, Provider,
    SignalSet,
};
use oauth_dance_dev::{ClientRegistration, DevProvider, Person};
use oauth_dance_testkit::{Browser, Page};

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

/// A browser for which the application is at [`ORIGIN`].
fn browser(dances: &Dances) -> Browser {
    let dances = dances.clone();
    Browser::new().mount(ORIGIN, move |request| {
        let dances = dances.clone();
        async move { dances.handle(request).await }
    })
}

fn location(page: &Page) -> String {
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    page.location().unwrap().into()
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
    let browser = browser(&dances);
    let at = |path: &str| format!("{ORIGIN}{path}");

    let begun = browser.get(at("/login/op?next=/deep%3Fa=b")).await.unwrap();
    let callback = provider.approve(location(&begun), "ada", &["profile"]);
    let page = browser.get(callback.unwrap()).await.unwrap();
    assert_eq!(location(&page), at("/deep?a=b#"));

    let visit = dances.visit(&browser.head(at("/deep")).unwrap());
    let api = visit.api("op").unwrap();
    let token = api.token().await.unwrap();
    assert_eq!(token.missing(), ["notes"]);
    let identity = api.identity().await.unwrap().unwrap();
    assert_eq!(identity.display_name(), "Ada Lovelace");
    let profile = api.get("/profile").await.unwrap();
    assert_eq!(profile.status(), StatusCode::OK);
    assert_eq!(visit.take_flashes()[0].text(), "Signed in with op!");

    let page = browser.post_form(at("/logout/op"), &[]).await.unwrap();
    assert_eq!(location(&page), at("/"));
    let jar = browser.jar();
    assert!(jar.iter().all(|cookie| cookie.name().contains("flash")));
}

#[tokio::test]
async fn a_page_without_messages_sets_no_cookie() {
    let dances = dances(&dev_provider(), &SignalSet::new());
    let visit = dances.visit(&Browser::new().head(ORIGIN).unwrap());
    assert!(visit.take_flashes().is_empty());
    let mut headers = http::HeaderMap::new();
    oauth_dance::leaf::finish(&visit, &mut headers);
    assert!(!headers.contains_key(SET_COOKIE), "{headers:?}");
}
