//! What asks: one request at a time on a connection of its own, by the terms. There is no other way out of this crate.
//!
//! Not here: proxies (the environment's are not looked at: `HTTPS_PROXY` changes nothing), redirects, cookies, HTTP/2, connections that stay open,
//! a second try. Whoever asks decides how often, and how many requests run at once.

use std::fmt;
use std::sync::Arc;

use model::fault::Fault;
use model::secret::Secret;
use rustls::RootCertStore;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use crate::address::Address;
use crate::answer::Answer;
use crate::connecting;
use crate::credentials::Credentials;
use crate::deadline::Deadline;
use crate::exchange::{Bounds, exchange};
use crate::failure::{Failure, Step, Why};
use crate::ldap::shared::Shared;
use crate::request::{self, Outgoing};
use crate::saying::short;
use crate::terms::Terms;
use crate::tls;

/// Asks others. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    terms: Arc<Terms>,
    roots: Arc<RootCertStore>,
    tls: TlsConnector,
    shared: Arc<Shared>,
}

impl Outbound {
    /// By terms that hold; reads the certificates that they name.
    pub fn new(terms: Terms) -> Result<Self, Fault> {
        terms.check()?;
        let roots = Arc::new(tls::roots(&terms.ca_files)?);
        let tls = tls::connector(Arc::clone(&roots))?;
        Ok(Self { terms: Arc::new(terms), roots, tls, shared: Arc::default() })
    }

    pub(crate) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// What is remembered of directories.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Whom this server trusts.
    pub(crate) fn roots(&self) -> &RootCertStore {
        &self.roots
    }

    /// Whether an address may be asked, as far as that can be known without asking anybody: for whoever keeps one. A name is judged by where it leads, and
    /// that only when it is asked, each time.
    pub fn admits(&self, address: &Address) -> Result<(), Failure> {
        connecting::admit(&self.terms.allowed, address).map_err(|why| at(address, why))
    }

    /// Gets a document; `accept` is the kind that is wanted. Only 200 is an answer.
    pub async fn get(
        &self,
        address: &Address,
        accept: &str,
        credentials: Credentials<'_>,
    ) -> Result<Answer, Failure> {
        let outgoing = request::get(address, accept, credentials);
        self.send(address, outgoing).await.map_err(|why| at(address, why))
    }

    /// Posts a form, as token requests are. What is no redirect is an answer, since what is refused says so in a body: look at [`Answer::status`].
    pub async fn post_form(
        &self,
        address: &Address,
        fields: &[(&str, &str)],
        credentials: Credentials<'_>,
    ) -> Result<Answer, Failure> {
        let outgoing = request::post_form(address, fields, credentials);
        self.send(address, outgoing).await.map_err(|why| at(address, why))
    }

    /// Posts a form that is written already, as those are that hold secrets: like [`Self::post_form`].
    pub async fn post_written(
        &self,
        address: &Address,
        form: &Secret,
        credentials: Credentials<'_>,
    ) -> Result<Answer, Failure> {
        let outgoing = request::post_written(address, form, credentials);
        self.send(address, outgoing).await.map_err(|why| at(address, why))
    }

    /// Posts what its caller has written and signed, with these headers. What is no redirect is an answer, as for forms.
    pub async fn post_signed(
        &self,
        address: &Address,
        headers: &[(&str, &str)],
        body: Zeroizing<Vec<u8>>,
    ) -> Result<Answer, Failure> {
        let outgoing = request::post_signed(address, headers, body);
        self.send(address, outgoing).await.map_err(|why| at(address, why))
    }

    async fn send(&self, address: &Address, outgoing: Result<Outgoing, Why>) -> Result<Answer, Why> {
        let outgoing = outgoing?;
        let Terms { allowed, names, timeout, bytes_max, .. } = &*self.terms;
        let deadline = Deadline::of(*timeout);
        let bounds = Bounds { address, deadline, bytes_max: *bytes_max };
        let addresses = connecting::judged(allowed, names, address, &deadline).await?;
        let link = connecting::connect(&addresses, address.port(), &deadline).await?;
        if !address.is_encrypted() {
            return exchange(link, outgoing, &bounds).await;
        }
        let name = address.server_name().map_err(Why::Address)?;
        let securing = async {
            self.tls
                .connect(name, link)
                .await
                .map_err(|error| Why::Tls { said: short(&error.to_string()), advice: tls::advice(&error) })
        };
        let link = deadline.hold(Step::Tls, securing).await?;
        exchange(link, outgoing, &bounds).await
    }
}

fn at(address: &Address, why: Why) -> Failure {
    Failure { place: Some(address.place()), why }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Outbound").field("terms", &self.terms).finish_non_exhaustive()
    }
}
