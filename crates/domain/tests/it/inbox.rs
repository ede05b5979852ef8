//! What waits for agents that run elsewhere, and what they say of it.

use crate::support::{World, message, on_both, refused, soon};
use muster_base::Kind;
use muster_domain::agents::Agent;
use muster_domain::comms::{self, Outgoing};
use muster_domain::conversations::{self, Message, Status};
use muster_domain::enrolments::{self, Machine};
use muster_domain::heartbeat::{self, Beat};
use muster_domain::inbox::{self, Waiting};
use muster_domain::interrupts;
use muster_domain::{Ctx, Request, access, agents};

async fn tell(ctx: &Ctx, from: &str, to: &str, content: &str) -> Message {
    let outgoing = Outgoing { from: from.to_owned(), to: to.to_owned(), content: content.to_owned(), kind: None };
    comms::send(ctx, outgoing).await.expect("sends").message
}

async fn waits(world: &World, agent: &Agent) -> Vec<Waiting> {
    inbox::undelivered(&world.ctx(), &agent.id, 0, inbox::MOST).await.expect("lists")
}

fn texts(waiting: &[Waiting]) -> Vec<(&str, &str)> {
    waiting.iter().map(|message| (message.from.as_str(), message.content.as_str())).collect()
}

async fn found(world: &World, agent: &Agent, id: &str) -> Message {
    conversations::message(&world.ctx(), &agent.id, id).await.expect("is there")
}

#[tokio::test]
async fn everything_waits_in_one_order_however_it_came() {
    on_both(async |world| {
        let (ann, bob, host) = (world.elsewhere("Ann").await, world.elsewhere("Bob").await, world.agent("Host").await);
        tell(&world.ctx(), "Bob", "Ann", "over mission").await;
        let api = conversations::post(&world.ctx(), &ann.id, message("c", "over hosting")).await.expect("posts");
        interrupts::interrupt(&world.ctx_as("usr_1", muster_domain::access::Role::Operator), "Ann", "over the network")
            .await
            .expect("interrupts");
        let asked = tell(&world.ctx(), "Ann", "Host", "what is up?").await;
        world.answer_all("all is well").await;
        let waiting = waits(&world, &ann).await;
        assert_eq!(
            texts(&waiting),
            [("Bob", "over mission"), ("Ann", "over hosting"), ("usr_1", "over the network"), ("Host", "all is well")]
        );
        assert!(waiting.is_sorted_by_key(|message| message.number));
        let replies: Vec<Option<&String>> = waiting.iter().map(|message| message.reply_to.as_ref()).collect();
        assert_eq!(replies, [None, None, None, Some(&asked.id)]);
        assert_eq!((waiting[0].from_id.as_str(), waiting[3].from_id.as_str()), (bob.id.as_str(), host.id.as_str()));
        let rest = inbox::undelivered(&world.ctx(), &ann.id, waiting[0].number, 2).await.expect("lists");
        assert_eq!(rest[..], waiting[1..3]);
        let work = heartbeat::look(&world.ctx(), &ann.id).await.expect("looks").1;
        let beaten: Vec<i64> = work.messages.iter().map(|message| message.number).collect();
        assert_eq!(beaten, waiting.iter().map(|message| message.number).collect::<Vec<_>>(), "as a heartbeat shows it");
        assert!(waits(&world, &host).await.is_empty(), "a hosted agent's messages are in turns");
        assert_eq!(api.turn, None);
    })
    .await;
}

#[tokio::test]
async fn no_more_text_is_given_at_once_than_fits() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        for at in 0..4 {
            tell(&world.ctx(), "muster", "Ann", &format!("{at}{}", "x".repeat(400_000))).await;
        }
        let first = waits(&world, &ann).await;
        assert_eq!(first.len(), 2);
        let rest = inbox::undelivered(&world.ctx(), &ann.id, first[1].number, 100).await.expect("lists");
        assert_eq!(rest.len(), 2);
        tell(&world.ctx(), "muster", "Ann", &"y".repeat(1024 * 1024)).await;
        let last = inbox::undelivered(&world.ctx(), &ann.id, rest[1].number, 100).await.expect("lists");
        assert_eq!(last.len(), 1, "the first always fits");
        assert!(inbox::undelivered(&world.ctx(), &ann.id, last[0].number, 100).await.expect("lists").is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_was_delivered_waits_until_it_is_acknowledged() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        let (one, two) =
            (tell(&world.ctx(), "muster", "Ann", "one").await, tell(&world.ctx(), "muster", "Ann", "two").await);
        let mut delivered = world.app.db.hub().listen("delivered", &ann.id);
        let ids = [one.id.clone(), "msg_of_nobody".to_owned()];
        inbox::mark_delivered(&world.ctx(), &ann.id, &ids).await.expect("marks");
        soon("the one who waits wakes", delivered.wait()).await;
        let kinds = world.event_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "message.delivered").count(), 1);
        inbox::mark_delivered(&world.ctx(), &ann.id, &ids).await.expect("marks");
        assert_eq!(world.event_kinds().await.len(), kinds.len(), "once is enough");
        assert_eq!(found(&world, &ann, &one.id).await.delivered_at, Some(world.now()));
        let waiting = waits(&world, &ann).await;
        assert_eq!(waiting[0].delivered_at, Some(world.now()));
        assert_eq!(texts(&waiting), [("muster", "one"), ("muster", "two")]);
        inbox::acknowledge(&world.ctx(), &ann.id, &[one.id.clone(), one.id.clone()]).await.expect("acknowledges");
        assert_eq!(texts(&waits(&world, &ann).await), [("muster", "two")]);
        let read = found(&world, &ann, &one.id).await;
        assert_eq!((read.status, read.read_at), (Status::Completed, Some(world.now())));
        let events = world.event_kinds().await.len();
        inbox::acknowledge(&world.ctx(), &ann.id, std::slice::from_ref(&one.id)).await.expect("again is no error");
        let beat = Beat { acknowledged: vec![one.number.expect("a number")], ..Beat::default() };
        heartbeat::beat(&world.ctx_with_token(&ann), &ann.id, beat).await.expect("a heartbeat says the same");
        assert_eq!(
            world.event_kinds().await.iter().skip(events).filter(|kind| *kind == "message.acknowledged").count(),
            0
        );
        let unknown = refused(inbox::acknowledge(&world.ctx(), &ann.id, &[two.id.clone(), "msg_x".to_owned()]).await);
        assert_eq!((unknown.field(), unknown.message()), (Some("ack"), "ack: has ids of no message to Ann: msg_x"));
        assert_eq!(waits(&world, &ann).await.len(), 1, "refused whole");
    })
    .await;
}

#[tokio::test]
async fn a_reply_answers_its_message_once() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        let asked = interrupts::interrupt(&world.ctx(), "Ann", "what is the time?").await.expect("interrupts").message;
        let mut answers = world.app.db.hub().listen("replies", &asked.conversation);
        let own = world.ctx_with_token(&ann);
        let id = inbox::reply(&own, &ann.id, &asked.id, "noon\0".to_owned()).await.expect("replies");
        soon("who waits for it wakes", answers.wait()).await;
        let reply = found(&world, &ann, &id).await;
        assert_eq!((reply.role.as_str(), reply.content.as_str(), &reply.turn), ("assistant", "noon", &None));
        assert_eq!((reply.reply_to.as_ref(), reply.status), (Some(&asked.id), Status::Completed));
        assert_eq!(reply.conversation, asked.conversation);
        let answered = found(&world, &ann, &asked.id).await;
        assert_eq!((answered.status, answered.read_at), (Status::Completed, Some(world.now())));
        assert_eq!(answered.delivered_at, Some(world.now()));
        assert!(waits(&world, &ann).await.is_empty());
        assert_eq!(world.event_kinds().await.last().map(String::as_str), Some("message.completed"));
        let events = world.event_kinds().await.len();
        for name in [asked.id.clone(), asked.number.expect("a number").to_string()] {
            let again = inbox::reply(&own, &ann.id, &name, "noon".to_owned()).await.expect("the same again");
            assert_eq!(again, id);
        }
        let other = refused(inbox::reply(&own, &ann.id, &asked.id, "midnight".to_owned()).await);
        assert_eq!(other.kind(), Kind::Conflict);
        assert_eq!(world.event_kinds().await.len(), events);
        world.check_books().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_acknowledged_first_may_be_answered_later() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        let asked = interrupts::interrupt(&world.ctx(), "Ann", "think of it").await.expect("interrupts").message;
        inbox::acknowledge(&world.ctx(), &ann.id, std::slice::from_ref(&asked.id)).await.expect("acknowledges");
        let read_at = found(&world, &ann, &asked.id).await.read_at;
        world.advance(std::time::Duration::from_secs(5));
        inbox::reply(&world.ctx(), &ann.id, &asked.id, "I did".to_owned()).await.expect("replies");
        assert_eq!(found(&world, &ann, &asked.id).await.read_at, read_at);
        world.check_books().await;
    })
    .await;
}

#[tokio::test]
async fn replies_at_once_are_one_reply() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        let asked = interrupts::interrupt(&world.ctx(), "Ann", "now").await.expect("interrupts").message;
        let nodes = [world.app.clone(), world.other_node()];
        let mut tasks = tokio::task::JoinSet::new();
        for at in 0..12 {
            let (ctx, ann, asked) = (Ctx::system(nodes[at % 2].clone(), "acme"), ann.id.clone(), asked.id.clone());
            tasks.spawn(async move { inbox::reply(&ctx, &ann, &asked, format!("text {}", at % 2)).await });
        }
        let all = soon("all have replied", tasks.join_all()).await;
        let ids: std::collections::BTreeSet<String> =
            all.iter().filter_map(|result| result.as_ref().ok().cloned()).collect();
        assert_eq!(ids.len(), 1);
        let refusals: Vec<Kind> = all.into_iter().filter_map(|result| result.err().map(|error| error.kind())).collect();
        assert_eq!(refusals, [Kind::Conflict; 6]);
        world.check_books().await;
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_answered_is_said_so() {
    on_both(async |world| {
        let (ann, bob, host) = (world.elsewhere("Ann").await, world.elsewhere("Bob").await, world.agent("Host").await);
        let to_bob = tell(&world.ctx(), "muster", "Bob", "hello").await;
        let to_host = world.post(&host, "c", "hello").await.message;
        let asked = tell(&world.ctx(), "Ann", "Bob", "well?").await;
        let reply = inbox::reply(&world.ctx(), &bob.id, &asked.id, "well".to_owned()).await.expect("replies");
        let try_reply = async |agent: &Agent, message: &str, text: &str| {
            refused(inbox::reply(&world.ctx(), &agent.id, message, text.to_owned()).await)
        };
        assert_eq!(try_reply(&ann, &to_bob.id, "x").await.kind(), Kind::NotFound, "another's");
        assert_eq!(try_reply(&ann, "msg_x", "x").await.kind(), Kind::NotFound);
        assert_eq!(try_reply(&bob, &to_bob.id, " \0 ").await.field(), Some("content"));
        let large = "x".repeat(1024 * 1024 + 1);
        assert_eq!(try_reply(&bob, &to_bob.id, &large).await.field(), Some("content"));
        assert_eq!(try_reply(&host, &to_host.id, "x").await.kind(), Kind::Conflict, "a turn answers it");
        let waiting = waits(&world, &ann).await;
        assert_eq!((waiting[0].id.as_str(), waiting[0].reply_to.as_ref()), (reply.as_str(), Some(&asked.id)));
        let thanks = try_reply(&ann, &reply, "thank you").await;
        assert_eq!((thanks.kind(), thanks.field()), (Kind::Invalid, Some("messageId")));
        let stranger = world.ctx_with_token(&ann);
        for refusal in [
            inbox::reply(&stranger, &bob.id, &to_bob.id, "x".to_owned()).await.map(drop),
            inbox::undelivered(&stranger, &bob.id, 0, 1).await.map(drop),
            inbox::mark_delivered(&stranger, &bob.id, std::slice::from_ref(&to_bob.id)).await,
            inbox::acknowledge(&stranger, &bob.id, std::slice::from_ref(&to_bob.id)).await,
        ] {
            assert_eq!(refused(refusal).code(), "auth.other_agent");
        }
        let other = world.ctx_in("other").await;
        assert_eq!(refused(inbox::reply(&other, &bob.id, &to_bob.id, "x".to_owned()).await).kind(), Kind::NotFound);
        assert_eq!(refused(inbox::undelivered(&other, &bob.id, 0, 1).await).kind(), Kind::NotFound);
        inbox::mark_delivered(&other, &bob.id, std::slice::from_ref(&to_bob.id)).await.expect("marks nothing");
        assert_eq!(found(&world, &bob, &to_bob.id).await.delivered_at, None);
    })
    .await;
}

#[tokio::test]
async fn a_reply_from_elsewhere_is_handed_on_to_the_agent_that_asked() {
    on_both(async |world| {
        let (ann, bob, host) = (world.elsewhere("Ann").await, world.elsewhere("Bob").await, world.agent("Host").await);
        let asked = tell(&world.ctx(), "Host", "Ann", "how are you?").await;
        let mut inbox_of_bob = world.app.db.hub().listen("inbox", &bob.id);
        inbox::reply(&world.ctx(), &ann.id, &asked.id, "fine".to_owned()).await.expect("replies");
        let handed = world.claim_one().await;
        assert_eq!((handed.turn.agent.as_str(), handed.turn.depth), (host.id.as_str(), 2));
        world.answer(&handed, "good", 5).await.expect("answers");
        assert!(world.claim().await.is_empty(), "no thanks for thanks");
        assert!(waits(&world, &ann).await.is_empty());

        let asked = tell(&world.ctx(), "Bob", "Ann", "and you?").await;
        inbox::reply(&world.ctx(), &ann.id, &asked.id, "fine too".to_owned()).await.expect("replies");
        soon("its link wakes", inbox_of_bob.wait()).await;
        let waiting = waits(&world, &bob).await;
        assert_eq!(texts(&waiting), [("Ann", "fine too")]);
        inbox::acknowledge(&world.ctx_with_token(&bob), &bob.id, &[waiting[0].id.clone()]).await.expect("acknowledges");
        assert!(waits(&world, &bob).await.is_empty());
        world.check_books().await;
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_came_to_be_hosted_no_longer_answers_from_elsewhere() {
    on_both(async |world| {
        let new =
            agents::NewAgent { name: "Mover".to_owned(), source: agents::Source::Api, ..agents::NewAgent::default() };
        let mover = agents::create(&world.ctx(), new).await.expect("makes an agent");
        assert!(!mover.hosted);
        let asked = tell(&world.ctx(), "muster", "Mover", "hello").await;
        let change = agents::AgentChange {
            configuration: muster_base::Patch::Value(serde_json::Map::from_iter([(
                "model".to_owned(),
                "offline/echo".into(),
            )])),
            ..agents::AgentChange::default()
        };
        agents::update(&world.ctx(), &mover.id, change).await.expect("moves");
        let error = refused(inbox::reply(&world.ctx(), &mover.id, &asked.id, "x".to_owned()).await);
        assert_eq!(error.kind(), Kind::Conflict);
        assert_eq!(world.answer_all("hello yourself").await, 1);
        world.check_at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn a_message_is_read_whole_by_whom_it_is_to() {
    on_both(async |world| {
        let (ann, bob) = (world.elsewhere("Ann").await, world.elsewhere("Bob").await);
        let (own, other) = (world.ctx_with_token(&ann), world.ctx_with_token(&bob));
        let asked = tell(&world.ctx(), "Bob", "Ann", "well?").await;
        let number = asked.number.expect("a number").to_string();
        inbox::reply(&own, &ann.id, &asked.id, "well".to_owned()).await.expect("replies");
        let reply = waits(&world, &bob).await.remove(0);
        for (ctx, name, content) in [
            (&own, &asked.id, "well?"),
            (&own, &number, "well?"),
            (&other, &reply.id, "well"),
            (&world.ctx(), &reply.id, "well"),
        ] {
            assert_eq!(inbox::read(ctx, name).await.expect("is theirs").content, content);
        }
        let whole = inbox::read(&other, &reply.id).await.expect("is theirs");
        assert_eq!((whole.from.as_str(), whole.reply_to.as_ref()), ("Ann", Some(&asked.id)));
        let foreign = world.ctx_in("other").await;
        for (ctx, name) in [(&other, &asked.id), (&own, &reply.id), (&foreign, &asked.id), (&foreign, &number)] {
            assert_eq!(refused(inbox::read(ctx, name).await).kind(), Kind::NotFound);
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_that_acts_as_no_agent_reads_what_is_to_its_machines() {
    on_both(async |world| {
        let (_, secret) = access::create_agent_token(&world.ctx(), "fleet", None).await.expect("makes a token");
        let shows = async || {
            let principal = access::identify(&world.app, secret.expose()).await.expect("the token is good");
            Ctx::new(world.app.clone(), principal, Request::default())
        };
        let mut agents = Vec::new();
        for machine in ["m-1", "m-2"] {
            let machine = Machine { id: machine.to_owned(), ..Machine::default() };
            agents.push(enrolments::enrol(&shows().await, machine).await.expect("enrols").agent);
        }
        let (ctx, bob) = (shows().await, world.elsewhere("Bob").await);
        refused(ctx.own_agent().map(str::to_owned));
        for agent in &agents {
            let asked = tell(&world.ctx(), "Bob", &agent.name, "well?").await;
            assert_eq!(inbox::read(&ctx, &asked.id).await.expect("is theirs").content, "well?");
        }
        let other = tell(&world.ctx(), "m-1", &bob.name, "well?").await;
        assert_eq!(refused(inbox::read(&ctx, &other.id).await).kind(), Kind::NotFound);
    })
    .await;
}
