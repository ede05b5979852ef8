//! GitHub, against `emulate`; what it does not have, against a fake.

use crate::fake::{Fake, ok, status};
use crate::peers::emulate;
use crate::support::{all, ask, each, open, refused, refused_at};
use muster_base::Kind;
use muster_domain::connectors::FAILED;
use serde_json::json;
use wiremock::ResponseTemplate;

const TOKEN: &str = "ghp_test-token";

#[tokio::test]
async fn repositories_and_issues_are_read() {
    let peer = emulate().await;
    let github = open("github", json!({"token": peer.text("token"), "baseUrl": peer.text("github")})).await;
    let greeting = github.test().await.expect("it answers");
    assert!(greeting.starts_with("GitHub at localhost as builder"), "{greeting}");

    // As the seed has it: without any params.
    let mine = all(&github, "repos/list", "", json!({})).await;
    assert!(each(&mine, "/name").contains(&&json!("tools")), "{mine:?}");
    let of_user = all(&github, "repos/list", "", json!({"owner": "builder"})).await;
    assert_eq!(of_user.len(), 2);
    let place = |more: serde_json::Value| {
        let mut params = json!({"owner": "builder", "repo": "tools"});
        params.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        params
    };
    let open_ones = all(&github, "issues/list", "", place(json!({"state": "open"}))).await;
    assert_eq!(open_ones.len(), 4);
    assert_eq!(all(&github, "issues/list", "", place(json!({"state": "all"}))).await.len(), 5);
    let (some, more) = ask(&github, "issues/list", "", place(json!({"state": "all", "limit": 2}))).await;
    assert_eq!((some.len(), more), (2, true));
    let one = all(&github, "issues/get", "", place(json!({"number": 2}))).await;
    assert_eq!(one[0]["title"], "issue 2");
    assert!(one[0].get("node_id").is_none() && one[0].get("html_url").is_some(), "{one:?}");
    assert_eq!(all(&github, "issues/comments", "", place(json!({"number": 2}))).await[0]["body"], "me too");
    assert!(!all(&github, "commits/list", "", place(json!({}))).await.is_empty());
    let found = all(&github, "search/issues", "repo:builder/tools is:closed", json!({})).await;
    assert_eq!(each(&found, "/title"), [&json!("issue 1")]);
    let found = all(&github, "issues/list", "issue", place(json!({"state": "closed"}))).await;
    assert_eq!(each(&found, "/title"), [&json!("issue 1")]);
}

/// `emulate` does not list an organisation's repositories.
#[tokio::test]
async fn an_owner_that_is_an_organisation_is_asked_as_one() {
    let server = Fake::start(|asked| match asked.path.as_str() {
        "/orgs/example-org" => ok(json!({"login": "example-org"})),
        "/orgs/example-org/repos" => ok(json!([{"name": "shared", "private": true}])),
        "/users/someone/repos" => ok(json!([{"name": "tools"}])),
        _ => status(404, json!({"message": "Not Found"})),
    })
    .await;
    let github = open("github", json!({"token": TOKEN, "baseUrl": server.url()})).await;
    for params in [json!({"owner": "example-org"}), json!({"org": "example-org"})] {
        assert_eq!(each(&all(&github, "repos/list", "", params).await, "/name"), [&json!("shared")]);
    }
    assert_eq!(each(&all(&github, "repos/list", "", json!({"owner": "someone"})).await, "/name"), [&json!("tools")]);
    refused_at(&github, "resource", "repos/list", "", json!({"owner": "nobody"})).await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_its_field() {
    let peer = emulate().await;
    let github = open("github", json!({"token": peer.text("token"), "baseUrl": peer.text("github")})).await;
    refused_at(&github, "params.repo", "issues/list", "", json!({"owner": "builder"})).await;
    refused_at(
        &github,
        "params.state",
        "issues/list",
        "",
        json!({"owner": "builder", "repo": "tools", "state": "odd"}),
    )
    .await;
    refused_at(&github, "params.owner", "repos/get", "", json!({})).await;
    refused_at(&github, "params.repo", "repos/get", "", json!({"owner": "builder", "repo": "../../user"})).await;
    refused_at(&github, "resource", "repos/get", "", json!({"owner": "builder", "repo": "nowhere"})).await;
    refused_at(&github, "query", "search/issues", "", json!({})).await;
    for resource in ["", "repos/delete", "../user"] {
        refused_at(&github, "resource", resource, "", json!({})).await;
    }
}

#[tokio::test]
async fn pages_are_followed_on_the_same_path_and_pull_requests_left_out() {
    let server = Fake::start(|asked| {
        assert_eq!(asked.header("authorization"), Some("Bearer ghp_test-token"));
        assert_eq!(asked.header("accept"), Some("application/vnd.github+json"));
        assert!(asked.header("user-agent").is_some_and(|agent| !agent.is_empty()), "GitHub wants one");
        assert_eq!(asked.path, "/repos/o/r/issues");
        let page = asked.number("page").unwrap_or(1);
        let items: Vec<_> = (0..100)
            .map(|n| match n % 2 {
                0 => json!({"number": page * 1000 + n}),
                _ => json!({"number": page * 1000 + n, "pull_request": {"url": "x"}}),
            })
            .collect();
        // Elsewhere, as GitHub does: `/repositories/ID/issues`. The credentials must not follow a link to another host.
        let link = format!(
            "<https://elsewhere.example.com/repositories/1/issues?page={}&per_page=100>; rel=\"next\"",
            page + 1
        );
        let answer = ok(json!(items));
        if page < 3 { answer.insert_header("link", link) } else { answer }
    })
    .await;
    let github = open("github", json!({"token": TOKEN, "baseUrl": server.url()})).await;
    let issues = all(&github, "issues/list", "", json!({"owner": "o", "repo": "r"})).await;
    assert_eq!(issues.len(), 150);
    assert_eq!(server.asked().await.len(), 3);
    server.never_saw_in_urls(TOKEN).await;
}

#[tokio::test]
async fn limits_and_refusals_are_told_apart() {
    let limited = || {
        status(403, json!({"message": "API rate limit exceeded"}))
            .insert_header("x-ratelimit-remaining", "0")
            .insert_header("x-ratelimit-reset", "1")
    };
    let cases: Vec<(ResponseTemplate, Kind, &str, bool)> = vec![
        (status(401, json!({"message": "Bad credentials"})), Kind::Upstream, "check the token", false),
        (status(403, json!({"message": "Resource not accessible"})), Kind::Upstream, "Resource not accessible", false),
        (limited(), Kind::Upstream, "asked too often", true),
        (status(429, json!({"message": "slow"})).insert_header("retry-after", "60"), Kind::Upstream, "in 60 s", true),
        (
            status(422, json!({"message": "Validation Failed", "errors": [{"field": "q", "code": "missing"}]})),
            Kind::Invalid,
            "q is missing",
            false,
        ),
        (status(301, json!({"message": "Moved Permanently"})), Kind::Invalid, "renamed", false),
        (ResponseTemplate::new(502).set_body_string("<html>"), Kind::Upstream, "(502)", false),
    ];
    for (answer, kind, said, waits) in cases {
        let server = Fake::start(move |_| answer.clone()).await;
        let github = open("github", json!({"token": TOKEN, "baseUrl": server.url()})).await;
        let error = refused(&github, "repos/get", "", json!({"owner": "o", "repo": "r"})).await;
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(said) && !error.message().contains(TOKEN), "{error}");
        assert_eq!(error.retry_after().is_some(), waits, "{error}");
        if kind == Kind::Upstream {
            assert_eq!(error.code(), FAILED);
        }
    }
}
