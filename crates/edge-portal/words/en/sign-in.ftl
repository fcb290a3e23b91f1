# Signing in: name and password, second factors, devices, passwords, invitations.

## The sign-in page

sign-in = Sign in
# $portal (text): what the organization calls its portal
sign-in-to = Sign in to { $portal }
sign-in-lead = Use the name that your organization gave you.
sign-in-next = Next
sign-in-forgot = I forgot my password
sign-in-passkey = Sign in with a passkey
# $place: one of the places below
sign-in-ended = Your session has ended. Sign in again, and you go on to { $place }.
place-accounts = your accounts
place-keys = the access keys that you asked for
place-security = your devices and sessions
place-device = the code of your device
place-program = the question of the program
place-application = the application
place-console = the console
sign-in-for-cli = The AWS CLI asks you to sign in. Afterwards you say what it may do.
# $program (text): what it calls itself
sign-in-for-program = A program that calls itself “{ $program }” asks you to sign in. Afterwards you say what it may do.
sign-in-for-device = A device waits for you. Sign in, then compare its code.
# $application (text): its name
sign-in-for-application = { $application } asks you to sign in.
sign-in-asked-again = Please sign in again: what you were doing asks for it.
sign-in-stale = This page was open for too long. Please sign in again.

## Another identity provider

# $provider (text): what the organization calls it
sign-in-with = Sign in with { $provider }
external-go-on = One more step
external-go-on-text = Your organization's identity provider asks you to sign in.
external-begin-again = Begin again
external-unasked = Sign in?
# $provider (text): as above
# $who (text): a user name
external-unasked-text = { $provider } says that you are { $who }. You did not begin this here: go on only if you chose it there.
external-unasked-yes = Go on as { $who }
external-unasked-no = No, sign in another way
external-trial = What the identity provider says
external-trial-text = You tried it: nobody was signed in, and nothing was changed.
external-trial-refused = This sign-in would be refused, because:
# $who (text): a user name
external-trial-known = This sign-in would be that of { $who }.
external-trial-new = This sign-in would create { $who }.
# $provider (text): as above
external-trial-said = What { $provider } said
external-trial-subject = Whom it means
external-trial-tags = Session tags
external-trial-back = Back to the console

## The second factor

factor = One more step
factor-again = Prove that it is you
# $who (text): a user name
factor-lead-mailed = { $who }, type the code that was mailed to you.
factor-lead-device = { $who }, use a device that you registered.
factor-remember = Do not ask again in this browser
factor-passkey = Use a passkey or security key
factor-app-code = Code of your authenticator app
factor-mailed-code = Code from the mail
# $send-another: factor-send-another, as a button
factor-nothing-arrived = Nothing arrived? Look among unwanted mail, or { $send-another }.
factor-send-another = have another code sent
factor-lost = I lost my device
factor-recovery-code = A recovery code, or a code from your administrator
factor-continue-with-code = Continue with the code
factor-ask-administrator = Lost your device? Ask your administrator for a code.
factor-begin-again = Begin again, or as somebody else

## Proving oneself again

verify-lead = It has been a while since you signed in. Give your password before you go on.

## Registering a device

add-device = Register a device
add-device-must = Your organization asks for a second proof beside the password. Choose one of these; it is asked for when you sign in.
add-device-may = A second proof beside the password, for when somebody learns it.
add-device-passkey = Passkey or security key
add-device-passkey-text = This computer or phone, or a key that you plug in. It cannot be tricked by a false page.
add-device-name = Its name
add-device-passkey-example = Laptop
add-device-passkey-name = Passkey
add-device-passkey-submit = Register a passkey
add-device-app = Authenticator app
add-device-app-text = Scan this with the app, or type the secret, then give the code that it shows.
add-device-qr = QR code of the secret below
# $secret (text): to be typed into the app
add-device-secret = Secret: { $secret }
add-device-app-example = Phone
add-device-app-code = Code that the app shows
add-device-app-submit = Register the app

## Choosing a password

choose-password = Choose a password
# $who (text): a user name
choose-password-lead = { $who }, the password that you gave was for this once. Choose one that only you know.
# $who (text): a user name
choose-password-there = { $who }, your organization's directory wants you to choose another password. It becomes your password there, and everywhere that asks the directory.
choose-password-rule-there = The rules are those of your organization's directory.
choose-password-differ = The two are not the same.
# What is asked of a password. $low and $high: its characters. $passphrase: from so many characters on the kinds do not matter, 0 when they always
# do. $remembered: so many passwords before are refused. $known: 1 when publicly known ones are refused, else 0.
password-rule =
    { $low } to { $high } characters with letters of both cases, a digit and a symbol{ $passphrase ->
        [0] { "" }
       *[other] , or at least { $passphrase } of any kind: a sentence is good
    }{ $remembered ->
        [0] { "" }
        [1] , not the one before
       *[other] , none of your last { $remembered }
    }{ $known ->
        [0] { "" }
       *[other] , none that is publicly known
    }.

## Invitations

invitation = Choose your password
# $who (text): a user name, shown bold
invitation-lead = For the user name { $who }. The link that led you here works once.
invitation-submit = Set the password
invitation-differ = The two passwords are not the same.

## Forgotten passwords

forgot = Forgot your password?
forgot-lead = We mail a link to the address that your organization has for you. With it you choose a new password.
forgot-submit = Mail me a link
forgot-back = Back to the sign-in page
forgot-who = Please type your user name.
