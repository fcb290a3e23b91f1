//! Why a sign-in or a new password was refused, told apart by what each kind of directory says.

use ldap::control::{PasswordPolicy, PolicyError};
use ldap::outcome::{Code, Outcome};
use ldap::password::{PasswordRefusal, modify_request, unicode_pwd};
use ldap::refusal::BindRefusal;
use ldap::state::State;

fn outcome(code: Code, message: &str) -> Outcome {
    Outcome { code, matched_dn: String::new(), message: message.to_owned(), referrals: Vec::new() }
}

fn policy(error: PolicyError) -> PasswordPolicy {
    PasswordPolicy { error: Some(error), ..PasswordPolicy::default() }
}

#[test]
fn active_directory_says_why_behind_data() {
    for (data, is) in [
        ("525", BindRefusal::NoSuchPerson),
        ("52e", BindRefusal::WrongPassword),
        ("52E", BindRefusal::WrongPassword),
        ("530", BindRefusal::NotNow),
        ("531", BindRefusal::NotNow),
        ("532", BindRefusal::PasswordExpired),
        ("533", BindRefusal::Disabled),
        ("701", BindRefusal::AccountExpired),
        ("773", BindRefusal::MustChangePassword),
        ("775", BindRefusal::Locked),
        ("52", BindRefusal::WrongPassword),
        ("52ee", BindRefusal::WrongPassword),
    ] {
        let message = format!(
            "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {data}, v2580"
        );
        let refusal =
            BindRefusal::of(&outcome(Code::INVALID_CREDENTIALS, &message), PasswordPolicy::default());
        assert_eq!(refusal, Some(is), "{data}");
    }
    // Without a code, and with one at an answer that is no refusal of a password.
    let plain = outcome(Code::INVALID_CREDENTIALS, "");
    assert_eq!(BindRefusal::of(&plain, PasswordPolicy::default()), Some(BindRefusal::WrongPassword));
    let success = outcome(Code::SUCCESS, "data 533");
    assert_eq!(BindRefusal::of(&success, PasswordPolicy::default()), None);
}

#[test]
fn a_success_does_not_count_where_the_password_must_be_changed() {
    let success = outcome(Code::SUCCESS, "");
    let of = |policy| BindRefusal::of(&success, policy);
    assert_eq!(of(policy(PolicyError::ChangeAfterReset)), Some(BindRefusal::MustChangePassword));
    assert_eq!(of(policy(PolicyError::PasswordExpired)), Some(BindRefusal::PasswordExpired));
    assert_eq!(of(PasswordPolicy { expires_in: Some(60), ..PasswordPolicy::default() }), None);
    let wrong = outcome(Code::INVALID_CREDENTIALS, "");
    assert_eq!(BindRefusal::of(&wrong, policy(PolicyError::AccountLocked)), Some(BindRefusal::Locked));
}

#[test]
fn the_389_directory_server_says_why_in_words() {
    let inactivated = outcome(Code::UNWILLING, "Account inactivated. Contact system administrator.");
    let of = |outcome: &Outcome, policy| BindRefusal::of(outcome, policy);
    // As version 2.3 answers, to a wrong password too: its policy calls both locked.
    assert_eq!(of(&inactivated, policy(PolicyError::AccountLocked)), Some(BindRefusal::Inactivated));
    assert_eq!(of(&inactivated, PasswordPolicy::default()), Some(BindRefusal::Inactivated));
    assert!(!BindRefusal::Inactivated.proves_password() && BindRefusal::Disabled.proves_password());
    let retries = outcome(Code::CONSTRAINT, "Exceed password retry limit. Please try later.");
    assert_eq!(of(&retries, PasswordPolicy::default()), Some(BindRefusal::Locked));
    assert_eq!(of(&outcome(Code::UNWILLING, ""), PasswordPolicy::default()), Some(BindRefusal::Other));
}

#[test]
fn a_state_refuses_a_right_password() {
    let of = |state| BindRefusal::of_state(state);
    assert_eq!(of(State::default()), None);
    assert_eq!(of(State { disabled: true, ..State::default() }), Some(BindRefusal::Disabled));
    assert_eq!(of(State { expired: true, ..State::default() }), Some(BindRefusal::AccountExpired));
    assert_eq!(
        of(State { must_change_password: true, ..State::default() }),
        Some(BindRefusal::MustChangePassword)
    );
    // A lock that the directory did not hold against a right password is over.
    assert_eq!(of(State { locked: true, ..State::default() }), None);
}

#[test]
fn new_passwords_are_refused_for_a_reason() {
    let none = PasswordPolicy::default();
    for (code, message, policy, is) in [
        (Code::SUCCESS, "", none, None),
        (Code::CONSTRAINT, "00000056: AtrErr: DSID-03191083", none, Some(PasswordRefusal::WrongOld)),
        (Code::CONSTRAINT, "0000052D: AtrErr: DSID-03191083", none, Some(PasswordRefusal::Policy)),
        (Code::CONSTRAINT, "", policy(PolicyError::TooShort), Some(PasswordRefusal::TooShort)),
        (Code::CONSTRAINT, "", policy(PolicyError::InHistory), Some(PasswordRefusal::UsedBefore)),
        (Code::CONSTRAINT, "Password is too young to change", none, Some(PasswordRefusal::TooSoon)),
        (
            Code::UNWILLING,
            "the password does not meet the complexity criteria!",
            none,
            Some(PasswordRefusal::TooWeak),
        ),
        (Code::CONSTRAINT, "", policy(PolicyError::MustSupplyOld), Some(PasswordRefusal::WrongOld)),
        (Code::UNWILLING, "unwilling to verify old password", none, Some(PasswordRefusal::WrongOld)),
        (Code::INSUFFICIENT_RIGHTS, "", none, Some(PasswordRefusal::NotAllowed)),
        (Code::OTHER, "", none, Some(PasswordRefusal::Other)),
    ] {
        assert_eq!(PasswordRefusal::of(&outcome(code, message), policy), is, "{code} {message}");
    }
}

#[test]
fn passwords_are_written_as_each_kind_wants_them() {
    assert_eq!(&*unicode_pwd("a\"\u{e9}"), b"\"\0a\0\"\0\xe9\0\"\0");
    let wanted = b"\x30\x0f\x80\x04dc=x\x81\x03old\x82\x02nw";
    assert_eq!(&*modify_request("dc=x", b"old", b"nw"), wanted);
}
