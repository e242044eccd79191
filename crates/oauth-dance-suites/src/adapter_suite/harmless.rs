//! What holds for every attack and every failed login: nothing is stored or changed, no browser is signed
//! in, and nothing is given away.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use oauth_dance::{LoginError, RejectReason, StoreKey};
use oauth_dance_testkit::{Browser, CookieJar, Page, StoredCookie};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::heard::Heard;
use super::rig::Rig;
use super::secrets::{Secret, assert_none_in};

/// How the cookies of the dance begin, and those of pending logins among them.
pub(crate) const COOKIE: &str = "__Host-od-";
pub(crate) const PENDING: &str = "__Host-od-login-";

/// The mark of a login that came to nothing.
pub(crate) const ENDED: &str = "__Host-od-ended";

/// A text of this length is random: a code, a state, a canary.
const UNIQUE: usize = 32;

/// How things were before an attack.
pub(crate) struct Attack<'a> {
    rig: &'a Rig,
    browser: &'a Browser,
    jar: CookieJar,
    owner: Option<String>,
    stored: BTreeMap<StoreKey, Vec<u8>>,
    heard: usize,
    token_requests: usize,
}

impl Rig {
    /// Looks at everything that an attack with `browser` must leave alone.
    pub(crate) async fn attack<'a>(&'a self, browser: &'a Browser) -> Attack<'a> {
        let owner = self.home(browser).await.owner;
        Attack {
            rig: self,
            browser,
            jar: browser.jar(),
            owner,
            stored: self.store.stored(),
            heard: self.heard().len(),
            token_requests: self.provider.log().token_requests(),
        }
    }
}

impl Attack<'_> {
    /// The callback was rejected for this reason, without a word to the provider.
    pub(crate) async fn rejected(self, page: &Page, reason: RejectReason) {
        self.harmless(page, 400, &[Heard::Rejected(reason)], 0)
            .await;
    }

    /// The login failed like this, before the provider was asked for a token.
    pub(crate) async fn failed(self, page: &Page, status: u16, failure: LoginError) {
        self.harmless(page, status, &[Heard::Error(failure)], 0)
            .await;
    }

    /// The login failed like this, after one token request.
    pub(crate) async fn failed_exchange(self, page: &Page, status: u16, failure: LoginError) {
        self.harmless(page, status, &[Heard::Error(failure)], 1)
            .await;
    }

    /// The attack got this status, these signals were sent since, there were so many token requests,
    /// and everything is as it was.
    pub(crate) async fn harmless(
        self,
        page: &Page,
        status: u16,
        heard: &[Heard],
        token_requests: usize,
    ) {
        assert_eq!(page.status(), status, "{page:?}");
        assert_eq!(self.rig.heard()[self.heard..], *heard, "signals");
        let asked = self.rig.provider.log().token_requests() - self.token_requests;
        assert_eq!(asked, token_requests, "token requests");
        assert!(
            self.rig.store.stored() == self.stored,
            "what is stored has changed"
        );

        assert_protected(page);
        self.assert_cookies_stay(page, heard);
        self.assert_nothing_shows(page);
        let home = self.rig.home(self.browser).await;
        assert_eq!(home.owner, self.owner, "who is signed in");
    }

    /// The only cookie that an attack deletes is that of the pending login it is about.
    fn assert_cookies_stay(&self, page: &Page, heard: &[Heard]) {
        let own = heard
            .iter()
            .any(recognised)
            .then(|| pending_cookie(&self.jar, page.url()))
            .flatten();
        // A login of this browser that failed leaves its mark. A forged callback leaves none.
        let is_bound = heard.iter().any(is_of_this_browser);
        let after = self.browser.jar();
        for cookie in self
            .jar
            .iter()
            .filter(|cookie| cookie.name().starts_with(COOKIE))
            .filter(|cookie| !is_bound || cookie.name() != ENDED)
        {
            let kept = after.get(cookie.name()).map(StoredCookie::value);
            let expected = (own.as_deref() != Some(cookie.name())).then_some(cookie.value());
            assert_eq!(kept, expected, "the cookie {}", cookie.name());
        }
        for cookie in page.set_cookies() {
            if is_bound && cookie.name() == ENDED {
                continue;
            }
            assert!(
                own.as_deref() == Some(cookie.name()) && cookie.value().is_empty(),
                "the answer sets the cookie {}",
                cookie.name()
            );
        }
    }

    /// Neither the answer nor the log shows a secret, or what the attacker sent.
    fn assert_nothing_shows(&self, page: &Page) {
        let answer = text_of(page);
        let said = self.rig.said();
        let secrets = self.rig.secrets();
        assert_none_in(&secrets, &answer, "the answer");
        assert_none_in(&secrets, &said, "the log");
        let sent: Vec<Secret> = page
            .url()
            .query_pairs()
            .filter(|(_, value)| value.len() >= 12)
            .map(|(_, value)| Secret::new("text of the attacker", value))
            .collect();
        assert_none_in(&sent, &answer, "the answer");
        // Other tests speak to the same log, so only what no other test sends is searched for.
        let unique = sent.iter().filter(|sent| sent.value.len() >= UNIQUE);
        assert_none_in(unique, &said, "the log");
    }
}

/// Whether a login of this browser has come to nothing.
fn is_of_this_browser(heard: &Heard) -> bool {
    matches!(
        heard,
        Heard::BeforeLogin | Heard::Error(_) | Heard::Authorized
    )
}

/// Whether a pending login was found: only then is its cookie used up.
fn recognised(heard: &Heard) -> bool {
    match heard {
        Heard::Rejected(RejectReason::Malformed | RejectReason::NoState) => false,
        Heard::Rejected(_) | Heard::Error(_) | Heard::Authorized => true,
        _ => false,
    }
}

/// The name of the cookie in `jar` in which the login waits whose callback `url` is.
pub(crate) fn pending_cookie(jar: &CookieJar, url: &Url) -> Option<String> {
    let (_, state) = url.query_pairs().find(|(name, _)| name == "state")?;
    let fingerprint = URL_SAFE_NO_PAD.encode(Sha256::digest(state.as_bytes()));
    let waits = |cookie: &&StoredCookie| {
        let field = cookie.value().split('.').nth(1);
        cookie.name().starts_with(PENDING) && field == Some(&fingerprint[..11])
    };
    jar.iter()
        .find(waits)
        .map(|cookie| cookie.name().to_owned())
}

/// The headers of every answer of the dance's own.
pub(crate) fn assert_protected(page: &Page) {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name} of {page:?}");
    }
    let is_html = page
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("text/html"));
    if is_html && page.status() != StatusCode::OK {
        let policy = page.header("content-security-policy").unwrap_or_default();
        for directive in [
            "default-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ] {
            let is_set = policy.split("; ").any(|set| set == directive);
            assert!(is_set, "{directive} in {page:?}");
        }
        for loose in ["unsafe", "script-src", "http", "*"] {
            assert!(!policy.contains(loose), "{loose} in {page:?}");
        }
        // The answer to a HEAD is without its body.
        if !page.text().is_empty() {
            for part in ["<title>", "<main>", "<h1>", "<a href=\"/"] {
                assert!(page.text().contains(part), "{part} in {page:?}");
            }
        }
    }
}

/// Headers and body of an answer, as one text.
pub(crate) fn text_of(page: &Page) -> String {
    let headers: String = page
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    format!("{headers}\n{}", page.text())
}
