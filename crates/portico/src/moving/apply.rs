//! `portico apply`: what is there is read, the plan is said, and done once somebody says yes.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::bail;

use crate::cli::Apply;
use crate::moving::doing;
use crate::moving::plan::{Compared, Plan};
use crate::moving::planning;
use crate::moving::reading::Reading;
use crate::moving::reading_all;
use crate::moving::remote::Remote;
use crate::moving::step::{Effect, Step};
use crate::seed_file::{self, SeedFile};

/// Runs `portico apply`.
pub(crate) async fn apply(apply: Apply) -> anyhow::Result<ExitCode> {
    let mut should = whole(&apply.file)?;
    let mut former = apply.prune.as_deref().map(whole).transpose()?;
    if !should.incomplete.is_empty() {
        bail!(
            "the file says of itself that it lacks {}: apply would take that away. Read it anew with credentials that may see all, or write \
             into it what it lacks and take incomplete out",
            should.incomplete.join(", ")
        );
    }
    cannot(&mut should, apply.leave_out)?;
    let remote = Remote::connect(&apply.server.region, Some(&apply.server.endpoint_url))?;
    let mut is = SeedFile::default();
    let read = reading_all::read(remote, None, &mut is).await?;
    // A plan from half of what is there would make the other half anew.
    let hidden = read.shortfalls.refusals();
    if !hidden.is_empty() {
        bail!("these credentials may not see all that the file is compared with: {}", hidden.join("; "));
    }
    for file in [Some(&mut should), former.as_mut()].into_iter().flatten() {
        same_instance(file, &is, apply.ignore_ids)?;
    }
    let mut plan = planning::plan(Compared { is: &is, should: &should, former: former.as_ref() });
    if !plan.refusals.is_empty() {
        bail!("nothing was changed:\n  - {}", plan.refusals.join("\n  - "));
    }
    provision_again(&read, (&is, &should), &mut plan).await?;
    if plan.steps.is_empty() {
        say("Nothing to change.");
        return Ok(ExitCode::SUCCESS);
    }
    tell(&plan);
    if apply.plan {
        return Ok(ExitCode::SUCCESS);
    }
    if !apply.yes && !agreed()? {
        bail!("nothing was changed");
    }
    carry_out(read, &is, plan).await
}

/// A run that was killed may have changed permission sets and not provisioned them: of those that the file names, whatever some account does not have.
async fn provision_again(
    read: &Reading,
    (is, should): (&SeedFile, &SeedFile),
    plan: &mut Plan,
) -> anyhow::Result<()> {
    let planned =
        |name: &str| plan.steps.iter().any(|step| matches!(step, Step::Provision { set } if set == name));
    let sets = should.permission_sets.iter().filter(|set| !planned(&set.name));
    let there = |name: &str| is.permission_sets.iter().find(|set| set.name == name)?.id.clone();
    let sets: Vec<_> = sets.filter_map(|set| Some((set.name.clone(), there(&set.name)?))).collect();
    let behind = read.behind(sets).await?;
    plan.steps.extend(behind.into_iter().map(|set| Step::Provision { set }));
    Ok(())
}

async fn carry_out(read: Reading, is: &SeedFile, plan: Plan) -> anyhow::Result<ExitCode> {
    let done = doing::all(read, is, plan).await?;
    say(&format!("Done: {done} steps."));
    Ok(ExitCode::SUCCESS)
}

/// Every document of a file as one.
fn whole(path: &Path) -> anyhow::Result<SeedFile> {
    let mut all = SeedFile::default();
    for document in seed_file::open(path)? {
        // Every field by its name: none is forgotten.
        let SeedFile {
            instance,
            organization,
            portal,
            organizational_units,
            accounts,
            users,
            groups,
            permission_sets,
            assignments,
            provisioning_tenants,
            external_identity_providers,
            directories,
            applications,
            trusted_token_issuers,
            incomplete,
        } = document?;
        all.instance = all.instance.or(instance);
        all.organization = all.organization.or(organization);
        all.portal = all.portal.or(portal);
        all.organizational_units.extend(organizational_units);
        all.accounts.extend(accounts);
        all.users.extend(users);
        all.groups.extend(groups);
        all.permission_sets.extend(permission_sets);
        all.assignments.extend(assignments);
        all.provisioning_tenants.extend(provisioning_tenants);
        all.external_identity_providers.extend(external_identity_providers);
        all.directories.extend(directories);
        all.applications.extend(applications);
        all.trusted_token_issuers.extend(trusted_token_issuers);
        all.incomplete.extend(incomplete);
    }
    Ok(all)
}

/// Refuses what a file says and no call of AWS's does, or leaves it out and says so.
fn cannot(file: &mut SeedFile, leave_out: bool) -> anyhow::Result<()> {
    let passwords = file.users.iter().filter(|user| user.password.is_some()).count();
    let nested = file.groups.iter().filter(|group| !group.member_groups.is_empty()).count();
    let named = [
        ("passwords (people are invited instead)", passwords > 0),
        ("memberGroups", nested > 0),
        ("portal", file.portal.is_some()),
        ("provisioningTenants", !file.provisioning_tenants.is_empty()),
        ("externalIdentityProviders", !file.external_identity_providers.is_empty()),
        ("directories", !file.directories.is_empty()),
        ("applications", !file.applications.is_empty()),
        ("trustedTokenIssuers", !file.trusted_token_issuers.is_empty()),
    ];
    let named: Vec<&str> =
        named.into_iter().filter(|(_, is_there)| *is_there).map(|(what, _)| what).collect();
    if named.is_empty() {
        return Ok(());
    }
    if !leave_out {
        bail!(
            "apply does not do what the file says of {}: take it out, or say --leave-out",
            named.join(", ")
        );
    }
    say(&format!("Left out: {}", named.join(", ")));
    file.users.iter_mut().for_each(|user| user.password = None);
    file.groups.iter_mut().for_each(|group| group.member_groups.clear());
    Ok(())
}

/// A file of another instance speaks of other people by its ids. It is refused, or read by names alone.
fn same_instance(file: &mut SeedFile, is: &SeedFile, ignore_ids: bool) -> anyhow::Result<()> {
    if ignore_ids {
        forget_ids(file, is);
        return Ok(());
    }
    let (Some(given), Some(there)) = (&file.instance, &is.instance) else { return Ok(()) };
    let pairs = [
        ("instance", &given.id, &there.id),
        ("identity store", &given.identity_store_id, &there.identity_store_id),
    ];
    for (what, given, there) in pairs {
        if let (Some(given), Some(there)) = (given, there)
            && given != there
        {
            bail!(
                "the file is of another {what}: it says {given}, here is {there}. To go by names alone say --ignore-ids"
            );
        }
    }
    Ok(())
}

fn forget_ids(file: &mut SeedFile, is: &SeedFile) {
    if let Some(instance) = &mut file.instance {
        (instance.id, instance.identity_store_id) = (None, None);
    }
    // Accounts keep theirs: they are Amazon's, and the same everywhere. But who manages them is of the organization.
    if let Some(organization) = &mut file.organization {
        let here = is.organization.as_ref().and_then(|organization| organization.management_account.as_ref());
        let given = organization.management_account.as_ref();
        if here.map(|account| &account.id) != given.map(|account| &account.id) {
            organization.management_account = None;
        }
    }
    file.organizational_units.iter_mut().for_each(|unit| unit.id = None);
    file.users.iter_mut().for_each(|user| user.id = None);
    file.groups.iter_mut().for_each(|group| group.id = None);
    file.permission_sets.iter_mut().for_each(|set| set.id = None);
}

fn tell(plan: &Plan) {
    let mut counts = [0_usize; 3];
    for step in &plan.steps {
        let (sign, at) = match step.effect() {
            Effect::Create => ('+', 0),
            Effect::Change => ('~', 1),
            Effect::Delete => ('-', 2),
        };
        if let Some(count) = counts.get_mut(at) {
            *count += 1;
        }
        say(&format!("{sign} {step}"));
    }
    let [created, changed, deleted] = counts;
    say(&format!("{created} to create, {changed} to change, {deleted} to delete."));
}

fn agreed() -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("nothing was changed: nobody is there to ask; say --yes");
    }
    ask()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

#[expect(clippy::print_stdout, reason = "the question of a command")]
fn ask() -> io::Result<()> {
    print!("Do this? Type yes: ");
    io::stdout().flush()
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
fn say(text: &str) {
    println!("{text}");
}
