//! What other services are answered about their callers.

use std::sync::Arc;

use model::access::{Context, Decision, Question};
use policy::document::Document;
use policy::evaluate::PolicySet;
use policy::require::judge;
use policy::resource;
use serde_json::json;

use crate::require::{OWN, account, document, jane};

#[test]
fn what_another_service_is_answered_says_what_may_be_made_up_for() {
    const STORAGE: &str = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
    let all = || document(&json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    let reads = || document(&json!({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}));
    let never = || document(&json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"}));
    let given = |identity: Vec<Arc<Document>>| PolicySet { identity, ..PolicySet::default() };
    let unknown = || vec![STORAGE.to_owned()];
    for (set, own, other, says) in [
        (given(vec![all()]), "allowed", "implicit", ""),
        (given(vec![reads()]), "implicit", "explicit", "no identity-based policy allows"),
        (given(vec![all(), never()]), "explicit", "explicit", "explicit deny in an identity-based policy"),
        (
            PolicySet { boundary: Some(reads()), ..given(vec![all()]) },
            "explicit",
            "explicit",
            "no permissions boundary allows",
        ),
        (
            PolicySet { service_control: vec![vec![all()], vec![reads()]], ..given(vec![all()]) },
            "explicit",
            "explicit",
            "no service control policy allows",
        ),
        (PolicySet { managed: unknown(), ..given(vec![all()]) }, "explicit", "explicit", STORAGE),
        (
            PolicySet { managed: unknown(), ..given(vec![all(), never()]) },
            "explicit",
            "explicit",
            "explicit deny in an identity-based policy",
        ),
    ] {
        let cx = jane(set.clone());
        for (owner, want) in [(OWN, own), ("999999999999", other)] {
            let resource = resource::owned("arn:aws:s3:::books/1", &account(owner));
            let context = Context::new();
            let question = Question { action: "s3:PutObject", resource: &resource, context: &context };
            let (decision, reason) = judge(&cx, &question);
            let got = match decision {
                Decision::Allow => "allowed",
                Decision::ImplicitDeny => "implicit",
                Decision::ExplicitDeny(_) => "explicit",
            };
            assert_eq!((got, reason.is_none()), (want, want == "allowed"), "{owner}: {set:?}");
            if owner == OWN {
                assert!(reason.unwrap_or_default().contains(says), "{says}: {set:?}");
            }
        }
    }
}
