//! Any HTTP API that answers with JSON: GET below a base URL, and nothing else.

use crate::api::{Api, Auth, Budget, Reply};
use crate::collect::Collector;
use crate::form::{Field, authorities, choice, form, secret, text, url, words};
use crate::params::{Params, wrong};
use crate::settings::{filled, read};
use crate::table::{set_param, text_of};
use async_trait::async_trait;
use muster_base::{Error, Result, Secret};
use muster_domain::connectors::{About, Answer, Query, Resource, Source, SourceType};
use muster_outbound::header::HeaderName;
use muster_outbound::{Outbound, Url};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const TITLE: &str = "the API";

/// Headers that are not the operator's to set: they belong to the connection, or would turn a read into a write.
const OURS: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
];

const QUERY_FORM: &str = "\
`resource` is a path below the base URL, `params` are the parameters of the request. Only GET is sent. `query` may be a \
JSON Pointer to the list in the answer; without it the setting says where the list is, and what is no list is one item.

```json
{\"resource\": \"items\", \"params\": {\"state\": \"open\"}}
{\"resource\": \"items/17/notes\", \"query\": \"/data/notes\"}
```";

/// The type.
pub(crate) struct HttpApi {
    about: About,
    outbound: Outbound,
}

impl HttpApi {
    pub(crate) fn new(outbound: &Outbound) -> Self {
        let about = About {
            kind: "http",
            title: "HTTP API",
            summary: "Reads any HTTP API that answers with JSON.",
            query_form: QUERY_FORM,
            settings: form(fields()),
        };
        Self { about, outbound: outbound.clone() }
    }
}

fn fields() -> Vec<(&'static str, Field)> {
    let auth = "How the server is told who asks: not at all, by a bearer token, a user name and password, or a header.";
    let headers = "More headers that are sent each time, as `Name: value`. They are no secrets.";
    let paths =
        "Paths below the base URL that may be read, with all that is below them; all of them when there is none.";
    let endpoints = "What may be asked for, as people and agents are told: `path: what is there`.";
    let pointer = "The JSON Pointer to the list in an answer, e.g. `/data/items`.";
    let paging = "How the API hands out the rest: not at all, by a `Link` header, or by a cursor.";
    vec![
        ("baseUrl", url("Base URL", "Where the API is.").example("https://api.example.com/v1").required()),
        ("auth", choice("Credentials", auth, &["none", "bearer", "basic", "header"]).place()),
        ("token", secret("Token", "For `bearer`.")),
        ("username", text("User name", "For `basic`.")),
        ("password", secret("Password", "For `basic`.")),
        ("headerName", text("Header", "For `header`: its name.").example("X-Api-Key").place()),
        ("headerSecret", secret("Value of the header", "For `header`.")),
        ("headers", words("Headers", headers).with("maxItems", 30)),
        ("paths", words("Paths", paths)),
        ("endpoints", words("Endpoints", endpoints)),
        ("itemsPointer", text("Items", pointer).with("pattern", "^/")),
        ("paging", choice("Paging", paging, &["none", "link", "cursor"])),
        ("cursorPointer", text("Cursor", "The JSON Pointer to the cursor in an answer.").with("pattern", "^/")),
        ("cursorParam", text("Cursor parameter", "The parameter that takes the cursor.").example("cursor")),
        ("caCertificate", authorities()),
    ]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    base_url: String,
    #[serde(default)]
    auth: Kind,
    token: Option<Secret<String>>,
    username: Option<String>,
    password: Option<Secret<String>>,
    header_name: Option<String>,
    header_secret: Option<Secret<String>>,
    #[serde(default)]
    headers: Vec<String>,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    endpoints: Vec<String>,
    items_pointer: Option<String>,
    #[serde(default)]
    paging: Paging,
    cursor_pointer: Option<String>,
    cursor_param: Option<String>,
    ca_certificate: Option<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    #[default]
    None,
    Bearer,
    Basic,
    Header,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Paging {
    #[default]
    None,
    Link,
    Cursor,
}

/// How the next page is asked for.
enum Next {
    Never,
    ByLink,
    ByCursor { at: String, param: String },
}

#[async_trait]
impl SourceType for HttpApi {
    fn about(&self) -> &About {
        &self.about
    }

    async fn open(&self, mut settings: Map<String, Value>) -> Result<Arc<dyn Source>> {
        settings.retain(|_, value| !value.is_null());
        let settings: Settings = read(settings)?;
        let next = next(&settings)?;
        let endpoints = settings.endpoints.iter().map(|line| described(line)).collect::<Result<Vec<_>>>()?;
        let headers = settings.headers.iter().map(|line| header(line)).collect::<Result<Vec<_>>>()?;
        let paths = settings.paths.iter().map(|path| path.trim().trim_matches('/').to_owned()).collect();
        let items = filled(settings.items_pointer.clone());
        let (base, authorities) = (settings.base_url.clone(), filled(settings.ca_certificate.clone()));
        let api = Api::new(&self.outbound, TITLE, &base, auth(settings)?)?.trusting(authorities)?;
        let api = headers.iter().fold(api, |api, (name, value)| api.header(name, value));
        Ok(Arc::new(Server { api, paths, endpoints, items, next }))
    }
}

fn auth(settings: Settings) -> Result<Auth> {
    let needed = |field: &str| Error::invalid(field, "is needed for these credentials");
    let given = |secret: Option<Secret<String>>| secret.filter(|secret| !secret.expose().is_empty());
    Ok(match settings.auth {
        Kind::None => Auth::None,
        Kind::Bearer => Auth::Bearer("Bearer", given(settings.token).ok_or_else(|| needed("token"))?),
        Kind::Basic => {
            let user = filled(settings.username).ok_or_else(|| needed("username"))?;
            Auth::Basic(user, settings.password.unwrap_or_else(|| Secret::new(String::new())))
        }
        Kind::Header => {
            let name = filled(settings.header_name).ok_or_else(|| needed("headerName"))?;
            let name = allowed("headerName", &name, &["authorization"])?;
            Auth::Header(name, given(settings.header_secret).ok_or_else(|| needed("headerSecret"))?)
        }
    })
}

/// The name of a header that may be set.
fn allowed(field: &str, name: &str, besides: &[&str]) -> Result<String> {
    let name = HeaderName::try_from(name.trim())
        .map_err(|_| Error::invalid(field, "must be the name of a header, such as X-Api-Key"))?;
    if OURS.contains(&name.as_str()) && !besides.contains(&name.as_str()) {
        return Err(Error::invalid(field, format!("must not be `{name}`, which is set as the request needs it")));
    }
    Ok(name.as_str().to_owned())
}

fn header(line: &str) -> Result<(String, String)> {
    let (name, value) = line.split_once(':').ok_or_else(|| Error::invalid("headers", "must be `Name: value` each"))?;
    if value.chars().any(|c| !(' '..='~').contains(&c)) {
        return Err(Error::invalid("headers", "must have printable ASCII characters only"));
    }
    Ok((allowed("headers", name, &[])?, value.trim().to_owned()))
}

fn described(line: &str) -> Result<Resource> {
    let (path, told) = line.split_once(':').unwrap_or((line, ""));
    let name = path.trim().trim_matches('/').to_owned();
    if name.is_empty() {
        return Err(Error::invalid("endpoints", "must be `path: what is there` each"));
    }
    Ok(Resource { name, description: told.trim().to_owned() })
}

fn next(settings: &Settings) -> Result<Next> {
    let needed = |field: &str| Error::invalid(field, "is needed for paging by a cursor");
    Ok(match settings.paging {
        Paging::None => Next::Never,
        Paging::Link => Next::ByLink,
        Paging::Cursor => Next::ByCursor {
            at: filled(settings.cursor_pointer.clone()).ok_or_else(|| needed("cursorPointer"))?,
            param: filled(settings.cursor_param.clone()).ok_or_else(|| needed("cursorParam"))?,
        },
    })
}

/// A server.
struct Server {
    api: Api,
    paths: Vec<String>,
    endpoints: Vec<Resource>,
    items: Option<String>,
    next: Next,
}

#[async_trait]
impl Source for Server {
    async fn test(&self) -> Result<String> {
        let first = self.endpoints.first().filter(|first| !first.name.contains('{'));
        let url = match first {
            Some(first) => self.address(&first.name)?,
            None => self.api.base().clone(),
        };
        let reply = self.api.get(url).answer(&mut Budget::small()).await?;
        let status = reply.status();
        // Many an API has nothing at its root.
        if !status.is_success() && (first.is_some() || !matches!(status.as_u16(), 404 | 405)) {
            return Err(reply.refusal(&self.api));
        }
        Ok(format!("{} answers ({})", self.api.host(), status.as_u16()))
    }

    async fn resources(&self) -> Result<Vec<Resource>> {
        if !self.endpoints.is_empty() {
            return Ok(self.endpoints.clone());
        }
        let told =
            |path: &String| Resource { name: path.clone(), description: "this path and all below it".to_owned() };
        Ok(self.paths.iter().map(told).collect())
    }

    async fn query(&self, query: Query) -> Result<Answer> {
        let mut url = self.address(get_only(&query.resource)?)?;
        let pointer = self.pointer(&query.query)?;
        let params = repeated(Params::new(&query.params), &query.params)?;
        if !params.is_empty() {
            url.query_pairs_mut().extend_pairs(&params);
        }
        let mut budget = Budget::new(&query.limits);
        let mut found = Collector::new(&query.limits);
        loop {
            let reply = self.api.get(url.clone()).send(&mut budget).await?;
            let mut body = body(&reply)?;
            let next = self.next(&url, &reply, &body);
            found.take(items(&mut body, pointer.as_deref())?);
            match next.filter(|next| *next != url) {
                Some(next) if found.goes_on(true) => url = next,
                _ => break,
            }
        }
        Ok(found.answer())
    }
}

impl Server {
    /// The address of a path that may be read.
    fn address(&self, resource: &str) -> Result<Url> {
        let url = self.api.below("resource", resource)?;
        let path = url.path().strip_prefix(self.api.base().path()).unwrap_or_default().trim_matches('/');
        let below = |allowed: &String| {
            path.strip_prefix(allowed.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if !self.paths.is_empty() && !self.paths.iter().any(below) {
            let problem = format!("must be one of these paths or below one: {}", self.paths.join(", "));
            return Err(Error::invalid("resource", problem));
        }
        Ok(url)
    }

    fn pointer(&self, query: &str) -> Result<Option<String>> {
        match query.trim() {
            "" => Ok(self.items.clone()),
            pointer if pointer.starts_with('/') => Ok(Some(pointer.to_owned())),
            _ => Err(Error::invalid(
                "query",
                "must be a JSON Pointer such as /data/items, or empty; parameters go into params",
            )),
        }
    }

    /// The address of the next page: the same path, with what the answer says in its query.
    fn next(&self, url: &Url, reply: &Reply, body: &Value) -> Option<Url> {
        let pairs: Vec<(String, String)> = match &self.next {
            Next::Never => return None,
            Next::ByLink => {
                let link = url.join(reply.next_link()?).ok()?;
                link.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
            }
            Next::ByCursor { at, param } => {
                let cursor = body.pointer(at).and_then(text_of).filter(|cursor| !cursor.is_empty())?;
                vec![(param.clone(), cursor)]
            }
        };
        let mut next: Vec<(String, String)> =
            url.query_pairs().map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        for (name, value) in pairs {
            set_param(&mut next, &name, value);
        }
        let mut url = url.clone();
        url.query_pairs_mut().clear().extend_pairs(next);
        Some(url)
    }
}

/// The path of `GET path`; other methods are refused in words.
fn get_only(resource: &str) -> Result<&str> {
    match resource.trim().split_once(char::is_whitespace) {
        Some(("GET", path)) => Ok(path),
        Some((method, _)) if method.bytes().all(|byte| byte.is_ascii_alphabetic()) => Err(Error::invalid(
            "resource",
            format!("must not be asked by `{}`; only GET is sent", method.to_uppercase()),
        )),
        _ => Ok(resource),
    }
}

/// Parameters; a list is one parameter several times.
fn repeated(rest: Params, given: &Map<String, Value>) -> Result<Vec<(String, String)>> {
    if !given.values().any(Value::is_array) {
        return rest.rest();
    }
    let mut sent = Vec::new();
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let values = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        for value in values {
            let text = text_of(value)
                .ok_or_else(|| wrong(name, "must be text, a number, true or false, or a list of these"))?;
            sent.push((name.clone(), text));
        }
    }
    Ok(sent)
}

/// JSON, or text as one item.
fn body(reply: &Reply) -> Result<Value> {
    let json = reply.header("content-type").is_none_or(|kind| kind.contains("json"));
    match serde_json::from_slice(reply.body()) {
        Ok(value) => Ok(value),
        Err(_) if reply.body().is_empty() => Ok(Value::Null),
        Err(_) if json => reply.json(),
        Err(_) => Ok(json!({"text": String::from_utf8_lossy(reply.body())})),
    }
}

fn items(body: &mut Value, pointer: Option<&str>) -> Result<Vec<Value>> {
    let found = match pointer {
        None => body.take(),
        Some(pointer) => match body.pointer_mut(pointer) {
            Some(found) => found.take(),
            None => {
                let names: Vec<&str> =
                    body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).take(20).collect();
                let problem = format!("there is no {pointer} in the answer; at its top it has {}", names.join(", "));
                return Err(Error::invalid("query", problem));
            }
        },
    };
    Ok(match found {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        item => vec![item],
    })
}
