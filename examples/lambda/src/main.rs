//! The function as Lambda runs it: settings come from the environment.

use std::env;

use lambda_http::Error;
use oauth_dance::{Dances, Key, providers};
use oauth_dance_reqwest::ReqwestClient;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // https://abc123.execute-api.eu-west-1.amazonaws.com, or a domain of your own.
    let origin = env::var("APP_ORIGIN").map_err(|_| "APP_ORIGIN is not set")?;
    // What browsers see before each path, such as `/prod`. The README says when there is a prefix.
    let prefix = env::var("APP_PREFIX").unwrap_or_default();
    // Sealed cookies keep everything, so that any instance of the function takes any request.
    let dances = Dances::builder(origin, Key::from_env("OAUTH_DANCE_KEY")?)
        .public_prefix(prefix)
        .client(ReqwestClient::new()?)
        .with(providers::github().redirect_to("/welcome"))
        .build()?;
    lambda_http::run(lambda::app(&dances)).await
}
