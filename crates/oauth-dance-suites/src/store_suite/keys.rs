//! Keys: two that differ at all are two, for any text in them.

use oauth_dance::{Owner, StoreKey, TokenStore};

use super::fixture::{Fixture, delete, key, load, save, sealed};

/// The dance, the kind of owner and the owner's identifier each tell keys apart, and do not run into
/// each other.
pub async fn keys_differ_in_every_part(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let keys = [
        StoreKey::new("github", Owner::User("1".into())),
        StoreKey::new("github", Owner::Browser("1".into())),
        StoreKey::new("google", Owner::User("1".into())),
        StoreKey::new("github", Owner::User("2".into())),
        StoreKey::new("github", Owner::User("user:1".into())),
        StoreKey::new("github", Owner::Browser("user:1".into())),
        // The same text, if the parts were only joined.
        StoreKey::new("a", Owner::User("b:user:c".into())),
        StoreKey::new("a:user:b", Owner::User("c".into())),
        StoreKey::new("a", Owner::User("b/c".into())),
        StoreKey::new("a/b", Owner::User("c".into())),
        StoreKey::new("ab", Owner::User("c".into())),
        StoreKey::new("a", Owner::User("bc".into())),
    ];
    all_distinct(&store, &keys).await;
}

/// Identifiers are compared byte by byte: no folding of case or of accents, no trimming, no numbers, no
/// patterns, no statements.
pub async fn f21_keys_with_odd_text_are_distinct(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let long = "x".repeat(Owner::MAX_BYTES - 1);
    let texts = [
        "ada",
        "Ada",
        "ADA",
        " ada",
        "ada ",
        "ada\t",
        "ada\n",
        "\u{feff}ada",
        // Composed and decomposed, sharp s, dotted I, Kelvin sign, full width, Cyrillic.
        "\u{e9}",
        "e\u{301}",
        "e",
        "stra\u{df}e",
        "strasse",
        "i",
        "\u{130}",
        "\u{131}",
        "k",
        "\u{212a}",
        "a",
        "\u{ff41}",
        "\u{430}",
        "1",
        "01",
        "1.0",
        "1e0",
        "+1",
        "-1",
        "0",
        "null",
        "NULL",
        "true",
        "",
        "*",
        "?",
        "%",
        "_",
        "ad%",
        "a_a",
        "[a]",
        "{ada}",
        "ada:1",
        "ada/1",
        "../ada",
        "\\",
        "\\\\",
        "'",
        "''",
        "\"",
        "`",
        "$1",
        ":a",
        "@a",
        "';--",
        "'; DROP TABLE users; --",
        "\r\nDEL ada\r\n",
        "\u{1f980}",
        "\u{1f980}\u{200d}",
        "\u{202e}ada",
        "\u{10ffff}",
        "\u{1}",
        &format!("{long}y"),
        &format!("{long}z"),
        &long,
    ];
    let keys: Vec<_> = texts.iter().map(|text| key("github", text)).collect();
    all_distinct(&store, &keys).await;
}

/// Identifiers with a zero character, and those longer than the dance ever makes them, are either kept
/// apart or [refused](oauth_dance::StoreError::is_refused); never cut off.
pub async fn f21_long_and_nul_keys_are_distinct_or_refused(fixture: impl Fixture) {
    let (store, _guard) = fixture.split();
    let long = "x".repeat(10 * 1024);
    let texts = [
        "\0",
        "ada\0",
        "ada\0bob",
        "\0ada",
        &long,
        &format!("{long}y"),
    ];
    save(&store, &key("github", "ada"), "ada").await;
    let mut kept = vec![key("github", "ada")];
    for text in texts {
        let key = key("github", text);
        match store.save(&key, sealed(text)).await {
            Ok(_) => kept.push(key),
            Err(error) => assert!(error.is_refused(), "{text:.10?}: {error:?}"),
        }
    }
    for key in &kept {
        let (bytes, _) = load(&store, key).await.expect("a record");
        assert!(bytes == key.owner().id().as_bytes(), "two keys met");
    }
}

/// Stores something else under each key, and sees that no other changed; then deletes one by one.
async fn all_distinct(store: &impl TokenStore, keys: &[StoreKey]) {
    for (number, key) in keys.iter().enumerate() {
        save(store, key, &number.to_string()).await;
    }
    for (number, key) in keys.iter().enumerate() {
        let (bytes, _) = load(store, key).await.expect("a record");
        assert_eq!(
            bytes,
            number.to_string().as_bytes(),
            "another's, under {key:?}"
        );
    }
    for key in keys {
        assert!(delete(store, key).await, "gone with another: {key:?}");
    }
}
