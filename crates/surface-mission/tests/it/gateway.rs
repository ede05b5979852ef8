//! The surface with a gateway's file on the disk.

use crate::support::{Answer, TestApp};
use muster_domain::Settings;
use muster_domain::access::Role;
use muster_domain::agents::{self, AgentFilter};
use muster_domain::gateway::Binding;
use muster_gateway::GatewayFile;
use serde_json::Value;
use std::sync::Arc;
use tempfile::TempDir;

/// The surface with a gateway's file that belongs to the org `acme`.
pub(crate) struct Gatewayed {
    pub(crate) app: TestApp,
    pub(crate) folder: TempDir,
    pub(crate) operator: String,
    pub(crate) viewer: String,
}

impl Gatewayed {
    pub(crate) async fn start(text: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("openclaw.json");
        let binding = Binding { org: "acme".to_owned(), file: Arc::new(GatewayFile::new(&path, None)) };
        let app = TestApp::start_with(Settings { gateway: Some(binding), ..Settings::default() }, false).await;
        let (_, operator) = app.key("operator", Role::Operator).await;
        let (_, viewer) = app.key("viewer", Role::Viewer).await;
        let this = Self { app, folder, operator, viewer };
        if let Some(text) = text {
            this.write(text);
        }
        this
    }

    pub(crate) fn write(&self, text: &str) {
        std::fs::write(self.folder.path().join("openclaw.json"), text).unwrap();
    }

    pub(crate) async fn call(&self, what: &str, key: &str) -> Answer {
        self.app.call(what, &[("x-api-key", key)], "").await
    }

    pub(crate) async fn preview(&self) -> Answer {
        self.call("GET /api/agents/sync", &self.viewer).await
    }

    pub(crate) async fn sync(&self) -> Answer {
        self.call("POST /api/agents/sync", &self.operator).await
    }

    pub(crate) async fn agents(&self) -> i64 {
        agents::count(&self.app.ctx(), &AgentFilter::default()).await.unwrap()
    }

    /// What is in the file.
    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("openclaw.json")).unwrap()
    }

    /// Sends a body as the operator.
    pub(crate) async fn send(&self, what: &str, body: &Value) -> Answer {
        self.app.send(&self.operator, what, body.clone()).await
    }
}
