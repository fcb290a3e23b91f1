//! GetAccountBootstrap: what an administrator runs in an account before it is connected. It makes a role that may do what provisioning needs there, and no more.
//! Nothing is asked there, and nothing of it is kept here.

use broker::aws::least_privilege::{policy, trust};
use model::accounts::account::AccountId;
use model::accounts::account_bootstrap::{AccountBootstrap, BootstrapAsk, BootstrapFormat};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::instance::InstanceId;
use serde_json::{Value, json};
use store::accounts::{account_connections, organization_connections};
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
        let path = match (ask.role_path, connection) {
            (Some(path), _) => Some(path),
            (None, Some(connection)) => connection.settings.role_path,
            (None, None) => match store::accounts::accounts::follows(rx, account)? {
                Some(id) => {
                    organization_connections::find(rx, &id)?.and_then(|found| found.settings.role_path)
                }
                None => None,
            },
        };
        let path = path.unwrap_or_else(|| broker::local::path(&instance.region));
        check_path(&path)?;
        let (policy, trust) =
            (policy(account.as_str(), &path), trust(&ask.trusted_principal_arn, ask.external_id.as_deref()));
        let role = Role { name: &ask.role_name, path: &path, policy: &policy, trust: &trust };
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

/// Refuses a path that is no part of a name alone: in a policy `*`, `?` and `$` are more than they are, in a shell other signs too.
fn check_path(path: &str) -> Result<(), Fault> {
    if path == "/" {
        return Err(Fault::validation(
            "RolePath is /: the role could change every role of the account, itself too. Give a path for the roles of permission sets, such as /portico/",
        ));
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_/-".contains(&byte);
    if let Some(sign) = path.chars().find(|sign| !u8::try_from(*sign).is_ok_and(is_plain)) {
        return Err(Fault::validation(format!(
            "RolePath holds '{sign}': in what is run there it may hold nothing but letters, digits and +=,.@_/-"
        )));
    }
    Ok(())
}

/// What stands for the account's id in a template, so that one text is good for a stack set over many.
const ACCOUNT_OF_STACK: &str = "${AWS::AccountId}";

/// Texts that name the account are put together by CloudFormation.
fn substituted(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains(ACCOUNT_OF_STACK) => json!({"Fn::Sub": text}),
        Value::Array(all) => all.into_iter().map(substituted).collect(),
        Value::Object(all) => all.into_iter().map(|(name, value)| (name, substituted(value))).collect(),
        other => other,
    }
}

struct Role<'a> {
    name: &'a str,
    path: &'a str,
    policy: &'a Value,
    trust: &'a Value,
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}

impl Role<'_> {
    fn cloud_formation(&self) -> String {
        let policy = substituted(policy(ACCOUNT_OF_STACK, self.path));
        let role = json!({
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": self.name,
                "Description": DESCRIPTION,
                "AssumeRolePolicyDocument": self.trust,
                "Policies": [{"PolicyName": POLICY_NAME, "PolicyDocument": policy}],
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

    /// Nothing in it has a quotation mark of shells: names, ARNs, external ids and the path are of other signs.
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
        let role = Role { name: "r", path: "/x/", policy: &policy, trust: &trust };
        assert!(role.terraform().contains("\"$${x} %%{y}\""));
    }

    #[test]
    fn a_path_is_part_of_a_name_and_nothing_else() {
        assert!(check_path("/aws-reserved/sso.amazonaws.com/eu-west-1/").is_ok());
        for bad in ["/", "/x';id;'/", "/*/", "/a?/", "/${aws:username}/", "/`id`/", "/a b/", "/é/"] {
            assert!(check_path(bad).is_err(), "{bad}");
        }
    }
}
