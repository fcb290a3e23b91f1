//! One request and its answer on a connection that is there. The connection is driven here and ends here: nothing of it outlives the answer, nor the
//! caller who gives up. What comes back is counted while it comes.

use std::error::Error as _;
use std::pin::pin;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING};
use http::response::Parts;
use http::{HeaderMap, HeaderName};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use zeroize::Zeroizing;

use crate::address::Address;
use crate::answer::Answer;
use crate::deadline::Deadline;
use crate::failure::{Part, Step, Why};
use crate::request::Outgoing;
use crate::saying::short;

/// Bytes of the head of an answer at most, trailers likewise, and what is held of a body at once.
pub(crate) const HEAD_MAX: usize = 32 * 1_024;
/// Headers of an answer at most.
const HEADERS_MAX: usize = 100;

/// What an answer is held to.
pub(crate) struct Bounds<'a> {
    /// Who was asked: where an answer leads is read from there.
    pub(crate) address: &'a Address,
    pub(crate) deadline: Deadline,
    pub(crate) bytes_max: usize,
}

/// Sends, and reads the answer.
pub(crate) async fn exchange<L>(link: L, outgoing: Outgoing, bounds: &Bounds<'_>) -> Result<Answer, Why>
where
    L: AsyncRead + AsyncWrite + Unpin,
{
    let (sender, connection) = Builder::new()
        .max_buf_size(HEAD_MAX)
        .max_header_size(HEAD_MAX)
        .max_headers(HEADERS_MAX)
        .handshake(TokioIo::new(link))
        .await
        .map_err(|error| broken(&error))?;
    let mut connection = pin!(connection);
    let mut talk = pin!(talk(sender, outgoing, bounds));
    tokio::select! {
        biased;
        said = &mut talk => said,
        // It may end before all that it brought has been read. Its own error is the one that the other side of it hears.
        _ = &mut connection => talk.await,
    }
}

async fn talk(
    mut sender: SendRequest<Full<Bytes>>,
    outgoing: Outgoing,
    bounds: &Bounds<'_>,
) -> Result<Answer, Why> {
    let asking = async { sender.send_request(outgoing.request).await.map_err(|error| broken(&error)) };
    let (head, body) = bounds.deadline.hold(Step::Head, asking).await?.into_parts();
    judge(&head, outgoing.wants_document, bounds.address)?;
    let body = bounds.deadline.hold(Step::Body, read(body, bounds.bytes_max)).await?;
    Ok(Answer::new(head.status.as_u16(), media_type(&head.headers), body))
}

/// Whether what follows a head is worth reading.
fn judge(head: &Parts, wants_document: bool, asked: &Address) -> Result<(), Why> {
    let status = head.status.as_u16();
    if head.status.is_redirection() {
        let location = head.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let to = location.and_then(|location| asked.leads_to(location)).map(|to| short(&to));
        return Err(Why::Redirect { status, to });
    }
    if (wants_document && status != 200) || !(200..600).contains(&status) {
        return Err(Why::Status(status));
    }
    for (name, plain) in [(CONTENT_ENCODING, "identity"), (TRANSFER_ENCODING, "chunked")] {
        if let Some(how) = other_than(&head.headers, &name, plain) {
            return Err(Why::Encoded(how));
        }
    }
    Ok(())
}

/// What a header says, unless it is there no more than once and says this.
fn other_than(headers: &HeaderMap, name: &HeaderName, plain: &str) -> Option<String> {
    let said: Vec<_> =
        headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    match said.as_slice() {
        [] => None,
        [one] if one.trim().eq_ignore_ascii_case(plain) => None,
        several => Some(short(&several.join(", "))),
    }
}

/// The kind without its parameters.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let mut said = headers.get_all(CONTENT_TYPE).iter();
    let (Some(one), None) = (said.next(), said.next()) else { return None };
    let kind = one.to_str().ok()?.split(';').next()?.trim().to_ascii_lowercase();
    (!kind.is_empty()).then_some(kind)
}

/// The whole body, or nothing of it.
async fn read(mut body: Incoming, max: usize) -> Result<Zeroizing<Vec<u8>>, Why> {
    let too_long = Why::TooLong { part: Part::Body, limit: max };
    // What is announced is believed as far as it is within bounds, so that a buffer with a token in it need not move.
    let announced = body.size_hint().exact().map_or(Some(0), |length| usize::try_from(length).ok());
    let Some(announced) = announced.filter(|length| *length <= max) else { return Err(too_long) };
    let mut kept = Zeroizing::new(Vec::with_capacity(announced));
    while let Some(frame) = body.frame().await {
        // Trailers say nothing that is asked for.
        let Ok(piece) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
        if piece.len() > max.saturating_sub(kept.len()) {
            return Err(too_long);
        }
        kept.extend_from_slice(&piece);
    }
    Ok(kept)
}

/// What went wrong in the conversation. Hyper's words name no part of what was sent or read.
fn broken(error: &hyper::Error) -> Why {
    if error.is_parse_too_large() {
        return Why::TooLong { part: Part::Head, limit: HEAD_MAX };
    }
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !said.contains(&words) {
            said.push_str(": ");
            said.push_str(&words);
        }
        cause = inner.source();
    }
    Why::Broken(short(&said))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;
    use crate::credentials::Credentials;
    use crate::failure::Failure;
    use crate::request;

    const BYTES_MAX: usize = 64;

    /// Texts that are nearly answers.
    fn nearly() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => "HTTP/1\\.[0-2] [1-5]0[0-9] [a-z]{0,3}\r\n".prop_map(String::into_bytes),
            2 => "Content-Length: [0-9]{1,3}\r\n".prop_map(String::into_bytes),
            2 => Just(b"Transfer-Encoding: chunked\r\n".to_vec()),
            1 => "(Location|Content-Encoding|Content-Type|X): [!-~]{0,12}\r\n".prop_map(String::into_bytes),
            4 => Just(b"\r\n".to_vec()),
            2 => "[0-9a-f]{1,2}\r\n".prop_map(String::into_bytes),
            2 => Just(b"hunter2".to_vec()),
            1 => Just(b"0\r\n\r\n".to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..40),
        ];
        let begun = Just(b"HTTP/1.1 200 OK\r\n".to_vec());
        (prop::option::weighted(0.8, begun), prop::collection::vec(piece, 0..10))
            .prop_map(|(begun, pieces)| [begun.unwrap_or_default(), pieces.concat()].concat())
    }

    async fn answered(text: &[u8], cut: usize) -> Result<Answer, Why> {
        let address = Address::parse("https://idp.example/secret").unwrap();
        let outgoing = request::get(&address, "*/*", Credentials::Nobody)?;
        let (ours, mut theirs) = tokio::io::duplex(1_024);
        let deadline = Deadline::of(Duration::from_secs(20));
        let bounds = Bounds { address: &address, deadline, bytes_max: BYTES_MAX };
        let server = async {
            let mut asked = [0; 1_024];
            let _ = theirs.read(&mut asked).await;
            let (first, rest) = text.split_at(cut.min(text.len()));
            let _ = theirs.write_all(first).await;
            tokio::task::yield_now().await;
            let _ = theirs.write_all(rest).await;
            drop(theirs);
        };
        let (answer, ()) = tokio::join!(exchange(ours, outgoing, &bounds), server);
        answer
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        /// Whatever a server says, in whichever pieces: it is an answer within bounds, or a failure that repeats nothing of a body.
        #[test]
        fn whatever_is_said_ends_as_an_answer_or_a_failure(text in nearly(), cut in 0_usize..200) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            match runtime.block_on(answered(&text, cut)) {
                Ok(answer) => {
                    prop_assert_eq!(answer.status(), 200);
                    prop_assert!(answer.body().len() <= BYTES_MAX);
                }
                Err(why) => {
                    prop_assert!(!matches!(why, Why::Timeout { .. }), "the other side has hung up");
                    let said = Failure { place: None, why }.to_string();
                    prop_assert!(!said.contains("secret") && !said.contains("hunter2"), "{}", said);
                }
            }
        }
    }
}
