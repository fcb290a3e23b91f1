//! The client's side of HTTP/1.1, as little of it as load needs: requests are bytes made beforehand, answers are read by their
//! `Content-Length`. Cheap, because it shares the machine with what it measures. Knows nothing of what is asked.

use std::fmt::Write as _;
use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection that is kept open.
#[derive(Debug)]
pub(crate) struct Connection {
    to: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

/// An answer; it lives until the next request of its connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'c> {
    pub(crate) status: u16,
    head: &'c [u8],
    pub(crate) body: &'c [u8],
}

impl Answer<'_> {
    /// The values of a header.
    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = std::str::from_utf8(self.head).unwrap_or_default().split("\r\n").skip(1);
        lines.filter_map(move |line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The body as text, for messages.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> anyhow::Result<serde_json::Value> {
        serde_json::from_slice(self.body).with_context(|| self.text())
    }

    /// An error unless the status is `wanted`.
    pub(crate) fn expect(self, wanted: u16) -> anyhow::Result<Self> {
        if self.status == wanted {
            return Ok(self);
        }
        bail!(
            "status {} instead of {wanted}: {}",
            self.status,
            self.text().chars().take(400).collect::<String>()
        )
    }
}

/// What the head of an answer says of its end.
struct Head {
    status: u16,
    /// Bytes of the head, with the empty line.
    length: usize,
    body: Body,
    close: bool,
}

enum Body {
    Length(usize),
    Chunked,
}

impl Connection {
    /// A connection that opens with its first request.
    pub(crate) fn new(to: SocketAddr) -> Self {
        Self { to, stream: None, buffer: Vec::with_capacity(16 * 1024) }
    }

    /// Sends a request and reads its answer whole.
    pub(crate) async fn call(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        let mut stream = if let Some(stream) = self.stream.take() {
            stream
        } else {
            let stream = TcpStream::connect(self.to).await.with_context(|| self.to.to_string())?;
            stream.set_nodelay(true)?;
            stream
        };
        stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(head) = head(&self.buffer)? {
                break head;
            }
            fill(&mut stream, &mut self.buffer).await?;
        };
        let end = match head.body {
            Body::Length(length) => {
                while self.buffer.len() < head.length + length {
                    fill(&mut stream, &mut self.buffer).await?;
                }
                head.length + length
            }
            Body::Chunked => {
                while !self.buffer.ends_with(b"0\r\n\r\n") {
                    fill(&mut stream, &mut self.buffer).await?;
                }
                unchunk(&mut self.buffer, head.length)?
            }
        };
        if !head.close {
            self.stream = Some(stream);
        }
        let (start, body) = self.buffer.split_at(head.length);
        let body = body.get(..end - head.length).unwrap_or_default();
        Ok(Answer { status: head.status, head: start, body })
    }
}

async fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
    if stream.read_buf(buffer).await? == 0 {
        bail!("the connection ended in the middle of an answer");
    }
    Ok(())
}

/// The head, once it is there whole.
fn head(bytes: &[u8]) -> anyhow::Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(bytes.get(..end).unwrap_or_default())?;
    let mut lines = text.split("\r\n");
    let status =
        lines.next().and_then(|line| line.split(' ').nth(1)).context("an answer without a status")?;
    // HTTP/1.0 ends a connection with its answer unless it says otherwise.
    let close = text.starts_with("HTTP/1.0");
    let mut head = Head { status: status.parse()?, length: end + 4, body: Body::Length(0), close };
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            head.body = Body::Length(value.parse()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            head.body = Body::Chunked;
        } else if name.eq_ignore_ascii_case("connection") {
            head.close = value.eq_ignore_ascii_case("close");
        }
    }
    Ok(Some(head))
}

/// Takes the frames of chunks out of a body that begins at `from`; where the body ends then.
fn unchunk(buffer: &mut Vec<u8>, from: usize) -> anyhow::Result<usize> {
    let mut plain = Vec::new();
    let mut rest = buffer.get(from..).unwrap_or_default();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n").context("a chunk without a size")?;
        let (size, after) = rest.split_at(line);
        let size = usize::from_str_radix(std::str::from_utf8(size)?.trim(), 16)?;
        if size == 0 {
            break;
        }
        let chunk = after.get(2..2 + size).context("a chunk that is cut off")?;
        plain.extend_from_slice(chunk);
        rest = after.get(4 + size..).unwrap_or_default();
    }
    buffer.truncate(from);
    buffer.extend_from_slice(&plain);
    Ok(buffer.len())
}

/// The bytes of a request.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\n");
    for (name, value) in headers {
        text.push_str(name);
        text.push_str(": ");
        text.push_str(value);
        text.push_str("\r\n");
    }
    if method != "GET" || !body.is_empty() {
        let _ = write!(text, "content-length: {}\r\n", body.len());
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_become_a_body() {
        let mut buffer = b"HEAD\r\n\r\n3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n".to_vec();
        assert_eq!(unchunk(&mut buffer, 8).unwrap(), 21);
        assert_eq!(&buffer[8..], b"abc0123456789");
    }

    #[test]
    fn a_head_that_is_not_whole_yet_is_waited_for() {
        assert!(head(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n").unwrap().is_none());
        let found = head(b"HTTP/1.1 303 See Other\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab")
            .unwrap()
            .unwrap();
        assert!(found.status == 303 && found.close && matches!(found.body, Body::Length(2)));
        assert!(
            head(b"HTTP/1.0 204 No Content\r\n\r\n").unwrap().unwrap().close,
            "nothing says that it stays open"
        );
    }
}
