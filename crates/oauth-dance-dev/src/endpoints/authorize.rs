//! The authorization request: is it one we may answer, and where may the answer go (RFC 6749 §4.1.1).

use crate::params::{Params, Repeated};
use crate::provider::Inner;
use crate::registration::ClientRegistration;
use crate::request::{AuthorizationRequest, WayBack};

/// Why an authorization request is refused.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It is not certain who asks: tell the person, do not redirect (RFC 6749 §4.1.2.1).
    OnAPage(String),
    /// Tell the application at its redirect URI.
    AtTheClient {
        back: WayBack,
        error: &'static str,
        description: String,
    },
}

impl From<Repeated> for Refused {
    fn from(Repeated(name): Repeated) -> Self {
        Self::OnAPage(format!("The request has more than one {name}."))
    }
}

/// Checks an authorization request.
pub(crate) fn check(
    provider: &Inner,
    params: &Params,
    ignore_pkce: bool,
) -> Result<AuthorizationRequest, Refused> {
    let client = client(provider, params)?;
    let named = params.one("redirect_uri")?;
    let redirect_uri = redirect_uri(client, named)?;

    // From here on the application is known, and is told what is wrong.
    let back = WayBack {
        redirect_uri: redirect_uri.to_owned(),
        state: params.one("state").ok().flatten().map(str::to_owned),
        form_post: matches!(params.one("response_mode"), Ok(Some("form_post"))),
    };
    match check_content(provider, params, ignore_pkce) {
        Ok((scopes, challenge)) => Ok(AuthorizationRequest {
            client_id: client.id.clone(),
            client_name: client.display_name().to_owned(),
            back,
            redirect_uri_named: named.is_some(),
            scopes,
            challenge,
        }),
        Err((error, description)) => Err(Refused::AtTheClient {
            back,
            error,
            description,
        }),
    }
}

fn client<'a>(provider: &'a Inner, params: &Params) -> Result<&'a ClientRegistration, Refused> {
    let Some(id) = params.one("client_id")? else {
        return Err(Refused::OnAPage(
            "The request names no client_id.".to_owned(),
        ));
    };
    provider
        .client(id)
        .ok_or_else(|| Refused::OnAPage(format!("No application is registered as {id:?}.")))
}

/// Exact comparison only (RFC 9700 §2.1). A request may leave it out if just one is registered (RFC 6749
/// §3.1.2.3).
fn redirect_uri<'a>(
    client: &'a ClientRegistration,
    named: Option<&'a str>,
) -> Result<&'a str, Refused> {
    let registered = client.redirect_uris.as_slice();
    let found = match named {
        Some(named) if client.any_redirect_uri => Some(named),
        Some(named) => registered
            .iter()
            .map(String::as_str)
            .find(|known| *known == named),
        None if registered.len() == 1 => registered.first().map(String::as_str),
        None => None,
    };
    let uri = found.ok_or_else(|| {
        Refused::OnAPage(match named {
            Some(named) => format!(
                "The redirect_uri {named:?} is not registered for {}.",
                client.display_name()
            ),
            None => "The request names no redirect_uri.".to_owned(),
        })
    })?;
    // RFC 6749 §3.1.2: absolute, without a fragment.
    match url::Url::parse(uri) {
        Ok(parsed) if parsed.fragment().is_none() => Ok(uri),
        _ => Err(Refused::OnAPage(format!(
            "The redirect_uri {uri:?} is not an absolute URL without a fragment."
        ))),
    }
}

type Content = (Vec<String>, Option<String>);

fn check_content(
    provider: &Inner,
    params: &Params,
    ignore_pkce: bool,
) -> Result<Content, (&'static str, String)> {
    let one = |name| {
        params
            .one(name)
            .map_err(|Repeated(name)| ("invalid_request", format!("{name} is repeated")))
    };
    one("state")?;
    match one("response_type")? {
        Some("code") => {}
        Some(_) => {
            return Err((
                "unsupported_response_type",
                "only response_type=code is supported".to_owned(),
            ));
        }
        None => return Err(("invalid_request", "response_type is missing".to_owned())),
    }
    if !matches!(one("response_mode")?, None | Some("query" | "form_post")) {
        return Err((
            "invalid_request",
            "only the response modes query and form_post are supported".to_owned(),
        ));
    }
    let scopes = provider.scopes_of(one("scope")?);
    if let Some(unknown) = scopes.iter().find(|scope| !provider.knows_scope(scope)) {
        return Err((
            "invalid_scope",
            describable(&format!("unknown scope {unknown}")),
        ));
    }
    let (challenge, method) = (one("code_challenge")?, one("code_challenge_method")?);
    let challenge = if ignore_pkce {
        None
    } else {
        Some(check_challenge(challenge, method)?.to_owned())
    };
    Ok((scopes, challenge))
}

/// PKCE is required, and only by `S256` (RFC 7636 §4.4.1, RFC 9700 §2.1.1).
fn check_challenge<'a>(
    challenge: Option<&'a str>,
    method: Option<&str>,
) -> Result<&'a str, (&'static str, String)> {
    let invalid = |text: &str| Err(("invalid_request", text.to_owned()));
    let Some(challenge) = challenge else {
        return invalid("code_challenge is required");
    };
    if method != Some("S256") {
        return invalid("code_challenge_method must be S256");
    }
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if challenge.len() != 43 || !challenge.bytes().all(is_base64url) {
        return invalid("code_challenge is not a SHA-256 in base64url");
    }
    Ok(challenge)
}

/// The characters an `error_description` may have (RFC 6749 §4.1.2.1).
fn describable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\\' => '?',
            ' '..='~' => c,
            _ => '?',
        })
        .collect()
}
