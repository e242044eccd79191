//! Runs the development identity provider by itself, for an application that runs elsewhere.
//!
//! ```text
//! cargo run -p oauth-dance-dev --example dev_provider -- \
//!     127.0.0.1:9000 http://127.0.0.1:3000/login/dev/authorized
//! ```

use std::error::Error;

use oauth_dance_dev::{ClientRegistration, DevProvider};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or("127.0.0.1:9000".to_owned());
    let redirect_uri = arguments
        .next()
        .unwrap_or("http://127.0.0.1:3000/login/dev/authorized".to_owned());

    let provider = DevProvider::builder()
        .demo_people()
        .client(
            ClientRegistration::new("dev-client", "dev-secret")
                .name("Your application")
                .redirect_uri(redirect_uri),
        )
        .build();
    let server = provider.serve(address).await?;
    println!(
        "The development identity provider runs at {}",
        server.issuer()
    );
    println!("client_id=dev-client client_secret=dev-secret");
    std::future::pending().await
}
