//! A directory of the tests: it hears requests and does what a test says. It knows as much BER as it needs, by its own reader, so that the one that is
//! tested does not test itself.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ldap::dn::Dn;
use ldap::mapping::Mapping;
use ldap::schema::Schema;
use ldap::scope::Scope;
use model::secret::Secret;
use outbound::ldap::settings::{Account, Server, Servers, Settings, Trust};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::server::{Certificate, Made};

/// What a request was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    Bind,
    Search { base: String, filter: Vec<u8>, attributes: Vec<String> },
    Other(u8),
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) id: Vec<u8>,
    pub(crate) op: Op,
    pub(crate) controls: Vec<(String, Vec<u8>)>,
}

/// What the directory does then.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Send(Vec<u8>),
    /// Byte by byte, with a pause after each.
    Trickle(Vec<u8>, Duration),
    Wait,
    Cut,
}

type Handler = dyn Fn(&Asked) -> Vec<Act> + Send + Sync;

/// The directory. Clones of it are the same.
pub(crate) struct Fake {
    port: u16,
    authority: String,
    connections: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<Asked>>>,
}

impl Fake {
    /// One that does what is said, on `ldaps://`.
    pub(crate) async fn start(handler: impl Fn(&Asked) -> Vec<Act> + Send + Sync + 'static) -> Self {
        let certificate = Certificate::of(&["localhost"], Made::default());
        let authority = std::fs::read_to_string(&certificate.ca).unwrap();
        let acceptor = certificate.acceptor.clone();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, heard) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, notes, handler) = (connections.clone(), heard.clone(), Arc::new(handler));
        tokio::spawn(async move {
            while let Ok((link, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (acceptor, handler, notes) = (acceptor.clone(), handler.clone(), notes.clone());
                tokio::spawn(
                    async move { serve(acceptor.accept(link).await.ok()?, &*handler, &notes).await },
                );
            }
        });
        Self { port, authority, connections, heard }
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Everything that was asked.
    pub(crate) fn heard(&self) -> Vec<Asked> {
        self.heard.lock().unwrap().clone()
    }

    /// Settings that ask it as Active Directory, and do not wait long.
    pub(crate) fn settings(&self) -> Settings {
        let schema = Schema::ActiveDirectory;
        Settings {
            servers: Servers::Named(vec![
                Server::parse(&format!("ldaps://localhost:{}", self.port)).unwrap(),
            ]),
            trust: Trust { authorities: Some(self.authority.clone()), ..Trust::default() },
            account: Account::Simple {
                name: "reader@example.test".to_owned(),
                password: Secret::new("reads"),
            },
            schema,
            mapping: Mapping::of(schema),
            scope: Scope::of(schema, Dn::parse("DC=example,DC=test").unwrap()),
            timeout: Duration::from_millis(1_500),
        }
    }
}

async fn serve<L>(mut link: L, handler: &Handler, notes: &Mutex<Vec<Asked>>) -> Option<()>
where
    L: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = Vec::new();
    loop {
        let asked = loop {
            let whole = match taken(&buffer) {
                Some((0x30, content, rest)) => Some((Asked::read(content)?, rest.to_vec())),
                _ => None,
            };
            if let Some((asked, rest)) = whole {
                buffer = rest;
                break asked;
            }
            if link.read_buf(&mut buffer).await.ok()? == 0 {
                return None;
            }
        };
        notes.lock().unwrap().push(asked.clone());
        for act in handler(&asked) {
            match act {
                Act::Send(bytes) => link.write_all(&bytes).await.ok()?,
                Act::Trickle(bytes, pause) => {
                    for byte in bytes {
                        link.write_all(&[byte]).await.ok()?;
                        link.flush().await.ok()?;
                        tokio::time::sleep(pause).await;
                    }
                }
                Act::Wait => {
                    link.flush().await.ok()?;
                    tokio::time::sleep(Duration::from_secs(60)).await;
                }
                Act::Cut => {
                    link.flush().await.ok()?;
                    return None;
                }
            }
        }
        link.flush().await.ok()?;
    }
}

/// The first element: its tag, its content, and what follows.
fn taken(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, first) = (*bytes.first()?, usize::from(*bytes.get(1)?));
    let (head, length) = if first < 0x80 {
        (2, first)
    } else {
        let digits = bytes.get(2..2 + (first & 0x7f))?;
        (2 + digits.len(), digits.iter().fold(0, |length, digit| (length << 8) | usize::from(*digit)))
    };
    Some((tag, bytes.get(head..head + length)?, bytes.get(head + length..)?))
}

/// All elements.
fn all(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    while let Some((tag, content, rest)) = taken(bytes) {
        found.push((tag, content));
        bytes = rest;
    }
    found
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Asked {
    fn read(content: &[u8]) -> Option<Self> {
        let parts = all(content);
        let [(0x02, id), (tag, body), rest @ ..] = parts.as_slice() else { return None };
        let op = match (*tag, all(body).as_slice()) {
            (0x60, _) => Op::Bind,
            (0x63, [(_, base), _, _, _, _, _, (_, filter), (_, attributes)]) => Op::Search {
                base: text(base),
                filter: filter.to_vec(),
                attributes: all(attributes).into_iter().map(|(_, name)| text(name)).collect(),
            },
            (other, _) => Op::Other(other),
        };
        let controls = rest.first().map(|(_, controls)| all(controls)).unwrap_or_default();
        let control = |(_, control): &(u8, &[u8])| {
            let parts = all(control);
            let value = parts.iter().skip(1).find(|(tag, _)| *tag == 0x04).map(|(_, value)| value.to_vec());
            Some((text(parts.first()?.1), value.unwrap_or_default()))
        };
        Some(Self { id: id.to_vec(), op, controls: controls.iter().filter_map(control).collect() })
    }

    pub(crate) fn has_control(&self, name: &str) -> bool {
        self.controls.iter().any(|(is, _)| is == name)
    }

    /// The cookie of a page that is asked for; none where pages are not asked for.
    pub(crate) fn page(&self) -> Option<String> {
        let (_, value) = self.controls.iter().find(|(name, _)| name == "1.2.840.113556.1.4.319")?;
        let (_, inside, _) = taken(value)?;
        all(inside).get(1).map(|(_, cookie)| text(cookie))
    }

    /// Whether a word is in the filter.
    pub(crate) fn filters(&self, word: &str) -> bool {
        matches!(&self.op, Op::Search { filter, .. } if filter.windows(word.len()).any(|part| part == word.as_bytes()))
    }

    /// Where is searched; nowhere in other requests.
    pub(crate) fn base(&self) -> &str {
        match &self.op {
            Op::Search { base, .. } => base,
            _ => "nowhere",
        }
    }

    pub(crate) fn attributes(&self) -> &[String] {
        match &self.op {
            Op::Search { attributes, .. } => attributes,
            _ => &[],
        }
    }

    fn message(&self, body: Vec<u8>, controls: &[Vec<u8>]) -> Act {
        let mut inside = vec![element(0x02, &self.id), body];
        if !controls.is_empty() {
            inside.push(element(0xa0, &controls.concat()));
        }
        Act::Send(element(0x30, &inside.concat()))
    }

    /// The end of a bind.
    pub(crate) fn bound(&self, code: u8, said: &str) -> Act {
        self.message(outcome(0x61, code, said), &[])
    }

    /// The end of a search, with the cookie of the next page where there is one.
    pub(crate) fn done(&self, code: u8, cookie: Option<&str>) -> Act {
        let paged = cookie.map(|cookie| {
            let value = element(0x30, &[element(0x02, &[0]), octets(cookie)].concat());
            element(0x30, &[octets("1.2.840.113556.1.4.319"), element(0x04, &value)].concat())
        });
        self.message(outcome(0x65, code, ""), &paged.into_iter().collect::<Vec<_>>())
    }

    /// An entry.
    pub(crate) fn entry(&self, dn: &str, attributes: &[(&str, &[&str])]) -> Act {
        let attributes: Vec<Vec<u8>> = attributes
            .iter()
            .map(|(name, values)| {
                let values: Vec<Vec<u8>> = values.iter().map(|value| octets(value)).collect();
                element(0x30, &[octets(name), element(0x31, &values.concat())].concat())
            })
            .collect();
        let body = [octets(dn), element(0x30, &attributes.concat())].concat();
        self.message(element(0x64, &body), &[])
    }

    /// That more is elsewhere.
    pub(crate) fn reference(&self, uri: &str) -> Act {
        self.message(element(0x73, &octets(uri)), &[])
    }

    /// The bytes of an act that sends.
    pub(crate) fn bytes(act: &Act) -> Vec<u8> {
        match act {
            Act::Send(bytes) => bytes.clone(),
            _ => Vec::new(),
        }
    }
}

pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    if content.len() < 0x80 {
        out.push(u8::try_from(content.len()).unwrap());
    } else {
        out.push(0x84);
        out.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
    }
    out.extend(content);
    out
}

pub(crate) fn octets(text: &str) -> Vec<u8> {
    element(0x04, text.as_bytes())
}

pub(crate) fn outcome(tag: u8, code: u8, said: &str) -> Vec<u8> {
    element(tag, &[element(0x0a, &[code]), octets(""), octets(said)].concat())
}
