//! A login that came to nothing ends. No page begins another by itself, and no script begins one at all.

use std::time::Duration;

use http::Method;
use oauth_dance::{
    Authorized, BeforeLogin, Dance, ErrorPage, OAUTH_AUTHORIZED, OAUTH_BEFORE_LOGIN, Outcome, Reply,
};
use oauth_dance_testkit::{Browser, Page};

use super::adapter::Adapter;
use super::harmless::assert_protected;
use super::pages::PROFILE;
use super::rig::{Rig, setup};
use super::steps::{get, origin, url};
use crate::faulty_store::Verb;

/// How a login comes to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Denial,
    Discard,
    StoreRefuses,
    AnotherReply,
    ReceiverFails,
}

const CAUSES: [Cause; 5] = [
    Cause::Denial,
    Cause::Discard,
    Cause::StoreRefuses,
    Cause::AnotherReply,
    Cause::ReceiverFails,
];

/// An application whose every login ends at a page that needs one.
async fn going_round(adapter: &Adapter, cause: Cause) -> Rig {
    let rig = setup(adapter).errors_end_at(PROFILE).start().await;
    let authorized = rig.signals.of(&OAUTH_AUTHORIZED);
    match cause {
        Cause::Denial => {}
        Cause::Discard => {
            authorized.connect(|_: &Dance, login: &Authorized| {
                login.flash("<b>not</b> you");
                Some(Outcome::discard())
            });
        }
        Cause::StoreRefuses => rig.store.refuse(Verb::KEEPING),
        Cause::AnotherReply => {
            let signal = rig.signals.of(&OAUTH_BEFORE_LOGIN);
            signal.connect(|_: &Dance, _: &BeforeLogin| Some(Reply::redirect(PROFILE)));
        }
        Cause::ReceiverFails => {
            authorized
                .connect(|_: &Dance, _: &Authorized| -> Result<(), &'static str> { Err("no") });
        }
    }
    rig
}

impl Rig {
    fn logins(&self) -> usize {
        self.provider.log().to("/authorize").count()
    }

    /// Opens a page that needs a login, and follows every redirect, as a browser does.
    async fn goes_on(&self, browser: &Browser, cause: Cause) -> Page {
        let page = get(browser, PROFILE).await;
        let page = browser
            .follow_while(page, |to| to.origin() == origin())
            .await;
        let page = page.expect("an end");
        if cause == Cause::AnotherReply {
            return page;
        }
        let ready = match cause {
            Cause::Denial => self.deny(browser, page).await,
            _ => self.approve(browser, page).await,
        };
        let end = browser
            .follow_while(ready, |to| to.origin() == origin())
            .await;
        end.expect("an end")
    }
}

/// The seed sends the browser on also after an error. If the page there needs a login, it says what happened.
pub async fn s10_a_login_that_came_to_nothing_never_goes_round(adapter: &Adapter) {
    for cause in CAUSES {
        let rig = going_round(adapter, cause).await;
        let browser = rig.browser();
        let page = rig.goes_on(&browser, cause).await;
        let logins = usize::from(cause != Cause::AnotherReply);
        let expected = if cause == Cause::ReceiverFails {
            500
        } else {
            403
        };
        assert_eq!(page.status(), expected, "{cause:?}: {page:?}");
        assert_protected(&page);
        if cause == Cause::Discard {
            assert!(
                page.text().contains("&lt;b&gt;not&lt;/b&gt; you"),
                "{page:?}"
            );
        }

        // It stays that way: every page of the application that needs a login, opened again and again.
        for _ in 0..3 {
            let page = get(&browser, PROFILE).await;
            assert_eq!(page.status(), 403, "{cause:?}");
            assert!(page.text().contains("Sign in again"), "{page:?}");
            assert!(!page.text().contains("<b>"), "shown twice, or not escaped");
        }
        assert_eq!(rig.logins(), logins, "{cause:?}");
    }
}

/// The user clicks, ten minutes have passed, or a login succeeds: pages lead to the login as before.
pub async fn s10_a_login_begins_again_when_a_person_wants_it(adapter: &Adapter) {
    let rig = going_round(adapter, Cause::Denial).await;
    let browser = rig.browser();
    let page = rig.goes_on(&browser, Cause::Denial).await;
    let text = page.text().into_owned();
    let (_, link) = text.split_once("<a href=\"").expect("a link");
    let (link, _) = link.split_once('"').expect("its end");
    assert_eq!(link, "/login/op?next=%2Fprofile");
    let begun = rig.begin_at(&browser, link).await;
    let ready = rig.approve(&browser, begun).await;
    let end = browser.follow(ready).await.expect("an end");
    assert_eq!((end.status().as_u16(), end.path()), (200, PROFILE));
    assert_eq!(browser.cookie("__Host-od-ended"), None);

    let browser = rig.browser();
    rig.goes_on(&browser, Cause::Denial).await;
    rig.clock.advance(Duration::from_secs(599));
    assert_eq!(get(&browser, PROFILE).await.status(), 403);
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(get(&browser, PROFILE).await.status(), 303);
}

/// A login that succeeds and helps nothing, as with a store that keeps nothing, does not go round either.
pub async fn s10_a_login_that_does_not_help_never_goes_round(adapter: &Adapter) {
    let rig = setup(adapter)
        .dances(|dances| dances.store(oauth_dance::NullStore))
        .start()
        .await;
    let browser = rig.browser();
    let page = rig.goes_on(&browser, Cause::Discard).await;
    assert_eq!(page.status(), 403, "{page:?}");
    assert_eq!(rig.logins(), 1);
}

/// A forged callback leaves no mark: another site cannot keep a person from being led to the login.
pub async fn a14_a_forged_denial_leaves_no_mark(adapter: &Adapter) {
    let rig = setup(adapter).start().await;
    let browser = rig.browser();
    get(
        &browser,
        "/login/op/authorized?error=access_denied&state=forged",
    )
    .await;
    assert_eq!(get(&browser, PROFILE).await.status(), 303);
}

/// A script cannot follow a browser to the provider: it is told where the login is, and begins none.
pub async fn c08_a_script_is_told_to_sign_in(adapter: &Adapter) {
    let rig = setup(adapter).start().await;
    let browser = rig.browser();
    for (name, value, is_script) in [
        ("sec-fetch-mode", "cors", true),
        ("sec-fetch-mode", "same-origin", true),
        ("sec-fetch-mode", "no-cors", true),
        ("sec-fetch-dest", "empty", true),
        ("x-requested-with", "XMLHttpRequest", true),
        ("accept", "application/json", true),
        ("accept", "*/*", true),
        ("sec-fetch-mode", "navigate", false),
        (
            "accept",
            "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
            false,
        ),
    ] {
        let request = browser
            .request(Method::GET, url(PROFILE))
            .header(name, value);
        let page = request.send().await.expect("an answer");
        if !is_script {
            assert_eq!(page.status(), 303, "{name}: {value}");
            continue;
        }
        assert_eq!(page.status(), 401, "{name}: {value}");
        assert!(page.header("www-authenticate").is_some());
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let body = page.json().expect("JSON");
        assert_eq!(body["error"], "login_required");
        assert_eq!(body["login_url"], url("/login/op"), "no next");
        assert!(page.set_cookies().is_empty());
    }
}

/// The application renders the pages of the dance. Statuses and protection stay.
pub async fn r12_the_application_makes_the_pages(adapter: &Adapter) {
    let rig = setup(adapter)
        .errors_end_at(PROFILE)
        .dances(|dances| {
            dances.pages(|page: &ErrorPage<'_>| {
                let text = format!("own page: {:?}", page.reason());
                Some(http::Response::new(text.into()))
            })
        })
        .start()
        .await;
    let browser = rig.browser();
    let denied = rig.goes_on(&browser, Cause::Denial).await;
    assert_eq!(denied.text(), "own page: LoginRequired(Denied)");
    assert_eq!(denied.status(), 403);
    assert_protected(&denied);
    for (path, status, reason) in [
        ("/login/op/authorized?state=x&code=y", 400, "NoState"),
        ("/login/op/authorized", 400, "NoState"),
        ("/logout/op", 405, "MethodNotAllowed"),
    ] {
        let page = get(&browser, path).await;
        assert_eq!(page.status(), status, "{path}");
        assert!(page.text().contains(reason), "{path}: {page:?}");
        assert!(page.text().starts_with("own page"), "{path}: {page:?}");
        assert_protected(&page);
    }
}

/// A callback that is loaded again in a browser that is signed in shows that it is, and leads home.
pub async fn a06_a30_a_signed_in_browser_is_led_home(adapter: &Adapter) {
    let rig = setup(adapter).start().await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    super::steps::visit(&browser, &callback).await;
    let again = super::steps::visit(&browser, &callback).await;
    assert_eq!(again.status(), 400);
    assert!(
        again.text().contains("You are signed in already"),
        "{again:?}"
    );
    assert!(!again.text().contains("Sign in again"));
}
