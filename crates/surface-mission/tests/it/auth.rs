use crate::support::{PASSWORD, TestApp};
use muster_domain::Settings;
use muster_domain::access::{self, Role, UserChange};
use serde_json::json;

#[tokio::test]
async fn signing_in_gives_the_user_and_a_cookie() {
    let app = TestApp::start().await;
    let ann = app.user("ann", Role::Operator).await;
    let answer = app.login("ann", PASSWORD).await;
    let expected = json!({"user": {"id": ann.id, "username": "ann", "displayName": "ANN", "role": "operator",
        "org": {"id": "acme", "name": "Acme Inc"}}});
    assert_eq!(answer.expect(200), expected);
    let cookies = answer.cookies();
    let [cookie] = cookies.as_slice() else { panic!("{cookies:?}") };
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(pair.starts_with("mc-session=mcs_"), "{pair}");
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
    assert!(!answer.text.contains("mcs_"), "scripts of the page never see the token");
    let me = app.call("GET /api/auth/me", &[("cookie", pair)], "").await;
    assert_eq!(me.expect(200), expected);
}

#[tokio::test]
async fn under_https_the_cookie_is_bound_to_the_host() {
    let settings = Settings { public_url: "https://muster.test".to_owned(), ..Settings::default() };
    let app = TestApp::start_with(settings, false).await;
    app.user("ann", Role::Viewer).await;
    let answer = app.login("ann", PASSWORD).await;
    let (pair, attributes) = answer.cookies()[0].split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-mc-session=mcs_"), "{pair}");
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Lax; Max-Age=604800; Secure");
    let out = app.call("POST /api/auth/logout", &[("cookie", pair)], "").await;
    out.expect(200);
    let cleared = [
        "__Host-mc-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure",
        "mc-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
    ];
    assert_eq!(out.cookies(), cleared);
}

#[tokio::test]
async fn a_wrong_name_a_wrong_password_and_a_disabled_user_look_alike() {
    let app = TestApp::start().await;
    app.user("root", Role::Owner).await;
    let ann = app.user("ann", Role::Viewer).await;
    let disabled = UserChange { disabled: Some(true), ..UserChange::default() };
    access::update_user(&app.ctx(), &ann.id, disabled).await.unwrap();
    for (name, password) in [("root", "wrong"), ("nobody", PASSWORD), ("ann", PASSWORD), ("", "")] {
        let answer = app.login(name, password).await;
        answer.refused(401, "Invalid username or password");
        assert!(answer.cookies().is_empty());
    }
}

#[tokio::test]
async fn wrong_bodies_are_refused_by_field() {
    let app = TestApp::start().await;
    let long = json!({"username": "x".repeat(101), "password": "x"}).to_string();
    let cases = [
        ("{}", "username: is required"),
        (r#"{"username":"ann"}"#, "password: is required"),
        (r#"{"username":1,"password":"x"}"#, "username: must be a string"),
        (r#"{"username":"ann","password":null}"#, "password: must be a string"),
        (long.as_str(), "username: must have at most 100 characters"),
        ("[]", "the body must be an object"),
        ("", "a JSON body is required"),
    ];
    for path in ["/api/auth/login", "/api/login"] {
        for (body, detail) in cases {
            let answer = app.call(&format!("POST {path}"), &[], body).await;
            assert_eq!(answer.expect(400), json!({"error": "Validation failed", "details": [detail]}));
        }
        let huge = json!({"username": "x", "password": "x".repeat(20_000)}).to_string();
        assert_eq!(app.call(&format!("POST {path}"), &[], &huge).await.status, 413);
    }
}

#[tokio::test]
async fn a_sign_in_for_a_token_sets_no_cookie() {
    let app = TestApp::start().await;
    app.user("ann", Role::Viewer).await;
    let body = json!({"username": "ann", "password": PASSWORD}).to_string();
    let answer = app.call("POST /api/login", &[], &body).await;
    let given = answer.expect(200);
    let token = given["token"].as_str().unwrap();
    assert!(token.starts_with("mcs_"));
    assert_eq!(given.as_object().unwrap().len(), 1);
    assert!(answer.cookies().is_empty());
    let bearer = format!("Bearer {token}");
    let me = app.call("GET /api/auth/me", &[("authorization", &bearer)], "").await;
    assert_eq!(me.expect(200)["user"]["username"], "ann");
    app.call("POST /api/auth/logout", &[("authorization", &bearer)], "").await.expect(200);
    assert_eq!(app.call("GET /api/auth/me", &[("authorization", &bearer)], "").await.status, 401);
}

#[tokio::test]
async fn signing_out_ends_that_session_and_no_other() {
    let app = TestApp::start().await;
    app.user("ann", Role::Viewer).await;
    let (cookie, other) = (app.cookie("ann").await, app.cookie("ann").await);
    let out = app.call("POST /api/auth/logout", &[("cookie", &cookie)], "").await;
    assert_eq!(out.expect(200), json!({"success": true}));
    assert_eq!(out.cookies(), ["mc-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"]);
    assert_eq!(
        app.call("GET /api/auth/me", &[("cookie", &cookie)], "").await.status,
        401,
        "a kept copy is worth nothing"
    );
    app.call("GET /api/auth/me", &[("cookie", &other)], "").await.expect(200);
    app.call("POST /api/auth/logout", &[], "").await.refused(401, "Authentication required");
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_out() {
    let app = TestApp::start().await;
    app.user("ann", Role::Viewer).await;
    let cookie = app.cookie("ann").await;
    let headers = [("cookie", cookie.as_str()), ("origin", "https://evil.test")];
    app.call("POST /api/auth/logout", &headers, "").await.refused(403, "CSRF origin mismatch");
    let headers = [("cookie", cookie.as_str()), ("origin", "http://muster.test")];
    app.call("POST /api/auth/logout", &headers, "").await.expect(200);
}

#[tokio::test]
async fn a_key_learns_what_it_stands_for() {
    let app = TestApp::start().await;
    let (id, secret) = app.key("CI", Role::Operator).await;
    let expected = json!({"user": {"id": id, "username": "CI", "displayName": null, "role": "operator",
        "org": {"id": "acme", "name": "Acme Inc"}, "kind": "key"}});
    let me = app.call("GET /api/auth/me", &[("x-api-key", &secret)], "").await;
    assert_eq!(me.expect(200), expected);
    let out = app.call("POST /api/auth/logout", &[("x-api-key", &secret)], "").await;
    out.expect(200);
    let me = app.call("GET /api/auth/me", &[("x-api-key", &secret)], "").await;
    assert_eq!(me.expect(200), expected, "a key is revoked by deleting it, not by signing out");
}

#[tokio::test]
async fn without_a_credential_nobody_is_signed_in() {
    let app = TestApp::start().await;
    let answer = app.call("GET /api/auth/me", &[], "").await;
    answer.refused(401, "Authentication required");
    assert!(answer.headers.contains_key("x-request-id"));
    let stale = app.call("GET /api/auth/me", &[("cookie", "mc-session=mcs_made-up")], "").await;
    assert_eq!(stale.status, 401);
}

#[tokio::test]
async fn guessing_is_throttled_by_address() {
    let app = TestApp::start().await;
    app.user("ann", Role::Viewer).await;
    for _ in 0..5 {
        app.login("ann", "wrong").await.refused(401, "Invalid username or password");
    }
    let body = json!({"username": "ann", "password": PASSWORD}).to_string();
    for path in ["/api/auth/login", "/api/login"] {
        let answer = app.call(&format!("POST {path}"), &[], &body).await;
        answer.refused(429, "Too many requests. Please try again later.");
        let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
    }
    app.call_from(2, "POST /api/auth/login", &[], &body).await.expect(200);
}

#[tokio::test]
async fn five_sign_ins_a_minute_are_enough_for_one_address() {
    let app = TestApp::start_with(Settings::default(), true).await;
    app.user("ann", Role::Viewer).await;
    for _ in 0..5 {
        app.login("ann", PASSWORD).await.expect(200);
    }
    let answer = app.login("ann", PASSWORD).await;
    answer.refused(429, "Too many requests. Please try again later.");
    assert_eq!(answer.headers["ratelimit-policy"], "\"login\";q=5;w=60");
    assert!(answer.headers.contains_key("retry-after") && answer.headers.contains_key("ratelimit"));
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_this_dialect() {
    let app = TestApp::start().await;
    app.call("GET /api/nothing", &[], "").await.refused(404, "There is nothing at `/api/nothing`");
    let answer = app.call("GET /api/login", &[], "").await;
    answer.refused(405, "GET is not allowed here; allowed: POST");
}
