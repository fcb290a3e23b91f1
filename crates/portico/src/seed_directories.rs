//! Directories in a seed: their secrets and certificates read, and looked at as CreateDirectory does, before the transaction that makes the instance. None is
//! asked yet: who is away then does not hold up an `init`.

use std::path::Path;

use anyhow::Context as _;
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::Instance;
use model::limits::Mode;
use model::sources::directory::{
    CERTIFICATES_TEXT_MAX, DirectoryId, DirectorySettings, DirectoryStatus, DnsDomain, DnsSecurity, Lockout,
    Schedule, Scope,
};
use sources::beginnings;
use sources::directories::NewDirectory;
use sources::directory_secrets::GivenSecret;
use store::tx::Tx;

use crate::seed_reading::{Around, said, text};
use crate::seed_source_file::{Directory, Reference};

/// A directory, ready to be written.
#[derive(Debug)]
pub(crate) struct ReadDirectory {
    id: Option<String>,
    status: DirectoryStatus,
    new: NewDirectory,
}

impl ReadDirectory {
    pub(crate) fn of(directory: &Directory, around: &Around, mode: Mode) -> anyhow::Result<Self> {
        let new = directory.described(&around.base)?;
        let new = beginnings::look_at(mode, &around.outbound, new).map_err(said)?;
        let status = if directory.enabled { DirectoryStatus::Enabled } else { DirectoryStatus::Paused };
        Ok(Self { id: directory.id.clone(), status, new })
    }

    pub(crate) fn name(&self) -> &str {
        &self.new.settings.name
    }

    pub(crate) fn write(&self, tx: &mut Tx<'_>, cx: &Cx, instance: &Instance) -> Result<(), Fault> {
        let id = match &self.id {
            Some(id) => DirectoryId::parse(id.as_str())?,
            None => DirectoryId::fresh(cx.entropy()),
        };
        let made = beginnings::connect_directory_in(tx, cx, instance, (&id, self.status), self.new.clone());
        made.map(|_| ())
    }
}

impl Directory {
    fn described(&self, base: &Path) -> anyhow::Result<NewDirectory> {
        let secret = |field: &'static str, reference: Option<&Reference>| {
            reference.map(|reference| reference.read(base)).transpose().context(field)
        };
        let most = u64::try_from(CERTIFICATES_TEXT_MAX).unwrap_or(u64::MAX);
        let certificates =
            |file: Option<&std::path::PathBuf>| file.map(|file| text(&base.join(file), most)).transpose();
        let secret = GivenSecret {
            password: secret("bindPassword", self.bind_password.as_ref())?,
            key: secret("clientKey", self.client_key.as_ref())?,
        };
        let security = self.dns_security.unwrap_or(DnsSecurity::Ldaps);
        let (schedule, lockout) = (Schedule::default(), Lockout::default());
        let settings = DirectorySettings {
            name: self.name.clone(),
            schema: self.schema,
            servers: self.servers.clone(),
            dns_domain: self.dns_domain.clone().map(|name| DnsDomain { name, security }),
            ca_certificates: certificates(self.ca_certificates_file.as_ref())?,
            pinned_certificates: self.pinned_certificates.clone(),
            bind_dn: self.bind_dn.clone(),
            client_certificate: certificates(self.client_certificate_file.as_ref())?,
            domain: self.domain.clone(),
            scope: Scope {
                user_bases: self.user_bases.clone(),
                group_bases: self.group_bases.clone(),
                user_filter: self.user_filter.clone(),
                group_filter: self.group_filter.clone(),
            },
            user_name_from: self.user_name_from.clone(),
            attributes: self.attributes.clone(),
            schedule: Schedule {
                incremental_seconds: self.incremental_seconds.unwrap_or(schedule.incremental_seconds),
                full_hours: self.full_hours.unwrap_or(schedule.full_hours),
                brake_percent: self.brake_percent.unwrap_or(schedule.brake_percent),
                remove_after_days: self.remove_after_days.unwrap_or(schedule.remove_after_days),
            },
            lockout: Lockout {
                attempts: self.lockout_attempts.unwrap_or(lockout.attempts),
                minutes: self.lockout_minutes.unwrap_or(lockout.minutes),
            },
            watch: self.watch,
            password_change: self.password_change,
        };
        anyhow::ensure!(
            self.dns_security.is_none() || self.dns_domain.is_some(),
            "dnsSecurity has no place without dnsDomain"
        );
        Ok(NewDirectory { settings, secret })
    }
}
