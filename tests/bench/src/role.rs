//! Somebody who may read the directory by a role of the management account: its permission set, assignment and credentials, made through the API
//! as anybody would. Knows nothing of what is measured with them.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::company;
use crate::http::Connection;
use crate::sign::Key;
use crate::world::World;

/// Whose credentials they are: nobody among those who are signed in for the load.
const PERSON: usize = 0;
const ROLE: &str = "BenchReader";

impl World {
    /// Makes the role, and an empty group for those who come and go.
    pub(crate) async fn make_role(&mut self) -> anyhow::Result<()> {
        let mut connection = Connection::new(self.process.address);
        let connection = &mut connection;
        let group = json!({"IdentityStoreId": self.identity_store, "DisplayName": "bench-idle"});
        let group = self.ask(connection, "identitystore", "AWSIdentityStore.CreateGroup", &group).await?;
        self.idle_group = text(&group, "GroupId")?;
        let set = json!({"InstanceArn": self.instance_arn, "Name": ROLE, "SessionDuration": "PT12H"});
        let set = self.ask(connection, "sso", "SWBExternalService.CreatePermissionSet", &set).await?;
        let set = text(&set["PermissionSet"], "PermissionSetArn")?;
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "identitystore:Describe*", "Resource": "*"},
        ]});
        let policy = json!({"InstanceArn": self.instance_arn, "PermissionSetArn": set, "InlinePolicy": policy.to_string()});
        self.ask(connection, "sso", "SWBExternalService.PutInlinePolicyToPermissionSet", &policy).await?;
        let assignment = json!({
            "InstanceArn": self.instance_arn, "TargetId": self.management_account, "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": set, "PrincipalType": "USER", "PrincipalId": company::user_id(PERSON),
        });
        self.ask(connection, "sso", "SWBExternalService.CreateAccountAssignment", &assignment).await?;
        let form = self.sign_in_page().await?;
        let signed_in = self.authorize(connection, &form, PERSON).await?;
        let path = format!("/federation/credentials?role_name={ROLE}&account_id={}", self.management_account);
        let request = crate::rows::portal(self, &path, &signed_in.access_token);
        for _ in 0..50 {
            let answer = connection.call(&request).await?;
            if answer.status == 200 {
                let made = answer.json()?;
                let made = &made["roleCredentials"];
                self.role = Some(Key {
                    id: text(made, "accessKeyId")?,
                    secret: text(made, "secretAccessKey")?,
                    session_token: Some(text(made, "sessionToken")?),
                    host: self.key.host.clone(),
                });
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("the assignment of {ROLE} did not come about")
    }

    /// Asks as the administrator.
    pub(crate) async fn ask(
        &self,
        connection: &mut Connection,
        service: &str,
        target: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let request = self.key.call(service, target, &body.to_string());
        connection.call(&request).await?.expect(200).context(target.to_owned())?.json()
    }
}

fn text(answer: &Value, name: &str) -> anyhow::Result<String> {
    answer[name].as_str().map(str::to_owned).with_context(|| format!("no {name} in {answer}"))
}
