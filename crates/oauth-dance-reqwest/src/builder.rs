//! What can be configured of the client, and the policies that cannot.

use std::fmt;
use std::time::Duration;

use reqwest::redirect;

use crate::client::ReqwestClient;
use crate::error::BuildError;

/// How long an unused connection is kept. The requests of one login follow each other within it, and it
/// is shorter than the patience of the servers we know (5 seconds and up). That matters because a code
/// is never sent twice: a login that picks up a dead connection is lost.
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

impl ReqwestClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            user_agent: USER_AGENT.to_owned(),
            #[cfg(feature = "rustls")]
            root_certificates: Vec::new(),
            configure: Vec::new(),
        }
    }

    /// Names the application to providers, in place of `oauth-dance/…`. Some ask for a contact in it.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Trusts the certificates in this PEM text, besides those of the operating system: for a provider
    /// inside a company, whose authority nobody else knows. Needs the feature `rustls`.
    #[cfg(feature = "rustls")]
    pub fn root_certificates_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Hands the underlying builder of reqwest to `configure`, for whatever this one does not offer: a
    /// proxy, a resolver, a local address, a shorter timeout.
    ///
    /// It is called for each of the two clients that are built: one that minds proxies, and one for this
    /// machine's own addresses that does not.
    ///
    /// Redirects, retries, cookies, the protocol version, the content codings, the checking of
    /// certificates and the dumping of connections to the log are settled afterwards, so nothing said
    /// about them here has an effect.
    /// With the feature `rustls`, TLS is configured already, and reqwest ignores its own options about
    /// it: hand over another backend (`tls_backend_preconfigured`, `tls_backend_native`) to replace it.
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
    /// [`BuildError`] when a root certificate cannot be read, when the operating system offers none at
    /// all, or when reqwest refuses what it was configured with.
    pub fn build(self) -> Result<ReqwestClient, BuildError> {
        Ok(ReqwestClient::from_policed(
            self.client(|builder| builder)?,
            self.client(reqwest::ClientBuilder::no_proxy)?,
        ))
    }

    /// A client as configured, then with `last`, then with the policies.
    fn client(
        &self,
        last: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<reqwest::Client, BuildError> {
        let builder = reqwest::Client::builder()
            .user_agent(&self.user_agent)
            .pool_idle_timeout(IDLE_CONNECTION);
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

/// The policies of the contract, over whatever was configured before.
///
/// All are spelled out, defaults too: another crate in the same build can switch features of reqwest on,
/// and must not change what this client does.
fn enforce_policies(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    let builder = builder
        .tls_danger_accept_invalid_certs(false)
        .tls_danger_accept_invalid_hostnames(false);
    builder
        // A token endpoint that redirects would have the code and the secret sent elsewhere.
        .redirect(redirect::Policy::none())
        .referer(false)
        // By default reqwest repeats a request that HTTP/2 says was not processed. A code works once,
        // and whether it was used is not for the transport to judge.
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
