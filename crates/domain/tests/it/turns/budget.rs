//! The balance of output tokens: reserved before it is used, never overdrawn, and never lost.

use crate::support::{World, answer, model_call, on_both, reserving, seconds};
use muster_domain::agents;
use muster_domain::conversations::Status;
use muster_domain::turns::{self, Ending, State};

#[tokio::test]
async fn a_turn_reserves_what_it_may_use_and_gives_back_the_rest() {
    on_both(async |world| {
        let agent = world.agent_with_balance("Ann", 1000).await;
        world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        assert_eq!((claim.grant, world.reserved(&agent).await, world.find(&agent).await.balance), (100, 100, 1000));
        let ctx = world.ctx_of(&claim.turn);
        let next =
            turns::finish_model_step(&ctx, &claim.lease, model_call(0, 30), reserving(2000)).await.expect("writes");
        assert_eq!(
            (next, world.reserved(&agent).await, world.find(&agent).await.balance),
            (970, 970, 970),
            "no more than there is"
        );
        world.check_books().await;
        assert_eq!(
            turns::reserve_more(&ctx, &claim.lease, 5000).await.expect("reserves"),
            970,
            "what is reserved stays"
        );
        turns::answer(&ctx, &claim.lease, answer("hi", 1, 20)).await.expect("answers");
        let after = world.find(&agent).await;
        assert_eq!((after.balance, after.output_tokens_used, world.reserved(&agent).await), (950, 50, 0));
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_model_that_uses_more_than_was_reserved_never_makes_the_balance_negative() {
    on_both(async |world| {
        let agent = world.agent_with_balance("Ann", 50).await;
        world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        assert_eq!(claim.grant, 50);
        world.answer(&claim, "a long one", 80).await.expect("answers");
        let after = world.find(&agent).await;
        assert_eq!((after.balance, after.output_tokens_used), (0, 80));
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_message_to_an_agent_without_balance_waits_and_is_answered_after_a_top_up() {
    on_both(async |world| {
        let agent = world.agent_with_balance("Ann", 0).await;
        let posted = world.post(&agent, "chat", "hello").await;
        assert!(world.claim().await.is_empty());
        let starved = world.turn(&posted.turn).await;
        assert_eq!(
            (starved.state, starved.error.expect("says why").0.as_str()),
            (State::Failed, "INSUFFICIENT_BALANCE")
        );
        let message =
            muster_domain::conversations::message(&world.ctx(), &agent.id, &posted.message.id).await.expect("finds it");
        assert_eq!((message.status, message.error), (Status::Pending, None), "it is not lost");
        let waiting = message.turn.expect("waits in a turn");
        assert_eq!(world.state(&waiting).await, (State::Queued, Some("balance".to_owned())));
        for _ in 0..3 {
            assert!(world.claim().await.is_empty());
        }
        let second = world.post(&agent, "chat", "hello?").await;
        assert_eq!(second.turn, waiting, "what comes meanwhile waits in the same turn");
        assert_eq!(world.count("SELECT count(*) FROM turns", vec![]).await, 2, "and no turn is made again and again");
        let mut woken = world.db.hub().listen("turns", "");
        agents::balance(&world.ctx(), &agent.id, 30, true).await.expect("tops up");
        crate::support::soon("workers are woken", woken.wait()).await;
        let claim = world.claim_one().await;
        assert_eq!(claim.grant, 30);
        world.answer(&claim, "hi", 10).await.expect("answers");
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_change_of_the_agent_that_sets_its_balance_lets_what_waits_run_too() {
    on_both(async |world| {
        let agent = world.agent_with_balance("Ann", 0).await;
        world.post(&agent, "chat", "hello").await;
        assert!(world.claim().await.is_empty());
        agents::pause(&world.ctx(), &agent.id).await.expect("pauses");
        let change = agents::AgentChange { balance: muster_base::Patch::Value(30), ..agents::AgentChange::default() };
        agents::update(&world.ctx(), &agent.id, change).await.expect("changes");
        assert!(world.claim().await.is_empty(), "not while it is paused");
        agents::resume(&world.ctx(), &agent.id).await.expect("resumes");
        assert_eq!(world.answer_all("hi").await, 1);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_turn_that_starves_in_its_middle_waits_for_more() {
    on_both(async |world| {
        let agent = world.agent_with_balance("Ann", 10).await;
        let posted = world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let ctx = world.ctx_of(&claim.turn);
        let next =
            turns::finish_model_step(&ctx, &claim.lease, model_call(0, 10), reserving(100)).await.expect("writes");
        assert_eq!(next, 0);
        assert_eq!(turns::reserve_more(&ctx, &claim.lease, 100).await.expect("nothing is left"), 0);
        let behind = world.post(&agent, "chat", "are you there?").await;
        turns::end(&ctx, &claim.lease, Ending::Starved, turns::Trace::default()).await.expect("ends");
        assert_eq!(world.turn(&posted.turn).await.state, State::Failed);
        assert_eq!(
            world.state(&behind.turn).await,
            (State::Queued, Some("balance".to_owned())),
            "both wait in one turn"
        );
        assert!(world.claim().await.is_empty());
        agents::balance(&world.ctx(), &agent.id, 100, true).await.expect("tops up");
        assert_eq!(world.answer_all("hi").await, 1);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_turn_that_found_everything_reserved_runs_once_it_is_given_back() {
    on_both(async |world| {
        let agent = world.agent_with_balance("Ann", 100).await;
        world.post(&agent, "first", "hello").await;
        let first = world.claim_one().await;
        assert_eq!(first.grant, 100, "all of it");
        world.post(&agent, "second", "hello").await;
        for _ in 0..3 {
            assert!(world.claim().await.is_empty(), "nothing is free now");
        }
        world.check_books().await;
        world.answer(&first, "hi", 10).await.expect("answers and gives 90 back");
        let second = world.claim_one().await;
        assert_eq!(second.grant, 90, "nobody had to top up");
        world.answer(&second, "hi", 10).await.expect("answers");
        assert_eq!(world.find(&agent).await.balance, 80);
        world.check_at_rest().await;
    })
    .await;
}

/// Ends a turn in the way that has this number.
async fn give_back(world: &World, claim: &turns::Claim, way: usize) {
    let ctx = world.ctx_of(&claim.turn);
    match way {
        0 => turns::end(&ctx, &claim.lease, Ending::Cancelled { why: "user".to_owned() }, turns::Trace::default())
            .await
            .expect("ends"),
        1 => turns::retry_later(&ctx, &claim.lease, world.now() + seconds(900), "busy", turns::Trace::default())
            .await
            .expect("postpones"),
        _ => {
            let next =
                turns::finish_model_step(&ctx, &claim.lease, model_call(0, 10), reserving(40)).await.expect("writes");
            assert_eq!(next, 40);
        }
    }
}

#[tokio::test]
async fn whichever_way_a_reservation_is_given_back_others_may_have_it() {
    on_both(async |world| {
        for way in 0..3 {
            let agent = world.agent_with_balance(&format!("Ann {way}"), 100).await;
            world.post(&agent, "first", "hello").await;
            let first = world.claim_one().await;
            world.post(&agent, "second", "hello").await;
            assert!(world.claim().await.is_empty(), "nothing is free now");
            give_back(&world, &first, way).await;
            let second = world.claim_one().await;
            assert!(second.grant > 0, "way {way}");
            world.answer(&second, "hi", 1).await.expect("answers");
            world.check_books().await;
            agents::delete(&world.ctx(), &agent.id, true).await.expect("deletes");
        }
    })
    .await;
}

#[tokio::test]
async fn a_retried_turn_that_finds_everything_reserved_is_tried_again_and_not_lost() {
    on_both(async |world| {
        let agent = world.agent_with_balance("Ann", 100).await;
        world.post(&agent, "first", "hello").await;
        let first = world.claim_one().await;
        turns::retry_later(
            &world.ctx_of(&first.turn),
            &first.lease,
            world.now() + seconds(30),
            "busy",
            turns::Trace::default(),
        )
        .await
        .expect("postpones");
        world.post(&agent, "second", "hello").await;
        let second = world.claim_one().await;
        assert_eq!(second.grant, 100);
        world.advance(seconds(30));
        turns::renew(&world.app).await.expect("renews");
        assert!(world.claim().await.is_empty(), "nothing is free now");
        world.answer(&second, "hi", 10).await.expect("answers");
        let mut answered = 0;
        for _ in 0..10 {
            answered += world.answer_all("hi").await;
            world.advance(seconds(30));
        }
        assert_eq!(answered, 1);
        world.check_at_rest().await;
        assert_eq!(
            world.count("SELECT count(*) FROM messages WHERE role = 'user' AND status = 'completed'", vec![]).await,
            2
        );
    })
    .await;
}

#[tokio::test]
async fn what_a_turn_used_within_a_day_is_counted() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "old", "hello").await;
        world.answer_all("hi").await;
        world.advance(seconds(3600));
        let since = world.now();
        world.advance(seconds(1));
        world.post(&agent, "done", "hello").await;
        world.answer_all("hi").await;
        world.post(&agent, "running", "hello").await;
        let claim = world.claim_one().await;
        turns::finish_model_step(&world.ctx_of(&claim.turn), &claim.lease, model_call(0, 7), reserving(5))
            .await
            .expect("writes");
        assert_eq!(
            turns::usage_of_day(&world.db, &agent.id, since).await.expect("sums up"),
            17,
            "running turns included"
        );
    })
    .await;
}
