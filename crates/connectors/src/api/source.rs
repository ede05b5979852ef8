//! The one way in which every API that is a table of endpoints is asked.

use super::endpoint::{self, Endpoint};
use super::http::{Answered, Budget, FAILED, Http, Sent};
use super::paging::{Next, Pages};
use super::refusal::{self, Refusal};
use super::settings::Settings;
use async_trait::async_trait;
use muster_base::{Error, Kind, Result};
use muster_domain::connectors::{About, Answer, Query, Resource, Source, SourceType};
use muster_outbound::Outbound;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The most calls that one question may cost.
const CALLS: usize = 60;

/// A vendor's API: a table of endpoints, and what is peculiar about the vendor.
#[async_trait]
pub(crate) trait Vendor: Send + Sync + Sized + 'static {
    /// What it says about itself.
    fn about() -> About;

    /// Makes it from its settings, with the base URL and credentials to call it.
    fn open(settings: &Settings, outbound: &Outbound) -> Result<(Self, Http)>;

    /// What it can be asked for.
    fn endpoints(&self) -> &'static [Endpoint];

    /// Calls it with its credentials and says in a sentence what answered.
    async fn greet(&self, http: &Http) -> Result<String>;

    /// How a question is sent: by GET, unless the API wants it otherwise.
    fn send<'a>(&self, query: &'a [(String, String)]) -> Sent<'a> {
        Sent::Get(query)
    }

    /// Puts what the API wants in place of what people write, e.g. the id of a channel for its name.
    async fn prepare(&self, _http: &Http, _query: &mut Query, _budget: &mut Budget) -> Result<()> {
        Ok(())
    }

    /// What an answer refuses. `None`: nothing, it is what was asked for.
    fn refusal(&self, answer: &Answered) -> Option<Refusal> {
        refusal::by_status(answer)
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

    /// Whether what is not JSON is an answer, as one text.
    fn takes_text(&self, _endpoint: &Endpoint) -> bool {
        false
    }
}

/// The type of source of a vendor.
pub(crate) struct ApiType<V> {
    about: About,
    outbound: Outbound,
    vendor: std::marker::PhantomData<V>,
}

impl<V: Vendor> ApiType<V> {
    pub(crate) fn new(outbound: &Outbound) -> Self {
        Self { about: V::about(), outbound: outbound.clone(), vendor: std::marker::PhantomData }
    }
}

#[async_trait]
impl<V: Vendor> SourceType for ApiType<V> {
    fn about(&self) -> &About {
        &self.about
    }

    async fn open(&self, settings: Map<String, Value>) -> Result<Arc<dyn Source>> {
        let (vendor, http) = V::open(&Settings::new(settings), &self.outbound)?;
        Ok(Arc::new(ApiSource { vendor, http }))
    }
}

/// An API with credentials.
struct ApiSource<V> {
    vendor: V,
    http: Http,
}

#[async_trait]
impl<V: Vendor> Source for ApiSource<V> {
    async fn test(&self) -> Result<String> {
        self.vendor.greet(&self.http).await
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        Ok(endpoint::resources(self.vendor.endpoints()))
    }

    async fn query(&self, mut query: Query) -> Result<Answer> {
        let table = self.vendor.endpoints();
        // What does not exist is refused before anything is looked up for it.
        endpoint::choose(table, &query.resource, &query.params)?;
        let mut budget = Budget::of(&query.limits);
        self.vendor.prepare(&self.http, &mut query, &mut budget).await?;
        let endpoint = endpoint::choose(table, &query.resource, &query.params)?;
        endpoint::explain(table, endpoint, &query.params)?;
        self.gather(endpoint, &query, budget).await
    }
}

impl<V: Vendor> ApiSource<V> {
    async fn gather(&self, endpoint: &Endpoint, query: &Query, mut budget: Budget) -> Result<Answer> {
        let call = endpoint.call(query)?;
        let mut gathered = Gathered::new(call.rows, query.limits.bytes);
        let mut pages = Pages::new(endpoint, call);
        for calls in 1.. {
            let answer = match self.ask(&pages.path, &pages.query, &mut budget).await {
                // What was had so far is worth more than nothing.
                Err(error) if calls > 1 && error.kind() == Kind::TooLarge => return Ok(gathered.cut_off()),
                answer => answer?,
            };
            let body = self.read(endpoint, &answer)?;
            let cursor = pages.look(&answer, &body);
            let items = self.vendor.items(endpoint, body);
            let (got, last) = (items.len(), items.last().cloned());
            for mut item in items {
                if self.vendor.trim(endpoint, &mut item) && !gathered.add(item) {
                    return Ok(gathered.cut_off());
                }
            }
            match pages.next(cursor, got, last.as_ref()) {
                Next::End => break,
                Next::Unknown => return Ok(gathered.cut_off()),
                Next::More if gathered.full() || calls == CALLS => return Ok(gathered.cut_off()),
                Next::More => {}
            }
        }
        Ok(gathered.whole())
    }

    async fn ask(&self, path: &str, query: &[(String, String)], budget: &mut Budget) -> Result<Answered> {
        let answer = self.http.send(path, self.vendor.send(query), budget).await?;
        match self.vendor.refusal(&answer) {
            Some(refusal) => Err(self.http.refused(&answer, &refusal)),
            None => Ok(answer),
        }
    }

    fn read(&self, endpoint: &Endpoint, answer: &Answered) -> Result<Value> {
        if self.vendor.takes_text(endpoint) {
            return Ok(Value::String(String::from_utf8_lossy(&answer.body).into_owned()));
        }
        if answer.body.is_empty() {
            return Ok(Value::Null);
        }
        answer.json().ok_or_else(|| self.http.unreadable())
    }
}

/// Asks for JSON that has to be there; for `greet` and `prepare`.
pub(crate) async fn fetch<V: Vendor>(
    vendor: &V,
    http: &Http,
    path: &str,
    query: &[(String, String)],
    budget: &mut Budget,
) -> Result<Value> {
    let answer = http.send(path, vendor.send(query), budget).await?;
    match vendor.refusal(&answer) {
        Some(refusal) => Err(http.refused(&answer, &refusal)),
        None => answer.json().ok_or_else(|| http.unreadable()),
    }
}

/// The items so far, within the limits.
pub(crate) struct Gathered {
    items: Vec<Value>,
    rows: usize,
    bytes: usize,
}

impl Gathered {
    pub(crate) fn new(rows: usize, bytes: usize) -> Self {
        Self { items: Vec::new(), rows, bytes }
    }

    /// Adds an item; `false` when it has no room.
    pub(crate) fn add(&mut self, item: Value) -> bool {
        let size = item.to_string().len() + 1;
        if self.full() || size > self.bytes {
            return false;
        }
        self.bytes -= size;
        self.items.push(item);
        true
    }

    pub(crate) fn full(&self) -> bool {
        self.items.len() >= self.rows
    }

    pub(crate) fn whole(self) -> Answer {
        Answer::Items { items: self.items, truncated: false }
    }

    pub(crate) fn cut_off(self) -> Answer {
        Answer::Items { items: self.items, truncated: true }
    }
}

/// A failure of a source, in its words.
pub(crate) fn failed(message: impl Into<String>) -> Error {
    Error::new(Kind::Upstream, FAILED, message)
}
