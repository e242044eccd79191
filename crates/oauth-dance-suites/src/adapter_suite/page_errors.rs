//! Pages whose calls fail: what the adapter makes of the error.

use super::adapter::Adapter;
use super::pages::{DANCE, MISSPELT, NO_DANCE};
use super::rig::rig;
use super::steps::get;
use crate::faulty_store::Verb;

/// K07: the text of an error may name what the application keeps to itself.
pub async fn k07_a_page_that_fails_does_not_say_why<A: Adapter>() {
    let rig = rig::<A>().await;
    let browser = rig.signed_in().await;
    rig.store.fail(Verb::ALL);
    let page = rig.profile(&browser).await;
    assert_eq!(page.status(), 503);
    assert_eq!(page.text(), "");
}

/// A page that asks for a dance that does not exist tells its developer which there are. The name it has asked for
/// may come from a request, and is not repeated.
pub async fn a_page_that_names_no_dance_is_told_which_there_are<A: Adapter>() {
    let rig = rig::<A>().await;
    let page = get(&rig.browser(), MISSPELT).await;
    assert_eq!(page.status(), 500);
    assert!(
        page.text().contains(&format!("are {DANCE}, ")),
        "{}",
        page.text()
    );
    assert!(!page.text().contains(NO_DANCE), "{}", page.text());
}
