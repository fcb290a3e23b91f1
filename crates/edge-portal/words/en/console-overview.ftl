# The console: overview.
overview-steps = First steps
overview-steps-lead = What there must be before somebody can work with an account.
overview-step-done = done
overview-step-people = Create the people
overview-step-people-help = Each gets an invitation and chooses a password.
overview-step-accounts = Add accounts
overview-step-accounts-help = Those that people are to work in, beside the management account.
overview-step-sets = Create a permission set
overview-step-sets-help = What people may do in an account: predefined or your own.
overview-step-assign = Assign access
overview-step-assign-help = Who has which permission set in which account.

overview-attention = What needs attention
overview-all-well = Nothing needs attention.
overview-bad = Failed
overview-or-more = or more
# $operations: names of operations
overview-unseen = Your role may not look at everything: { $operations } was refused, and what it would show is missing here.
# $count (number): how many; $more: “or more” where there may be others
overview-failed-creation = Assignments that failed in the last 7 days: { $count }{ $more }
overview-failed-creation-todo = Nobody got this access. Mend what the reason names, then assign again.
# $count (number): how many; $more: “or more” where there may be others
overview-failed-deletion = Removals of access that failed in the last 7 days: { $count }{ $more }
overview-failed-deletion-todo = Somebody may still have access that they were to lose. Remove it again.
# $count (number): how many; $more: “or more” where there may be others
overview-failed-provisioning = Provisionings that failed in the last 7 days: { $count }{ $more }
overview-failed-provisioning-todo = In these accounts the permission set is as it was before. Mend what the reason names, then provision again.
# $count (number): how many; $more: “or more” where there may be others
overview-invitations-over = Invitations that ran out unused: { $count }{ $more }
overview-invitations-over-todo = These people cannot sign in yet. Invite them again, or delete them if they are not to come.
# $count (number): how many; $more: “or more” where there may be others
overview-letters-lost = Letters that could not be delivered: { $count }{ $more }
overview-letters-lost-todo = Look at the address, or hand the invitation over yourself. The audit trail has the mail server's words.
# $count (number): how many; $more: “or more” where there may be others
overview-expiring = Tokens and certificates of identity providers that end within 30 days, or have ended: { $count }{ $more }
overview-expiring-todo = Replace them before nobody is written here or comes in any more. Settings say who gets a letter ahead.
overview-expired-todo = One has ended: nobody is written here, or comes in, by its provider. Replace it; settings say who gets a letter ahead.
overview-to-providers = Open identity providers
# $count (number): how many; $more: “or more” where there may be others
overview-app-expiring = Certificates and client secrets of applications that end within 30 days, or have ended: { $count }{ $more }
overview-app-expiring-todo = Make another one and have the application know it before nobody comes in any more. Settings say who gets a letter ahead.
overview-app-expired-todo = One has ended: an application that heeds it lets nobody in. Replace it; settings say who gets a letter ahead.
overview-to-applications = Open applications
overview-no-factor = Nobody is asked for a second factor
overview-no-factor-todo = Whoever learns a password has everything that its owner has. Ask for a second factor at least when something is new.
overview-no-device = People without a device sign in with the password alone
overview-no-device-todo = Have people register one at their next sign-in.
overview-known-passwords = Passwords that are publicly known can be chosen
overview-known-passwords-todo = They are the first that attackers try. Refuse them.
overview-to-setting = Open the setting
overview-to-people = Open people
overview-to-assignments = Open assignments
overview-to-sets = Open permission sets
overview-to-trail = Open the audit trail
overview-latest = Latest changes, without sign-ins

overview-counts = How much there is
# $count (number): how many
overview-count = { $count }
# $count (number): how many are counted at least
overview-count-more = { $count }+
overview-people = Enabled people
overview-disabled = Disabled people
# $count (number): how many; $more: “or more” where there may be others
overview-without-device = People who can sign in with a password alone: { $count }{ $more }
overview-without-device-todo = Whoever learns such a password is in. Have these people register a second factor.
overview-to-them = Open the list
# $count (number): how many; $more: “or more” where there may be others
overview-unused = Roles that people did not use for 90 days: { $count }{ $more }
overview-unused-todo = What nobody needs is there for attackers alone. Take it away; it can be given again.
overview-to-unused = Open unused access
# $count (number): how many; $more: “or more” where there may be others
overview-old-keys = Access keys older than 90 days: { $count }{ $more }
overview-old-keys-todo = The older a key, the more places it may have got to. Make another one, use it, delete the old one.
overview-to-service-users = Open service users
# $count (number): how many; $more: “or more” where there may be others
overview-drift = Differences in connected accounts: { $count }{ $more }
overview-drift-todo = Somebody changed there by hand what was made from here. Look at each: repair it, or accept it.
overview-to-drift = Open the differences
