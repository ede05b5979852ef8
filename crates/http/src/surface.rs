//! A surface: one dialect's table of operations, and how it prints errors and counts requests.

use crate::op::{Op, SchemaOf, Spec};
use crate::state::AppState;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use futures::future::BoxFuture;
use muster_base::{Error, Millis, Result};
use muster_domain::Ctx;
use schemars::JsonSchema;
use std::sync::Arc;

/// What a surface may want to print beside the error itself.
#[derive(Debug, Clone, Copy)]
pub struct Meta<'r> {
    /// The request id, as in the `x-request-id` header.
    pub request_id: &'r str,
    /// Now.
    pub now: Millis,
}

/// Prints an error in the surface's dialect: status and body. The framework adds the headers that all answers have.
pub type Render = fn(&Error, &Meta<'_>) -> Response;

/// Decides whether the caller's org has this surface at all.
pub type Gate = fn(Ctx) -> BoxFuture<'static, Result<()>>;

/// A handler, erased so that axum's generics compile once per handler.
pub type Endpoint = Arc<dyn Fn(Request, Arc<AppState>) -> BoxFuture<'static, Response> + Send + Sync>;

/// How many requests a minute of each class a surface takes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Reads per credential.
    pub read: u32,
    /// Writes per credential.
    pub write: u32,
    /// Sign-ins per network address.
    pub login: u32,
    /// Signs of life per credential and agent.
    pub heartbeat: u32,
    /// Whether reads and writes count against one number, which is `read`.
    pub shared: bool,
}

impl Limits {
    /// Reads and writes are counted apart.
    pub const fn split(read: u32, write: u32) -> Self {
        Self { read, write, login: 5, heartbeat: 30, shared: false }
    }

    /// All requests count against one number.
    pub const fn shared(all: u32) -> Self {
        Self { read: all, write: all, login: 5, heartbeat: 30, shared: true }
    }
}

/// An operation and its handler.
#[derive(Clone)]
pub struct Route {
    /// What the operation says about itself.
    pub spec: Spec,
    /// Its name in OpenAPI, logs and metrics, e.g. `hosting.agents.pause`.
    pub id: String,
    pub(crate) endpoint: Endpoint,
}

/// One dialect.
#[derive(Clone)]
pub struct Surface {
    /// The name, which is also the prefix under which the surface is mounted a second time.
    pub name: &'static str,
    /// A title for people.
    pub title: &'static str,
    /// The operations in the order of declaration.
    pub routes: Vec<Route>,
    pub(crate) roots: Vec<&'static str>,
    pub(crate) render: Render,
    pub(crate) limits: Limits,
    pub(crate) error: Option<SchemaOf>,
    pub(crate) gate: Option<Gate>,
}

impl Surface {
    /// A surface without operations.
    pub fn new(name: &'static str, render: Render) -> Self {
        let limits = Limits::split(1000, 300);
        Self { name, title: name, routes: Vec::new(), roots: Vec::new(), render, limits, error: None, gate: None }
    }

    /// A title for people.
    pub fn title(mut self, title: &'static str) -> Self {
        self.title = title;
        self
    }

    /// Unknown paths that begin with `root` are answered in this dialect; the longest root wins.
    pub fn owns(mut self, root: &'static str) -> Self {
        self.roots.push(root);
        self
    }

    /// How many requests it takes.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The shape of its errors, for OpenAPI.
    pub fn errors<T: JsonSchema>(mut self) -> Self {
        self.error = Some(schemars::SchemaGenerator::subschema_for::<T>);
        self
    }

    /// Asked after role and scope whether the caller's org has this surface.
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }

    /// Mounts an operation.
    pub fn route<H, T>(mut self, op: Op, handler: H) -> Self
    where
        H: Handler<T, Arc<AppState>, Future = BoxFuture<'static, Response>> + Sync,
        T: 'static,
    {
        let spec = *op.spec();
        let id = spec.id.map_or_else(|| derived_id(self.name, &spec, std::any::type_name::<H>()), str::to_owned);
        let endpoint: Endpoint = Arc::new(move |request, state| handler.clone().call(request, state));
        self.routes.push(Route { spec, id, endpoint });
        self
    }
}

/// `surface.module.function` of the handler, or method and path where the handler has no name.
fn derived_id(surface: &str, spec: &Spec, handler: &str) -> String {
    let plain = handler.split('<').next().unwrap_or(handler);
    let words: Vec<&str> = plain.split("::").collect();
    if let [.., module, function] = words.as_slice()
        && !plain.contains("{{")
    {
        return format!("{surface}.{module}.{function}");
    }
    let mut id = format!("{surface}.{}", spec.verb.as_str().to_ascii_lowercase());
    for word in spec.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        id.push('_');
        id.push_str(word);
    }
    id
}
