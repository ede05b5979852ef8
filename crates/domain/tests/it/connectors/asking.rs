use super::fake::{app, ctx, made};
use crate::support::{World, on_both, refused, soon};
use muster_base::Kind;
use muster_domain::connectors::{self, Answer, Ask, ConnectorChange, FAILED, TIMEOUT};
use muster_store::testing::TestDb;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;

fn ask(query: &str) -> Ask {
    Ask { resource: "things".to_owned(), query: query.to_owned(), ..Ask::default() }
}

async fn on_sqlite() -> World {
    World::new(TestDb::sqlite().await).await
}

async fn until(what: &str, check: impl Fn() -> bool) {
    soon(what, async {
        while !check() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_comes_of_a_query_is_told_by_kind_and_code() {
    let world = on_sqlite().await;
    let (app, _) = app(&world);
    let ctx = ctx(&app);
    let id = made(&ctx, "shop").await.connector.id;
    for named in [id.as_str(), "shop"] {
        let answered = connectors::query(&ctx, named, ask("")).await.expect("answered");
        let Answer::Table { rows, .. } = answered.answer else { panic!("a table") };
        assert_eq!(rows, vec![vec![json!("things")]; 3]);
    }
    let limited = connectors::query(&ctx, &id, Ask { limit: Some(1), ..ask("") }).await.expect("answered");
    assert!(matches!(limited.answer, Answer::Table { rows, .. } if rows.len() == 1));
    let error = refused(connectors::query(&ctx, &id, ask("fail")).await);
    assert_eq!((error.kind(), error.code()), (Kind::Upstream, FAILED));
    assert_eq!(refused(connectors::query(&ctx, &id, ask("refuse")).await).field(), Some("query"));
    let late = Ask { timeout_ms: Some(20), ..ask("wait") };
    let error = refused(connectors::query(&ctx, &id, late).await);
    assert_eq!((error.kind(), error.code()), (Kind::Upstream, TIMEOUT));
    for (wrong, field) in [
        (Ask { limit: Some(0), ..ask("") }, "limit"),
        (Ask { limit: Some(10_001), ..ask("") }, "limit"),
        (Ask { timeout_ms: Some(0), ..ask("") }, "timeoutMs"),
        (Ask { timeout_ms: Some(120_001), ..ask("") }, "timeoutMs"),
        (ask(&"x".repeat(70_000)), "query"),
        (Ask { resource: "x".repeat(2000), ..ask("") }, "resource"),
    ] {
        assert_eq!(refused(connectors::query(&ctx, &id, wrong).await).field(), Some(field));
    }
    let off = ConnectorChange { enabled: Some(false), ..ConnectorChange::default() };
    connectors::update(&ctx, &id, off).await.expect("disabled");
    for error in [refused(connectors::query(&ctx, &id, ask("")).await), refused(connectors::resources(&ctx, &id).await)]
    {
        assert_eq!((error.kind(), error.code()), (Kind::NotFound, "connector.disabled"));
    }
    assert_eq!(connectors::test(&ctx, &id).await.expect("tried").outcome.expect("there"), "Fake 1.0");
}

#[tokio::test]
async fn a_query_whose_caller_went_away_is_dropped_at_its_source() {
    let world = on_sqlite().await;
    let (app, seen) = app(&world);
    let ctx = ctx(&app);
    let id = made(&ctx, "shop").await.connector.id;
    let asking = {
        let (ctx, id) = (ctx.clone(), id.clone());
        tokio::spawn(async move { connectors::query(&ctx, &id, ask("wait")).await })
    };
    until("it runs", || seen.running.load(Ordering::SeqCst) == 1).await;
    asking.abort();
    until("it is dropped", || seen.running.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn only_so_many_queries_of_a_connector_run_and_wait() {
    let world = on_sqlite().await;
    let (app, seen) = app(&world);
    let ctx = ctx(&app);
    let id = made(&ctx, "shop").await.connector.id;
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (ctx, id) = (ctx.clone(), id.clone());
        running.spawn(async move { connectors::query(&ctx, &id, ask("wait")).await });
    }
    until("16 run", || seen.running.load(Ordering::SeqCst) == 16).await;
    let many = (0..70).map(|_| connectors::query(&ctx, &id, ask("moment")));
    let outcomes = async {
        let freeing = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            running.abort_all();
        };
        futures::future::join(futures::future::join_all(many), freeing).await.0
    };
    let (answered, busy): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(Result::is_ok);
    assert_eq!((answered.len(), busy.len()), (64, 6));
    let error = refused(busy.into_iter().next().expect("one"));
    assert_eq!((error.kind(), error.code(), error.retry_after()), (Kind::RateLimited, "connector.busy", Some(1)));
}

#[tokio::test]
async fn sources_are_kept_open_and_closed_when_idle_changed_or_deleted() {
    on_both(async |world| {
        let (here, seen) = app(&world);
        let (there, seen_there) = app(&world);
        let (ctx, ctx_there) = (ctx(&here), ctx(&there));
        let id = made(&ctx, "shop").await.connector.id;
        for _ in 0..3 {
            connectors::query(&ctx, &id, ask("")).await.expect("asked");
            connectors::query(&ctx_there, &id, ask("")).await.expect("asked");
        }
        // One was opened to check the settings.
        assert_eq!((seen.opened.load(Ordering::SeqCst), seen.is_open()), (2, 1));
        assert_eq!(seen_there.opened.load(Ordering::SeqCst), 1);
        let mut notice = there.db.hub().listen("connectors", "");
        let change = ConnectorChange { settings: json!({ "port": 9 }).as_object().cloned(), ..Default::default() };
        connectors::update(&ctx, &id, change).await.expect("changed");
        soon("the change is announced", notice.wait()).await;
        assert_eq!(here.pools.count(), 0, "closed at once where it was changed");
        connectors::query(&ctx_there, &id, ask("")).await.expect("asked");
        assert_eq!(seen_there.last_settings()["port"], 9, "no node asks with settings of before");
        assert_eq!(seen_there.is_open(), 1);
        connectors::query(&ctx, &id, ask("")).await.expect("asked");
        world.advance(Duration::from_secs(299));
        connectors::tend(&here).await.expect("looked");
        assert_eq!(here.pools.count(), 1);
        world.advance(Duration::from_secs(2));
        connectors::tend(&here).await.expect("looked");
        assert_eq!((here.pools.count(), seen.is_open()), (0, 0));
        connectors::query(&ctx_there, &id, ask("")).await.expect("asked");
        connectors::delete(&ctx, &id).await.expect("deleted");
        connectors::tend(&there).await.expect("looked");
        assert_eq!((there.pools.count(), seen_there.is_open()), (0, 0));
        assert_eq!(refused(connectors::query(&ctx_there, &id, ask("")).await).kind(), Kind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn who_queried_what_is_in_the_log_once_for_many_queries() {
    on_both(async |world| {
        let (app, _) = app(&world);
        let ctx = ctx(&app);
        let id = made(&ctx, "shop").await.connector.id;
        for query in ["", "", "fail"] {
            let _ = connectors::query(&ctx, &id, ask(query)).await;
        }
        let agent = world.agent("Ann").await;
        let as_agent = muster_domain::Ctx::of_agent(app.clone(), crate::support::ORG, &agent.id, "Ann");
        connectors::query(&as_agent, &id, ask("")).await.expect("asked");
        let before = world.event_kinds().await.len();
        connectors::flush(&app).await.expect("written");
        connectors::flush(&app).await.expect("nothing new");
        let rows: Vec<(String, String)> = world
            .db
            .all("SELECT actor, data FROM events WHERE type = 'connector.queried' ORDER BY seq", vec![])
            .await
            .expect("rows");
        assert_eq!((rows.len(), world.event_kinds().await.len()), (2, before + 2));
        let of = |kind: &str| {
            let row = rows.iter().find(|(actor, _)| actor.contains(&format!("\"kind\":\"{kind}\""))).expect("an event");
            serde_json::from_str::<Value>(&row.1).expect("JSON")
        };
        let mine = of("system");
        assert_eq!((&mine["queries"], &mine["failed"], &mine["rows"]), (&json!(3), &json!(1), &json!(6)));
        assert_eq!((&mine["name"], &mine["resources"]), (&json!("shop"), &json!(["things"])));
        assert_eq!(of("agent")["queries"], 1);
    })
    .await;
}
