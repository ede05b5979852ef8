//! Connections that can only read, and what their failures mean.

use super::plan::{self, Plan};
use crate::sql::net::{CONNECT_WITHIN, Target};
use crate::sql::pool::{Driver, Read};
use crate::sql::{Dialect, Sql, refuse};
use moka::sync::Cache;
use muster_base::{Error, Kind, Result, Secret};
use muster_domain::connectors::{Limits, failed, timed_out};
use serde::Deserialize;
use serde_json::{Map, Value};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _, PgConnection, Row as _};
use std::sync::Arc;

/// How many statements a connection keeps prepared.
const PREPARED: usize = 64;

/// What every session is: it reads, it leaves nothing open, literals are read as we read them, and notices, which would
/// end up in our log, are not sent. Rows with the process's number, by which a query is stopped.
const SESSION: &str = "SET default_transaction_read_only = on; SET idle_in_transaction_session_timeout = 60000; \
                       SET standard_conforming_strings = on; SET lock_timeout = 10000; \
                       SET client_min_messages = error; SELECT pg_backend_pid()";

/// Makes the server notice that we are gone while it works for us; servers before 14 cannot.
const NOTICE: &str = "SET client_connection_check_interval = 2000";

/// Whether and how the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Tls {
    #[default]
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
    Disable,
}

/// How to connect.
pub(super) struct Connector {
    pub(super) target: Target,
    pub(super) database: String,
    pub(super) user: String,
    pub(super) password: Option<Secret<String>>,
    pub(super) tls: Tls,
    pub(super) authorities: Option<String>,
    pub(super) schema: Option<String>,
    /// What was made of queries lately, by their text and the most rows.
    pub(super) plans: Cache<(String, usize), Arc<Plan>>,
}

/// A connection.
pub(super) struct Connection {
    pub(super) inner: PgConnection,
    /// The number of its process at the server.
    process: i32,
}

impl Driver for Connector {
    type Connection = Connection;
    const DIALECT: Dialect = Dialect::PostgreSql;

    async fn connect(&self) -> Result<Connection> {
        let connected = tokio::time::timeout(CONNECT_WITHIN, self.sign_in()).await;
        let mut inner = connected.map_err(|_| self.target.unreachable("it did not answer"))??;
        let row = inner.fetch_one(sqlx::raw_sql(SESSION)).await.map_err(of_query)?;
        // The simple protocol gives text.
        let process: &str = row.try_get_unchecked(0).map_err(Error::internal)?;
        let process = process.parse().map_err(Error::internal)?;
        if let Err(error) = inner.execute(sqlx::raw_sql(NOTICE)).await {
            tracing::debug!(error = %error, "the server does not look whether clients are gone");
        }
        if let Some(schema) = &self.schema {
            let set = "SELECT set_config('search_path', quote_ident($1), false)";
            inner.execute(sqlx::query(set).bind(schema)).await.map_err(of_query)?;
        }
        Ok(Connection { inner, process })
    }

    async fn begin(&self, connection: &mut Connection, limits: &Limits) -> Result<()> {
        begin(&mut connection.inner, "", limits).await
    }

    async fn read(
        &self,
        connection: &mut Connection,
        sql: &Sql,
        params: &Map<String, Value>,
        limits: &Limits,
    ) -> Result<Read> {
        let connection = &mut connection.inner;
        let key = (sql.write(|name| format!(":{name}")), limits.rows);
        if let Some(plan) = self.plans.get(&key) {
            match plan.run(connection, params, limits).await {
                // The tables may have changed since.
                Err(error) if error.kind() == Kind::Invalid => {
                    self.plans.invalidate(&key);
                    begin(connection, "ROLLBACK;", limits).await?;
                }
                other => return other,
            }
        }
        let plan = Arc::new(plan::make(connection, sql, limits).await?);
        self.plans.insert(key, plan.clone());
        plan.run(connection, params, limits).await
    }

    async fn end(&self, connection: &mut Connection) -> Result<()> {
        connection.inner.execute(sqlx::raw_sql("ROLLBACK")).await.map(drop).map_err(of_query)
    }

    async fn stop(&self, busy: &Connection, other: &mut Connection) {
        let stop = sqlx::query("SELECT pg_cancel_backend($1)").bind(busy.process);
        if let Err(error) = other.inner.execute(stop).await {
            tracing::info!(error = %error, "could not stop a query at its source");
        }
    }
}

async fn begin(connection: &mut PgConnection, before: &str, limits: &Limits) -> Result<()> {
    let most = limits.time.as_millis().max(1);
    let begin = format!("{before}BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = {most}");
    connection.execute(sqlx::raw_sql(AssertSqlSafe(begin))).await.map(drop).map_err(of_query)
}

impl Connector {
    async fn sign_in(&self) -> Result<PgConnection> {
        let relay = self.target.by_socket(&format!(".s.PGSQL.{}", self.target.port)).await?;
        // A certificate is checked against the name.
        let options = self.options().host(&self.target.host).socket(relay.folder());
        options.connect().await.map_err(|error| self.of_connect(error))
    }

    fn options(&self) -> PgConnectOptions {
        let mode = match self.tls {
            Tls::Prefer => PgSslMode::Prefer,
            Tls::Require => PgSslMode::Require,
            Tls::VerifyCa => PgSslMode::VerifyCa,
            Tls::VerifyFull => PgSslMode::VerifyFull,
            Tls::Disable => PgSslMode::Disable,
        };
        // The environment's password, if there is one, is not for this server.
        let password = self.password.as_ref().map_or("", |password| password.expose());
        let options = PgConnectOptions::new_without_pgpass()
            .port(self.target.port)
            .username(&self.user)
            .password(password)
            .database(&self.database)
            .ssl_mode(mode)
            .application_name("muster")
            .statement_cache_capacity(PREPARED)
            .disable_statement_logging();
        match &self.authorities {
            Some(pem) => options.ssl_root_cert_from_pem(pem.clone().into_bytes()),
            None => options,
        }
    }

    fn of_connect(&self, error: sqlx::Error) -> Error {
        match error {
            sqlx::Error::Io(error) => self.target.unreachable(&error.to_string()),
            sqlx::Error::Tls(error) => failed(format!("TLS with {} failed: {error}", self.target.title)),
            sqlx::Error::Database(error) => {
                failed(format!("{} refuses the connection: {}", self.target.title, error.message()))
            }
            error => failed(format!("{} cannot be signed in to: {error}", self.target.title)),
        }
    }
}

/// What a failed statement means: by its SQLSTATE whether the query is wrong, took too long, or the server failed.
pub(super) fn of_query(error: sqlx::Error) -> Error {
    let sqlx::Error::Database(error) = error else {
        return failed(format!("the connection to {} broke: {error}", super::TITLE));
    };
    let message: String = error.message().chars().take(500).collect();
    let code = error.code().unwrap_or_default();
    match (code.get(..2).unwrap_or_default(), code.as_ref()) {
        (_, "57014") => timed_out(super::TITLE),
        (_, "25006") => refuse(format!("must not write: {message}")),
        // Wrong data, syntax and rights, unknown names, what is not supported or too complex, and a function's own words.
        ("21" | "22" | "23" | "25" | "2F" | "34" | "38" | "39" | "42" | "44" | "54" | "0A" | "P0" | "20" | "3F", _) => {
            refuse(format!("{} refuses it: {message}", super::TITLE))
        }
        _ => failed(format!("{} failed: {message}", super::TITLE)),
    }
}
