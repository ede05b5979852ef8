use crate::support::surfaces;
use muster_domain::access::{Role, Scope};
use muster_http::{Op, Surface, get, openapi, post, routes};
use serde_json::{Value, json};

#[test]
fn the_document_describes_each_operation() {
    let document = openapi(&surfaces(), "1.2.3");
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"], json!({"title": "Muster", "version": "1.2.3"}));
    let list = &document["paths"]["/v1/things"]["get"];
    assert_eq!(list["operationId"], "orgs.support.list");
    assert_eq!(list["tags"], json!(["orgs"]));
    assert_eq!((&list["x-muster-role"], &list["x-muster-scope"]), (&json!("viewer"), &json!("agents:read")));
    let limit = json!({"name": "limit", "in": "query", "required": false, "description": "How many at most.",
        "schema": {"type": "integer", "format": "int64"}});
    assert_eq!(list["parameters"], json!([limit]));
    let items = &list["responses"]["200"]["content"]["application/json"]["schema"]["items"];
    assert_eq!(items["$ref"], "#/components/schemas/OrgsThing");
    let make = &document["paths"]["/v1/things"]["post"];
    let taken = &make["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(
        taken["$ref"], "#/components/schemas/OrgsThingInput",
        "a default makes a field optional when it is read"
    );
    assert_eq!(
        make["responses"]["413"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/OrgsErrorBody"
    );
    assert!(document["paths"]["/v1/files/{path}"]["get"].is_object());
    assert_eq!(document["paths"]["/v1/login"]["post"]["security"], json!([]));
    let events = &document["paths"]["/v1/events"]["get"];
    assert!(events["responses"]["200"]["content"]["text/event-stream"].is_object());
    assert_eq!(events["parameters"][0]["name"], "Last-Event-ID");
    assert!(list["responses"]["503"]["content"].is_object());
}

#[test]
fn an_operation_that_may_stream_answers_200_then_and_says_how_else_it_fails() {
    const ASK: Op = post("/v1/ask")
        .floor(Role::Viewer)
        .gives::<Vec<String>>()
        .status(201)
        .streams()
        .fails(&[(502, "the other side failed"), (503, "nobody is there")]);
    async fn ask() -> &'static str {
        "asked"
    }
    let surface = Surface::new("orgs", |_, _| axum::response::Response::default()).route(ASK, ask);
    let document = openapi(&[surface], "1");
    let responses = &document["paths"]["/v1/ask"]["post"]["responses"];
    let media = |status: &str| responses[status]["content"].as_object().map(|media| media.keys().next().cloned());
    assert_eq!(media("201"), Some(Some("application/json".to_owned())));
    assert_eq!(media("200"), Some(Some("text/event-stream".to_owned())));
    assert_eq!(responses["502"]["description"], "the other side failed");
    assert_eq!(responses["503"]["description"], "nobody is there");
}

#[test]
fn shared_paths_are_described_under_their_surfaces() {
    let document = openapi(&surfaces(), "1");
    assert!(document["paths"].get("/api/agents").is_none());
    assert!(document["paths"]["/mission/api/agents"]["get"].is_object());
    assert!(document["paths"]["/network/api/agents"]["get"].is_object());
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let document = openapi(&surfaces(), "1");
    fn walk(document: &Value, value: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                    assert!(document.pointer(&target[1..]).is_some(), "{target}");
                }
                fields.values().for_each(|value| walk(document, value));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(document, item)),
            _ => {}
        }
    }
    walk(&document, &document);
    assert_eq!(document.to_string(), openapi(&surfaces(), "1").to_string());
}

#[test]
fn the_list_of_routes_knows_where_each_was_written() {
    let lines = routes(&surfaces());
    let make = lines.iter().find(|line| line.method == "POST" && line.path == "/v1/things").unwrap();
    assert_eq!((make.surface, make.role, make.scope), ("orgs", Some(Role::Operator), Some(Scope::AgentsWrite)));
    assert!(make.file.ends_with("support.rs") && make.line > 10);
    assert_eq!(lines.iter().find(|line| line.path == "/v1/login").unwrap().role, None);
}

#[tokio::test]
#[should_panic(expected = "GET /v1/{b} is mounted twice in x")]
async fn two_operations_at_one_place_are_found_at_start() {
    const A: Op = get("/v1/{a}").public();
    const B: Op = get("/v1/{b}").public();
    let app = crate::support::TestApp::start().await;
    let state = std::sync::Arc::new(muster_http::AppState::new(app.app));
    let surface =
        Surface::new("x", |_, _| axum::response::Response::default()).route(A, async || "a").route(B, async || "b");
    let _ = muster_http::router(state, &[surface]);
}
