//! Users of an org.

use crate::support::{ORG, World, on_both, page, refused, seconds, secret};
use muster_base::{Kind, PageRequest, Patch, Secret};
use muster_domain::access::{self, NewUser, Role, SignedIn, User, UserChange};
use muster_domain::{Ctx, Request};

pub(super) const PASSWORD: &str = "correct horse battery";

pub(super) async fn make(ctx: &Ctx, username: &str, role: Role) -> User {
    let new = NewUser { username: username.to_owned(), password: secret(PASSWORD), role, display_name: None };
    access::create_user(ctx, new).await.expect("makes a user")
}

pub(super) async fn sign_in(world: &World, username: &str) -> SignedIn {
    access::login(&world.app, username, secret(PASSWORD), &Request::default()).await.expect("signs in")
}

/// The context of somebody who signed in.
pub(super) async fn ctx_of(world: &World, token: &Secret<String>) -> Ctx {
    let principal = access::identify(&world.app, token.expose()).await.expect("signed in");
    Ctx::new(world.app.clone(), principal, Request::default())
}

#[tokio::test]
async fn the_last_admin_stays() {
    on_both(async |world| {
        let admin = make(&world.ctx(), "admin", Role::Admin).await;
        make(&world.ctx(), "reader", Role::Viewer).await;
        let ctx = world.ctx();
        let lower = UserChange { role: Some(Role::Viewer), ..UserChange::default() };
        assert_eq!(refused(access::update_user(&ctx, &admin.id, lower).await).kind(), Kind::Conflict);
        let disabled = UserChange { disabled: Some(true), ..UserChange::default() };
        assert_eq!(refused(access::update_user(&ctx, &admin.id, disabled).await).kind(), Kind::Conflict);
        assert_eq!(refused(access::delete_user(&ctx, &admin.id).await).kind(), Kind::Conflict);
        let kept = access::find_user(&ctx, &admin.id).await.expect("still there");
        assert_eq!((kept.role, kept.disabled), (Role::Admin, false));
        make(&ctx, "second", Role::Owner).await;
        access::delete_user(&ctx, &admin.id).await.expect("another one is left");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_admins_who_remove_each_other_do_not_both_succeed() {
    on_both(async |world| {
        for round in 0..5 {
            let org = format!("org-{round}");
            let ctx = world.ctx_in(&org).await;
            let first = make(&ctx, &format!("first{round}"), Role::Admin).await;
            let second = make(&ctx, &format!("second{round}"), Role::Admin).await;
            let (one, other) =
                tokio::join!(access::delete_user(&ctx, &first.id), access::delete_user(&ctx, &second.id));
            assert!(one.is_ok() != other.is_ok(), "round {round}: {one:?} {other:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_deletes_or_disables_themselves() {
    on_both(async |world| {
        make(&world.ctx(), "other", Role::Owner).await;
        let user = make(&world.ctx(), "ann", Role::Owner).await;
        let ctx = ctx_of(&world, &sign_in(&world, "ann").await.token).await;
        assert_eq!(refused(access::delete_user(&ctx, &user.id).await).kind(), Kind::Conflict);
        let disabled = UserChange { disabled: Some(true), ..UserChange::default() };
        assert_eq!(refused(access::update_user(&ctx, &user.id, disabled).await).kind(), Kind::Conflict);
    })
    .await;
}

#[tokio::test]
async fn an_admin_cannot_touch_an_owner_or_make_one() {
    on_both(async |world| {
        let owner = make(&world.ctx(), "owner", Role::Owner).await;
        make(&world.ctx(), "admin", Role::Admin).await;
        let admin = ctx_of(&world, &sign_in(&world, "admin").await.token).await;
        assert_eq!(refused(access::delete_user(&admin, &owner.id).await).code(), "auth.role_too_low");
        assert_eq!(
            refused(access::update_user(&admin, &owner.id, UserChange::default()).await).code(),
            "auth.role_too_low"
        );
        let new =
            NewUser { username: "x".to_owned(), password: secret(PASSWORD), role: Role::Owner, display_name: None };
        assert_eq!(refused(access::create_user(&admin, new).await).code(), "auth.role_too_low");
        let reader = make(&admin, "reader", Role::Viewer).await;
        let raise = UserChange { role: Some(Role::Owner), ..UserChange::default() };
        assert_eq!(refused(access::update_user(&admin, &reader.id, raise).await).code(), "auth.role_too_low");
    })
    .await;
}

#[tokio::test]
async fn a_user_name_is_unique_across_orgs() {
    on_both(async |world| {
        make(&world.ctx(), "ann", Role::Admin).await;
        let other = world.ctx_in("other").await;
        let again =
            NewUser { username: "ann".to_owned(), password: secret(PASSWORD), role: Role::Admin, display_name: None };
        let error = refused(access::create_user(&other, again).await);
        assert_eq!((error.kind(), error.field()), (Kind::Conflict, Some("username")));
        assert!(access::list_users(&other, &page(10)).await.expect("lists").items.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_and_the_old_one_is_no_good() {
    on_both(async |world| {
        let user = make(&world.ctx(), "ann", Role::Admin).await;
        let sessions = [sign_in(&world, "ann").await, sign_in(&world, "ann").await];
        for session in &sessions {
            access::identify(&world.app, session.token.expose()).await.expect("signed in");
        }
        let change = UserChange { password: Some(secret("a quite different one")), ..UserChange::default() };
        access::update_user(&world.ctx(), &user.id, change).await.expect("changes");
        for session in &sessions {
            assert_eq!(refused(access::identify(&world.app, session.token.expose()).await).code(), "auth.invalid");
        }
        let old = access::login(&world.app, "ann", secret(PASSWORD), &Request::default()).await;
        assert_eq!(refused(old).code(), "auth.invalid");
        access::login(&world.app, "ann", secret("a quite different one"), &Request::default())
            .await
            .expect("the new one is good");
    })
    .await;
}

#[tokio::test]
async fn a_disabled_or_deleted_user_is_out_at_once() {
    on_both(async |world| {
        make(&world.ctx(), "keeper", Role::Owner).await;
        let user = make(&world.ctx(), "ann", Role::Operator).await;
        let session = sign_in(&world, "ann").await;
        access::identify(&world.app, session.token.expose()).await.expect("signed in");
        let disabled = UserChange { disabled: Some(true), ..UserChange::default() };
        access::update_user(&world.ctx(), &user.id, disabled).await.expect("disables");
        assert!(access::identify(&world.app, session.token.expose()).await.is_err());
        let refused_login = access::login(&world.app, "ann", secret(PASSWORD), &Request::default()).await;
        assert_eq!(refused(refused_login).code(), "auth.invalid");
        let enabled = UserChange { disabled: Some(false), ..UserChange::default() };
        access::update_user(&world.ctx(), &user.id, enabled).await.expect("enables");
        assert!(
            access::identify(&world.app, session.token.expose()).await.is_err(),
            "the old session does not come back"
        );
        let session = sign_in(&world, "ann").await;
        access::identify(&world.app, session.token.expose()).await.expect("signed in");
        access::delete_user(&world.ctx(), &user.id).await.expect("deletes");
        assert!(access::identify(&world.app, session.token.expose()).await.is_err());
        assert_eq!(world.count("SELECT count(*) FROM sessions", vec![]).await, 0);
        assert_eq!(refused(access::find_user(&world.ctx(), &user.id).await).kind(), Kind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn what_runs_long_can_see_that_its_credential_still_holds() {
    on_both(async |world| {
        make(&world.ctx(), "keeper", Role::Owner).await;
        let user = make(&world.ctx(), "ann", Role::Admin).await;
        let (_, token) = access::create_agent_token(&world.ctx(), "dialer", None).await.expect("makes a token");
        let agent = access::identify(&world.app, token.expose()).await.expect("good");
        let signed_in =
            access::identify(&world.app, sign_in(&world, "ann").await.token.expose()).await.expect("signed in");
        let again = access::identify(&world.app, sign_in(&world, "ann").await.token.expose()).await.expect("signed in");
        for principal in [&agent, &signed_in, &again] {
            assert!(access::still_holds(&world.app, principal).await);
        }
        assert!(access::still_holds(&world.app, world.ctx().principal()).await, "Muster itself always does");
        let lower = UserChange { role: Some(Role::Viewer), ..UserChange::default() };
        access::update_user(&world.ctx(), &user.id, lower).await.expect("changes");
        assert!(!access::still_holds(&world.app, &signed_in).await, "it stands for less than it did");
        let disabled = UserChange { role: Some(Role::Admin), disabled: Some(true), ..UserChange::default() };
        access::update_user(&world.ctx(), &user.id, disabled).await.expect("changes");
        assert!(!access::still_holds(&world.app, &again).await, "its session has ended");
        assert!(access::still_holds(&world.app, &agent).await, "others are not concerned");
        let new = access::NewKey {
            name: "k".to_owned(),
            description: None,
            role: Role::Viewer,
            scopes: vec![],
            expires_at: Some(world.now() + seconds(5)),
        };
        let (key, secret) = access::create_key(&world.ctx(), new).await.expect("makes a key");
        let caller = access::identify(&world.app, secret.expose()).await.expect("good");
        assert!(access::still_holds(&world.app, &caller).await);
        world.advance(seconds(5));
        assert!(!access::still_holds(&world.app, &caller).await, "its time is over");
        access::delete_key(&world.ctx(), &key.id).await.expect("deletes");
        assert!(!access::still_holds(&world.app, &caller).await, "it was revoked");
    })
    .await;
}

#[tokio::test]
async fn a_change_of_role_holds_at_once() {
    on_both(async |world| {
        make(&world.ctx(), "keeper", Role::Owner).await;
        let user = make(&world.ctx(), "ann", Role::Admin).await;
        let session = sign_in(&world, "ann").await;
        access::identify(&world.app, session.token.expose()).await.expect("signed in");
        let change = UserChange {
            role: Some(Role::Viewer),
            display_name: Patch::Value("Ann".to_owned()),
            ..UserChange::default()
        };
        let changed = access::update_user(&world.ctx(), &user.id, change).await.expect("changes");
        assert_eq!(changed.display_name.as_deref(), Some("Ann"));
        assert_eq!(access::identify(&world.app, session.token.expose()).await.expect("signed in").role, Role::Viewer);
        let (me, org) = access::me(&ctx_of(&world, &session.token).await).await.expect("reads").expect("a user");
        assert_eq!((me.role, org.as_str(), me.display_name.as_deref()), (Role::Viewer, "Acme", Some("Ann")));
        assert!(access::me(&world.ctx()).await.expect("reads").is_none(), "Muster is no user");
        let cleared = UserChange { display_name: Patch::Null, ..UserChange::default() };
        assert_eq!(access::update_user(&world.ctx(), &user.id, cleared).await.expect("changes").display_name, None);
    })
    .await;
}

#[tokio::test]
async fn users_are_listed_newest_first_page_by_page() {
    on_both(async |world| {
        for n in 0..3 {
            make(&world.ctx(), &format!("user{n}"), Role::Admin).await;
            world.advance(seconds(1));
        }
        let first = access::list_users(&world.ctx(), &page(2)).await.expect("lists");
        make(&world.ctx(), "late", Role::Admin).await;
        let second =
            access::list_users(&world.ctx(), &PageRequest { limit: 2, after: first.next }).await.expect("lists");
        let names: Vec<&str> = first.items.iter().chain(&second.items).map(|user| user.username.as_str()).collect();
        assert_eq!(names, ["user2", "user1", "user0"]);
        assert!(second.next.is_none());
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_user_is_named() {
    on_both(async |world| {
        let user = |username: &str, password: &str, display_name: Option<String>| NewUser {
            username: username.to_owned(),
            password: secret(password),
            role: Role::Viewer,
            display_name,
        };
        let long = "x".repeat(101);
        for name in ["", "with space", "tab\t", "nul\0", long.as_str()] {
            assert_eq!(
                refused(access::create_user(&world.ctx(), user(name, PASSWORD, None)).await).field(),
                Some("username"),
                "{name:?}"
            );
        }
        let endless = "x".repeat(1025);
        for password in ["", "too short", endless.as_str()] {
            assert_eq!(
                refused(access::create_user(&world.ctx(), user("ann", password, None)).await).field(),
                Some("password")
            );
        }
        assert_eq!(
            refused(access::create_user(&world.ctx(), user("ann", PASSWORD, Some(long))).await).field(),
            Some("displayName")
        );
        let events = world.event_kinds().await;
        assert!(!events.contains(&"user.created".to_owned()), "{ORG} has no user: {events:?}");
    })
    .await;
}

#[tokio::test]
async fn no_password_is_stored_or_told() {
    on_both(async |world| {
        make(&world.ctx(), "ann", Role::Admin).await;
        let hash: String = world.db.one("SELECT password_hash FROM users", vec![]).await.expect("reads");
        assert!(hash.starts_with("$argon2id$") && !hash.contains(PASSWORD));
        let told =
            world.count("SELECT count(*) FROM events WHERE data LIKE '%horse%' OR data LIKE '%argon2%'", vec![]).await;
        assert_eq!(told, 0);
    })
    .await;
}
