//! Whether a person may sign in, as each kind of directory says it.

use ldap::schema::Schema;
use ldap::state::State;
use ldap::times::{generalized, generalized_text, windows};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::build::texts;

const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);

fn state(schema: Schema, attributes: &[(&str, &str)]) -> String {
    let State { disabled, locked, expired, password_expired, must_change_password, untold } =
        State::of(&texts(attributes), schema, NOW);
    let named = [
        (disabled, "disabled"),
        (locked, "locked"),
        (expired, "expired"),
        (password_expired, "password"),
        (must_change_password, "must change"),
        (untold, "untold"),
    ];
    named.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect::<Vec<_>>().join(" ")
}

#[test]
fn of_active_directory() {
    const UAC: &str = "userAccountControl";
    const COMPUTED: &str = "msDS-User-Account-Control-Computed";
    for (attributes, is) in [
        (&[][..], "untold"),
        (&[("accountExpires", "0"), ("lockoutTime", "0")], "untold"),
        (&[(UAC, "512")], ""),
        (&[(UAC, "514")], "disabled"),
        (&[(UAC, "66050")], "disabled"),
        (&[(UAC, "512"), ("lockoutTime", "133000000000000000")], "locked"),
        // The lock is over by now, and only the computed one knows.
        (&[(UAC, "512"), ("lockoutTime", "133000000000000000"), (COMPUTED, "0")], ""),
        (&[(UAC, "512"), (COMPUTED, "16")], "locked"),
        (&[(UAC, "512"), (COMPUTED, "8388608")], "password"),
        (&[(UAC, "512"), (COMPUTED, "8388608"), ("pwdLastSet", "0")], "must change"),
        (&[(UAC, "512"), ("pwdLastSet", "0")], "must change"),
        // A password that never expires, a smart card that is required: nobody asks for another password.
        (&[(UAC, "66048"), ("pwdLastSet", "0")], ""),
        (&[(UAC, "262656"), ("pwdLastSet", "0")], ""),
        (&[(UAC, "512"), ("accountExpires", "0")], ""),
        (&[(UAC, "512"), ("accountExpires", "9223372036854775807")], ""),
        (&[(UAC, "512"), ("accountExpires", "133000000000000000")], "expired"),
        (&[(UAC, "512"), ("accountExpires", "153000000000000000")], ""),
        (&[(UAC, "512"), ("accountExpires", "-5")], ""),
        (&[(UAC, "512"), ("accountExpires", "x")], ""),
    ] {
        assert_eq!(state(Schema::ActiveDirectory, attributes), is, "{attributes:?}");
    }
}

#[test]
fn of_openldap() {
    for (attributes, is) in [
        (&[][..], ""),
        (&[("pwdAccountLockedTime", "000001010000Z")], "disabled"),
        (&[("pwdAccountLockedTime", "20261129115900Z")], "locked"),
        (&[("pwdReset", "TRUE")], "must change"),
        (&[("pwdReset", "FALSE")], ""),
        (&[("pwdEndTime", "20251129115900Z")], "expired"),
        (&[("pwdStartTime", "20271129115900Z")], "expired"),
        (&[("shadowExpire", "-1")], ""),
        (&[("shadowExpire", "20000")], "expired"),
        (&[("shadowExpire", "30000")], ""),
    ] {
        assert_eq!(state(Schema::OpenLdap, attributes), is, "{attributes:?}");
    }
}

#[test]
fn of_389_and_freeipa() {
    for (attributes, is) in [
        (&[][..], ""),
        (&[("nsAccountLock", "true")], "disabled"),
        (&[("nsAccountLock", "TRUE")], "disabled"),
        (&[("nsAccountLock", "false")], ""),
        (&[("accountUnlockTime", "20261129130000Z")], "locked"),
        (&[("accountUnlockTime", "20261129110000Z")], ""),
        (&[("accountUnlockTime", "19700101000000Z")], "locked"),
        (&[("krbPrincipalExpiration", "20261129110000Z")], "expired"),
        (&[("krbPasswordExpiration", "20261129110000Z")], "password"),
        (&[("passwordExpirationTime", "20361129110000Z")], ""),
    ] {
        assert_eq!(state(Schema::Ds389, attributes), is, "{attributes:?}");
    }
}

#[test]
fn times_are_read_as_they_are_written() {
    assert_eq!(windows(133_000_000_000_000_000), Some(datetime!(2022-06-18 04:26:40 UTC)));
    for never in [0, -1, i64::MAX, i64::MIN] {
        assert_eq!(windows(never), None);
    }
    for (text, is) in [
        ("20261129141500Z", Some(datetime!(2026-11-29 14:15:00 UTC))),
        ("20261129141500.0Z", Some(datetime!(2026-11-29 14:15:00 UTC))),
        ("20261129141500,5Z", Some(datetime!(2026-11-29 14:15:00.5 UTC))),
        ("202611291415Z", Some(datetime!(2026-11-29 14:15 UTC))),
        ("2026112914Z", Some(datetime!(2026-11-29 14:00 UTC))),
        ("2026112914.5Z", Some(datetime!(2026-11-29 14:30 UTC))),
        ("20261129141500+0130", Some(datetime!(2026-11-29 12:45 UTC))),
        ("20261129141500-01", Some(datetime!(2026-11-29 15:15 UTC))),
        ("20261231235960Z", Some(datetime!(2026-12-31 23:59:59 UTC))),
        ("20261129141500", None),
        ("20261329141500Z", None),
        ("2026112914150Z", None),
        ("+026112914150Z", None),
        ("20261129141500.Z", None),
        ("20261129141500ZZ", None),
        ("", None),
    ] {
        assert_eq!(generalized(text), is, "{text}");
    }
    assert_eq!(generalized_text(datetime!(2026-01-02 03:04:05 +01:00)), "20260102020405Z");
}
