//! One HTTP/1.1 exchange over one connection: a request out, a capped response back.

use std::error::Error as StdError;
use std::io::ErrorKind;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_util::rt::TokioIo;
use oauth_dance::ClientErrorKind;
use tokio::net::TcpStream;

/// Why an exchange brought no whole response.
#[derive(Debug)]
pub(crate) enum ExchangeError {
    /// The connection broke off, or did not speak HTTP.
    Broken {
        kind: ClientErrorKind,
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The body is longer than the cap.
    TooLarge,
}

impl ExchangeError {
    /// Tells a connection that ended too early, which is `early`, from one that did not speak HTTP.
    fn broken(source: Box<dyn StdError + Send + Sync>, early: ClientErrorKind) -> Self {
        let mut next: Option<&(dyn StdError + 'static)> = Some(&*source);
        let mut kind = ClientErrorKind::Transport;
        while let Some(error) = next {
            let incomplete = error.downcast_ref().is_some_and(|error: &hyper::Error| {
                error.is_incomplete_message() || error.is_closed() || error.is_canceled()
            });
            let cut = error.downcast_ref().is_some_and(|error: &std::io::Error| {
                matches!(
                    error.kind(),
                    ErrorKind::UnexpectedEof
                        | ErrorKind::ConnectionReset
                        | ErrorKind::ConnectionAborted
                        | ErrorKind::BrokenPipe
                )
            });
            if incomplete || cut {
                kind = early;
            }
            next = error.source();
        }
        Self::Broken { kind, source }
    }
}

/// Sends `request`, whose URI is in origin form, and reads at most `cap` bytes of body.
pub(crate) async fn exchange(
    stream: TcpStream,
    request: Request<Bytes>,
    cap: usize,
) -> Result<Response<Bytes>, ExchangeError> {
    let broken = |error: hyper::Error| ExchangeError::broken(error.into(), ClientErrorKind::Closed);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake::<_, Full<Bytes>>(TokioIo::new(stream))
            .await
            .map_err(broken)?;
    let exchange = async {
        let response = sender
            .send_request(request.map(Full::new))
            .await
            .map_err(broken)?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, cap).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                ExchangeError::TooLarge
            } else {
                ExchangeError::broken(error, ClientErrorKind::Truncated)
            }
        })?;
        Ok(Response::from_parts(head, body.to_bytes()))
    };
    // The connection lives exactly as long as the exchange.
    let mut exchange = std::pin::pin!(exchange);
    tokio::select! {
        biased;
        answer = &mut exchange => answer,
        _ = connection => exchange.await,
    }
}
