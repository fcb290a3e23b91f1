//! What is said before there is TLS (RFC 3207): greeting, EHLO, STARTTLS, and nothing else. Whoever sits on the way can write here; so nothing that
//! is learned here is used afterwards, and a server that says more than it was asked is not believed: it would be heard as if it had come
//! through TLS (USENIX Security 2021, "Why TLS is better without STARTTLS").

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::undelivered::{Step, Undelivered};

/// Bytes of a reply at most.
const REPLY_MAX: usize = 16_384;

/// Asks for TLS; the greeting as the server said it. `hello`: how we greet.
pub(crate) async fn ask(link: &mut TcpStream, hello: &str) -> Result<Vec<u8>, Undelivered> {
    let greeting = reply(link, Step::Greet).await?;
    expect(&greeting, "220", Step::Greet)?;
    say(link, &format!("EHLO {hello}\r\n"), Step::Greet).await?;
    let features = reply(link, Step::Greet).await?;
    expect(&features, "250", Step::Greet)?;
    // Behind the code and a space or a hyphen.
    let offers = |line: &str| line.get(4..).is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"));
    if !features.lines().skip(1).any(offers) {
        return Err(Undelivered::later(Step::StartTls, "STARTTLS is not among what it offers"));
    }
    say(link, "STARTTLS\r\n", Step::StartTls).await?;
    let answer = reply(link, Step::StartTls).await?;
    expect(&answer, "220", Step::StartTls)?;
    Ok(greeting.into_bytes())
}

async fn say(link: &mut TcpStream, words: &str, step: Step) -> Result<(), Undelivered> {
    link.write_all(words.as_bytes()).await.map_err(|error| Undelivered::later(step, error))
}

fn expect(reply: &str, code: &str, step: Step) -> Result<(), Undelivered> {
    if reply.starts_with(code) { Ok(()) } else { Err(Undelivered::later(step, reply)) }
}

/// One reply, whole, behind which nothing has come.
async fn reply(link: &mut TcpStream, step: Step) -> Result<String, Undelivered> {
    let mut heard = Vec::new();
    loop {
        if let Some(end) = end_of_reply(&heard) {
            if end < heard.len() {
                return Err(Undelivered::later(
                    step,
                    "it said more than it was asked, before the connection was safe",
                ));
            }
            return String::from_utf8(heard)
                .map_err(|_| Undelivered::later(step, "it did not answer in text"));
        }
        if heard.len() > REPLY_MAX {
            return Err(Undelivered::later(step, "its answer does not end"));
        }
        let read = link.read_buf(&mut heard).await.map_err(|error| Undelivered::later(step, error))?;
        if read == 0 {
            let why = if heard.is_empty() {
                "it hung up".to_owned()
            } else {
                String::from_utf8_lossy(&heard).into_owned()
            };
            return Err(Undelivered::later(step, why));
        }
    }
}

/// Where the first reply ends: behind the first line that has no hyphen after its code.
fn end_of_reply(heard: &[u8]) -> Option<usize> {
    let mut begin = 0_usize;
    loop {
        let rest = heard.get(begin..)?;
        let length = rest.iter().position(|byte| *byte == b'\n')?.saturating_add(1);
        begin = begin.saturating_add(length);
        if rest.get(3) != Some(&b'-') || length < 5 {
            return Some(begin);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_ends_with_its_last_line() {
        for (heard, end) in [
            ("", None),
            ("220 re", None),
            ("220 ready\r\n", Some(11)),
            ("250-a\r\n", None),
            ("250-a\r\n250 STARTTLS\r\n", Some(21)),
            ("220 ready\r\n250 injected\r\n", Some(11)),
            ("nonsense\n", Some(9)),
        ] {
            assert_eq!(end_of_reply(heard.as_bytes()), end, "{heard:?}");
        }
    }
}
