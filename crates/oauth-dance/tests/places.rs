//! What is kept opens in its own place alone: one site, one dance, one owner, one account, one purpose.

mod support;

use http::{HeaderMap, HeaderValue, Request};
use oauth_dance::{
    Authorized, Credentials, Dance, DanceBuilder, Dances, DancesBuilder, Key, LoggedIn,
    MemoryPendingStore, MemorySessionStore, MemoryStore, OAUTH_AUTHORIZED, OAUTH_LOGGED_IN, Owner,
    SealedToken, SignalSet, StoreKey, TokenStore,
};
use oauth_dance_suites::FaultyStore;

use self::support::{Op, provider};

/// A site: an origin, and the namespace of its cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Site {
    origin: &'static str,
    namespace: &'static str,
}

const HOME: Site = Site {
    origin: "https://app.test",
    namespace: "od",
};

/// Sites that have the key of the first one: another origin, and another namespace.
const OTHERS: [Site; 2] = [
    Site {
        origin: "https://staging.test",
        namespace: "od",
    },
    Site {
        origin: "https://app.test",
        namespace: "shop",
    },
];

fn dance(name: &str) -> DanceBuilder {
    Dance::builder(provider())
        .name(name)
        .credentials(Credentials::new("id", "secret"))
}

/// The application at `site`, where `op` signs user 7 in and `two` only the browser.
fn dances(key: &Key, site: Site, change: impl FnOnce(DancesBuilder) -> DancesBuilder) -> Dances {
    let signals = SignalSet::new();
    signals
        .of(&OAUTH_AUTHORIZED)
        .connect(|dance: &Dance, login: &Authorized| {
            if dance.name() == "op" {
                login.sign_in(7);
            }
        });
    signals
        .of(&OAUTH_LOGGED_IN)
        .connect(|_: &Dance, login: &LoggedIn| login.flash("kept"));
    let dances = Dances::builder(site.origin, key.clone())
        .cookie_namespace(site.namespace)
        .client(Op::default())
        .signals(signals)
        .with(dance("op"))
        .with(dance("two"));
    change(dances).build().unwrap()
}

/// Sends a request with these cookies. Returns the status, and the cookies that the answer sets.
async fn ask(
    dances: &Dances,
    path: &str,
    cookies: &[(String, String)],
) -> (u16, Vec<(String, String)>, String) {
    let mut request = Request::get(path).body(bytes::Bytes::new()).unwrap();
    request.headers_mut().extend(header(cookies));
    let response = dances.handle(request).await;
    let set = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .filter_map(|cookie| {
            let pair = cookie.to_str().unwrap().split(';').next()?;
            let (name, value) = pair.split_once('=')?;
            (!value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
        });
    let location = response.headers().get("location");
    let location = location.map(|it| it.to_str().unwrap().to_owned());
    (
        response.status().as_u16(),
        set.collect(),
        location.unwrap_or_default(),
    )
}

fn header(cookies: &[(String, String)]) -> HeaderMap {
    let pairs: Vec<String> = cookies
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let value = HeaderValue::try_from(pairs.join("; ")).unwrap();
    HeaderMap::from_iter([(http::header::COOKIE, value)])
}

/// The path of the callback of a login, and the cookies with which it was begun.
async fn begun(dances: &Dances, name: &str) -> (String, Vec<(String, String)>) {
    let (_, cookies, to) = ask(dances, &format!("/login/{name}"), &[]).await;
    let to = url::Url::parse(&to).unwrap();
    let (_, state) = to.query_pairs().find(|(name, _)| name == "state").unwrap();
    (
        format!("/login/{name}/authorized?code=code&state={state}"),
        cookies,
    )
}

/// Every kind of cookie there is: pending login, session, token, flash message, mark of an ended login.
async fn everything(dances: &Dances) -> (Vec<(String, String)>, String) {
    let mut all = Vec::new();
    for name in ["op", "two"] {
        let (callback, pending) = begun(dances, name).await;
        let (_, kept, _) = ask(dances, &callback, &pending).await;
        all.extend(kept);
    }
    let (callback, pending) = begun(dances, "op").await;
    let denied = callback.replace("code=code", "error=access_denied");
    let (_, mark, _) = ask(dances, &denied, &pending).await;
    all.extend(mark);
    let (callback, pending) = begun(dances, "op").await;
    all.extend(pending);
    (all, callback)
}

/// What a browser with these cookies is, in the eyes of a site.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    user: Option<String>,
    owners: usize,
    tokens: usize,
    flashes: usize,
    is_told_of_an_end: bool,
    finishes_the_login: bool,
}

const NOTHING: Seen = Seen {
    user: None,
    owners: 0,
    tokens: 0,
    flashes: 0,
    is_told_of_an_end: false,
    finishes_the_login: false,
};

async fn seen(dances: &Dances, cookies: &[(String, String)], callback: &str) -> Seen {
    let mut request = Request::get("/").body(()).unwrap();
    request.headers_mut().extend(header(cookies));
    let (request, ()) = request.into_parts();
    let visit = dances.visit(&request);
    let (mut owners, mut tokens) = (0, 0);
    for name in ["op", "two"] {
        owners += usize::from(visit.owner(name).await.unwrap().is_some());
        tokens += usize::from(visit.api(name).unwrap().token().await.is_ok());
    }
    let user = visit.user().await.unwrap().map(str::to_owned);
    let required = oauth_dance::LoginRequired::new(dances.get("two").unwrap());
    let page = oauth_dance::leaf::login_required(&visit, &required).await;
    let flashes = dances.visit(&request).take_flashes().len();
    let (status, _, _) = ask(dances, callback, cookies).await;
    Seen {
        user,
        owners,
        tokens,
        flashes,
        is_told_of_an_end: page.status() == 403,
        finishes_the_login: status == 303,
    }
}

fn at(site: Site, cookies: &[(String, String)]) -> Vec<(String, String)> {
    let ours = format!("__Host-{}-", HOME.namespace);
    let theirs = format!("__Host-{}-", site.namespace);
    cookies
        .iter()
        .map(|(name, value)| (name.replace(&ours, &theirs), value.clone()))
        .collect()
}

#[tokio::test]
async fn g04_g05_g06_no_cookie_opens_at_another_site_or_for_another_purpose() {
    let key = Key::generate().unwrap();
    let home = dances(&key, HOME, |dances| dances);
    let (cookies, callback) = everything(&home).await;
    // Two sessions, two tokens, and one each of the others.
    assert!(cookies.len() >= 7, "{cookies:?}");
    let all = seen(&home, &cookies, &callback).await;
    let everything = Seen {
        user: Some("7".to_owned()),
        owners: 2,
        tokens: 2,
        flashes: 1,
        is_told_of_an_end: true,
        finishes_the_login: true,
    };
    assert_eq!(all, everything);

    for site in OTHERS {
        let other = dances(&key, site, |dances| dances);
        let planted = at(site, &cookies);
        assert_eq!(seen(&other, &planted, &callback).await, NOTHING, "{site:?}");
    }
    // Each value under the name of each other one, at home and elsewhere.
    for (from, (_, value)) in cookies.iter().enumerate() {
        for (to, (name, _)) in cookies.iter().enumerate() {
            if from == to || is_of_one_kind(&cookies[from].0, name) {
                continue;
            }
            let planted = [(name.clone(), value.clone())];
            let what = format!("{} as {name}", cookies[from].0);
            assert_eq!(seen(&home, &planted, &callback).await, NOTHING, "{what}");
            for site in OTHERS {
                let other = dances(&key, site, |dances| dances);
                let planted = at(site, &planted);
                assert_eq!(seen(&other, &planted, &callback).await, NOTHING, "{what}");
            }
        }
    }
}

/// Pending logins may wait in any of their slots, and messages replace messages.
fn is_of_one_kind(one: &str, other: &str) -> bool {
    let kind = |name: &str| {
        name.trim_end_matches(|c: char| c.is_ascii_digit())
            .to_owned()
    };
    kind(one) == kind(other)
}

#[tokio::test]
async fn f17_no_record_of_a_shared_store_is_anothers() {
    let key = Key::generate().unwrap();
    let (tokens, sessions) = (MemoryStore::new(), MemorySessionStore::new());
    let pendings = MemoryPendingStore::new();
    let shared = |dances: DancesBuilder| {
        dances
            .store(tokens.clone())
            .session_store(sessions.clone())
            .pending_store(pendings.clone())
    };
    let home = dances(&key, HOME, shared);
    let (cookies, callback) = everything(&home).await;
    let owner = Owner::user(7);
    let op = home.get("op").unwrap();
    assert!(op.api(&owner).token().await.is_ok());
    assert!(op.api(&Owner::user(8)).token().await.is_err());
    assert!(home.get("two").unwrap().api(&owner).token().await.is_err());

    for site in OTHERS {
        let other = dances(&key, site, shared);
        let planted = at(site, &cookies);
        let found = seen(&other, &planted, &callback).await;
        // The login that is on its way is used up by nothing but its own callback.
        assert_eq!(found, NOTHING, "{site:?}");
        assert!(other.get("op").unwrap().api(&owner).token().await.is_err());
        assert!(
            other
                .get("op")
                .unwrap()
                .accounts(&owner)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(other.sessions(7).await.unwrap().is_empty());
        assert_eq!(other.end_sessions(7).await.unwrap(), 0);
        assert!(!other.get("op").unwrap().forget(&owner).await.unwrap());
    }
    assert_eq!(home.sessions(7).await.unwrap().len(), 1);
    assert!(op.api(&owner).token().await.is_ok());
    let (status, _, _) = ask(&home, &callback, &cookies).await;
    assert_eq!(status, 303);
}

#[tokio::test]
async fn f17_a_record_that_is_moved_to_another_place_is_absent() {
    let key = Key::generate().unwrap();
    let store = FaultyStore::<MemoryStore>::default();
    let shared = |dances: DancesBuilder| dances.store(store.clone());
    let home = dances(&key, HOME, shared);
    let (callback, pending) = begun(&home, "op").await;
    ask(&home, &callback, &pending).await;
    let kept = store.stored();
    let [(ours, sealed)] = kept.iter().collect::<Vec<_>>()[..] else {
        panic!("{kept:?}");
    };
    let moved = |dance: &str, owner: Owner| {
        let key = StoreKey::new(dance, owner);
        key.at_site(ours.site()).of_account(ours.account())
    };
    let save = async |key: &StoreKey| {
        let copy = SealedToken::from_bytes(sealed.clone());
        store.inner().save(key, copy).await.unwrap();
    };
    for (dance, owner) in [("op", Owner::user(8)), ("two", Owner::user(7))] {
        save(&moved(dance, owner.clone())).await;
        let api = home.get(dance).unwrap().api(&owner);
        assert!(api.token().await.is_err(), "{dance} {owner}");
    }
    // Another account of the same user, in place of the first.
    let other = moved("op", Owner::user(7)).of_account("another");
    save(&other).await;
    assert!(store.inner().delete(ours).await.unwrap());
    let api = home.get("op").unwrap().api(&Owner::user(7));
    assert!(api.token().await.is_err());
    // Another site.
    for site in OTHERS {
        let there = dances(&key, site, shared);
        let (callback, pending) = begun(&there, "op").await;
        ask(&there, &callback, &pending).await;
        let kept = store.stored();
        let theirs = kept.keys().find(|key| key.site() != ours.site()).unwrap();
        let api = there.get("op").unwrap().api(&Owner::user(7));
        assert!(api.token().await.is_ok());
        save(theirs).await;
        assert!(api.token().await.is_err(), "{site:?}");
        store.delete(theirs).await.unwrap();
    }
    // Where it was, it opens.
    store.inner().delete(&other).await.unwrap();
    save(ours).await;
    assert!(
        home.get("op")
            .unwrap()
            .api(&Owner::user(7))
            .token()
            .await
            .is_ok()
    );

    // But not under another registration of the dance.
    let registered = Dance::builder(provider()).credentials(Credentials::new("other", "secret"));
    let again = Dances::builder(HOME.origin, key)
        .client(Op::default())
        .store(store.clone())
        .with(registered)
        .build()
        .unwrap();
    assert!(
        again
            .get("op")
            .unwrap()
            .api(&Owner::user(7))
            .token()
            .await
            .is_err()
    );
}
