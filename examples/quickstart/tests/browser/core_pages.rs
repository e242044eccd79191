//! What holds for the pages that `oauth-dance` itself answers with: the quickstart puts its own in their
//! place, other applications do not.

use axum::Router;
use oauth_dance::{Dances, Key};
use oauth_dance_dev::{ClientRegistration, DevProvider};
use oauth_dance_reqwest::ReqwestClient;

use crate::every_page::hold_each_page;
use crate::visitor::Visitor;

hold_each_page!(
    axe_finds_nothing_on_the_pages_of_the_core,
    no_page_of_the_core_scrolls_sideways,
    on_each_page,
    &Visitor<'_>
);

/// Serves an application without pages of its own, leads a visitor to each page of the core, and does
/// `look` there.
async fn on_each_page(
    visitor: &Visitor<'_>,
    mut look: impl AsyncFnMut(&Visitor<'_>, &'static str),
) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let client = ClientRegistration::new("app", "secret")
        .redirect_uri(format!("{origin}/login/dev/authorized"));
    let provider = DevProvider::builder().client(client).build();
    let dances = Dances::builder(&origin, Key::generate().expect("randomness"))
        .client(ReqwestClient::new().expect("a client"))
        .with(provider.dance().name("dev"))
        .build()
        .expect("a working set-up");
    let app: Router = oauth_dance_axum::mount(Router::new(), &dances);
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });

    let state = "s".repeat(43);
    for (path, page, title) in [
        (
            "/login/dev/authorized".to_owned(),
            "a callback that is not complete",
            "This is not a complete sign-in",
        ),
        (
            format!("/login/dev/authorized?code=x&state={state}"),
            "a callback of no login",
            "This sign-in does not belong to this browser",
        ),
        (
            "/logout/dev".to_owned(),
            "a logout that is not posted",
            "This address cannot be used like this",
        ),
    ] {
        let opened = visitor.browser.goto(&format!("{origin}{path}")).await;
        opened.expect("the page opens");
        assert_eq!(visitor.see("h1").await, title);
        // The style is applied, so its hash in the policy is right.
        let script = "return getComputedStyle(document.querySelector('main')).maxWidth";
        let width = visitor.browser.execute(script, Vec::new()).await;
        assert_ne!(width.expect("an answer"), "none", "{page} has no style");
        look(visitor, page).await;
    }
    serving.abort();
}
