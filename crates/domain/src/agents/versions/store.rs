//! All SQL of versions.

use super::{Made, Version};
use crate::access::PrincipalKind;
use crate::agents::{Agent, Definition};
use crate::context::Ctx;
use crate::events::Actor;
use muster_base::{Cursor, Error, Page, PageRequest, Result};
use muster_store::{Db, FromRow, Row, Tx, args};
use serde::{Deserialize, Serialize};

const VERSION: &str = "version, created_at, actor, about";

/// What is told of a version beside its body.
#[derive(Serialize, Deserialize)]
struct About {
    actor: Actor,
    fields: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    restored: Option<i64>,
}

impl FromRow for Version {
    fn from_row(row: &Row) -> Result<Self> {
        let about = row.text_opt("about")?;
        let about: Option<About> =
            about.map(|text| serde_json::from_str(&text)).transpose().map_err(Error::internal)?;
        let (actor, fields, restored) = match about {
            Some(about) => (about.actor, Some(about.fields), about.restored),
            None => (actor_of(row.text("actor")?), None, None),
        };
        Ok(Self { version: row.int("version")?, created_at: row.time("created_at")?, actor, fields, restored })
    }
}

/// Who made a version of which only the id of its maker was kept.
fn actor_of(id: String) -> Actor {
    let kind = match id.split_once('_').map(|(kind, _)| kind) {
        Some("usr") => PrincipalKind::User,
        Some("key") => PrincipalKind::Key,
        _ if id == "muster" => PrincipalKind::System,
        _ => PrincipalKind::Agent,
    };
    Actor { kind: kind.as_str().to_owned(), name: id.clone(), id }
}

struct Whole(Version, Definition);

impl FromRow for Whole {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(Version::from_row(row)?, row.json("body")?))
    }
}

struct Body(Definition);

impl FromRow for Body {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.json("body")?))
    }
}

/// Writes the agent's current version.
pub(crate) async fn insert(tx: &mut Tx, ctx: &Ctx, agent: &Agent, definition: &Definition, made: Made) -> Result<()> {
    let sql = "INSERT INTO definitions (agent_id, version, org_id, body, actor, created_at, about)
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let body = serde_json::to_string(definition).map_err(Error::internal)?;
    let principal = ctx.principal();
    let actor = principal.kind.actor(&principal.id, &principal.name);
    let fields = made.fields.into_iter().map(str::to_owned).collect();
    let about = About { actor, fields, restored: made.restored };
    let about = serde_json::to_string(&about).map_err(Error::internal)?;
    let args = args![&agent.id, agent.version, ctx.org(), body, &principal.id, ctx.now(), about];
    tx.execute(sql, args).await.map(drop)
}

pub(super) async fn list(db: &Db, org: &str, agent: &str, page: &PageRequest) -> Result<Page<Version>> {
    let mut args = args![agent, org];
    let mut after = "";
    if let Some(cursor) = &page.after {
        args.push(cursor.number("pageToken")?.into());
        after = " AND version < $3";
    }
    args.push((page.limit + 1).into());
    let sql = format!(
        "SELECT {VERSION} FROM definitions WHERE agent_id = $1 AND org_id = $2{after} ORDER BY version DESC LIMIT ${}",
        args.len()
    );
    Ok(Page::from_rows(db.all(sql, args).await?, page.limit, |row: &Version| Cursor::new(row.version, agent)))
}

pub(super) async fn find(db: &Db, org: &str, agent: &str, version: i64) -> Result<Option<(Version, Definition)>> {
    let sql = format!("SELECT {VERSION}, body FROM definitions WHERE agent_id = $1 AND version = $2 AND org_id = $3");
    let found = db.optional::<Whole>(sql, args![agent, version, org]).await?;
    Ok(found.map(|Whole(version, definition)| (version, definition)))
}

pub(super) async fn definition(tx: &mut Tx, org: &str, agent: &str, version: i64) -> Result<Option<Definition>> {
    let sql = "SELECT body FROM definitions WHERE agent_id = $1 AND version = $2 AND org_id = $3";
    Ok(tx.optional::<Body>(sql, args![agent, version, org]).await?.map(|Body(definition)| definition))
}
