//! Signing in and out, and the brake on guessing.

use super::users::{PASSWORD, ctx_of, make, sign_in};
use crate::support::{World, on_both, page, refused, seconds, secret};
use muster_base::{Kind, Result};
use muster_domain::access::{self, Role, SignedIn};
use muster_domain::{Request, jobs};
use std::net::{IpAddr, Ipv4Addr};

fn from(last: u8) -> Request {
    Request { address: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))), ..Request::default() }
}

async fn guess(world: &World, username: &str, address: u8) -> Result<SignedIn> {
    access::login(&world.app, username, secret("a wrong password"), &from(address)).await
}

#[tokio::test]
async fn who_signs_in_has_a_session_until_they_sign_out() {
    on_both(async |world| {
        let user = make(&world.ctx(), "ann", Role::Admin).await;
        let session = sign_in(&world, "ann").await;
        assert_eq!((session.user.id.as_str(), session.org_name.as_str()), (user.id.as_str(), "Acme"));
        let ctx = ctx_of(&world, &session.token).await;
        assert_eq!((ctx.principal().id.as_str(), ctx.org()), (user.id.as_str(), "acme"));
        assert_eq!(access::find_user(&ctx, &user.id).await.expect("finds").last_login_at, Some(world.now()));
        access::logout(&ctx, "mcs_somebody_elses").await.expect("changes nothing");
        access::identify(&world.app, session.token.expose()).await.expect("still signed in");
        access::logout(&ctx, session.token.expose()).await.expect("signs out");
        assert_eq!(refused(access::identify(&world.app, session.token.expose()).await).code(), "auth.invalid");
        access::logout(&ctx, session.token.expose()).await.expect("twice is not an error");
        let events = world.event_kinds().await;
        let logins = |kind: &str| events.iter().filter(|event| *event == kind).count();
        assert_eq!((logins("access.login"), logins("access.logout")), (1, 1));
        assert_eq!(world.count("SELECT count(*) FROM sessions WHERE hash LIKE 'mcs_%'", vec![]).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_after_its_time_and_is_swept_away() {
    on_both(async |world| {
        make(&world.ctx(), "ann", Role::Admin).await;
        let session = sign_in(&world, "ann").await;
        assert_eq!(session.expires_at, world.now() + world.app.settings.session_ttl);
        world.advance(world.app.settings.session_ttl);
        assert_eq!(refused(access::identify(&world.app, session.token.expose()).await).code(), "auth.expired");
        world.advance(seconds(1));
        jobs::housekeep(&world.app).await.expect("runs");
        assert_eq!(world.count("SELECT count(*) FROM sessions", vec![]).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_are_told_apart_by_nobody() {
    on_both(async |world| {
        make(&world.ctx(), "ann", Role::Admin).await;
        let (wrong_password, wrong_name) =
            (refused(guess(&world, "ann", 1).await), refused(guess(&world, "nobody", 1).await));
        assert_eq!(wrong_password.kind(), Kind::Unauthorized);
        assert_eq!((wrong_password.code(), wrong_password.message()), (wrong_name.code(), wrong_name.message()));
        let refusals = world.event_kinds().await.into_iter().filter(|kind| kind == "access.refused").count();
        assert_eq!(refusals, 2);
    })
    .await;
}

#[tokio::test]
async fn five_wrong_guesses_close_an_address_for_a_minute() {
    on_both(async |world| {
        make(&world.ctx(), "ann", Role::Admin).await;
        for n in 0..5 {
            assert_eq!(refused(guess(&world, &format!("name{n}"), 1).await).code(), "auth.invalid");
        }
        let right = access::login(&world.app, "ann", secret(PASSWORD), &from(1)).await;
        let error = refused(right);
        assert_eq!((error.kind(), error.code(), error.retry_after()), (Kind::RateLimited, "auth.throttled", Some(60)));
        access::login(&world.app, "ann", secret(PASSWORD), &from(2)).await.expect("other addresses are open");
        world.advance(seconds(61));
        access::login(&world.app, "ann", secret(PASSWORD), &from(1)).await.expect("open again");
    })
    .await;
}

#[tokio::test]
async fn twenty_wrong_guesses_close_a_name_wherever_they_come_from() {
    on_both(async |world| {
        make(&world.ctx(), "ann", Role::Admin).await;
        for address in 0..20 {
            assert_eq!(refused(guess(&world, "ANN", address).await).code(), "auth.invalid");
        }
        let right = access::login(&world.app, "ann", secret(PASSWORD), &from(200)).await;
        assert_eq!(refused(right).code(), "auth.throttled");
    })
    .await;
}

#[tokio::test]
async fn signing_in_rightly_is_never_held_against_anyone() {
    on_both(async |world| {
        make(&world.ctx(), "ann", Role::Admin).await;
        for _ in 0..8 {
            access::login(&world.app, "ann", secret(PASSWORD), &from(1)).await.expect("signs in");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_many_times_at_once_gives_no_more_guesses() {
    on_both(async |world| {
        make(&world.ctx(), "ann", Role::Admin).await;
        let guesses = futures::future::join_all((0..30).map(|_| guess(&world, "ann", 1))).await;
        let tried = guesses
            .into_iter()
            .filter(|guess| guess.as_ref().is_err_and(|error| error.code() == "auth.invalid"))
            .count();
        assert_eq!(tried, 5, "passwords that were tried");
    })
    .await;
}

#[tokio::test]
async fn refusals_are_written_to_the_log_and_a_flood_only_in_part() {
    on_both(async |world| {
        let error = muster_base::Error::forbidden("auth.scope_missing", "not allowed");
        let caller = world.ctx_as("usr_1", Role::Viewer);
        for n in 0..70 {
            let principal = if n % 2 == 0 { Some(caller.principal()) } else { None };
            access::note_refusal(&world.app, principal, &Request::default(), "GET /v1/orgs/{org}/keys", &error).await;
        }
        let written = "SELECT count(*) FROM events WHERE type = 'access.refused'";
        assert_eq!(world.count(written, vec![]).await, 60);
        world.advance(seconds(60));
        access::note_refusal(&world.app, None, &Request::default(), "GET /", &error).await;
        assert_eq!(world.count(written, vec![]).await, 61, "the next minute has room again");
        access::note_refusal(&world.app, None, &Request::default(), "GET /", &error).await;
        let left_out = "SELECT data FROM events WHERE type = 'access.refused' AND data LIKE '%leftOut%'";
        let told: Vec<String> = world.db.all(left_out, vec![]).await.expect("reads");
        assert!(told.len() == 1 && told[0].contains("\"leftOut\":10"), "those after a gap: {told:?}");
        assert!(muster_domain::events::verify(&world.ctx()).await.expect("verifies").intact);
        assert!(access::list_keys(&world.ctx(), &page(1)).await.expect("lists").items.is_empty());
    })
    .await;
}
