use super::fake::{app, ctx, made, new};
use crate::support::{on_both, page, refused};
use muster_base::{Kind, Patch};
use muster_domain::connectors::{self, ConnectorChange, NewConnector};
use serde_json::{Value, json};

fn settings(value: Value) -> ConnectorChange {
    ConnectorChange { settings: value.as_object().cloned(), ..ConnectorChange::default() }
}

#[tokio::test]
async fn secrets_are_sealed_shown_by_name_only_and_kept_when_they_are_left_out() {
    on_both(async |world| {
        let (app, seen) = app(&world);
        let ctx = ctx(&app);
        let shown = made(&ctx, "shop").await;
        assert_eq!(Value::Object(shown.connector.settings.clone()), json!({ "host": "here" }));
        assert_eq!(shown.secrets, [("password".to_owned(), world.now())]);
        world.advance(std::time::Duration::from_secs(60));
        let id = &shown.connector.id;
        let redacted = json!({ "redacted": true, "set": true, "updatedAt": "2026-01-01T00:00:00Z" });
        for change in [json!({ "port": 7 }), json!({ "host": "there", "password": redacted })] {
            let shown = connectors::update(&ctx, id, settings(change)).await.expect("changed");
            assert_eq!(shown.secrets.len(), 1, "it stays, and keeps its date");
            assert!(shown.secrets[0].1 < world.now());
        }
        connectors::query(&ctx, id, connectors::Ask::default()).await.expect("asked");
        assert_eq!(seen.last_settings(), json!({ "host": "there", "port": 7, "password": "hunter2" }));
        let cleared = connectors::update(&ctx, "shop", settings(json!({ "password": null, "port": null }))).await;
        assert!(cleared.expect("changed").secrets.is_empty());
        connectors::query(&ctx, id, connectors::Ask::default()).await.expect("asked");
        assert_eq!(seen.last_settings(), json!({ "host": "there" }));
        for table in ["connectors", "secrets", "events"] {
            let rows: Vec<String> = match table {
                "connectors" => world.db.all("SELECT settings FROM connectors", vec![]).await.expect("rows"),
                "secrets" => world.db.all("SELECT sealed FROM secrets", vec![]).await.expect("rows"),
                _ => world.db.all("SELECT data FROM events", vec![]).await.expect("rows"),
            };
            assert!(!rows.concat().contains("hunter2"), "{table} holds the secret");
        }
    })
    .await;
}

#[tokio::test]
async fn settings_that_do_not_fit_are_refused_by_name_without_their_value() {
    on_both(async |world| {
        let (app, seen) = app(&world);
        let ctx = ctx(&app);
        let cases = [
            (json!({}), "settings.host", "is required"),
            (json!({ "host": 7 }), "settings.host", "string"),
            (json!({ "host": "x", "port": 70_000 }), "settings.port", "65535"),
            (json!({ "host": "x", "mode": "c" }), "settings.mode", "must be one of a, b"),
            (json!({ "host": "x", "hots": "y" }), "settings.hots", "is not a setting of Fake"),
            (json!({ "host": "x", "password": "q7" }), "settings.password", "shorter"),
            (json!({ "host": "x", "password": 40_417 }), "settings.password", "string"),
            (json!({ "host": "nonsense" }), "settings.host", "is nonsense"),
        ];
        for (value, field, part) in cases {
            let error = refused(connectors::create(&ctx, new("x", value.clone())).await);
            assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some(field)), "{value}: {error}");
            assert!(error.message().contains(part), "{error}");
            assert!(!error.message().contains("q7") && !error.message().contains("40417"), "{error}");
        }
        for name in ["", " x", "con_x", "a\nb", &"x".repeat(101)] {
            let error = refused(connectors::create(&ctx, new(name, json!({ "host": "x" }))).await);
            assert_eq!(error.field(), Some("name"), "{name}");
        }
        let unknown = NewConnector { kind: "oracle".to_owned(), ..new("x", json!({})) };
        let error = refused(connectors::create(&ctx, unknown).await);
        assert_eq!(error.field(), Some("type"));
        assert!(error.message().contains("fake"), "it says which there are: {error}");
        let shown = made(&ctx, "shop").await;
        let error = refused(connectors::update(&ctx, &shown.connector.id, settings(json!({ "host": null }))).await);
        assert_eq!(error.field(), Some("settings.host"));
        assert_eq!(world.count("SELECT count(*) FROM connectors", vec![]).await, 1);
        assert!(seen.is_open() == 0, "checking leaves nothing open");
    })
    .await;
}

#[tokio::test]
async fn every_change_is_one_event_with_the_names_of_what_changed() {
    on_both(async |world| {
        let (app, _) = app(&world);
        let ctx = ctx(&app);
        let id = made(&ctx, "shop").await.connector.id;
        let change = ConnectorChange {
            name: Some("store".to_owned()),
            description: Patch::Value("orders".to_owned()),
            enabled: Some(false),
            settings: json!({ "password": "other", "mode": "a" }).as_object().cloned(),
        };
        connectors::update(&ctx, &id, change).await.expect("changed");
        let same = settings(json!({ "password": "other", "mode": "a" }));
        assert_eq!(connectors::update(&ctx, &id, same).await.expect("the same").connector.revision, 2);
        connectors::delete(&ctx, &id).await.expect("deleted");
        assert_eq!(world.event_kinds().await[1..], ["connector.created", "connector.updated", "connector.deleted"]);
        let data: Vec<String> =
            world.db.all("SELECT data FROM events WHERE type = 'connector.updated'", vec![]).await.expect("rows");
        let data: Value = serde_json::from_str(&data[0]).expect("JSON");
        let fields = json!(["name", "description", "enabled", "settings.mode", "settings.password"]);
        assert_eq!(data, json!({ "name": "store", "type": "fake", "enabled": false, "fields": fields }));
        for table in ["SELECT count(*) FROM connectors", "SELECT count(*) FROM secrets"] {
            assert_eq!(world.count(table, vec![]).await, 0, "nothing is left");
        }
        assert_eq!(refused(connectors::find(&ctx, &id).await).kind(), Kind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn names_are_unique_in_an_org_and_connectors_stay_in_theirs() {
    on_both(async |world| {
        let (app, _) = app(&world);
        let ctx = ctx(&app);
        let shown = made(&ctx, "shop").await;
        made(&ctx, "second").await;
        let error = refused(connectors::create(&ctx, new("shop", json!({ "host": "x" }))).await);
        assert_eq!((error.kind(), error.field()), (Kind::Conflict, Some("name")));
        let rename = ConnectorChange { name: Some("shop".to_owned()), ..ConnectorChange::default() };
        assert_eq!(refused(connectors::update(&ctx, "second", rename).await).kind(), Kind::Conflict);
        let other = {
            world.ctx_in("other").await;
            muster_domain::Ctx::system(app.clone(), "other")
        };
        made(&other, "shop").await;
        let id = &shown.connector.id;
        assert_eq!(refused(connectors::find(&other, id).await).kind(), Kind::NotFound);
        assert_eq!(refused(connectors::test(&other, id).await).kind(), Kind::NotFound);
        assert_eq!(refused(connectors::resources(&other, id).await).kind(), Kind::NotFound);
        assert_eq!(refused(connectors::delete(&other, id).await).kind(), Kind::NotFound);
        assert_eq!(refused(connectors::grants(&other, id).await).kind(), Kind::NotFound);
        let asked = connectors::query(&other, id, connectors::Ask::default()).await;
        assert_eq!(refused(asked).kind(), Kind::NotFound);
        let mut names = Vec::new();
        let mut request = page(1);
        loop {
            let found = connectors::list(&ctx, &request).await.expect("a page");
            names.extend(found.items.into_iter().map(|shown| (shown.connector.name, shown.secrets.len())));
            let Some(next) = found.next else { break };
            request.after = Some(next);
        }
        names.sort();
        assert_eq!(names, [("second".to_owned(), 1), ("shop".to_owned(), 1)]);
        assert_eq!(connectors::list_all(&other, 10).await.expect("listed").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn changes_that_meet_are_all_made() {
    on_both(async |world| {
        let (app, _) = app(&world);
        let ctx = ctx(&app);
        let id = made(&ctx, "shop").await.connector.id;
        let changes = (1..=3).map(|n| {
            let change = if n == 3 { json!({ "mode": "b" }) } else { json!({ "port": n }) };
            connectors::update(&ctx, &id, settings(change))
        });
        for changed in futures::future::join_all(changes).await {
            changed.expect("made");
        }
        let shown = connectors::find(&ctx, &id).await.expect("there");
        assert_eq!(shown.connector.revision, 4);
        assert_eq!(shown.connector.settings["mode"], "b");
        assert!(shown.connector.settings["port"].is_number());
        assert_eq!(shown.secrets.len(), 1);
    })
    .await;
}
