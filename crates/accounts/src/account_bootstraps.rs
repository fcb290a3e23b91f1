//! GetAccountBootstrap: what an administrator runs in an account before it is connected. It makes a role that may do what provisioning needs there, and no more.
//! Nothing is asked there, and nothing of it is kept here.

use broker::aws::least_privilege::{policy, trust};
use model::accounts::account::AccountId;
use model::accounts::account_bootstrap::{AccountBootstrap, BootstrapAsk, BootstrapFormat};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use serde_json::{Value, json};
use store::accounts::account_connections;
use store::db::Store;

use crate::account_connections::enter;

/// What the role is for, as it says of itself.
const DESCRIPTION: &str = "Lets Portico keep the roles of permission sets in this account";
/// The name of its policy.
const POLICY_NAME: &str = "PorticoProvisioning";

/// GetAccountBootstrap.
pub fn get(
    store: &Store,
    cx: &Cx,
    (instance, account): (&InstanceId, &AccountId),
    ask: BootstrapAsk,
) -> Result<AccountBootstrap, Fault> {
    store.read(|rx| {
        let instance = enter(rx, cx, "portico:GetAccountBootstrap", (instance, account))?;
        let connection = account_connections::find(rx, account)?;
        let path = ask.role_path.or_else(|| connection.and_then(|found| found.settings.role_path));
        let path = path.unwrap_or_else(|| broker::local::path(&instance.region));
        if path == "/" {
            return Err(Fault::validation(
                "RolePath is /: the role could change every role of the account, itself too. Give a path for the roles of permission sets, such as /portico/",
            ));
        }
        let provider = broker::local::saml_provider_arn(account, &instance.id);
        let (policy, trust) = (policy(account, &path, &provider), trust(&ask.trusted_principal_arn, ask.external_id.as_deref()));
        let role = Role { name: &ask.role_name, policy: &policy, trust: &trust };
        let template = match ask.format {
            BootstrapFormat::CloudFormation => role.cloud_formation(),
            BootstrapFormat::Terraform => role.terraform(),
            BootstrapFormat::AwsCli => role.aws_cli(),
        };
        Ok(AccountBootstrap {
            role_arn: format!("arn:aws:iam::{account}:role/{}", ask.role_name),
            format: ask.format,
            template,
            policy: pretty(&policy),
            trust: pretty(&trust),
        })
    })
}

struct Role<'a> {
    name: &'a str,
    policy: &'a Value,
    trust: &'a Value,
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}

impl Role<'_> {
    fn cloud_formation(&self) -> String {
        let role = json!({
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": self.name,
                "Description": DESCRIPTION,
                "AssumeRolePolicyDocument": self.trust,
                "Policies": [{"PolicyName": POLICY_NAME, "PolicyDocument": self.policy}],
            },
        });
        let template = json!({
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": DESCRIPTION,
            "Resources": {"Role": role},
            "Outputs": {"RoleArn": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
        });
        format!("{}\n", pretty(&template))
    }

    /// Objects of JSON are expressions of HCL, in which two signs begin something else.
    fn terraform(&self) -> String {
        let expression = |value: &Value| pretty(value).replace("${", "$${").replace("%{", "%%{");
        format!(
            "resource \"aws_iam_role\" \"portico\" {{\n  name               = \"{}\"\n  description        = \"{DESCRIPTION}\"\n  assume_role_policy = jsonencode({})\n}}\n\n\
             resource \"aws_iam_role_policy\" \"portico\" {{\n  name   = \"{POLICY_NAME}\"\n  role   = aws_iam_role.portico.id\n  policy = jsonencode({})\n}}\n\n\
             output \"portico_role_arn\" {{\n  value = aws_iam_role.portico.arn\n}}\n",
            self.name,
            expression(self.trust),
            expression(self.policy)
        )
    }

    /// Nothing in it has a quotation mark of shells: names, ARNs and external ids are of other signs.
    fn aws_cli(&self) -> String {
        format!(
            "aws iam create-role --role-name '{name}' --description '{DESCRIPTION}' \\\n  --assume-role-policy-document '{trust}'\n\
             aws iam put-role-policy --role-name '{name}' --policy-name {POLICY_NAME} \\\n  --policy-document '{policy}'\n",
            name = self.name,
            trust = self.trust,
            policy = self.policy
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_something_in_hcl_is_a_text_there() {
        let (trust, policy) = (json!({"a": "${x} %{y}"}), json!({}));
        let role = Role { name: "r", policy: &policy, trust: &trust };
        assert!(role.terraform().contains("\"$${x} %%{y}\""));
    }
}
