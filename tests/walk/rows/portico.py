"""portico: what AWS's console does and no API of AWS's."""
import subprocess
import time
import uuid

import provider
from rows import Row, organizations

PAGE = {"NextToken": "pages.py follows tokens"}


def person(**more):
    return lambda w: {"IdentityStoreId": w.store, "UserId": w.user(), **{path: make(w) for path, make in more.items()}}


def store(**more):
    return lambda w: {"IdentityStoreId": w.store, **{path: make(w) for path, make in more.items()}}


def invitation(w):
    user, invitation = w.invitation()
    return {"IdentityStoreId": w.store, "UserId": user, "InvitationId": invitation}

def nested(w):
    """A group within another, where the mode has such."""
    at = {"IdentityStoreId": w.store, "GroupId": w.group(), "MemberGroupId": w.group()}
    if w.mode != "strict":
        w.call("portico", "AddMemberGroup", **at)
    return at


def tenant(w):
    """A provisioning tenant that takes the place of the one before: strict mode has one."""
    return {**no_tenant(w), "TenantId": w.call("portico", "CreateProvisioningTenant", IdentityStoreId=w.store)["TenantId"]}


def released(w, **source):
    """A source that nobody has among several, so that it can be deleted."""
    at = {"IdentityStoreId": w.store, **source}
    if users := [user["UserId"] for user in w.call("portico", "ListLinkedUsers", **at)["LinkedUsers"] if not user["IsOwned"]]:
        w.call("portico", "UnlinkUsersFromSource", **at, UserIds=users)
    return at


def several_sources(w):
    """A tenant that speaks of somebody beside the administrators, where the mode has such."""
    at = {**tenant(w), "UserIds": [w.user()]}
    if w.mode != "strict":
        w.call("portico", "LinkUsersToSource", **at)
    return at


def precedence(w):
    """An order of sources, of all attributes and of one."""
    order = [{"TenantId": tenant(w)["TenantId"]}, {"Here": True}]
    return {"Precedence.Order": order, "Precedence.Attributes": [{"AttributePath": "title", "Order": order}], "Precedence.Outranked": "KEEP"}


def bearer_token(w):
    at = tenant(w)
    return {**at, "TokenId": w.call("portico", "CreateBearerToken", **at)["BearerToken"]["TokenId"]}


def no_tenant(w):
    for one in w.call("portico", "ListProvisioningTenants", IdentityStoreId=w.store)["ProvisioningTenants"]:
        w.call("portico", "DeleteProvisioningTenant", **released(w, TenantId=one["TenantId"]))
    return {"IdentityStoreId": w.store}


#: What there is beyond AWS is refused in strict mode, before anything else is looked at, and where there is none it is not found.
BEYOND = {"strict": "ValidationException"}
NONE_THERE = {"strict": "ResourceNotFoundException"}


def no_directory(w):
    """A store without directories that nobody needs any more."""
    for one in w.call("portico", "ListDirectories", IdentityStoreId=w.store)["Directories"]:
        w.call("portico", "DeleteDirectory", IdentityStoreId=w.store, DirectoryId=one["DirectoryId"])
    return {"IdentityStoreId": w.store}


def forest(w):
    """What connects a directory that nobody answers for, by dotted path."""
    return {"Configuration.Name": "Forest", "Configuration.Servers": ["ldaps://127.0.0.1:1"], "Configuration.BindDn": "cn=portico,dc=example",
            "Configuration.UserBases": ["dc=example"], "BindPassword": "secret"}


def all_of_forest(w):
    return {**forest(w), "Configuration.GroupBases": ["ou=groups,dc=example"], "Configuration.UserFilter": "(cn=*)", "Configuration.GroupFilter": "(cn=*)",
            "Configuration.UserNameFrom": "mail", "Configuration.Attributes": [{"Attribute": "title", "From": "description"}], "Configuration.Domain": "EXAMPLE",
            "Configuration.PinnedCertificates": ["ab" * 32], "Configuration.Watch": "ENABLED", "Configuration.PasswordChange": "ENABLED"}


def by_dns(w):
    """A directory whose servers DNS names, by everything that belongs to it."""
    domain = {"Configuration.DnsDomain": "example.com", "Configuration.DnsSecurity": "START_TLS"}
    return {name: value for name, value in {**forest(w), **domain}.items() if name != "Configuration.Servers"}


def client_certificate():
    """A certificate of somebody's own, and its key, PEM."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=portico", "-days", "2"]
    made = subprocess.run([*command, "-keyout", "-", "-out", "-"], check=True, capture_output=True, text=True).stdout
    begin = made.index("-----BEGIN CERTIFICATE")
    return made[begin:], made[:begin]


def by_certificate(w):
    """A directory that knows who asks by a certificate."""
    chain, key = w.once("client certificate", client_certificate)
    proof = {"Configuration.ClientCertificate": chain, "ClientKey": key}
    return {name: value for name, value in {**forest(w), **proof}.items() if name not in ("Configuration.BindDn", "BindPassword")}


def another_directory(w):
    configuration = {"Name": "Forest", "Schema": "OPENLDAP", "Servers": ["ldaps://127.0.0.1:1"], "BindDn": "cn=portico,dc=example", "UserBases": ["dc=example"]}
    return w.call("portico", "CreateDirectory", IdentityStoreId=w.store, Configuration=configuration, BindPassword="secret")["DirectoryId"]


def directory(w):
    at = no_directory(w)
    return {**at, "DirectoryId": "3b9c62a4-6a5e-4b44-93a5-1d7a0e6e5f10" if w.mode == "strict" else another_directory(w)}


def directory_sync(w):
    at = directory(w)
    if w.mode == "strict":
        return {**at, "DirectorySyncId": "3b9c62a4-6a5e-4b44-93a5-1d7a0e6e5f11"}
    of = {**at, "DirectorySyncId": w.call("portico", "StartDirectorySync", **at, Kind="DRY_RUN")["DirectorySyncId"]}
    while w.call("portico", "DescribeDirectorySync", **of)["Sync"]["State"] in ("QUEUED", "RUNNING"):
        time.sleep(0.05)
    return of


def no_connection(w):
    """An account that holds nothing, and how it is reached: where nobody answers."""
    nowhere = "https://127.0.0.1:1"
    return {"InstanceArn": w.instance, "AccountId": w.account(), "Configuration.AccessKeyId": "AKIAEXAMPLE", "Configuration.IamEndpoint": nowhere,
            "Configuration.StsEndpoint": nowhere, "SecretAccessKey": "secret"}


def connection(w):
    at = no_connection(w)
    configuration = {path.partition(".")[2]: value for path, value in at.items() if path.startswith("Configuration.")}
    at = {"InstanceArn": w.instance, "AccountId": at["AccountId"]}
    w.call("portico", "CreateAccountConnection", **at, Configuration=configuration, SecretAccessKey="secret")
    return at


def whole_connection(w):
    return {"Configuration.RolePath": "/portico/"}


def another_connection(w, at):
    return connection(w)["AccountId"]


def no_organization(w):
    """One that nothing follows yet, and how it is reached: where nobody answers."""
    nowhere = "https://127.0.0.1:1"
    return {"InstanceArn": w.instance, "OrganizationId": f"o-{uuid.uuid4().hex[:12]}", "Configuration.AccessKeyId": "AKIAEXAMPLE", "Configuration.OrganizationsEndpoint": nowhere,
            "Configuration.IamEndpoint": nowhere, "Configuration.StsEndpoint": nowhere, "SecretAccessKey": "secret"}


def followed(w):
    at = no_organization(w)
    configuration = {path.partition(".")[2]: value for path, value in at.items() if path.startswith("Configuration.")}
    at = {"InstanceArn": w.instance, "OrganizationId": at["OrganizationId"]}
    w.call("portico", "CreateOrganizationConnection", **at, Configuration=configuration, SecretAccessKey="secret")
    return at


def another_followed(w, at):
    return followed(w)["OrganizationId"]


def going_on(w):
    """A request in an account that nobody answers for: it is tried again and again. The one before ends: strict mode bears 15 at a time."""
    if before := getattr(w, "going_on", None):
        w.send("portico", "CancelProvisioning", before)
    at = connection(w)
    asked = {"InstanceArn": w.instance, "PermissionSetArn": w.permission_set(), "TargetId": at["AccountId"], "TargetType": "AWS_ACCOUNT", "PrincipalType": "USER", "PrincipalId": w.user()}
    w.going_on = {"InstanceArn": w.instance, "RequestId": w.call("sso-admin", "CreateAccountAssignment", **asked)["AccountAssignmentCreationStatus"]["RequestId"]}
    return dict(w.going_on)


def whole_organization(w):
    return {"Configuration.RolePath": "/portico/", "Configuration.ParentId": organizations.root(w), "Configuration.AccountRoleName": "portico/Hub"}


def organization_change(w, at):
    """A change as a run makes one: nobody answers for an organization of the walk."""
    ordinal = time.time_ns()
    w.execute("INSERT INTO organization_changes (organization_id, ordinal, target_id, name, action, said) VALUES "
              f"('{at['OrganizationId']}', {ordinal}, '{ordinal}', 'walk', 'ADDED', 'walk')")
    return str(ordinal)


def drift_finding(w):
    """A finding, of an account that nobody answers for: no check finds one there."""
    at, found = connection(w), str(uuid.uuid4())
    w.execute("INSERT INTO drift_findings (finding_id, account_id, resource_type, resource_arn, kind, differences, status, detection_id, found_by, found_at) VALUES "
              f"('{found}', '{at['AccountId']}', 'AWS::IAM::Role', 'arn:aws:iam::{at['AccountId']}:role/{found}', 'UNEXPECTED', '[]', 'OPEN', 'walk', 'walk', {time.time_ns() // 1_000})")
    return {**at, "FindingId": found}


def no_external_idp(w):
    """A store without an identity provider: strict mode has one."""
    for one in w.call("portico", "ListExternalIdPConfigurationsForDirectory", IdentityStoreId=w.store)["Configurations"]:
        w.call("portico", "DeleteExternalIdPConfigurationForDirectory", **released(w, ConfigurationId=one["ConfigurationId"]))
    return {"IdentityStoreId": w.store}


def entity(w):
    return f"https://{w.name('idp')}.example/saml"


def by_text(w):
    """What connects a SAML provider, by dotted path."""
    return {"Configuration.Name": "Acme", "Configuration.Saml.MetadataXml": provider.metadata(entity(w)), "Configuration.Domains": ["acme.example"]}


def by_url(w):
    """The same by an address, as one value."""
    url = w.once("provider", provider.Provider).say("/metadata", provider.metadata(entity(w), *provider.CERTIFICATES[:2]))
    return {"Name": "Acme", "Saml": {"MetadataUrl": url}, "Domains": ["acme.example"]}


def external_idp(w):
    """A provider whose metadata is at an address, with two certificates."""
    at = no_external_idp(w)
    made = w.call("portico", "CreateExternalIdPConfigurationForDirectory", **at, Configuration=by_url(w))
    return {**at, "ConfigurationId": made["ConfigurationId"]}


def another_external_idp(w, at):
    """One beside those that are there."""
    configuration = {"Name": "Acme", "Saml": {"MetadataXml": provider.metadata(entity(w))}, "AnyDomain": True}
    return w.call("portico", "CreateExternalIdPConfigurationForDirectory", **at, Configuration=configuration)["ConfigurationId"]


def everything(w):
    """All that may be decided of a provider; AWS has less, and so has strict mode."""
    settings = {"AllowSha1": w.mode != "strict", "AllowAesCbc": w.mode != "strict", "Subject": "USER_NAME", "TrustMfa": w.mode != "strict", "SessionTags": [], "Arrivals": {"Create": False, "Update": False}}
    if w.mode != "strict":
        settings["SessionTags"] = [{"Key": "team", "From": "department"}]
        settings["Arrivals"] = {"Create": True, "Update": True, "Attributes": [{"Attribute": "displayName", "From": "name"}], "GroupsFrom": "groups",
                                "Groups": [{"Value": "engineers", "GroupId": w.group()}]}
    return {f"Configuration.{'Saml.' if name.startswith('Allow') else ''}{name}": value for name, value in settings.items()}


def everything_new(w):
    name = entity(w)
    return {**everything(w), "Configuration.Saml.MetadataXml": provider.metadata(name), "Configuration.Saml.EntityId": name}


def everything_known(w):
    """The same of the one provider that there is."""
    known = w.call("portico", "ListExternalIdPConfigurationsForDirectory", IdentityStoreId=w.store)["Configurations"][0]["Issuer"]
    return {**everything(w), "Configuration.Saml.MetadataXml": provider.metadata(known), "Configuration.Saml.EntityId": known}


def changed_external_idp(w):
    at = external_idp(w)
    return {**at, "Configuration.Name": "Acme", "Configuration.Saml.SignRequests": False, "Configuration.Domains": ["acme.example"]}


def openid(w):
    """A provider that speaks OpenID Connect, where the mode has such."""
    at = no_external_idp(w)
    if w.mode == "strict":
        return {**at, "Configuration": by_url(w)}
    issuer = w.once("provider", provider.Provider).speak_openid()
    return {**at, "ClientSecret": "a secret of the provider", "Configuration": {
        "Name": "Acme", "Oidc": {"Issuer": issuer, "ClientId": "portico", "ClientAuthentication": "CLIENT_SECRET_POST", "Scopes": ["email"]},
        "AnyDomain": True, "Subject": "EXTERNAL_ID", "SubjectFrom": "oid"}}


def certificate(w):
    at = external_idp(w)
    return {**at, "CertificateId": w.call("portico", "ListExternalIdPCertificates", **at)["Certificates"][0]["CertificateId"]}


def linked(w):
    at = {**external_idp(w), "UserId": w.user()}
    w.call("portico", "LinkUserToExternalIdP", **at, Subject=w.name("subject"))
    return at


#: What a provider by text leaves out.
OTHERS = {"ClientSecret": "belongs to Oidc: see variants", "Configuration.Oidc": "one of Saml and Oidc: see variants",
          "Configuration.Saml.MetadataUrl": "one of MetadataXml and MetadataUrl: see variants", "Configuration.SubjectFrom": "strict mode has none: see variants"}


OIDC = {"OidcConfiguration.RedirectUris": ["https://app.example/cb"]}
#: A public key of ECDSA on P-256, of which nobody has the private part (RFC 7517, appendix A.1).
KEY_SET = ('{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",'
           '"y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"1"}]}')


def openid_application(w):
    """An application that speaks OAuth, of which nothing is decided yet."""
    made = w.call("sso-admin", "CreateApplication", InstanceArn=w.instance, ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/custom", Name=w.name("app"))
    return {"ApplicationArn": made["ApplicationArn"]}


def decided_application(w):
    at = openid_application(w)
    if w.mode == "strict":
        return at
    w.call("portico", "PutApplicationOidcConfiguration", **at, OidcConfiguration={"RedirectUris": ["https://app.example/cb"]})
    return at


def client_secret(w):
    at = decided_application(w)
    if w.mode == "strict":
        return {**at, "SecretId": "3b9c62a4-6a5e-4b44-93a5-1d7a0e6e5f10"}
    return {**at, "SecretId": w.call("portico", "CreateApplicationClientSecret", **at)["ClientSecret"]["SecretId"]}


def all_of_openid(w):
    settings = {
        "PostLogoutRedirectUris": ["https://app.example/bye"], "ClientAuthentication": "PRIVATE_KEY_JWT", "KeySet": KEY_SET, "RequirePkce": False, "RefreshTokens": True,
        "Scopes": ["openid", "groups"], "ClaimMappings": [{"Name": "mail", "Value": "${user:email}", "Scope": "groups"}], "SigningAlgorithm": "ES256", "AccessTokenMinutes": 5,
        "FurtherGrants": ["DEVICE_CODE", "CLIENT_CREDENTIALS"], "RequirePushedRequests": True, "DpopBoundTokens": True, "BackChannelLogoutUri": "https://app.example/ended",
    }
    return {f"OidcConfiguration.{name}": value for name, value in settings.items()}


def saml_application(w):
    """An application that speaks SAML, of which nothing is decided yet."""
    made = w.call("sso-admin", "CreateApplication", InstanceArn=w.instance, ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/custom-saml", Name=w.name("app"))
    return {"ApplicationArn": made["ApplicationArn"]}


def told_application(w):
    """One whose SAML is decided, so that it has a certificate."""
    at = saml_application(w)
    configuration = {"Audience": "https://app.example/saml", "AssertionConsumerServices": [{"Url": "https://app.example/acs"}]}
    w.call("portico", "PutApplicationSamlConfiguration", **at, SamlConfiguration=configuration)
    return at


def second_certificate(w):
    at = told_application(w)
    made = w.call("portico", "CreateApplicationInstanceCertificate", **at, KeyAlgorithm="EC_P256")["Certificate"]
    return {**at, "CertificateId": made["CertificateId"]}


def rsa_certificate(w):
    """A certificate with an RSA key, which can be encrypted for."""
    return w.once("rsa", lambda: w.call("portico", "ListApplicationInstanceCertificates", **told_application(w))["Certificates"][0]["Certificate"])


def all_of_saml(w):
    settings = {
        "AssertionConsumerServices": [{"Url": "https://app.example/acs", "Index": 0}, {"Url": "https://app.example/other", "Index": 65535}],
        "Subject": {"Format": "PERSISTENT", "Value": "${user:userId}"}, "AttributeMappings": [{"Name": "mail", "Value": "${user:email}", "Format": "URI"}],
        "RequestCertificates": [rsa_certificate(w)], "Encryption": {"Certificate": rsa_certificate(w), "ContentAlgorithm": "AES128_GCM", "KeyAlgorithm": "RSA_OAEP_SHA256"},
        "SingleLogoutService": {"Url": "https://app.example/slo", "ResponseUrl": "https://app.example/slo/done", "Binding": "HTTP_POST"},
    }
    return {"SamlConfiguration.SigningDigest": "SHA1", "AgreeToSha1": True, **{f"SamlConfiguration.{name}": value for name, value in settings.items()}}


def service_provider(w, entity="https://app.example/saml"):
    """Metadata of a service provider."""
    key = "".join(rsa_certificate(w).split("-----")[2].split())
    keys = f'<md:KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{key}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>'
    return (f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{entity}">'
            f'<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}<md:AssertionConsumerService index="0" '
            'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://app.example/acs"/></md:SPSSODescriptor></md:EntityDescriptor>')


def batched(make):
    """One assignment as a row of a batch."""
    return lambda w: {"InstanceArn": w.instance, **{f"Assignments.{name}": value for name, value in make(w).items() if name != "TargetType"}}


def batch(w):
    ask = {name: value for name, value in w.ask().items() if name != "TargetType"}
    made = w.call("portico", "BatchCreateAccountAssignments", InstanceArn=w.instance, Assignments=[ask])
    w.settle()
    return {"InstanceArn": w.instance, "RequestId": made["RequestId"]}


#: Whose access: one of these, so that the greatest input leaves the others out.
ONE_OF = {name: "exactly one of UserId, GroupId, AccountId and PermissionSetArn" for name in ("GroupId", "AccountId", "PermissionSetArn")}


def access(**of):
    return lambda w: {"InstanceArn": w.instance, **{name: make(w) for name, make in of.items()}}


def now(w):
    # By the millisecond: botocore writes a moment by the microsecond, and a float has more.
    return {"At": int(time.time() * 1000) / 1000}


def password(w):
    return {"Password": f"{w.name('A long sentence')} {w.name()}"}


#: A picture of 16 by 16 pixels.
LOGO = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAYAAAAf8/9hAAAAGUlEQVR42mM4IWfznxLMMGrAqAGjBgwXAwDrXiEfKeEgNQAAAABJRU5ErkJggg=="
DEVICE = {"DeviceId": "12121212-1212-4212-8212-121212121212"}
GONE = "ResourceNotFoundException"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sso:ListInstances","Resource":"*"}]}'


def robot(**more):
    """A service user, made with what `more` says."""
    def make(w):
        name = w.name("robot")
        w.call("portico", "CreateServiceUser", InstanceArn=w.instance, UserName=name)
        for operation, value in more.items():
            w.call("portico", operation, InstanceArn=w.instance, UserName=name, **value)
        return {"InstanceArn": w.instance, "UserName": name}
    return make


def key(w):
    made = w.call("portico", "CreateAccessKey", **robot()(w))
    return {"InstanceArn": w.instance, "AccessKeyId": made["AccessKeyId"]}


#: AWS has no owners, and so nobody has several sources in strict mode.
RELAXED = {"strict": "ValidationException"}
ONE_SOURCE = {name: "exactly one of TenantId, ConfigurationId and DirectoryId: see variants" for name in ("ConfigurationId", "DirectoryId")}
#: Whom a directory brings is spoken of by it alone, or by others beside it.
ONE_OF_TWO = {"ConfigurationId": "exactly one of TenantId and ConfigurationId: see variants"}
CERTIFICATES = {"Configuration.CaCertificates": "one of CaCertificates and PinnedCertificates", "Configuration.DnsDomain": "in the place of Servers: see variants",
                "Configuration.DnsSecurity": "with DnsDomain: see variants", "Configuration.ClientCertificate": "in the place of BindDn: see variants",
                "ClientKey": "with ClientCertificate: see variants"}

#: A role is one of the account, which each call makes anew.
OWN_ROLE = {"Configuration.RoleArn": "a role of the account: tests/clients/connected.py", "Configuration.ExternalId": "with RoleArn"}

ROWS = {
    "CreateServiceUser": Row(lambda w: {"InstanceArn": w.instance, "UserName": w.name("robot")}),
    "DescribeServiceUser": Row(robot()),
    "ListServiceUsers": Row(lambda w: {"InstanceArn": w.instance}, without=PAGE),
    "DeleteServiceUser": Row(robot()),
    "AttachManagedPolicyToServiceUser": Row(lambda w: {**robot()(w), "ManagedPolicyArn": READ_ONLY}),
    "DetachManagedPolicyFromServiceUser": Row(lambda w: {**robot(AttachManagedPolicyToServiceUser={"ManagedPolicyArn": READ_ONLY})(w), "ManagedPolicyArn": READ_ONLY}),
    "PutInlinePolicyToServiceUser": Row(lambda w: {**robot()(w), "InlinePolicy": POLICY}),
    "DeleteInlinePolicyFromServiceUser": Row(robot(PutInlinePolicyToServiceUser={"InlinePolicy": POLICY})),
    "CreateAccessKey": Row(robot()),
    "ListAccessKeys": Row(robot()),
    "UpdateAccessKey": Row(lambda w: {**key(w), "Status": "INACTIVE"}),
    "DeleteAccessKey": Row(key),
    "EnableUser": Row(person()),
    "DisableUser": Row(person()),
    "UnlockUser": Row(person()),
    "UpdatePassword": Row(person(), password),
    "GetPasswordPolicy": Row(store()),
    "PutPasswordPolicy": Row(store(), lambda w: {"PasswordPolicy.MinimumLength": 8, "PasswordPolicy.RememberedPasswords": 3, "PasswordPolicy.RefuseBreached": True,
                                                 "PasswordPolicy.RequireCharacterClasses": True}),
    "RequirePasswordChange": Row(lambda w: {"IdentityStoreId": w.store, "UserId": w.user_named("jane")}),
    "ListMfaDevicesForUser": Row(person()),
    # Devices are registered by people in browsers: tests/browser/factors.mjs.
    "UpdateMfaDeviceForUser": Row(lambda w: {**person()(w), **DEVICE, "DeviceName": "Phone"}, ends=GONE),
    "DeleteMfaDeviceForUser": Row(lambda w: {**person()(w), **DEVICE}, ends=GONE),
    "CreateMfaBypassForUser": Row(person()),
    "GetMfaDeviceManagementForDirectory": Row(store()),
    "PutMfaDeviceManagementForDirectory": Row(store(), lambda w: {"MfaDeviceManagement.WithoutDevice": "ALLOW", "MfaDeviceManagement.AllowedMfaTypes": ["WEBAUTHN", "TOTP"],
                                                                  "MfaDeviceManagement.PeopleManageDevices": True}),
    "GetSessionSettings": Row(store()),
    "PutSessionSettings": Row(store(), lambda w: {"SessionSettings.SessionMinutes": 480, "SessionSettings.AccessTokenMinutes": 480, "SessionSettings.BackgroundSessionMinutes": 15}),
    "GetPortalSettings": Row(store()),
    "PutPortalSettings": Row(store(), lambda w: {"PortalSettings.Name": "Acme", "PortalSettings.AccentColor": "#a01040", "PortalSettings.AccentColorDark": "#ff9db8",
                                                 "PortalSettings.HelpText": "Call 4711", "PortalSettings.HelpLink": "https://help.acme.example", "PortalSettings.Logo": LOGO}),
    "ListSessions": Row(store(), lambda w: {"UserId": w.user()}, without=PAGE),
    "SearchUsers": Row(store(), lambda w: {"Query": "a" * 200}, without={**PAGE, "SortBy": "has no meaning with Query: see variants"},
                       variants=(lambda w: {"IdentityStoreId": w.store, "SortBy": "DISPLAY_NAME", "UserStatus": "ENABLED"},)),
    "SearchGroups": Row(store(), lambda w: {"Query": "a" * 200}, without=PAGE),
    "SearchAccounts": Row(lambda w: {"InstanceArn": w.instance}, lambda w: {"Query": "a" * 200, "OrganizationalUnitId": organizations.unit(w)}, without=PAGE),
    "SearchApplicationProviders": Row(lambda w: {}, lambda w: {"Query": "a" * 200, "FederationProtocol": "SAML"}, without=PAGE),
    "CreateInvitation": Row(person(), lambda w: {"ValidityHours": 1}),
    "ListInvitations": Row(store(), lambda w: {"UserId": w.user()}, without=PAGE),
    "DeleteInvitation": Row(invitation),
    "CreateProvisioningTenant": Row(no_tenant, lambda w: {"MaySetPasswords": w.mode != "strict"}),
    "UpdateProvisioningTenant": Row(tenant, lambda w: {"Name": "another", "MaySetPasswords": w.mode != "strict"}),
    "ListProvisioningTenants": Row(store(), without=PAGE),
    "DeleteProvisioningTenant": Row(tenant),
    "CreateBearerToken": Row(tenant, lambda w: {"ValidityDays": 1}),
    "ListBearerTokens": Row(tenant, without=PAGE),
    "DeleteBearerToken": Row(bearer_token),
    "DescribeOwner": Row(person(), without={"GroupId": "exactly one of UserId and GroupId: see variants"}, variants=(lambda w: {"IdentityStoreId": w.store, "GroupId": w.group()},)),
    "TakeOwnership": Row(lambda w: {"IdentityStoreId": w.store, "UserIds": [w.user()]}, lambda w: {"TenantId": tenant(w)["TenantId"], "GroupIds": [w.group()]}, without={"DirectoryId": "one of TenantId and DirectoryId"}),
    "LinkUsersToSource": Row(lambda w: {**tenant(w), "UserIds": [w.user()]}, without=ONE_OF_TWO, ends=RELAXED,
                             variants=(lambda w: {**external_idp(w), "UserIds": [w.user()]},)),
    "UnlinkUsersFromSource": Row(several_sources, lambda w: {"DryRun": True}, without=ONE_OF_TWO, ends=RELAXED),
    "ListLinkedUsers": Row(tenant, without={**PAGE, **ONE_OF_TWO}, variants=(external_idp,)),
    "DescribeUserSources": Row(person()),
    "GetAttributePrecedence": Row(store()),
    "PutAttributePrecedence": Row(lambda w: {"IdentityStoreId": w.store, "Precedence": {}}, precedence, ends=RELAXED),
    "ListOwned": Row(lambda w: {**tenant(w), "Kind": "USER"}, without={**PAGE, **ONE_SOURCE}, variants=(lambda w: {**external_idp(w), "Kind": "GROUP"},)),
    "ListExpiringCredentials": Row(store(), lambda w: {"Days": 365}, without=PAGE),
    "GetExpiryNotices": Row(store()),
    "PutExpiryNotices": Row(lambda w: {"IdentityStoreId": w.store, "ExpiryNotices": {"UserIds": [w.user()]}}),
    "GetOwnedCounts": Row(tenant, without=ONE_SOURCE, variants=(external_idp,)),
    "CreateExternalIdPConfigurationForDirectory": Row(lambda w: {**no_external_idp(w), **by_text(w)}, everything_new, without=OTHERS, variants=(openid, lambda w: {
        **no_external_idp(w), "Configuration": by_url(w)})),
    "DescribeExternalIdPConfigurationForDirectory": Row(external_idp),
    "UpdateExternalIdPConfigurationForDirectory": Row(changed_external_idp, everything_known, without=OTHERS),
    "EnableExternalIdPConfigurationForDirectory": Row(external_idp),
    "DisableExternalIdPConfigurationForDirectory": Row(external_idp),
    "DeleteExternalIdPConfigurationForDirectory": Row(external_idp),
    "ListExternalIdPConfigurationsForDirectory": Row(store(), without=PAGE),
    "RefreshExternalIdPMetadata": Row(external_idp),
    "GetAWSSPConfigurationForDirectory": Row(external_idp),
    "PutApplicationOidcConfiguration": Row(lambda w: {**openid_application(w), **OIDC}, all_of_openid, ends=BEYOND),
    "GetApplicationOidcConfiguration": Row(decided_application, ends=NONE_THERE),
    "RotateApplicationOidcKey": Row(decided_application, ends=NONE_THERE),
    "CreateApplicationClientSecret": Row(decided_application, lambda w: {"Name": "blue", "ValidityDays": 30}, ends=NONE_THERE),
    "ListApplicationClientSecrets": Row(decided_application),
    "DeleteApplicationClientSecret": Row(client_secret, ends=NONE_THERE),
    "PutApplicationSamlConfiguration": Row(lambda w: {**saml_application(w), "SamlConfiguration.Audience": "https://app.example/saml",
                                           "SamlConfiguration.AssertionConsumerServices": [{"Url": "https://app.example/acs"}]}, all_of_saml),
    "GetApplicationSamlConfiguration": Row(told_application),
    "ImportApplicationInstanceServiceProviderMetadata": Row(lambda w: {**saml_application(w), "MetadataXml": service_provider(w)},
                                                            lambda w: {"EntityId": "https://app.example/saml"}),
    "CreateApplicationInstanceCertificate": Row(told_application, lambda w: {"KeyAlgorithm": "EC_P256"}),
    "ListApplicationInstanceCertificates": Row(told_application),
    "UpdateApplicationInstanceActiveCertificate": Row(second_certificate),
    "DeleteApplicationInstanceCertificate": Row(second_certificate),
    "ImportExternalIdPCertificate": Row(lambda w: {**external_idp(w), "Certificate": provider.pem(provider.CERTIFICATES[2])}),
    "ListExternalIdPCertificates": Row(external_idp),
    "DeleteExternalIdPCertificate": Row(certificate),
    "LinkUserToExternalIdP": Row(lambda w: {**external_idp(w), "UserId": w.user()}),
    "UnlinkUserFromExternalIdP": Row(linked),
    "CreateAccountConnection": Row(no_connection, whole_connection, without=OWN_ROLE),
    "DescribeAccountConnection": Row(connection),
    "ListAccountConnections": Row(lambda w: {"InstanceArn": w.instance}, without=PAGE),
    "UpdateAccountConnection": Row(lambda w: {**connection(w), "Configuration.AccessKeyId": "AKIAEXAMPLE", "Configuration.IamEndpoint": "https://127.0.0.1:1",
                                              "Configuration.StsEndpoint": "https://127.0.0.1:1"}, whole_connection, without=OWN_ROLE),
    "DeleteAccountConnection": Row(connection),
    "TestAccountConnection": Row(connection),
    "RevokeUserRoleSessions": Row(lambda w: {"InstanceArn": w.instance, "UserId": w.user()}),
    "DetectAccountDrift": Row(connection),
    "DescribeAccountDrift": Row(connection),
    "ListAccountDriftFindings": Row(lambda w: {"InstanceArn": w.instance}, lambda w: {"AccountId": connection(w)["AccountId"], "PermissionSetArn": w.permission_set()}, without=PAGE),
    "RepairAccountDriftFinding": Row(drift_finding),
    "AcceptAccountDriftFinding": Row(drift_finding),
    "DescribeProvisioning": Row(going_on),
    "PauseProvisioning": Row(going_on),
    "ResumeProvisioning": Row(going_on),
    "CancelProvisioning": Row(going_on),
    "GetAccountBootstrap": Row(lambda w: {"InstanceArn": w.instance, "AccountId": w.account(), "Format": "AWS_CLI", "TrustedPrincipalArn": "arn:aws:iam::111122223333:user/portico"},
                               lambda w: {"RolePath": "/portico/"}),
    "CreateOrganizationConnection": Row(no_organization, whole_organization, without=OWN_ROLE),
    "DescribeOrganizationConnection": Row(followed),
    "ListOrganizationConnections": Row(lambda w: {"InstanceArn": w.instance}, without=PAGE),
    "UpdateOrganizationConnection": Row(lambda w: {**no_organization(w), **followed(w)}, whole_organization, without=OWN_ROLE),
    "DeleteOrganizationConnection": Row(followed),
    "StartOrganizationSync": Row(followed),
    "ListOrganizationSyncChanges": Row(followed, without=PAGE),
    "CreateDirectory": Row(lambda w: {**no_directory(w), **forest(w)}, all_of_forest, without=CERTIFICATES, ends=BEYOND, variants=(
        lambda w: {**no_directory(w), "Configuration.Schema": "OPENLDAP", **by_dns(w)}, lambda w: {**no_directory(w), "Configuration.Schema": "OPENLDAP", **by_certificate(w)})),
    "DescribeDirectory": Row(directory, ends=NONE_THERE),
    "ListDirectories": Row(store(), without=PAGE),
    "UpdateDirectory": Row(lambda w: {**directory(w), **forest(w), "Configuration.Schema": "OPENLDAP"}, all_of_forest, without=CERTIFICATES, ends=NONE_THERE),
    "EnableDirectory": Row(directory, ends=NONE_THERE),
    "PauseDirectory": Row(directory, ends=NONE_THERE),
    "DeleteDirectory": Row(directory, ends=NONE_THERE),
    "TestDirectory": Row(directory, ends=NONE_THERE),
    "StartDirectorySync": Row(directory, ends=NONE_THERE),
    "DescribeDirectorySync": Row(directory_sync, ends=NONE_THERE),
    "ListDirectorySyncs": Row(directory, without=PAGE, ends=NONE_THERE),
    "ListDirectorySyncChanges": Row(directory_sync, without=PAGE, ends=NONE_THERE),
    # A run of a directory that nobody answers for is over as soon as it begins.
    "StopDirectorySync": Row(directory_sync, ends={"strict": "ResourceNotFoundException", "relaxed": "ConflictException"}),
    "ResolveDirectoryBrake": Row(directory_sync, ends={"strict": "ResourceNotFoundException", "relaxed": "ConflictException"}),
    "BatchCreateAccountAssignments": Row(batched(lambda w: w.ask())),
    "BatchDeleteAccountAssignments": Row(batched(lambda w: w.assigned())),
    "DescribeBatch": Row(batch),
    "PreviewAccountAssignments": Row(batched(lambda w: w.ask())),
    "ListAssignments": Row(access(AccountId=lambda w: w.owner), without={**PAGE, "PermissionSetArn": "exactly one of AccountId and PermissionSetArn"}, variants=(
        access(PermissionSetArn=lambda w: w.permission_set()),)),
    "GetNames": Row(access(), lambda w: {"UserIds": [w.user()], "GroupIds": [w.group()], "AccountIds": [w.owner], "PermissionSetArns": [w.permission_set()]}),
    "ListAccountsWithRoles": Row(access(UserId=lambda w: w.user()), without=PAGE),
    "ListPermissionSetsWithDetails": Row(access(), lambda w: {"NameContains": "e"}, without=PAGE),
    "ListUsersWithGroups": Row(store(), without=PAGE),
    "ListGroupsWithMembers": Row(store(), without=PAGE),
    "ListMembersInGroup": Row(store(GroupId=lambda w: w.group()), without=PAGE),
    "ListGroupsForUser": Row(person(), without=PAGE),
    "AddMemberGroup": Row(store(GroupId=lambda w: w.group(), MemberGroupId=lambda w: w.group()), ends={"strict": "ValidationException"}),
    "RemoveMemberGroup": Row(nested, ends={"strict": "ResourceNotFoundException"}),
    "ListGroupsInGroup": Row(store(GroupId=lambda w: nested(w)["GroupId"]), without=PAGE),
    "ListGroupsForGroup": Row(store(GroupId=lambda w: nested(w)["MemberGroupId"]), without=PAGE),
    "ListUnusedAccess": Row(access(), lambda w: {"UnusedAccessAge": 400}, without=PAGE),
    "GetInstanceSummary": Row(access(), lambda w: {"UnusedAccessAge": 1}),
    "DescribeUserSignIn": Row(person()),
    "ListUsersWithoutMfaDevice": Row(store(), without=PAGE),
    "ListEffectiveAccess": Row(access(UserId=lambda w: w.user()), now, without={**PAGE, **ONE_OF, "IncludeLastAccessed": "has no meaning with At: see variants"}, variants=(
        lambda w: {**access(UserId=lambda w: w.user())(w), "IncludeLastAccessed": True},
        access(GroupId=lambda w: w.group()), access(AccountId=lambda w: w.owner), access(PermissionSetArn=lambda w: w.permission_set()))),
    "AuthorizeRequest": Row(
        lambda w: {"InstanceArn": w.instance, "SigningName": "s3", "Method": "GET", "Path": "/books", "Headers": [{"Name": "Host", "Value": "h"}]},
        lambda w: {"SigningName": "s" * 64, "SigningRegion": "r" * 64, "Method": "M" * 16, "Path": "/".ljust(8_192, "~"), "Query": "q" * 16_384, "PayloadHash": "ab" * 32,
                   "Headers": [{"Name": "x".ljust(256, "-"), "Value": "v" * 100}] * 100, "ResourceAccountId": w.owner,
                   "Actions": [{"ActionName": "s3:GetObject", "ResourceName": "arn:aws:s3:::books/1"}] * 10,
                   "ContextEntries": [{"ContextKeyName": f"s3:key{number}", "ContextKeyValues": ["v"]} for number in range(50)]}),
    "SimulateAccess": Row(access(UserId=lambda w: w.user(), AccountId=lambda w: w.owner, PermissionSetArn=lambda w: w.permission_set(), ActionNames=lambda w: ["sso:ListInstances"]), lambda w: {
        "ResourceArns": ["*"], **now(w), "ContextEntries": [{"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["192.0.2.7"]}]}),
    "BatchDeleteSession": Row(person(), lambda w: {"SessionIds": ["not-there"]}),
}
