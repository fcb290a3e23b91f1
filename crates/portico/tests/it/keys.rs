//! `portico keys` beside servers that run: a data key and the root key are replaced under load and under `kill -9`, and nobody notices; a hardware security
//! module (SoftHSM) keeps the root key, is gone, has another PIN, or does not answer.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::commands::{error_of, portico};
use crate::revocation::{good, obtain};
use crate::upgrade::{Engine, Place, client_at, keys};

const SEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme.yaml");

/// `portico keys …` at a place.
fn command(place: &Place, arguments: &[&str]) -> Command {
    let mut command = portico();
    command.arg("keys").args(arguments).arg("--data-dir").arg(place.home.data());
    if let Some(url) = &place.database {
        command.args(["--database", url]);
    }
    command
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.stdin(Stdio::null()).output().unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(error_of(&output))
    }
}

async fn made(engine: Engine) -> (Place, Value) {
    let place = Place::new(engine).await;
    let made = place.run("init", &["--seed", SEED, "--output", "json"]).unwrap();
    (place, serde_json::from_str(&made).unwrap())
}

fn root(made: &Value) -> aws_credential_types::Credentials {
    keys(&made["accessKeyId"], &made["secretAccessKey"], None)
}

/// Whether the root key of `init` is somebody.
async fn serves(base: &str, made: &Value) -> bool {
    client_at!(aws_sdk_sts, base, root(made)).get_caller_identity().send().await.is_ok()
}

/// Callers who sign with the root key and ask for role credentials, one call after another.
struct Load {
    over: Arc<AtomicBool>,
    callers: Vec<tokio::task::JoinHandle<(usize, usize)>>,
}

impl Load {
    fn begin(base: &str, made: &Value, access: &str) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let caller = |_| {
            let (sts, portal) =
                (client_at!(aws_sdk_sts, base, root(made)), client_at!(aws_sdk_sso, base, root(made)));
            let (access, over) = (access.to_owned(), over.clone());
            tokio::spawn(async move {
                let (mut done, mut refused) = (0, 0);
                while !over.load(Ordering::Relaxed) {
                    let signed = sts.get_caller_identity().send().await;
                    let minted = portal.get_role_credentials().access_token(&access);
                    let minted = minted.account_id("222233334444").role_name("PowerUser").send().await;
                    done += 2;
                    refused += usize::from(signed.is_err()) + usize::from(minted.is_err());
                }
                (done, refused)
            })
        };
        let callers = (0..3).map(caller).collect();
        Self { over, callers }
    }

    /// How many calls were made, and how many of them refused.
    async fn end(self) -> (usize, usize) {
        self.over.store(true, Ordering::Relaxed);
        let mut sum = (0, 0);
        for caller in self.callers {
            let (done, refused) = caller.await.unwrap();
            sum = (sum.0 + done, sum.1 + refused);
        }
        sum
    }
}

async fn replaced_under_load(engine: Engine) {
    let (place, made) = made(engine).await;
    let (process, base) = place.serve().await;
    let mut held = obtain(&base, &made).await;
    let load = Load::begin(&base, &made, &held.access);
    let rotate = command(&place, &["rotate"]);
    let rotated = tokio::task::spawn_blocking(move || {
        let mut rotate = rotate;
        run(&mut rotate)
    });
    let said = rotated.await.unwrap().unwrap();
    assert!(said.contains("What is kept is sealed with data key 1"), "{said}");
    let (done, refused) = load.end().await;
    assert!(done > 100 && refused == 0, "{refused} of {done} were refused");
    assert_eq!(good(&base, &mut held).await, [true; 4], "nobody is signed out");
    let listed = run(&mut command(&place, &["list"])).unwrap();
    assert!(listed.contains("data key 0   believed 0 values"), "{listed}");
    assert!(listed.contains("data key 1   in use"), "{listed}");
    let mut later = obtain(&base, &made).await;

    // Killed and begun anew, it knows both.
    drop(process);
    let process = place.serve_at(&base).await;
    assert_eq!(good(&base, &mut held).await, [true; 4]);
    run(&mut command(&place, &["retire", "0"])).unwrap();
    let since = Instant::now();
    loop {
        let now = good(&base, &mut held).await;
        if now == [true, false, false, true] {
            break;
        }
        assert!(
            since.elapsed() < Duration::from_secs(20),
            "the server goes on believing a retired key: {now:?}"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(good(&base, &mut later).await[1..], [true; 3], "what the key in use made goes on");
    let trail = client_at!(aws_sdk_cloudtrail, base.as_str(), root(&made));
    for name in ["RotateDataKey", "RetireDataKey"] {
        let named = aws_sdk_cloudtrail::types::LookupAttribute::builder()
            .attribute_key(aws_sdk_cloudtrail::types::LookupAttributeKey::EventName)
            .attribute_value(name)
            .build();
        let found = trail.lookup_events().lookup_attributes(named.unwrap()).send().await.unwrap();
        assert_eq!(found.events().len(), 1, "{name} is recorded");
    }
    assert!(process.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_key_is_replaced_under_load_on_sqlite() {
    replaced_under_load(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_key_is_replaced_under_load_on_postgres() {
    replaced_under_load(Engine::Postgres).await;
}

/// Keys are replaced again and again, each time killed a little later; whatever was done, the data directory opens the database.
async fn killed_anywhere(engine: Engine) {
    let (place, made) = made(engine).await;
    let (folder, old) = (place.home.data(), place.home.data().join("portico.key.old"));
    run(&mut command(&place, &["rotate"])).unwrap();
    let mut roots = std::collections::BTreeSet::new();
    for round in 0..24_u64 {
        let mut rotate = command(&place, &["rotate-root"]);
        let mut child = rotate.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(round * round / 2 % 120 + round)).await;
        let _ = child.kill();
        let _ = child.wait();
        let listed = run(&mut command(&place, &["list"]));
        assert!(listed.is_ok(), "round {round}: {listed:?}");
        roots.insert(std::fs::read_to_string(folder.join("portico.key")).unwrap());
        if old.exists() {
            std::fs::remove_file(&old).unwrap();
        }
    }
    run(&mut command(&place, &["rotate-root"])).unwrap();
    assert!(old.exists(), "the former one is kept for backups of before");
    let again = run(&mut command(&place, &["rotate-root"])).unwrap_err();
    assert!(again.contains("portico.key.old is there already"), "{again}");
    assert!(!roots.contains(&std::fs::read_to_string(folder.join("portico.key")).unwrap()));
    let (process, base) = place.serve().await;
    let mut held = obtain(&base, &made).await;
    assert_eq!(good(&base, &mut held).await, [true; 4]);
    // Beside a server: it goes on, and takes the key that is there when another data key comes.
    std::fs::remove_file(&old).unwrap();
    run(&mut command(&place, &["rotate-root"])).unwrap();
    let rotate = command(&place, &["rotate"]);
    let said = tokio::task::spawn_blocking(move || {
        let mut rotate = rotate;
        run(&mut rotate)
    })
    .await
    .unwrap();
    assert!(said.unwrap().contains("data key 2"));
    assert_eq!(good(&base, &mut held).await, [true; 4]);
    let mut later = obtain(&base, &made).await;
    assert_eq!(good(&base, &mut later).await, [true; 4]);
    drop(process);
    // The former root key opens nothing any more, and says so.
    let key = folder.join("portico.key");
    let (now, former) = (std::fs::read(&key).unwrap(), std::fs::read(&old).unwrap());
    std::fs::write(&key, former).unwrap();
    let refused = run(&mut command(&place, &["list"])).unwrap_err();
    assert!(refused.contains("is not the one that this database was made with"), "{refused}");
    std::fs::write(&key, now).unwrap();
    let _process = place.serve_at(&base).await;
    assert!(serves(&base, &made).await);
    assert_eq!(good(&base, &mut later).await, [true; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_key_is_replaced_and_killed_anywhere_on_sqlite() {
    killed_anywhere(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_key_is_replaced_and_killed_anywhere_on_postgres() {
    killed_anywhere(Engine::Postgres).await;
}

/// A token of SoftHSM in a folder of its own.
struct Hsm {
    folder: tempfile::TempDir,
}

impl Hsm {
    const PIN: &str = "4711-portico";

    fn new() -> Self {
        let hsm = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(hsm.path("tokens")).unwrap();
        let settings =
            format!("directories.tokendir = {}\nlog.level = ERROR\n", hsm.path("tokens").display());
        std::fs::write(hsm.path("softhsm2.conf"), settings).unwrap();
        std::fs::write(hsm.path("pin"), format!("{}\n", Self::PIN)).unwrap();
        let mut init = Command::new("softhsm2-util");
        init.args([
            "--init-token",
            "--free",
            "--label",
            "our token",
            "--so-pin",
            "0000-so",
            "--pin",
            Self::PIN,
        ]);
        let init = hsm.with(&mut init).output().unwrap();
        assert!(init.status.success(), "{}", error_of(&init));
        hsm
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn with<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("SOFTHSM2_CONF", self.path("softhsm2.conf"))
    }

    fn address(&self, module: &Path, more: &str) -> String {
        format!(
            "pkcs11:token=our%20token;object=root{more}?module-path={}&pin-source=file:{}",
            module.display(),
            self.path("pin").display()
        )
    }
}

fn softhsm() -> PathBuf {
    let places = ["softhsm", "x86_64-linux-gnu/softhsm", "aarch64-linux-gnu/softhsm"];
    let modules = places.map(|place| PathBuf::from(format!("/usr/lib/{place}/libsofthsm2.so")));
    // scripts/install test installs it.
    modules.into_iter().find(|module| module.exists()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hardware_security_module_keeps_the_root_key() {
    let (place, made) = made(Engine::Sqlite).await;
    let (hsm, key) = (Hsm::new(), place.home.data().join("portico.key"));
    let in_file = std::fs::read_to_string(&key).unwrap();
    let to = hsm.address(&softhsm(), "");
    let said = run(hsm.with(&mut command(&place, &["rotate-root", "--to", &to]))).unwrap();
    assert!(said.contains("kept by pkcs11:token=our%20token;object=root"), "{said}");
    let kept = std::fs::read_to_string(&key).unwrap();
    assert!(kept.starts_with(&to) && kept.lines().count() == 2, "{kept}");
    assert!(!kept.contains(in_file.trim()) && !kept.contains(Hsm::PIN));
    std::fs::remove_file(place.home.data().join("portico.key.old")).unwrap();
    // Once more, with the key that is there now.
    run(hsm.with(&mut command(&place, &["rotate-root"]))).unwrap();
    assert_ne!(std::fs::read_to_string(&key).unwrap(), kept, "another root key");
    let listed = run(hsm.with(&mut command(&place, &["list"]))).unwrap();
    assert!(listed.contains(&format!("kept by {to}")), "{listed}");

    let address = crate::server::free_address();
    let serve = || {
        let mut serve = place.command("serve", &["--listen", &address.to_string()]);
        hsm.with(&mut serve).stderr(Stdio::null());
        serve
    };
    let (process, _) = crate::server::Process::listening(&mut serve(), &[address]).await;
    let base = format!("http://{address}");
    let mut held = obtain(&base, &made).await;
    assert_eq!(good(&base, &mut held).await, [true; 4]);

    // Gone, it keeps nobody who runs from going on, and whoever begins from beginning.
    std::fs::rename(hsm.path("tokens"), hsm.path("away")).unwrap();
    std::fs::create_dir(hsm.path("tokens")).unwrap();
    assert_eq!(good(&base, &mut held).await, [true; 4]);
    drop(process);
    let refused = error_of(&serve().stderr(Stdio::piped()).output().unwrap());
    assert!(refused.contains("no token of the address is there"), "{refused}");
    std::fs::remove_dir(hsm.path("tokens")).unwrap();
    std::fs::rename(hsm.path("away"), hsm.path("tokens")).unwrap();
    std::fs::write(hsm.path("pin"), "0815").unwrap();
    let refused = error_of(&serve().stderr(Stdio::piped()).output().unwrap());
    assert!(refused.contains("is not the token's") && !refused.contains("0815"), "{refused}");
    std::fs::write(hsm.path("pin"), Hsm::PIN).unwrap();
    let (_process, _) = crate::server::Process::listening(&mut serve(), &[address]).await;
    assert_eq!(good(&base, &mut held).await, [true; 4]);

    // And back: the token is needed once more.
    std::fs::remove_file(place.home.data().join("portico.key.old")).unwrap();
    run(hsm.with(&mut command(&place, &["rotate-root", "--to", "file"]))).unwrap();
    assert_eq!(std::fs::read_to_string(&key).unwrap().trim().len(), 64);
    let listed = run(&mut command(&place, &["list"])).unwrap();
    assert!(listed.contains("kept by file"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_that_cannot_keep_is_refused_and_nothing_is_changed() {
    let (place, _) = made(Engine::Sqlite).await;
    let (hsm, folder) = (Hsm::new(), place.home.data());
    // A key that came from outside.
    std::fs::write(hsm.path("loose.bin"), [7; 32]).unwrap();
    let mut import = Command::new("softhsm2-util");
    import.args(["--import", hsm.path("loose.bin").to_str().unwrap(), "--aes", "--token", "our token"]);
    import.args(["--label", "loose", "--id", "0a", "--pin", Hsm::PIN]);
    let imported = hsm.with(&mut import).output().unwrap();
    assert!(imported.status.success(), "{}", error_of(&imported));
    // A module that never answers.
    let hangs = hsm.path("hangs.so");
    std::fs::write(
        hsm.path("hangs.c"),
        "#include <unistd.h>\nunsigned long C_GetFunctionList(void *list) { for (;;) pause(); }\n",
    )
    .unwrap();
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&hangs).arg(hsm.path("hangs.c")).status();
    assert!(built.unwrap().success());
    let before = place.home.files();
    let to = hsm.address(&softhsm(), "");
    for (to, why) in [
        ("paper".to_owned(), "--to takes `file`, or the address of a key in a token"),
        (to.replace("our%20token", "theirs"), "no token of the address is there; these are: our token"),
        (hsm.address(Path::new("/no/such/module.so"), ""), "module.so"),
        (to.replace("/pin", "/none"), "the PIN file"),
        (to.replace("object=root", "object=loose"), "taken out of the token"),
        (hsm.address(&hangs, ""), "did not answer within 30 s"),
    ] {
        let refused = run(hsm.with(&mut command(&place, &["rotate-root", "--to", &to]))).unwrap_err();
        assert!(refused.contains(why), "{to}: {refused}");
        assert_eq!(place.home.files().get("portico.key"), before.get("portico.key"));
        assert!(!folder.join("portico.key.next").exists());
    }
    assert!(run(&mut command(&place, &["list"])).unwrap().contains("data key 0   in use"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signing_key_is_published_before_it_signs_and_after_it_did() {
    let (place, _) = made(Engine::Sqlite).await;
    let listed = |place: &Place| -> Vec<String> {
        let listed = run(&mut command(place, &["list"])).unwrap();
        let lines = listed.lines().filter(|line| line.starts_with("signing key"));
        lines.map(|line| line.split_whitespace().skip(2).collect::<Vec<_>>().join(" ")).collect()
    };
    let first = listed(&place);
    assert!(
        first.len() == 1 && first[0].starts_with("accounts key-") && first[0].ends_with(" signs"),
        "{first:?}"
    );
    let said = run(&mut command(&place, &["rotate-signing", "accounts"])).unwrap();
    assert!(said.contains("is published, and signs from"), "{said}");
    let both = listed(&place);
    assert!(both.len() == 2 && both[0].contains(" signs from 20") && both[1] == first[0], "{both:?}");
    let again = run(&mut command(&place, &["rotate-signing", "accounts"])).unwrap_err();
    assert!(again.contains("is on its way"), "{again}");
    let id = |line: &str| line.split_whitespace().nth(1).unwrap().to_owned();
    let signs = run(&mut command(&place, &["retire-signing", &id(&first[0])])).unwrap_err();
    assert!(signs.contains("signs: make another one"), "{signs}");
    run(&mut command(&place, &["retire-signing", &id(&both[0])])).unwrap();
    assert_eq!(listed(&place), first, "one that never signed goes as if it had not been there");
    run(&mut command(&place, &["rotate-signing", "accounts", "--after", "0"])).unwrap();
    let now = listed(&place);
    assert!(now.len() == 2 && now[0].ends_with(" signs") && now[1].ends_with(" believed"), "{now:?}");
    assert_eq!(id(&now[1]), id(&first[0]));
    run(&mut command(&place, &["retire-signing", &id(&first[0])])).unwrap();
    assert_eq!(listed(&place), now[..1]);
    for (arguments, why) in [
        (&["rotate-signing", "providers"][..], "no key for saml-sp yet"),
        (&["rotate-signing", "accounts", "--after", "8761"], "8761 is not in 0..=8760"),
        (&["retire-signing", "key-none"], "no signing key key-none"),
    ] {
        let refused = run(&mut command(&place, arguments)).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
}
