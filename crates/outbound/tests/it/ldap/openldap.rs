//! A real OpenLDAP: everybody is read in pages although the server gives 500 at once, sign-ins and new passwords are answered by its policy, and a trial
//! says what is wrong.

use ldap::dn::Dn;
use ldap::found::{Deletions, GroupKey, Member};
use ldap::mapping::Field;
use ldap::password::PasswordRefusal;
use ldap::refusal::BindRefusal;
use model::secret::Secret;
use outbound::ldap::directory::Directory;
use outbound::ldap::failure::Kind;
use outbound::ldap::settings::{Account, Server, Servers, Settings, Trust};
use outbound::ldap::sign_in::{PasswordChange, SignIn};
use outbound::ldap::trial::{StepName, StepResult, Trial};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::passes::read;
use super::scratch::{NOW, Slapd, directory};

#[tokio::test]
async fn everybody_is_read_in_pages() {
    let slapd = Slapd::start(1_300, 20);
    let found = read(slapd.directory().full(NOW).await).await.unwrap();
    assert_eq!((found.people.len(), found.groups.len()), (1_300, 21));
    assert_eq!(found.deletions, Some(Deletions::ByAbsence));
    assert!(found.cursor.is_some());
    let person = &found.people["u7"];
    assert_eq!(person.dn, Dn::parse("uid=u7,ou=people,dc=example,dc=test").unwrap());
    assert_eq!(person.fields[&Field::Email], ["u7@example.test"]);
    assert_eq!(person.fields[&Field::DisplayName], ["Person 7"]);
    assert_eq!(person.primary_group, GroupKey::parse("gid:20001"));
    assert!(person.state.is_enabled());
    let group = &found.groups["g7"];
    assert_eq!(group.members.len(), 650);
    assert!(group.members.contains(&Member::Dn(person.dn.clone())));
    let unix = &found.groups["unix"];
    assert_eq!(unix.key, person.primary_group);
    assert_eq!(unix.members, [Member::Account("u2".to_owned())]);
}

#[tokio::test]
async fn a_sign_in_is_answered_by_the_directorys_own_policy() {
    let slapd = Slapd::start(6, 1);
    let directory = slapd.directory();
    let signed_in = async |name: &str, password: &str| signed_in(&directory, name, password).await;
    assert_eq!(signed_in("u1", "secret of u1").await, Ok("u1".to_owned()));
    assert_eq!(signed_in("u1", "secret of u2").await, Err(BindRefusal::WrongPassword));
    assert_eq!(signed_in("u1", "").await, Err(BindRefusal::WrongPassword));
    // An administrator set it: slapd answers such a bind with success, and says why it must not count only to who asks.
    slapd.change(
        "dn: uid=u2,ou=people,dc=example,dc=test\nchangetype: modify\nreplace: userPassword\nuserPassword: given to u2\n\n\
         dn: uid=u2,ou=people,dc=example,dc=test\nchangetype: modify\nreplace: pwdReset\npwdReset: TRUE\n",
    );
    assert_eq!(signed_in("u2", "given to u2").await, Err(BindRefusal::MustChangePassword));
    for _ in 0..3 {
        assert_eq!(signed_in("u3", "wrong").await, Err(BindRefusal::WrongPassword));
    }
    // As it comes, slapd does not tell a guesser that an account is locked (ppolicy_use_lockout): it is a wrong password, and the state says why.
    assert_eq!(signed_in("u3", "secret of u3").await, Err(BindRefusal::WrongPassword));
    let found = directory.find("u3", NOW).await.unwrap();
    assert!(found[0].state.locked && !found[0].state.disabled);
    slapd.change(
        "dn: uid=u4,ou=people,dc=example,dc=test\nchangetype: modify\nadd: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n",
    );
    assert!(directory.find("u4", NOW).await.unwrap()[0].state.disabled);
    assert!(signed_in("u4", "secret of u4").await.is_err());
    // Somebody who is deleted between two sign-ins.
    let id = directory.find("u5", NOW).await.unwrap()[0].id.clone();
    slapd.change("dn: uid=u5,ou=people,dc=example,dc=test\nchangetype: delete\n");
    let answer = directory.sign_in(&id, &Secret::new("secret of u5"), NOW).await.unwrap();
    assert!(matches!(answer, SignIn::Refused { refusal: BindRefusal::NoSuchPerson, person: None, .. }));
}

async fn signed_in(directory: &Directory, name: &str, password: &str) -> Result<String, BindRefusal> {
    let found = directory.find(name, NOW).await.unwrap();
    assert_eq!(found.len(), 1, "{name}");
    match directory.sign_in(&found[0].id, &Secret::new(password), NOW).await.unwrap() {
        SignIn::Welcome(person) => Ok(person.user_name.unwrap()),
        SignIn::Refused { refusal, .. } => Err(refusal),
    }
}

#[tokio::test]
async fn a_name_that_is_typed_finds_its_person_and_nobody_else() {
    let slapd = Slapd::start(6, 1);
    let directory = slapd.directory();
    for name in ["u1", "U1", " u1 ", "u1@example.test"] {
        let found = directory.find(name, NOW).await.unwrap();
        assert_eq!(
            found.iter().map(|person| person.user_name.as_deref()).collect::<Vec<_>>(),
            [Some("u1")],
            "{name}"
        );
    }
    let typed = [
        "*",
        "u*",
        "u1)(uid=*",
        "*)(objectClass=*",
        "u1,ou=people",
        r"u\31",
        r"EXAMPLE\u1",
        "",
        " ",
        "u1\0",
        "reader",
    ];
    for name in typed {
        assert_eq!(directory.find(name, NOW).await.unwrap(), [], "{name:?}");
    }
    // Two who can be meant.
    slapd.change("dn: uid=u2,ou=people,dc=example,dc=test\nchangetype: modify\nreplace: mail\nmail: u1\n");
    assert_eq!(directory.find("u1", NOW).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_person_changes_their_password_by_the_old_one() {
    let slapd = Slapd::start(4, 1);
    let directory = slapd.directory();
    let changed = async |name: &str, old: &str, new: &str| {
        let id = directory.find(name, NOW).await.unwrap()[0].id.clone();
        match directory.change_password(&id, (&Secret::new(old), &Secret::new(new)), NOW).await.unwrap() {
            PasswordChange::Done => Ok(()),
            PasswordChange::Refused { why, .. } => Err(why),
        }
    };
    assert_eq!(changed("u1", "wrong", "a new password").await, Err(PasswordRefusal::WrongOld));
    assert_eq!(changed("u1", "secret of u1", "short").await, Err(PasswordRefusal::TooShort));
    assert_eq!(changed("u1", "secret of u1", "a new password").await, Ok(()));
    assert_eq!(signed_in(&directory, "u1", "a new password").await, Ok("u1".to_owned()));
    assert_eq!(signed_in(&directory, "u1", "secret of u1").await, Err(BindRefusal::WrongPassword));
    // One that must change it can do so, and signs in then.
    slapd.change(
        "dn: uid=u2,ou=people,dc=example,dc=test\nchangetype: modify\nreplace: pwdReset\npwdReset: TRUE\n",
    );
    assert_eq!(signed_in(&directory, "u2", "secret of u2").await, Err(BindRefusal::MustChangePassword));
    assert_eq!(changed("u2", "secret of u2", "a new password").await, Ok(()));
    assert_eq!(signed_in(&directory, "u2", "a new password").await, Ok("u2".to_owned()));
}

#[tokio::test]
async fn every_way_to_a_safe_connection_is_taken() {
    let slapd = Slapd::start(3, 1);
    let plain = slapd.settings();
    let pem = std::fs::read(slapd.folder().join("server.pem")).unwrap();
    let certificate = CertificateDer::from_pem_slice(&pem).unwrap();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &certificate);
    let pinned = Trust { pins: vec![digest.as_ref().try_into().unwrap()], ..Trust::default() };
    let server = |name: &str| Server::parse(slapd.said(name)).unwrap();
    let by_certificate =
        Account::Certificate { chain: slapd.file("CERTIFICATE"), key: Secret::new(slapd.file("KEY")) };
    let closed = Server::parse("ldaps://127.0.0.1:1").unwrap();
    for (what, settings) in [
        ("StartTLS", Settings { servers: Servers::Named(vec![server("LDAP")]), ..plain.clone() }),
        ("pinned", Settings { trust: pinned, ..plain.clone() }),
        ("EXTERNAL", Settings { account: by_certificate, ..plain.clone() }),
        ("failover", Settings { servers: Servers::Named(vec![closed, server("LDAPS")]), ..plain.clone() }),
    ] {
        let found = read(directory(settings.clone()).full(NOW).await).await.unwrap();
        assert_eq!(found.people.len(), 3, "{what}");
        let trial = directory(settings).trial(NOW).await;
        assert!(trial.passed(), "{what}: {trial:#?}");
    }
}

fn failed(trial: &Trial) -> Vec<(StepName, &str)> {
    let failed = trial.steps.iter().filter(|step| step.result == StepResult::Failed);
    failed.map(|step| (step.name, step.said.as_str())).collect()
}

#[tokio::test]
async fn a_trial_says_what_is_wrong_and_what_to_do() {
    let slapd = Slapd::start(3, 1);
    let plain = slapd.settings();
    let whole = directory(plain.clone()).trial(NOW).await;
    assert_eq!(failed(&whole), []);
    assert!(whole.steps.iter().all(|step| step.result == StepResult::Passed), "{whole:#?}");
    let wrong_port = slapd.said("LDAP").replace("ldap://", "ldaps://");
    let base = |text: &str| {
        let mut settings = plain.clone();
        settings.scope.people = vec![Dn::parse(text).unwrap()];
        settings
    };
    let simple = |name: &str, password: &str| Settings {
        account: Account::Simple { name: name.to_owned(), password: Secret::new(password) },
        ..plain.clone()
    };
    let servers = |text: &str| Settings {
        servers: Servers::Named(vec![Server::parse(text).unwrap()]),
        ..plain.clone()
    };
    let cases = [
        (servers("ldaps://127.0.0.1:1"), StepName::Connect, "Check the port"),
        (servers(&wrong_port), StepName::Tls, "Does something else than LDAP"),
        (servers(&slapd.said("LDAPS").replace("127.0.0.1", "10.1.2.3")), StepName::Resolve, "outbound.allow"),
        (
            Settings { trust: Trust { system: true, ..Trust::default() }, ..plain.clone() },
            StepName::Tls,
            "authority",
        ),
        (
            Settings { trust: Trust { pins: vec![[7; 32]], ..Trust::default() }, ..plain.clone() },
            StepName::Tls,
            "pin the new one",
        ),
        (simple(slapd.said("ACCOUNT"), "wrong"), StepName::Bind, "The name or the password is wrong"),
        (simple("not a name", "reads"), StepName::Bind, "no such account"),
        (base("dc=example,dc=com"), StepName::People, "Check how the entry is spelled"),
    ];
    for (settings, name, advice) in cases {
        let trial = directory(settings).trial(NOW).await;
        assert!(!trial.passed());
        let failed = failed(&trial);
        assert!(
            matches!(failed.as_slice(), [(is, said)] if *is == name && said.contains(advice)),
            "{name:?}: {trial:#?}"
        );
    }
}

#[tokio::test]
async fn a_refused_account_is_not_tried_on_every_server() {
    let slapd = Slapd::start(3, 1);
    let mut settings = slapd.settings();
    settings.servers = Servers::Named(vec![Server::parse(slapd.said("LDAPS")).unwrap(); 5]);
    settings.account = Account::Simple {
        name: "uid=u1,ou=people,dc=example,dc=test".to_owned(),
        password: Secret::new("wrong"),
    };
    let failure = directory(settings).full(NOW).await.err().unwrap();
    assert_eq!(failure.kind(), Kind::Account);
    // Three wrong passwords would have locked it.
    assert!(!slapd.directory().find("u1", NOW).await.unwrap()[0].state.locked);
}
