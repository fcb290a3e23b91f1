# The console: service users and the keys of the root.

service-lead = Programs that cannot sign in call as one of these, with keys and policies of its own.
service-none = There is no service user yet.
service-new = Add a service user
service-new-submit = Add
service-policies = Policies
service-root = Keys of the root
service-root-text = The root of the management account may do everything, whatever policies say. Keep its key for emergencies: a key that is used every day belongs to a service user.
service-keys = Access keys
service-keys-none = It has no key.
service-keys-text = Two keys at most, so that one can take the place of the other: make the second, change the program over, see that the first is used no more, delete it.
service-key-make = Make an access key
service-key-once = The secret is shown this once. Put it where the program finds it now; whoever has it calls in its name.
service-key-id = Access key id
service-key-secret = Secret access key
service-key-active = Active
service-key-inactive = Inactive
service-key-disable-text = A disabled key opens nothing from the next call on, and can be enabled again.
service-key-enable-text = The key opens nothing. Enabled, it opens what its holder may do, from the next call on.
service-key-delete-text = A deleted key opens nothing from the next call on, and never again.
service-force = Do it even if this is the last active key of the root: I have another way in
service-managed = Attached policies
service-managed-none = No policy of AWS’s is attached.
service-policy = Policy
service-attach = ARN of a policy of AWS’s
service-attach-submit = Attach
service-inline = Policy of its own
service-inline-document = Policy document
service-inline-text = A policy in JSON, for this one alone. Empty: none.
# $name: of the service user
service-delete = Delete { $name }?
# $count (number): of its keys that are active
service-delete-text = Its policies go with it and its keys open nothing from the next call on. { $count ->
    [0] None of its keys is active.
    [one] One of its keys is active: the program that uses it stops working.
   *[other] { $count } of its keys are active: the programs that use them stop working.
}
