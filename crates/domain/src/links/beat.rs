//! Nodes that live: each beats, and the links of one that does not are gone.

use super::link::Link;
use super::{NODE_SILENT, RETURN_WITHIN, store};
use crate::context::App;
use muster_base::{Millis, Result};
use std::collections::HashMap;
use std::sync::Arc;

/// How many lost links are taken up at once.
const BATCH: i64 = 500;

/// Which nodes were found dead, and when first.
#[derive(Debug, Default)]
pub(super) struct Dead(HashMap<String, Millis>);

/// Says that this node lives.
pub(super) async fn beat(app: &App, started_at: Millis) -> Result<()> {
    let (node, now) = (app.node.clone(), app.now());
    app.db.write(move |tx| Box::pin(async move { store::beat(tx, &node, started_at, now).await })).await
}

/// Says that this node lives no longer.
pub(super) async fn stop(app: &App) -> Result<()> {
    let node = app.node.clone();
    app.db.write(move |tx| Box::pin(async move { store::forget_node(tx, &node).await })).await
}

/// Forgets all other nodes: where one process has the database to itself, they are dead.
pub(super) async fn forget_others(app: &App) -> Result<()> {
    let node = app.node.clone();
    app.db.write(move |tx| Box::pin(async move { store::forget_other_nodes(tx, &node).await })).await
}

impl Dead {
    /// Takes up the links of nodes that are dead: their agents are offline unless they came back in the meantime. Nodes
    /// that do this at once take up each link once.
    pub(super) async fn bury(&mut self, app: &Arc<App>) -> Result<()> {
        let now = app.now();
        let found = store::nodes_without_life(&app.db, now - NODE_SILENT).await?;
        self.0.retain(|node, _| found.contains(node));
        let known = self.0.len();
        for node in &found {
            self.0.entry(node.clone()).or_insert(now);
        }
        if self.0.len() > known {
            // Peers of its agents are told at once.
            super::upkeep::refresh(app).await?;
        }
        let over: Vec<String> =
            self.0.iter().filter(|(_, since)| **since + RETURN_WITHIN <= now).map(|(node, _)| node.clone()).collect();
        for node in over {
            loop {
                let lost = store::links_of(&app.db, &node, BATCH).await?;
                let is_last = (lost.len() as i64) < BATCH;
                super::writer::write_lost(app, &node, lost).await?;
                if is_last {
                    break;
                }
            }
            let gone = node.clone();
            app.db.write(move |tx| Box::pin(async move { store::forget_node(tx, &gone).await })).await?;
            self.0.remove(&node);
        }
        Ok(())
    }
}

/// Compares this node's links with their rows: a link without a row has no agent any more, or another node has it; a
/// row without a link is of one that could not be written down as gone.
pub(super) async fn reconcile(app: &Arc<App>) -> Result<()> {
    let stored: Vec<Arc<Link>> =
        app.links.all().into_iter().filter(|link| link.is_stored.load(std::sync::atomic::Ordering::Acquire)).collect();
    let rows: HashMap<String, i64> = store::own_rows(&app.db, &app.node).await?.into_iter().collect();
    for link in &stored {
        if rows.get(&*link.agent) != Some(&link.since.0) {
            link.end(super::outbox::End::Gone);
        }
    }
    let known: std::collections::HashSet<&str> = stored.iter().map(|link| &*link.agent).collect();
    let strays: Vec<store::Lost> = store::links_of(&app.db, &app.node, i64::MAX)
        .await?
        .into_iter()
        .filter(|lost| !known.contains(lost.agent.as_str()) && app.links.find(&lost.org, &lost.agent).is_none())
        .collect();
    super::writer::write_lost(app, &app.node, strays).await
}
