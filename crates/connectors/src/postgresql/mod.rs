//! PostgreSQL, read inside of read-only transactions.

mod connection;
mod plan;
mod values;

use crate::form::{authorities, choice, form, host, port, secret, text, whole};
use crate::settings::{filled, read};
use crate::sql::net::Target;
use crate::sql::pool::{Lease, Pool};
use crate::sql::rows::Table;
use crate::sql::{Dialect, Sql, admit};
use async_trait::async_trait;
use connection::{Connector, Tls, of_query};
use futures::StreamExt as _;
use moka::sync::Cache;
use muster_base::{Error, Kind, Result, Secret};
use muster_domain::connectors::{About, Answer, Limits, Query, Resource, Source, SourceType};
use muster_outbound::Guard;
use plan::Plan;
use serde::Deserialize;
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Executor as _, PgConnection, Row as _};
use std::sync::Arc;
use std::time::Duration;

const TITLE: &str = "PostgreSQL";

/// How long it is remembered what the catalog says of a query.
const PLANS_KEPT: Duration = Duration::from_secs(60);

/// How long ending a transaction may take before the connection is given up.
const END_WITHIN: Duration = Duration::from_secs(5);

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
            (
                "tls",
                choice(
                    "TLS",
                    "prefer uses TLS where the server has it, require always, verify-ca and verify-full also check its \
                     certificate, disable never.",
                    &["prefer", "require", "verify-ca", "verify-full", "disable"],
                ),
            ),
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
functions that are declared volatile.";

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
        let port = settings.port.unwrap_or(5432);
        let target = Target { guard: self.guard.clone(), title: TITLE, host: settings.host, port };
        let driver = Connector {
            target,
            database: settings.database,
            user: settings.user,
            password: settings.password,
            tls: settings.tls.unwrap_or_default(),
            authorities: filled(settings.ca_certificate),
            schema: filled(settings.schema),
        };
        Ok(Arc::new(Database {
            pool: Pool::new(driver, settings.connections.unwrap_or(4)),
            plans: Cache::builder().max_capacity(500).time_to_live(PLANS_KEPT).build(),
        }))
    }
}

/// A database with its connections.
struct Database {
    pool: Pool<Connector>,
    plans: Cache<(String, usize), Arc<Plan>>,
}

/// How an answer came about.
enum Read {
    /// All of it was read.
    Whole(Table),
    /// More is on its way that nobody wants.
    Stopped(Table),
}

#[async_trait]
impl Source for Database {
    async fn test(&self) -> Result<String> {
        let limits = Limits { rows: 1, bytes: 10_000, time: Duration::from_secs(15) };
        let sql =
            "SELECT split_part(version(), ' (', 1), rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user";
        let query = own(sql, limits)?;
        let Answer::Table { rows, .. } = self.ask(&query, &Map::new(), &limits).await? else {
            return Ok(TITLE.to_owned());
        };
        let row = rows.into_iter().next().unwrap_or_default();
        let version = row.first().and_then(Value::as_str).unwrap_or(TITLE).to_owned();
        match row.get(1).and_then(Value::as_bool) {
            Some(true) => Ok(format!("{version}; the role is a superuser, one that may only read is safer")),
            _ => Ok(version),
        }
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        let limits = Limits { rows: 200, bytes: 4 * 1024 * 1024, time: Duration::from_secs(15) };
        let query = own(RESOURCES, limits)?;
        let Answer::Table { rows, .. } = self.ask(&query, &Map::new(), &limits).await? else { return Ok(vec![]) };
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(rows.iter().map(|row| Resource { name: text(row.first()), description: text(row.get(1)) }).collect())
    }

    async fn query(&self, query: Query) -> Result<Answer> {
        let text = statement(&query)?;
        let sql = Sql::read(Dialect::PostgreSql.parser(), &text, &query.params)?;
        admit(Dialect::PostgreSql, &sql)?;
        let whole_table = query.query.trim().is_empty();
        self.ask(&sql, &query.params, &query.limits).await.map_err(|error| match error.field() {
            // There is no query that could be wrong.
            Some("query") if whole_table => Error::invalid("resource", error.problem()),
            _ => error,
        })
    }
}

/// The query, or the one that reads a table whole.
fn statement(query: &Query) -> Result<String> {
    if !query.query.trim().is_empty() {
        return Ok(query.query.clone());
    }
    if query.resource.trim().is_empty() {
        return Err(Error::invalid("query", "is required: give a SELECT, or a table as resource"));
    }
    let name = crate::sql::table_name(Dialect::PostgreSql, &query.resource)?;
    Ok(format!("SELECT * FROM {name}"))
}

/// A query of our own.
fn own(text: &str, _: Limits) -> Result<Sql> {
    Sql::read(Dialect::PostgreSql.parser(), text, &Map::new())
}

impl Database {
    async fn ask(&self, sql: &Sql, params: &Map<String, Value>, limits: &Limits) -> Result<Answer> {
        let mut lease = self.begin(limits).await?;
        match self.read(&mut lease, sql, params, limits).await {
            Ok(Read::Whole(table)) => {
                end(lease);
                Ok(table.answer())
            }
            // Dropping the connection stops the rest at the server.
            Ok(Read::Stopped(table)) => Ok(table.answer()),
            Err(error) => {
                end(lease);
                Err(error)
            }
        }
    }

    /// A connection with a read-only transaction on it.
    async fn begin(&self, limits: &Limits) -> Result<Lease<Connector>> {
        let begin =
            format!("BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = {}", limits.time.as_millis().max(1));
        loop {
            let mut lease = self.pool.take().await?;
            let connection = &mut lease.connection()?.inner;
            match connection.execute(sqlx::raw_sql(AssertSqlSafe(begin.clone()))).await {
                Ok(_) => return Ok(lease),
                // The server may have closed a connection that was kept; another one will do.
                Err(error) if !lease.fresh => {
                    tracing::debug!(error = %error, "a kept connection was of no use any more");
                    lease.discard();
                }
                Err(error) => {
                    lease.discard();
                    return Err(of_query(error));
                }
            }
        }
    }

    async fn read(
        &self,
        lease: &mut Lease<Connector>,
        sql: &Sql,
        params: &Map<String, Value>,
        limits: &Limits,
    ) -> Result<Read> {
        let connection = &mut lease.connection()?.inner;
        let key = (sql.write(|name| format!(":{name}")), limits.rows);
        if let Some(plan) = self.plans.get(&key) {
            match run(connection, &plan, params, limits).await {
                // The tables may have changed since.
                Err(error) if error.kind() == Kind::Invalid => {
                    self.plans.invalidate(&key);
                    let again = "ROLLBACK; BEGIN TRANSACTION READ ONLY";
                    connection.execute(sqlx::raw_sql(again)).await.map_err(of_query)?;
                    let begin = format!("SET LOCAL statement_timeout = {}", limits.time.as_millis().max(1));
                    connection.execute(sqlx::raw_sql(AssertSqlSafe(begin))).await.map_err(of_query)?;
                }
                other => return other,
            }
        }
        let plan = Arc::new(plan::make(connection, sql, limits).await?);
        self.plans.insert(key, plan.clone());
        run(connection, &plan, params, limits).await
    }
}

async fn run(connection: &mut PgConnection, plan: &Plan, params: &Map<String, Value>, limits: &Limits) -> Result<Read> {
    let arguments = plan.arguments(params)?;
    let mut table = Table::new(limits, plan.columns.iter().map(|column| column.name.clone()).collect());
    let mut rows = sqlx::query_with(AssertSqlSafe(plan.sql.clone()), arguments).fetch(connection);
    while let Some(row) = rows.next().await {
        let row = row.map_err(of_query)?;
        let mut values = Vec::with_capacity(plan.columns.len());
        for (at, column) in plan.columns.iter().enumerate() {
            let raw = row.try_get_raw(at).map_err(Error::internal)?;
            values.push(values::json(column.shape, raw)?);
        }
        if values.iter().any(|value| plan.is_cut(value)) {
            table.cut();
        }
        if !table.take(values) {
            // One row too many was asked for, which tells that there are more; more than that is not on its way when the
            // rows were the limit.
            let rest = rows.next().await.is_some();
            return Ok(if rest { Read::Stopped(table) } else { Read::Whole(table) });
        }
    }
    Ok(Read::Whole(table))
}

/// Ends the transaction and keeps the connection; nobody waits for it.
fn end(mut lease: Lease<Connector>) {
    tokio::spawn(async move {
        let Ok(connection) = lease.connection() else { return };
        match tokio::time::timeout(END_WITHIN, connection.inner.execute(sqlx::raw_sql("ROLLBACK"))).await {
            Ok(Ok(_)) => lease.give_back(),
            _ => lease.discard(),
        }
    });
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
