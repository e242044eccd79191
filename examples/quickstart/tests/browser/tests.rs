//! What a person does with the quickstart, and what they are shown.

use crate::visitor::Visitor;

const FLASH: &str = ".flash";
const GREETING: &str = "Signed in successfully with Dev Provider!";

pub(crate) async fn signing_in_shows_who_what_and_how(visitor: &Visitor<'_>) {
    visitor.go_to_consent().await;
    visitor.click("#allow").await;
    assert_eq!(visitor.see(FLASH).await, GREETING);

    visitor.click("#go-on").await;
    assert_eq!(visitor.see("#name").await, "Ada Lovelace");
    assert!(visitor.see(".person").await.contains("ada@example.com"));
    assert_eq!(
        visitor.all("#scopes .granted").await,
        ["profile", "email", "notes"]
    );

    let signals = visitor.all("#timeline h3 code").await;
    assert_eq!(
        signals,
        ["oauth_before_login", "oauth_authorized", "oauth_logged_in"]
    );
    let ran = visitor
        .all("[data-signal=oauth_before_login] .receiver")
        .await;
    assert_eq!(ran, ["remember when it began"]);
    let ran = visitor
        .all("[data-signal=oauth_authorized] .receiver")
        .await;
    let in_order = [
        "refuse without e-mail",
        "find or create the user",
        "update the profile",
        "flash a message",
        "show newcomers around",
    ];
    assert_eq!(ran, in_order);
    let ran = visitor.all("[data-signal=oauth_logged_in] .receiver").await;
    assert_eq!(ran, ["announce the import", "import the notes"]);
    let said = visitor.all("[data-signal=oauth_authorized] .said").await;
    assert_eq!(said[..4], ["went on"; 4]);
    assert_eq!(said[4], "redirect to /hello");
    let took = visitor.all("[data-signal=oauth_authorized] li .took").await;
    assert_eq!(took.len(), in_order.len());
    assert!(took.iter().all(|took| took.ends_with('s')), "{took:?}");
}

pub(crate) async fn a_flash_message_is_shown_once(visitor: &Visitor<'_>) {
    visitor.go_to_consent().await;
    visitor.click("#allow").await;
    assert_eq!(visitor.see(FLASH).await, GREETING);

    visitor.browser.refresh().await.expect("the page again");
    visitor.see("#go-on").await;
    assert!(visitor.all(FLASH).await.is_empty());
}

pub(crate) async fn who_says_no_is_informed(visitor: &Visitor<'_>) {
    visitor.go_to_consent().await;
    visitor.click("#deny").await;

    let flash = visitor.see(FLASH).await;
    assert!(flash.contains("you did not allow it"), "{flash}");
    visitor.see("body[data-signed-in=false]").await;
    let ran = visitor.all("[data-signal=oauth_error] .receiver").await;
    assert_eq!(ran, ["inform the person"]);
}

pub(crate) async fn without_the_address_nobody_is_signed_in(visitor: &Visitor<'_>) {
    visitor.go_to_consent().await;
    visitor.click("input[name=scope][value=email]").await;
    visitor.click("#allow").await;

    let flash = visitor.see(FLASH).await;
    assert!(flash.contains("e-mail address"), "{flash}");
    visitor.see("body[data-signed-in=false]").await;
    let said = visitor.all("[data-signal=oauth_authorized] .said").await;
    assert_eq!(said[0], "discard the token, redirect to /");
    assert!(
        said[1..].iter().all(|said| said.starts_with("skipped")),
        "{said:?}"
    );
}

pub(crate) async fn without_the_notes_there_is_no_import(visitor: &Visitor<'_>) {
    visitor.go_to_consent().await;
    visitor.click("input[name=scope][value=notes]").await;
    visitor.click("#allow").await;
    visitor.click("#go-on").await;

    assert_eq!(visitor.see("#name").await, "Ada Lovelace");
    assert_eq!(visitor.all("#scopes .missing").await, ["notes"]);
    assert!(visitor.all("#import").await.is_empty());
    visitor.open("/notes").await;
    assert!(visitor.see("main").await.contains("did not allow"));
}

pub(crate) async fn two_tabs_sign_in_at_once(visitor: &Visitor<'_>) {
    let browser = &visitor.browser;
    let first = browser.window().await.expect("a tab");
    visitor.go_to_consent().await;

    let second = browser.new_window(true).await.expect("another tab").handle;
    browser
        .switch_to_window(second)
        .await
        .expect("the other tab");
    visitor.open("/").await;
    visitor.click("#sign-in-dev").await;
    // The provider knows Ada by now.
    visitor.click("#allow").await;
    assert_eq!(visitor.see(FLASH).await, GREETING);

    browser
        .switch_to_window(first)
        .await
        .expect("the first tab");
    visitor.click("#allow").await;
    assert_eq!(visitor.see(FLASH).await, GREETING);
    assert_eq!(visitor.see("#name").await, "Ada Lovelace");
    assert!(visitor.see(".person").await.contains("2 sign-ins"));
}

pub(crate) async fn signing_out_signs_out(visitor: &Visitor<'_>) {
    visitor.sign_in().await;
    visitor.click("#sign-out").await;

    assert_eq!(visitor.see(FLASH).await, "You are signed out.");
    visitor.see("body[data-signed-in=false]").await;
    let signals = visitor.all("#timeline h3 code").await;
    assert_eq!(signals[3..], ["oauth_logged_out"]);
}

pub(crate) async fn a_restart_signs_nobody_out(visitor: &mut Visitor<'_>) {
    visitor.sign_in().await;
    visitor.app.restart(visitor.data);

    visitor.open("/").await;
    assert_eq!(visitor.see("#name").await, "Ada Lovelace");
    assert_eq!(
        visitor.all("#scopes .granted").await,
        ["profile", "email", "notes"]
    );

    // The provider, unlike the site, keeps nothing.
    visitor.click("#call").await;
    assert_eq!(visitor.see("#status").await, "401 Unauthorized");
    visitor.click("#again").await;
    visitor.click("#people button[value=ada]").await;
    visitor.click("#allow").await;
    assert_eq!(visitor.see(FLASH).await, GREETING);
}

pub(crate) async fn only_newcomers_are_shown_around(visitor: &Visitor<'_>) {
    visitor.sign_in().await;
    visitor.click("#sign-out").await;
    visitor.click("#sign-in-dev").await;
    visitor.click("#allow").await;

    assert_eq!(visitor.see("#name").await, "Ada Lovelace");
    assert_eq!(visitor.see(FLASH).await, GREETING);
    let said = visitor.all("[data-signal=oauth_authorized] .said").await;
    assert_eq!(said.last().map(String::as_str), Some("went on"));
}

pub(crate) async fn a_page_for_the_signed_in_leads_to_the_login_and_back(visitor: &Visitor<'_>) {
    visitor.open("/notes").await;
    visitor.click("#people button[value=grace]").await;
    visitor.click("#allow").await;

    assert!(visitor.see(".notes").await.contains("moth"));
    assert_eq!(visitor.see(FLASH).await, GREETING);
}

pub(crate) async fn the_import_comes_to_its_end(visitor: &Visitor<'_>) {
    visitor.sign_in().await;
    let card = visitor.see("#import[data-state=done]").await;
    assert!(card.contains("Imported 2 notes with 16 words."), "{card}");
}

pub(crate) async fn the_token_opens_the_api(visitor: &Visitor<'_>) {
    visitor.sign_in().await;
    visitor.click("#call").await;
    assert_eq!(visitor.see("#status").await, "200 OK");
    assert!(visitor.see("#answer").await.contains("\"ada@example.com\""));
}
