//! Leases: a worker that is gone is replaced, and can change nothing any more.

use crate::support::{answer, is_lost, model_call, older, on_both, reserving, seconds, step};
use muster_domain::turns::{self, Ending, Lease, State, StepKind};
use muster_domain::{Ctx, turns::Effect};
use serde_json::json;

/// Every way in which a worker writes, with this lease; each must be refused.
async fn everything_is_lost(ctx: &Ctx, lease: &Lease) {
    let effect: Effect = Box::new(|tx, ctx| {
        Box::pin(
            async move { muster_domain::memory::set_in(tx, &ctx, "agent", "ghost", "1", None).await.map(|_| json!(1)) },
        )
    });
    let results = [
        ("answer", turns::answer(ctx, lease, answer("a ghost", 0, 5)).await.map(drop)),
        ("end", turns::end(ctx, lease, Ending::Starved, turns::Trace::default()).await),
        ("retry_later", turns::retry_later(ctx, lease, ctx.now(), "x", turns::Trace::default()).await),
        ("finish_model_step", turns::finish_model_step(ctx, lease, model_call(0, 5), reserving(10)).await.map(drop)),
        (
            "finish_compaction",
            turns::finish_compaction(ctx, lease, model_call(0, 5), turns::Compacted::LeftOut, 10).await.map(drop),
        ),
        (
            "finish_tool_step",
            turns::finish_tool_step(ctx, lease, step(1, StepKind::Tool, 0), Some(effect), |_| vec![]).await.map(drop),
        ),
        ("reserve_more", turns::reserve_more(ctx, lease, 10).await.map(drop)),
        ("append_stream", turns::append_stream(ctx.app(), lease, vec![("message.delta", "{}".to_owned())]).await),
        ("cancel_wanted", turns::cancel_wanted(ctx, lease).await.map(drop)),
    ];
    for (name, result) in results {
        assert!(is_lost(&result), "{name}: {result:?}");
    }
}

#[tokio::test]
async fn a_worker_that_was_silent_too_long_is_replaced_and_can_change_nothing() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        let dead = world.claim_one().await;
        assert_eq!((dead.turn.attempt, dead.turn.started_at, dead.grant), (1, Some(world.now()), 100));
        let ctx = world.ctx_of(&dead.turn);
        let running = turns::finish_model_step(
            &ctx,
            &dead.lease,
            model_call(0, 5),
            turns::ToolRound {
                prompt: Some("{\"told\":1}".to_owned()),
                tools: vec![turns::Step {
                    state: "running".to_owned(),
                    finished_at: None,
                    ..step(1, StepKind::Tool, 0)
                }],
                ..reserving(50)
            },
        );
        assert_eq!(running.await.expect("writes"), 50);
        assert!(world.claim().await.is_empty(), "the lease still holds");
        world.advance(world.app.settings.lease);
        let other = world.other_node();
        let mut taken = turns::claim(&other, 10, 100).await.expect("claims");
        assert_eq!(taken.len(), 1);
        let taken = taken.remove(0);
        assert_eq!(
            (taken.turn.id.as_str(), taken.turn.attempt, taken.grant),
            (dead.turn.id.as_str(), 2, 50),
            "what was reserved goes on"
        );
        everything_is_lost(&world.ctx_of(&dead.turn), &dead.lease).await;
        everything_is_lost(&world.ctx_of(&dead.turn), &older(&taken.lease)).await;
        assert_eq!(world.count("SELECT count(*) FROM memory", vec![]).await, 0, "not even an effect");
        let detail = turns::find(&world.ctx(), &dead.turn.id).await.expect("finds it");
        let attempts: Vec<(i64, &str)> = detail.steps.iter().map(|step| (step.attempts, step.state.as_str())).collect();
        assert_eq!(attempts, [(1, "done"), (2, "running")], "what was begun is begun again, what is done stays done");
        assert_eq!(detail.turn.prompt.as_deref(), Some("{\"told\":1}"));
        turns::answer(&world.ctx_of(&taken.turn), &taken.lease, answer("hi", 2, 5)).await.expect("the new one answers");
        let kinds = world.event_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "turn.started").count(), 1);
        assert_eq!(kinds.iter().filter(|kind| *kind == "turn.retried").count(), 1);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_renews_keeps_its_turns_and_only_its_own() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "mine", "hello").await;
        let mine = world.claim_one().await;
        let other = world.other_node();
        world.post(&agent, "theirs", "hello").await;
        let theirs = turns::claim(&other, 10, 100).await.expect("claims").remove(0);
        world.advance(seconds(10));
        assert_eq!(turns::renew(&world.app).await.expect("renews"), 1);
        world.advance(seconds(10));
        let taken = world.claim_one().await;
        assert_eq!(taken.turn.id, theirs.turn.id, "only the silent one's turn is taken over");
        world.answer(&mine, "hi", 5).await.expect("answers");
        world.answer(&taken, "hi", 5).await.expect("answers");
        assert!(is_lost(
            &turns::answer(&Ctx::of_agent(other, "acme", &agent.id, "Ann"), &theirs.lease, answer("hi", 0, 5)).await
        ));
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_second_answer_is_lost_and_the_first_is_the_only_one() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let reply = world.answer(&claim, "hi", 5).await.expect("answers");
        assert!(is_lost(&world.answer(&claim, "hi again", 5).await));
        everything_is_lost(&world.ctx_of(&claim.turn), &claim.lease).await;
        let turn = world.turn(&claim.turn.id).await;
        assert_eq!((turn.state, turn.reply.as_deref()), (State::Succeeded, Some(reply.as_str())));
        assert_eq!(world.count("SELECT count(*) FROM messages WHERE role = 'assistant'", vec![]).await, 1);
        let ended = world.count("SELECT count(*) FROM turn_stream WHERE type = 'message.completed'", vec![]).await;
        let told = world
            .count("SELECT count(*) FROM events WHERE type IN ('message.completed', 'turn.succeeded')", vec![])
            .await;
        assert_eq!((ended, told), (1, 2));
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_answers_at_once_are_one() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        for round in 0..5 {
            world.post(&agent, "chat", "hello").await;
            let claim = world.claim_one().await;
            let (one, other) = tokio::join!(world.answer(&claim, "one", 5), world.answer(&claim, "other", 5));
            assert!(one.is_ok() != other.is_ok(), "round {round}");
            assert!(is_lost(&one) || is_lost(&other), "round {round}");
        }
        assert_eq!(world.count("SELECT count(*) FROM messages WHERE role = 'assistant'", vec![]).await, 5);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_restarted_process_takes_up_at_once_what_the_last_one_was_at() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "running", "hello").await;
        let dead = world.claim_one().await;
        world.post(&agent, "waits", "hello").await;
        let postponed = world.claim_one().await;
        let later = world.now() + seconds(300);
        turns::retry_later(&world.ctx_of(&postponed.turn), &postponed.lease, later, "busy", turns::Trace::default())
            .await
            .expect("postpones");
        let restarted = world.other_node();
        assert_eq!(turns::recover_all(&restarted).await.expect("recovers"), 1);
        let taken = turns::claim(&restarted, 10, 100).await.expect("claims");
        assert_eq!(taken.len(), 1, "what waits to be tried again keeps its time");
        assert_eq!((taken[0].turn.id.as_str(), taken[0].turn.attempt), (dead.turn.id.as_str(), 2));
        assert!(is_lost(&world.answer(&dead, "a ghost", 5).await));
    })
    .await;
}

#[tokio::test]
async fn a_process_that_ends_in_order_hands_its_turns_back() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        let given_up = world.claim_one().await;
        let other = world.other_node();
        assert!(turns::claim(&other, 10, 100).await.expect("claims").is_empty());
        assert_eq!(turns::hand_back(&other).await.expect("has none"), 0);
        assert_eq!(turns::hand_back(&world.app).await.expect("hands back"), 1);
        let taken = turns::claim(&other, 10, 100).await.expect("claims at once").remove(0);
        assert_eq!(taken.turn.id, given_up.turn.id);
        assert!(is_lost(&world.answer(&given_up, "a ghost", 5).await));
    })
    .await;
}

#[tokio::test]
async fn a_turn_to_be_tried_later_is_not_claimed_before_its_time() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let later = world.now() + seconds(30);
        turns::retry_later(&world.ctx_of(&claim.turn), &claim.lease, later, "busy", turns::Trace::default())
            .await
            .expect("postpones");
        assert!(is_lost(&world.answer(&claim, "hi", 5).await));
        assert_eq!(world.reserved(&agent).await, 0, "nothing is reserved while it waits");
        let behind = world.post(&agent, "chat", "meanwhile").await;
        assert_eq!(world.state(&behind.turn).await.1.as_deref(), Some("behind"));
        world.advance(seconds(29));
        assert!(world.claim().await.is_empty());
        world.advance(seconds(1));
        let again = world.claim_one().await;
        assert_eq!((again.turn.id.as_str(), again.turn.attempt, again.grant), (claim.turn.id.as_str(), 2, 100));
        world.check_books().await;
        world.answer(&again, "hi", 5).await.expect("answers");
        assert_eq!(world.answer_all("hi").await, 1);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_turn_to_be_tried_later_can_be_cancelled_at_once() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        turns::retry_later(
            &world.ctx_of(&claim.turn),
            &claim.lease,
            world.now() + seconds(300),
            "busy",
            turns::Trace::default(),
        )
        .await
        .expect("postpones");
        turns::cancel(&world.ctx(), &claim.turn.id).await.expect("asks");
        let again = world.claim_one().await;
        assert_eq!(again.turn.cancel.as_deref(), Some("user"), "its next worker sees it at once");
        world.end(&again, Ending::Cancelled { why: "user".to_owned() }).await;
        world.check_at_rest().await;
    })
    .await;
}
