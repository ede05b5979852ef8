//! Which stored functions a query calls that may do more than read.
//!
//! A read-only transaction keeps them from writing tables, but not from setting variables of the server. Each says by its
//! declaration what it does; where nothing is said, the server takes it for `CONTAINS SQL`.

use super::connection::of_query;
use crate::sql::{Sql, refuse};
use moka::sync::Cache;
use muster_base::{Error, Result};
use sqlx::mysql::MySqlArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Executor as _, MySqlConnection, Row as _};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long it is remembered what the server says of functions.
const KEPT: Duration = Duration::from_secs(60);

/// Names among which there was no function that may do more than read, lately.
pub(super) struct Known(Cache<(BTreeSet<String>, BTreeSet<String>), ()>);

impl Known {
    pub(super) fn new() -> Self {
        Self(Cache::builder().max_capacity(500).time_to_live(KEPT).build())
    }

    /// Refuses a query that calls a stored function, or one of a package, which is not declared to read at the most.
    pub(super) async fn check(&self, connection: &mut MySqlConnection, sql: &Sql) -> Result<()> {
        let called: BTreeSet<String> = sql.called().into_iter().map(|name| name.to_lowercase()).collect();
        if called.is_empty() {
            return Ok(());
        }
        let packages: BTreeSet<String> = sql.qualifiers().into_iter().map(|name| name.to_lowercase()).collect();
        let names = (called, packages);
        if self.0.contains_key(&names) {
            return Ok(());
        }
        let Some((name, access)) = find(connection, &names.0, &names.1).await? else {
            self.0.insert(names, ());
            return Ok(());
        };
        Err(refuse(format!(
            "must not call {name}: it is declared {access}, so it may do more than read; one of your own that only reads can \
             be declared so: ALTER FUNCTION {name} READS SQL DATA"
        )))
    }
}

/// A function or package of these names that may do more than read, and what it is declared as.
async fn find(
    connection: &mut MySqlConnection,
    called: &BTreeSet<String>,
    packages: &BTreeSet<String>,
) -> Result<Option<(String, String)>> {
    let places = |count: usize| vec!["?"; count].join(", ");
    let in_packages = match packages.len() {
        0 => String::new(),
        count => format!(" OR routine_type LIKE 'PACKAGE%' AND routine_name IN ({})", places(count)),
    };
    let text = format!(
        "SELECT CAST(CONCAT(routine_schema, '.', routine_name) AS CHAR), CAST(sql_data_access AS CHAR)
           FROM information_schema.routines
          WHERE (routine_type = 'FUNCTION' AND routine_name IN ({}){in_packages})
            AND sql_data_access NOT IN ('READS SQL DATA', 'NO SQL') LIMIT 1",
        places(called.len()),
    );
    let mut arguments = MySqlArguments::default();
    called.iter().chain(packages).try_for_each(|name| arguments.add(name)).map_err(Error::internal)?;
    let search = sqlx::query_with(AssertSqlSafe(text), arguments).persistent(false);
    let Some(row) = connection.fetch_optional(search).await.map_err(of_query)? else { return Ok(None) };
    let text = |at: usize| row.try_get_unchecked::<String, _>(at).map_err(Error::internal);
    Ok(Some((text(0)?, text(1)?)))
}
