//! Redis and servers that speak like it, read by commands that read.

mod command;
mod connection;
mod shape;

use crate::form::{authorities, choice, form, host, port, secret, text, whole};
use crate::settings::{filled, read};
use crate::sql::net::Target;
use async_trait::async_trait;
use command::Command;
use connection::Server;
use muster_base::{Error, Kind, Result, Secret};
use muster_domain::connectors::{About, Answer, Limits, Query, Resource, Source, SourceType};
use muster_outbound::Guard;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

const TITLE: &str = "Redis";

/// The resource that finds keys, and the one that tells about the server.
const KEYS: &str = "keys";
const INFO: &str = "info";

/// How many keys one step of a search looks at.
const STEP: usize = 500;

/// The limits of what is asked on our own.
const OWN: Limits = Limits { rows: 1000, bytes: 1024 * 1024, time: Duration::from_secs(15) };

/// The type.
pub(crate) struct Redis {
    about: About,
    guard: Guard,
}

impl Redis {
    pub(crate) fn new(guard: &Guard) -> Self {
        let settings = form([
            ("host", host().required().example("cache.example.com")),
            ("port", port(6379)),
            ("database", whole("Database", "Number of the database.", 0, 1_000_000).default(0)),
            ("user", text("User", "User to sign in as, where the server has users; one with +@read only is best.")),
            ("password", secret("Password", "Password of the user, or of the server.")),
            (
                "tls",
                choice(
                    "TLS",
                    "require encrypts the connection and checks the server's certificate.",
                    &["disable", "require"],
                )
                .place(),
            ),
            ("caCertificate", authorities()),
        ]);
        let about = About {
            kind: "redis",
            title: TITLE,
            summary: "Keys and values of a Redis or Valkey server, read by commands.",
            query_form: QUERY_FORM,
            settings,
        };
        Self { about, guard: guard.clone() }
    }
}

const QUERY_FORM: &str = "\
`query` is one command that reads, written as in redis-cli: `GET greeting`, `HGETALL user:17`, `LRANGE log 0 99`, \
`ZRANGE scores 0 9 REV WITHSCORES`, `XRANGE events - + COUNT 10`. Values may be named and given in `params`: `HGET :key name` \
with `{\"key\": \"user:17\"}`.

Without a `query`, `resource` is a key whose value is read whole, whatever its type. `resource` `keys` finds keys, with a \
pattern as `query`, e.g. `user:*`; `info` tells about the server, with a section as `query`, e.g. `memory`.

Commands that write, block or administer are refused.";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    host: String,
    port: Option<u16>,
    database: Option<i64>,
    user: Option<String>,
    password: Option<Secret<String>>,
    tls: Option<Tls>,
    ca_certificate: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Tls {
    #[default]
    Disable,
    Require,
}

#[async_trait]
impl SourceType for Redis {
    fn about(&self) -> &About {
        &self.about
    }

    async fn open(&self, settings: Map<String, Value>) -> Result<Arc<dyn Source>> {
        let settings: Settings = read(settings)?;
        let port = settings.port.unwrap_or(6379);
        let target = Target { guard: self.guard.clone(), title: TITLE, host: settings.host, port };
        let mut sign_in = redis::RedisConnectionInfo::default().set_db(settings.database.unwrap_or(0));
        if let Some(user) = filled(settings.user) {
            sign_in = sign_in.set_username(user);
        }
        if let Some(password) = &settings.password {
            sign_in = sign_in.set_password(password.expose());
        }
        let tls = match settings.tls.unwrap_or_default() {
            Tls::Disable => None,
            Tls::Require => Some(connection::tls(filled(settings.ca_certificate).as_deref())?),
        };
        Ok(Arc::new(Database { server: Server::new(target, sign_in, tls) }))
    }
}

struct Database {
    server: Server,
}

#[async_trait]
impl Source for Database {
    async fn test(&self) -> Result<String> {
        let info = self.run(&Command::of(&["INFO", "server"]), &OWN).await?;
        let version = info.iter().find(|item| item["name"] == "redis_version").and_then(|item| item["value"].as_str());
        Ok(format!("{TITLE} {}", version.unwrap_or_default()).trim_end().to_owned())
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        let size = self.run(&Command::of(&["DBSIZE"]), &OWN).await?;
        let size = size.first().and_then(Value::as_i64).unwrap_or_default();
        let resource = |name: &str, description: String| Resource { name: name.to_owned(), description };
        Ok(vec![
            resource(KEYS, format!("finds keys by a pattern in query, e.g. user:*; there are {size}")),
            resource(INFO, "tells about the server; query may be a section, e.g. memory".to_owned()),
        ])
    }

    async fn query(&self, query: Query) -> Result<Answer> {
        let (resource, text) = (query.resource.trim(), query.query.trim());
        let limits = &query.limits;
        let is_own = matches!(resource, KEYS | INFO);
        if let Some(unused) = query.params.keys().next().filter(|_| is_own || text.is_empty()) {
            return Err(Error::invalid(format!("params.{unused}"), "is for values that a command names"));
        }
        let items = match (resource, text) {
            (KEYS, pattern) => return self.keys(pattern, limits).await,
            (INFO, "") => self.run(&Command::of(&["INFO"]), limits).await?,
            (INFO, section) => self.run(&Command::of(&["INFO", section]), limits).await?,
            ("", "") => return Err(Error::invalid("query", "is required: give a command, or a key as resource")),
            (key, "") => return self.value(key, limits).await,
            (_, command) => self.run(&Command::read(command, &query.params)?, limits).await?,
        };
        Ok(cut(items, limits))
    }
}

impl Database {
    async fn run(&self, command: &Command, limits: &Limits) -> Result<Vec<Value>> {
        let reply = self.server.ask(command, limits).await?;
        Ok(shape::items(command, reply))
    }

    /// The value of a key, by its type.
    async fn value(&self, key: &str, limits: &Limits) -> Result<Answer> {
        let kind = self.run(&Command::of(&["TYPE", key]), limits).await?;
        let last = limits.rows.to_string();
        let command = match kind.first().and_then(Value::as_str).unwrap_or_default() {
            "none" => return Err(Error::invalid("resource", "there is no such key; `keys` finds those there are")),
            "hash" => Command::of(&["HGETALL", key]),
            "list" => Command::of(&["LRANGE", key, "0", &last]),
            "set" => Command::of(&["SMEMBERS", key]),
            "zset" => Command::of(&["ZRANGE", key, "0", &last, "WITHSCORES"]),
            "stream" => Command::of(&["XRANGE", key, "-", "+", "COUNT", &(limits.rows + 1).to_string()]),
            "ReJSON-RL" => Command::of(&["JSON.GET", key]),
            _ => Command::of(&["GET", key]),
        };
        let items = self.run(&command, limits).await.map_err(|error| match error.kind() {
            Kind::Invalid => Error::invalid("resource", error.problem()),
            _ => error,
        })?;
        Ok(cut(items, limits))
    }

    /// The keys that fit a pattern, step by step, so that the server is not held up.
    async fn keys(&self, pattern: &str, limits: &Limits) -> Result<Answer> {
        let pattern = if pattern.is_empty() { "*" } else { pattern };
        let (mut cursor, mut found) = ("0".to_owned(), std::collections::BTreeSet::new());
        let begun = std::time::Instant::now();
        loop {
            let step = Command::of(&["SCAN", &cursor, "MATCH", pattern, "COUNT", &STEP.to_string()]);
            let reply = self.run(&step, limits).await?;
            let reply = reply.into_iter().next().unwrap_or_default();
            reply["cursor"].as_str().unwrap_or("0").clone_into(&mut cursor);
            // A key may be told twice.
            found.extend(reply["items"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
            if cursor == "0" || found.len() > limits.rows {
                break;
            }
            if begun.elapsed() >= limits.time {
                return Err(muster_domain::connectors::timed_out(TITLE));
            }
        }
        Ok(cut(found.into_iter().map(Value::from).collect(), limits))
    }
}

fn cut(items: Vec<Value>, limits: &Limits) -> Answer {
    let mut found = crate::collect::Collector::new(limits);
    found.take(items);
    found.answer()
}

/// Pairs as an object each.
fn pair(first: &str, second: &str, pair: (Value, Value)) -> Value {
    json!({ first: pair.0, second: pair.1 })
}

#[cfg(test)]
mod tests;
