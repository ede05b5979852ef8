//! API keys and agent tokens.

use crate::support::{World, on_both, page, refused, seconds};
use muster_base::{Kind, PageRequest, Patch};
use muster_domain::access::{self, KeyChange, NewKey, Role, Scope, Scopes};
use muster_domain::jobs;
use muster_store::args;

fn new_key(name: &str, role: Role) -> NewKey {
    NewKey { name: name.to_owned(), description: None, role, scopes: vec![], expires_at: None }
}

async fn make(world: &World, name: &str) -> access::ApiKey {
    access::create_key(&world.ctx(), new_key(name, Role::Operator)).await.expect("makes a key").0
}

#[tokio::test]
async fn a_new_key_opens_the_door_and_its_secret_is_not_kept() {
    on_both(async |world| {
        let new = NewKey {
            description: Some("for tests".to_owned()),
            scopes: vec![Scope::AgentsWrite],
            ..new_key("robot", Role::Operator)
        };
        let (key, secret) = access::create_key(&world.ctx(), new).await.expect("makes a key");
        let principal = access::identify(&world.app, secret.expose()).await.expect("the key is good");
        assert_eq!(
            (principal.id.as_str(), principal.org.as_str(), principal.role),
            (key.id.as_str(), "acme", Role::Operator)
        );
        assert!(principal.scopes.contains(Scope::AgentsRead) && !principal.scopes.contains(Scope::MessagesRead));
        let found = access::find_key(&world.ctx(), &key.id).await.expect("finds it");
        assert_eq!((found.name.as_str(), found.scopes.as_slice()), ("robot", &[Scope::AgentsWrite][..]));
        assert!(secret.expose().starts_with(&found.prefix) && found.prefix.len() < secret.expose().len() / 2);
        let kept =
            world.count("SELECT count(*) FROM api_keys WHERE hash = $1 OR prefix = $1", args![secret.expose()]).await;
        let told = format!("%{}%", secret.expose());
        let told = world.count("SELECT count(*) FROM events WHERE data LIKE $1", args![told]).await;
        assert_eq!((kept, told), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_says_nothing() {
    on_both(async |world| {
        for wrong in ["", "sk-any-api01-nope", "mcs_nope", "agt_nope", "\u{0}", "ümlaut"] {
            assert_eq!(refused(access::identify(&world.app, wrong).await).code(), "auth.invalid", "{wrong}");
        }
    })
    .await;
}

#[tokio::test]
async fn keys_are_listed_newest_first_and_pages_stay_right_while_keys_are_added() {
    on_both(async |world| {
        for n in 0..5 {
            make(&world, &format!("old {n}")).await;
            // Some keys share their moment: the id decides between them.
            if n % 2 == 0 {
                world.advance(seconds(1));
            }
        }
        let first = access::list_keys(&world.ctx(), &page(2)).await.expect("lists");
        world.advance(seconds(1));
        make(&world, "added meanwhile").await;
        let mut names: Vec<String> = first.items.iter().map(|key| key.name.clone()).collect();
        let mut after = first.next;
        while let Some(cursor) = after {
            let next =
                access::list_keys(&world.ctx(), &PageRequest { limit: 2, after: Some(cursor) }).await.expect("lists");
            names.extend(next.items.iter().map(|key| key.name.clone()));
            after = next.next;
        }
        assert_eq!(names, ["old 4", "old 3", "old 2", "old 1", "old 0"]);
        assert_eq!(access::list_keys(&world.ctx(), &page(1)).await.expect("lists").items[0].name, "added meanwhile");
    })
    .await;
}

#[tokio::test]
async fn a_change_of_a_key_holds_at_once() {
    on_both(async |world| {
        let (key, secret) =
            access::create_key(&world.ctx(), new_key("robot", Role::Operator)).await.expect("makes a key");
        access::identify(&world.app, secret.expose()).await.expect("the key is good");
        let change = KeyChange {
            name: Some("reader".to_owned()),
            description: Patch::Value("reads".to_owned()),
            role: Some(Role::Viewer),
            scopes: Some(vec![Scope::AgentsRead]),
            expires_at: Patch::Value(world.now() + seconds(60)),
        };
        let changed = access::update_key(&world.ctx(), &key.id, change).await.expect("changes");
        assert_eq!((changed.name.as_str(), changed.description.as_deref()), ("reader", Some("reads")));
        let principal = access::identify(&world.app, secret.expose()).await.expect("still good");
        assert_eq!(principal.role, Role::Viewer);
        assert!(!principal.scopes.contains(Scope::MessagesRead));
        let cleared = KeyChange { description: Patch::Null, expires_at: Patch::Null, ..KeyChange::default() };
        let cleared = access::update_key(&world.ctx(), &key.id, cleared).await.expect("changes");
        assert_eq!((cleared.description, cleared.expires_at, cleared.name.as_str()), (None, None, "reader"));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_key_is_refused_at_once_and_for_good() {
    on_both(async |world| {
        let (key, secret) =
            access::create_key(&world.ctx(), new_key("robot", Role::Operator)).await.expect("makes a key");
        access::identify(&world.app, secret.expose()).await.expect("the key is good");
        access::delete_key(&world.ctx(), &key.id).await.expect("deletes");
        assert_eq!(refused(access::identify(&world.app, secret.expose()).await).code(), "auth.invalid");
        assert_eq!(refused(access::find_key(&world.ctx(), &key.id).await).kind(), Kind::NotFound);
        assert_eq!(refused(access::delete_key(&world.ctx(), &key.id).await).kind(), Kind::NotFound);
        assert_eq!(
            refused(access::update_key(&world.ctx(), &key.id, KeyChange::default()).await).kind(),
            Kind::NotFound
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_that_is_deleted_while_it_is_looked_up_does_not_stay_known() {
    on_both(async |world| {
        for round in 0..30 {
            let (key, secret) = access::create_key(&world.ctx(), new_key(&format!("robot {round}"), Role::Viewer))
                .await
                .expect("makes a key");
            let lookups: Vec<_> = (0..8)
                .map(|_| {
                    let (app, secret) = (world.app.clone(), secret.clone());
                    tokio::spawn(async move { access::identify(&app, secret.expose()).await.is_ok() })
                })
                .collect();
            access::delete_key(&world.ctx(), &key.id).await.expect("deletes");
            for lookup in lookups {
                let _ = lookup.await.expect("no panic");
            }
            assert!(
                access::identify(&world.app, secret.expose()).await.is_err(),
                "round {round}: a deleted key is still good"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_ends_when_it_says() {
    on_both(async |world| {
        let until = world.now() + seconds(60);
        let new = NewKey { expires_at: Some(until), ..new_key("short", Role::Viewer) };
        let (_, secret) = access::create_key(&world.ctx(), new).await.expect("makes a key");
        access::identify(&world.app, secret.expose()).await.expect("good until then");
        world.advance(seconds(60));
        assert_eq!(refused(access::identify(&world.app, secret.expose()).await).code(), "auth.expired");
        world.app.credentials.forget();
        assert_eq!(refused(access::identify(&world.app, secret.expose()).await).code(), "auth.expired");
        let past = NewKey { expires_at: Some(world.now()), ..new_key("past", Role::Viewer) };
        assert_eq!(refused(access::create_key(&world.ctx(), past).await).field(), Some("expiresAt"));
    })
    .await;
}

#[tokio::test]
async fn nobody_makes_a_key_that_may_more_than_they_may() {
    on_both(async |world| {
        let operator = world.ctx_as("usr_op", Role::Operator);
        assert_eq!(refused(access::create_key(&operator, new_key("k", Role::Admin)).await).code(), "auth.role_too_low");
        let narrow = world.ctx_with("usr_narrow", Role::Admin, Scopes::granted(&[Scope::AgentsRead], Role::Admin));
        let wide = NewKey { scopes: vec![Scope::AgentsWrite], ..new_key("k", Role::Viewer) };
        assert_eq!(refused(access::create_key(&narrow, wide).await).code(), "auth.scope_missing");
        // No scopes means all that the role may, which is more than this maker has.
        assert_eq!(refused(access::create_key(&narrow, new_key("k", Role::Viewer)).await).code(), "auth.scope_missing");
        let same = NewKey { scopes: vec![Scope::AgentsRead], ..new_key("k", Role::Viewer) };
        let (key, _) = access::create_key(&narrow, same).await.expect("as much as the maker has");
        let wider = KeyChange { scopes: Some(vec![Scope::OrgAdmin]), ..KeyChange::default() };
        assert_eq!(refused(access::update_key(&narrow, &key.id, wider).await).code(), "auth.scope_missing");
        let higher = KeyChange { role: Some(Role::Owner), ..KeyChange::default() };
        assert_eq!(refused(access::update_key(&narrow, &key.id, higher).await).code(), "auth.role_too_low");
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_key_is_named() {
    on_both(async |world| {
        let long = "x".repeat(101);
        for name in ["", "  ", long.as_str()] {
            assert_eq!(
                refused(access::create_key(&world.ctx(), new_key(name, Role::Viewer)).await).field(),
                Some("name")
            );
        }
        let wordy = NewKey { description: Some("x".repeat(501)), ..new_key("k", Role::Viewer) };
        assert_eq!(refused(access::create_key(&world.ctx(), wordy).await).field(), Some("description"));
        let given = crate::support::secret("0123456789abcdef");
        access::create_key_with_secret(&world.ctx(), new_key("k", Role::Viewer), given.clone())
            .await
            .expect("makes a key");
        let again = access::create_key_with_secret(&world.ctx(), new_key("k", Role::Viewer), given).await;
        assert_eq!(refused(again).kind(), Kind::Conflict);
    })
    .await;
}

#[tokio::test]
async fn the_last_use_of_a_key_and_of_a_token_is_written_down_by_housekeeping() {
    on_both(async |world| {
        let (key, secret) =
            access::create_key(&world.ctx(), new_key("robot", Role::Viewer)).await.expect("makes a key");
        let (_, token) = access::create_agent_token(&world.ctx(), "dialer", None).await.expect("makes a token");
        world.advance(seconds(5));
        access::identify(&world.app, secret.expose()).await.expect("good");
        access::identify(&world.app, token.expose()).await.expect("good");
        jobs::housekeep(&world.app).await.expect("runs");
        assert_eq!(access::find_key(&world.ctx(), &key.id).await.expect("finds it").last_used_at, Some(world.now()));
        assert_eq!(world.count("SELECT last_used_at FROM agent_tokens", vec![]).await, world.now().0);
    })
    .await;
}

#[tokio::test]
async fn an_agent_token_acts_for_no_agent_until_one_enrolled_with_it() {
    on_both(async |world| {
        let (_, token) = access::create_agent_token(&world.ctx(), "dialer", None).await.expect("makes a token");
        assert!(token.expose().starts_with("agt_"));
        let principal = access::identify(&world.app, token.expose()).await.expect("the token is good");
        assert_eq!((principal.kind, principal.agent.as_deref()), (access::PrincipalKind::Agent, Some("")));
        assert!(!principal.scopes.contains(Scope::AgentsWrite));
        let ctx = muster_domain::Ctx::new(world.app.clone(), principal, muster_domain::Request::default());
        assert_eq!(refused(ctx.may_act_as("agent-x")).code(), "auth.other_agent");
        assert_eq!(refused(access::create_agent_token(&world.ctx(), " ", None).await).field(), Some("name"));
    })
    .await;
}
