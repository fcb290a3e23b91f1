//! Accounts and organizations of the world that operations on connections are called about: some that are connected, to where nobody answers, and some that are
//! not yet.

use accounts::accounts::NewAccount;
use model::accounts::account::AccountId;
use model::accounts::account_drift::{
    DriftFinding, DriftFound, DriftKind, DriftResource, FindingId, FindingStatus,
};
use model::accounts::organizational_unit::UnitPath;
use model::cx::Cx;
use serde_json::json;
use store::accounts::drift_findings;
use store::tx::Tx;

use crate::world::INSTANCE;
use crate::world::World;

const CONNECTED: &str = "555566667777";
const VACANT: &str = "666677778888";
/// Connected too, and looked at: a check holds an account on its side.
const LOOKED_AT: &str = "555566668888";
/// Connected too: requests in it go on, since nobody answers.
const UNANSWERED: &str = "555566669999";
/// Organizations that are followed, and one that is not.
const FOLLOWED: &str = "o-a1b2c3d4e5";
const UNFOLLOWED: &str = "o-b1b2c3d4e5";
const FRESH: &str = "o-c1b2c3d4e5";

/// A role that should not be there.
fn finding(cx: &Cx, id: &str) -> DriftFinding {
    DriftFinding {
        id: FindingId::trusted(id),
        account_id: AccountId::trusted(LOOKED_AT),
        found: DriftFound {
            resource: DriftResource::Role,
            arn: format!("arn:aws:iam::{LOOKED_AT}:role/{id}"),
            permission_set_id: None,
            kind: DriftKind::Unexpected,
            differences: Vec::new(),
        },
        status: FindingStatus::Open,
        found_by: "somebody".to_owned(),
        found_at: cx.now,
        decided_by: None,
        decided_at: None,
        reason: None,
    }
}

impl World {
    /// Them, and how those that are connected are reached.
    pub(crate) async fn connections(&mut self) {
        let insert = |tx: &mut Tx<'_>, cx: &Cx| {
            for account in [CONNECTED, VACANT, LOOKED_AT, UNANSWERED] {
                let new = NewAccount {
                    id: Some(AccountId::trusted(account)),
                    name: format!("a{account}"),
                    email: format!("{account}@example.com"),
                    path: UnitPath::ROOT,
                };
                accounts::accounts::insert_in(tx, cx, &new, "CREATED")?;
            }
            Ok(())
        };
        self.served.app.store.write(&self.cx(), insert).await.unwrap();
        let nowhere = "https://127.0.0.1:1";
        let configuration =
            json!({"AccessKeyId": "AKIAEXAMPLE", "IamEndpoint": nowhere, "StsEndpoint": nowhere});
        for account in [CONNECTED, LOOKED_AT, UNANSWERED] {
            let input = json!({"InstanceArn": INSTANCE, "AccountId": account, "Configuration": configuration, "SecretAccessKey": "secret"});
            self.made("portico", "CreateAccountConnection", input).await;
        }
        let configuration =
            json!({"AccessKeyId": "AKIAEXAMPLE", "OrganizationsEndpoint": nowhere, "StsEndpoint": nowhere});
        for organization in [FOLLOWED, UNFOLLOWED] {
            let input = json!({"InstanceArn": INSTANCE, "OrganizationId": organization, "Configuration": configuration, "SecretAccessKey": "secret"});
            self.made("portico", "CreateOrganizationConnection", input).await;
        }
        let organizations =
            [("followed", FOLLOWED), ("unfollowed", UNFOLLOWED), ("fresh_organization", FRESH)];
        self.words.extend(organizations.map(|(word, id)| (word, id.to_owned())));
        for (word, person) in [("going_on", "user"), ("to_be_cancelled", "other")] {
            let input = json!({"InstanceArn": INSTANCE, "TargetId": UNANSWERED, "TargetType": "AWS_ACCOUNT", "PermissionSetArn": self.word("set"),
                               "PrincipalType": "USER", "PrincipalId": self.word(person)});
            let asked = self.made("sso-admin", "CreateAccountAssignment", input).await;
            let id = asked["AccountAssignmentCreationStatus"]["RequestId"].as_str().unwrap().to_owned();
            self.words.insert(word, id);
        }
        let found = ["aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"];
        let drift = move |tx: &mut Tx<'_>, cx: &Cx| {
            for id in found {
                drift_findings::insert(tx, &finding(cx, id), "none")?;
            }
            Ok(())
        };
        self.served.app.store.write(&self.cx(), drift).await.unwrap();
        self.words.extend([("to_be_repaired", found[0].to_owned()), ("to_be_accepted", found[1].to_owned())]);
        self.words.extend([("connected", CONNECTED.to_owned()), ("vacant", VACANT.to_owned())]);
        self.words.insert("looked_at", LOOKED_AT.to_owned());
    }
}
