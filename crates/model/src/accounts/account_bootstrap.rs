//! What an administrator runs in an account before it is connected. Values only.

use serde::{Deserialize, Serialize};

use crate::words::words;

/// What the role is called where nobody says otherwise.
pub const BOOTSTRAP_ROLE_NAME: &str = "PorticoProvisioning";

words! {
    /// In which language.
    BootstrapFormat {
        /// A template of CloudFormation, in JSON.
        CloudFormation = "CLOUDFORMATION",
        /// Resources of Terraform's AWS provider.
        Terraform = "TERRAFORM",
        /// Commands of the AWS CLI, for a shell of POSIX.
        AwsCli = "AWS_CLI",
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootstrapAsk {
    /// In which language.
    pub format: BootstrapFormat,
    /// Who takes the role: whose key the connection has.
    pub trusted_principal_arn: String,
    /// What they have to say, besides.
    pub external_id: Option<String>,
    /// What the role is called.
    pub role_name: String,
    /// The path of roles that permission sets become; that of the connection, or as at AWS, where nothing is said.
    pub role_path: Option<String>,
}

/// It, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBootstrap {
    /// The role that it makes: what goes into the connection as `RoleArn`.
    pub role_arn: String,
    /// In which language.
    pub format: BootstrapFormat,
    /// The text.
    pub template: String,
    /// What the role may do.
    pub policy: String,
    /// Who may take it.
    pub trust: String,
}
