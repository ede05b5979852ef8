//! Orgs: nothing crosses; and the first start.

use crate::support::{ORG, Taken, World, fresh_secrets, message, on_both, page, refused, secret};
use muster_base::{Kind, Patch};
use muster_domain::access::{self, Bootstrap, NewKey, NewUser, OrgChange, Role, UserChange};
use muster_domain::agents::{self, AgentChange, AgentFilter, Lifecycle};
use muster_domain::conversations::{self, MessageFilter};
use muster_domain::turns::{self, TurnFilter};
use muster_domain::{Ctx, Request, events, memory, usage};

fn wanted(password: Option<&str>) -> Bootstrap {
    Bootstrap {
        org: ORG.to_owned(),
        username: "admin".to_owned(),
        password: password.map(secret),
        api_key: Some(secret("sk-automation-0123456789")),
    }
}

#[tokio::test]
async fn the_first_start_twice_changes_nothing_and_keeps_a_changed_password() {
    on_both(async |world| {
        assert!(access::bootstrap(&world.app, wanted(Some("the first password"))).await.expect("starts").is_none());
        let key = access::identify(&world.app, "sk-automation-0123456789").await.expect("the key is good");
        assert_eq!(key.role, Role::Admin);
        let users = access::list_users(&world.ctx(), &page(10)).await.expect("lists").items;
        assert_eq!((users.len(), users[0].role), (1, Role::Owner));
        let change = UserChange { password: Some(secret("a changed password")), ..UserChange::default() };
        access::update_user(&world.ctx(), &users[0].id, change).await.expect("changes");
        assert!(access::bootstrap(&world.app, wanted(Some("the first password"))).await.expect("starts").is_none());
        access::login(&world.app, "admin", secret("a changed password"), &Request::default())
            .await
            .expect("the changed one is good");
        assert_eq!(access::list_users(&world.ctx(), &page(10)).await.expect("lists").items.len(), 1);
        assert_eq!(access::list_keys(&world.ctx(), &page(10)).await.expect("lists").items.len(), 1);
        assert_eq!(access::list_orgs(&world.app).await.expect("lists").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_first_start_without_a_password_makes_one_and_tells_it_once() {
    on_both(async |world| {
        let made = access::bootstrap(&world.app, wanted(None)).await.expect("starts").expect("a password was made");
        access::login(&world.app, "admin", made, &Request::default()).await.expect("it is good");
        assert!(access::bootstrap(&world.app, wanted(None)).await.expect("starts").is_none());
        let short = Bootstrap { api_key: Some(secret("short")), ..wanted(None) };
        assert_eq!(refused(access::bootstrap(&world.app, short).await).field(), Some("api_key"));
    })
    .await;
}

#[tokio::test]
async fn an_org_is_changed_field_by_field() {
    on_both(async |world| {
        let ctx = world.ctx();
        let change = OrgChange {
            name: Some("Acme Inc".to_owned()),
            description: Patch::Value("makes everything".to_owned()),
            time_zone: Patch::Value("Europe/Paris".to_owned()),
            features: Some(vec!["hosting".to_owned(), "mission".to_owned()]),
        };
        access::update_org(&ctx, change).await.expect("changes");
        let org = access::find_org(&ctx).await.expect("finds");
        assert_eq!(
            (org.name.as_str(), org.time_zone.as_deref(), org.features.len()),
            ("Acme Inc", Some("Europe/Paris"), 2)
        );
        let events = world.event_kinds().await.len();
        access::update_org(&ctx, OrgChange::default()).await.expect("changes nothing");
        assert_eq!(world.event_kinds().await.len(), events, "what changes nothing is no event");
        let cleared = OrgChange { description: Patch::Null, time_zone: Patch::Null, ..OrgChange::default() };
        let org = access::update_org(&ctx, cleared).await.expect("changes");
        assert_eq!((org.description, org.time_zone), (None, None));
        for (change, field) in [
            (OrgChange { name: Some(" ".to_owned()), ..OrgChange::default() }, "name"),
            (OrgChange { description: Patch::Value("x".repeat(501)), ..OrgChange::default() }, "description"),
            (OrgChange { time_zone: Patch::Value("Middle/Earth".to_owned()), ..OrgChange::default() }, "timeZone"),
        ] {
            assert_eq!(refused(access::update_org(&ctx, change).await).field(), Some(field));
        }
    })
    .await;
}

#[tokio::test]
async fn a_feature_that_is_switched_on_is_there_at_once_for_all_callers() {
    on_both(async |world| {
        access::bootstrap(&world.app, wanted(None)).await.expect("starts");
        let features =
            async || access::identify(&world.app, "sk-automation-0123456789").await.expect("good").features.clone();
        assert_eq!(features().await, ["hosting"]);
        let change =
            OrgChange { features: Some(vec!["hosting".to_owned(), "mission".to_owned()]), ..OrgChange::default() };
        access::update_org(&world.ctx(), change).await.expect("changes");
        assert_eq!(features().await, ["hosting", "mission"]);
    })
    .await;
}

#[tokio::test]
async fn an_org_has_a_slug_of_its_own() {
    on_both(async |world| {
        assert_eq!(refused(access::create_org(&world.app, ORG, "Again").await).kind(), Kind::Conflict);
        for wrong in ["", "Big", "a b", "-a", "a--b", "ümlaut"] {
            assert_eq!(refused(access::create_org(&world.app, wrong, "Name").await).field(), Some("org"), "{wrong}");
        }
        assert_eq!(refused(access::create_org(&world.app, "ok", "").await).field(), Some("name"));
        assert_eq!(refused(access::find_org(&Ctx::system(world.app.clone(), "nowhere")).await).kind(), Kind::NotFound);
        assert_eq!(access::ensure_org(&world.app, ORG).await.expect("is there").name, "Acme");
    })
    .await;
}

#[tokio::test]
async fn a_second_org_sees_and_changes_nothing_of_the_first() {
    on_both(async |world| {
        let ann = world.agent("Ann").await;
        let posted = world.post(&ann, "chat", "hello").await;
        let claim = world.claim_one().await;
        world.answer(&claim, "hi", 5).await.expect("answers");
        let waiting = world.post(&ann, "chat", "and another").await;
        memory::set(&world.ctx(), &ann.id, "colour", "\"red\"", None).await.expect("remembers");
        memory::set(&world.ctx(), "", "shared", "1", None).await.expect("remembers");
        let new =
            NewKey { name: "k".to_owned(), description: None, role: Role::Viewer, scopes: vec![], expires_at: None };
        let (key, _) = access::create_key(&world.ctx(), new).await.expect("makes a key");
        let new = NewUser {
            username: "ann".to_owned(),
            password: secret("correct horse"),
            role: Role::Owner,
            display_name: None,
        };
        let user = access::create_user(&world.ctx(), new).await.expect("makes a user");
        let before = world.event_kinds().await;

        let spy = world.ctx_in("spies").await;
        sees_nothing(&spy, &ann.id, &posted, &key.id, &user.id).await;
        changes_nothing(&world, &spy, &ann.id, &waiting, &key.id, &user.id).await;
        assert_eq!(world.event_kinds().await, before, "the first org's log has nothing of the second's attempts");
        assert_eq!(world.find(&ann).await.name, "Ann");
    })
    .await;
}

async fn sees_nothing(spy: &Ctx, agent: &str, posted: &Taken, key: &str, user: &str) {
    let conversation = spy.db.one::<String>("SELECT id FROM conversations", vec![]).await.expect("there is one");
    let all = AgentFilter::default();
    let missing = |error: muster_base::Error| assert_eq!(error.kind(), Kind::NotFound, "{error:?}");
    missing(refused(agents::find(spy, agent).await));
    missing(refused(agents::definition_at(spy, agent, 1).await));
    missing(refused(conversations::message(spy, agent, &posted.message.id).await));
    missing(refused(conversations::conversation(spy, &conversation).await));
    let in_conversation = MessageFilter { conversation: Some("chat".to_owned()), ..MessageFilter::default() };
    missing(refused(conversations::messages(spy, agent, &in_conversation, 10).await));
    missing(refused(turns::find(spy, &posted.turn).await));
    missing(refused(access::find_key(spy, key).await));
    missing(refused(access::find_user(spy, user).await));
    assert_eq!(agents::count(spy, &all).await.expect("counts"), 0);
    assert!(agents::list(spy, &all, &page(10)).await.expect("lists").items.is_empty());
    assert_eq!(agents::list_page(spy, &all, 10, 0).await.expect("lists").1, 0);
    assert!(agents::names(spy, 10).await.expect("lists").is_empty());
    assert_eq!(agents::file_summary(spy, agent).await.expect("sums up").files, 0);
    assert!(agents::secrets_set(spy, agent).await.expect("lists").is_empty());
    assert!(conversations::messages(spy, agent, &MessageFilter::default(), 10).await.expect("lists").0.is_empty());
    assert!(conversations::conversations(spy, None, &page(10)).await.expect("lists").items.is_empty());
    assert!(conversations::conversations(spy, Some(agent), &page(10)).await.expect("lists").items.is_empty());
    assert!(conversations::counterparties(spy, agent, &page(10), 10).await.expect("lists").items.is_empty());
    assert!(conversations::recent_of(spy, &conversation, 10).await.expect("lists").is_empty());
    assert!(
        conversations::history(&spy.db, spy.org(), &conversation, 0, i64::MAX, 10).await.expect("lists").is_empty()
    );
    assert!(conversations::messages_of_turn(&spy.db, spy.org(), &posted.turn).await.expect("lists").is_empty());
    assert!(turns::list(spy, &TurnFilter::default(), &page(10)).await.expect("lists").items.is_empty());
    assert!(access::list_keys(spy, &page(10)).await.expect("lists").items.is_empty());
    assert!(access::list_users(spy, &page(10)).await.expect("lists").items.is_empty());
    assert!(memory::find(spy, agent, "colour").await.expect("looks").is_none());
    assert!(memory::find(spy, "", "shared").await.expect("looks").is_none());
    assert!(memory::search(spy, agent, "colour", 10).await.expect("searches").is_empty());
    assert!(memory::recent(spy, agent, 10).await.expect("lists").is_empty());
    assert_eq!(memory::total_size(spy, agent).await.expect("sums up"), 0);
    let overview = usage::overview(spy).await.expect("sums up");
    assert!(overview.lifecycle.is_empty() && overview.queued == 0 && overview.output_tokens == 0);
    assert!(overview.hours.iter().all(|hour| hour.received == 0 && hour.sent == 0));
    let own = events::list(spy, &events::EventFilter::default(), 100).await.expect("lists");
    assert!(own.iter().all(|event| event.kind == "org.created" && event.subject == "spies"));
}

async fn changes_nothing(world: &World, spy: &Ctx, agent: &str, waiting: &Taken, key: &str, user: &str) {
    let missing = |error: muster_base::Error| assert_eq!(error.kind(), Kind::NotFound, "{error:?}");
    let conversation = spy.db.one::<String>("SELECT id FROM conversations", vec![]).await.expect("there is one");
    missing(refused(conversations::post(spy, agent, message("chat", "psst")).await));
    missing(refused(conversations::mark_read(spy, &conversation).await));
    missing(refused(
        agents::update(spy, agent, AgentChange { name: Patch::Value("Bob".to_owned()), ..AgentChange::default() })
            .await,
    ));
    missing(refused(agents::pause(spy, agent).await));
    missing(refused(agents::resume(spy, agent).await));
    missing(refused(agents::stop(spy, agent).await));
    missing(refused(agents::set_status(spy, agent, Lifecycle::Stopped).await));
    missing(refused(agents::balance(spy, agent, 5, true).await));
    missing(refused(agents::delete(spy, agent, true).await));
    missing(refused(turns::cancel(spy, &waiting.turn).await));
    missing(refused(access::delete_key(spy, key).await));
    missing(refused(access::update_key(spy, key, access::KeyChange::default()).await));
    missing(refused(access::delete_user(spy, user).await));
    missing(refused(access::update_user(spy, user, UserChange::default()).await));
    assert!(!memory::delete(spy, agent, "colour").await.expect("looks"));
    assert_eq!(world.turn(&waiting.turn).await.state, turns::State::Queued);
}

#[tokio::test]
async fn a_wrong_secret_key_is_refused_at_the_start() {
    on_both(async |world| {
        let right = fresh_secrets();
        muster_domain::verify_key(&world.db, &right).await.expect("a fresh database takes any key");
        muster_domain::verify_key(&world.db, &right).await.expect("and remembers it");
        let error = refused(muster_domain::verify_key(&world.db, &fresh_secrets()).await);
        assert_eq!((error.kind(), error.code()), (Kind::Invalid, "secrets.wrong_key"));
    })
    .await;
}
