//! PostgreSQL, read inside of read-only transactions.

mod connection;
mod plan;
mod values;
mod volatile;

use crate::form::{authorities, form, host, port, secret, text, tls, whole};
use crate::settings::{filled, read};
use crate::sql::net::Target;
use crate::sql::pool::Pool;
use async_trait::async_trait;
use connection::{Connector, Tls};
use moka::sync::Cache;
use muster_base::{Result, Secret};
use muster_domain::connectors::{About, Answer, Limits, Query, Resource, Source, SourceType};
use muster_outbound::Guard;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

const TITLE: &str = "PostgreSQL";

/// How long it is remembered what the catalog says of a query.
const PLANS_KEPT: Duration = Duration::from_secs(60);

/// The type.
pub(crate) struct PostgreSql {
    about: About,
    guard: Guard,
}

impl PostgreSql {
    pub(crate) fn new(guard: &Guard) -> Self {
        let settings = form([
            ("host", host().required().example("db.example.com")),
            ("port", port(5432)),
            ("database", text("Database", "Name of the database.").required()),
            ("user", text("User", "Role to sign in as; one that may only read is best.").required()),
            ("password", secret("Password", "Password of the role.")),
            ("tls", tls()),
            ("caCertificate", authorities()),
            (
                "schema",
                text("Schema", "Where tables without a schema are looked for, instead of the role's own search path."),
            ),
            ("connections", whole("Connections", "How many connections are open at once.", 1, 20).default(4)),
        ]);
        let about = About {
            kind: "postgresql",
            title: TITLE,
            summary: "Tables and views of a PostgreSQL database, read by SQL.",
            query_form: QUERY_FORM,
            settings,
        };
        Self { about, guard: guard.clone() }
    }
}

const QUERY_FORM: &str = "\
`query` is one SQL statement that reads: `SELECT`, `WITH`, `VALUES`, `SHOW` or `EXPLAIN`. Values go into `params` \
and are named in the query: `SELECT id, total FROM orders WHERE customer = :customer AND placed_at > :since` with \
`{\"customer\": 17, \"since\": \"2026-01-01\"}`; a list fits `= ANY(:ids)`.

Without a `query`, `resource` is a table or view that is read whole, e.g. `orders` or `sales.orders`; with one it only says \
what the query is about.

The statement runs in a read-only transaction. Statements that write, lock or set something are refused, and so are \
functions that are declared volatile, whether the query, an operator, a cast, an aggregate, a view or a table's policy calls \
them. What a function calls in turn cannot be seen, nor SQL that it is given as text, nor can one that is declared `STABLE` or \
`IMMUTABLE` and is not be told from one that is. So the role should have `SELECT` on what is to be read, and nothing else.";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    host: String,
    port: Option<u16>,
    database: String,
    user: String,
    password: Option<Secret<String>>,
    tls: Option<Tls>,
    ca_certificate: Option<String>,
    schema: Option<String>,
    connections: Option<usize>,
}

#[async_trait]
impl SourceType for PostgreSql {
    fn about(&self) -> &About {
        &self.about
    }

    async fn open(&self, settings: Map<String, Value>) -> Result<Arc<dyn Source>> {
        let settings: Settings = read(settings)?;
        let connections = settings.connections.unwrap_or(4);
        Ok(Arc::new(Database { pool: Pool::new(driver(&self.guard, settings), connections) }))
    }
}

fn driver(guard: &Guard, settings: Settings) -> Connector {
    let port = settings.port.unwrap_or(5432);
    let target = Target { guard: guard.clone(), title: TITLE, host: settings.host, port };
    Connector {
        target,
        database: settings.database,
        user: settings.user,
        password: settings.password,
        tls: settings.tls.unwrap_or_default(),
        authorities: filled(settings.ca_certificate),
        schema: filled(settings.schema),
        plans: Cache::builder().max_capacity(500).time_to_live(PLANS_KEPT).build(),
    }
}

/// A database with its connections.
struct Database {
    pool: Pool<Connector>,
}

/// The limits of what is asked on our own.
const OWN: Limits = Limits { rows: 200, bytes: 4 * 1024 * 1024, time: Duration::from_secs(15) };

#[async_trait]
impl Source for Database {
    async fn test(&self) -> Result<String> {
        let sql =
            "SELECT split_part(version(), ' (', 1), rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user";
        let row = self.pool.rows(sql, &OWN).await?.into_iter().next().unwrap_or_default();
        let version = row.first().and_then(Value::as_str).unwrap_or(TITLE).to_owned();
        match row.get(1).and_then(Value::as_bool) {
            Some(true) => Ok(format!("{version}; the role is a superuser, one that may only read is safer")),
            _ => Ok(version),
        }
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let rows = self.pool.rows(RESOURCES, &OWN).await?;
        Ok(rows.iter().map(|row| Resource { name: text(row.first()), description: text(row.get(1)) }).collect())
    }

    async fn query(&self, query: Query) -> Result<Answer> {
        self.pool.query(query).await
    }
}

/// Tables and views that may be read, as they are written in a query, with their columns.
const RESOURCES: &str = "
SELECT CASE WHEN pg_table_is_visible(c.oid) THEN quote_ident(c.relname)
            ELSE quote_ident(n.nspname) || '.' || quote_ident(c.relname) END AS name,
       left(CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table' ELSE 'table' END
            || ' (' || COALESCE((SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', '
                                          ORDER BY a.attnum)
                          FROM pg_catalog.pg_attribute a
                         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '') || ')'
            || COALESCE(': ' || obj_description(c.oid, 'pg_class'), ''), 1000) AS description
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
   AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
   AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
 ORDER BY pg_table_is_visible(c.oid) DESC, n.nspname, c.relname LIMIT 200";

#[cfg(test)]
mod tests;
