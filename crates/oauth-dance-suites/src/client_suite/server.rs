//! A scripted server on loopback, below HTTP: it answers each connection with given bytes.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a [`ScriptedServer`] does on a connection, after the request was read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Answer {
    /// Sends the bytes and closes.
    Bytes(Vec<u8>),
    /// Sends the head, then the chunk again and again until the client hangs up.
    Endless {
        /// Is sent once.
        head: Vec<u8>,
        /// Is sent again and again.
        chunk: Vec<u8>,
    },
    /// Sends the bytes, then nothing, until the client hangs up.
    Stall(Vec<u8>),
    /// Resets the connection.
    Reset,
}

impl Answer {
    /// Returns a whole response with a length. `status` is a code and a reason, `headers` are whole lines.
    #[must_use]
    pub fn response(status: &str, headers: &str, body: &[u8]) -> Self {
        let length = body.len();
        let mut bytes =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n").into_bytes();
        bytes.extend_from_slice(body);
        Self::Bytes(bytes)
    }
}

/// A server of raw bytes on loopback, which stops when it is dropped.
pub struct ScriptedServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl ScriptedServer {
    /// Listens on a free port of `127.0.0.1`, as [`start_at`](Self::start_at) does.
    ///
    /// # Panics
    ///
    /// If no port is free, or there are no answers.
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), answers).await
    }

    /// Listens at `address`. The first connection gets the first answer and so on, and all further ones
    /// get the last.
    ///
    /// # Panics
    ///
    /// If the address cannot be listened at, or there are no answers.
    pub async fn start_at(address: SocketAddr, answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers: Vec<Answer> = answers.into_iter().collect();
        assert!(!answers.is_empty(), "a server without an answer");
        let listener = TcpListener::bind(address).await.expect("a free address");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            for number in 0.. {
                let Ok((mut stream, _)) = listener.accept().await else {
                    continue;
                };
                let Some(request) = read_request(&mut stream).await else {
                    continue;
                };
                log.lock().push(request);
                if let Some(answer) = answers.get(number).or(answers.last()) {
                    play(stream, answer).await;
                }
            }
        });
        Self {
            address,
            requests,
            task,
        }
    }

    /// Returns where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL of a path on this server.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns the requests so far, each as its text.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().clone()
    }
}

impl fmt::Debug for ScriptedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A POST as the dance sends it to a token endpoint, with a canary in every part.
pub(crate) fn post(url: &str) -> Request<Bytes> {
    Request::builder()
        .method(Method::POST)
        .uri(url)
        .header("authorization", "Basic canary-header")
        .body(Bytes::from_static(b"code=canary-body"))
        .expect("a request")
}

/// A GET without anything.
pub(crate) fn get(url: &str) -> Request<Bytes> {
    Request::builder()
        .uri(url)
        .body(Bytes::new())
        .expect("a request")
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
                .map_or(0, |(_, length)| length.parse().unwrap_or_default());
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
