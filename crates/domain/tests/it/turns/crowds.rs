//! Many at once: each turn is taken once, nothing is overdrawn, nobody waits for somebody who waits for them.

use crate::support::{World, answer, message, model_call, on_both, reserving, seconds, step};
use muster_base::Result;
use muster_domain::agents::{self, Agent, NewAgent};
use muster_domain::conversations::{self, NewMessage, QueueMode, Sender};
use muster_domain::turns::{self, Ending, StepKind};
use muster_domain::{App, Ctx, events, jobs, memory};
use muster_store::args;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_workers_take_each_turn_once_and_one_per_conversation() {
    on_both(async |world| {
        let agents = [world.agent("Ann").await, world.agent("Bob").await];
        for n in 0..40 {
            world.post(&agents[n % 2], &format!("chat-{n}"), "hello").await;
        }
        let workers: Vec<_> = (0..20)
            .map(|_| {
                let app = world.other_node();
                tokio::spawn(async move {
                    let mut taken = vec![];
                    for _ in 0..10 {
                        let claims = turns::claim(&app, 3, 10).await.expect("claims");
                        assert!(claims.len() <= 3, "the limit holds");
                        taken.extend(claims);
                    }
                    taken
                })
            })
            .collect();
        let mut taken = vec![];
        for worker in workers {
            taken.extend(worker.await.expect("no panic"));
        }
        // A worker may have passed over an agent that was being written to: what is left is taken now.
        taken.extend(world.claim().await);
        let distinct: BTreeSet<&str> = taken.iter().map(|claim| claim.turn.id.as_str()).collect();
        assert_eq!((taken.len(), distinct.len()), (40, 40));
        assert!(taken.iter().all(|claim| claim.turn.attempt == 1));
        for n in 0..40 {
            world.post(&agents[n % 2], &format!("chat-{n}"), "behind").await;
        }
        assert!(world.claim().await.is_empty(), "each conversation has one running turn");
        world.check_books().await;
    })
    .await;
}

/// A claim takes the turns of all orgs: the events of each go to the end of its own log.
#[tokio::test]
async fn turns_of_several_orgs_are_claimed_at_once_and_each_org_reads_of_its_own() {
    on_both(async |world| {
        let other = world.ctx_in("other").await;
        let new = NewAgent { name: "Zoe".to_owned(), balance: Some(1_000), ..NewAgent::default() };
        let stranger = agents::create(&other, new).await.expect("creates");
        let own = [world.agent("Ann").await, world.agent("Bob").await];
        for agent in &own {
            world.post(agent, "chat", "hello").await;
        }
        conversations::post(&other, &stranger.id, message("chat", "hello")).await.expect("posts");
        assert_eq!(world.claim().await.len(), 3);
        for (ctx, expected) in [(world.ctx(), 2), (other, 1)] {
            let sql = "SELECT count(*) FROM events WHERE org_id = $1 AND type = 'turn.started'";
            assert_eq!(world.count(sql, args![ctx.org()]).await, expected);
            assert_eq!(events::verify(&ctx).await.expect("verifies").broken_at, None, "{}", ctx.org());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_turns_at_once_never_reserve_or_use_more_than_there_is() {
    on_both(async |world| {
        let agent = world.agent_with_balance("Ann", 700).await;
        for n in 0..50 {
            world.post(&agent, &format!("chat-{n}"), "hello").await;
        }
        let done = Arc::new(AtomicBool::new(false));
        let workers: Vec<_> = (0..10)
            .map(|_| {
                let (app, done) = (world.other_node(), done.clone());
                tokio::spawn(async move {
                    while !done.load(Ordering::SeqCst) {
                        for claim in turns::claim(&app, 3, 100).await.expect("claims") {
                            let ctx = Ctx::of_agent(app.clone(), &claim.turn.org, &claim.turn.agent, "Ann");
                            // No worker uses more than it was granted.
                            let used = claim.grant.min(20);
                            turns::answer(&ctx, &claim.lease, answer("hi", 0, used)).await.expect("answers");
                        }
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        let bounded = "SELECT count(*) FROM agents WHERE reserved > balance OR balance < 0";
        let waiting = "SELECT count(*) FROM messages WHERE role = 'user' AND status <> 'completed'";
        crate::support::soon("the balance is used up", async {
            while world.find(&agent).await.balance > 0 {
                assert_eq!(world.count(bounded, vec![]).await, 0, "more is reserved than there is");
            }
        })
        .await;
        let used = world.find(&agent).await.output_tokens_used;
        assert_eq!(used, 700, "every token was used and none twice");
        agents::balance(&world.ctx(), &agent.id, 1000, true).await.expect("tops up");
        crate::support::soon("all are answered", async {
            while world.count(waiting, vec![]).await > 0 {
                assert_eq!(world.count(bounded, vec![]).await, 0, "more is reserved than there is");
            }
        })
        .await;
        done.store(true, Ordering::SeqCst);
        for worker in workers {
            worker.await.expect("no panic");
        }
        let after = world.find(&agent).await;
        assert_eq!(after.balance + after.output_tokens_used, 1700);
        assert_eq!(world.count("SELECT count(*) FROM messages WHERE role = 'assistant'", vec![]).await, 50);
        let made = world.count("SELECT count(*) FROM turns", vec![]).await;
        assert!(made < 500, "{made} turns for 50 messages: waiting for balance must not make turns again and again");
        world.check_at_rest().await;
    })
    .await;
}

/// Does one of all the things that happen to an agent, by number.
async fn meddle(app: &Arc<App>, agent: &Agent, other: &Agent, n: usize) -> Result<()> {
    let ctx = Ctx::system(app.clone(), "acme");
    let conversation = format!("chat-{}", n % 3);
    match n % 8 {
        0 | 1 => conversations::post(&ctx, &agent.id, message(&conversation, "hello")).await.map(drop),
        2 => {
            let new = NewMessage { queue_mode: QueueMode::Interrupt, ..message(&conversation, "stop") };
            conversations::post(&ctx, &agent.id, new).await.map(drop)
        }
        3 => {
            let sender = Sender { kind: "agent".to_owned(), id: other.id.clone(), name: other.name.clone() };
            let new =
                NewMessage { conversation: None, channel: "agent".to_owned(), sender, depth: 1, ..message("", "psst") };
            conversations::post(&ctx, &agent.id, new).await.map(drop)
        }
        4 => agents::set_status(&ctx, &agent.id, agents::Lifecycle::Paused).await.map(drop),
        5 => agents::set_status(&ctx, &agent.id, agents::Lifecycle::Active).await.map(drop),
        6 => agents::balance(&ctx, &agent.id, 1000, true).await.map(drop),
        _ => memory::set(&ctx, &agent.id, "k", "1", None).await.map(drop),
    }
}

/// Takes turns as an engine does, with a tool that writes to another agent now and then.
async fn work(app: &Arc<App>, all: &[Agent], n: usize) -> Result<()> {
    turns::renew(app).await?;
    for claim in turns::claim(app, 4, 50).await? {
        let ctx = Ctx::of_agent(app.clone(), &claim.turn.org, &claim.turn.agent, "an agent");
        if let Some(why) = turns::cancel_wanted(&ctx, &claim.lease).await? {
            turns::end(&ctx, &claim.lease, Ending::Cancelled { why }, turns::Trace::default()).await?;
            continue;
        }
        turns::append_stream(app, &claim.lease, vec![("message.delta", "{\"text\":\"x\",\"offset\":0}".to_owned())])
            .await?;
        turns::finish_model_step(&ctx, &claim.lease, model_call(0, 5), reserving(50)).await?;
        let key = format!("key {n}");
        let owner = claim.turn.agent.clone();
        let effect: turns::Effect = Box::new(move |tx, ctx| {
            Box::pin(
                async move { memory::set_in(tx, &ctx, &owner, &key, "1", None).await.map(serde_json::Value::from) },
            )
        });
        turns::finish_tool_step(&ctx, &claim.lease, step(1, StepKind::Tool, 0), Some(effect), |_| vec![]).await?;
        let conversation = conversations::conversation(&ctx, &claim.turn.conversation).await?;
        let hand_to = Some(conversation.counterparty).filter(|with| with.kind == "agent").map(|with| with.id);
        turns::answer(&ctx, &claim.lease, turns::Answer { hand_to, ..answer("hi", 2, 5) }).await?;
    }
    let _ = all;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_happens_at_once_nobody_is_turned_away_and_all_is_answered() {
    on_both(async |world| {
        let all = Arc::new(vec![world.agent("Ann").await, world.agent("Bob").await, world.agent("Cleo").await]);
        let meddlers: Vec<_> = (0..4)
            .map(|who| {
                let (app, all) = (world.app.clone(), all.clone());
                tokio::spawn(async move {
                    for n in 0..40 {
                        let at = (who + n) % 3;
                        let done = meddle(&app, &all[at], &all[(at + 1) % 3], who * 7 + n).await;
                        done.unwrap_or_else(|error| panic!("meddler {who}, {n}: {error:?}"));
                    }
                })
            })
            .collect();
        let done = Arc::new(AtomicBool::new(false));
        let workers: Vec<_> = (0..3)
            .map(|who| {
                let (app, all, done) = (world.other_node(), all.clone(), done.clone());
                tokio::spawn(async move {
                    let mut n = 0;
                    while !done.load(Ordering::SeqCst) {
                        work(&app, &all, n).await.unwrap_or_else(|error| panic!("worker {who}, {n}: {error:?}"));
                        n += 1;
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        let keeper = {
            let (app, done) = (world.app.clone(), done.clone());
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    jobs::housekeep(&app).await.expect("keeps house");
                    tokio::task::yield_now().await;
                }
            })
        };
        for meddler in crate::support::soon("the meddlers", futures::future::join_all(meddlers)).await {
            meddler.expect("no panic");
        }
        for agent in all.iter() {
            agents::set_status(&world.ctx(), &agent.id, agents::Lifecycle::Active).await.expect("starts");
        }
        crate::support::soon("all turns end", async {
            while world.count("SELECT count(*) FROM turns WHERE state IN ('queued', 'running')", vec![]).await > 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        done.store(true, Ordering::SeqCst);
        for worker in workers {
            worker.await.expect("no panic");
        }
        keeper.await.expect("no panic");
        world.check_at_rest().await;
        all_is_settled(&world).await;
    })
    .await;
}

async fn all_is_settled(world: &World) {
    let open = "SELECT count(*) FROM messages WHERE role = 'user' AND status NOT IN ('completed', 'cancelled')";
    assert_eq!(world.count(open, vec![]).await, 0);
    let twice = "SELECT count(*) FROM (SELECT turn_id FROM messages WHERE role = 'assistant' GROUP BY turn_id HAVING count(*) > 1) twice";
    assert_eq!(world.count(twice, vec![]).await, 0);
    let silent = "SELECT count(*) FROM turns t WHERE t.state = 'succeeded'
                   AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = t.reply_id AND m.turn_id = t.id)";
    assert_eq!(world.count(silent, vec![]).await, 0);
    let unordered = "SELECT count(*) FROM messages m JOIN turns t ON t.reply_id = m.id
                      WHERE EXISTS (SELECT 1 FROM messages u WHERE u.turn_id = t.id AND u.role = 'user' AND u.seq > m.seq)";
    assert_eq!(world.count(unordered, vec![]).await, 0, "a reply came before what it answers");
    assert!(events::verify(&world.ctx()).await.expect("verifies").intact);
    let seqs: Vec<i64> =
        world.db.all("SELECT seq FROM events WHERE org_id = $1 ORDER BY seq", args!["acme"]).await.expect("reads");
    assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_messages_at_once_are_all_answered_in_order() {
    on_both(async |world| {
        let agents = Arc::new(vec![world.agent("Ann").await, world.agent("Bob").await]);
        let writers: Vec<_> = (0..10)
            .map(|who| {
                let (ctx, agents) = (world.ctx(), agents.clone());
                tokio::spawn(async move {
                    for n in 0..10 {
                        let new = message(&format!("chat-{who}"), &format!("{n}"));
                        conversations::post(&ctx, &agents[who % 2].id, new).await.expect("posts");
                    }
                })
            })
            .collect();
        let app = world.other_node();
        let worker = {
            let all = agents.clone();
            tokio::spawn(async move {
                for n in 0.. {
                    work(&app, &all, n).await.expect("works");
                    let open = app
                        .db
                        .one::<i64>(
                            "SELECT count(*) FROM messages WHERE role = 'user' AND status = 'completed'",
                            vec![],
                        )
                        .await;
                    if open.expect("counts") == 100 {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
            })
        };
        for writer in writers {
            writer.await.expect("no panic");
        }
        crate::support::soon("all are answered", worker).await.expect("no panic");
        world.check_at_rest().await;
        all_is_settled(&world).await;
        world.advance(seconds(1));
    })
    .await;
}
