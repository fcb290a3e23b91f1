#!/usr/bin/env python3
"""Makes JupyterHub an application of the identity center, as Amazon's own applications make themselves one, and prints the variables that its configuration reads.

    register.py HUB_URL GROUP ADMIN_GROUP >hub.env     GROUP may use it, ADMIN_GROUP of them administers it

With boto3 and the credentials of an administrator. Run again with the same address it changes nothing but the secret: the one before is good until somebody deletes it.
"""
import contextlib
import hashlib
import secrets
import shlex
import sys

import boto3


def main(hub, group, admin_group):
    admin, portico, people = (boto3.client(service) for service in ("sso-admin", "portico", "identitystore"))
    instance = admin.list_instances()["Instances"][0]
    # The same token makes the same application: whoever is interrupted begins again.
    application = admin.create_application(
        InstanceArn=instance["InstanceArn"], Name="JupyterHub", Description=f"Notebooks at {hub}",
        ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/custom", ClientToken=hashlib.sha256(hub.encode()).hexdigest(),
        PortalOptions={"Visibility": "ENABLED", "SignInOptions": {"Origin": "APPLICATION", "ApplicationUrl": hub + "/hub/oauth_login"}})["ApplicationArn"]
    portico.put_application_oidc_configuration(ApplicationArn=application, OidcConfiguration={
        "RedirectUris": [hub + "/hub/oauth_callback"], "Scopes": ["openid", "profile", "email", "groups"], "RefreshTokens": True})
    identifier = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": group}}
    group_id = people.get_group_id(IdentityStoreId=instance["IdentityStoreId"], AlternateIdentifier=identifier)["GroupId"]
    with contextlib.suppress(admin.exceptions.ConflictException):
        # Assigned the last time already.
        admin.create_application_assignment(ApplicationArn=application, PrincipalType="GROUP", PrincipalId=group_id)
    provider = portico.get_application_oidc_configuration(ApplicationArn=application)["OidcProvider"]
    secret = portico.create_application_client_secret(ApplicationArn=application)["ClientSecret"]["Secret"]
    told = {
        "HUB_URL": hub, "HUB_APPLICATION": application, "HUB_ADMIN_GROUP": admin_group,
        "HUB_ISSUER": provider["Issuer"], "HUB_CLIENT_ID": provider["ClientId"], "HUB_CLIENT_SECRET": secret,
        "JUPYTERHUB_CRYPT_KEY": secrets.token_hex(32), "JUPYTERHUB_API_TOKEN": secrets.token_hex(32), "JUPYTERHUB_API_URL": hub + "/hub/api",
    }
    for name, value in told.items():
        print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
