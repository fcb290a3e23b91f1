"""JupyterHub, where people sign in with the account that they have at Portico: `register.py` prints the variables that are read here.

Needs `pip install jupyterhub oauthenticator` and `npm install configurable-http-proxy`. Who may come in is decided at Portico, by assignments of the application, and
asked again once a minute; who administers the Hub is whoever is in a group. People work under one system user here (`simple`): for a trial; put a spawner of your own.
"""
import json
import os
import urllib.request

with urllib.request.urlopen(os.environ["HUB_ISSUER"] + "/.well-known/openid-configuration", timeout=30) as answer:
    portico = json.load(answer)

c = get_config()  # noqa: F821, of JupyterHub
c.JupyterHub.authenticator_class = "generic-oauth"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.default_url = "/hub/home"

c.GenericOAuthenticator.login_service = "Portico"
c.GenericOAuthenticator.client_id = os.environ["HUB_CLIENT_ID"]
c.GenericOAuthenticator.client_secret = os.environ["HUB_CLIENT_SECRET"]
c.GenericOAuthenticator.oauth_callback_url = os.environ["HUB_URL"] + "/hub/oauth_callback"
c.GenericOAuthenticator.authorize_url = portico["authorization_endpoint"]
c.GenericOAuthenticator.token_url = portico["token_endpoint"]
c.GenericOAuthenticator.userdata_url = portico["userinfo_endpoint"]
c.GenericOAuthenticator.scope = ["openid", "profile", "email", "groups"]
c.GenericOAuthenticator.username_claim = "preferred_username"

# Whoever is not assigned to the application gets no token, and never comes so far.
c.GenericOAuthenticator.allow_all = True
c.GenericOAuthenticator.manage_groups = True
c.GenericOAuthenticator.auth_state_groups_key = "oauth_user.groups"
c.GenericOAuthenticator.admin_groups = {os.environ["HUB_ADMIN_GROUP"]}

# The tokens are kept, sealed by JUPYTERHUB_CRYPT_KEY, and asked with again when the last answer is this many seconds old: who may not use the Hub any more is out then.
c.GenericOAuthenticator.enable_auth_state = True
c.GenericOAuthenticator.auth_refresh_age = int(os.environ.get("HUB_ASK_AGAIN_SECONDS", "60"))

# For `people.py`, which writes down who may come before they do.
c.JupyterHub.services = [{"name": "people", "api_token": os.environ["JUPYTERHUB_API_TOKEN"]}]
c.JupyterHub.load_roles = [{"name": "people", "services": ["people"], "scopes": ["list:users", "admin:users"]}]
