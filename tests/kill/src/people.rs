//! People who sign in over the pages, let a program in, and get tokens and role credentials; who sign out, refresh, replay what was used,
//! are deleted, or lose their assignment. What was given out stays good and what was taken back stays dead, whatever happens to the server.

use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, StatusCode};
use rand::Rng as _;
use serde_json::json;

use crate::actor::{Actor, Reply, done, text};
use crate::assignments::{Assignments, Kind, Target};
use crate::directory;
use crate::grants::{
    Client, Dead, Family, REDIRECT, by_code, by_refresh, csrf, is_good, is_known, opens, rest,
};
use crate::http::{Answer, Ask, Keys, between, encode_pairs};
use crate::trail::{Fate, Fates, Trail};

/// What a sign-in leaves in the trail.
const SIGN_IN: &[&str] = &["CredentialChallenge", "CredentialVerification", "UserAuthentication"];

/// A person as the seed file made them.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) password: String,
    /// The permission set that they may use, by name, and where.
    pub(crate) set: String,
    pub(crate) account: String,
    /// That permission set's ARN, when nobody else uses it.
    pub(crate) own_set: Option<String>,
}

/// What is in doubt.
#[derive(Debug, Clone, Copy)]
enum Step {
    SignIn,
    Register,
    Approve,
    Redeem,
    /// A code or refresh token that was used before: its family ends.
    Replay,
    Refresh,
    Mint,
    Logout,
    SignOut,
    Delete,
}

/// A worker that is one person after the other.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) actor: Actor,
    pub(crate) person: Person,
    /// Who comes next when this one is deleted.
    next: Vec<Person>,
    cookie: Option<String>,
    device: Option<String>,
    client: Option<Client>,
    pub(crate) family: Option<Family>,
    keys: Vec<Keys>,
    assignments: Assignments,
    dead: Dead,
    open: Option<(usize, Step)>,
}

impl People {
    /// A worker that begins as `person`.
    pub(crate) fn new(actor: Actor, person: Person, next: Vec<Person>) -> Self {
        let mut assignments = Assignments::default();
        if let Some(set) = &person.own_set {
            let (account, user) = (person.account.clone(), person.id.clone());
            assignments.standing.insert(Target { account, set: set.clone(), user });
        }
        Self {
            actor,
            person,
            next,
            cookie: None,
            device: None,
            client: None,
            family: None,
            keys: Vec::new(),
            assignments,
            dead: Dead::default(),
            open: None,
        }
    }

    fn assigned(&self) -> bool {
        self.person.own_set.is_none() || !self.assignments.standing.is_empty()
    }

    /// Does one thing. False when there is nobody to ask.
    pub(crate) async fn step(&mut self) -> anyhow::Result<bool> {
        if self.assignments.waits() {
            tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            let standing = self.assigned();
            let answered = self.assignments.poll(&self.actor).await?;
            self.note_assignment(standing);
            return Ok(answered);
        }
        let die = self.actor.random.random_range(0..100);
        if self.client.is_none() {
            return self.register().await;
        }
        let Some(cookie) = self.cookie.clone() else { return self.sign_in().await };
        let Some(family) = self.family.clone() else { return self.approve(&cookie).await };
        if !family.redeemed {
            return self.redeem(&family).await;
        }
        match die {
            0..4 => self.end(Step::Logout, &family).await,
            4..7 => self.sign_out(&cookie).await,
            7..12 => self.replay(&family).await,
            12..14 if self.person.own_set.is_none() && !self.next.is_empty() => self.delete().await,
            12..22 => self.reassign().await,
            22..50 => self.refresh(&family).await,
            50..55 => {
                self.family = None;
                self.bury(family);
                Ok(true)
            }
            _ => self.mint(&family).await,
        }
    }

    /// Notes what became of something asked for: false while nobody knows.
    fn heard(&mut self, reply: Reply, step: Step) -> Result<Answer, usize> {
        match reply {
            Reply::Open(number) => {
                self.open = Some((number, step));
                Err(number)
            }
            Reply::Done(answer) | Reply::Refused(answer) => Ok(answer),
        }
    }

    async fn register(&mut self) -> anyhow::Result<bool> {
        let input = json!({
            "clientName": "kill", "clientType": "public", "scopes": ["sso:account:access"],
            "grantTypes": ["authorization_code", "refresh_token"], "redirectUris": [REDIRECT],
            "issuerUrl": self.actor.place.start_url,
        });
        let reply =
            self.actor.change("RegisterClient", &["RegisterClient"], rest("/client/register", &input));
        let reply = reply.await?;
        let Ok(answer) = self.heard(reply, Step::Register) else { return Ok(false) };
        if let Some(answer) = done("RegisterClient", answer)? {
            let made = answer.json();
            self.client = Some(Client { id: text(&made, "/clientId"), secret: text(&made, "/clientSecret") });
        }
        Ok(true)
    }

    fn page(&self, path: &str) -> Ask {
        let ask = Ask::plain(Method::GET, path, "");
        match &self.cookie {
            Some(cookie) => ask.with("cookie", &format!("portico={cookie}")),
            None => ask,
        }
    }

    async fn sign_in(&mut self) -> anyhow::Result<bool> {
        let Ok(page) = self.actor.look(self.page("/signin")).await else { return Ok(false) };
        if page.status.is_server_error() {
            return Ok(true);
        }
        let form = page.cookie("portico_form").context("a sign-in page without its cookie")?;
        let device = self.device.as_deref().map(|value| format!("; portico_device={value}"));
        let pairs = [
            ("csrf", csrf(&page)?),
            ("return_to", "/start".to_owned()),
            ("username", self.person.name.clone()),
            ("password", self.person.password.clone()),
        ];
        let pairs = pairs.each_ref().map(|(name, value)| (*name, value.as_str()));
        let ask = Ask::form("/signin", &pairs)
            .with("cookie", &format!("portico_form={form}{}", device.unwrap_or_default()));
        let reply = self.actor.change("sign-in", SIGN_IN, ask).await?;
        let Ok(answer) = self.heard(reply, Step::SignIn) else { return Ok(false) };
        if let Some(answer) = done("sign-in", answer)? {
            self.cookie = Some(answer.cookie("portico").context("a sign-in without a session")?);
            self.device = answer.cookie("portico_device");
        }
        Ok(true)
    }

    async fn approve(&mut self, cookie: &str) -> anyhow::Result<bool> {
        let client = self.client.clone().context("no client")?;
        let verifier = URL_SAFE_NO_PAD.encode(self.actor.random.random::<[u8; 32]>());
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        let challenge = URL_SAFE_NO_PAD.encode(digest);
        let query = encode_pairs(&[
            ("response_type", "code"),
            ("client_id", &client.id),
            ("redirect_uri", REDIRECT),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("scopes", "sso:account:access"),
        ]);
        let path = format!("/authorize?{query}");
        let Ok(page) = self.actor.look(self.page(&path)).await else { return Ok(false) };
        if page.status.is_server_error() {
            return Ok(true);
        }
        ensure!(page.status == StatusCode::OK, "a session that is good is not known: {}", page.shown());
        let token = csrf(&page)?;
        let ask = Ask::form(path, &[("csrf", &token), ("decision", "approve")])
            .with("cookie", &format!("portico={cookie}"));
        let reply = self.actor.change("authorize", &["AuthorizeClient"], ask).await?;
        let Ok(answer) = self.heard(reply, Step::Approve) else { return Ok(false) };
        if let Some(answer) = done("authorize", answer)? {
            let place = answer.header("location").to_owned();
            let code = between(&format!("{place}&"), "code=", "&").map(str::to_owned);
            let code = code.with_context(|| format!("no code in {place}"))?;
            self.family = Some(Family {
                client,
                code: (code, verifier),
                redeemed: false,
                approved_at: Instant::now(),
                access: Vec::new(),
                refresh: None,
                used: Vec::new(),
            });
        }
        Ok(true)
    }

    async fn redeem(&mut self, family: &Family) -> anyhow::Result<bool> {
        let reply = self.actor.change("CreateToken by code", &["CreateToken"], by_code(family)).await?;
        let Ok(answer) = self.heard(reply, Step::Redeem) else { return Ok(false) };
        if answer.status.is_client_error() && family.is_late() {
            self.family = None;
            return Ok(true);
        }
        if let Some(answer) = done("CreateToken by code", answer)? {
            self.take_tokens(&answer);
        }
        Ok(true)
    }

    fn take_tokens(&mut self, answer: &Answer) {
        let made = answer.json();
        if let Some(family) = &mut self.family {
            family.used.extend(family.refresh.take());
            family.access.push(text(&made, "/accessToken"));
            family.refresh = Some(text(&made, "/refreshToken"));
            family.redeemed = true;
        }
    }

    async fn refresh(&mut self, family: &Family) -> anyhow::Result<bool> {
        let Some(token) = &family.refresh else { return Ok(true) };
        let ask = by_refresh(&family.client, token);
        let reply = self.actor.change("CreateToken by refresh", &["CreateToken"], ask).await?;
        let Ok(answer) = self.heard(reply, Step::Refresh) else { return Ok(false) };
        if let Some(answer) = done("CreateToken by refresh", answer)? {
            self.take_tokens(&answer);
        }
        Ok(true)
    }

    /// Presents a code that was used before: that ends everything that grew from the same approval. A refresh token that was used a moment ago
    /// ends nothing.
    async fn replay(&mut self, family: &Family) -> anyhow::Result<bool> {
        let reply = self.actor.change("CreateToken by what was used", &[], by_code(family)).await?;
        let Ok(answer) = self.heard(reply, Step::Replay) else { return Ok(false) };
        ensure!(!answer.status.is_success(), "a code or refresh token was good twice");
        if answer.status.is_client_error() {
            self.family_ended();
        }
        Ok(true)
    }

    async fn mint(&mut self, family: &Family) -> anyhow::Result<bool> {
        let Some(token) = family.access.last() else { return Ok(true) };
        let pairs = [("account_id", self.person.account.as_str()), ("role_name", &self.person.set)];
        let path = format!("/federation/credentials?{}", encode_pairs(&pairs));
        let ask = Ask::plain(Method::GET, path, "").with("x-amz-sso_bearer_token", token);
        let reply = self.actor.change("GetRoleCredentials", &["GetRoleCredentials"], ask).await?;
        let Ok(answer) = self.heard(reply, Step::Mint) else { return Ok(false) };
        if !self.assigned() {
            ensure!(
                answer.status == StatusCode::FORBIDDEN || answer.status.is_server_error(),
                "credentials without an assignment: {}",
                answer.shown()
            );
            return Ok(true);
        }
        if let Some(answer) = done("GetRoleCredentials", answer)? {
            let made = answer.json();
            self.keys.truncate(2);
            self.keys.insert(
                0,
                Keys {
                    id: text(&made, "/roleCredentials/accessKeyId"),
                    secret: text(&made, "/roleCredentials/secretAccessKey"),
                    token: Some(text(&made, "/roleCredentials/sessionToken")),
                },
            );
        }
        Ok(true)
    }

    async fn end(&mut self, step: Step, family: &Family) -> anyhow::Result<bool> {
        let Some(token) = family.access.last() else { return Ok(true) };
        let ask = Ask::plain(Method::POST, "/logout", "").with("x-amz-sso_bearer_token", token);
        let reply = self.actor.change("Logout", &["Logout"], ask).await?;
        let Ok(answer) = self.heard(reply, step) else { return Ok(false) };
        if done("Logout", answer)?.is_some() {
            self.session_ended();
        }
        Ok(true)
    }

    async fn sign_out(&mut self, cookie: &str) -> anyhow::Result<bool> {
        let Ok(page) = self.actor.look(self.page("/start")).await else { return Ok(false) };
        if page.status.is_server_error() {
            return Ok(true);
        }
        ensure!(page.status == StatusCode::OK, "a session that is good is not known: {}", page.shown());
        let ask =
            Ask::form("/signout", &[("csrf", &csrf(&page)?)]).with("cookie", &format!("portico={cookie}"));
        let reply = self.actor.change("sign-out", &["Logout"], ask).await?;
        let Ok(answer) = self.heard(reply, Step::SignOut) else { return Ok(false) };
        if done("sign-out", answer)?.is_some() {
            self.session_ended();
        }
        Ok(true)
    }

    async fn delete(&mut self) -> anyhow::Result<bool> {
        let input = json!({"UserId": self.person.id});
        match directory::change(&self.actor, ("DeleteUser", &["DeleteUser"]), input).await? {
            Err(number) => {
                self.open = Some((number, Step::Delete));
                Ok(false)
            }
            Ok(answer) => {
                if answer.is_some() {
                    self.person_gone()?;
                }
                Ok(true)
            }
        }
    }

    async fn reassign(&mut self) -> anyhow::Result<bool> {
        let Some(set) = self.person.own_set.clone() else { return Ok(true) };
        let (account, user) = (self.person.account.clone(), self.person.id.clone());
        let kind = if self.assigned() { Kind::Deletion } else { Kind::Creation };
        self.assignments.ask(&self.actor, kind, Target { account, set, user }).await
    }

    /// A role that is removed takes all its sessions with it.
    fn note_assignment(&mut self, before: bool) {
        if before && !self.assigned() {
            self.dead.keys.append(&mut self.keys);
        }
    }

    fn bury(&mut self, family: Family) {
        // Only what must be dead from now on: tokens that were merely put away stay good until the session ends.
        self.dead.refresh.extend(family.used.into_iter().map(|token| (family.client.clone(), token)));
    }

    fn family_ended(&mut self) {
        if let Some(family) = self.family.take() {
            self.dead.access.extend(family.access.iter().cloned());
            let refresh = family.refresh.iter().cloned();
            self.dead.refresh.extend(refresh.map(|token| (family.client.clone(), token)));
            self.bury(family);
        }
    }

    pub(crate) fn session_ended(&mut self) {
        self.family_ended();
        self.dead.cookies.extend(self.cookie.take());
    }

    fn person_gone(&mut self) -> anyhow::Result<()> {
        self.session_ended();
        // The role of a group's permission set stands, and with it what was minted: see SECURITY.md.
        self.keys.clear();
        self.device = None;
        self.person = self.next.pop().context("nobody comes next")?;
        Ok(())
    }

    /// What is good for an hour or less is over, and nobody counts on it any more; the session and its refresh token are not.
    pub(crate) fn an_hour_later(&mut self) {
        self.keys.clear();
        self.family = self.family.take().filter(|family| family.redeemed);
        self.family.iter_mut().for_each(|family| family.access.clear());
    }

    /// After a restart: learns what became of what is in doubt, then uses everything that is good and everything that is dead.
    pub(crate) async fn settle(&mut self, fates: &Fates) -> anyhow::Result<()> {
        let before = self.assigned();
        self.assignments.settle(&self.actor, fates).await?;
        self.note_assignment(before);
        if let Some((number, step)) = self.open.take() {
            let there = matches!(fates.of(number)?, Fate::There(_));
            self.settle_step(step, there).await?;
        }
        self.dead.forget_old();
        self.use_the_good().await?;
        self.dead.stay_dead(&self.actor).await
    }

    async fn settle_step(&mut self, step: Step, there: bool) -> anyhow::Result<()> {
        match step {
            Step::Logout | Step::SignOut if there => self.session_ended(),
            Step::Delete if there => self.person_gone()?,
            // The code or token was taken, and what came for it went nowhere.
            Step::Redeem if there => self.family = None,
            Step::Refresh if there => {
                if let Some(family) = &mut self.family {
                    family.used.extend(family.refresh.take());
                }
            }
            Step::Replay => {
                // A refusal is no change of anybody's, so no record decides: the tokens themselves say it, all of them alike.
                let Some(family) = &self.family else { bail!("a replay without its family") };
                let mut alive = Vec::new();
                for token in &family.access {
                    alive.push(is_good(&self.actor, token).await?);
                }
                if alive.iter().all(|alive| !alive) {
                    self.family_ended();
                } else {
                    ensure!(alive.iter().all(|alive| *alive), "a family is half ended: {alive:?}");
                }
            }
            _ => {}
        }
        Ok(())
    }

    async fn use_the_good(&self) -> anyhow::Result<()> {
        let who = &self.person.name;
        if let Some(cookie) = &self.cookie {
            ensure!(is_known(&self.actor, cookie).await?, "{who}'s session is gone");
        }
        for token in self.family.iter().flat_map(|family| &family.access) {
            ensure!(is_good(&self.actor, token).await?, "{who}'s access token is gone");
        }
        for keys in &self.keys {
            ensure!(opens(&self.actor, keys).await?, "{who}'s role credentials are gone");
        }
        Ok(())
    }

    /// At the end, when nothing is needed any more: presents every token that is used up, and the one that is not.
    pub(crate) async fn settle_all(&mut self) -> anyhow::Result<()> {
        self.settle(&Fates::default()).await?;
        if let Some(Family { client, refresh: Some(token), .. }) = self.family.clone() {
            let answer = self.actor.look(by_refresh(&client, &token)).await?;
            ensure!(answer.status.is_success(), "a refresh token is not good: {}", answer.shown());
            let answer = self.actor.look(by_refresh(&client, &token)).await?;
            ensure!(answer.status.is_client_error(), "a refresh token is good twice: {}", answer.shown());
        }
        for (client, token) in &self.dead.refresh {
            let answer = self.actor.look(by_refresh(client, token)).await?;
            ensure!(
                answer.status.is_client_error(),
                "a used or revoked refresh token is good: {}",
                answer.shown()
            );
        }
        Ok(())
    }

    /// Holds the work that was asked for against its records.
    pub(crate) fn judge(&mut self, trail: &Trail) -> anyhow::Result<()> {
        self.assignments.judge(trail)
    }

    /// Who is there still.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        std::iter::once(&self.person).chain(&self.next).map(|person| person.name.clone())
    }

    /// The person's own permission set, if it stands as a role in an account.
    pub(crate) fn provisioned(&self, account: &str) -> Option<String> {
        let here = self.assigned() && self.person.own_set.is_some() && self.person.account == account;
        here.then(|| self.person.set.clone())
    }
}
