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


FILTER = {"Filter": "SERVICE_CONTROL_POLICY"}
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
    "ListDelegatedAdministrators": Row(without=PAGE),
    "ListPolicies": Row(lambda w: FILTER, without=PAGE),
    "ListPoliciesForTarget": Row(lambda w: {"TargetId": root(w), **FILTER}, without=PAGE),
    "TagResource": Row(lambda w: {"ResourceId": w.owner, "Tags": [{"Key": "a", "Value": ""}]},
                       lambda w: {"ResourceId": fresh(w), "Tags": [{"Key": key, "Value": "v" * 256} for key in KEYS]}),
    "UntagResource": Row(lambda w: {**tagged(w), "TagKeys": ["team"]}, lambda w: {"TagKeys": KEYS}),
    "ListTagsForResource": Row(tagged, without=PAGE),
    "DescribeCreateAccountStatus": Row(lambda w: {"CreateAccountRequestId": creation(w)}),
    "ListCreateAccountStatus": Row(without=PAGE),
}
