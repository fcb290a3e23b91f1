//! People of whom several sources speak, within a transaction: each source has its own word, which is kept, and of each attribute the source wins that
//! comes first in its order among those that say something ([decision 0017](../../../docs/decisions/0017-attribute-sources.md)). Who has one source alone has
//! no rows here, and is what it says.

use model::cx::Cx;
use model::directory::attribute_precedence::{AttributePrecedence, HERE, Outranked};
use model::directory::owner::Owner;
use model::directory::user::{User, UserProfile, UserStatus};
use model::directory::user_source::{UserSource, Values};
use model::fault::Fault;
use model::limits::Mode;
use store::directory::{attribute_precedence, owners, user_sources};
use store::tx::{Rx, Tx};

use crate::attribute_values::{self, REQUIRED};
use crate::ownership::{Source, named, require_in};
use crate::principals::whose;
use crate::profile::checked_as_given;
use crate::saving::{end_mailed_links_in, save_in};

/// The sources of a person.
#[derive(Debug, Clone)]
pub(crate) struct Contributions {
    /// Whose the person is.
    pub(crate) owner: String,
    /// All of them, as they were linked.
    pub(crate) sources: Vec<UserSource>,
    /// Which wins.
    pub(crate) precedence: AttributePrecedence,
}

impl Contributions {
    /// Of somebody of whom several speak.
    pub(crate) fn find_in(rx: &mut Rx<'_>, cx: &Cx, user: &User) -> Result<Option<Self>, Fault> {
        if cx.mode == Mode::Strict {
            return Ok(None);
        }
        let sources = user_sources::all_of(rx, &user.id)?;
        if sources.is_empty() {
            return Ok(None);
        }
        let owner = owners::find(rx, user.id.as_str())?.map_or_else(|| HERE.to_owned(), |owner| owner.source);
        let precedence = attribute_precedence::find(rx, &user.identity_store_id)?;
        Ok(Some(Self { owner, sources, precedence }))
    }

    /// Of somebody of whom one source spoke so far: what they are is what it says.
    pub(crate) fn begun_in(rx: &mut Rx<'_>, user: &User) -> Result<Self, Fault> {
        let owner = owners::find(rx, user.id.as_str())?;
        let linked_at = owner.as_ref().map_or(user.created_at, |owner| owner.since);
        let owner = owner.map_or_else(|| HERE.to_owned(), |owner| owner.source);
        let said = attribute_values::of(&user.profile)?;
        let sources = vec![UserSource { source: owner.clone(), linked_at, said }];
        let precedence = attribute_precedence::find(rx, &user.identity_store_id)?;
        Ok(Self { owner, sources, precedence })
    }

    pub(crate) fn of(&self, source: &str) -> Option<&UserSource> {
        self.sources.iter().find(|one| one.source == source)
    }

    /// What a source says, to be changed; nothing so far of one that is new.
    pub(crate) fn said_mut(&mut self, cx: &Cx, source: &str) -> &mut Values {
        let at = self.sources.iter().position(|one| one.source == source).unwrap_or_else(|| {
            let (source, said) = (source.to_owned(), Values::new());
            self.sources.push(UserSource { source, linked_at: cx.now, said });
            self.sources.len() - 1
        });
        &mut self.sources[at].said
    }

    /// Where a source stands of an attribute: the least wins.
    fn rank(&self, path: &str, source: &str) -> usize {
        let order = self.precedence.order_of(path);
        let linked = || self.sources.iter().position(|one| one.source == source).unwrap_or(usize::MAX / 2);
        let unnamed = || match source {
            _ if source == self.owner => 0,
            // Whoever lost the word here speaks last: nothing that they said is lost while nobody says anything else.
            HERE => self.sources.len().saturating_add(1),
            _ => linked().saturating_add(1),
        };
        order.iter().position(|one| one == source).unwrap_or_else(|| order.len().saturating_add(unnamed()))
    }

    /// Those who say something of an attribute, the one that wins first.
    pub(crate) fn speakers(&self, path: &str) -> Vec<&UserSource> {
        let mut speakers: Vec<_> = self.sources.iter().filter(|one| one.said.contains_key(path)).collect();
        speakers.sort_by_key(|one| self.rank(path, &one.source));
        speakers
    }

    /// All attributes of which anybody says something.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.sources.iter().flat_map(|one| one.said.keys().cloned()).collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// What the person is by all that is said.
    pub(crate) fn profile(&self, before: &UserProfile) -> Result<UserProfile, Fault> {
        let mut values = Values::new();
        for path in self.paths() {
            let winner = self.speakers(&path).first().and_then(|one| one.said.get(&path).cloned());
            values.extend(winner.map(|value| (path, value)));
        }
        attribute_values::profile(&values, before)
    }

    /// Who outranks a source where both say something of an attribute, or would.
    fn above(&self, path: &str, source: &str) -> Option<&str> {
        let rank = self.rank(path, source);
        let above = self.speakers(path).into_iter().find(|one| one.source != source)?;
        (self.rank(path, &above.source) < rank).then_some(above.source.as_str())
    }

    /// Whether what is said here of an attribute counts at all.
    fn is_here_heard(&self, path: &str) -> bool {
        self.owner == HERE || self.precedence.order_of(path).iter().any(|one| one == HERE)
    }

    /// Writes all that is said, or nothing where the owner alone speaks.
    pub(crate) fn write_in(&self, tx: &mut Tx<'_>, user: &User) -> Result<(), Fault> {
        if self.sources.iter().all(|one| one.source == self.owner) {
            return user_sources::delete_by_user(tx, &user.id);
        }
        let at = (&user.identity_store_id, &user.id);
        self.sources.iter().try_for_each(|one| user_sources::put(tx, at, one))
    }

    /// Takes a source away. What nobody else says stays, and is the owner's from then on.
    pub(crate) fn leave(&mut self, cx: &Cx, source: &str) {
        let Some(at) = self.sources.iter().position(|one| one.source == source) else { return };
        let left = self.sources.remove(at).said;
        let owner = if self.owner == source { HERE.to_owned() } else { self.owner.clone() };
        self.owner.clone_from(&owner);
        let kept: Values = left.into_iter().filter(|(path, _)| self.speakers(path).is_empty()).collect();
        self.said_mut(cx, &owner).extend(kept);
    }

    /// Another owner: what the one before said it says from now on, where it says nothing itself.
    pub(crate) fn hand_over(&mut self, cx: &Cx, to: &str) {
        let from = std::mem::replace(&mut self.owner, to.to_owned());
        let Some(at) = self.sources.iter().position(|one| one.source == from) else { return };
        let before = self.sources.remove(at).said;
        let said = self.said_mut(cx, to);
        for (path, value) in before {
            said.entry(path).or_insert(value);
        }
    }
}

/// A source that speaks of somebody among several.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) all: Contributions,
    source: String,
}

impl Word {
    /// The word of a source; none where one source alone speaks of the person, or this is not one of them.
    pub(crate) fn find_in(
        rx: &mut Rx<'_>,
        cx: &Cx,
        user: &User,
        source: &str,
    ) -> Result<Option<Self>, Fault> {
        let all = Contributions::find_in(rx, cx, user)?.filter(|all| all.of(source).is_some());
        Ok(all.map(|all| Self { all, source: source.to_owned() }))
    }

    /// The word of a source that changes somebody: none where it alone speaks of them. Whoever has no word is refused.
    pub(crate) fn entered_in(
        rx: &mut Rx<'_>,
        cx: &Cx,
        user: &User,
        source: &str,
    ) -> Result<Option<Self>, Fault> {
        if crate::ownership::is_sole_in(rx, cx, &user.id, source)? {
            return Ok(None);
        }
        let word = Self::find_in(rx, cx, user, source)?;
        if word.is_none() {
            require_in(rx, cx, whose(user), &Source(Some(source.to_owned())))?;
        }
        Ok(word)
    }

    /// Whether the person is this source's.
    pub(crate) fn is_owner(&self) -> bool {
        self.all.owner == self.source
    }

    /// What this source says.
    pub(crate) fn said(&self) -> Values {
        self.all.of(&self.source).map(|one| one.said.clone()).unwrap_or_default()
    }

    /// The person as this source said that they are: what it changes.
    pub(crate) fn as_said(&self, user: &User) -> Result<User, Fault> {
        let profile = attribute_values::profile(&self.said(), &user.profile)?;
        Ok(User { profile, ..user.clone() })
    }

    /// What the source says who wants the person to be so. The names that everybody has it may only have read.
    fn meant(&self, profile: UserProfile, before: &UserProfile) -> Result<Values, Fault> {
        let said = self.said();
        let mut meant = attribute_values::of(&checked_as_given(profile)?)?;
        let read = attribute_values::of(before)?;
        meant.retain(|path, value| {
            !REQUIRED.contains(&path.as_str()) || said.contains_key(path) || read.get(path) != Some(&*value)
        });
        Ok(meant)
    }

    /// Whether the source said just this before.
    pub(crate) fn is_said(&self, profile: UserProfile, user: &User) -> Result<bool, Fault> {
        Ok(self.meant(profile, &user.profile)? == self.said())
    }

    /// Takes what the source says; answers what the person is then. A value that another source outranks is refused or kept, as was decided.
    pub(crate) fn hear_in(
        &mut self,
        rx: &mut Rx<'_>,
        cx: &Cx,
        (user, profile): (&User, UserProfile),
    ) -> Result<UserProfile, Fault> {
        let meant = self.meant(profile, &user.profile)?;
        if self.all.precedence.outranked == Outranked::Refuse {
            let outranked = self.outranked(&meant, user)?;
            if !outranked.is_empty() {
                return Err(refused_in(rx, user, (&outranked, Some(&self.source)))?);
            }
        }
        *self.all.said_mut(cx, &self.source) = meant;
        self.all.profile(&user.profile)
    }

    /// The same at a sign-in, which is not refused for it: what must not be kept is left out.
    pub(crate) fn overhear(
        &mut self,
        cx: &Cx,
        (user, profile): (&User, UserProfile),
    ) -> Result<UserProfile, Fault> {
        let mut meant = self.meant(profile, &user.profile)?;
        if self.all.precedence.outranked == Outranked::Refuse {
            let said = self.said();
            for (path, _) in self.outranked(&meant, user)? {
                match said.get(&path) {
                    Some(before) => meant.insert(path, before.clone()),
                    None => meant.remove(&path),
                };
            }
        }
        *self.all.said_mut(cx, &self.source) = meant;
        self.all.profile(&user.profile)
    }

    /// What the source says anew that another outranks, with who does. What holds already it may say too.
    fn outranked(&self, meant: &Values, user: &User) -> Result<Vec<(String, String)>, Fault> {
        let (said, holds) = (self.said(), attribute_values::of(&user.profile)?);
        let is_new =
            |path: &&String| said.get(*path) != meant.get(*path) && holds.get(*path) != meant.get(*path);
        let above = |path: &String| Some((path.clone(), self.all.above(path, &self.source)?.to_owned()));
        Ok(meant.keys().filter(is_new).filter_map(above).collect())
    }

    /// Whether somebody may sign in is their owner's to say: another source hears so if it says no, and is not listened to otherwise.
    pub(crate) fn status_in(
        &self,
        rx: &mut Rx<'_>,
        user: &User,
        wanted: UserStatus,
    ) -> Result<UserStatus, Fault> {
        if self.is_owner() || wanted == user.status {
            return Ok(wanted);
        }
        if wanted == UserStatus::Enabled {
            return Ok(user.status);
        }
        let whose = [("active".to_owned(), self.all.owner.clone())];
        Err(refused_in(rx, user, (&whose, Some(&self.source)))?)
    }
}

/// Why a source, or somebody here, does not set attributes that others own.
fn refused_in(
    rx: &mut Rx<'_>,
    user: &User,
    (outranked, by): (&[(String, String)], Option<&str>),
) -> Result<Fault, Fault> {
    let mut said = Vec::with_capacity(outranked.len());
    for (path, source) in outranked {
        let whose = if source == HERE {
            "the administrators here".to_owned()
        } else {
            let owner = Owner { source: source.clone(), since: user.created_at, disabled_here_at: None };
            named(rx, &user.identity_store_id, owner)?.said()
        };
        said.push(format!("{path} is owned by {whose}"));
    }
    let (id, said) = (&user.id, said.join("; "));
    let how = "PutAttributePrecedence of the service portico decides which source an attribute has";
    Ok(match by {
        Some(_) => {
            Fault::access_denied(format!("Of the user {id} this source does not set these: {said}. {how}"))
        }
        None => Fault::conflict(format!(
            "Of the user {id} these are not set here: {said}. Change them there; {how}"
        )),
    })
}

/// What an administrator changes of a person: all of somebody who was made here, and of others what was decided to be said here.
pub(crate) fn change_here_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    user: User,
    with: impl Fn(&UserProfile) -> Result<UserProfile, Fault>,
) -> Result<User, Fault> {
    let Some(mut all) = heard_here_in(tx, cx, &user)? else {
        require_in(tx, cx, whose(&user), &Source::of(cx))?;
        let profile = with(&user.profile)?;
        return become_in(tx, cx, user, profile);
    };
    let profile = with(&user.profile)?;
    let (before, after) = (attribute_values::of(&user.profile)?, attribute_values::of(&profile)?);
    let mut changed: Vec<&String> = before.keys().chain(after.keys()).collect();
    changed.retain(|path| before.get(*path) != after.get(*path));
    let mut refused = Vec::new();
    for path in changed {
        match all.above(path, HERE).map(str::to_owned) {
            Some(above) => refused.push((path.clone(), above)),
            None if !all.is_here_heard(path) => refused.push((path.clone(), all.owner.clone())),
            None => {
                let said = all.said_mut(cx, HERE);
                match after.get(path) {
                    Some(value) => said.insert(path.clone(), value.clone()),
                    None => said.remove(path),
                };
                // What is taken away here another says: it is taken away there.
                let others = all.speakers(path);
                if let (None, Some(other)) = (after.get(path), others.first())
                    && before.get(path) == other.said.get(path)
                {
                    refused.push((path.clone(), other.source.clone()));
                }
            }
        }
    }
    refused.sort();
    refused.dedup();
    if !refused.is_empty() {
        return Err(refused_in(tx, &user, (&refused, None))?);
    }
    all.write_in(tx, &user)?;
    let profile = all.profile(&user.profile)?;
    become_in(tx, cx, user, profile)
}

/// Of whom something may be said here beside what others say, or of whom others speak.
fn heard_here_in(rx: &mut Rx<'_>, cx: &Cx, user: &User) -> Result<Option<Contributions>, Fault> {
    if cx.mode == Mode::Strict || Source::of(cx) != Source(None) {
        return Ok(None);
    }
    if let Some(all) = Contributions::find_in(rx, cx, user)? {
        return Ok(Some(all));
    }
    if owners::find(rx, user.id.as_str())?.is_none() {
        return Ok(None);
    }
    let all = Contributions::begun_in(rx, user)?;
    Ok(all.precedence.names_here().then_some(all))
}

/// The person, changed to this.
pub(crate) fn become_in(tx: &mut Tx<'_>, cx: &Cx, user: User, profile: UserProfile) -> Result<User, Fault> {
    end_mailed_links_in(tx, &user, &profile)?;
    save_in(tx, cx, User { profile, ..user })
}
