//! HTTP requests as text, so that a corpus can be read: a line of method and target, headers, an empty line, a body. What a request means is what remains
//! when the freedoms of its spelling are taken away; it is written here anew, so that the verifier's own canonical form is not judged by itself.

use aws_lc_rs::hmac;
use percent_encoding::percent_decode_str;
use sigv4::request::sha256_hex;

/// A request taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Plain {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// Lower-case names.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// What a signature over some headers stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    method: String,
    path: Vec<String>,
    query: Vec<(Vec<u8>, Vec<u8>)>,
    headers: Vec<(String, Vec<String>)>,
    body: String,
}

impl Plain {
    /// From its text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.split('\n');
        let (method, target) = lines.next()?.split_once(' ')?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers: Option<Vec<(String, String)>> = lines
            .map(|line| line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.to_owned())))
            .collect();
        Some(Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers?,
            body: body.to_owned(),
        })
    }

    /// Its text.
    pub(crate) fn text(&self) -> String {
        let headers: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("\n{name}:{value}")).collect();
        let mark = if self.query.is_empty() { "" } else { "?" };
        format!("{} {}{mark}{}{}\n\n{}", self.method, self.path, self.query, headers.concat(), self.body)
    }

    /// Asks the verifier, which is shown the body apart.
    pub(crate) fn with<T>(&self, ask: impl FnOnce(sigv4::request::Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        ask(sigv4::request::Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
        })
    }

    /// Signs it: a request whose query is in order and escaped, whose headers are in order and without needless spaces.
    pub(crate) fn sign(&mut self, secret: &str, date: &str, presigned: bool) {
        let day = date.get(..8).unwrap_or_default();
        let scope = format!("{day}/us-east-1/sso/aws4_request");
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        if presigned {
            let more = format!(
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F{}&X-Amz-Date={date}&X-Amz-Expires=300&X-Amz-SignedHeaders={}",
                scope.replace('/', "%2F"),
                names.replace(';', "%3B")
            );
            self.query = if self.query.is_empty() { more } else { format!("{more}&{}", self.query) };
        }
        let lines: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let canonical = format!(
            "{}\n{}\n{}\n{}\n{names}\n{}",
            self.method,
            self.path,
            self.query,
            lines.concat(),
            sha256_hex(self.body.as_bytes())
        );
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", sha256_hex(canonical.as_bytes()));
        let mut key = format!("AWS4{secret}").into_bytes();
        for part in scope.split('/').chain([text.as_str()]) {
            key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
        }
        let signature = model::id::hex(&key);
        if presigned {
            self.query = format!("{}&X-Amz-Signature={signature}", self.query);
        } else {
            let value = format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders={names}, Signature={signature}"
            );
            self.headers.push(("authorization".to_owned(), value));
        }
    }

    /// What it means as far as these headers are signed.
    pub(crate) fn meaning(&self, signed: &[&str]) -> Meaning {
        let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut query: Vec<_> = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
        query.retain(|(name, _)| name != b"X-Amz-Signature");
        query.sort();
        let mut path: Vec<String> = Vec::new();
        for segment in self.path.split('/') {
            match segment {
                "" | "." => {}
                ".." => drop(path.pop()),
                other => path.push(other.to_owned()),
            }
        }
        let collapsed = |value: &str| {
            value.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
        };
        let values = |name: &str| -> Vec<String> {
            let of_name = self.headers.iter().filter(|(has, _)| has == name);
            of_name.map(|(_, value)| collapsed(value)).collect()
        };
        Meaning {
            method: self.method.clone(),
            path,
            query,
            headers: signed.iter().map(|name| ((*name).to_owned(), values(name))).collect(),
            body: self.body.clone(),
        }
    }
}
