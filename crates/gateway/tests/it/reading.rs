use crate::support::{Place, map, refused};
use muster_base::Kind;
use muster_domain::gateway::{Entry, Gateway, REDACTED, UNREADABLE};
use serde_json::{Value, json};

#[tokio::test]
async fn names_roles_and_souls_come_from_where_the_file_says_them() {
    let place = Place::with(
        "{ agents: { list: [
            { id: 'main', default: true, name: 'Ben', workspace: 'work', identity: { name: ' Ann ', theme: 'writer', emoji: '!' } },
            { id: 'two', name: 'Cem', model: { primary: 'a/b', fallbacks: ['c'] }, identity: { name: '', theme: '  ' } },
            { id: 'three', name: null, model: 'x/y', tools: { allow: ['read'] }, custom: [1] },
        ] } }",
    );
    std::fs::create_dir(place.path("work")).unwrap();
    std::fs::write(place.path("work/soul.md"), "Be kind.").unwrap();
    let entry = |id: &str, name: &str, role: &str, config: Value| Entry {
        id: id.to_owned(),
        name: name.to_owned(),
        role: role.to_owned(),
        soul: None,
        config: map(config),
        warning: None,
    };
    let first = json!({"openclawId": "main", "default": true, "workspace": "work",
        "identity": {"name": " Ann ", "theme": "writer", "emoji": "!"}});
    let expected = [
        Entry { soul: Some("Be kind.".to_owned()), ..entry("main", "Ann", "writer", first) },
        entry(
            "two",
            "Cem",
            "agent",
            json!({"openclawId": "two", "model": {"primary": "a/b", "fallbacks": ["c"]},
            "identity": {"name": "", "theme": "  "}}),
        ),
        entry(
            "three",
            "three",
            "agent",
            json!({"openclawId": "three", "model": "x/y", "tools": {"allow": ["read"]}, "custom": [1]}),
        ),
    ];
    assert_eq!(place.entries().await, expected);
}

#[tokio::test]
async fn a_file_without_a_list_lists_nobody() {
    for text in [
        "{}",
        "{agents: {}}",
        "{agents: null, port: 1}",
        "{agents: {defaults: {}, list: []}}",
        "{agents: {list: null}}",
    ] {
        assert_eq!(Place::with(text).entries().await, [], "{text}");
    }
}

#[tokio::test]
async fn secrets_stay_in_the_file() {
    let place = Place::with(
        "{agents: {list: [{id: 'a', memorySearch: {remote: {apiKey: 'sk-secret'}}, sandbox: {docker: {env: {TOKEN: 's', LANG: 'C'}}}}]}}",
    );
    let config = place.entries().await.remove(0).config;
    assert_eq!(config["memorySearch"]["remote"]["apiKey"], REDACTED);
    assert_eq!(config["sandbox"]["docker"]["env"], json!({"TOKEN": REDACTED, "LANG": "C"}));
}

#[tokio::test]
async fn long_names_are_cut_and_kept_on_one_line() {
    let place = Place::with(
        &json!({"agents": {"list": [{"id": "a", "name": format!("x\ny{}", "z".repeat(200)),
        "identity": {"theme": "t".repeat(200)}}]}})
        .to_string(),
    );
    let entry = place.entries().await.remove(0);
    assert_eq!(entry.name, format!("x y{}", "z".repeat(97)));
    assert_eq!(entry.role, "t".repeat(100));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_line_and_column() {
    let at = "the gateway file openclaw.json, line";
    for (text, expected) in [
        (
            "{\n  agents: {\n    list: [\n      { id: 'a' }\n      { id: 'b' }",
            format!("{at} 5, column 7: expected `,` or `]`, found `{{`"),
        ),
        ("", format!("{at} 1, column 1: expected a value, found the end of the text")),
        ("[]", format!("{at} 1, column 1: must be an object, not a list")),
        ("{\n agents: []}", format!("{at} 2, column 10: agents: must be an object, not a list")),
        ("{agents: {list: {}}}", format!("{at} 1, column 17: agents.list: must be a list, not an object")),
        ("{agents: {list: ['a']}}", format!("{at} 1, column 18: agents.list[0]: must be an object, not a text")),
        ("{agents: {list: [{name: 'a'}]}}", format!("{at} 1, column 18: agents.list[0].id: is required")),
        ("{agents: {list: [{id: ' '}]}}", format!("{at} 1, column 18: agents.list[0].id: is required")),
        ("{agents: {list: [{id: 1}]}}", format!("{at} 1, column 23: agents.list[0].id: must be a text, not a number")),
        (
            "{agents: {list: [{id: 'a', identity: {name: 1}}]}}",
            format!("{at} 1, column 45: agents.list[0].identity.name: must be a text, not a number"),
        ),
        (
            "{agents: {list: [{id: 'a', identity: 'x'}]}}",
            format!("{at} 1, column 38: agents.list[0].identity: must be an object, not a text"),
        ),
        (
            "{agents: {list: [{id: 'a', workspace: []}]}}",
            format!("{at} 1, column 39: agents.list[0].workspace: must be a text, not a list"),
        ),
        (
            "{agents: {list: [{id: 'a', model: 1}]}}",
            format!("{at} 1, column 35: agents.list[0].model: must be a text or an object, not a number"),
        ),
        (
            "{agents: {list: [{id: 'a', model: {primary: {}}}]}}",
            format!("{at} 1, column 45: agents.list[0].model.primary: must be a text, not an object"),
        ),
        (
            "{agents: {list: [{id: 'Ann'},\n{id: 'ann'}]}}",
            format!("{at} 2, column 1: agents.list[1].id: a gateway takes `ann` and the id of agents.list[0] for one"),
        ),
        (
            "{agents: {$include: './x.json5'}}",
            format!(
                "{at} 1, column 11: agents.list is not in this file, and files that it includes are not read; move the list here"
            ),
        ),
    ] {
        let error = refused(Place::with(text).file.read().await);
        assert_eq!((error.code(), error.message()), (UNREADABLE, expected.as_str()), "{text}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_text_or_too_large_is_refused() {
    let place = Place::empty();
    std::fs::write(place.config(), b"{\n a: '\xff'}").unwrap();
    let error = refused(place.file.read().await);
    assert_eq!(error.message(), "the gateway file openclaw.json, line 2, column 6: is not UTF-8");
    place.write(&format!("{{a: '{}'}}", "x".repeat(4 * 1024 * 1024)));
    let error = refused(place.file.read().await);
    assert_eq!(
        (error.code(), error.message()),
        (UNREADABLE, "the gateway file openclaw.json has more than 4194304 bytes")
    );
    let many: Vec<Value> = (0..1001).map(|number| json!({"id": format!("a{number}")})).collect();
    place.write(&json!({"agents": {"list": many}}).to_string());
    assert!(refused(place.file.read().await).message().ends_with("agents.list has more than 1000 entries"));
}

#[tokio::test]
async fn a_missing_file_says_what_to_set() {
    let error = refused(Place::empty().file.read().await);
    let expected = "the gateway file openclaw.json is not there; set MUSTER_GATEWAY_CONFIG to the gateway's file";
    assert_eq!((error.kind(), error.message()), (Kind::Conflict, expected));
    let place = Place::empty();
    std::fs::create_dir(place.config()).unwrap();
    assert_eq!(refused(place.file.read().await).kind(), Kind::Conflict);
}
