//! The stores in memory say how much they hold.

mod support;

use http::Method;
use oauth_dance::{MemoryPendingStore, MemorySessionStore, MemoryStore};

use self::support::app_with;

#[tokio::test]
async fn the_stores_in_memory_count_what_they_hold() {
    let (tokens, sessions) = (MemoryStore::new(), MemorySessionStore::new());
    let pendings = MemoryPendingStore::new();
    let app = app_with(
        |dance| dance,
        |dances| {
            dances
                .store(tokens.clone())
                .session_store(sessions.clone())
                .pending_store(pendings.clone())
        },
    );
    let counts = || (pendings.len(), tokens.len(), sessions.len());
    let emptiness = || (pendings.is_empty(), tokens.is_empty(), sessions.is_empty());
    assert_eq!((counts(), emptiness()), ((0, 0, 0), (true, true, true)));

    let browser = app.browser();
    let callback = app.callback(&browser).await;
    assert_eq!((counts(), emptiness()), ((1, 0, 0), (false, true, true)));
    app.ask(&browser, Method::GET, &callback).await;
    assert_eq!((counts(), emptiness()), ((0, 1, 1), (true, false, false)));
}
