//! OpenID Connect providers in the caller's own account: whose tokens its roles may trust, and for whom those must be made. What a token is worth is
//! [`sts_web_identity`](crate::sts_web_identity)'s. IAM user guide, "OIDC federation".

use jose::openid::discovery;
use model::access::{Context, Resource};
use model::accounts::oidc_provider::{self, OidcProvider};
use model::cx::Cx;
use model::fault::Fault;
use model::instances::tag::Tags;
use model::limits::{OIDC_CLIENT_IDS_MAX, OIDC_PROVIDERS_PER_ACCOUNT_MAX, OIDC_THUMBPRINTS_MAX};
use policy::require::{Action, require_with};
use policy::resource;
use serde_json::json;
use store::accounts::oidc_providers;
use store::applications::issuer_keys;
use store::db::Store;
use store::instances::tags;
use store::tx::{Rx, Tx};

use crate::iam::{
    invalid_input, no_entity, of_resource_tags, of_tag_keys, of_tags, own_account, put_tags, take_tags,
};

/// CloudTrail's word for a provider.
pub(crate) const OIDC_PROVIDER: &str = "AWS::IAM::OIDCProvider";

/// A provider, as it is asked for.
#[derive(Debug, Clone)]
pub struct NewOidcProvider {
    /// Its address.
    pub url: String,
    /// For whom its tokens must be made.
    pub client_ids: Vec<String>,
    /// SHA-1 of certificates.
    pub thumbprints: Vec<String>,
    /// Tags, as they came.
    pub tags: Vec<(String, String)>,
}

/// The provider of an ARN with its tags, if it is there, once the caller may do `action` on it. Whose it would be stands in the ARN.
fn guarded(
    rx: &mut Rx<'_>,
    cx: &Cx,
    (action, arn): (Action, &str),
    further: &Context,
) -> Result<(Option<OidcProvider>, Tags), Fault> {
    let named = oidc_provider::parse_arn(arn);
    let found = match &named {
        Some((account, name)) => oidc_providers::find(rx, account, name)?,
        None => None,
    };
    let tags = if found.is_some() { tags::all_of(rx, arn)? } else { Tags::new() };
    let resource = match &named {
        Some((account, _)) => resource::tagged(arn, account, tags.clone()),
        None => Resource { arn: arn.to_owned(), ..Resource::default() },
    };
    let mut context = further.clone();
    context.extend(of_resource_tags("iam", &tags));
    require_with(cx, action, &[resource], &context)?;
    Ok((found, tags))
}

fn no_provider(arn: &str) -> Fault {
    no_entity(format!("OpenIDConnect Provider not found for arn {arn}"))
}

/// A provider of the caller's account, with its tags.
pub fn get(store: &Store, cx: &Cx, action: Action, arn: &str) -> Result<(OidcProvider, Tags), Fault> {
    store.read(|rx| {
        let (found, tags) = guarded(rx, cx, (action, arn), &Context::new())?;
        Ok((found.ok_or_else(|| no_provider(arn))?, tags))
    })
}

/// The providers of the caller's account, by name.
pub fn list(store: &Store, cx: &Cx) -> Result<Vec<OidcProvider>, Fault> {
    let account = own_account(cx)?;
    let any = resource::owned(oidc_provider::arn(&account, "*"), &account);
    require_with(cx, Action("iam:ListOpenIDConnectProviders"), &[any], &Context::new())?;
    store.read(|rx| Ok(oidc_providers::list(rx, &account)?))
}

/// Refuses an address that no token could name, or that cannot be asked.
fn check_url(url: &str) -> Result<(), Fault> {
    discovery::address(url).map_err(|why| invalid_input(format!("Url: {why}")))?;
    if url.contains("/.well-known/") {
        return Err(invalid_input(format!(
            "Url is {url}: it is the provider's name, as its tokens have it in iss, without /.well-known/openid-configuration"
        )));
    }
    Ok(())
}

fn check_client_ids(ids: &[String]) -> Result<(), Fault> {
    if ids.len() <= OIDC_CLIENT_IDS_MAX {
        return Ok(());
    }
    Err(Fault::quota(format!(
        "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {OIDC_CLIENT_IDS_MAX}: there would be {}",
        ids.len()
    )))
}

/// As they were given, each once.
fn thumbprints(given: &[String]) -> Result<Vec<String>, Fault> {
    if given.len() > OIDC_THUMBPRINTS_MAX {
        let count = given.len();
        return Err(invalid_input(format!(
            "Thumbprint list must contain {OIDC_THUMBPRINTS_MAX} entries at most: it has {count}"
        )));
    }
    if let Some(wrong) =
        given.iter().find(|one| one.len() != 40 || !one.bytes().all(|byte| byte.is_ascii_hexdigit()))
    {
        return Err(invalid_input(format!(
            "ThumbprintList has {wrong}: a thumbprint is 40 hexadecimal digits, the SHA-1 of a certificate"
        )));
    }
    Ok(each_once(given))
}

fn each_once(given: &[String]) -> Vec<String> {
    let mut all: Vec<String> = Vec::with_capacity(given.len());
    for one in given {
        if !all.contains(one) {
            all.push(one.clone());
        }
    }
    all
}

/// CreateOpenIDConnectProvider. Nobody is asked for anything: a provider is heard when somebody first brings a token of its.
pub async fn create(store: &Store, cx: &Cx, new: NewOidcProvider) -> Result<(OidcProvider, Tags), Fault> {
    store
        .write(cx, move |tx, cx| {
            let account = own_account(cx)?;
            let arn = oidc_provider::arn(&account, oidc_provider::name(&new.url));
            let (resource, asked) = ([resource::owned(arn.as_str(), &account)], of_tags(&new.tags));
            require_with(cx, Action("iam:CreateOpenIDConnectProvider"), &resource, &asked)?;
            if !new.tags.is_empty() {
                require_with(cx, Action("iam:TagOpenIDConnectProvider"), &resource, &asked)?;
            }
            check_url(&new.url)?;
            let provider = OidcProvider {
                url: new.url.clone(),
                client_ids: each_once(&new.client_ids),
                thumbprints: thumbprints(&new.thumbprints)?,
                created_at: cx.now,
                account_id: account,
            };
            check_client_ids(&provider.client_ids)?;
            if oidc_providers::find(tx, &provider.account_id, provider.name())?.is_some() {
                return Err(Fault::conflict(format!("Provider with url {} already exists.", new.url)));
            }
            let quota = cx.mode.quota(OIDC_PROVIDERS_PER_ACCOUNT_MAX);
            if quota != u64::MAX && oidc_providers::count_in_account(tx, &provider.account_id)? >= quota {
                return Err(Fault::quota(format!(
                    "Cannot exceed quota for OpenIdConnectProvidersPerAccount: {quota}"
                )));
            }
            oidc_providers::insert(tx, &provider)?;
            put_tags(tx, &arn, &new.tags)?;
            cx.event().touch(OIDC_PROVIDER, arn.as_str());
            cx.event().respond(json!({ "openIDConnectProviderArn": arn }));
            let tags = tags::all_of(tx, &arn)?;
            Ok((provider, tags))
        })
        .await
}

/// Changes a provider, for who may do `action` on it.
async fn change(
    store: &Store,
    cx: &Cx,
    (action, arn): (Action, &str),
    further: Context,
    with: impl Fn(&mut Tx<'_>, OidcProvider) -> Result<(), Fault> + Send + 'static,
) -> Result<(), Fault> {
    let arn = arn.to_owned();
    store
        .write(cx, move |tx, cx| {
            let (found, _) = guarded(tx, cx, (action, &arn), &further)?;
            cx.event().touch(OIDC_PROVIDER, arn.as_str());
            with(tx, found.ok_or_else(|| no_provider(&arn))?)
        })
        .await
}

/// DeleteOpenIDConnectProvider: its tokens are worth nothing from now on; sessions that there are go on, as at AWS. One that is not there is no error (IAM
/// API reference).
pub async fn delete(store: &Store, cx: &Cx, arn: &str) -> Result<(), Fault> {
    let arn = arn.to_owned();
    store
        .write(cx, move |tx, cx| {
            let ask = (Action("iam:DeleteOpenIDConnectProvider"), arn.as_str());
            let (found, _) = guarded(tx, cx, ask, &Context::new())?;
            cx.event().touch(OIDC_PROVIDER, arn.as_str());
            let Some(provider) = found else { return Ok(()) };
            issuer_keys::delete(tx, &arn)?;
            tags::delete_all(tx, &arn)?;
            oidc_providers::delete(tx, &provider)
        })
        .await
}

/// AddClientIDToOpenIDConnectProvider. One that is there already is no error.
pub async fn add_client_id(store: &Store, cx: &Cx, arn: &str, id: String) -> Result<(), Fault> {
    let ask = (Action("iam:AddClientIDToOpenIDConnectProvider"), arn);
    change(store, cx, ask, Context::new(), move |tx, mut provider| {
        if !provider.client_ids.contains(&id) {
            provider.client_ids.push(id.clone());
        }
        check_client_ids(&provider.client_ids)?;
        oidc_providers::update(tx, &provider)
    })
    .await
}

/// RemoveClientIDFromOpenIDConnectProvider. One that is not there is no error.
pub async fn remove_client_id(store: &Store, cx: &Cx, arn: &str, id: String) -> Result<(), Fault> {
    let ask = (Action("iam:RemoveClientIDFromOpenIDConnectProvider"), arn);
    change(store, cx, ask, Context::new(), move |tx, mut provider| {
        provider.client_ids.retain(|one| *one != id);
        oidc_providers::update(tx, &provider)
    })
    .await
}

/// UpdateOpenIDConnectProviderThumbprint: these take the place of those that there were.
pub async fn set_thumbprints(store: &Store, cx: &Cx, arn: &str, given: Vec<String>) -> Result<(), Fault> {
    let ask = (Action("iam:UpdateOpenIDConnectProviderThumbprint"), arn);
    change(store, cx, ask, Context::new(), move |tx, mut provider| {
        provider.thumbprints = thumbprints(&given)?;
        oidc_providers::update(tx, &provider)
    })
    .await
}

/// TagOpenIDConnectProvider.
pub async fn tag(store: &Store, cx: &Cx, arn: &str, given: Vec<(String, String)>) -> Result<(), Fault> {
    let further = of_tags(&given);
    change(store, cx, (Action("iam:TagOpenIDConnectProvider"), arn), further, move |tx, provider| {
        put_tags(tx, &provider.arn(), &given)
    })
    .await
}

/// UntagOpenIDConnectProvider.
pub async fn untag(store: &Store, cx: &Cx, arn: &str, keys: Vec<String>) -> Result<(), Fault> {
    let further = of_tag_keys(&keys);
    change(store, cx, (Action("iam:UntagOpenIDConnectProvider"), arn), further, move |tx, provider| {
        take_tags(tx, &provider.arn(), &keys)
    })
    .await
}
