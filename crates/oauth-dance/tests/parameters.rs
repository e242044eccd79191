//! Which parameters the configuration may add to the authorization request.

mod support;

use oauth_dance::{ConfigError, Credentials, Dance, DanceBuilder, Dances, Key, Provider};

use self::support::Op;

fn dance_at(authorize: &str) -> DanceBuilder {
    let acme = Provider::oauth2("acme", authorize, "https://id.test/token");
    Dance::builder(acme).credentials(Credentials::new("id", "secret"))
}

fn dance() -> DanceBuilder {
    dance_at("https://id.test/authorize")
}

fn build(dance: DanceBuilder) -> Result<Dances, ConfigError> {
    let dances = Dances::builder("https://app.test", Key::generate().unwrap());
    dances.client(Op::default()).with(dance).build()
}

#[track_caller]
fn fails(dance: DanceBuilder, problem: &str) {
    let error = build(dance).expect_err("the build fails").to_string();
    assert_eq!(error, format!("the dance \"acme\": {problem}"));
}

#[test]
fn h08_a_setting_may_not_replace_a_parameter_of_the_dance() {
    for name in [
        "state",
        "redirect_uri",
        "code_challenge",
        "client_id",
        "scope",
    ] {
        let problem =
            format!("authorize_parameter may not set {name:?}, which is reserved for the dance");
        fails(dance().authorize_parameter(name, "x"), &problem);
    }
}

#[test]
fn h08_a_parameter_is_set_once() {
    let twice = dance()
        .authorize_parameter("prompt", "login")
        .authorize_parameter("prompt", "consent");
    fails(twice, r#"authorize_parameter sets "prompt" twice"#);
    let in_the_endpoint = dance_at("https://id.test/authorize?prompt=login");
    fails(
        in_the_endpoint.authorize_parameter("prompt", "consent"),
        r#"authorize_parameter sets "prompt", which is in the authorization endpoint already"#,
    );
}

/// A request that was copied from a provider's documentation would have two of each.
#[test]
fn h08_an_endpoint_brings_no_parameter_of_the_dance() {
    let copied = "https://id.test/authorize?p=b2c_1_signin&response_type=code&client_id=id";
    fails(
        dance_at(copied),
        r#"the authorization endpoint has "response_type" in its query, which is reserved for the dance"#,
    );
    build(dance_at(
        "https://id.test/authorize?p=b2c_1_signin&prompt=login",
    ))
    .unwrap();
}
