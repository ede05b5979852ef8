//! Admits filters and pipelines that read, and nothing that runs code or writes.

use mongodb::bson::{Bson, Document};
use muster_base::{Error, Result};

/// What runs JavaScript on the server, or writes.
/// <https://www.mongodb.com/docs/manual/core/server-side-javascript/>
const FORBIDDEN: &[&str] = &["$where", "$function", "$accumulator", "$out", "$merge"];

/// Stages that read. <https://www.mongodb.com/docs/manual/reference/mql/aggregation-stages/>
const STAGES: &[&str] = &[
    "$addFields",
    "$bucket",
    "$bucketAuto",
    "$collStats",
    "$count",
    "$densify",
    "$facet",
    "$fill",
    "$geoNear",
    "$graphLookup",
    "$group",
    "$indexStats",
    "$limit",
    "$lookup",
    "$match",
    "$project",
    "$rankFusion",
    "$redact",
    "$replaceRoot",
    "$replaceWith",
    "$sample",
    "$scoreFusion",
    "$search",
    "$searchMeta",
    "$set",
    "$setWindowFields",
    "$skip",
    "$sort",
    "$sortByCount",
    "$unionWith",
    "$unset",
    "$unwind",
    "$vectorSearch",
];

/// The deepest that documents may nest; the server has a limit as well.
const DEEPEST: usize = 60;

/// Refuses a document with an operator that does more than read, however deep it is.
///
/// Errors: `invalid` with `field`.
pub(super) fn reads(field: &str, document: &Document) -> Result<()> {
    document.iter().try_for_each(|(name, value)| {
        named(field, name)?;
        within(field, value, 0)
    })
}

fn within(field: &str, value: &Bson, depth: usize) -> Result<()> {
    if depth > DEEPEST {
        return Err(Error::invalid(field, "is nested too deeply"));
    }
    match value {
        Bson::Document(inner) => inner.iter().try_for_each(|(name, value)| {
            named(field, name)?;
            within(field, value, depth + 1)
        }),
        Bson::Array(values) => values.iter().try_for_each(|value| within(field, value, depth + 1)),
        Bson::JavaScriptCode(_) | Bson::JavaScriptCodeWithScope(_) => {
            Err(Error::invalid(field, "must not have JavaScript in it"))
        }
        Bson::DbPointer(_) => Err(Error::invalid(field, "must not have a pointer to another database in it")),
        _ => Ok(()),
    }
}

fn named(field: &str, name: &str) -> Result<()> {
    if FORBIDDEN.iter().any(|forbidden| name.eq_ignore_ascii_case(forbidden)) {
        return Err(Error::invalid(field, format!("must not have {name}: it writes or runs code")));
    }
    Ok(())
}

/// Admits a pipeline: every stage of it, and of the pipelines in it, is known to read.
///
/// Errors: `invalid` with `field`.
pub(super) fn pipeline(field: &str, stages: &[Document]) -> Result<()> {
    for stage in stages {
        let Some((name, body)) = stage.iter().next().filter(|_| stage.len() == 1) else {
            return Err(Error::invalid(field, "must have stages with one operator each, such as {\"$match\": {}}"));
        };
        reads(field, stage)?;
        if !STAGES.contains(&name.as_str()) {
            return Err(Error::invalid(
                field,
                format!("must not have the stage {name}; those that read are {}", STAGES.join(", ")),
            ));
        }
        if let Some(from) = other_collection(name, body) {
            collection(field, from)?;
        }
        inner(field, name, body)?;
    }
    Ok(())
}

/// The collection that a stage reads besides.
fn other_collection<'a>(stage: &str, body: &'a Bson) -> Option<&'a str> {
    match (stage, body) {
        ("$unionWith", Bson::String(name)) => Some(name),
        ("$unionWith", Bson::Document(body)) => body.get_str("coll").ok(),
        ("$lookup" | "$graphLookup", Bson::Document(body)) => {
            let named = body.get_str("from").ok();
            named.or_else(|| body.get_document("from").ok().and_then(|from| from.get_str("coll").ok()))
        }
        _ => None,
    }
}

/// The pipelines in a stage.
fn inner(field: &str, stage: &str, body: &Bson) -> Result<()> {
    let Bson::Document(body) = body else { return Ok(()) };
    match stage {
        "$lookup" | "$unionWith" => body.get("pipeline").map_or(Ok(()), |inner| nested(field, inner)),
        "$facet" => body.values().try_for_each(|inner| nested(field, inner)),
        "$rankFusion" | "$scoreFusion" => {
            let pipelines = body.get_document("input").ok().and_then(|input| input.get_document("pipelines").ok());
            pipelines.map_or(Ok(()), |pipelines| pipelines.values().try_for_each(|inner| nested(field, inner)))
        }
        _ => Ok(()),
    }
}

fn nested(field: &str, stages: &Bson) -> Result<()> {
    let list =
        stages.as_array().ok_or_else(|| Error::invalid(field, "must have lists of stages as inner pipelines"))?;
    let stages: Option<Vec<Document>> = list.iter().map(|stage| stage.as_document().cloned()).collect();
    pipeline(field, &stages.ok_or_else(|| Error::invalid(field, "must have documents as stages"))?)
}

/// Admits the name of a collection. Those of the system hold users and their keys.
pub(super) fn collection(field: &str, name: &str) -> Result<()> {
    if name.is_empty() || name.len() > 235 || name.contains(['$', '\0']) {
        return Err(Error::invalid(field, "must be the name of a collection"));
    }
    if name.starts_with("system.") {
        return Err(Error::invalid(field, "must not be a collection of the system"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        serde_json::from_str(text).expect("a document")
    }

    fn stages(text: &str) -> Vec<Document> {
        serde_json::from_str(text).expect("stages")
    }

    #[test]
    fn what_reads_is_admitted() {
        for text in [
            "{}",
            r#"{"state": "open", "age": {"$gt": 7}, "$or": [{"a": 1}, {"b": {"$in": [1, 2]}}]}"#,
            r#"{"$expr": {"$gt": ["$spent", "$budget"]}, "_id": {"$oid": "65a0f1f1f1f1f1f1f1f1f1f1"}}"#,
            r#"{"where": "here", "out": 1, "merge": {"function": 1}}"#,
        ] {
            reads("query", &document(text)).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        let text = r#"[{"$match": {"a": 1}}, {"$lookup": {"from": "b", "pipeline": [{"$match": {}}], "as": "b"}},
                       {"$facet": {"x": [{"$count": "n"}], "y": [{"$sort": {"b": 1}}]}}, {"$unionWith": "c"}]"#;
        pipeline("query", &stages(text)).expect("admitted");
    }

    #[test]
    fn nothing_runs_code_or_writes_however_deep_it_is() {
        for text in [
            r#"{"$where": "sleep(1000)"}"#,
            r#"{"$or": [{"a": 1}, {"$and": [{"$where": "true"}]}]}"#,
            r#"{"a": {"$elemMatch": {"$where": "true"}}}"#,
            r#"{"$expr": {"$function": {"body": "function() {}", "args": [], "lang": "js"}}}"#,
            r#"{"$nor": [{"$WHERE": "true"}]}"#,
            r#"{"a": {"$code": "function() {}"}}"#,
        ] {
            assert_eq!(reads("query", &document(text)).expect_err(text).field(), Some("query"));
        }
        for text in [
            r#"[{"$out": "x"}]"#,
            r#"[{"$merge": {"into": "x"}}]"#,
            r#"[{"$match": {}}, {"$merge": "x"}]"#,
            r#"[{"$facet": {"a": [{"$out": "x"}]}}]"#,
            r#"[{"$lookup": {"from": "b", "pipeline": [{"$out": "x"}], "as": "b"}}]"#,
            r#"[{"$unionWith": {"coll": "b", "pipeline": [{"$merge": "x"}]}}]"#,
            r#"[{"$unionWith": {"coll": "b", "pipeline": [{"$currentOp": {}}]}}]"#,
            r#"[{"$group": {"_id": 1, "n": {"$accumulator": {"init": "function() {}"}}}}]"#,
            r#"[{"$project": {"a": {"$cond": [true, {"$function": {"body": "x"}}, 1]}}}]"#,
            r#"[{"$match": {"$where": "true"}}]"#,
            r#"[{"$currentOp": {}}]"#,
            r#"[{"$listSessions": {}}]"#,
            r#"[{"$changeStream": {}}]"#,
            r#"[{"$planCacheStats": {}}]"#,
            r#"[{"$lookup": {"from": "system.users", "as": "u"}}]"#,
            r#"[{"$unionWith": "system.users"}]"#,
            r#"[{"$unionWith": {"coll": "system.profile"}}]"#,
            r#"[{"$lookup": {"from": {"db": "admin", "coll": "system.users"}, "as": "u"}}]"#,
            r#"[{"$match": {}, "$out": "x"}]"#,
            "[{}]",
        ] {
            assert_eq!(pipeline("query", &stages(text)).expect_err(text).field(), Some("query"));
        }
        for name in ["", "system.users", "a$b", "$cmd"] {
            assert_eq!(collection("resource", name).expect_err(name).field(), Some("resource"));
        }
    }

    #[test]
    fn nesting_has_an_end() {
        let deep = format!("{}1{}", r#"{"a": "#.repeat(70), "}".repeat(70));
        assert_eq!(reads("query", &document(&deep)).expect_err("too deep").field(), Some("query"));
    }
}
