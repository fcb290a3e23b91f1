# The console: the audit trail.
console-trail = Audit trail
trail-lead = Who did what, from where, with what result. Newest first.

trail-by = Look for
trail-by-changes = Changes
trail-by-all = Everything
trail-by-reads = Reads
trail-by-person = A person or key holder, by user name
trail-by-event = An event, by name
trail-by-resource = A thing, by ARN or id
trail-by-kind = A kind of thing, such as AWS::SSO::PermissionSet
trail-by-source = A service, such as sso.amazonaws.com
trail-by-key = An access key, by id
trail-by-id = One record, by id
trail-value = Which one
trail-help = The trail is searched for one of these at a time, by its exact name, and for any time.
trail-from = From (UTC)
trail-to = Until (UTC)
trail-look = Search
trail-last-hour = Last hour
trail-last-day = Last day
trail-last-week = Last 7 days
trail-last-month = Last 30 days
trail-value-missing = Say which one.
# $value: what was typed
trail-value-extra = Say what “{ $value }” is: choose it above, or leave this empty.
trail-time-wrong = This is no time. Write it like 2026-11-28T12:40.
trail-time-backwards = This is before the time from which is looked for.

trail-caption = Records, newest first
trail-when = When
trail-who = Who
trail-what = What
trail-to-what = To what
trail-result = Result
# $role: a permission set or role
trail-as = as { $role }
# $count (number): things that the record names beside those shown
trail-more-things = and { $count } more
trail-done = Succeeded
# $count (number): calls alike
trail-count = { $count } times
trail-none = Nothing is recorded yet.
trail-none-found = Nothing like this is recorded. Names are exact, upper and lower case too.
trail-none-here = Nothing on this page of the trail. Older records follow.
trail-show-all = Show everything
trail-pages = Pages
trail-newest = Newest
trail-older = Older

trail-who-root = the root key
trail-who-service-user = a service user
trail-who-role = with a role
trail-who-person = signed in at the portal
trail-who-service = Portico itself
trail-who-nobody = somebody who is not signed in
trail-read = Read
trail-change = Change
# $count (number): calls alike
trail-counted = { $count } calls like this one were refused within a minute; this record stands for all of them.
trail-role = As
trail-account = In account
trail-factor = Second factor
trail-with-factor = was asked for and given
trail-without-factor = none
trail-session-since = Session began
trail-address = From
trail-agent = With
trail-service = Service
trail-access-key = Access key
trail-request = Request
trail-things = What it names
trail-thing = Name
trail-kind = Kind
trail-of-thing = All about this
trail-asked = What was asked
trail-answered = What was answered
trail-more = What is known besides
trail-alike = More like this
trail-same-person = By the same person
trail-same-name = The same event
trail-same-key = With the same access key
trail-whole = The whole record
trail-json = CloudTrail record
trail-no-record = No such record
trail-no-record-why = The trail has no record of this id. A record appears within a second of its call; records of reads and refusals are removed after some time.
