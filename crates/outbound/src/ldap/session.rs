//! A connection on which one operation runs at a time. What comes must answer it, whole and in time; a connection that failed once is of no use any more
//! and ends. Whoever gives up an operation gives up the connection.

use std::time::Duration;

use bytes::BytesMut;
use ldap::control::Control;
use ldap::frame;
use ldap::malformed::Malformed;
use ldap::message::{Body, Message, NOTICE_OF_DISCONNECTION};
use ldap::request::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::ldap::failure::{Failure, Why};
use crate::ldap::link::Link;
use crate::saying::short;

/// Bytes of one message at most: a group of 100,000 members in a directory that sends them all has about ten million.
const MESSAGE_MAX: usize = 32 * 1_024 * 1_024;
/// Messages beside entries that one operation brings at most: references to elsewhere, and what is said meanwhile (some hundred entries each).
const ASIDES_MAX: u32 = 100_000;
/// What is read at once.
const CHUNK: usize = 64 * 1_024;

/// A connection.
pub(crate) struct Session {
    link: Box<dyn Link>,
    place: String,
    buffer: BytesMut,
    last_id: i32,
    asides: u32,
    limit: Duration,
}

impl Session {
    pub(crate) fn new(link: Box<dyn Link>, place: String, limit: Duration) -> Self {
        Self { link, place, buffer: BytesMut::new(), last_id: 0, asides: 0, limit }
    }

    /// Host and port.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// A failure at this server.
    pub(crate) fn failed(&self, why: impl Into<Why>) -> Failure {
        Failure { server: Some(self.place.clone()), why: why.into() }
    }

    /// Asks. Answers must be received to the end before the next.
    pub(crate) async fn send(&mut self, request: &Request<'_>, controls: &[Control]) -> Result<(), Why> {
        // A connection with 2^31 operations would have been there for years.
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        self.asides = 0;
        let bytes = request.write(self.last_id, controls);
        let sending = async {
            self.link.write_all(&bytes).await?;
            self.link.flush().await
        };
        match timeout(self.limit, sending).await {
            Ok(sent) => sent.map_err(|error| Why::Closed(short(&error.to_string()))),
            Err(_) => Err(Why::Timeout { what: "the end of what it was asked", limit: self.limit }),
        }
    }

    /// The next message that answers what was asked last.
    pub(crate) async fn receive(&mut self) -> Result<Message, Why> {
        let limit = self.limit;
        let message = self.receive_within(limit).await?;
        message.ok_or(Why::Timeout { what: "its answer", limit })
    }

    /// The same, for so long: none where nothing came. What came of a message until then is kept.
    pub(crate) async fn receive_within(&mut self, longest: Duration) -> Result<Option<Message>, Why> {
        match timeout(longest, self.next()).await {
            Ok(message) => self.expected(message?).map(Some),
            Err(_) => Ok(None),
        }
    }

    fn expected(&mut self, message: Message) -> Result<Message, Why> {
        if message.id == self.last_id {
            let is_aside = matches!(message.body, Body::Reference(_) | Body::Intermediate { .. });
            self.asides += u32::from(is_aside);
            if self.asides > ASIDES_MAX {
                return Err(Malformed("references to elsewhere without end").into());
            }
            return Ok(message);
        }
        match message.body {
            Body::Extended { outcome, name: Some(name), .. }
                if message.id == 0 && name == NOTICE_OF_DISCONNECTION =>
            {
                Err(Why::Closed(format!("it said: {}, {}", outcome.code, short(&outcome.message))))
            }
            _ => Err(Malformed("an answer to something that was not asked").into()),
        }
    }

    /// Asks, and takes the one answer.
    pub(crate) async fn ask(&mut self, request: &Request<'_>, controls: &[Control]) -> Result<Message, Why> {
        self.send(request, controls).await?;
        self.receive().await
    }

    async fn next(&mut self) -> Result<Message, Why> {
        loop {
            if let Some(length) = frame::length(&self.buffer, MESSAGE_MAX)?
                && length <= self.buffer.len()
            {
                return Ok(Message::read(&self.buffer.split_to(length))?);
            }
            self.buffer.reserve(CHUNK);
            let read = self.link.read_buf(&mut self.buffer).await;
            match read {
                Ok(0) => return Err(Why::Closed("it hung up".to_owned())),
                Ok(_) => {}
                Err(error) => return Err(Why::Closed(short(&error.to_string()))),
            }
        }
    }

    /// Says farewell. What becomes of that does not matter.
    pub(crate) async fn end(mut self) {
        let _ = self.send(&Request::Unbind, &[]).await;
    }
}
