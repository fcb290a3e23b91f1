//! Organizational units: made, named, emptied and removed, and accounts moved between them. A unit itself never moves, as at AWS.

use std::collections::{BTreeSet, HashMap};

use model::access::Context;
use model::accounts::account::AccountId;
use model::accounts::organization::Organization;
use model::accounts::organizational_unit::{OrganizationalUnit, OrganizationalUnitId, UnitPath};
use model::cx::Cx;
use model::entropy::bytes;
use model::fault::{Fault, FaultKind};
use model::id::hex;
use model::instances::tag::Tags;
use model::limits::{ORGANIZATIONAL_UNIT_DEPTH_MAX, ORGANIZATIONAL_UNIT_NAME_MAX, ORGANIZATIONAL_UNITS_MAX};
use policy::require::{Action, request_tags, require_with};
use policy::resource;
use serde_json::json;
use store::db::Store;
use store::tx::{Rx, Tx};

use crate::organization::{absent, constraint, guarded, named, organization, parent, require_own};
use crate::organization_tags;

/// What records call a unit.
pub(crate) const KIND: &str = "AWS::Organizations::OrganizationalUnit";

/// Makes a unit in a root or a unit.
pub async fn create(
    store: &Store,
    cx: &Cx,
    (parent_id, name): (String, String),
    tags: Tags,
) -> Result<(OrganizationalUnit, Organization), Fault> {
    store
        .write(cx, move |tx, cx| {
            let asked = request_tags(&tags);
            let action = Action("organizations:CreateOrganizationalUnit");
            let organization = guarded(tx, cx, action, &parent_id, &asked)?;
            let found = parent(tx, &organization, &parent_id)?;
            let found = found.ok_or_else(|| absent("ParentNotFoundException", "parent"))?;
            organization_tags::check(&tags)?;
            let unit = insert_in(tx, cx, &organization, (None, &found.path, &name))?;
            let arn = organization.arn_of(unit.id.as_str());
            if !tags.is_empty() {
                let tagged = resource::owned(&arn, &organization.management_account_id);
                require_with(cx, Action("organizations:TagResource"), &[tagged], &asked)?;
            }
            organization_tags::insert_in(tx, &arn, &tags)?;
            cx.event().touch(KIND, arn);
            cx.event().respond(recorded(&unit, &organization));
            Ok((unit, organization))
        })
        .await
}

fn recorded(unit: &OrganizationalUnit, organization: &Organization) -> serde_json::Value {
    let (id, arn) = (unit.id.as_str(), organization.arn_of(unit.id.as_str()));
    json!({"organizationalUnit": {"id": id, "arn": arn, "name": unit.name}})
}

/// Adds a unit at a path that is there, with no question of who asks: for the seed too, which may give its id.
pub fn insert_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    organization: &Organization,
    (id, path, name): (Option<OrganizationalUnitId>, &UnitPath, &str),
) -> Result<OrganizationalUnit, Fault> {
    check_place(tx, cx, path)?;
    insert_anywhere_in(tx, cx, organization, (id, path, name))
}

/// The same, however deep it lies and however many there are: what is so elsewhere.
pub(crate) fn insert_anywhere_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    organization: &Organization,
    (id, path, name): (Option<OrganizationalUnitId>, &UnitPath, &str),
) -> Result<OrganizationalUnit, Fault> {
    let length = name.chars().count();
    if !(1..=ORGANIZATIONAL_UNIT_NAME_MAX).contains(&length) {
        return Err(Fault::validation(format!(
            "Name has {length} characters, it must have 1 to {ORGANIZATIONAL_UNIT_NAME_MAX}"
        )));
    }
    require_free(tx, path, name)?;
    let unit = OrganizationalUnit {
        id: match id {
            Some(id) if store::accounts::organizational_units::find(tx, &id)?.is_some() => {
                return Err(Fault::conflict(format!("Another organizational unit has the id {id}")));
            }
            Some(id) => id,
            None => free_id(tx, cx, organization)?,
        },
        name: name.to_owned(),
        path: path.clone(),
        created_at: cx.now,
    };
    store::accounts::organizational_units::insert(tx, &unit)?;
    store::accounts::policy_attachments::insert_new(tx, unit.id.as_str())?;
    Ok(unit)
}

/// Refuses a place that is too deep, or one unit too many.
fn check_place(rx: &mut Rx<'_>, cx: &Cx, path: &UnitPath) -> Result<(), Fault> {
    let depth = path.depth() + 1;
    if depth > ORGANIZATIONAL_UNIT_DEPTH_MAX {
        return Err(constraint(
            "OU_DEPTH_LIMIT_EXCEEDED",
            format!(
                "The organizational unit would be the {depth}th within one another, {ORGANIZATIONAL_UNIT_DEPTH_MAX} at most"
            ),
        ));
    }
    let quota = cx.mode.quota(ORGANIZATIONAL_UNITS_MAX);
    if store::accounts::organizational_units::count(rx)? >= quota {
        let message = format!("The organization has {quota} organizational units, which is the most");
        return Err(constraint("OU_NUMBER_LIMIT_EXCEEDED", message));
    }
    Ok(())
}

fn require_free(rx: &mut Rx<'_>, path: &UnitPath, name: &str) -> Result<(), Fault> {
    if store::accounts::organizational_units::find_named(rx, path, name)?.is_none() {
        return Ok(());
    }
    let kind = FaultKind::Service("DuplicateOrganizationalUnitException");
    Err(Fault::new(
        kind,
        format!("An organizational unit of the name '{name}' is in the same parent already."),
    ))
}

/// An id that no unit has: of the root's, and eight random digits.
fn free_id(rx: &mut Rx<'_>, cx: &Cx, organization: &Organization) -> Result<OrganizationalUnitId, Fault> {
    let root = organization.root_id.strip_prefix("r-").unwrap_or(&organization.root_id);
    loop {
        let id = OrganizationalUnitId::parse(format!("ou-{root}-{}", hex(&bytes::<4>(cx.entropy()))))?;
        if store::accounts::organizational_units::find(rx, &id)?.is_none() {
            return Ok(id);
        }
    }
}

/// The unit, once the caller may do `action` with it.
fn ask(
    rx: &mut Rx<'_>,
    cx: &Cx,
    action: &'static str,
    id: &OrganizationalUnitId,
) -> Result<(OrganizationalUnit, Organization), Fault> {
    let organization = guarded(rx, cx, Action(action), id.as_str(), &Context::new())?;
    let found = store::accounts::organizational_units::find(rx, id)?;
    let found = found.ok_or_else(|| absent("OrganizationalUnitNotFoundException", "an OU"))?;
    Ok((found, organization))
}

/// A unit.
pub fn describe(
    store: &Store,
    cx: &Cx,
    id: &OrganizationalUnitId,
) -> Result<(OrganizationalUnit, Organization), Fault> {
    store.read(|rx| ask(rx, cx, "organizations:DescribeOrganizationalUnit", id))
}

/// The names of the units around each place, from the outermost, for people who may use accounts there: where these lie is no secret to them.
pub fn names_around<'a>(
    store: &Store,
    places: impl Iterator<Item = &'a UnitPath>,
) -> Result<HashMap<&'a UnitPath, Vec<String>>, Fault> {
    let places: Vec<&UnitPath> = places.filter(|place| **place != UnitPath::ROOT).collect();
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: BTreeSet<OrganizationalUnitId> = places.iter().flat_map(|place| place.units()).collect();
    let units = store.read(|rx| Ok(store::accounts::organizational_units::find_each(rx, &ids)?))?;
    let named = |place: &UnitPath| {
        place.units().filter_map(|id| units.get(&id).map(|unit| unit.name.clone())).collect()
    };
    Ok(places.into_iter().map(|place| (place, named(place))).collect())
}

/// Names a unit anew; without a name nothing changes.
pub async fn update(
    store: &Store,
    cx: &Cx,
    id: OrganizationalUnitId,
    name: Option<String>,
) -> Result<(OrganizationalUnit, Organization), Fault> {
    store
        .write(cx, move |tx, cx| {
            let (mut unit, organization) = ask(tx, cx, "organizations:UpdateOrganizationalUnit", &id)?;
            require_own(tx, id.as_str())?;
            if let Some(name) = name.as_ref().filter(|name| **name != unit.name) {
                require_free(tx, &unit.path, name)?;
                store::accounts::organizational_units::set_name(tx, &id, name)?;
                unit.name.clone_from(name);
            }
            cx.event().touch(KIND, organization.arn_of(id.as_str()));
            cx.event().respond(recorded(&unit, &organization));
            Ok((unit, organization))
        })
        .await
}

/// Removes a unit in which nothing lies.
pub async fn delete(store: &Store, cx: &Cx, id: OrganizationalUnitId) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let (unit, organization) = ask(tx, cx, "organizations:DeleteOrganizationalUnit", &id)?;
            require_own(tx, id.as_str())?;
            if !is_empty(tx, &unit)? {
                let message = "The specified OU is not empty. Move all accounts to the root or to other OUs, remove all child OUs, and try the operation again.";
                return Err(Fault::new(FaultKind::Service("OrganizationalUnitNotEmptyException"), message));
            }
            delete_in(tx, cx, &organization, &id)
        })
        .await
}

/// Whether nothing lies in a unit.
pub(crate) fn is_empty(rx: &mut Rx<'_>, unit: &OrganizationalUnit) -> Result<bool, Fault> {
    let inside = unit.inside();
    Ok(!store::accounts::organizational_units::any_at(rx, &inside)?
        && !store::accounts::accounts::any_at(rx, &inside)?)
}

/// Removes a unit in which nothing lies, with no question of who asks.
pub(crate) fn delete_in(
    tx: &mut Tx<'_>,
    cx: &Cx,
    organization: &Organization,
    id: &OrganizationalUnitId,
) -> Result<(), Fault> {
    store::accounts::organizational_units::delete(tx, id)?;
    store::accounts::policy_attachments::delete_of_target(tx, id.as_str())?;
    let arn = organization.arn_of(id.as_str());
    store::instances::tags::delete_all(tx, &arn)?;
    cx.event().touch(KIND, arn);
    Ok(())
}

/// Moves an account out of one root or unit into another.
pub async fn move_account(
    store: &Store,
    cx: &Cx,
    id: AccountId,
    (source, destination): (String, String),
) -> Result<(), Fault> {
    store
        .write(cx, move |tx, cx| {
            let organization = organization(tx)?;
            let owner = &organization.management_account_id;
            let asked = named(tx, &organization, &[id.as_str(), &source, &destination])?;
            require_with(cx, Action("organizations:MoveAccount"), &asked, &Context::new())?;
            let account = store::accounts::accounts::find(tx, &id)?
                .ok_or_else(|| absent("AccountNotFoundException", "an account"))?;
            let nowhere = |code, which| absent(code, &format!("a {which} root or OU"));
            // What the account does not lie in is no source, whether or not it is there.
            parent(tx, &organization, &source)?
                .filter(|parent| parent.path == account.path)
                .ok_or_else(|| nowhere("SourceParentNotFoundException", "source"))?;
            let to = parent(tx, &organization, &destination)?
                .ok_or_else(|| nowhere("DestinationParentNotFoundException", "destination"))?;
            if to.path == account.path {
                let message = "That account is already present in the specified destination.";
                return Err(Fault::new(FaultKind::Service("DuplicateAccountException"), message));
            }
            if id == *owner {
                let message = format!("AccountId: {id} is the management account, which stays at the root");
                return Err(Fault::validation(message));
            }
            require_own(tx, id.as_str())?;
            store::accounts::accounts::set_path(tx, &id, &to.path)?;
            cx.event().touch("AWS::Organizations::Account", organization.account_arn(&id));
            Ok(())
        })
        .await
}
