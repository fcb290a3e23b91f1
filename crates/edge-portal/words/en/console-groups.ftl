# The console: groups.

groups-search = Group name begins with …
groups-none = There is no group yet. Groups are what access is best given to: people come and go, the group’s access stays.
# $query: what was searched for
groups-nothing = No group matches “{ $query }”.
groups-all = Show all groups
groups-description = Description
groups-new = Add a group
groups-new-submit = Add
# $name: of the group
groups-edit = Edit { $name }
groups-tabs = Pages about this group
groups-tab-members = Members
groups-tab-groups = Groups
groups-groups-none = No group is in this group.
groups-groups-how = How
groups-groups-direct = Member
groups-groups-follows = By a group in between
groups-groups-add = Add a group
groups-groups-text = Whoever is in a group that you add is in this group too, and in every group around it: they get its access at once.
groups-around = Groups that this group is in
groups-around-none = It is in no other group.
groups-around-more = There are more; the command line lists them all, by ListGroupsForGroup.
groups-empty = Nobody is in this group.
groups-add = Add somebody
groups-take-in = Add
# $name, here and below: of the person or group
groups-take-in-of = Add { $name }
groups-take-out = Remove
groups-take-out-of = Remove { $name }
groups-delete = Delete { $name }?
groups-delete-text = Its members stay, but what only this group gave them is taken from them at once. With it go:
# $count (number), here and below
groups-loses-members = { $count ->
    [one] one membership
   *[other] { $count } memberships
}
groups-loses-members-more = { $count } memberships and more
groups-loses-members-unknown = memberships, which your role may not count
groups-loses-access = { $count ->
    [one] one assignment of a permission set in an account
   *[other] { $count } assignments of permission sets in accounts
}
groups-loses-access-more = { $count } assignments of permission sets in accounts, and more
groups-loses-access-unknown = assignments, which your role may not count
