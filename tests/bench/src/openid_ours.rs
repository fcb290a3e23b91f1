//! Portico as an OpenID provider for the bench: two applications, one for each of what ID tokens are signed with, that a few people of the company are assigned to and signed in for.

use std::rc::Rc;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::company::{self, PASSWORD};
use crate::http::Connection;
use crate::id_token::{Algorithm, Judge};
use crate::openid::{CALLBACK, Client, Provider, Target, Ways};
use crate::world::World;

const CUSTOM: &str = "arn:aws:sso::aws:applicationProvider/custom";

/// So many people, of all over the company, sign in: numbers and cookies.
pub(crate) async fn sign_in(world: &World, people: usize) -> anyhow::Result<Vec<(usize, String)>> {
    let every = world.company.people() / people;
    let mut signed_in = Vec::with_capacity(people);
    for at in 0..people {
        let person = at * every + every / 2;
        let cookie = world.cookie_of(&company::user_name(person), PASSWORD).await?;
        signed_in.push((person, cookie));
    }
    Ok(signed_in)
}

/// A new application that these people may use: its ARN.
pub(crate) async fn application(
    connection: &mut Connection,
    world: &World,
    (provider, name): (&str, &str),
    people: &[(usize, String)],
) -> anyhow::Result<String> {
    let new = json!({"InstanceArn": world.instance_arn, "ApplicationProviderArn": provider, "Name": name});
    let made = world.ask(connection, "sso", "SWBExternalService.CreateApplication", &new).await?;
    let arn = text(&made["ApplicationArn"])?;
    for (person, _) in people {
        let assignment = json!({
            "ApplicationArn": arn, "PrincipalType": "USER", "PrincipalId": company::user_id(*person),
        });
        world.ask(connection, "sso", "SWBExternalService.CreateApplicationAssignment", &assignment).await?;
    }
    Ok(arn)
}

/// The provider, for so many people.
pub(crate) async fn target(world: &Rc<World>, people: usize, codes: usize) -> anyhow::Result<Target> {
    let signed_in = sign_in(world, people).await?;
    let mut clients = Vec::new();
    for algorithm in Algorithm::ALL {
        clients.push(client(world, algorithm, &signed_in).await?);
    }
    Ok(Target {
        name: "Portico",
        provider: Provider::Ours(world.clone()),
        database: Some(world.store.data.join("portico.db")),
        clients,
        codes,
    })
}

async fn client(
    world: &World,
    algorithm: Algorithm,
    people: &[(usize, String)],
) -> anyhow::Result<Rc<Client>> {
    let mut connection = Connection::new(world.process.address);
    let arn = application(&mut connection, world, (CUSTOM, algorithm.name()), people).await?;
    let of = json!({"ApplicationArn": arn});
    let configuration = json!({"ApplicationArn": arn, "OidcConfiguration": {
        "RedirectUris": [CALLBACK], "RefreshTokens": true, "Scopes": ["openid", "profile", "email"], "SigningAlgorithm": algorithm.name(),
    }});
    let target = |name: &str| format!("Portico.{name}");
    world.ask(&mut connection, "portico", &target("PutApplicationOidcConfiguration"), &configuration).await?;
    let told = world.ask(&mut connection, "portico", &target("GetApplicationOidcConfiguration"), &of).await?;
    let given = &told["OidcProvider"];
    let secret = world.ask(&mut connection, "portico", &target("CreateApplicationClientSecret"), &of).await?;
    let (issuer, client_id) = (text(&given["Issuer"])?, text(&given["ClientId"])?);
    let path = format!("/oauth2/{client_id}");
    let keys = connection.call(&world.get(&format!("{path}/keys"), "")).await?.expect(200)?.json()?;
    let ways = Ways {
        host: world.page_host(),
        authorize: format!("{path}/authorize?scope=openid%20profile%20email&"),
        token: format!("{path}/token"),
        introspect: format!("{path}/introspect"),
        userinfo: format!("{path}/userinfo"),
        client_secret: text(&secret["ClientSecret"]["Secret"])?,
        renews_id_token: true,
        cookies: people.iter().map(|(_, cookie)| cookie.clone()).collect(),
    };
    Ok(Client::new(ways, Judge { algorithm, issuer, client_id, keys }))
}

/// A value of an answer.
pub(crate) fn text(value: &Value) -> anyhow::Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("{value} instead of a text"))
}
