//! `xmlsec1` as the judge of what we sign and as a signer of what we verify.

use std::path::Path;
use std::process::Command;

use saml::assertion::Assertion;
use saml::sign;
use saml::verify::verify;

use crate::keys::Key;
use crate::messages::{NAME, between, jane, signed};

const ASSERTION_ID: [&str; 2] = ["--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"];
const RESPONSE_ID: [&str; 2] = ["--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:protocol:Response"];

fn xmlsec1(directory: &Path, arguments: &[&str]) -> (bool, String) {
    let run = Command::new("xmlsec1").current_dir(directory).args(arguments).output();
    let run = run.map_err(|error| format!("xmlsec1 judges our signatures, install it: {error}")).unwrap();
    (
        run.status.success(),
        format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr)),
    )
}

#[test]
fn xmlsec1_verifies_what_we_sign() {
    for key in [Key::p256(), Key::rsa()] {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
        write("certificate.pem", &key.certificate_pem());
        let alone = sign::assertion(&jane(), &key.signing()).unwrap();
        for message in [alone, signed(&key)] {
            write("message.xml", &message);
            let arguments = [
                "--verify",
                "--trusted-pem",
                "certificate.pem",
                ASSERTION_ID[0],
                ASSERTION_ID[1],
                "message.xml",
            ];
            let (good, said) = xmlsec1(directory.path(), &arguments);
            assert!(good, "{said}");
            write("message.xml", &message.replace(NAME, "evil@example.com"));
            assert!(!xmlsec1(directory.path(), &arguments).0);
        }
    }
}

/// A signature template as other products write it: indented, with KeyInfo left to the signer.
fn template(id: &str, (method, digest): (&str, &str), prefixes: &str) -> String {
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    let list = if prefixes.is_empty() {
        String::new()
    } else {
        format!("<ec:InclusiveNamespaces xmlns:ec=\"{exclusive}\" PrefixList=\"{prefixes}\"/>")
    };
    format!(
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\">\n <SignedInfo>\n  \
         <CanonicalizationMethod Algorithm=\"{exclusive}\">{list}</CanonicalizationMethod>\n  \
         <SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#{method}\"/>\n  \
         <Reference URI=\"#{id}\">\n   <Transforms>\n    \
         <Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>\n    \
         <Transform Algorithm=\"{exclusive}\">{list}</Transform>\n   </Transforms>\n   \
         <DigestMethod Algorithm=\"{digest}\"/>\n   <DigestValue/>\n  </Reference>\n </SignedInfo>\n \
         <SignatureValue/>\n</Signature>"
    )
}

/// Our message without our signature, and with what other products write: a default namespace, other prefixes in scope, types.
fn unsigned() -> String {
    let message = signed(&Key::p256());
    let signature = between(&message, "<ds:Signature", "</ds:Signature>");
    message
        .replace(signature, "<!--signature-->")
        .replace(
            "<samlp:Response ",
            "<samlp:Response xmlns=\"urn:unused\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ",
        )
        .replace("<saml:AttributeValue>", "<saml:AttributeValue xsi:type=\"xs:string\">")
}

#[test]
fn we_verify_what_xmlsec1_signs() {
    let (sha256, sha512) =
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmlenc#sha512");
    let sha384 = "http://www.w3.org/2001/04/xmldsig-more#sha384";
    let (p256, p384, rsa) = (Key::p256(), Key::p384(), Key::rsa());
    for (key, method, digest, prefixes) in [
        (&rsa, "rsa-sha256", sha256, ""),
        (&rsa, "rsa-sha384", sha384, "xs"),
        (&rsa, "rsa-sha512", sha512, "xs #default"),
        (&p256, "ecdsa-sha256", sha256, "xs xsi nowhere"),
        (&p384, "ecdsa-sha384", sha384, ""),
    ] {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("key.pem"), key.private_pem()).unwrap();
        for on_response in [false, true] {
            let (id, ids) = if on_response { ("_r1", RESPONSE_ID) } else { ("_a1", ASSERTION_ID) };
            let template = template(id, (method, digest), prefixes);
            let message = if on_response {
                unsigned().replace("<samlp:Status>", &format!("{template}<samlp:Status>"))
            } else {
                unsigned().replace("<!--signature-->", &template)
            };
            std::fs::write(directory.path().join("message.xml"), message).unwrap();
            let arguments = ["--sign", "--privkey-pem", "key.pem", ids[0], ids[1], "message.xml"];
            let (good, signed) = xmlsec1(directory.path(), &arguments);
            assert!(good, "{method}: {signed}");
            let verified = verify(&signed, &[key.public()]);
            let verified =
                verified.unwrap_or_else(|error| panic!("{method} {prefixes:?} {on_response}: {error}"));
            assert_eq!(Assertion::read(&verified).unwrap().name_id.value, NAME);
            assert!(verify(&signed.replace(NAME, "evil@example.com"), &[key.public()]).is_err());
        }
    }
}
