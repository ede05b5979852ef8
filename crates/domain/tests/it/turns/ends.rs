//! How turns end, and what a tool did in them.

use crate::support::{Taken, World, answer, model_call, on_both, refused, reserving, seconds, step};
use muster_base::{Error, Kind};
use muster_domain::agents::{self, Lifecycle};
use muster_domain::conversations::{self, Status};
use muster_domain::memory;
use muster_domain::models::Usage;
use muster_domain::turns::{self, Effect, Ending, State, StepKind};
use serde_json::json;

fn failed(remind_after: Option<u64>, agent_error: Option<&str>) -> Ending {
    Ending::Failed {
        code: "MODEL_ERROR",
        message: "the model said no".to_owned(),
        remind_after: remind_after.map(seconds),
        agent_error: agent_error.map(str::to_owned),
    }
}

async fn message(world: &World, posted: &Taken) -> conversations::Message {
    conversations::message(&world.ctx(), &posted.message.agent, &posted.message.id).await.expect("finds it")
}

#[tokio::test]
async fn a_reply_its_events_and_its_stream_are_there_together() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let posted = world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let ctx = world.ctx_of(&claim.turn);
        let tools = vec![turns::Step { state: "running".to_owned(), ..step(1, StepKind::Tool, 0) }];
        turns::finish_model_step(&ctx, &claim.lease, model_call(0, 7), turns::ToolRound { tools, ..reserving(100) })
            .await
            .expect("writes");
        turns::finish_tool_step(&ctx, &claim.lease, step(1, StepKind::Tool, 0), None, |_| vec![])
            .await
            .expect("writes");
        world.advance(seconds(3));
        let mut last = answer("it is done", 2, 11);
        last.stream = vec![("message.delta", "{\"text\":\"it is done\",\"offset\":0}".to_owned())];
        last.prompt = Some("{\"told\":1}".to_owned());
        let reply = turns::answer(&ctx, &claim.lease, last).await.expect("answers");

        let detail = turns::find(&world.ctx(), &claim.turn.id).await.expect("finds it");
        let turn = detail.turn;
        assert_eq!(
            (turn.state, turn.reply.as_deref(), turn.version),
            (State::Succeeded, Some(reply.as_str()), Some(1))
        );
        assert_eq!(turn.usage, Usage { input_tokens: 36, output_tokens: 18, cached_input_tokens: 18 });
        assert_eq!((turn.model.as_deref(), turn.model_ms, turn.cost_micro_usd), (Some("test/model"), 14, Some(6)));
        assert_eq!(
            (turn.finished_at, turn.prompt.as_deref(), turn.error),
            (Some(world.now()), Some("{\"told\":1}"), None)
        );
        assert_eq!(
            detail.steps.iter().map(|step| step.kind).collect::<Vec<_>>(),
            [StepKind::Model, StepKind::Tool, StepKind::Model]
        );
        let answered = message(&world, &posted).await;
        assert_eq!((answered.status, answered.read_at), (Status::Completed, Some(world.now())));
        let reply = conversations::message(&world.ctx(), &agent.id, &reply).await.expect("finds it");
        assert_eq!((reply.role.as_str(), reply.content.as_str(), reply.seq), ("assistant", "it is done", 2));
        assert_eq!(
            (reply.conversation.as_str(), reply.reply_to.as_deref()),
            ("chat", Some(posted.message.id.as_str()))
        );
        let stream = turns::stream_after(&world.app, &claim.turn.id, 0, 10).await.expect("reads");
        assert_eq!(
            stream.iter().map(|piece| piece.kind.as_str()).collect::<Vec<_>>(),
            ["message.delta", "message.completed"]
        );
        assert!(stream[1].data.contains("it is done") && stream[1].is_last() && !stream[0].is_last());
        let after = world.find(&agent).await;
        assert_eq!((after.balance, after.output_tokens_used, after.message_count), (1_000_000 - 18, 18, 2));
        let kinds = world.event_kinds().await;
        assert_eq!(
            kinds[2..],
            [
                "message.received",
                "turn.started",
                "agent.presence_changed",
                "tool.called",
                "message.completed",
                "turn.succeeded",
                "agent.presence_changed"
            ]
        );
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_failed_turn_fails_its_messages_and_says_why() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let posted = world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let behind = world.post(&agent, "chat", "another").await;
        turns::end(&world.ctx_of(&claim.turn), &claim.lease, failed(None, None), turns::Trace::default())
            .await
            .expect("ends");
        let turn = world.turn(&posted.turn).await;
        assert_eq!(
            (turn.state, turn.error),
            (State::Failed, Some(("MODEL_ERROR".to_owned(), "the model said no".to_owned())))
        );
        let message = message(&world, &posted).await;
        assert_eq!((message.status, message.error.as_deref()), (Status::Failed, Some("the model said no")));
        let stream = turns::stream_after(&world.app, &posted.turn, 0, 10).await.expect("reads");
        assert!(stream.last().is_some_and(|piece| piece.is_last() && piece.data.contains("MODEL_ERROR")));
        let kinds = world.event_kinds().await;
        assert_eq!(kinds[kinds.len() - 3..], ["turn.failed", "message.failed", "agent.presence_changed"]);
        assert_eq!(world.state(&behind.turn).await, (State::Queued, None), "the next one runs");
        assert_eq!(world.find(&agent).await.lifecycle, Lifecycle::Active);
        world.answer_all("hi").await;
        world.check_at_rest().await;
    })
    .await;
}

fn failed_call(tokens: i64) -> turns::StepDone {
    let call = model_call(0, tokens);
    let step = turns::Step { state: "failed".to_owned(), error: Some("no".to_owned()), ..call.step };
    turns::StepDone { step, ..call }
}

#[tokio::test]
async fn what_a_turn_leaves_is_kept_over_its_attempts_and_has_its_price() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let posted = world.post(&agent, "chat", "hello").await;
        let trace =
            |prompt: &str, tokens| turns::Trace { prompt: Some(prompt.to_owned()), call: Some(failed_call(tokens)) };
        let claim = world.claim_one().await;
        let (ctx, again) = (world.ctx_of(&claim.turn), world.now() + seconds(5));
        turns::retry_later(&ctx, &claim.lease, again, "busy", trace("{\"told\":1}", 0)).await.expect("postpones");
        let between = turns::find(&world.ctx(), &posted.turn).await.expect("finds it");
        assert_eq!((between.turn.state, between.turn.reserved), (State::Running, 0));
        assert_eq!((between.steps[0].state.as_str(), between.steps[0].attempts), ("failed", 1));
        world.advance(seconds(6));
        let claim = world.claim_one().await;
        turns::end(&ctx, &claim.lease, failed(None, None), trace("{\"told\":2}", 9)).await.expect("ends");
        let detail = turns::find(&world.ctx(), &posted.turn).await.expect("finds it");
        let turn = &detail.turn;
        assert_eq!((turn.prompt.as_deref(), turn.model.as_deref()), (Some("{\"told\":1}"), Some("test/model")));
        assert_eq!((turn.model_ms, turn.usage.output_tokens, turn.reserved), (14, 9, 0));
        let [step] = detail.steps.as_slice() else { panic!("{:?}", detail.steps) };
        assert_eq!((step.state.as_str(), step.attempts, step.usage.output_tokens), ("failed", 2, 9));
        assert_eq!(step.error.as_deref(), Some("no"));
        assert_eq!(world.find(&agent).await.balance, 1_000_000 - 9);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_failed_message_is_put_before_the_agent_again_after_a_while() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let posted = world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        turns::end(&world.ctx_of(&claim.turn), &claim.lease, failed(Some(60), None), turns::Trace::default())
            .await
            .expect("ends");
        assert_eq!(message(&world, &posted).await.status, Status::Pending);
        world.advance(seconds(59));
        assert!(world.claim().await.is_empty());
        world.advance(seconds(1));
        let again = world.claim_one().await;
        assert_ne!(again.turn.id, claim.turn.id);
        assert_eq!((again.turn.reminders, again.turn.attempt), (1, 1));
        world.answer(&again, "hi", 5).await.expect("answers");
        let answered = message(&world, &posted).await;
        assert_eq!(
            (answered.status, answered.turn.as_deref(), answered.error),
            (Status::Completed, Some(again.turn.id.as_str()), None)
        );
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_new_message_does_not_wait_for_the_reminder_of_an_old_one() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let old = world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let new = world.post(&agent, "chat", "are you there?").await;
        turns::end(&world.ctx_of(&claim.turn), &claim.lease, failed(Some(3600), None), turns::Trace::default())
            .await
            .expect("ends");
        assert_eq!(world.answer_all("hi").await, 1, "the new message is answered now, and the old one with it");
        assert_eq!(
            (message(&world, &old).await.status, message(&world, &new).await.status),
            (Status::Completed, Status::Completed)
        );
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn how_often_a_message_was_put_before_the_agent_is_remembered_when_it_joins_a_newer_one() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        for round in 1..=3 {
            let claim = world.claim_one().await;
            assert_eq!(claim.turn.reminders, round - 1);
            world.post(&agent, "chat", "are you there?").await;
            turns::end(&world.ctx_of(&claim.turn), &claim.lease, failed(Some(60), None), turns::Trace::default())
                .await
                .expect("ends");
        }
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_cannot_go_on_is_in_error_until_somebody_resumes_it() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        world.post(&agent, "other", "hello").await;
        let claims = world.claim().await;
        let waiting = world.post(&agent, "third", "hello").await;
        turns::end(
            &world.ctx_of(&claims[0].turn),
            &claims[0].lease,
            failed(Some(10), Some("the key is refused")),
            turns::Trace::default(),
        )
        .await
        .expect("ends");
        let broken = world.find(&agent).await;
        assert_eq!(
            (broken.lifecycle, broken.lifecycle_reason.as_deref()),
            (Lifecycle::Error, Some("the key is refused"))
        );
        assert_eq!(world.state(&waiting.turn).await.1.as_deref(), Some("paused"));
        world.advance(seconds(60));
        turns::renew(&world.app).await.expect("renews");
        assert!(world.claim().await.is_empty());
        world.answer(&claims[1], "hi", 5).await.expect("a running turn finishes");
        agents::resume(&world.ctx(), &agent.id).await.expect("resumes");
        assert_eq!(world.answer_all("hi").await, 2);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_tool_changes_happens_once_with_its_step() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let ctx = world.ctx_of(&claim.turn);
        let remember = |key: &'static str, fails: bool| -> Effect {
            Box::new(move |tx, ctx| {
                Box::pin(async move {
                    let revision = memory::set_in(tx, &ctx, "agent", key, "1", None).await?;
                    if fails { Err(Error::conflict("on purpose")) } else { Ok(json!({"revision": revision})) }
                })
            })
        };
        let done = turns::finish_tool_step(
            &ctx,
            &claim.lease,
            step(1, StepKind::Tool, 0),
            Some(remember("kept", false)),
            |step| {
                vec![("tool.finished", step.output.as_ref().map_or_else(String::new, |output| output.get().to_owned()))]
            },
        );
        assert_eq!(done.await.expect("writes").output.expect("an output").get(), "{\"revision\":1}");
        let failing = turns::finish_tool_step(
            &ctx,
            &claim.lease,
            step(2, StepKind::Tool, 0),
            Some(remember("undone", true)),
            |_| vec![],
        )
        .await;
        assert_eq!(refused(failing).kind(), Kind::Conflict);
        let keys: Vec<String> = world.db.all("SELECT key FROM memory", vec![]).await.expect("reads");
        assert_eq!(keys, ["kept"], "nothing of a failed effect remains");
        let steps = turns::find(&world.ctx(), &claim.turn.id).await.expect("finds it").steps;
        assert_eq!(steps.len(), 1);
        let stream = turns::stream_after(&world.app, &claim.turn.id, 0, 10).await.expect("reads");
        assert_eq!((stream.len(), stream[0].data.as_str()), (1, "{\"revision\":1}"));
        // The failure is written down as a step of its own.
        let told = turns::Step {
            error: Some("on purpose".to_owned()),
            state: "failed".to_owned(),
            ..step(2, StepKind::Tool, 0)
        };
        turns::finish_tool_step(&ctx, &claim.lease, told, None, |_| vec![]).await.expect("writes");
        let steps = turns::find(&world.ctx(), &claim.turn.id).await.expect("finds it").steps;
        assert_eq!(steps[1].error.as_deref(), Some("on purpose"));
        world.answer(&claim, "hi", 5).await.expect("answers");
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_step_that_was_written_twice_is_one_step() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let ctx = world.ctx_of(&claim.turn);
        for state in ["running", "done"] {
            let tool = turns::Step { state: state.to_owned(), ..step(3, StepKind::Tool, 0) };
            turns::finish_tool_step(&ctx, &claim.lease, tool, None, |_| vec![]).await.expect("writes");
        }
        let steps = turns::find(&world.ctx(), &claim.turn.id).await.expect("finds it").steps;
        assert_eq!((steps.len(), steps[0].state.as_str(), steps[0].index), (1, "done", 3));
    })
    .await;
}

#[tokio::test]
async fn a_reply_with_signs_that_no_database_takes_is_still_a_reply() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let reply = world.answer(&claim, "a\0b", 5).await.expect("answers");
        assert_eq!(conversations::message(&world.ctx(), &agent.id, &reply).await.expect("finds it").content, "ab");
        world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let ending = Ending::Failed {
            code: "MODEL_ERROR",
            message: "no\0pe".to_owned(),
            remind_after: None,
            agent_error: Some("no\0pe".to_owned()),
        };
        world.end(&claim, ending).await;
        world.check_at_rest().await;
    })
    .await;
}
