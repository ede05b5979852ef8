//! What agents and people tell each other by name.

use crate::support::{World, message, on_both, refused, seconds, soon};
use muster_base::Kind;
use muster_domain::access::Role;
use muster_domain::agents::{self, Agent, AgentChange, NewAgent, Source};
use muster_domain::comms::{self, History, HistoryFilter, Outgoing, Told};
use muster_domain::conversations::{self, MessageFilter, Posted, Status};
use muster_domain::{Ctx, events, heartbeat, inbox, turns};
use serde_json::json;

fn outgoing(from: &str, to: &str, content: &str) -> Outgoing {
    Outgoing { from: from.to_owned(), to: to.to_owned(), content: content.to_owned(), kind: None }
}

async fn tell(ctx: &Ctx, from: &str, to: &str, content: &str) -> Posted {
    comms::send(ctx, outgoing(from, to, content)).await.expect("sends")
}

async fn all(world: &World) -> History {
    comms::history(&world.ctx(), &HistoryFilter::default(), 100, 0).await.expect("lists")
}

async fn of(world: &World, agent: &str) -> History {
    let filter = HistoryFilter { agent: Some(agent.to_owned()), since: None };
    comms::history(&world.ctx(), &filter, 100, 0).await.expect("lists")
}

fn lines(messages: &[Told]) -> Vec<String> {
    messages.iter().map(|told| format!("{} > {}: {}", told.from, told.to, told.content)).collect()
}

async fn unread(world: &World, agent: &Agent) -> Vec<String> {
    let (_, work) = heartbeat::look(&world.ctx(), &agent.id).await.expect("looks");
    work.messages.into_iter().map(|message| format!("{}: {}", message.from, message.content)).collect()
}

#[tokio::test]
async fn a_message_to_an_agent_elsewhere_is_stored_and_waits() {
    on_both(async |world| {
        let agent = world.elsewhere("Ann").await;
        let posted = conversations::post(&world.ctx(), &agent.id, message("chat", "hello")).await.expect("posts");
        assert_eq!((&posted.turn, &posted.message.turn, posted.message.status), (&None, &None, Status::Pending));
        assert_eq!(world.count("SELECT count(*) FROM turns", vec![]).await, 0);
        assert!(world.claim().await.is_empty());
        assert_eq!(unread(&world, &agent).await, ["Ann: hello"], "a person who is called Ann said so");
        world.tamper("UPDATE agents SET lifecycle = 'stopped'").await;
        let refusal = refused(conversations::post(&world.ctx(), &agent.id, message("chat", "again")).await);
        assert_eq!(refusal.code(), "agent.unavailable");
        world.check_books().await;
    })
    .await;
}

#[tokio::test]
async fn messages_and_replies_have_the_number_of_the_event_that_tells_of_them() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.elsewhere("Bob").await);
        let asked = world.post(&ann, "chat", "hello").await.message;
        let waits = conversations::post(&world.ctx(), &bob.id, message("chat", "hello")).await.expect("posts").message;
        let claim = world.claim_one().await;
        let reply = world.answer(&claim, "hi", 5).await.expect("answers");
        let reply = conversations::message(&world.ctx(), &ann.id, &reply).await.expect("finds it");
        let log = events::list(&world.ctx(), &events::EventFilter::default(), 100).await.expect("lists");
        for (message, kind) in [(asked, "message.received"), (waits, "message.received"), (reply, "message.completed")]
        {
            let event = log.iter().find(|event| Some(event.seq) == message.number).expect("an event of this number");
            assert_eq!(event.kind, kind);
            assert!(event.data.get().contains(&message.id), "{}", event.data);
        }
        assert!(events::verify(&world.ctx()).await.expect("verifies").intact);
    })
    .await;
}

#[tokio::test]
async fn agents_are_named_by_number_id_or_name_and_people_by_their_own_name() {
    on_both(async |world| {
        let (ann, bob) = (world.elsewhere("Ann").await, world.elsewhere("Bob").await);
        let ctx = world.ctx_as("olga", Role::Operator);
        tell(&ctx, "Ann", &bob.number.to_string(), "by number").await;
        tell(&ctx, &ann.number.to_string(), &bob.id, "by id").await;
        tell(&ctx, &ann.id, "Bob", "by name").await;
        let typed = Outgoing { kind: Some("request".to_owned()), ..outgoing("olga", "Bob", "by a person") };
        comms::send(&ctx, typed).await.expect("sends");
        let history = all(&world).await;
        assert_eq!(
            lines(&history.messages),
            ["Ann > Bob: by number", "Ann > Bob: by id", "Ann > Bob: by name", "olga > Bob: by a person"]
        );
        let kinds: Vec<&str> = history.messages.iter().map(|told| told.kind.as_str()).collect();
        assert_eq!(kinds, ["text", "text", "text", "request"]);
        assert_eq!(unread(&world, &bob).await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn who_sends_to_whom_and_what_is_checked_before_anything_is_stored() {
    on_both(async |world| {
        let (ann, _bob) = (world.elsewhere("Ann").await, world.elsewhere("Bob").await);
        let ctx = world.ctx_as("olga", Role::Operator);
        let token = world.ctx_with_token(&ann);
        let kind = |kind: &str| Outgoing { kind: Some(kind.to_owned()), ..outgoing("olga", "Bob", "hello") };
        let long = "x".repeat(51);
        let cases = [
            (&ctx, outgoing("Ann", "Eve", "hello"), Kind::NotFound, None),
            (&ctx, outgoing("Ann", "", "hello"), Kind::NotFound, None),
            (&ctx, outgoing("somebody", "Bob", "hello"), Kind::Invalid, Some("from")),
            (&ctx, outgoing("", "Bob", "hello"), Kind::Invalid, Some("from")),
            (&ctx, outgoing("Ann", "Ann", "hello"), Kind::Invalid, Some("to")),
            (&ctx, outgoing("Ann", "Bob", " "), Kind::Invalid, Some("content")),
            (&ctx, kind(""), Kind::Invalid, Some("type")),
            (&ctx, kind(&long), Kind::Invalid, Some("type")),
            (&ctx, kind("a\nb"), Kind::Invalid, Some("type")),
            (&token, outgoing("Bob", "Ann", "hello"), Kind::Forbidden, None),
            (&token, outgoing("a token", "Bob", "hello"), Kind::Forbidden, None),
        ];
        for (ctx, outgoing, kind, field) in cases {
            let what = format!("{outgoing:?}");
            let error = refused(comms::send(ctx, outgoing).await);
            assert_eq!((error.kind(), error.field()), (kind, field), "{what}");
        }
        let foreign = world.ctx_in("other").await;
        assert_eq!(refused(comms::send(&foreign, outgoing("muster", "Bob", "hello")).await).kind(), Kind::NotFound);
        assert_eq!(world.count("SELECT count(*) FROM messages", vec![]).await, 0);
        tell(&token, "Ann", "Bob", "as itself").await;
        tell(&ctx, "Ann", "Bob", &"x".repeat(1024 * 1024)).await;
    })
    .await;
}

#[tokio::test]
async fn a_reply_comes_back_to_a_hosted_sender_once_and_ends_there() {
    on_both(async |world| {
        let (_ann, bob) = (world.agent("Ann").await, world.agent("Bob").await);
        let asked = tell(&world.ctx(), "Ann", "Bob", "what is the time?").await;
        let claim = world.claim_one().await;
        assert_eq!((Some(&claim.turn.id), &claim.turn.agent, claim.turn.depth), (asked.turn.as_ref(), &bob.id, 1));
        world.answer(&claim, "noon", 5).await.expect("answers");
        assert_eq!(world.answer_all("thank you").await, 1, "Ann's turn about the reply");
        assert!(world.claim().await.is_empty(), "no thanks for thanks");
        world.check_at_rest().await;
        assert_eq!(
            lines(&all(&world).await.messages),
            ["Ann > Bob: what is the time?", "Bob > Ann: noon"],
            "the copy that Ann got, and what she thought of it, are no messages between the two"
        );
        assert!(unread(&world, &bob).await.is_empty(), "a hosted agent's messages are in turns");
    })
    .await;
}

#[tokio::test]
async fn a_reply_to_an_agent_elsewhere_waits_until_it_is_acknowledged() {
    on_both(async |world| {
        let (ann, _bob) = (world.elsewhere("Ann").await, world.agent("Bob").await);
        tell(&world.ctx(), "Ann", "Bob", "what is the time?").await;
        assert_eq!(world.answer_all("noon").await, 1);
        assert_eq!(world.count("SELECT count(*) FROM turns", vec![]).await, 1, "nothing is handed to Ann as a turn");
        let (_, work) = heartbeat::look(&world.ctx(), "Ann").await.expect("looks");
        let [reply] = work.messages.as_slice() else { panic!("{work:?}") };
        assert_eq!((reply.from.as_str(), reply.content.as_str(), reply.kind.as_str()), ("Bob", "noon", "text"));
        world.check_books().await;
        world.advance(seconds(1));
        let beat = heartbeat::Beat { acknowledged: vec![reply.number], ..heartbeat::Beat::default() };
        heartbeat::beat(&world.ctx_with_token(&ann), "Ann", beat).await.expect("beats");
        assert!(unread(&world, &ann).await.is_empty());
        let told = all(&world).await.messages;
        assert_eq!((told[1].number, told[1].read_at), (reply.number, Some(world.now())));
        world.check_books().await;
    })
    .await;
}

#[tokio::test]
async fn whatever_way_a_message_came_it_is_in_the_picture() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.elsewhere("Bob").await);
        let olga = world.ctx_as("olga", Role::Operator);
        world.post(&ann, "chat", "from a client").await;
        world.advance(seconds(1));
        tell(&olga, "olga", "Ann", "from a person").await;
        world.advance(seconds(1));
        tell(&olga, "Bob", "Ann", "from an agent").await;
        world.advance(seconds(1));
        assert_eq!(world.answer_all("hi").await, 3);
        let history = all(&world).await;
        let expected = ["Ann > Ann: from a client", "olga > Ann: from a person", "Bob > Ann: from an agent"];
        assert_eq!(lines(&history.messages[..3]), expected);
        let mut replies = lines(&history.messages[3..]);
        replies.sort();
        assert_eq!(replies, ["Ann > Ann: hi", "Ann > Bob: hi", "Ann > olga: hi"], "a client is called Ann as well");
        assert_eq!(history.total, 6);
        let edges: Vec<(&str, &str, i64)> =
            history.edges.iter().map(|edge| (edge.from.as_str(), edge.to.as_str(), edge.messages)).collect();
        assert_eq!(edges.len(), 6);
        assert!(edges.contains(&("olga", "Ann", 1)) && edges.contains(&("Ann", "Bob", 1)), "{edges:?}");
        let stats: Vec<(&str, i64, i64)> =
            history.stats.iter().map(|stat| (stat.agent.as_str(), stat.sent, stat.received)).collect();
        assert_eq!(stats, [("Ann", 3, 3), ("Bob", 1, 1)], "people are no agents");

        let bobs = of(&world, &bob.number.to_string()).await;
        assert_eq!(lines(&bobs.messages), ["Bob > Ann: from an agent", "Ann > Bob: hi"]);
        assert_eq!((bobs.total, bobs.edges.len(), bobs.stats.len()), (2, 2, 2));
        assert_eq!(of(&world, "Ann").await.messages, history.messages);
        let change = AgentChange { name: muster_base::Patch::Value("Robert".to_owned()), ..AgentChange::default() };
        agents::update(&world.ctx(), &bob.id, change).await.expect("renames");
        assert_eq!(lines(&of(&world, "Robert").await.messages)[0], "Robert > Ann: from an agent");
        let (token, everything) = (world.ctx_with_token(&bob), HistoryFilter::default());
        let own = comms::history(&token, &everything, 10, 0).await.expect("lists");
        assert_eq!(own.messages, of(&world, "Robert").await.messages, "a token sees its agent's");
        let anns = HistoryFilter { agent: Some("Ann".to_owned()), since: None };
        assert_eq!(refused(comms::history(&token, &anns, 10, 0).await).kind(), Kind::Forbidden);
        let filter = HistoryFilter { agent: Some("Eve".to_owned()), since: None };
        assert_eq!(refused(comms::history(&world.ctx(), &filter, 10, 0).await).kind(), Kind::NotFound);
        let foreign = world.ctx_in("other").await;
        let nothing = comms::history(&foreign, &HistoryFilter::default(), 10, 0).await.expect("lists");
        assert_eq!(nothing, History { messages: vec![], total: 0, edges: vec![], stats: vec![] });
    })
    .await;
}

#[tokio::test]
async fn pages_neither_overlap_nor_leave_out_anything() {
    on_both(async |world| {
        for name in ["Ann", "Bob", "Cid"] {
            world.elsewhere(name).await;
        }
        let pairs = [("Ann", "Bob"), ("Bob", "Ann"), ("Ann", "Cid"), ("Cid", "Bob"), ("Cid", "Ann")];
        for n in 0..25 {
            let (from, to) = pairs[n % pairs.len()];
            tell(&world.ctx(), from, to, &format!("{n}")).await;
            if n % 3 == 0 {
                world.advance(seconds(1));
            }
        }
        for agent in [None, Some("Ann")] {
            let filter = HistoryFilter { agent: agent.map(str::to_owned), since: None };
            let whole = comms::history(&world.ctx(), &filter, 500, 0).await.expect("lists");
            assert_eq!(whole.total, if agent.is_some() { 20 } else { 25 });
            assert!(whole.messages.is_sorted_by_key(|told| (told.created_at, told.number)));
            for limit in [1, 4, 20] {
                let mut paged = vec![];
                loop {
                    let page = comms::history(&world.ctx(), &filter, limit, paged.len() as i64).await.expect("lists");
                    assert_eq!(page.total, whole.total);
                    if page.messages.is_empty() {
                        break;
                    }
                    paged.extend(page.messages);
                }
                assert_eq!(paged, whole.messages, "{agent:?} by {limit}");
            }
        }
        let since = all(&world).await.messages[12].created_at;
        let filter = HistoryFilter { agent: None, since: Some(since) };
        let later = comms::history(&world.ctx(), &filter, 500, 0).await.expect("lists");
        let expected = all(&world).await.messages.into_iter().filter(|told| told.created_at >= since).count();
        assert_eq!((later.messages.len(), later.total), (expected, expected as i64), "that moment included");
        assert_eq!(later.edges.iter().map(|edge| edge.messages).sum::<i64>(), expected as i64);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn messages_sent_at_once_are_numbered_in_one_order() {
    on_both(async |world| {
        for name in ["Ann", "Bob", "Cid"] {
            world.elsewhere(name).await;
        }
        let tasks: Vec<_> = (0..60)
            .map(|n| {
                let ctx = world.ctx();
                let (from, to) = [("Ann", "Bob"), ("Bob", "Cid"), ("Cid", "Ann")][n % 3];
                tokio::spawn(async move { comms::send(&ctx, outgoing(from, to, "at once")).await })
            })
            .collect();
        let mut numbers = vec![];
        for task in tasks {
            numbers.extend(task.await.expect("no panic").expect("sends").message.number);
        }
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 60);
        assert_eq!(all(&world).await.total, 60);
        world.check_books().await;
    })
    .await;
}

#[tokio::test]
async fn that_a_person_looks_on_does_not_read_a_reply_for_an_agent_elsewhere() {
    on_both(async |world| {
        let (ann, _bob) = (world.elsewhere("Ann").await, world.agent("Bob").await);
        tell(&world.ctx(), "Ann", "Bob", "hello").await;
        tell(&world.ctx_as("olga", Role::Operator), "olga", "Bob", "hello").await;
        world.answer_all("hi").await;
        let all = conversations::conversations(&world.ctx(), None, &crate::support::page(10)).await.expect("lists");
        for conversation in all.items {
            let read = conversations::mark_read(&world.ctx(), &conversation.id).await.expect("marks");
            assert_eq!(read.unread_count, i64::from(conversation.counterparty.id == ann.id));
        }
        assert_eq!(unread(&world, &ann).await, ["Bob: hi"]);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_is_run_here_from_now_on_takes_up_what_waited() {
    on_both(async |world| {
        let new = NewAgent { name: "Ann".to_owned(), source: Source::Api, ..NewAgent::default() };
        let ann = agents::create(&world.ctx(), new).await.expect("makes an agent");
        world.elsewhere("Bob").await;
        let olga = world.ctx_as("olga", Role::Operator);
        let first = tell(&olga, "olga", "Ann", "read already").await.message.number.expect("a number");
        let beat = heartbeat::Beat { acknowledged: vec![first], ..heartbeat::Beat::default() };
        heartbeat::beat(&world.ctx(), "Ann", beat).await.expect("beats");
        tell(&olga, "olga", "Ann", "one").await;
        tell(&olga, "olga", "Ann", "two").await;
        tell(&olga, "Bob", "Ann", "three").await;
        assert!(world.claim().await.is_empty());
        let model = json!({"model": "offline/echo"}).as_object().cloned().expect("an object");
        let change = AgentChange { config: muster_base::Patch::Value(model), ..AgentChange::default() };
        assert!(agents::update(&world.ctx(), &ann.id, change).await.expect("changes").hosted);
        assert!(unread(&world, &ann).await.is_empty());
        let claims = world.claim().await;
        let mut depths: Vec<i64> = claims.iter().map(|claim| claim.turn.depth).collect();
        depths.sort_unstable();
        assert_eq!(depths, [0, 1], "one turn for each conversation");
        for claim in &claims {
            world.answer(claim, "here I am", 5).await.expect("answers");
        }
        world.check_at_rest().await;
        let (messages, _) =
            conversations::messages(&world.ctx(), &ann.id, &MessageFilter::default(), 10).await.expect("lists");
        assert!(messages.iter().all(|message| message.status == Status::Completed));
        let told = of(&world, "Bob").await.messages;
        assert_eq!(lines(&told), ["Bob > Ann: three", "Ann > Bob: here I am"]);
    })
    .await;
}

#[tokio::test]
async fn a_linked_agent_is_woken_over_its_link() {
    on_both(async |world| {
        let bob = world.elsewhere("Bob").await;
        world.link(&bob).await;
        // What the link does: it wakes, takes what waits, and says so.
        let (ctx, id) = (world.ctx_with_token(&bob), bob.id.clone());
        let mut inbox = world.app.db.hub().listen("inbox", &bob.id);
        let pushed = tokio::spawn(async move {
            inbox.wait().await;
            let waiting = inbox::undelivered(&ctx, &id, 0, 10).await.expect("lists");
            inbox::mark_delivered(&ctx, &id, &[waiting[0].id.clone()]).await.expect("marks");
        });
        let olga = world.ctx_as("olga", Role::Operator);
        assert!(soon("the push", comms::wake(&olga, "Bob", None)).await.expect("wakes"));
        pushed.await.expect("no panic");
        world.tamper("UPDATE nodes SET beat_at = 0").await;
        assert!(!comms::wake(&olga, "Bob", None).await.expect("wakes"), "the link of a dead node takes nothing");
    })
    .await;
}

#[tokio::test]
async fn waking_reaches_an_agent_the_way_it_is_connected() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.elsewhere("Bob").await);
        let olga = world.ctx_as("olga", Role::Operator);
        assert!(comms::wake(&olga, "Ann", Some("there is mail".to_owned())).await.expect("wakes"));
        let claim = world.claim_one().await;
        world.answer(&claim, "on it", 5).await.expect("answers");
        assert!(!comms::wake(&olga, "Bob", None).await.expect("wakes"), "it waits for the next heartbeat");
        let (_, work) = heartbeat::look(&olga, "Bob").await.expect("looks");
        assert_eq!((work.messages[0].from.as_str(), work.messages[0].kind.as_str()), ("olga", "wake"));
        agents::pause(&world.ctx(), &ann.id).await.expect("pauses");
        assert!(!comms::wake(&olga, "Ann", None).await.expect("wakes"), "it waits until it is resumed");
        agents::resume(&world.ctx(), &ann.id).await.expect("resumes");
        assert_eq!(world.answer_all("good morning").await, 1);
        // An agent that wakes another speaks for itself.
        assert!(comms::wake(&world.ctx_with_token(&bob), "Ann", None).await.expect("wakes"));
        let told = of(&world, "Bob").await.messages;
        assert_eq!(lines(&told)[1], "Bob > Ann: Wake up.");
        assert_eq!(refused(comms::wake(&world.ctx_with_token(&bob), "Bob", None).await).kind(), Kind::Conflict);
        let long = Some("x".repeat(2001));
        assert_eq!(refused(comms::wake(&olga, "Ann", long).await).field(), Some("reason"));
        assert_eq!(refused(comms::wake(&olga, "Eve", None).await).kind(), Kind::NotFound);
        for agent in [&ann, &bob] {
            agents::stop(&world.ctx(), &agent.id).await.expect("stops");
            let error = refused(comms::wake(&olga, &agent.id, None).await);
            assert_eq!((error.kind(), error.message().contains("stopped")), (Kind::Conflict, true));
        }
        let open = turns::list(&world.ctx(), &turns::TurnFilter::default(), &crate::support::page(10)).await;
        assert_eq!(open.expect("lists").items.len(), 3);
    })
    .await;
}
