#!/usr/bin/env python3
"""A server of documents that gives each to the people and groups that it is for, whatever application brings them: a sample of trusted identity propagation, with boto3.

    resource_server.py APPLICATION_ARN DOCUMENTS PORT     with the key of a service user that acts for the application

DOCUMENTS is a JSON file: {"plan": {"text": "…", "users": ["jane"], "groups": ["engineers"]}}. An application that signed somebody in asks for
http://127.0.0.1:PORT/plan and brings its own access token, `Authorization: Bearer TOKEN`. What to copy:

- The token is believed by nobody here. It is exchanged for one of this server's own application, and Portico says no where the person is disabled or signed out, or where no
  access scope of the other application leads here. It is asked each time, so that what ends there has ended here.
- The ID token comes straight from Portico, so that its signature needs no look; one that somebody else hands over does. `sub` is the person, `act` the applications that brought
  them, the last first (RFC 8693 §4.1).
- Groups are asked about by id, those alone that the document names, and counted as they are now.
- Every answer is a line of the log with the whole chain: who asked, through which applications, in whose name this server did, what decided. `credential_id` finds the same
  in the audit trail. The token itself is nowhere.

The key may do sso-oauth:CreateTokenWithIAM, identitystore:DescribeUser, identitystore:GetGroupId and identitystore:IsMemberInGroups.
"""
import base64
import http.server
import json
import pathlib
import sys
import time

import boto3
from botocore.exceptions import BotoCoreError, ClientError

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


class NotBelieved(Exception):
    """There is no token, or it is worth nothing here."""


class Server:
    def __init__(self, application, documents):
        self.application, self.documents = application, documents
        self.oidc, self.people = boto3.client("sso-oidc"), boto3.client("identitystore")
        self.own = boto3.client("sts").get_caller_identity()["Arn"]

    def whose(self, token):
        """What Portico says of the person for whom a token was made."""
        try:
            got = self.oidc.create_token_with_iam(clientId=self.application, grantType=EXCHANGE, subjectToken=token, subjectTokenType=ACCESS_TOKEN, scope=["openid"])
        except ClientError as error:
            # Those two alone are about the token; others are this server's own trouble.
            if error.response["Error"]["Code"] in ("InvalidGrantException", "InvalidRequestException"):
                raise NotBelieved(error.response.get("error_description") or "the token is worth nothing here") from error
            raise
        payload = got["idToken"].split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))

    def group_ids(self, store, names):
        """The ids of the groups that there are of these, each with its name."""
        ids = {}
        for name in names:
            identifier = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": name}}
            try:
                ids[self.people.get_group_id(IdentityStoreId=store, AlternateIdentifier=identifier)["GroupId"]] = name
            except self.people.exceptions.ResourceNotFoundException:
                continue
        return ids

    def decided_by(self, document, claims, user_name):
        """What of a document lets the person have it: `user jane`, `group engineers`; None if nothing does."""
        if user_name.lower() in (name.lower() for name in document.get("users", [])):
            return f"user {user_name}"
        store = claims["aws:identity_store_id"]
        ids = self.group_ids(store, document.get("groups", []))
        if ids:
            told = self.people.is_member_in_groups(IdentityStoreId=store, MemberId={"UserId": claims["sub"]}, GroupIds=list(ids))
            for one in told["Results"]:
                if one["MembershipExists"]:
                    return f"group {ids[one['GroupId']]}"
        return None

    def answer(self, name, token, said):
        """The status and the text for whoever brings a token; what is known of them goes into `said` as soon as it is known."""
        if not token:
            raise NotBelieved("bring an access token: Authorization: Bearer TOKEN")
        claims, through = self.whose(token), []
        acting = claims.get("act")
        while acting:
            through.append(acting["sub"])
            acting = acting.get("act")
        user_name = self.people.describe_user(IdentityStoreId=claims["aws:identity_store_id"], UserId=claims["sub"])["UserName"]
        said.update(on_behalf_of={"user_name": user_name, "user_id": claims["sub"]}, through=through, credential_id=claims["aws:credential_id"])
        document = self.documents.get(name)
        said["decided_by"] = self.decided_by(document, claims, user_name) if document else None
        if not said["decided_by"]:
            # In the same words whether it is there: who may not read it may not know of it.
            return 404, "There is no such document for you.\n"
        return 200, document["text"] + "\n"


def handler(server):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/ready":
                return self.reply(200, "ready\n")
            kind, _, token = self.headers.get("Authorization", "").partition(" ")
            said = {"document": self.path.removeprefix("/")}
            try:
                status, text = server.answer(said["document"], token.strip() if kind.lower() == "bearer" else "", said)
            except NotBelieved as why:
                status, text = 401, f"{why}\n"
            except (BotoCoreError, ClientError) as error:
                status, text = 503, "The identity center does not answer as it should: ask again later.\n"
                said["trouble"] = str(error)
            said = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "status": status, "caller": server.own, "by": server.application, **said}
            print(json.dumps(said), file=sys.stderr, flush=True)
            self.reply(status, text)

        def reply(self, status, text):
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if status == 401:
                # RFC 6750 §3.1: who brought nothing is told of no error.
                brought = "Authorization" in self.headers
                self.send_header("WWW-Authenticate", 'Bearer error="invalid_token"' if brought else "Bearer")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    serving = Server(sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text()))
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[3])), handler(serving)).serve_forever()
