//! A real 389 Directory Server, which FreeIPA is built on: its identifiers, its ways to lock and disable, its own password policy, changes by their time.

use std::sync::OnceLock;

use ldap::cursor::Point;
use ldap::found::Deletions;
use ldap::mapping::Field;
use ldap::password::PasswordRefusal;
use ldap::refusal::BindRefusal;
use ldap::schema::Schema;
use model::secret::Secret;
use outbound::ldap::directory::Directory;
use outbound::ldap::sign_in::{PasswordChange, SignIn};

use super::passes::read;
use super::scratch::{NOW, Scratch};

/// One for all tests. Each has people of its own.
fn ds389() -> &'static Scratch {
    static DS389: OnceLock<Scratch> = OnceLock::new();
    DS389.get_or_init(|| Scratch::start(Schema::Ds389, "ds389-scratch", 40, 2, &[]))
}

fn modify(number: u32, attribute: &str, value: &str) {
    ds389().change(&format!(
        "dn: uid=u{number},ou=people,dc=example,dc=test\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"
    ));
}

#[tokio::test]
async fn everybody_is_read_and_changes_come_by_their_time() {
    let directory = ds389().directory();
    let full = read(directory.full(NOW).await).await.unwrap();
    assert_eq!((full.people.len() >= 39, full.groups.len()), (true, 2));
    assert_eq!(full.people["u1"].fields[&Field::EmployeeNumber], ["1"]);
    // nsUniqueId, as 389-DS writes it.
    assert_eq!(full.people["u1"].id.as_str().split('-').map(str::len).collect::<Vec<_>>(), [8, 8, 8, 8]);
    let cursor = full.cursor.clone().unwrap();
    assert!(matches!(cursor.point, Point::Timestamp { seconds } if seconds > 0), "{cursor:?}");
    modify(30, "title", "Director");
    ds389().change("dn: uid=u31,ou=people,dc=example,dc=test\nchangetype: delete\n");
    ds389().change("dn: uid=u32,ou=people,dc=example,dc=test\nchangetype: modrdn\nnewrdn: uid=renamed\ndeleteoldrdn: 1\n");
    let changed = read(directory.changes(&cursor, NOW).await).await.unwrap();
    assert_eq!(changed.people["u30"].fields[&Field::Title], ["Director"]);
    assert_eq!(changed.people["renamed"].id, full.people["u32"].id);
    assert_eq!(changed.deletions, Some(Deletions::Untold));
    let again = read(directory.full(NOW).await).await.unwrap();
    assert!(!again.people.contains_key("u31") && !again.people.contains_key("u32"));
    assert!(directory.trial(NOW).await.passed());
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
async fn a_sign_in_is_answered_by_its_own_policy() {
    let directory = ds389().directory();
    assert_eq!(signed_in(&directory, "u1", "secret of u1").await, Ok("u1".to_owned()));
    assert_eq!(signed_in(&directory, "u1@example.test", "secret of u1").await, Ok("u1".to_owned()));
    assert_eq!(signed_in(&directory, "u1", "wrong").await, Err(BindRefusal::WrongPassword));
    modify(2, "nsAccountLock", "true");
    assert!(directory.find("u2", NOW).await.unwrap()[0].state.disabled);
    // It says so before it looks at the password: a guesser would learn it.
    for password in ["secret of u2", "wrong"] {
        let refusal = signed_in(&directory, "u2", password).await.unwrap_err();
        assert!(refusal == BindRefusal::Inactivated && !refusal.proves_password());
    }
    for _ in 0..3 {
        assert!(signed_in(&directory, "u3", "wrong").await.is_err());
    }
    assert_eq!(signed_in(&directory, "u3", "secret of u3").await, Err(BindRefusal::Locked));
    assert!(directory.find("u3", NOW).await.unwrap()[0].state.locked);
    // An administrator set it.
    modify(4, "userPassword", "given to u4");
    assert_eq!(signed_in(&directory, "u4", "given to u4").await, Err(BindRefusal::MustChangePassword));
}

#[tokio::test]
async fn a_person_changes_their_password_by_the_old_one() {
    let directory = ds389().directory();
    let changed = async |name: &str, old: &str, new: &str| {
        let id = directory.find(name, NOW).await.unwrap()[0].id.clone();
        match directory.change_password(&id, (&Secret::new(old), &Secret::new(new)), NOW).await.unwrap() {
            PasswordChange::Done => Ok(()),
            PasswordChange::Refused { why, .. } => Err(why),
        }
    };
    assert_eq!(changed("u10", "wrong", "A-better-1-now").await, Err(PasswordRefusal::WrongOld));
    assert_eq!(changed("u10", "secret of u10", "short").await, Err(PasswordRefusal::TooWeak));
    assert_eq!(changed("u10", "secret of u10", "A-better-1-now").await, Ok(()));
    assert_eq!(signed_in(&directory, "u10", "A-better-1-now").await, Ok("u10".to_owned()));
    // One that must change it can do so.
    modify(11, "userPassword", "given to u11");
    assert_eq!(changed("u11", "given to u11", "A-better-1-now").await, Ok(()));
    assert_eq!(signed_in(&directory, "u11", "A-better-1-now").await, Ok("u11".to_owned()));
}
