//! Keys that act only as one agent.

use crate::support::{on_both, refused, seconds};
use muster_base::Kind;
use muster_domain::access::{self, PrincipalKind, Role, Scope, Scopes};
use muster_domain::agents;
use muster_store::args;

#[tokio::test]
async fn a_key_acts_as_its_agent_until_it_is_over() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.agent("Bob").await);
        let ends = world.now() + seconds(60);
        let (key, secret) = access::create_agent_key(&world.ctx(), &ann.id, "CI", Some(ends)).await.expect("makes it");
        let principal = access::identify(&world.app, secret.expose()).await.expect("is known");
        assert_eq!((principal.kind, principal.agent.as_deref()), (PrincipalKind::Agent, Some(ann.id.as_str())));
        assert_eq!((principal.role, principal.scopes), (Role::Operator, Scopes::of_agent_token()));
        let listed = access::list_agent_keys(&world.ctx(), &ann.id).await.expect("lists");
        assert_eq!((listed.len(), listed[0].id.as_str(), listed[0].expires_at), (1, key.id.as_str(), Some(ends)));
        assert!(access::list_agent_keys(&world.ctx(), &bob.id).await.expect("lists").is_empty());
        assert!(access::list_agent_keys(&world.ctx_in("other").await, &ann.id).await.expect("lists").is_empty());
        world.advance(seconds(60));
        assert_eq!(refused(access::identify(&world.app, secret.expose()).await).code(), "auth.expired");
        assert_eq!(world.count("SELECT count(*) FROM agent_tokens WHERE hash LIKE 'agt%'", vec![]).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_and_one_of_a_deleted_agent_are_worth_nothing_at_once() {
    on_both(async |world| {
        let (ann, bob) = (world.agent("Ann").await, world.agent("Bob").await);
        let (first, one) = access::create_agent_key(&world.ctx(), &ann.id, "a", None).await.expect("makes it");
        let (_, two) = access::create_agent_key(&world.ctx(), &ann.id, "b", None).await.expect("makes it");
        for secret in [&one, &two] {
            access::identify(&world.app, secret.expose()).await.expect("is known");
        }
        for (ctx, agent) in [(world.ctx(), &bob), (world.ctx_in("other").await, &ann)] {
            let missing = refused(access::delete_agent_key(&ctx, &agent.id, &first.id).await);
            assert_eq!(missing.kind(), Kind::NotFound);
        }
        access::delete_agent_key(&world.ctx(), &ann.id, &first.id).await.expect("revokes");
        assert_eq!(refused(access::identify(&world.app, one.expose()).await).code(), "auth.invalid");
        access::identify(&world.app, two.expose()).await.expect("the other is good");
        agents::delete(&world.ctx(), &ann.id, false).await.expect("deletes");
        assert_eq!(refused(access::identify(&world.app, two.expose()).await).code(), "auth.invalid");
    })
    .await;
}

#[tokio::test]
async fn wrong_keys_are_refused() {
    on_both(async |world| {
        let ann = world.agent("Ann").await;
        let now = world.now();
        let make = async |agent: &str, name: &str, ends| {
            access::create_agent_key(&world.ctx(), agent, name, ends).await.map(drop)
        };
        assert_eq!(refused(make(&ann.id, " ", None).await).field(), Some("name"));
        assert_eq!(refused(make(&ann.id, "a", Some(now)).await).field(), Some("expires_at"));
        assert_eq!(refused(make("agent-nobody", "a", None).await).kind(), Kind::NotFound);
        let foreign = world.ctx_in("other").await;
        let missing = access::create_agent_key(&foreign, &ann.id, "a", None).await;
        assert_eq!(refused(missing).kind(), Kind::NotFound);
        let narrow: Scopes = [Scope::OrgAdmin].into_iter().collect();
        let narrow = world.ctx_with("usr_1", Role::Admin, narrow);
        assert_eq!(refused(access::create_agent_key(&narrow, &ann.id, "a", None).await).code(), "auth.scope_missing");
        for n in 0..100 {
            make(&ann.id, &format!("{n}"), None).await.expect("makes it");
        }
        assert_eq!(refused(make(&ann.id, "one more", None).await).kind(), Kind::Conflict);
        assert_eq!(world.count("SELECT count(*) FROM agent_tokens WHERE agent_id = $1", args![&ann.id]).await, 100);
    })
    .await;
}

#[tokio::test]
async fn users_are_paged_by_offset() {
    on_both(async |world| {
        let users = async |limit, offset| access::users_page(&world.ctx(), limit, offset).await.expect("lists");
        assert_eq!(users(10, 0).await.1, 0);
        for name in ["ann", "bob", "cid"] {
            let new = access::NewUser {
                username: name.to_owned(),
                password: crate::support::secret("correct horse"),
                role: Role::Viewer,
                display_name: None,
            };
            access::create_user(&world.ctx(), new).await.expect("adds");
            world.advance(seconds(1));
        }
        let (page, total) = users(2, 1).await;
        let names: Vec<String> = page.into_iter().map(|user| user.username).collect();
        assert_eq!((names, total), (vec!["bob".to_owned(), "ann".to_owned()], 3));
        assert_eq!(users(2, 9).await.1, 3);
    })
    .await;
}
