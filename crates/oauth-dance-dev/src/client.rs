//! The provider as an HTTP client: requests go straight to it, without a socket.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use oauth_dance::{ClientError, ClientErrorKind, HttpClient, Limits};

use crate::faults::delivery::Delivery;
use crate::provider::DevProvider;

/// An [`HttpClient`] whose whole internet is one [`DevProvider`]; made by [`DevProvider::client`].
#[derive(Debug, Clone)]
pub struct DevProviderClient {
    provider: DevProvider,
}

impl DevProvider {
    /// Returns an HTTP client that brings its requests to this provider without a socket. It reaches no
    /// other host.
    #[must_use]
    pub fn client(&self) -> DevProviderClient {
        DevProviderClient {
            provider: self.clone(),
        }
    }
}

#[async_trait]
impl HttpClient for DevProviderClient {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let uri = request.uri();
        let origin = match (uri.scheme_str(), uri.authority()) {
            (Some(scheme), Some(authority)) => format!("{scheme}://{authority}"),
            _ => String::new(),
        };
        if !self.provider.inner.is_at(&origin) {
            let issuer = self.provider.issuer();
            return Err(ClientError::with_source(
                ClientErrorKind::Connect,
                format!("the in-process client reaches {issuer} only, and not {origin:?}"),
            ));
        }
        // Nothing is waited for: what would take for ever is over at once.
        let response = match self.provider.deliver(request) {
            Delivery::Whole(answer) => answer,
            Delivery::Endless(_) => return Err(ClientError::new(ClientErrorKind::TooLarge)),
            Delivery::Slow(..) | Delivery::Never => {
                return Err(ClientError::new(ClientErrorKind::Timeout));
            }
            Delivery::HangUp => return Err(ClientError::new(ClientErrorKind::Closed)),
            Delivery::Raw(bytes) => {
                return Err(ClientError::new(if bytes.is_empty() {
                    ClientErrorKind::Closed
                } else {
                    ClientErrorKind::Transport
                }));
            }
        };
        if response.body().len() > limits.max_body_bytes {
            return Err(ClientError::new(ClientErrorKind::TooLarge));
        }
        Ok(response)
    }
}
