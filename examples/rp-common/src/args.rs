//! The command line: every argument by its name, as it was given. What the values mean is checked
//! where they are used.

use std::net::SocketAddr;

use lexopt::{Arg, Parser, ValueExt};
use oauth_dance::ClientAuth;

use crate::stop::Stop;
use crate::store::Store;

const USAGE: &str = include_str!("usage.txt");
const DEFAULT_LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 3000);
const DEFAULT_NAME: &str = "op";

/// The arguments of a relying party.
#[derive(Debug)]
pub struct Args {
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: Option<String>,
    pub(crate) name: String,
    pub(crate) authorize_url: String,
    pub(crate) token_url: String,
    pub(crate) userinfo_url: Option<String>,
    pub(crate) user_id: String,
    pub(crate) revoke_url: Option<String>,
    pub(crate) api_base: Option<String>,
    pub(crate) client_auth: ClientAuth,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) store: Store,
}

impl Args {
    /// Reads the arguments of this process.
    ///
    /// # Errors
    ///
    /// [`Stop::Help`] if that is what was asked for, [`Stop::Misconfigured`] by the name of the
    /// argument that is unknown, missing, repeated or not supported.
    pub fn from_command_line() -> Result<Self, Stop> {
        Given::read(Parser::from_env())?.complete()
    }
}

/// What was given, before anything is missed.
#[derive(Default)]
struct Given {
    listen: Option<String>,
    public_url: Option<String>,
    name: Option<String>,
    issuer: Option<String>,
    request_token_url: Option<String>,
    access_token_url: Option<String>,
    authorize_url: Option<String>,
    token_url: Option<String>,
    userinfo_url: Option<String>,
    user_id: Option<String>,
    revoke_url: Option<String>,
    api_base: Option<String>,
    client_auth: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
    store: Option<String>,
}

impl Given {
    fn read(mut parser: Parser) -> Result<Self, Stop> {
        let mut given = Self::default();
        while let Some(arg) = parser.next().map_err(|error| unusable(&error))? {
            let Arg::Long(name) = arg else {
                return Err(unusable(&arg.unexpected()));
            };
            let name = name.to_owned();
            let slot = match name.as_str() {
                "help" => return Err(Stop::Help(USAGE)),
                // Loopback needs no switch any more. The argument is taken, and changes nothing.
                "insecure-http" => continue,
                "listen" => &mut given.listen,
                "public-url" => &mut given.public_url,
                "name" => &mut given.name,
                "issuer" => &mut given.issuer,
                "request-token-url" => &mut given.request_token_url,
                "access-token-url" => &mut given.access_token_url,
                "authorize-url" => &mut given.authorize_url,
                "token-url" => &mut given.token_url,
                "userinfo-url" => &mut given.userinfo_url,
                "user-id" => &mut given.user_id,
                "revoke-url" => &mut given.revoke_url,
                "api-base" => &mut given.api_base,
                "token-auth" => &mut given.client_auth,
                "client-id" => &mut given.client_id,
                "client-secret" => &mut given.client_secret,
                "scope" => &mut given.scope,
                "store" => &mut given.store,
                _ => return Err(Stop::argument(&format!("--{name}"), "no such argument")),
            };
            let value = parser.value().and_then(ValueExt::string);
            let value = value.map_err(|error| unusable(&error))?;
            if slot.replace(value).is_some() {
                return Err(Stop::argument(&format!("--{name}"), "is given twice"));
            }
        }
        Ok(given)
    }

    fn complete(self) -> Result<Args, Stop> {
        if self.issuer.is_some() {
            return Err(Stop::not_yet("--issuer", "OpenID Connect discovery"));
        }
        for (argument, value) in [
            ("--request-token-url", &self.request_token_url),
            ("--access-token-url", &self.access_token_url),
        ] {
            if value.is_some() {
                return Err(Stop::not_yet(argument, "OAuth 1.0a"));
            }
        }
        let client_auth = match self.client_auth.as_deref() {
            None | Some("basic") => ClientAuth::Basic,
            Some("post") => ClientAuth::Post,
            Some("none") => ClientAuth::None,
            Some(_) => return Err(Stop::argument("--token-auth", "is basic, post or none")),
        };
        let client_secret = match client_auth {
            ClientAuth::None if self.client_secret.is_some() => {
                let problem = "a client with --token-auth none has no secret";
                return Err(Stop::argument("--client-secret", problem));
            }
            ClientAuth::None => None,
            _ => Some(required("--client-secret", self.client_secret)?),
        };
        Ok(Args {
            listen: match self.listen {
                None => DEFAULT_LISTEN,
                Some(text) => text.parse().map_err(|_| {
                    Stop::argument(
                        "--listen",
                        "is an address and a port such as 127.0.0.1:3000",
                    )
                })?,
            },
            public_url: self.public_url,
            name: self.name.unwrap_or_else(|| DEFAULT_NAME.to_owned()),
            authorize_url: required("--authorize-url", self.authorize_url)?,
            token_url: required("--token-url", self.token_url)?,
            userinfo_url: self.userinfo_url,
            user_id: self.user_id.unwrap_or_else(|| "sub".to_owned()),
            revoke_url: self.revoke_url,
            api_base: self.api_base,
            client_auth,
            client_id: required("--client-id", self.client_id)?,
            client_secret,
            scopes: self
                .scope
                .iter()
                .flat_map(|scopes| scopes.split_whitespace())
                .map(str::to_owned)
                .collect(),
            store: Store::parse(self.store.as_deref())?,
        })
    }
}

fn required(argument: &'static str, value: Option<String>) -> Result<String, Stop> {
    value.ok_or_else(|| Stop::argument(argument, "is missing"))
}

fn unusable(error: &lexopt::Error) -> Stop {
    Stop::Misconfigured(error.to_string())
}
