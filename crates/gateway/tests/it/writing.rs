use crate::support::{Place, change, map, refused};
use muster_base::Kind;
use muster_domain::gateway::{EntryChange, Gateway, REDACTED, UNREADABLE};
use muster_gateway::GatewayFile;
use serde_json::json;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

const TEXT: &str =
    "// ours\n{\n  agents: {\n    list: [\n      { id: 'ann', model: 'a/b' }, // first\n    ],\n  },\n}\n";

#[tokio::test]
async fn what_an_agent_is_told_to_be_goes_into_its_entry() {
    let place = Place::with("{}");
    let config = json!({"model": {"primary": "a/b"}, "tools": ["read", "write"], "sandbox": {"mode": "all"}, "workspace": "~/ben",
        "identity": {"emoji": "!", "name": "ignored"}, "subagents": {"allowAgents": ["ann"]}, "memorySearch": {"enabled": true},
        "default": true, "openclawId": "ben", "temperature": 1, "skills": ["x"], "heartbeat": null});
    place.put("ben", config).await.unwrap();
    let expected = json!({"agents": {"list": [{"id": "ben", "name": "BEN", "identity": {"emoji": "!", "name": "BEN", "theme": "tester"},
        "model": {"primary": "a/b"}, "workspace": "~/ben", "tools": {"allow": ["read", "write"]}, "sandbox": {"mode": "all"},
        "subagents": {"allowAgents": ["ann"]}, "memorySearch": {"enabled": true}, "skills": ["x"]}]}});
    assert_eq!(json5::from_str::<serde_json::Value>(&place.text()).unwrap(), expected);
    let entry = place.entries().await.remove(0);
    assert_eq!((entry.id.as_str(), entry.name.as_str(), entry.role.as_str()), ("ben", "BEN", "tester"));
}

#[tokio::test]
async fn an_entry_that_is_there_keeps_what_the_change_does_not_name() {
    let place = Place::with(
        "{agents: {list: [{id: 'Ann', name: 'x', identity: {name: 'ANN', theme: 'tester', emoji: '!'}, model: {primary: 'a', fallbacks: ['b']}, tools: {allow: ['x'], deny: ['y']}, other: .5}]}}",
    );
    place.put("ann", json!({"model": "c", "tools": ["z"]})).await.unwrap();
    let expected = "{agents: {list: [{id: 'Ann', name: 'x', identity: {name: 'ANN', theme: 'tester', emoji: '!'}, model: {primary: 'c', fallbacks: ['b']}, tools: {allow: ['z'], deny: ['y']}, other: .5}]}}";
    assert_eq!(place.text(), expected);
}

#[tokio::test]
async fn writing_what_is_there_already_does_not_touch_the_file() {
    let place = Place::with(
        "{agents: {list: [{id: 'ann', name: 'ANN', identity: {theme: 'tester'}, memorySearch: {remote: {apiKey: 'sk-secret'}}}]}}",
    );
    let before = std::fs::metadata(place.config()).unwrap();
    let config = place.entries().await.remove(0).config;
    assert_eq!(config["memorySearch"]["remote"]["apiKey"], REDACTED);
    place.file.write(EntryChange { config, ..change("ann", json!({})) }).await.unwrap();
    let after = std::fs::metadata(place.config()).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
}

#[tokio::test]
async fn a_secret_survives_a_change_beside_it() {
    let place = Place::with("{agents: {list: [{id: 'ann', memorySearch: {remote: {apiKey: 'sk-secret'}}}]}}");
    let config =
        json!({"memorySearch": {"enabled": true, "remote": {"apiKey": REDACTED, "baseUrl": "https://example.com"}}});
    place.put("ann", config).await.unwrap();
    assert!(place.text().contains("apiKey: 'sk-secret'") && place.text().contains("baseUrl: 'https://example.com'"));
    assert!(!place.text().contains(REDACTED));
}

#[tokio::test]
async fn a_role_that_is_cut_from_a_longer_theme_leaves_the_theme() {
    let theme = "t".repeat(200);
    let place =
        Place::with(&format!("{{agents: {{list: [{{id: 'ann', name: 'ANN', identity: {{theme: '{theme}'}}}}]}}}}"));
    let role = place.entries().await.remove(0).role;
    place.file.write(EntryChange { role: Some(role), ..change("ann", json!({})) }).await.unwrap();
    assert!(place.text().contains(&theme));
}

#[tokio::test]
async fn what_has_no_place_in_an_entry_is_refused_by_name() {
    for (config, field) in [
        (json!({"sandbox": "all"}), "config.sandbox"),
        (json!({"tools": "all"}), "config.tools"),
        (json!({"model": 1}), "config.model"),
        (json!({"workspace": ["x"]}), "config.workspace"),
        (json!({"workspace": "a\nb"}), "config.workspace"),
        (json!({"identity": []}), "config.identity"),
        (json!({"subagents": true}), "config.subagents"),
        (json!({"memorySearch": 1}), "config.memorySearch"),
    ] {
        let place = Place::with(TEXT);
        let error = refused(place.put("ben", config).await);
        assert_eq!((error.kind(), error.field()), (Kind::Invalid, Some(field)));
        assert_eq!(place.text(), TEXT);
    }
}

#[tokio::test]
async fn a_file_that_does_not_parse_is_left_alone() {
    for (text, place_of) in [
        ("{agents: {list: [}}", "line 1, column 18"),
        ("{agents: {list: [{}]}}", "line 1, column 18"),
        ("", "line 1, column 1"),
    ] {
        let place = Place::with(text);
        let error = refused(place.put("ben", json!({})).await);
        assert_eq!(error.code(), UNREADABLE);
        assert!(error.message().contains(place_of), "{error}");
        assert_eq!(place.text(), text);
        assert!(place.left_over().is_empty());
    }
}

#[tokio::test]
async fn a_missing_file_is_made_for_its_owner_only() {
    let place = Place::empty();
    place.put("ben", json!({})).await.unwrap();
    assert_eq!(place.ids().await, ["ben"]);
    assert_eq!(std::fs::metadata(place.config()).unwrap().mode() & 0o7777, 0o600);
    assert!(place.left_over().is_empty());
    let nowhere = GatewayFile::new(place.path("no/such/openclaw.json"), None);
    assert_eq!(refused(nowhere.write(change("ben", json!({}))).await).kind(), Kind::Conflict);
}

#[tokio::test]
async fn mode_and_owner_stay() {
    let place = Place::with(TEXT);
    let mine = std::fs::metadata(place.config()).unwrap();
    // Root may give files away; others can only check that theirs stays theirs.
    let given = std::os::unix::fs::chown(place.config(), Some(12_345), Some(54_321)).is_ok();
    std::fs::set_permissions(place.config(), Permissions::from_mode(0o640)).unwrap();
    place.put("ben", json!({})).await.unwrap();
    let after = std::fs::metadata(place.config()).unwrap();
    let owner = if given { (12_345, 54_321) } else { (mine.uid(), mine.gid()) };
    assert_eq!((after.uid(), after.gid(), after.mode() & 0o7777), (owner.0, owner.1, 0o640));
    assert_ne!(after.ino(), mine.ino(), "it was replaced, not overwritten");
}

#[tokio::test]
async fn a_link_stays_a_link_and_its_file_is_replaced() {
    let place = Place::empty();
    std::fs::create_dir(place.path("real")).unwrap();
    std::fs::write(place.path("real/config.json5"), TEXT).unwrap();
    symlink("middle", place.config()).unwrap();
    symlink(place.path("real/config.json5"), place.path("middle")).unwrap();
    place.put("ben", json!({})).await.unwrap();
    assert!(std::fs::symlink_metadata(place.config()).unwrap().is_symlink());
    let text = std::fs::read_to_string(place.path("real/config.json5")).unwrap();
    assert!(text.contains("id: 'ben'") && text.contains("// first"), "{text}");
    assert_eq!(place.ids().await, ["ann", "ben"]);
    std::fs::create_dir(place.path("real/work")).unwrap();
    std::fs::write(place.path("real/work/soul.md"), "Calm.").unwrap();
    place.put("ben", json!({"workspace": "work"})).await.unwrap();
    assert_eq!(place.entries().await[1].soul.as_deref(), Some("Calm."), "relative to the file, not to the link");
}

#[tokio::test]
async fn links_in_a_circle_are_refused() {
    let place = Place::empty();
    symlink("other", place.config()).unwrap();
    symlink("openclaw.json", place.path("other")).unwrap();
    assert_eq!(refused(place.file.read().await).kind(), Kind::Conflict);
    assert_eq!(refused(place.put("ben", json!({})).await).kind(), Kind::Conflict);
}

#[tokio::test]
async fn a_config_with_nothing_in_it_makes_a_bare_entry() {
    let place = Place::with(TEXT);
    let bare = EntryChange { role: None, config: map(json!({})), ..change("ben", json!({})) };
    place.file.write(bare).await.unwrap();
    let expected = TEXT.replace(
        "// first\n",
        "// first\n      {\n        id: 'ben',\n        name: 'BEN',\n        identity: {\n          name: 'BEN',\n        },\n      },\n",
    );
    assert_eq!(place.text(), expected);
}
