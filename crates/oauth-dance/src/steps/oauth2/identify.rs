//! Fourth step: the identity of the user, requested from the userinfo endpoint.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request, Response, StatusCode, Uri};

use crate::steps::oauth2::{body, normalise};
use crate::steps::registration::Registration;
use crate::values::identity::Identity;
use crate::values::login_error::LoginError;
use crate::values::secret::AccessToken;

/// Builds the request for the userinfo of a token's subject.
pub(crate) fn userinfo_request(endpoint: &Uri, access_token: &AccessToken) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = endpoint.clone();
    let headers = request.headers_mut();
    headers.insert(AUTHORIZATION, access_token.bearer());
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    request
}

/// Reads a userinfo answer.
pub(crate) fn read_userinfo(
    registration: &Registration,
    response: &Response<Bytes>,
) -> Result<Identity, LoginError> {
    if response.status() != StatusCode::OK {
        return Err(LoginError::ProviderAnswer("status of the userinfo answer"));
    }
    let provider = &registration.provider;
    let is_json = body::content_type(response).ends_with("json");
    if !is_json && !provider.quirks.any_content_type {
        return Err(LoginError::ProviderAnswer(
            "content type of the userinfo answer",
        ));
    }
    let claims = body::json_object(response.body())?;
    let mut identity = Identity::find(registration.authority.clone(), claims, &provider.user_id)
        .ok_or(LoginError::ProviderAnswer("user identifier"))?;
    normalise::identity(&mut identity, &provider.quirks);
    Ok(identity)
}
