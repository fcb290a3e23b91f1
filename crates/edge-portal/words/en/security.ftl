# A person's own devices, recovery codes, password, sessions, programs and browsers.

security = Sign-in and devices
security-added = The device is registered. Make recovery codes for when it is lost.
security-changed = Done.
security-password-changed = Your password is changed. Everywhere else you are signed out.

## Recovery codes

security-codes = Your recovery codes
security-codes-text = Each works once, in place of a device that is lost. Keep them where you keep what you must not lose: they are not shown again.
security-codes-caption = Recovery codes
security-codes-none = You have no recovery codes: without them a lost device keeps you out until an administrator helps.
# $count (number)
security-codes-left = { $count } recovery codes are left.
security-codes-make = Make recovery codes
security-codes-make-new = Make new ones; the old ones stop working

## Devices

security-devices = Devices
security-devices-none = You have no second proof yet: whoever learns your password is you. Register a passkey or an authenticator app.
security-devices-elsewhere = You have no password here: how you prove who you are is decided where you sign in.
# $moment (text), here and below: date and time
security-registered = registered { $moment }
security-used = last used { $moment }
security-not-taken = your organization does not take it
security-change = Change
security-name = Name
security-rename = Rename
security-remove = Remove
# $device (text): its name
security-remove-of = Remove { $device }
security-administrators = Your administrator manages devices.

## Password

security-old-password = Present password
security-password-submit = Change the password
security-password-differ = The two new passwords are not the same.

## Sessions

security-sessions = Where you are signed in
security-sessions-text = Each ends by itself at the time that it says.
# $minutes (number)
security-sessions-text-idle = Each ends by itself at the time that it says, or when nothing is done in it for { $minutes } minutes.
security-this-one = This browser
# $source (text), here and below: a network address
security-from = from { $source }
security-since = since { $moment }
security-until = until { $moment }
# $methods (text): joined by security-and
security-by = by { $methods }
security-and = { $one } and { $other }
# $session (text): its browser. $moment (text): when it began
security-rename-session = Rename the session of { $moment } with { $session }
security-everywhere = Sign out everywhere
security-everywhere-text = Ends every session above, this one too, with all that programs got through them. Keys that were handed out to you stop working at once, and every browser is asked for your second proof again.
security-session-of = Sign out the session of { $moment } from { $source }
security-by-password = password
security-by-passkey = passkey
security-by-app = app
security-by-mail = mailed code
security-by-recovery-code = recovery code
security-by-bypass = administrator's code
security-by-external-idp = another identity provider
# $browser and $system (texts): their names
security-agent = { $browser } on { $system }
security-agent-unknown = A program

## Programs

security-programs = Programs that are let in without asking you
security-programs-text = On this list because you said so. Signing in yourself is asked for as ever.
security-program-used = last let in { $moment }
security-program-forget = Ask me again
# $program (text): what it calls itself
security-program-forget-of = Ask me again about { $program } of { $moment }

## Browsers

security-browsers = Browsers that are not asked again
security-browser-forget = Forget
security-browser-forget-of = Forget the browser of { $source }
