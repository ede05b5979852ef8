//! Dumps: whatever database they are from, they restore into either, whole or not at all.

use crate::schema::tables;
use crate::soon;
use muster_base::{Kind, Result};
use muster_store::testing::TestDb;
use muster_store::{Backend, Db, dump, restore};
use std::collections::BTreeSet;
use std::io::Cursor;

/// What is true only while the program runs: no backup of it is of any use.
const LIVE: [&str; 2] = ["links", "nodes"];

/// The dump of a database, line by line.
async fn dumped(db: &Db) -> Vec<String> {
    let (send, mut receive) = tokio::sync::mpsc::channel(16);
    let reading = std::thread::spawn(move || std::iter::from_fn(|| receive.blocking_recv()).collect::<Vec<String>>());
    let rows = soon("the dump", dump(db, send)).await.expect("dumps");
    let lines = reading.join().expect("no panic");
    assert_eq!(lines.len() as u64, rows + 2, "a first line, the rows and a last line");
    lines
}

async fn restored(db: &Db, lines: &[String]) -> Result<u64> {
    let text = lines.join("\n");
    soon("the restore", restore(db, Cursor::new(text))).await
}

/// How many rows there are in all tables.
async fn rows(db: &Db) -> i64 {
    let mut sum = 0;
    for table in tables(db).await {
        sum += db.one::<i64>(format!("SELECT count(*) FROM {table}"), vec![]).await.expect("counts");
    }
    sum
}

/// At least one row in every table, with nulls, signs of all kinds, and more rows than are held in memory at once.
async fn fill(db: &Db) {
    let odd = "ünï 𝄞 \"quoted\" \\ 'single' \u{1f}\n\ttab %_";
    let mut statements = vec![
        "INSERT INTO meta (name, value) VALUES ('secret_check', 'v1:x:y'), ('other', '')".to_owned(),
        "INSERT INTO counters (name, value) VALUES ('agent', 9223372036854775807), ('low', -9223372036854775808)".to_owned(),
        format!("INSERT INTO orgs (id, name, description, features, created_at, changed_at) VALUES ('a', '{}', NULL, '[]', 1, 2), ('b', 'B', '', '[]', 1, 2)",
            odd.replace('\'', "''")),
        "INSERT INTO users (id, org_id, username, password_hash, role, created_at, changed_at) VALUES ('u', 'a', 'ann', 'h', 'owner', 1, 2)".to_owned(),
        "INSERT INTO sessions (hash, id, user_id, org_id, created_at, expires_at) VALUES ('h', 's', 'u', 'a', 1, 2)".to_owned(),
        "INSERT INTO api_keys (id, org_id, name, prefix, hash, role, scopes, created_by, created_at, changed_at) VALUES ('k', 'a', 'n', 'p', 'h', 'admin', '', 'u', 1, 2)".to_owned(),
        "INSERT INTO agent_tokens (id, org_id, name, prefix, hash, created_at) VALUES ('t', 'a', 'n', 'p', 'h', 1)".to_owned(),
        "INSERT INTO secrets (org_id, owner, field, sealed, changed_at) VALUES ('a', 'x', 'f', 's', 1)".to_owned(),
        "INSERT INTO idempotency (org_id, principal, key, fingerprint, created_at) VALUES ('a', 'u', 'k', 'f', 1)".to_owned(),
        "INSERT INTO event_heads (org_id, seq, hash) VALUES ('a', 520, 'h'), ('b', 0, '')".to_owned(),
        "INSERT INTO agents (id, number, org_id, name, source, lifecycle, presence, version, balance, created_at, changed_at)
         VALUES ('g', 1, 'a', 'Ann', 'hosted', 'active', 'online', 1, 5, 1, 2)".to_owned(),
        "INSERT INTO definitions (agent_id, version, org_id, body, actor, created_at) VALUES ('g', 1, 'a', '{}', 'u', 1)".to_owned(),
        "INSERT INTO agent_files (agent_id, path, org_id, content, encoding, size, changed_at) VALUES ('g', 'p', 'a', 'c', 'utf-8', 1, 1)".to_owned(),
        "INSERT INTO enrolments (credential_id, machine_id, org_id, agent_id, created_at) VALUES ('t', 'm', 'a', 'g', 1), ('t', 'n', 'a', NULL, 1)".to_owned(),
        "INSERT INTO conversations (id, org_id, agent_id, key, channel, counterparty_id, counterparty_type, counterparty_name, last_message_at, created_at)
         VALUES ('c', 'a', 'g', 'k', 'api', 'u', 'user', 'ann', 1, 1)".to_owned(),
        "INSERT INTO messages (id, org_id, agent_id, conversation_id, seq, role, sender_type, sender_id, content, status, channel, queue_mode, created_at)
         VALUES ('m', 'a', 'g', 'c', 1, 'user', 'user', 'u', '12345', 'pending', 'api', 'collect', 1)".to_owned(),
        "INSERT INTO turns (id, org_id, agent_id, conversation_id, state, run_at, created_at) VALUES ('r', 'a', 'g', 'c', 'queued', 1, 1)".to_owned(),
        "INSERT INTO turn_steps (turn_id, step, org_id, kind, name, key, state, started_at) VALUES ('r', 0, 'a', 'model', 'n', 'k', 'done', 1)".to_owned(),
        "INSERT INTO turn_stream (turn_id, seq, type, data, at) VALUES ('r', 1, 't', '{}', 1)".to_owned(),
        "INSERT INTO tasks (number, org_id, title, status, priority, agent_id, created_by, created_at, changed_at) VALUES (1, 'a', 't', 'inbox', 2, 'g', 'u', 1, 1)".to_owned(),
        "INSERT INTO token_usage (id, org_id, agent_id, task, model, input_tokens, output_tokens, created_at) VALUES ('z', 'a', 'g', 1, 'm', 1, 2, 1)".to_owned(),
        "INSERT INTO memory (org_id, owner, key, value, size, revision, changed_at) VALUES ('a', '', 'k', '1', 1, 1, 1)".to_owned(),
        "INSERT INTO traffic (org_id, bytes) VALUES ('a', 9223372036854775807)".to_owned(),
        "INSERT INTO connectors (id, org_id, name, type, enabled, settings, revision, created_at, changed_at)
         VALUES ('con', 'a', 'warehouse', 'postgresql', 1, '{}', 1, 1, 1)".to_owned(),
        "INSERT INTO connector_grants (connector_id, agent_id, created_at) SELECT 'con', id, 1 FROM agents".to_owned(),
        "INSERT INTO jobs (id, kind, key, payload, run_at, created_at) VALUES ('j', 'k', 'k', '{}', 1, 1)".to_owned(),
    ];
    for n in 1..=520 {
        statements.push(format!(
            "INSERT INTO events (org_id, seq, id, type, subject, actor, at, data, hash) VALUES ('a', {n}, 'e{n}', 't', 's', '{{}}', 1, '{{}}', 'h')"
        ));
    }
    db.write(move |tx| {
        Box::pin(async move {
            for sql in statements {
                tx.execute(sql, vec![]).await?;
            }
            Ok(())
        })
    })
    .await
    .expect("fills every table");
}

#[tokio::test]
async fn a_dump_goes_to_the_other_database_and_back_unchanged() {
    let [first, other] = TestDb::both().await;
    let last = TestDb::sqlite().await;
    fill(&first).await;
    let from_sqlite = dumped(&first).await;
    assert_eq!(restored(&other, &from_sqlite).await.expect("restores") as usize, from_sqlite.len() - 2);
    let from_postgres = dumped(&other).await;
    restored(&last, &from_postgres).await.expect("restores");
    let again = dumped(&last).await;
    assert!(from_sqlite == from_postgres, "what PostgreSQL holds differs from what SQLite held");
    assert!(from_sqlite == again, "what came back differs from what was there");
}

#[tokio::test]
async fn a_dump_has_every_table() {
    let db = TestDb::sqlite().await;
    fill(&db).await;
    let dumped: BTreeSet<String> = dumped(&db)
        .await
        .iter()
        .filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line).expect("JSON")["table"].as_str().map(str::to_owned)
        })
        .collect();
    let lasting = tables(&db).await.into_iter().filter(|table| !LIVE.contains(&table.as_str()));
    assert_eq!(dumped, lasting.collect(), "a table is missing from the dump, or from this test's rows");
}

#[tokio::test]
async fn a_damaged_dump_restores_nothing() {
    let source = TestDb::sqlite().await;
    fill(&source).await;
    let whole = dumped(&source).await;
    let targets = TestDb::both().await;
    for target in &targets {
        let mut damaged: Vec<(&str, Vec<String>)> = vec![
            ("nothing at all", vec![]),
            ("no last line", whole[..whole.len() - 1].to_vec()),
            ("only the first line", whole[..1].to_vec()),
            (
                "a missing row",
                whole.iter().enumerate().filter(|(at, _)| *at != 300).map(|(_, line)| line.clone()).collect(),
            ),
            ("a missing first line", whole[1..].to_vec()),
            (
                "a row after the end",
                whole
                    .iter()
                    .cloned()
                    .chain([r#"{"table":"meta","row":{"name":"x","value":"y"}}"#.to_owned()])
                    .collect(),
            ),
            ("two dumps in one", whole.iter().chain(&whole).cloned().collect()),
        ];
        let with = |at: usize, text: &str| {
            let mut lines = whole.clone();
            text.clone_into(&mut lines[at]);
            lines
        };
        damaged.push(("a cut line", with(40, &whole[40][..whole[40].len() / 2])));
        damaged.push(("another version", with(0, r#"{"format":"muster-dump","version":99}"#)));
        damaged.push(("an unknown table", with(5, r#"{"table":"sqlite_master","row":{"name":"x"}}"#)));
        damaged
            .push(("an unknown column", with(5, r#"{"table":"meta","row":{"name":"x","value":"y","colour":"red"}}"#)));
        damaged.push(("a column that is SQL", with(5, r#"{"table":"meta","row":{"name) VALUES ('x'); --":"x"}}"#)));
        damaged.push(("a row that is a list", with(5, r#"{"table":"meta","row":["x"]}"#)));
        damaged.push(("a row twice", with(2, &whole[1])));
        for (what, lines) in damaged {
            let error = restored(target, &lines).await.expect_err(what);
            assert_eq!(error.kind(), Kind::Invalid, "{what} on {:?}: {error:?}", target.backend());
            assert_eq!(rows(target).await, 0, "{what} left rows behind on {:?}", target.backend());
        }
        restored(target, &whole).await.expect("the whole dump still restores");
    }
}

#[tokio::test]
async fn a_database_that_is_not_empty_is_left_alone() {
    let source = TestDb::sqlite().await;
    fill(&source).await;
    let whole = dumped(&source).await;
    for target in TestDb::both().await {
        restored(&target, &whole).await.expect("restores into an empty one");
        let before = dumped(&target).await;
        assert_eq!(restored(&target, &whole).await.expect_err("not empty").kind(), Kind::Conflict);
        assert!(dumped(&target).await == before, "a refused restore changed {:?}", target.backend());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dump_shows_one_moment_while_others_write() {
    for db in TestDb::both().await {
        fill(&db).await;
        let (send, mut receive) = tokio::sync::mpsc::channel(1);
        let (started, begun) = tokio::sync::oneshot::channel();
        let (go_on, wait) = std::sync::mpsc::channel();
        let reading = std::thread::spawn(move || {
            let mut lines: Vec<String> = std::iter::from_fn(|| receive.blocking_recv()).take(2).collect();
            let _ = started.send(());
            let _ = wait.recv();
            lines.extend(std::iter::from_fn(|| receive.blocking_recv()));
            lines
        });
        let for_task = (*db).clone();
        let dumping = tokio::spawn(async move { dump(&for_task, send).await });
        soon("the dump begins", begun).await.expect("a first row");
        soon("a write beside a dump", crate::put(&db, "zz written meanwhile")).await.expect("writes go on");
        go_on.send(()).expect("the reader waits");
        soon("the dump ends", dumping).await.expect("no panic").expect("dumps");
        let lines = reading.join().expect("no panic");
        assert!(!lines.iter().any(|line| line.contains("written meanwhile")), "{:?}", db.backend());
        assert_eq!(db.backend() == Backend::Sqlite, db.file_size().is_some());
    }
}
