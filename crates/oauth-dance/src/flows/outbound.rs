//! The one way out to a provider: every request of a flow, and of the API, takes it.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use crate::contract::client::{ClientError, HttpClient, Limits};
use crate::values::no_answer::ClientErrorKind;

/// The HTTP client, with the limits of its requests.
pub(crate) struct Outbound {
    pub(crate) client: Arc<dyn HttpClient>,
    pub(crate) limits: Limits,
}

impl Outbound {
    /// Sends a request to a provider. The client has to keep the limits. They are kept once more here, so
    /// that a client that forgets them fails closed.
    pub(crate) async fn call(
        &self,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, ClientError> {
        // Of the client itself, not of the `Arc` around it, which would box the future once more.
        let answer = self.client.as_ref().send(request, self.limits);
        let response = tokio::time::timeout(self.limits.deadline, answer)
            .await
            .map_err(|_| ClientError::new(ClientErrorKind::Timeout))??;
        if response.body().len() > self.limits.max_body_bytes {
            return Err(ClientError::new(ClientErrorKind::TooLarge));
        }
        Ok(response)
    }
}
