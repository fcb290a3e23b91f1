//! A second instance beside the world's: an account instance of the member account, with something of what the organization's has, made by a role of that
//! account through the API.

use std::time::Duration;

use accounts::role_sessions::Credentials;
use http::StatusCode;
use serde_json::{Value, json};

use crate::requests::{Plain, Signing};
use crate::served::Answer;
use crate::world::{MEMBER, OWNER, Words, World, allow, operation};

/// The account instance's owner, and what there is in it.
pub(crate) struct Other {
    pub(crate) keys: Credentials,
    pub(crate) words: Words,
}

impl Other {
    fn keep(&mut self, name: &'static str, value: &Value) {
        self.words.insert(name, value.as_str().unwrap().to_owned());
    }
}

impl World {
    /// A session of a role of an account that may do all.
    pub(crate) async fn administrator(&self, account: &str) -> Credentials {
        let role = self.role(account, "administrator", &[("all", allow("*"))]).await;
        self.session(&role, Duration::ZERO).await
    }

    /// A call by a session.
    pub(crate) async fn by(
        &self,
        keys: &Credentials,
        (service, name): (&str, &str),
        input: &Value,
    ) -> Answer {
        let meta = operation(service, name);
        let mut plain = Plain::new(meta, input);
        plain.sign(&Signing {
            key_id: keys.access_key_id.clone(),
            secret: keys.secret_access_key.expose().to_owned(),
            token: Some(keys.session_token.expose().to_owned()),
            ..self.root(OWNER, meta.signing_name)
        });
        self.served.call(plain.request()).await
    }

    /// A call by a session that must succeed.
    pub(crate) async fn made_by(
        &self,
        keys: &Credentials,
        (service, name): (&str, &str),
        input: Value,
    ) -> Value {
        let answer = self.by(keys, (service, name), &input).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {answer:?}");
        answer.body
    }

    /// The member account's instance.
    pub(crate) async fn account_instance(&self) -> Other {
        let keys = self.administrator(MEMBER).await;
        let mut other = Other { keys: keys.clone(), words: Words::new() };
        let made = self.made_by(&keys, ("sso-admin", "CreateInstance"), json!({"Name": "ours"})).await;
        other.keep("instance", &made["InstanceArn"]);
        self.work().await;
        let at = json!({"InstanceArn": made["InstanceArn"]});
        let made = self.made_by(&keys, ("sso-admin", "DescribeInstance"), at).await;
        assert_eq!(made["Status"], "ACTIVE");
        other.keep("store", &made["IdentityStoreId"]);
        self.their_people(&mut other).await;
        self.their_applications(&mut other).await;
        other
    }

    async fn their_people(&self, other: &mut Other) {
        let (keys, store) = (other.keys.clone(), other.words["store"].clone());
        for (word, name) in [("user", "mallory"), ("other", "olaf"), ("invited", "ivo")] {
            let input = json!({"IdentityStoreId": store, "UserName": name, "DisplayName": name,
                               "Name": {"FamilyName": name, "GivenName": name}});
            let made = self.made_by(&keys, ("identitystore", "CreateUser"), input).await;
            other.keep(word, &made["UserId"]);
        }
        for (word, name) in
            [("group", "their-group"), ("inner_group", "their-inner"), ("other_group", "their-other")]
        {
            let input = json!({"IdentityStoreId": store, "DisplayName": name});
            let made = self.made_by(&keys, ("identitystore", "CreateGroup"), input).await;
            other.keep(word, &made["GroupId"]);
        }
        let member = json!({"UserId": other.words["user"]});
        let input = json!({"IdentityStoreId": store, "GroupId": other.words["group"], "MemberId": member});
        let made = self.made_by(&keys, ("identitystore", "CreateGroupMembership"), input).await;
        other.keep("membership", &made["MembershipId"]);
        let at = json!({"IdentityStoreId": store});
        let made = self.made_by(&keys, ("portico", "CreateProvisioningTenant"), at).await;
        other.keep("scim_tenant", &made["TenantId"]);
        let input = json!({"IdentityStoreId": store, "TenantId": made["TenantId"]});
        let made = self.made_by(&keys, ("portico", "CreateBearerToken"), input).await;
        other.keep("scim_token", &made["BearerToken"]["TokenId"]);
        other.words.extend([("user_name", "mallory".to_owned()), ("group_name", "their-group".to_owned())]);
    }

    async fn their_applications(&self, other: &mut Other) {
        let (keys, instance) = (other.keys.clone(), other.words["instance"].clone());
        let custom = "arn:aws:sso::aws:applicationProvider/custom";
        for (word, name) in [("application", "their-wiki"), ("token_client", "their-exchange")] {
            let input = json!({"InstanceArn": instance, "ApplicationProviderArn": custom, "Name": name,
                               "Tags": [{"Key": "team", "Value": "theirs"}]});
            let made = self.made_by(&keys, ("sso-admin", "CreateApplication"), input).await;
            other.keep(word, &made["ApplicationArn"]);
        }
        let input = json!({"ApplicationArn": other.words["application"], "PrincipalType": "USER",
                           "PrincipalId": other.words["user"]});
        self.made_by(&keys, ("sso-admin", "CreateApplicationAssignment"), input).await;
        let configuration = json!({"OidcJwtConfiguration": {
            "IssuerUrl": "https://theirs.example", "ClaimAttributePath": "email",
            "IdentityStoreAttributePath": "emails.value", "JwksRetrievalOption": "OPEN_ID_DISCOVERY",
        }});
        let input = json!({"InstanceArn": instance, "Name": "Theirs", "TrustedTokenIssuerType": "OIDC_JWT",
                           "TrustedTokenIssuerConfiguration": configuration});
        let made = self.made_by(&keys, ("sso-admin", "CreateTrustedTokenIssuer"), input).await;
        other.keep("issuer", &made["TrustedTokenIssuerArn"]);
    }
}
