//! Jobs: once by key, claimed by lease, tried again after longer and longer waits.

use crate::support::{World, on_both, seconds};
use muster_base::{Millis, new_id};
use muster_domain::jobs::{self, Job};
use std::collections::BTreeSet;
use std::time::Duration;

const KINDS: &[&str] = &["mail", "deploy"];
const LEASE: Duration = Duration::from_secs(120);

async fn enqueue(world: &World, kind: &str, key: &str, run_at: Millis) -> bool {
    let job = Job {
        id: new_id("job"),
        kind: kind.to_owned(),
        key: key.to_owned(),
        org: None,
        payload: "{}".to_owned(),
        attempts: 0,
    };
    let now = world.now();
    world
        .db
        .write(move |tx| Box::pin(async move { jobs::enqueue(tx, &job, run_at, now).await }))
        .await
        .expect("enqueues")
}

async fn claim(world: &World) -> Vec<Job> {
    jobs::claim_due(&world.app, KINDS, 10).await.expect("claims")
}

#[tokio::test]
async fn a_job_exists_once_by_its_kind_and_key() {
    on_both(async |world| {
        assert!(enqueue(&world, "mail", "a", world.now()).await);
        assert!(!enqueue(&world, "mail", "a", world.now() + seconds(5)).await);
        assert!(enqueue(&world, "deploy", "a", world.now()).await);
        assert_eq!(claim(&world).await.len(), 2);
        assert!(claim(&world).await.is_empty(), "what is leased is not given out again");
    })
    .await;
}

#[tokio::test]
async fn only_due_jobs_of_known_kinds_are_given_out_and_the_limit_holds() {
    on_both(async |world| {
        enqueue(&world, "unknown", "a", world.now()).await;
        enqueue(&world, "mail", "later", world.now() + seconds(10)).await;
        for n in 0..5 {
            enqueue(&world, "mail", &format!("now {n}"), world.now()).await;
        }
        assert_eq!(jobs::claim_due(&world.app, KINDS, 2).await.expect("claims").len(), 2);
        assert_eq!(claim(&world).await.len(), 3);
        world.advance(seconds(10));
        let keys: Vec<String> = claim(&world).await.into_iter().map(|job| job.key).collect();
        assert_eq!(keys, ["later"]);
    })
    .await;
}

#[tokio::test]
async fn a_job_whose_worker_died_is_taken_up_again_and_the_dead_cannot_settle_it() {
    on_both(async |world| {
        enqueue(&world, "mail", "a", world.now()).await;
        let dead = claim(&world).await.remove(0);
        world.advance(LEASE + seconds(1));
        let other = world.other_node();
        let again = jobs::claim_due(&other, KINDS, 10).await.expect("claims").remove(0);
        assert_eq!((again.id.as_str(), again.attempts), (dead.id.as_str(), 2));
        jobs::done(&world.app, &dead, None).await.expect("changes nothing");
        jobs::failed(&world.app, &dead, "late").await.expect("changes nothing");
        assert_eq!(
            world.count("SELECT count(*) FROM jobs WHERE lease_owner IS NOT NULL AND last_error IS NULL", vec![]).await,
            1
        );
        jobs::done(&other, &again, None).await.expect("settles");
        assert_eq!(world.count("SELECT count(*) FROM jobs", vec![]).await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_wait_after_a_failure_doubles_and_a_success_forgets_it() {
    on_both(async |world| {
        enqueue(&world, "mail", "a", world.now()).await;
        for attempt in 1..=14u32 {
            let job = claim(&world).await.remove(0);
            assert_eq!(job.attempts, i64::from(attempt));
            jobs::failed(&world.app, &job, &"no luck ".repeat(100)).await.expect("settles");
            let wait = Duration::from_secs(2u64.pow(attempt).min(3600));
            assert_eq!(jobs::next_due(&world.app).await.expect("reads"), Some(world.now() + wait));
            world.advance(wait.saturating_sub(Duration::from_millis(1)));
            assert!(claim(&world).await.is_empty(), "not before its time");
            world.advance(Duration::from_millis(1));
        }
        let job = claim(&world).await.remove(0);
        jobs::done(&world.app, &job, Some(world.now() + seconds(60))).await.expect("settles");
        assert!(claim(&world).await.is_empty());
        world.advance(seconds(60));
        assert_eq!(claim(&world).await.remove(0).attempts, 1, "a job that comes again begins anew");
    })
    .await;
}

#[tokio::test]
async fn a_job_that_is_being_done_is_not_due() {
    on_both(async |world| {
        assert_eq!(jobs::next_due(&world.app).await.expect("reads"), None);
        enqueue(&world, "mail", "now", world.now()).await;
        enqueue(&world, "mail", "later", world.now() + seconds(500)).await;
        assert_eq!(jobs::next_due(&world.app).await.expect("reads"), Some(world.now()));
        let job = claim(&world).await.remove(0);
        assert_eq!(
            jobs::next_due(&world.app).await.expect("reads"),
            Some(world.now() + LEASE),
            "when its worker may have died"
        );
        jobs::done(&world.app, &job, None).await.expect("settles");
        assert_eq!(jobs::next_due(&world.app).await.expect("reads"), Some(world.now() + seconds(500)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_workers_at_once_take_each_job_once() {
    on_both(async |world| {
        for n in 0..30 {
            enqueue(&world, "mail", &format!("{n}"), world.now()).await;
        }
        let workers: Vec<_> = (0..10)
            .map(|_| {
                let app = world.other_node();
                tokio::spawn(async move {
                    let mut own = vec![];
                    loop {
                        let claimed = jobs::claim_due(&app, KINDS, 2).await.expect("claims");
                        assert!(claimed.len() <= 2, "the limit holds");
                        if claimed.is_empty() {
                            return own;
                        }
                        own.extend(claimed.into_iter().map(|job| job.id));
                    }
                })
            })
            .collect();
        let mut all = vec![];
        for worker in workers {
            all.extend(worker.await.expect("no panic"));
        }
        assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (30, 30));
    })
    .await;
}

#[tokio::test]
async fn housekeeping_is_registered_once_and_says_when_it_comes_again() {
    on_both(async |world| {
        jobs::register_housekeeping(&world.app).await.expect("registers");
        jobs::register_housekeeping(&world.app).await.expect("registers");
        let mut claimed = jobs::claim_due(&world.app, &["housekeeping"], 10).await.expect("claims");
        assert_eq!(claimed.len(), 1);
        let again = jobs::housekeep(&world.app).await.expect("runs");
        assert_eq!(again, world.now() + seconds(60));
        jobs::done(&world.app, &claimed.remove(0), Some(again)).await.expect("settles");
        jobs::register_housekeeping(&world.app).await.expect("a restart keeps the job as it is");
        assert_eq!(jobs::next_due(&world.app).await.expect("reads"), Some(again));
    })
    .await;
}

#[tokio::test]
async fn housekeeping_forgets_old_idempotency_keys() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let post = async |key: &str| {
            let new = crate::support::message("chat", "hello");
            muster_domain::conversations::post(&world.repeatable(key), &agent.id, new).await.expect("posts").message.id
        };
        let first = post("key").await;
        world.advance(seconds(24 * 3600));
        jobs::housekeep(&world.app).await.expect("runs");
        assert_eq!(post("key").await, first, "remembered for a day");
        world.advance(seconds(1));
        jobs::housekeep(&world.app).await.expect("runs");
        assert_ne!(post("key").await, first, "and then no more");
    })
    .await;
}
