# The console: identity providers outside, by which people sign in.

idp-lead = People sign in with an account that they have elsewhere: Entra ID, Okta, Google, Keycloak, or any provider that speaks SAML 2.0 or OpenID Connect.
idp-none = No identity provider is connected yet.
idp-connect-saml = Connect by SAML
idp-connect-oidc = Connect by OpenID Connect
idp-connect-submit = Connect
idp-saml-lead = Give its metadata. What it has to be told of Portico is on the next page.
idp-oidc-lead = Register Portico there as a web application first: its redirect address is on the settings page. Then give what the provider calls client id and client secret.
idp-protocol = Protocol
idp-status = State
idp-enabled = Enabled
idp-disabled = Disabled
idp-unheard = Cannot be reached
idp-name = Name, as people know it
idp-metadata-url = Address of its metadata
idp-metadata-xml = Or its metadata as text
idp-issuer = Issuer
idp-client-id = Client id
idp-client-secret = Client secret (empty: as it is)
idp-authentication = How Portico proves itself there
idp-scopes = Scopes beside openid
idp-trust = What is asked and taken
idp-sign-requests = Sign requests
idp-sign-requests-help = Also when its metadata does not ask for it.
idp-allow-unsolicited = Sign-ins may begin at the provider
idp-allow-unsolicited-help = Whoever comes so is asked before they are signed in.
idp-allow-sha1 = Take SHA-1
idp-allow-sha1-help = Only for a provider that cannot do better: such signatures can be forged with effort.
idp-allow-aes-cbc = Take AES-CBC
idp-allow-aes-cbc-help = Only for a provider that encrypts no other way, such as SimpleSAMLphp 1.19: it must sign the whole response then.
idp-for-whom = For whom
idp-domains = Domains
idp-domains-help = The domains of the user names that it speaks for. Whoever types such a name is led to it.
idp-any-domain = Every domain
idp-any-domain-help = It could then say that somebody is any person here, administrators too.
idp-required = People of its domains sign in here and nowhere else
idp-required-help = Their passwords and passkeys no longer open anything.
idp-hidden = Not on the sign-in page
idp-hidden-help = Only names of its domains lead to it.
idp-trust-mfa = Its second factor counts
idp-trust-mfa-help = Where it says that one was given, policies here take it for one.
idp-subject = How people are found
idp-by-user-name = By user name
idp-by-user-name-help = What the provider calls somebody is their user name here.
idp-by-external-id = By a link
idp-by-external-id-help = Each person is linked to an id of the provider that never changes.
idp-subject-from = Attribute or claim that says who it is
idp-subject-from-help = Empty: the NameID, or the claim sub or preferred_username.
idp-arrivals = People who come for the first time, and again
idp-create = Create who is not here yet
idp-create-help = Otherwise only people whom SCIM or an administrator created can sign in.
idp-update = Take over what it says at each sign-in
idp-update-help = What it says nothing of stays as it is.
idp-attributes = Attributes
idp-attributes-help = One a line: an attribute here, an equals sign, the provider's attribute or claim, as in displayName = name.
idp-groups-from = Attribute or claim with groups
idp-groups = Groups
idp-groups-help = One a line: the provider's value, an equals sign, the id of the group. Who comes without the value leaves the group.
idp-tags = Session tags
idp-tags-help = One a line: a key, an equals sign, the provider's attribute or claim. Policies read them as aws:PrincipalTag.
idp-told = What the provider has to be told
idp-told-lead = Paste these there. They stay the same for as long as it is connected.
idp-our-metadata = Metadata of Portico
idp-our-entity-id = Entity ID (audience)
idp-our-acs = Assertion consumer service (reply URL)
idp-our-slo = Single logout service
idp-our-redirect = Redirect URI
idp-our-logout = Back-channel logout URI
idp-try = Try it
idp-try-text = Sign in there and see everything that comes back, and what would become of it. Nobody is signed in, nothing is changed, and it works before the provider is enabled.
idp-enable = Enable
idp-enable-text = From then on the sign-in page offers it.
idp-disable = Disable
idp-disable-text = From then on nobody signs in by it. Who is signed in stays so.
idp-heard = What it says of itself
idp-heard-at = Last heard:
idp-unheard-text = It could not be asked since. What it said before counts until then.
idp-refresh = Ask it again
idp-certificates = Certificates
idp-certificates-text = All of them count at once: import the new one before the provider changes over.
idp-certificate = Certificate
idp-certificate-from = From
idp-certificate-imported = imported
idp-certificate-metadata = its metadata
idp-certificate-pem = Certificate (PEM)
idp-certificate-import = Import
# $id (text): what it begins with
idp-certificate-delete = Delete the certificate { $id }…
# $name (text): of the provider
idp-delete = Delete { $name }?
idp-delete-text = Nobody can sign in by it any more. Whoever came by it stays, with their groups and assignments: they need another way in, such as an invitation.

# Provisioning tenants: providers that write people and groups here.
tenants = Provisioning by SCIM
tenants-lead = Providers that write people and groups here before anybody signs in, and take them out again.
tenants-none = No provider writes people here yet.
tenant-connect = Connect by SCIM
tenant-name = Name of the provider
tenant-new-lead = One for each provider. What it has to be told is on the next page.
tenant-told-lead = Paste the address there, and a token that you make below.
tenant-endpoint = Address (SCIM base URL)
tenant-tokens = Tokens
tenant-tokens-text = Several work side by side: make the new one, change the provider over, see that it is used, delete the old one.
tenant-tokens-none = There is no token, so the provider cannot call.
tenant-token = Token
tenant-token-name = What you call it
tenant-token-days = Days that it works (empty: 365)
tenant-token-make = Make a token
tenant-token-once = The token is shown this once. Paste it into the provider now; whoever has it changes everybody whom the provider owns.
tenant-token-over = Expired
tenant-token-soon = Expires soon
# $name: of the token
tenant-token-delete = Delete the token { $name }?
# $name: of the provider
tenant-token-delete-text = From the next call on it opens nothing: if { $name } still uses it, people who join or leave are not written here any more.
tenant-token-delete-over = It has expired and opens nothing any more.
tenant-delete-text = Its tokens go with it: from the next call on the provider writes nothing here any more.

# Whom sources own.
owned = Whom it owns
# $name, here and below: of the source, or of the person or group
owned-of = Whom { $name } owns
owned-lead = What the provider brought, it alone changes. Access, and who may sign in, are decided here.
# $count (number), here and below; $more: that there are more, or nothing
owned-users = { $count ->
    [one] one person{ $more }
   *[other] { $count }{ $more } people
}
owned-groups = { $count ->
    [one] one group{ $more }
   *[other] { $count }{ $more } groups
}
owned-nobody = It owns nobody.
owned-no-users = It owns no people.
owned-no-groups = It owns no groups.
# $users, $groups: how many, as they are counted above
owned-released = Nobody is deleted, and nobody loses access: { $users } and { $groups } stay as they are, with memberships, assignments and sessions. They are owned by nobody then and are changed here; who leaves the company is no longer taken out by itself.
owned-released-nobody = It owns nobody, so nothing changes for people and groups.
owned-released-unknown = Nobody is deleted. Whom it owns stays, owned by nobody; your role may not count them.
owned-look = Look at them
owned-chosen = Chosen
owned-choose = Choose { $name }
owned-choose-all = Choose all on this page
owned-choose-none = Choose none
owned-since = Owned since
owned-disabled-here = disabled here
owned-take-chosen = Take over or hand over
owned-take = Take over …
owned-to-source = To { $name }
owned-whose = Owned by
owned-made-here = nobody: made here
owned-change = change
owned-whose-one = Who owns { $name }?
owned-whose-many = { $count ->
    [one] Who owns the chosen one?
   *[other] Who owns these { $count }?
}
owned-these = Chosen
owned-by = { $name } does.
owned-by-nobody = Nobody does: it was made or taken over here, and is changed here.
owned-strict = In strict mode it is kept who owns whom, but holds nobody back, as at AWS.
owned-release = Take over
owned-release-text = Owned by nobody: changed and deleted here from now on. What the source says of them later is refused there with the reason, until they are handed over again. Access, memberships, passwords and sessions stay.
owned-give = Hand over to { $name }
owned-give-text = It alone changes and deletes them from now on. Whoever is disabled now stays out until they are enabled here. Access, memberships, passwords and sessions stay.
owned-failed = Of these nothing came; the others are done:
owned-no-way = There is no other source that could own it.
