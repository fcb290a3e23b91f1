//! The root key as a hardware security module keeps it (PKCS #11): an AES key that never leaves the token seals it (AES-GCM), and `portico.key` holds what
//! was sealed and which key opens it. A module that is slow or gone keeps a server from beginning, not one that runs from going on.

use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use model::entropy::{Entropy, bytes};
use model::id::hex;
use zeroize::Zeroizing;

use crate::custody::{Custody, Key, unhex};
use crate::pkcs11_uri::Pkcs11Uri;

/// How long a module may take for all that is asked of it at once.
const WAIT: Duration = Duration::from_secs(30);
const NONCE: usize = 12;
const TAG: usize = 16;
/// What is sealed beside the key: that it is one.
const ABOUT: &[u8] = b"portico root key";

/// A key in a token.
pub(crate) struct InToken {
    uri: Pkcs11Uri,
}

impl InToken {
    pub(crate) const fn new(uri: Pkcs11Uri) -> Self {
        Self { uri }
    }

    /// What the token answers, within [`WAIT`].
    fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Pkcs11Uri, &Session) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let (answer, waiting) = mpsc::channel();
        let uri = self.uri.clone();
        let asked = move || {
            let _ = answer.send(within_session(&uri, ask));
        };
        std::thread::Builder::new().name("pkcs11".to_owned()).spawn(asked).context("a thread")?;
        match waiting.recv_timeout(WAIT) {
            Ok(answer) => answer,
            Err(mpsc::RecvTimeoutError::Timeout) => bail!(
                "{} did not answer within {} s: look whether the security module is there",
                self.uri.module.display(),
                WAIT.as_secs()
            ),
            Err(mpsc::RecvTimeoutError::Disconnected) => bail!("{} failed", self.uri.module.display()),
        }
    }
}

impl Custody for InToken {
    fn keep(&self, entropy: &dyn Entropy, root: &Key) -> anyhow::Result<Zeroizing<String>> {
        let (root, mut nonce) = (root.clone(), bytes::<NONCE>(entropy));
        let sealed = self.ask(move |uri, session| {
            let key = match find(uri, session)? {
                Some(key) => key,
                None => generate(uri, session)?,
            };
            refuse_loose(uri, session, key)?;
            let how = GcmParams::new(&mut nonce, ABOUT, 128.into()).map_err(said)?;
            let sealed = session.encrypt(&Mechanism::AesGcm(how), key, root.as_ref()).map_err(said)?;
            // Some modules choose it themselves and write theirs in its place.
            Ok([&nonce[..], &sealed].concat())
        })?;
        Ok(Zeroizing::new(format!("{}\n{}\n", self.uri.text, hex(&sealed))))
    }

    fn recover(&self, text: &str) -> anyhow::Result<Key> {
        let digits = text.lines().nth(1).unwrap_or_default().trim();
        let mut sealed = [0; NONCE + 32 + TAG];
        if digits.len() != 2 * sealed.len() {
            bail!(
                "its second line must hold {} hexadecimal digits, it holds {} characters",
                2 * sealed.len(),
                digits.len()
            );
        }
        unhex(digits, &mut sealed)?;
        let opened = self.ask(move |uri, session| {
            let key = find(uri, session)?.with_context(|| {
                format!("the token has no AES key {}", uri.object.as_deref().unwrap_or("of this id"))
            })?;
            let (nonce, body) = sealed.split_at_mut(NONCE);
            let how = GcmParams::new(nonce, ABOUT, 128.into()).map_err(said)?;
            let opened = session.decrypt(&Mechanism::AesGcm(how), key, body).map_err(|error| {
                anyhow!("the key in the token does not open it ({}): another key has this name", said(error))
            })?;
            Ok(Zeroizing::new(opened))
        })?;
        let root: [u8; 32] = opened.as_slice().try_into().context("it holds no key of 32 bytes")?;
        Ok(Zeroizing::new(root))
    }

    fn name(&self) -> String {
        self.uri.text.clone()
    }
}

/// An error of the module, in few words.
fn said(error: Error) -> anyhow::Error {
    match error {
        Error::Pkcs11(answer, function) => anyhow!("C_{function:?} answered {answer:?}"),
        other => anyhow!("{other}"),
    }
}

fn within_session<T>(
    uri: &Pkcs11Uri,
    ask: impl FnOnce(&Pkcs11Uri, &Session) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let named = || format!("the security module {}", uri.module.display());
    let module = Pkcs11::new(&uri.module).map_err(said).with_context(named)?;
    let done = module
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .map_err(said)
        .and_then(|()| ask(uri, &log_in(uri, &module)?))
        .with_context(named);
    let _ = module.finalize();
    done
}

fn log_in(uri: &Pkcs11Uri, module: &Pkcs11) -> anyhow::Result<Session> {
    let slot = slot(uri, module)?;
    let session = module.open_rw_session(slot).map_err(said)?;
    let pin = std::fs::read_to_string(&uri.pin_file).map(Zeroizing::new);
    let pin = pin.with_context(|| format!("the PIN file {}", uri.pin_file.display()))?;
    let pin = AuthPin::from(pin.trim_end_matches(['\r', '\n']).to_owned());
    match session.login(UserType::User, Some(&pin)) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
        Err(Error::Pkcs11(RvError::PinIncorrect, _)) => {
            bail!("the PIN in {} is not the token's", uri.pin_file.display())
        }
        Err(Error::Pkcs11(RvError::PinLocked, _)) => {
            bail!("the token's PIN is locked after too many wrong ones: its security officer can unlock it")
        }
        Err(error) => Err(said(error)),
    }
}

/// Where the token is.
fn slot(uri: &Pkcs11Uri, module: &Pkcs11) -> anyhow::Result<Slot> {
    let (mut fits, mut others) = (Vec::new(), Vec::new());
    for slot in module.get_slots_with_initialized_token().map_err(said)? {
        let token = module.get_token_info(slot).map_err(said)?;
        let is = |wanted: &Option<String>, there: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == there.trim_end())
        };
        if is(&uri.token, token.label()) && is(&uri.serial, token.serial_number()) {
            fits.push(slot);
        } else {
            others.push(token.label().trim_end().to_owned());
        }
    }
    match fits.as_slice() {
        [slot] => Ok(*slot),
        [] => bail!("no token of the address is there; these are: {}", others.join(", ")),
        _ => bail!("several tokens fit the address: name one by serial"),
    }
}

/// What the key of the address is known by.
fn names(uri: &Pkcs11Uri) -> Vec<Attribute> {
    let label = uri.object.as_ref().map(|label| Attribute::Label(label.as_bytes().to_vec()));
    label.into_iter().chain(uri.id.clone().map(Attribute::Id)).collect()
}

fn find(uri: &Pkcs11Uri, session: &Session) -> anyhow::Result<Option<ObjectHandle>> {
    let mut wanted = vec![Attribute::Class(ObjectClass::SECRET_KEY), Attribute::KeyType(KeyType::AES)];
    wanted.extend(names(uri));
    match session.find_objects(&wanted).map_err(said)?.as_slice() {
        [] => Ok(None),
        [key] => Ok(Some(*key)),
        _ => bail!("several AES keys of the token fit the address: name one by id"),
    }
}

fn generate(uri: &Pkcs11Uri, session: &Session) -> anyhow::Result<ObjectHandle> {
    let mut made = vec![
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::ValueLen(32.into()),
    ];
    made.extend(names(uri));
    session.generate_key(&Mechanism::AesKeyGen, &made).map_err(said).context("the token makes no key")
}

/// A key that can be taken out of its token, or came into it from outside, keeps nothing.
fn refuse_loose(uri: &Pkcs11Uri, session: &Session, key: ObjectHandle) -> anyhow::Result<()> {
    let wanted = [
        Attribute::Sensitive(true),
        Attribute::AlwaysSensitive(true),
        Attribute::Extractable(false),
        Attribute::NeverExtractable(true),
    ];
    let asked: Vec<AttributeType> = wanted.iter().map(Attribute::attribute_type).collect();
    let found = session.get_attributes(key, &asked).map_err(said)?;
    if wanted.iter().all(|attribute| found.contains(attribute)) {
        return Ok(());
    }
    bail!(
        "the key {} can be, or could be, taken out of the token: name one that was made there, sensitive and not extractable, or one that is not there, which is made",
        uri.object.as_deref().unwrap_or("of this id")
    )
}
