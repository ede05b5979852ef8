//! Heartbeats: what waits is told, what is said is taken, and silence costs nothing.

use crate::support::{World, on_both, refused, seconds};
use muster_base::Kind;
use muster_domain::access::Role;
use muster_domain::agents::{self, Agent, Lifecycle, Presence};
use muster_domain::comms::{self, Outgoing};
use muster_domain::heartbeat::{self, Beat, Work};
use muster_domain::tasks::{self, NewTask, Priority, Status};
use muster_domain::usage::{self, Report};
use muster_domain::{Ctx, presence};
use muster_store::{Traffic, args};

async fn tell(ctx: &Ctx, from: &str, to: &str, content: &str) -> i64 {
    let outgoing = Outgoing { from: from.to_owned(), to: to.to_owned(), content: content.to_owned(), kind: None };
    comms::send(ctx, outgoing).await.expect("sends").message.number.expect("a number")
}

async fn task(world: &World, title: &str, priority: Priority, agent: &str) -> i64 {
    let new = NewTask {
        title: title.to_owned(),
        priority: Some(priority),
        assigned_to: Some(agent.to_owned()),
        ..NewTask::default()
    };
    tasks::create(&world.ctx(), new).await.expect("makes a task").number
}

async fn look(world: &World, agent: &str) -> Work {
    heartbeat::look(&world.ctx(), agent).await.expect("looks").1
}

async fn beat(world: &World, agent: &str, beat: Beat) -> Work {
    heartbeat::beat(&world.ctx(), agent, beat).await.expect("beats").work
}

fn acknowledging(numbers: &[i64]) -> Beat {
    Beat { acknowledged: numbers.to_vec(), ..Beat::default() }
}

fn report(task: Option<i64>) -> Report {
    Report { model: "gpt-5".to_owned(), input_tokens: 100, output_tokens: 7, task }
}

fn contents(work: &Work) -> Vec<&str> {
    work.messages.iter().map(|message| message.content.as_str()).collect()
}

/// Everything that a heartbeat might change.
async fn state(world: &World, agent: &Agent) -> (Agent, Work, i64, i64) {
    let agent = world.find(agent).await;
    let work = look(world, &agent.id).await;
    let events = world.event_kinds().await.len() as i64;
    (agent, work, events, world.count("SELECT count(*) FROM token_usage", vec![]).await)
}

#[tokio::test]
async fn tasks_come_by_priority_then_age_and_messages_by_age() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        world.elsewhere("Bob").await;
        for (title, priority) in [
            ("low", Priority::Low),
            ("first", Priority::High),
            ("second", Priority::High),
            ("urgent", Priority::Critical),
            ("usual", Priority::Medium),
        ] {
            task(&world, title, priority, "Ann").await;
            world.advance(seconds(1));
        }
        let others = task(&world, "another's", Priority::Critical, "Bob").await;
        let begun = tasks::claim(&world.ctx(), "Ann", 1).await.expect("claims").task.expect("a task");
        assert_eq!(begun.title, "urgent");
        let change = tasks::TaskChange { status: Some(Status::Review), ..tasks::TaskChange::default() };
        let looked_at = task(&world, "under review", Priority::Critical, "Ann").await;
        tasks::update(&world.ctx(), looked_at, change).await.expect("changes");
        for text in ["one", "two"] {
            tell(&world.ctx(), "Bob", "Ann", text).await;
        }
        let work = look(&world, &ann.number.to_string()).await;
        let titles: Vec<(&str, Status)> = work.tasks.iter().map(|task| (task.title.as_str(), task.status)).collect();
        assert_eq!(
            titles,
            [
                ("urgent", Status::InProgress),
                ("first", Status::Assigned),
                ("second", Status::Assigned),
                ("usual", Status::Assigned),
                ("low", Status::Assigned)
            ]
        );
        assert!(work.tasks.iter().all(|task| task.number != others));
        assert_eq!(contents(&work), ["one", "two"]);
        assert_eq!(work.messages[0].from, "Bob");
        assert_eq!(look(&world, "Ann").await, work, "looking changes nothing");
        assert_eq!(refused(heartbeat::look(&world.ctx(), "Eve").await).kind(), Kind::NotFound);
        assert_eq!(refused(heartbeat::beat(&world.ctx(), "Eve", Beat::default()).await).kind(), Kind::NotFound);
        let foreign = world.ctx_in("other").await;
        assert_eq!(refused(heartbeat::look(&foreign, &ann.id).await).kind(), Kind::NotFound);
        assert_eq!(refused(heartbeat::beat(&foreign, &ann.id, Beat::default()).await).kind(), Kind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn what_is_acknowledged_does_not_come_again_and_may_be_acknowledged_again() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        world.elsewhere("Bob").await;
        world.agent("Cid").await;
        let one = tell(&world.ctx(), "Bob", "Ann", "one").await;
        let two = tell(&world.ctx(), "Bob", "Ann", "two").await;
        for _ in 0..3 {
            tell(&world.ctx(), "Ann", "Cid", "ask").await;
            world.answer_all("a reply").await;
        }
        let work = look(&world, "Ann").await;
        assert_eq!(contents(&work), ["one", "two", "a reply", "a reply", "a reply"]);
        let replies: Vec<i64> = work.messages[2..].iter().map(|message| message.number).collect();
        beat(&world, "Ann", Beat::default()).await;
        world.advance(seconds(1));
        let left = beat(&world, "Ann", acknowledging(&[two, two, replies[1]])).await;
        assert_eq!(left.messages.iter().map(|message| message.number).collect::<Vec<_>>(), [one, replies[0], replies[2]]);
        world.check_books().await;
        let kinds = world.event_kinds().await;
        assert_eq!(kinds.last().map(String::as_str), Some("message.acknowledged"));
        let message = "SELECT count(*) FROM messages WHERE number = $1 AND status = 'completed' AND read_at = $2 AND delivered_at = $2";
        assert_eq!(world.count(message, args![two, world.now()]).await, 1);
        let before = world.db.traffic().writes;
        assert_eq!(beat(&world, "Ann", acknowledging(&[two, replies[1]])).await, left, "the answer was lost");
        assert_eq!(world.db.traffic().writes, before, "and nothing is written twice");
        assert_eq!(world.event_kinds().await.len(), kinds.len());
        assert!(beat(&world, "Ann", acknowledging(&[one, replies[0], replies[2]])).await.messages.is_empty());
        assert_eq!(world.count("SELECT count(*) FROM conversations WHERE unread_count > 0", vec![]).await, 0);
        assert_eq!(world.find(&ann).await.message_count, 2);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_heartbeat_is_named_and_nothing_of_it_is_taken() {
    on_both(async |world| {
        let (ann, _) = (world.elsewhere("Ann").await, world.elsewhere("Bob").await);
        let own = tell(&world.ctx(), "Bob", "Ann", "hello").await;
        let foreign = tell(&world.ctx(), "Ann", "Bob", "not Ann's to acknowledge").await;
        world.agent("Cid").await;
        let in_a_turn = tell(&world.ctx(), "Ann", "Cid", "in a turn").await;
        let before = state(&world, &ann).await;
        let used = |report: Report| Beat { used: Some(report), acknowledged: vec![own], ..Beat::default() };
        let cases = [
            (acknowledging(&[own, foreign, in_a_turn, 999]), "ack"),
            (acknowledging(&[0]), "ack"),
            (acknowledging(&(1..=201).collect::<Vec<i64>>()), "ack"),
            (used(Report { model: String::new(), ..report(None) }), "token_usage.model"),
            (used(Report { model: "x".repeat(201), ..report(None) }), "token_usage.model"),
            (used(Report { input_tokens: -1, ..report(None) }), "token_usage.inputTokens"),
            (used(Report { output_tokens: i64::MAX, ..report(None) }), "token_usage.outputTokens"),
            (used(report(Some(999))), "token_usage.taskId"),
            (Beat { last_activity: Some("x".repeat(1001)), ..acknowledging(&[own]) }, "last_activity"),
        ];
        for (wrong, field) in cases {
            let wrong = Beat { status: Some(Presence::Busy), ..wrong };
            let error = refused(heartbeat::beat(&world.ctx(), "Ann", wrong).await);
            assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some(field)), "{error:?}");
            if field == "ack" && error.message().contains("999") {
                assert_eq!(error.problem(), format!("has ids of no message to Ann: {foreign}, {in_a_turn}, 999"));
            }
        }
        let foreign_task = NewTask { title: "theirs".to_owned(), ..NewTask::default() };
        let foreign_task = tasks::create(&world.ctx_in("other").await, foreign_task).await.expect("makes a task");
        let error = refused(heartbeat::beat(&world.ctx(), "Ann", used(report(Some(foreign_task.number)))).await);
        assert_eq!(error.field(), Some("token_usage.taskId"));
        let token = world.ctx_with_token(&world.elsewhere("Eve").await);
        assert_eq!(refused(heartbeat::beat(&token, "Ann", acknowledging(&[own])).await).kind(), Kind::Forbidden);
        assert_eq!(refused(heartbeat::look(&token, "Ann").await).kind(), Kind::Forbidden);
        let after = state(&world, &ann).await;
        assert_eq!((after.0, after.1, after.3), (before.0, before.1, before.3));
        agents::stop(&world.ctx(), &ann.id).await.expect("stops");
        let before = state(&world, &ann).await;
        let there = Beat { status: Some(Presence::Online), ..acknowledging(&[own]) };
        assert_eq!(refused(heartbeat::beat(&world.ctx(), "Ann", there).await).kind(), Kind::Conflict);
        assert_eq!(state(&world, &ann).await, before);
    })
    .await;
}

#[tokio::test]
async fn a_heartbeat_says_how_the_agent_is() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        assert_eq!(world.find(&ann).await.presence, Presence::Offline);
        let ctx = world.ctx_with_token(&ann);
        let say = async |status: Option<Presence>, activity: Option<&str>| {
            let last_activity = activity.map(str::to_owned);
            heartbeat::beat(&ctx, "Ann", Beat { status, last_activity, ..Beat::default() }).await.expect("beats");
            let agent = world.find(&ann).await;
            (agent.presence, agent.last_activity)
        };
        assert_eq!(say(None, None).await, (Presence::Online, None), "who beats is there");
        let reading = Some("reading".to_owned());
        assert_eq!(say(Some(Presence::Busy), Some("reading")).await, (Presence::Busy, reading.clone()));
        assert_eq!(say(None, None).await, (Presence::Busy, reading));
        let writing = Some("writing".to_owned());
        assert_eq!(say(None, Some("writing")).await, (Presence::Busy, writing.clone()));
        world.advance(seconds(5));
        assert_eq!(say(Some(Presence::Offline), None).await, (Presence::Offline, writing.clone()));
        assert_eq!(world.find(&ann).await.last_seen_at, Some(world.now()), "who says good-bye was there");
        world.advance(seconds(5));
        assert_eq!(say(Some(Presence::Offline), None).await, (Presence::Offline, writing.clone()));
        assert_eq!(world.find(&ann).await.last_seen_at, Some(world.now()));
        assert_eq!(say(None, Some("waking")).await, (Presence::Online, Some("waking".to_owned())));
        assert_eq!(world.find(&ann).await.last_seen_at, Some(world.now()));
        agents::stop(&world.ctx(), &ann.id).await.expect("stops");
        assert_eq!(say(None, None).await.0, Presence::Offline, "a stopped agent stays offline");
        assert_eq!(say(None, Some("waiting")).await, (Presence::Offline, Some("waiting".to_owned())));
        assert_eq!(world.find(&ann).await.lifecycle, Lifecycle::Stopped);
    })
    .await;
}

#[tokio::test]
async fn usage_is_recorded_for_the_agent_and_its_task() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        let number = task(&world, "a task", Priority::Medium, "Ann").await;
        let waiting = tell(&world.ctx_as("olga", Role::Operator), "olga", "Ann", "hello").await;
        for task in [Some(number), None] {
            let said = Beat { used: Some(report(task)), acknowledged: vec![waiting], ..Beat::default() };
            let beaten = heartbeat::beat(&world.ctx(), "Ann", said).await.expect("beats");
            assert!(beaten.is_usage_recorded && beaten.work.messages.is_empty());
        }
        assert!(!heartbeat::beat(&world.ctx(), "Ann", Beat::default()).await.expect("beats").is_usage_recorded);
        let agent = world.find(&ann).await;
        assert_eq!((agent.output_tokens_used, agent.balance), (14, ann.balance), "its balance is for models of ours");
        let of_task = "SELECT CAST(sum(input_tokens + output_tokens) AS BIGINT) FROM token_usage WHERE task = $1";
        assert_eq!(world.count(of_task, args![number]).await, 107);
        assert_eq!(usage::overview(&world.ctx()).await.expect("counts").output_tokens, 14);
        assert_eq!(world.event_kinds().await.iter().filter(|kind| *kind == "usage.reported").count(), 2);
        tasks::delete(&world.ctx(), number).await.expect("deletes");
        assert_eq!(usage::overview(&world.ctx()).await.expect("counts").output_tokens, 14, "what was used stays used");
    })
    .await;
}

#[tokio::test]
async fn a_repeated_heartbeat_records_its_usage_once() {
    on_both(async |world| {
        world.elsewhere("Ann").await;
        let beat = async |key: &str| {
            let said = Beat { used: Some(report(None)), ..Beat::default() };
            heartbeat::beat(&world.repeatable(key), "Ann", said).await
        };
        beat("key-1").await.expect("beats");
        let again = refused(beat("key-1").await);
        assert_eq!(again.code(), "idempotency.in_progress", "surfaces answer repetitions before they get here");
        beat("key-2").await.expect("beats");
        assert_eq!(world.count("SELECT count(*) FROM token_usage", vec![]).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_heap_of_messages_comes_in_parts() {
    on_both(async |world| {
        world.elsewhere("Ann").await;
        let olga = world.ctx_as("olga", Role::Operator);
        for n in 0..130 {
            tell(&olga, "olga", "Ann", &format!("{n}")).await;
        }
        let first = look(&world, "Ann").await;
        assert_eq!((first.messages.len(), contents(&first)[99]), (heartbeat::MOST, "99"));
        let numbers: Vec<i64> = first.messages.iter().map(|message| message.number).collect();
        let rest = beat(&world, "Ann", acknowledging(&numbers)).await;
        assert_eq!((rest.messages.len(), contents(&rest)[0]), (30, "100"));
        let numbers: Vec<i64> = rest.messages.iter().map(|message| message.number).collect();
        beat(&world, "Ann", acknowledging(&numbers)).await;
        let large = "x".repeat(600 * 1024);
        for _ in 0..3 {
            tell(&olga, "olga", "Ann", &large).await;
        }
        let bulky = look(&world, "Ann").await;
        assert_eq!(bulky.messages.len(), 1, "two would be more than 1 MiB");
        let next = beat(&world, "Ann", acknowledging(&[bulky.messages[0].number])).await;
        assert_eq!(next.messages.len(), 1);
        assert!(next.messages[0].number > bulky.messages[0].number);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn acknowledging_at_once_counts_each_message_once() {
    on_both(async |world| {
        world.elsewhere("Ann").await;
        world.agent("Cid").await;
        for _ in 0..5 {
            tell(&world.ctx(), "Ann", "Cid", "ask").await;
            world.answer_all("a reply").await;
        }
        let numbers: Vec<i64> = look(&world, "Ann").await.messages.iter().map(|message| message.number).collect();
        assert_eq!(numbers.len(), 5);
        let beats: Vec<_> = (0..12)
            .map(|n| {
                let (ctx, mut numbers) = (world.ctx(), numbers.clone());
                numbers.rotate_left(n % 5);
                numbers.truncate(3);
                tokio::spawn(async move { heartbeat::beat(&ctx, "Ann", acknowledging(&numbers)).await })
            })
            .collect();
        for beat in beats {
            beat.await.expect("no panic").expect("beats");
        }
        assert!(look(&world, "Ann").await.messages.is_empty());
        world.check_at_rest().await;
    })
    .await;
}

/// 1,000 agents of which each knows no more than the first.
async fn crowd(world: &World) -> Vec<String> {
    let ann = world.elsewhere("Ann").await;
    let ids: Vec<String> = (0..1000).map(|n| format!("agent-{n}")).collect();
    let made = ids.clone();
    let sql = "INSERT INTO agents (id, number, org_id, name, source, hosted, lifecycle, presence, version, balance, created_at, changed_at)
               SELECT $2, $3, org_id, $2, source, hosted, lifecycle, 'online', version, balance, created_at, changed_at FROM agents WHERE id = $1";
    let insert = world.db.write(move |tx| {
        Box::pin(async move {
            for (n, id) in made.iter().enumerate() {
                tx.execute(sql, args![&ann.id, id, 1000 + n as i64]).await?;
            }
            Ok(())
        })
    });
    insert.await.expect("makes a crowd");
    ids
}

#[tokio::test]
async fn a_thousand_agents_that_ask_every_second_cost_two_reads_each_and_no_write() {
    on_both(async |world| {
        let crowd = crowd(&world).await;
        let traffic = |before: Traffic| {
            let now = world.db.traffic();
            (now.reads - before.reads, now.writes - before.writes)
        };
        let before = world.db.traffic();
        for _ in 0..2 {
            for agent in &crowd {
                heartbeat::look(&world.ctx(), agent).await.expect("looks");
            }
        }
        assert_eq!(traffic(before), (4000, 0));
        let before = world.db.traffic();
        for _ in 0..2 {
            world.advance(seconds(1));
            for agent in &crowd {
                let same = Beat { status: Some(Presence::Online), ..Beat::default() };
                heartbeat::beat(&world.ctx(), agent, same).await.expect("beats");
            }
        }
        assert_eq!(traffic(before), (4000, 0));
        let before = world.db.traffic();
        presence::flush(&world.app).await.expect("writes");
        assert_eq!(traffic(before), (0, 2), "that all of them live is written in two goes");
        assert_eq!(world.event_kinds().await.iter().filter(|kind| kind.starts_with("agent.")).count(), 1);
        let seen = "SELECT count(*) FROM agents WHERE last_seen_at = $1";
        assert_eq!(world.count(seen, args![world.now()]).await, 1000);
    })
    .await;
}
