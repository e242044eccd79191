//! Requests that no browser and no HTTP library would send, written byte by byte.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer as it came over the wire.
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    text: String,
    bytes: Vec<u8>,
}

impl RawAnswer {
    /// The values of a header.
    pub(crate) fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        head.split("\r\n").skip(1).filter_map(move |line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// What follows the head.
    pub(crate) fn body(&self) -> &str {
        let parts = self.text.split_once("\r\n\r\n");
        parts.map_or("", |(_, body)| body)
    }

    /// Whether these bytes are in head or body.
    pub(crate) fn has(&self, bytes: &[u8]) -> bool {
        self.bytes.windows(bytes.len()).any(|part| part == bytes)
    }

    /// Head and body.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// A connection, byte by byte.
pub(crate) struct Wire(TcpStream);

impl Wire {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    /// Sends these bytes. A server that has closed the connection does not hear them.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes).await;
    }

    /// Says that no more bytes come.
    pub(crate) async fn end(&mut self) {
        let _ = self.0.shutdown().await;
    }

    /// The status of the answer, or `None` if the server closes the connection without one.
    pub(crate) async fn status(&mut self) -> Option<u16> {
        let mut answer = Vec::new();
        let mut buffer = [0; 1024];
        let line = loop {
            let read = self.0.read(&mut buffer).await.unwrap_or(0);
            answer.extend_from_slice(&buffer[..read]);
            let end = answer.windows(2).position(|pair| pair == b"\r\n");
            match end {
                Some(end) => break &answer[..end],
                None if read == 0 => return None,
                None => {}
            }
        };
        let line = String::from_utf8_lossy(line);
        line.split(' ').nth(1)?.parse().ok()
    }
}

/// Sends a GET with exactly these header lines to `address`, and reads until the server closes.
pub(crate) async fn get(address: SocketAddr, target: &str, headers: &[String]) -> RawAnswer {
    send(address, "GET", target, headers).await
}

/// Sends a request without a body, with exactly these header lines.
pub(crate) async fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[impl AsRef<[u8]>],
) -> RawAnswer {
    let mut request = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
    for line in headers {
        request.extend_from_slice(line.as_ref());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"Connection: close\r\n\r\n");
    let exchange = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&request).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(30), exchange)
        .await
        .expect("an answer in time")
        .expect("an answer");
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
    RawAnswer {
        status: status.expect("a status line"),
        text,
        bytes: answer,
    }
}
