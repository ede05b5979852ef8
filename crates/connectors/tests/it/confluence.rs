//! Confluence, against fakes of the cloud and of a server: <https://developer.atlassian.com/cloud/confluence/rest/v2/>.

use crate::fake::{Asked, Fake, ok, page, status};
use crate::support::{all, ask, open, refused_at};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

const TOKEN: &str = "confluence-test-token";

/// A page of results with a link to the next, as both have it.
fn linked(asked: &Asked, base: &str, total: usize, by: &str) -> ResponseTemplate {
    let size = asked.number("limit").expect("a size");
    let from: usize = asked.param(by).map_or(0, |text| text.trim_start_matches('c').parse().expect("ours"));
    let mut links = json!({"base": "https://elsewhere.example.com/wiki"});
    if from + size < total {
        let mark = if by == "cursor" { format!("c{}", from + size) } else { (from + size).to_string() };
        links["next"] = json!(format!("{base}?limit={size}&{by}={mark}"));
    }
    let results: Vec<Value> = page(total, from, size)
        .into_iter()
        .map(|mut item| {
            item["_links"] = json!({"webui": "x"});
            item["_expandable"] = json!({});
            item
        })
        .collect();
    ok(json!({"results": results, "_links": links}))
}

fn cloud(asked: &Asked) -> ResponseTemplate {
    let Some(value) = asked.header("authorization").filter(|value| value.starts_with("Basic ")) else {
        return status(401, json!({"message": "Client must be authenticated to access this resource."}));
    };
    assert!(!value.contains(TOKEN));
    match asked.path.strip_prefix("/wiki").expect("its API is there") {
        "/rest/api/user/current" => ok(json!({"displayName": "Me"})),
        "/rest/api/search" if asked.param("cql").is_some_and(|cql| cql.contains("type")) => {
            linked(asked, "/rest/api/search", 150, "cursor")
        }
        "/rest/api/search" => status(400, json!({"message": "Could not parse cql : x", "statusCode": 400})),
        "/api/v2/pages" => linked(asked, "/wiki/api/v2/pages", 300, "cursor"),
        "/api/v2/pages/7" => {
            assert_eq!(asked.param("body-format"), Some("storage"));
            ok(json!({"id": "7", "title": "T", "body": {"storage": {"value": "<p>x</p>"}}, "_links": {}}))
        }
        "/api/v2/spaces" => {
            assert_eq!(asked.param("keys"), Some("OPS,DEV"));
            linked(asked, "/wiki/api/v2/spaces", 2, "cursor")
        }
        // What the cloud took away.
        "/rest/api/content" | "/rest/api/space" => status(410, json!({"message": "gone"})),
        _ => status(
            404,
            json!({"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Not Found", "detail": "no page"}]}),
        ),
    }
}

fn server(asked: &Asked) -> ResponseTemplate {
    assert_eq!(asked.header("authorization"), Some("Bearer confluence-test-token"));
    match asked.path.as_str() {
        "/rest/api/user/current" => ok(json!({"displayName": "Me"})),
        "/rest/api/content" => {
            assert_eq!((asked.param("type"), asked.param("spaceKey")), (Some("page"), Some("OPS")));
            linked(asked, "/rest/api/content", 210, "start")
        }
        "/rest/api/content/7" => ok(json!({"id": "7", "body": {"storage": {"value": "x"}}})),
        "/rest/api/space" => {
            assert_eq!(asked.params("spaceKey"), ["OPS", "DEV"]);
            linked(asked, "/rest/api/space", 2, "start")
        }
        _ => status(404, json!({"message": "No content found"})),
    }
}

#[tokio::test]
async fn pages_and_spaces_of_the_cloud_are_read() {
    let fake = Fake::start(cloud).await;
    let base = format!("{}/wiki", fake.url());
    let source = open("confluence", json!({"baseUrl": base, "username": "me@example.com", "token": TOKEN})).await;
    assert_eq!(source.test().await.expect("it answers"), "Confluence at 127.0.0.1 as Me");
    let found = all(&source, "", "type = page", json!({})).await;
    assert_eq!((found.len(), found[149].clone()), (150, json!({"id": 149})));
    let (some, more) = ask(&source, "pages/list", "", json!({"limit": 260})).await;
    assert_eq!((some.len(), more), (260, true));
    assert_eq!(all(&source, "pages/get", "", json!({"id": 7})).await[0]["body"]["storage"]["value"], "<p>x</p>");
    assert_eq!(all(&source, "spaces/list", "", json!({"keys": ["OPS", "DEV"]})).await.len(), 2);
    refused_at(&source, "query", "", "x", json!({})).await;
    refused_at(&source, "resource", "pages/get", "", json!({"id": 8})).await;
    refused_at(&source, "params.id", "pages/get", "", json!({"id": "../spaces"})).await;
}

#[tokio::test]
async fn pages_and_spaces_of_a_server_are_read() {
    let fake = Fake::start(server).await;
    let source = open("confluence", json!({"baseUrl": fake.url(), "deployment": "server", "token": TOKEN})).await;
    assert_eq!(all(&source, "pages/list", "", json!({"space_key": "OPS"})).await.len(), 210);
    assert_eq!(all(&source, "pages/get", "", json!({"id": "7"})).await.len(), 1);
    assert_eq!(all(&source, "spaces/list", "", json!({"keys": ["OPS", "DEV"]})).await.len(), 2);
    refused_at(&source, "resource", "pages/versions", "", json!({"id": 7})).await;
    fake.never_saw_in_urls(TOKEN).await;
}
