# Letters that people get. $place (text): the host of the pages. $user (text): a user name. $moment (text): date and time, in UTC.

# $name (text): what the person is called
hello = Hello { $name },
when = When: { $moment }
# $address (text): of the internet
from = From: the address { $address }
# $agent (text): what a browser calls itself
with = With: { $agent }

## An account was made, and its person chooses a password

invitation-subject = Welcome: choose your password for { $place }
invitation-made = an account was made for you at { $place }. Your user name is { $user }.
invitation-link = Choose your password here. The link works once, until { $moment }:
invitation-keep = Keep the link to yourself: whoever has it can choose the password. If you did not expect this letter, ask your administrator.

## An administrator asks for another password

reset-subject = Choose a new password for { $place }
reset-asked = your administrator asks you to choose a new password at { $place }, for the user name { $user }.
reset-link = Choose it here. The link works once, until { $moment }:
reset-keep = Until then your password stays as it is. Keep the link to yourself: whoever has it can choose the password.

## Somebody forgot a password

forgotten-subject = Choose a new password for { $place }
forgotten-said = somebody, most likely you, said at { $place } that they forgot the password of the user name { $user }.
# The same, where it is known from where. $address (text)
forgotten-said-from = somebody, most likely you, said at { $place } that they forgot the password of the user name { $user }. The question came from the address { $address }.
forgotten-link = Choose a new one here. The link works once, until { $moment }:
forgotten-keep = If it was not you, there is nothing to do: without the link your password stays as it is. Keep the link to yourself.

## A password was changed

changed-subject = Your password for { $place } was changed
changed = the password of your user name { $user } at { $place } was changed.
changed-next = If that was you or your administrator, there is nothing to do. If not, tell your administrator at once.

## A new device

device-subject = A new device signed in to { $place }
device = somebody signed in at { $place } as { $user } with a browser that was not seen there with that name before.
device-next = If it was you, there is nothing to do. If not, somebody knows your password: choose another one and tell your administrator at once.

## A code to sign in with

code-subject = Your code to sign in to { $place }
code = somebody, most likely you, signs in at { $place } as { $user } and gave the right password. The code for it is:
code-works = It works once, until { $moment }, in the browser where it was asked for. Type it there and nowhere else, and tell it to nobody who asks for it.
code-next = If it was not you, somebody knows your password: choose another one and tell your administrator at once.

## What an identity provider calls or signs with ends soon. $source (text): what the provider is called here. $name (text): what the token is called

expiry-token-subject = The token of { $source } for { $place } ends soon
expiry-token = the token by which { $source } writes people and groups at { $place } ends on { $moment }. From then on nobody who joins or leaves is written there.
expiry-named-token = the token { $name } by which { $source } writes people and groups at { $place } ends on { $moment }. From then on nobody who joins or leaves is written there, unless another token is used by then.
expiry-token-next = Make a new one, change { $source } over to it, see that it is used, and delete the old one:
expiry-certificate-subject = The certificate of { $source } for { $place } ends soon
expiry-certificate = the certificate with which { $source } signs that people are who they say ends on { $moment }, and at { $place } there is none that lasts longer.
expiry-certificate-next = Have { $source } make a new one, and see that it is known here before it is used:
expiry-application-certificate-subject = The certificate for { $source } at { $place } ends soon
expiry-application-certificate = the certificate by which { $source } knows that { $place } signed what it is told of people ends on { $moment }. From then on an application that heeds it lets nobody in.
expiry-application-certificate-next = Make another one, have { $source } know it, and then let it sign:
expiry-secret-subject = The client secret of { $source } for { $place } ends soon
expiry-secret = the client secret by which { $source } proves to { $place } that it is itself ends on { $moment }. From then on nobody comes in to it, unless another secret is used by then.
expiry-named-secret = the client secret { $name } by which { $source } proves to { $place } that it is itself ends on { $moment }. From then on nobody comes in to it, unless another secret is used by then.
expiry-secret-next = Make a new one, change { $source } over to it, see that it is used, and delete the old one:

## The settings of mail are tried

test-subject = Mail from Portico works
# $command: portico mail-test
test = This letter was sent by `{ $command }` at { $place }. Whoever sent it can read now that letters from there arrive here.
