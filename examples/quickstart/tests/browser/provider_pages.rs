//! What holds for every page of the development provider, too: axe-core finds nothing, in light and in
//! dark, and narrow screens need no sideways scrolling.

use crate::every_page::{findings, overflow};
use crate::visitor::Visitor;

pub(crate) async fn axe_finds_nothing_on_the_pages_of_the_provider(visitor: &Visitor<'_>) {
    let mut found = String::new();
    on_each_page(visitor, async |visitor, page| {
        found += &findings(visitor, page).await;
    })
    .await;
    assert!(found.is_empty(), "axe-core found:\n{found}");
}

pub(crate) async fn no_page_of_the_provider_scrolls_sideways(visitor: &Visitor<'_>) {
    let mut too_wide = String::new();
    on_each_page(visitor, async |visitor, page| {
        too_wide += &overflow(visitor, page).await;
    })
    .await;
    assert!(too_wide.is_empty(), "wider than the screen:\n{too_wide}");
}

/// Leads a visitor to each page of the provider, and does `look` there.
async fn on_each_page(
    visitor: &Visitor<'_>,
    mut look: impl AsyncFnMut(&Visitor<'_>, &'static str),
) {
    visitor.open("/login/dev").await;
    visitor.see("#people").await;
    look(visitor, "the sign-in form").await;

    visitor.fill("input[name=username]", "nobody").await;
    visitor.click("#sign-in").await;
    visitor.see("#problem").await;
    look(visitor, "the sign-in form after a mistake").await;

    visitor.click("#people button[value=ada]").await;
    visitor.see("#consent").await;
    look(visitor, "the consent form").await;

    let url = visitor.browser.current_url().await.expect("an address");
    for (path, page) in [
        ("/", "the front page of the provider"),
        ("/authorize", "a request that is not complete"),
        ("/consent?request=none", "a form that is not open"),
        ("/none", "no page of the provider"),
    ] {
        let url = url.join(path).expect("an address of the provider");
        let opened = visitor.browser.goto(url.as_str()).await;
        opened.expect("the page opens");
        visitor.see("body").await;
        look(visitor, page).await;
    }
}
