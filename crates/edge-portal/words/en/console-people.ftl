# The console: people.

## The list

people-search = Name or e-mail begins with …
people-status-any = Everybody
people-none = Nobody is here yet.
# $query: what was searched for
people-nothing = Nobody matches “{ $query }”.
people-all = Show everybody
people-status = Status
people-enabled = Enabled
people-disabled = Disabled

## Somebody new

people-new = Add a person
people-new-submit = Add
people-invite-at-once = Invite them at once
people-invite-at-once-text = Makes a link by which they choose a password. It is mailed where mail is set up, and shown to you once.

## What a person's profile says

people-section-names = Who they are
people-section-contact = Contact
people-section-work = Work
people-section-more = More
people-display-name = Display name
people-given-name = First name
people-family-name = Last name
people-middle-name = Middle name
people-prefix = Title before the name
people-suffix = Title after the name
people-nick-name = Nickname
people-email = E-mail
people-phone = Phone
people-street = Street
people-postal-code = Postal code
people-locality = Town
people-region = State or region
people-country = Country
people-title = Job title
people-user-type = Kind of employment
people-department = Department
people-division = Division
people-organization = Organization
people-cost-center = Cost centre
people-employee-number = Employee number
people-language = Language
people-locale = Locale
people-timezone = Time zone
people-profile-url = Page about them
people-website = Website
people-birthdate = Date of birth

## A person's pages

people-tabs = Pages about this person
people-tab-overview = Overview
people-tab-groups = Groups
people-tab-sign-in = Sign-in
people-profile = Profile
people-attributes = Whose each attribute is
people-attributes-text = Several sources speak of this person. Of each attribute one wins; what others say of it is kept aside.
people-attribute = Attribute
people-kept-aside = Kept aside
people-said-here = the administrators here
people-id = User id
people-disable-text = They may sign in. Disabling ends at once everything that they have open: sessions, programs, and role credentials that were handed out already. Enabling again brings none of it back.
people-disable = Disable
people-enable-text = They may not sign in, and nothing of theirs works. Their groups and assignments are kept for when they are enabled.
people-enable = Enable

## How they come in

people-one-time-text = A new password that is good for nothing but choosing another one. Everything that they have open ends.
people-one-time = Create one-time password
people-must-change-text = At their next sign-in they choose another password. What they have open stays open.
people-must-change = Require a new password
people-unlock-text = Wrong passwords or codes, their own or a guesser’s, make people wait. This lets them try again at once.
people-unlock = Unlock
people-made-password = Give them this one-time password. It is shown this once; within seven days they sign in with it and choose their own.
people-one-time-password = One-time password
people-made-link = Give them this link: whoever opens it chooses their password. It works once and is shown this once.
people-made-link-mailed = The link was mailed to them. You may hand it over as well: it works once and is shown this once.
people-made-code = Give them this code in the place of their second factor. It works once, beside the password, and is shown this once.
# A moment follows.
people-good-until = Good until
people-link = Link
people-bypass-code = One-time code
people-invitations = Invitations
people-invitations-none = No link is open.
people-invitation-kind = What for
people-invitation = Invitation
people-forgotten = Forgotten password
people-mail = E-mail
people-mail-waiting = Waits to be sent
people-mail-sent = Sent
people-mail-given-up = Not delivered
people-invitation-delete = Revoke
people-invite-text = A link by which they choose a password, whether or not they have one. Links from before work no more.
people-invite-hours = Hours until it expires (1 to 720)
people-invite = Create invitation
people-factors = Second factors
people-factors-none = They have no second factor: whoever learns their password is them.
people-factor-kind = Kind
people-factor-app = Authenticator app
people-factor-passkey = Passkey or security key
people-registered = Registered
people-bypass-text = For somebody who lost every device: a code that stands for the second factor once, never for the password.
people-bypass = Create one-time code
people-factor-last = This is their only second factor: without it their password alone lets them in, or nothing does, as your sign-in policy says.
# $count (number): other factors
people-factor-others = { $count ->
    [one] They have one other second factor.
   *[other] They have { $count } other second factors.
}
people-factor-delete = Remove this factor
people-sessions = Sessions
people-sessions-none = They are signed in nowhere.
people-session-from = From
people-session-began = Began
people-session-programs = Programs
people-session-end = End
people-end-all-text = Ends every session, what programs got by them, and role credentials that were handed out already.
people-end-all = End all sessions
people-void-roles-text = Credentials that connected accounts gave to this person live on until their end, whatever ends here. Make them void: who still has access gets new ones.
people-void-roles = Void credentials of connected accounts

## Their groups

people-groups-none = They are in no group.
people-group = Group
people-groups-add = Add them to a group
# $name: of the group
people-join-of = Add them to { $name }

## Deleting somebody

# $name: of the person
people-delete = Delete { $name }?
people-delete-text = They are gone for good: their id is never used again, and somebody new with the same name is another person. With them go:
people-delete-or-disable = If they may come back, disable them instead: that keeps their groups and assignments.
people-delete-submit = Delete for good
# $count (number), here and below
people-loses-groups = { $count ->
    [one] one group membership
   *[other] { $count } group memberships
}
people-loses-groups-more = { $count } group memberships and more
people-loses-groups-unknown = group memberships, which your role may not count
people-loses-access = { $count ->
    [one] one role that they can use in an account
   *[other] { $count } roles that they can use in accounts
}
people-loses-access-more = { $count } roles that they can use in accounts, and more
people-loses-access-unknown = roles in accounts, which your role may not count
people-loses-factors = { $count ->
    [one] one second factor
   *[other] { $count } second factors
}
people-loses-factors-more = { $count } second factors and more
people-loses-factors-unknown = second factors, which your role may not count
people-loses-sessions = { $count ->
    [one] one session
   *[other] { $count } sessions
}
people-loses-sessions-more = { $count } sessions and more
people-loses-sessions-unknown = sessions, which your role may not count

people-last-signed-in = Last signed in
people-not-since = Not since
people-comes-by = Signs in with
people-comes-by-nothing = Nothing yet: invite them
people-no-device = no second factor
# $count (number): how many devices
people-devices = { $count ->
    [one] one second factor
   *[other] { $count } second factors
}
people-alone = Without a second factor
people-alone-lead = These people can sign in with a password alone. Have everybody register a device at the next sign-in by the setting, or help one of them at a time.
people-alone-none = Everybody who signs in with a password has a second factor.
people-alone-act = Sign-in
