//! Principals of trust policies: who they name, and their grammar. IAM user guide, "AWS JSON policy elements: Principal". Knows nothing
//! of statements.

use serde_json::Value;

/// What kind of principal a pattern names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// Accounts, roles, users and their sessions; `*` for anybody who has AWS credentials.
    Aws,
    /// An identity provider.
    Federated,
    /// An AWS service.
    Service,
    /// An S3 user; never a caller here.
    CanonicalUser,
}

/// A principal of a trust policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalPattern {
    /// Its kind.
    pub kind: PrincipalKind,
    /// An ARN, an account id, a service name, or `*`.
    pub value: String,
}

impl PrincipalPattern {
    /// Whether it names a whole account, or anybody at all.
    pub fn is_account(&self, account: &str) -> bool {
        let root = || self.value.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"));
        self.kind == PrincipalKind::Aws
            && (self.value == "*" || self.value == account || root().is_some_and(|id| id == account))
    }

    /// Reads a `Principal` element. The error says what is wrong with it.
    pub(crate) fn read_all(element: &Value) -> Result<Vec<Self>, String> {
        let kinds = match element {
            Value::String(all) if all == "*" => {
                return Ok(vec![Self { kind: PrincipalKind::Aws, value: all.clone() }]);
            }
            Value::Object(kinds) if !kinds.is_empty() => kinds,
            _ => return Err("Principal must be '*' or an object that names one at least".to_owned()),
        };
        let mut all = Vec::new();
        for (name, values) in kinds {
            let kind = match name.as_str() {
                "AWS" => PrincipalKind::Aws,
                "Federated" => PrincipalKind::Federated,
                "Service" => PrincipalKind::Service,
                "CanonicalUser" => PrincipalKind::CanonicalUser,
                _ => return Err(format!("Principal has the unknown element {name}")),
            };
            let values = match values {
                Value::Array(many) => many.as_slice(),
                one => std::slice::from_ref(one),
            };
            if values.is_empty() {
                return Err(format!("Principal {name} names nobody"));
            }
            for value in values {
                let value = value.as_str().filter(|value| is_sane(kind, value));
                let value = value.ok_or_else(|| format!("Principal {name} {values:?} is not a principal"))?;
                all.push(Self { kind, value: value.to_owned() });
            }
        }
        Ok(all)
    }
}

/// A principal is named in full: a star stands for everybody, or for nothing.
fn is_sane(kind: PrincipalKind, value: &str) -> bool {
    let named = !value.is_empty() && value.len() <= 2_048 && !value.contains(['*', '?']);
    match kind {
        PrincipalKind::Aws => {
            let account = value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit());
            value == "*"
                || account
                || (named && value.starts_with("arn:") && value.splitn(6, ':').count() == 6)
        }
        PrincipalKind::Federated | PrincipalKind::Service | PrincipalKind::CanonicalUser => named,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_may_be_named() {
        for good in [
            json!("*"),
            json!({"AWS": "*"}),
            json!({"AWS": ["111122223333", "arn:aws:iam::111122223333:root"]}),
            json!({"AWS": "arn:aws:sts::111122223333:assumed-role/R/s", "Service": "ec2.amazonaws.com"}),
            json!({"Federated": "arn:aws:iam::111122223333:saml-provider/P"}),
        ] {
            assert!(PrincipalPattern::read_all(&good).is_ok(), "{good}");
        }
        for bad in [
            json!({}),
            json!([]),
            json!("jane"),
            json!({"AWS": []}),
            json!({"AWS": "arn:aws:iam::111122223333:role/*"}),
            json!({"AWS": "11112222333"}),
            json!({"AWS": 111_122_223_333_u64}),
            json!({"aws": "*"}),
            json!({"Federated": "*"}),
            json!({"Service": ""}),
        ] {
            assert!(PrincipalPattern::read_all(&bad).is_err(), "{bad}");
        }
    }
}
