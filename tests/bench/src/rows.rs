//! What is measured: each row of the tables as requests to make over and over, and what a right answer to it is.

use std::rc::Rc;

use anyhow::{Context as _, bail};
use serde_json::json;

use crate::assignments::{assign, assign_many};
use crate::company::{self, MEMBERS, REACH, SETS_EACH};
use crate::http::{self, Connection};
use crate::load::Operation;
use crate::sign::Key;
use crate::world::{Form, SignedIn, World};

/// Requests that are made beforehand for a row; they come round again when all were sent.
pub(crate) const MADE: usize = 12_000;
/// One answer of so many is read closely; of the others status and size are looked at.
const CLOSELY: usize = 64;

/// A row of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    Ceiling,
    GetRoleCredentials,
    ListAccounts,
    ListAccountRoles,
    DescribeUser,
    GetUserId,
    ListGroupMemberships,
    RoleSigned,
    AuthorizeRequest,
    BesideChanges,
    BesideSignIns,
    EffectiveAccess,
    ListsAfterChange,
    ChangeOfAccess,
    CreateUser,
    CreateAccountAssignment,
    BatchOfAssignments,
    CreateToken,
    SignIn,
    Argon2id,
    Unsigned,
    WronglySigned,
}

/// What a row's operation does to the store, which decides what is aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Ceiling,
    Read,
    /// Credentials, with their durable record.
    Mint,
    Write,
    /// What is compared with another row, not with the ceiling.
    Compared,
    /// Argon2id, and little else.
    Hash,
    /// Of what anybody may send.
    Refusal,
}

impl Row {
    pub(crate) const ALL: [Self; 22] = [
        Self::Ceiling,
        Self::GetRoleCredentials,
        Self::ListAccounts,
        Self::ListAccountRoles,
        Self::DescribeUser,
        Self::GetUserId,
        Self::ListGroupMemberships,
        Self::RoleSigned,
        Self::AuthorizeRequest,
        Self::BesideChanges,
        Self::BesideSignIns,
        Self::EffectiveAccess,
        Self::ListsAfterChange,
        Self::ChangeOfAccess,
        Self::CreateUser,
        Self::CreateAccountAssignment,
        Self::BatchOfAssignments,
        Self::CreateToken,
        Self::SignIn,
        Self::Argon2id,
        Self::Unsigned,
        Self::WronglySigned,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ceiling => "empty handler (the ceiling)",
            Self::GetRoleCredentials => "GetRoleCredentials",
            Self::ListAccounts => "ListAccounts",
            Self::ListAccountRoles => "ListAccountRoles",
            Self::DescribeUser => "DescribeUser",
            Self::GetUserId => "GetUserId",
            Self::ListGroupMemberships => "ListGroupMemberships",
            Self::RoleSigned => "DescribeUser, signed by role credentials",
            Self::AuthorizeRequest => "AuthorizeRequest about a role's",
            Self::BesideChanges => "DescribeUser beside 500 changes a second",
            Self::BesideSignIns => "DescribeUser while 64 people sign in",
            Self::EffectiveAccess => "ListEffectiveAccess of a person",
            Self::ListsAfterChange => "a change of the person's access, then ListAccounts",
            Self::ChangeOfAccess => "the change of access alone",
            Self::CreateUser => "CreateUser",
            Self::CreateAccountAssignment => "CreateAccountAssignment to SUCCEEDED",
            Self::BatchOfAssignments => "BatchCreateAccountAssignments of 1,000 to SUCCEEDED",
            Self::CreateToken => "CreateToken (refresh)",
            Self::SignIn => "password sign-in",
            Self::Argon2id => "the bare Argon2id hash",
            Self::Unsigned => "unsigned call, refused",
            Self::WronglySigned => "wrongly signed call, refused",
        }
    }

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Ceiling => Kind::Ceiling,
            Self::GetRoleCredentials => Kind::Mint,
            Self::ListAccounts
            | Self::ListAccountRoles
            | Self::DescribeUser
            | Self::GetUserId
            | Self::ListGroupMemberships => Kind::Read,
            Self::RoleSigned
            | Self::AuthorizeRequest
            | Self::BesideChanges
            | Self::BesideSignIns
            | Self::EffectiveAccess
            | Self::ListsAfterChange
            | Self::ChangeOfAccess
            | Self::Argon2id => Kind::Compared,
            Self::CreateUser
            | Self::CreateAccountAssignment
            | Self::BatchOfAssignments
            | Self::CreateToken => Kind::Write,
            Self::SignIn => Kind::Hash,
            Self::Unsigned | Self::WronglySigned => Kind::Refusal,
        }
    }

    /// One operation for each connection.
    pub(crate) async fn operations(
        self,
        world: &Rc<World>,
        connections: usize,
    ) -> anyhow::Result<Vec<Asking>> {
        let fixed = |requests: Vec<Vec<u8>>, right: Right| {
            let requests = Rc::new(requests);
            let step = requests.len() / connections;
            (0..connections)
                .map(|at| Asking::Fixed { requests: requests.clone(), at: at * step, sent: 0, right })
                .collect()
        };
        let each = |asking: fn(Rc<World>, usize) -> Asking| {
            (0..connections).map(|at| asking(world.clone(), at)).collect()
        };
        Ok(match self {
            Self::Ceiling => fixed(ceiling(world), Right::of(200, b"ok", 1)),
            Self::GetRoleCredentials => fixed(credentials(world), Right::of(200, b"\"sessionToken\"", 1)),
            Self::ListAccounts => fixed(list_accounts(world), Right::of(200, b"\"accountId\"", REACH)),
            Self::ListAccountRoles => fixed(list_roles(world), Right::of(200, b"\"roleName\"", 2)),
            Self::DescribeUser => fixed(describe_users(world), Right::of(200, b"\"UserName\"", 1)),
            Self::GetUserId => fixed(user_ids(world), Right::of(200, b"\"UserId\"", 1)),
            Self::ListGroupMemberships => {
                fixed(memberships(world), Right::of(200, b"\"MembershipId\"", MEMBERS))
            }
            Self::RoleSigned => {
                let key = world.role.as_ref().context("no role credentials")?;
                fixed(describe_users_by(world, key), Right::of(200, b"\"UserName\"", 1))
            }
            Self::AuthorizeRequest => {
                fixed(crate::authorize::requests(world)?, Right::of(200, b"\"allowed\"", 1))
            }
            Self::BesideChanges | Self::BesideSignIns => {
                fixed(describe_users(world), Right::of(200, b"\"UserName\"", 1))
            }
            Self::EffectiveAccess => {
                fixed(effective_access(world), Right::of(200, b"\"AccountId\"", REACH * SETS_EACH))
            }
            // Hashed by a process of its own.
            Self::Argon2id => Vec::new(),
            Self::ListsAfterChange => each(|world, at| Asking::ComeAndGo { world, person: at, lists: true }),
            Self::ChangeOfAccess => each(|world, at| Asking::ComeAndGo { world, person: at, lists: false }),
            Self::CreateUser => each(|world, _| Asking::CreateUser { world }),
            Self::CreateAccountAssignment => each(|world, _| Asking::Assign { world }),
            Self::BatchOfAssignments => each(|world, _| Asking::AssignMany { world }),
            Self::CreateToken => each(|world, at| Asking::Refresh { world, person: at }),
            Self::Unsigned => {
                fixed(unsigned(world), Right::of(400, b"\"MissingAuthenticationTokenException\"", 1))
            }
            Self::WronglySigned => {
                fixed(wrongly_signed(world), Right::of(400, b"\"InvalidSignatureException\"", 1))
            }
            Self::SignIn => fixed(sign_ins(world, &world.sign_in_page().await?), Right::of(303, b"", 0)),
        })
    }
}

/// What a right answer is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Right {
    status: u16,
    holds: &'static [u8],
    times: usize,
}

impl Right {
    pub(crate) const fn of(status: u16, holds: &'static [u8], times: usize) -> Self {
        Self { status, holds, times }
    }
}

/// What one connection asks.
#[derive(Clone)]
pub(crate) enum Asking {
    Fixed {
        requests: Rc<Vec<Vec<u8>>>,
        at: usize,
        sent: usize,
        right: Right,
    },
    Made {
        make: Rc<dyn Fn() -> Vec<u8>>,
        right: Right,
    },
    CreateUser {
        world: Rc<World>,
    },
    Assign {
        world: Rc<World>,
    },
    AssignMany {
        world: Rc<World>,
    },
    Refresh {
        world: Rc<World>,
        person: usize,
    },
    ChangeUser {
        world: Rc<World>,
    },
    /// Somebody who is signed in joins the idle group or leaves it, and may list their accounts then.
    ComeAndGo {
        world: Rc<World>,
        person: usize,
        lists: bool,
    },
}

impl Operation for Asking {
    async fn perform(&mut self, connection: &mut Connection) -> anyhow::Result<()> {
        match self {
            Self::Fixed { requests, at, sent, right } => {
                let request = requests.get(*at % requests.len()).context("no requests")?;
                *at += 1;
                *sent += 1;
                fixed(connection, request, (*sent - 1).is_multiple_of(CLOSELY), *right).await
            }
            Self::Made { make, right } => fixed(connection, &make(), true, *right).await,
            Self::CreateUser { world } => create_user(connection, world).await,
            Self::Assign { world } => assign(connection, world).await,
            Self::AssignMany { world } => assign_many(connection, world).await,
            Self::Refresh { world, person } => refresh(connection, world, *person).await,
            Self::ChangeUser { world } => change_user(connection, world).await,
            Self::ComeAndGo { world, person, lists } => {
                let signed_in = world.people.get(*person).context("nobody signed in for this connection")?;
                come_or_go(connection, world, signed_in).await?;
                if *lists {
                    let request = portal(world, "/assignment/accounts", &signed_in.access_token);
                    fixed(connection, &request, true, Right::of(200, b"\"accountId\"", REACH)).await?;
                }
                Ok(())
            }
        }
    }
}

async fn fixed(
    connection: &mut Connection,
    request: &[u8],
    closely: bool,
    right: Right,
) -> anyhow::Result<()> {
    let answer = connection.call(request).await?.expect(right.status)?;
    if answer.body.len() < right.holds.len() * right.times {
        bail!("an answer too short: {}", answer.text());
    }
    if closely && !right.holds.is_empty() {
        let times = answer.body.windows(right.holds.len()).filter(|window| *window == right.holds).count();
        if times != right.times {
            bail!(
                "{times} times {} instead of {}: {}",
                String::from_utf8_lossy(right.holds),
                right.times,
                answer.text()
            );
        }
    }
    Ok(())
}

/// A new user, whose name nobody has.
pub(crate) async fn create_user(connection: &mut Connection, world: &World) -> anyhow::Result<()> {
    let number = world.next_number();
    let body = json!({
        "IdentityStoreId": world.identity_store, "UserName": format!("new-{number:09}"), "DisplayName": format!("New {number}"),
        "Name": {"GivenName": "New", "FamilyName": format!("Number {number}")},
        "Emails": [{"Value": format!("new-{number:09}@example.com"), "Type": "work", "Primary": true}],
    });
    let request = world.key.call("identitystore", "AWSIdentityStore.CreateUser", &body.to_string());
    fixed(connection, &request, true, Right::of(200, b"\"UserId\"", 1)).await
}

/// Another display name for somebody who is not signed in.
async fn change_user(connection: &mut Connection, world: &World) -> anyhow::Result<()> {
    let number = world.next_number();
    let person = number * 31 % world.company.people();
    let person = if world.is_signed_in(person) { (person + 1) % world.company.people() } else { person };
    let body = json!({
        "IdentityStoreId": world.identity_store, "UserId": company::user_id(person),
        "Operations": [{"AttributePath": "displayName", "AttributeValue": format!("Changed {number}")}],
    });
    let request = world.key.call("identitystore", "AWSIdentityStore.UpdateUser", &body.to_string());
    fixed(connection, &request, true, Right::of(200, b"", 0)).await
}

/// Somebody joins the idle group, or leaves it.
async fn come_or_go(connection: &mut Connection, world: &World, who: &SignedIn) -> anyhow::Result<()> {
    let is_in = who.idle_membership.take();
    let (operation, body) = match &is_in {
        None => {
            let member = json!({"UserId": company::user_id(who.person)});
            (
                "CreateGroupMembership",
                json!({"IdentityStoreId": world.identity_store, "GroupId": world.idle_group, "MemberId": member}),
            )
        }
        Some(membership) => (
            "DeleteGroupMembership",
            json!({"IdentityStoreId": world.identity_store, "MembershipId": membership}),
        ),
    };
    let request =
        world.key.call("identitystore", &format!("AWSIdentityStore.{operation}"), &body.to_string());
    let answer = connection.call(&request).await?.expect(200)?.json()?;
    if is_in.is_none() {
        who.idle_membership.replace(answer["MembershipId"].as_str().map(str::to_owned));
    }
    Ok(())
}

async fn refresh(connection: &mut Connection, world: &World, person: usize) -> anyhow::Result<()> {
    let signed_in = world.people.get(person).context("nobody signed in for this connection")?;
    let body = json!({
        "clientId": world.client.id, "clientSecret": world.client.secret, "grantType": "refresh_token",
        "refreshToken": *signed_in.refresh_token.borrow(),
    });
    let answer = connection.call(&world.post("/token", &body)).await?.expect(200)?.json()?;
    match (answer["accessToken"].as_str(), answer["refreshToken"].as_str()) {
        (Some(_), Some(next)) => signed_in.refresh_token.replace(next.to_owned()),
        _ => bail!("no tokens in {answer}"),
    };
    Ok(())
}

/// Requests about people and groups all over the company.
pub(crate) fn spread(count: usize, of: usize) -> impl Iterator<Item = usize> {
    let step = (of / count).max(1);
    // 7,919 is prime: the order hops about instead of walking from page to page.
    (0..count.min(of)).map(move |at| at * 7_919 % count.min(of) * step)
}

/// The head and the body of a DescribeUser, sent to a handler that answers at once. The signature is under another name: a signed call gets no page.
fn ceiling(world: &World) -> Vec<Vec<u8>> {
    let body = json!({"IdentityStoreId": world.identity_store, "UserId": company::user_id(0)}).to_string();
    let signed = world.key.call("identitystore", "AWSIdentityStore.DescribeUser", &body);
    let text = String::from_utf8_lossy(&signed).replacen("POST / ", "GET /healthz ", 1).replacen(
        "authorization",
        "authorisation",
        1,
    );
    vec![text.into_bytes(); 32]
}

fn describe_users(world: &World) -> Vec<Vec<u8>> {
    describe_users_by(world, &world.key)
}

fn describe_users_by(world: &World, key: &Key) -> Vec<Vec<u8>> {
    let request = |person: usize| {
        let body = json!({"IdentityStoreId": world.identity_store, "UserId": company::user_id(person)});
        key.call("identitystore", "AWSIdentityStore.DescribeUser", &body.to_string())
    };
    spread(MADE, world.company.people()).map(request).collect()
}

/// A DescribeUser without its signature: the header goes by another name.
fn unsigned(world: &World) -> Vec<Vec<u8>> {
    let altered = |request: Vec<u8>| {
        String::from_utf8_lossy(&request).replacen("authorization", "authorisation", 1).into_bytes()
    };
    describe_users(world).into_iter().map(altered).collect()
}

/// A DescribeUser of a key that there is, signed with another secret.
fn wrongly_signed(world: &World) -> Vec<Vec<u8>> {
    let other = Key { secret: "x".repeat(40), ..world.key.clone() };
    describe_users_by(world, &other)
}

fn user_ids(world: &World) -> Vec<Vec<u8>> {
    let request = |person: usize| {
        let unique = json!({"AttributePath": "userName", "AttributeValue": company::user_name(person)});
        let body = json!({"IdentityStoreId": world.identity_store, "AlternateIdentifier": {"UniqueAttribute": unique}});
        world.key.call("identitystore", "AWSIdentityStore.GetUserId", &body.to_string())
    };
    spread(MADE, world.company.people()).map(request).collect()
}

fn memberships(world: &World) -> Vec<Vec<u8>> {
    let request = |group: usize| {
        let body = json!({"IdentityStoreId": world.identity_store, "GroupId": company::group_id(group)});
        world.key.call("identitystore", "AWSIdentityStore.ListGroupMemberships", &body.to_string())
    };
    spread(MADE, world.company.groups()).map(request).collect()
}

pub(crate) fn portal(world: &World, path: &str, token: &str) -> Vec<u8> {
    let headers = [
        ("host", world.key.host.as_str()),
        ("accept-encoding", "identity"),
        ("user-agent", "aws-sdk-bench/1.0 lang/rust"),
        ("x-amz-sso_bearer_token", token),
    ];
    http::request("GET", path, &headers, "")
}

/// For everyone who is signed in, each account that they reach.
fn reached(world: &World, request: impl Fn(&str, &str, [usize; 2]) -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let company = &world.company;
    let all: Vec<Vec<u8>> = world
        .people
        .iter()
        .flat_map(|signed_in| {
            let token = signed_in.access_token.as_str();
            let reach = company.reach(signed_in.person);
            reach.into_iter().map(move |(account, sets)| (token, account, sets))
        })
        .flat_map(|(token, account, sets)| request(token, &company::account_id(account), sets))
        .collect();
    spread(all.len(), all.len()).filter_map(|at| all.get(at).cloned()).collect()
}

fn credentials(world: &World) -> Vec<Vec<u8>> {
    reached(world, |token, account, sets| {
        let path = |set: usize| {
            format!(
                "/federation/credentials?role_name={}&account_id={account}",
                company::permission_set_name(set)
            )
        };
        sets.iter().map(|set| portal(world, &path(*set), token)).collect()
    })
}

fn list_roles(world: &World) -> Vec<Vec<u8>> {
    reached(world, |token, account, _| {
        vec![portal(world, &format!("/assignment/roles?account_id={account}"), token)]
    })
}

fn list_accounts(world: &World) -> Vec<Vec<u8>> {
    world
        .people
        .iter()
        .map(|signed_in| portal(world, "/assignment/accounts", &signed_in.access_token))
        .collect()
}

/// What those reach who are signed in, as administrators ask.
fn effective_access(world: &World) -> Vec<Vec<u8>> {
    let request = |signed_in: &SignedIn| {
        let body = json!({"InstanceArn": world.instance_arn, "UserId": company::user_id(signed_in.person), "MaxResults": 100});
        world.key.call("portico", "Portico.ListEffectiveAccess", &body.to_string())
    };
    world.people.iter().map(request).collect()
}

fn sign_ins(world: &World, form: &Form) -> Vec<Vec<u8>> {
    spread(500, world.company.people()).map(|person| world.sign_in(form, person)).collect()
}
