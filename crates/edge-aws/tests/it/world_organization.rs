//! What the organization of the world has of policies.

use serde_json::json;
use wire::operation::OperationMeta;

use crate::world::{MEMBER, World, allow};

const TYPE: &str = "SERVICE_CONTROL_POLICY";

impl World {
    /// Policies count, and there is one that is used and one that is not.
    pub(crate) async fn service_control_policies(&mut self) {
        self.made("organizations", "EnablePolicyType", json!({"RootId": "r-1234", "PolicyType": TYPE})).await;
        for (word, name) in [("scp", "guard"), ("unused_scp", "spare")] {
            let content = allow("*").to_string();
            let input = json!({"Name": name, "Description": "", "Type": TYPE, "Content": content});
            let made = self.made("organizations", "CreatePolicy", input).await;
            self.keep(word, &made["Policy"]["PolicySummary"]["Id"]);
        }
    }

    /// Makes ready for what can be done once: the type is enabled, or not yet, and the policy is attached, or not yet.
    pub(crate) async fn ready_policies(&self, meta: &OperationMeta) {
        if meta.service != "organizations" {
            return;
        }
        let kind = json!({"RootId": "r-1234", "PolicyType": TYPE});
        match meta.name {
            "EnablePolicyType" => drop(self.as_root("organizations", "DisablePolicyType", &kind).await),
            "DisablePolicyType" => drop(self.as_root("organizations", "EnablePolicyType", &kind).await),
            "AttachPolicy" | "DetachPolicy" => {
                self.as_root("organizations", "EnablePolicyType", &kind).await;
                let other = if meta.name == "AttachPolicy" { "DetachPolicy" } else { "AttachPolicy" };
                for target in [MEMBER, "r-1234", self.word("unit")] {
                    let input = json!({"PolicyId": self.word("scp"), "TargetId": target});
                    self.as_root("organizations", other, &input).await;
                }
            }
            _ => {}
        }
    }
}
