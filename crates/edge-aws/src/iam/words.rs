//! What IAM writes alike everywhere: documents, dates, tags.

use model::accounts::iam_group::IamGroup;
use model::instances::tag::Tags;
use model::timestamp::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use policy::managed;
use wire::generated::iam::shapes::{AttachedPermissionsBoundary, AttachedPolicy, Group, Tag};
use wire::timestamp::EpochSeconds;

/// IAM hands policy documents out percent-encoded (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// Rows of a page at most.
const PAGE_MAX: i64 = 1_000;

pub(crate) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, UNRESERVED).to_string()
}

pub(crate) fn date(moment: Timestamp) -> EpochSeconds {
    EpochSeconds(moment.epoch_seconds())
}

pub(crate) fn limit(max_items: Option<i64>) -> Option<i64> {
    max_items.map(|max| max.min(PAGE_MAX))
}

pub(crate) fn tags(tags: Tags) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key, value }).collect()
}

/// Tags as they came.
pub(crate) fn given(tags: Vec<Tag>) -> Vec<(String, String)> {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

/// A boundary.
pub(crate) fn boundary(arn: String) -> AttachedPermissionsBoundary {
    AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(arn),
    }
}

/// A policy that is attached.
pub(crate) fn attached(arn: String) -> AttachedPolicy {
    AttachedPolicy { policy_name: Some(managed::name(&arn).to_owned()), policy_arn: Some(arn) }
}

/// Those of attached policies that are below a path.
pub(crate) fn below(mut arns: Vec<String>, prefix: Option<String>) -> Vec<String> {
    let prefix = prefix.unwrap_or_else(|| "/".to_owned());
    arns.retain(|arn| managed::path(arn).starts_with(&prefix));
    arns
}

/// A group.
pub(crate) fn group(group: IamGroup) -> Group {
    Group {
        arn: group.arn(),
        path: group.path,
        group_name: group.name,
        group_id: group.id,
        create_date: date(group.created_at),
    }
}
