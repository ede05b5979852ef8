//! Which operation answers which path and method.

use crate::call::{MAX_PARAMS, Params};
use crate::credential;
use crate::limit::{Limiters, RateClock};
use crate::observe::Meters;
use crate::op::{Spec, Verb};
use crate::surface::{Endpoint, Gate, Limits, Render, Route, Surface};
use http::HeaderValue;
use http::request::Parts;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Says which surface is meant where several have the same path and method.
pub type Chooser = fn(&Parts) -> &'static str;

/// What all operations of a surface share while the program runs.
pub(crate) struct Dialect {
    pub(crate) name: &'static str,
    pub(crate) render: Render,
    pub(crate) gate: Option<Gate>,
    pub(crate) limiters: Limiters,
    roots: Vec<String>,
}

impl Dialect {
    fn of(surface: &Surface, clock: &RateClock) -> Self {
        let mut roots: Vec<String> = surface.roots.iter().map(|root| (*root).to_owned()).collect();
        roots.push(format!("/{}", surface.name));
        let limiters = Limiters::new(&surface.limits, clock);
        Self { name: surface.name, render: surface.render, gate: surface.gate, limiters, roots }
    }

    /// The dialect of paths that belong to nobody.
    fn plain(clock: &RateClock) -> Self {
        let limiters = Limiters::new(&Limits::shared(1), clock);
        Self { name: "none", render: crate::router::plain_error, gate: None, limiters, roots: Vec::new() }
    }

    /// How much of `path` belongs to this dialect.
    fn owns(&self, path: &str) -> usize {
        let fits = |root: &&String| {
            path.strip_prefix(root.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.roots.iter().filter(fits).map(String::len).max().unwrap_or(0)
    }
}

/// An operation in its place.
pub(crate) struct Mounted {
    pub(crate) spec: Spec,
    pub(crate) id: String,
    pub(crate) dialect: Arc<Dialect>,
    pub(crate) endpoint: Endpoint,
    /// The names of the path parameters in their order.
    pub(crate) names: Vec<&'static str>,
    /// Which of them names the org.
    pub(crate) org: Option<usize>,
    pub(crate) meters: Meters,
}

impl Mounted {
    fn of(route: &Route, dialect: &Arc<Dialect>) -> Self {
        let names = parameters(route.spec.path);
        assert!(names.len() <= MAX_PARAMS, "{} has too many parameters", route.spec.path);
        Self {
            spec: route.spec,
            id: route.id.clone(),
            dialect: Arc::clone(dialect),
            endpoint: Arc::clone(&route.endpoint),
            org: names.iter().position(|name| *name == "org"),
            names,
            meters: Meters::new(dialect.name, &route.id),
        }
    }
}

/// The names of a template's parameters in their order.
pub(crate) fn parameters(path: &'static str) -> Vec<&'static str> {
    let segments = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    segments.map(|name| name.trim_start_matches('*')).collect()
}

/// The template with its parameters numbered, so that surfaces may name them differently.
pub(crate) fn numbered(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut count = 0;
    for segment in path.split('/').skip(1) {
        out.push('/');
        match segment.strip_prefix('{') {
            Some(name) => {
                out.push_str(if name.starts_with('*') { "{*p" } else { "{p" });
                out.push_str(&count.to_string());
                out.push('}');
                count += 1;
            }
            None => out.push_str(segment),
        }
    }
    out
}

/// What answers at one path.
#[derive(Default)]
struct Place {
    claims: Vec<Arc<Mounted>>,
    allow: Option<HeaderValue>,
}

/// An operation and the values of its path parameters.
#[derive(Clone)]
pub(crate) struct Matched {
    pub(crate) route: Arc<Mounted>,
    pub(crate) params: Params,
}

/// What a request leads to.
pub(crate) enum Lookup {
    /// An operation.
    Found(Matched),
    /// A path without this method; the header lists those that it has.
    WrongMethod(Arc<Dialect>, Option<HeaderValue>),
    /// Nothing.
    Nothing(Arc<Dialect>),
}

/// All operations of all surfaces.
pub(crate) struct Table {
    paths: matchit::Router<Place>,
    dialects: Vec<Arc<Dialect>>,
    plain: Arc<Dialect>,
    choose: Chooser,
}

impl Table {
    /// Mounts every operation at its own path and under the prefix of its surface.
    ///
    /// # Panics
    /// When two operations of one surface have the same path and method or name: found at start, named in the message.
    pub(crate) fn new(surfaces: &[Surface], choose: Chooser, clock: &RateClock) -> Self {
        let mut places: BTreeMap<String, Place> = BTreeMap::new();
        let mut dialects = Vec::with_capacity(surfaces.len());
        for surface in surfaces {
            check(surface);
            let dialect = Arc::new(Dialect::of(surface, clock));
            for route in &surface.routes {
                let mounted = Arc::new(Mounted::of(route, &dialect));
                let path = numbered(route.spec.path);
                places.entry(format!("/{}{path}", surface.name)).or_default().claims.push(Arc::clone(&mounted));
                places.entry(path).or_default().claims.push(mounted);
            }
            dialects.push(dialect);
        }
        let mut paths = matchit::Router::new();
        for (path, mut place) in places {
            place.allow = allowed(&place.claims);
            if let Err(conflict) = paths.insert(path.clone(), place) {
                panic!("the path {path} cannot be mounted: {conflict}");
            }
        }
        Self { paths, dialects, plain: Arc::new(Dialect::plain(clock)), choose }
    }

    pub(crate) fn lookup(&self, parts: &Parts) -> Lookup {
        let path = parts.uri.path();
        let Ok(found) = self.paths.at(path) else { return Lookup::Nothing(self.owner(path)) };
        let Some(mounted) = self.claimant(&found.value.claims, parts) else {
            return Lookup::WrongMethod(self.owner(path), found.value.allow.clone());
        };
        let mut params = Params::default();
        for (_, value) in found.params.iter() {
            params.push(path, value);
        }
        Lookup::Found(Matched { route: Arc::clone(mounted), params })
    }

    fn claimant<'t>(&self, claims: &'t [Arc<Mounted>], parts: &Parts) -> Option<&'t Arc<Mounted>> {
        let verb = Verb::of(&parts.method)?;
        let mut fitting = claims.iter().filter(|mounted| mounted.spec.verb == verb);
        let first = fitting.next()?;
        if fitting.next().is_none() {
            return Some(first);
        }
        let wanted = (self.choose)(parts);
        claims.iter().find(|mounted| mounted.spec.verb == verb && mounted.dialect.name == wanted).or(Some(first))
    }

    /// The dialect that answers for a path where there is no operation.
    fn owner(&self, path: &str) -> Arc<Dialect> {
        let best = self.dialects.iter().map(|dialect| (dialect.owns(path), dialect)).max_by_key(|(length, _)| *length);
        match best {
            Some((length, dialect)) if length > 0 => Arc::clone(dialect),
            _ => Arc::clone(&self.plain),
        }
    }
}

fn check(surface: &Surface) {
    let (mut places, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for Route { spec, id, .. } in &surface.routes {
        let (method, path) = (spec.verb.as_str(), spec.path);
        assert!(places.insert((method, numbered(path))), "{method} {path} is mounted twice in {}", surface.name);
        assert!(ids.insert(id), "{method} {path} has the name {id} of another operation; give it one with `.id()`");
        assert!(path.starts_with('/'), "the path {path} must begin with a slash");
    }
}

fn allowed(claims: &[Arc<Mounted>]) -> Option<HeaderValue> {
    let mut methods: Vec<&str> = Vec::new();
    for verb in Verb::ALL.into_iter().filter(|verb| claims.iter().any(|mounted| mounted.spec.verb == *verb)) {
        methods.push(verb.as_str());
        if verb == Verb::Get {
            methods.push("HEAD");
        }
    }
    HeaderValue::from_str(&methods.join(", ")).ok()
}

/// Which surface is meant by the way the credential is sent.
pub fn choose_by_credential(parts: &Parts) -> &'static str {
    let headers = &parts.headers;
    if headers.contains_key(credential::X_AGENT_TOKEN) {
        return "network";
    }
    if headers.contains_key(credential::X_API_KEY) || credential::session_cookie(headers).is_some() {
        return "mission";
    }
    let has = |name| parts.uri.query().and_then(|query| credential::query_value(query, name)).is_some();
    if headers.contains_key(credential::X_AGENT_KEY)
        || credential::bearer(headers).is_some()
        || has("key")
        || has("token")
    {
        return "fleet";
    }
    "mission"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_whatever_their_names() {
        assert_eq!(numbered("/v1/orgs/{org}/files/{*path}"), "/v1/orgs/{p0}/files/{*p1}");
        assert_eq!(parameters("/v1/orgs/{org}/files/{*path}"), ["org", "path"]);
        assert_eq!(numbered("/healthz"), "/healthz");
    }
}
