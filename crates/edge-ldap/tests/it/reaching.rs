//! Where a directory is, and by what it knows who asks: servers that DNS names, and a certificate in the place of a password.

use model::fault::Fault;
use model::secret::Secret;
use model::sources::directory::{DirectorySettings, DnsDomain, DnsSecurity};
use model::sources::directory_sync::{SyncKind, SyncState};
use outbound::allowed::Allowed;
use outbound::client::Outbound;
use outbound::service::Service;
use outbound::services::Services;
use outbound::terms::Terms;
use sources::directories;
use sources::directory_secrets::GivenSecret;
use testkit::on_both_engines;

use crate::world::{World, settings};

/// Who asks a DNS that knows the servers of `localhost`, at these ports.
fn asking(named: Vec<(&'static str, u16)>) -> Outbound {
    let services = Services::by(move |name| {
        let named = named.clone();
        async move {
            let at =
                |(host, port): (&str, u16)| Service { priority: 0, weight: 0, host: host.to_owned(), port };
            Ok(if name == "_ldap._tcp.localhost" { named.into_iter().map(at).collect() } else { Vec::new() })
        }
    });
    let allowed = Allowed::parse(["127.0.0.1", "localhost"]).unwrap();
    Outbound::new(Terms { allowed, services, ..Terms::default() }).unwrap()
}

async fn update(world: &World, new: DirectorySettings, secret: GivenSecret) -> Result<(), Fault> {
    let (store, at, id) = (&world.fixture.store, world.at(), &world.directory.id);
    let cx = world.cx("UpdateDirectory");
    directories::update(store, &cx, &world.work.outbound, (&at, id), (new, secret)).await.map(|_| ())
}

async fn tried(world: &World) -> Vec<(&'static str, &'static str, String)> {
    let (at, cx) = (world.at(), world.cx("TestDirectory"));
    let of = (&at, &world.directory.id);
    let trial = directories::test(&world.fixture.store, &cx, &world.work.outbound, of).await.unwrap();
    trial.steps.into_iter().map(|step| (step.name.as_str(), step.result.as_str(), step.said)).collect()
}

on_both_engines!(the_servers_of_a_domain_are_those_that_dns_names_within_it, |fixture| async move {
    let mut world = World::new(fixture, 3, 1).await;
    let port = world.slapd.said("LDAP").rsplit(':').next().unwrap().parse().unwrap();
    let mut new = settings(&world.slapd);
    new.servers.clear();
    new.dns_domain = Some(DnsDomain { name: "localhost".to_owned(), security: DnsSecurity::StartTls });
    let password = || GivenSecret { password: Some(Secret::new("reads")), key: None };
    let refused = update(&world, new.clone(), GivenSecret::default()).await.unwrap_err();
    assert!(refused.message().contains("BindPassword"), "{refused}");
    let wrong = DnsDomain { name: "local host".to_owned(), security: DnsSecurity::Ldaps };
    let wrong = DirectorySettings { dns_domain: Some(wrong), ..new.clone() };
    assert!(update(&world, wrong, password()).await.unwrap_err().message().contains("local host"));
    update(&world, new, password()).await.unwrap();

    world.work.outbound = asking(vec![("elsewhere.example", 636), ("localhost", port)]);
    let steps = tried(&world).await;
    assert_eq!((steps[0].0, steps[0].1), ("DISCOVER", "PASSED"), "{steps:?}");
    assert!(steps[0].2.contains(&format!("ldap://localhost:{port}")), "{steps:?}");
    assert!(!steps[0].2.contains("elsewhere"), "{steps:?}");
    assert!(steps.iter().all(|(_, outcome, _)| *outcome == "PASSED"), "{steps:?}");
    let run = world.sync(SyncKind::Full).await;
    assert_eq!((run.state, run.counts.created), (SyncState::Succeeded, 5), "{run:?}");

    world.work.outbound = asking(vec![("elsewhere.example", 636)]);
    let steps = tried(&world).await;
    assert!(
        matches!(steps.as_slice(), [("DISCOVER", "FAILED", said)] if said.contains("records in DNS")),
        "{steps:?}"
    );
    assert_eq!(world.sync(SyncKind::Full).await.state, SyncState::Failed);
});

on_both_engines!(a_certificate_takes_the_place_of_a_password, |fixture| async move {
    let world = World::new(fixture, 3, 1).await;
    let file = |name: &str| world.slapd.file(name);
    let mut new = settings(&world.slapd);
    new.bind_dn = None;
    new.client_certificate = Some(file("CERTIFICATE"));
    let key = |key: &str| GivenSecret { password: None, key: Some(Secret::new(key)) };
    let both = GivenSecret { password: Some(Secret::new("reads")), key: None };
    for (secret, why) in [
        (GivenSecret::default(), "ClientKey is missing"),
        (both, "BindPassword has no place"),
        (key("no key"), "not in PEM"),
        (key(&file("CERTIFICATE")), "not in PEM"),
    ] {
        let refused = update(&world, new.clone(), secret).await.unwrap_err();
        assert!(refused.message().contains(why), "{refused}");
    }
    let refused = update(&world, settings(&world.slapd), key(&file("KEY"))).await.unwrap_err();
    assert!(refused.message().contains("ClientKey has no place"), "{refused}");
    update(&world, new.clone(), key(&file("KEY"))).await.unwrap();
    let steps = tried(&world).await;
    assert!(steps.iter().all(|(_, outcome, _)| *outcome == "PASSED"), "{steps:?}");
    let run = world.sync(SyncKind::Full).await;
    assert_eq!((run.state, run.counts.created), (SyncState::Succeeded, 5), "{run:?}");
    // It is kept, sealed, for as long as the certificate is this one.
    new.name = "By certificate".to_owned();
    update(&world, new, GivenSecret::default()).await.unwrap();
    let id = world.directory.id.clone();
    let standing =
        world.fixture.store.read(|rx| Ok(store::sources::directories::standing(rx, &id)?)).unwrap().unwrap();
    let kept = String::from_utf8_lossy(&standing.sealed_password).into_owned();
    assert!(!kept.contains("PRIVATE KEY"));
    assert_eq!(world.sync(SyncKind::Full).await.state, SyncState::Succeeded);
});
