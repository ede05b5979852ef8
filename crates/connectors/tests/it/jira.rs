//! Jira, against fakes of the cloud and of a server: <https://developer.atlassian.com/cloud/jira/platform/rest/v2/>.

use crate::fake::{Asked, Fake, ok, page, status};
use crate::support::{all, ask, open, open_with, refused, refused_at};
use muster_outbound::Policy;
use serde_json::json;
use wiremock::ResponseTemplate;

const TOKEN: &str = "jira-test-token";
// `me@example.com:jira-test-token`
const BASIC: &str = "Basic bWVAZXhhbXBsZS5jb206amlyYS10ZXN0LXRva2Vu";

fn common(asked: &Asked) -> ResponseTemplate {
    match asked.path.as_str() {
        "/rest/api/2/myself" => ok(json!({"displayName": "Me"})),
        "/rest/api/2/serverInfo" => ok(json!({"version": "1001.0.0"})),
        "/rest/api/2/issue/OPS-1" => ok(json!({"key": "OPS-1", "self": "https://x", "fields": {
            "summary": "it breaks", "customfield_1": null, "customfield_2": 7,
            "assignee": {"displayName": "Me", "avatarUrls": {"48x48": "x"}, "self": "https://x"}}})),
        "/rest/api/2/issue/OPS-1/comment" => {
            let start = asked.number("startAt").unwrap_or(0);
            ok(json!({"comments": page(130, start, asked.number("maxResults").expect("a size")), "total": 130}))
        }
        _ => status(
            404,
            json!({"errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {}}),
        ),
    }
}

fn cloud(asked: &Asked) -> ResponseTemplate {
    if asked.header("authorization") != Some(BASIC) {
        return status(401, json!({"errorMessages": ["You are not authenticated. Authentication required."]}));
    }
    match asked.path.as_str() {
        // The old search is gone from the cloud.
        "/rest/api/2/search" => status(410, json!({"errorMessages": ["The requested API has been removed."]})),
        "/rest/api/2/search/jql" => {
            let jql = asked.param("jql").unwrap_or_default();
            if !jql.contains("project") {
                return status(
                    400,
                    json!({"errorMessages": ["Unbounded JQL queries are not allowed here."], "errors": {}}),
                );
            }
            assert!(
                asked.param("fields").is_some_and(|fields| fields.contains("summary")),
                "without fields only ids come"
            );
            assert_eq!(asked.param("startAt"), None, "the cloud pages by tokens");
            let from =
                asked.param("nextPageToken").map_or(0, |token| token.trim_start_matches('t').parse().expect("ours"));
            let size = asked.number("maxResults").expect("a size");
            let issues = page(250, from, size);
            let mut answer = json!({"issues": issues, "isLast": from + size >= 250});
            if from + size < 250 {
                answer["nextPageToken"] = json!(format!("t{}", from + size));
            }
            ok(answer)
        }
        "/rest/api/2/project/search" => {
            let (start, size) = (asked.number("startAt").unwrap_or(0), asked.number("maxResults").expect("a size"));
            ok(json!({"values": page(60, start, size), "total": 60}))
        }
        _ => common(asked),
    }
}

fn server(asked: &Asked) -> ResponseTemplate {
    if asked.header("authorization") != Some("Bearer jira-test-token") {
        return ResponseTemplate::new(401).set_body_string("<html>log in</html>");
    }
    match asked.path.as_str() {
        "/rest/api/2/search" => {
            assert!(asked.param("jql").is_some());
            let (start, size) = (asked.number("startAt").unwrap_or(0), asked.number("maxResults").expect("a size"));
            ok(json!({"issues": page(250, start, size), "total": 250}))
        }
        "/rest/api/2/project" => ok(json!([{"key": "OPS"}])),
        _ => common(asked),
    }
}

#[tokio::test]
async fn the_cloud_is_searched_by_tokens() {
    let fake = Fake::start(cloud).await;
    let jira = open("jira", json!({"baseUrl": fake.url(), "username": "me@example.com", "token": TOKEN})).await;
    assert_eq!(jira.test().await.expect("it answers"), "Jira 1001.0.0 at 127.0.0.1 as Me");
    assert_eq!(all(&jira, "", "project = OPS", json!({})).await.len(), 250);
    let (some, more) = ask(&jira, "issues/search", "project = OPS", json!({"limit": 120})).await;
    assert_eq!((some.len(), more), (120, true));
    assert_eq!(all(&jira, "projects/list", "", json!({})).await.len(), 60);
    assert_eq!(all(&jira, "issues/comments", "", json!({"key": "OPS-1"})).await.len(), 130);
    let issue = &all(&jira, "issues/get", "", json!({"key": "OPS-1"})).await[0];
    let fields = json!({"summary": "it breaks", "customfield_2": 7, "assignee": {"displayName": "Me"}});
    assert_eq!(*issue, json!({"key": "OPS-1", "fields": fields}));
    fake.never_saw_in_urls(TOKEN).await;
}

#[tokio::test]
async fn a_server_is_searched_by_offset_with_a_bearer_token() {
    let fake = Fake::start(server).await;
    let settings = json!({"baseUrl": fake.url(), "deployment": "server", "token": TOKEN});
    let jira = open("jira", settings).await;
    assert_eq!(all(&jira, "", "project = OPS", json!({})).await.len(), 250);
    assert_eq!(all(&jira, "projects/list", "", json!({})).await.len(), 1);
    refused_at(&jira, "resource", "issues/changelog", "", json!({"key": "OPS-1"})).await;
    let stranger = open("jira", json!({"baseUrl": fake.url(), "deployment": "server", "token": "other-token"})).await;
    assert!(stranger.test().await.expect_err("refused").message().contains("check the token"));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_its_field() {
    let fake = Fake::start(cloud).await;
    let jira = open("jira", json!({"baseUrl": fake.url(), "username": "me@example.com", "token": TOKEN})).await;
    let error = refused(&jira, "", "status = Done", json!({})).await;
    assert_eq!(error.field(), Some("query"));
    assert!(error.message().contains("Unbounded JQL"), "{error}");
    refused_at(&jira, "query", "", "", json!({})).await;
    refused_at(&jira, "resource", "issues/get", "", json!({"key": "OPS-2"})).await;
    refused_at(&jira, "params.key", "issues/get", "", json!({"key": "OPS-1/../../myself"})).await;
    refused_at(&jira, "resource", "issues/create", "", json!({})).await;
    let without = open_with(Policy::All, "jira", json!({"baseUrl": fake.url(), "token": TOKEN})).await;
    assert_eq!(without.err().expect("the cloud wants an address").field(), Some("username"));
}
