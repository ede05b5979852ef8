//! What types share that ask an HTTP API: addresses below a base URL, credentials, limits, and what a status means.

mod ask;
mod faults;
mod path;

pub(crate) use ask::{Ask, Budget, Reply};

use muster_base::{Error, Result, Secret};
use muster_outbound::{Outbound, Trust, Url, parse_url};

/// The setting that names the server.
pub(crate) const BASE_URL: &str = "baseUrl";

/// How a server is told who asks.
#[derive(Debug, Clone)]
pub(crate) enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer TOKEN`, or with another word in front, e.g. `token`.
    Bearer(&'static str, Secret<String>),
    /// `Authorization: Basic`.
    Basic(String, Secret<String>),
    /// A header of its own, e.g. `X-Auth-Token`.
    Header(String, Secret<String>),
    /// A parameter of the query.
    Query(String, Secret<String>),
}

/// A server with an API.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    outbound: Outbound,
    title: &'static str,
    base: Url,
    auth: Auth,
    headers: Vec<(String, String)>,
}

impl Api {
    /// The API at `base`, called `title` in messages.
    ///
    /// Errors: `invalid` with the field `baseUrl`.
    pub(crate) fn new(outbound: &Outbound, title: &'static str, base: &str, auth: Auth) -> Result<Self> {
        let mut base = parse_url(BASE_URL, base)?;
        if base.query().is_some() || base.fragment().is_some() {
            return Err(Error::invalid(BASE_URL, "must end with its path, without ? and #"));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Ok(Self { outbound: outbound.clone(), title, base, auth, headers: Vec::new() })
    }

    /// Sends this header with each request; it is no secret.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Also trusts servers that `authorities` (PEM) signed, from the setting `caCertificate`.
    pub(crate) fn trusting(mut self, authorities: Option<String>) -> Result<Self> {
        if authorities.is_some() {
            let trust = Trust { authorities, identity: None };
            self.outbound = self
                .outbound
                .trusting(&trust)
                .map_err(|error| Error::invalid("caCertificate", error.message().to_owned()))?;
        }
        Ok(self)
    }

    /// What it is called.
    pub(crate) fn title(&self) -> &'static str {
        self.title
    }

    /// The base URL, which ends with a slash.
    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// A GET.
    pub(crate) fn get(&self, url: Url) -> Ask<'_> {
        Ask::new(self, muster_outbound::Method::GET, url)
    }

    /// A POST, only for searches that the API takes in no other way.
    pub(crate) fn post(&self, url: Url) -> Ask<'_> {
        Ask::new(self, muster_outbound::Method::POST, url)
    }
}

#[cfg(test)]
mod tests;
