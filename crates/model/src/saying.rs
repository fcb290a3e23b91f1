//! What people are told on pages, as a value: its `Display` is the English sentence, which the API answers too, and its name finds the sentence of
//! another language. Knows no catalog and no other language.

use std::fmt;

/// What stands in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument<'s> {
    /// A number, by which a sentence may choose its form.
    Number(usize),
    /// What somebody or something calls itself: the same in every language.
    Text(&'s str),
    /// Names of further sentences, to be listed.
    Words(Vec<&'static str>),
}

/// What can stand in a sentence.
trait Argue {
    fn argument(&self) -> Argument<'_>;
}

impl Argue for u32 {
    fn argument(&self) -> Argument<'_> {
        Argument::Number(usize::try_from(*self).unwrap_or(usize::MAX))
    }
}

/// So many seconds, as a sentence says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub u32);

impl fmt::Display for Seconds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.0, if self.0 == 1 { "second" } else { "seconds" })
    }
}

impl Argue for Seconds {
    fn argument(&self) -> Argument<'_> {
        self.0.argument()
    }
}

impl Argue for usize {
    fn argument(&self) -> Argument<'_> {
        Argument::Number(*self)
    }
}

impl Argue for String {
    fn argument(&self) -> Argument<'_> {
        Argument::Text(self)
    }
}

impl Argue for &'static str {
    fn argument(&self) -> Argument<'_> {
        Argument::Text(self)
    }
}

/// A closed list of words: each with its name and its English.
macro_rules! words {
    ($(#[$about:meta])* $list:ident { $($(#[$doc:meta])* $word:ident, $name:literal => $english:literal;)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $list {
            $($(#[$doc])* $word,)*
        }

        impl $list {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$word),*];

            const fn name(self) -> &'static str {
                match self {
                    $(Self::$word => $name,)*
                }
            }
        }

        impl fmt::Display for $list {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(match self {
                    $(Self::$word => $english,)*
                })
            }
        }
    };
}

words! {
    /// A kind of character that a password may need.
    CharacterClass {
        /// As it says.
        LowerCase, "class-lower-case" => "a lower-case letter";
        /// As it says.
        UpperCase, "class-upper-case" => "an upper-case letter";
        /// As it says.
        Digit, "class-digit" => "a digit";
        /// As it says.
        Symbol, "class-symbol" => "a symbol";
    }
}

words! {
    /// Why the answer of an authenticator is not taken.
    PasskeyTrouble {
        /// As it says.
        OldQuestion, "passkey-old-question" => "the question was asked too long ago, or of another browser: load the page again";
        /// As it says.
        OtherSite, "passkey-other-site" => "it answered another site";
        /// As it says.
        NotVerified, "passkey-not-verified" => "it did not check that it is you (by a PIN, a finger, a face)";
        /// As it says.
        NotPresent, "passkey-not-present" => "nobody touched it";
        /// As it says.
        OtherQuestion, "passkey-other-question" => "it answered another question";
        /// As it says.
        Copied, "passkey-copied" => "it counts fewer uses than before, as a copy of it would. Remove it, and tell your administrator";
        /// As it says.
        Unknown, "passkey-unknown" => "it is none of yours here";
        /// As it says.
        Unsound, "passkey-unsound" => "its answer does not hold";
        /// As it says.
        TooLong, "passkey-too-long" => "its answer is too long";
        /// As it says.
        Unreadable, "passkey-unreadable" => "its answer cannot be read";
        /// As it says.
        Answered, "passkey-answered" => "the question was answered already: load the page again";
    }
}

impl Argue for PasskeyTrouble {
    fn argument(&self) -> Argument<'_> {
        Argument::Words(vec![self.name()])
    }
}

/// Kinds of characters, listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classes(pub Vec<CharacterClass>);

impl fmt::Display for Classes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        out.write_str(&all.join(", "))
    }
}

impl Argue for Classes {
    fn argument(&self) -> Argument<'_> {
        Argument::Words(self.0.iter().map(|class| class.name()).collect())
    }
}

/// The sentences: each with its name and its English, from which everything else follows.
macro_rules! sayings {
    ($($(#[$doc:meta])* $saying:ident $({ $($field:ident: $kind:ty),* })?, $name:literal => $english:literal;)*) => {
        /// A sentence.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Saying {
            $($(#[$doc])* $saying $({
                $(
                    /// As the sentence says.
                    $field: $kind
                ),*
            })?,)*
        }

        impl Saying {
            /// The names of all of them.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name that catalogs know it by.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$saying $({ $($field: _),* })? => $name,)*
                }
            }

            /// What stands in it.
            pub fn arguments(&self) -> Vec<(&'static str, Argument<'_>)> {
                match self {
                    $(Self::$saying $({ $($field),* })? => vec![$($((stringify!($field), $field.argument())),*)?],)*
                }
            }
        }

        impl fmt::Display for Saying {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$saying $({ $($field),* })? => write!(out, $english),)*
                }
            }
        }
    };
}

sayings! {
    /// Our own failure.
    Internal, "internal" => "An internal error occurred. The request id finds it in the server's log.";
    /// The database does not answer.
    Unavailable, "unavailable" => "The service is unavailable for a moment. Nothing was changed; try again.";
    /// The database went away at the wrong moment.
    InDoubt, "in-doubt" => "The database went away while the change was made. Whether it was made is not known: look before you try again.";
    /// Nobody is answered without a record.
    NoRoomForRecord, "no-room-for-record" => "The service is unavailable for a moment: the call cannot be recorded. Nothing was changed; try again.";
    /// What must not leave before its record did not.
    RecordInDoubt, "record-in-doubt" => "The call could not be recorded, and nothing is handed out. Whether the record was made is not known: look before you try again.";

    /// What every failed sign-in says: which of the two it was is not said.
    WrongPassword, "wrong-password" => "Wrong user name or password.";
    /// What every passkey that does not fit is told: not whether it is anybody's.
    WrongPasskey, "wrong-passkey" => "That passkey does not open anything here.";
    /// A second factor, a recovery code.
    WrongCode, "wrong-code" => "That code is not right, or was used already.";
    /// Guesses are slowed.
    TooManyAttempts { seconds: Seconds }, "too-many-attempts" => "Too many wrong attempts. Try again in {seconds}.";
    /// All places where passwords are hashed are taken.
    TooManySignIns, "too-many-sign-ins" => "Too many people sign in at once. Try again in a moment.";
    /// Letters to people who forgot their password.
    TooManyLetters { seconds: Seconds }, "too-many-letters" => "Too many letters were asked for from here. Try again in {seconds}.";
    /// Letters with codes.
    TooManyMailedCodes { seconds: Seconds }, "too-many-mailed-codes" => "Many codes were mailed to you lately. Another one can be sent in {seconds}.";
    /// Of somebody whose password was right there.
    DirectoryAccountOff, "directory-account-off" => "Your account is disabled or has expired in your organization's directory. Ask your administrator.";
    /// Of somebody whose password was right there.
    DirectoryPasswordOver, "directory-password-over" => "Your password has expired, or must be changed, in your organization's directory. Change it there, then sign in with the new one.";
    /// A rule of the directory's.
    DirectoryPasswordShort, "directory-password-short" => "The new password is too short for your organization's directory. Choose a longer one.";
    /// A rule of the directory's.
    DirectoryPasswordWeak, "directory-password-weak" => "The new password is too simple for your organization's directory. Mix upper and lower case, digits and other characters, and leave out your name.";
    /// A rule of the directory's.
    DirectoryPasswordUsed, "directory-password-used" => "Your organization's directory knows the new password from before. Choose one that you did not have yet.";
    /// A rule of the directory's.
    DirectoryPasswordSoon, "directory-password-soon" => "You have changed your password only lately, and your organization's directory wants you to keep it for longer. Try again another day.";
    /// A rule of the directory's that it does not name.
    DirectoryPasswordRule, "directory-password-rule" => "Your organization's directory does not take the new password: it may be too short, too simple or one that you had before, or you changed it only lately.";
    /// Of an account whose password others change.
    DirectoryPasswordKept, "directory-password-kept" => "Your organization's directory does not let you change your password here. Ask your administrator.";
    /// Of somebody whose password was right there.
    DirectoryNotNow, "directory-not-now" => "Your organization's directory does not let you sign in at this hour or from here.";
    /// Whoever gives the name of somebody whom it would be asked about.
    DirectoryAway, "directory-away" => "Your organization's directory does not answer. Try again in a moment; your administrator finds the reason in the audit trail.";
    /// A sign-in between two steps.
    ExternalFailed { provider: String }, "external-failed" => "Signing in with {provider} did not work. Begin again; if that does not help, your administrator finds the reason in the audit trail.";
    /// As it says.
    ExternalRequired { provider: String }, "external-required" => "People of your organization sign in with {provider}, not with a password.";
    /// As it says.
    SignInOver, "sign-in-over" => "This sign-in took too long, or something changed meanwhile. Begin again.";
    /// The policy says so.
    NoMailForCode, "no-mail-for-code" => "Your organization asks for a code that is mailed, and no mail can be sent to you. Ask your administrator for a code.";
    /// The policy says so.
    NoDeviceNoEntry, "no-device-no-entry" => "Your organization lets nobody sign in without a registered device. Ask your administrator for a code.";
    /// A session that was there.
    SessionEnded, "session-ended" => "The sign-in session has ended. Sign in again.";
    /// A session that may never have been there, in AWS's words.
    SessionUnknown, "session-unknown" => "Session token not found or invalid";

    /// Before somebody changes what guards them.
    NotFresh, "not-fresh" => "Prove that it is you first: it has been a while since you did.";
    /// A device for a sign-in that waits for none.
    NoDeviceAsked, "no-device-asked" => "This sign-in asks for no device.";
    /// The policy says so.
    DevicesManaged, "devices-managed" => "In your organization administrators manage devices: ask yours.";
    /// The policy says so.
    KindNotTaken { kind: &'static str }, "kind-not-taken" => "Your organization takes no {kind} devices.";
    /// As many as there may be.
    TooManyDevices { most: usize, kind: &'static str }, "too-many-devices" => "A person has at most {most} {kind} devices.";
    /// The secret of an app.
    SecretOutdated, "secret-outdated" => "The secret was shown too long ago, or to another browser: begin again.";
    /// The first code of an app.
    WrongFirstCode, "wrong-first-code" => "That code is not right. Is the clock of the device right?";
    /// By this person or another.
    RegisteredAlready, "registered-already" => "That passkey or security key is registered already.";
    /// The answer of an authenticator.
    PasskeyRefused { why: PasskeyTrouble }, "passkey-refused" => "That passkey or security key was not accepted: {why}.";
    /// It went meanwhile.
    NoSuchDevice, "no-such-device" => "There is no such device.";
    /// It went meanwhile.
    NoSuchSession, "no-such-session" => "There is no such session.";
    /// It went meanwhile.
    NoSuchProgram, "no-such-program" => "There is no such program.";
    /// Recovery codes are in place of one.
    DeviceFirst, "device-first" => "Register a device first: recovery codes are for when it is lost.";
    /// As a person gives it.
    DeviceNameLength { most: usize, given: usize }, "device-name-length" => "the name of a device must have 1 to {most} characters, not {given}";
    /// As a person gives it.
    DeviceNameControls, "device-name-controls" => "the name of a device must not contain control characters";

    /// A rule of passwords.
    PasswordLength { low: usize, high: usize, given: usize }, "password-length" => "the password must have {low} to {high} characters, not {given}";
    /// A rule of passwords.
    PasswordControls, "password-controls" => "the password must not contain control characters";
    /// A rule of passwords.
    PasswordRepeats, "password-repeats" => "the password must not repeat one character";
    /// A rule of passwords, whatever their length.
    PasswordLacks { missing: Classes }, "password-lacks" => "the password must contain {missing}";
    /// A rule of passwords that are no sentences.
    PasswordLacksOr { missing: Classes, characters: usize }, "password-lacks-or" => "the password must contain {missing}, or have at least {characters} characters";
    /// A rule of passwords.
    PasswordKnown, "password-known" => "the password is one of those that attackers try first: it is publicly known";
    /// A rule of passwords.
    PasswordHadBefore { count: usize }, "password-had-before" => "the password is one of your last {count}: choose one that you did not have before";
    /// The password of who is signed in.
    PasswordNotRight, "password-not-right" => "That password is not right.";
    /// The old one, of who gives a new one.
    OldPasswordNotRight, "old-password-not-right" => "the password in force was not given correctly";
    /// By somebody else at the same time.
    PasswordChangedMeanwhile, "password-changed-meanwhile" => "the password was changed meanwhile";
    /// What whoever brings a link hears that is none, or none any more: no difference is told.
    LinkVoid, "link-void" => "This link works no more: it was used, its time is over, or a newer one was made.";

    /// A code that a device shows.
    UnknownUserCode, "unknown-user-code" => "This code is not known, has expired, or was used. Compare it with what the program shows.";
    /// The person said so while the program asked.
    ConsentTakenBack, "consent-taken-back" => "You took back that this program is let in without asking you. Try again.";
    /// A program that opens `/authorize`.
    ProgramUnknown, "program-unknown" => "The program is not registered here, or its registration has expired. Delete its cached registration (for AWS CLI and SDKs: ~/.aws/sso/cache) and start the sign-in again.";
    /// A person's own, that they had when the page was shown.
    NoSuchRole, "no-such-role" => "You have no such role. Somebody may have taken it away a moment ago.";
    /// An application that a person may not use.
    ApplicationNotAssigned { application: String }, "application-not-assigned" => "You may not use {application}. Your administrator can assign it to you.";
    /// As it says.
    ApplicationOff { application: String }, "application-off" => "{application} is switched off.";
    /// An application's question that is too old, was answered before, or is none.
    ApplicationOver, "application-over" => "This sign-in took too long, or was answered already. Begin again at the application.";
    /// As it says.
    ApplicationUnnamed { called: String }, "application-unnamed" => "The application knows people by {called}, and that is not known of you. Your administrator can add it.";
    /// As it says.
    ApplicationSignOutOver, "application-sign-out-over" => "The sign-out of your applications is over, or took too long. You are signed out here all the same.";
    /// Who opens the console without a role of the management account.
    NoRoleAtHome, "no-role-at-home" => "The console is for whoever has a role in the management account, and you have none there.";
    /// Accounts that a person puts first.
    TooManyFavourites { most: usize }, "too-many-favourites" => "You have {most} favourites, which is as many as there can be. Take one away first.";
    /// What a person looks for.
    SearchTooLong { most: usize, given: usize }, "search-too-long" => "q must have at most {most} characters, not {given}";
    /// A name with blanks to fill in.
    TemplateOdd { part: String }, "template-odd" => "template holds {part}, which a profile name made from it cannot hold";
    /// As a person gives it.
    TemplateLength { most: usize, given: usize }, "template-length" => "template must have 1 to {most} characters, not {given}";
}
