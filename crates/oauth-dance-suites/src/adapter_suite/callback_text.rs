//! What a callback says: errors, repetitions, nonsense, and requests that are no navigation.

use http::Method;
use oauth_dance::{LoginError, RejectReason};
use oauth_dance_dev::{Endpoint, Fault};
use oauth_dance_testkit::Browser;

use super::adapter::Adapter;
use super::heard::Heard;
use super::raw;
use super::rig::{Rig, WELCOME, canary, rig};
use super::steps::{adding, ask, changing, get, visit, with_query, without};

/// A14: an error that belongs to no login, with the attacker's words in it.
pub async fn a14_an_unbound_error_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let words = canary("description");
    let path = format!("/login/op/authorized?error=access_denied&error_description={words}");
    let attack = rig.attack(&browser).await;
    let page = get(&browser, &path).await;
    attack.rejected(&page, RejectReason::NoState).await;
}

/// A14: the same with a state, of another browser.
pub async fn a14_another_browsers_error_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = without(&rig.callback(&rig.browser()).await, "code");
    let callback = adding(&callback, "error", "access_denied");
    let callback = adding(&callback, "error_description", &canary("description"));
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    attack.rejected(&page, RejectReason::NoPendingLogin).await;
}

/// A15: a person says no.
pub async fn a15_a_denial_is_told_and_the_browser_redirected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let begun = rig.begin(&browser).await;
    let denied = rig.deny(&browser, begun).await;
    let callback = denied.location().expect("a callback");
    let callback = changing(&callback, "error_description", &canary("description"));
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    assert_eq!(page.location().map(String::from).as_deref(), Some(WELCOME));
    let failure = provider_failure(&rig);
    assert!(failure.is_denied());
    attack.failed(&page, 303, failure).await;
}

/// A15: what the provider says is typed, cut, and free of control characters and mark-up quotes.
pub async fn a15_a_description_is_cut_and_cleaned(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let words = format!("no\r\n\u{1b}[31m\"{}", "x".repeat(5000));
    rig.provider.inject(
        Endpoint::Authorization,
        Fault::refuses("server_error", Some(&words), None),
    );
    rig.sign_in(&rig.browser()).await;
    let LoginError::Provider(error) = provider_failure(&rig) else {
        panic!("no error of the provider");
    };
    let description = error.description().expect("a description");
    assert!(description.starts_with("no[31mxxx"), "{description}");
    assert!(description.len() <= 256, "{} bytes", description.len());
}

fn provider_failure(rig: &Rig) -> LoginError {
    match rig.heard().pop() {
        Some(Heard::Error(failure @ LoginError::Provider(_))) => failure,
        other => panic!("no error of the provider: {other:?}"),
    }
}

/// A16: a code and an error: the error wins.
pub async fn a16_an_error_beside_a_code_wins(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &adding(&callback, "error", "access_denied")).await;
    let failure = provider_failure(&rig);
    attack.failed(&page, 303, failure).await;
}

/// A17: neither a code nor an error.
pub async fn a17_a_callback_without_code_or_error_is_malformed(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = without(&rig.callback(&browser).await, "code");
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    attack
        .failed(&page, 400, LoginError::MalformedCallback)
        .await;
}

/// A18, R15: a known parameter twice.
pub async fn a18_a_repeated_parameter_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let code = "a-code-of-the-attacker";
    for query in [
        format!("code={code}&{}", callback.query().unwrap_or_default()),
        format!(
            "state={}&{}",
            "A".repeat(43),
            callback.query().unwrap_or_default()
        ),
        format!("{}&iss=a&iss=a", callback.query().unwrap_or_default()),
        format!("{}&error=a&error=a", callback.query().unwrap_or_default()),
        format!("{}&c%6Fde={code}", callback.query().unwrap_or_default()),
    ] {
        let attack = rig.attack(&browser).await;
        let page = visit(&browser, &with_query(&callback, &query)).await;
        attack.rejected(&page, RejectReason::Malformed).await;
    }
}

/// A26: an answer in an object that was not requested.
pub async fn a26_an_unasked_response_object_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = adding(&rig.callback(&browser).await, "response", "e30.e30.");
    let attack = rig.attack(&browser).await;
    let page = visit(&browser, &callback).await;
    attack.rejected(&page, RejectReason::Malformed).await;
}

/// A18: names are compared exactly, and unknown ones passed over.
pub async fn a18_unknown_parameters_are_passed_over(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let query = callback.query().unwrap_or_default();
    let noisy = format!("Code=2&code[]=3&x&session_state=4&{query}&STATE=5");
    visit(&browser, &with_query(&callback, &noisy)).await;
    assert!(rig.home(&browser).await.owner.is_some());
}

/// A19, R17: the parameters in a form, although the query was asked for.
pub async fn a19_a_posted_callback_is_refused(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let form: Vec<(String, String)> = callback.query_pairs().into_owned().collect();
    let fields: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let attack = rig.attack(&browser).await;
    let page = browser
        .post_form(with_query(&callback, ""), &fields)
        .await
        .expect("an answer");
    attack.harmless(&page, 405, &[], 0).await;
}

/// A21: HEAD and OPTIONS finish nothing, and the login stays.
pub async fn a21_only_a_get_finishes_a_login(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    for method in [Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE] {
        let attack = rig.attack(&browser).await;
        let page = browser
            .request(method, &callback)
            .send()
            .await
            .expect("an answer");
        attack.harmless(&page, 405, &[], 0).await;
    }
}

/// A21: a browser that fetches ahead spends no code.
pub async fn a21_a_prefetch_finishes_nothing(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    for (name, value) in [
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
    ] {
        let attack = rig.attack(&browser).await;
        let request = browser.request(Method::GET, &callback).header(name, value);
        let page = request.send().await.expect("an answer");
        attack.harmless(&page, 204, &[], 0).await;
    }
}

/// A21: neither does a login begin for who only looks whether there is one.
pub async fn a21_only_a_get_begins_a_login(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    for method in [Method::HEAD, Method::OPTIONS, Method::POST] {
        let attack = rig.attack(&browser).await;
        let page = ask(&browser, method, "/login/op").await;
        attack.harmless(&page, 405, &[], 0).await;
    }
}

/// A23: bytes that are no text, in every parameter.
pub async fn a23_malformed_text_is_rejected(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let query = callback.query().unwrap_or_default().to_owned();
    for nonsense in ["%ff", "%", "%f", "%zz", "%c0%af", "%ed%a0%80"] {
        for name in ["iss", "error", "error_description", "error_uri"] {
            let target = format!("/login/op/authorized?{query}&{name}={nonsense}");
            // Not through a URL type, which would mend it.
            let cookie = cookie_header(&browser);
            let headers = ["Host: app.localhost".to_owned(), cookie];
            let answer = raw::get(rig.address(), &target, &headers).await;
            assert_eq!(answer.status, 400, "{name}={nonsense}");
        }
    }
    let expected = Heard::Rejected(RejectReason::Malformed);
    let rejected = rig.heard().into_iter().filter(|heard| *heard == expected);
    assert_eq!(rejected.count(), 24);
    assert_eq!(rig.provider.log().token_requests(), 0);
}

/// The `Cookie` line of a request to the application.
pub(crate) fn cookie_header(browser: &Browser) -> String {
    let jar = browser.jar();
    let pairs: Vec<String> = jar
        .iter()
        .filter(|cookie| cookie.host() == "app.localhost")
        .map(|cookie| format!("{}={}", cookie.name(), cookie.value()))
        .collect();
    format!("Cookie: {}", pairs.join("; "))
}

/// A23: what is text and makes no code.
pub async fn a23_a_code_with_control_characters_is_malformed(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for code in ["a\0b", "a\r\nb", "\u{e9}", "a\u{7f}"] {
        let browser = rig.browser();
        let callback = rig.callback(&browser).await;
        let attack = rig.attack(&browser).await;
        let page = visit(&browser, &changing(&callback, "code", code)).await;
        attack
            .failed(&page, 400, LoginError::MalformedCallback)
            .await;
    }
}

/// A25: a code that is empty or absurdly long.
pub async fn a25_an_empty_or_overlong_code_is_malformed(adapter: &Adapter) {
    let rig = rig(adapter).await;
    for length in [0, 4097, 8192] {
        let browser = rig.browser();
        let callback = rig.callback(&browser).await;
        let attack = rig.attack(&browser).await;
        let page = visit(&browser, &changing(&callback, "code", &"c".repeat(length))).await;
        attack
            .failed(&page, 400, LoginError::MalformedCallback)
            .await;
    }
}

/// A24: some providers send long session states beside the code, which are skipped.
pub async fn a24_a_long_session_state_is_skipped(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let query = callback.query().unwrap_or_default();
    let long = format!("{query}&session_state={}", "x".repeat(17 * 1024));
    visit(&browser, &with_query(&callback, &long)).await;
    assert!(rig.home(&browser).await.owner.is_some());
}

/// A24: a query beyond any that a provider sends.
pub async fn a24_an_overlong_query_is_refused(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    for query in [
        format!(
            "{}&x={}",
            callback.query().unwrap_or_default(),
            "x".repeat(50 * 1024)
        ),
        format!(
            "{}{}",
            callback.query().unwrap_or_default(),
            "&x=1".repeat(1000)
        ),
        format!(
            "{}&x={}",
            callback.query().unwrap_or_default(),
            "x".repeat(60 * 1024)
        ),
    ] {
        let page = visit(&browser, &with_query(&callback, &query)).await;
        let status = page.status().as_u16();
        assert!(
            matches!(status, 400 | 414 | 431),
            "{status} for {} bytes",
            query.len()
        );
    }
    assert_eq!(rig.provider.log().token_requests(), 0);
    visit(&browser, &callback).await;
    assert!(
        rig.home(&browser).await.owner.is_some(),
        "the login is gone"
    );
}

/// A24: a body that was not requested is not read to its end.
pub async fn a24_an_overlong_body_is_refused(adapter: &Adapter) {
    let rig = rig(adapter).await;
    let browser = rig.browser();
    let callback = rig.callback(&browser).await;
    let body = vec![b'x'; oauth_dance::leaf::MAX_BODY_BYTES + 1];
    let request = browser.request(Method::POST, &callback).body(body);
    let page = request.send().await.expect("an answer");
    let status = page.status().as_u16();
    assert!(matches!(status, 405 | 413), "{status}");
    assert_eq!(rig.heard(), [Heard::BeforeLogin]);
}
