use super::*;

fn put(text: &str, id: &str, fields: &[(&str, Value)]) -> String {
    let root = parse(text).unwrap_or_else(|fault| panic!("{text}: {}", fault.located(text)));
    put_entry(text, &root, id, fields).unwrap_or_else(|fault| panic!("{}", fault.located(text)))
}

fn ann() -> Vec<(&'static str, Value)> {
    vec![("name", json!("Ann")), ("identity", json!({"name": "Ann", "theme": "writer"})), ("model", json!("a/b"))]
}

/// A file as people write it by hand.
const WRITTEN: &str = "// Ours.\n{\n    // The people\n    agents: {\n        defaults: { workspace: '~/w' }, // for all\n        list: [\n\
    \x20           { id: 'main', default: true, model: 'a/b' }, // the first\n\
    \x20           {\n                id: \"ben\",\n                model: { primary: 'x/y', fallbacks: ['z',], },\n\
    \x20               unknown: 0xFF, /* kept */\n            },\n            // { id: 'old' },\n        ],\n    },\n    channels: {},\n}\n";

#[test]
fn a_new_entry_looks_like_the_rest_and_the_rest_stays() {
    let added = "            // { id: 'old' },\n            {\n                id: 'ann',\n                name: 'Ann',\n                \
        identity: {\n                    name: 'Ann',\n                    theme: 'writer',\n                },\n                model: 'a/b',\n            },\n";
    assert_eq!(put(WRITTEN, "ann", &ann()), WRITTEN.replace("            // { id: 'old' },\n", added));
}

#[test]
fn of_an_entry_only_what_differs_is_touched() {
    let fields =
        [("model", json!({"primary": "n/m"})), ("default", json!(true)), ("tools", json!({"allow": ["read"]}))];
    let edited = put(WRITTEN, "ben", &fields);
    let expected = WRITTEN.replace("'x/y'", "'n/m'").replace(
        "unknown: 0xFF, /* kept */\n",
        "unknown: 0xFF, /* kept */\n                default: true,\n                tools: {\n                    \
         allow: [\n                        'read',\n                    ],\n                },\n",
    );
    assert_eq!(edited, expected);
    assert_eq!(put(&edited, "ben", &fields), edited, "and nothing when nothing differs");
}

#[test]
fn an_entry_on_one_line_stays_on_it() {
    let edited =
        put(WRITTEN, "main", &[("model", json!("n/m")), ("name", json!("It's me")), ("skills", json!(["a", 1]))]);
    let expected = WRITTEN.replace(
        "{ id: 'main', default: true, model: 'a/b' }",
        "{ id: 'main', default: true, model: 'n/m', name: 'It\\'s me', skills: ['a', 1] }",
    );
    assert_eq!(edited, expected);
}

#[test]
fn strict_json_stays_strict_json() {
    let text = "{\r\n\t\"agents\": {\r\n\t\t\"list\": [\r\n\t\t\t{ \"id\": \"main\" }\r\n\t\t]\r\n\t}\r\n}";
    let edited = put(text, "ann", &ann());
    let expected = "{\r\n\t\"agents\": {\r\n\t\t\"list\": [\r\n\t\t\t{ \"id\": \"main\" },\r\n\t\t\t{\r\n\t\t\t\t\"id\": \"ann\",\r\n\t\t\t\t\
        \"name\": \"Ann\",\r\n\t\t\t\t\"identity\": {\r\n\t\t\t\t\t\"name\": \"Ann\",\r\n\t\t\t\t\t\"theme\": \"writer\"\r\n\t\t\t\t},\r\n\t\t\t\t\
        \"model\": \"a/b\"\r\n\t\t\t}\r\n\t\t]\r\n\t}\r\n}";
    assert_eq!(edited, expected);
    let read: Value = serde_json::from_str(&edited).expect("strict JSON");
    assert_eq!(read["agents"]["list"][1]["model"], "a/b");
}

#[test]
fn a_missing_list_is_made_where_it_belongs() {
    let model = [("model", json!("a/b"))];
    for (text, expected) in [
        ("{}", r#"{ "agents": { "list": [{ "id": "ann", "model": "a/b" }] } }"#),
        (r#"{"port":1}"#, r#"{"port":1,"agents":{"list":[{"id":"ann","model":"a/b"}]}}"#),
        ("{port: 1,}", r#"{port: 1, agents: { list: [{ id: "ann", model: "a/b" }] },}"#),
        ("{ agents: {} }", r#"{ agents: { list: [{ id: "ann", model: "a/b" }] } }"#),
        ("{agents: {list: [ ]}}", r#"{agents: {list: [{ id: "ann", model: "a/b" } ]}}"#),
        ("{agents: {list: [{id: 'a'}]}} // end", "{agents: {list: [{id: 'a'}, { id: 'ann', model: 'a/b' }]}} // end"),
        (
            "{\n  port: 1 // no comma\n}\n",
            "{\n  port: 1, // no comma\n  agents: {\n    list: [\n      {\n        id: \"ann\",\n        model: \"a/b\"\n      }\n    ]\n  }\n}\n",
        ),
        (
            "{\n  agents: {\n    list: [ // none\n    ]\n  },\n}",
            "{\n  agents: {\n    list: [ // none\n      {\n        id: \"ann\",\n        model: \"a/b\",\n      }\n    ]\n  },\n}",
        ),
    ] {
        assert_eq!(put(text, "ann", &model), expected, "{text}");
    }
}

#[test]
fn a_new_file_is_plain_json() {
    let text = new_file("ann", &[("name", json!("Ann"))]).expect("written");
    let expected = "{\n  \"agents\": {\n    \"list\": [\n      {\n        \"id\": \"ann\",\n        \"name\": \"Ann\"\n      }\n    ]\n  }\n}\n";
    assert_eq!(text, expected);
}

#[test]
fn of_members_with_one_key_the_one_that_counts_is_changed() {
    let edited = put("{agents: {list: [{id: 'a', model: 'x', 'model': 'y'}]}}", "a", &[("model", json!("z"))]);
    assert_eq!(edited, "{agents: {list: [{id: 'a', model: 'x', 'model': 'z'}]}}");
}

#[test]
fn a_file_of_another_shape_is_refused_with_its_place() {
    for (text, expected) in [
        ("[]", "line 1, column 1: must be an object, not a list"),
        ("{\n agents: 1}", "line 2, column 10: agents must be an object, not a number"),
        ("{agents: {list: {}}}", "line 1, column 17: agents.list must be a list, not an object"),
    ] {
        let root = parse(text).expect("parses");
        assert_eq!(put_entry(text, &root, "a", &[]).expect_err(text).located(text), expected);
    }
}
