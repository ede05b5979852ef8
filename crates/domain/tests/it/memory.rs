//! What agents remember.

use crate::support::{on_both, refused, seconds};
use muster_base::Kind;
use muster_domain::memory::{self, Change, LARGEST_VALUE, WorkingMemory};
use serde_json::{Map, Value, json};

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
        assert_eq!((large.kind(), large.field()), (Kind::Invalid, Some("value")));
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

fn values(pairs: &[(&str, i64)]) -> Map<String, Value> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
}

fn replace(pairs: &[(&str, i64)]) -> Change {
    Change { values: Some(values(pairs)), working: None }
}

fn append(text: &str) -> Change {
    Change { values: None, working: Some(WorkingMemory::Append(text.to_owned())) }
}

#[tokio::test]
async fn a_memory_is_replaced_as_a_whole_or_not_at_all() {
    on_both(async |world| {
        let ctx = world.ctx();
        let change = async |change: Change| memory::change(&ctx, "a", change, 100).await;
        change(replace(&[("keep", 1), ("change", 1), ("drop", 1)])).await.expect("replaces");
        world.advance(seconds(1));
        change(replace(&[("keep", 1), ("change", 2), ("new", 1)])).await.expect("replaces");
        let found = memory::load(&ctx, "a").await.expect("loads");
        assert_eq!(
            (found.values, found.changed_at),
            (values(&[("keep", 1), ("change", 2), ("new", 1)]), Some(world.now()))
        );
        let revision = async |key: &str| memory::find(&ctx, "a", key).await.expect("looks").map(|entry| entry.revision);
        assert_eq!(
            [revision("keep").await, revision("change").await, revision("drop").await],
            [Some(1), Some(2), None]
        );
        let before = memory::load(&ctx, "a").await.expect("loads");
        let both = Change { working: Some(WorkingMemory::Set("x".repeat(101))), ..replace(&[]) };
        assert_eq!(refused(change(both).await).code(), "memory.full");
        assert_eq!(refused(change(replace(&[(&"k".repeat(257), 1)])).await).field(), Some("memory"));
        assert_eq!(memory::load(&ctx, "a").await.expect("loads"), before);
        let many: Vec<String> = (0..450).map(|n| format!("{n}")).collect();
        let many: Vec<(&str, i64)> = many.iter().map(|key| (key.as_str(), 1)).collect();
        memory::change(&ctx, "a", replace(&many), 10_000).await.expect("replaces");
        assert_eq!(memory::load(&ctx, "a").await.expect("loads").values.len(), 450);
        memory::change(&ctx, "a", replace(&[("one", 1)]), 10_000).await.expect("replaces");
        assert_eq!(memory::load(&ctx, "a").await.expect("loads").size, 4);
        let kinds = world.event_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "memory.replaced").count(), 4);
    })
    .await;
}

#[tokio::test]
async fn the_working_memory_is_no_key_and_counts_with_the_rest() {
    on_both(async |world| {
        let ctx = world.ctx();
        memory::set(&ctx, "a", "k", "1", None).await.expect("sets");
        assert_eq!(memory::change(&ctx, "a", append("one"), 100).await.expect("writes"), 5);
        assert_eq!(memory::change(&ctx, "a", append("two \"quoted\""), 100).await.expect("writes"), 18);
        assert_eq!(memory::working(&ctx, "a").await.expect("reads").as_deref(), Some("one\ntwo \"quoted\""));
        assert_eq!(memory::working(&ctx, "b").await.expect("reads"), None);
        let keys = |entries: Vec<memory::Entry>| entries.into_iter().map(|entry| entry.key).collect::<Vec<_>>();
        assert_eq!(keys(memory::recent(&ctx, "a", 10).await.expect("lists")), ["k"]);
        assert_eq!(keys(memory::search(&ctx, "a", "one", 10).await.expect("searches")), [""; 0]);
        assert_eq!(refused(memory::set(&ctx, "a", "l", "1", Some(19)).await).code(), "memory.full");
        memory::change(&ctx, "a", replace(&[("k", 2)]), 100).await.expect("replaces");
        assert!(memory::working(&ctx, "a").await.expect("reads").is_some());
        let emptied = Change { values: None, working: Some(WorkingMemory::Set(String::new())) };
        memory::change(&ctx, "a", emptied, 100).await.expect("ends it");
        assert_eq!(memory::working(&ctx, "a").await.expect("reads"), None);
        memory::change(&ctx, "a", append("again"), 100).await.expect("writes");
        memory::clear(&ctx, "a").await.expect("clears");
        memory::clear(&ctx, "a").await.expect("there is nothing left");
        assert_eq!(memory::load(&ctx, "a").await.expect("loads").size, 0);
        assert_eq!(world.event_kinds().await.iter().filter(|kind| *kind == "memory.cleared").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_is_too_much_to_read_at_once_is_cut_and_says_so() {
    on_both(async |world| {
        let ctx = world.ctx();
        let large = format!("\"{}\"", "x".repeat(LARGEST_VALUE - 2));
        for n in 0..17 {
            memory::set(&ctx, "a", &format!("{n}"), &large, None).await.expect("sets");
            world.advance(seconds(1));
        }
        memory::change(&ctx, "a", append("notes"), i64::MAX).await.expect("writes");
        let found = memory::load(&ctx, "a").await.expect("loads");
        assert!(found.is_cut && found.size > 4 * 1024 * 1024);
        assert_eq!((found.working.as_str(), found.values.len()), ("notes", 15));
        assert!(!found.values.contains_key("0"), "what was set first is left out");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_append_at_once_all_come_in() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let tasks: Vec<_> = (0..16)
            .map(|n| {
                let (ctx, id) = (world.ctx(), agent.id.clone());
                tokio::spawn(async move { memory::change(&ctx, &id, append(&format!("{n:02}")), 1000).await })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic").expect("appends");
        }
        let text = memory::working(&world.ctx(), &agent.id).await.expect("reads").expect("there is one");
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, (0..16).map(|n| format!("{n:02}")).collect::<Vec<_>>());
    })
    .await;
}
