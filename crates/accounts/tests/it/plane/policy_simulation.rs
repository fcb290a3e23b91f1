//! What policies would say of calls that nobody made.

use accounts::iam_groups;
use accounts::policy_simulation::{
    Answer, Named, PolicySimulation, Source, custom, keys_of_custom, keys_of_principal, principal,
};
use accounts::users::{self, NewUser};
use accounts::{roles, user_policies};
use model::access::{Context, Decision};
use model::cx::Cx;
use model::fault::{Fault, FaultKind};
use model::page::PageScope;
use serde_json::{Value, json};

use crate::plane::policies::{allow, iam, made, new};
use crate::plane::support::{ADMIN, MANAGEMENT, MEMBER, World, refused};

const INVALID: FaultKind = FaultKind::Service("InvalidInput");
const NONE: FaultKind = FaultKind::Service("NoSuchEntity");

fn document(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn asked(policies: &[String], actions: &[&str]) -> PolicySimulation {
    PolicySimulation {
        policies: policies.to_vec(),
        boundary: None,
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        resources: vec!["*".to_owned()],
        context: Context::new(),
    }
}

fn page(rows: i64, after: Option<&str>) -> model::page::PageRequest {
    let scope = PageScope::new("Simulate", &[]);
    scope.request(Some(rows), after.map(|key| scope.encode(key)).as_deref(), 100).unwrap()
}

fn of_principal(world: &World, cx: &Cx, arn: &str, asked: &PolicySimulation) -> Result<Vec<Answer>, Fault> {
    principal(&world.fixture.store, cx, arn, asked, &page(100, None)).map(|found| found.items)
}

fn named(id: &str, source: Source) -> Named {
    Named { id: id.to_owned(), source }
}

testkit::on_both_engines!(given_policies_are_held_against_given_keys, |fixture| async move {
    let world = World::new(fixture).await;
    let cx = iam(&world, MEMBER);
    let policies = [
        document(
            &json!({"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::books/${aws:username}/*"}),
        ),
        document(
            &json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "60"}}}),
        ),
    ];
    let mut ask = asked(&policies, &["s3:GetObject", "s3:PutObject"]);
    ask.resources = vec!["arn:aws:s3:::books/jane/1".to_owned()];
    let answers = |ask: &PolicySimulation| custom(&cx, ask, &page(100, None)).unwrap().items;
    let bare = answers(&ask);
    assert_eq!(
        bare.iter().map(|one| one.action.as_str()).collect::<Vec<_>>(),
        ["s3:GetObject", "s3:PutObject"]
    );
    assert_eq!((&bare[0].decision, bare[0].within_boundary), (&Decision::ImplicitDeny, None));
    assert_eq!(bare[0].missing, ["aws:MultiFactorAuthAge", "aws:username"]);
    ask.context.insert("aws:UserName".to_owned(), vec!["jane".to_owned()]);
    let told = answers(&ask);
    assert_eq!((&told[0].decision, &told[1].decision), (&Decision::Allow, &Decision::ImplicitDeny));
    assert_eq!(told[0].matched, [named("PolicyInputList.1", Source::None)]);
    ask.context.insert("aws:MultiFactorAuthAge".to_owned(), vec!["61".to_owned()]);
    let late = answers(&ask);
    assert!(matches!(late[0].decision, Decision::ExplicitDeny(_)));
    assert_eq!(late[0].matched, [named("PolicyInputList.2", Source::None)]);
    assert_eq!(keys_of_custom(&cx, &policies).unwrap(), ["aws:MultiFactorAuthAge", "aws:username"]);

    ask.context.remove("aws:MultiFactorAuthAge");
    ask.boundary = Some(allow("s3:PutObject"));
    let bounded = answers(&ask);
    assert_eq!((&bounded[0].decision, bounded[0].within_boundary), (&Decision::ImplicitDeny, Some(false)));
    assert_eq!((&bounded[1].decision, bounded[1].within_boundary), (&Decision::ImplicitDeny, Some(true)));

    // Page by page, in the order in which they were asked.
    let many = asked(&[allow("s3:*")], &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
    let first = custom(&cx, &many, &page(2, None)).unwrap();
    let second = custom(&cx, &many, &page(2, first.next.as_deref())).unwrap();
    let actions: Vec<&str> = first.items.iter().chain(&second.items).map(|one| one.action.as_str()).collect();
    assert_eq!((actions, second.next), (vec!["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], None));

    // Large policies make a short page, and nothing is lost.
    let statement = json!({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"});
    let large = document(&json!(vec![statement; 400]));
    let wide =
        PolicySimulation { policies: vec![large; 150], ..asked(&[], &["s3:ListBucket", "s3:GetObject"]) };
    let first = custom(&cx, &wide, &page(2, None)).unwrap();
    let second = custom(&cx, &wide, &page(2, first.next.as_deref())).unwrap();
    assert_eq!((first.items.len(), second.items.len(), second.next), (1, 1, None));

    for wrong in ["GetObject", "s3:", "s3:Get*", "*"] {
        assert_eq!(refused(custom(&cx, &asked(&policies, &[wrong]), &page(1, None))), INVALID, "{wrong}");
    }
    assert_eq!(refused(custom(&cx, &asked(&["{".to_owned()], &["s3:GetObject"]), &page(1, None))), INVALID);
    let mut flood = asked(&policies, &["s3:GetObject"; 1_000]);
    flood.resources = vec!["*".to_owned(); 101];
    assert_eq!(refused(custom(&cx, &flood, &page(1, None))), INVALID);
});

testkit::on_both_engines!(a_principal_has_what_binds_it_now, |fixture| async move {
    let world = World::new(fixture).await;
    let (store, cx) = (&world.fixture.store, iam(&world, MEMBER));
    let user = NewUser {
        name: "robot".to_owned(),
        path: "/team/".to_owned(),
        permissions_boundary: None,
        tags: Vec::new(),
    };
    let (user, _) = users::create(store, &cx, user).await.unwrap();
    let own = made(&world, MEMBER, new("/", "reads", "s3:GetObject")).await;
    user_policies::attach(store, &cx, "robot", own).await.unwrap();
    user_policies::put_inline(store, &cx, "robot", ("writes".to_owned(), allow("s3:PutObject")))
        .await
        .unwrap();
    iam_groups::create(store, &cx, "crew".to_owned(), "/".to_owned()).await.unwrap();
    iam_groups::put_inline(store, &cx, "crew", ("lists".to_owned(), allow("s3:ListBucket"))).await.unwrap();
    iam_groups::add_user(store, &cx, "crew", "robot".to_owned()).await.unwrap();
    let ask = asked(&[], &["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:DeleteObject"]);
    let answers = of_principal(&world, &cx, &user.arn(), &ask).unwrap();
    let allowed: Vec<bool> = answers.iter().map(|one| one.decision == Decision::Allow).collect();
    assert_eq!(allowed, [true, true, true, false]);
    assert_eq!(answers[0].matched, [named("reads", Source::UserManaged)]);
    assert_eq!(answers[1].matched, [named("writes", Source::User)]);
    assert_eq!(answers[2].matched, [named("lists", Source::Group)]);
    let of_group = of_principal(&world, &cx, &format!("arn:aws:iam::{MEMBER}:group/crew"), &ask).unwrap();
    let allowed: Vec<bool> = of_group.iter().map(|one| one.decision == Decision::Allow).collect();
    assert_eq!(allowed, [false, false, true, false]);

    // A boundary of its own, and one that is given in its place.
    let bound = made(&world, MEMBER, new("/", "bound", "s3:Put*")).await;
    users::put_boundary(store, &cx, "robot", bound).await.unwrap();
    let bounded = of_principal(&world, &cx, &user.arn(), &ask).unwrap();
    assert_eq!(
        bounded.iter().map(|one| one.within_boundary).collect::<Vec<_>>(),
        [Some(false), Some(true), Some(false), Some(false)]
    );
    let wide = PolicySimulation { boundary: Some(allow("*")), ..ask.clone() };
    assert_eq!(of_principal(&world, &cx, &user.arn(), &wide).unwrap()[0].decision, Decision::Allow);
    let more = PolicySimulation { policies: vec![allow("s3:DeleteObject")], ..wide };
    let both = [
        named("PolicyInputList.1", Source::None),
        named("PermissionsBoundaryPolicyInputList.1", Source::None),
    ];
    assert_eq!(of_principal(&world, &cx, &user.arn(), &more).unwrap()[3].matched, both);
    assert!(keys_of_principal(store, &cx, &user.arn(), &[]).unwrap().is_empty());

    let jane = world.person("jane").await;
    let set = world.permission_set("Admin", "PT2H", &[ADMIN]).await;
    world.assign(MEMBER, &set, model::accounts::account_assignment::Principal::User(jane)).await;
    let role = world.role_of(MEMBER, &set);
    let of_role = of_principal(&world, &cx, &role.arn(), &ask).unwrap();
    assert!(of_role.iter().all(|one| one.matched == [named("AdministratorAccess", Source::AwsManaged)]));
    assert!(roles::get(store, &cx, policy::require::Action("iam:GetRole"), role.name.as_str()).is_ok());

    for (arn, kind) in [
        (format!("arn:aws:iam::{MEMBER}:user/robot"), NONE),
        (format!("arn:aws:iam::{MEMBER}:user/team/nobody"), NONE),
        (format!("arn:aws:iam::{MEMBER}:policy/reads"), INVALID),
        ("robot".to_owned(), INVALID),
    ] {
        assert_eq!(refused(of_principal(&world, &cx, &arn, &ask)), kind, "{arn}");
    }
    let other = iam(&world, MANAGEMENT);
    let there = refused(of_principal(&world, &other, &user.arn(), &ask));
    assert_eq!(there, refused(of_principal(&world, &other, &format!("{}x", user.arn()), &ask)));
    assert_eq!(there, FaultKind::AccessDenied);
});
