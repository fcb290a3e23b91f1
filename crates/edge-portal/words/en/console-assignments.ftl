# The console: assignments.
console-assignments = Assignments
assignments-lead = Who is assigned which permission set in which account. Choose whose assignments you want to see, or assign more.
assignments-new = Assign access
assignments-new-lead = Choose groups or people, permission sets and accounts. Everybody chosen gets every chosen permission set in every chosen account; nothing changes before you have seen the preview.
# $what: the person, group, permission set or account
assignments-of = Assignments: { $what }
assignments-reach = Who can reach what
assignments-none = Nothing is assigned here yet.
assignments-choose = Choose
# $who, $what, $where: the person or group, the permission set and the account of a row
assignments-row = { $who }, { $what }, { $where }
assignments-who = Who
assignments-what = Permission set
assignments-where = Account
assignments-why = Reason
assignments-remove = Remove the chosen ones
assignments-remove-next = The next page shows what would go.

# $count (number): things chosen
assignments-chosen = { $count ->
    [one] { $count } chosen
   *[other] { $count } chosen
}
assignments-chosen-here = { $count ->
    [one] One is chosen. Clear its box to leave it out.
   *[other] { $count } are chosen. Clear a box to leave one out.
}
assignments-found = Found
assignments-in-unit = Accounts are looked for in the unit that you came from.
assignments-add = Add the ticked ones
assignments-add-next = Add them and show more
assignments-add-all = Add all that match
# $what: the kind of thing that is chosen next
assignments-next = Next: { $what }
assignments-preview = Preview
# $count (number): assignments that the choice comes to
assignments-comes-to = { $count ->
    [0] Choose at least one group or person, one permission set and one account.
    [one] This comes to { $count } assignment.
   *[other] This comes to { $count } assignments.
}
# $count (number): assignments that the choice comes to; $most (number): as many as one batch takes
assignments-too-many = { $count ->
   *[other] This comes to { $count } assignments
}, and one batch takes { $most ->
   *[other] { $most }
}. Choose fewer, and send the rest as another batch.
assignments-none-chosen = Nothing is chosen yet: it takes at least one group or person, one permission set and one account.
assignments-change-choice = Change the choice

assignments-preview-create = Preview of new assignments
assignments-preview-delete = Preview of what is removed
# $count (number): rows
assignments-new-rows = { $count ->
    [one] { $count } is new
   *[other] { $count } are new
}
assignments-existing-rows = { $count ->
    [one] { $count } exists already and stays as it is
   *[other] { $count } exist already and stay as they are
}
assignments-gone-rows = { $count ->
    [one] { $count } is removed
   *[other] { $count } are removed
}
assignments-absent-rows = { $count ->
    [one] { $count } is not assigned: nothing to remove
   *[other] { $count } are not assigned: nothing to remove
}
assignments-invalid-rows = { $count ->
    [one] { $count } cannot be assigned and is left out
   *[other] { $count } cannot be assigned and are left out
}
assignments-will-create = { $count ->
    [one] { $count } assignment will be made. Whoever gets it can use it at once.
   *[other] { $count } assignments will be made. Whoever gets them can use them at once.
}
assignments-will-delete = { $count ->
    [one] { $count } assignment will be removed. Role credentials that were handed out already stay good until they expire.
   *[other] { $count } assignments will be removed. Role credentials that were handed out already stay good until they expire.
}
assignments-create = { $count ->
    [one] Make { $count } assignment
   *[other] Make { $count } assignments
}
assignments-delete = { $count ->
    [one] Remove { $count } assignment
   *[other] Remove { $count } assignments
}
assignments-nothing-to-do = There is nothing to change.
assignments-changed = Somebody changed something meanwhile. Nothing was done: this is how it would be now.
assignments-file = Download the rows (assignments.json)

assignments-batch-create = New assignments
assignments-batch-delete = Removal of assignments
# $ended, $total (numbers): assignments that have ended, and all of them
assignments-under-way = { $ended ->
   *[other] { $ended }
} of { $total ->
    [one] { $total } assignment is through.
   *[other] { $total } assignments are through.
}
assignments-all-done = { $count ->
    [one] Done: { $count } assignment.
   *[other] Done: all { $count } assignments.
}
# $done, $failed (numbers): assignments that were done, and that failed
assignments-some-failed = Ended: { $done ->
   *[other] { $done } done
}, { $failed ->
   *[other] { $failed } failed
}.
assignments-progress = Progress
assignments-no-answer = The server does not answer at the moment. The work goes on there; this page asks again by itself.
assignments-begun-at = Begun
assignments-request = Request
assignments-failures = { $count ->
    [one] { $count } failed
   *[other] { $count } failed
}
assignments-retry = { $count ->
    [one] Try { $count } again
   *[other] Try { $count } again
}
