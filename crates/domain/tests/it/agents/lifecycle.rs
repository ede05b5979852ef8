//! Pausing, resuming, stopping; and the balance.

use crate::support::{World, on_both, refused};
use muster_base::{Error, Kind, Result};
use muster_domain::agents::{self, Agent, Lifecycle, Presence};

const ALL: [Lifecycle; 4] = [Lifecycle::Active, Lifecycle::Paused, Lifecycle::Stopped, Lifecycle::Error];

/// An agent in this state.
async fn in_state(world: &World, state: Lifecycle, number: usize) -> Agent {
    let agent = world.agent(&format!("{} {number}", state.as_str())).await;
    world
        .tamper(format!(
            "UPDATE agents SET lifecycle = '{}', lifecycle_reason = 'why' WHERE id = '{}'",
            state.as_str(),
            agent.id
        ))
        .await;
    agent
}

/// The state that a verb leads to from each state; `None` where it is refused.
async fn check(world: &World, name: &str, verb: impl AsyncFn(String) -> Result<Agent>, table: [Option<Lifecycle>; 4]) {
    for (number, (from, to)) in ALL.into_iter().zip(table).enumerate() {
        let agent = in_state(world, from, number).await;
        let events = world.event_kinds().await.len();
        let result = verb(agent.id.clone()).await;
        let after = world.find(&agent).await;
        let changed = world.event_kinds().await.len() - events;
        match (to, result) {
            (Some(to), Ok(returned)) => {
                assert_eq!((after.lifecycle, &after), (to, &returned), "{name} from {from:?}");
                let presence = if to == Lifecycle::Stopped { Presence::Offline } else { Presence::Online };
                assert!(from == to || after.presence == presence, "{name} from {from:?}");
                let changes = usize::from(from != to) + usize::from(after.presence != agent.presence);
                assert_eq!(changed, changes, "{name} from {from:?}: an event for each change");
                assert!(from == to || after.lifecycle_reason.is_none(), "{name} from {from:?}");
            }
            (None, Err(error)) => {
                assert_eq!((error.kind(), after.lifecycle, changed), (Kind::Invalid, from, 0), "{name} from {from:?}");
            }
            (expected, got) => panic!("{name} from {from:?}: expected {expected:?}, got {got:?}"),
        }
        agents::delete(&world.ctx(), &agent.id, false).await.expect("deletes");
    }
}

#[tokio::test]
async fn every_verb_leads_from_every_state_where_it_should() {
    on_both(async |world| {
        use Lifecycle::{Active, Paused, Stopped};
        let ctx = &world.ctx();
        check(&world, "pause", async |id| agents::pause(ctx, &id).await, [Some(Paused), None, None, Some(Paused)])
            .await;
        check(&world, "resume", async |id| agents::resume(ctx, &id).await, [None, Some(Active), None, Some(Active)])
            .await;
        check(
            &world,
            "stop",
            async |id| agents::stop(ctx, &id).await,
            [Some(Stopped), Some(Stopped), None, Some(Stopped)],
        )
        .await;
        for to in [Active, Paused, Stopped] {
            check(&world, "set_status", async |id| agents::set_status(ctx, &id, to).await, [Some(to); 4]).await;
        }
        check(&world, "set_status", async |id| agents::set_status(ctx, &id, Lifecycle::Error).await, [None; 4]).await;
        for missing in [agents::pause(ctx, "x").await, agents::resume(ctx, "x").await, agents::stop(ctx, "x").await] {
            assert_eq!(refused(missing).kind(), Kind::NotFound);
        }
    })
    .await;
}

#[tokio::test]
async fn a_balance_is_set_raised_and_lowered_within_its_bounds() {
    on_both(async |world| {
        let agent = world.agent_with_balance("Ann", 100).await;
        let balance = async |amount, increment| agents::balance(&world.ctx(), &agent.id, amount, increment).await;
        assert_eq!(balance(50, true).await.expect("raises"), (150, 100));
        assert_eq!(balance(-150, true).await.expect("lowers"), (0, 150));
        assert_eq!(balance(7, false).await.expect("sets"), (7, 0));
        let invalid = |result: Result<(i64, i64)>| {
            let error: Error = refused(result);
            assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some("amount")), "{error:?}");
        };
        invalid(balance(-8, true).await);
        invalid(balance(-1, false).await);
        invalid(balance(1_000_000_000_001, false).await);
        invalid(balance(i64::MAX, true).await);
        invalid(balance(i64::MIN, true).await);
        assert_eq!(world.find(&agent).await.balance, 7);
        assert_eq!(refused(agents::balance(&world.ctx(), "nobody", 1, true).await).kind(), Kind::NotFound);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn additions_at_once_all_count() {
    on_both(async |world| {
        let agent = world.agent_with_balance("Ann", 0).await;
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (ctx, id) = (world.ctx(), agent.id.clone());
                tokio::spawn(async move { agents::balance(&ctx, &id, 5, true).await })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic").expect("adds");
        }
        assert_eq!(world.find(&agent).await.balance, 100);
    })
    .await;
}
