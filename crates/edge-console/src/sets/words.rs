//! What the statements of a policy say, in the visitor's language: whole sentences of the parts that `policy::in_words` finds. Says neither more nor
//! less than the parts do.

use edge_portal::words::language::Language;
use policy::document::{Document, Effect};
use policy::in_words::{Acts, Extent, Name, Parts};

use crate::sets::sayable;

/// A statement, said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// Its `Sid`; its number from 1 where it has none.
    pub(crate) name: String,
    pub(crate) allows: bool,
    pub(crate) text: String,
    /// All of these must hold.
    pub(crate) clauses: Vec<String>,
}

/// Each statement.
pub(crate) fn said(language: Language, document: &Document) -> Vec<Said> {
    let parts = document.in_parts().into_iter();
    parts.enumerate().map(|(at, parts)| statement(language, at + 1, &parts)).collect()
}

fn statement(language: Language, number: usize, parts: &Parts) -> Said {
    let allows = parts.effect == Effect::Allow;
    let name = match (allows, parts.clauses.is_empty()) {
        (true, true) => "sets-allows",
        (true, false) => "sets-allows-if",
        (false, true) => "sets-denies",
        (false, false) => "sets-denies-if",
    };
    let acts = extent(
        &parts.acts,
        language,
        ["sets-acts-everything", "sets-acts-all-but", "sets-acts-nothing"],
        |one| acts(language, one),
    );
    let things = extent(
        &parts.things,
        language,
        ["sets-things-everything", "sets-things-all-but", "sets-things-nothing"],
        |thing| sayable::thing(language, thing),
    );
    Said {
        name: parts.sid.clone().unwrap_or_else(|| number.to_string()),
        allows,
        text: language.say(name).with("acts", acts).with("things", things).to_string(),
        clauses: parts.clauses.iter().map(|clause| sayable::clause(language, clause)).collect(),
    }
}

fn extent<T>(
    extent: &Extent<T>,
    language: Language,
    [everything, all_but, nothing]: [&'static str; 3],
    say: impl Fn(&T) -> String,
) -> String {
    let list = |list: &[T]| sayable::and(language, list.iter().map(&say).collect());
    match extent {
        Extent::Everything => language.say(everything).into(),
        Extent::Nothing => language.say(nothing).into(),
        Extent::Only(parts) => list(parts),
        Extent::AllBut(parts) => language.say(all_but).with("list", list(parts)).into(),
    }
}

/// Services as people know them. A service that is not among them is called as actions call it.
const SERVICES: [(&str, &str); 20] = [
    ("cloudformation", "CloudFormation"),
    ("cloudfront", "CloudFront"),
    ("cloudtrail", "CloudTrail"),
    ("cloudwatch", "CloudWatch"),
    ("dynamodb", "DynamoDB"),
    ("ec2", "EC2"),
    ("ecr", "ECR"),
    ("ecs", "ECS"),
    ("eks", "EKS"),
    ("iam", "IAM"),
    ("identitystore", "Identity Store"),
    ("kms", "KMS"),
    ("lambda", "Lambda"),
    ("organizations", "Organizations"),
    ("rds", "RDS"),
    ("s3", "S3"),
    ("sns", "SNS"),
    ("sqs", "SQS"),
    ("sso", "IAM Identity Center"),
    ("sts", "STS"),
];

fn acts(language: Language, acts: &Acts) -> String {
    let service = SERVICES.iter().find(|(known, _)| known.eq_ignore_ascii_case(&acts.service));
    let service = service.map_or(acts.service.as_str(), |(_, name)| name);
    if acts.names == [Name::Every] {
        return language.say("sets-acts-every").with("service", service).into();
    }
    let names = acts.names.iter().map(|name| match name {
        // One among others would be said above: it takes them all.
        Name::Every => language.say("sets-acts-every").with("service", service).into(),
        Name::Is(text) => text.clone(),
        Name::Begins(text) => language.say("sets-act-begins").with("text", text).into(),
        Name::Ends(text) => language.say("sets-act-ends").with("text", text).into(),
        Name::Contains(text) => language.say("sets-act-contains").with("text", text).into(),
        Name::Fits(text) => language.say("sets-act-fits").with("text", text).into(),
    });
    let names = sayable::and(language, names.collect());
    language.say("sets-acts-some").with("names", names).with("service", service).into()
}

#[cfg(test)]
mod tests {
    use policy::document::Kind;
    use serde_json::{Value, json};

    use super::*;

    fn told(language: Language, statement: &Value) -> Vec<Said> {
        let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        said(language, &Document::parse(&text, Kind::Identity).unwrap())
    }

    #[test]
    fn a_statement_is_said_in_plain_words() {
        let statement = json!({"Sid": "Read", "Effect": "Allow", "Action": ["s3:Get*", "s3:ListBucket", "sts:*"],
            "Resource": ["arn:aws:s3:::app-*", "arn:aws:s3:::logs/*"],
            "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.7"]}}});
        let english = told(Language::English, &statement).remove(0);
        assert_eq!(english.name, "Read");
        assert_eq!(
            english.text,
            "Allows actions that begin with “Get” and ListBucket of S3 and every action of STS on S3 buckets whose names begin with “app-” and \
             everything in them and everything in the S3 bucket “logs”, but only if all of this holds:"
        );
        assert_eq!(
            english.clauses,
            ["The caller’s address (aws:SourceIp) lies in one of 10.0.0.0/8, 192.0.2.7"]
        );
        let german = told(Language::German, &statement).remove(0);
        assert!(
            german.text.starts_with("Erlaubt in S3 Aktionen, die mit „Get“ beginnen, und ListBucket"),
            "{}",
            german.text
        );
    }

    #[test]
    fn nothing_is_left_out() {
        let cases = [
            (
                json!({"NotAction": "iam:*", "Resource": "*"}),
                "everything except every action of IAM, on everything.",
            ),
            (
                json!({"Action": "*", "NotResource": "arn:aws:s3:::a/b*"}),
                "everything on everything except objects in the S3 bucket “a” whose keys begin with “b”.",
            ),
            (json!({"NotAction": "*", "Resource": "*"}), "nothing at all on everything."),
            (
                json!({"Action": "xyz:*Tag?", "Resource": "arn:aws:xyz:eu-*:111122223333:a"}),
                "actions that fit “*Tag?” of xyz on whatever fits arn:aws:xyz:eu-*:111122223333:a.",
            ),
            (
                json!({"Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/app/*"}),
                "PassRole of IAM on roles in account 111122223333 whose paths and names begin with “app/”.",
            ),
        ];
        for (mut statement, expected) in cases {
            statement["Effect"] = json!("Deny");
            assert_eq!(told(Language::English, &statement)[0].text, format!("Denies {expected}"));
        }
    }

    #[test]
    fn conditions_say_what_becomes_of_an_absent_value() {
        for (condition, expected) in [
            (
                json!({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}),
                "aws:RequestedRegion is not “eu-west-1” (or has no value)",
            ),
            (
                json!({"StringEqualsIfExists": {"t:k": ["a", "b"]}}),
                "t:k is one of “a”, “b” (or has no value)",
            ),
            (
                json!({"ForAllValues:StringLike": {"aws:TagKeys": "a*"}}),
                "Every value of aws:TagKeys fits “a*” (or has no value)",
            ),
            (
                json!({"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}}),
                "At least one value of aws:TagKeys is not “a”",
            ),
            (json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), "aws:MultiFactorAuthPresent is true"),
            (json!({"Null": {"t:k": "true"}}), "t:k has no value"),
            (json!({"NumericLessThanEquals": {"t:k": "5"}}), "t:k is at most 5"),
            (
                json!({"DateLessThan": {"aws:CurrentTime": "2027-01-01"}}),
                "aws:CurrentTime is before 2027-01-01",
            ),
            (json!({"NumericNotEquals": {"t:k": "5"}}), "NumericNotEquals t:k [\"5\"]"),
        ] {
            let statement =
                json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
            assert_eq!(told(Language::English, &statement)[0].clauses, [expected]);
        }
    }

    #[test]
    fn no_two_statements_are_said_alike() {
        let resources = [
            "*",
            "arn:aws:s3:::a",
            "arn:aws:s3:::a*",
            "arn:aws:s3:::a/*",
            "arn:aws:s3:::a*/*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::*/*",
            "arn:aws:s3:::a/b",
            "arn:aws:s3:::a/b*",
            "arn:aws:s3:::a/*b",
            "arn:aws:s3:::a/*b*",
            "arn:aws:s3:::a/b*c",
            "arn:aws:iam::*:role/a",
            "arn:aws:iam::111122223333:role/a",
            "arn:aws:iam::*:user/a",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::aws:policy/a*",
            "arn:aws:sso:::account/*",
            "arn:aws:sso:::account/1*",
            "arn:aws:sso:::instance/*",
            "arn:aws:sso:::permissionSet/*",
            "arn:aws:sso:::permissionSet/a/*",
        ];
        let kinds = [
            ("Allow", "Action", "Resource"),
            ("Deny", "Action", "Resource"),
            ("Allow", "NotAction", "Resource"),
            ("Allow", "Action", "NotResource"),
        ];
        let actions = ["s3:a", "s3:a*", "s3:*a", "s3:*a*", "s3:*", "s3:a?", "ec2:a", "*"];
        let of = |(effect, act, on): (&str, &str, &str)| {
            let pairs =
                actions.iter().flat_map(|action| resources.iter().map(move |resource| (action, resource)));
            let pairs = pairs.map(|(action, resource)| json!({"Effect": effect, act: action, on: resource}));
            pairs.collect::<Vec<Value>>()
        };
        let statements: Vec<Value> = kinds.into_iter().flat_map(of).collect();
        let in_all =
            |statement: &Value| Language::ALL.map(|language| told(language, statement)[0].text.clone());
        let mut all: Vec<String> = statements.iter().flat_map(in_all).collect();
        assert!(!all.iter().any(|text| text.contains("sets-")), "every message is there");
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
