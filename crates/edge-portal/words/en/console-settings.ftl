# The console: settings.
console-settings = Settings
settings-lead = What is in force now. Changes hold at once, and the audit trail shows who made them.
settings-change = Change
settings-save = Save
settings-cancel = Cancel
settings-yes = Yes
settings-no = No
settings-overtaken = Somebody else has changed this since you opened the form. Nothing was saved. What you typed is still here, and this is in force now; save again to replace it.
settings-not-a-number = This is no number.

length-days = days
length-hours = hours
length-minutes = minutes
length-unit = Unit
# $count (number): days
length-count-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
# $count (number): hours
length-count-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
# $count (number): minutes
length-count-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
length-wrong = Write a whole number and choose its unit.

settings-sessions = Sign-in sessions
settings-sessions-lead = How long people stay signed in. It holds for sign-ins that begin from now on; sessions that are open keep their length.
settings-session-length = Stay signed in for
settings-session-length-help = From a sign-in on: 15 minutes to 90 days.
settings-session-idle = End when idle for
settings-session-idle-help = Without a page opened or a token renewed: 15 minutes to 90 days. Leave it empty to end no session early.
settings-session-access = Access tokens of programs live
settings-session-access-help = 15 minutes to 12 hours. Programs renew them without asking anybody.
settings-session-refresh = Programs may renew their tokens for
settings-session-refresh-help = After a person approved them: 15 minutes to 90 days. Leave it empty for as long as the session.
settings-session-background = In the background
settings-session-background-help = How long a job goes on after its person has signed out, at applications that may have that.
settings-never = Never
settings-as-session = As long as the session

settings-factors = Second factors
settings-factors-lead = What is asked of people beside their password, from the next sign-in on.
settings-prompt = When it is asked for
settings-prompt-context = When something is new
settings-prompt-context-help = In a browser that the person has not signed in with before and chosen to keep.
settings-prompt-always = At every sign-in
settings-prompt-always-help = In every browser, every time.
settings-prompt-never = Never
settings-prompt-never-help = A password is enough. Devices that are registered are kept.
settings-kinds = What is taken
settings-kind-passkey = Passkeys and security keys
settings-kind-passkey-help = Nobody can be talked out of them: they answer only to the address of these pages.
settings-kind-app = Authenticator apps
settings-kind-app-help = A code of six digits that a phone shows. A convincing page can ask for it.
settings-kind-none = None
settings-without = People without a device
settings-without-register = Must register one
settings-without-register-help = At the next sign-in, before going on.
settings-without-mail = Get a code by mail
settings-without-mail-help = Works where mail is set up. Whoever reads the person's mail and knows the password can sign in.
settings-without-mail-off = Mail is not set up on this server: codes by mail are refused.
settings-without-block = Cannot sign in
settings-without-block-help = Until an administrator gives them a bypass code.
settings-without-allow = Sign in with the password alone
settings-without-allow-help = Until they register a device.
settings-themselves = What people may do themselves
settings-manage = Register and remove their own devices
settings-manage-help = Otherwise administrators alone do.
settings-alone = Sign in with a passkey alone
settings-alone-help = Without a password, where the passkey checks who touches it.
settings-force-legend = Nobody could come in
settings-force-what = With these settings no administrator could sign in and change them again. The root key still could, with the AWS CLI on a machine that has it.
settings-force = Do it all the same
settings-force-help = I have the root key, or another way in.

settings-passwords = Passwords
settings-passwords-lead = What is asked of passwords that are chosen from now on. Those that people have stay as they are.
settings-password-length = Characters at least
settings-password-length-help = 8 to 64.
settings-password-remembered = Last passwords that cannot be chosen again
settings-password-remembered-help = 0 to 24, the present one among them.
settings-password-also = Besides
settings-password-breached = Refuse passwords that are publicly known
settings-password-breached-help = Those of known leaks, by a list that the server holds.
settings-password-classes = Ask for every kind of character in long passwords too
settings-password-classes-help = Letters of both cases, a digit and a symbol. Otherwise a password of 15 characters or more may be of any kind.

settings-instance = Instance
settings-instance-name = Name
settings-instance-name-help = Letters, digits and + = , . @ - _, without blanks.
settings-instance-unnamed = None yet
settings-instance-since = Created
settings-tags = Tags
settings-tags-lead = For your own order, and for policies that ask for them.
settings-tags-none = No tags yet. Add the first one below.
settings-tag-key = Key
settings-tag-value = Value
settings-tag-remove = Remove
# $key: a tag's key
settings-tag-remove-this = Remove { $key }
settings-tag-put = Add or change

settings-portal = Portal
settings-portal-lead = Whose pages these are, so that nobody takes them for a forgery. What is left empty keeps its default.
settings-portal-default = Default
settings-portal-name = Name of the portal
settings-portal-name-help = In the head of every page, in its title and where people sign in. By default the instance's name.
settings-portal-color = Colour of links and buttons
settings-portal-color-help = Such as #1d5c83. What cannot be read well is refused, and the nearest colour that can is named.
settings-portal-dark = The same on dark pages
settings-portal-dark-help = By default the colour above, lightened until it can be read.
settings-portal-help = Line of help
settings-portal-help-help = For who cannot sign in, such as: The service desk answers at extension 4711.
settings-portal-help-link = Where help is
settings-portal-help-link-help = An address of https://, or mailto: and a mail address.
settings-portal-logo = Picture
settings-portal-logo-own = Your own
settings-portal-logo-none = None
settings-portal-logo-keep = Leave it as it is
settings-portal-logo-remove = Remove it
settings-portal-logo-new = Another one
settings-portal-logo-file = Choose a file
settings-portal-logo-data = The picture in base64
# $command: a command
settings-portal-logo-help = PNG, JPEG or WebP of 65,536 bytes at most. { $command } writes it so that it can be pasted here.

settings-mail = Mail
settings-mail-on = Set up
settings-mail-off = Not set up
settings-mail-on-what = Invitations, links for forgotten passwords, codes and notices are sent.
settings-mail-off-what = Nothing is sent. Invitations are shown to administrators, who hand them over, and nobody can ask for a new password themselves.
# $section: the section of the file; $command: a command
settings-mail-how = The mail server stands in { $section } of the server's configuration file, out of reach of the console. { $command } tries it.
settings-mail-trail = Mail in the audit trail

settings-addresses = Addresses
settings-addresses-lead = What clients are given to find this instance.
settings-start-url = Start URL
settings-portal-url = Access portal
settings-endpoint = Endpoint of every service
settings-region = Region
settings-device-url = Page for codes of devices
settings-instance-arn = Instance ARN
settings-identity-store = Identity store
settings-owner = Management account
settings-configuration = Shared part of ~/.aws/config

# Who gets letters before something ends.
settings-notices = Letters before something ends
settings-notices-lead = Tokens and certificates of identity providers end, and so do certificates and client secrets of applications. Whoever is named here gets a letter 30 days, 7 days and a day before, each once.
settings-notices-who = Who gets them
settings-notices-nobody = Nobody is named, so nobody is told.
settings-notices-no-mail = No mail is set up, so no letters leave. What ends soon is on the overview.
