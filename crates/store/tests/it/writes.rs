//! Transactions: all or nothing, on disk when they say so, and nobody else's trouble.

use crate::{insert, names, put, soon};
use futures::FutureExt;
use futures::future::join_all;
use muster_base::{Error, Kind, Result};
use muster_store::testing::TestDb;
use muster_store::{Backend, Db, Value, Work, args, is_unique_violation};
use tokio::sync::oneshot;

/// A write that stays open until the sender is used: what is written meanwhile ends up in the same group.
async fn hold_the_writer(db: &Db) -> (oneshot::Sender<()>, tokio::task::JoinHandle<Result<()>>) {
    let (let_go, wait) = oneshot::channel();
    let (began, begun) = oneshot::channel();
    let db = db.clone();
    let held = tokio::spawn(async move {
        db.write(move |_| {
            Box::pin(async move {
                let _ = began.send(());
                let _ = wait.await;
                Ok(())
            })
        })
        .await
    });
    soon("the first write begins", begun).await.expect("it began");
    (let_go, held)
}

#[tokio::test]
async fn a_failing_work_undoes_only_its_own_rows_and_notices() {
    for db in TestDb::both().await {
        let mut good = db.hub().listen("good", "");
        let mut bad = db.hub().listen("bad", "");
        let (let_go, held) = hold_the_writer(&db).await;
        let writes = (0..20).map(|n| {
            let db = (*db).clone();
            tokio::spawn(async move {
                db.write(move |tx| {
                    Box::pin(async move {
                        insert(tx, &format!("row {n:02}")).await?;
                        tx.announce(if n % 2 == 0 { "good" } else { "bad" }, "");
                        if n % 2 == 0 { Ok(()) } else { Err(Error::conflict("on purpose")) }
                    })
                })
                .await
            })
        });
        let writes: Vec<_> = writes.collect();
        tokio::task::yield_now().await;
        let_go.send(()).expect("the first write waits");
        soon("the first write ends", held).await.expect("no panic").expect("commits");
        for (n, result) in soon("all writes end", join_all(writes)).await.into_iter().enumerate() {
            assert_eq!(result.expect("no panic").is_ok(), n % 2 == 0, "write {n}");
        }
        let expected: Vec<String> = (0..20).step_by(2).map(|n| format!("row {n:02}")).collect();
        assert_eq!(names(&db).await, expected);
        soon("the good notice", good.wait()).await;
        assert!(bad.wait().now_or_never().is_none(), "a notice of rolled-back work got out");
    }
}

#[tokio::test]
async fn a_statement_that_fails_in_a_group_leaves_the_others_alone() {
    for db in TestDb::both().await {
        put(&db, "taken").await.expect("writes");
        let (let_go, held) = hold_the_writer(&db).await;
        let writes = ["before", "taken", "after"].map(|name| {
            let db = (*db).clone();
            tokio::spawn(async move { put(&db, name).await })
        });
        tokio::task::yield_now().await;
        let_go.send(()).expect("the first write waits");
        soon("the first write ends", held).await.expect("no panic").expect("commits");
        let results: Vec<bool> = join_all(writes).await.into_iter().map(|r| r.expect("no panic").is_ok()).collect();
        assert_eq!(results, [true, false, true]);
        assert_eq!(names(&db).await, ["after", "before", "taken"]);
    }
}

#[tokio::test]
async fn a_panic_in_the_work_is_an_error_and_the_writer_lives_on() {
    for db in TestDb::both().await {
        let panicking = db.write::<(), _>(|tx| {
            Box::pin(async move {
                insert(tx, "half").await?;
                panic!("on purpose");
            })
        });
        assert_eq!(soon("a panic", panicking).await.expect_err("panicked").kind(), Kind::Internal);
        put(&db, "next").await.expect("the writer lives");
        assert_eq!(names(&db).await, ["next"]);
    }
}

#[tokio::test]
async fn a_panic_before_the_works_first_await_is_an_error_too() {
    for db in TestDb::both().await {
        let panicking = db.write::<(), _>(|_| panic!("on purpose"));
        assert_eq!(soon("a panic", panicking).await.expect_err("panicked").kind(), Kind::Internal);
        put(&db, "next").await.expect("the writer lives");
        assert_eq!(names(&db).await, ["next"]);
    }
}

#[tokio::test]
async fn work_goes_on_when_its_caller_stops_waiting() {
    for db in TestDb::both().await {
        let mut listener = db.hub().listen("written", "");
        let (let_go, wait) = oneshot::channel::<()>();
        let (began, begun) = oneshot::channel();
        let for_task = (*db).clone();
        let caller = tokio::spawn(async move {
            for_task
                .write(move |tx| {
                    Box::pin(async move {
                        let _ = began.send(());
                        let _ = wait.await;
                        tx.announce("written", "");
                        insert(tx, "kept").await
                    })
                })
                .await
        });
        soon("the work begins", begun).await.expect("it began");
        caller.abort();
        assert!(caller.await.expect_err("aborted").is_cancelled());
        let_go.send(()).expect("the work still waits");
        soon("the work ends", listener.wait()).await;
        assert_eq!(names(&db).await, ["kept"]);
    }
}

#[tokio::test]
async fn sixty_four_writers_at_once_all_commit() {
    for db in TestDb::both().await {
        let writes = (0..64).map(|n| {
            let db = (*db).clone();
            tokio::spawn(async move { put(&db, &format!("row {n:02}")).await })
        });
        for result in soon("all writers", join_all(writes)).await {
            result.expect("no panic").expect("commits");
        }
        assert_eq!(names(&db).await.len(), 64);
    }
}

#[tokio::test]
async fn a_notice_comes_only_once_its_row_can_be_read() {
    for db in TestDb::both().await {
        for round in 0..20 {
            let mut listener = db.hub().listen("written", "");
            let for_task = (*db).clone();
            let writing = tokio::spawn(async move {
                for_task
                    .write(move |tx| {
                        Box::pin(async move {
                            tx.announce("written", "");
                            insert(tx, &format!("row {round:02}")).await
                        })
                    })
                    .await
            });
            soon("the notice", listener.wait()).await;
            assert_eq!(names(&db).await.len(), round + 1, "the row is there when the notice comes");
            writing.await.expect("no panic").expect("commits");
        }
    }
}

#[tokio::test]
async fn a_taken_unique_value_is_recognised_and_nothing_else_is() {
    for db in TestDb::both().await {
        put(&db, "taken").await.expect("writes");
        assert!(is_unique_violation(&put(&db, "taken").await.expect_err("taken")));
        let twice_in_one = db.write(|tx| {
            Box::pin(async move {
                insert(tx, "new").await?;
                insert(tx, "new").await
            })
        });
        assert!(is_unique_violation(&twice_in_one.await.expect_err("taken")));
        let no_parent = db.write(|tx| {
            Box::pin(async move {
                let sql = "INSERT INTO agent_tokens (id, org_id, name, prefix, hash, created_at) VALUES ('t', 'nobody', 'n', 'p', 'h', 1)";
                tx.execute(sql, vec![]).await
            })
        });
        assert!(!is_unique_violation(&no_parent.await.expect_err("no such org")));
        assert_eq!(names(&db).await, ["taken"]);
    }
}

#[tokio::test]
async fn text_with_a_nul_is_refused_alike_by_both() {
    for db in TestDb::both().await {
        let error = put(&db, "a\0b").await.expect_err("PostgreSQL cannot store it");
        assert_eq!(error.kind(), Kind::Invalid, "{:?}: {error:?}", db.backend());
        let read = db.optional::<String>("SELECT value FROM meta WHERE name = $1", args!["a\0b"]).await;
        assert_eq!(read.expect_err("refused").kind(), Kind::Invalid);
        put(&db, "ab").await.expect("the connection is still good");
    }
}

#[tokio::test]
async fn a_failed_commit_is_told_to_everyone_in_the_group() {
    // A foreign key that is checked at the commit: SQLite lets a transaction ask for it.
    let db = TestDb::sqlite().await;
    let (let_go, held) = hold_the_writer(&db).await;
    let for_task = (*db).clone();
    let innocent = tokio::spawn(async move { put(&for_task, "innocent").await });
    let for_task = (*db).clone();
    let guilty = tokio::spawn(async move {
        for_task
            .write(|tx| {
                Box::pin(async move {
                    tx.execute("PRAGMA defer_foreign_keys = ON", vec![]).await?;
                    let sql = "INSERT INTO agent_tokens (id, org_id, name, prefix, hash, created_at) VALUES ('t', 'nobody', 'n', 'p', 'h', 1)";
                    tx.execute(sql, vec![]).await.map(drop)
                })
            })
            .await
    });
    tokio::task::yield_now().await;
    let_go.send(()).expect("the first write waits");
    let results = [soon("held", held).await, soon("innocent", innocent).await, soon("guilty", guilty).await];
    let committed: Vec<bool> = results.into_iter().map(|result| result.expect("no panic").is_ok()).collect();
    let stored = names(&db).await.contains(&"innocent".to_owned());
    assert_eq!(committed[1], stored, "an answer must tell what is on disk");
    assert!(!committed[2]);
    put(&db, "next").await.expect("the writer lives");
}

#[tokio::test]
async fn a_database_can_be_closed_and_opened_again() {
    for db in TestDb::both().await {
        put(&db, "kept").await.expect("writes");
        let again = Db::open(&muster_store::Options::new(db.url())).await.expect("opens, with nothing left to migrate");
        assert_eq!(again.backend(), db.backend());
        assert_eq!(names(&again).await, ["kept"]);
        again.ping().await.expect("answers");
        assert_eq!(again.file_size().is_some(), db.backend() == Backend::Sqlite);
        again.close().await;
        assert!(again.ping().await.is_err(), "a closed database does not answer");
    }
}

/// A row that all works of a commit share is written once, as the last of those that succeeded wants it.
#[tokio::test]
async fn what_is_held_back_is_as_the_last_work_that_succeeded_wants_it() {
    const SET: &str = "UPDATE counters SET value = $2 WHERE name = $1";
    for db in TestDb::both().await {
        db.write(|tx| -> Work<'_, u64> {
            Box::pin(tx.execute("INSERT INTO counters (name, value) VALUES ('n', 0)", args![]))
        })
        .await
        .expect("inserts");
        let add = |fails: bool| {
            let db = db.clone();
            async move {
                db.write(move |tx| {
                    Box::pin(async move {
                        let value = match tx.held("n") {
                            Some([_, Value::Int(Some(value))]) => *value,
                            _ if tx.is_postgres() => {
                                tx.one("SELECT value FROM counters WHERE name = 'n' FOR UPDATE", args![]).await?
                            }
                            _ => tx.one("SELECT value FROM counters WHERE name = 'n'", args![]).await?,
                        };
                        tx.hold_back("n", SET, args!["n", value + 1]);
                        if fails { Err(Error::conflict("on purpose")) } else { Ok(()) }
                    })
                })
                .await
            }
        };
        let outcomes = join_all((0..90).map(|number| add(number % 3 == 0))).await;
        let done = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(done, 60);
        let value: i64 = db.one("SELECT value FROM counters WHERE name = 'n'", args![]).await.expect("reads");
        assert_eq!(value, 60, "{:?}", db.backend());
    }
}

/// Writes `name` first when `writes` says so, then fails.
async fn failing_checked(db: &Db, name: &'static str, writes: bool) -> Result<()> {
    db.write_checked(move |tx| {
        Box::pin(async move {
            if writes {
                insert(tx, name).await?;
            }
            Err(Error::conflict("on purpose"))
        })
    })
    .await
}

async fn put_checked(db: &Db, name: &'static str) -> Result<()> {
    db.write_checked(move |tx| Box::pin(async move { insert(tx, name).await })).await
}

#[tokio::test]
async fn checked_work_that_refuses_before_it_changes_anything_leaves_the_others_alone() {
    for db in TestDb::both().await {
        let (let_go, held) = hold_the_writer(&db).await;
        let [one, two, three] = [(*db).clone(), (*db).clone(), (*db).clone()];
        let writes = [
            tokio::spawn(async move { put_checked(&one, "before").await }),
            tokio::spawn(async move { failing_checked(&two, "refused", false).await }),
            tokio::spawn(async move { put_checked(&three, "later").await }),
        ];
        tokio::task::yield_now().await;
        let_go.send(()).expect("the first write waits");
        soon("the first write ends", held).await.expect("no panic").expect("commits");
        let results: Vec<bool> = join_all(writes).await.into_iter().map(|r| r.expect("no panic").is_ok()).collect();
        assert_eq!(results, [true, false, true]);
        assert_eq!(names(&db).await, ["before", "later"]);
    }
}

#[tokio::test]
async fn checked_work_that_fails_after_a_change_leaves_nothing_of_it_and_says_so_to_its_group() {
    let db = TestDb::sqlite().await;
    let (let_go, held) = hold_the_writer(&db).await;
    let [one, two] = [(*db).clone(), (*db).clone()];
    let good = tokio::spawn(async move { put_checked(&one, "good").await });
    let bad = tokio::spawn(async move { failing_checked(&two, "bad", true).await });
    tokio::task::yield_now().await;
    let_go.send(()).expect("the first write waits");
    let undone = soon("the first write ends", held).await.expect("no panic").expect_err("is undone with the rest");
    assert_eq!((undone.kind(), undone.code()), (Kind::Unavailable, "store.undone"));
    assert_eq!(good.await.expect("no panic").expect_err("is undone").code(), "store.undone");
    assert_eq!(bad.await.expect("no panic").expect_err("failed").kind(), Kind::Conflict);
    assert!(names(&db).await.is_empty());
    put_checked(&db, "again").await.expect("the writer lives on");
    assert_eq!(names(&db).await, ["again"]);
}
