//! Making, changing and removing agents.

use crate::support::{World, message, model_call, on_both, refused, seconds, secret};
use muster_base::{Kind, Patch};
use muster_domain::agents::{
    self, AgentChange, AgentSecrets, Definition, FileChange, FileOperation, NewAgent, NewFile, PromptType, SessionMode,
    SlackTokens,
};
use muster_domain::{access, conversations, memory, open_secret, reseal_all, turns};
use muster_store::{KeyRing, args};
use serde_json::{Map, Value, json};

fn object(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

fn file(path: &str, content: &str, encoding: &str) -> NewFile {
    NewFile { path: path.to_owned(), content: content.to_owned(), encoding: encoding.to_owned() }
}

fn configured(value: Value) -> AgentChange {
    AgentChange { configuration: Patch::Value(object(value)), ..AgentChange::default() }
}

#[tokio::test]
async fn a_new_agent_is_as_it_was_asked_for() {
    on_both(async |world| {
        let definition = Definition { system_prompt: Some("be kind".to_owned()), session_mode: SessionMode::Ephemeral, ..Definition::default() };
        let new = NewAgent {
            name: "Ann Ünal".to_owned(),
            description: Some("helps".to_owned()),
            definition,
            configuration: Some(json!({"model": "openai/gpt-4.1", "timeout_seconds": 60, "mcp_servers": {"x": {"url": "https://example.com"}}})),
            balance: Some(77),
            files: vec![file("notes/today.md", "hello", "utf-8"), file("logo.png", "AAEC", "base64")],
            ..NewAgent::default()
        };
        let made = agents::create(&world.ctx(), new).await.expect("makes it");
        assert!(made.id.starts_with("agent-ann-nal-"), "{}", made.id);
        let whole = agents::whole(&world.ctx(), &made.id).await.expect("finds it");
        assert_eq!(whole.agent, made);
        assert_eq!(agents::find(&world.ctx(), &made.id).await.expect("finds it"), made);
        assert_eq!((made.number, made.version, made.balance, made.mcp_server_count), (1, 1, 77, 1));
        assert_eq!((made.model.as_deref(), made.created_at), (Some("openai/gpt-4.1"), world.now()));
        assert_eq!((whole.files.files, whole.files.bytes, whole.files.changed_at), (2, 8, Some(world.now())));
        assert_eq!(agents::file_summary(&world.ctx(), &made.id).await.expect("sums up"), whole.files);
        let definition = agents::load_definition(&world.ctx(), &made).await.expect("loads");
        assert_eq!(definition, whole.definition);
        assert_eq!((definition.system_prompt.as_deref(), definition.session_mode), (Some("be kind"), SessionMode::Ephemeral));
        assert_eq!(definition.configuration.timeout_seconds, 60);
        let second = world.agent("Second").await;
        assert_eq!(second.number, 2);
        let plain = agents::load_definition(&world.ctx(), &second).await.expect("loads");
        assert_eq!((second.balance, plain.configuration.timeout_seconds), (1_000_000, 3600));
        assert_eq!(refused(agents::whole(&world.ctx(), "agent-nobody").await).kind(), Kind::NotFound);
        assert_eq!(refused(agents::definition_at(&world.ctx(), &made.id, 9).await).kind(), Kind::NotFound);
    })
    .await;
}

#[tokio::test]
async fn a_name_is_unique_in_its_org_and_the_error_says_which_field() {
    on_both(async |world| {
        world.agent("Ann").await;
        let bob = world.agent("Bob").await;
        let again = NewAgent { name: "Ann".to_owned(), ..NewAgent::default() };
        let error = refused(agents::create(&world.ctx(), again.clone()).await);
        assert_eq!((error.kind(), error.field()), (Kind::Conflict, Some("name")));
        let rename = AgentChange { name: Patch::Value("Ann".to_owned()), ..AgentChange::default() };
        let error = refused(agents::update(&world.ctx(), &bob.id, rename).await);
        assert_eq!((error.kind(), error.field()), (Kind::Conflict, Some("name")));
        assert!(error.message().contains("`Ann`"), "{error}");
        assert_eq!(world.find(&bob).await.name, "Bob");
        agents::create(&world.ctx_in("other").await, again).await.expect("another org has its own names");
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_with_a_new_agent_is_named_and_nothing_is_half_made() {
    on_both(async |world| {
        let base = || NewAgent { name: "Ann".to_owned(), ..NewAgent::default() };
        let bad_secret = AgentSecrets { openai_api_key: Patch::Value(secret("with space")), ..AgentSecrets::default() };
        let bad_slack = SlackTokens { bot_token: secret(""), signing_secret: None, app_token: None };
        let bad_slack = AgentSecrets { slack_bot_token: Patch::Value(bad_slack), ..AgentSecrets::default() };
        let define = |set: fn(&mut Definition)| {
            let mut definition = Definition::default();
            set(&mut definition);
            definition
        };
        let cases = vec![
            (NewAgent { name: String::new(), ..base() }, "name"),
            (NewAgent { name: " ".to_owned(), ..base() }, "name"),
            (NewAgent { name: "x".repeat(101), ..base() }, "name"),
            (NewAgent { name: "a\nb".to_owned(), ..base() }, "name"),
            (NewAgent { description: Some("x".repeat(501)), ..base() }, "description"),
            (NewAgent { balance: Some(-1), ..base() }, "output_token_balance"),
            (NewAgent { balance: Some(1_000_000_000_001), ..base() }, "output_token_balance"),
            (
                NewAgent { configuration: Some(json!({"timeout_seconds": 0})), ..base() },
                "configuration.timeout_seconds",
            ),
            (NewAgent { definition: define(|d| d.warmth_window_ms = Some(1)), ..base() }, "warmth_window_ms"),
            (NewAgent { definition: define(|d| d.pvc_size = Some("lots".to_owned())), ..base() }, "pvc_size"),
            (
                NewAgent { definition: define(|d| d.system_prompt = Some("x".repeat(400_001))), ..base() },
                "system_prompt",
            ),
            (NewAgent { files: vec![file("../etc/passwd", "x", "utf-8")], ..base() }, "initial_files[0].path"),
            (NewAgent { files: vec![file("/etc/passwd", "x", "utf-8")], ..base() }, "initial_files[0].path"),
            (
                NewAgent { files: vec![file("ok", "x", "utf-8"), file("ok", "?", "base64")], ..base() },
                "initial_files[1].content",
            ),
            (NewAgent { files: vec![file("ok", "x", "latin-1")], ..base() }, "initial_files[0].encoding"),
            (
                NewAgent { files: vec![file("ok", &"x".repeat(1024 * 1024 + 1), "utf-8")], ..base() },
                "initial_files[0].content",
            ),
            (NewAgent { files: vec![file("ok", "x", "utf-8"); 101], ..base() }, "initial_files"),
            (NewAgent { secrets: bad_secret, ..base() }, "openai_api_key"),
            (NewAgent { secrets: bad_slack, ..base() }, "slack_bot_token.bot_token"),
        ];
        for (new, field) in cases {
            assert_eq!(refused(agents::create(&world.ctx(), new).await).field(), Some(field));
        }
        for table in ["agents", "definitions", "agent_files", "secrets", "counters"] {
            assert_eq!(
                world.db.one::<i64>(format!("SELECT count(*) FROM {table}"), vec![]).await.expect("counts"),
                0,
                "{table}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_says_what_it_changes_and_leaves_the_rest() {
    on_both(async |world| {
        let new = NewAgent {
            name: "Ann".to_owned(),
            description: Some("helps".to_owned()),
            configuration: Some(json!({"model": "a/b", "compaction": {"enabled": true, "instructions": "keep"}})),
            ..NewAgent::default()
        };
        let agent = agents::create(&world.ctx(), new).await.expect("makes it");
        world.advance(seconds(1));
        let merged = configured(
            json!({"compaction": {"instructions": null, "model": "c/d"}, "budget": {"max_tool_calls_per_turn": 3}}),
        );
        let changed = agents::update(&world.ctx(), &agent.id, merged).await.expect("changes");
        assert_eq!(
            (changed.version, changed.model.as_deref(), changed.description.as_deref()),
            (2, Some("a/b"), Some("helps"))
        );
        assert_eq!(changed.changed_at, world.now());
        let now = agents::load_definition(&world.ctx(), &changed).await.expect("loads").configuration;
        assert_eq!(serde_json::to_value(&now.compaction).expect("JSON"), json!({"enabled": true, "model": "c/d"}));
        let before = agents::definition_at(&world.ctx(), &agent.id, 1).await.expect("old versions stay").configuration;
        assert_eq!(before.compaction.expect("set").instructions.as_deref(), Some("keep"));

        let cleared = AgentChange {
            description: Patch::Null,
            configuration: Patch::Null,
            balance: Patch::Null,
            ..AgentChange::default()
        };
        let changed = agents::update(&world.ctx(), &agent.id, cleared).await.expect("changes");
        assert_eq!((changed.description, changed.model, changed.balance), (None, None, 1_000_000));
        let reset =
            agents::load_definition(&world.ctx(), &world.find(&agent).await).await.expect("loads").configuration;
        assert_eq!((reset.timeout_seconds, reset.compaction), (3600, None));
    })
    .await;
}

#[tokio::test]
async fn only_a_change_of_behaviour_makes_a_version() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let update =
            async |change: AgentChange| agents::update(&world.ctx(), &agent.id, change).await.expect("changes").version;
        assert_eq!(update(AgentChange::default()).await, 1);
        assert_eq!(update(AgentChange { name: Patch::Value("Bea".to_owned()), ..AgentChange::default() }).await, 1);
        assert_eq!(
            update(AgentChange { description: Patch::Value("x".to_owned()), ..AgentChange::default() }).await,
            1
        );
        assert_eq!(update(AgentChange { balance: Patch::Value(5), ..AgentChange::default() }).await, 1);
        assert_eq!(
            update(AgentChange { system_prompt: Patch::Value("x".to_owned()), ..AgentChange::default() }).await,
            2
        );
        assert_eq!(
            update(AgentChange { system_prompt: Patch::Value("x".to_owned()), ..AgentChange::default() }).await,
            2
        );
        assert_eq!(update(configured(json!({"model": "a/b"}))).await, 3);
        assert_eq!(update(configured(json!({"model": "a/b"}))).await, 3);
        assert_eq!(
            update(AgentChange { system_prompt_type: Patch::Value(PromptType::Replace), ..AgentChange::default() })
                .await,
            4
        );
        assert_eq!(update(AgentChange { warmth_window_ms: Patch::Value(300_000), ..AgentChange::default() }).await, 5);
        assert_eq!(update(AgentChange { pvc_size: Patch::Value("1Gi".to_owned()), ..AgentChange::default() }).await, 6);
        assert_eq!(
            update(AgentChange { session_mode: Patch::Value(SessionMode::Ephemeral), ..AgentChange::default() }).await,
            7
        );
        assert_eq!(update(AgentChange { session_mode: Patch::Null, ..AgentChange::default() }).await, 8);
        assert_eq!(world.count("SELECT count(*) FROM definitions", vec![]).await, 8);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_changes_of_different_fields_at_once_both_survive() {
    on_both(async |world| {
        for round in 0..5 {
            let agent = world.agent(&format!("Ann {round}")).await;
            let changes = [
                AgentChange { system_prompt: Patch::Value("be kind".to_owned()), ..AgentChange::default() },
                AgentChange { description: Patch::Value("helps".to_owned()), ..AgentChange::default() },
                configured(json!({"model": "a/b"})),
                configured(json!({"timeout_seconds": 7})),
                AgentChange { balance: Patch::Value(5), ..AgentChange::default() },
            ];
            let tasks = changes.map(|change| {
                let (ctx, id) = (world.ctx(), agent.id.clone());
                tokio::spawn(async move { agents::update(&ctx, &id, change).await })
            });
            for task in tasks {
                task.await.expect("no panic").expect("changes");
            }
            let whole = agents::whole(&world.ctx(), &agent.id).await.expect("finds it");
            let configuration = &whole.definition.configuration;
            assert_eq!(whole.definition.system_prompt.as_deref(), Some("be kind"));
            assert_eq!((configuration.model.as_deref(), configuration.timeout_seconds), (Some("a/b"), 7));
            assert_eq!(
                (whole.agent.description.as_deref(), whole.agent.balance, whole.agent.version),
                (Some("helps"), 5, 4)
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_wrong_change_changes_nothing_at_all() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let events = world.event_kinds().await.len();
        let write = |path: &str| FileChange { operation: FileOperation::Write, file: file(path, "x", "utf-8") };
        let cases = [
            (AgentChange { name: Patch::Null, ..AgentChange::default() }, "name"),
            (AgentChange { name: Patch::Value(String::new()), ..AgentChange::default() }, "name"),
            (AgentChange { balance: Patch::Value(-1), ..AgentChange::default() }, "output_token_balance"),
            (AgentChange { warmth_window_ms: Patch::Value(1), ..AgentChange::default() }, "warmth_window_ms"),
            (configured(json!({"timeout_seconds": "soon"})), "configuration.timeout_seconds"),
            (AgentChange { files: vec![write("ok"), write("../no")], ..AgentChange::default() }, "files[1].path"),
        ];
        for (change, field) in cases {
            let change = AgentChange { system_prompt: Patch::Value("changed".to_owned()), ..change };
            assert_eq!(refused(agents::update(&world.ctx(), &agent.id, change).await).field(), Some(field));
        }
        assert_eq!(world.find(&agent).await, agent);
        assert_eq!(world.event_kinds().await.len(), events);
    })
    .await;
}

#[tokio::test]
async fn files_are_written_replaced_and_removed() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        let change =
            |operation, path: &str, content: &str| FileChange { operation, file: file(path, content, "utf-8") };
        let update = async |files| {
            let change = AgentChange { files, ..AgentChange::default() };
            agents::update(&world.ctx(), &agent.id, change).await.expect("changes");
            agents::file_summary(&world.ctx(), &agent.id).await.expect("sums up")
        };
        let summary =
            update(vec![change(FileOperation::Write, "a", "12345"), change(FileOperation::Write, "b", "1")]).await;
        assert_eq!((summary.files, summary.bytes), (2, 6));
        let summary =
            update(vec![change(FileOperation::Write, "a", "12"), change(FileOperation::Delete, "b", "")]).await;
        assert_eq!((summary.files, summary.bytes), (1, 2));
        let summary = update(vec![change(FileOperation::Delete, "not there", "")]).await;
        assert_eq!(summary.files, 1, "removing what is not there is not an error");
    })
    .await;
}

fn with_secrets() -> NewAgent {
    let slack =
        SlackTokens { bot_token: secret("xoxb-hush"), signing_secret: Some(secret("sign-hush")), app_token: None };
    NewAgent {
        name: "Ann".to_owned(),
        configuration: Some(json!({
            "custom_env": {"API_TOKEN": "env-hush", "LEVEL": "plain"},
            "mcp_servers": {"x": {"url": "https://example.com", "headers": {"Authorization": "Bearer mcp-hush"}}},
        })),
        secrets: AgentSecrets {
            openai_api_key: Patch::Value(secret("sk-openai-hush")),
            anthropic_api_key: Patch::Value(secret("sk-anthropic-hush")),
            discord_bot_token: Patch::Value(secret("discord-hush")),
            telegram_bot_token: Patch::Value(secret("telegram-hush")),
            slack_bot_token: Patch::Value(slack),
        },
        ..NewAgent::default()
    }
}

async fn no_secret_is_readable(world: &World) {
    for sql in [
        "SELECT count(*) FROM definitions WHERE body LIKE '%hush%'",
        "SELECT count(*) FROM events WHERE data LIKE '%hush%'",
        "SELECT count(*) FROM secrets WHERE sealed LIKE '%hush%'",
        "SELECT count(*) FROM agents WHERE name LIKE '%hush%' OR model LIKE '%hush%'",
    ] {
        assert_eq!(world.count(sql, vec![]).await, 0, "{sql}");
    }
}

#[tokio::test]
async fn secrets_are_sealed_and_shown_to_nobody() {
    on_both(async |world| {
        let agent = agents::create(&world.ctx(), with_secrets()).await.expect("makes it");
        no_secret_is_readable(&world).await;
        let all = [
            "anthropic_api_key",
            "discord_bot_token",
            "env.API_TOKEN",
            "mcp.x.Authorization",
            "openai_api_key",
            "slack_bot_token.bot_token",
            "slack_bot_token.signing_secret",
            "telegram_bot_token",
        ];
        assert_eq!(agents::secrets_set(&world.ctx(), &agent.id).await.expect("lists"), all);
        let keys = agents::provider_keys(&world.app, "acme", &agent.id).await.expect("opens");
        assert_eq!(keys.openai.expect("set").expose(), "sk-openai-hush");
        assert_eq!(keys.anthropic.expect("set").expose(), "sk-anthropic-hush");
        let open = async |field: &str| {
            open_secret(&world.app, "acme", &agent.id, field).await.expect("opens").map(|s| s.expose().clone())
        };
        assert_eq!(open("mcp.x.Authorization").await.as_deref(), Some("Bearer mcp-hush"));
        assert_eq!(open("env.API_TOKEN").await.as_deref(), Some("env-hush"));
        assert_eq!(open("nothing").await, None);
        world.tamper("UPDATE secrets SET owner = 'agent-other' WHERE field = 'openai_api_key'").await;
        let moved = open_secret(&world.app, "acme", "agent-other", "openai_api_key").await;
        assert_eq!(refused(moved).code(), "secrets.wrong_key", "a secret that was moved does not open");
    })
    .await;
}

#[tokio::test]
async fn a_redacted_configuration_that_is_sent_back_keeps_its_secrets() {
    on_both(async |world| {
        let agent = agents::create(&world.ctx(), with_secrets()).await.expect("makes it");
        let shown = agents::load_definition(&world.ctx(), &agent).await.expect("loads").configuration;
        let shown = object(serde_json::to_value(shown).expect("JSON"));
        assert_eq!(shown["custom_env"], json!({"API_TOKEN": "[redacted]", "LEVEL": "plain"}));
        let change = AgentChange { configuration: Patch::Value(shown), ..AgentChange::default() };
        let after = agents::update(&world.ctx(), &agent.id, change).await.expect("changes");
        assert_eq!(after.version, 1, "nothing changed");
        let open = async |field: &str| {
            open_secret(&world.app, "acme", &agent.id, field).await.expect("opens").map(|s| s.expose().clone())
        };
        assert_eq!(open("env.API_TOKEN").await.as_deref(), Some("env-hush"));
        let replaced = configured(json!({"custom_env": {"API_TOKEN": "new-hush"}, "mcp_servers": {"x": null}}));
        agents::update(&world.ctx(), &agent.id, replaced).await.expect("changes");
        assert_eq!(
            (open("env.API_TOKEN").await.as_deref(), open("mcp.x.Authorization").await),
            (Some("new-hush"), None)
        );
        let secrets =
            AgentSecrets { openai_api_key: Patch::Null, slack_bot_token: Patch::Null, ..AgentSecrets::default() };
        agents::update(&world.ctx(), &agent.id, AgentChange { secrets, ..AgentChange::default() })
            .await
            .expect("changes");
        let left = agents::secrets_set(&world.ctx(), &agent.id).await.expect("lists");
        assert_eq!(left, ["anthropic_api_key", "discord_bot_token", "env.API_TOKEN", "telegram_bot_token"]);
        no_secret_is_readable(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_rotation_seals_everything_under_the_new_key() {
    on_both(async |world| {
        muster_domain::verify_key(&world.db, &world.secrets).await.expect("remembers the key");
        let agent = agents::create(&world.ctx(), with_secrets()).await.expect("makes it");
        let (old, new) = (world.secrets.current_id(), KeyRing::generate());
        // The ring for the rotation holds both keys; afterwards the old one is thrown away.
        let refused_rotation = reseal_all(&world.db, &crate::support::fresh_secrets(), world.now()).await;
        assert_eq!(refused(refused_rotation).code(), "secrets.wrong_key", "without the old key nothing is touched");
        let alone = KeyRing::parse(new.expose()).expect("a key");
        let both = KeyRing::parse(&format!("{},{}", new.expose(), world.secret_key.expose())).expect("keys");
        world.secrets.replace(both);
        assert_eq!(reseal_all(&world.db, &world.secrets, world.now()).await.expect("seals"), 8);
        world.secrets.replace(alone);
        assert_ne!(world.secrets.current_id(), old);
        muster_domain::verify_key(&world.db, &world.secrets).await.expect("the new key fits");
        let keys = agents::provider_keys(&world.app, "acme", &agent.id).await.expect("opens with the new key alone");
        assert_eq!(keys.openai.expect("set").expose(), "sk-openai-hush");
    })
    .await;
}

#[tokio::test]
async fn deleting_an_agent_removes_everything_of_it_and_nothing_of_others() {
    on_both(async |world| {
        let agent = agents::create(&world.ctx(), with_secrets()).await.expect("makes it");
        let other = world.agent("Other").await;
        let files = vec![FileChange { operation: FileOperation::Write, file: file("a", "x", "utf-8") }];
        agents::update(&world.ctx(), &agent.id, AgentChange { files, ..AgentChange::default() })
            .await
            .expect("changes");
        for owner in [&agent.id, &other.id] {
            memory::set(&world.ctx(), owner, "k", "1", None).await.expect("remembers");
            conversations::post(&world.ctx(), owner, message("chat", "hello")).await.expect("posts");
        }
        for claim in world.claim().await {
            let tool = crate::support::step(1, turns::StepKind::Tool, 0);
            let ctx = world.ctx_of(&claim.turn);
            turns::finish_model_step(
                &ctx,
                &claim.lease,
                model_call(0, 5),
                turns::ToolRound {
                    prompt: None,
                    tools: vec![tool],
                    stream: vec![("message.delta", "{}".to_owned())],
                    want: 10,
                },
            )
            .await
            .expect("writes a step");
            turns::answer(&ctx, &claim.lease, crate::support::answer("hi", 2, 5)).await.expect("answers");
        }
        access::create_agent_token(&world.ctx(), "its", None).await.expect("makes a token");
        world.tamper(format!("UPDATE agent_tokens SET agent_id = '{}'", agent.id)).await;
        let deleted = agents::delete(&world.ctx(), &agent.id, false).await.expect("deletes");
        assert_eq!(deleted.id, agent.id);
        assert_eq!(refused(agents::delete(&world.ctx(), &agent.id, false).await).kind(), Kind::NotFound);
        for (sql, others) in [
            ("SELECT count(*) FROM agents WHERE id = $1", 1),
            ("SELECT count(*) FROM definitions WHERE agent_id = $1", 1),
            ("SELECT count(*) FROM agent_files WHERE agent_id = $1", 0),
            ("SELECT count(*) FROM conversations WHERE agent_id = $1", 1),
            ("SELECT count(*) FROM messages WHERE agent_id = $1", 2),
            ("SELECT count(*) FROM turns WHERE agent_id = $1", 1),
            ("SELECT count(*) FROM secrets WHERE owner = $1", 0),
            ("SELECT count(*) FROM memory WHERE owner = $1", 1),
            ("SELECT count(*) FROM agent_tokens WHERE agent_id = $1", 0),
        ] {
            assert_eq!(world.count(sql, args![&agent.id]).await, 0, "{sql}");
            assert_eq!(world.count(sql, args![&other.id]).await, others, "{sql} of the other");
        }
        for (table, left) in [("turn_steps", 3), ("turn_stream", 2)] {
            assert_eq!(
                world.db.one::<i64>(format!("SELECT count(*) FROM {table}"), vec![]).await.expect("counts"),
                left,
                "{table}"
            );
        }
        let text = world
            .count("SELECT count(*) FROM events WHERE type = 'agent.deleted' AND subject = $1", args![&agent.id])
            .await;
        assert_eq!(text, 1, "the log remembers");
    })
    .await;
}

#[tokio::test]
async fn an_agent_at_work_is_deleted_only_by_force_and_its_worker_finds_out() {
    on_both(async |world| {
        let agent = world.agent("Ann").await;
        world.post(&agent, "chat", "hello").await;
        let claim = world.claim_one().await;
        let refusal = refused(agents::delete(&world.ctx(), &agent.id, false).await);
        assert_eq!(refusal.kind(), Kind::Conflict);
        let mut cancelled = world.db.hub().listen("turn-cancel", &claim.turn.id);
        agents::delete(&world.ctx(), &agent.id, true).await.expect("deletes");
        crate::support::soon("the worker is told", cancelled.wait()).await;
        assert!(crate::support::is_lost(&world.answer(&claim, "hi", 5).await));
        assert!(crate::support::is_lost(&turns::cancel_wanted(&world.ctx(), &claim.lease).await));
        assert_eq!(world.count("SELECT count(*) FROM messages", vec![]).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_request_makes_one_agent() {
    on_both(async |world| {
        let new = NewAgent { name: "Ann".to_owned(), ..NewAgent::default() };
        let first = agents::create(&world.repeatable("key-1"), new.clone()).await.expect("makes it");
        // The first answer was lost: the same request comes again.
        let second = agents::create(&world.repeatable("key-1"), new.clone()).await.expect("finds it");
        assert_eq!(first, second);
        assert_eq!(refused(agents::create(&world.repeatable("key-2"), new).await).field(), Some("name"));
        assert_eq!(world.count("SELECT count(*) FROM agents", vec![]).await, 1);
    })
    .await;
}
