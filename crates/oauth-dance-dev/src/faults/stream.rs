//! A connection on which the bytes of a test can take the place of the HTTP answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What is to be written instead of what the HTTP library writes; shared with the service.
#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Mutex<Option<Bytes>>>);

impl Script {
    /// From now on these bytes, and nothing else, leave the connection.
    pub(crate) fn take_over(&self, bytes: Bytes) {
        *self.0.lock() = Some(bytes);
    }
}

/// A TCP stream that follows its [`Script`] once it has one.
pub(crate) struct Stream {
    stream: TcpStream,
    script: Script,
}

impl Stream {
    pub(crate) fn new(stream: TcpStream, script: Script) -> Self {
        Self { stream, script }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let mut stream = Pin::new(&mut this.stream);
        match &mut *this.script.0.lock() {
            None => stream.poll_write(context, buffer),
            Some(script) => {
                while !script.is_empty() {
                    let written = ready!(stream.as_mut().poll_write(context, script))?;
                    if written == 0 {
                        return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                    }
                    script.advance(written);
                }
                // The HTTP library believes that its own answer was sent.
                Poll::Ready(Ok(buffer.len()))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
