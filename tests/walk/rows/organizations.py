"""organizations: one root, units, accounts."""
from rows import Row

PAGE = {"NextToken": "pages.py follows tokens"}


def root(w):
    return w.once("root", lambda: w.call("organizations", "ListRoots")["Roots"][0]["Id"])


def creation(w):
    status = w.call("organizations", "CreateAccount", AccountName=w.name("account"), Email=f"{w.name('mail')}@example.com")
    w.settle()
    return status["CreateAccountStatus"]["Id"]


def new(w):
    return {"AccountName": w.name("account"), "Email": f"{w.name('mail')}@example.com"}


def tagged(w):
    w.call("organizations", "TagResource", ResourceId=w.owner, Tags=[{"Key": "team", "Value": "x"}])
    return {"ResourceId": w.owner}


#: As many as an account can have, each as long as the model lets it be.
KEYS = [f"{number:02}" + "k" * 126 for number in range(50)]


def fresh(w):
    """A new account: tags add up."""
    status = w.call("organizations", "DescribeCreateAccountStatus", CreateAccountRequestId=creation(w))
    return status["CreateAccountStatus"]["AccountId"]


def unit(w):
    return w.call("organizations", "CreateOrganizationalUnit", ParentId=root(w), Name=w.name("unit"))["OrganizationalUnit"]["Id"]


def move(w):
    return {"AccountId": fresh(w), "SourceParentId": root(w), "DestinationParentId": unit(w)}


SERVICE = "sso.amazonaws.com"


def undelegated(w):
    """A new account, while there is no delegated administrator."""
    for known in w.call("organizations", "ListDelegatedAdministrators")["DelegatedAdministrators"]:
        w.call("organizations", "DeregisterDelegatedAdministrator", AccountId=known["Id"], ServicePrincipal=SERVICE)
    return fresh(w)


def delegated(w):
    """The delegated administrator."""
    account = undelegated(w)
    w.call("organizations", "RegisterDelegatedAdministrator", AccountId=account, ServicePrincipal=SERVICE)
    return account


TYPE = "SERVICE_CONTROL_POLICY"
FILTER = {"Filter": TYPE}
EVERYTHING = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'


def policy(w):
    """A new service control policy."""
    made = w.call("organizations", "CreatePolicy", Name=w.name("policy"), Description="", Type=TYPE, Content=EVERYTHING)
    return made["Policy"]["PolicySummary"]["Id"]


def is_enabled(w):
    return bool(w.call("organizations", "ListRoots")["Roots"][0]["PolicyTypes"])


def enabled(w):
    """The root, where policies count."""
    if not is_enabled(w):
        w.call("organizations", "EnablePolicyType", RootId=root(w), PolicyType=TYPE)
    return root(w)


def disabled(w):
    """The root, where they do not."""
    if is_enabled(w):
        w.call("organizations", "DisablePolicyType", RootId=root(w), PolicyType=TYPE)
    return root(w)


def apart(w):
    """A policy and a unit that it is not attached to."""
    enabled(w)
    return {"PolicyId": policy(w), "TargetId": unit(w)}


def attached(w):
    at = apart(w)
    w.call("organizations", "AttachPolicy", **at)
    return at


#: 5,120 characters.
LONG = EVERYTHING.ljust(5_120)
ROWS = {
    "DescribeOrganization": Row(),
    "ListRoots": Row(without=PAGE),
    "ListOrganizationalUnitsForParent": Row(lambda w: {"ParentId": root(w)}, without=PAGE),
    "ListParents": Row(lambda w: {"ChildId": w.owner}, without=PAGE),
    "ListChildren": Row(lambda w: {"ParentId": root(w), "ChildType": "ACCOUNT"}, without=PAGE),
    "ListAccounts": Row(without=PAGE),
    "DescribeAccount": Row(lambda w: {"AccountId": w.owner}),
    "CreateAccount": Row(new, lambda w: {"AccountName": w.name("a").ljust(50, "~"), "Email": w.name("m").ljust(64 - len("@example.com"), "x") + "@example.com", "RoleName": "r" * 64},
                         without={"Tags": "see variants"},
                         variants=(lambda w: {**new(w), "Tags": [{"Key": key, "Value": "v" * 256} for key in KEYS]},)),
    "CreateOrganizationalUnit": Row(lambda w: {"ParentId": root(w), "Name": w.name("unit")}, lambda w: {"ParentId": root(w), "Name": w.name("u").ljust(128, "~")},
                                    without={"Tags": "see variants"},
                                    variants=(lambda w: {"ParentId": unit(w), "Name": w.name("unit"), "Tags": [{"Key": key, "Value": "v" * 256} for key in KEYS]},)),
    "DescribeOrganizationalUnit": Row(lambda w: {"OrganizationalUnitId": unit(w)}),
    "UpdateOrganizationalUnit": Row(lambda w: {"OrganizationalUnitId": unit(w)}, lambda w: {"Name": w.name("u").ljust(128, "~")}),
    "DeleteOrganizationalUnit": Row(lambda w: {"OrganizationalUnitId": unit(w)}),
    "MoveAccount": Row(move),
    "ListAccountsForParent": Row(lambda w: {"ParentId": root(w)}, without=PAGE),
    "ListAWSServiceAccessForOrganization": Row(without=PAGE),
    "RegisterDelegatedAdministrator": Row(lambda w: {"AccountId": undelegated(w), "ServicePrincipal": SERVICE}),
    "DeregisterDelegatedAdministrator": Row(lambda w: {"AccountId": delegated(w), "ServicePrincipal": SERVICE}),
    "ListDelegatedAdministrators": Row(without=PAGE),
    "ListDelegatedServicesForAccount": Row(lambda w: {"AccountId": delegated(w)}, without=PAGE),
    "CloseAccount": Row(lambda w: {"AccountId": fresh(w)}),
    "CreatePolicy": Row(lambda w: {"Name": w.name("policy"), "Description": "d", "Type": TYPE, "Content": EVERYTHING},
                        lambda w: {"Name": w.name("p").ljust(128, "~"), "Description": "d" * 512, "Content": LONG},
                        without={"Tags": "see variants"},
                        variants=(lambda w: {"Name": w.name("policy"), "Description": "", "Type": TYPE, "Content": EVERYTHING, "Tags": [{"Key": key, "Value": "v" * 256} for key in KEYS]},)),
    "DescribePolicy": Row(lambda w: {"PolicyId": policy(w)}, variants=(lambda w: {"PolicyId": "p-FullAWSAccess"},)),
    "UpdatePolicy": Row(lambda w: {"PolicyId": policy(w)}, lambda w: {"Name": w.name("p").ljust(128, "~"), "Description": "d" * 512, "Content": LONG}),
    "DeletePolicy": Row(lambda w: {"PolicyId": policy(w)}),
    "AttachPolicy": Row(apart, variants=(lambda w: {**apart(w), "TargetId": fresh(w)},)),
    "DetachPolicy": Row(attached),
    "ListTargetsForPolicy": Row(lambda w: {"PolicyId": attached(w)["PolicyId"]}, without=PAGE),
    "EnablePolicyType": Row(lambda w: {"RootId": disabled(w), "PolicyType": TYPE}),
    "DisablePolicyType": Row(lambda w: {"RootId": enabled(w), "PolicyType": TYPE}),
    "ListPolicies": Row(lambda w: FILTER, without=PAGE),
    "ListPoliciesForTarget": Row(lambda w: {"TargetId": root(w), **FILTER}, without=PAGE),
    "TagResource": Row(lambda w: {"ResourceId": w.owner, "Tags": [{"Key": "a", "Value": ""}]},
                       lambda w: {"ResourceId": fresh(w), "Tags": [{"Key": key, "Value": "v" * 256} for key in KEYS]}),
    "UntagResource": Row(lambda w: {**tagged(w), "TagKeys": ["team"]}, lambda w: {"TagKeys": KEYS}),
    "ListTagsForResource": Row(tagged, without=PAGE),
    "DescribeCreateAccountStatus": Row(lambda w: {"CreateAccountRequestId": creation(w)}),
    "ListCreateAccountStatus": Row(without=PAGE),
}
