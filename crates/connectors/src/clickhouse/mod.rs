//! ClickHouse, by its HTTP interface, asked with the setting `readonly`.
//!
//! <https://clickhouse.com/docs/interfaces/http>, <https://clickhouse.com/docs/operations/settings/permissions-for-queries>

mod guard;
mod params;
mod rows;

use crate::api::{Api, Ask, Auth, Budget, Reply};
use crate::form::{authorities, form, secret, text, url};
use crate::settings::{filled, read};
use async_trait::async_trait;
use muster_base::{Error, Result, Secret};
use muster_domain::connectors::{About, Answer, Limits, Query, Resource, Source, SourceType, failed, timed_out};
use muster_outbound::Outbound;
use rows::Rows;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const TITLE: &str = "ClickHouse";

/// The code of a statement that took longer than `max_execution_time`.
const TOO_LONG: &str = "159";

const QUERY_FORM: &str = "\
`query` is one SQL statement that reads: `SELECT`, `WITH`, `SHOW`, `DESCRIBE`, `EXPLAIN` or `EXISTS`. Values go into \
`params` and are named in the query with their type: `SELECT * FROM events WHERE user = {user:UInt64}` with \
`{\"user\": 17}`.

Without a `query`, `resource` is a table that is read whole, e.g. `events` or `shop.events`.

The server is asked with `readonly`. Statements that write or kill, clauses `SETTINGS`, `FORMAT` and `INTO OUTFILE`, and \
functions that reach for files or other servers are refused.";

const RESOURCES: &str = "\
SELECT if(database = currentDatabase(), table, concat(database, '.', table)), \
       arrayStringConcat(groupArray(40)(concat(name, ' ', type)), ', ') \
  FROM system.columns \
 WHERE database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema') \
 GROUP BY database, table \
 ORDER BY database != currentDatabase(), database, table \
 LIMIT 200";

/// The type.
pub(crate) struct ClickHouse {
    about: About,
    outbound: Outbound,
}

impl ClickHouse {
    pub(crate) fn new(outbound: &Outbound) -> Self {
        let base = "Where the HTTP interface is.";
        let about = About {
            kind: "clickhouse",
            title: TITLE,
            summary: "Tables of a ClickHouse database, read by SQL.",
            query_form: QUERY_FORM,
            settings: form([
                ("baseUrl", url("Base URL", base).example("https://clickhouse.example.com:8443").required()),
                ("user", text("User", "Who to sign in as; one that may only read is best.").default("default")),
                ("password", secret("Password", "Password of the user.")),
                ("database", text("Database", "Where tables without a database are looked for.")),
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
    user: Option<String>,
    password: Option<Secret<String>>,
    database: Option<String>,
    ca_certificate: Option<String>,
}

#[async_trait]
impl SourceType for ClickHouse {
    fn about(&self) -> &About {
        &self.about
    }

    async fn open(&self, settings: Map<String, Value>) -> Result<Arc<dyn Source>> {
        let settings: Settings = read(settings)?;
        let user = filled(settings.user).unwrap_or_else(|| "default".to_owned());
        let auth = match settings.password.filter(|password| !password.expose().is_empty()) {
            Some(password) => Auth::Header("x-clickhouse-key".to_owned(), password),
            None => Auth::None,
        };
        let api =
            Api::new(&self.outbound, TITLE, &settings.base_url, auth)?.trusting(filled(settings.ca_certificate))?;
        let api = api.header("x-clickhouse-user", &user);
        Ok(Arc::new(Database { api, database: filled(settings.database), writes: AtomicBool::new(false) }))
    }
}

/// What the user's own profile says of `readonly`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Profile {
    /// It may write; we say that it may not.
    Writes,
    /// It may not write nor change settings.
    ReadsOnly,
    /// It may not write, but change other settings.
    ReadsAndSets,
}

/// A database.
struct Database {
    api: Api,
    database: Option<String>,
    /// Whether the user's profile was seen to let it write, so that `readonly` can be set with each statement. A profile
    /// that does not is looked at each time: if it is changed meanwhile, nothing else would stop a write.
    writes: AtomicBool,
}

#[async_trait]
impl Source for Database {
    async fn test(&self) -> Result<String> {
        let limits = Limits { rows: 1, bytes: 10_000, time: Duration::from_secs(15) };
        let answer = self.ask("SELECT version(), currentUser()", &[], &limits).await?;
        let Answer::Table { rows, .. } = answer else { return Err(failed("what answered is no ClickHouse")) };
        let word = |index: usize| rows.first().and_then(|row| row.get(index)?.as_str()).unwrap_or("?");
        Ok(format!("ClickHouse {} as {}", word(0), word(1)))
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        let limits = Limits { rows: 200, bytes: 4 << 20, time: Duration::from_secs(15) };
        let Answer::Table { rows, .. } = self.ask(RESOURCES, &[], &limits).await? else { return Ok(vec![]) };
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(rows.iter().map(|row| Resource { name: text(row.first()), description: text(row.get(1)) }).collect())
    }

    async fn query(&self, query: Query) -> Result<Answer> {
        let whole_table = query.query.trim().is_empty();
        let sql = if whole_table { read_whole(&query.resource)? } else { guard::admit(&query.query)? };
        let params = params::bind(&sql, &query.params)?;
        self.ask(&sql, &params, &query.limits).await.map_err(|error| match error.field() {
            Some("query") if whole_table => Error::invalid("resource", error.problem()),
            Some("resource") if !whole_table => Error::invalid("query", error.problem()),
            _ => error,
        })
    }
}

impl Database {
    async fn ask(&self, sql: &str, params: &[(String, String)], limits: &Limits) -> Result<Answer> {
        let mut budget = Budget::new(limits);
        let profile = self.profile(&mut budget).await?;
        let mut ask = self.statement(sql, params).query("default_format", "JSONCompactEachRowWithNames");
        if profile == Profile::Writes {
            ask = ask.query("readonly", 1);
        }
        if profile != Profile::ReadsOnly {
            ask = ask
                .query("max_result_rows", limits.rows.saturating_add(1))
                .query("result_overflow_mode", "break")
                .query("max_execution_time", budget.left().as_secs_f64().ceil().max(1.0))
                .query("output_format_json_quote_64bit_integers", 0)
                .query("cancel_http_readonly_queries_on_client_close", 1);
        }
        let mut response = ask.start(&budget).await?;
        if !response.status().is_success() {
            let refused = Reply::of(&self.api, response).await?;
            self.writes.store(false, Ordering::Relaxed);
            return Err(self.fault(&refused));
        }
        let mut found = Rows::new(limits);
        while let Some(piece) = response.chunk().await.map_err(|error| self.api.fault(&error))? {
            if !found.take(&piece).map_err(|error| self.half_way(&error))? {
                break;
            }
        }
        found.finish().map_err(|error| self.half_way(&error))
    }

    /// What the user may do at all.
    async fn profile(&self, budget: &mut Budget) -> Result<Profile> {
        if self.writes.load(Ordering::Relaxed) {
            return Ok(Profile::Writes);
        }
        let ask = self.statement("SELECT getSetting('readonly')", &[]).query("default_format", "TabSeparated");
        let reply = ask.answer(budget).await?;
        if !reply.status().is_success() {
            return Err(self.fault(&reply));
        }
        match reply.body().trim_ascii() {
            b"0" | b"false" => {
                self.writes.store(true, Ordering::Relaxed);
                Ok(Profile::Writes)
            }
            b"1" | b"true" => Ok(Profile::ReadsOnly),
            b"2" => Ok(Profile::ReadsAndSets),
            _ => Err(failed("what answered is no ClickHouse; check the base URL")),
        }
    }

    fn statement(&self, sql: &str, params: &[(String, String)]) -> Ask<'_> {
        let ask = self.api.post(self.api.base().clone()).maybe("database", self.database.as_deref());
        params.iter().fold(ask, |ask, (name, value)| ask.query(name, value)).text(sql.to_owned())
    }

    fn fault(&self, refused: &Reply) -> Error {
        match refused.header("x-clickhouse-exception-code") {
            Some(TOO_LONG) => timed_out(TITLE),
            _ => refused.refusal(&self.api),
        }
    }

    fn half_way(&self, error: &Error) -> Error {
        if error.message().contains(&format!("Code: {TOO_LONG}.")) {
            return timed_out(TITLE);
        }
        failed(crate::api::words(&self.api, error.message()))
    }
}

/// The statement that reads a table.
fn read_whole(resource: &str) -> Result<String> {
    let resource = resource.trim();
    if resource.is_empty() {
        return Err(Error::invalid("query", "is required: give a SELECT, or a table as resource"));
    }
    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "_-$ ".contains(c));
    let parts: Vec<&str> = resource.split('.').map(|part| part.trim_matches(['`', '"'])).collect();
    if parts.len() > 2 || !parts.iter().all(|part| plain(part)) {
        return Err(Error::invalid("resource", "must be the name of a table, such as events or shop.events"));
    }
    let quoted: Vec<String> = parts.iter().map(|part| format!("`{part}`")).collect();
    Ok(format!("SELECT * FROM {}", quoted.join(".")))
}
