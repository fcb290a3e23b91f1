//! The order of steps in an account: no moment grants too much, whatever stands and whatever is wanted.

use std::collections::BTreeMap;

use proptest::prelude::*;

use broker::aws::differences::differences;
use broker::aws::steps::{
    SHUT, Standing, Step, Wanted, created, dismantling, shut_policy, shut_trust, steps,
};
use broker::local::INLINE_POLICY_NAME;
use serde_json::{Value, json};

/// What a role could do in these tests: eight rights.
const RIGHTS: u8 = 8;
/// Policies of the account: the name says which rights one allows, and which it denies.
fn arn(allows: u8, denies: u8) -> String {
    format!("arn:aws:iam::111122223333:policy/{allows}-{denies}")
}

/// AWS's own, some of which deny too, whatever their names.
fn aws_arn(allows: u8, denies: u8) -> String {
    format!("arn:aws:iam::aws:policy/{allows}-{denies}")
}

fn of_arn(arn: &str) -> (u8, u8) {
    let (allows, denies) = arn.rsplit('/').next().unwrap().split_once('-').unwrap();
    (allows.parse().unwrap(), denies.parse().unwrap())
}

fn document(allows: u8, denies: u8) -> Value {
    let mut statements = vec![json!({"Effect": "Allow", "Action": allows})];
    if denies > 0 {
        statements.push(json!({"Effect": "Deny", "Action": denies}));
    }
    json!({"Statement": statements})
}

fn of_document(text: &Value) -> (u8, u8) {
    let (mut allows, mut denies) = (0, 0);
    for statement in text["Statement"].as_array().unwrap() {
        let rights = statement["Action"].as_u64().map_or(u8::MAX, |bits| u8::try_from(bits).unwrap());
        if statement["Effect"] == "Allow" { allows |= rights } else { denies |= rights }
    }
    (allows, denies)
}

fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Federated": "p"}, "Action": "sts:AssumeRoleWithSAML"}]})
}

/// What somebody who takes the role can do.
fn grants(role: &Standing) -> u8 {
    if role.trust == shut_trust(&trust()) {
        return 0;
    }
    let attached = role.attached.iter().map(|arn| of_arn(arn));
    let inline = role.inline.iter().map(|(_, text)| of_document(text));
    let (allows, denies) =
        attached.chain(inline).fold((0, 0), |(a, d), (allows, denies)| (a | allows, d | denies));
    let (within, without) = role.boundary.as_deref().map_or((u8::MAX, 0), of_arn);
    allows & !denies & within & !without
}

fn taken(role: Option<Standing>, step: &Step, wanted: &Wanted) -> Standing {
    let Some(mut role) = role else {
        assert_eq!(*step, Step::Create, "a role is made before anything is done to it");
        return created(wanted);
    };
    let mut inline: BTreeMap<String, Value> = role.inline.into_iter().collect();
    match step {
        Step::Create => panic!("made twice"),
        Step::Trust => role.trust = wanted.trust.clone(),
        Step::Describe => {
            role.description.clone_from(&wanted.description);
            role.max_session_seconds = wanted.max_session_seconds;
        }
        Step::Shut => drop(inline.insert(SHUT.to_owned(), shut_policy())),
        Step::Detach(arn) => assert!(role.attached.remove(arn), "{arn} is not attached"),
        Step::DeleteInline(name) => assert!(inline.remove(name).is_some(), "{name} is not there"),
        Step::PutBoundary(arn) => role.boundary = Some(arn.clone()),
        Step::DeleteBoundary => role.boundary = None,
        Step::PutInline => drop(inline.insert(INLINE_POLICY_NAME.to_owned(), wanted.inline.clone().unwrap())),
        Step::Attach(arn) => assert!(role.attached.insert(arn.clone()), "{arn} is attached already"),
    }
    role.inline = inline.into_iter().collect();
    role
}

fn some_arn() -> impl Strategy<Value = String> {
    let policy = (any::<bool>(), any::<u8>(), prop_oneof![Just(0), any::<u8>()]);
    policy.prop_map(
        |(is_aws, allows, denies)| if is_aws { aws_arn(allows, denies) } else { arn(allows, denies) },
    )
}

/// Few to choose from, so that both states share some.
fn pool() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(some_arn(), 6)
}

fn state() -> impl Strategy<Value = (u8, Option<(u8, u8)>, Option<usize>, bool)> {
    let inline = prop::option::of((any::<u8>(), prop_oneof![Just(0), any::<u8>()]));
    (0_u8..64, inline, prop::option::of(0_usize..6), any::<bool>())
}

fn wanted(
    pool: &[String],
    (mask, inline, boundary, more): &(u8, Option<(u8, u8)>, Option<usize>, bool),
) -> Wanted {
    let chosen = pool.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
    Wanted {
        name: "AWSReservedSSO_X_0123456789abcdef".to_owned(),
        path: "/aws-reserved/sso.amazonaws.com/".to_owned(),
        description: if *more { "More".to_owned() } else { String::new() },
        max_session_seconds: 43_200,
        trust: trust(),
        mark: "ssoins-1234567890abcdef".to_owned(),
        attached: chosen.map(|(_, arn)| arn.clone()).collect(),
        inline: inline.map(|(allows, denies)| document(allows, denies)),
        boundary: boundary.map(|at| pool[at].clone()),
    }
}

fn stands(wanted: &Wanted) -> Standing {
    let inline = wanted.inline.iter().map(|text| (INLINE_POLICY_NAME.to_owned(), text.clone()));
    Standing {
        trust: wanted.trust.clone(),
        attached: wanted.attached.clone(),
        inline: inline.collect(),
        ..created(wanted)
    }
}

/// Walks from what stands to what is wanted, and says what each moment granted.
fn walk(from: Option<Standing>, to: &Wanted, stop_after: usize) -> (Option<Standing>, Vec<u8>) {
    let steps = steps(from.as_ref(), to);
    let (mut now, mut seen) = (from, Vec::new());
    for step in steps.iter().take(stop_after) {
        let next = taken(now, step, to);
        seen.push(grants(&next));
        now = Some(next);
    }
    (now, seen)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Every moment grants part of the old state, or part of the new; and at the end it is what was wanted, and nothing is left to do. Also when the walk is
    /// broken off anywhere, and begun again from what stands then.
    #[test]
    fn no_moment_grants_more_than_the_old_or_the_new_state(
        pool in pool(), old in prop::option::of(state()), new in state(), broken_off in 0_usize..12,
    ) {
        let to = wanted(&pool, &new);
        let from = old.map(|old| stands(&wanted(&pool, &old)));
        let before = from.as_ref().map_or(0, grants);
        let after = grants(&stands(&to));
        let (part, mut seen) = walk(from, &to, broken_off);
        let (end, more) = walk(part, &to, usize::MAX);
        seen.extend(more);
        for moment in seen {
            prop_assert!(
                moment & !before == 0 || moment & !after == 0,
                "{moment:0width$b} is part of neither {before:b} nor {after:b}", width = usize::from(RIGHTS)
            );
        }
        let end = end.unwrap();
        prop_assert_eq!(&end, &stands(&to));
        prop_assert!(steps(Some(&end), &to).is_empty());
    }

    /// Whatever a step would change is told as a difference, and nothing else is.
    #[test]
    fn what_differs_is_what_would_be_changed(
        pool in pool(), old in state(), new in state(), theirs in any::<bool>(), shut in any::<bool>(), open in any::<bool>(),
    ) {
        let to = wanted(&pool, &new);
        let mut standing = stands(&wanted(&pool, &old));
        if theirs {
            standing.inline.push(("theirs".to_owned(), document(1, 0)));
        }
        if shut {
            standing.inline.push((SHUT.to_owned(), shut_policy()));
        }
        if open {
            standing.trust = json!({"Statement": []});
        }
        let told = differences(&standing, &to);
        prop_assert_eq!(told.is_empty(), steps(Some(&standing), &to).is_empty(), "{:?}", told);
        let mut marked = stands(&to);
        prop_assert!(differences(&marked, &to).is_empty());
        marked.mark = None;
        prop_assert_eq!(differences(&marked, &to).len(), 1);
    }

    /// A role that goes grants ever less, and is empty at the end.
    #[test]
    fn what_goes_grants_nothing_new(pool in pool(), old in state()) {
        let was = wanted(&pool, &old);
        let mut now = stands(&was);
        let before = grants(&now);
        for step in dismantling(&now) {
            now = taken(Some(now), &step, &was);
            prop_assert_eq!(grants(&now) & !before, 0);
        }
        prop_assert!(now.attached.is_empty() && now.inline.is_empty());
    }
}

#[test]
fn only_what_differs_is_touched() {
    let pool: Vec<String> = (1..=6).map(|allows| aws_arn(allows, 0)).collect();
    let old = wanted(&pool, &(0b11, Some((1, 0)), None, false));
    let new = wanted(&pool, &(0b110, Some((1, 0)), None, false));
    let found = steps(Some(&stands(&old)), &new);
    let open = Step::DeleteInline(SHUT.to_owned());
    assert_eq!(found, [Step::Shut, Step::Detach(aws_arn(1, 0)), Step::Attach(aws_arn(3, 0)), open]);
    // One change is one call.
    let one = wanted(&pool, &(0b111, Some((1, 0)), None, false));
    assert_eq!(steps(Some(&stands(&old)), &one), [Step::Attach(aws_arn(3, 0))]);
}

#[test]
fn a_role_that_changes_what_it_denies_is_shut_meanwhile() {
    let pool: Vec<String> = (1..=6).map(|allows| aws_arn(allows, 0)).collect();
    let old = wanted(&pool, &(0b1, Some((1, 2)), None, false));
    let new = wanted(&pool, &(0b1, Some((1, 4)), Some(1), false));
    let found = steps(Some(&stands(&old)), &new);
    let (inline, open) = (INLINE_POLICY_NAME.to_owned(), Step::DeleteInline(SHUT.to_owned()));
    let bounded = Step::PutBoundary(aws_arn(2, 0));
    assert_eq!(found, [Step::Shut, Step::DeleteInline(inline), bounded, Step::PutInline, open]);
    let alone = wanted(&pool, &(0b1, Some((1, 4)), None, false));
    assert_eq!(steps(Some(&stands(&old)), &alone), [Step::PutInline], "one change is one call");
}

#[test]
fn what_somebody_wrote_into_the_role_goes() {
    let pool: Vec<String> = (1..=6).map(|allows| aws_arn(allows, 0)).collect();
    let role = wanted(&pool, &(0b1, None, None, false));
    let mut standing = stands(&role);
    standing.inline.push(("theirs".to_owned(), document(1, 0)));
    standing.trust = json!({"Statement": []});
    let found = steps(Some(&standing), &role);
    assert_eq!(found, [Step::Trust, Step::DeleteInline("theirs".to_owned())]);
}
