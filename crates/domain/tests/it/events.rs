//! The event log: one order without gaps, and no way to change it unnoticed.

use crate::support::{World, on_both, refused, seconds};
use muster_base::{Kind, Result};
use muster_domain::access::Role;
use muster_domain::events::{self, EventFilter, NewEvent, Verification};
use muster_domain::{Ctx, jobs};
use serde_json::json;

async fn append(ctx: &Ctx, kind: &'static str, subject: &str, count: usize) -> Result<()> {
    let new: Vec<NewEvent> = (0..count).map(|n| NewEvent::new(kind, subject, json!({"n": n}))).collect();
    let for_tx = ctx.clone();
    ctx.write(move |tx| Box::pin(async move { events::append(tx, &for_tx, new).await })).await
}

async fn verify(world: &World) -> Verification {
    events::verify(&world.ctx()).await.expect("verifies")
}

/// A filter, made by setting its fields.
fn only(set: impl FnOnce(&mut EventFilter)) -> EventFilter {
    let mut filter = EventFilter::default();
    set(&mut filter);
    filter
}

/// The places of the events that fit.
async fn places(ctx: &Ctx, filter: EventFilter, limit: i64) -> Vec<i64> {
    let filter = events::check_filter(ctx, filter).expect("a good filter");
    events::list(ctx, &filter, limit).await.expect("lists").into_iter().map(|event| event.seq).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_writers_at_once_leave_no_gap_and_one_chain() {
    on_both(async |world| {
        let writers: Vec<_> = (0..50)
            .map(|n| {
                let ctx = world.ctx();
                tokio::spawn(async move {
                    append(&ctx, "test.happened", &format!("subject {n}"), 1 + n % 3).await?;
                    // Work that fails leaves no hole behind.
                    let for_tx = ctx.clone();
                    let failing: Result<()> = ctx
                        .write(move |tx| {
                            Box::pin(async move {
                                events::append(tx, &for_tx, vec![NewEvent::new("test.failed", "x", json!({}))]).await?;
                                Err(muster_base::Error::conflict("on purpose"))
                            })
                        })
                        .await;
                    assert!(failing.is_err());
                    append(&ctx, "test.happened", &format!("subject {n}"), 1).await
                })
            })
            .collect();
        for writer in writers {
            writer.await.expect("no panic").expect("appends");
        }
        let all = places(&world.ctx(), EventFilter::default(), 1000).await;
        assert_eq!(all, (1..=all.len() as i64).collect::<Vec<_>>());
        let checked = verify(&world).await;
        assert_eq!((checked.intact, checked.checked, checked.broken_at), (true, all.len() as i64, None));
        assert_eq!(events::follow_from(&world.ctx()).await.expect("reads"), all.len() as i64);
        assert_eq!(world.count("SELECT count(*) FROM events WHERE type = 'test.failed'", vec![]).await, 0);
    })
    .await;
}

#[tokio::test]
async fn whatever_is_changed_in_the_log_is_found() {
    on_both(async |world| {
        append(&world.ctx(), "test.happened", "x", 9).await.expect("appends");
        assert!(verify(&world).await.intact);
        let changes = [
            ("data", "'{}'"),
            ("subject", "'y'"),
            ("type", "'test.lied'"),
            ("actor", "'{\"kind\":\"user\",\"id\":\"x\",\"name\":\"x\"}'"),
            ("at", "at + 1"),
            ("id", "'evt_x'"),
            ("hash", "'00'"),
        ];
        for seq in [1, 5, 10] {
            for (column, value) in changes {
                let before: String = world
                    .db
                    .one(format!("SELECT CAST({column} AS TEXT) FROM events WHERE seq = {seq}"), vec![])
                    .await
                    .expect("reads");
                world.tamper(format!("UPDATE events SET {column} = {value} WHERE seq = {seq}")).await;
                let found = verify(&world).await;
                assert_eq!((found.intact, found.broken_at), (false, Some(seq)), "{column} of {seq}");
                let back = if column == "at" { before } else { format!("'{before}'") };
                world.tamper(format!("UPDATE events SET {column} = {back} WHERE seq = {seq}")).await;
                assert!(verify(&world).await.intact, "{column} of {seq} is as it was");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_event_that_is_taken_out_is_missed_wherever_it_was() {
    on_both(async |world| {
        append(&world.ctx(), "test.happened", "x", 9).await.expect("appends");
        world.tamper("UPDATE events SET org_id = 'elsewhere' WHERE seq = 5").await;
        assert_eq!(verify(&world).await.broken_at, Some(6), "in the middle");
        world.tamper("UPDATE events SET org_id = 'acme' WHERE seq = 5").await;
        world.tamper("UPDATE events SET org_id = 'elsewhere' WHERE seq = 1").await;
        assert_eq!(verify(&world).await.broken_at, Some(2), "at the beginning");
        world.tamper("UPDATE events SET org_id = 'acme' WHERE seq = 1").await;
        world.tamper("UPDATE events SET org_id = 'elsewhere' WHERE seq = 10").await;
        assert_eq!(verify(&world).await.broken_at, Some(10), "at the end");
        world.tamper("UPDATE events SET org_id = 'elsewhere'").await;
        assert!(!verify(&world).await.intact, "all of them");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_written_and_pruned_meanwhile_still_verifies() {
    on_both(async |world| {
        append(&world.ctx(), "test.happened", "old", 1500).await.expect("appends");
        world.advance(seconds(100 * 24 * 3600));
        let ctx = world.ctx();
        let writing = tokio::spawn(async move {
            for _ in 0..20 {
                append(&ctx, "test.happened", "new", 3).await.expect("appends");
            }
        });
        let app = world.app.clone();
        let pruning = tokio::spawn(async move { jobs::housekeep(&app).await.expect("prunes") });
        for _ in 0..20 {
            let checked = verify(&world).await;
            assert!(checked.intact, "{checked:?}");
        }
        writing.await.expect("no panic");
        pruning.await.expect("no panic");
        assert!(verify(&world).await.intact);
    })
    .await;
}

#[tokio::test]
async fn old_events_go_from_the_beginning_only_and_the_rest_still_verifies() {
    on_both(async |world| {
        let day = seconds(24 * 3600);
        append(&world.ctx(), "test.happened", "old", 2499).await.expect("appends");
        world.advance(day * 50);
        append(&world.ctx(), "test.happened", "young", 5).await.expect("appends");
        // An event whose clock was wrong lies behind younger ones: it stays, or there would be a hole.
        world.advance(day * 41);
        let head = verify(&world).await.head;
        jobs::housekeep(&world.app).await.expect("runs");
        let left = places(&world.ctx(), EventFilter::default(), 10_000).await;
        assert_eq!(left, [2501, 2502, 2503, 2504, 2505]);
        let checked = verify(&world).await;
        assert_eq!((checked.intact, checked.checked, checked.head), (true, 5, head));
        append(&world.ctx(), "test.happened", "new", 1).await.expect("appends");
        world.advance(day * 200);
        jobs::housekeep(&world.app).await.expect("runs");
        assert!(places(&world.ctx(), EventFilter::default(), 10).await.is_empty());
        assert!(verify(&world).await.intact, "an empty log is one too");
        append(&world.ctx(), "test.happened", "newest", 1).await.expect("appends");
        assert_eq!(places(&world.ctx(), EventFilter::default(), 10).await, [2507], "places are never given twice");
        assert!(verify(&world).await.intact);
    })
    .await;
}

#[tokio::test]
async fn an_old_event_behind_a_young_one_stays() {
    on_both(async |world| {
        append(&world.ctx(), "test.happened", "x", 3).await.expect("appends");
        world.advance(seconds(91 * 24 * 3600));
        append(&world.ctx(), "test.happened", "young", 1).await.expect("appends");
        let old = world.now() - seconds(95 * 24 * 3600);
        append(&world.ctx(), "test.happened", "late", 1).await.expect("appends");
        world.tamper(format!("UPDATE events SET at = {} WHERE subject = 'late'", old.0)).await;
        jobs::housekeep(&world.app).await.expect("runs");
        assert_eq!(places(&world.ctx(), EventFilter::default(), 10).await, [5, 6]);
    })
    .await;
}

#[tokio::test]
async fn events_are_found_by_type_subject_and_place() {
    on_both(async |world| {
        let ctx = world.ctx();
        for (kind, subject) in [
            ("agent.created", "a"),
            ("agent.updated", "a"),
            ("agentx.created", "a"),
            ("agent.created", "b"),
            ("access.login", "a"),
        ] {
            append(&ctx, kind, subject, 1).await.expect("appends");
        }
        let of = |kind: &str| only(|filter| filter.kind = Some(kind.to_owned()));
        assert_eq!(places(&ctx, of("agent."), 10).await, [2, 3, 5]);
        assert_eq!(places(&ctx, of("agent.created"), 10).await, [2, 5]);
        assert_eq!(places(&ctx, of("agent"), 10).await, [0i64; 0]);
        let about = |subject: &str| only(|filter| filter.subject = Some(subject.to_owned()));
        assert_eq!(places(&ctx, about("a"), 10).await, [2, 3, 4, 6]);
        let both = only(|filter| (filter.kind, filter.subject) = (Some("agent.".to_owned()), Some("a".to_owned())));
        assert_eq!(places(&ctx, both, 10).await, [2, 3]);
        let within = only(|filter| (filter.after, filter.before) = (Some(2), Some(6)));
        assert_eq!(places(&ctx, within.clone(), 10).await, [3, 4, 5]);
        assert_eq!(places(&ctx, within.clone(), 2).await, [3, 4]);
        assert_eq!(
            places(&ctx, only(|filter| (filter.after, filter.before, filter.descending) = (Some(2), Some(6), true)), 2)
                .await,
            [5, 4]
        );
        let odd = about("%'; DROP TABLE events; --");
        assert!(places(&ctx, odd, 10).await.is_empty());
        for wrong in ["", "UPPER", "a b", "a%"] {
            assert_eq!(refused(events::check_filter(&ctx, of(wrong))).field(), Some("type"), "{wrong}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_concerns_access_is_for_admins_only() {
    on_both(async |world| {
        for kind in ["access.login", "access.refused", "accessories.sold", "agent.created"] {
            append(&world.ctx(), kind, "x", 1).await.expect("appends");
        }
        for (role, seen) in [
            (Role::Viewer, vec![1, 4, 5]),
            (Role::Operator, vec![1, 4, 5]),
            (Role::Admin, vec![1, 2, 3, 4, 5]),
            (Role::Owner, vec![1, 2, 3, 4, 5]),
        ] {
            let ctx = world.ctx_as("usr_1", role);
            assert_eq!(places(&ctx, EventFilter::default(), 10).await, seen, "{role:?}");
            let of_access = only(|filter| filter.kind = Some("access.".to_owned()));
            assert_eq!(places(&ctx, of_access, 10).await.len(), if role < Role::Admin { 0 } else { 2 }, "{role:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_event_tells_who_and_when_and_wakes_its_readers() {
    on_both(async |world| {
        let mut listener = world.db.hub().listen("events", "acme");
        let ctx = world.ctx_as("usr_7", Role::Admin);
        append(&ctx, "test.happened", "x", 1).await.expect("appends");
        crate::support::soon("the notice", listener.wait()).await;
        let filter = only(|filter| filter.descending = true);
        let event = events::list(&ctx, &filter, 1).await.expect("lists").remove(0);
        assert_eq!((event.actor.kind.as_str(), event.actor.id.as_str(), event.at), ("user", "usr_7", world.now()));
        assert_eq!((event.data.get(), event.id.starts_with("evt_")), (r#"{"n":0}"#, true));
        let nobody = Ctx::system(world.app.clone(), "no-such-org");
        assert_eq!(refused(append(&nobody, "test.happened", "x", 1).await).kind(), Kind::Internal);
        append(&world.ctx(), "test.happened", "x", 0).await.expect("nothing is not an error");
    })
    .await;
}
