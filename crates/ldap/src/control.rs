//! Controls: what is asked and answered beside an operation (RFC 4511 §4.1.11). Each that we send is made here, each answer is read here.

use crate::ber::{self, BOOLEAN, ENUMERATED, INTEGER, OCTETS, Reader, SEQUENCE, SET, Writer};
use crate::malformed::Malformed;

/// Results in pages (RFC 2696).
pub const PAGED: &str = "1.2.840.113556.1.4.319";
/// What changed since a cookie (MS-ADTS §3.1.1.3.4.1.3).
pub const DIR_SYNC: &str = "1.2.840.113556.1.4.841";
/// Deleted entries too (MS-ADTS §3.1.1.3.4.1.14).
pub const SHOW_DELETED: &str = "1.2.840.113556.1.4.417";
/// What changes from now on (MS-ADTS §3.1.1.3.4.1.9).
pub const NOTIFICATION: &str = "1.2.840.113556.1.4.528";
/// No referrals to other domains (MS-ADTS §3.1.1.3.4.1.4).
pub const DOMAIN_SCOPE: &str = "1.2.840.113556.1.4.1339";
/// Content synchronization (RFC 4533): request, state of an entry, end.
pub const SYNC_REQUEST: &str = "1.3.6.1.4.1.4203.1.9.1.1";
const SYNC_STATE: &str = "1.3.6.1.4.1.4203.1.9.1.2";
const SYNC_DONE: &str = "1.3.6.1.4.1.4203.1.9.1.3";
/// What is said meanwhile.
pub const SYNC_INFO: &str = "1.3.6.1.4.1.4203.1.9.1.4";
/// Password policy (draft-behera-ldap-password-policy).
pub const PASSWORD_POLICY: &str = "1.3.6.1.4.1.42.2.27.8.5.1";
/// 389-DS and its ancestors say so where the password must be changed (draft-vchu-ldap-pwd-policy).
const PASSWORD_EXPIRED: &str = "2.16.840.1.113730.3.4.4";

/// Controls of one message at most.
const CONTROLS_MAX: usize = 32;
/// Identifiers of one message at most: OpenLDAP sends some hundreds.
const UUIDS_MAX: usize = 100_000;

/// A control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Which.
    pub name: String,
    /// Whether the operation must fail where it is not understood.
    pub is_critical: bool,
    /// What it says.
    pub value: Option<Vec<u8>>,
}

/// How far DirSync got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirSyncAnswer {
    /// Whether more is there at once.
    pub has_more: bool,
    /// With what to go on.
    pub cookie: Vec<u8>,
}

/// Bits of DirSync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirSyncRight {
    /// By the right "Replicating Directory Changes".
    Replication,
    /// By the rights that the account has on each entry (`LDAP_DIRSYNC_OBJECT_SECURITY`): no deletions are seen so.
    EachEntry,
}

/// What is asked of content synchronization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncMode {
    /// What changed, and an end.
    RefreshOnly = 1,
    /// What changed, and what changes from then on.
    RefreshAndPersist = 3,
}

/// What became of an entry (RFC 4533 §2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncState {
    /// What.
    pub state: Became,
    /// Its entryUUID.
    pub uuid: [u8; 16],
    /// How far this is.
    pub cookie: Option<Vec<u8>>,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// It is as it was.
    Present,
    /// It is there and came.
    Added,
    /// It is there and changed.
    Modified,
    /// It is gone.
    Deleted,
}

/// The end of a refresh (RFC 4533 §2.4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncDone {
    /// How far this is.
    pub cookie: Option<Vec<u8>>,
    /// Whether each deletion was told. Otherwise who was not named is gone.
    pub told_deletions: bool,
}

/// What is said meanwhile (RFC 4533 §2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncInfo {
    /// How far this is.
    Cookie(Vec<u8>),
    /// The phase in which deletions are told ends.
    RefreshDelete {
        /// How far this is.
        cookie: Option<Vec<u8>>,
        /// Whether the refresh is over.
        is_done: bool,
    },
    /// The phase in which those who are there are named ends.
    RefreshPresent {
        /// How far this is.
        cookie: Option<Vec<u8>>,
        /// Whether the refresh is over.
        is_done: bool,
    },
    /// Several entries at once.
    Uuids {
        /// How far this is.
        cookie: Option<Vec<u8>>,
        /// Whether they are gone; otherwise they are as they were.
        are_deleted: bool,
        /// Which.
        uuids: Vec<[u8; 16]>,
    },
}

/// What the password policy says beside the outcome of a bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PasswordPolicy {
    /// Seconds until the password expires.
    pub expires_in: Option<u32>,
    /// How often an expired one will do yet.
    pub graces_left: Option<u32>,
    /// What is wrong.
    pub error: Option<PolicyError>,
}

/// What is wrong with a password or its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyError {
    /// It is too old.
    PasswordExpired,
    /// The account is locked.
    AccountLocked,
    /// An administrator set it: another must be chosen.
    ChangeAfterReset,
    /// The person may not change it.
    ModificationNotAllowed,
    /// The old one must be told.
    MustSupplyOld,
    /// The new one is too simple.
    InsufficientQuality,
    /// The new one is too short.
    TooShort,
    /// The old one is too new.
    TooYoung,
    /// The new one was used before.
    InHistory,
    /// The new one is too long.
    TooLong,
}

impl Control {
    fn made(name: &str, is_critical: bool, value: Option<Vec<u8>>) -> Self {
        Self { name: name.to_owned(), is_critical, value }
    }

    /// Results in pages of so many, from a cookie; empty at the beginning.
    pub fn paged(entries: u32, cookie: &[u8]) -> Self {
        let value = sequence(|out| {
            out.integer(INTEGER, entries.into());
            out.octets(cookie);
        });
        Self::made(PAGED, true, Some(value))
    }

    /// What changed since a cookie; empty at the beginning. So many bytes at once, as far as the server listens to that.
    pub fn dir_sync(right: DirSyncRight, bytes_max: u32, cookie: &[u8]) -> Self {
        let value = sequence(|out| {
            out.integer(INTEGER, i64::from(right == DirSyncRight::EachEntry));
            out.integer(INTEGER, bytes_max.into());
            out.octets(cookie);
        });
        Self::made(DIR_SYNC, true, Some(value))
    }

    /// Deleted entries too.
    pub fn show_deleted() -> Self {
        Self::made(SHOW_DELETED, true, None)
    }

    /// No referrals to other domains, where it is understood.
    pub fn domain_scope() -> Self {
        Self::made(DOMAIN_SCOPE, false, None)
    }

    /// What changes from now on.
    pub fn notification() -> Self {
        Self::made(NOTIFICATION, true, None)
    }

    /// What changed since a cookie; none at the beginning.
    pub fn sync_request(mode: SyncMode, cookie: Option<&[u8]>) -> Self {
        let value = sequence(|out| {
            out.integer(ENUMERATED, mode as i64);
            if let Some(cookie) = cookie {
                out.octets(cookie);
            }
        });
        Self::made(SYNC_REQUEST, true, Some(value))
    }

    /// Asks for what the password policy says. Without it OpenLDAP answers a bind with yes although the password must be changed.
    pub fn password_policy() -> Self {
        Self::made(PASSWORD_POLICY, false, None)
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.within(SEQUENCE, |out| {
            out.octets(self.name.as_bytes());
            if self.is_critical {
                out.boolean(true);
            }
            self.value.iter().for_each(|value| out.octets(value));
        });
    }

    pub(crate) fn read_all(bytes: &[u8]) -> Result<Vec<Self>, Malformed> {
        let mut list = Reader::new(bytes);
        let mut controls = Vec::new();
        while !list.is_empty() {
            if controls.len() >= CONTROLS_MAX {
                return Err(Malformed("a message with too many controls"));
            }
            let mut one = list.inside(SEQUENCE)?;
            let name = one.text()?.to_owned();
            let is_critical = one.maybe(BOOLEAN)?.map(ber::boolean).transpose()?.unwrap_or_default();
            let value = one.maybe(OCTETS)?.map(<[u8]>::to_vec);
            controls.push(Self { name, is_critical, value });
        }
        Ok(controls)
    }
}

/// The cookie for the next page; none after the last, and where the answer is not in pages at all.
pub fn next_page(controls: &[Control]) -> Result<Option<Vec<u8>>, Malformed> {
    let Some(mut inside) = value_of(controls, PAGED)? else { return Ok(None) };
    // An estimate of how many there are: nobody keeps to it.
    inside.integer()?;
    let cookie = inside.octets()?;
    Ok((!cookie.is_empty()).then(|| cookie.to_vec()))
}

/// How far DirSync got.
pub fn dir_sync_answer(controls: &[Control]) -> Result<DirSyncAnswer, Malformed> {
    let mut inside =
        value_of(controls, DIR_SYNC)?.ok_or(Malformed("an answer of DirSync without its control"))?;
    let has_more = inside.integer()? != 0;
    inside.integer()?;
    Ok(DirSyncAnswer { has_more, cookie: inside.octets()?.to_vec() })
}

/// What became of the entry that these came with.
pub fn sync_state(controls: &[Control]) -> Result<SyncState, Malformed> {
    let mut inside =
        value_of(controls, SYNC_STATE)?.ok_or(Malformed("a synchronized entry without its state"))?;
    let state = match inside.enumerated()? {
        0 => Became::Present,
        1 => Became::Added,
        2 => Became::Modified,
        3 => Became::Deleted,
        _ => return Err(Malformed("a state of an entry that there is not")),
    };
    let uuid = uuid(inside.octets()?)?;
    let cookie = inside.maybe(OCTETS)?.map(<[u8]>::to_vec);
    Ok(SyncState { state, uuid, cookie })
}

/// How a refresh ended.
pub fn sync_done(controls: &[Control]) -> Result<SyncDone, Malformed> {
    let Some(mut inside) = value_of(controls, SYNC_DONE)? else { return Ok(SyncDone::default()) };
    let cookie = inside.maybe(OCTETS)?.map(<[u8]>::to_vec);
    let told_deletions = inside.maybe(BOOLEAN)?.map(ber::boolean).transpose()?.unwrap_or_default();
    Ok(SyncDone { cookie, told_deletions })
}

impl SyncInfo {
    /// Reads the value of an intermediate message of that name.
    pub fn read(value: &[u8]) -> Result<Self, Malformed> {
        let (tag, content) = Reader::new(value).any()?;
        let mut inside = Reader::new(content);
        if tag == 0x80 {
            return Ok(Self::Cookie(content.to_vec()));
        }
        let cookie = inside.maybe(OCTETS)?.map(<[u8]>::to_vec);
        let flag = inside.maybe(BOOLEAN)?.map(ber::boolean).transpose()?;
        match tag {
            0xa1 => Ok(Self::RefreshDelete { cookie, is_done: flag.unwrap_or(true) }),
            0xa2 => Ok(Self::RefreshPresent { cookie, is_done: flag.unwrap_or(true) }),
            0xa3 => {
                let mut set = inside.inside(SET)?;
                let mut uuids = Vec::new();
                while !set.is_empty() {
                    if uuids.len() >= UUIDS_MAX {
                        return Err(Malformed("a message with too many identifiers"));
                    }
                    uuids.push(uuid(set.octets()?)?);
                }
                Ok(Self::Uuids { cookie, are_deleted: flag.unwrap_or_default(), uuids })
            }
            _ => Err(Malformed("a message of synchronization that there is not")),
        }
    }
}

/// What the password policy says; nothing where it is not spoken of.
pub fn password_policy(controls: &[Control]) -> Result<PasswordPolicy, Malformed> {
    let mut policy = PasswordPolicy::default();
    if controls.iter().any(|control| control.name == PASSWORD_EXPIRED) {
        policy.error = Some(PolicyError::ChangeAfterReset);
    }
    let Some(mut inside) = value_of(controls, PASSWORD_POLICY)? else { return Ok(policy) };
    if let Some(warning) = inside.maybe(0xa0)? {
        let (tag, content) = Reader::new(warning).any()?;
        let number = u32::try_from(ber::integer(content)?).ok();
        match tag {
            0x80 => policy.expires_in = number,
            0x81 => policy.graces_left = number,
            _ => return Err(Malformed("a warning of the password policy that there is not")),
        }
    }
    if let Some(error) = inside.maybe(0x81)? {
        policy.error = Some(match ber::integer(error)? {
            0 => PolicyError::PasswordExpired,
            1 => PolicyError::AccountLocked,
            2 => PolicyError::ChangeAfterReset,
            3 => PolicyError::ModificationNotAllowed,
            4 => PolicyError::MustSupplyOld,
            5 => PolicyError::InsufficientQuality,
            6 => PolicyError::TooShort,
            7 => PolicyError::TooYoung,
            8 => PolicyError::InHistory,
            9 => PolicyError::TooLong,
            _ => return Err(Malformed("an error of the password policy that there is not")),
        });
    }
    Ok(policy)
}

fn sequence(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut out = Writer::new();
    out.within(SEQUENCE, write);
    out.into_bytes().to_vec()
}

/// What is inside of the value of the control with this name.
fn value_of<'a>(controls: &'a [Control], name: &str) -> Result<Option<Reader<'a>>, Malformed> {
    let Some(control) = controls.iter().find(|control| control.name == name) else { return Ok(None) };
    let value = control.value.as_deref().ok_or(Malformed("a control without its value"))?;
    Reader::new(value).inside(SEQUENCE).map(Some)
}

fn uuid(bytes: &[u8]) -> Result<[u8; 16], Malformed> {
    bytes.try_into().map_err(|_| Malformed("an identifier of an entry that has not 16 bytes"))
}
