//! Connectors through HTTP, with a Redis server as their source.

use crate::support::TestApp;
use muster_domain::access::{Role, Scope};
use muster_outbound::Policy;
use muster_testkit::Redis;
use serde_json::{Value, json};

fn body(server: &Redis, name: &str) -> Value {
    json!({"name": name, "type": "redis", "description": "what is cached",
        "settings": {"host": "127.0.0.1", "port": server.port(), "password": "hunter2"}})
}

async fn server() -> Redis {
    let server = Redis::start_with(&["--requirepass", "hunter2"]).await;
    server.run("AUTH hunter2\nSET greeting hello\nRPUSH log a b c").await;
    server
}

#[tokio::test]
async fn a_connector_is_set_up_tried_asked_changed_and_deleted_and_its_secret_never_shown() {
    let (app, server) = (TestApp::start().await, server().await);
    let admin = app.key(Role::Admin, &[]).await;
    let made = app.write(&admin, "POST", "/connectors", body(&server, "cache")).await;
    let at = "2026-11-22T01:30:00.000Z";
    let id = made.expect(201)["id"].as_str().unwrap().to_owned();
    let password = json!({"redacted": true, "set": true, "updatedAt": at});
    let shown = json!({"id": id, "name": "cache", "type": "redis", "description": "what is cached", "enabled": true,
        "settings": {"host": "127.0.0.1", "port": server.port(), "password": password}, "createdAt": at, "updatedAt": at});
    assert_eq!(made.expect(201), shown);
    for path in [format!("/connectors/{id}"), "/connectors/cache".to_owned()] {
        assert_eq!(app.get(&admin, &path).await.expect(200), shown);
    }
    assert_eq!(app.get(&admin, "/connectors").await.expect(200), json!({"data": [shown]}));

    let tested = app.write(&admin, "POST", &format!("/connectors/{id}/_test"), Value::Null).await.expect(200);
    assert_eq!(tested["ok"], true, "{tested}");
    assert!(tested["message"].as_str().unwrap().starts_with("Redis "));
    let resources = app.get(&admin, &format!("/connectors/{id}/resources")).await.expect(200);
    assert_eq!(resources["data"][0]["name"], "keys");
    let ask = async |body: Value| app.write(&admin, "POST", &format!("/connectors/{id}/_query"), body).await;
    let answer = ask(json!({"resource": "log"})).await.expect(200);
    assert_eq!(
        (&answer["items"], &answer["count"], &answer["truncated"]),
        (&json!(["a", "b", "c"]), &json!(3), &json!(false))
    );
    assert!(answer["elapsedMs"].is_u64());
    assert_eq!(ask(json!({"resource": "log", "limit": 2})).await.expect(200)["truncated"], true);
    ask(json!({"query": "DEL log"})).await.refused(400, "validation.invalid", Some("query"));
    ask(json!({"query": "GET :a"})).await.refused(400, "validation.invalid", Some("params.a"));
    ask(json!({"query": 7})).await.refused(400, "validation.invalid", Some("query"));

    let change = json!({"name": "store", "description": null, "settings": {"password": "wrong"}});
    let changed = app.write(&admin, "PATCH", &format!("/connectors/{id}"), change).await.expect(200);
    assert_eq!((&changed["name"], changed.get("description")), (&json!("store"), None));
    let tested = app.write(&admin, "POST", &format!("/connectors/{id}/_test"), Value::Null).await;
    assert_eq!(tested.expect(200)["ok"], false);
    assert!(!tested.text.contains("hunter2") && !tested.text.contains("wrong"), "{}", tested.text);
    ask(json!({"resource": "log"})).await.refused(502, "connector.failed", None);
    let cleared = json!({"settings": {"password": null}, "enabled": false});
    let cleared = app.write(&admin, "PATCH", "/connectors/store", cleared).await.expect(200);
    assert_eq!((cleared["settings"].get("password"), &cleared["enabled"]), (None, &json!(false)));
    ask(json!({"resource": "log"})).await.refused(404, "connector.disabled", None);
    let other = json!({"type": "mysql"});
    app.write(&admin, "PATCH", "/connectors/store", other).await.refused(400, "validation.invalid", Some("type"));
    app.write(&admin, "PATCH", "/connectors/store", json!({})).await.refused(400, "validation.invalid", None);
    let deleted = app.write(&admin, "DELETE", &format!("/connectors/{id}"), Value::Null).await.expect(200);
    assert_eq!(deleted["name"], "store");
    app.get(&admin, &format!("/connectors/{id}")).await.refused(404, "not_found", None);
    let events = app.get(&admin, "/events?limit=100").await;
    events.expect(200);
    assert!(!events.text.contains("hunter2"));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_the_setting() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    for (body, field) in [
        (json!({"type": "redis"}), "name"),
        (json!({"name": "x"}), "type"),
        (json!({"name": "x", "type": "nope"}), "type"),
        (json!({"name": "x", "type": "redis"}), "settings.host"),
        (json!({"name": "x", "type": "redis", "settings": []}), "settings"),
        (json!({"name": "x", "type": "redis", "settings": {"host": "a", "port": 0}}), "settings.port"),
        (json!({"name": "x", "type": "redis", "settings": {"host": "a", "tls": "maybe"}}), "settings.tls"),
        (json!({"name": "x", "type": "redis", "settings": {"host": "a", "hunter2": 1}}), "settings.hunter2"),
        (json!({"name": "x", "type": "redis", "settings": {"host": "http://a/"}}), "settings.host"),
    ] {
        app.write(&admin, "POST", "/connectors", body).await.refused(400, "validation.invalid", Some(field));
    }
}

#[tokio::test]
async fn who_may_query_sees_types_and_resources_and_no_settings() {
    let (app, server) = (TestApp::start().await, server().await);
    let admin = app.key(Role::Admin, &[]).await;
    app.write(&admin, "POST", "/connectors", body(&server, "cache")).await.expect(201);
    let operator = app.key(Role::Operator, &[Scope::ConnectorsQuery]).await;
    let types = app.get(&operator, "/connector-types").await.expect(200);
    let redis = types["data"].as_array().unwrap().iter().find(|known| known["type"] == "redis").unwrap();
    assert_eq!(redis["settingsSchema"]["properties"]["password"]["writeOnly"], true);
    assert!(redis["queryForm"].as_str().unwrap().contains("HGETALL"));
    let asked = json!({"query": "GET greeting"});
    let answer = app.write(&operator, "POST", "/connectors/cache/_query", asked.clone()).await.expect(200);
    assert_eq!(answer["items"], json!(["hello"]));
    app.get(&operator, "/connectors/cache").await.refused(403, "auth.role_too_low", None);
    let narrow = app.key(Role::Operator, &[Scope::AgentsWrite]).await;
    app.write(&narrow, "POST", "/connectors/cache/_query", asked.clone()).await.refused(
        403,
        "auth.scope_missing",
        None,
    );
    let viewer = app.key(Role::Viewer, &[]).await;
    for path in ["/connector-types", "/connectors/cache/resources"] {
        app.get(&viewer, path).await.refused(403, "auth.role_too_low", None);
    }
    app.write(&viewer, "POST", "/connectors/cache/_query", asked).await.refused(403, "auth.role_too_low", None);
}

#[tokio::test]
async fn grants_are_set_whole_and_only_to_agents_of_the_org() {
    let (app, server) = (TestApp::start().await, server().await);
    let admin = app.key(Role::Admin, &[]).await;
    app.write(&admin, "POST", "/connectors", body(&server, "cache")).await.expect(201);
    let (ann, eve) = (app.agent("acme", "Ann").await, app.agent("other", "Eve").await);
    let set =
        async |agents: Value| app.write(&admin, "PUT", "/connectors/cache/grants", json!({"agents": agents})).await;
    let granted = json!({"data": [{"id": ann.id, "name": "Ann"}]});
    assert_eq!(set(json!([ann.id])).await.expect(200), granted);
    assert_eq!(app.get(&admin, "/connectors/cache/grants").await.expect(200), granted);
    set(json!([ann.id, eve.id])).await.refused(400, "validation.invalid", Some("agents[1]"));
    assert_eq!(set(json!([])).await.expect(200), json!({"data": []}));
}

#[tokio::test]
async fn a_repeated_creation_makes_one_connector() {
    let (app, server) = (TestApp::start().await, server().await);
    let admin = app.key(Role::Admin, &[]).await;
    let send = async || {
        let text = body(&server, "cache").to_string();
        app.call_with(&admin, "POST /v1/orgs/acme/connectors", &[("idempotency-key", "once")], &text).await
    };
    let first = send().await.expect(201);
    assert_eq!(send().await.expect(201), first);
    assert_eq!(app.get(&admin, "/connectors").await.expect(200)["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_kept_secret_goes_nowhere_else() {
    let (app, server) = (TestApp::start().await, server().await);
    let admin = app.key(Role::Admin, &[]).await;
    app.write(&admin, "POST", "/connectors", body(&server, "cache")).await.expect(201);
    let before = app.get(&admin, "/connectors/cache").await.expect(200);
    let change =
        async |settings: Value| app.write(&admin, "PATCH", "/connectors/cache", json!({ "settings": settings })).await;
    for moved in [
        json!({"host": "evil.example.com"}),
        json!({"port": 1}),
        json!({"port": null}),
        json!({"tls": "require"}),
        json!({"caCertificate": "-----BEGIN CERTIFICATE-----"}),
        json!({"host": "evil.example.com", "password": before["settings"]["password"]}),
    ] {
        let message = change(moved).await.refused(400, "validation.invalid", Some("settings.password"));
        assert!(message.contains("must be given again"), "{message}");
    }
    assert_eq!(app.get(&admin, "/connectors/cache").await.expect(200), before, "nothing was changed");
    // What leads nowhere else keeps it.
    change(json!({"host": "127.0.0.1", "port": server.port(), "database": 1})).await.expect(200);
    let tested = app.write(&admin, "POST", "/connectors/cache/_test", Value::Null).await.expect(200);
    assert_eq!(tested["ok"], true, "{tested}");
    change(json!({"host": "cache.example.com", "password": "hunter2"})).await.expect(200);
    let cleared = change(json!({"host": "other.example.com", "password": null})).await.expect(200);
    assert_eq!(cleared["settings"].get("password"), None);
    change(json!({"host": "third.example.com"})).await.expect(200);

    let api = json!({"name": "api", "type": "http", "settings":
        {"baseUrl": "https://api.example.com/v1", "auth": "header", "headerName": "x-key", "headerSecret": "hunter2"}});
    app.write(&admin, "POST", "/connectors", api).await.expect(201);
    let change =
        async |settings: Value| app.write(&admin, "PATCH", "/connectors/api", json!({ "settings": settings })).await;
    for url in ["https://evil.example.com/v1", "http://api.example.com/v1", "https://api.example.com/v1/evil"] {
        change(json!({"baseUrl": url})).await.refused(400, "validation.invalid", Some("settings.headerSecret"));
    }
    for way in [json!({"headerName": "user-agent"}), json!({"auth": "none"}), json!({"auth": null})] {
        change(way).await.refused(400, "validation.invalid", Some("settings.headerSecret"));
    }
    change(json!({"baseUrl": "https://api.example.com/v1/", "headerName": "x-key"})).await.expect(200);
    change(json!({"headerName": "x-token", "headerSecret": "hunter2"})).await.expect(200);
    change(json!({"baseUrl": "https://api.example.com/v2", "headerSecret": "hunter3"})).await.expect(200);
}

#[tokio::test]
async fn a_kept_secret_is_not_sent_in_the_clear() {
    let app = TestApp::start().await;
    let admin = app.key(Role::Admin, &[]).await;
    for kind in ["postgresql", "mysql"] {
        let settings = json!({"host": "db.example.com", "database": "shop", "user": "reader", "password": "hunter2",
            "tls": "verify-full"});
        app.write(&admin, "POST", "/connectors", json!({"name": kind, "type": kind, "settings": settings}))
            .await
            .expect(201);
        let change = async |settings: Value| {
            app.write(&admin, "PATCH", &format!("/connectors/{kind}"), json!({ "settings": settings })).await
        };
        for weaker in
            [json!({"tls": "disable"}), json!({"tls": null}), json!({"caCertificate": "-----BEGIN CERTIFICATE-----"})]
        {
            let message = change(weaker).await.refused(400, "validation.invalid", Some("settings.password"));
            assert!(message.contains("where or how it is sent"), "{message}");
        }
        change(json!({"tls": "verify-full", "user": "other"})).await.expect(200);
        change(json!({"tls": "disable", "password": "hunter2"})).await.expect(200);
        // What holds by default is no change.
        change(json!({"tls": "prefer", "password": "hunter2"})).await.expect(200);
        change(json!({"tls": null})).await.expect(200);
    }
}

#[tokio::test]
async fn private_addresses_are_refused_unless_the_operator_allows_them() {
    let (app, server) = (TestApp::start_with(Policy::default()).await, server().await);
    let admin = app.key(Role::Admin, &[]).await;
    app.write(&admin, "POST", "/connectors", body(&server, "cache")).await.expect(201);
    let url = format!("http://127.0.0.1:{}/", server.port());
    let api = json!({"name": "api", "type": "http", "settings": {"baseUrl": url}});
    app.write(&admin, "POST", "/connectors", api).await.expect(201);
    for name in ["cache", "api"] {
        let tested = app.write(&admin, "POST", &format!("/connectors/{name}/_test"), Value::Null).await.expect(200);
        assert_eq!(tested["ok"], false);
        assert!(tested["message"].as_str().unwrap().contains("MUSTER_ALLOW_PRIVATE_URLS"), "{tested}");
        let asked = app.write(&admin, "POST", &format!("/connectors/{name}/_query"), json!({"resource": "log"})).await;
        assert_eq!(asked.status, 400, "{}", asked.text);
        assert!(asked.text.contains("MUSTER_ALLOW_PRIVATE_URLS"), "{}", asked.text);
    }
}

#[tokio::test]
async fn connectors_are_managed_by_admins_of_their_org_only() {
    let (app, server) = (TestApp::start().await, server().await);
    let admin = app.key(Role::Admin, &[]).await;
    let made = app.write(&admin, "POST", "/connectors", body(&server, "cache")).await.expect(201);
    let id = made["id"].as_str().unwrap();
    app.write(&admin, "POST", "/connectors", body(&server, "cache")).await.refused(409, "conflict", Some("name"));
    let calls = [
        ("GET", "/connectors".to_owned(), Value::Null),
        ("POST", "/connectors".to_owned(), body(&server, "x")),
        ("GET", format!("/connectors/{id}"), Value::Null),
        ("PATCH", format!("/connectors/{id}"), json!({"name": "x"})),
        ("POST", format!("/connectors/{id}/_test"), Value::Null),
        ("GET", format!("/connectors/{id}/grants"), Value::Null),
        ("PUT", format!("/connectors/{id}/grants"), json!({"agents": []})),
        ("DELETE", format!("/connectors/{id}"), Value::Null),
    ];
    let operator = app.key(Role::Operator, &[]).await;
    let narrow = app.key(Role::Admin, &[Scope::ConnectorsQuery]).await;
    let foreign = app.key_in("other", Role::Admin, &[]).await;
    for (method, path, body) in calls {
        app.write(&operator, method, &path, body.clone()).await.refused(403, "auth.role_too_low", None);
        app.write(&narrow, method, &path, body.clone()).await.refused(403, "auth.scope_missing", None);
        let there = app.write(&foreign, method, &path, body.clone()).await;
        assert!(there.status == 403 || there.status == 404, "{method} {path}: {}", there.text);
        // In their own org there is no such connector.
        if path.contains(id) {
            let what = format!("{method} /v1/orgs/other{path}");
            let text = if body.is_null() { String::new() } else { body.to_string() };
            app.call(&foreign, &what, &text).await.refused(404, "not_found", None);
        }
    }
    let there = app.call(&foreign, &format!("POST /v1/orgs/other/connectors/{id}/_query"), "{}").await;
    there.refused(404, "not_found", None);
    assert_eq!(app.get(&admin, "/connectors/cache").await.expect(200), made);
}
