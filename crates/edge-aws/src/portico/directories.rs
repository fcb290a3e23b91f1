//! CreateDirectory, DescribeDirectory, ListDirectories, UpdateDirectory, EnableDirectory, PauseDirectory, DeleteDirectory, TestDirectory; and the structure
//! `DirectoryConfiguration`: into settings and back. Passwords are never answered.

use model::cx::Cx;
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use model::secret::Secret;
use model::sources::directory::{
    DirectorySchema, DirectorySettings, DirectoryStatus, DnsDomain, DnsSecurity, Lockout, Schedule, Scope,
    Switch,
};
use model::sources::directory_watch::DirectoryWatch;
use model::sources::external_idp::AttributeRule;
use sources::directories::{self, Described, NewDirectory};
use sources::directory_secrets::GivenSecret;
use wire::generated::portico::shapes::{
    CreateDirectoryRequest, CreateDirectoryResponse, DeleteDirectoryRequest, DeleteDirectoryResponse,
    DescribeDirectoryRequest, DescribeDirectoryResponse, DirectoryAttributeRule, DirectoryConfiguration,
    DirectorySummary, DirectoryTestStep, DirectoryWatch as WatchShape, EnableDirectoryRequest,
    EnableDirectoryResponse, ListDirectoriesRequest, ListDirectoriesResponse, PauseDirectoryRequest,
    PauseDirectoryResponse, TestDirectoryRequest, TestDirectoryResponse, UpdateDirectoryRequest,
    UpdateDirectoryResponse,
};

use crate::app::App;
use crate::identitystore::ids;
use crate::portico::directory_syncs::{named, shape as sync_shape};

/// A number of the model, which holds its limits.
fn number(given: Option<i64>, default: u32) -> u32 {
    given.map_or(default, |given| u32::try_from(given).unwrap_or(u32::MAX))
}

fn given(given: DirectoryConfiguration) -> Result<DirectorySettings, Fault> {
    let (schedule, lockout) = (Schedule::default(), Lockout::default());
    let schema = DirectorySchema::parse(&given.schema)
        .ok_or_else(|| Fault::validation(format!("Schema {} is none", given.schema)))?;
    let attributes = given.attributes.unwrap_or_default().into_iter();
    let dns_domain = dns_domain(given.dns_domain, given.dns_security.as_deref())?;
    Ok(DirectorySettings {
        name: given.name,
        schema,
        servers: given.servers.unwrap_or_default(),
        dns_domain,
        ca_certificates: given.ca_certificates,
        pinned_certificates: given.pinned_certificates.unwrap_or_default(),
        bind_dn: given.bind_dn,
        client_certificate: given.client_certificate,
        domain: given.domain,
        scope: Scope {
            user_bases: given.user_bases,
            group_bases: given.group_bases.unwrap_or_default(),
            user_filter: given.user_filter,
            group_filter: given.group_filter,
        },
        user_name_from: given.user_name_from,
        attributes: attributes
            .map(|rule| AttributeRule { attribute: rule.attribute, from: rule.from })
            .collect(),
        schedule: Schedule {
            incremental_seconds: number(given.incremental_seconds, schedule.incremental_seconds),
            full_hours: number(given.full_hours, schedule.full_hours),
            brake_percent: number(given.brake_percent, schedule.brake_percent),
            remove_after_days: number(given.remove_after_days, schedule.remove_after_days),
        },
        lockout: Lockout {
            attempts: number(given.lockout_attempts, lockout.attempts),
            minutes: number(given.lockout_minutes, lockout.minutes),
        },
        watch: switch("Watch", given.watch.as_deref())?,
        password_change: switch("PasswordChange", given.password_change.as_deref())?,
    })
}

fn dns_domain(name: Option<String>, security: Option<&str>) -> Result<Option<DnsDomain>, Fault> {
    let Some(name) = name else {
        let alone = security.map(|_| Fault::validation("DnsSecurity has no place without DnsDomain"));
        return alone.map_or(Ok(None), Err);
    };
    let known = DnsSecurity::parse(security.unwrap_or(DnsSecurity::Ldaps.as_str()));
    let security = known.ok_or_else(|| Fault::validation("DnsSecurity is none"))?;
    Ok(Some(DnsDomain { name, security }))
}

fn switch(field: &str, given: Option<&str>) -> Result<Switch, Fault> {
    let Some(given) = given else { return Ok(Switch::default()) };
    Switch::parse(given).ok_or_else(|| Fault::validation(format!("{field} {given} is none")))
}

/// A list that is left out where it is empty.
fn listed<T>(all: Vec<T>) -> Option<Vec<T>> {
    (!all.is_empty()).then_some(all)
}

fn shown(settings: DirectorySettings) -> DirectoryConfiguration {
    let rules = settings.attributes.into_iter();
    let rules = rules.map(|rule| DirectoryAttributeRule { attribute: rule.attribute, from: rule.from });
    DirectoryConfiguration {
        name: settings.name,
        schema: settings.schema.as_str().to_owned(),
        servers: listed(settings.servers),
        dns_security: settings.dns_domain.as_ref().map(|domain| domain.security.as_str().to_owned()),
        dns_domain: settings.dns_domain.map(|domain| domain.name),
        bind_dn: settings.bind_dn,
        client_certificate: settings.client_certificate,
        user_bases: settings.scope.user_bases,
        group_bases: listed(settings.scope.group_bases),
        user_filter: settings.scope.user_filter,
        group_filter: settings.scope.group_filter,
        user_name_from: settings.user_name_from,
        attributes: listed(rules.collect()),
        domain: settings.domain,
        ca_certificates: settings.ca_certificates,
        pinned_certificates: listed(settings.pinned_certificates),
        incremental_seconds: Some(i64::from(settings.schedule.incremental_seconds)),
        full_hours: Some(i64::from(settings.schedule.full_hours)),
        brake_percent: Some(i64::from(settings.schedule.brake_percent)),
        remove_after_days: Some(i64::from(settings.schedule.remove_after_days)),
        lockout_attempts: Some(i64::from(settings.lockout.attempts)),
        lockout_minutes: Some(i64::from(settings.lockout.minutes)),
        watch: Some(settings.watch.as_str().to_owned()),
        password_change: Some(settings.password_change.as_str().to_owned()),
    }
}

fn secret(password: Option<String>, key: Option<String>) -> GivenSecret {
    GivenSecret { password: password.map(Secret::new), key: key.map(Secret::new) }
}

fn watched(watch: DirectoryWatch) -> WatchShape {
    WatchShape {
        state: watch.standing.state.as_str().to_owned(),
        server: watch.standing.server,
        since: ids::seconds(watch.standing.since),
        heard_at: watch.heard_at.map(ids::seconds),
        said: watch.standing.said,
    }
}

pub(crate) async fn create(
    app: App,
    cx: Cx,
    input: CreateDirectoryRequest,
) -> Result<CreateDirectoryResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let secret = secret(input.bind_password, input.client_key);
    let new = NewDirectory { settings: given(input.configuration)?, secret };
    let directory = directories::create(&app.store, &cx, &app.outbound, (&at, new)).await?;
    Ok(CreateDirectoryResponse { directory_id: directory.id.into() })
}

pub(crate) async fn describe(
    app: App,
    cx: Cx,
    input: DescribeDirectoryRequest,
) -> Result<DescribeDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    let Described { directory, standing, last, watch } = directories::describe(&app.store, &cx, (&at, &id))?;
    let is_scheduled = directory.status == DirectoryStatus::Enabled && standing.held.is_none();
    let next = |at| is_scheduled.then(|| ids::seconds(at));
    Ok(DescribeDirectoryResponse {
        issuer: id.issuer(),
        directory_id: id.into(),
        status: directory.status.as_str().to_owned(),
        held_sync_id: standing.held.map(Into::into),
        next_incremental_at: next(standing.next_incremental_at),
        next_full_at: next(standing.next_full_at),
        failures: i64::from(standing.failures),
        last_sync: last.map(sync_shape),
        watch: watch.map(watched),
        created_at: ids::seconds(directory.created_at),
        created_by: directory.created_by,
        updated_at: ids::seconds(directory.updated_at),
        updated_by: directory.updated_by,
        configuration: shown(directory.settings),
    })
}

pub(crate) async fn list(
    app: App,
    cx: Cx,
    input: ListDirectoriesRequest,
) -> Result<ListDirectoriesResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let scope = PageScope::new("ListDirectories", &[at.id().as_str()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = directories::list(&app.store, &cx, &at, &page)?;
    let summary = |Described { directory, standing, last, .. }: Described| DirectorySummary {
        directory_id: directory.id.into(),
        name: directory.settings.name,
        schema: directory.settings.schema.as_str().to_owned(),
        status: directory.status.as_str().to_owned(),
        held_sync_id: standing.held.map(Into::into),
        last_sync: last.map(sync_shape),
    };
    Ok(ListDirectoriesResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        directories: found.items.into_iter().map(summary).collect(),
    })
}

pub(crate) async fn update(
    app: App,
    cx: Cx,
    input: UpdateDirectoryRequest,
) -> Result<UpdateDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    let new = (given(input.configuration)?, secret(input.bind_password, input.client_key));
    directories::update(&app.store, &cx, &app.outbound, (&at, &id), new).await?;
    Ok(UpdateDirectoryResponse {})
}

pub(crate) async fn enable(
    app: App,
    cx: Cx,
    input: EnableDirectoryRequest,
) -> Result<EnableDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    directories::set_status(&app.store, &cx, (&at, &id), DirectoryStatus::Enabled).await?;
    Ok(EnableDirectoryResponse {})
}

pub(crate) async fn pause(
    app: App,
    cx: Cx,
    input: PauseDirectoryRequest,
) -> Result<PauseDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    directories::set_status(&app.store, &cx, (&at, &id), DirectoryStatus::Paused).await?;
    Ok(PauseDirectoryResponse {})
}

pub(crate) async fn delete(
    app: App,
    cx: Cx,
    input: DeleteDirectoryRequest,
) -> Result<DeleteDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    directories::delete(&app.store, &cx, (&at, &id)).await?;
    Ok(DeleteDirectoryResponse {})
}

pub(crate) async fn test(
    app: App,
    cx: Cx,
    input: TestDirectoryRequest,
) -> Result<TestDirectoryResponse, Fault> {
    let (at, id) = named(&input.identity_store_id, input.directory_id)?;
    let trial = directories::test(&app.store, &cx, &app.outbound, (&at, &id)).await?;
    let passed = trial.passed();
    let steps = trial.steps.into_iter().map(|step| DirectoryTestStep {
        name: step.name.as_str().to_owned(),
        server: step.server,
        outcome: step.result.as_str().to_owned(),
        said: step.said,
    });
    Ok(TestDirectoryResponse { passed, steps: steps.collect() })
}
