# The administrator's console: what is on all of its pages.
console = Console
console-dashboard = Overview
console-people = People
console-groups = Groups
console-identity-providers = Identity providers
console-service-users = Service users
console-applications = Applications
console-role = You act as
console-role-change = Change
console-commands = This page with the AWS CLI
console-command = Command
console-next-page = Next page
console-display-name = Name
console-people-search = Search people
console-done-created = Created.
console-done-saved = Saved.
console-done-deleted = Deleted.
console-done-begun = Begun. This page shows how far it is.
# $role: the permission set that the person acts as
console-refused-next = You act as { $role }. If you have another role that allows this, choose it; else ask whoever administers Portico.

# A form that waits until its sender has signed in or proved themselves.
held = Not sent yet
held-signed-out = Your session has ended. What you typed is still here: sign in, then continue.
held-stale = This page is from before you signed in again. Look at what it would do, then continue.
held-prove = This changes who has access, so prove first that it is you. What you typed is still here.
held-no-role = You no longer have a role in the management account, so nothing was done. What you typed is still here: continue once you have been given one again.
held-sign-in = Sign in in a new tab
held-verify = Prove that it is you in a new tab
held-again = When you are back, continue: this is what will be sent.
held-lost = Passwords are not kept: the next page asks for them again.

# What many rooms say.
console-done-ended = Ended.
console-this-command = Do this with the AWS CLI
console-first-page = First page
console-pages = Pages
console-edit = Edit
console-save = Save
console-delete = Delete
console-cancel = Cancel
console-name = Name
# $name: what people call the source that brought a person or group
console-owned = { $name } owns this entry: change it there. Access, and who may sign in, are decided here.
# $name: what people call the source that brought a person or group
console-owned-strict = { $name } owns this entry. In strict mode it is changed here as well, as at AWS.
console-created = Created
console-updated = Changed
console-expires = Good until
console-last-used = Last used
console-never = Never
console-acts = What can be done
# $name: of what is deleted
console-confirm = Type { $name } to go on
console-confirm-wrong = This is not { $name }. Nothing was deleted.
console-changed-meanwhile = Somebody else changed this while you had it open. Nothing was saved: what they changed is said beside each field. Save again to overwrite it with what is typed.
# $value: of the field now
console-meanwhile = Somebody changed this meanwhile to: { $value }
console-meanwhile-empty = Somebody emptied this meanwhile.
