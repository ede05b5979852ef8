//! The one way in which every API that is a table of endpoints is asked.

use super::endpoint::{self, Endpoint};
use super::paging::{Next, Pages};
use crate::api::{Api, Ask, Budget, Reply, is_too_large};
use crate::collect::Collector;
use async_trait::async_trait;
use muster_base::{Error, Result};
use muster_domain::connectors::{About, Answer, Query, Resource, Source, SourceType, failed};
use muster_outbound::{Outbound, Url};
use serde_json::{Map, Value};
use std::marker::PhantomData;
use std::sync::Arc;

/// A vendor's API: a table of endpoints, and what is peculiar about the vendor.
#[async_trait]
pub(crate) trait Vendor: Send + Sync + Sized + 'static {
    /// What it says about itself.
    fn about() -> About;

    /// Makes it from its settings, with the API that it asks.
    fn open(settings: Map<String, Value>, outbound: &Outbound) -> Result<(Self, Api)>;

    /// What it can be asked for.
    fn endpoints(&self) -> &'static [Endpoint];

    /// Calls it with its credentials and says in a sentence what answered.
    async fn greet(&self, api: &Api) -> Result<String>;

    /// What is asked where no resource is named.
    fn usual(&self) -> Option<&'static str> {
        None
    }

    /// How it is asked: by GET, unless the API wants it otherwise.
    fn ask<'a>(&self, api: &'a Api, url: Url) -> Ask<'a> {
        api.get(url)
    }

    /// Puts what the API wants in place of what people write, e.g. the id of a channel for its name.
    async fn prepare(&self, _api: &Api, _query: &mut Query, _budget: &mut Budget) -> Result<()> {
        Ok(())
    }

    /// What an answer fails at, where this API says it otherwise than by its status.
    fn fault(&self, _api: &Api, _answer: &Reply) -> Option<Error> {
        None
    }

    /// The items of an answer.
    fn items(&self, endpoint: &Endpoint, mut body: Value) -> Vec<Value> {
        match body.pointer_mut(endpoint.items).map(Value::take) {
            Some(Value::Array(items)) => items,
            Some(Value::Null) | None => Vec::new(),
            Some(item) => vec![item],
        }
    }

    /// Takes out of an item what nobody asked for: links to itself, pictures, secrets. `false`: leave it out.
    fn trim(&self, _endpoint: &Endpoint, _item: &mut Value) -> bool {
        true
    }
}

/// The type of source of a vendor.
pub(crate) struct TableType<V> {
    about: About,
    outbound: Outbound,
    vendor: PhantomData<V>,
}

impl<V: Vendor> TableType<V> {
    /// A type whose sources are reached through `outbound`.
    pub(crate) fn shared(outbound: &Outbound) -> Arc<dyn SourceType> {
        Arc::new(Self { about: V::about(), outbound: outbound.clone(), vendor: PhantomData })
    }
}

#[async_trait]
impl<V: Vendor> SourceType for TableType<V> {
    fn about(&self) -> &About {
        &self.about
    }

    async fn open(&self, settings: Map<String, Value>) -> Result<Arc<dyn Source>> {
        let (vendor, api) = V::open(settings, &self.outbound)?;
        Ok(Arc::new(TableSource { vendor, api }))
    }
}

/// One configured API.
struct TableSource<V> {
    vendor: V,
    api: Api,
}

#[async_trait]
impl<V: Vendor> Source for TableSource<V> {
    async fn test(&self) -> Result<String> {
        self.vendor.greet(&self.api).await
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        Ok(endpoint::resources(self.vendor.endpoints()))
    }

    async fn query(&self, mut query: Query) -> Result<Answer> {
        let table = self.vendor.endpoints();
        if let (true, Some(usual)) = (query.resource.trim().is_empty(), self.vendor.usual()) {
            query.resource = usual.to_owned();
        }
        // What does not exist is refused before anything is looked up for it.
        endpoint::choose(table, &query.resource, &query.params)?;
        let mut budget = Budget::new(&query.limits);
        self.vendor.prepare(&self.api, &mut query, &mut budget).await?;
        let endpoint = endpoint::choose(table, &query.resource, &query.params)?;
        endpoint::explain(table, endpoint, &query.params)?;
        self.gather(endpoint, &mut query, &mut budget).await
    }
}

impl<V: Vendor> TableSource<V> {
    async fn gather(&self, endpoint: &Endpoint, query: &mut Query, budget: &mut Budget) -> Result<Answer> {
        let call = endpoint.call(query)?;
        query.limits.rows = call.rows;
        let mut found = Collector::new(&query.limits);
        let mut pages = Pages::new(endpoint, call);
        for number in 1.. {
            let answer = match ask(&self.vendor, &self.api, pages.path(), &pages.query, budget).await {
                // What was had so far is worth more than nothing.
                Err(error) if number > 1 && is_too_large(&error) => {
                    found.cut();
                    break;
                }
                answer => answer?,
            };
            let body = read(&self.api, &answer)?;
            let cursor = pages.look(&answer, &body);
            let items = self.vendor.items(endpoint, body);
            let (got, last) = (items.len(), items.last().cloned());
            found.take(items.into_iter().filter_map(|mut item| self.vendor.trim(endpoint, &mut item).then_some(item)));
            let next = pages.next(cursor, got, last.as_ref());
            if next == Next::Unknown {
                found.cut();
            }
            if !found.goes_on(next == Next::More) {
                break;
            }
        }
        Ok(found.answer())
    }
}

/// Asks for JSON that has to be there; for `greet` and `prepare`.
pub(crate) async fn fetch<V: Vendor>(
    vendor: &V,
    api: &Api,
    path: &[&str],
    query: &[(&str, &str)],
    budget: &mut Budget,
) -> Result<Value> {
    let query: Vec<(String, String)> =
        query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let answer = ask(vendor, api, path.to_vec(), &query, budget).await?;
    read(api, &answer)
}

async fn ask<V: Vendor>(
    vendor: &V,
    api: &Api,
    path: Vec<&str>,
    query: &[(String, String)],
    budget: &mut Budget,
) -> Result<Reply> {
    let mut url = api.at(&path)?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let answer = vendor.ask(api, url).answer(budget).await?;
    match vendor.fault(api, &answer) {
        Some(error) => Err(error),
        None => answer.success(api),
    }
}

fn read(api: &Api, answer: &Reply) -> Result<Value> {
    if answer.body().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(answer.body())
        .map_err(|_| failed(format!("{} answered with what is not its API's JSON; check the base URL", api.title())))
}
