use super::fake::{app, ctx, made};
use crate::support::{on_both, refused};
use muster_base::Kind;
use muster_domain::connectors::{self, Ask, ConnectorChange};
use std::sync::atomic::Ordering;

#[tokio::test]
async fn an_agent_asks_only_what_it_was_granted_and_as_long_as_it_is() {
    on_both(async |world| {
        let (app, seen) = app(&world);
        let ctx = ctx(&app);
        let (ann, bob) = (world.agent("Ann").await, world.agent("Bob").await);
        let id = made(&ctx, "shop").await.connector.id;
        made(&ctx, "second").await;
        let error = refused(connectors::query_as_agent(&ctx, &ann.id, &id, Ask::default()).await);
        assert_eq!(error.kind(), Kind::NotFound);
        let granted = connectors::set_grants(&ctx, &id, vec![ann.id.clone(), ann.id.clone()]).await.expect("granted");
        assert_eq!(granted, [(ann.id.clone(), "Ann".to_owned())]);
        connectors::query_as_agent(&ctx, &ann.id, &id, Ask::default()).await.expect("asked");
        assert_eq!(
            refused(connectors::query_as_agent(&ctx, &bob.id, &id, Ask::default()).await).kind(),
            Kind::NotFound
        );
        for _ in 0..2 {
            let offered = connectors::offered_to(&ctx, &ann.id).await.expect("offered");
            assert_eq!(offered.len(), 1);
            assert_eq!((offered[0].connector.name.as_str(), offered[0].resources[0].name.as_str()), ("shop", "things"));
        }
        assert_eq!(seen.listed.load(Ordering::SeqCst), 1, "what there is is remembered for a while");
        assert!(connectors::offered_to(&ctx, &bob.id).await.expect("none").is_empty());
        let error = refused(connectors::set_grants(&ctx, &id, vec![bob.id.clone(), "agent-none".to_owned()]).await);
        assert_eq!(error.field(), Some("agents[1]"));
        assert_eq!(connectors::grants(&ctx, &id).await.expect("read").len(), 1, "all or nothing");
        let off = ConnectorChange { enabled: Some(false), ..ConnectorChange::default() };
        connectors::update(&ctx, &id, off).await.expect("disabled");
        assert!(connectors::offered_to(&ctx, &ann.id).await.expect("none").is_empty());
        connectors::set_grants(&ctx, &id, vec![]).await.expect("taken away");
        connectors::set_grants(&ctx, &id, vec![]).await.expect("nothing to do");
        let kinds = world.event_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "connector.granted").count(), 2);
        connectors::set_grants(&ctx, &id, vec![bob.id.clone()]).await.expect("granted");
        muster_domain::agents::delete(&ctx, &bob.id, false).await.expect("deleted");
        assert!(connectors::grants(&ctx, &id).await.expect("read").is_empty(), "grants end with their agent");
    })
    .await;
}

#[tokio::test]
async fn agents_of_another_org_cannot_be_granted_anything() {
    on_both(async |world| {
        let (app, _) = app(&world);
        let ctx = ctx(&app);
        let other = world.ctx_in("other").await;
        let stranger = muster_domain::agents::create(
            &other,
            muster_domain::agents::NewAgent { name: "Eve".to_owned(), ..Default::default() },
        )
        .await
        .expect("made");
        let id = made(&ctx, "shop").await.connector.id;
        let error = refused(connectors::set_grants(&ctx, &id, vec![stranger.id]).await);
        assert_eq!(error.field(), Some("agents[0]"));
    })
    .await;
}
