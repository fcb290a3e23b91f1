//! The resources of statements: `*`, or an ARN with wildcards whose parts can be those of something. A slip here would be a statement
//! that matches nothing, which an Allow survives and a Deny does not. IAM user guide, "IAM JSON policy elements: Resource" and "Variables and
//! tags"; what IAM refuses beyond them is known from its answers. Does not match anything itself.

use crate::wildcard::{matches, pattern};

const PARTITIONS: &[&str] =
    &["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"];
/// Services whose ARNs have no Region.
const NO_REGION: &[&str] = &["iam", "identitystore", "organizations", "sso", "sts"];
/// What the last part of an ARN of IAM can begin with.
const IAM_PATHS: &[&str] = &[
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
    "role-template/",
];

/// Whether a text can stand as a resource; the error says what is wrong with it.
pub(crate) fn check(text: &str, variables: bool) -> Result<(), String> {
    if text == "*" {
        return Ok(());
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
    if part(0) != "arn" {
        return Err("must be '*' or an ARN".to_owned());
    }
    if variables && parts.iter().take(5).any(|part| part.contains("${")) {
        return Err("has a variable before its fifth colon".to_owned());
    }
    let (partition, service, region, account) = (part(1), part(2), part(3), part(4));
    if service.is_empty() || is_wild(service) {
        return Err("must name its service in full, without wildcards".to_owned());
    }
    let wanted = pattern(partition);
    if !PARTITIONS.iter().any(|known| matches(&wanted, known)) {
        return Err(format!("has the partition {partition:?}, which does not exist"));
    }
    // IAM takes a service with nothing but a star behind it: the star stands for the rest.
    if parts.len() == 4 && region.ends_with('*') {
        return Ok(());
    }
    if parts.len() < 6 {
        return Err(format!("has {} parts, and an ARN has 6", parts.len()));
    }
    check_region(service, region, account)?;
    check_account(account)?;
    check_path(service, part(5))
}

fn is_wild(part: &str) -> bool {
    part.contains(['*', '?'])
}

fn check_region(service: &str, region: &str, account: &str) -> Result<(), String> {
    let none = match service {
        // IAM takes no wildcard here either.
        "iam" => true,
        // Buckets have neither Region nor account; access points have both.
        "s3" => account.is_empty(),
        _ => NO_REGION.contains(&service) && !is_wild(region),
    };
    if region.is_empty() || !none {
        return Ok(());
    }
    Err(format!("has the Region {region:?}, and these ARNs of {service} have none"))
}

/// An account is twelve digits; AWS's own things have a word instead (`aws`).
fn check_account(account: &str) -> Result<(), String> {
    let digits = account.bytes().filter(|byte| *byte != b'*').count();
    let is_word = account.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let is_number = account.bytes().all(|byte| byte.is_ascii_digit() || b"*?".contains(&byte))
        && (digits == 12 || (account.contains('*') && digits < 12));
    if is_word || is_number {
        return Ok(());
    }
    Err(format!("has the account {account:?}, which is not 12 digits"))
}

fn check_path(service: &str, path: &str) -> Result<(), String> {
    let known = ["*", "root"].contains(&path) || IAM_PATHS.iter().any(|start| path.starts_with(start));
    if service != "iam" || known || path.starts_with("${") {
        return Ok(());
    }
    Err(format!(
        "has the path {path:?}, which is none of IAM's: *, root, or what begins with {}",
        IAM_PATHS.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_iam_takes() {
        for text in [
            "*",
            "arn:aws:s3:::bucket",
            "arn:*:s3:::bucket/${aws:PrincipalTag/x}",
            "arn:aws-*:s3:::bucket",
            "arn:aws:s3:*",
            "arn:aws:s3:us-east-1:111122223333:accesspoint/a",
            "arn:aws:iam::111122223333:role/x",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::1111*:root",
            "arn:aws:iam::1111?2223333:*",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::111122223333:${aws:PrincipalTag/x}",
            "arn:aws:ec2:*:amazon:image/*",
            "arn:aws:organizations:*:*:*",
            // One of AWS's own policies has it.
            "arn:aws:organizations::*:",
            "arn:aws:logs:eu-*:111122223333:log-group:a:*",
        ] {
            assert_eq!(check(text, true), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_would_match_nothing() {
        for (text, why) in [
            ("instance/x", "must be '*' or an ARN"),
            ("${aws:x}", "must be '*' or an ARN"),
            ("arn:aws:sso::${aws:x}:instance/a", "variable before its fifth colon"),
            ("arn:aws", "must name its service"),
            ("arn:aws:*", "must name its service"),
            ("arn:aws:s*:::instance/a", "must name its service"),
            ("arn:awss:s3:::bucket", "partition \"awss\""),
            ("arn:AWS:s3:::bucket", "partition \"AWS\""),
            ("arn::s3:::bucket", "partition \"\""),
            ("arn:aws:s3::bucket", "5 parts"),
            ("arn:aws:s3:bucket", "4 parts"),
            ("arn:aws:s3", "3 parts"),
            ("arn:aws:s3::*", "5 parts"),
            ("arn:aws:iam::111122223333:", "none of IAM's"),
            ("arn:aws:iam::11112222333:role/x", "account \"11112222333\""),
            ("arn:aws:iam::1111222233334:role/x", "12 digits"),
            ("arn:aws:iam::1111-2222-3333:role/x", "12 digits"),
            ("arn:aws:iam::1111*111122223333:role/x", "12 digits"),
            ("arn:aws:iam::111122223333:roles/x", "path \"roles/x\""),
            ("arn:aws:iam::111122223333:role", "none of IAM's"),
            ("arn:aws:iam::111122223333:*/x", "none of IAM's"),
            ("arn:aws:iam:us-east-1:111122223333:role/x", "Region \"us-east-1\""),
            ("arn:aws:iam:*:111122223333:role/x", "Region \"*\""),
            ("arn:aws:sso:us-east-1::instance/ssoins-1", "Region"),
            ("arn:aws:s3:us-east-1::bucket", "Region"),
        ] {
            let told = check(text, true).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}
