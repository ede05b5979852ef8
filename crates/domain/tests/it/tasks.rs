//! Tasks: made, given, claimed by one agent each, and ended.

use crate::support::{World, on_both, refused, seconds};
use muster_base::{Kind, Millis, Patch};
use muster_domain::access::Role;
use muster_domain::agents;
use muster_domain::tasks::{self, NewTask, Priority, Reason, Status, Task, TaskChange, TaskFilter};
use muster_domain::{Ctx, events};
use std::collections::BTreeSet;

fn new(title: &str) -> NewTask {
    NewTask { title: title.to_owned(), ..NewTask::default() }
}

fn given(title: &str, agent: &str) -> NewTask {
    NewTask { assigned_to: Some(agent.to_owned()), ..new(title) }
}

async fn make(world: &World, new: NewTask) -> Task {
    tasks::create(&world.ctx(), new).await.expect("makes a task")
}

fn to(status: Status) -> TaskChange {
    TaskChange { status: Some(status), ..TaskChange::default() }
}

fn give(agent: &str) -> TaskChange {
    TaskChange { assigned_to: Patch::Value(agent.to_owned()), ..TaskChange::default() }
}

async fn change(world: &World, task: &Task, change: TaskChange) -> Task {
    tasks::update(&world.ctx(), task.number, change).await.expect("changes")
}

async fn claim(world: &World, agent: &str) -> (Option<String>, Reason) {
    let claimed = tasks::claim(&world.ctx(), agent, 1).await.expect("claims");
    (claimed.task.map(|task| task.title), claimed.reason)
}

fn got(title: &str, reason: Reason) -> (Option<String>, Reason) {
    (Some(title.to_owned()), reason)
}

#[tokio::test]
async fn a_task_is_kept_as_it_was_made() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        let ctx = world.ctx_as("olga", Role::Operator);
        let full = NewTask {
            description: Some("all of it".to_owned()),
            priority: Some(Priority::Critical),
            due_at: Some(Millis(1_900_000_000_000)),
            metadata: Some(r#"{"a":1}"#.to_owned()),
            ..given("Review the door", &ann.number.to_string())
        };
        let made = tasks::create(&ctx, full).await.expect("makes a task");
        assert_eq!(tasks::find(&ctx, made.number).await.expect("finds it"), made);
        let expected = Task {
            number: 1,
            title: "Review the door".to_owned(),
            description: Some("all of it".to_owned()),
            status: Status::Assigned,
            priority: Priority::Critical,
            agent: Some(ann.id),
            agent_name: Some("Ann".to_owned()),
            due_at: Some(Millis(1_900_000_000_000)),
            metadata: Some(r#"{"a":1}"#.to_owned()),
            created_by: "olga".to_owned(),
            created_at: world.now(),
            changed_at: world.now(),
            finished_at: None,
        };
        assert_eq!(made, expected);
        let plain = make(&world, new("plain")).await;
        assert_eq!(
            (plain.number, plain.status, plain.priority, plain.agent),
            (2, Status::Inbox, Priority::Medium, None)
        );
        let over = make(&world, NewTask { status: Some(Status::Done), ..new("done before") }).await;
        assert_eq!((over.status, over.finished_at), (Status::Done, Some(world.now())));
        let named = make(&world, NewTask { status: Some(Status::Inbox), ..given("named", "Ann") }).await;
        assert_eq!(named.status, Status::Assigned, "who has an agent is not in the inbox");
        tasks::delete(&ctx, made.number).await.expect("deletes");
        assert_eq!(refused(tasks::find(&ctx, made.number).await).kind(), Kind::NotFound);
        assert_eq!(refused(tasks::delete(&ctx, made.number).await).kind(), Kind::NotFound);
        assert_eq!(make(&world, new("next")).await.number, 5, "numbers are not used again");
        let log = events::list(&ctx, &events::EventFilter::default(), 100).await.expect("lists");
        let of_first: Vec<&str> =
            log.iter().filter(|event| event.subject == "task-1").map(|event| event.kind.as_str()).collect();
        assert_eq!(of_first, ["task.created", "task.deleted"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_task_is_named_and_nothing_is_made() {
    on_both(async |world| {
        let long = |length: usize| Some("x".repeat(length));
        let cases = [
            (new(""), "title"),
            (new(" "), "title"),
            (new(&"x".repeat(501)), "title"),
            (new("two\nlines"), "title"),
            (NewTask { description: long(50_001), ..new("x") }, "description"),
            (NewTask { metadata: long(64 * 1024 + 1), ..new("x") }, "metadata"),
            (NewTask { due_at: Some(Millis(-1)), ..new("x") }, "due_date"),
            (NewTask { due_at: Some(Millis(i64::MAX)), ..new("x") }, "due_date"),
            (given("x", "Eve"), "assigned_to"),
            (NewTask { status: Some(Status::Assigned), ..new("x") }, "status"),
            (NewTask { status: Some(Status::InProgress), ..new("x") }, "status"),
        ];
        for (wrong, field) in cases {
            let error = refused(tasks::create(&world.ctx(), wrong).await);
            assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some(field)));
        }
        assert_eq!(world.count("SELECT count(*) FROM tasks", vec![]).await, 0);
        let task = make(&world, new("x")).await;
        let number = task.number;
        let cases = [
            (TaskChange::default(), ""),
            (TaskChange { title: Some(String::new()), ..TaskChange::default() }, "title"),
            (TaskChange { description: Patch::Value("x".repeat(50_001)), ..TaskChange::default() }, "description"),
            (TaskChange { metadata: Patch::Value("x".repeat(64 * 1024 + 1)), ..TaskChange::default() }, "metadata"),
            (TaskChange { due_at: Patch::Value(Millis(-1)), ..TaskChange::default() }, "due_date"),
            (give("Eve"), "assigned_to"),
            (to(Status::Assigned), "status"),
            (to(Status::InProgress), "status"),
            (TaskChange { status: Some(Status::Inbox), ..give("Ann") }, "status"),
        ];
        for (wrong, field) in cases {
            let error = refused(tasks::update(&world.ctx(), number, wrong).await);
            assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some(field)));
        }
        assert_eq!(tasks::find(&world.ctx(), number).await.expect("finds it"), task);
        assert_eq!(refused(tasks::update(&world.ctx(), 99, to(Status::Done)).await).kind(), Kind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn a_task_moves_with_its_agent_and_its_end_is_noted() {
    on_both(async |world| {
        let (ann, bob) = (world.elsewhere("Ann").await, world.elsewhere("Bob").await);
        let task = make(&world, new("a task")).await;
        let task = change(&world, &task, give("Ann")).await;
        assert_eq!((task.status, &task.agent), (Status::Assigned, &Some(ann.id.clone())));
        let task = change(&world, &task, give(&bob.id)).await;
        assert_eq!((task.status, task.agent_name.as_deref()), (Status::Assigned, Some("Bob")));
        let task = change(&world, &task, to(Status::InProgress)).await;
        let task = change(&world, &task, give("Ann")).await;
        assert_eq!(task.status, Status::InProgress, "another goes on with it");
        world.advance(seconds(1));
        let task = change(&world, &task, to(Status::Done)).await;
        assert_eq!((task.finished_at, task.changed_at), (Some(world.now()), world.now()));
        world.advance(seconds(1));
        let title = TaskChange { title: Some("a better title".to_owned()), ..TaskChange::default() };
        let task = change(&world, &task, title).await;
        assert_eq!(task.finished_at.map(|at| at + seconds(1)), Some(world.now()), "when it ended stays");
        let task = change(&world, &task, to(Status::InProgress)).await;
        assert_eq!((task.finished_at, &task.agent), (None, &Some(ann.id)), "it is open again");
        let nobody = TaskChange { assigned_to: Patch::Null, ..TaskChange::default() };
        let task = change(&world, &task, nobody.clone()).await;
        assert_eq!((task.status, &task.agent), (Status::Inbox, &None));
        let task = change(&world, &task, TaskChange { status: Some(Status::Review), ..give("Bob") }).await;
        let task = change(&world, &task, nobody).await;
        assert_eq!((task.status, &task.agent), (Status::Review, &None), "somebody may look at it all the same");
        let task = change(&world, &task, give("Bob")).await;
        let task = change(&world, &task, to(Status::Inbox)).await;
        assert_eq!((task.status, &task.agent), (Status::Inbox, &None));
        let before = world.event_kinds().await.len();
        assert_eq!(change(&world, &task, to(Status::Inbox)).await, task);
        assert_eq!(world.event_kinds().await.len(), before, "what is so already is no change");
        let cleared =
            TaskChange { description: Patch::Null, metadata: Patch::Null, due_at: Patch::Null, ..to(Status::Failed) };
        let task = change(&world, &task, cleared).await;
        assert_eq!((task.status, task.finished_at), (Status::Failed, Some(world.now())));
        let log = events::list(&world.ctx(), &events::EventFilter::default(), 100).await.expect("lists");
        let last = log.last().expect("an event");
        let data: serde_json::Value = serde_json::from_str(last.data.get()).expect("JSON");
        assert_eq!((last.kind.as_str(), last.subject.as_str()), ("task.changed", "task-1"));
        assert_eq!(data["fields"], serde_json::json!(["status"]));
        assert_eq!((&data["from"], &data["status"]), (&"inbox".into(), &"failed".into()));
    })
    .await;
}

#[tokio::test]
async fn tasks_are_listed_newest_first_by_what_they_are() {
    on_both(async |world| {
        world.elsewhere("Ann").await;
        for n in 0..6 {
            let priority = Some(if n % 2 == 0 { Priority::High } else { Priority::Low });
            let task = if n < 4 { given(&format!("t{n}"), "Ann") } else { new(&format!("t{n}")) };
            make(&world, NewTask { priority, ..task }).await;
            world.advance(seconds(n % 2));
        }
        let list = async |filter: TaskFilter, limit, offset| {
            let (tasks, total) = tasks::list(&world.ctx(), &filter, limit, offset).await.expect("lists");
            (tasks.into_iter().map(|task| task.title).collect::<Vec<_>>().join(" "), total)
        };
        let all = TaskFilter::default;
        assert_eq!(list(all(), 10, 0).await, ("t5 t4 t3 t2 t1 t0".to_owned(), 6));
        assert_eq!(list(all(), 2, 1).await, ("t4 t3".to_owned(), 6));
        assert_eq!(list(all(), 2, 10).await, (String::new(), 6));
        let inbox = TaskFilter { status: Some(Status::Inbox), ..all() };
        assert_eq!(list(inbox, 10, 0).await, ("t5 t4".to_owned(), 2));
        let anns = TaskFilter { assigned_to: Some("Ann".to_owned()), priority: Some(Priority::High), ..all() };
        assert_eq!(list(anns, 1, 0).await, ("t2".to_owned(), 2));
        let none = TaskFilter { status: Some(Status::Done), ..all() };
        assert_eq!(list(none, 10, 3).await, (String::new(), 0));
        let unknown = TaskFilter { assigned_to: Some("Eve".to_owned()), ..all() };
        assert_eq!(refused(tasks::list(&world.ctx(), &unknown, 10, 0).await).field(), Some("assigned_to"));
    })
    .await;
}

#[tokio::test]
async fn an_agent_gets_what_is_most_urgent_and_the_same_again_until_it_is_done() {
    on_both(async |world| {
        for name in ["Ann", "Bob"] {
            world.elsewhere(name).await;
        }
        assert_eq!(claim(&world, "Ann").await, (None, Reason::NoTasksAvailable));
        for (task, priority) in [
            (given("Bob's own", "Bob"), Priority::Critical),
            (new("free and old"), Priority::High),
            (given("Ann's own", "Ann"), Priority::High),
            (new("free and urgent"), Priority::Critical),
            (new("free and not urgent"), Priority::Low),
        ] {
            make(&world, NewTask { priority: Some(priority), ..task }).await;
            world.advance(seconds(1));
        }
        assert_eq!(claim(&world, "Ann").await, got("free and urgent", Reason::Assigned));
        let events = world.event_kinds().await;
        assert_eq!(events.last().map(String::as_str), Some("task.claimed"));
        let before = world.db.traffic();
        assert_eq!(claim(&world, "Ann").await, got("free and urgent", Reason::ContinueCurrent));
        let after = world.db.traffic();
        assert_eq!((after.reads - before.reads, after.writes - before.writes), (2, 0));
        let finish = async |agent: &str| {
            let task = tasks::claim(&world.ctx(), agent, 1).await.expect("claims").task.expect("a task");
            change(&world, &task, to(Status::Done)).await;
        };
        finish("Ann").await;
        assert_eq!(claim(&world, "Ann").await, got("Ann's own", Reason::Assigned), "of equal ones its own comes first");
        finish("Ann").await;
        assert_eq!(claim(&world, "Ann").await, got("free and old", Reason::Assigned));
        finish("Ann").await;
        assert_eq!(claim(&world, "Ann").await, got("free and not urgent", Reason::Assigned));
        finish("Ann").await;
        let before = world.db.traffic();
        assert_eq!(claim(&world, "Ann").await, (None, Reason::NoTasksAvailable), "Bob's is Bob's");
        let after = world.db.traffic();
        assert_eq!((after.reads - before.reads, after.writes - before.writes), (2, 0));
        assert_eq!(claim(&world, "Bob").await, got("Bob's own", Reason::Assigned));
    })
    .await;
}

#[tokio::test]
async fn an_agent_takes_as_many_tasks_as_it_has_room_for() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        for n in 0..3 {
            make(&world, new(&format!("t{n}"))).await;
            world.advance(seconds(1));
        }
        let claim = async |capacity| {
            let claimed = tasks::claim(&world.ctx(), "Ann", capacity).await.expect("claims");
            (claimed.task.map(|task| task.title), claimed.reason)
        };
        assert_eq!(claim(2).await, got("t0", Reason::Assigned));
        assert_eq!(claim(2).await, got("t1", Reason::Assigned));
        assert_eq!(claim(2).await, got("t0", Reason::ContinueCurrent));
        assert_eq!(claim(20).await, got("t2", Reason::Assigned));
        assert_eq!(claim(20).await, got("t0", Reason::ContinueCurrent), "nothing else is left");
        for wrong in [0, -1, 21] {
            let error = refused(tasks::claim(&world.ctx(), "Ann", wrong).await);
            assert_eq!(error.field(), Some("max_capacity"));
        }
        assert_eq!(refused(tasks::claim(&world.ctx(), "Eve", 1).await).kind(), Kind::NotFound);
        agents::stop(&world.ctx(), &ann.id).await.expect("stops");
        assert_eq!(refused(tasks::claim(&world.ctx(), "Ann", 1).await).kind(), Kind::Conflict);
    })
    .await;
}

async fn fill(world: &World, count: i64) {
    for n in 0..count {
        make(world, new(&format!("t{n}"))).await;
    }
}

/// Claims and finishes until nothing is left, which only a look without locks can tell.
async fn work(ctx: Ctx, agent: String) -> Vec<i64> {
    let mut done = vec![];
    let inbox = TaskFilter { status: Some(Status::Inbox), ..TaskFilter::default() };
    loop {
        match tasks::claim(&ctx, &agent, 1).await.expect("claims").task {
            Some(task) => {
                assert_eq!(task.agent_name.as_deref(), Some(agent.as_str()));
                tasks::update(&ctx, task.number, to(Status::Done)).await.expect("finishes");
                done.push(task.number);
            }
            None if tasks::list(&ctx, &inbox, 1, 0).await.expect("lists").1 == 0 => return done,
            None => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_tasks_are_claimed_once_each_by_fifty_workers() {
    on_both(async |world| {
        fill(&world, 1000).await;
        let mut workers = vec![];
        for n in 0..50 {
            let agent = world.elsewhere(&format!("worker {n}")).await;
            workers.push(tokio::spawn(work(world.ctx(), agent.name)));
        }
        let mut done = vec![];
        for worker in workers {
            done.extend(worker.await.expect("no panic"));
        }
        let distinct: BTreeSet<i64> = done.iter().copied().collect();
        assert_eq!((done.len(), distinct.len()), (1000, 1000));
        let kinds = world.event_kinds().await;
        let count = |kind: &str| kinds.iter().filter(|each| *each == kind).count();
        assert_eq!((count("task.claimed"), count("task.changed")), (1000, 1000));
        let open = "SELECT count(*) FROM tasks WHERE status <> 'done' OR finished_at IS NULL OR agent_id IS NULL";
        assert_eq!(world.count(open, vec![]).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_agent_that_asks_many_times_at_once_has_one_task() {
    on_both(async |world| {
        world.elsewhere("Ann").await;
        fill(&world, 20).await;
        let claims: Vec<_> = (0..20)
            .map(|_| {
                let ctx = world.ctx();
                tokio::spawn(async move { tasks::claim(&ctx, "Ann", 1).await })
            })
            .collect();
        let mut numbers = BTreeSet::new();
        for claim in claims {
            numbers.insert(claim.await.expect("no panic").expect("claims").task.expect("a task").number);
        }
        assert_eq!(numbers.len(), 1);
        assert_eq!(world.count("SELECT count(*) FROM tasks WHERE status = 'in_progress'", vec![]).await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_agents_token_reports_on_its_own_tasks_and_on_no_others() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        world.elsewhere("Bob").await;
        let token = world.ctx_with_token(&ann);
        let (own, others) = (make(&world, given("own", "Ann")).await, make(&world, given("theirs", "Bob")).await);
        let free = make(&world, new("free")).await;
        let claimed = tasks::claim(&token, "Ann", 1).await.expect("claims");
        assert_eq!(claimed.task.map(|task| task.number), Some(own.number));
        assert_eq!(refused(tasks::claim(&token, "Bob", 1).await).kind(), Kind::Forbidden);
        let report = TaskChange { metadata: Patch::Value(r#"{"pages":3}"#.to_owned()), ..to(Status::Review) };
        let reported = tasks::update(&token, own.number, report).await.expect("reports");
        assert_eq!((reported.status, reported.metadata.as_deref()), (Status::Review, Some(r#"{"pages":3}"#)));
        for (number, change) in [
            (others.number, to(Status::Done)),
            (free.number, to(Status::Done)),
            (own.number, give("Bob")),
            (own.number, TaskChange { title: Some("x".to_owned()), ..TaskChange::default() }),
            (own.number, TaskChange { priority: Some(Priority::Low), ..TaskChange::default() }),
        ] {
            assert_eq!(refused(tasks::update(&token, number, change).await).kind(), Kind::Forbidden);
        }
        tasks::update(&token, own.number, to(Status::Inbox)).await.expect("gives it back");
        assert_eq!(refused(tasks::update(&token, own.number, to(Status::Done)).await).kind(), Kind::Forbidden);
    })
    .await;
}

#[tokio::test]
async fn what_an_agent_that_is_removed_had_not_finished_is_free_again() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        let tasks_of_ann = [
            make(&world, given("begun", "Ann")).await,
            make(&world, given("not begun", "Ann")).await,
            make(&world, NewTask { status: Some(Status::Done), ..given("done", "Ann") }).await,
        ];
        assert_eq!(claim(&world, "Ann").await, got("begun", Reason::Assigned));
        agents::delete(&world.ctx(), &ann.id, false).await.expect("deletes");
        let mut after = vec![];
        for task in &tasks_of_ann {
            let task = tasks::find(&world.ctx(), task.number).await.expect("is still there");
            after.push((task.status, task.agent));
        }
        assert_eq!(after, [(Status::Inbox, None), (Status::Inbox, None), (Status::Done, None)]);
        let kinds = world.event_kinds().await;
        assert_eq!(kinds[kinds.len() - 3..], ["task.changed", "task.changed", "agent.deleted"]);
    })
    .await;
}

#[tokio::test]
async fn tasks_of_another_org_do_not_exist() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        let task = make(&world, given("a task", "Ann")).await;
        let spy = world.ctx_in("spies").await;
        let missing = |error: muster_base::Error| assert_eq!(error.kind(), Kind::NotFound, "{error:?}");
        missing(refused(tasks::find(&spy, task.number).await));
        missing(refused(tasks::update(&spy, task.number, to(Status::Done)).await));
        missing(refused(tasks::delete(&spy, task.number).await));
        missing(refused(tasks::claim(&spy, &ann.id, 1).await));
        let all = TaskFilter::default();
        assert_eq!(tasks::list(&spy, &all, 10, 0).await.expect("lists"), (vec![], 0));
        assert_eq!(refused(tasks::create(&spy, given("x", &ann.id)).await).field(), Some("assigned_to"));
        let own = tasks::create(&spy, new("own")).await.expect("makes a task");
        assert_eq!(
            refused(tasks::update(&spy, own.number, give(&ann.number.to_string())).await).field(),
            Some("assigned_to")
        );
        assert_eq!(tasks::find(&world.ctx(), task.number).await.expect("finds it"), task);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_request_makes_one_task() {
    on_both(async |world| {
        let first = tasks::create(&world.repeatable("key"), new("once")).await.expect("makes a task");
        let again = tasks::create(&world.repeatable("key"), new("once")).await.expect("finds it");
        assert_eq!(again, first);
        assert_eq!(world.count("SELECT count(*) FROM tasks", vec![]).await, 1);
    })
    .await;
}
