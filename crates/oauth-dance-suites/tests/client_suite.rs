//! The client suite passes the client of the testkit, and fails clients that are wrong.

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{HeaderValue, LOCATION, USER_AGENT};
use http::{Request, Response};
use oauth_dance::{ClientError, ClientErrorKind, HttpClient, Limits};
use oauth_dance_suites::client_suite;
use oauth_dance_testkit::SocketClient;

client_suite!(sockets, SocketClient::new);

/// What a careless client gets wrong.
#[derive(Clone, Copy, PartialEq)]
enum Mistake {
    FollowsRedirects,
    RetriesErrors,
    RetriesBrokenRequests,
    IgnoresTheCap,
    IgnoresTheDeadline,
    PrintsTheUrl,
    TakesAnErrorForAFailure,
    DropsHeaders,
    NamesNobody,
    TakesEveryCauseForOne,
}

struct Careless(Mistake);

#[async_trait]
impl HttpClient for Careless {
    async fn send(
        &self,
        mut request: Request<Bytes>,
        mut limits: Limits,
    ) -> Result<Response<Bytes>, ClientError> {
        let client = SocketClient::new();
        match self.0 {
            Mistake::IgnoresTheCap => limits.max_body_bytes = 64 * 1024 * 1024,
            Mistake::IgnoresTheDeadline => limits.deadline = Limits::DEFAULT.deadline,
            Mistake::DropsHeaders => request.headers_mut().clear(),
            Mistake::NamesNobody => {
                let nobody = HeaderValue::from_static("");
                request.headers_mut().insert(USER_AGENT, nobody);
            }
            _ => {}
        }
        let answer = client.send(request.clone(), limits).await;
        match (self.0, answer) {
            (Mistake::FollowsRedirects, Ok(response)) => match response.headers().get(LOCATION) {
                Some(location) => {
                    let target = location.to_str().unwrap_or_default().parse();
                    *request.uri_mut() = target.unwrap_or_default();
                    client.send(request, limits).await
                }
                None => Ok(response),
            },
            (Mistake::RetriesErrors, Ok(response)) if response.status().is_server_error() => {
                client.send(request, limits).await
            }
            (Mistake::TakesAnErrorForAFailure, Ok(response)) if !response.status().is_success() => {
                Err(ClientError::new(ClientErrorKind::Transport))
            }
            (Mistake::TakesEveryCauseForOne, Err(_)) => {
                Err(ClientError::new(ClientErrorKind::Transport))
            }
            (Mistake::RetriesBrokenRequests, Err(_)) => client.send(request, limits).await,
            (Mistake::PrintsTheUrl, Err(error)) => Err(ClientError::with_source(
                error.kind(),
                request.uri().to_string(),
            )),
            (_, answer) => answer,
        }
    }
}

macro_rules! caught {
    ($($by:ident: $mistake:ident;)*) => {$(
        #[tokio::test]
        #[should_panic]
        async fn $by() {
            client_suite::$by(Careless(Mistake::$mistake)).await;
        }
    )*};
}

mod caught {
    use super::*;

    caught! {
        redirects_are_returned_and_not_followed: FollowsRedirects;
        error_statuses_are_returned_and_not_retried: RetriesErrors;
        d25_a_request_is_sent_once_even_if_the_connection_is_reset: RetriesBrokenRequests;
        the_cap_is_exact: IgnoresTheCap;
        k03_errors_show_nothing_of_the_request_or_the_response: PrintsTheUrl;
        a_response_that_never_comes_or_never_ends_is_a_timeout: IgnoresTheDeadline;
        method_path_headers_and_body_arrive_as_given: DropsHeaders;
        a_request_says_who_sends_it: NamesNobody;
        d30_broken_http_has_a_word_for_each_cause: TakesEveryCauseForOne;
        a_refused_connection_is_a_refused_one: TakesEveryCauseForOne;
    }

    #[tokio::test]
    #[should_panic(expected = "an answer")]
    async fn an_error_status_is_not_a_failure() {
        let client = Careless(Mistake::TakesAnErrorForAFailure);
        client_suite::error_statuses_are_returned_and_not_retried(client).await;
    }
}
