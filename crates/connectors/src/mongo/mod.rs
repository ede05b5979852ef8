//! MongoDB, read by filters and by pipelines of stages that read.

mod faults;
mod gate;
mod guard;
mod options;
mod question;

use crate::collect::Collector;
use crate::form::{authorities, form, host, port, secret, switch, text};
use crate::settings::read;
use async_trait::async_trait;
use gate::Gate;
use mongodb::bson::{Bson, Document, RawDocument, RawDocumentBuf, doc};
use mongodb::results::CollectionType;
use mongodb::{Client, Cursor, Database};
use muster_base::{Error, Kind, Result, Secret};
use muster_domain::connectors::{About, Answer, Limits, Query, Resource, Source, SourceType, failed};
use muster_outbound::Guard;
use options::{PORT, Settings, Way};
use question::{Find, Question};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::Instant;

const TITLE: &str = "MongoDB";

/// How many collections are listed, and of how many a document is looked at for its fields.
const LISTED: usize = 200;
const LOOKED_AT: usize = 30;

/// How long looking at documents for their fields may take in all.
const LOOK_WITHIN: Duration = Duration::from_secs(5);

/// The documents that come in one piece.
const BATCH: usize = 100;

const QUERY_FORM: &str = "\
`resource` is a collection. `query` is a filter in JSON, or a list of stages of an aggregation; empty for all documents. \
`params` of a filter: `projection`, `sort` (`\"-created\"` or a list), `limit`, `skip`.

```json
{\"resource\": \"orders\", \"query\": \"{\\\"state\\\": \\\"open\\\"}\", \"params\": {\"sort\": \"-created\", \"limit\": 20}}
{\"resource\": \"orders\", \"query\": \"[{\\\"$group\\\": {\\\"_id\\\": \\\"$state\\\", \\\"n\\\": {\\\"$sum\\\": 1}}}]\"}
```

Values that JSON does not have are written as extended JSON, e.g. `{\"$oid\": \"...\"}` and `{\"$date\": \"2026-01-31T00:00:00Z\"}`. \
What writes or runs code is refused: `$out`, `$merge`, `$where`, `$function`, `$accumulator`.";

/// The type.
pub(crate) struct MongoDb {
    about: About,
    guard: Guard,
}

impl MongoDb {
    pub(crate) fn new(guard: &Guard) -> Self {
        let string = "`mongodb://...` or `mongodb+srv://...`, instead of host, port, user and the like.";
        let source = "The database that knows the user, `admin` where nothing is said.";
        let set = "The name of the replica set, where there is one.";
        let about = About {
            kind: "mongodb",
            title: TITLE,
            summary: "Collections of a MongoDB database, read by filters and aggregations.",
            query_form: QUERY_FORM,
            settings: form([
                ("database", text("Database", "Name of the database.").required()),
                ("connectionString", secret("Connection string", string).place()),
                ("host", host()),
                ("port", port(PORT)),
                ("user", text("User", "Who to sign in as; one with the role `read` is best.")),
                ("password", secret("Password", "Password of the user.")),
                ("authSource", text("Authentication database", source)),
                ("replicaSet", text("Replica set", set)),
                ("tls", switch("TLS", "Whether the server is spoken to by TLS.", false).place()),
                ("caCertificate", authorities()),
            ]),
        };
        Self { about, guard: guard.clone() }
    }
}

#[async_trait]
impl SourceType for MongoDb {
    fn about(&self) -> &About {
        &self.about
    }

    async fn open(&self, settings: Map<String, Value>) -> Result<Arc<dyn Source>> {
        let settings: Settings = read(settings)?;
        let name = settings.database.clone();
        if name.is_empty() || name.contains(['/', '\\', '.', ' ', '"', '$', '\0']) {
            return Err(Error::invalid("database", "must be the name of a database"));
        }
        Ok(Arc::new(Deployment { name, guard: self.guard.clone(), way: Way::read(settings)?, open: OnceCell::new() }))
    }
}

/// A deployment with its connections, which are made when they are first needed.
struct Deployment {
    name: String,
    guard: Guard,
    way: Way,
    open: OnceCell<Open>,
}

/// The driver, and the gate by which it connects.
struct Open {
    database: Database,
    password: Option<Secret<String>>,
    gate: Gate,
}

#[async_trait]
impl Source for Deployment {
    async fn test(&self) -> Result<String> {
        let open = self.open().await?;
        let built = self.command(open, doc! {"buildInfo": 1}).await?;
        let list = doc! {"listCollections": 1, "nameOnly": true, "authorizedCollections": true};
        self.command(open, list).await?;
        let version = built.get_str("version").unwrap_or("of unknown version");
        Ok(format!("{TITLE} {version}, database {}", self.name))
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        let open = self.open().await?;
        let until = Instant::now() + LOOK_WITHIN;
        let mut told = Vec::new();
        for (name, kind) in self.collections(open).await? {
            let left = until.saturating_duration_since(Instant::now());
            let fields = if told.len() < LOOKED_AT && !left.is_zero() {
                tokio::time::timeout(left, fields(&open.database, &name)).await.ok().flatten()
            } else {
                None
            };
            let description = match fields {
                Some(fields) if !fields.is_empty() => format!("{kind} of documents such as {{{}}}", fields.join(", ")),
                _ => kind.to_owned(),
            };
            told.push(Resource { name, description });
        }
        Ok(told)
    }

    async fn query(&self, mut query: Query) -> Result<Answer> {
        let name = query.resource.trim().to_owned();
        if name.is_empty() {
            return Err(Error::invalid("resource", "is needed: the name of a collection"));
        }
        guard::collection("resource", &name)?;
        let question = Question::read(&query)?;
        query.limits.rows = crate::table::limit(&query.params, query.limits.rows, false)?;
        let until = Instant::now() + query.limits.time;
        let open = self.open().await?;
        let answer = self.ask(open, &name, question, &query.limits, until).await;
        match answer {
            Ok(Answer::Items { items, .. }) if items.is_empty() => self.nothing(open, &name).await,
            answer => answer,
        }
    }
}

impl Deployment {
    async fn open(&self) -> Result<&Open> {
        self.open.get_or_try_init(|| self.connect()).await
    }

    async fn connect(&self) -> Result<Open> {
        let mut options = self.way.options().await?;
        self.first_look(&Way::hosts(&options)).await?;
        let gate = Gate::open(&self.guard).await?;
        options.socks5_proxy = Some(gate.proxy());
        let password = options.credential.as_ref().and_then(|credential| credential.password.clone()).map(Secret::new);
        let client = Client::with_options(options).map_err(|error| faults::of(&error, password.as_ref()))?;
        Ok(Open { database: client.database(&self.name), password, gate })
    }

    /// Says at once what the gate would refuse, which the driver would only find after many tries.
    async fn first_look(&self, hosts: &[(String, u16)]) -> Result<()> {
        let mut refused = None;
        for (host, port) in hosts {
            match self.guard.resolve(host, *port).await {
                Ok(_) => return Ok(()),
                Err(error) => refused = Some(self.by_field(&error)),
            }
        }
        refused.map_or(Ok(()), Err)
    }

    fn by_field(&self, error: &Error) -> Error {
        match error.kind() {
            Kind::Invalid => Error::invalid(self.way.field, error.problem()),
            _ => failed(error.message()),
        }
    }

    fn fault(&self, open: &Open, error: &mongodb::error::Error) -> Error {
        let fault = faults::of(error, open.password.as_ref());
        let unreachable = fault.kind() == Kind::Upstream && fault.message().contains("reached");
        match open.gate.refusal().filter(|_| unreachable) {
            Some(refused) => self.by_field(&refused),
            None => fault,
        }
    }

    async fn command(&self, open: &Open, command: Document) -> Result<Document> {
        open.database.run_command(command).await.map_err(|error| self.fault(open, &error))
    }

    /// The names of collections and views.
    async fn collections(&self, open: &Open) -> Result<Vec<(String, &'static str)>> {
        let fault = |error| self.fault(open, &error);
        let mut cursor = open.database.list_collections().await.map_err(fault)?;
        let mut found = Vec::new();
        while found.len() < LISTED && cursor.advance().await.map_err(fault)? {
            let specification = cursor.deserialize_current().map_err(fault)?;
            let kind = match specification.collection_type {
                CollectionType::View => "view",
                CollectionType::Timeseries => "time series",
                _ => "collection",
            };
            if !specification.name.starts_with("system.") {
                found.push((specification.name, kind));
            }
        }
        found.sort();
        Ok(found)
    }

    async fn ask(
        &self,
        open: &Open,
        name: &str,
        question: Question,
        limits: &Limits,
        until: Instant,
    ) -> Result<Answer> {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        // One more than wanted tells whether there is more.
        let rows = limits.rows.saturating_add(1) as i64;
        let batch = limits.rows.saturating_add(1).min(BATCH) as u32;
        let collection = open.database.collection::<RawDocumentBuf>(name);
        let cursor = match question {
            Question::Find(find) => {
                let Find { filter, projection, sort, skip } = *find;
                let mut find = collection.find(filter).limit(rows).batch_size(batch).max_time(left);
                find = if let Some(projection) = projection { find.projection(projection) } else { find };
                find = if let Some(sort) = sort { find.sort(sort) } else { find };
                find = if let Some(skip) = skip { find.skip(skip) } else { find };
                find.await
            }
            Question::Aggregate(mut stages) => {
                stages.push(doc! {"$limit": rows});
                collection.aggregate(stages).batch_size(batch).max_time(left).await.map(Cursor::with_type)
            }
        };
        let mut cursor = cursor.map_err(|error| self.fault(open, &error))?;
        let mut found = Collector::new(limits);
        while !found.is_cut() && cursor.advance().await.map_err(|error| self.fault(open, &error))? {
            found.take([json(cursor.current())?]);
        }
        Ok(found.answer())
    }

    /// A collection that is not there gives no documents either; that is told.
    async fn nothing(&self, open: &Open, name: &str) -> Result<Answer> {
        let there = self.collections(open).await.unwrap_or_default();
        if !there.is_empty() && there.len() < LISTED && !there.iter().any(|(other, _)| other == name) {
            let names: Vec<&str> = there.iter().map(|(name, _)| name.as_str()).take(50).collect();
            let problem = format!("there is no collection `{name}`; there is {}", names.join(", "));
            return Err(Error::invalid("resource", problem));
        }
        Ok(Answer::Items { items: Vec::new(), truncated: false })
    }
}

/// The fields of some document of a collection.
async fn fields(database: &Database, name: &str) -> Option<Vec<String>> {
    let collection = database.collection::<Document>(name);
    let found = collection.find_one(Document::new()).max_time(Duration::from_secs(1)).await.ok()??;
    Some(found.keys().take(30).cloned().collect())
}

/// A document as extended JSON, where numbers, texts and lists are what they are in JSON.
fn json(raw: &RawDocument) -> Result<Value> {
    let document =
        Document::try_from(raw).map_err(|_| failed(format!("{TITLE} answered with a document that cannot be read")))?;
    Ok(Bson::Document(document).into_relaxed_extjson())
}
