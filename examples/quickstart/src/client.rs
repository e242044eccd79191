//! The HTTP client: straight to the provider on this machine, and to everywhere else as the
//! environment says.

use std::net::IpAddr;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};
use oauth_dance::{ClientError, HttpClient, Limits};
use oauth_dance_reqwest::reqwest::ClientBuilder;
use oauth_dance_reqwest::{BuildError, ReqwestClient};

/// Two clients in one. With `HTTP_PROXY` set a single one would look for the development provider at
/// the proxy, which has another `127.0.0.1`. An application without such a provider needs
/// `ReqwestClient::new()` and nothing of this.
pub(crate) struct Client {
    here: ReqwestClient,
    elsewhere: ReqwestClient,
}

impl Client {
    pub(crate) fn new() -> Result<Self, BuildError> {
        Ok(Self {
            here: ReqwestClient::builder()
                .configure(ClientBuilder::no_proxy)
                .build()?,
            elsewhere: ReqwestClient::new()?,
        })
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let client = if is_this_machine(request.uri()) {
            &self.here
        } else {
            &self.elsewhere
        };
        client.send(request, limits).await
    }
}

fn is_this_machine(uri: &Uri) -> bool {
    uri.host()
        .map(|host| host.trim_start_matches('[').trim_end_matches(']'))
        .and_then(|host| host.parse().ok())
        .is_some_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_told_from_others() {
        for (uri, here) in [
            ("http://127.0.0.1:3001/token", true),
            ("http://[::1]:3001/token", true),
            ("https://127.0.0.1.example/token", false),
            ("https://github.com/login/oauth/access_token", false),
        ] {
            assert_eq!(is_this_machine(&uri.parse().unwrap()), here, "{uri}");
        }
    }
}
