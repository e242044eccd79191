//! From arguments to dances, and from what the library says of a setting back to the argument.

use std::net::SocketAddr;

use oauth_dance::{
    ConfigError, Credentials, Dance, DanceBuilder, Dances, DancesBuilder, Key, Provider,
};
use oauth_dance_reqwest::ReqwestClient;

use crate::args::Args;
use crate::stop::Stop;

const KEY_VARIABLE: &str = "OAUTH_DANCE_KEY";

/// The dances of the arguments, for a site that is reached at `address` unless they say otherwise.
pub(crate) async fn dances(args: Args, address: SocketAddr) -> Result<Dances, Stop> {
    needs_no_tls_or_has_it(&args)?;
    let key = match std::env::var_os(KEY_VARIABLE) {
        Some(_) => Key::from_env(KEY_VARIABLE),
        None => Key::generate(),
    };
    let key = key.map_err(|error| Stop::argument(KEY_VARIABLE, error))?;
    let client = ReqwestClient::new()
        .map_err(|error| Stop::Failed(format!("cannot make an HTTP client: {error}")))?;

    let origin = match &args.public_url {
        Some(url) => url.clone(),
        None => format!("http://{address}"),
    };
    let dances = Dances::builder(origin, key)
        .client(client)
        .with(dance(&args));
    let dances: DancesBuilder = args.store.open(dances).await?;
    dances.build().map_err(|error| misconfigured(&error))
}

fn dance(args: &Args) -> DanceBuilder {
    // No quirks: the provider is taken at the word of RFC 6749.
    let mut provider = Provider::oauth2(&args.name, &args.authorize_url, &args.token_url)
        .client_auth(args.client_auth);
    if let Some(url) = &args.userinfo_url {
        provider = provider.userinfo(url, &args.user_id);
    }
    if let Some(url) = &args.revoke_url {
        provider = provider.revoke(url);
    }
    if let Some(url) = &args.api_base {
        provider = provider.api_base(url);
    }
    let credentials = match &args.client_secret {
        Some(secret) => Credentials::new(&args.client_id, secret),
        None => Credentials::public(&args.client_id),
    };
    Dance::builder(provider)
        .credentials(credentials)
        .scopes(args.scopes.iter().map(String::as_str))
}

/// Says so now, and not when the first person signs in.
fn needs_no_tls_or_has_it(args: &Args) -> Result<(), Stop> {
    let called = [
        ("--token-url", Some(&args.token_url)),
        ("--userinfo-url", args.userinfo_url.as_ref()),
        ("--revoke-url", args.revoke_url.as_ref()),
        ("--api-base", args.api_base.as_ref()),
    ];
    let https = |url: &String| url.starts_with("https:");
    match called.iter().find(|(_, url)| url.is_some_and(https)) {
        Some((argument, _)) if !ReqwestClient::HAS_TLS => {
            let problem = "https needs a program that was built with `--features rustls`";
            Err(Stop::argument(argument, problem))
        }
        _ => Ok(()),
    }
}

/// The library speaks of its settings and calls; a person at a command line knows arguments.
fn misconfigured(error: &ConfigError) -> Stop {
    let (setting, problem) = match error {
        ConfigError::Invalid {
            setting, problem, ..
        }
        | ConfigError::Site { setting, problem } => (*setting, problem.as_str()),
        other => return Stop::Misconfigured(other.to_string()),
    };
    let argument = match setting {
        "the origin" => "--public-url",
        "the name" => "--name",
        "the client id" => "--client-id",
        "the client secret" => "--client-secret",
        "the authorization endpoint" => "--authorize-url",
        "the token endpoint" => "--token-url",
        "the userinfo endpoint" => "--userinfo-url",
        "the revocation endpoint" => "--revoke-url",
        "the API base" => "--api-base",
        _ => return Stop::Misconfigured(error.to_string()),
    };
    Stop::argument(argument, problem)
}
