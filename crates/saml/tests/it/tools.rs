//! The programs that judge what we write and write what we judge: `xmlsec1` and `openssl`, each in a directory of its own.

use std::path::Path;
use std::process::Command;

use crate::keys::Key;

pub(crate) const ASSERTION_ID: [&str; 2] =
    ["--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"];
pub(crate) const RESPONSE_ID: [&str; 2] = ["--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:Response"];

pub(crate) const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
pub(crate) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
pub(crate) const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

/// Files for a program.
pub(crate) struct Bench(tempfile::TempDir);

impl Bench {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), content).unwrap();
    }

    pub(crate) fn take(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).unwrap()
    }

    /// Whether the program was content, and what it said.
    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> (bool, String) {
        let run = Command::new(program).current_dir(self.path()).args(arguments).output();
        let run = run.map_err(|error| format!("{program} judges what we do, install it: {error}")).unwrap();
        let said = [run.stdout, run.stderr].concat();
        (run.status.success(), String::from_utf8_lossy(&said).into_owned())
    }
}

/// A signature template as other products write it: indented, with KeyInfo left to the signer.
pub(crate) fn template(id: &str, (method, digest): (&str, &str), prefixes: &str) -> String {
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let list = if prefixes.is_empty() {
        String::new()
    } else {
        format!("<ec:InclusiveNamespaces xmlns:ec=\"{exclusive}\" PrefixList=\"{prefixes}\"/>")
    };
    format!(
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">\n <SignedInfo>\n  \
         <CanonicalizationMethod Algorithm=\"{exclusive}\">{list}</CanonicalizationMethod>\n  \
         <SignatureMethod Algorithm=\"{method}\"/>\n  \
         <Reference URI=\"#{id}\">\n   <Transforms>\n    \
         <Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\n    \
         <Transform Algorithm=\"{exclusive}\">{list}</Transform>\n   </Transforms>\n   \
         <DigestMethod Algorithm=\"{digest}\"/>\n   <DigestValue/>\n  </Reference>\n </SignedInfo>\n \
         <SignatureValue/>\n</Signature>"
    )
}

/// A message whose template `xmlsec1` filled in.
pub(crate) fn signed_by_xmlsec1(message: &str, key: &Key, ids: [&str; 2]) -> String {
    let bench = Bench::new();
    bench.put("key.pem", key.private_pem());
    bench.put("message.xml", message);
    let arguments = ["--sign", "--privkey-pem", "key.pem", ids[0], ids[1], "message.xml"];
    let (good, signed) = bench.run("xmlsec1", &arguments);
    assert!(good, "{signed}");
    signed
}

/// A Response of ours, signed as a whole by `xmlsec1` besides.
pub(crate) fn signed_response(response: &str, key: &Key, algorithms: (&str, &str)) -> String {
    let template = template("_r1", algorithms, "");
    let message = response.replace("<samlp:Status>", &format!("{template}<samlp:Status>"));
    signed_by_xmlsec1(&message, key, RESPONSE_ID)
}
