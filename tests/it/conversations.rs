//! What an agent knows and remembers, whom it talks with, and what it may spend.

use crate::support::count_events;
use muster_testkit::{Agent, Backend, Gate, Script, ScriptedModel, Server, Setup, soon};
use serde_json::{Value, json};

async fn server(model: &ScriptedModel) -> Server {
    Server::start(Backend::Sqlite, model).await
}

#[tokio::test]
async fn a_persistent_agent_is_shown_the_conversation_and_no_other() {
    let model = ScriptedModel::echo().await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    agent.talk_in("home", "my cat is called Miez").await;
    agent.talk_in("work", "the report is late").await;
    agent.talk_in("home", "what is my cat called?").await;
    let last = model.asked().pop().expect("three calls");
    assert!(last.everything().contains("Miez"), "{}", last.everything());
    assert!(!last.everything().contains("report"), "{}", last.everything());
    let shown = agent.messages_with("&conversation_id=work").await;
    assert_eq!(shown.len(), 2);
}

#[tokio::test]
async fn an_ephemeral_agent_is_shown_only_the_messages_of_the_turn() {
    let model = ScriptedModel::echo().await;
    let server = server(&model).await;
    let agent = server.client().make_agent(json!({"name": "Ann", "session_mode": "ephemeral"})).await;
    agent.talk("my cat is called Miez").await;
    agent.talk("what is my cat called?").await;
    let last = model.asked().pop().expect("two calls");
    assert!(!last.everything().contains("Miez"), "{}", last.everything());
    assert_eq!(agent.messages().await.len(), 4, "the messages themselves are kept");
}

#[tokio::test]
async fn memory_is_shared_by_all_conversations_of_an_agent_and_by_no_other_agent() {
    let model = ScriptedModel::start(|asked| match (asked.last_role(), asked.last_user()) {
        ("user", text) if text.contains("remember") => Script::call("memory_set", r#"{"key": "cat", "value": "Miez"}"#),
        ("user", text) if text.contains("recall") => Script::call("memory_get", r#"{"key": "cat"}"#),
        ("tool", _) => Script::say(&format!("told: {}", asked.last_text())),
        _ => Script::say("hm"),
    })
    .await;
    let server = server(&model).await;
    let client = server.client();
    let (ann, bob) = (client.agent("Ann").await, client.agent("Bob").await);
    ann.talk_in("home", "remember my cat").await;
    assert!(ann.talk_in("work", "recall my cat").await.contains("Miez"));
    assert!(!bob.talk_in("work", "recall my cat").await.contains("Miez"));
}

#[tokio::test]
async fn an_agent_hands_over_to_another_and_gets_its_answer_as_a_message() {
    let model = ScriptedModel::start(|asked| {
        let is_ann = asked.system().contains("You are the front desk");
        match (is_ann, asked.last_role(), asked.last_user()) {
            (true, "user", "please ask Bob") => {
                Script::call("send_message_to_agent", r#"{"agent": "Bob", "message": "how deep is the lake?"}"#)
            }
            (true, "tool", _) => Script::say("I have asked Bob."),
            (true, "user", text) => Script::say(&format!("Bob says: {text}")),
            (false, _, _) => Script::say("forty metres"),
            (true, role, _) => panic!("{role}"),
        }
    })
    .await;
    let server = server(&model).await;
    let client = server.client();
    let ann = client.make_agent(json!({"name": "Ann", "system_prompt": "You are the front desk"})).await;
    let bob = client.agent("Bob").await;
    assert_eq!(ann.talk("please ask Bob").await, "I have asked Bob.");
    let answer = soon("Bob's answer reaches Ann and is answered", async || {
        ann.replies()
            .await
            .into_iter()
            .find(|reply| reply["content"].as_str().is_some_and(|text| text.contains("metres")))
    })
    .await;
    assert!(answer["content"].as_str().is_some_and(|text| text.starts_with("Bob says:")), "{answer}");
    assert_eq!(bob.replies().await.len(), 1);
    let with_bob = client.get(&ann.at("conversations")).await.expect(200);
    let counterparties: Vec<&Value> = with_bob["conversations"].as_array().expect("a list").iter().collect();
    let agents: Vec<&&Value> = counterparties.iter().filter(|row| row["counterparty"]["type"] == "agent").collect();
    assert_eq!(agents.len(), 1, "{with_bob}");
    assert_eq!(agents[0]["counterparty"]["uuid"], json!(bob.id));
    assert_eq!(agents[0]["counterparty"]["name"], "Bob");
}

#[tokio::test]
async fn a_long_conversation_is_compacted_into_a_stored_summary_and_goes_on() {
    let model = ScriptedModel::start(|asked| {
        if asked.system().contains("Summarise the conversation") {
            Script::say("SUMMARY: they talk about the colour teal").usage(900, 20)
        } else {
            Script::say(&format!("answer {}", asked.number))
        }
    })
    .await;
    let server = server(&model).await;
    let configuration = json!({"compaction": {"enabled": true, "threshold_trigger": 1000}});
    let agent = server.client().make_agent(json!({"name": "Ann", "configuration": configuration})).await;
    for number in 0..12 {
        agent.talk(&format!("message {number}: {}", "teal is a colour between blue and green. ".repeat(12))).await;
    }
    let turns = agent.turns().await;
    assert!(turns.iter().all(|turn| turn["state"] == "succeeded"), "{turns:?}");
    let asked = model.asked();
    let summaries = asked.iter().filter(|asked| asked.system().contains("Summarise the conversation")).count();
    assert!(summaries > 0, "nothing was compacted");
    let last = asked.last().expect("calls");
    assert!(last.everything().contains("SUMMARY: they talk about the colour teal"), "{}", last.everything());
    assert!(!last.everything().contains("message 0:"), "what was summarised is left out");
    assert!(last.everything().contains("message 11:"));
    let mut compactions = 0;
    for turn in &turns {
        let turn = agent.turn(turn["id"].as_str().expect("an id")).await;
        let steps = turn["steps"].as_array().cloned().expect("steps");
        compactions += steps.iter().filter(|step| step["kind"] == "compaction" && step["state"] == "done").count();
    }
    assert_eq!(compactions, summaries, "every compaction is a step of its turn");
    assert_eq!(agent.messages().await.len(), 24, "the messages themselves are kept");
}

/// Talks until the conversation is longer than the agent's threshold, and checks that every turn gave a reply.
async fn talk_long(agent: &Agent) {
    for number in 0..8 {
        agent.talk(&format!("message {number}: {}", "teal is a colour between blue and green. ".repeat(12))).await;
    }
    let turns = agent.turns().await;
    assert!(turns.iter().all(|turn| turn["state"] == "succeeded"), "{turns:?}");
}

/// The failed compactions of the agent's newest turn.
async fn failed_compactions(agent: &Agent) -> Vec<Value> {
    let newest = agent.turns().await.pop().expect("a turn");
    let turn = agent.turn(newest["id"].as_str().expect("an id")).await;
    let steps = turn["steps"].as_array().cloned().expect("steps");
    steps.into_iter().filter(|step| step["kind"] == "compaction" && step["state"] == "failed").collect()
}

#[tokio::test]
async fn a_conversation_goes_on_when_the_model_gives_no_summary() {
    let model = ScriptedModel::start(|asked| {
        let wants_summary = asked.system().contains("Summarise the conversation");
        if wants_summary { Script::say(" ").usage(9, 3) } else { Script::say("answer").usage(9, 2) }
    })
    .await;
    let server = server(&model).await;
    let configuration = json!({"compaction": {"enabled": true, "threshold_trigger": 1000}});
    let agent = server.client().make_agent(json!({"name": "Ann", "configuration": configuration})).await;
    talk_long(&agent).await;
    let failed = failed_compactions(&agent).await;
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0]["error"].as_str().is_some_and(|error| error.starts_with("EMPTY_SUMMARY")), "{failed:?}");
    let last = model.asked().pop().expect("calls");
    assert!(last.everything().contains("message 7:") && !last.everything().contains("message 0:"));
    let events = count_events(&server.client(), "conversation.compaction_failed", &agent.id).await;
    let asked = model.asked().iter().filter(|asked| asked.system().contains("Summarise the conversation")).count();
    assert_eq!(events, asked);
    let used: i64 = agent.turns().await.iter().filter_map(|turn| turn["usage"]["outputTokens"].as_i64()).sum();
    assert_eq!(used, 8 * 2 + asked as i64 * 3);
    assert_eq!(agent.balance().await, 1_000_000 - used, "what a failed compaction used has its price");
}

#[tokio::test]
async fn a_conversation_goes_on_when_the_model_of_summaries_cannot_be_called() {
    let model = ScriptedModel::start(|asked| {
        let wants_summary = asked.system().contains("Summarise the conversation");
        if wants_summary { Script::status(500) } else { Script::say("answer") }
    })
    .await;
    let server = server(&model).await;
    for (name, own, code) in [("Ann", json!("nowhere/none"), "REJECTED"), ("Bob", Value::Null, "UNAVAILABLE")] {
        let configuration = json!({"compaction": {"enabled": true, "threshold_trigger": 1000, "model": own}});
        let agent = server.client().make_agent(json!({"name": name, "configuration": configuration})).await;
        talk_long(&agent).await;
        let failed = failed_compactions(&agent).await;
        assert!(failed[0]["error"].as_str().is_some_and(|error| error.starts_with(code)), "{failed:?}");
    }
}

#[tokio::test]
async fn what_is_no_longer_shown_of_a_conversation_of_many_messages_is_in_its_summary() {
    let model = ScriptedModel::start(|asked| {
        if asked.system().contains("Summarise the conversation") {
            let shown = asked.everything();
            let kept: Vec<&str> =
                ["first words", "word 5 ", "word 190 "].into_iter().filter(|word| shown.contains(word)).collect();
            Script::say(&format!("SUMMARY of {}", kept.join(", ")))
        } else {
            Script::say("ok")
        }
    })
    .await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    agent.talk_in("long", "first words").await;
    // Held back, so that many messages need few turns.
    for round in 0..2 {
        server.client().act(&agent.at("pause")).await.expect(200);
        for number in 0..220 {
            let content = format!("word {} ", round * 220 + number);
            agent.send(json!({"content": content, "conversation_id": "long"})).await.expect(201);
        }
        server.client().act(&agent.at("resume")).await.expect(200);
        agent.talk_in("long", "go on").await;
    }
    agent.talk_in("long", "what were my first words?").await;
    let asked = model.asked();
    let last = asked.last().expect("calls");
    for word in ["SUMMARY of first words, word 5 , word 190", "word 300 ", "what were my first words?"] {
        assert!(last.everything().contains(word), "{word} is missing");
    }
    let own = asked.iter().find(|asked| asked.everything().contains("word 439 ")).expect("a call");
    assert!(own.everything().contains("word 220 "), "all messages of a turn are shown");
}

#[tokio::test]
async fn an_agent_of_a_large_organisation_is_written_to_by_its_name() {
    let model = ScriptedModel::start(|asked| match (asked.last_role(), asked.last_user()) {
        ("user", "ask them") => Script::new()
            .and_call("send_message_to_agent", r#"{"agent": "zoe", "message": "are you there?"}"#)
            .and_call("send_message_to_agent", r#"{"agent": "nobody", "message": "are you there?"}"#),
        ("tool", _) => Script::say("done"),
        _ => Script::say("yes"),
    })
    .await;
    let server = server(&model).await;
    let client = server.client();
    for number in 0..205 {
        client.agent(&format!("crowd {number:03}")).await;
    }
    let (ann, zoe) = (client.agent("ann").await, client.agent("zoe").await);
    let message = ann.post("ask them").await;
    ann.reply(&message).await;
    soon("zoe has the message", async || (zoe.replies().await.len() == 1).then_some(())).await;
    let turn = ann.turn_of(&message).await;
    let steps = turn["steps"].as_array().expect("steps");
    let states: Vec<&Value> = steps.iter().filter(|step| step["kind"] == "tool").map(|step| &step["state"]).collect();
    assert_eq!(states, ["done", "failed"], "{turn}");
}

#[tokio::test]
async fn without_balance_a_message_waits_and_is_answered_after_topping_up() {
    let model = ScriptedModel::start(|asked| Script::say(&format!("echo: {}", asked.last_user())).usage(10, 7)).await;
    let server = server(&model).await;
    let (client, agent) =
        (server.client(), server.client().make_agent(json!({"name": "Ann", "output_token_balance": 0})).await);
    let mut events = agent.ask("hello").await;
    let message = events.next().await.expect("accepted").data["id"].as_str().expect("an id").to_owned();
    let failed = events.until("turn.failed").await.pop().expect("it failed");
    assert_eq!(failed.data["error"]["code"], "INSUFFICIENT_BALANCE");
    agent.until(&message, "pending").await;
    assert_eq!(model.count(), 0);
    let topped = client.post(&agent.at("balance"), json!({"amount": 100, "type": "increment"})).await.expect(200);
    assert_eq!((&topped["previous_balance"], &topped["new_balance"]), (&json!(0), &json!(100)));
    assert_eq!(agent.reply(&message).await["content"], "echo: hello");
    assert_eq!(agent.balance().await, 93);
    let summary = client.get(&agent.at("summary")).await.expect(200);
    assert_eq!(summary["total_output_tokens_used"], 7);
}

#[tokio::test]
async fn twenty_conversations_at_once_never_spend_more_than_the_balance() {
    let model = ScriptedModel::start(|asked| {
        let spent = asked.max_tokens().min(40);
        Script::new().wait(std::time::Duration::from_millis(30)).and_say("ok").usage(10, spent)
    })
    .await;
    let setup = Setup::new(Backend::Sqlite).await.model(&model).env("MUSTER_MAX_OUTPUT_TOKENS", "64");
    let server = setup.start().await;
    let (client, balance) = (server.client(), 500);
    let agent = client.make_agent(json!({"name": "Ann", "output_token_balance": balance})).await;
    let posts = (0..20).map(|number| agent.send(json!({"content": "go", "conversation_id": format!("c{number}")})));
    for sent in futures::future::join_all(posts).await {
        sent.expect(201);
    }
    let waiting = soon("nothing runs any more", async || {
        let messages = agent.messages().await;
        let users = messages.iter().filter(|message| message["role"] == "user");
        let (done, waits): (Vec<&Value>, Vec<&Value>) = users.partition(|message| message["status"] == "completed");
        let turns = agent.turns().await;
        let running = turns.iter().filter(|turn| turn["state"] == "running").count();
        let left = agent.balance().await;
        (running == 0 && (left == 0 || waits.is_empty())).then_some((done.len(), waits.len()))
    })
    .await;
    let used: i64 = agent.turns().await.iter().filter_map(|turn| turn["usage"]["outputTokens"].as_i64()).sum();
    assert!(used <= balance, "{used} of {balance} were used");
    assert_eq!(agent.balance().await, balance - used);
    assert!(waiting.1 > 0, "the balance cannot have been enough for all: {waiting:?}");
    client.post(&agent.at("balance"), json!({"amount": 10_000, "type": "set"})).await.expect(200);
    soon("all are answered after topping up", async || (agent.replies().await.len() == 20).then_some(())).await;
    let left = agent.balance().await;
    let used: i64 = agent.turns().await.iter().filter_map(|turn| turn["usage"]["outputTokens"].as_i64()).sum();
    assert_eq!(left, 10_000 - (used - balance), "all reservations are settled");
}

#[tokio::test]
async fn a_repeated_post_with_the_same_key_is_one_message() {
    let gate = Gate::default();
    let model = ScriptedModel::in_order(vec![], Script::new().gate(&gate).and_say("once")).await;
    let server = server(&model).await;
    let agent = server.client().agent("Ann").await;
    let (path, body) = (agent.at("messages"), json!({"content": "hello"}));
    let first = agent.client.post_once("k-1", &path, &body).await.expect("an answer");
    let first_body = first.expect(201);
    for _ in 0..3 {
        let again = agent.client.post_once("k-1", &path, &body).await.expect("an answer");
        assert_eq!(again.expect(201), first_body);
    }
    gate.open();
    agent.reply(first_body["id"].as_str().expect("an id")).await;
    let later = agent.client.post_once("k-1", &path, &body).await.expect("an answer");
    assert_eq!(later.expect(201), first_body, "the first answer, whatever became of the message");
    let other = agent.client.post_once("k-1", &path, &json!({"content": "other"})).await.expect("an answer");
    other.expect(409);
    assert_eq!(agent.messages().await.len(), 2);
    let two = agent.client.post_once("k-2", &path, &body).await.expect("an answer").expect(201);
    assert_ne!(two["id"], first_body["id"]);
}

#[tokio::test]
async fn a_repeated_post_finds_its_message_after_a_kill() {
    let model = ScriptedModel::echo().await;
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let mut server = Server::start(backend, &model).await;
        let agent = server.client().agent("Ann").await;
        let (path, body) = (agent.at("messages"), json!({"content": "hello"}));
        let first = agent.client.post_once("k-1", &path, &body).await.expect("an answer").expect(201);
        server.kill9();
        server.restart().await;
        let again = agent.client.post_once("k-1", &path, &body).await.expect("an answer").expect(201);
        assert_eq!(again["id"], first["id"]);
        agent.reply(first["id"].as_str().expect("an id")).await;
        assert_eq!(agent.messages().await.len(), 2);
    }
}
