# The AWS access portal: accounts, keys, and the programs that ask to use them.

## Your accounts

start-title = Accounts
start = Your accounts
start-both = Your applications and accounts
# $total (number): accounts
start-lead = { $total ->
    [one] { $total } account. Open it
   *[other] { $total } accounts. Open one
} and choose a role.
search-example = Account, id, e-mail or role
search-label = Search accounts and roles
search = Search
no-accounts = Nobody has given you access to an account yet.
no-accounts-next = Ask your administrator, and tell them your user name. What they give you appears here at once.
# $query (text): what was searched for
search-nothing = Nothing matches “{ $query }”.
search-nothing-next = Search for nothing to see all accounts.
# $found and $total (numbers): accounts. $query (text): what was searched for
search-some = { $found } of { $total } match “{ $query }”.
start-all = Show all accounts
# $role and $account (texts): their names
start-keys-of = Access keys of { $role } in { $account }
# $file: ~/.aws/config
start-config = Set up { $file }

## The keys of a role

keys = Access keys
# $role and $account (texts): their names
keys-heading = { $role } in { $account }
# $id (text): the account's id
keys-account = Account { $id }
# $moment (text): date and time, and behind it how long it is until then
keys-expire = Good until { $moment }.
keys-warning = Whoever holds these keys can act in your name until then. They are not shown again.
keys-variables = Paste these lines into the terminal
keys-variables-text = They hold the address and the Region too: the keys are good here only, and calls go here rather than to Amazon.
keys-variables-elsewhere = They hold the Region too. The keys are of the account itself, and calls go there.
keys-posix = Linux and macOS (sh, bash, zsh)
keys-powershell = PowerShell
keys-cmd = Windows command prompt
keys-section = Credentials file
keys-section-text = A section of its own. Take out an older one of the same name first: a section that stands twice makes the AWS CLI refuse the whole file.
keys-profile = A profile that renews itself
keys-profile-recommended = A profile that renews itself (recommended)
# $version: 2.34.22
keys-profile-text = Run this once, in any shell. Running it again, or that of another role beside it, does no harm. AWS CLI { $version } or newer.
keys-any-shell = sh, PowerShell or command prompt
keys-then-sign-in = Then sign in. The AWS CLI and SDKs fetch and renew credentials by themselves.
keys-by-hand = With an older AWS CLI, or by hand
# $file, here and below: the file's name, as code
keys-by-hand-text = Put the profile into { $file }.
keys-file-this-role = { $file }, for this role
keys-shared-text = And this once for all roles. A section that stands twice makes the AWS CLI refuse the whole file.
keys-shared-elsewhere = And this once for this account. A section that stands twice makes the AWS CLI refuse the whole file.
keys-file-once = { $file }, only once
keys-programs = What some programs need besides
keys-javascript = JavaScript SDK
# Variables with names of options, settings, commands: shown as code
keys-javascript-text = Name the profile by { $variable }. One that is named in code is not asked where to go.
keys-rust = Rust SDK
keys-rust-text = Set { $variable } (below): it renews the sign-in there only.
keys-chain = A chain of roles
keys-chain-text = A profile with { $source-profile } needs { $endpoint-url } and { $services } of its own.
keys-no-profile = No profile named
keys-no-profile-text = { $logout }, { $configure } and { $login } talk to Amazon, unless { $option } or the variables below say otherwise.
keys-else = Anything else
keys-else-text = A profile of its own with the same { $region } and { $endpoint-url }, and { $process }
keys-everything-here = Variables that lead everything here
keys-sign-in-here = Variables that lead signing in here; everything else goes to the account
keys-short-lived = Short-lived keys
keys-short-lived-text = For tools that cannot use a profile: variables for sh, PowerShell and the command prompt, and a section for { $file }.
keys-show = Show access keys
keys-again = Make new keys

## The file for all accounts: comments in it

# $address: of the page. $file: ~/.aws/config. $variable: AWS_CONFIG_FILE
config-what = Everything that you may use at { $address }, as { $file } or as a file of its own that { $variable } names.
config-renew = To renew it replace all of it: a section that stands twice makes the AWS CLI refuse the whole file.
config-sign-in = Sign in:   { $command }
config-sign-out = Sign out:  { $command }
config-without = Without { $option } these two, { $login } and { $configure } read no profile: they would talk to
config-amazon = Amazon, and the first would send it your tokens. Where you use them so, set first:

## May a program use your access?

consent-title = Allow access
# $program (text): what it calls itself
consent = Allow { $program } to use your access?
consent-cli = Allow the AWS CLI on this computer to use your access?
consent-cli-device = Allow the AWS CLI that shows this code to use your access?
# $program (text): the name of an application that an administrator registered
consent-application = Sign in to { $program } on the device that shows this code?
consent-application-lead = It will be told who you are, and you will be signed in there until your session ends.
consent-application-warning = If you did not start this a moment ago, deny it: whoever did would be signed in as you.
consent-details = Details
consent-lead = It will be able to get credentials for every account and role that you have, in your name, until your session ends.
consent-code = Go on only if your device shows exactly this code:
consent-program = Program
consent-asked-from = Asked from
# Behind the address.
consent-elsewhere = which is not where you are
consent-asked-at = Asked at
consent-sends-to = Answer goes to
consent-scopes = Asks for
consent-you = You are
consent-warning = The program chose its name itself. If you did not start this a moment ago, deny it: somebody may be after your access.
consent-remember = Do not ask me again about this program

## Codes of devices

device = Authorize a device
device-lead = Type the code that the program on your device shows.
device-code = Code
device-allowed = You can close this page and go back to your device.
device-denied = The program was told that you did not allow it. Nothing else happened.

## aws login

login-title = Sign the AWS CLI in
login-here = Sign the AWS CLI on this computer in?
login-elsewhere = Sign the AWS CLI on another computer in?
login-lead = It gets credentials of the role that you choose, in your name, and renews them until your session ends or you sign out here.
login-choose = Choose a role first.
# $command: shown as code
login-warning-elsewhere = You will be shown a code. Paste it only into a terminal where you have just started { $command } yourself. Whoever sent you this link, or asks you for the code, is after your access.
login-warning-here = If you did not start { $command } a moment ago, deny it: somebody may be after your access.
login-denied = Nothing was given to anybody. The AWS CLI on the other computer still waits: end it with Ctrl-C.
login-code-title = Your code
login-code = One more step in your terminal
# $command: shown as code. $minutes (number)
login-code-lead = Paste this code where { $command } asks for it. It works once, within { $minutes } minutes.
login-code-caption = Authorization code
# $role (text): its name. $account (text): its id
login-code-warning = Give it to nobody. Whoever has it and started the sign-in can act in your name as { $role } in account { $account }.
