//! What agents share, and what they keep over the network.

use crate::support::{World, on_both, page, refused, soon};
use muster_base::{Kind, PageRequest, Result};
use muster_domain::Ctx;
use muster_domain::access::Role;
use muster_domain::agents::{self, AgentChange};
use muster_domain::memory::{self, Put, Scope};
use serde_json::json;

async fn put_at(ctx: &Ctx, scope: Scope, key: &str, value: &str, if_revision: Option<i64>) -> Result<i64> {
    memory::put(ctx, scope, Put { key: key.to_owned(), value: value.to_owned(), if_revision }).await
}

async fn put(ctx: &Ctx, key: &str, value: &str) -> i64 {
    put_at(ctx, Scope::Tenant, key, value, None).await.expect("sets")
}

async fn keys(ctx: &Ctx, prefix: &str) -> Vec<String> {
    let found = memory::list(ctx, Scope::Tenant, prefix, &page(100)).await.expect("lists");
    assert_eq!(found.next, None);
    found.items.into_iter().map(|entry| entry.key).collect()
}

fn moved_on<T>(result: Result<T>) -> String {
    let error = refused(result);
    assert_eq!((error.kind(), error.code()), (Kind::Conflict, "memory.moved_on"));
    error.message().to_owned()
}

#[tokio::test]
async fn a_value_is_set_only_at_the_revision_that_is_expected() {
    on_both(async |world| {
        let ctx = world.ctx();
        assert_eq!(put_at(&ctx, Scope::Tenant, "k", "1", Some(0)).await.expect("is new"), 1);
        let error = moved_on(put_at(&ctx, Scope::Tenant, "k", "2", Some(0)).await);
        assert_eq!(error, "the value has moved on: its revision is 1; read it again");
        assert_eq!(put_at(&ctx, Scope::Tenant, "k", "2", Some(1)).await.expect("is right"), 2);
        moved_on(put_at(&ctx, Scope::Tenant, "k", "3", Some(1)).await);
        let gone = moved_on(put_at(&ctx, Scope::Tenant, "other", "3", Some(1)).await);
        assert_eq!(gone, "there is no value under this key any more; read it again");
        let entry = memory::read(&ctx, Scope::Tenant, "k").await.expect("is there");
        assert_eq!((entry.value.as_str(), entry.revision), ("2", 2));
        moved_on(memory::forget(&ctx, Scope::Tenant, "k", Some(1)).await);
        assert!(memory::forget(&ctx, Scope::Tenant, "k", Some(2)).await.expect("forgets"));
        assert!(!memory::forget(&ctx, Scope::Tenant, "k", Some(2)).await.expect("is gone"));
        assert!(!memory::forget(&ctx, Scope::Tenant, "k", None).await.expect("is gone"));
        assert_eq!(refused(memory::read(&ctx, Scope::Tenant, "k").await).kind(), Kind::NotFound);
        assert_eq!(refused(put_at(&ctx, Scope::Tenant, "k", "1", Some(-1)).await).field(), Some("ifRevision"));
        let kinds = world.event_kinds().await;
        assert_eq!(kinds[1..], ["memory.set", "memory.set", "memory.deleted"]);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_set_a_revision_at_once_one_does() {
    on_both(async |world| {
        put(&world.ctx(), "k", "0").await;
        let nodes = [world.app.clone(), world.other_node()];
        for round in 1..=3 {
            let mut tasks = tokio::task::JoinSet::new();
            for at in 0..8 {
                let ctx = Ctx::system(nodes[at % 2].clone(), "acme");
                tasks.spawn(async move { put_at(&ctx, Scope::Tenant, "k", &at.to_string(), Some(round)).await });
            }
            let all = soon("all are done", tasks.join_all()).await;
            assert_eq!(all.iter().filter(|result| result.is_ok()).count(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn an_agent_keeps_its_own_and_shares_the_rest() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.elsewhere("Bob").await);
        let (of_ann, of_bob) = (world.ctx_with_token(&ann), world.ctx_with_token(&bob));
        put(&of_ann, "shared", "\"by Ann\"").await;
        put_at(&of_ann, Scope::Agent, "own", "1", None).await.expect("sets");
        assert_eq!(memory::read(&of_bob, Scope::Tenant, "shared").await.expect("reads").value, "\"by Ann\"");
        assert_eq!(refused(memory::read(&of_bob, Scope::Agent, "own").await).kind(), Kind::NotFound);
        assert_eq!(refused(memory::read(&of_bob, Scope::Tenant, "own").await).kind(), Kind::NotFound);
        let own = memory::find(&world.ctx(), &ann.id, "own").await.expect("looks").expect("its tools find it");
        assert_eq!(own.value, "1");
        let person = world.ctx_as("usr_1", Role::Owner);
        let nobody = refused(put_at(&person, Scope::Agent, "k", "1", None).await);
        assert_eq!((nobody.kind(), nobody.code()), (Kind::Forbidden, "auth.no_agent"));
        let other = world.ctx_in("other").await;
        assert_eq!(refused(memory::read(&other, Scope::Tenant, "shared").await).kind(), Kind::NotFound);
        assert!(keys(&other, "").await.is_empty());
        let none = json!({"memory_config": {"type": "none"}});
        let configuration = muster_base::Patch::Value(none.as_object().expect("an object").clone());
        let change = AgentChange { configuration, ..AgentChange::default() };
        agents::update(&world.ctx(), &ann.id, change).await.expect("changes");
        assert_eq!(refused(put_at(&of_ann, Scope::Agent, "own", "2", None).await).kind(), Kind::Conflict);
    })
    .await;
}

#[tokio::test]
async fn keys_are_listed_by_prefix_and_in_pages() {
    on_both(async |world| {
        let ctx = world.ctx();
        for key in ["a", "a/1", "a/2", "A/3", "a0", "ab", "b", "%", "_", "ä/1", "𝄞"] {
            put(&ctx, key, "1").await;
        }
        assert_eq!(keys(&ctx, "").await, ["%", "A/3", "_", "a", "a/1", "a/2", "a0", "ab", "b", "ä/1", "𝄞"]);
        assert_eq!(keys(&ctx, "a/").await, ["a/1", "a/2"]);
        assert_eq!(keys(&ctx, "ä").await, ["ä/1"]);
        assert_eq!(keys(&ctx, "%").await, ["%"]);
        assert!(keys(&ctx, "nothing").await.is_empty());
        let (mut after, mut all) = (None, Vec::new());
        loop {
            let request = PageRequest { limit: 2, after: after.take() };
            let found = memory::list(&ctx, Scope::Tenant, "a", &request).await.expect("lists");
            assert!(found.items.len() <= 2);
            all.extend(found.items.into_iter().map(|entry| entry.key));
            match found.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(all, ["a", "a/1", "a/2", "a0", "ab"]);
    })
    .await;
}

#[tokio::test]
async fn a_page_ends_with_the_value_that_fills_it() {
    on_both(async |world| {
        let ctx = world.ctx();
        let large = json!("x".repeat(200_000)).to_string();
        for at in 0..8 {
            put(&ctx, &format!("k{at}"), &large).await;
        }
        let first = memory::list(&ctx, Scope::Tenant, "", &page(100)).await.expect("lists");
        assert_eq!(first.items.len(), 6, "the sixth fills 1 MiB");
        let rest = PageRequest { limit: 100, after: first.next };
        let rest = memory::list(&ctx, Scope::Tenant, "", &rest).await.expect("lists");
        assert_eq!((rest.items.len(), rest.next), (2, None));
    })
    .await;
}

/// Fills the shared memory behind the program's back.
async fn fill(world: &World, values: i64, size: i64) {
    let sql = format!(
        "INSERT INTO memory (org_id, owner, key, value, size, revision, changed_at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {values})
         SELECT 'acme', '', 'fill' || i, '1', {size}, 1, 0 FROM n"
    );
    assert_eq!(world.tamper(sql).await, values.unsigned_abs());
}

#[tokio::test]
async fn the_shared_memory_is_bounded_in_bytes_and_in_values() {
    on_both(async |world| {
        let ctx = world.ctx();
        let too_large = json!("x".repeat(256 * 1024)).to_string();
        assert_eq!(refused(put_at(&ctx, Scope::Tenant, "k", &too_large, None).await).field(), Some("value"));
        fill(&world, 64, 1024 * 1024 - 1).await;
        let full = refused(put_at(&ctx, Scope::Tenant, "k", &json!("x".repeat(100)).to_string(), None).await);
        assert_eq!((full.kind(), full.code()), (Kind::TooLarge, "memory.full"));
        assert_eq!(refused(memory::read(&ctx, Scope::Tenant, "k").await).kind(), Kind::NotFound);
        put(&ctx, "fill1", "\"smaller\"").await;
        world.tamper("DELETE FROM memory").await;
        fill(&world, 20_000, 5).await;
        assert_eq!(refused(put_at(&ctx, Scope::Tenant, "one more", "1", None).await).code(), "memory.full");
        put(&ctx, "fill1", "2").await;
        assert!(memory::forget(&ctx, Scope::Tenant, "fill2", None).await.expect("forgets"));
        put(&ctx, "one more", "1").await;
    })
    .await;
}
