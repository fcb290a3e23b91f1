//! How accounts that are somewhere else are reached: the SDK's requests leave through `outbound`, judged and bounded like everything that does; as whom, and
//! what their roles trust. Knows nothing of what is asked.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use broker::aws::access::{Access, Reach, RoleOnTheWay, Way};
use broker::aws::organization::OrganizationAccess;
use broker::aws::roles::Provider;
use model::accounts::account::AccountId;
use model::accounts::account_connection::AccountConnection;
use model::accounts::organization::OrganizationId;
use model::accounts::organization_connection::OrganizationConnection;
use model::clock::Clock;
use model::fault::Fault;
use model::instances::instance::{Instance, InstanceId};
use model::secret::Secret;
use outbound::address::Address;
use outbound::client::Outbound;
use outbound::failure::{Failure, Why};
use saml::certificate::Certificate;
use saml::metadata::{Endpoint, HTTP_POST, IdpMetadata};
use store::accounts::{account_connections, organization_connections};
use store::instances::signing_keys;
use store::sealing::Purpose;
use store::tx::Rx;
use zeroize::Zeroizing;

/// How people are named to accounts: for good, by their user name.
pub(crate) const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

/// What reaches accounts.
pub fn reach(outbound: &Outbound, clock: Arc<dyn Clock>) -> Reach {
    let connector = SharedHttpConnector::new(Judged(outbound.clone()));
    Reach { http: http_client_fn(move |_, _| connector.clone()), clock }
}

/// Sends what the SDK wrote and signed.
#[derive(Debug)]
struct Judged(Outbound);

impl HttpConnector for Judged {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let outbound = self.0.clone();
        HttpConnectorFuture::new(async move { sent(&outbound, &request).await })
    }
}

async fn sent(outbound: &Outbound, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
    if request.method() != "POST" {
        return Err(ConnectorError::user(format!("{} is not sent to accounts", request.method()).into()));
    }
    let address = Address::parse(request.uri()).map_err(|flaw| failed(Failure::from(flaw)))?;
    let body =
        request.body().bytes().ok_or_else(|| ConnectorError::user("a body that is not there".into()))?;
    let headers: Vec<(&str, &str)> = request.headers().iter().collect();
    let answer = outbound.post_signed(&address, &headers, Zeroizing::new(body.to_vec())).await;
    let answer = answer.map_err(failed)?;
    let status = answer.status().try_into().map_err(|_| ConnectorError::user("no HTTP status".into()))?;
    Ok(HttpResponse::new(status, SdkBody::from(answer.body())))
}

fn failed(failure: Failure) -> ConnectorError {
    // What is not allowed now will not be later; the others may pass.
    match failure.why {
        Why::Timeout { .. } => ConnectorError::timeout(failure.into()),
        Why::Address(_) | Why::NotEncrypted | Why::Refused { .. } | Why::Unsendable(_) => {
            ConnectorError::user(failure.into())
        }
        _ => ConnectorError::io(failure.into()),
    }
}

fn role(arn: Option<String>, external_id: Option<String>) -> Option<RoleOnTheWay> {
    arn.map(|arn| RoleOnTheWay { arn, external_id })
}

fn opened(rx: &mut Rx<'_>, place: &str, sealed: Option<Vec<u8>>) -> Result<Secret, Fault> {
    let sealed = sealed.ok_or_else(|| Fault::not_found(format!("{place} is not connected")))?;
    let opened = rx.keyring().open(Purpose::AccountSecret, place, &sealed);
    let opened = opened.ok_or_else(|| Fault::internal("the secret of a connection cannot be opened"))?;
    Ok(Secret::new(std::str::from_utf8(&opened).map_err(Fault::internal)?))
}

/// How an organization is read, with the secret opened.
pub(crate) fn organization_access(
    rx: &mut Rx<'_>,
    instance: &Instance,
    connection: &OrganizationConnection,
) -> Result<OrganizationAccess, Fault> {
    let settings = connection.settings.clone();
    let sealed = organization_connections::sealed_secret(rx, &connection.id)?;
    Ok(OrganizationAccess {
        organization: connection.id.clone(),
        endpoint: settings.organizations_endpoint,
        way: Way {
            sts_endpoint: settings.sts_endpoint,
            region: settings.region.unwrap_or_else(|| instance.region.clone()),
            access_key_id: settings.access_key_id,
            secret_access_key: opened(rx, connection.id.as_str(), sealed)?,
            roles: role(settings.role_arn, settings.external_id).into_iter().collect(),
        },
    })
}

fn existing(rx: &mut Rx<'_>, id: &OrganizationId) -> Result<OrganizationConnection, Fault> {
    organization_connections::find(rx, id)?
        .ok_or_else(|| Fault::internal("an account is reached by an organization that is not connected"))
}

/// How an account is entered, with the secret opened: as its own settings say, or by its organization's key and the role that this one takes.
pub(crate) fn access(
    rx: &mut Rx<'_>,
    instance: &Instance,
    connection: &AccountConnection,
) -> Result<Access, Fault> {
    let account = &connection.account_id;
    let settings = connection.settings.clone();
    let own = role(settings.role_arn, settings.external_id);
    let way = match &connection.organization_id {
        Some(id) => {
            let organization = existing(rx, id)?;
            let mut way = organization_access(rx, instance, &organization)?.way;
            way.roles.extend(own);
            way
        }
        None => Way {
            sts_endpoint: settings.sts_endpoint,
            region: settings.region.unwrap_or_else(|| instance.region.clone()),
            access_key_id: settings.access_key_id,
            secret_access_key: {
                let sealed = account_connections::sealed_secret(rx, account)?;
                opened(rx, account.as_str(), sealed)?
            },
            roles: own.into_iter().collect(),
        },
    };
    Ok(Access { account: account.clone(), iam_endpoint: settings.iam_endpoint, way })
}

/// What an instance calls itself in assertions for accounts. Independent of the host of its pages, which may change.
pub(crate) fn issuer(instance: &InstanceId) -> String {
    format!("urn:portico:{instance}")
}

/// What roles in an account trust: the keys that the instance signs assertions with.
pub(crate) fn provider(rx: &mut Rx<'_>, instance: &Instance, account: &AccountId) -> Result<Provider, Fault> {
    let keys = signing_keys::certificates(rx, signing_keys::SAML_IDP)?;
    let keys: Result<Vec<_>, _> = keys.iter().map(|der| Certificate::from_der(der)).collect();
    let location = format!("https://{}.awsapps.com/start", instance.identity_store_id);
    let metadata = IdpMetadata {
        entity_id: issuer(&instance.id),
        valid_until: None,
        certificates: keys.map_err(Fault::internal)?,
        encryption_certificates: Vec::new(),
        // IAM wants an address there. Nobody is sent to it: sign-ins begin here.
        single_sign_on: vec![Endpoint {
            binding: HTTP_POST.to_owned(),
            location,
            response_location: None,
            index: None,
        }],
        single_logout: Vec::new(),
        name_id_formats: vec![PERSISTENT.to_owned()],
        wants_signed_requests: false,
    };
    Ok(Provider {
        arn: broker::local::saml_provider_arn(account, &instance.id),
        metadata: metadata.write().map_err(Fault::internal)?,
    })
}
