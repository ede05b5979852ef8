//! Kubernetes, against a fake: <https://kubernetes.io/docs/reference/using-api/api-concepts/>.

use crate::fake::{Asked, Fake, ok, status};
use crate::support::{all, ask, each, open, refused, refused_at};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

const TOKEN: &str = "kubernetes-test-token";

fn failure(code: u16, reason: &str, message: &str) -> ResponseTemplate {
    status(code, json!({"kind": "Status", "status": "Failure", "reason": reason, "message": message, "code": code}))
}

/// A list by pages, with tokens for the rest.
fn list(asked: &Asked, total: usize) -> ResponseTemplate {
    let size = asked.number("limit").expect("a list without a limit reads a whole cluster");
    let from: usize = match asked.param("continue") {
        Some("expired") => return failure(410, "Expired", "The provided continue parameter is too old"),
        Some(token) => token.trim_start_matches("from-").parse().expect("ours"),
        None => 0,
    };
    let item = |n: usize| json!({"metadata": {"name": format!("p{n}"), "managedFields": [{"manager": "x"}]}});
    let items: Vec<Value> = (from..total.min(from + size)).map(item).collect();
    let next = if from + size < total { format!("from-{}", from + size) } else { String::new() };
    ok(json!({"kind": "PodList", "metadata": {"continue": next}, "items": items}))
}

fn kubernetes(asked: &Asked) -> ResponseTemplate {
    assert_eq!(asked.method, "GET");
    if asked.path == "/version" {
        return ok(json!({"gitVersion": "v1.31.2"}));
    }
    if asked.header("authorization") != Some("Bearer kubernetes-test-token") {
        return failure(401, "Unauthorized", "Unauthorized");
    }
    match asked.path.as_str() {
        "/api/v1/pods" => list(asked, 600),
        "/api/v1/namespaces/shop/pods" if asked.param("labelSelector") == Some("app=web") => list(asked, 2),
        "/api/v1/namespaces/shop/pods" if asked.param("labelSelector").is_some() => {
            failure(400, "BadRequest", "unable to parse requirement: found '=', expected: identifier")
        }
        "/api/v1/namespaces/shop/pods" => list(asked, 5),
        "/api/v1/namespaces/shop/pods/web" => {
            ok(json!({"kind": "Pod", "metadata": {"name": "web", "managedFields": [],
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}}))
        }
        "/api/v1/namespaces/shop/pods/web/log" => {
            let tail = asked.number("tailLines").expect("a log without a tail reads all of it");
            assert!(asked.number("limitBytes").is_some());
            let lines: Vec<String> = (0..300).map(|n| format!("line {n}")).collect();
            ResponseTemplate::new(200).set_body_string(lines[300 - tail.min(300)..].join("\n") + "\n")
        }
        "/api/v1/namespaces/shop/pods/two/log" => {
            failure(400, "BadRequest", "a container name must be specified for pod two, choose one of: [a b]")
        }
        "/api/v1/namespaces/shop/secrets" => ok(json!({"kind": "SecretList", "metadata": {}, "items": [
            {"metadata": {"name": "db"}, "type": "Opaque", "data": {"password": "aHVudGVyMg=="}}]})),
        "/api/v1/namespaces/shop/secrets/db" => ok(json!({"kind": "Secret", "metadata": {"name": "db"},
            "data": {"password": "aHVudGVyMg=="}})),
        "/apis/apps/v1/deployments" => list(asked, 1),
        "/apis/cert-manager.io/v1/namespaces/shop/certificates" => list(asked, 1),
        "/api/v1/nodes" => failure(403, "Forbidden", "nodes is forbidden: User \"x\" cannot list resource \"nodes\""),
        path => failure(404, "NotFound", &format!("the server could not find the requested resource at {path}")),
    }
}

#[tokio::test]
async fn objects_of_every_kind_are_read_by_pages() {
    let fake = Fake::start(kubernetes).await;
    let source = open("kubernetes", json!({"baseUrl": fake.url(), "token": TOKEN})).await;
    assert_eq!(source.test().await.expect("it answers"), "Kubernetes v1.31.2 at 127.0.0.1");
    let pods = all(&source, "pods", "", json!({})).await;
    assert_eq!((pods.len(), pods[599].clone()), (600, json!({"metadata": {"name": "p599"}})));
    let (some, more) = ask(&source, "pods", "", json!({"limit": 300})).await;
    assert_eq!((some.len(), more), (300, true));
    for (words, params) in
        [("app=web", json!({"namespace": "shop"})), ("", json!({"namespace": "shop", "labelSelector": "app=web"}))]
    {
        assert_eq!(all(&source, "v1/pods", words, params).await.len(), 2);
    }
    let one = all(&source, "pods", "", json!({"namespace": "shop", "name": "web"})).await;
    assert_eq!(one, [json!({"kind": "Pod", "metadata": {"name": "web", "annotations": {}}})]);
    assert_eq!(all(&source, "deployments", "", json!({})).await.len(), 1);
    assert_eq!(all(&source, "cert-manager.io/v1/certificates", "", json!({"namespace": "shop"})).await.len(), 1);
    assert_eq!(all(&source, "version", "", json!({})).await[0]["gitVersion"], "v1.31.2");
    fake.never_saw_in_urls(TOKEN).await;
}

#[tokio::test]
async fn values_of_secrets_are_never_given() {
    let fake = Fake::start(kubernetes).await;
    let source = open("kubernetes", json!({"baseUrl": fake.url(), "token": TOKEN})).await;
    for (resource, name) in
        [("secrets", None), ("v1/secrets", None), ("core/v1/secrets", None), ("secrets", Some("db"))]
    {
        let found = all(&source, resource, "", json!({"namespace": "shop", "name": name})).await;
        assert_eq!(found[0]["data"], json!({"password": "[redacted]"}), "{resource}");
    }
}

#[tokio::test]
async fn logs_are_read_from_their_end() {
    let fake = Fake::start(kubernetes).await;
    let source = open("kubernetes", json!({"baseUrl": fake.url(), "token": TOKEN, "namespace": "shop"})).await;
    let (lines, more) = ask(&source, "pods/log", "", json!({"name": "web", "tailLines": 3})).await;
    assert_eq!(each(&lines, "/line"), [&json!("line 297"), &json!("line 298"), &json!("line 299")]);
    assert!(more);
    assert_eq!(all(&source, "pods/log", "", json!({"name": "web", "tailLines": 500})).await.len(), 300);
    let error = refused(&source, "pods/log", "", json!({"name": "two"})).await;
    assert!(error.message().contains("choose one of: [a b]"), "{error}");
    refused_at(&source, "params.name", "pods/log", "", json!({})).await;
}

#[tokio::test]
async fn nothing_but_reading_can_be_asked_for() {
    let fake = Fake::start(kubernetes).await;
    let source = open("kubernetes", json!({"baseUrl": fake.url(), "token": TOKEN, "namespace": "shop"})).await;
    for resource in
        ["pods/exec", "v1/pods/proxy", "pods/web/exec", "../version", "", "v1/namespaces/shop/pods/web/exec"]
    {
        refused_at(&source, "resource", resource, "", json!({})).await;
    }
    refused_at(&source, "params.name", "pods", "", json!({"name": "web/exec"})).await;
    refused_at(&source, "params.command", "pods", "", json!({"name": "web", "command": "sh"})).await;
    refused_at(&source, "params.watch", "pods", "", json!({"watch": true})).await;
    assert!(fake.asked().await.is_empty());
    refused_at(&source, "query", "pods", "a=b=c", json!({})).await;
    refused_at(&source, "resource", "example.com/v1/things", "", json!({})).await;
    let error = refused(&source, "nodes", "", json!({})).await;
    assert!(error.message().contains("cannot list resource"), "{error}");
    let stranger = open("kubernetes", json!({"baseUrl": fake.url(), "token": "other-token"})).await;
    assert!(stranger.test().await.expect_err("refused").message().contains("check the token"));
}
