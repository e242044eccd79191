//! The program against the development provider: real sockets, nothing to install.

mod support;

use oauth_dance::Key;
use oauth_dance_dev::{ClientRegistration, DevProvider, Endpoint, Fault, RunningProvider};
use oauth_dance_testkit::Browser;
use serde_json::json;
use support::{Home, RelyingParty, tokens_in};
use tokio::net::TcpListener;

/// The provider's tokens live, and it says that they do not.
fn expires_at_once(provider: &DevProvider) {
    for endpoint in [Endpoint::Token, Endpoint::Refresh] {
        provider.inject(endpoint, Fault::with("expires_in", 0));
    }
}

/// A provider that does not listen yet, because it has to know the relying party first.
struct Provider(TcpListener);

impl Provider {
    async fn bind() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.expect("a port"))
    }

    /// Starts a relying party at this provider, with these arguments beside or instead of the usual ones.
    fn party(&self, args: &[(&str, &str)]) -> RelyingParty {
        self.party_with_key(&Key::generate().expect("a key"), args)
    }

    fn party_with_key(&self, key: &Key, args: &[(&str, &str)]) -> RelyingParty {
        let issuer = format!("http://{}", self.0.local_addr().expect("an address"));
        let endpoints = [
            ("--authorize-url", format!("{issuer}/authorize")),
            ("--token-url", format!("{issuer}/token")),
            ("--userinfo-url", format!("{issuer}/userinfo")),
            ("--revoke-url", format!("{issuer}/revoke")),
            ("--api-base", format!("{issuer}/api/")),
        ];
        let mut all = vec![("--client-id", "app"), ("--scope", "profile notes")];
        all.extend(endpoints.iter().map(|(name, url)| (*name, url.as_str())));
        all.retain(|(name, _)| args.iter().all(|(given, _)| given != name));
        all.extend_from_slice(args);
        if args.iter().all(|(name, _)| *name != "--token-auth") {
            all.push(("--client-secret", "secret"));
        }
        RelyingParty::start_with(&all, |command| {
            command.env("OAUTH_DANCE_KEY", key.to_base64());
        })
    }

    fn serve(self, client: ClientRegistration, parties: &[&RelyingParty]) -> RunningProvider {
        let client = parties.iter().fold(client, |client, party| {
            client.redirect_uri(party.url("/login/op/authorized"))
        });
        DevProvider::builder()
            .demo_people()
            .client(client)
            .build()
            .serve_on(self.0)
            .expect("it listens")
    }
}

fn confidential() -> ClientRegistration {
    ClientRegistration::new("app", "secret")
}

/// Signs ada in with these scopes, and follows to the page at the end.
async fn sign_in(party: &RelyingParty, browser: &Browser, next: &str, scopes: &[&str]) -> Home {
    let page = party.login(browser, next).await;
    let page = browser.approve(&page, "ada", scopes).await;
    let page = browser.follow(page.expect("the provider agrees")).await;
    Home::read(&page.expect("the front page"))
}

#[tokio::test]
async fn a_user_may_be_known_by_another_identifier() {
    let provider = Provider::bind().await;
    let issuer = format!("http://{}", provider.0.local_addr().expect("an address"));
    let who = format!("{issuer}/api/whoami");
    let party = provider.party(&[("--userinfo-url", &who), ("--user-id", "data.0.id")]);
    let client = confidential().redirect_uri(party.url("/login/op/authorized"));
    let _server = DevProvider::builder()
        .demo_people()
        .answer("/whoami", json!({ "data": [{ "id": 7, "name": "Ada" }] }))
        .client(client)
        .build()
        .serve_on(provider.0)
        .expect("it listens");
    let browser = Browser::new();
    assert!(sign_in(&party, &browser, "/", &["profile"]).await.signed_in);
    let me = party.me(&browser).await;
    assert_eq!(me["identity"]["subject"], "7");
}

#[tokio::test]
async fn the_cause_of_a_failure_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let printed = folder.path().join("stderr");
    let file = std::fs::File::create(&printed).expect("a file");
    let nothing = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let nowhere = format!("http://{}/token", nothing.local_addr().expect("an address"));
    drop(nothing);
    let args = [
        ("--authorize-url", "http://127.0.0.1:1/authorize"),
        ("--token-url", nowhere.as_str()),
        ("--client-id", "app"),
        ("--client-secret", "secret"),
    ];
    let party = RelyingParty::start_with(&args, |command| {
        command.stderr(file);
    });
    let browser = Browser::new();
    let begun = party.get(&browser, "/login/op").await;
    let to = begun.location().expect("the provider");
    let (_, state) = to
        .query_pairs()
        .find(|(name, _)| name == "state")
        .expect("a state");
    let callback = format!("/login/op/authorized?code=c&state={state}");
    assert_eq!(party.get(&browser, &callback).await.status(), 502);
    let printed = std::fs::read_to_string(printed).expect("text");
    let line = printed.lines().find(|line| line.contains("refused"));
    let line = line.unwrap_or_else(|| panic!("{printed}"));
    assert!(
        line.starts_with("op: the provider refused the connection: "),
        "{line}"
    );
    assert!(line.contains("os error"), "{line}");
}

#[tokio::test]
async fn the_whole_way() {
    let provider = Provider::bind().await;
    let party = provider.party(&[]);
    let server = provider.serve(confidential(), &[&party]);
    let browser = Browser::new();
    party.assert_signed_out(&browser).await;

    let home = sign_in(&party, &browser, "/", &["profile"]).await;
    assert!(home.signed_in);
    assert_eq!(
        home.flashes,
        [
            "message: Signed in with op.",
            "warning: Not granted: notes."
        ]
    );

    let me = party.me(&browser).await;
    assert_eq!(me["dance"], "op");
    assert_eq!(me["owner"]["kind"], "browser");
    assert_eq!(me["identity"]["subject"], "dev-ada");
    assert_eq!(me["identity"]["claims"]["name"], "Ada Lovelace");
    assert_eq!(me["scopes"], json!(["profile"]));
    assert_eq!(me["missing_scopes"], json!(["notes"]));
    assert!(me["expires_at"].is_u64(), "{me}");

    let page = party.get(&browser, "/api?path=/profile").await;
    assert_eq!(page.status(), 200, "{page:?}");
    assert_eq!(page.json().expect("JSON")["username"], "ada");
    // What the provider refuses comes back as it was said.
    let page = party.get(&browser, "/api?path=/notes").await;
    assert_eq!(page.status(), 403, "{page:?}");
    assert_eq!(page.json().expect("JSON")["error"], "insufficient_scope");
    party.assert_signed_out(&Browser::new()).await;

    assert!(!party.logout(&browser).await.signed_in);
    party.assert_signed_out(&browser).await;
    assert_eq!(
        party
            .signals_once_there_is("oauth_token_revoked: log=nothing")
            .await,
        [
            "oauth_before_login: log=nothing",
            "oauth_authorized: log=nothing greet=nothing",
            "oauth_logged_in: log=nothing",
            "oauth_logged_out: log=nothing",
            "oauth_token_revoked: log=nothing",
        ]
    );
    assert_eq!(server.provider().log().revocations(), 1);
}

#[tokio::test]
async fn a_page_without_news_sets_no_cookie() {
    let provider = Provider::bind().await;
    let party = provider.party(&[]);
    let _server = provider.serve(confidential(), &[&party]);
    let browser = Browser::new();
    assert!(party.get(&browser, "/").await.set_cookies().is_empty());
    sign_in(&party, &browser, "/", &["profile"]).await;
    assert!(party.get(&browser, "/").await.set_cookies().is_empty());
}

#[tokio::test]
async fn a_login_ends_where_it_was_wanted() {
    let provider = Provider::bind().await;
    let party = provider.party(&[]);
    let _server = provider.serve(confidential(), &[&party]);
    for (next, end) in [("/me", "/me"), ("//evil.example/", "/"), ("/login/op", "/")] {
        let browser = Browser::new();
        let page = party.login(&browser, next).await;
        let page = browser.approve(&page, "ada", &["profile"]).await;
        let page = browser.follow(page.expect("the provider agrees")).await;
        let page = page.expect("a page");
        assert_eq!(page.url().as_str(), party.url(end) + "#", "{next}");
    }
}

#[tokio::test]
async fn every_store_keeps_what_a_refresh_brings() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = format!("sqlite:{}", folder.path().join("tokens.db").display());
    for store in ["cookie", "memory", &file] {
        let provider = Provider::bind().await;
        let party = provider.party(&[("--store", store)]);
        let server = provider.serve(confidential(), &[&party]);
        expires_at_once(server.provider());
        let browser = Browser::new();
        sign_in(&party, &browser, "/", &["profile", "notes"]).await;
        for refreshes in 1..=3 {
            let page = party.get(&browser, "/api?path=/notes").await;
            assert_eq!(page.status(), 200, "{store}: {page:?}");
            assert_eq!(server.provider().log().refreshes(), refreshes, "{store}");
        }
    }
}

/// Two programs with one file and one key are one application: behind a load balancer, or one after
/// the other.
#[tokio::test]
async fn programs_share_a_file_and_a_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tokens.db");
    let file = format!("sqlite:{}", path.display());
    let key = Key::generate().expect("a key");
    let provider = Provider::bind().await;
    let party = provider.party_with_key(&key, &[("--store", &file)]);
    let public_url = party.url("");
    // Another process of the same site: what is kept belongs to the site's origin.
    let same_site = [("--store", file.as_str()), ("--public-url", &public_url)];
    let another = provider.party_with_key(&key, &same_site);
    let stranger = provider.party(&[("--store", &file)]);
    let server = provider.serve(confidential(), &[&party]);
    expires_at_once(server.provider());

    let browser = Browser::new();
    sign_in(&party, &browser, "/", &["profile"]).await;
    assert_eq!(tokens_in(&path).await, 1);
    // The load balancer chooses the other process.
    let address = another.url("").replace("http://", "");
    let balanced = Browser::with_jar(browser.jar())
        .forward(&party.url(""), address.parse().expect("an address"));
    assert_eq!(party.me(&balanced).await["identity"]["subject"], "dev-ada");
    assert_eq!(party.me(&browser).await["identity"]["subject"], "dev-ada");
    assert_eq!(server.provider().log().refreshes(), 2);
    stranger.assert_signed_out(&browser).await;

    party.logout(&balanced).await;
    browser.set_jar(balanced.jar());
    assert_eq!(tokens_in(&path).await, 0);
    party.assert_signed_out(&browser).await;
}

#[tokio::test]
async fn every_way_to_authenticate_at_the_token_endpoint() {
    for (how, client) in [
        ("basic", confidential()),
        ("post", confidential()),
        ("none", ClientRegistration::public("app")),
    ] {
        let provider = Provider::bind().await;
        let mut args = vec![("--token-auth", how)];
        if how != "none" {
            args.push(("--client-secret", "secret"));
        }
        let party = provider.party(&args);
        let _server = provider.serve(client, &[&party]);
        let home = sign_in(&party, &Browser::new(), "/", &["profile"]).await;
        assert!(home.signed_in, "{how}");
    }
}

#[tokio::test]
async fn who_says_no_is_told_so() {
    let provider = Provider::bind().await;
    let party = provider.party(&[]);
    let _server = provider.serve(confidential(), &[&party]);
    let browser = Browser::new();
    let page = party.login(&browser, "/me").await;
    let page = browser.deny(&page, "ada").await.expect("a redirect");
    let home = Home::read(&browser.follow(page).await.expect("the front page"));
    assert!(!home.signed_in);
    assert!(home.flashes[0].starts_with("error: "), "{home:?}");
    assert!(home.flashes[0].contains("access_denied"), "{home:?}");
    party.assert_signed_out(&browser).await;
}

#[tokio::test]
async fn a_wrong_secret_signs_nobody_in() {
    let provider = Provider::bind().await;
    let party = provider.party(&[("--store", "memory")]);
    let client = ClientRegistration::new("app", "another secret");
    let server = provider.serve(client, &[&party]);
    let browser = Browser::new();
    let home = sign_in(&party, &browser, "/", &["profile"]).await;
    assert!(!home.signed_in);
    assert!(home.flashes[0].contains("invalid_client"), "{home:?}");
    party.assert_signed_out(&browser).await;
    assert_eq!(server.provider().log().userinfo_requests(), 0);
}

#[tokio::test]
async fn a_provider_that_is_down_is_a_bad_gateway() {
    let provider = Provider::bind().await;
    let party = provider.party(&[]);
    let server = provider.serve(confidential(), &[&party]);
    let browser = Browser::new();
    let page = party.login(&browser, "/me").await;
    let callback = browser.approve(&page, "ada", &["profile"]).await;
    server.stop().await;
    let page = browser.step(callback.expect("a redirect")).await;
    assert_eq!(page.expect("a page").status(), 502);
    party.get(&browser, "/me").await;
    assert_eq!(
        party.signals().await[1..],
        ["oauth_error: log=nothing explain=nothing"]
    );
}

#[tokio::test]
async fn somebody_elses_callback_is_rejected() {
    let provider = Provider::bind().await;
    let party = provider.party(&[]);
    let server = provider.serve(confidential(), &[&party]);
    let attacker = Browser::new();
    let page = party.login(&attacker, "/").await;
    let callback = attacker.approve(&page, "ada", &["profile"]).await;
    let callback = callback.expect("a redirect").location().expect("a URL");

    let victim = Browser::new();
    let page = victim.get(callback).await.expect("a page");
    assert_eq!(page.status(), 400, "{page:?}");
    party.assert_signed_out(&victim).await;
    assert_eq!(server.provider().log().token_requests(), 0);
    let signals = party.signals().await;
    assert_eq!(signals[1..], ["oauth_rejected: log=nothing"]);
}

/// Whatever the provider says is shown, and none of it becomes a page of this site.
#[tokio::test]
async fn the_providers_html_is_text_here() {
    let provider = Provider::bind().await;
    let origin = format!("http://{}/", provider.0.local_addr().expect("an address"));
    let party = provider.party(&[("--api-base", &origin)]);
    let _server = provider.serve(confidential(), &[&party]);
    let browser = Browser::new();
    sign_in(&party, &browser, "/", &["profile"]).await;
    let page = party.get(&browser, "/api?path=/").await;
    assert_eq!(page.status(), 200, "{page:?}");
    assert!(page.text().contains("<html"), "{page:?}");
    assert_eq!(
        page.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
}

#[tokio::test]
async fn every_page_keeps_to_itself() {
    let provider = Provider::bind().await;
    let party = provider.party(&[]);
    for path in ["/", "/me", "/api", "/signals"] {
        let page = party.get(&Browser::new(), path).await;
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(
            page.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(
            policy.starts_with("default-src 'none';"),
            "{path}: {policy}"
        );
    }
}

#[tokio::test]
async fn requests_that_make_no_sense() {
    let provider = Provider::bind().await;
    let party = provider.party(&[]);
    let _server = provider.serve(confidential(), &[&party]);
    let browser = Browser::new();
    sign_in(&party, &browser, "/", &["profile"]).await;
    for (path, status) in [
        ("/api", 400),
        ("/api?path=/profile&path=/notes", 400),
        ("/api?path=https://evil.example/", 400),
        ("/api?path=//evil.example/", 400),
        ("/api?path=/no-such-thing", 404),
        ("/no-such-page", 404),
        ("/login/another", 404),
    ] {
        let page = party.get(&browser, path).await;
        assert_eq!(page.status(), status, "{path}: {page:?}");
    }
    for path in ["/", "/me", "/api", "/signals"] {
        let page = browser.post_form(party.url(path), &[]).await;
        assert_eq!(page.expect("a page").status(), 405, "{path}");
    }
    let page = party.get(&browser, "/logout/op").await;
    assert_eq!(page.status(), 405);
    assert!(party.home(&browser).await.signed_in);
}
