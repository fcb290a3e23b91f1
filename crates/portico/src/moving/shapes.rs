//! What a seed file's entries are in the SDK's shapes: the other way of `conversions.rs`.

use aws_sdk_identitystore::operation::create_user::builders::CreateUserFluentBuilder;
use aws_sdk_identitystore::types as people;
use aws_sdk_ssoadmin::types as admin;
use model::instances::tag::Tags;

use crate::moving::conversions::document;
use crate::seed_access_file::{Boundary, CustomerManagedPolicy};
use crate::seed_people_file::{Address, Photo, TypedText, User};

/// A call that makes this person.
pub(crate) fn create(call: CreateUserFluentBuilder, user: &User) -> anyhow::Result<CreateUserFluentBuilder> {
    let given = user.name.given_name.clone().unwrap_or_else(|| user.user_name.clone());
    let family = user.name.family_name.clone().unwrap_or_else(|| user.user_name.clone());
    let display = user.display_name.clone().unwrap_or_else(|| format!("{given} {family}"));
    let name = people::Name::builder()
        .given_name(given)
        .family_name(family)
        .set_middle_name(user.name.middle_name.clone())
        .set_formatted(user.name.formatted.clone())
        .set_honorific_prefix(user.name.honorific_prefix.clone())
        .set_honorific_suffix(user.name.honorific_suffix.clone());
    let emails = user.emails.iter().map(email).collect::<Vec<_>>();
    let phones = user.phone_numbers.iter().map(phone).collect::<Vec<_>>();
    let addresses = user.addresses.iter().map(address).collect::<Vec<_>>();
    let roles = user.roles.iter().map(role).collect::<Vec<_>>();
    let photos = user.photos.iter().map(photo).collect::<Result<Vec<_>, _>>()?;
    let extensions = user.extensions.iter().map(|(schema, value)| (schema.clone(), document(value)));
    Ok(call
        .user_name(&user.user_name)
        .display_name(display)
        .name(name.build())
        .set_emails(some(emails))
        .set_phone_numbers(some(phones))
        .set_addresses(some(addresses))
        .set_roles(some(roles))
        .set_photos(some(photos))
        .set_nick_name(user.nick_name.clone())
        .set_profile_url(user.profile_url.clone())
        .set_user_type(user.user_type.clone())
        .set_title(user.title.clone())
        .set_preferred_language(user.preferred_language.clone())
        .set_locale(user.locale.clone())
        .set_timezone(user.timezone.clone())
        .set_website(user.website.clone())
        .set_birthdate(user.birthdate.clone())
        .set_extensions((!user.extensions.is_empty()).then(|| extensions.collect())))
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn email(from: &TypedText) -> people::Email {
    people::Email::builder().value(&from.value).set_type(from.kind.clone()).primary(from.primary).build()
}

fn phone(from: &TypedText) -> people::PhoneNumber {
    people::PhoneNumber::builder()
        .value(&from.value)
        .set_type(from.kind.clone())
        .primary(from.primary)
        .build()
}

fn role(from: &TypedText) -> people::Role {
    people::Role::builder().value(&from.value).set_type(from.kind.clone()).primary(from.primary).build()
}

fn address(from: &Address) -> people::Address {
    people::Address::builder()
        .set_street_address(from.street_address.clone())
        .set_locality(from.locality.clone())
        .set_region(from.region.clone())
        .set_postal_code(from.postal_code.clone())
        .set_country(from.country.clone())
        .set_formatted(from.formatted.clone())
        .set_type(from.kind.clone())
        .primary(from.primary)
        .build()
}

fn photo(from: &Photo) -> Result<people::Photo, aws_smithy_types::error::operation::BuildError> {
    people::Photo::builder()
        .value(&from.value)
        .set_display(from.display.clone())
        .set_type(from.kind.clone())
        .primary(from.primary)
        .build()
}

/// A policy of accounts' own.
pub(crate) fn reference(
    policy: &CustomerManagedPolicy,
) -> Result<admin::CustomerManagedPolicyReference, aws_smithy_types::error::operation::BuildError> {
    admin::CustomerManagedPolicyReference::builder().name(&policy.name).path(&policy.path).build()
}

/// A boundary.
pub(crate) fn boundary(from: &Boundary) -> anyhow::Result<admin::PermissionsBoundary> {
    let managed = from.managed_policy.as_ref().map(|policy| policy.0.clone());
    let own = from.customer_managed_policy.as_ref().map(reference).transpose()?;
    let built = admin::PermissionsBoundary::builder();
    Ok(built.set_managed_policy_arn(managed).set_customer_managed_policy_reference(own).build())
}

/// Tags of what belongs to an instance.
pub(crate) fn tags(from: &Tags) -> Result<Vec<admin::Tag>, aws_smithy_types::error::operation::BuildError> {
    from.iter().map(|(key, value)| admin::Tag::builder().key(key).value(value).build()).collect()
}

/// Tags of what belongs to an organization.
pub(crate) fn organization_tags(
    from: &Tags,
) -> Result<Vec<aws_sdk_organizations::types::Tag>, aws_smithy_types::error::operation::BuildError> {
    let one = |(key, value)| aws_sdk_organizations::types::Tag::builder().key(key).value(value).build();
    from.iter().map(one).collect()
}
