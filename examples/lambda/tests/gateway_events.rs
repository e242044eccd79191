//! Logins through events of API Gateway, of both kinds, with and without a stage.

mod gateway;

use gateway::{Api, ORIGIN, Returned, browser};
use http::header::{HeaderValue, SET_COOKIE};
use lambda_http::tower::ServiceExt as _;
use oauth_dance::{Dances, Key, leaf, providers};
use oauth_dance_testkit::{Browser, DevProvider};
use serde_json::Value;

/// The kinds of an API, and the prefix that browsers see.
const APIS: [(Api, &str); 3] = [
    (Api::Http("$default"), ""),
    (Api::Http("prod"), "/prod"),
    (Api::Rest("prod"), "/prod"),
];

fn dances(prefix: &str) -> Dances {
    let github = DevProvider::standing_in_for(providers::github());
    Dances::builder(ORIGIN, Key::generate().unwrap())
        .public_prefix(prefix)
        .client(github.client())
        .with(github.dance().redirect_to("/welcome"))
        .build()
        .unwrap()
}

fn application(api: Api, prefix: &str) -> (Browser, Returned) {
    browser(api, lambda::app(&dances(prefix)))
}

fn url(prefix: &str, path: &str) -> String {
    format!("{ORIGIN}{prefix}{path}")
}

#[tokio::test]
async fn a_person_signs_in_and_comes_back_to_the_page() {
    for (api, prefix) in APIS {
        let (browser, _) = application(api, prefix);
        let page = browser
            .sign_in(url(prefix, "/welcome?tab=a%26b"), "ada")
            .await
            .unwrap();
        assert_eq!(page.text(), "Hello, Ada Lovelace!", "{api:?}");
        assert_eq!(page.path(), format!("{prefix}/welcome"), "{api:?}");
        assert_eq!(page.url().query(), Some("tab=a%26b"), "{api:?}");
    }
}

#[tokio::test]
async fn the_link_of_the_front_page_has_the_stage() {
    for (api, prefix) in APIS {
        let (browser, _) = application(api, prefix);
        let page = browser.get(url(prefix, "/")).await.unwrap();
        let link = format!("href=\"{ORIGIN}{prefix}/login/github\"");
        assert!(page.text().contains(&link), "{api:?}: {page:?}");
    }
}

/// The values of `Set-Cookie`, as the response names them that the function returns to Lambda.
fn cookies(api: Api, returned: &Value) -> Vec<&str> {
    let values = match api {
        Api::Http(_) => &returned["cookies"],
        Api::Rest(_) => &returned["multiValueHeaders"]["set-cookie"],
    };
    let values = values.as_array().into_iter().flatten();
    values.map(|value| value.as_str().unwrap()).collect()
}

#[tokio::test]
async fn several_cookies_stay_several_in_both_directions() {
    for (api, prefix) in APIS {
        let app = lambda::app(&dances(prefix)).map_response(|mut page: http::Response<_>| {
            let cart = HeaderValue::from_static("cart=7; Path=/; Secure");
            page.headers_mut().append(SET_COOKIE, cart);
            page
        });
        let (browser, returned) = browser(api, app);
        browser
            .sign_in(url(prefix, "/welcome"), "ada")
            .await
            .unwrap();
        let returned = returned.lock().unwrap();
        let most = returned.iter().map(|returned| cookies(api, returned));
        let most = most.max_by_key(Vec::len).unwrap();
        assert!(most.len() > 2, "{api:?}: {most:?}");
        assert!(
            most.contains(&"cart=7; Path=/; Secure"),
            "{api:?}: {most:?}"
        );
    }
}

#[tokio::test]
async fn a_form_in_base64_signs_out() {
    for (api, prefix) in APIS {
        let (browser, _) = application(api, prefix);
        browser
            .sign_in(url(prefix, "/welcome"), "ada")
            .await
            .unwrap();
        let form = [("sure", "yes")];
        browser
            .post_form(url(prefix, "/logout/github"), &form)
            .await
            .unwrap();
        let page = browser.get(url(prefix, "/welcome")).await.unwrap();
        assert_eq!(page.status(), 303, "{api:?}");
    }
}

/// In base64, a body that the dance takes is longer than one that it refuses.
#[tokio::test]
async fn a24_a_body_is_as_long_as_it_was_before_base64() {
    for (api, prefix) in APIS {
        let (browser, _) = application(api, prefix);
        for (length, status) in [(leaf::MAX_BODY_BYTES, 303), (leaf::MAX_BODY_BYTES + 1, 413)] {
            let text = "x".repeat(length - "a=".len());
            let page = browser
                .post_form(url(prefix, "/logout/github"), &[("a", &text)])
                .await;
            assert_eq!(page.unwrap().status(), status, "{api:?}: {length}");
        }
    }
}

#[tokio::test]
async fn the_front_page_is_the_stage_itself() {
    let (browser, _) = application(Api::Http("prod"), "/prod");
    for path in ["/prod", "/prod/", "/prod?a=b"] {
        let page = browser.get(url("", path)).await.unwrap();
        assert_eq!(page.status(), 200, "{path}");
    }
}

/// A page may have the name of the stage.
#[tokio::test]
async fn the_stage_is_taken_off_once() {
    for api in [Api::Http("welcome"), Api::Rest("welcome")] {
        let (browser, _) = application(api, "/welcome");
        let page = browser.get(url("/welcome", "/welcome")).await.unwrap();
        assert_eq!(page.status(), 303, "{api:?}");
        let page = browser.get(url("/welcome", "/nowhere")).await.unwrap();
        assert_eq!(page.status(), 404, "{api:?}");
    }
}
