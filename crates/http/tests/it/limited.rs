use crate::support::TestApp;
use muster_domain::access::Role;

/// How often a caller may change things in a minute.
const WRITES: usize = 300;

#[tokio::test]
async fn every_counted_answer_says_where_the_caller_stands() {
    let app = TestApp::start().await;
    let key = app.key(Role::Viewer, &[]).await;
    let answer = app.call_as(&key, "GET /v1/things", "").await;
    assert_eq!(answer.header("ratelimit-policy"), "\"read\";q=1000;w=60");
    assert_eq!(answer.header("ratelimit"), "\"read\";r=999;t=1");
    assert_eq!(app.call_as(&key, "GET /v1/things?limit=x", "").await.header("ratelimit"), "\"read\";r=998;t=1");
}

#[tokio::test]
async fn refusals_count_for_who_was_refused_and_for_nobody_else() {
    let app = TestApp::start().await;
    let (viewer, admin) = (app.key(Role::Viewer, &[]).await, app.key(Role::Admin, &[]).await);
    let make = async |key: &str| app.call_as(key, "POST /v1/things", r#"{"name":"a"}"#).await;
    let (mut forbidden, mut slowed) = (0, 0);
    for _ in 0..WRITES + 5 {
        match make(&viewer).await.status {
            403 => forbidden += 1,
            429 => slowed += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!((forbidden, slowed), (WRITES, 5), "a role that is too low");
    assert_ne!(make(&admin).await.status, 429);
    for wrong in ["sk-any-api01-wrong", "sk-any-api01-another"] {
        assert_eq!(make(wrong).await.status, 401);
    }
    for _ in 2..WRITES {
        assert_eq!(app.call("POST /v1/things", &[], "{}").await.status, 401);
    }
    let refused = make("sk-any-api01-wrong").await;
    assert_eq!(refused.code(), (429, "rate_limited".to_owned()), "whichever credential it is that is bad");
    assert!(!refused.header("retry-after").is_empty());
    assert_ne!(make(&admin).await.status, 429, "a good one from there is not slowed down");
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
