//! A real domain controller, Samba's: DirSync and uSNChanged, tombstones, moves and renames, sign-ins by every name, passwords. It never limits what
//! Active Directory limits: that is the fake's (`limits.rs`).

use std::sync::OnceLock;
use std::time::Duration;

use ldap::cursor::Point;
use ldap::dn::Dn;
use ldap::found::{Deletions, Member};
use ldap::mapping::Field;
use ldap::password::PasswordRefusal;
use ldap::refusal::BindRefusal;
use ldap::schema::Schema;
use model::secret::Secret;
use outbound::ldap::directory::Directory;
use outbound::ldap::settings::{Server, Servers, Settings};
use outbound::ldap::sign_in::{PasswordChange, SignIn};
use outbound::ldap::trial::{StepName, StepResult};

use super::passes::{Found, read};
use super::scratch::{NOW, Scratch, directory};

/// One for all tests: it takes ten seconds to make. Each test has people of its own.
fn samba() -> &'static Scratch {
    static SAMBA: OnceLock<Scratch> = OnceLock::new();
    SAMBA.get_or_init(|| Scratch::start(Schema::ActiveDirectory, "samba-scratch", 260, 5, &[]))
}

fn settings() -> Settings {
    let mut settings = samba().settings();
    settings.scope.people = vec![Dn::parse("OU=People,DC=ad,DC=example,DC=test").unwrap()];
    settings.scope.groups = vec![Dn::parse("OU=Teams,DC=ad,DC=example,DC=test").unwrap()];
    settings
}

fn replicating() -> Settings {
    Settings { account: samba().account("REPLICATOR", "REPLICATOR_PASSWORD"), ..settings() }
}

fn person(number: u32) -> String {
    format!("dn: CN=u{number},OU=People,DC=ad,DC=example,DC=test\n")
}

fn has_gone(found: &Found, full: &Found, name: &str) -> bool {
    found.gone.contains(full.people[name].id.as_str())
}

#[tokio::test]
async fn everybody_is_read() {
    let found = read(directory(settings()).full(NOW).await).await.unwrap();
    assert!(found.people.len() > 250, "{}", found.people.len());
    assert_eq!(found.deletions, Some(Deletions::ByAbsence));
    let person = &found.people["u251@ad.example.test"];
    assert_eq!(person.account_name.as_deref(), Some("u251"));
    assert_eq!(person.fields[&Field::Department], ["Department 1"]);
    assert_eq!(person.fields[&Field::EmployeeNumber], ["251"]);
    assert!(person.state.is_enabled() && !person.state.must_change_password);
    let group = &found.groups["g1"];
    // Samba sends all of them at once, unlike Active Directory.
    assert!(group.members.len() > 250 && group.members.contains(&Member::Dn(person.dn.clone())));
    // The primary group of everybody is none of these.
    assert!(person.primary_group.as_ref().unwrap().as_str().ends_with("-513"));
    assert!(found.groups.values().all(|group| group.key != person.primary_group));
    // Computers and accounts of the system are not people.
    let whole = read(samba().directory().full(NOW).await).await.unwrap();
    let others: Vec<&str> =
        whole.people.keys().map(String::as_str).filter(|name| !name.starts_with('u')).collect();
    assert_eq!(
        others,
        ["Administrator", "Guest", "dirsync@ad.example.test", "dns-dc1", "krbtgt", "reader@ad.example.test"]
    );
    assert!(whole.groups.values().any(|group| group.key == person.primary_group), "Domain Users");
}

/// Changes of people from this number on, and of a group of theirs.
fn changes(from: u32) -> String {
    let [first, second, third, fourth, fifth] = [0, 1, 2, 3, 4].map(|more| person(from + more));
    format!(
        "{first}changetype: modify\nreplace: title\ntitle: Director\n\n{second}changetype: delete\n\n\
         {third}changetype: modrdn\nnewrdn: CN=renamed{from}\ndeleteoldrdn: 1\n\n\
         {fourth}changetype: modrdn\nnewrdn: CN=u{}\ndeleteoldrdn: 1\nnewsuperior: OU=Elsewhere,DC=ad,DC=example,DC=test\n\n\
         {fifth}changetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n\n\
         dn: CN=new{from},OU=People,DC=ad,DC=example,DC=test\nchangetype: add\nobjectClass: user\nsAMAccountName: new{from}\n\
         userPrincipalName: new{from}@ad.example.test\n\n\
         dn: CN=g{from},OU=Teams,DC=ad,DC=example,DC=test\nchangetype: add\nobjectClass: group\nsAMAccountName: g{from}\n\
         member: CN=u{from},OU=People,DC=ad,DC=example,DC=test\n",
        from + 3
    )
}

fn hold(found: &Found, full: &Found, from: u32) {
    let upn = |number: u32| format!("u{number}@ad.example.test");
    assert_eq!(found.people[&upn(from)].fields[&Field::Title], ["Director"]);
    // Renamed, and the same.
    let renamed = &found.people[&upn(from + 2)];
    assert_eq!(renamed.dn.first_value(), format!("renamed{from}"));
    assert_eq!(renamed.id, full.people[&upn(from + 2)].id);
    assert!(has_gone(found, full, &upn(from + 3)), "moved out of scope");
    assert!(found.people[&upn(from + 4)].state.disabled);
    assert!(found.people.contains_key(&format!("new{from}@ad.example.test")));
    assert_eq!(found.groups[&format!("g{from}")].members.len(), 1);
}

#[tokio::test]
async fn with_the_right_to_replicate_changes_come_by_dir_sync() {
    let directory = directory(replicating());
    let full = read(directory.full(NOW).await).await.unwrap();
    let cursor = full.cursor.clone().unwrap();
    assert!(matches!(cursor.point, Point::DirSync { .. }), "{cursor:?}");
    samba().change(&changes(100));
    let changed = read(directory.changes(&cursor, NOW).await).await.unwrap();
    assert_eq!(changed.deletions, Some(Deletions::Told));
    hold(&changed, &full, 100);
    assert!(has_gone(&changed, &full, "u101@ad.example.test"), "deleted");
    // Not everybody: what did not change does not come.
    assert!(changed.people.len() < 50, "{}", changed.people.len());
    // Back in scope, and the same.
    samba().change(
        "dn: CN=u103,OU=Elsewhere,DC=ad,DC=example,DC=test\nchangetype: modrdn\nnewrdn: CN=u103\ndeleteoldrdn: 1\n\
         newsuperior: OU=People,DC=ad,DC=example,DC=test\n",
    );
    let back = read(directory.changes(&changed.cursor.unwrap(), NOW).await).await.unwrap();
    assert_eq!(back.people["u103@ad.example.test"].id, full.people["u103@ad.example.test"].id);
}

#[tokio::test]
async fn without_it_they_come_by_the_count_of_the_server() {
    let directory = directory(settings());
    let full = read(directory.full(NOW).await).await.unwrap();
    let cursor = full.cursor.clone().unwrap();
    assert!(matches!(cursor.point, Point::Usn { .. }), "{cursor:?}");
    samba().change(&changes(200));
    let changed = read(directory.changes(&cursor, NOW).await).await.unwrap();
    hold(&changed, &full, 200);
    // Whoever sees what is deleted hears of it: an ordinary account does not.
    let deleted = has_gone(&changed, &full, "u201@ad.example.test");
    assert_eq!(deleted, changed.deletions == Some(Deletions::Told), "{:?}", changed.deletions);
    // Another database: a restored domain controller, or another one.
    let Point::Usn { highest, .. } = cursor.point else { panic!("{cursor:?}") };
    let other = ldap::cursor::Cursor { point: Point::Usn { invocation_id: vec![1; 16], highest }, ..cursor };
    let failure = read(directory.changes(&other, NOW).await).await.unwrap_err();
    assert!(failure.asks_for_full(), "{failure}");
}

async fn signed_in(directory: &Directory, name: &str, password: &str) -> Result<String, BindRefusal> {
    let found = directory.find(name, NOW).await.unwrap();
    assert_eq!(found.len(), 1, "{name}");
    match directory.sign_in(&found[0].id, &Secret::new(password), NOW).await.unwrap() {
        SignIn::Welcome(person) => Ok(person.account_name.unwrap()),
        SignIn::Refused { refusal, .. } => Err(refusal),
    }
}

#[tokio::test]
async fn people_sign_in_by_every_name_and_hear_why_not() {
    let directory = directory(settings());
    for name in
        ["u1@ad.example.test", r"EXAMPLE\u1", r"example\U1", r"ad.example.test\u1", "u1", "u1@example.test"]
    {
        assert_eq!(signed_in(&directory, name, "Secret-of-u1!").await, Ok("u1".to_owned()), "{name}");
    }
    for name in [r"OTHER\u1", r"EXAMPLE\", r"\u1", "u*", "*", "administrator"] {
        assert_eq!(directory.find(name, NOW).await.unwrap(), [], "{name}");
    }
    assert_eq!(signed_in(&directory, "u1", "wrong").await, Err(BindRefusal::WrongPassword));
    for (number, attribute, value, refusal) in [
        (2, "userAccountControl", "514", BindRefusal::Disabled),
        (3, "accountExpires", "133000000000000000", BindRefusal::AccountExpired),
        (4, "pwdLastSet", "0", BindRefusal::MustChangePassword),
    ] {
        let dn = person(number);
        samba().change(&format!("{dn}changetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"));
        let name = format!("u{number}");
        let right = format!("Secret-of-u{number}!");
        assert_eq!(signed_in(&directory, &name, &right).await, Err(refusal), "{attribute}");
        assert_eq!(
            signed_in(&directory, &name, "wrong").await,
            Err(BindRefusal::WrongPassword),
            "{attribute}"
        );
    }
}

#[tokio::test]
async fn people_change_their_password_also_where_they_must() {
    let directory = directory(settings());
    let changed = async |name: &str, old: &str, new: &str| {
        let id = directory.find(name, NOW).await.unwrap()[0].id.clone();
        match directory.change_password(&id, (&Secret::new(old), &Secret::new(new)), NOW).await.unwrap() {
            PasswordChange::Done => Ok(()),
            PasswordChange::Refused { why, .. } => Err(why),
        }
    };
    // As it comes, a password must be a day old before it is changed; one that must be changed may be at once.
    assert_eq!(changed("u10", "Secret-of-u10!", "Another-of-u10!").await, Err(PasswordRefusal::TooSoon));
    samba().change(&format!("{}changetype: modify\nreplace: pwdLastSet\npwdLastSet: 0\n", person(11)));
    assert_eq!(changed("u11", "wrong", "Another-of-u11!").await, Err(PasswordRefusal::WrongOld));
    assert_eq!(changed("u11", "Secret-of-u11!", "short").await, Err(PasswordRefusal::TooShort));
    assert_eq!(changed("u11", "Secret-of-u11!", "Another-of-u11!").await, Ok(()));
    assert_eq!(signed_in(&directory, "u11", "Another-of-u11!").await, Ok("u11".to_owned()));
}

#[tokio::test]
async fn a_trial_says_what_the_account_may_not() {
    let ordinary = directory(settings()).trial(NOW).await;
    assert!(ordinary.passed(), "{ordinary:#?}");
    let step = |name: StepName| ordinary.steps.iter().find(|step| step.name == name).unwrap();
    assert_eq!(step(StepName::Changes).result, StepResult::Warned);
    assert!(step(StepName::Changes).said.contains("Replicating Directory Changes"));
    let replicating = directory(replicating()).trial(NOW).await;
    assert!(replicating.steps.iter().all(|step| step.result == StepResult::Passed), "{replicating:#?}");
    // StartTLS works as well.
    let servers = Servers::Named(vec![Server::parse(samba().said("LDAP")).unwrap()]);
    assert!(directory(Settings { servers, ..settings() }).trial(NOW).await.passed());
}

#[tokio::test]
async fn a_change_is_heard_at_once() {
    let mut watch = directory(settings()).watch().await.unwrap().unwrap();
    samba().change(&format!("{}changetype: modify\nreplace: title\ntitle: Director\n", person(20)));
    assert!(watch.changed(Duration::from_secs(10)).await.unwrap());
}
