//! All SQL of tasks.

use super::{Priority, Status, Task, TaskFilter};
use muster_base::{Millis, Result};
use muster_store::{Args, Db, FromRow, Row, Tx, args};

const TASK: &str =
    "t.number, t.title, t.description, t.status, t.priority, t.agent_id, a.name AS agent_name, t.due_at, t.metadata,
    t.created_by, t.created_at, t.changed_at, t.finished_at";
const FROM_TASKS: &str = "FROM tasks t LEFT JOIN agents a ON a.id = t.agent_id";

impl FromRow for Task {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            number: row.int("number")?,
            title: row.text("title")?,
            description: row.text_opt("description")?,
            status: Status::parse(&row.text("status")?, "status")?,
            priority: Priority::of_rank(row.int("priority")?),
            agent: row.text_opt("agent_id")?,
            agent_name: row.text_opt("agent_name")?,
            due_at: row.time_opt("due_at")?,
            metadata: row.text_opt("metadata")?,
            created_by: row.text("created_by")?,
            created_at: row.time("created_at")?,
            changed_at: row.time("changed_at")?,
            finished_at: row.time_opt("finished_at")?,
        })
    }
}

struct Listed {
    task: Task,
    total: i64,
}

impl FromRow for Listed {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { task: Task::from_row(row)?, total: row.int("total")? })
    }
}

pub(super) async fn next_number(tx: &mut Tx) -> Result<i64> {
    let sql = "INSERT INTO counters (name, value) VALUES ('task', 1)
               ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value";
    tx.one(sql, vec![]).await
}

pub(super) async fn insert(tx: &mut Tx, org: &str, task: &Task) -> Result<()> {
    let sql = "INSERT INTO tasks (number, org_id, title, description, status, priority, agent_id, due_at, metadata, created_by,
                                  created_at, changed_at, finished_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let args = args![
        task.number,
        org,
        &task.title,
        &task.description,
        task.status.as_str(),
        task.priority.rank(),
        &task.agent,
        task.due_at,
        &task.metadata,
        &task.created_by,
        task.created_at,
        task.changed_at,
        task.finished_at
    ];
    tx.execute(sql, args).await.map(drop)
}

pub(super) async fn find(db: &Db, org: &str, number: i64) -> Result<Option<Task>> {
    db.optional(format!("SELECT {TASK} {FROM_TASKS} WHERE t.number = $1 AND t.org_id = $2"), args![number, org]).await
}

/// The task, locked until the end of the transaction.
pub(super) async fn lock(tx: &mut Tx, org: &str, number: i64) -> Result<Option<Task>> {
    let sql = "UPDATE tasks SET changed_at = changed_at WHERE number = $1 AND org_id = $2";
    if tx.execute(sql, args![number, org]).await? == 0 {
        return Ok(None);
    }
    find_in(tx, org, number).await
}

/// Whether there is such a task in the org.
pub(crate) async fn exists(tx: &mut Tx, org: &str, number: i64) -> Result<bool> {
    let sql = "SELECT number FROM tasks WHERE number = $1 AND org_id = $2";
    Ok(tx.optional::<i64>(sql, args![number, org]).await?.is_some())
}

pub(super) async fn update(tx: &mut Tx, org: &str, task: &Task) -> Result<()> {
    let sql = "UPDATE tasks SET title = $3, description = $4, status = $5, priority = $6, agent_id = $7, due_at = $8, metadata = $9,
                      changed_at = $10, finished_at = $11
                WHERE number = $1 AND org_id = $2";
    let args = args![
        task.number,
        org,
        &task.title,
        &task.description,
        task.status.as_str(),
        task.priority.rank(),
        &task.agent,
        task.due_at,
        &task.metadata,
        task.changed_at,
        task.finished_at
    ];
    tx.execute(sql, args).await.map(drop)
}

/// Removes a task; its title, when there was one.
pub(super) async fn delete(tx: &mut Tx, org: &str, number: i64) -> Result<Option<String>> {
    tx.optional("DELETE FROM tasks WHERE number = $1 AND org_id = $2 RETURNING title", args![number, org]).await
}

fn conditions(filter: &TaskFilter, agent: Option<&str>, args: &mut Args) -> String {
    let mut sql = String::new();
    let mut and = |column: &str, value: muster_store::Value| {
        args.push(value);
        sql.push_str(&format!(" AND t.{column} = ${}", args.len()));
    };
    if let Some(status) = filter.status {
        and("status", status.as_str().into());
    }
    if let Some(priority) = filter.priority {
        and("priority", priority.rank().into());
    }
    if let Some(agent) = agent {
        and("agent_id", agent.into());
    }
    sql
}

/// A page of the org's tasks, newest first, and how many fit in all. `agent` is the id of the filter's agent.
pub(super) async fn list(
    db: &Db,
    org: &str,
    (filter, agent): (&TaskFilter, Option<&str>),
    limit: i64,
    offset: i64,
) -> Result<(Vec<Task>, i64)> {
    let mut args = args![org];
    let conditions = conditions(filter, agent, &mut args);
    let count = format!("SELECT count(*) FROM tasks t WHERE t.org_id = $1{conditions}");
    let counted = args.clone();
    args.push(limit.into());
    args.push(offset.into());
    let sql = format!(
        "SELECT {TASK}, ({count}) AS total {FROM_TASKS} WHERE t.org_id = $1{conditions}
          ORDER BY t.created_at DESC, t.number DESC LIMIT ${} OFFSET ${}",
        args.len() - 1,
        args.len()
    );
    let rows: Vec<Listed> = db.all(sql, args).await?;
    let total = match rows.first() {
        Some(row) => row.total,
        // A page beyond the last has no row that could tell.
        None if offset > 0 => db.one(count, counted).await?,
        None => 0,
    };
    Ok((rows.into_iter().map(|row| row.task).collect(), total))
}

/// What an agent has begun, at most `$3`; then the next task that it was given, and the next that nobody has.
fn candidates() -> String {
    let next = |condition: &str, limit: &str| {
        format!(
            "SELECT * FROM (SELECT {TASK} {FROM_TASKS} WHERE t.org_id = $1 AND {condition}
                             ORDER BY t.priority, t.created_at, t.number LIMIT {limit}) x"
        )
    };
    [
        next("t.agent_id = $2 AND t.status = 'in_progress'", "$3"),
        next("t.agent_id = $2 AND t.status = 'assigned'", "1"),
        next("t.agent_id IS NULL AND t.status IN ('inbox', 'assigned')", "1"),
    ]
    .join(" UNION ALL ")
}

/// See [`candidates`].
pub(super) async fn look(db: &Db, org: &str, agent: &str, limit: i64) -> Result<Vec<Task>> {
    db.all(candidates(), args![org, agent, limit]).await
}

/// As [`look`], within a transaction.
pub(super) async fn look_in(tx: &mut Tx, org: &str, agent: &str, limit: i64) -> Result<Vec<Task>> {
    tx.all(candidates(), args![org, agent, limit]).await
}

/// Lets an agent begin a task that it was given, if that is still so.
pub(super) async fn begin(tx: &mut Tx, org: &str, agent: &str, number: i64, at: Millis) -> Result<bool> {
    let sql = "UPDATE tasks SET status = 'in_progress', changed_at = $4
                WHERE number = $3 AND org_id = $1 AND agent_id = $2 AND status = 'assigned'";
    Ok(tx.execute(sql, args![org, agent, number, at]).await? == 1)
}

/// Gives an agent the next task that nobody has; whoever comes at the same time gets another. Returns its number.
pub(super) async fn take(tx: &mut Tx, org: &str, agent: &str, at: Millis) -> Result<Option<i64>> {
    let free = "org_id = $1 AND agent_id IS NULL AND status IN ('inbox', 'assigned')";
    let skip = if tx.is_postgres() { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE tasks SET status = 'in_progress', agent_id = $2, changed_at = $3
          WHERE {free} AND number = (SELECT number FROM tasks WHERE {free} ORDER BY priority, created_at, number LIMIT 1{skip})
      RETURNING number"
    );
    tx.optional(sql, args![org, agent, at]).await
}

pub(super) async fn find_in(tx: &mut Tx, org: &str, number: i64) -> Result<Option<Task>> {
    tx.optional(format!("SELECT {TASK} {FROM_TASKS} WHERE t.number = $1 AND t.org_id = $2"), args![number, org]).await
}

/// Puts what an agent has and has not finished back into the inbox. Returns the tasks' numbers.
pub(super) async fn release(tx: &mut Tx, org: &str, agent: &str, at: Millis) -> Result<Vec<i64>> {
    let sql = "UPDATE tasks SET status = 'inbox', agent_id = NULL, changed_at = $3
                WHERE agent_id = $2 AND org_id = $1 AND status IN ('assigned', 'in_progress') RETURNING number";
    tx.all(sql, args![org, agent, at]).await
}
