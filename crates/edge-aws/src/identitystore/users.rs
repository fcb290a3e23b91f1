//! CreateUser, DescribeUser, ListUsers, UpdateUser, DeleteUser, GetUserId.

use std::collections::BTreeMap;

use directory::attribute_path::UserKeyPath;
use directory::users::{self, UserKey};
use jsontext::Json;
use jsontext::json::Spliced;
use model::cx::Cx;
use model::directory::user::{User, UserId};
use model::fault::Fault;
use model::limits::PAGE_DEFAULT;
use model::page::PageScope;
use serde_json::Value;
use store::directory::users::UserRow;
use wire::generated::identitystore::shapes::{
    self, CreateUserRequest, CreateUserResponse, DeleteUserRequest, DeleteUserResponse, DescribeUserRequest,
    DescribeUserResponseRow, GetUserIdRequest, GetUserIdResponse, ListUsersRequest, ListUsersResponse,
    UpdateUserRequest, UpdateUserResponse,
};
use wire::row::{Millis, Text};

use crate::app::App;
use crate::identitystore::{ids, profiles};

/// A user in a list.
fn list_shape(user: User, extensions: &[String]) -> Result<shapes::User, Fault> {
    let mut profile = user.profile;
    let attributes = &mut profile.attributes;
    Ok(shapes::User {
        identity_store_id: user.identity_store_id.into(),
        user_arn: user.id.arn(),
        user_id: user.id.into(),
        revision: user.revision.to_string(),
        nick_name: profiles::take(attributes, "NickName")?,
        profile_url: profiles::take(attributes, "ProfileUrl")?,
        addresses: profiles::take(attributes, "Addresses")?,
        phone_numbers: profiles::take(attributes, "PhoneNumbers")?,
        user_type: profiles::take(attributes, "UserType")?,
        title: profiles::take(attributes, "Title")?,
        preferred_language: profiles::take(attributes, "PreferredLanguage")?,
        locale: profiles::take(attributes, "Locale")?,
        timezone: profiles::take(attributes, "Timezone")?,
        photos: profiles::take(attributes, "Photos")?,
        website: profiles::take(attributes, "Website")?,
        birthdate: profiles::take(attributes, "Birthdate")?,
        roles: profiles::take(attributes, "Roles")?,
        user_name: Some(profile.user_name),
        display_name: Some(profile.display_name),
        name: Some(profiles::name(profile.name)),
        emails: profiles::emails(profile.emails),
        external_ids: ids::external_ids(user.external_ids),
        user_status: Some(user.status.as_str().to_owned()),
        created_at: Some(ids::seconds(user.created_at)),
        created_by: Some(user.created_by),
        updated_at: Some(ids::seconds(user.updated_at)),
        updated_by: Some(user.updated_by),
        extensions: asked_for(profile.extensions, extensions),
    })
}

/// The extensions that the caller asks for; left out when there are none.
fn asked_for(mut held: BTreeMap<String, Value>, names: &[String]) -> Option<BTreeMap<String, Value>> {
    held.retain(|name, _| names.contains(name));
    (!held.is_empty()).then_some(held)
}

/// DescribeUser's answer: what is kept is answered as it is.
fn described(user: &UserRow<'_>, extensions: &[String]) -> Result<String, Fault> {
    let mut parts = user.parts()?;
    let (name, attributes) = (parts.name(), parts.attributes());
    let revision = user.revision.to_string();
    let emails = profiles::emails(parts.emails).map(|emails| Json::of(&emails));
    let external_ids = ids::external_ids(user.external_ids.to_vec()).map(|held| Json::of(&held));
    parts.extensions.retain(|name, _| extensions.contains(name));
    let held: BTreeMap<&str, Spliced<'_>> =
        parts.extensions.iter().map(|(name, held)| (name.as_str(), Spliced(held.get()))).collect();
    let held = (!held.is_empty()).then(|| Json::of(&held));
    let mut answer = wire::row::to_string(&DescribeUserResponseRow {
        identity_store_id: user.identity_store_id.into(),
        user_id: user.id.into(),
        user_arn: Text::after(UserId::ARN, user.id),
        revision: revision.as_str().into(),
        user_name: Some(user.user_name.into()),
        external_ids: external_ids.as_ref().map(Json::spliced),
        name: Some(Spliced(name)),
        display_name: Some(user.display_name.into()),
        emails: emails.as_ref().map(Json::spliced),
        user_status: Some(user.status.as_str().into()),
        created_at: Some(Millis(user.created_at.millis())),
        created_by: Some(user.created_by.into()),
        updated_at: Some(Millis(user.updated_at.millis())),
        updated_by: Some(user.updated_by.into()),
        extensions: held.as_ref().map(Json::spliced),
        ..DescribeUserResponseRow::default()
    });
    jsontext::text::extend(&mut answer, attributes);
    Ok(answer)
}

pub(crate) async fn create(app: App, cx: Cx, input: CreateUserRequest) -> Result<CreateUserResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let user = users::create(&app.store, &cx, &at, profiles::read(input)?).await?;
    Ok(CreateUserResponse {
        identity_store_id: user.identity_store_id.into(),
        user_arn: user.id.arn(),
        user_id: user.id.into(),
        revision: user.revision.to_string(),
    })
}

pub(crate) async fn describe(app: App, cx: Cx, input: DescribeUserRequest) -> Result<String, Fault> {
    let (at, id) = (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    let extensions = input.extensions.unwrap_or_default();
    users::require_extensions(&extensions)?;
    users::describe(&app.store, &cx, &at, &id, |user| described(user, &extensions))
}

pub(crate) async fn list(app: App, cx: Cx, input: ListUsersRequest) -> Result<ListUsersResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let extensions = input.extensions.unwrap_or_default();
    users::require_extensions(&extensions)?;
    let filter = input.filters.unwrap_or_default().into_iter().next();
    if let Some(filter) = &filter {
        UserKeyPath::parse_filter(&filter.attribute_path)?;
    }
    let name = filter.as_ref().map(|filter| filter.attribute_value.as_str());
    let scope = PageScope::new("ListUsers", &[at.id().as_str(), name.unwrap_or_default()]);
    let page = scope.request(input.max_results, input.next_token.as_deref(), PAGE_DEFAULT)?;
    let found = users::list(&app.store, &cx, &at, name, &page)?;
    Ok(ListUsersResponse {
        next_token: found.next.as_deref().map(|key| scope.encode(key)),
        users: found.items.into_iter().map(|user| list_shape(user, &extensions)).collect::<Result<_, _>>()?,
    })
}

pub(crate) async fn update(app: App, cx: Cx, input: UpdateUserRequest) -> Result<UpdateUserResponse, Fault> {
    let (at, id) = (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    let change = ids::update(input.operations, input.revision);
    let user = users::update(&app.store, &cx, &at, &id, change).await?;
    Ok(UpdateUserResponse {
        identity_store_id: user.identity_store_id.into(),
        user_arn: user.id.arn(),
        user_id: user.id.into(),
        revision: user.revision.to_string(),
    })
}

pub(crate) async fn delete(app: App, cx: Cx, input: DeleteUserRequest) -> Result<DeleteUserResponse, Fault> {
    let (at, id) = (ids::identity_store(&input.identity_store_id)?, UserId::from_reference(&input.user_id)?);
    users::delete(&app.store, &cx, &at, &id, input.revision).await?;
    Ok(DeleteUserResponse {})
}

pub(crate) async fn get_id(app: App, cx: Cx, input: GetUserIdRequest) -> Result<GetUserIdResponse, Fault> {
    let at = ids::identity_store(&input.identity_store_id)?;
    let id = users::get_id(&app.store, &cx, &at, &key(input.alternate_identifier)?)?;
    Ok(GetUserIdResponse { identity_store_id: at.id().to_string(), user_arn: id.arn(), user_id: id.into() })
}

fn key(identifier: shapes::AlternateIdentifier) -> Result<UserKey, Fault> {
    match (identifier.external_id, identifier.unique_attribute) {
        (Some(external), None) => Ok(UserKey::ExternalId(ids::external_id(external))),
        (None, Some(unique)) => {
            let path = UserKeyPath::parse(&unique.attribute_path)?;
            let text = ids::unique_text(&unique)?;
            Ok(match path {
                UserKeyPath::UserName => UserKey::UserName(text),
                UserKeyPath::EmailValue => UserKey::Email(text),
            })
        }
        _ => Err(Fault::validation(
            "AlternateIdentifier must hold exactly one of ExternalId and UniqueAttribute",
        )),
    }
}
