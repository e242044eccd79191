//! What holds for every page of the site: axe-core finds nothing, in light and in dark, and narrow
//! screens need no sideways scrolling.

use oauth_dance_sqlx::sqlx::{self, SqlitePool};

use crate::visitor::Visitor;
use crate::{axe, emulate};

/// Writes two tests for the pages that `$on_each_page` leads to: what axe-core finds, and what narrow
/// screens cut off.
macro_rules! hold_each_page {
    ($axe:ident, $narrow:ident, $on_each_page:ident, $visitor:ty) => {
        pub(crate) async fn $axe(visitor: $visitor) {
            let mut found = String::new();
            $on_each_page(visitor, async |visitor, page| {
                found += &crate::every_page::findings(visitor, page).await;
            })
            .await;
            assert!(found.is_empty(), "axe-core found:\n{found}");
        }

        pub(crate) async fn $narrow(visitor: $visitor) {
            let mut too_wide = String::new();
            $on_each_page(visitor, async |visitor, page| {
                too_wide += &crate::every_page::overflow(visitor, page).await;
            })
            .await;
            assert!(too_wide.is_empty(), "wider than the screen:\n{too_wide}");
        }
    };
}
pub(crate) use hold_each_page;

hold_each_page!(
    axe_finds_nothing_on_any_page,
    no_page_scrolls_sideways_on_a_narrow_screen,
    on_each_page,
    &mut Visitor<'_>
);

/// What axe-core finds on the page that is open.
pub(crate) async fn findings(visitor: &Visitor<'_>, page: &str) -> String {
    let mut found = String::new();
    for (scheme, pixels) in [
        ("light", 1280),
        ("dark", 1280),
        ("light", 320),
        ("dark", 320),
    ] {
        emulate::colour_scheme(&visitor.browser, scheme).await;
        emulate::width(&visitor.browser, pixels).await;
        for finding in axe::run(&visitor.browser).await {
            found += &format!("{page}, {scheme}, {pixels} px:\n{finding}");
        }
    }
    found
}

/// By how much the page that is open is wider than narrow screens.
pub(crate) async fn overflow(visitor: &Visitor<'_>, page: &str) -> String {
    let mut too_wide = String::new();
    for pixels in [320, 390] {
        emulate::width(&visitor.browser, pixels).await;
        let script = "return [document.documentElement.scrollWidth, innerWidth]";
        let widths = visitor.browser.execute(script, Vec::new()).await;
        let (content, viewport): (u32, u32) =
            serde_json::from_value(widths.expect("an answer")).expect("two widths");
        assert_eq!(viewport, pixels, "the viewport is as told");
        if content > viewport {
            too_wide += &format!("  {page}: {content} on {viewport}\n");
        }
    }
    too_wide
}

/// Leads a visitor to each page of the site, and does `look` there.
async fn on_each_page(
    visitor: &mut Visitor<'_>,
    mut look: impl AsyncFnMut(&Visitor<'_>, &'static str),
) {
    visitor.open("/").await;
    visitor.see("#sign-in-dev").await;
    look(visitor, "the front page, signed out").await;

    visitor.go_to_consent().await;
    visitor.click("#deny").await;
    visitor.see(".flash[data-category=error]").await;
    look(visitor, "the front page after a refusal").await;

    visitor.click("#sign-in-dev").await;
    visitor.click("input[name=scope][value=email]").await;
    visitor.click("#allow").await;
    visitor.see("[data-ran=skipped]").await;
    look(visitor, "the front page with skipped receivers").await;

    visitor.click("#sign-in-dev").await;
    visitor.click("#allow").await;
    visitor.see("#go-on").await;
    look(visitor, "the page for newcomers").await;

    visitor.click("#go-on").await;
    visitor.see("#import[data-state=done]").await;
    look(visitor, "the front page, signed in").await;

    for (path, element, page) in [
        ("/notes", ".notes", "the notes"),
        ("/api/dev?path=/profile", "#answer", "an answer of the API"),
        (
            "/api/dev?path=http://a.example/",
            "#answer",
            "no answer of the API",
        ),
        ("/none", "#home", "no page"),
        ("/api/dev", "#home", "an address that is not complete"),
        (
            "/login/dev/authorized?code=x&state=y",
            "#again",
            "a refused callback",
        ),
    ] {
        visitor.open(path).await;
        visitor.see(element).await;
        look(visitor, page).await;
    }

    visitor.open("/").await;
    visitor.click("#sign-out").await;
    visitor.see(".flash").await;
    look(visitor, "the front page after signing out").await;

    visitor.click("#sign-in-dev").await;
    visitor.click("input[name=scope][value=notes]").await;
    visitor.click("#allow").await;
    visitor.see("#scopes .missing").await;
    look(visitor, "the front page with a scope that was not granted").await;
    visitor.open("/notes").await;
    visitor.see("h1").await;
    look(visitor, "the notes, not shared").await;

    // The provider, unlike the site, keeps nothing.
    visitor.app.restart(visitor.data);
    visitor.open("/notes").await;
    // The site asks before it sends a browser to the login again that has signed in a moment ago. On a slow
    // machine it was longer ago.
    visitor.see("#again, #people").await;
    if visitor.all("#again").await.is_empty() {
        look(visitor, "the provider, after it has forgotten everything").await;
    } else {
        look(visitor, "the notes, with a token that is not known").await;
        visitor.open("/api/dev?path=/profile").await;
        visitor.see("nav a, #people").await;
        look(visitor, "a sign-in that did not help").await;
        if !visitor.all("nav a").await.is_empty() {
            visitor.click("nav a").await;
        }
    }
    visitor.click("#people button[value=ada]").await;
    visitor.click("#allow").await;
    visitor.see("#answer, .notes").await;

    break_database(visitor).await;
    visitor.open("/").await;
    visitor.see("#home").await;
    look(visitor, "the front page without a table").await;
    visitor.open("/login/dev").await;
    visitor.click("#allow").await;
    visitor.see("#again").await;
    look(visitor, "a failed login").await;
}

/// Takes a table away from the running site.
async fn break_database(visitor: &Visitor<'_>) {
    let database = visitor.data.join("quickstart.db");
    let pool = SqlitePool::connect(&format!("sqlite://{}", database.display()))
        .await
        .expect("the database of the site");
    sqlx::query("ALTER TABLE users RENAME TO gone")
        .execute(&pool)
        .await
        .expect("a table that is gone");
    pool.close().await;
}
