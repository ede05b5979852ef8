//! Kubernetes: objects of any kind, and the logs of pods. Values of secrets are never given.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/>

mod kinds;
mod redact;

use crate::api::{Api, Auth, Budget, Reply, words};
use crate::collect::Collector;
use crate::form::{authorities, form, secret, text, url};
use crate::params::Params;
use crate::settings::{filled, read};
use async_trait::async_trait;
use kinds::Kind;
use muster_base::{Error, Result, Secret};
use muster_domain::connectors::{About, Answer, Query, Resource, Source, SourceType, failed};
use muster_outbound::{Outbound, Url};
use redact::redact;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const TITLE: &str = "Kubernetes";

/// How many objects a page may have.
const PAGE: usize = 250;

/// The lines of a log that are read where nothing is said.
const TAIL: i64 = 200;

const QUERY_FORM: &str = "\
`resource` is a kind in the plural, e.g. `pods`, `deployments`, `events`, or `GROUP/VERSION/PLURAL` for any other. \
`params` narrow it: `namespace`, `name` for one object, `labelSelector`, `fieldSelector`. `query` may be a label selector.

```json
{\"resource\": \"pods\", \"params\": {\"namespace\": \"shop\", \"labelSelector\": \"app=web\"}}
{\"resource\": \"events\", \"params\": {\"namespace\": \"shop\", \"fieldSelector\": \"type=Warning\"}}
{\"resource\": \"pods/log\", \"params\": {\"namespace\": \"shop\", \"name\": \"web-5d9c\", \"tailLines\": 100}}
```

Of secrets the values are left out.";

/// The type.
pub(crate) struct Kubernetes {
    about: About,
    outbound: Outbound,
}

impl Kubernetes {
    pub(crate) fn new(outbound: &Outbound) -> Self {
        let token = "A token of a service account that may `get` and `list` what is to be read, e.g. by the cluster role \
                     `view`; with `pods/log` for logs.";
        let namespace = "The namespace that is meant where none is named; without it lists are of the whole cluster.";
        let about = About {
            kind: "kubernetes",
            title: TITLE,
            summary: "Reads objects of any kind and the logs of pods of a Kubernetes cluster.",
            query_form: QUERY_FORM,
            settings: form([
                ("baseUrl", url("API server", "Where the API is.").example("https://k8s.example.com:6443").required()),
                ("token", secret("Token", token).required()),
                ("namespace", text("Namespace", namespace)),
                ("caCertificate", authorities()),
            ]),
        };
        Self { about, outbound: outbound.clone() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    base_url: String,
    token: Secret<String>,
    namespace: Option<String>,
    ca_certificate: Option<String>,
}

#[async_trait]
impl SourceType for Kubernetes {
    fn about(&self) -> &About {
        &self.about
    }

    async fn open(&self, settings: Map<String, Value>) -> Result<Arc<dyn Source>> {
        let settings: Settings = read(settings)?;
        let api = Api::new(&self.outbound, TITLE, &settings.base_url, Auth::Bearer("Bearer", settings.token))?;
        let api = api.trusting(filled(settings.ca_certificate))?;
        Ok(Arc::new(Cluster { api, namespace: filled(settings.namespace) }))
    }
}

/// A cluster.
struct Cluster {
    api: Api,
    namespace: Option<String>,
}

#[async_trait]
impl Source for Cluster {
    async fn test(&self) -> Result<String> {
        let budget = &mut Budget::small();
        let version: Value = self.api.get(self.api.at(&["version"])?).fetch(budget).await?;
        let Some(version) = version["gitVersion"].as_str() else {
            return Err(failed("what answered is no API server of Kubernetes; check the base URL"));
        };
        // The version is told to anybody; a list of pods says whether the token is good for something.
        let pods = Kind::read("pods")?.path(self.namespace.as_deref(), None)?;
        self.ask(&pods, &[("limit".to_owned(), "1".to_owned())], budget).await?;
        Ok(format!("Kubernetes {version} at {}", self.api.host()))
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        Ok(kinds::resources())
    }

    async fn query(&self, query: Query) -> Result<Answer> {
        match query.resource.trim().trim_matches('/') {
            "version" => {
                nothing_else(&query)?;
                let version: Value =
                    self.api.get(self.api.at(&["version"])?).fetch(&mut Budget::new(&query.limits)).await?;
                Ok(Answer::Items { items: vec![version], truncated: false })
            }
            "pods/log" | "v1/pods/log" => self.log(&query).await,
            _ => self.objects(query).await,
        }
    }
}

fn nothing_else(query: &Query) -> Result<()> {
    if !query.query.trim().is_empty() {
        return Err(Error::invalid("query", "must be empty for this"));
    }
    Params::new(&query.params).finish()
}

impl Cluster {
    async fn objects(&self, mut query: Query) -> Result<Answer> {
        let kind = Kind::read(&query.resource)?;
        query.limits.rows = crate::table::limit(&query.params, query.limits.rows, false)?;
        let mut params = Params::new(&query.params);
        let _ = params.value("limit");
        let (namespace, name) = (filled(params.text("namespace")?), filled(params.text("name")?));
        let label = filled(params.text("labelSelector")?);
        let field = filled(params.text("fieldSelector")?);
        params.finish()?;
        let words = Some(query.query.trim().to_owned()).filter(|words| !words.is_empty());
        if label.is_some() && words.is_some() {
            return Err(Error::invalid("query", "must be empty when there is a labelSelector"));
        }
        // A namespace of the settings is only a default: kinds of the whole cluster have none.
        let usual = self.namespace.clone().filter(|_| kind.is_usually_in_a_namespace());
        let path = kind.path(namespace.or(usual).as_deref(), name.as_deref())?;
        let mut budget = Budget::new(&query.limits);
        if name.is_some() {
            if let Some(other) = label.or(words).or(field) {
                let problem = format!("`{other}` selects among many; leave it out with a name");
                return Err(Error::invalid("params.name", problem));
            }
            let mut object: Value = self.ask(&path, &[], &mut budget).await?.json()?;
            redact(&mut object, &kind.plural);
            return Ok(Answer::Items { items: vec![object], truncated: false });
        }
        let mut sent = Vec::new();
        sent.extend(label.or(words).map(|label| ("labelSelector".to_owned(), label)));
        sent.extend(field.map(|field| ("fieldSelector".to_owned(), field)));
        self.list(&kind, &path, sent, &query, &mut budget).await
    }

    async fn list(
        &self,
        kind: &Kind,
        path: &[String],
        selectors: Vec<(String, String)>,
        query: &Query,
        budget: &mut Budget,
    ) -> Result<Answer> {
        let mut found = Collector::new(&query.limits);
        let mut next: Option<String> = None;
        loop {
            let mut sent = selectors.clone();
            sent.push(("limit".to_owned(), found.want(PAGE).to_string()));
            sent.extend(next.take().map(|next| ("continue".to_owned(), next)));
            let mut page: Value = self.ask(path, &sent, budget).await?.json()?;
            let Value::Array(mut items) = page["items"].take() else {
                return Err(failed("Kubernetes answered with something other than a list"));
            };
            for item in &mut items {
                redact(item, &kind.plural);
            }
            found.take(items);
            next = page
                .pointer("/metadata/continue")
                .and_then(Value::as_str)
                .filter(|next| !next.is_empty())
                .map(str::to_owned);
            if !found.goes_on(next.is_some()) {
                return Ok(found.answer());
            }
        }
    }

    async fn log(&self, query: &Query) -> Result<Answer> {
        let mut params = Params::new(&query.params);
        let namespace = filled(params.text("namespace")?).or_else(|| self.namespace.clone());
        let namespace =
            namespace.ok_or_else(|| Error::invalid("params.namespace", "is needed for the log of a pod"))?;
        let name = params.required("name")?;
        let rows = query.limits.rows as i64;
        let limit = params.whole("limit", 1, i64::MAX)?.map(|limit| limit.min(rows));
        let tail = params.whole("tailLines", 1, i64::MAX)?.or(limit).unwrap_or(TAIL).min(rows);
        // One more than wanted tells whether there is more.
        let mut sent = vec![("tailLines".to_owned(), (tail + 1).to_string())];
        sent.push(("limitBytes".to_owned(), (query.limits.bytes / 2).max(1).to_string()));
        sent.extend(filled(params.text("container")?).map(|container| ("container".to_owned(), container)));
        sent.extend(
            params.whole("sinceSeconds", 1, i64::MAX)?.map(|since| ("sinceSeconds".to_owned(), since.to_string())),
        );
        for name in ["previous", "timestamps"] {
            sent.extend(params.flag(name)?.map(|flag| (name.to_owned(), flag.to_string())));
        }
        params.finish()?;
        if !query.query.trim().is_empty() {
            return Err(Error::invalid("query", "must be empty for a log; narrow it by params"));
        }
        let mut path = Kind::read("pods")?.path(Some(&namespace), Some(&name))?;
        path.push("log".to_owned());
        let mut budget = Budget::new(&query.limits);
        let reply = self.ask(&path, &sent, &mut budget).await?;
        let text = String::from_utf8_lossy(reply.body());
        let lines: Vec<&str> = text.lines().collect();
        let more = lines.len() as i64 > tail || reply.body().len() >= query.limits.bytes / 2;
        let from = lines.len().saturating_sub(tail as usize);
        let mut found = Collector::new(&query.limits);
        found.take(lines[from..].iter().map(|line| json!({"line": line})));
        if more {
            found.cut();
        }
        Ok(found.answer())
    }

    async fn ask(&self, path: &[String], query: &[(String, String)], budget: &mut Budget) -> Result<Reply> {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let mut url: Url = self.api.at(&parts)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let reply = self.api.get(url).answer(budget).await?;
        match reply.status().as_u16() {
            // A list that began too long ago cannot be gone on with.
            410 => Err(failed("Kubernetes no longer knows where the list was; ask again")),
            // What is missing is an object, or a kind that this cluster does not have.
            404 => {
                let body: Option<Value> = reply.json().ok();
                let said = body.and_then(|body| body["message"].as_str().map(|said| words(&self.api, said)));
                Err(Error::invalid(
                    "resource",
                    said.unwrap_or_else(|| "the cluster does not have this kind".to_owned()),
                ))
            }
            _ => reply.success(&self.api),
        }
    }
}
