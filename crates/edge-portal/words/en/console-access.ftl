# The console: access.
console-access = Access
access-lead = Who can use which role in which account, and what grants it: now, or at a moment that is past. Choose whom or what to begin at.
access-by = By
access-people = People
access-groups = Groups
access-sets = Permission sets
access-accounts = Accounts
access-person = Person
access-group = Group
# $what: People, Groups, Permission sets or Accounts
access-search = Search: { $what }
access-nothing-there = There is nothing here yet.
# $query: what was typed
access-nothing-found = Nothing matches “{ $query }”.
access-pages = Pages
access-first-page = First page
access-short-page = Nothing on this page, and more follows.
# $what: whose access the page shows
access-of-person = What { $what } can reach
access-of-group = What members of { $what } can reach by it
access-of-set = Who can use { $what }, and where
access-of-account = Who can reach { $what }
access-at = At this moment (UTC)
access-show = Show
access-now = Now
# $typed: what was typed as a moment
access-no-moment = “{ $typed }” is no moment: write it like 2026-11-28T12:40.
access-picture = Picture
access-table = Table
access-file = Download as CSV
access-file-more = More rows follow: ask the API for them.
access-why = Granted by
access-direct = Assigned directly
access-none = Nobody reaches anything here.
# $count (number): how many more there are
access-and-more = { $count ->
    [one] and { $count } more
   *[other] and { $count } more
}
# $count (number): rows that the picture is drawn from
access-drawn-from = { $count ->
    [one] The picture shows the first row; the table has all of them.
   *[other] The picture shows the first { $count } rows; the table has all of them. Follow a node to see its part.
}

unused = Unused access
unused-lead = Who could use which role for so long, and neither took keys of it nor acted with it at the console.
unused-days = Not used for (days)
# $typed: what was typed as a number of days
unused-no-days = “{ $typed }” is no number of days from 1 to 400.
unused-since = It is known what is used since
unused-early = That is not so long ago yet: ask for fewer days.
unused-none = Nothing was unused for so long.
unused-granted = since
unused-by-group = What a group grants ends with the membership: take the person out of the group.
