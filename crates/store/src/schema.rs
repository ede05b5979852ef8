//! The schema as text, so that a change of a column shows in review.

use crate::{Backend, Db};
use muster_base::Result;

/// The tables and indexes of an open database, in a stable order and form.
pub async fn schema_text(db: &Db) -> Result<String> {
    let sql = match db.backend() {
        Backend::Sqlite => {
            "SELECT tbl_name AS t, sql AS s FROM sqlite_master
              WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND tbl_name <> 'muster_migrations' ORDER BY tbl_name, type DESC, name"
        }
        Backend::Postgres => {
            "SELECT t, s FROM (
               SELECT table_name::text AS t, 'a' || lpad(ordinal_position::text, 3, '0') AS o,
                      '  ' || column_name || ' ' || data_type || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
                      || COALESCE(' DEFAULT ' || column_default, '') AS s
                 FROM information_schema.columns WHERE table_schema = 'public'
               UNION ALL SELECT tablename::text, 'b' || indexname, '  ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
             ) x WHERE t <> 'muster_migrations' ORDER BY t, o"
        }
    };
    let rows: Vec<(String, String)> = db.all(sql, vec![]).await?;
    let mut out = String::new();
    let mut table = String::new();
    for (name, line) in rows {
        if name != table {
            out.push_str(&format!("\n-- {name}\n"));
            table = name;
        }
        out.push_str(&line);
        out.push('\n');
    }
    Ok(out.trim_start().to_owned())
}
