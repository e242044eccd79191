//! A scripted server on loopback, below HTTP: it answers each connection with given bytes.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request};
use oauth_dance_reqwest::ReqwestClient;
use oauth_dance_reqwest::reqwest::ClientBuilder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the server does on a connection, after the request was read.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Sends the bytes and closes.
    Bytes(Vec<u8>),
    /// Sends the head, then the chunk again and again until the client hangs up.
    Endless { head: Vec<u8>, chunk: Vec<u8> },
    /// Sends the bytes, then nothing, until the client hangs up.
    Stall(Vec<u8>),
    /// Resets the connection.
    Reset,
}

impl Answer {
    /// A whole response with a length.
    pub(crate) fn response(status: &str, headers: &str, body: &[u8]) -> Self {
        let length = body.len();
        let mut bytes =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n").into_bytes();
        bytes.extend_from_slice(body);
        Self::Bytes(bytes)
    }
}

/// The server; stops when dropped.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on a free port of 127.0.0.1, as [`Server::start_at`] does.
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), answers).await
    }

    /// Answers the first connection with the first answer and so on; the last answers all others.
    pub(crate) async fn start_at(
        address: SocketAddr,
        answers: impl IntoIterator<Item = Answer>,
    ) -> Self {
        let answers: Vec<Answer> = answers.into_iter().collect();
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            for number in 0.. {
                let (mut stream, _) = listener.accept().await.unwrap();
                let Some(request) = read_request(&mut stream).await else {
                    continue;
                };
                log.lock().unwrap().push(request);
                let answer = answers.get(number).or(answers.last()).unwrap();
                play(stream, answer).await;
            }
        });
        Self {
            address,
            requests,
            task,
        }
    }

    /// Where the server listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far, each as its text.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A client that minds no proxy of the machine the test runs on.
pub(crate) fn client() -> ReqwestClient {
    ReqwestClient::builder()
        .configure(ClientBuilder::no_proxy)
        .build()
        .unwrap()
}

/// A POST as the dance sends it to a token endpoint, with a secret in every part.
pub(crate) fn post(url: &str) -> Request<Bytes> {
    Request::builder()
        .method(Method::POST)
        .uri(url)
        .header("authorization", "Basic canary-header")
        .body(Bytes::from_static(b"code=canary-body"))
        .unwrap()
}

/// A GET without anything.
pub(crate) fn get(url: &str) -> Request<Bytes> {
    Request::builder().uri(url).body(Bytes::new()).unwrap()
}

/// The head and as much body as it announces; `None` if the client went away before.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .filter_map(|line| line.split_once(": "))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, length)| length.parse().unwrap());
            if body.len() >= length {
                return Some(text.into_owned());
            }
        }
    }
}

/// Every error in here is the client hanging up.
async fn play(mut stream: TcpStream, answer: &Answer) {
    match answer {
        Answer::Bytes(bytes) => {
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
        Answer::Endless { head, chunk } => {
            let _ = stream.write_all(head).await;
            while stream.write_all(chunk).await.is_ok() {
                tokio::task::yield_now().await;
            }
        }
        Answer::Stall(bytes) => {
            let _ = stream.write_all(bytes).await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        Answer::Reset => {
            let _ = stream.set_zero_linger();
        }
    }
}
