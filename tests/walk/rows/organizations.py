"""organizations: one root with every account under it."""
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


ROWS = {
    "DescribeOrganization": Row(),
    "ListRoots": Row(without=PAGE),
    "ListOrganizationalUnitsForParent": Row(lambda w: {"ParentId": root(w)}, without=PAGE),
    "ListParents": Row(lambda w: {"ChildId": w.owner}, without=PAGE),
    "ListChildren": Row(lambda w: {"ParentId": root(w), "ChildType": "ACCOUNT"}, without=PAGE),
    "ListAccounts": Row(without=PAGE),
    "DescribeAccount": Row(lambda w: {"AccountId": w.owner}),
    "CreateAccount": Row(new, lambda w: {"AccountName": w.name("a").ljust(50, "~"), "Email": w.name("m").ljust(64 - len("@example.com"), "x") + "@example.com", "RoleName": "r" * 64},
                         refused={"Tags": "Tags"}),
    "DescribeCreateAccountStatus": Row(lambda w: {"CreateAccountRequestId": creation(w)}),
    "ListCreateAccountStatus": Row(without=PAGE),
}
