//! The development identity provider: made-up people to sign in as, on this machine.

use std::io;
use std::net::SocketAddr;

use oauth_dance::{Credentials, Dance, DanceBuilder, Provider};
use oauth_dance_dev::{ClientRegistration, DevProvider, RunningProvider};

use crate::error::StartError;

/// The name of the dance with it, as in `/login/dev`.
pub(crate) const NAME: &str = "dev";

/// What the provider and the site have agreed on: elsewhere this is the provider's developer console,
/// and environment variables.
const CLIENT_ID: &str = "quickstart";
const CLIENT_SECRET: &str = "no secret, it never leaves this machine";

/// Starts the provider for the site at `site`.
pub(crate) async fn serve(
    site: SocketAddr,
    listen: Option<SocketAddr>,
) -> Result<RunningProvider, StartError> {
    let provider = DevProvider::builder()
        .client(
            ClientRegistration::new(CLIENT_ID, CLIENT_SECRET)
                .name("Quickstart")
                .redirect_uri(format!("http://{site}/login/{NAME}/authorized")),
        )
        .demo_people()
        .build();
    match listen {
        Some(address) => provider
            .serve(address)
            .await
            .map_err(|error| StartError::listen(address, "--provider-listen", error)),
        None => serve_beside(&provider, site).await,
    }
}

/// Takes one of the ports behind the site's, so that it is the same at the next start; any port if
/// they are taken.
async fn serve_beside(
    provider: &DevProvider,
    site: SocketAddr,
) -> Result<RunningProvider, StartError> {
    let near = (1..=10).filter_map(|distance| site.port().checked_add(distance));
    for port in near.chain([0]) {
        match provider.serve((site.ip(), port)).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port != 0 => {}
            result => {
                let address = SocketAddr::new(site.ip(), port);
                return result
                    .map_err(|error| StartError::listen(address, "--provider-listen", error));
            }
        }
    }
    unreachable!("port 0 is the last one and ends the loop")
}

/// The dance with it. A provider that is not in the catalog is described like this.
pub(crate) fn dance(issuer: &str) -> DanceBuilder {
    let provider = Provider::oauth2(
        NAME,
        format!("{issuer}/authorize"),
        format!("{issuer}/token"),
    )
    .display_name("Dev Provider")
    .userinfo(format!("{issuer}/userinfo"), "sub")
    .revoke(format!("{issuer}/revoke"))
    .api_base(format!("{issuer}/api/"))
    .scopes(["profile", "email", "notes"]);
    Dance::builder(provider).credentials(Credentials::new(CLIENT_ID, CLIENT_SECRET))
}
