//! Applications of the world that operations are called in.

use std::time::Duration;

use model::applications::application::ApplicationArn;
use model::applications::application_token::ApplicationTokenFamily;
use model::clock::Clock as _;
use model::cx::Cx;
use model::directory::identity_store::IdentityStoreId;
use model::directory::user::UserId;
use model::signin::oauth::FamilyId;
use serde_json::json;
use store::bearer::{Bearer, Kind};
use store::tx::Tx;

use crate::world::{INSTANCE, OWNER, STORE, World};

impl World {
    /// An application with something of everything, which Jane may use.
    pub(crate) async fn applications(&mut self) {
        let custom = "arn:aws:sso::aws:applicationProvider/custom";
        let input = json!({"InstanceArn": INSTANCE, "ApplicationProviderArn": custom, "Name": "wiki"});
        let made = self.made("sso-admin", "CreateApplication", input).await;
        self.keep("application", &made["ApplicationArn"]);
        let actors = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": OWNER},
            "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"}]});
        for (name, more) in [
            (
                "CreateApplicationAssignment",
                json!({"PrincipalType": "USER", "PrincipalId": self.word("user")}),
            ),
            ("PutApplicationAccessScope", json!({"Scope": "team:read"})),
            (
                "PutApplicationAuthenticationMethod",
                json!({"AuthenticationMethodType": "IAM", "AuthenticationMethod": {"Iam": {"ActorPolicy": actors}}}),
            ),
            ("PutApplicationGrant", json!({"GrantType": "refresh_token", "Grant": {"RefreshToken": {}}})),
        ] {
            let mut input = more;
            input["ApplicationArn"] = json!(self.word("application"));
            self.made("sso-admin", name, input).await;
        }
        self.saml_application().await;
        self.openid_application().await;
        self.exchanges().await;
        self.trusted_token_issuer().await;
    }

    /// Two that speak SAML, one of them with a certificate that does not sign.
    async fn saml_application(&mut self) {
        let saml = "arn:aws:sso::aws:applicationProvider/custom-saml";
        for word in ["told_application", "saml_application"] {
            let input = json!({"InstanceArn": INSTANCE, "ApplicationProviderArn": saml, "Name": word});
            let made = self.made("sso-admin", "CreateApplication", input).await;
            self.keep(word, &made["ApplicationArn"]);
            let input = json!({"ApplicationArn": self.word(word), "SamlConfiguration": {"Audience": "https://app.example/saml",
                "AssertionConsumerServices": [{"Url": "https://app.example/acs"}]}});
            self.made("portico", "PutApplicationSamlConfiguration", input).await;
        }
        let input = json!({"ApplicationArn": self.word("told_application")});
        let held = self.made("portico", "ListApplicationInstanceCertificates", input).await;
        self.keep("told_certificate", &held["Certificates"][0]["CertificateId"]);
        let input = json!({"ApplicationArn": self.word("saml_application"), "KeyAlgorithm": "EC_P256"});
        let made = self.made("portico", "CreateApplicationInstanceCertificate", input).await;
        self.keep("saml_certificate", &made["Certificate"]["CertificateId"]);
    }

    /// One that may exchange tokens, and a token of its own for Jane that leads to it.
    async fn exchanges(&mut self) {
        let custom = "arn:aws:sso::aws:applicationProvider/custom";
        let input = json!({"InstanceArn": INSTANCE, "ApplicationProviderArn": custom, "Name": "exchange"});
        let made = self.made("sso-admin", "CreateApplication", input).await;
        self.keep("token_client", &made["ApplicationArn"]);
        let arn = self.word("token_client").to_owned();
        let actors = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": OWNER},
            "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"}]});
        for (name, mut input) in [
            ("PutApplicationAssignmentConfiguration", json!({"AssignmentRequired": false})),
            ("PutApplicationAccessScope", json!({"Scope": "team:read", "AuthorizedTargets": [arn]})),
            (
                "PutApplicationAuthenticationMethod",
                json!({"AuthenticationMethodType": "IAM", "AuthenticationMethod": {"Iam": {"ActorPolicy": actors}}}),
            ),
            (
                "PutApplicationGrant",
                json!({"GrantType": "urn:ietf:params:oauth:grant-type:token-exchange", "Grant": {"TokenExchange": {}}}),
            ),
            (
                "PutApplicationGrant",
                json!({"GrantType": "authorization_code", "Grant": {"AuthorizationCode": {"RedirectUris": ["https://wiki.example/back"]}}}),
            ),
        ] {
            input["ApplicationArn"] = json!(arn);
            self.made("sso-admin", name, input).await;
        }
        let now = self.served.clock.now();
        let family = ApplicationTokenFamily {
            id: FamilyId::trusted("abababab-abab-4bab-8bab-abababababab"),
            application_id: ApplicationArn::parse(&arn).unwrap().id,
            issuer_id: None,
            parent_id: None,
            session_id: None,
            identity_store_id: IdentityStoreId::trusted(STORE),
            user_id: UserId::trusted(self.word("user")),
            scopes: vec!["team:read".to_owned()],
            created_at: now,
            expires_at: now.plus(Duration::from_hours(8)),
            generation: 0,
            exchanged_at: Vec::new(),
        };
        let token = Bearer {
            family: family.id.clone(),
            kind: Kind::ApplicationAccess,
            generation: 0,
            expires_at: family.expires_at,
        };
        let token = token.token(self.served.app.store.keyring());
        let add = move |tx: &mut Tx<'_>, _: &Cx| store::applications::application_tokens::insert(tx, &family);
        self.served.app.store.write(&self.cx(), add).await.unwrap();
        self.words.insert("subject_token", token.expose().to_owned());
    }

    /// One that speaks OpenID Connect, with a secret.
    async fn openid_application(&mut self) {
        let custom = "arn:aws:sso::aws:applicationProvider/custom";
        let input = json!({"InstanceArn": INSTANCE, "ApplicationProviderArn": custom, "Name": "openid"});
        let made = self.made("sso-admin", "CreateApplication", input).await;
        self.keep("openid_application", &made["ApplicationArn"]);
        let at = self.word("openid_application");
        let input =
            json!({"ApplicationArn": at, "OidcConfiguration": {"RedirectUris": ["https://app.example/cb"]}});
        self.made("portico", "PutApplicationOidcConfiguration", input).await;
        let made = self.made("portico", "CreateApplicationClientSecret", json!({"ApplicationArn": at})).await;
        self.keep("application_secret", &made["ClientSecret"]["SecretId"]);
    }

    /// An issuer whose tokens are believed.
    async fn trusted_token_issuer(&mut self) {
        let configuration = json!({"OidcJwtConfiguration": {
            "IssuerUrl": "https://issuer.example", "ClaimAttributePath": "email",
            "IdentityStoreAttributePath": "emails.value", "JwksRetrievalOption": "OPEN_ID_DISCOVERY",
        }});
        let input = json!({"InstanceArn": INSTANCE, "Name": "Issuer", "TrustedTokenIssuerType": "OIDC_JWT",
                           "TrustedTokenIssuerConfiguration": configuration});
        let made = self.made("sso-admin", "CreateTrustedTokenIssuer", input).await;
        self.keep("issuer", &made["TrustedTokenIssuerArn"]);
    }
}
