//! All SQL of access.

use crate::access::{AgentKey, AgentToken, ApiKey, Org, Principal, PrincipalKind, Role, Scope, Scopes, User};
use crate::context::Ctx;
use muster_base::{Cursor, Error, Millis, Page, PageRequest, Result};
use muster_store::{Db, FromRow, Row, Tx, args};

const ORG: &str = "id, name, description, time_zone, features, created_at, changed_at";
const USER: &str = "id, org_id, username, display_name, role, disabled, created_at, changed_at, last_login_at";
const KEY: &str = "id, name, description, prefix, role, scopes, expires_at, last_used_at, created_at, changed_at";

impl FromRow for Org {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            name: row.text("name")?,
            description: row.text_opt("description")?,
            time_zone: row.text_opt("time_zone")?,
            features: row.json("features")?,
            created_at: row.time("created_at")?,
            changed_at: row.time("changed_at")?,
        })
    }
}

impl FromRow for User {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            org: row.text("org_id")?,
            username: row.text("username")?,
            display_name: row.text_opt("display_name")?,
            role: Role::parse(&row.text("role")?)?,
            disabled: row.flag("disabled")?,
            created_at: row.time("created_at")?,
            changed_at: row.time("changed_at")?,
            last_login_at: row.time_opt("last_login_at")?,
        })
    }
}

impl FromRow for ApiKey {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            name: row.text("name")?,
            description: row.text_opt("description")?,
            prefix: row.text("prefix")?,
            role: Role::parse(&row.text("role")?)?,
            scopes: read_scopes(&row.text("scopes")?)?,
            expires_at: row.time_opt("expires_at")?,
            last_used_at: row.time_opt("last_used_at")?,
            created_at: row.time("created_at")?,
            changed_at: row.time("changed_at")?,
        })
    }
}

fn read_scopes(text: &str) -> Result<Vec<Scope>> {
    text.split_whitespace().map(Scope::parse).collect()
}

fn write_scopes(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
}

/// A stored hash and who it stands for.
struct Found(String, Principal);

/// Who a user is, until their session ends.
pub(super) fn principal_of_user(user: &User, expires_at: Millis, features: Vec<String>) -> Principal {
    Principal {
        kind: PrincipalKind::User,
        id: user.id.clone(),
        name: user.username.clone(),
        org: user.org.clone(),
        role: user.role,
        scopes: Scopes::of_role(user.role),
        agent: None,
        expires_at: Some(expires_at),
        features,
        credential: None,
    }
}

pub(super) async fn session_principal(db: &Db, hash: &str) -> Result<Option<(String, Principal)>> {
    struct Session(Found);
    impl FromRow for Session {
        fn from_row(row: &Row) -> Result<Self> {
            Ok(Self(Found(
                row.text("hash")?,
                principal_of_user(&User::from_row(row)?, row.time("expires_at")?, row.json("features")?),
            )))
        }
    }
    let sql = "SELECT s.hash, s.expires_at, u.id, u.org_id, u.username, u.display_name, u.role, u.disabled, u.created_at, u.changed_at,
                      u.last_login_at, o.features
                 FROM sessions s JOIN users u ON u.id = s.user_id JOIN orgs o ON o.id = u.org_id
                WHERE s.hash = $1 AND u.disabled = 0";
    Ok(db.optional_short::<Session>(sql, args![hash]).await?.map(|Session(Found(hash, principal))| (hash, principal)))
}

pub(super) async fn key_principal(db: &Db, hash: &str) -> Result<Option<(String, Principal)>> {
    struct Key(Found);
    impl FromRow for Key {
        fn from_row(row: &Row) -> Result<Self> {
            let role = Role::parse(&row.text("role")?)?;
            let principal = Principal {
                kind: PrincipalKind::Key,
                id: row.text("id")?,
                name: row.text("name")?,
                org: row.text("org_id")?,
                role,
                scopes: Scopes::granted(&read_scopes(&row.text("scopes")?)?, role),
                agent: None,
                expires_at: row.time_opt("expires_at")?,
                features: row.json("features")?,
                credential: None,
            };
            Ok(Self(Found(row.text("hash")?, principal)))
        }
    }
    let sql = "SELECT k.hash, k.id, k.name, k.org_id, k.role, k.scopes, k.expires_at, o.features
                 FROM api_keys k JOIN orgs o ON o.id = k.org_id WHERE k.hash = $1";
    Ok(db.optional_short::<Key>(sql, args![hash]).await?.map(|Key(Found(hash, principal))| (hash, principal)))
}

pub(super) async fn token_principal(db: &Db, hash: &str) -> Result<Option<(String, Principal)>> {
    struct Token(Found);
    impl FromRow for Token {
        fn from_row(row: &Row) -> Result<Self> {
            let principal = Principal {
                kind: PrincipalKind::Agent,
                id: row.text("id")?,
                name: row.text("name")?,
                org: row.text("org_id")?,
                role: Role::Operator,
                scopes: Scopes::of_agent_token(),
                // A token that is not enrolled yet acts for no agent at all.
                agent: Some(row.text_opt("agent_id")?.unwrap_or_default()),
                expires_at: row.time_opt("expires_at")?,
                features: row.json("features")?,
                credential: None,
            };
            Ok(Self(Found(row.text("hash")?, principal)))
        }
    }
    let sql = "SELECT t.hash, t.id, t.name, t.org_id, t.agent_id, t.expires_at, o.features
                 FROM agent_tokens t JOIN orgs o ON o.id = t.org_id WHERE t.hash = $1";
    Ok(db.optional_short::<Token>(sql, args![hash]).await?.map(|Token(Found(hash, principal))| (hash, principal)))
}

pub(super) async fn first_org(db: &Db) -> Result<Option<String>> {
    db.optional("SELECT id FROM orgs ORDER BY created_at, id LIMIT 1", vec![]).await
}

pub(super) async fn find_org(db: &Db, id: &str) -> Result<Option<Org>> {
    db.optional(format!("SELECT {ORG} FROM orgs WHERE id = $1"), args![id]).await
}

pub(super) async fn list_orgs(db: &Db) -> Result<Vec<Org>> {
    db.all(format!("SELECT {ORG} FROM orgs ORDER BY created_at, id"), vec![]).await
}

pub(super) async fn insert_org(tx: &mut Tx, org: &Org) -> Result<()> {
    let sql = "INSERT INTO orgs (id, name, description, time_zone, features, created_at, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let features = serde_json::to_string(&org.features).map_err(Error::internal)?;
    let args = args![&org.id, &org.name, &org.description, &org.time_zone, features, org.created_at, org.changed_at];
    tx.execute(sql, args).await?;
    tx.execute("INSERT INTO event_heads (org_id, seq, hash) VALUES ($1, 0, '')", args![&org.id]).await.map(drop)
}

pub(super) async fn update_org(tx: &mut Tx, org: &Org) -> Result<()> {
    let sql =
        "UPDATE orgs SET name = $2, description = $3, time_zone = $4, features = $5, changed_at = $6 WHERE id = $1";
    let features = serde_json::to_string(&org.features).map_err(Error::internal)?;
    tx.execute(sql, args![&org.id, &org.name, &org.description, &org.time_zone, features, org.changed_at])
        .await
        .map(drop)
}

pub(super) async fn has_users(db: &Db) -> Result<bool> {
    Ok(db.one::<i64>("SELECT count(*) FROM users", vec![]).await? > 0)
}

pub(super) async fn find_user(db: &Db, org: &str, id: &str) -> Result<Option<User>> {
    db.optional(format!("SELECT {USER} FROM users WHERE org_id = $1 AND id = $2"), args![org, id]).await
}

/// The user, locked until the end of the transaction, so that two changes do not overwrite each other's fields.
pub(super) async fn lock_user(tx: &mut Tx, org: &str, id: &str) -> Result<Option<User>> {
    let sql = format!("UPDATE users SET role = role WHERE org_id = $1 AND id = $2 RETURNING {USER}");
    tx.optional(sql, args![org, id]).await
}

/// As [`lock_user`], for a key.
pub(super) async fn lock_key(tx: &mut Tx, org: &str, id: &str) -> Result<Option<ApiKey>> {
    let sql = format!("UPDATE api_keys SET role = role WHERE org_id = $1 AND id = $2 RETURNING {KEY}");
    tx.optional(sql, args![org, id]).await
}

/// As [`lock_user`], for an org.
pub(super) async fn lock_org(tx: &mut Tx, id: &str) -> Result<Option<Org>> {
    tx.optional(format!("UPDATE orgs SET name = name WHERE id = $1 RETURNING {ORG}"), args![id]).await
}

pub(super) async fn user_for_login(db: &Db, username: &str) -> Result<Option<(User, String)>> {
    struct WithHash(User, String);
    impl FromRow for WithHash {
        fn from_row(row: &Row) -> Result<Self> {
            Ok(Self(User::from_row(row)?, row.text("password_hash")?))
        }
    }
    let found: Option<WithHash> =
        db.optional(format!("SELECT {USER}, password_hash FROM users WHERE username = $1"), args![username]).await?;
    Ok(found.map(|WithHash(user, hash)| (user, hash)))
}

pub(super) async fn list_users(db: &Db, org: &str, page: &PageRequest) -> Result<Page<User>> {
    let (filter, mut args) = newest_first(org, page)?;
    args.push((page.limit + 1).into());
    let sql = format!(
        "SELECT {USER} FROM users WHERE org_id = $1{filter} ORDER BY created_at DESC, id DESC LIMIT ${}",
        args.len()
    );
    Ok(Page::from_rows(db.all(sql, args).await?, page.limit, |user: &User| Cursor::new(user.created_at.0, &user.id)))
}

/// The filter of a list that is ordered by `created_at DESC, id DESC`, and its first values.
fn newest_first(org: &str, page: &PageRequest) -> Result<(&'static str, muster_store::Args)> {
    match &page.after {
        None => Ok(("", args![org])),
        Some(cursor) => Ok((" AND (created_at, id) < ($2, $3)", args![org, cursor.number("pageToken")?, &cursor.id])),
    }
}

pub(super) async fn insert_user(tx: &mut Tx, user: &User, hash: &str) -> Result<()> {
    let sql = "INSERT INTO users (id, org_id, username, display_name, password_hash, role, created_at, changed_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let args = args![
        &user.id,
        &user.org,
        &user.username,
        &user.display_name,
        hash,
        user.role.as_str(),
        user.created_at,
        user.changed_at
    ];
    tx.execute(sql, args).await.map(drop)
}

pub(super) async fn update_user(tx: &mut Tx, user: &User, hash: Option<&str>) -> Result<bool> {
    let sql = "UPDATE users SET display_name = $3, role = $4, disabled = $5, changed_at = $6,
                      password_hash = COALESCE($7, password_hash)
                WHERE org_id = $1 AND id = $2";
    let args = args![&user.org, &user.id, &user.display_name, user.role.as_str(), user.disabled, user.changed_at, hash];
    Ok(tx.execute(sql, args).await? == 1)
}

pub(super) async fn delete_user(tx: &mut Tx, org: &str, id: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM users WHERE org_id = $1 AND id = $2", args![org, id]).await? == 1)
}

pub(super) async fn count_admins(tx: &mut Tx, org: &str) -> Result<i64> {
    // Locks the org's row, so that two who remove each other cannot both succeed.
    tx.execute("UPDATE orgs SET changed_at = changed_at WHERE id = $1", args![org]).await?;
    let sql = "SELECT count(*) FROM users WHERE org_id = $1 AND role IN ('admin', 'owner') AND disabled = 0";
    tx.one(sql, args![org]).await
}

/// A session to be stored.
pub(super) struct NewSession {
    pub(super) hash: String,
    pub(super) id: String,
    pub(super) user: String,
    pub(super) org: String,
    pub(super) created_at: Millis,
    pub(super) expires_at: Millis,
}

pub(super) async fn insert_session(tx: &mut Tx, session: &NewSession) -> Result<()> {
    let sql =
        "INSERT INTO sessions (hash, id, user_id, org_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let args = args![&session.hash, &session.id, &session.user, &session.org, session.created_at, session.expires_at];
    tx.execute(sql, args).await?;
    let sql = "UPDATE users SET last_login_at = $2 WHERE id = $1";
    tx.execute(sql, args![&session.user, session.created_at]).await.map(drop)
}

pub(super) async fn delete_session(tx: &mut Tx, org: &str, hash: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM sessions WHERE org_id = $1 AND hash = $2", args![org, hash]).await? == 1)
}

pub(super) async fn delete_sessions_of(tx: &mut Tx, user: &str) -> Result<()> {
    tx.execute("DELETE FROM sessions WHERE user_id = $1", args![user]).await.map(drop)
}

/// Removes sessions whose time is over.
pub(crate) async fn expire_sessions(tx: &mut Tx, now: Millis) -> Result<u64> {
    tx.execute("DELETE FROM sessions WHERE expires_at < $1", args![now]).await
}

pub(super) async fn insert_key(tx: &mut Tx, ctx: &Ctx, key: &ApiKey, hash: &str) -> Result<()> {
    let sql = "INSERT INTO api_keys (id, org_id, name, description, prefix, hash, role, scopes, created_by, created_at, changed_at, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let args = args![
        &key.id,
        ctx.org(),
        &key.name,
        &key.description,
        &key.prefix,
        hash,
        key.role.as_str(),
        write_scopes(&key.scopes),
        &ctx.principal().id,
        key.created_at,
        key.changed_at,
        key.expires_at
    ];
    tx.execute(sql, args).await.map(drop)
}

pub(super) async fn find_key(db: &Db, org: &str, id: &str) -> Result<Option<ApiKey>> {
    db.optional(format!("SELECT {KEY} FROM api_keys WHERE org_id = $1 AND id = $2"), args![org, id]).await
}

pub(super) async fn list_keys(db: &Db, org: &str, page: &PageRequest) -> Result<Page<ApiKey>> {
    let (filter, mut args) = newest_first(org, page)?;
    args.push((page.limit + 1).into());
    let sql = format!(
        "SELECT {KEY} FROM api_keys WHERE org_id = $1{filter} ORDER BY created_at DESC, id DESC LIMIT ${}",
        args.len()
    );
    Ok(Page::from_rows(db.all(sql, args).await?, page.limit, |key: &ApiKey| Cursor::new(key.created_at.0, &key.id)))
}

pub(super) async fn update_key(tx: &mut Tx, org: &str, key: &ApiKey) -> Result<bool> {
    let sql =
        "UPDATE api_keys SET name = $3, description = $4, role = $5, scopes = $6, expires_at = $7, changed_at = $8
                WHERE org_id = $1 AND id = $2";
    let args = args![
        org,
        &key.id,
        &key.name,
        &key.description,
        key.role.as_str(),
        write_scopes(&key.scopes),
        key.expires_at,
        key.changed_at
    ];
    Ok(tx.execute(sql, args).await? == 1)
}

pub(super) async fn delete_key(tx: &mut Tx, org: &str, id: &str) -> Result<bool> {
    forget_machines(tx, org, id).await?;
    Ok(tx.execute("DELETE FROM api_keys WHERE org_id = $1 AND id = $2", args![org, id]).await? == 1)
}

/// Notes when keys and tokens were last used.
pub(crate) async fn touch_keys(tx: &mut Tx, used: &[(String, Millis)]) -> Result<()> {
    for (id, at) in used {
        let table = if id.starts_with("key_") {
            "api_keys"
        } else if id.starts_with("tok_") {
            "agent_tokens"
        } else {
            continue;
        };
        tx.execute(format!("UPDATE {table} SET last_used_at = $2 WHERE id = $1"), args![id, *at]).await?;
    }
    Ok(())
}

pub(super) async fn insert_token(tx: &mut Tx, ctx: &Ctx, token: &AgentToken, hash: &str) -> Result<()> {
    let sql = "INSERT INTO agent_tokens (id, org_id, name, prefix, hash, created_at, expires_at, enrols)
               VALUES ($1, $2, $3, $4, $5, $6, $7, 1)";
    let args = args![&token.id, ctx.org(), &token.name, &token.prefix, hash, token.created_at, token.expires_at];
    tx.execute(sql, args).await.map(drop)
}

/// Tokens made to enrol machines, not those made for one agent.
const ENROLS: &str = "t.org_id = $1 AND (t.enrols = 1 OR t.agent_id IS NULL)";
const AGENT_TOKEN: &str = "t.id, t.name, t.prefix, t.agent_id, t.created_at, t.expires_at, t.last_used_at,
    (SELECT count(*) FROM enrolments e WHERE e.credential_id = t.id) AS machines";

impl FromRow for AgentToken {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            name: row.text("name")?,
            prefix: row.text("prefix")?,
            agent: row.text_opt("agent_id")?,
            machines: row.int("machines")?,
            created_at: row.time("created_at")?,
            expires_at: row.time_opt("expires_at")?,
            last_used_at: row.time_opt("last_used_at")?,
        })
    }
}

pub(super) async fn count_tokens(tx: &mut Tx, org: &str) -> Result<i64> {
    tx.one(format!("SELECT count(*) FROM agent_tokens t WHERE {ENROLS}"), args![org]).await
}

pub(super) async fn list_tokens(db: &Db, org: &str, limit: i64) -> Result<Vec<AgentToken>> {
    let sql = format!(
        "SELECT {AGENT_TOKEN} FROM agent_tokens t WHERE {ENROLS} ORDER BY t.created_at DESC, t.id DESC LIMIT $2"
    );
    db.all(sql, args![org, limit]).await
}

pub(super) async fn find_token(tx: &mut Tx, org: &str, id: &str) -> Result<Option<AgentToken>> {
    tx.optional(format!("SELECT {AGENT_TOKEN} FROM agent_tokens t WHERE {ENROLS} AND t.id = $2"), args![org, id]).await
}

pub(super) async fn delete_token(tx: &mut Tx, org: &str, id: &str) -> Result<()> {
    // The token first: a machine that enrols with it just now has it locked.
    tx.execute("DELETE FROM agent_tokens WHERE org_id = $1 AND id = $2", args![org, id]).await?;
    forget_machines(tx, org, id).await
}

/// Forgets which machines have shown a key or token that ends.
async fn forget_machines(tx: &mut Tx, org: &str, credential: &str) -> Result<()> {
    let sql = "DELETE FROM enrolments WHERE org_id = $1 AND credential_id = $2";
    tx.execute(sql, args![org, credential]).await.map(drop)
}

const AGENT_KEY: &str = "id, name, prefix, created_at, expires_at, last_used_at";

impl FromRow for AgentKey {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text("id")?,
            name: row.text("name")?,
            prefix: row.text("prefix")?,
            created_at: row.time("created_at")?,
            expires_at: row.time_opt("expires_at")?,
            last_used_at: row.time_opt("last_used_at")?,
        })
    }
}

pub(super) async fn count_agent_keys(tx: &mut Tx, org: &str, agent: &str) -> Result<i64> {
    tx.one("SELECT count(*) FROM agent_tokens WHERE org_id = $1 AND agent_id = $2", args![org, agent]).await
}

pub(super) async fn insert_agent_key(tx: &mut Tx, ctx: &Ctx, agent: &str, key: &AgentKey, hash: &str) -> Result<()> {
    let sql = "INSERT INTO agent_tokens (id, org_id, agent_id, name, prefix, hash, created_at, expires_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let args = args![&key.id, ctx.org(), agent, &key.name, &key.prefix, hash, key.created_at, key.expires_at];
    tx.execute(sql, args).await.map(drop)
}

pub(super) async fn list_agent_keys(db: &Db, org: &str, agent: &str, limit: i64) -> Result<Vec<AgentKey>> {
    let sql = format!(
        "SELECT {AGENT_KEY} FROM agent_tokens WHERE org_id = $1 AND agent_id = $2 ORDER BY created_at DESC, id DESC LIMIT $3"
    );
    db.all(sql, args![org, agent, limit]).await
}

pub(super) async fn delete_agent_key(tx: &mut Tx, org: &str, agent: &str, id: &str) -> Result<Option<AgentKey>> {
    let sql = format!("DELETE FROM agent_tokens WHERE org_id = $1 AND agent_id = $2 AND id = $3 RETURNING {AGENT_KEY}");
    let deleted = tx.optional(sql, args![org, agent, id]).await?;
    if deleted.is_some() {
        forget_machines(tx, org, id).await?;
    }
    Ok(deleted)
}

/// A page of the org's users by offset, newest first, and how many there are in all.
pub(super) async fn users_page(db: &Db, org: &str, limit: i64, offset: i64) -> Result<(Vec<User>, i64)> {
    let sql =
        format!("SELECT {USER} FROM users WHERE org_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3");
    let users = db.all(sql, args![org, limit, offset]).await?;
    let total = db.one("SELECT count(*) FROM users WHERE org_id = $1", args![org]).await?;
    Ok((users, total))
}
