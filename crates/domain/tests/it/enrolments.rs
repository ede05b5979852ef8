//! Machines that dial in: which agent they are, however often and at once they come.

use crate::support::{World, on_both, refused, seconds, soon};
use muster_base::{Kind, Result, Secret};
use muster_domain::access::{self, NewKey, Principal, Role, Scope};
use muster_domain::enrolments::{self, Enrolled, Machine};
use muster_domain::{App, Ctx, Request, agents};
use std::collections::BTreeSet;
use std::sync::Arc;

fn machine(id: &str) -> Machine {
    Machine { id: id.to_owned(), ..Machine::default() }
}

fn named(id: &str, name: &str) -> Machine {
    Machine { name: Some(name.to_owned()), ..machine(id) }
}

/// Whoever shows this secret.
async fn shows(app: &Arc<App>, secret: &Secret<String>) -> Ctx {
    let principal = access::identify(app, secret.expose()).await.expect("the credential is good");
    Ctx::new(app.clone(), principal, Request::default())
}

async fn token(world: &World) -> (String, Secret<String>) {
    let (token, secret) = access::create_agent_token(&world.ctx(), "fleet", None).await.expect("makes a token");
    (token.id, secret)
}

async fn key(world: &World, role: Role, scopes: &[Scope]) -> (String, Secret<String>) {
    let new = NewKey { name: "k".to_owned(), description: None, role, scopes: scopes.to_vec(), expires_at: None };
    let (key, secret) = access::create_key(&world.ctx(), new).await.expect("makes a key");
    (key.id, secret)
}

async fn enrol(app: &Arc<App>, secret: &Secret<String>, machine: Machine) -> Result<Enrolled> {
    enrolments::enrol(&shows(app, secret).await, machine).await
}

async fn acts_as(world: &World, secret: &Secret<String>) -> Arc<Principal> {
    access::identify(&world.app, secret.expose()).await.expect("the token is good")
}

#[tokio::test]
async fn the_same_machine_with_the_same_token_is_the_same_agent() {
    on_both(async |world| {
        let (id, secret) = token(&world).await;
        let said = Machine { version: Some("1.0".to_owned()), public_key: Some("pk".to_owned()), ..machine("m-1") };
        let first = enrol(&world.app, &secret, said.clone()).await.expect("enrols");
        assert!(first.is_new);
        let agent = &first.agent;
        assert_eq!((agent.name.as_str(), agent.source.as_str(), agent.hosted), ("m-1", "sdk", false));
        assert_eq!(agent.client_version.as_deref(), Some("1.0"));
        assert_eq!(first.principal.agent.as_ref(), Some(&agent.id));
        let events = world.event_kinds().await.len();
        let again = enrol(&world.app, &secret, said).await.expect("enrols");
        assert_eq!((again.agent.id.as_str(), again.is_new), (agent.id.as_str(), false));
        assert_eq!(world.event_kinds().await.len(), events, "coming back changes nothing");
        let newer = Machine { version: Some("2.0".to_owned()), ..machine("m-1") };
        let newer = enrol(&world.app, &secret, newer).await.expect("enrols").agent;
        assert_eq!(newer.client_version.as_deref(), Some("2.0"));
        let shown = enrolments::public_key(&world.ctx(), &agent.id).await.expect("looks");
        assert_eq!(shown.as_deref(), Some("pk"), "what is not said stays");
        assert_eq!(world.event_kinds().await.last().map(String::as_str), Some("agent.updated"));
        let listed = access::list_agent_tokens(&world.ctx()).await.expect("lists");
        assert_eq!((listed[0].id.as_str(), listed[0].machines), (id.as_str(), 1));
        assert_eq!(listed[0].agent.as_ref(), Some(&agent.id));
    })
    .await;
}

#[tokio::test]
async fn a_token_acts_as_its_first_machine_and_as_nobody_once_there_are_two() {
    on_both(async |world| {
        let (_, secret) = token(&world).await;
        assert_eq!(acts_as(&world, &secret).await.agent.as_deref(), Some(""));
        let first = enrol(&world.app, &secret, machine("m-1")).await.expect("enrols").agent;
        assert_eq!(acts_as(&world, &secret).await.agent.as_ref(), Some(&first.id), "at once");
        let second = enrol(&world.app, &secret, machine("m-2")).await.expect("enrols").agent;
        assert_ne!(first.id, second.id);
        let ctx = shows(&world.app, &secret).await;
        for refusal in [ctx.may_act_as(&first.id), ctx.own_agent().map(drop)] {
            let error = refused(refusal);
            assert_eq!(error.kind(), Kind::Forbidden);
            assert!(error.message().contains("POST /api/agents/{id}/keys"), "{error}");
        }
        for (id, agent) in [("m-1", &first), ("m-2", &second)] {
            let back = enrol(&world.app, &secret, machine(id)).await.expect("enrols");
            assert_eq!((&back.agent.id, back.is_new), (&agent.id, false));
            assert_eq!(
                back.principal.agent.as_ref(),
                Some(&agent.id),
                "a link acts as its machine's agent all the same"
            );
        }
        enrol(&world.app, &secret, machine("m-3")).await.expect("enrols");
        assert_eq!(acts_as(&world, &secret).await.agent.as_deref(), Some(""));
    })
    .await;
}

#[tokio::test]
async fn a_key_of_an_agent_is_that_agent_on_every_machine() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        let (_, secret) = access::create_agent_key(&world.ctx(), &ann.id, "CI", None).await.expect("makes it");
        for id in ["m-1", "m-2"] {
            let enrolled = enrol(&world.app, &secret, named(id, "other")).await.expect("enrols");
            assert_eq!((enrolled.agent.name.as_str(), enrolled.is_new), ("Ann", false));
        }
        assert_eq!(acts_as(&world, &secret).await.agent.as_ref(), Some(&ann.id));
        assert_eq!(world.count("SELECT count(*) FROM enrolments", vec![]).await, 0);
        assert_eq!(world.count("SELECT count(*) FROM agents", vec![]).await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_api_key_enrols_when_it_may_make_agents() {
    on_both(async |world| {
        let (_, good) = key(&world, Role::Operator, &[Scope::AgentsWrite, Scope::MemoryRead]).await;
        let enrolled = enrol(&world.app, &good, machine("m-1")).await.expect("enrols");
        let again = enrol(&world.app, &good, machine("m-1")).await.expect("enrols");
        assert_eq!(enrolled.agent.id, again.agent.id);
        let principal = &enrolled.principal;
        assert_eq!(principal.agent.as_ref(), Some(&enrolled.agent.id));
        assert!(principal.scopes.contains(Scope::MemoryRead) && principal.scopes.contains(Scope::AgentsRead));
        for lacks in [Scope::MemoryWrite, Scope::MessagesWrite, Scope::AgentsWrite] {
            assert!(!principal.scopes.contains(lacks), "no more than the key has, and no more than a token");
        }
        assert_eq!(acts_as(&world, &good).await.agent, None, "the key itself is no agent");
        for (role, scopes) in [(Role::Viewer, vec![]), (Role::Admin, vec![Scope::AgentsRead])] {
            let (_, bad) = key(&world, role, &scopes).await;
            assert_eq!(refused(enrol(&world.app, &bad, machine("m-2")).await).code(), "enrolment.refused");
        }
        assert_eq!(refused(enrolments::enrol(&world.ctx(), machine("m-3")).await).code(), "enrolment.refused");
        let person = world.ctx_as("usr_1", Role::Owner);
        assert_eq!(refused(enrolments::enrol(&person, machine("m-3")).await).code(), "enrolment.refused");
    })
    .await;
}

#[tokio::test]
async fn a_taken_name_gets_a_number() {
    on_both(async |world| {
        world.agent("worker").await;
        world.agent("worker-2").await;
        world.agent("worker-3").await;
        let (_, secret) = token(&world).await;
        let mut names = Vec::new();
        for at in 0..4 {
            let enrolled = enrol(&world.app, &secret, named(&format!("m-{at}"), "worker")).await.expect("enrols");
            names.push(enrolled.agent.name);
        }
        assert_eq!(names, ["worker-4", "worker-5", "worker-6", "worker-7"]);
    })
    .await;
}

#[tokio::test]
async fn what_a_machine_says_is_checked() {
    on_both(async |world| {
        let (_, secret) = token(&world).await;
        let wrong = |field: &str| match field {
            "machineId" => machine(" "),
            "name" => named("m", &"x".repeat(101)),
            "version" => Machine { version: Some("a\nb".to_owned()), ..machine("m") },
            _ => Machine { public_key: Some("x".repeat(8 * 1024 + 1)), ..machine("m") },
        };
        for field in ["machineId", "name", "version", "publicKey"] {
            let error = refused(enrol(&world.app, &secret, wrong(field)).await);
            assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some(field)));
        }
        assert_eq!(world.count("SELECT count(*) FROM agents", vec![]).await, 0);
    })
    .await;
}

#[tokio::test]
async fn connections_at_once_are_one_agent_for_each_machine() {
    on_both(async |world| {
        let (id, secret) = token(&world).await;
        let nodes = [world.app.clone(), world.other_node()];
        let mut tasks = tokio::task::JoinSet::new();
        for at in 0..24 {
            let (app, secret) = (nodes[at % 2].clone(), secret.clone());
            let said = named(&format!("m-{}", at % 3), "worker");
            tasks.spawn(async move { enrol(&app, &secret, said).await.expect("enrols") });
        }
        let all = soon("all are in", tasks.join_all()).await;
        let mut pairs: BTreeSet<(String, String)> = BTreeSet::new();
        for enrolled in &all {
            pairs.insert((enrolled.machine.clone(), enrolled.agent.id.clone()));
        }
        assert_eq!(pairs.len(), 3, "{pairs:?}");
        assert_eq!(all.iter().filter(|enrolled| enrolled.is_new).count(), 3);
        assert_eq!(world.count("SELECT count(*) FROM agents", vec![]).await, 3);
        let listed = access::list_agent_tokens(&world.ctx()).await.expect("lists");
        assert_eq!((listed[0].id.as_str(), listed[0].machines, &listed[0].agent), (id.as_str(), 3, &None));
    })
    .await;
}

#[tokio::test]
async fn a_link_holds_as_long_as_what_it_was_let_in_with() {
    on_both(async |world| {
        let holds = async |enrolled: &Enrolled| enrolments::still_holds(&world.app, enrolled).await;
        let (id, secret) = token(&world).await;
        let (one, two) = (
            enrol(&world.app, &secret, machine("m-1")).await.expect("enrols"),
            enrol(&world.app, &secret, machine("m-2")).await.expect("enrols"),
        );
        assert!(holds(&one).await && holds(&two).await, "the token has become another's too, and holds");
        agents::delete(&world.ctx(), &one.agent.id, false).await.expect("deletes");
        assert!(!holds(&one).await && holds(&two).await);
        let back = refused(enrol(&world.app, &secret, machine("m-1")).await);
        assert_eq!((back.kind(), back.code()), (Kind::Forbidden, "enrolment.ended"));
        let ctx = shows(&world.app, &secret).await;
        access::delete_agent_token(&world.ctx(), &id).await.expect("revokes");
        assert!(!holds(&two).await);
        agents::find(&world.ctx(), &two.agent.id).await.expect("the agent stays");
        assert_eq!(refused(enrolments::enrol(&ctx, machine("m-2")).await).kind(), Kind::Unauthorized);
        assert_eq!(refused(enrolments::enrol(&ctx, machine("m-9")).await).kind(), Kind::Unauthorized);
        assert_eq!(world.count("SELECT count(*) FROM enrolments", vec![]).await, 0);

        let (key_id, key) = key(&world, Role::Operator, &[]).await;
        let three = enrol(&world.app, &key, machine("m-3")).await.expect("enrols");
        assert!(holds(&three).await);
        let change = access::KeyChange { scopes: Some(vec![Scope::AgentsRead]), ..access::KeyChange::default() };
        access::update_key(&world.ctx(), &key_id, change).await.expect("narrows it");
        assert!(!holds(&three).await, "it may make no agents any more");

        let ends = world.now() + seconds(60);
        let (_, short) = access::create_agent_token(&world.ctx(), "short", Some(ends)).await.expect("makes a token");
        let four = enrol(&world.app, &short, machine("m-4")).await.expect("enrols");
        assert!(holds(&four).await);
        world.advance(seconds(60));
        assert!(!holds(&four).await);
    })
    .await;
}

#[tokio::test]
async fn a_machine_of_an_api_key_becomes_a_new_agent_when_the_old_one_was_deleted() {
    on_both(async |world| {
        let (_, key) = key(&world, Role::Operator, &[]).await;
        let old = enrol(&world.app, &key, machine("m-1")).await.expect("enrols").agent;
        agents::delete(&world.ctx(), &old.id, false).await.expect("deletes");
        let new = enrol(&world.app, &key, machine("m-1")).await.expect("enrols");
        assert!(new.is_new && new.agent.id != old.id);
    })
    .await;
}

#[tokio::test]
async fn a_token_of_another_org_sees_and_touches_nothing() {
    on_both(async |world| {
        let (id, secret) = token(&world).await;
        let enrolled = enrol(&world.app, &secret, machine("m-1")).await.expect("enrols");
        let other = world.ctx_in("other").await;
        assert!(access::list_agent_tokens(&other).await.expect("lists").is_empty());
        assert_eq!(refused(access::delete_agent_token(&other, &id).await).kind(), Kind::NotFound);
        let (_, theirs) = access::create_agent_token(&other, "fleet", None).await.expect("makes a token");
        let same = enrol(&world.app, &theirs, machine("m-1")).await.expect("enrols").agent;
        assert_ne!(same.id, enrolled.agent.id);
        assert_eq!((same.org.as_str(), same.name.as_str()), ("other", "m-1"), "names are unique in an org only");
    })
    .await;
}

#[tokio::test]
async fn a_key_of_one_agent_is_no_enrolment_token() {
    on_both(async |world| {
        let ann = world.elsewhere("Ann").await;
        let (key, _) = access::create_agent_key(&world.ctx(), &ann.id, "CI", None).await.expect("makes it");
        assert!(access::list_agent_tokens(&world.ctx()).await.expect("lists").is_empty());
        assert_eq!(refused(access::delete_agent_token(&world.ctx(), &key.id).await).kind(), Kind::NotFound);
        let viewer = world.ctx_as("usr_1", Role::Viewer);
        assert_eq!(refused(access::create_agent_token(&viewer, "x", None).await).code(), "auth.role_too_low");
        let past = access::create_agent_token(&world.ctx(), "x", Some(world.now())).await;
        assert_eq!(refused(past).field(), Some("expiresAt"));
    })
    .await;
}
