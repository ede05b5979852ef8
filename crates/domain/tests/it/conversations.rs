//! Conversations: what was said, to whom, and what of it is shown.

use crate::support::{World, message, model_call, on_both, page, refused, seconds};
use muster_base::{Kind, PageRequest};
use muster_domain::agents::{self, Agent};
use muster_domain::conversations::{self, Conversation, Message, MessageFilter, NewMessage, Sender, Status};
use muster_domain::{events, turns, usage};
use muster_store::args;

async fn conversation_of(world: &World, message: &Message) -> Conversation {
    let id: String =
        world.db.one("SELECT conversation_id FROM messages WHERE id = $1", args![&message.id]).await.expect("reads");
    conversations::conversation(&world.ctx(), &id).await.expect("finds it")
}

fn texts(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.content.as_str()).collect()
}

async fn list(world: &World, agent: &Agent, filter: MessageFilter, limit: i64) -> (Vec<String>, bool) {
    let (messages, more) = conversations::messages(&world.ctx(), &agent.id, &filter, limit).await.expect("lists");
    (messages.into_iter().map(|message| message.content).collect(), more)
}

#[tokio::test]
async fn a_message_is_kept_as_it_was_said() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let new = NewMessage { metadata: Some("{\"a\":1}".to_owned()), ..message("chat-1", "ünï 𝄞\n\"quoted\"") };
        let posted = conversations::post(&world.ctx(), &agent.id, new).await.expect("posts");
        let found = conversations::message(&world.ctx(), &agent.id, &posted.message.id).await.expect("finds it");
        assert_eq!(found, posted.message);
        assert_eq!((found.conversation.as_str(), found.seq, found.status), ("chat-1", 1, Status::Pending));
        assert_eq!((found.metadata.as_deref(), &found.turn), (Some("{\"a\":1}"), &posted.turn));
        assert!(found.turn.is_some() && found.number.is_some());
        let conversation = conversation_of(&world, &found).await;
        assert_eq!(
            (conversation.name.as_str(), conversation.message_count, conversation.counterparty.name.as_str()),
            ("chat-1", 1, "Ann")
        );
        assert_eq!(conversation.last_message_preview.as_deref(), Some("ünï 𝄞 \"quoted\""));
        let other = world.agent("Bob").await;
        assert_eq!(refused(conversations::message(&world.ctx(), &other.id, &found.id).await).kind(), Kind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_message_is_named_and_nothing_is_kept() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let large = "x".repeat(1024 * 1024 + 1);
        let bulky = NewMessage { metadata: Some("x".repeat(64 * 1024 + 1)), ..message("chat", "hello") };
        let cases = [
            (message("chat", ""), Kind::Invalid, "content"),
            (message("chat", " \n\t"), Kind::Invalid, "content"),
            (message("chat", &large), Kind::Invalid, "content"),
            (bulky, Kind::Invalid, "metadata"),
            (message("", "hello"), Kind::Invalid, "conversation_id"),
            (message("a b", "hello"), Kind::Invalid, "conversation_id"),
            (message(&"x".repeat(65), "hello"), Kind::Invalid, "conversation_id"),
            (message("conv_unknown", "hello"), Kind::NotFound, "conversation_id"),
        ];
        for (new, kind, field) in cases {
            let error = refused(conversations::post(&world.ctx(), &agent.id, new).await);
            assert_eq!((error.kind(), error.field()), (kind, Some(field)));
        }
        let nul = refused(world.try_post(&agent, "chat", "a\0b").await);
        assert_eq!(nul.kind(), Kind::Invalid);
        assert_eq!(
            refused(conversations::post(&world.ctx(), "nobody", message("chat", "hello")).await).kind(),
            Kind::NotFound
        );
        assert_eq!(world.find(&agent).await, agent);
        world.check_at_rest().await;
        world.post(&agent, "chat", &"x".repeat(1024 * 1024)).await;
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_is_stopped_or_in_error_takes_no_message() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        for state in ["stopped", "error"] {
            world.tamper(format!("UPDATE agents SET lifecycle = '{state}'")).await;
            let error = refused(world.try_post(&agent, "chat", "hello").await);
            assert_eq!((error.kind(), error.code()), (Kind::Unavailable, "agent.unavailable"));
        }
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn who_names_no_conversation_gets_their_own_one_per_channel() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let post = async |sender: &str, channel: &str| {
            let sender = Sender { kind: "user".to_owned(), id: sender.to_owned(), name: sender.to_owned() };
            let new = NewMessage { conversation: None, sender, channel: channel.to_owned(), ..message("", "hello") };
            conversations::post(&world.ctx(), &agent.id, new).await.expect("posts").message.conversation
        };
        let first = post("ann", "api").await;
        assert!(first.starts_with("conv_"));
        assert_eq!(post("ann", "api").await, first);
        assert_ne!(post("bob", "api").await, first);
        assert_ne!(post("ann", "discord").await, first);
        let by_id = conversations::post(&world.ctx(), &agent.id, message(&first, "by its id")).await.expect("posts");
        assert_eq!(by_id.message.conversation, first);
        assert_eq!(conversation_of(&world, &by_id.message).await.message_count, 3);
        let other = world.agent("Bob").await;
        let foreign = conversations::post(&world.ctx(), &other.id, message(&first, "another agent's")).await;
        assert_eq!(refused(foreign).kind(), Kind::NotFound);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_first_messages_at_once_make_one_conversation_in_order() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let tasks: Vec<_> = (0..20)
            .map(|n| {
                let (ctx, id) = (world.ctx(), agent.id.clone());
                tokio::spawn(async move { conversations::post(&ctx, &id, message("chat", &format!("{n}"))).await })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic").expect("posts");
        }
        assert_eq!(world.count("SELECT count(*) FROM conversations", vec![]).await, 1);
        assert_eq!(world.count("SELECT count(*) FROM turns", vec![]).await, 1);
        let seqs: Vec<i64> = world.db.all("SELECT seq FROM messages ORDER BY seq", vec![]).await.expect("reads");
        assert_eq!(seqs, (1..=20).collect::<Vec<_>>());
        world.check_books().await;
    })
    .await;
}

#[tokio::test]
async fn messages_are_read_from_both_ends_and_by_what_they_are() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let mut ids = vec![];
        for n in 0..6 {
            let conversation = if n % 2 == 0 { "even" } else { "odd" };
            let channel = if n == 5 { "discord" } else { "api" };
            let new = NewMessage { channel: channel.to_owned(), ..message(conversation, &format!("m{n}")) };
            ids.push(conversations::post(&world.ctx(), &agent.id, new).await.expect("posts").message.id);
        }
        let filter = MessageFilter::default;
        assert_eq!(
            list(&world, &agent, filter(), 10).await,
            (vec!["m0", "m1", "m2", "m3", "m4", "m5"].into_iter().map(str::to_owned).collect(), false)
        );
        let names = async |filter, limit| {
            let (names, more) = list(&world, &agent, filter, limit).await;
            (names.join(" "), more)
        };
        assert_eq!(names(filter(), 2).await, ("m4 m5".to_owned(), true));
        let before = MessageFilter { before: Some(ids[4].clone()), ..filter() };
        assert_eq!(names(before, 3).await, ("m1 m2 m3".to_owned(), true));
        let after = MessageFilter { after: Some(ids[1].clone()), ..filter() };
        assert_eq!(names(after.clone(), 3).await, ("m2 m3 m4".to_owned(), true));
        assert_eq!(names(after, 4).await, ("m2 m3 m4 m5".to_owned(), false));
        let between = MessageFilter { after: Some(ids[1].clone()), before: Some(ids[4].clone()), ..filter() };
        assert_eq!(names(between, 10).await, ("m2 m3".to_owned(), false));
        let odd = MessageFilter { conversation: Some("odd".to_owned()), ..filter() };
        assert_eq!(names(odd, 10).await, ("m1 m3 m5".to_owned(), false));
        let discord = MessageFilter { channel: Some("discord".to_owned()), ..filter() };
        assert_eq!(names(discord, 10).await, ("m5".to_owned(), false));
        let done = MessageFilter { status: Some(Status::Completed), ..filter() };
        assert_eq!(names(done, 10).await, (String::new(), false));
        for (filter, kind) in [
            (MessageFilter { before: Some("msg_x".to_owned()), ..filter() }, Kind::Invalid),
            (MessageFilter { after: Some("msg_x".to_owned()), ..filter() }, Kind::Invalid),
            (MessageFilter { conversation: Some("none".to_owned()), ..filter() }, Kind::NotFound),
        ] {
            assert_eq!(refused(conversations::messages(&world.ctx(), &agent.id, &filter, 10).await).kind(), kind);
        }
    })
    .await;
}

#[tokio::test]
async fn conversations_are_listed_latest_first_with_their_latest_messages() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.agent("Bob").await);
        for (agent, conversation, count) in [(&ann, "first", 5), (&ann, "second", 1), (&bob, "third", 2)] {
            for n in 0..count {
                world.post(agent, conversation, &format!("{conversation} {n}")).await;
            }
            world.advance(seconds(1));
        }
        let names = async |agent: Option<&str>, limit| {
            let mut names = vec![];
            let mut after = None;
            loop {
                let page = conversations::conversations(&world.ctx(), agent, &PageRequest { limit, after })
                    .await
                    .expect("lists");
                names.extend(page.items.into_iter().map(|conversation| conversation.name));
                after = page.next;
                if after.is_none() {
                    return names;
                }
            }
        };
        assert_eq!(names(None, 2).await, ["third", "second", "first"]);
        assert_eq!(names(Some(&ann.id), 1).await, ["second", "first"]);
        let listed = conversations::conversations(&world.ctx(), Some(&ann.id), &page(10)).await.expect("lists");
        let recent = conversations::recent_of(&world.ctx(), &listed.items[1].id, 2).await.expect("lists");
        assert_eq!(texts(&recent), ["first 3", "first 4"]);
    })
    .await;
}

#[tokio::test]
async fn a_counterparty_comes_once_however_many_conversations_there_are_with_it() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.agent("Bob").await);
        let say = async |agent: &Agent, who: &str, conversation: &str, content: &str| {
            let sender = Sender { kind: "user".to_owned(), id: who.to_owned(), name: who.to_owned() };
            let new = NewMessage { sender, ..message(conversation, content) };
            conversations::post(&world.ctx(), &agent.id, new).await.expect("posts");
            world.advance(seconds(1));
        };
        say(&ann, "eve", "one", "eve 0").await;
        say(&ann, "max", "three", "max 0").await;
        say(&ann, "eve", "two", "eve 1").await;
        say(&ann, "eve", "one", "eve 2").await;
        say(&bob, "eve", "four", "not here").await;
        world.answer_all("reply").await;
        for n in 0..120 {
            say(&ann, "tim", &format!("many-{n}"), &format!("tim {n}")).await;
        }
        let list = async |limit, most| {
            let mut shown = vec![];
            let mut after = None;
            loop {
                let page = PageRequest { limit, after };
                let page = conversations::counterparties(&world.ctx(), &ann.id, &page, most).await.expect("lists");
                for (with, messages) in &page.items {
                    let counts = (with.message_count, with.unread_count);
                    shown.push((with.counterparty.name.clone(), counts, texts(messages).join(", ")));
                }
                after = page.next;
                if after.is_none() {
                    return shown;
                }
            }
        };
        let row = |name: &str, counts, messages: &str| (name.to_owned(), counts, messages.to_owned());
        let expected = [
            row("tim", (120, 0), "tim 118, tim 119"),
            row("eve", (5, 2), "reply, reply"),
            row("max", (2, 1), "max 0, reply"),
        ];
        for limit in [1, 2, 50] {
            let mut shown = list(limit, 2).await;
            // Which of the two was answered last is not ours to say.
            shown[1..].sort();
            assert_eq!(shown, expected, "{limit} a page");
        }
        let all = list(50, 50).await;
        assert!(all.iter().any(|(_, _, texts)| texts.starts_with("eve 0, eve 1, eve 2, reply")), "{all:?}");
        let tims = all.iter().find(|(name, ..)| name == "tim").expect("is there");
        assert!(tims.2.starts_with("tim 70, tim 71") && tims.2.ends_with("tim 119"), "{tims:?}");
        let nobody = world.agent("Nobody").await;
        let none = conversations::counterparties(&world.ctx(), &nobody.id, &page(10), 3).await.expect("lists");
        assert!(none.items.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_reply_is_unread_until_it_is_read_once() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let posted = world.post(&agent, "chat", "hello").await;
        world.answer_all("hi").await;
        world.post(&agent, "chat", "again").await;
        world.answer_all("hi again").await;
        let conversation = conversation_of(&world, &posted.message).await;
        assert_eq!((conversation.unread_count, conversation.message_count), (2, 4));
        world.advance(seconds(5));
        let read = conversations::mark_read(&world.ctx(), &conversation.id).await.expect("marks");
        assert_eq!(read.unread_count, 0);
        let events = world.event_kinds().await;
        assert_eq!(events.last().map(String::as_str), Some("conversation.read"));
        conversations::mark_read(&world.ctx(), &conversation.id).await.expect("twice is not an error");
        assert_eq!(world.event_kinds().await.len(), events.len(), "and no second event");
        let replies = world
            .count("SELECT count(*) FROM messages WHERE role = 'assistant' AND read_at = $1", args![world.now()])
            .await;
        assert_eq!(replies, 2);
        assert_eq!(refused(conversations::mark_read(&world.ctx(), "conv_x").await).kind(), Kind::NotFound);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn the_model_sees_the_conversation_from_its_summary_on_and_no_more_than_asked() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        for n in 0..4 {
            world.post(&agent, "chat", &format!("question {n}")).await;
            world.answer_all(&format!("reply {n}")).await;
        }
        world.post(&agent, "elsewhere", "not here").await;
        let own = world.post(&agent, "chat", "question 4").await;
        let behind = world.claim().await;
        let claim = behind.iter().find(|claim| claim.turn.id == own.turn).expect("is claimed");
        let late = world.post(&agent, "chat", "said while it runs").await;
        let history = async |after, to, limit| {
            let messages = conversations::history(&world.db, "acme", &claim.turn.conversation, after, to, limit)
                .await
                .expect("reads");
            messages.iter().map(|message| message.content.clone()).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(history(0, own.message.seq, 3).await, "question 3, reply 3, question 4");
        assert_eq!(history(6, own.message.seq, 100).await, "question 3, reply 3, question 4");
        assert_eq!(history(0, 4, 100).await, "question 0, reply 0, question 1, reply 1");
        assert!(!history(0, i64::MAX, 100).await.contains("while it runs"), "what waits is not shown");
        assert_eq!(
            texts(&conversations::messages_of_turn(&world.db, "acme", &late.turn).await.expect("reads")),
            ["said while it runs"]
        );

        let compact = async |seq: i64, text: &str| {
            turns::finish_compaction(
                &world.ctx_of(&claim.turn),
                &claim.lease,
                model_call(seq, 5),
                turns::Compacted::Summary { text: text.to_owned(), seq },
                50,
            )
            .await
            .expect("writes")
        };
        assert_eq!(compact(6, "they said much").await, 50);
        let after = conversation_of(&world, &own.message).await;
        assert_eq!((after.summary.as_deref(), after.summary_seq), (Some("they said much"), 6));
        compact(4, "an older one").await;
        let after = conversation_of(&world, &own.message).await;
        assert_eq!(
            (after.summary.as_deref(), after.summary_seq),
            (Some("they said much"), 6),
            "a summary never goes back"
        );
    })
    .await;
}

#[tokio::test]
async fn a_repeated_post_is_one_message_even_when_the_answer_was_lost() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let post =
            async |key: &str| conversations::post(&world.repeatable(key), &agent.id, message("chat", "hello")).await;
        let first = post("key-1").await.expect("posts");
        // The server stopped before the answer was noted: the record has the message, but no answer.
        let again = post("key-1").await.expect("finds it");
        assert_eq!(
            (again.message.id.as_str(), again.turn.as_deref()),
            (first.message.id.as_str(), first.turn.as_deref())
        );
        let ctx = world.repeatable("key-1");
        let key = ctx.request().idempotency.clone().expect("a key");
        let known = muster_domain::idempotency::find(&ctx, &key).await.expect("reads").expect("known");
        assert_eq!(
            (known.subject.as_deref(), known.answer, known.fingerprint.as_str()),
            (Some(first.message.id.as_str()), None, "fingerprint")
        );
        muster_domain::idempotency::answered(&ctx, &key, 201, "{}".to_owned()).await.expect("notes");
        let known = muster_domain::idempotency::find(&ctx, &key).await.expect("reads").expect("known");
        assert_eq!(known.answer, Some((201, "{}".to_owned())));
        world.answer_all("hi").await;
        assert_eq!(post("key-1").await.expect("finds it").message.status, Status::Completed, "as it is by now");
        post("key-2").await.expect("another key is another message");
        assert_eq!(world.count("SELECT count(*) FROM messages WHERE role = 'user'", vec![]).await, 2);
        let refused_post = conversations::post(&world.repeatable("key-3"), &agent.id, message("chat", "")).await;
        assert!(refused_post.is_err());
        post("key-3").await.expect("what was refused may be repeated rightly");
        world.check_books().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_post_many_times_at_once_is_one_message() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let (ctx, id) = (world.repeatable("key"), agent.id.clone());
                tokio::spawn(async move { conversations::post(&ctx, &id, message("chat", "hello")).await })
            })
            .collect();
        let mut ids = std::collections::BTreeSet::new();
        for task in tasks {
            match task.await.expect("no panic") {
                Ok(posted) => drop(ids.insert(posted.message.id)),
                Err(error) => assert_eq!((error.code(), error.retry_after()), ("idempotency.in_progress", Some(1))),
            }
        }
        assert_eq!(ids.len(), 1);
        assert_eq!(world.count("SELECT count(*) FROM messages", vec![]).await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_overview_counts_what_there_is() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.agent_with_balance("Bob", 0).await);
        agents::pause(&world.ctx(), &world.agent("Paused").await.id).await.expect("pauses");
        world.post(&ann, "old", "long ago").await;
        world.answer_all("then").await;
        world.advance(seconds(25 * 3600));
        world.post(&ann, "a", "hello").await;
        world.answer_all("hi").await;
        world.advance(seconds(3600));
        for conversation in ["a", "b"] {
            world.post(&ann, conversation, "hello").await;
        }
        assert_eq!(world.claim().await.len(), 2);
        world.post(&ann, "a", "behind").await;
        world.post(&bob, "starving", "hello").await;
        assert!(world.claim().await.is_empty());
        let overview = usage::overview(&world.ctx()).await.expect("counts");
        let pairs = |pairs: &[(String, i64)]| {
            pairs.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(pairs(&overview.lifecycle), "active 2, paused 1");
        assert_eq!(pairs(&overview.presence), "busy 1, online 2");
        assert_eq!((overview.running, overview.queued, overview.failed, overview.output_tokens), (2, 2, 1, 10));
        assert_eq!(overview.hours.len(), 24);
        let last: Vec<(i64, i64)> = overview.hours[22..].iter().map(|hour| (hour.received, hour.sent)).collect();
        assert_eq!(last, [(1, 1), (4, 0)]);
        assert_eq!(overview.hours.iter().map(|hour| hour.received + hour.sent).sum::<i64>(), 6);
        assert!(overview.hours.windows(2).all(|pair| pair[1].hour.0 - pair[0].hour.0 == 3_600_000));
        assert!(overview.hours[23].hour <= world.now() && world.now().0 < overview.hours[23].hour.0 + 3_600_000);
        let kinds = events::list(&world.ctx(), &events::EventFilter::default(), 1000).await.expect("lists");
        assert!(kinds.iter().any(|event| event.kind == "turn.failed"));
    })
    .await;
}
