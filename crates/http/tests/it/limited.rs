use crate::support::TestApp;
use muster_domain::access::Role;

#[tokio::test]
async fn every_counted_answer_says_where_the_caller_stands() {
    let app = TestApp::start().await;
    let key = app.key(Role::Viewer, &[]).await;
    let answer = app.call_as(&key, "GET /v1/things", "").await;
    assert_eq!(answer.header("ratelimit-policy"), "\"read\";q=1000;w=60");
    assert_eq!(answer.header("ratelimit"), "\"read\";r=999;t=1");
    assert_eq!(app.call_as(&key, "GET /v1/things?limit=x", "").await.header("ratelimit"), "\"read\";r=998;t=1");
    assert_eq!(app.call("GET /v1/things", &[], "").await.header("ratelimit"), "", "nobody is counted");
}

#[tokio::test]
async fn too_many_sign_ins_from_an_address_have_to_wait() {
    let app = TestApp::start().await;
    for _ in 0..5 {
        assert_eq!(app.call("POST /v1/login", &[], r#"{"name":"a"}"#).await.status, 200);
    }
    let refused = app.call("POST /v1/login", &[("x-forwarded-for", "8.8.8.8")], r#"{"name":"a"}"#).await;
    assert_eq!(refused.code(), (429, "rate_limited".to_owned()));
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    assert_eq!(refused.header("ratelimit-policy"), "\"login\";q=5;w=60");
    assert_eq!(refused.header("ratelimit"), format!("\"login\";r=0;t={wait}"));
}

#[tokio::test]
async fn a_trusted_proxy_says_who_is_behind_it() {
    let app = TestApp::start_with(|state| state.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).await;
    for last in 0..10 {
        let address = format!("8.8.8.{last}");
        let answer = app.call("POST /v1/login", &[("x-forwarded-for", &address)], r#"{"name":"a"}"#).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["address"], address);
    }
}

#[tokio::test]
async fn with_limits_off_nobody_waits_and_no_headers_are_sent() {
    let app = TestApp::start_with(|state| state.rate_limit = false).await;
    for _ in 0..20 {
        let answer = app.call("POST /v1/login", &[], r#"{"name":"a"}"#).await;
        assert_eq!((answer.status, answer.header("ratelimit"), answer.header("ratelimit-policy")), (200, "", ""));
    }
}

#[tokio::test]
async fn signs_of_life_are_counted_by_caller_and_agent_however_its_name_is_written() {
    let app = TestApp::start().await;
    let (key, other) = (app.key(Role::Viewer, &[]).await, app.key(Role::Viewer, &[]).await);
    for n in 0..30 {
        let path = if n % 2 == 0 { "POST /v1/things/ann/beat" } else { "POST /v1/things/%61n%6E/beat" };
        assert_eq!(app.call_as(&key, path, "").await.status, 200);
    }
    let refused = app.call_as(&key, "POST /v1/things/a%6en/beat", "").await;
    assert_eq!(refused.code(), (429, "rate_limited".to_owned()));
    assert_eq!(refused.header("ratelimit-policy"), "\"heartbeat\";q=30;w=60");
    assert_eq!(app.call_as(&key, "POST /v1/things/bob/beat", "").await.status, 200, "another agent");
    assert_eq!(app.call_as(&other, "POST /v1/things/ann/beat", "").await.status, 200, "another caller");
}
