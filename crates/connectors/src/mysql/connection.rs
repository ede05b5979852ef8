//! Connections that can only read, and what their failures mean.

use super::routines::Known;
use super::values;
use crate::params::wrong;
use crate::sql::net::{CONNECT_WITHIN, Target};
use crate::sql::pool::{Driver, Read};
use crate::sql::rows::Table;
use crate::sql::{Dialect, Part, Sql, refuse};
use futures::StreamExt as _;
use muster_base::{Error, Result, Secret};
use muster_domain::connectors::{Limits, failed, timed_out};
use serde::Deserialize;
use serde_json::{Map, Value};
use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlDatabaseError, MySqlSslMode};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, ConnectOptions as _, Executor as _, MySqlConnection, Row as _,
    Statement as _,
};

/// What every session is: it reads, and literals and names are read as we read them.
const SESSION: &str = "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'; \
                       SET SESSION TRANSACTION READ ONLY; SET SESSION lock_wait_timeout = 10";

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
    pub(super) known: Known,
}

/// A connection.
pub(super) struct Connection {
    inner: MySqlConnection,
    /// Its number at the server.
    number: u64,
    is_mariadb: bool,
}

impl Driver for Connector {
    type Connection = Connection;
    const DIALECT: Dialect = Dialect::MySql;

    async fn connect(&self) -> Result<Connection> {
        let connected = tokio::time::timeout(CONNECT_WITHIN, self.sign_in()).await;
        let mut inner = connected.map_err(|_| self.target.unreachable("it did not answer"))??;
        inner.execute(sqlx::raw_sql(SESSION)).await.map_err(of_query)?;
        let row = inner.fetch_one(sqlx::query("SELECT CONNECTION_ID(), VERSION()")).await.map_err(of_query)?;
        let number = row.try_get_unchecked(0).map_err(Error::internal)?;
        let version: String = row.try_get_unchecked(1).map_err(Error::internal)?;
        Ok(Connection { inner, number, is_mariadb: version.contains("MariaDB") })
    }

    async fn begin(&self, connection: &mut Connection, limits: &Limits) -> Result<()> {
        let millis = limits.time.as_millis().max(1);
        let time = if connection.is_mariadb {
            format!("max_statement_time = {}.{:03}", millis / 1000, millis % 1000)
        } else {
            format!("max_execution_time = {millis}")
        };
        let begin =
            format!("SET SESSION sql_select_limit = {}, SESSION {time}; START TRANSACTION READ ONLY", limits.rows + 1);
        connection.inner.execute(sqlx::raw_sql(AssertSqlSafe(begin))).await.map(drop).map_err(of_query)
    }

    async fn read(
        &self,
        connection: &mut Connection,
        sql: &Sql,
        params: &Map<String, Value>,
        limits: &Limits,
    ) -> Result<Read> {
        self.known.check(&mut connection.inner, sql).await?;
        let (text, arguments) = with_values(sql, params)?;
        let mut table = Table::new(limits, vec![]);
        // Not kept prepared: what is remembered of a statement would be wrong once a table was changed.
        let query = sqlx::query_with(AssertSqlSafe(text.clone()), arguments).persistent(false);
        let mut rows = query.fetch(&mut connection.inner);
        let mut is_empty = true;
        while let Some(row) = rows.next().await {
            let row = row.map_err(of_query)?;
            is_empty = false;
            table.name(|| row.columns().iter().map(|column| column.name().to_owned()).collect());
            let mut read = Vec::with_capacity(row.columns().len());
            for at in 0..row.columns().len() {
                read.push(values::json(row.try_get_raw(at).map_err(Error::internal)?)?);
            }
            if !table.take(read) {
                let more = rows.next().await.is_some();
                return Ok(if more { Read::Stopped(table) } else { Read::Whole(table) });
            }
        }
        drop(rows);
        if is_empty {
            let prepared = (&mut connection.inner).prepare(sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(text)));
            let prepared = prepared.await.map_err(of_query)?;
            table.name(|| prepared.columns().iter().map(|column| column.name().to_owned()).collect());
        }
        Ok(Read::Whole(table))
    }

    async fn end(&self, connection: &mut Connection) -> Result<()> {
        connection.inner.execute(sqlx::raw_sql("ROLLBACK")).await.map(drop).map_err(of_query)
    }

    async fn stop(&self, busy: &Connection, other: &mut Connection) {
        let stop = sqlx::raw_sql(AssertSqlSafe(format!("KILL QUERY {}", busy.number)));
        if let Err(error) = other.inner.execute(stop).await {
            tracing::info!(error = %error, "could not stop a query at its source");
        }
    }
}

impl Connector {
    async fn sign_in(&self) -> Result<MySqlConnection> {
        let relay = self.target.by_socket("mysql.sock").await?;
        // A certificate is checked against the name.
        let options = self.options().host(&self.target.host).socket(&relay.path);
        options.connect().await.map_err(|error| self.of_connect(error))
    }

    fn options(&self) -> MySqlConnectOptions {
        let mode = match self.tls {
            Tls::Prefer => MySqlSslMode::Preferred,
            Tls::Require => MySqlSslMode::Required,
            Tls::VerifyCa => MySqlSslMode::VerifyCa,
            Tls::VerifyFull => MySqlSslMode::VerifyIdentity,
            Tls::Disable => MySqlSslMode::Disabled,
        };
        let mut options = MySqlConnectOptions::new()
            .port(self.target.port)
            .username(&self.user)
            .database(&self.database)
            .ssl_mode(mode)
            .charset("utf8mb4")
            .pipes_as_concat(false)
            .no_engine_substitution(false)
            .statement_cache_capacity(0)
            .disable_statement_logging();
        if let Some(password) = &self.password {
            options = options.password(password.expose());
        }
        match &self.authorities {
            Some(pem) => options.ssl_ca_from_pem(pem.clone().into_bytes()),
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

/// The query with a place for each value, and the values; a list has a place for each item.
fn with_values(sql: &Sql, params: &Map<String, Value>) -> Result<(String, MySqlArguments)> {
    let mut arguments = MySqlArguments::default();
    let mut text = String::new();
    for part in &sql.parts {
        let name = match part {
            Part::Text(part) => {
                text.push_str(part);
                continue;
            }
            Part::Named(name) => name,
        };
        match params.get(name).unwrap_or(&Value::Null) {
            Value::Array(items) if items.is_empty() => return Err(wrong(name, "must have at least one item")),
            Value::Array(items) => {
                text.push_str(&vec!["?"; items.len()].join(", "));
                items.iter().try_for_each(|item| bind(&mut arguments, item))?;
            }
            value => {
                text.push('?');
                bind(&mut arguments, value)?;
            }
        }
    }
    Ok((text, arguments))
}

fn bind(arguments: &mut MySqlArguments, value: &Value) -> Result<()> {
    let added = match value {
        Value::Null => arguments.add(None::<String>),
        Value::Bool(flag) => arguments.add(*flag),
        Value::String(text) => arguments.add(text.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(number), _, _) => arguments.add(number),
            (_, Some(number), _) => arguments.add(number),
            (_, _, number) => arguments.add(number),
        },
        Value::Array(_) | Value::Object(_) => arguments.add(value.to_string()),
    };
    added.map_err(Error::internal)
}

/// What a failed statement means: by its number and SQLSTATE whether the query is wrong, took too long, or the server
/// failed.
pub(super) fn of_query(error: sqlx::Error) -> Error {
    let sqlx::Error::Database(error) = error else {
        return failed(format!("the connection to {} broke: {error}", super::TITLE));
    };
    let message: String = error.message().chars().take(500).collect();
    let number = error.try_downcast_ref::<MySqlDatabaseError>().map_or(0, MySqlDatabaseError::number);
    let code = error.code().unwrap_or_default();
    match (number, code.get(..2).unwrap_or_default()) {
        // Interrupted, and the time limits of MySQL and MariaDB.
        (1317 | 3024 | 1969, _) => timed_out(super::TITLE),
        (1792, _) => refuse(format!("must not write: {message}")),
        // Who we are is no fault of the query.
        (1044 | 1045 | 1049 | 1040 | 1129 | 1130 | 1203 | 1226, _) => {
            failed(format!("{} failed: {message}", super::TITLE))
        }
        (_, "21" | "22" | "23" | "25" | "42" | "44" | "45" | "0A" | "20" | "38" | "39") => {
            refuse(format!("{} refuses it: {message}", super::TITLE))
        }
        // Errors of functions, of types and of syntax that have no SQLSTATE of their own.
        (1210..=1299 | 1300..=1499 | 3000..=4999, "HY") => refuse(format!("{} refuses it: {message}", super::TITLE)),
        _ => failed(format!("{} failed: {message}", super::TITLE)),
    }
}
