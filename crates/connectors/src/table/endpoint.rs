//! One row of an API's table: what it is called here, where it is there, and what it takes.

use super::param::{Form, Param, text_of};
use muster_base::{Error, Result};
use muster_domain::connectors::{Query, Resource};
use serde_json::{Map, Value};

/// A thing that an API can be asked for. Several rows of one name are one resource: the first whose path can be filled
/// from the params is taken, the last where none can.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    path: &'static str,
    params: &'static [Param],
    query: Option<Words>,
    always: &'static [(&'static str, &'static str)],
    pub(crate) items: &'static str,
    pub(crate) paging: Paging,
    pub(crate) page: Option<Page>,
}

/// Where the text of a query goes.
#[derive(Debug, Clone, Copy)]
struct Words {
    wire: &'static str,
    about: &'static str,
    needed: bool,
}

/// How many items one answer may be asked to have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    /// The parameter that says so.
    pub(crate) param: &'static str,
    /// The most that the API gives.
    pub(crate) most: usize,
}

/// How an API hands out what does not fit into one answer. No URL that it gives is ever followed, only what is in its
/// query, so a source cannot send the credentials elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Paging {
    /// All there is comes at once.
    None,
    /// By a `Link` header with `rel="next"`.
    LinkHeader,
    /// By a link at this JSON Pointer.
    LinkAt(&'static str),
    /// By a value at the JSON Pointer `at`, sent back as `param`.
    Cursor { param: &'static str, at: &'static str },
    /// By pages counted from 1.
    Number(&'static str),
    /// By how many items were had.
    Offset(&'static str),
    /// By the value at this JSON Pointer of the last item, sent back as `param`.
    LastItem { param: &'static str, at: &'static str },
}

/// A question that fits an endpoint, ready to be sent.
#[derive(Debug)]
pub(crate) struct Call {
    /// The parts of the path below the base URL.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    /// How many items are wanted.
    pub(crate) rows: usize,
}

impl Endpoint {
    /// What is at `path` below the base URL; `{x}` in it is the param `x`, `{x*}` one that may have slashes.
    pub(crate) const fn get(name: &'static str, path: &'static str, about: &'static str) -> Self {
        let (items, paging) = ("", Paging::None);
        Self { name, about, path, params: &[], query: None, always: &[], items, paging, page: None }
    }

    /// The params that it takes besides `limit`.
    pub(crate) const fn takes(mut self, params: &'static [Param]) -> Self {
        self.params = params;
        self
    }

    /// The text of the query may be there and is sent as `wire`.
    pub(crate) const fn asks(mut self, wire: &'static str, about: &'static str) -> Self {
        self.query = Some(Words { wire, about, needed: false });
        self
    }

    /// The text of the query has to be there and is sent as `wire`.
    pub(crate) const fn searches(mut self, wire: &'static str, about: &'static str) -> Self {
        self.query = Some(Words { wire, about, needed: true });
        self
    }

    /// What is sent each time, unless a param of that name says otherwise.
    pub(crate) const fn always(mut self, always: &'static [(&'static str, &'static str)]) -> Self {
        self.always = always;
        self
    }

    /// The JSON Pointer to its items; what is no list there is one item.
    pub(crate) const fn at(mut self, items: &'static str) -> Self {
        self.items = items;
        self
    }

    /// How it pages, and the parameter for the size of a page with the most that it may be.
    pub(crate) const fn pages(mut self, paging: Paging, param: &'static str, most: usize) -> Self {
        self.paging = paging;
        self.page = Some(Page { param, most });
        self
    }

    /// Whether the path has `{name}`.
    pub(crate) fn in_path(&self, name: &str) -> bool {
        holes(self.path).any(|hole| hole.trim_end_matches('*') == name)
    }

    fn param(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }

    fn fits(&self, params: &Map<String, Value>) -> bool {
        holes(self.path).all(|hole| params.get(hole.trim_end_matches('*')).is_some_and(|value| !value.is_null()))
    }

    /// Makes the question to this endpoint.
    ///
    /// Errors: `invalid` with `query` or `params.x`.
    pub(crate) fn call(&self, query: &Query) -> Result<Call> {
        let rows = limit(&query.params, query.limits.rows, self.param("limit").is_some())?;
        let mut sent: Vec<(String, String)> = Vec::new();
        for (name, value) in query.params.iter().filter(|(_, value)| !value.is_null()) {
            match self.param(name) {
                Some(param) if self.in_path(name) => drop(param.texts(value)?),
                Some(param) => sent.extend(param.texts(value)?.into_iter().map(|text| (param.wire.to_owned(), text))),
                None if name == "limit" => {}
                None => return Err(self.unknown(name)),
            }
        }
        for param in self.params.iter().filter(|param| param.needed || self.in_path(param.name)) {
            if query.params.get(param.name).is_none_or(Value::is_null) {
                let problem = format!("`{}` needs it: {}", self.name, param.about);
                return Err(Error::invalid(format!("params.{}", param.name), problem));
            }
        }
        self.put_words(&query.query, &mut sent)?;
        for (name, value) in self.always {
            if !sent.iter().any(|(sent, _)| sent == name) {
                sent.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        Ok(Call { path: self.fill(&query.params)?, query: sent, rows })
    }

    fn put_words(&self, text: &str, sent: &mut Vec<(String, String)>) -> Result<()> {
        let text = text.trim();
        match self.query {
            Some(words) if !text.is_empty() => sent.push((words.wire.to_owned(), text.to_owned())),
            Some(words) if words.needed => {
                return Err(Error::invalid("query", format!("`{}` needs it: {}", self.name, words.about)));
            }
            None if !text.is_empty() => {
                let problem = format!("`{}` takes none; leave it empty and use params", self.name);
                return Err(Error::invalid("query", problem));
            }
            _ => {}
        }
        Ok(())
    }

    fn unknown(&self, name: &str) -> Error {
        let taken: Vec<&str> = self.params.iter().map(|param| param.name).chain(["limit"]).collect();
        let problem = format!("`{}` does not take it; it takes {}", self.name, taken.join(", "));
        Error::invalid(format!("params.{name}"), problem)
    }

    fn fill(&self, params: &Map<String, Value>) -> Result<Vec<String>> {
        let mut parts = Vec::new();
        for part in self.path.split('/') {
            let Some(hole) = holes(part).next() else {
                parts.push(part.to_owned());
                continue;
            };
            let name = hole.trim_end_matches('*');
            let value = params.get(name).and_then(text_of).unwrap_or_default();
            let filled = in_path(&value, hole.ends_with('*'));
            parts.extend(filled.map_err(|problem| Error::invalid(format!("params.{name}"), problem))?);
        }
        Ok(parts)
    }

    /// What it holds and takes, in a sentence or two.
    fn describe(&self) -> String {
        let mut said = self.about.to_owned();
        if let Some(words) = self.query {
            let needed = if words.needed { " (needed)" } else { "" };
            said.push_str(&format!(". Query{needed}: {}", words.about));
        }
        let params: Vec<String> = self.params.iter().map(|param| self.describe_param(param)).collect();
        if !params.is_empty() {
            said.push_str(&format!(". Params: {}", params.join("; ")));
        }
        said
    }

    fn describe_param(&self, param: &Param) -> String {
        let needed = if param.needed || self.in_path(param.name) { " (needed)" } else { "" };
        let words = match param.form {
            Form::OneOf(words) => format!(": {}", words.join(", ")),
            _ => String::new(),
        };
        let about = if param.about.is_empty() { String::new() } else { format!(" {}", param.about) };
        format!("{}{needed}{about}{words}", param.name)
    }
}

/// The row for a resource and what it was asked with.
///
/// Errors: `invalid` `resource` with what there is, or `params.x` with what belongs to a param that was given.
pub(crate) fn choose<'t>(table: &'t [Endpoint], resource: &str, params: &Map<String, Value>) -> Result<&'t Endpoint> {
    let name = resource.trim().trim_matches('/');
    let rows: Vec<&Endpoint> = table.iter().filter(|row| row.name == name).collect();
    let Some(last) = rows.last() else {
        return Err(no_such_resource(name, names(table)));
    };
    if let Some(row) = rows.iter().find(|row| row.fits(params)) {
        return Ok(row);
    }
    Ok(last)
}

/// After a row was chosen: a param that only another row of the same name takes says what is missing beside it.
pub(crate) fn explain(table: &[Endpoint], chosen: &Endpoint, params: &Map<String, Value>) -> Result<()> {
    for name in params.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name) {
        if chosen.param(name).is_some() || name == "limit" {
            continue;
        }
        let other = table.iter().find(|row| row.name == chosen.name && row.param(name).is_some());
        let missing = other.and_then(|row| {
            holes(row.path).map(|hole| hole.trim_end_matches('*')).find(|hole| !params.contains_key(*hole))
        });
        if let Some(missing) = missing {
            return Err(Error::invalid(format!("params.{missing}"), format!("is needed together with `{name}`")));
        }
    }
    Ok(())
}

/// The refusal of a resource that is not there.
pub(crate) fn no_such_resource(name: &str, there: Vec<&str>) -> Error {
    let said = if name.is_empty() { "is needed".to_owned() } else { format!("`{}` does not exist", short(name)) };
    Error::invalid("resource", format!("{said}; there is {}", there.join(", ")))
}

fn short(name: &str) -> String {
    name.chars().take(80).collect()
}

/// The names of a table, each once.
pub(crate) fn names(table: &[Endpoint]) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = table.iter().map(|row| row.name).collect();
    names.dedup();
    names
}

/// The resources of a table; rows of one name are told together.
pub(crate) fn resources(table: &[Endpoint]) -> Vec<Resource> {
    let mut told: Vec<Resource> = Vec::new();
    for row in table {
        match told.last_mut().filter(|last| last.name == row.name) {
            Some(last) => last.description.push_str(&format!(". Or: {}", row.describe())),
            None => told.push(Resource { name: row.name.to_owned(), description: row.describe() }),
        }
    }
    told
}

/// How many items are wanted: `params.limit`, at most `most`.
pub(crate) fn limit(params: &Map<String, Value>, most: usize, taken: bool) -> Result<usize> {
    let Some(value) = params.get("limit").filter(|value| !taken && !value.is_null()) else {
        return Ok(most);
    };
    let wanted = text_of(value).and_then(|text| text.parse::<usize>().ok()).filter(|wanted| *wanted > 0);
    let wanted = wanted.ok_or_else(|| Error::invalid("params.limit", "must be a whole number from 1"))?;
    Ok(wanted.min(most))
}

fn holes(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|after| after.split_once('}').map(|(hole, _)| hole))
}

/// A value as parts of a path: one, or several where it may have slashes. Never a step upwards, not even for servers
/// that decode first; what else is in it is encoded later.
pub(crate) fn in_path(value: &str, slashes: bool) -> Result<Vec<String>, &'static str> {
    if value.is_empty() || value.len() > 1024 {
        return Err("must be 1 to 1024 characters");
    }
    let steps = value.split(['/', '\\']).any(|part| part == "." || part == "..");
    if steps || value.chars().any(char::is_control) {
        return Err("must have no `.` or `..` as a part of it and no control characters");
    }
    if !slashes {
        return Ok(vec![value.to_owned()]);
    }
    let parts: Vec<String> = value.trim_matches('/').split('/').map(str::to_owned).collect();
    if parts.iter().any(String::is_empty) {
        return Err("must have something between its slashes");
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use muster_domain::connectors::Limits;
    use serde_json::json;
    use std::time::Duration;

    const TABLE: &[Endpoint] = &[
        Endpoint::get("things/list", "places/{place}/things", "the things of a place")
            .takes(&[
                Param::text("place", "the place"),
                Param::one_of("state", "", &["old", "new"]),
                Param::commas("labels", "labels"),
                Param::repeated("ids", "ids[]", "ids"),
                Param::number("since", "a number"),
                Param::flag("all", "all of them"),
            ])
            .always(&[("all", "false")])
            .pages(Paging::None, "size", 50),
        Endpoint::get("things/list", "things", "without `place` all things"),
        Endpoint::get("files/get", "files/{path*}", "a file").takes(&[Param::text("path", "where it is")]),
        Endpoint::get("search", "search", "things by words").searches("q", "words"),
    ];

    fn ask(resource: &str, query: &str, params: Value) -> Result<Call> {
        let limits = Limits { rows: 10, bytes: 1000, time: Duration::from_secs(1) };
        let params = params.as_object().expect("an object").clone();
        let query = Query { resource: resource.to_owned(), query: query.to_owned(), params, limits };
        let row = choose(TABLE, resource, &query.params)?;
        explain(TABLE, row, &query.params)?;
        row.call(&query)
    }

    fn refused(resource: &str, query: &str, params: Value) -> (String, String) {
        let error = ask(resource, query, params).expect_err("it is refused");
        (error.field().unwrap_or_default().to_owned(), error.message().to_owned())
    }

    #[test]
    fn params_go_where_the_api_wants_them() {
        let params = json!({"place": "a b/c", "labels": ["x", "y"], "ids": ["1", 2], "since": "7", "limit": 3});
        let call = ask("things/list", "", params).expect("it fits");
        assert_eq!(call.path, ["places", "a b/c", "things"]);
        assert_eq!(call.rows, 3);
        let sent: Vec<String> = call.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(sent, ["ids[]=1", "ids[]=2", "labels=x,y", "since=7", "all=false"]);
        assert_eq!(ask("things/list", "", json!({})).expect("all").path, ["things"]);
        assert_eq!(ask("files/get", "", json!({"path": "/a/b.txt"})).expect("a file").path, ["files", "a", "b.txt"]);
        assert_eq!(ask("search", " x ", json!({})).expect("words").query, [("q".to_owned(), "x".to_owned())]);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_field() {
        let (field, message) = refused("thing", "", json!({}));
        assert_eq!(field, "resource");
        assert!(message.contains("things/list, files/get, search"), "{message}");
        for (resource, query, params, field) in [
            ("", "", json!({}), "resource"),
            ("things/list", "words", json!({}), "query"),
            ("search", "", json!({}), "query"),
            ("search", "x", json!({"limit": 0}), "params.limit"),
            ("search", "x", json!({"other": 1}), "params.other"),
            ("things/list", "", json!({"state": "old"}), "params.place"),
            ("things/list", "", json!({"place": "p", "state": "odd"}), "params.state"),
            ("things/list", "", json!({"place": "p", "since": "x"}), "params.since"),
            ("things/list", "", json!({"place": "p", "all": "yes"}), "params.all"),
            ("things/list", "", json!({"place": {"a": 1}}), "params.place"),
            ("files/get", "", json!({}), "params.path"),
        ] {
            assert_eq!(refused(resource, query, params).0, field, "{resource} {query}");
        }
    }

    #[test]
    fn no_value_climbs_out_of_its_place() {
        for value in ["", ".", "..", "../x", "a/../b", "a\\..\\b", "a\nb"] {
            assert_eq!(refused("things/list", "", json!({"place": value})).0, "params.place", "{value:?}");
            assert_eq!(refused("files/get", "", json!({"path": value})).0, "params.path", "{value:?}");
        }
        assert_eq!(refused("files/get", "", json!({"path": "a//b"})).0, "params.path");
    }

    #[test]
    fn rows_of_one_name_are_one_resource() {
        let told = resources(TABLE);
        assert_eq!(told.len(), 3);
        assert!(told[0].description.contains("Or: without `place` all things"), "{}", told[0].description);
        assert!(told[0].description.contains("place (needed)"), "{}", told[0].description);
    }
}
