# The AWS access portal: the list of accounts, its pages, the file for all of them, times to come.

## The list

start-recent = Recently used
start-every = All accounts
start-applications = Applications
start-application = Open
# $application (text): its name
start-application-of = Open { $application }
start-applications-more = More applications
# $count (number): roles
start-roles = { $count ->
    [one] { $count } role
   *[other] { $count } roles
}
start-id = Account id
# $account (text): its name. What a button says that is pressed or not
start-favourite = Favourite: { $account }
start-console = Management console
# $role and $account (texts): their names
start-console-of = Management console of { $account } as { $role }
start-no-console = Accounts that Portico keeps itself have no web console of their own yet: work with them on the command line or by an SDK, with Access keys.

## Pages of a list

pages = Pages
pages-before = Previous
pages-after = Next
# $page and $pages (numbers)
pages-this = Page { $page } of { $pages }

## An account without a console

# $account (text): its name
no-console = { $account } has no console yet
no-console-text = The link leads to the web console of an account that Portico keeps itself. There is none for it yet.
no-console-next = Your role works on the command line and in SDKs: its access keys are one step away.

## The file for all accounts

config-title = AWS config file
config = Your AWS config file
# $roles (number). $file: ~/.aws/config, $command: aws sso login --profile, both shown as code
config-lead = { $roles ->
    [one] A profile for the role
   *[other] Profiles for all { $roles } roles
} that you may use. Put it into { $file }, then sign in with { $command } and the name of one.
config-template = What profiles are called
# Blanks that are filled in, each shown as code
config-template-about = Letters, digits, - _ . @ + and the blanks { $name }, { $id } and { $role }. Where two would be called the same, both get the account’s id.
config-ready = Or choose:
config-sessions = Signing in
config-sessions-one = Once for all accounts
config-sessions-account = For each account by itself
config-preview = Preview
# $shown and $roles (numbers): profiles
config-shown = The first { $shown } of { $roles } profiles
config-whole = The whole file
config-download = Download

## How long until then

# $count (number), in each
in-days = in { $count } days
in-hours = { $count ->
    [one] in { $count } hour
   *[other] in { $count } hours
}
in-minutes = { $count ->
    [one] in { $count } minute
   *[other] in { $count } minutes
}
in-a-moment = in less than a minute

## On to an application

application-go-on = One more step
# $application (text): its name
application-go-on-text = You are signed in. { $application } takes you from here.
application-refused-text = Nobody was signed in. { $application } is told why.
application-sign-out-text = You are signed out here. The next application is told.

## What an application would be told

application-test = Test of an application
# $application (text): its name
application-test-of = What { $application } would be told of you
application-test-text = Nothing was sent. The values of the signatures are left out, so that this page can be shown to others.
application-test-called = What you are called
application-test-format = What kind of name that is
application-test-recipient = Where it would go
application-test-audience = Whom it is meant for
application-test-whole = The whole answer
application-test-back = Back
