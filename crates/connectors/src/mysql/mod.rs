//! MySQL and MariaDB, read inside of read-only transactions.

mod connection;
mod routines;
mod values;

use crate::form::{authorities, form, host, port, secret, text, tls, whole};
use crate::settings::{filled, read};
use crate::sql::net::Target;
use crate::sql::pool::Pool;
use async_trait::async_trait;
use connection::{Connector, Tls};
use muster_base::{Result, Secret};
use muster_domain::connectors::{About, Answer, Limits, Query, Resource, Source, SourceType};
use muster_outbound::Guard;
use routines::Known;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

const TITLE: &str = "MySQL";

/// The limits of what is asked on our own.
const OWN: Limits = Limits { rows: 200, bytes: 4 * 1024 * 1024, time: Duration::from_secs(15) };

/// The type.
pub(crate) struct MySql {
    about: About,
    guard: Guard,
}

impl MySql {
    pub(crate) fn new(guard: &Guard) -> Self {
        let settings = form([
            ("host", host().required().example("db.example.com")),
            ("port", port(3306)),
            ("database", text("Database", "Name of the database.").required()),
            ("user", text("User", "User to sign in as; one that may only read is best.").required()),
            ("password", secret("Password", "Password of the user.")),
            ("tls", tls()),
            ("caCertificate", authorities()),
            ("connections", whole("Connections", "How many connections are open at once.", 1, 20).default(4)),
        ]);
        let about = About {
            kind: "mysql",
            title: TITLE,
            summary: "Tables and views of a MySQL or MariaDB database, read by SQL.",
            query_form: QUERY_FORM,
            settings,
        };
        Self { about, guard: guard.clone() }
    }
}

const QUERY_FORM: &str = "\
`query` is one SQL statement that reads: `SELECT`, `WITH`, `SHOW`, `DESCRIBE` or `EXPLAIN`. Values go into `params` and are \
named in the query: `SELECT id, total FROM orders WHERE customer = :customer AND placed_at > :since` with \
`{\"customer\": 17, \"since\": \"2026-01-01\"}`; a list fits `IN (:ids)`.

Without a `query`, `resource` is a table or view that is read whole, e.g. `orders`; with one it only says what the query is \
about.

The statement runs in a read-only transaction. Statements that write, lock or set something are refused, and so are `INTO`, \
`:=`, comments that the server executes, functions that read files or take locks, and `SHOW GRANTS` and the like, which \
give passwords' hashes. Stored functions must be declared `READS SQL DATA` or `NO SQL`. Those that a view calls cannot be \
seen, nor whether a declaration is true; and what is in `mysql.user` is up to the user's rights. So the user should have \
`SELECT` on what is to be read, and nothing else.";

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
    connections: Option<usize>,
}

#[async_trait]
impl SourceType for MySql {
    fn about(&self) -> &About {
        &self.about
    }

    async fn open(&self, settings: Map<String, Value>) -> Result<Arc<dyn Source>> {
        let settings: Settings = read(settings)?;
        let port = settings.port.unwrap_or(3306);
        let target = Target { guard: self.guard.clone(), title: TITLE, host: settings.host, port };
        let driver = Connector {
            target,
            database: settings.database,
            user: settings.user,
            password: settings.password,
            tls: settings.tls.unwrap_or_default(),
            authorities: filled(settings.ca_certificate),
            known: Known::new(),
        };
        Ok(Arc::new(Database { pool: Pool::new(driver, settings.connections.unwrap_or(4)) }))
    }
}

/// A database with its connections.
struct Database {
    pool: Pool<Connector>,
}

#[async_trait]
impl Source for Database {
    async fn test(&self) -> Result<String> {
        let sql = "SELECT VERSION(), (SELECT count(*) FROM information_schema.user_privileges
                    WHERE privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'DROP', 'FILE', 'SUPER'))";
        let row = self.pool.rows(sql, &OWN).await?.into_iter().next().unwrap_or_default();
        let version = row.first().and_then(Value::as_str).unwrap_or_default();
        let name = if version.contains("MariaDB") { "MariaDB" } else { TITLE };
        let number = version.split('-').find(|part| part.contains('.')).unwrap_or(version);
        match row.get(1).and_then(Value::as_i64) {
            Some(1..) => Ok(format!("{name} {number}; the user may write, one that may only read is safer")),
            _ => Ok(format!("{name} {number}")),
        }
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        let rows = self.pool.rows(RESOURCES, &OWN).await?;
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(rows
            .iter()
            .map(|row| Resource { name: quoted(&text(row.first())), description: text(row.get(1)) })
            .collect())
    }

    async fn query(&self, query: Query) -> Result<Answer> {
        self.pool.query(query).await
    }
}

/// A table's name as a query writes it.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.chars().all(is_plain) && !name.starts_with(|c: char| c.is_ascii_digit()) {
        return name.to_owned();
    }
    format!("`{}`", name.replace('`', "``"))
}

/// Tables and views of the database with their columns.
const RESOURCES: &str = "
SELECT t.table_name, LEFT(CONCAT(CASE t.table_type WHEN 'VIEW' THEN 'view (' ELSE 'table (' END,
         COALESCE((SELECT GROUP_CONCAT(CONCAT(c.column_name, ' ', c.column_type) ORDER BY c.ordinal_position SEPARATOR ', ')
            FROM information_schema.columns c WHERE c.table_schema = t.table_schema AND c.table_name = t.table_name), ''), ')',
         CASE WHEN t.table_type <> 'VIEW' AND t.table_comment <> '' THEN CONCAT(': ', t.table_comment) ELSE '' END), 1000)
  FROM information_schema.tables t WHERE t.table_schema = DATABASE() ORDER BY t.table_name LIMIT 200";

#[cfg(test)]
mod tests;
