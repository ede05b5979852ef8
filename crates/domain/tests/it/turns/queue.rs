//! Putting messages into turns, and who has to wait for what.

use crate::support::{Taken, World, on_both, refused, seconds};
use muster_base::Kind;
use muster_domain::agents::{self, Lifecycle};
use muster_domain::conversations::{self, Status};
use muster_domain::turns::{self, Ending, State};

fn held(why: &str) -> (State, Option<String>) {
    (State::Queued, Some(why.to_owned()))
}

const READY: (State, Option<String>) = (State::Queued, None);

async fn status(world: &World, posted: &Taken) -> Status {
    conversations::message(&world.ctx(), &posted.message.agent, &posted.message.id).await.expect("finds it").status
}

#[tokio::test]
async fn messages_that_wait_together_are_answered_together() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let mut woken = world.db.hub().listen("turns", "");
        let first = world.post(&agent, "chat", "one").await;
        crate::support::soon("workers are woken", woken.wait()).await;
        assert_eq!(world.state(&first.turn).await, READY);
        let second = world.post(&agent, "chat", "two").await;
        let other = world.post(&agent, "another", "three").await;
        assert_eq!(first.turn, second.turn);
        assert_ne!(first.turn, other.turn);
        let claims = world.claim().await;
        assert_eq!(claims.len(), 2);
        for posted in [&first, &second, &other] {
            assert_eq!(status(&world, posted).await, Status::Processing);
        }
        for claim in &claims {
            world.answer(claim, "hi", 5).await.expect("answers");
        }
        for posted in [&first, &second, &other] {
            assert_eq!(status(&world, posted).await, Status::Completed);
        }
        let detail = turns::find(&world.ctx(), &first.turn).await.expect("finds it");
        let texts: Vec<&str> = detail.messages.iter().map(|message| message.content.as_str()).collect();
        assert_eq!(texts, ["one", "two", "hi"]);
        assert_eq!(detail.messages[2].reply_to.as_deref(), Some(second.message.id.as_str()));
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn what_comes_while_a_turn_runs_waits_behind_it() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "one").await;
        let claim = world.claim_one().await;
        let second = world.post(&agent, "chat", "two").await;
        let third = world.post(&agent, "chat", "three").await;
        assert_eq!(second.turn, third.turn);
        assert_eq!(world.state(&second.turn).await, held("behind"));
        assert!(world.claim().await.is_empty());
        assert_eq!(status(&world, &second).await, Status::Pending);
        let mut woken = world.db.hub().listen("turns", "");
        world.answer(&claim, "hi", 5).await.expect("answers");
        crate::support::soon("workers are woken", woken.wait()).await;
        assert_eq!(world.state(&second.turn).await, READY);
        assert_eq!(world.answer_all("hi").await, 1);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn an_interrupting_message_asks_the_running_turn_to_end() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let first = world.post(&agent, "chat", "one").await;
        let claim = world.claim_one().await;
        assert_eq!(turns::cancel_wanted(&world.ctx(), &claim.lease).await.expect("own"), None);
        let mut cancelled = world.db.hub().listen("turn-cancel", &claim.turn.id);
        let second = world.interrupt(&agent, "chat", "stop that").await;
        crate::support::soon("the worker is told", cancelled.wait()).await;
        assert_eq!(turns::cancel_wanted(&world.ctx(), &claim.lease).await.expect("own").as_deref(), Some("interrupt"));
        world.end(&claim, Ending::Cancelled { why: "interrupt".to_owned() }).await;
        assert_eq!(
            (status(&world, &first).await, world.turn(&first.turn).await.state),
            (Status::Cancelled, State::Cancelled)
        );
        assert_eq!(world.state(&second.turn).await, READY);
        assert_eq!(world.answer_all("hi").await, 1);
        assert_eq!(status(&world, &second).await, Status::Completed);
        world.check_at_rest().await;
        let alone = world.interrupt(&agent, "chat", "nothing to interrupt").await;
        assert_eq!(world.state(&alone.turn).await, READY);
    })
    .await;
}

#[tokio::test]
async fn a_paused_agent_finishes_and_what_comes_waits_until_it_is_resumed() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "running", "one").await;
        let claim = world.claim_one().await;
        let waiting = world.post(&agent, "waiting", "two").await;
        agents::pause(&world.ctx(), &agent.id).await.expect("pauses");
        assert_eq!(world.state(&waiting.turn).await, held("paused"));
        let behind = world.post(&agent, "running", "three").await;
        let fresh = world.post(&agent, "fresh", "four").await;
        assert_eq!((world.state(&behind.turn).await, world.state(&fresh.turn).await), (held("behind"), held("paused")));
        world.answer(&claim, "hi", 5).await.expect("a running turn finishes");
        assert_eq!(world.state(&behind.turn).await, held("paused"), "what was behind it is held now by the pause");
        assert!(world.claim().await.is_empty());
        agents::resume(&world.ctx(), &agent.id).await.expect("resumes");
        assert_eq!(world.answer_all("hi").await, 3);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_stopped_agents_turn_is_broken_off_and_done_again_once_it_is_started() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let posted = world.post(&agent, "chat", "one").await;
        let claim = world.claim_one().await;
        let behind = world.post(&agent, "chat", "two").await;
        agents::stop(&world.ctx(), &agent.id).await.expect("stops");
        assert_eq!(turns::cancel_wanted(&world.ctx(), &claim.lease).await.expect("own").as_deref(), Some("stop"));
        world.end(&claim, Ending::Cancelled { why: "stop".to_owned() }).await;
        assert_eq!(status(&world, &posted).await, Status::Pending);
        assert_eq!(world.state(&behind.turn).await, held("paused"), "both wait in one turn");
        assert!(world.claim().await.is_empty());
        world.check_books().await;
        agents::set_status(&world.ctx(), &agent.id, Lifecycle::Active).await.expect("starts");
        assert_eq!(world.answer_all("hi").await, 1);
        assert_eq!(
            (status(&world, &posted).await, status(&world, &behind).await),
            (Status::Completed, Status::Completed)
        );
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_was_started_again_before_its_turn_broke_off_does_not_forget_the_message() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let posted = world.post(&agent, "chat", "one").await;
        let claim = world.claim_one().await;
        agents::stop(&world.ctx(), &agent.id).await.expect("stops");
        agents::set_status(&world.ctx(), &agent.id, Lifecycle::Active).await.expect("starts");
        world.end(&claim, Ending::Cancelled { why: "stop".to_owned() }).await;
        assert_eq!(world.answer_all("hi").await, 1, "the message is taken up again");
        assert_eq!(status(&world, &posted).await, Status::Completed);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_turn_that_failed_while_its_agent_was_paused_is_not_tried_again_before_it_is_resumed() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let posted = world.post(&agent, "chat", "one").await;
        let claim = world.claim_one().await;
        agents::pause(&world.ctx(), &agent.id).await.expect("pauses");
        let failed = Ending::Failed {
            code: "MODEL_ERROR",
            message: "no luck".to_owned(),
            remind_after: Some(seconds(10)),
            agent_error: None,
        };
        world.end(&claim, failed).await;
        world.advance(seconds(60));
        assert!(world.claim().await.is_empty(), "a paused agent takes no turn");
        agents::resume(&world.ctx(), &agent.id).await.expect("resumes");
        assert_eq!(world.answer_all("hi").await, 1);
        assert_eq!(status(&world, &posted).await, Status::Completed);
    })
    .await;
}

#[tokio::test]
async fn a_waiting_turn_is_cancelled_at_once_and_a_running_one_is_asked() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let waiting = world.post(&agent, "chat", "one").await;
        let cancelled = turns::cancel(&world.ctx(), &waiting.turn).await.expect("cancels");
        assert_eq!((cancelled.state, cancelled.finished_at), (State::Cancelled, Some(world.now())));
        assert_eq!(status(&world, &waiting).await, Status::Cancelled);
        assert!(world.claim().await.is_empty());
        let stream = turns::stream_after(&world.app, &waiting.turn, 0, 10).await.expect("reads");
        assert!(stream.last().is_some_and(turns::Streamed::is_last), "readers of its stream come to an end");

        let running = world.post(&agent, "chat", "two").await;
        let claim = world.claim_one().await;
        let behind = world.post(&agent, "chat", "three").await;
        let asked = turns::cancel(&world.ctx(), &running.turn).await.expect("asks");
        assert_eq!((asked.state, asked.cancel.as_deref()), (State::Running, Some("user")));
        turns::cancel(&world.ctx(), &running.turn).await.expect("twice is not an error");
        world.end(&claim, Ending::Cancelled { why: "user".to_owned() }).await;
        assert_eq!(status(&world, &running).await, Status::Cancelled);
        turns::cancel(&world.ctx(), &behind.turn).await.expect("cancels");
        let ended = turns::cancel(&world.ctx(), &running.turn).await.expect("an ended turn is left as it is");
        assert_eq!(ended.state, State::Cancelled);
        assert_eq!(refused(turns::cancel(&world.ctx(), "turn_x").await).kind(), Kind::NotFound);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn turns_are_listed_by_what_they_are_newest_first() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.agent("Bob").await);
        let done = world.post(&ann, "a", "1").await;
        world.answer_all("hi").await;
        world.advance(seconds(1));
        let waiting = world.post(&ann, "b", "2").await;
        let others = world.post(&bob, "c", "3").await;
        let list = async |filter: turns::TurnFilter| {
            let mut ids = vec![];
            let mut after = None;
            loop {
                let page = turns::list(&world.ctx(), &filter, &muster_base::PageRequest { limit: 1, after })
                    .await
                    .expect("lists");
                ids.extend(page.items.into_iter().map(|turn| turn.id));
                after = page.next;
                if after.is_none() {
                    return ids;
                }
            }
        };
        let all = turns::TurnFilter::default;
        assert_eq!(list(all()).await, [others.turn.clone(), waiting.turn.clone(), done.turn.clone()]);
        assert_eq!(
            list(turns::TurnFilter { agent: Some(ann.id.clone()), ..all() }).await,
            [waiting.turn.clone(), done.turn.clone()]
        );
        let succeeded = list(turns::TurnFilter { state: Some(State::Succeeded), ..all() }).await;
        assert_eq!(succeeded, std::slice::from_ref(&done.turn));
        let conversation = world.turn(&waiting.turn).await.conversation;
        assert_eq!(list(turns::TurnFilter { conversation: Some(conversation), ..all() }).await, [waiting.turn]);
    })
    .await;
}
