//! What holds for every page of the development provider, too: axe-core finds nothing, in light and in
//! dark, and narrow screens need no sideways scrolling.

use crate::every_page::hold_each_page;
use crate::visitor::Visitor;

hold_each_page!(
    axe_finds_nothing_on_the_pages_of_the_provider,
    no_page_of_the_provider_scrolls_sideways,
    on_each_page,
    &Visitor<'_>
);

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
