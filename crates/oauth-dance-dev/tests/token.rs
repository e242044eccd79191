//! The token endpoint of the development provider: codes, refresh tokens, client authentication.

mod common;

use std::time::Duration;

use common::*;
use http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};

#[test]
fn a_code_becomes_a_bearer_token() {
    let provider = provider();
    let answer = exchange(&provider, &code(&provider));
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
    let token = json(&answer);
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["expires_in"], 3600);
    assert_eq!(token["scope"], "profile email");
    let (access, refresh) = (
        text(&answer, "access_token"),
        text(&answer, "refresh_token"),
    );
    assert!(access.len() >= 43 && refresh.len() >= 43 && access != refresh);
}

#[test]
fn a_person_may_grant_less_than_was_asked_for() {
    let provider = provider();
    let url = authorize_url(&provider, &good_request());
    let callback = provider
        .approve(url, "ada", &["email"])
        .expect("a callback");
    let answer = exchange(&provider, &param(&callback, "code").expect("a code"));
    assert_eq!(text(&answer, "scope"), "email");
    let claims = json(&with_token(
        &provider,
        "/userinfo",
        &text(&answer, "access_token"),
    ));
    assert_eq!(claims["email"], "ada@example.com");
    assert_eq!(claims["name"], serde_json::Value::Null);
}

#[test]
fn a_code_used_twice_takes_its_tokens_with_it() {
    let provider = provider();
    let code = code(&provider);
    let answer = exchange(&provider, &code);
    let access = text(&answer, "access_token");
    assert_eq!(with_token(&provider, "/userinfo", &access).status(), 200);

    let again = exchange(&provider, &code);
    assert_eq!(again.status(), 400);
    assert_eq!(text(&again, "error"), "invalid_grant");
    assert_eq!(with_token(&provider, "/userinfo", &access).status(), 401);
    assert_eq!(
        refresh(&provider, &text(&answer, "refresh_token")).status(),
        400
    );
}

#[test]
fn a_code_lives_for_a_minute() {
    let (provider, clock) = provider_with_clock();
    let (in_time, too_late) = (code(&provider), code(&provider));
    clock.advance(Duration::from_secs(59));
    assert_eq!(exchange(&provider, &in_time).status(), 200);
    clock.advance(Duration::from_secs(1));
    assert_eq!(
        text(&exchange(&provider, &too_late), "error"),
        "invalid_grant"
    );
}

#[test]
fn a_code_needs_its_verifier_and_its_redirect_uri() {
    let provider = provider();
    let wrong_verifier = "x".repeat(43);
    for (name, value) in [
        ("code_verifier", wrong_verifier.as_str()),
        ("code_verifier", ""),
        ("redirect_uri", "https://app.test/other"),
        ("redirect_uri", ""),
    ] {
        let code = code(&provider);
        let mut form = code_grant(&code);
        for (known, old) in &mut form {
            if *known == name {
                *old = value;
            }
        }
        let refused = post(&provider, "/token", &form);
        assert_eq!(refused.status(), 400, "{name}={value}");
        assert_eq!(text(&refused, "error"), "invalid_grant", "{name}={value}");
        // Spent by the failure.
        assert_eq!(exchange(&provider, &code).status(), 400);
    }
}

#[test]
fn a_code_belongs_to_its_client_and_survives_another_ones_try() {
    let provider = provider();
    let code = code(&provider);
    let thief = post_as(
        &provider,
        "/token",
        Some(&basic("other", "other-secret")),
        &code_grant(&code),
    );
    assert_eq!(text(&thief, "error"), "invalid_grant");
    assert_eq!(exchange(&provider, &code).status(), 200);
}

#[test]
fn a_redirect_uri_left_out_at_authorize_may_be_left_out_at_the_token_endpoint() {
    let provider = provider();
    let url = authorize_url(&provider, &request_with("redirect_uri", ""));
    let callback = provider
        .approve(url, "ada", &["profile"])
        .expect("a callback");
    let code = param(&callback, "code").expect("a code");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(post(&provider, "/token", &form).status(), 200);
}

#[test]
fn a_client_may_post_its_secret() {
    let provider = provider();
    let code = code(&provider);
    let mut form = code_grant(&code).to_vec();
    form.extend([("client_id", "app"), ("client_secret", "secret")]);
    assert_eq!(post_as(&provider, "/token", None, &form).status(), 200);
}

#[test]
fn basic_credentials_are_form_encoded_first() {
    // The vector of RFC 6749 appendix B style encoding: `a:b c` and `p+é/%`.
    let header = "Basic YSUzQWIrYzpwJTJCJUMzJUE5JTJGJTI1";
    assert_eq!(basic("a:b c", "p+é/%"), header);
    let provider = provider();
    let url = authorize_url(&provider, &request_with("client_id", "a:b c"));
    let callback = provider
        .approve(url, "ada", &["profile"])
        .expect("a callback");
    let code = param(&callback, "code").expect("a code");
    let answer = post_as(&provider, "/token", Some(header), &code_grant(&code));
    assert_eq!(answer.status(), 200);
}

#[test]
fn a_public_client_names_itself() {
    let provider = provider();
    let request: Vec<_> = request_with("client_id", "phone")
        .into_iter()
        .filter(|(name, _)| *name != "redirect_uri")
        .collect();
    let callback = provider
        .approve(authorize_url(&provider, &request), "ada", &["profile"])
        .expect("a callback");
    assert_eq!(callback.scheme(), "app.phone");
    let code = param(&callback, "code").expect("a code");
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "phone"),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(post_as(&provider, "/token", None, &form).status(), 200);
}

#[test]
fn a_client_that_does_not_prove_itself_is_refused() {
    let provider = provider();
    let code = code(&provider);
    let grant = code_grant(&code);
    let wrong = post_as(&provider, "/token", Some(&basic("app", "guess")), &grant);
    assert_eq!(wrong.status(), 401);
    assert_eq!(text(&wrong, "error"), "invalid_client");
    assert!(
        wrong.headers()[WWW_AUTHENTICATE]
            .to_str()
            .expect("ASCII")
            .starts_with("Basic")
    );
    for header in [
        basic("nobody", "secret"),
        basic("app", ""),
        "Basic %%".into(),
        "Bearer x".into(),
    ] {
        assert_eq!(
            post_as(&provider, "/token", Some(&header), &grant).status(),
            401,
            "{header}"
        );
    }
    assert_eq!(post_as(&provider, "/token", None, &grant).status(), 401);
    let mut named = grant.to_vec();
    named.push(("client_id", "app"));
    assert_eq!(post_as(&provider, "/token", None, &named).status(), 401);
    // A client uses one method only.
    named.push(("client_secret", "secret"));
    assert_eq!(
        text(&post(&provider, "/token", &named), "error"),
        "invalid_request"
    );
    assert_eq!(exchange(&provider, &code).status(), 200);
}

#[test]
fn malformed_token_requests_are_told_so() {
    let provider = provider();
    let error = |form: &[(&str, &str)]| text(&post(&provider, "/token", form), "error");
    assert_eq!(error(&[]), "invalid_request");
    assert_eq!(
        error(&[("grant_type", "password")]),
        "unsupported_grant_type"
    );
    assert_eq!(
        error(&[("grant_type", "authorization_code")]),
        "invalid_request"
    );
    assert_eq!(
        error(&[
            ("grant_type", "refresh_token"),
            ("grant_type", "refresh_token")
        ]),
        "invalid_request"
    );
    assert_eq!(get(&provider, "/token").status(), 405);
}

#[test]
fn a_refresh_token_is_replaced_at_each_use() {
    let provider = provider();
    let (access, first) = tokens(&provider);
    let answer = refresh(&provider, &first);
    assert_eq!(answer.status(), 200);
    let second = text(&answer, "refresh_token");
    assert_ne!(first, second);
    assert_ne!(access, text(&answer, "access_token"));
    assert_eq!(refresh(&provider, &second).status(), 200);
}

#[test]
fn a_refresh_token_used_twice_revokes_the_family() {
    let provider = provider();
    let (access, first) = tokens(&provider);
    let answer = refresh(&provider, &first);
    assert_eq!(text(&refresh(&provider, &first), "error"), "invalid_grant");
    for token in [access, text(&answer, "access_token")] {
        assert_eq!(with_token(&provider, "/userinfo", &token).status(), 401);
    }
    assert_eq!(
        refresh(&provider, &text(&answer, "refresh_token")).status(),
        400
    );
    // Another login of the same person is untouched.
    let (access, _) = tokens(&provider);
    assert_eq!(with_token(&provider, "/userinfo", &access).status(), 200);
}

#[test]
fn rotation_can_be_switched_off_and_so_can_refresh_tokens() {
    let provider = described().rotates_refresh_tokens(false).build();
    let (_, token) = tokens(&provider);
    for _ in 0..2 {
        let answer = refresh(&provider, &token);
        assert_eq!(answer.status(), 200);
        assert_eq!(text(&answer, "refresh_token"), "");
    }
    let provider = described().refresh_tokens(false).build();
    assert_eq!(tokens(&provider).1, "");
}

#[test]
fn a_refresh_may_narrow_the_scope_but_never_widen_it() {
    let provider = provider();
    let (_, token) = tokens(&provider);
    let ask = |token: &str, scope: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("scope", scope),
        ];
        post(&provider, "/token", &form)
    };
    assert_eq!(
        text(&ask(&token, "profile notes"), "error"),
        "invalid_scope"
    );
    let narrow = ask(&token, "email");
    assert_eq!(text(&narrow, "scope"), "email");
    // The new refresh token still stands for the whole consent.
    let wide = refresh(&provider, &text(&narrow, "refresh_token"));
    assert_eq!(text(&wide, "scope"), "profile email");
}

#[test]
fn a_refresh_token_belongs_to_its_client_and_expires_when_told_to() {
    let clock = oauth_dance_testkit::ManualClock::new();
    let provider = described()
        .clock(clock.clone())
        .refresh_token_lifetime(Duration::from_secs(10))
        .build();
    let (_, token) = tokens(&provider);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str()),
    ];
    let thief = post_as(
        &provider,
        "/token",
        Some(&basic("other", "other-secret")),
        &form,
    );
    assert_eq!(text(&thief, "error"), "invalid_grant");
    clock.advance(Duration::from_secs(10));
    assert_eq!(refresh(&provider, &token).status(), 400);
}

#[test]
fn of_many_at_once_one_spends_the_code_and_one_the_refresh_token() {
    let provider = provider();
    let code = code(&provider);
    let winners = |request: &(dyn Fn() -> http::StatusCode + Sync)| {
        std::thread::scope(|scope| {
            let tries: Vec<_> = (0..8).map(|_| scope.spawn(request)).collect();
            let answers = tries
                .into_iter()
                .map(|tried| tried.join().expect("an answer"));
            answers.filter(http::StatusCode::is_success).count()
        })
    };
    assert_eq!(winners(&|| exchange(&provider, &code).status()), 1);
    let (_, token) = tokens(&provider);
    assert_eq!(winners(&|| refresh(&provider, &token).status()), 1);
}
