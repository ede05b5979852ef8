//! Interrupting agents, and waiting for what they reply.

use crate::support::{World, on_both, refused, seconds, soon};
use muster_base::Kind;
use muster_domain::access::{self, Role};
use muster_domain::agents::{self, Agent};
use muster_domain::conversations::{self, Message};
use muster_domain::inbox;
use muster_domain::interrupts::{self, Awaited};
use muster_domain::turns::{self, Ending, State};
use muster_domain::{Ctx, Request};
use std::time::Duration;

async fn interrupt(ctx: &Ctx, agent: &Agent, reason: &str) -> (Message, bool) {
    let done = interrupts::interrupt(ctx, &agent.id, reason).await.expect("interrupts");
    (done.message, done.is_delivered)
}

async fn wait(world: &World, message: &Message, seconds: u64) -> Awaited {
    interrupts::wait_for_reply(&world.ctx(), message, Duration::from_secs(seconds)).await.expect("waits")
}

/// A waiter that runs on its own.
fn waiter(world: &World, message: &Message) -> tokio::task::JoinHandle<Awaited> {
    let (ctx, message) = (world.ctx(), message.clone());
    tokio::spawn(async move { interrupts::wait_for_reply(&ctx, &message, seconds(60)).await.expect("waits") })
}

async fn answered(waiter: tokio::task::JoinHandle<Awaited>) -> String {
    let awaited = soon("the reply", waiter).await.expect("no panic");
    assert_eq!((awaited.is_delivered, &awaited.problem), (true, &None));
    awaited.reply.expect("a reply").content
}

#[tokio::test]
async fn an_interrupt_breaks_off_what_a_hosted_agent_does_in_that_conversation() {
    on_both(async |world| {
        let ann = world.agent("Ann").await;
        let (first, is_delivered) = interrupt(&world.ctx(), &ann, "think about everything").await;
        assert!(is_delivered);
        assert_eq!((first.channel.as_str(), first.queue_mode.as_str()), ("network", "interrupt"));
        let running = world.claim_one().await;
        let (second, is_delivered) = interrupt(&world.ctx(), &ann, "never mind").await;
        assert!(is_delivered, "it begins as soon as the other has broken off");
        assert_eq!(second.conversation, first.conversation);
        let wanted = turns::cancel_wanted(&world.ctx_of(&running.turn), &running.lease).await.expect("looks");
        assert_eq!(wanted.as_deref(), Some("interrupt"));
        let ending = Ending::Cancelled { why: "interrupt".to_owned() };
        world.end(&running, ending).await;
        let (one, two) = (wait(&world, &first, 0).await, waiter(&world, &second));
        assert_eq!(one.problem.as_deref(), Some("a newer message interrupted the turn"));
        assert_eq!(one.reply, None);
        assert_eq!(world.answer_all("as you like").await, 1);
        assert_eq!(answered(two).await, "as you like");
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn messages_that_one_turn_took_up_have_one_reply() {
    on_both(async |world| {
        let ann = world.agent("Ann").await;
        let (zero, _) = interrupt(&world.ctx(), &ann, "zero").await;
        let running = world.claim_one().await;
        let (one, _) = interrupt(&world.ctx(), &ann, "one").await;
        let (two, _) = interrupt(&world.ctx(), &ann, "two").await;
        assert_eq!(one.turn, two.turn);
        let waiters = [waiter(&world, &one), waiter(&world, &two)];
        // The turn was at its last step and did not look any more.
        world.answer(&running, "nought", 1).await.expect("answers");
        assert_eq!(wait(&world, &zero, 60).await.reply.expect("a reply").content, "nought");
        assert_eq!(world.answer_all("both").await, 1);
        for waiter in waiters {
            assert_eq!(answered(waiter).await, "both");
        }
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_failed_or_cancelled_turn_ends_the_wait() {
    on_both(async |world| {
        let ann = world.agent("Ann").await;
        let (failing, _) = interrupt(&world.ctx(), &ann, "fail").await;
        let waiting = waiter(&world, &failing);
        let claim = world.claim_one().await;
        let ending = Ending::Failed {
            code: "MODEL_ERROR",
            message: "the model is gone".to_owned(),
            remind_after: None,
            agent_error: None,
        };
        world.end(&claim, ending).await;
        let awaited = soon("the end", waiting).await.expect("no panic");
        assert_eq!((awaited.reply, awaited.problem.as_deref()), (None, Some("the model is gone")));

        let (cancelled, _) = interrupt(&world.ctx(), &ann, "cancel").await;
        let waiting = waiter(&world, &cancelled);
        let turn = turns::cancel(&world.ctx(), cancelled.turn.as_deref().expect("a turn")).await.expect("cancels");
        assert_eq!(turn.state, State::Cancelled);
        let awaited = soon("the end", waiting).await.expect("no panic");
        assert_eq!((awaited.reply, awaited.problem.as_deref()), (None, Some("the turn was cancelled")));

        let (gone, _) = interrupt(&world.ctx(), &ann, "go").await;
        agents::delete(&world.ctx(), &ann.id, false).await.expect("deletes");
        assert_eq!(wait(&world, &gone, 60).await.problem.as_deref(), Some("the agent was deleted"));
    })
    .await;
}

#[tokio::test]
async fn a_wait_is_over_when_its_time_is() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.elsewhere("Bob").await);
        for agent in [&ann, &bob] {
            let (asked, _) = interrupt(&world.ctx(), agent, "anybody?").await;
            assert_eq!(wait(&world, &asked, 0).await, Awaited::default());
            assert_eq!(soon("a second", wait(&world, &asked, 1)).await, Awaited::default());
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_yet_is_queued() {
    on_both(async |world| {
        let (paused, elsewhere) = (world.agent("Paused").await, world.elsewhere("Elsewhere").await);
        agents::pause(&world.ctx(), &paused.id).await.expect("pauses");
        for agent in [&paused, &elsewhere] {
            let (_, is_delivered) = interrupt(&world.ctx(), agent, "later").await;
            assert!(!is_delivered, "{}", agent.name);
        }
    })
    .await;
}

#[tokio::test]
async fn a_linked_agent_has_it_when_its_link_has_taken_it() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        world.link(&ann).await;
        // What the link does: it wakes, takes what waits, and says so.
        let (ctx, id) = (world.ctx_with_token(&ann), ann.id.clone());
        let mut inbox = world.app.db.hub().listen("inbox", &ann.id);
        let pushed = tokio::spawn(async move {
            inbox.wait().await;
            let waiting = inbox::undelivered(&ctx, &id, 0, 10).await.expect("lists");
            let ids: Vec<String> = waiting.into_iter().map(|message| message.id).collect();
            inbox::mark_delivered(&ctx, &id, &ids).await.expect("marks");
            inbox::reply(&ctx, &id, &ids[0], "here".to_owned()).await.expect("replies");
        });
        let (message, is_delivered) = soon("the push", interrupt(&world.ctx(), &ann, "are you there?")).await;
        assert!(is_delivered);
        assert_eq!(answered(waiter(&world, &message)).await, "here");
        pushed.await.expect("no panic");
    })
    .await;
}

#[tokio::test]
async fn a_link_of_a_silent_node_is_not_waited_for() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        world.link(&ann).await;
        world.advance(seconds(31));
        let began = tokio::time::Instant::now();
        assert!(!interrupt(&world.ctx(), &ann, "are you there?").await.1);
        assert!(began.elapsed() < Duration::from_secs(2));
        // A node that beats and does not deliver is waited for a moment only.
        let now = world.now().0;
        world.tamper(format!("UPDATE nodes SET beat_at = {now}")).await;
        assert!(!soon("a moment", interrupt(&world.ctx(), &ann, "are you there?")).await.1);
        assert_eq!(inbox::undelivered(&world.ctx(), &ann.id, 0, 10).await.expect("lists").len(), 2, "both wait");
    })
    .await;
}

#[tokio::test]
async fn agents_interrupt_each_other_under_their_names_and_get_the_reply() {
    on_both(async |world| {
        let (ann, host) = (world.elsewhere("Ann").await, world.agent("Host").await);
        let own = world.ctx_with_token(&ann);
        let (message, is_delivered) = interrupt(&own, &host, "what is up?").await;
        assert!(is_delivered);
        assert_eq!((message.sender_type.as_str(), &message.sender), ("agent", &ann.id));
        assert_eq!(message.channel, "agent", "where all is that agents tell each other");
        world.answer_all("nothing").await;
        let waiting = inbox::undelivered(&own, &ann.id, 0, 10).await.expect("lists");
        assert_eq!((waiting.len(), waiting[0].content.as_str()), (1, "nothing"));
        assert_eq!(waiting[0].reply_to.as_ref(), Some(&message.id));
        assert_eq!(refused(interrupts::interrupt(&own, "Ann", "me").await).kind(), Kind::Conflict);
    })
    .await;
}

#[tokio::test]
async fn a_token_that_is_no_agent_sends_under_its_own_name() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        let (token, secret) = access::create_agent_token(&world.ctx(), "fleet", None).await.expect("makes a token");
        let principal = access::identify(&world.app, secret.expose()).await.expect("is known");
        let ctx = Ctx::new(world.app.clone(), principal, Request::default());
        let (message, _) = interrupt(&ctx, &ann, "hello").await;
        assert_eq!((message.sender_type.as_str(), &message.sender), ("user", &token.id));
        let waiting = inbox::undelivered(&world.ctx(), &ann.id, 0, 10).await.expect("lists");
        assert_eq!(waiting[0].from, "fleet");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_said_so_and_leaves_nothing() {
    on_both(async |world| {
        let ann = world.agent("Ann").await;
        let ctx = world.ctx_as("usr_1", Role::Operator);
        for (agent, reason, kind) in [
            ("Ann", " ", Kind::Invalid),
            ("Ann", "x".repeat(1024 * 1024 + 1).as_str(), Kind::Invalid),
            ("Nobody", "x", Kind::NotFound),
        ] {
            assert_eq!(refused(interrupts::interrupt(&ctx, agent, reason).await).kind(), kind);
        }
        let other = world.ctx_in("other").await;
        for name in [ann.id.clone(), ann.number.to_string(), "Ann".to_owned()] {
            assert_eq!(refused(interrupts::interrupt(&other, &name, "x").await).kind(), Kind::NotFound);
        }
        agents::stop(&world.ctx(), &ann.id).await.expect("stops");
        assert_eq!(refused(interrupts::interrupt(&ctx, "Ann", "x").await).kind(), Kind::Conflict);
        assert_eq!(world.count("SELECT count(*) FROM messages", vec![]).await, 0);
        let (asked, _) = interrupt(&world.ctx(), &world.agent("Bob").await, "hello").await;
        let foreign = interrupts::wait_for_reply(&other, &asked, seconds(60)).await.expect("waits");
        assert_eq!(foreign.reply, None, "another org's message is not there");
    })
    .await;
}

#[tokio::test]
async fn a_repeated_request_interrupts_once() {
    on_both(async |world| {
        let ann = world.agent("Ann").await;
        let first = interrupt(&world.repeatable("k"), &ann, "once").await.0;
        let again = interrupt(&world.repeatable("k"), &ann, "once").await.0;
        assert_eq!(first.id, again.id);
        let (all, _) = conversations::messages(&world.ctx(), &ann.id, &conversations::MessageFilter::default(), 10)
            .await
            .expect("lists");
        assert_eq!(all.len(), 1);
    })
    .await;
}
