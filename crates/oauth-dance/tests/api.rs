//! Where relative URLs of the provider's API lead.

mod support;

use oauth_dance::ApiError;

use self::support::app;

#[tokio::test]
async fn a_path_goes_below_the_whole_base() {
    let app = app();
    let browser = app.signed_in().await;
    let api = app.visit(&browser).api("op").unwrap();
    for path in ["/user", "user", "/people:batchGet", "https://op.test/else"] {
        api.get(path).await.unwrap();
    }
    assert_eq!(
        app.op.calls(),
        [
            "https://op.test/v1/user",
            "https://op.test/v1/user",
            "https://op.test/v1/people:batchGet",
            "https://op.test/else",
        ]
    );
    let away = api.get("//evil.test/user").await.unwrap_err();
    assert!(matches!(away, ApiError::ForeignOrigin));
}

#[tokio::test]
async fn an_answer_does_not_print_what_it_says() {
    let app = app();
    let browser = app.signed_in().await;
    let api = app.visit(&browser).api("op").unwrap();
    let answer = api.get("/user").await.unwrap();
    let printed = format!("{answer:?}");
    assert_eq!(
        printed,
        "ApiResponse { status: 200, headers: 1, body_bytes: 2 }"
    );
}
