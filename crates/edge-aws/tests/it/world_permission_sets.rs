//! What the instance of the world has of permission sets, and of attributes for access control.

use serde_json::json;
use wire::operation::OperationMeta;

use crate::world::{INSTANCE, MEMBER, World, allow};

impl World {
    /// Makes ready for a call that succeeds what an instance has once: its attributes for access control are there, or not yet, and the member account is its delegated administrator, or not.
    pub(crate) async fn ready(&self, meta: &OperationMeta) {
        const ONCE: &str = "InstanceAccessControlAttributeConfiguration";
        self.ready_policies(meta).await;
        if let Some(verb) = ["Register", "Deregister", "ListDelegatedServices"]
            .iter()
            .find(|verb| meta.service == "organizations" && meta.name.starts_with(**verb))
        {
            let other = if *verb == "Register" { "Deregister" } else { "Register" };
            let whom = json!({"AccountId": MEMBER, "ServicePrincipal": "sso.amazonaws.com"});
            self.as_root("organizations", &format!("{other}DelegatedAdministrator"), &whom).await;
        }
        let Some(verb) = meta.name.strip_suffix(ONCE) else { return };
        let at = json!({"InstanceArn": INSTANCE});
        self.as_root("sso-admin", &format!("Delete{ONCE}"), &at).await;
        if verb != "Create" {
            let input = json!({"InstanceArn": INSTANCE, ONCE: {"AccessControlAttributes": []}});
            self.made("sso-admin", &format!("Create{ONCE}"), input).await;
        }
    }

    /// Three sets, each with something of everything, each with a second one that nobody uses; the second pair is another crew's.
    pub(crate) async fn permission_sets(&mut self) {
        for (word, unused, crew) in [
            ("set", "unused_set", "red"),
            ("set_two", "unused_two", "blue"),
            ("set_three", "unused_three", "red"),
        ] {
            for word in [word, unused] {
                let tags = json!([{"Key": "team", "Value": "red"}, {"Key": "crew", "Value": crew}]);
                let input = json!({"InstanceArn": INSTANCE, "Name": word.replace('_', "-"), "Tags": tags});
                let made = self.made("sso-admin", "CreatePermissionSet", input).await;
                self.keep(word, &made["PermissionSet"]["PermissionSetArn"]);
            }
            self.policies(self.word(word)).await;
        }
    }

    async fn policies(&self, set: &str) {
        for (name, member, value) in [
            (
                "AttachManagedPolicyToPermissionSet",
                "ManagedPolicyArn",
                json!("arn:aws:iam::aws:policy/ReadOnlyAccess"),
            ),
            ("PutInlinePolicyToPermissionSet", "InlinePolicy", json!(allow("s3:*").to_string())),
            (
                "PutPermissionsBoundaryToPermissionSet",
                "PermissionsBoundary",
                json!({"ManagedPolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            ),
        ] {
            let input = json!({"InstanceArn": INSTANCE, "PermissionSetArn": set, member: value});
            self.made("sso-admin", name, input).await;
        }
    }
}
