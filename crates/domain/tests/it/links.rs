//! Links: written down with what follows from them, on both databases and over nodes that die.

use crate::support::{World, on_both, page, seconds, soon};
use muster_base::Secret;
use muster_domain::agents::{self, Presence};
use muster_domain::enrolments::{self, Machine};
use muster_domain::links::{self, Link, Push};
use muster_domain::{App, Ctx, Request, access};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Looks after a node's links until it is dropped.
struct Kept(CancellationToken);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

fn keep(app: &Arc<App>) -> Kept {
    let stop = CancellationToken::new();
    tokio::spawn(links::run(app.clone(), stop.clone()));
    Kept(stop)
}

async fn token(world: &World) -> Secret<String> {
    access::create_agent_token(&world.ctx(), "fleet", None).await.expect("makes a token").1
}

async fn dial(app: &Arc<App>, secret: &Secret<String>, machine: &str) -> Arc<Link> {
    let principal = access::identify(app, secret.expose()).await.expect("the credential is good");
    let ctx = Ctx::new(app.clone(), principal, Request::default());
    let machine = Machine { id: machine.to_owned(), ..Machine::default() };
    let enrolled = enrolments::enrol(&ctx, machine).await.expect("enrols");
    soon("the link", links::open(app, enrolled, "pk".to_owned())).await.expect("a link")
}

async fn becomes(world: &World, agent: &str, presence: Presence) {
    let wait = async {
        while agents::find(&world.ctx(), agent).await.expect("finds").presence != presence {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    soon("the presence", wait).await;
}

#[tokio::test]
async fn a_link_is_written_down_with_its_presence_and_events_and_so_is_its_end() {
    on_both(async |world| {
        let kept = keep(&world.app);
        let link = dial(&world.app, &token(&world).await, "ann").await;
        assert_eq!(agents::find(&world.ctx(), &link.agent).await.unwrap().presence, Presence::Online);
        link.received(100, true);
        soon("the beat", async {
            while links::list(&world.ctx(), &page(10)).await.unwrap().items.is_empty() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        })
        .await;
        let shown = links::list(&world.ctx(), &page(10)).await.unwrap().items.remove(0);
        assert_eq!((shown.machine.as_str(), shown.bytes_in), ("ann", 100));
        let other = world.ctx_in("other").await;
        assert!(links::list(&other, &page(10)).await.unwrap().items.is_empty());
        links::close(&link).await;
        becomes(&world, &link.agent, Presence::Offline).await;
        let kinds = world.event_kinds().await;
        for kind in ["agent.connected", "agent.disconnected"] {
            assert_eq!(kinds.iter().filter(|other| other.as_str() == kind).count(), 1, "{kind} in {kinds:?}");
        }
        assert_eq!(links::stats(&world.ctx()).await.unwrap().bytes, 100);
        drop(kept);
    })
    .await;
}

#[tokio::test]
async fn a_silent_link_is_idle_after_a_while_and_active_again_with_the_next_word() {
    on_both(async |world| {
        let kept = keep(&world.app);
        let link = dial(&world.app, &token(&world).await, "ann").await;
        world.advance(seconds(301));
        link.received(1, false);
        becomes(&world, &link.agent, Presence::Idle).await;
        link.received(1, true);
        becomes(&world, &link.agent, Presence::Online).await;
        drop(kept);
    })
    .await;
}

#[tokio::test]
async fn an_agent_that_dials_in_at_another_node_stays_online_when_the_older_link_ends() {
    on_both(async |world| {
        let node = world.other_node();
        let kept = (keep(&world.app), keep(&node));
        let secret = token(&world).await;
        let older = dial(&world.app, &secret, "ann").await;
        let newer = dial(&node, &secret, "ann").await;
        assert_eq!(older.agent, newer.agent);
        links::close(&older).await;
        // What is written after it shows that the end of the older one was written.
        dial(&world.app, &secret, "bob").await;
        assert_eq!(agents::find(&world.ctx(), &newer.agent).await.unwrap().presence, Presence::Online);
        assert!(!world.event_kinds().await.iter().any(|kind| kind == "agent.disconnected"));
        drop(kept);
    })
    .await;
}

/// Hands on what one node has for another, until it is dropped.
struct Post(tokio::task::JoinHandle<()>);

impl Drop for Post {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn post(from: &Arc<App>, to: &Arc<App>) -> Post {
    let (sender, mut letters) = tokio::sync::mpsc::channel(64);
    from.links.send_by(sender);
    let to = to.clone();
    Post(tokio::spawn(async move {
        while let Some((_, letter)) = letters.recv().await {
            to.links.receive(&to, letter);
        }
    }))
}

/// The next thing that an agent is told and that `find` knows.
async fn told<T>(link: &Link, find: impl Fn(Push) -> Option<T>) -> T {
    let next = async {
        loop {
            match link.next() {
                Some(push) => {
                    if let Some(found) = find(push) {
                        return found;
                    }
                }
                None => link.rung().await,
            }
        }
    };
    soon("what the agent is told", next).await
}

#[tokio::test]
async fn a_session_with_an_agent_whose_node_is_dead_is_over() {
    on_both(async |world| {
        let node = world.other_node();
        let (kept, kept_there) = (keep(&world.app), keep(&node));
        let (_there, back) = (post(&world.app, &node), post(&node, &world.app));
        let secret = token(&world).await;
        let (ann, bob) = (dial(&world.app, &secret, "ann").await, dial(&node, &secret, "bob").await);
        // Until both nodes have said that they live.
        let mut tries = 0;
        let session = loop {
            tries += 1;
            let session = format!("s-{tries}");
            links::ask(&ann, &session, &bob.agent).await.expect("asks");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            if links::accept(&bob, &session).is_ok() {
                break session;
            }
        };
        told(&ann, |push| matches!(push, Push::Accepted { .. }).then_some(())).await;
        links::tidy(&world.app).await.expect("looks");
        links::accept(&bob, &session).expect("it goes on while both live");
        // What it says at its end is lost, as when it is killed.
        drop(back);
        links::close(&bob).await;
        drop(kept_there);
        let reason = told(&ann, |push| match push {
            Push::Rejected { session: over, reason } if *over == *session => Some(reason),
            _ => None,
        })
        .await;
        assert_eq!(reason, "the agent is not connected");
        drop(kept);
    })
    .await;
}
