//! Pages whose calls fail: what the adapter makes of the error.

use oauth_dance::{Authorized, Dance, Limits, OAUTH_AUTHORIZED};
use oauth_dance_dev::{Endpoint, Fault};
use oauth_dance_testkit::{Browser, Page};

use super::adapter::Adapter;
use super::pages::{DANCE, MISSPELT, NO_DANCE, NUMBER, WITHOUT_VISIT};
use super::rig::{SOON, rig, setup};
use super::steps::get;
use super::trace;
use crate::faulty_store::Verb;

/// K07: the text of an error may name what the application keeps to itself.
pub async fn k07_a_page_that_fails_does_not_say_why(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.signed_in().await;
    rig.store.fail(Verb::ALL);
    let page = rig.profile(&browser).await;
    assert_eq!(page.status(), 503);
    says_nothing(&page);
}

/// K07: a mistake of the application is for its developer. The log says which page has it, and what to look at; the
/// page says nothing. The name that was asked for may come from a request, and is in neither.
pub async fn k07_a_page_that_names_no_dance_says_so_in_the_log_alone(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let event = only_in_the_log(&rig.browser(), MISSPELT).await;
    assert!(event.contains(&format!("are {DANCE}, ")), "{event}");
    assert!(!event.contains(NO_DANCE), "{event}");
}

/// K07, for a user whose identifier is not what the page takes.
pub async fn k07_a_page_that_cannot_read_its_user_says_so_in_the_log_alone(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let signs_in = |_: &Dance, login: &Authorized| login.sign_in("ada");
    rig.signals.of(&OAUTH_AUTHORIZED).connect(signs_in);
    let browser = rig.signed_in().await;
    let event = only_in_the_log(&browser, NUMBER).await;
    assert!(event.contains("is not a `i64`"), "{event}");
}

/// K07: a page that was added where no visit is opened. The log says which call to add.
pub async fn k07_a_page_without_a_visit_says_so_in_the_log_alone(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let event = only_in_the_log(&rig.browser(), WITHOUT_VISIT).await;
    assert!(event.contains("no visit was opened"), "{event}");
    assert!(event.contains("check=\"whether "), "{event}");
}

/// K07: a provider whose API does not answer is 502, and 504 after the deadline.
pub async fn k07_a_call_that_fails_has_the_status_of_its_failure(adapter: &Adapter) {
    let rig = setup(adapter)
        .dances(|dances| dances.limits(Limits::DEFAULT.with_deadline(SOON)))
        .start()
        .await;
    let browser = rig.signed_in().await;
    for (fault, status) in [(Fault::hangs_up(), 502), (Fault::never_answers(), 504)] {
        rig.provider.inject_once(Endpoint::Api, fault);
        let page = rig.profile(&browser).await;
        assert_eq!(page.status(), status);
        says_nothing(&page);
        assert_eq!(rig.profile(&browser).await.status(), 200, "after {status}");
    }
}

/// The page is empty, or it is the framework's own page for the status: it has no word of the error.
#[track_caller]
fn says_nothing(page: &Page) {
    let text = page.text().to_lowercase();
    let of_the_error = [
        "dance", "oauth", "token", "store", "database", "session", "i64",
    ];
    let names = [format!("{DANCE}, "), format!("called {NO_DANCE}")];
    let words = of_the_error.into_iter().map(str::to_owned).chain(names);
    for word in words {
        assert!(!text.contains(&word), "{word:?} is on the page: {text}");
    }
}

/// Opens a page that fails by a mistake of the application. Returns the event that it has left.
async fn only_in_the_log(browser: &Browser, path: &str) -> String {
    let mark = trace::mark();
    let page = get(browser, path).await;
    assert_eq!(page.status(), 500);
    says_nothing(&page);
    let said = trace::since(mark);
    let route = format!("route={path:?}");
    let mut events = said
        .lines()
        .filter(|line| line.contains("a page failed") && line.contains(&route));
    let event = events
        .next()
        .unwrap_or_else(|| panic!("no event names {path}: {said}"));
    assert_eq!(events.next(), None, "{path} is told twice");
    assert!(event.contains("method=\"GET\""), "{event}");
    event.to_owned()
}
