//! Streams: in order, nothing missing, and kept as long as somebody may come back for them.

use crate::support::{on_both, seconds};
use muster_domain::jobs;
use muster_domain::turns::{self, Ending};
use serde_json::json;

fn delta(text: &str, offset: usize) -> (&'static str, String) {
    ("message.delta", json!({"text": text, "offset": offset}).to_string())
}

#[tokio::test]
async fn pieces_come_in_order_and_from_any_place_on() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let posted = world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        assert!(!turns::stream_head(&world.app, &posted.turn).await.expect("reads"));
        let mut listener = world.db.hub().listen("stream", &posted.turn);
        for n in 0..5 {
            let pieces = vec![("message.delta", format!("{}", 2 * n)), ("tool.started", format!("{}", 2 * n + 1))];
            turns::append_stream(&world.app, &claim.lease, pieces).await.expect("appends");
        }
        crate::support::soon("readers are woken", listener.wait()).await;
        turns::append_stream(&world.app, &claim.lease, vec![]).await.expect("nothing is not an error");
        assert!(turns::stream_head(&world.app, &posted.turn).await.expect("reads"));
        let all = turns::stream_after(&world.app, &posted.turn, 0, 100).await.expect("reads");
        assert_eq!(all.iter().map(|piece| piece.seq).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
        assert_eq!(
            all.iter().map(|piece| piece.data.as_str()).collect::<Vec<_>>(),
            ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
        );
        let some = turns::stream_after(&world.app, &posted.turn, 4, 3).await.expect("reads");
        assert_eq!(some.iter().map(|piece| piece.seq).collect::<Vec<_>>(), [5, 6, 7]);
        world.answer(&claim, "hi", 5).await.expect("answers");
        let last = turns::stream_after(&world.app, &posted.turn, 10, 10).await.expect("reads");
        assert_eq!((last.len(), last[0].seq, last[0].is_last()), (1, 11, true));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_that_are_written_at_once_get_places_of_their_own() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let posted = world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let tasks: Vec<_> = (0..20)
            .map(|n| {
                let (app, lease) = (world.app.clone(), claim.lease.clone());
                tokio::spawn(async move {
                    turns::append_stream(&app, &lease, vec![("message.delta", n.to_string()); 3]).await
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic").expect("appends");
        }
        let all = turns::stream_after(&world.app, &posted.turn, 0, 100).await.expect("reads");
        assert_eq!(all.iter().map(|piece| piece.seq).collect::<Vec<_>>(), (1..=60).collect::<Vec<_>>());
        assert!(
            all.chunks(3).all(|three| three.iter().all(|piece| piece.data == three[0].data)),
            "those of one write stay together"
        );
    })
    .await;
}

#[tokio::test]
async fn the_text_so_far_is_what_readers_put_together() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let posted = world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let text = async || turns::longest_text(&world.app, &posted.turn).await.expect("reads");
        let append = async |pieces| turns::append_stream(&world.app, &claim.lease, pieces).await.expect("appends");
        assert_eq!(text().await, "");
        append(vec![delta("Grüße", 0), delta(" 𝄞", 5), ("tool.started", "{}".to_owned()), delta("!", 7)]).await;
        assert_eq!(text().await, "Grüße 𝄞!");
        append(vec![delta("?", 7)]).await;
        assert_eq!(text().await, "Grüße 𝄞?", "an offset counts characters and goes back to them");
        append(vec![delta("neu", 0)]).await;
        assert_eq!(text().await, "neu");
        append(vec![delta("er", 99)]).await;
        assert_eq!(text().await, "neuer", "beyond the end is at the end");
        append((0..1200).map(|n| delta("x", 5 + n)).collect()).await;
        assert_eq!(text().await.len(), 1205, "however many pieces");
    })
    .await;
}

#[tokio::test]
async fn old_streams_go_and_those_of_open_turns_stay() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let done = world.post(&agent, "done", "hello").await;
        let claim = world.claim_one().await;
        turns::append_stream(&world.app, &claim.lease, vec![delta("x", 0); 2500]).await.expect("appends");
        world.answer(&claim, "hi", 5).await.expect("answers");
        let open = world.post(&agent, "open", "hello").await;
        let claim = world.claim_one().await;
        turns::append_stream(&world.app, &claim.lease, vec![delta("x", 0)]).await.expect("appends");
        world.advance(world.app.settings.stream_retention);
        let young = world.post(&agent, "young", "hello").await;
        let last = turns::claim(&world.app, 1, 10).await.expect("claims");
        jobs::housekeep(&world.app).await.expect("runs");
        let left = async |turn: &str| turns::stream_after(&world.app, turn, 0, 10_000).await.expect("reads").len();
        assert_eq!(left(&done.turn).await, 2501, "not a moment too early");
        for claim in &last {
            world.end(claim, Ending::Cancelled { why: "user".to_owned() }).await;
        }
        world.advance(seconds(1));
        jobs::housekeep(&world.app).await.expect("runs");
        assert_eq!(left(&done.turn).await, 0);
        assert_eq!(left(&open.turn).await, 1, "an open turn's stream stays, however old");
        assert_eq!(left(&young.turn).await, 1, "what is young stays");
    })
    .await;
}
