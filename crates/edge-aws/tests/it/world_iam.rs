//! Users, groups and a provider of tokens of the management account, with something of everything, and a refusal whose reasons are sealed.

use accounts::authorization_messages::with_message;
use model::denial::{Denial, Reasons};
use model::fault::Fault;
use serde_json::json;

use crate::world::{World, allow};

impl World {
    pub(crate) async fn users_and_groups(&mut self) {
        for name in ["worker-one", "spare-one"] {
            self.made("iam", "CreateUser", json!({"UserName": name, "Path": "/team/"})).await;
        }
        for name in ["crew-one", "bare-one"] {
            self.made("iam", "CreateGroup", json!({"GroupName": name, "Path": "/team/"})).await;
        }
        for url in ["https://tokens.example.com/team", "https://tokens.example.com/spare"] {
            let provider = json!({"Url": url, "ClientIDList": ["sts.amazonaws.com"]});
            self.made("iam", "CreateOpenIDConnectProvider", provider).await;
        }
        let (user, group) = (json!({"UserName": "worker-one"}), json!({"GroupName": "crew-one"}));
        let policy = self.word("policy").to_owned();
        let document = allow("s3:*").to_string();
        for (name, of, more) in [
            ("AttachUserPolicy", &user, json!({"PolicyArn": policy})),
            ("PutUserPolicy", &user, json!({"PolicyName": "inline", "PolicyDocument": document})),
            ("PutUserPermissionsBoundary", &user, json!({"PermissionsBoundary": policy})),
            ("AttachGroupPolicy", &group, json!({"PolicyArn": policy})),
            ("PutGroupPolicy", &group, json!({"PolicyName": "inline", "PolicyDocument": document})),
            ("AddUserToGroup", &group, user.clone()),
        ] {
            let mut input = of.clone();
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            self.made("iam", name, input).await;
        }
        let made = self.as_root("iam", "CreateAccessKey", &user).await;
        let (_, rest) = made.text.split_once("<AccessKeyId>").unwrap();
        let key = rest.split('<').next().unwrap().to_owned();
        let denial = Denial {
            action: "iam:GetUser".to_owned(),
            resource: "*".to_owned(),
            explicit: false,
            reasons: Reasons::default(),
            context: <_>::default(),
        };
        let refused = Fault::access_denied("No").with_denial(denial);
        let told = with_message(&self.served.app.store, &self.cx(), refused);
        let sealed = told.message().rsplit(' ').next().unwrap().to_owned();
        self.words.extend([
            ("iam_user", "worker-one".to_owned()),
            ("iam_bare_user", "spare-one".to_owned()),
            ("iam_group", "crew-one".to_owned()),
            ("iam_bare_group", "bare-one".to_owned()),
            ("oidc_provider", "arn:aws:iam::111122223333:oidc-provider/tokens.example.com/team".to_owned()),
            (
                "unused_oidc_provider",
                "arn:aws:iam::111122223333:oidc-provider/tokens.example.com/spare".to_owned(),
            ),
            ("iam_key", key),
            ("denial", sealed),
        ]);
    }
}
