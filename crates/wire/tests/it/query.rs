//! Calls of the Query protocol as clients spell them, and answers as clients read them.

use serde_json::json;
use wire::generated::iam::roles::{GetRole, ListRoles};
use wire::generated::sts::sessions::AssumeRole;
use wire::operation::Operation;
use wire::query::Form;
use wire::xml;

use crate::operations::HOW;

fn input<O: Operation>(body: &str) -> O::Input {
    let form = Form::parse(body.as_bytes()).unwrap();
    assert_eq!(form.get("Action"), Some(O::META.name));
    assert_eq!(form.get("Version"), Some(O::META.api_version));
    wire::input::take::<O>(&form.input(O::META.input).unwrap(), HOW).unwrap().given
}

#[test]
fn assume_role_with_lists_of_structures() {
    let read = input::<AssumeRole>(
        "Version=2011-06-15&Action=AssumeRole&RoleSessionName=testAR&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo\
         &PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fdemopolicy1\
         &PolicyArns.member.2.arn=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Fdemopolicy2\
         &DurationSeconds=3600&Tags.member.1.Key=Project&Tags.member.1.Value=Pegasus&Tags.member.10.Key=Cost-Center\
         &Tags.member.10.Value=98765&Tags.member.2.Key=Team&Tags.member.2.Value=a%2Bb%20c&TransitiveTagKeys.member.1=Project",
    );
    let tags: Vec<_> = read.tags.unwrap().into_iter().map(|tag| (tag.key, tag.value)).collect();
    let wanted = [("Project", "Pegasus"), ("Team", "a+b c"), ("Cost-Center", "98765")];
    assert_eq!(tags, wanted.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(read.policy_arns.unwrap().len(), 2);
    assert_eq!(read.duration_seconds, Some(3600));
    assert_eq!(read.transitive_tag_keys, Some(vec!["Project".to_owned()]));
}

#[test]
fn absent_and_empty_are_told_apart() {
    let read = input::<ListRoles>("Action=ListRoles&Version=2010-05-08&PathPrefix=%2F&MaxItems=5");
    assert_eq!((read.path_prefix.as_deref(), read.max_items, read.marker), (Some("/"), Some(5), None));
    let form = Form::parse(b"Action=ListRoles&Version=2010-05-08&Marker=").unwrap();
    let refused =
        wire::input::take::<ListRoles>(&form.input(ListRoles::META.input).unwrap(), HOW).err().unwrap();
    assert_eq!(
        refused.message().split(';').next(),
        Some(
            "2 validation errors detected: Value '' at 'marker' failed to satisfy constraint: \
              Member must have length greater than or equal to 1"
        )
    );
}

#[test]
fn times_in_answers_are_iso8601() {
    let output = json!({"Role": {"Path": "/", "RoleName": "R", "RoleId": "AROAEXAMPLE", "Arn": "arn:aws:iam::111122223333:role/R",
        "CreateDate": 1_650_989_104.461, "Tags": [{"Key": "k", "Value": "<v>"}]}});
    let text = String::from_utf8(xml::answer(GetRole::META, &output, "id-1")).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let of = |name: &str| {
        document
            .descendants()
            .find(|node| node.has_tag_name(("https://iam.amazonaws.com/doc/2010-05-08/", name)))
            .and_then(|node| node.text().map(str::to_owned))
    };
    assert_eq!(of("CreateDate").as_deref(), Some("2022-04-26T16:05:04Z"));
    assert_eq!(of("Value").as_deref(), Some("<v>"));
    assert_eq!(of("RequestId").as_deref(), Some("id-1"));
}
