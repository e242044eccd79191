//! Builds the client: what can be configured, and the policies that cannot.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect;

use crate::client::ReqwestClient;
use crate::error::BuildError;
use crate::resolver::Resolver;

/// How long an unused connection is kept. The requests of one login follow each other within this time,
/// and servers close a connection later (after 5 seconds and more). A code is never sent twice: a login
/// that picks up a closed connection is lost.
const IDLE_CONNECTION: Duration = Duration::from_secs(4);

const USER_AGENT: &str = concat!("oauth-dance/", env!("CARGO_PKG_VERSION"));

/// Configures a [`ReqwestClient`].
///
/// ```
/// use oauth_dance_reqwest::ReqwestClient;
///
/// let client = ReqwestClient::builder()
///     .user_agent("shop.example (ops@shop.example)")
///     .configure(|reqwest| reqwest.no_proxy())
///     .build()?;
/// # Ok::<(), oauth_dance_reqwest::BuildError>(())
/// ```
#[must_use = "nothing happens before `build`"]
pub struct ReqwestClientBuilder {
    user_agent: String,
    #[cfg(feature = "rustls")]
    root_certificates: Vec<Vec<u8>>,
    configure: Vec<Configure>,
}

type Configure = Box<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send>;

impl ReqwestClient {
    /// Returns a client with the configuration that suits most applications.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if TLS cannot be set up, for example in a container without root certificates
    /// (Debian's package is `ca-certificates`).
    pub fn new() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// Returns a builder, to set the user agent, root certificates, a proxy and so on.
    pub fn builder() -> ReqwestClientBuilder {
        ReqwestClientBuilder {
            user_agent: USER_AGENT.to_owned(),
            #[cfg(feature = "rustls")]
            root_certificates: Vec::new(),
            configure: Vec::new(),
        }
    }
}

impl ReqwestClientBuilder {
    /// Sets the `user-agent` header, in place of `oauth-dance/…`. Some providers ask for a contact address
    /// in it.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Trusts the certificates in this PEM text, besides those of the operating system. A provider inside
    /// a company may have a certificate of the company's own authority. Needs the feature `rustls`.
    #[cfg(feature = "rustls")]
    pub fn root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Passes the builder of reqwest to `configure`, for options that this builder does not have: a proxy,
    /// a resolver, a local address, a shorter timeout.
    ///
    /// The function is called for each of the two clients that are built: one for providers elsewhere,
    /// and one for this machine, which uses no proxy and resolves `localhost` names to loopback, also if
    /// another resolver is configured.
    ///
    /// Never pass a name of this machine to reqwest's `resolve`: its address comes before every resolver, and
    /// requests in plain http would leave this machine.
    ///
    /// These options are set afterwards and cannot be changed here: redirects, retries, cookies, the
    /// protocol version, the content codings, the verification of certificates, and the logging of
    /// connections.
    /// With the feature `rustls`, TLS is configured before, and reqwest ignores its own options about TLS.
    /// Another backend (`tls_backend_preconfigured`, `tls_backend_native`) replaces it.
    pub fn configure(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + 'static,
    ) -> Self {
        self.configure.push(Box::new(configure));
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a root certificate cannot be read, if the operating system has no root
    /// certificates, or if reqwest refuses its configuration.
    pub fn build(self) -> Result<ReqwestClient, BuildError> {
        let this_machine =
            |builder: reqwest::ClientBuilder| builder.no_proxy().dns_resolver(Arc::new(Resolver));
        Ok(ReqwestClient::from_policed(
            self.client(|builder| builder)?,
            self.client(this_machine)?,
        ))
    }

    /// Builds a client as configured, then with `last`, then with the policies.
    fn client(
        &self,
        last: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<reqwest::Client, BuildError> {
        let builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .pool_idle_timeout(IDLE_CONNECTION)
            .dns_resolver(Arc::new(Resolver));
        #[cfg(feature = "rustls")]
        let builder =
            builder.tls_backend_preconfigured(crate::tls::client_config(&self.root_certificates)?);
        let builder = self
            .configure
            .iter()
            .fold(builder, |builder, configure| configure(builder));
        enforce_policies(last(builder))
            .build()
            .map_err(BuildError::reqwest)
    }
}

/// Sets the policies of the contract, over any configuration.
///
/// Defaults are set, too: another crate in the same build can switch features of reqwest on, and must not
/// change what this client does.
fn enforce_policies(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    let builder = builder
        .tls_danger_accept_invalid_certs(false)
        .tls_danger_accept_invalid_hostnames(false);
    builder
        // A token endpoint that redirects would have the code and the secret sent elsewhere.
        .redirect(redirect::Policy::none())
        .referer(false)
        // By default reqwest repeats a request if HTTP/2 says that it was not processed. A code works
        // once, and the transport cannot know whether it was used.
        .retry(reqwest::retry::never())
        .cookie_store(false)
        .http1_only()
        .gzip(true)
        .no_brotli()
        .no_deflate()
        .no_zstd()
        // Would log every byte, secrets included.
        .connection_verbose(false)
}

impl fmt::Debug for ReqwestClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestClientBuilder")
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}
