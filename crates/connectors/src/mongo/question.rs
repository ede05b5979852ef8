//! What is asked of a collection, as a caller writes it.

use super::guard;
use crate::params::{Params, wrong};
use mongodb::bson::{Bson, Document};
use muster_base::{Error, Result};
use muster_domain::connectors::Query;
use serde_json::Value;

/// A question that reads.
#[derive(Debug, PartialEq)]
pub(super) enum Question {
    /// Documents by a filter.
    Find(Box<Find>),
    /// What a pipeline makes of the documents.
    Aggregate(Vec<Document>),
}

/// A filter, and what is wanted of the documents that it matches.
#[derive(Debug, PartialEq)]
pub(super) struct Find {
    pub(super) filter: Document,
    pub(super) projection: Option<Document>,
    pub(super) sort: Option<Document>,
    pub(super) skip: Option<u64>,
}

impl Question {
    /// Reads it; its order of fields is kept where it is text.
    ///
    /// Errors: `invalid` with `query` or `params.x`.
    pub(super) fn read(query: &Query) -> Result<Self> {
        let text = query.query.trim();
        let mut params = Params::new(&query.params);
        let _ = params.value("limit");
        let given = params.value("pipeline");
        if given.is_some() || text.starts_with('[') {
            params.finish()?;
            return Self::aggregate(text, given);
        }
        let filter = if text.is_empty() { Document::new() } else { document("query", text)? };
        guard::reads("query", &filter)?;
        let projection = params.value("projection").map(|value| object("projection", &value)).transpose()?;
        if let Some(projection) = &projection {
            guard::reads("params.projection", projection)?;
        }
        let sort = params.value("sort").map(|value| order(&value)).transpose()?;
        if let Some(sort) = &sort {
            guard::reads("params.sort", sort)?;
        }
        let skip = params.whole("skip", 0, i64::MAX)?.map(|skip| skip as u64);
        params.finish()?;
        Ok(Self::Find(Box::new(Find { filter, projection, sort, skip })))
    }

    fn aggregate(text: &str, given: Option<Value>) -> Result<Self> {
        let (field, stages) = match given {
            Some(_) if !text.is_empty() => {
                return Err(Error::invalid(
                    "query",
                    "must be empty when there is a pipeline; put a $match stage first",
                ));
            }
            Some(Value::String(text)) => ("params.pipeline", stages("params.pipeline", &text)?),
            Some(value) => ("params.pipeline", stages("params.pipeline", &value.to_string())?),
            None => ("query", stages("query", text)?),
        };
        guard::pipeline(field, &stages)?;
        if field == "params.pipeline" && stages.iter().any(sorts_by_several) {
            let problem = "must be text when it sorts by several fields, as their order counts; give it as the query";
            return Err(Error::invalid(field, problem));
        }
        Ok(Self::Aggregate(stages))
    }
}

/// A JSON object has no order of its own.
fn sorts_by_several(stage: &Document) -> bool {
    stage.get_document("$sort").is_ok_and(|sort| sort.len() > 1)
}

fn document(field: &str, text: &str) -> Result<Document> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::invalid(
            field,
            format!("must be a JSON object, e.g. {{\"state\": \"open\"}}; it cannot be read at {place}"),
        )
    })
}

fn stages(field: &str, text: &str) -> Result<Vec<Document>> {
    serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Error::invalid(
            field,
            format!("must be a list of stages, e.g. [{{\"$match\": {{}}}}]; it cannot be read at {place}"),
        )
    })
}

/// An object, or its text.
fn object(name: &str, value: &Value) -> Result<Document> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Object(_) => value.to_string(),
        _ => return Err(wrong(name, "must be an object, e.g. {\"name\": 1}")),
    };
    document(&format!("params.{name}"), &text)
}

/// `name`, `-created`, `[\"name\", \"-created\"]`, `{\"created\": -1}`, or a list of such.
fn order(value: &Value) -> Result<Document> {
    let mut sort = Document::new();
    match value {
        Value::String(text) if text.trim_start().starts_with('{') => return object("sort", value),
        Value::String(text) => text.split(',').try_for_each(|name| put(&mut sort, &Value::String(name.to_owned())))?,
        Value::Array(names) => names.iter().try_for_each(|name| put(&mut sort, name))?,
        Value::Object(fields) if fields.len() > 1 => {
            return Err(wrong(
                "sort",
                "must be a list when it has several fields, as their order counts: [\"name\", \"-created\"]",
            ));
        }
        other => put(&mut sort, other)?,
    }
    Ok(sort)
}

fn put(sort: &mut Document, value: &Value) -> Result<()> {
    match value {
        Value::String(name) => {
            let name = name.trim();
            let (name, direction) = name.strip_prefix('-').map_or((name, 1), |name| (name, -1));
            if name.is_empty() {
                return Err(wrong("sort", "must have names of fields"));
            }
            sort.insert(name, Bson::Int32(direction));
        }
        Value::Object(_) => sort.extend(object("sort", value)?),
        _ => return Err(wrong("sort", "must be a field's name, with - in front for descending, or a list of these")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use mongodb::bson::doc;
    use muster_domain::connectors::Limits;
    use serde_json::json;
    use std::time::Duration;

    fn read(query: &str, params: Value) -> Result<Question> {
        let limits = Limits { rows: 10, bytes: 1000, time: Duration::from_secs(1) };
        let params = params.as_object().expect("an object").clone();
        Question::read(&Query { resource: "orders".to_owned(), query: query.to_owned(), params, limits })
    }

    /// By what is sorted, and in which direction: the server takes numbers of either width.
    fn sorted(sort: Value) -> Vec<(String, i64)> {
        let Question::Find(find) = read("", json!({"sort": sort})).expect("a question") else { panic!("a filter") };
        let sort = find.sort.expect("it is sorted");
        let direction = |value: &Bson| match value {
            Bson::Int32(direction) => i64::from(*direction),
            Bson::Int64(direction) => *direction,
            other => panic!("{other}"),
        };
        sort.iter().map(|(field, value)| (field.clone(), direction(value))).collect()
    }

    fn order(fields: &[(&str, i64)]) -> Vec<(String, i64)> {
        fields.iter().map(|(field, direction)| ((*field).to_owned(), *direction)).collect()
    }

    #[test]
    fn filters_are_extended_json_in_their_order() {
        let found = read(
            r#"{"z": 1, "a": {"$gte": {"$date": "2026-01-31T00:00:00Z"}}, "_id": {"$oid": "65a0f1f1f1f1f1f1f1f1f1f1"}}"#,
            json!({"projection": {"z": 1}, "skip": "5", "limit": 3}),
        );
        let Question::Find(find) = found.expect("a question") else { panic!("a filter") };
        let Find { filter, projection, skip, .. } = *find;
        assert_eq!(filter.keys().collect::<Vec<_>>(), ["z", "a", "_id"]);
        assert!(matches!(filter.get_document("a").expect("it is one").get("$gte"), Some(Bson::DateTime(_))));
        assert!(matches!(filter.get("_id"), Some(Bson::ObjectId(_))));
        assert_eq!((projection, skip), (Some(doc! {"z": 1}), Some(5)));
    }

    #[test]
    fn sorting_keeps_its_order() {
        assert_eq!(sorted(json!("-b,a")), order(&[("b", -1), ("a", 1)]));
        assert_eq!(sorted(json!(["b", {"a": -1}])), order(&[("b", 1), ("a", -1)]));
        assert_eq!(sorted(json!({"b": -1})), order(&[("b", -1)]));
        assert_eq!(sorted(json!("{\"b\": -1, \"a\": 1}")), order(&[("b", -1), ("a", 1)]));
        let error = read("", json!({"sort": {"b": 1, "a": 1}})).expect_err("no order");
        assert_eq!(error.field(), Some("params.sort"));
    }

    #[test]
    fn pipelines_come_as_the_query_or_as_a_param() {
        let expected = Question::Aggregate(vec![doc! {"$sort": {"b": 1, "a": 1}}, doc! {"$limit": 2}]);
        let text = r#"[{"$sort": {"b": 1, "a": 1}}, {"$limit": 2}]"#;
        assert_eq!(read(text, json!({})).expect("a question"), expected);
        assert_eq!(read("", json!({"pipeline": text})).expect_err("no order").field(), Some("params.pipeline"));
        let one = json!([{"$sort": {"b": 1}}]);
        assert_eq!(
            read("", json!({"pipeline": one})).expect("ok"),
            Question::Aggregate(vec![doc! {"$sort": {"b": 1}}])
        );
    }

    #[test]
    fn what_is_no_question_is_refused_by_its_field() {
        for (query, params, field) in [
            ("state = open", json!({}), "query"),
            ("{\"a\": ", json!({}), "query"),
            ("[1]", json!({}), "query"),
            ("{\"$where\": \"1\"}", json!({}), "query"),
            ("{}", json!({"pipeline": []}), "query"),
            ("", json!({"pipeline": [{"$out": "x"}]}), "params.pipeline"),
            ("", json!({"projection": {"a": {"$function": {}}}}), "params.projection"),
            ("", json!({"projection": [1]}), "params.projection"),
            ("", json!({"sort": 1}), "params.sort"),
            ("", json!({"sort": {"$where": 1}}), "params.sort"),
            ("", json!({"skip": -1}), "params.skip"),
            ("", json!({"other": 1}), "params.other"),
            ("[]", json!({"sort": "a"}), "params.sort"),
        ] {
            let error = read(query, params.clone()).expect_err(query);
            assert_eq!(error.field(), Some(field), "{query} {params}");
        }
    }
}
