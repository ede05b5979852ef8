//! A type of source that does what its query says, and notes what happens to it.

use crate::support::World;
use async_trait::async_trait;
use muster_base::{Error, Result};
use muster_domain::connectors::{
    About, Answer, NewConnector, Query, Resource, Shown, Source, SourceType, Types, create, failed,
};
use muster_domain::{App, Ctx, Settings};
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What has happened to all sources of the type.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) opened: AtomicUsize,
    pub(super) closed: AtomicUsize,
    pub(super) running: AtomicUsize,
    pub(super) listed: AtomicUsize,
    /// The settings that sources were opened with.
    pub(super) settings: Mutex<Vec<Map<String, Value>>>,
}

impl Seen {
    pub(super) fn is_open(&self) -> usize {
        self.opened.load(Ordering::SeqCst) - self.closed.load(Ordering::SeqCst)
    }

    pub(super) fn last_settings(&self) -> Value {
        Value::Object(self.settings.lock().expect("kept").last().cloned().unwrap_or_default())
    }
}

struct FakeType {
    about: About,
    seen: Arc<Seen>,
}

struct FakeSource {
    seen: Arc<Seen>,
}

#[async_trait]
impl SourceType for FakeType {
    fn about(&self) -> &About {
        &self.about
    }

    async fn open(&self, settings: Map<String, Value>) -> Result<Arc<dyn Source>> {
        if settings.get("host") == Some(&json!("nonsense")) {
            return Err(Error::invalid("host", "is nonsense"));
        }
        self.seen.opened.fetch_add(1, Ordering::SeqCst);
        self.seen.settings.lock().expect("kept").push(settings);
        Ok(Arc::new(FakeSource { seen: self.seen.clone() }))
    }
}

impl Drop for FakeSource {
    fn drop(&mut self) {
        self.seen.closed.fetch_add(1, Ordering::SeqCst);
    }
}

/// Counts a query as running until it is over or dropped.
struct Running<'a>(&'a Seen);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Source for FakeSource {
    async fn test(&self) -> Result<String> {
        Ok("Fake 1.0".to_owned())
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        self.seen.listed.fetch_add(1, Ordering::SeqCst);
        Ok(vec![Resource { name: "things".to_owned(), description: "all things".to_owned() }])
    }

    async fn query(&self, query: Query) -> Result<Answer> {
        self.seen.running.fetch_add(1, Ordering::SeqCst);
        let _running = Running(&self.seen);
        match query.query.as_str() {
            "wait" => std::future::pending().await,
            "moment" => tokio::time::sleep(Duration::from_millis(20)).await,
            "fail" => return Err(failed("the fake is broken")),
            "refuse" => return Err(Error::invalid("query", "is refused")),
            _ => {}
        }
        let rows = vec![vec![Value::from(query.resource)]; query.limits.rows.min(3)];
        Ok(Answer::Table { columns: vec!["a".to_owned()], rows, truncated: false })
    }
}

/// The type, and what is seen of it.
pub(super) fn types() -> (Types, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let about = About {
        kind: "fake",
        title: "Fake",
        summary: "Nothing.",
        query_form: "`anything`",
        settings: json!({
            "type": "object", "required": ["host"], "additionalProperties": false, "x-order": ["host", "port", "password"],
            "properties": {
                "host": {"type": "string", "title": "Host", "description": "Where.", "maxLength": 20},
                "port": {"type": "integer", "title": "Port", "description": "Which.", "minimum": 1, "maximum": 65535},
                "mode": {"type": "string", "title": "Mode", "description": "How.", "enum": ["a", "b"]},
                "password": {"type": "string", "title": "Password", "description": "Secret.", "writeOnly": true, "minLength": 3},
            },
        }),
    };
    let kind = FakeType { about, seen: seen.clone() };
    (Types::new(vec![Arc::new(kind)]).expect("sound"), seen)
}

/// A program like the world's that has the type.
pub(super) fn app(world: &World) -> (Arc<App>, Arc<Seen>) {
    let (sources, seen) = types();
    let settings = Settings { sources, ..Settings::default() };
    (App::new((*world.db).clone(), world.clock.clone(), world.secrets.clone(), settings), seen)
}

/// Muster itself in the first org of a program.
pub(super) fn ctx(app: &Arc<App>) -> Ctx {
    Ctx::system(app.clone(), crate::support::ORG)
}

pub(super) fn new(name: &str, settings: Value) -> NewConnector {
    let settings = settings.as_object().cloned().expect("an object");
    NewConnector { name: name.to_owned(), kind: "fake".to_owned(), description: None, enabled: true, settings }
}

pub(super) async fn made(ctx: &Ctx, name: &str) -> Shown {
    create(ctx, new(name, json!({ "host": "here", "password": "hunter2" }))).await.expect("made")
}
