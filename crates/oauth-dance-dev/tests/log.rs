//! What the provider writes down about requests.

mod common;

use common::*;
use oauth_dance::ClientAuth;

#[test]
fn the_log_tells_what_was_asked_and_how() {
    let provider = provider();
    let code = code(&provider);
    let grant = code_grant(&code);
    post(&provider, "/token", &grant);
    let mut posted = grant.to_vec();
    posted.extend([("client_id", "app"), ("client_secret", "guess")]);
    post_as(&provider, "/token", None, &posted);
    with_token(&provider, "/userinfo", "some-token");

    let log = provider.log();
    assert_eq!(
        (
            log.authorize_requests(),
            log.token_requests(),
            log.exchanges()
        ),
        (1, 2, 2)
    );
    assert_eq!(
        (log.refreshes(), log.revocations(), log.userinfo_requests()),
        (0, 0, 1)
    );
    let authorize = log.last_to("/authorize").expect("a request");
    assert_eq!(authorize.parameter("state"), Some(STATE));
    let seen: Vec<_> = log
        .to("/token")
        .map(|entry| {
            (
                entry.client_id(),
                entry.client_auth(),
                entry.status().map(|s| s.as_u16()),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (Some("app"), ClientAuth::Basic, Some(200)),
            (Some("app"), ClientAuth::Post, Some(401)),
        ]
    );
    let exchange = log.to("/token").next().expect("a request");
    assert_eq!(exchange.grant_type(), Some("authorization_code"));
    assert_eq!(exchange.parameter("code"), Some(code.as_str()));
    assert_eq!(
        log.last_to("/userinfo").and_then(|entry| entry.bearer()),
        Some("some-token")
    );
    provider.clear_log();
    assert!(provider.log().is_empty());
}
