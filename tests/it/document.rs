//! The server's own description of its API, as tests walk it.

use muster_testkit::{Answer, Client};
use serde_json::Value;

/// One operation of `/openapi.json`.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// `GET`, ...
    pub(crate) method: String,
    /// With its parameters in braces.
    pub(crate) path: String,
    /// hosting, orgs, mission or network.
    pub(crate) surface: String,
    /// The least role; `None` is public.
    pub(crate) role: Option<String>,
    /// The scope that it needs.
    pub(crate) scope: Option<String>,
    /// The status of its success.
    pub(crate) success: u16,
    /// Whether it takes a JSON body, and must get one.
    pub(crate) body: Option<bool>,
    /// The names and JSON types of the body's properties.
    pub(crate) properties: Vec<(String, Value)>,
    /// The names of its query parameters.
    pub(crate) query: Vec<String>,
    /// Whether its answer does not end.
    pub(crate) streams: bool,
}

impl Operation {
    /// Method and path.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether its path names something besides the org.
    pub(crate) fn has_id(&self) -> bool {
        self.path.replace("{org}", "").contains('{')
    }

    /// Its path with the org and every other parameter filled in.
    pub(crate) fn path_with(&self, org: &str, id: &str) -> String {
        let path = self.path.replace("{org}", org);
        let mut filled = String::new();
        for (number, part) in path.split(['{', '}']).enumerate() {
            filled.push_str(if number % 2 == 1 { id } else { part });
        }
        filled
    }

    /// Its path as its surface has it: one that several have is described under each one's own prefix.
    pub(crate) fn plain_path(&self) -> &str {
        self.path.strip_prefix(&format!("/{}", self.surface)).unwrap_or(&self.path)
    }
}

/// A path without the names of its parameters, which are nobody's promise.
pub(crate) fn shape(path: &str) -> String {
    path.split(['{', '}']).enumerate().map(|(number, part)| if number % 2 == 1 { "{}" } else { part }).collect()
}

/// Every operation that the server describes.
pub(crate) async fn operations(client: &Client) -> Vec<Operation> {
    let document = client.get("/openapi.json").await.expect(200);
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, described) in methods.as_object().expect("methods") {
            all.push(operation(&document, method, path, described));
        }
    }
    assert!(all.len() > 30, "the document is suspiciously short");
    all
}

fn operation(document: &Value, method: &str, path: &str, described: &Value) -> Operation {
    let word = |name: &str| described[name].as_str().filter(|word| *word != "public").map(str::to_owned);
    let responses = described["responses"].as_object().expect("responses");
    // One that may stream has a second success, 200.
    let success = responses
        .keys()
        .filter_map(|status| status.parse().ok())
        .filter(|status| *status == 101 || (200..300).contains(status))
        .max();
    let schema = &described["requestBody"]["content"]["application/json"]["schema"];
    let content = &responses[&success.map(|status: u16| status.to_string()).unwrap_or_default()]["content"];
    let query = described["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "query");
    Operation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        surface: described["tags"][0].as_str().expect("a tag").to_owned(),
        role: word("x-muster-role"),
        scope: word("x-muster-scope"),
        success: success.unwrap_or_else(|| panic!("{method} {path} describes no success")),
        body: schema.is_object().then(|| described["requestBody"]["required"] == true),
        properties: properties(document, schema),
        streams: content["text/event-stream"].is_object() && !content["application/json"].is_object(),
        query: query.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned)).collect(),
    }
}

fn properties(document: &Value, schema: &Value) -> Vec<(String, Value)> {
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).expect("what is referred to is there"),
        None => schema,
    };
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties.map(|(name, property)| (name.clone(), property["type"].clone())).collect()
}

/// Checks that an error is in its surface's own shape, and carries the id of the request.
#[track_caller]
pub(crate) fn in_shape(surface: &str, what: &str, answer: &Answer) {
    let body = answer.json();
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let right = match surface {
        "hosting" => {
            body["success"] == false
                && is_text(&body["error"]["code"])
                && is_text(&body["error"]["message"])
                && is_text(&body["meta"]["request_id"])
        }
        "orgs" => body["statusCode"] == answer.status && is_text(&body["code"]) && is_text(&body["message"]),
        _ => is_text(&body["error"]),
    };
    assert!(right, "{what} answers {} in another shape than {surface}'s: {}", answer.status, answer.text);
    assert!(!answer.header("x-request-id").is_empty(), "{what}: no x-request-id");
}
