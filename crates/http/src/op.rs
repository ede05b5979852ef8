//! One endpoint as one constant beside its handler: it drives routing, authorisation, limits, OpenAPI and the list of
//! routes.

use muster_domain::access::{Role, Scope};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use std::marker::PhantomData;
use std::panic::Location;

/// The largest body that an operation takes unless it says otherwise.
pub const DEFAULT_BODY_LIMIT: usize = 1024 * 1024;

/// How operations fail that ask another system.
pub const OTHER_SYSTEM: &[(u16, &str)] =
    &[(502, "the other system failed; the message says how"), (504, "the other system did not answer in time")];

/// Makes the schema of one type.
pub type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// A request method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// GET, and HEAD with it.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The method as it is written in a request.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The verb that answers a request with this method; HEAD is answered as GET.
    pub fn of(method: &http::Method) -> Option<Self> {
        match *method {
            http::Method::GET | http::Method::HEAD => Some(Self::Get),
            http::Method::POST => Some(Self::Post),
            http::Method::PUT => Some(Self::Put),
            http::Method::PATCH => Some(Self::Patch),
            http::Method::DELETE => Some(Self::Delete),
            _ => None,
        }
    }
}

/// How requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rate {
    /// Reads, per credential.
    Read,
    /// Writes, per credential.
    Write,
    /// Sign-ins, per network address.
    Login,
    /// Signs of life, per credential and first path parameter.
    Heartbeat,
    /// Not counted.
    None,
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, without a credential.
    Public,
    /// Callers of at least this role.
    Floor(Role),
}

/// What an operation says about itself; read through [`Op`].
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The method.
    pub verb: Verb,
    /// The path template, e.g. `/v1/agent/{id}`; a last `{*path}` takes the rest with its slashes.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// The scope that the credential needs as well.
    pub scope: Option<Scope>,
    /// One line for people.
    pub summary: &'static str,
    /// The name in OpenAPI, logs and metrics; by default made from the handler's path.
    pub id: Option<&'static str>,
    /// The JSON body.
    pub takes: Option<SchemaOf>,
    /// Whether the body may be left out.
    pub body_optional: bool,
    /// The media type of a body that is not JSON.
    pub takes_media: Option<&'static str>,
    /// The query parameters.
    pub query: Option<SchemaOf>,
    /// The JSON answer.
    pub gives: Option<SchemaOf>,
    /// The media type of an answer that is not JSON.
    pub gives_media: Option<&'static str>,
    /// The status of success.
    pub status: u16,
    /// Failures that it has beside those that follow from the rest: statuses and what they mean here.
    pub fails: &'static [(u16, &'static str)],
    /// How requests are counted.
    pub rate: Rate,
    /// Whether it can answer with `text/event-stream`.
    pub streams: bool,
    /// Whether it upgrades to a WebSocket.
    pub upgrades: bool,
    /// Whether an agent's token needs no scope for it, because the handler lets it touch only what is its agent's own.
    pub own_agent: bool,
    /// Whether it changes something although it is a GET.
    pub changes: bool,
    /// The largest body in bytes.
    pub body_limit: usize,
    /// Whether callers should use something else.
    pub deprecated: bool,
    /// Whether the body holds a secret of which not even a hash may be kept for repetitions of the request.
    pub takes_secret: bool,
    /// Whether the answer holds a secret that must not be kept for repetitions of the request.
    pub gives_secret: bool,
    /// Whether the answer depends on nothing but the org's data and the URL, so that it may be given again.
    pub reusable: bool,
    /// Where the constant is in the source.
    pub location: &'static Location<'static>,
}

/// State of an [`Op`] that does not say yet who may call it; no table takes it.
#[derive(Debug, Clone, Copy)]
pub struct Undeclared;

/// State of an [`Op`] that says who may call it.
#[derive(Debug, Clone, Copy)]
pub struct Declared;

/// One operation. It can be mounted only after `floor` or `public` has said who may call it.
///
/// ```compile_fail
/// use muster_http::{Op, get};
/// const FORGOTTEN: Op = get("/v1/thing");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Op<S = Declared> {
    spec: Spec,
    state: PhantomData<S>,
}

/// An operation with method GET.
#[track_caller]
pub const fn get(path: &'static str) -> Op<Undeclared> {
    open(Verb::Get, path, Location::caller())
}

/// An operation with method POST.
#[track_caller]
pub const fn post(path: &'static str) -> Op<Undeclared> {
    open(Verb::Post, path, Location::caller())
}

/// An operation with method PUT.
#[track_caller]
pub const fn put(path: &'static str) -> Op<Undeclared> {
    open(Verb::Put, path, Location::caller())
}

/// An operation with method PATCH.
#[track_caller]
pub const fn patch(path: &'static str) -> Op<Undeclared> {
    open(Verb::Patch, path, Location::caller())
}

/// An operation with method DELETE.
#[track_caller]
pub const fn delete(path: &'static str) -> Op<Undeclared> {
    open(Verb::Delete, path, Location::caller())
}

const fn open(verb: Verb, path: &'static str, location: &'static Location<'static>) -> Op<Undeclared> {
    let rate = match verb {
        Verb::Get => Rate::Read,
        _ => Rate::Write,
    };
    let spec = Spec {
        verb,
        path,
        access: Access::Floor(Role::Owner),
        scope: None,
        summary: "",
        id: None,
        takes: None,
        body_optional: false,
        takes_media: None,
        query: None,
        gives: None,
        gives_media: None,
        status: 200,
        fails: &[],
        rate,
        streams: false,
        upgrades: false,
        own_agent: false,
        changes: false,
        body_limit: DEFAULT_BODY_LIMIT,
        deprecated: false,
        takes_secret: false,
        gives_secret: false,
        reusable: false,
        location,
    };
    Op { spec, state: PhantomData }
}

impl Op<Undeclared> {
    /// Callers of at least this role may call it.
    pub const fn floor(self, role: Role) -> Op {
        let mut spec = self.spec;
        spec.access = Access::Floor(role);
        Op { spec, state: PhantomData }
    }

    /// Everybody may call it, without a credential.
    pub const fn public(self) -> Op {
        let mut spec = self.spec;
        spec.access = Access::Public;
        Op { spec, state: PhantomData }
    }
}

impl Op {
    /// What it says about itself.
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }
}

impl<S> Op<S> {
    /// The credential needs this scope as well.
    pub const fn scope(mut self, scope: Scope) -> Self {
        self.spec.scope = Some(scope);
        self
    }

    /// One line for people.
    pub const fn summary(mut self, summary: &'static str) -> Self {
        self.spec.summary = summary;
        self
    }

    /// The name in OpenAPI, logs and metrics; by default `surface.module.function` of the handler.
    pub const fn id(mut self, id: &'static str) -> Self {
        self.spec.id = Some(id);
        self
    }

    /// It takes a JSON body.
    pub const fn takes<T: JsonSchema>(mut self) -> Self {
        self.spec.takes = Some(reference::<T>);
        self
    }

    /// It takes a JSON body that may be left out.
    pub const fn takes_optional<T: JsonSchema>(mut self) -> Self {
        self.spec.takes = Some(reference::<T>);
        self.spec.body_optional = true;
        self
    }

    /// It takes a body of another media type, e.g. `application/octet-stream`; beside JSON if `takes` is given too.
    pub const fn takes_media(mut self, media: &'static str) -> Self {
        self.spec.takes_media = Some(media);
        self
    }

    /// It takes query parameters: the fields of a struct.
    pub const fn query<T: JsonSchema>(mut self) -> Self {
        self.spec.query = Some(inline::<T>);
        self
    }

    /// It answers with JSON.
    pub const fn gives<T: JsonSchema>(mut self) -> Self {
        self.spec.gives = Some(reference::<T>);
        self
    }

    /// It answers with another media type, e.g. `application/yaml`; beside JSON if `gives` is given too.
    pub const fn gives_media(mut self, media: &'static str) -> Self {
        self.spec.gives_media = Some(media);
        self
    }

    /// The status of success; 200 unless said.
    pub const fn status(mut self, status: u16) -> Self {
        self.spec.status = status;
        self
    }

    /// Failures that it has beside those that follow from the rest: statuses and what they mean here.
    pub const fn fails(mut self, failures: &'static [(u16, &'static str)]) -> Self {
        self.spec.fails = failures;
        self
    }

    /// How requests are counted; reads and writes by method unless said.
    pub const fn rate(mut self, rate: Rate) -> Self {
        self.spec.rate = rate;
        self
    }

    /// It can answer with `text/event-stream`, and as GET takes its credential as `?token=` too.
    pub const fn streams(mut self) -> Self {
        self.spec.streams = true;
        self
    }

    /// It upgrades to a WebSocket (101), and takes its credential as `?token=` too.
    pub const fn upgrades(mut self) -> Self {
        self.spec.upgrades = true;
        self.spec.status = 101;
        self
    }

    /// An agent's token may call it for what is its agent's own, whatever its scopes; the handler must refuse the rest.
    pub const fn own_agent(mut self) -> Self {
        self.spec.own_agent = true;
        self
    }

    /// It changes something although it is a GET: a browser may be made to send it no more than a POST, and there is no
    /// HEAD of it.
    pub const fn changes(mut self) -> Self {
        self.spec.changes = true;
        self
    }

    /// The largest body in bytes; [`DEFAULT_BODY_LIMIT`] unless said.
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.spec.body_limit = bytes;
        self
    }

    /// Callers should use something else.
    pub const fn deprecated(mut self) -> Self {
        self.spec.deprecated = true;
        self
    }

    /// The body holds a secret: with an `Idempotency-Key` no hash of it is kept.
    pub const fn takes_secret(mut self) -> Self {
        self.spec.takes_secret = true;
        self
    }

    /// The answer holds a secret: with an `Idempotency-Key` it is not kept, and who repeats the request is told what
    /// the first one made.
    pub const fn gives_secret(mut self) -> Self {
        self.spec.gives_secret = true;
        self
    }

    /// The answer is the same for every caller who may have it, until something changes in the org.
    pub const fn reusable(mut self) -> Self {
        self.spec.reusable = true;
        self
    }
}

fn reference<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

fn inline<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    T::json_schema(generator)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Op = post("/v1/agent/{id}/pause").floor(Role::Operator).scope(Scope::AgentsWrite).status(202);

    #[test]
    fn an_operation_knows_where_it_was_written() {
        let spec = PAUSE.spec();
        assert!(spec.location.file().ends_with("op.rs"));
        assert_eq!(spec.rate, Rate::Write);
        assert_eq!(spec.access, Access::Floor(Role::Operator));
        assert_eq!((spec.status, spec.body_limit), (202, DEFAULT_BODY_LIMIT));
    }
}
