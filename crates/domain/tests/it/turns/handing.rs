//! Agents that talk to each other: a reply is handed on once, and they do not thank each other for ever.

use crate::support::{Taken, World, message, on_both, seconds};
use muster_domain::agents::{self, Agent, Lifecycle};
use muster_domain::conversations::{self, MessageFilter, NewMessage, Sender};
use muster_domain::turns::{self, State};

/// What the tool `send_message_to_agent` does.
async fn tell(world: &World, from: &Agent, to: &Agent, text: &str, depth: i64) -> Taken {
    let sender = Sender { kind: "agent".to_owned(), id: from.id.clone(), name: from.name.clone() };
    let new = NewMessage { conversation: None, channel: "agent".to_owned(), sender, depth, ..message("", text) };
    conversations::post(&world.ctx(), &to.id, new).await.expect("posts").into()
}

async fn texts(world: &World, agent: &Agent) -> Vec<String> {
    let (messages, _) =
        conversations::messages(&world.ctx(), &agent.id, &MessageFilter::default(), 100).await.expect("lists");
    messages.into_iter().map(|message| format!("{} {}: {}", message.role, message.channel, message.content)).collect()
}

#[tokio::test]
async fn a_reply_to_an_agent_is_handed_on_once_and_its_answer_is_not() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.agent("Bob").await);
        tell(&world, &ann, &bob, "what is the time?", 1).await;
        let claim = world.claim_one().await;
        assert_eq!(claim.turn.agent, bob.id);
        world.answer(&claim, "noon", 5).await.expect("answers");
        let handed = world.claim_one().await;
        assert_eq!((handed.turn.agent.as_str(), handed.turn.depth), (ann.id.as_str(), 2));
        world.answer(&handed, "thank you", 5).await.expect("answers");
        assert!(world.claim().await.is_empty(), "no thanks for thanks");
        assert_eq!(texts(&world, &bob).await, ["user agent: what is the time?", "assistant agent: noon"]);
        assert_eq!(texts(&world, &ann).await, ["user agent-reply: noon", "assistant agent-reply: thank you"]);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_reply_that_went_through_too_many_agents_is_not_handed_on() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.agent("Bob").await);
        tell(&world, &ann, &bob, "deep", 8).await;
        world.answer_all("deeper").await;
        assert!(texts(&world, &ann).await.is_empty());
        tell(&world, &ann, &bob, "not so deep", 7).await;
        world.answer_all("fine").await;
        assert_eq!(texts(&world, &ann).await.len(), 2);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_reply_stands_even_when_the_other_agent_is_gone_stopped_or_in_error() {
    on_both(async |world| {
        for fate in ["gone", "stopped", "error", "paused"] {
            let (ann, bob) = (world.agent(&format!("Ann {fate}")).await, world.agent(&format!("Bob {fate}")).await);
            let told = tell(&world, &ann, &bob, "hello", 1).await;
            let claim = world.claim_one().await;
            match fate {
                "gone" => drop(agents::delete(&world.ctx(), &ann.id, true).await.expect("deletes")),
                "stopped" => drop(agents::stop(&world.ctx(), &ann.id).await.expect("stops")),
                "paused" => drop(agents::pause(&world.ctx(), &ann.id).await.expect("pauses")),
                _ => drop(world.tamper(format!("UPDATE agents SET lifecycle = 'error' WHERE id = '{}'", ann.id)).await),
            }
            world.answer(&claim, "hi", 5).await.unwrap_or_else(|error| panic!("{fate}: {error:?}"));
            assert_eq!(world.turn(&told.turn).await.state, State::Succeeded, "{fate}");
            world.check_books().await;
            if fate == "paused" {
                agents::resume(&world.ctx(), &ann.id).await.expect("resumes");
                assert_eq!(world.answer_all("thanks").await, 1, "a paused agent gets it when it is resumed");
            }
        }
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_reply_to_a_person_is_handed_to_nobody() {
    on_both(async |world| {
        let ann = world.agent("Ann").await;
        world.post(&ann, "chat", "hello").await;
        world.answer_all("hi").await;
        assert_eq!(world.count("SELECT count(*) FROM messages", vec![]).await, 2);
        // An agent's message that came another way than by its tool gets a reply, and the reply stays there.
        let sender = Sender { kind: "agent".to_owned(), id: ann.id.clone(), name: "Ann".to_owned() };
        let bob = world.agent("Bob").await;
        conversations::post(&world.ctx(), &bob.id, NewMessage { sender, ..message("chat", "hello") })
            .await
            .expect("posts");
        world.answer_all("hi").await;
        assert_eq!(world.count("SELECT count(*) FROM messages", vec![]).await, 4);
        assert_eq!(world.find(&ann).await.lifecycle, Lifecycle::Active);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_agents_that_reply_to_each_other_at_once_both_succeed() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.agent("Bob").await);
        for round in 0..10 {
            tell(&world, &ann, &bob, "hello Bob", 1).await;
            tell(&world, &bob, &ann, "hello Ann", 1).await;
            let claims = world.claim().await;
            assert_eq!(claims.len(), 2);
            let (one, other) = tokio::join!(world.answer(&claims[0], "hi", 5), world.answer(&claims[1], "hi", 5));
            one.unwrap_or_else(|error| panic!("round {round}: {error:?}"));
            other.unwrap_or_else(|error| panic!("round {round}: {error:?}"));
            world.answer_all("thanks").await;
            world.advance(seconds(1));
        }
        world.check_at_rest().await;
        let turns =
            turns::list(&world.ctx(), &turns::TurnFilter::default(), &crate::support::page(100)).await.expect("lists");
        assert_eq!(turns.items.len(), 40);
    })
    .await;
}
