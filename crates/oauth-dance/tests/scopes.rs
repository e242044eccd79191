//! Which texts are scopes, and what is said of the others when the dances are built.

mod support;

use oauth_dance::{ConfigError, Credentials, Dance, DanceBuilder, Dances, Key, Provider, Scopes};

use self::support::Op;

fn dance() -> DanceBuilder {
    let acme = Provider::oauth2("acme", "https://id.test/authorize", "https://id.test/token");
    Dance::builder(acme).credentials(Credentials::new("id", "secret"))
}

fn build(dance: DanceBuilder) -> Result<Dances, ConfigError> {
    let dances = Dances::builder("https://app.test", Key::generate().unwrap());
    dances.client(Op::default()).with(dance).build()
}

#[test]
fn what_is_not_one_scope_is_refused() {
    for (scope, problem) in [
        (
            "",
            "is an empty text: leave the call out to ask for no scope",
        ),
        (
            "a b",
            r#"is "a b", which is more than one: write `.scopes(["a", "b"])`"#,
        ),
        (
            "a,b",
            r#"is "a,b", which is more than one: write `.scopes(["a", "b"])`"#,
        ),
        (
            "a\tb",
            r#"is "a\tb", which is more than one: write `.scopes(["a", "b"])`"#,
        ),
        (
            " a\n",
            r#"is " a\n", with spaces or commas around it: write "a""#,
        ),
        (
            " ",
            "is a text without a scope: leave the call out to ask for no scope",
        ),
        (
            ",",
            "is a text without a scope: leave the call out to ask for no scope",
        ),
        (
            "\"a\"",
            r#"is "\"a\"", which has characters that no scope can have (RFC 6749 §3.3)"#,
        ),
        (
            r"a\b",
            r#"is "a\\b", which has characters that no scope can have (RFC 6749 §3.3)"#,
        ),
        (
            "caf\u{e9}",
            "is \"caf\u{e9}\", which has characters that no scope can have (RFC 6749 §3.3)",
        ),
    ] {
        let expected = format!("the dance \"acme\": a scope {problem}");
        let error = build(dance().scope(scope)).expect_err("the build fails");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn every_character_of_the_standard_is_taken() {
    // Every other visible character: real scopes are URLs, and have colons, dots, stars, slashes.
    let visible = (0x21..=0x7e_u8).map(char::from);
    let visible: String = visible.filter(|c| !"\",\\".contains(*c)).collect();
    let odd = ["https://www.googleapis.com/auth/userinfo.email", &visible];
    build(dance().scopes(odd)).unwrap();
}

#[test]
fn no_scope_is_asked_for_with_an_empty_list() {
    let none: [&str; 0] = [];
    build(dance().scopes(none)).unwrap();
}

#[test]
fn a_dance_knows_the_scopes_that_it_asks_for() {
    let dances = build(dance().scopes(["read", "write"])).unwrap();
    let scopes = dances.get("acme").unwrap().scopes();
    assert_eq!(scopes.iter().collect::<Vec<_>>(), ["read", "write"]);
    assert_eq!((scopes.len(), scopes.is_empty()), (2, false));
}

#[test]
fn sets_of_scopes_are_equal_in_any_order() {
    let set = |scopes: &[&str]| scopes.iter().copied().collect::<Scopes>();
    assert_eq!(set(&["a", "b"]), set(&["b", "a"]));
    assert_ne!(set(&["a", "b"]), set(&["a"]));
    assert_ne!(set(&["a", "b"]), set(&["a", "c"]));
    assert_eq!((set(&[]).len(), set(&[]).is_empty()), (0, true));
}
