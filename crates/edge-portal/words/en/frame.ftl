# What surrounds every page, and the pages that only say something.

frame-skip = Skip to the content
frame-sign-out = Sign out
frame-footer = AWS access portal, served by Portico
# Before the address where help is, if nothing else stands there
help = Need help?

## What the script says

script-copy = Copy
script-copied = Copied
script-show = Show
script-show-password = Show password
script-selected = Selected
script-no-passkeys = This browser has no passkeys.
script-registered-already = That device is registered already.
script-no-passkey-given = No passkey was given. Try again, or choose another way.

## Said on several pages

accounts-go-to = Go to your accounts
continue = Continue
without-scripts = This needs scripts, which are off in your browser.
user-name = User name
password = Password
new-password = New password
same-again = The same again
deny = Deny
allow-access = Allow access
access-allowed = Access allowed
access-denied = Access denied

## Pages that only say something

# $id (text): the number by which an administrator finds the request in the log
message-request = Request { $id }

signed-out = You are signed out
signed-out-text = Your session has ended, and with it everything that programs got through it.
signed-out-next = Role credentials that were already issued stay good until they expire.
signed-out-everywhere = You are signed out everywhere
signed-out-everywhere-text = Every session of yours has ended, and with it everything that programs got through it. Role credentials that were handed out to you work no more.
signed-out-link = Sign in again
# $provider (text): what the organization calls its identity provider
signed-out-still = You are still signed in at { $provider }, which would let you in here again.
# $provider (text): as above
signed-out-there = Sign out of { $provider } too

void-link = This link works no more
void-link-next = If you have no password yet, ask your administrator for another link.
void-link-sign-in = Go to the sign-in page

password-chosen = You have a new password
password-chosen-text = Your password is set, and whatever was open with the one before has ended.

letter-asked = Look into your mail
letter-asked-text = If there is such a person, with a password and with an address in the directory, a letter is on its way to that address.
letter-asked-next = The link in it works for an hour. There are only a few letters in an hour, so look into the folder for unwanted mail before you ask again.

go-on = Thank you
go-on-text = Your answer goes to the program on your machine.

stale-form = Please load the page again
stale-form-text = This page was open for too long, or was not opened here. Nothing was changed.
stale-form-next = Go back, load the page again and repeat what you did.

no-page = There is no such page
no-page-text = The address leads nowhere.
no-page-next = Check the address, or begin at your accounts.

## What went wrong, by its kind

fault-unauthorized = Please sign in again
fault-unauthorized-next = Go on to the sign-in page and repeat what you did.
fault-forbidden = No access
fault-forbidden-next = If you think that you should have it, ask your administrator and give them the number below.
fault-not-found = Not found
fault-throttled = Please wait a moment
fault-throttled-next = Then try again.
fault-unavailable = Please try again in a moment
fault-internal = Something went wrong here
fault-internal-next = It is not your fault. Try again; if it stays, give your administrator the number below.
fault-other = That did not work
fault-technical = What was asked for cannot be answered. Begin again where you came from; if this stays, give your administrator what stands below.
fault-detail = What is wrong, for whoever mends it
not-rendered = An internal error occurred.
