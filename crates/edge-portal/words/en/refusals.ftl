# Why something was refused: sentences of the domain (crates/model/src/saying.rs), which says the English itself.

## What a password lacks: $missing

class-lower-case = a lower-case letter
class-upper-case = an upper-case letter
class-digit = a digit
class-symbol = a symbol

## Why a passkey is refused: $why of passkey-refused

passkey-old-question = the question was asked too long ago, or of another browser: load the page again
passkey-other-site = it answered another site
passkey-not-verified = it did not check that it is you (by a PIN, a finger, a face)
passkey-not-present = nobody touched it
passkey-other-question = it answered another question
passkey-copied = it counts fewer uses than before, as a copy of it would. Remove it, and tell your administrator
passkey-unknown = it is none of yours here
passkey-unsound = its answer does not hold
passkey-too-long = its answer is too long
passkey-unreadable = its answer cannot be read
passkey-answered = the question was answered already: load the page again

## The service

internal = An internal error occurred. The request id finds it in the server's log.
unavailable = The service is unavailable for a moment. Nothing was changed; try again.
in-doubt = The database went away while the change was made. Whether it was made is not known: look before you try again.
no-room-for-record = The service is unavailable for a moment: the call cannot be recorded. Nothing was changed; try again.
record-in-doubt = The call could not be recorded, and nothing is handed out. Whether the record was made is not known: look before you try again.

## Signing in

wrong-password = Wrong user name or password.
wrong-passkey = That passkey does not open anything here.
wrong-code = That code is not right, or was used already.
too-many-attempts = Too many wrong attempts. Try again in { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}.
too-many-sign-ins = Too many people sign in at once. Try again in a moment.
too-many-letters = Too many letters were asked for from here. Try again in { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}.
too-many-mailed-codes = Many codes were mailed to you lately. Another one can be sent in { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}.
# $provider (text): what the organization calls its identity provider
directory-account-off = Your account is disabled or has expired in your organization's directory. Ask your administrator.
directory-password-over = Your password has expired, or must be changed, in your organization's directory. Change it there, then sign in with the new one.
directory-password-short = The new password is too short for your organization's directory. Choose a longer one.
directory-password-weak = The new password is too simple for your organization's directory. Mix upper and lower case, digits and other characters, and leave out your name.
directory-password-used = Your organization's directory knows the new password from before. Choose one that you did not have yet.
directory-password-soon = You have changed your password only lately, and your organization's directory wants you to keep it for longer. Try again another day.
directory-password-rule = Your organization's directory does not take the new password: it may be too short, too simple or one that you had before, or you changed it only lately.
directory-password-kept = Your organization's directory does not let you change your password here. Ask your administrator.
directory-not-now = Your organization's directory does not let you sign in at this hour or from here.
directory-away = Your organization's directory does not answer. Try again in a moment; your administrator finds the reason in the audit trail.
external-failed = Signing in with { $provider } did not work. Begin again; if that does not help, your administrator finds the reason in the audit trail.
# $provider (text): as above
external-required = People of your organization sign in with { $provider }, not with a password.
sign-in-over = This sign-in took too long, or something changed meanwhile. Begin again.
no-mail-for-code = Your organization asks for a code that is mailed, and no mail can be sent to you. Ask your administrator for a code.
no-device-no-entry = Your organization lets nobody sign in without a registered device. Ask your administrator for a code.
session-ended = The sign-in session has ended. Sign in again.
session-unknown = Session token not found or invalid

## Devices

not-fresh = Prove that it is you first: it has been a while since you did.
no-device-asked = This sign-in asks for no device.
devices-managed = In your organization administrators manage devices: ask yours.
kind-not-taken = Your organization takes no { $kind } devices.
too-many-devices = A person has at most { $most } { $kind } devices.
secret-outdated = The secret was shown too long ago, or to another browser: begin again.
wrong-first-code = That code is not right. Is the clock of the device right?
registered-already = That passkey or security key is registered already.
passkey-refused = That passkey or security key was not accepted: { $why }.
no-such-device = There is no such device.
no-such-session = There is no such session.
no-such-program = There is no such program.
device-first = Register a device first: recovery codes are for when it is lost.
device-name-length = the name of a device must have 1 to { $most } characters, not { $given }
device-name-controls = the name of a device must not contain control characters

## Passwords

password-length = the password must have { $low } to { $high } characters, not { $given }
password-controls = the password must not contain control characters
password-repeats = the password must not repeat one character
password-lacks = the password must contain { $missing }
password-lacks-or = the password must contain { $missing }, or have at least { $characters } characters
password-known = the password is one of those that attackers try first: it is publicly known
password-had-before = the password is one of your last { $count }: choose one that you did not have before
password-not-right = That password is not right.
old-password-not-right = the password in force was not given correctly
password-changed-meanwhile = the password was changed meanwhile
link-void = This link works no more: it was used, its time is over, or a newer one was made.

## Programs and roles

unknown-user-code = This code is not known, has expired, or was used. Compare it with what the program shows.
consent-taken-back = You took back that this program is let in without asking you. Try again.
program-unknown = The program is not registered here, or its registration has expired. Delete its cached registration (for AWS CLI and SDKs: ~/.aws/sso/cache) and start the sign-in again.
no-such-role = You have no such role. Somebody may have taken it away a moment ago.
no-role-at-home = The console is for whoever has a role in the management account, and you have none there.
# $application (text): its name
application-not-assigned = You may not use { $application }. Your administrator can assign it to you.
# $application (text): its name
application-off = { $application } is switched off.
application-over = This sign-in took too long, or was answered already. Begin again at the application.
# $called (text): a template such as ${user:email}
application-unnamed = The application knows people by { $called }, and that is not known of you. Your administrator can add it.
application-sign-out-over = The sign-out of your applications is over, or took too long. You are signed out here all the same.

## The portal

# $most (number)
too-many-favourites = You have { $most } favourites, which is as many as there can be. Take one away first.
# $most and $given (numbers): characters
search-too-long = q must have at most { $most } characters, not { $given }
# $part (text): what was typed
template-odd = template holds { $part }, which a profile name made from it cannot hold
# $most and $given (numbers): characters
template-length = template must have 1 to { $most } characters, not { $given }
