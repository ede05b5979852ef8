//! What agents remember.

use crate::support::{on_both, refused, seconds};
use muster_base::Kind;
use muster_domain::memory::{self, LARGEST_VALUE};

#[tokio::test]
async fn what_was_set_is_found_until_it_is_forgotten() {
    on_both(async |world| {
        let ctx = world.ctx();
        assert_eq!(memory::set(&ctx, "agent-a", "colour", "\"red\"", None).await.expect("sets"), 1);
        assert_eq!(memory::set(&ctx, "agent-a", "colour", "\"rød 𝄞\"", None).await.expect("sets"), 2);
        let entry = memory::find(&ctx, "agent-a", "colour").await.expect("looks").expect("is there");
        assert_eq!((entry.value.as_str(), entry.revision, entry.changed_at), ("\"rød 𝄞\"", 2, world.now()));
        assert!(memory::find(&ctx, "agent-b", "colour").await.expect("looks").is_none(), "another's memory is its own");
        assert!(memory::delete(&ctx, "agent-a", "colour").await.expect("forgets"));
        assert!(!memory::delete(&ctx, "agent-a", "colour").await.expect("looks"));
        assert!(memory::find(&ctx, "agent-a", "colour").await.expect("looks").is_none());
        let kinds = world.event_kinds().await;
        assert_eq!(kinds[1..], ["memory.set", "memory.set", "memory.deleted"]);
        assert_eq!(
            world.count("SELECT count(*) FROM events WHERE data LIKE '%red%'", vec![]).await,
            0,
            "values are not in the log"
        );
    })
    .await;
}

#[tokio::test]
async fn a_search_finds_words_anywhere_and_keys_first() {
    on_both(async |world| {
        let ctx = world.ctx();
        for (key, value) in [
            ("favourite colour", "\"red\""),
            ("car", "\"a RED one\""),
            ("100%_sure\\", "\"yes\""),
            ("red", "1"),
            ("Ärger", "\"Über\""),
        ] {
            memory::set(&ctx, "a", key, value, None).await.expect("sets");
            world.advance(seconds(1));
        }
        let found = async |query: &str| {
            let hits = memory::search(&ctx, "a", query, 10).await.expect("searches");
            hits.into_iter().map(|entry| entry.key).collect::<Vec<_>>()
        };
        assert_eq!(found("Red").await, ["red", "car", "favourite colour"]);
        assert_eq!(found("red colour").await, ["favourite colour", "red", "car"]);
        assert_eq!(found("100%").await, ["100%_sure\\"]);
        assert_eq!(found("%_").await, ["100%_sure\\"]);
        assert_eq!(found("_").await, ["100%_sure\\"]);
        assert_eq!(found("sure\\").await, ["100%_sure\\"]);
        assert_eq!(found("Ärger").await, ["Ärger"], "letters beyond ASCII as they are written");
        assert_eq!(found("Über").await, ["Ärger"]);
        assert!(found("nothing of the sort").await.is_empty());
        assert_eq!(found("  ").await[0], "Ärger", "no words: the latest");
        assert_eq!(memory::search(&ctx, "a", "red", 1).await.expect("searches").len(), 1);
        assert_eq!(
            memory::recent(&ctx, "a", 2).await.expect("lists").iter().map(|e| e.key.as_str()).collect::<Vec<_>>(),
            ["Ärger", "red"]
        );
    })
    .await;
}

#[tokio::test]
async fn a_full_memory_takes_no_more_and_loses_nothing() {
    on_both(async |world| {
        let ctx = world.ctx();
        memory::set(&ctx, "a", "k1", "\"12345678\"", Some(30)).await.expect("12 bytes of 30");
        assert_eq!(memory::total_size(&ctx, "a").await.expect("sums up"), 12);
        let full = refused(memory::set(&ctx, "a", "k2", &"x".repeat(30), Some(30)).await);
        assert_eq!((full.kind(), full.code()), (Kind::TooLarge, "memory.full"));
        let full = refused(memory::set(&ctx, "a", "k1", &"x".repeat(30), Some(30)).await);
        assert_eq!(full.code(), "memory.full");
        assert_eq!(memory::find(&ctx, "a", "k1").await.expect("looks").expect("is there").value, "\"12345678\"");
        memory::set(&ctx, "b", "k", &"x".repeat(30), Some(31)).await.expect("another's memory has room");
        let large = refused(memory::set(&ctx, "a", "k", &"x".repeat(LARGEST_VALUE + 1), None).await);
        assert_eq!((large.kind(), large.code()), (Kind::TooLarge, "memory.value_too_large"));
        for key in ["", "nul\0", &"k".repeat(257)] {
            assert_eq!(refused(memory::set(&ctx, "a", key, "1", None).await).field(), Some("key"));
            assert_eq!(refused(memory::find(&ctx, "a", key).await).field(), Some("key"));
            assert_eq!(refused(memory::delete(&ctx, "a", key).await).field(), Some("key"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_remember_at_once_never_overfill_the_memory() {
    on_both(async |world| {
        let tasks: Vec<_> = (0..20)
            .map(|n| {
                let ctx = world.ctx();
                tokio::spawn(async move { memory::set(&ctx, "a", &format!("key {n:02}"), "1234", Some(50)).await })
            })
            .collect();
        let mut kept = 0;
        for task in tasks {
            match task.await.expect("no panic") {
                Ok(_) => kept += 1,
                Err(error) => assert_eq!(error.code(), "memory.full", "{error:?}"),
            }
        }
        assert_eq!(kept, 5, "of ten bytes each");
        assert_eq!(memory::total_size(&world.ctx(), "a").await.expect("sums up"), 50);
    })
    .await;
}

#[tokio::test]
async fn shared_memory_is_named_in_the_log_by_its_key() {
    on_both(async |world| {
        memory::set(&world.ctx(), "", "motto", "1", None).await.expect("sets");
        memory::delete(&world.ctx(), "", "motto").await.expect("forgets");
        assert_eq!(
            world.count("SELECT count(*) FROM events WHERE type LIKE 'memory.%' AND subject = 'motto'", vec![]).await,
            2
        );
    })
    .await;
}
