"""Deviations from botocore's models that are right as they are, each with its reason. One entry names one thing; none names a whole service or kind."""
import collections

#: Of which service, title and finding (each a part of the text), and why it is right.
Reviewed = collections.namedtuple("Reviewed", "service title wrong reason")

ENTRIES = [
    Reviewed("iam", "Role", "PermissionsBoundaryType is 'Policy'",
             "the API reference says that it can only have the value Policy, which is what AWS answers; the model's enumeration has another word"),
    Reviewed("iam", "User", "PermissionsBoundaryType is 'Policy'", "as of a role"),
    Reviewed("iam", "Document: one character too many", "RequestEntityTooLargeException is neither",
             "131,073 characters, most of them escaped, are more than any form that is read may have: 327,680 bytes. A document has 32,768 characters at most"),
    Reviewed("iam", "PolicyInputList: one character too many", "RequestEntityTooLargeException is neither", "the same, of a policy that is only asked about"),
    Reviewed("signin", "CreateOAuth2Token: ", "status 401, not 400",
             "the model binds no status to AccessDeniedException but by its text: 401 where error is TOKEN_EXPIRED or AUTHCODE_EXPIRED"),
    Reviewed("sso", "accessToken: missing", "expected InvalidRequestException",
             "the access token is what authenticates at the portal: without one the answer is UnauthorizedException, 401, as with a wrong one"),
]


def reason(service, title, wrong):
    text = wrong if isinstance(wrong, str) else "\n".join(wrong)
    for entry in ENTRIES:
        if entry.service == service and entry.title in title and entry.wrong in text:
            return entry.reason
    return None
