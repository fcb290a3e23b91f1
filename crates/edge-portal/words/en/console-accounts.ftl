# The console: accounts.
console-accounts = Accounts
accounts-search = Search accounts by name, id or e-mail address
accounts-tree = All units
accounts-path = Where this is
accounts-root = Root
accounts-units = Organizational units
accounts-more-units = More units
accounts-here = Accounts here
accounts-none-here = No account is here.
accounts-name = Account name
accounts-id = Account id
accounts-email = E-mail address
accounts-status = State
accounts-active = Active
accounts-new = Create an account
accounts-new-lead = The account comes to be at the root; move it to a unit afterwards. Each account needs an e-mail address of its own.
accounts-under-way = The account is being created.
# $id: the new account's id
accounts-created = Created: account { $id }.
accounts-failed = The account was not created.
accounts-go-there = Go to the account
accounts-reach = Who can reach it
accounts-provisioned = Permission sets provisioned here
accounts-nothing-provisioned = No permission set is provisioned here. Assign access, and it will be.
accounts-more-sets = Only the first hundred are shown.
accounts-tags = Tags
accounts-no-tags = There are no tags.
accounts-tag-key = Key
accounts-tag-value = Value
accounts-tag-remove = Remove
accounts-tag-put = Save the tag
# $key, $value: a tag that somebody else changed
accounts-tag-changed = Somebody set the tag { $key } to “{ $value }” meanwhile. Nothing was saved: look at it, and save again if you still want to.
accounts-tag-gone = Somebody removed the tag { $key } meanwhile. Nothing was saved: save again if you still want it.

accounts-new-unit = Create a unit
accounts-unit-name = Name of the unit
accounts-rename = Rename
# $name: what somebody else named it
accounts-unit-changed = Somebody renamed it to “{ $name }” meanwhile. Nothing was saved: save again if you still want your name.
accounts-delete = Delete
# $name: the unit
accounts-delete-unit = Delete { $name }
accounts-unit-not-empty = Only an empty unit can be deleted. These are still in it:
accounts-and-others = And others.
accounts-delete-says = The unit is empty. Policies that name it will match nothing any more. This cannot be undone.
# $name: what has to be typed
accounts-type-name = Type the name of the unit: { $name }
accounts-wrong-name = That is not the name: it is “{ $name }”.

accounts-move = Move the chosen ones
accounts-move-one = Move to another unit
accounts-move-to = Move accounts
accounts-from = From
accounts-to = To
accounts-there-already = There already
accounts-choose-unit = Choose the unit above.
# $count (number): accounts
accounts-move-here = { $count ->
    [one] Move { $count } account here
   *[other] Move { $count } accounts here
}
# $count, $most (numbers): accounts that were chosen, and as many as are moved at once
accounts-move-too-many = { $count ->
   *[other] { $count } accounts were chosen
}, and { $most ->
   *[other] { $most }
} are moved at once: these are the first of them.
# $moved, $stayed (numbers): accounts that were moved, and that were not
accounts-some-stayed = Moved: { $moved ->
   *[other] { $moved }
}. Not moved, for the reasons below: { $stayed ->
   *[other] { $stayed }
}.

drift = Drift in connected accounts
drift-lead = What is otherwise in an account than it was made there. Nothing is put right by itself: repair it, or accept it, and it stays so until it changes again.
drift-status = Decision
drift-any = All
drift-open = Open
drift-accepted = Accepted
drift-repairing = Being repaired
drift-modified = Changed
drift-deleted = Missing
drift-unexpected = Should not be there
drift-checked = Last looked at
drift-under-way = Being looked at now
drift-next = Looked at next
drift-failed = The last look failed.
drift-look = Look now
drift-none = Nothing is known to differ.
drift-account = Account
drift-resource = What
drift-found = Found
drift-not-repaired = It could not be repaired.
drift-property = Property
drift-expected = As it was made
drift-actual = As it is
drift-repair = Repair
drift-accept = Accept
