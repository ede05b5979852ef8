//! Reads: never in the way of writes, and never a way around them.

use crate::{insert, names, put, soon};
use muster_base::Kind;
use muster_store::testing::TestDb;
use muster_store::{Backend, Db, Options, args};
use std::time::Duration;
use tokio::sync::oneshot;

#[tokio::test]
async fn a_reading_connection_cannot_write() {
    for db in TestDb::both().await {
        let sneaky = db
            .snapshot(|tx| {
                Box::pin(async move {
                    tx.all::<String>("INSERT INTO meta (name, value) VALUES ('x', 'y') RETURNING name", vec![]).await
                })
            })
            .await;
        assert!(sneaky.is_err(), "{:?}", db.backend());
        if db.backend() == Backend::Sqlite {
            let sneaky =
                db.all::<String>("INSERT INTO meta (name, value) VALUES ('x', 'y') RETURNING name", vec![]).await;
            assert!(sneaky.is_err());
        }
        assert!(names(&db).await.is_empty());
    }
}

#[tokio::test]
async fn reads_do_not_wait_for_a_long_write_and_do_not_see_it() {
    for db in TestDb::both().await {
        let (let_go, wait) = oneshot::channel::<()>();
        let (began, begun) = oneshot::channel();
        let for_task = (*db).clone();
        let writing = tokio::spawn(async move {
            for_task
                .write(move |tx| {
                    Box::pin(async move {
                        insert(tx, "slow").await?;
                        let _ = began.send(());
                        let _ = wait.await;
                        Ok(())
                    })
                })
                .await
        });
        soon("the write begins", begun).await.expect("it began");
        for _ in 0..30 {
            assert!(soon("a read beside a write", names(&db)).await.is_empty());
        }
        let_go.send(()).expect("the write waits");
        writing.await.expect("no panic").expect("commits");
        assert_eq!(names(&db).await, ["slow"]);
    }
}

#[tokio::test]
async fn a_snapshot_does_not_change_while_others_write() {
    for db in TestDb::both().await {
        put(&db, "old").await.expect("writes");
        let other = (*db).clone();
        let (before, after) = db
            .snapshot(move |tx| {
                Box::pin(async move {
                    let sql = "SELECT count(*) FROM meta";
                    let before: i64 = tx.one(sql, vec![]).await?;
                    put(&other, "new").await?;
                    Ok((before, tx.one::<i64>(sql, vec![]).await?))
                })
            })
            .await
            .expect("reads");
        assert_eq!((before, after), (1, 1));
        assert_eq!(names(&db).await, ["new", "old"]);
    }
}

#[tokio::test]
async fn a_snapshot_that_is_given_up_leaves_no_connection_in_the_past() {
    for db in TestDb::both().await {
        for _ in 0..10 {
            let (began, begun) = oneshot::channel();
            let for_task = (*db).clone();
            let reading = tokio::spawn(async move {
                for_task
                    .snapshot::<(), _>(move |tx| {
                        Box::pin(async move {
                            tx.one::<i64>("SELECT count(*) FROM meta", vec![]).await?;
                            let _ = began.send(());
                            std::future::pending().await
                        })
                    })
                    .await
            });
            soon("the snapshot begins", begun).await.expect("it began");
            reading.abort();
            let _ = reading.await;
        }
        put(&db, "new").await.expect("writes");
        for _ in 0..20 {
            assert_eq!(names(&db).await, ["new"], "{:?}", db.backend());
            db.snapshot(|tx| Box::pin(async move { tx.one::<i64>("SELECT count(*) FROM meta", vec![]).await }))
                .await
                .expect("reads");
        }
    }
}

#[tokio::test]
async fn a_panic_in_a_snapshot_is_an_error() {
    for db in TestDb::both().await {
        let panicking = db.snapshot::<(), _>(|_| Box::pin(async { panic!("on purpose") }));
        assert!(soon("a panic", panicking).await.is_err());
        assert!(names(&db).await.is_empty());
    }
}

#[tokio::test]
async fn a_row_that_must_be_there_and_is_not_is_our_own_fault() {
    for db in TestDb::both().await {
        let none = db.one::<String>("SELECT value FROM meta WHERE name = $1", args!["nothing"]).await;
        assert_eq!(none.expect_err("no row").kind(), muster_base::Kind::Internal);
        let none = db.optional::<String>("SELECT value FROM meta WHERE name = $1", args!["nothing"]).await;
        assert_eq!(none.expect("reads"), None);
    }
}

#[tokio::test]
async fn reads_and_writes_are_counted_apart_over_all_handles() {
    for db in TestDb::both().await {
        let before = db.traffic();
        let other = (*db).clone();
        other.one::<i64>("SELECT CAST(1 AS BIGINT)", vec![]).await.expect("reads");
        let view: i64 = db
            .snapshot(|tx| Box::pin(async move { tx.one("SELECT CAST(1 AS BIGINT)", vec![]).await }))
            .await
            .expect("reads");
        other.write(|_| Box::pin(async { Ok(()) })).await.expect("writes");
        let after = db.traffic();
        assert_eq!((after.reads - before.reads, after.writes - before.writes, view), (2, 1, 1));
    }
}

/// Short reads run where they are asked for; more of them than there are connections for that go to the threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn many_short_reads_at_once_all_get_their_row() {
    for db in TestDb::both().await {
        put(&db, "one").await.expect("writes");
        let reads = (0..200).map(|_| {
            let db = (*db).clone();
            tokio::spawn(async move {
                db.optional_short::<String>("SELECT name FROM meta WHERE name = $1", args!["one"]).await
            })
        });
        for read in futures::future::join_all(reads).await {
            assert_eq!(read.expect("no panic").expect("reads").as_deref(), Some("one"));
        }
        let none = db.optional_short::<String>("SELECT name FROM meta WHERE name = $1", args!["two"]).await;
        assert_eq!(none.expect("reads"), None);
    }
}

#[tokio::test]
async fn a_short_read_cannot_write_and_sees_what_was_just_written() {
    let db = TestDb::sqlite().await;
    for number in 0..20_i64 {
        let name = format!("row {number}");
        put(&db, &name).await.expect("writes");
        let found = db.optional_short::<String>("SELECT name FROM meta WHERE name = $1", args![&name]).await;
        assert_eq!(found.expect("reads"), Some(name));
    }
    let sql = "INSERT INTO meta (name, value) VALUES ('x', '1') RETURNING name";
    db.optional_short::<String>(sql, args![]).await.expect_err("it may only read");
    db.close().await;
    let closed = db.optional_short::<i64>("SELECT 1", args![]).await.expect_err("is closed");
    assert_eq!(closed.code(), "store.closed");
}

/// Ends the connections on which a statement with these words runs, once there is one; says how many.
async fn end_those_that_run(other: &Db, words: &str) -> i64 {
    let sql = "SELECT CAST(count(pg_terminate_backend(pid)) AS BIGINT) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE $1";
    loop {
        let ended: i64 = other.one(sql, args![format!("%{words}%")]).await.expect("ends connections");
        if ended > 0 {
            return ended;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_read_whose_connection_breaks_is_asked_again_and_a_write_is_told_to_come_back() {
    let db = TestDb::postgres().await;
    let other = Db::open(&Options { connections: 1, ..Options::new(db.url()) }).await.expect("opens");
    let for_task = (*db).clone();
    let reading = tokio::spawn(async move {
        for_task.one::<i64>("SELECT CAST(count(*) AS BIGINT) FROM pg_sleep(1) AS slow_read", vec![]).await
    });
    soon("the read runs", end_those_that_run(&other, "slow_read")).await;
    assert_eq!(reading.await.expect("no panic").expect("reads"), 1);
    let for_task = (*db).clone();
    let writing = tokio::spawn(async move {
        for_task
            .write(|tx| {
                Box::pin(async move {
                    insert(tx, "lost").await?;
                    tx.one::<i64>("SELECT CAST(count(*) AS BIGINT) FROM pg_sleep(60) AS slow_write", vec![]).await
                })
            })
            .await
    });
    soon("the write runs", end_those_that_run(&other, "slow_write")).await;
    let refused = writing.await.expect("no panic").expect_err("is refused");
    assert_eq!((refused.kind(), refused.code()), (Kind::Unavailable, "store.unavailable"));
    assert!(refused.retry_after().is_some());
    assert!(names(&db).await.is_empty());
}
