//! The provider as an HTTP client: requests go straight to it, without a socket.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use oauth_dance::{ClientError, ClientErrorKind, HttpClient, Limits};

use crate::faults::delivery::Delivery;
use crate::provider::DevProvider;

/// An [`HttpClient`] whose whole internet is one [`DevProvider`], or [several](Self::and); made by
/// [`DevProvider::client`].
#[derive(Debug, Clone)]
pub struct DevProviderClient {
    /// One at least.
    providers: Vec<DevProvider>,
}

impl DevProvider {
    /// Returns an HTTP client that brings its requests to this provider without a socket. It reaches no
    /// other host.
    #[must_use]
    pub fn client(&self) -> DevProviderClient {
        DevProviderClient {
            providers: vec![self.clone()],
        }
    }
}

impl DevProviderClient {
    /// Reaches the providers of `other` too, for an application with several dances. If two of them are at one
    /// origin, the first answers.
    ///
    /// ```
    /// use oauth_dance::{Dances, Key, Provider, providers};
    /// use oauth_dance_dev::DevProvider;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let github = DevProvider::standing_in_for(providers::github());
    /// let acme = Provider::oauth2("acme", "https://id.acme.test/authorize", "https://id.acme.test/token");
    /// let acme = DevProvider::standing_in_for(acme);
    /// let dances = Dances::builder("https://app.test", Key::generate()?)
    ///     .client(github.client().and(acme.client()))
    ///     .with(github.dance())
    ///     .with(acme.dance())
    ///     .build()?;
    /// # let _ = dances;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.providers.extend(other.providers);
        self
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
        let mut providers = self.providers.iter();
        let Some(provider) = providers.find(|it| it.is_at(&origin)) else {
            let issuers: Vec<String> = self.providers.iter().map(DevProvider::issuer).collect();
            let issuers = issuers.join(" and ");
            return Err(ClientError::with_source(
                ClientErrorKind::Connect,
                format!("the in-process client reaches {issuers} only, and not {origin:?}"),
            ));
        };
        // Nothing is waited for: what would take for ever is over at once.
        let response = match provider.deliver(request) {
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
