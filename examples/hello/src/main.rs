//! Greets people by name. They sign in with GitHub, or on this machine if GitHub is not set up.
use axum::{Router, response::Html, routing::get};
use oauth_dance::{Dances, Identity, Key, providers};
use oauth_dance_axum::{Api, Error};
use oauth_dance_dev::{ClientRegistration, DevProvider};
use oauth_dance_reqwest::ReqwestClient;
use serde_json::json;

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".into());
    let listener = tokio::net::TcpListener::bind(&address).await;
    let listener = listener.map_err(|error| format!("{address}: {error}: name another address"))?;
    let origin = format!("http://{}", listener.local_addr()?);
    // Without a key of your own, people have to sign in again when this program restarts.
    let key = match std::env::var_os("OAUTH_DANCE_KEY") {
        Some(_) => Key::from_env("OAUTH_DANCE_KEY")?,
        None => Key::generate()?,
    };
    let callback = format!("{origin}/login/github/authorized");
    let local = DevProvider::builder() // a provider with made-up people
        .demo_people()
        .answer("/user/repos", json!([{ "name": "engine" }]))
        .client(ClientRegistration::new("hello", "secret").redirect_uri(callback))
        .build();
    let _running = local.serve("127.0.0.1:0").await?;
    let github = match std::env::var("GITHUB_OAUTH_CLIENT_ID") {
        Ok(_) => providers::github().credentials_from_env(),
        Err(_) => local.dance().name("github"),
    };

    let dances = Dances::builder(&origin, key)
        .client(ReqwestClient::new()?)
        .with(github.redirect_to("/welcome").on_error_redirect_to("/"))
        .build()?;
    let home = Html("<a href=/login/github?next=/welcome>Sign in</a>");
    let app = Router::new()
        .route("/", get(home))
        .route("/welcome", get(welcome));
    println!("Open {origin}");
    Ok(axum::serve(listener, oauth_dance_axum::mount(app, &dances)).await?)
}

async fn welcome(github: Api<providers::GitHub>) -> Result<String, Error> {
    let person = github.identity().await?;
    let name = person.as_ref().map_or("you", Identity::display_name);
    Ok(format!("Hello, {name}!"))
}
