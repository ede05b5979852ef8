//! Agents that dial in to the real program: by `muster agent run`, and by the client that others have published.

use crate::support::{count_events, on_both_databases, text};
use futures::future::join_all;
use muster_testkit::{Agent, Backend, Client, Process, Server, Setup, eventually, soon};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

on_both_databases!(
    an_agent_that_has_dialled_in_is_woken_over_its_link_and_is_not_silent_between_heartbeats,
    interrupts_sent_while_an_agent_was_away_are_answered_when_it_is_back_once_each,
    a_command_that_has_finished_is_not_run_again_after_a_kill_of_its_program,
    agents_come_back_to_a_server_that_was_killed_and_nothing_is_lost_or_answered_twice,
    links_are_listed_and_what_they_carried_is_counted_over_restarts,
    published_clients_find_each_other_talk_and_come_back,
);

/// A server with an enrolment token, and what runs on the agent's side.
struct Field {
    server: Server,
    client: Client,
    token: String,
}

impl Field {
    async fn new(backend: Backend) -> Self {
        let address = format!("127.0.0.1:{}", lasting_port());
        let server = Setup::new(backend).await.env("MUSTER_LISTEN", &address).start().await;
        let client = server.client();
        let made = client.post("/v1/orgs/default/agent-tokens", json!({"name": "fleet"})).await.expect(201);
        Self { token: text(&made["secret"]), server, client }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.server.home().join(name)
    }

    fn arguments(&self, token: &str, exec: &str) -> Vec<String> {
        let (url, state) = (self.server.url(), self.path("agent").display().to_string());
        let all = ["agent", "run", "--json", "--name", "Ann", "--url", &url, "--state", &state, "--exec", exec];
        all.into_iter().chain(["--token", token, "--concurrency", "4"]).map(str::to_owned).collect()
    }

    fn start(&self, exec: &str) -> Process {
        let arguments = self.arguments(&self.token, exec);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Process::start("muster agent run", self.server.setup().command(&arguments), &self.path("agent.log"))
    }

    /// Runs an agent until it is let in.
    async fn run(&self, exec: &str) -> (Process, Agent) {
        let mut process = self.start(exec);
        let registered = event(&mut process, "registered").await;
        (process, Agent { id: text(&registered["agentId"]), client: self.client.clone() })
    }

    async fn becomes(&self, agent: &Agent, status: &str) {
        soon(&format!("the agent is {status}"), async || {
            let found = self.client.get(&format!("/network/api/agents?status={status}")).await.expect(200);
            found["agents"].as_array().expect("a list").iter().any(|one| one["id"] == agent.id).then_some(())
        })
        .await;
    }

    /// The messages for which the command ran, one for each time.
    fn runs(&self) -> Vec<String> {
        lines(&self.path("runs"))
    }

    /// A command that writes down for which message it runs, and goes on by `then`.
    fn counted(&self, then: &str) -> String {
        format!("echo \"$MUSTER_MESSAGE_ID\" >> {}; {then}", self.path("runs").display())
    }
}

/// A port that a server can have again after a restart: none of those that the system gives to whoever asks for any.
fn lasting_port() -> u16 {
    let first = std::process::id() % 10_000;
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let mut all = (0..10_000).map(|step| 20_000 + u16::try_from((first + step) % 10_000).expect("it is small"));
    all.find(is_free).expect("a free port")
}

fn lines(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

async fn event(process: &mut Process, name: &str) -> Value {
    let find = |line: &str| {
        let told: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        (told["event"] == name).then_some(told)
    };
    process.line(find).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn interrupt(agent: &Agent, body: Value) -> Value {
    agent.client.post(&format!("/network/api/agents/{}/interrupt", agent.id), body).await.expect(200)
}

/// Sends an interrupt until the server says that it has it; gives its id.
async fn insist(agent: &Agent, number: usize) -> String {
    let (path, key) = (format!("/network/api/agents/{}/interrupt", agent.id), format!("key-{number}"));
    let body = json!({"reason": format!("question {number}")});
    eventually("the server takes the interrupt", Duration::from_secs(60), async || {
        let answer = agent.client.post_once(&key, &path, &body).await.ok()?;
        (answer.status == 200).then(|| text(&answer.json()["messageId"]))
    })
    .await
}

/// Waits until each of these messages has its reply, and checks that there are no others.
async fn all_replied(agent: &Agent, asked: &BTreeSet<String>) -> Vec<Value> {
    let replies = eventually("all are answered", Duration::from_secs(60), async || {
        let replies = agent.replies().await;
        (replies.len() >= asked.len()).then_some(replies)
    })
    .await;
    let answered: BTreeSet<String> = replies.iter().map(|reply| text(&reply["reply_to_id"])).collect();
    assert_eq!(&answered, asked, "each has a reply");
    assert_eq!(replies.len(), asked.len(), "and one only");
    assert_eq!(count_events(&agent.client, "message.completed", &agent.id).await, asked.len());
    replies
}

async fn an_agent_that_has_dialled_in_is_woken_over_its_link_and_is_not_silent_between_heartbeats(backend: Backend) {
    let mut field = Field::new(backend).await;
    // A link beats every half minute, which is less often than this.
    field.server.terminate().await;
    field.server.set("MUSTER_OFFLINE_AFTER_SECONDS", "10");
    field.server.restart().await;
    let (mut process, agent) = field.run("cat").await;
    let begun = std::time::Instant::now();
    let wake = format!("/mission/api/agents/{}/wake", agent.id);
    let woken = field.client.post(&wake, json!({"reason": "good morning"})).await.expect(200);
    assert_eq!(woken, json!({"success": true, "delivered": true}));
    event(&mut process, "interrupt").await;
    // Another agent without a link shows that silent ones were looked for.
    let body = json!({"name": "silent", "role": "dev", "status": "online"});
    let silent = field.client.post("/mission/api/agents", body).await.expect(201)["agent"]["slug"].clone();
    eventually("the other one is silent", Duration::from_secs(60), async || {
        let found = field.client.get(&format!("/mission/api/agents/{}", text(&silent))).await.expect(200);
        (found["agent"]["status"] == "offline").then_some(())
    })
    .await;
    assert!(begun.elapsed() > Duration::from_secs(10));
    let found = field.client.get(&format!("/mission/api/agents/{}", agent.id)).await.expect(200);
    assert_eq!(found["agent"]["status"], "online");
    process.terminate();
    process.ended(Duration::from_secs(10)).await;
    let woken = field.client.post(&wake, json!({})).await.expect(200);
    assert_eq!(woken["delivered"], false, "it waits for the next heartbeat");
}

async fn interrupts_sent_while_an_agent_was_away_are_answered_when_it_is_back_once_each(backend: Backend) {
    let field = Field::new(backend).await;
    let exec = field.counted("printf 'to %s: ' \"$MUSTER_FROM\"; tr a-z A-Z");
    let (mut process, agent) = field.run(&exec).await;
    let answer = interrupt(&agent, json!({"reason": "are you there?", "wait": 30})).await;
    assert_eq!(answer["status"], "delivered", "{answer}");
    let said = text(&answer["reply"]["content"]);
    assert!(said.starts_with("to ") && said.ends_with(": ARE YOU THERE?"), "{said}");
    process.terminate();
    assert!(process.ended(Duration::from_secs(10)).await.success(), "an idle agent ends at once and in order");
    field.becomes(&agent, "OFFLINE").await;
    let mut asked = BTreeSet::from([text(&answer["messageId"])]);
    for number in 0..12 {
        let queued = interrupt(&agent, json!({"reason": format!("question {number}")})).await;
        assert_eq!((&queued["status"], &queued["delivered"]), (&json!("queued"), &json!(false)));
        asked.insert(text(&queued["messageId"]));
    }
    let (mut process, again) = field.run(&exec).await;
    assert_eq!(agent.id, again.id, "the same machine is the same agent");
    all_replied(&agent, &asked).await;
    assert_eq!(field.runs().len(), asked.len());
    // A command that runs when the agent is told to stop is waited for, and what it says arrives.
    let (exec, gate) = (field.counted("until [ -e gate ]; do sleep 0.02; done; echo in time"), field.path("gate"));
    process.terminate();
    process.ended(Duration::from_secs(10)).await;
    let (mut process, _) = field.run(&exec).await;
    asked.insert(insist(&agent, 100).await);
    event(&mut process, "interrupt").await;
    soon("the command runs", async || (field.runs().len() == asked.len()).then_some(())).await;
    process.terminate();
    std::fs::write(gate, "").expect("written");
    assert!(process.ended(Duration::from_secs(20)).await.success());
    assert!(all_replied(&agent, &asked).await.iter().any(|reply| reply["content"] == "in time\n"));
    field.client.verify_events().await;
}

async fn a_command_that_has_finished_is_not_run_again_after_a_kill_of_its_program(backend: Backend) {
    let mut field = Field::new(backend).await;
    let gate = field.path("gate");
    let exec = field.counted("until [ -e gate ]; do sleep 0.02; done; cat");
    let (mut process, agent) = field.run(&exec).await;
    let first = insist(&agent, 1).await;
    soon("the command runs", async || (field.runs().len() == 1).then_some(())).await;
    // The command finishes while there is nobody to tell; then its program is killed.
    field.server.kill9();
    std::fs::write(&gate, "").expect("written");
    let kept = field.path("agent/replies.jsonl");
    soon("the reply is stored", async || std::fs::read_to_string(&kept).ok()?.contains(&first).then_some(())).await;
    process.kill();
    field.server.restart().await;
    let (mut process, again) = field.run(&exec).await;
    assert_eq!(agent.id, again.id);
    let replies = all_replied(&agent, &BTreeSet::from([first.clone()])).await;
    assert_eq!(replies[0]["content"], "question 1");
    assert_eq!(field.runs(), std::slice::from_ref(&first), "it ran once");
    // One that was cut short runs again.
    std::fs::remove_file(&gate).expect("it was there");
    let second = insist(&agent, 2).await;
    soon("the command runs", async || (field.runs().len() == 2).then_some(())).await;
    process.kill();
    let (_process, _) = field.run(&exec).await;
    soon("the command runs again", async || (field.runs().len() == 3).then_some(())).await;
    std::fs::write(&gate, "").expect("written");
    all_replied(&agent, &BTreeSet::from([first.clone(), second.clone()])).await;
    assert_eq!(field.runs(), [first, second.clone(), second]);
    field.client.verify_events().await;
}

async fn agents_come_back_to_a_server_that_was_killed_and_nothing_is_lost_or_answered_twice(backend: Backend) {
    const ASKED: usize = 60;
    let mut field = Field::new(backend).await;
    let exec = field.counted("sleep 0.05; cat");
    let (mut process, agent) = field.run(&exec).await;
    let runs = field.path("runs");
    let asking = join_all((0..ASKED).map(|number| {
        let (agent, runs) = (&agent, &runs);
        async move {
            // So that some are asked before, between and after the kills.
            soon("the command keeps up", async || (lines(runs).len() + 15 > number).then_some(())).await;
            insist(agent, number).await
        }
    }));
    let killing = async {
        for round in 1..=2 {
            let least = round * 10;
            soon("some commands have run", async || (field.runs().len() >= least).then_some(())).await;
            field.server.kill9();
            event(&mut process, "disconnected").await;
            field.server.restart().await;
            let registered = event(&mut process, "registered").await;
            assert_eq!(registered["agentId"], agent.id);
        }
    };
    let (asked, ()) = tokio::join!(asking, killing);
    let asked: BTreeSet<String> = asked.into_iter().collect();
    assert_eq!(asked.len(), ASKED);
    all_replied(&agent, &asked).await;
    let runs = field.runs();
    assert_eq!((runs.len(), runs.into_iter().collect::<BTreeSet<_>>()), (ASKED, asked), "each ran once");
    field.client.verify_events().await;
}

async fn links_are_listed_and_what_they_carried_is_counted_over_restarts(backend: Backend) {
    let mut field = Field::new(backend).await;
    let numbers = async || field_numbers(&field.client).await;
    assert_eq!(numbers().await, (0, 0));
    let (mut process, agent) = field.run("cat").await;
    interrupt(&agent, json!({"reason": "x".repeat(10_000), "wait": 30})).await;
    let links = soon("the link is written down", async || {
        let found = field.client.get("/v1/orgs/default/links").await.expect(200);
        (found["data"] != json!([])).then_some(found)
    })
    .await;
    assert_eq!(links["data"].as_array().map(Vec::len), Some(1), "{links}");
    let link = &links["data"][0];
    assert_eq!(
        (&link["agentId"], &link["name"], &link["presence"]),
        (&json!(agent.id), &json!("Ann"), &json!("online"))
    );
    assert!(text(&link["version"]).starts_with("muster/") && text(&link["machineId"]).starts_with("machine"), "{link}");
    assert!(link["bytesIn"].as_u64() > Some(10_000) && link["bytesOut"].as_u64() > Some(10_000), "{link}");
    let foreign = field.client.with_key(&field.token).get("/v1/orgs/default/links").await;
    assert_eq!(foreign.expect(200)["data"], links["data"], "agents may see who else is there");
    process.terminate();
    process.ended(Duration::from_secs(10)).await;
    field.becomes(&agent, "OFFLINE").await;
    soon("the link is gone", async || (numbers().await.0 == 0).then_some(())).await;
    assert_eq!(field.client.get("/v1/orgs/default/links").await.expect(200)["data"], json!([]));
    let before = numbers().await.1;
    assert!(before > 20_000, "{before}");
    field.server.terminate().await;
    field.server.restart().await;
    assert_eq!(field_numbers(&field.client).await, (0, before));
}

/// Links, and the bytes that were carried.
async fn field_numbers(client: &Client) -> (u64, u64) {
    let found = client.get("/network/api/agents/stats").await.expect(200);
    let number = |name: &str| found[name].as_u64().unwrap_or_else(|| panic!("no {name} in {found}"));
    (number("totalConnections"), number("bytesTransferred"))
}

async fn published_clients_find_each_other_talk_and_come_back(backend: Backend) {
    let mut field = Field::new(backend).await;
    let mut peers = published(&field);
    let registered = stage(&mut peers, "registered").await;
    assert_eq!(registered["tenant"], "default");
    stage(&mut peers, "peers").await;
    let numbers = field.client.get("/network/api/agents/stats").await.expect(200);
    assert_eq!((&numbers["totalAgents"], &numbers["onlineAgents"]), (&json!(3), &json!(2)), "{numbers}");
    stage(&mut peers, "talked").await;
    field.server.kill9();
    field.server.restart().await;
    stage(&mut peers, "talked again").await;
    for _ in 0..2 {
        let refused = stage(&mut peers, "refused").await;
        assert_eq!(refused["code"], "AUTH_FAILED");
        assert!(text(&refused["message"]).contains("credential"), "{refused}");
    }
    stage(&mut peers, "done").await;
    assert!(peers.ended(Duration::from_secs(20)).await.success());
    let ids: BTreeSet<String> = registered["ids"].as_array().expect("ids").iter().map(text).collect();
    soon("all have gone", async || {
        let there = field.client.get("/network/api/agents?status=OFFLINE").await.expect(200);
        let away: BTreeSet<String> =
            there["agents"].as_array().expect("a list").iter().map(|one| text(&one["id"])).collect();
        ids.is_subset(&away).then_some(())
    })
    .await;
    field.client.verify_events().await;
}

/// A Python program of the repository.
fn python(program: &str) -> Command {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = tests.join(".cache/python/bin/python");
    assert!(python.is_file(), "there are no Python packages; run scripts/python-install tests/python");
    let mut command = Command::new(python);
    command.arg(tests.join(program));
    command
}

fn published(field: &Field) -> Process {
    let mut command = python("python/anycast_peers.py");
    let url = format!("{}/rendezvous", field.server.url().replacen("http", "ws", 1));
    command.args([&url, &field.token]);
    Process::start("anycast-agent", command, &field.path("peers.log"))
}

async fn stage(peers: &mut Process, name: &str) -> Value {
    let find = |line: &str| {
        let told: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert_eq!(told["stage"], name);
        Some(told)
    };
    peers.line(find).await.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn an_agent_without_a_token_that_holds_ends_and_says_so() {
    let field = Field::new(Backend::Sqlite).await;
    let wrong = field.arguments("agt_0000000000000000000000000000000000000000000", "cat");
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    let output = field.server.setup().run(&wrong).await;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && errors.contains("(AUTH_FAILED)"), "{errors}");
    let (mut process, _) = field.run("cat").await;
    let listed = field.client.get("/v1/orgs/default/agent-tokens").await.expect(200);
    let id = text(&listed["data"][0]["id"]);
    field.client.delete(&format!("/v1/orgs/default/agent-tokens/{id}")).await.expect(200);
    assert!(!process.ended(Duration::from_secs(20)).await.success());
    assert!(process.log().contains("(AUTH_FAILED)"), "{}", process.log());
    assert!(!process.log().contains(&field.token) && !field.server.log().contains(&field.token));
}

#[tokio::test]
async fn a_command_is_given_a_message_whole_that_is_too_long_for_a_frame() {
    let field = Field::new(Backend::Sqlite).await;
    let (_process, agent) = field.run("wc -c").await;
    let answer = interrupt(&agent, json!({"reason": "\"".repeat(1_000_000), "wait": 30})).await;
    assert_eq!(text(&answer["reply"]["content"]).trim(), "1000000");
}

#[tokio::test]
async fn two_agents_on_one_machine_need_a_state_each() {
    let field = Field::new(Backend::Sqlite).await;
    let (_first, _) = field.run("cat").await;
    let mut second = field.start("cat");
    assert!(!second.ended(Duration::from_secs(20)).await.success());
    assert!(second.log().contains("give each its own by --state"), "{}", second.log());
}

#[tokio::test]
async fn the_python_example_of_the_documentation_answers_and_comes_back() {
    let mut field = Field::new(Backend::Sqlite).await;
    let mut command = python("../docs/examples/network_agent.py");
    command.env("MUSTER_URL", field.server.url()).env("MUSTER_TOKEN", &field.token).env("MUSTER_MACHINE_ID", "Ann");
    let mut process = Process::start("network_agent.py", command, &field.path("example.log"));
    let registered = |line: &str| line.strip_prefix("registered as Ann (")?.strip_suffix(')').map(str::to_owned);
    let id = process.line(registered).await.unwrap_or_else(|error| panic!("{error}"));
    let agent = Agent { id, client: field.client.clone() };
    let answer = interrupt(&agent, json!({"reason": "hello", "wait": 30})).await;
    assert!(text(&answer["reply"]["content"]).ends_with("said: hello"), "{answer}");
    // Larger than a frame of either side may be: what is asked is read whole, what is answered is cut.
    for reason in ["ä".repeat(200_000), "\"".repeat(1_000_000)] {
        let answer = interrupt(&agent, json!({"reason": reason, "wait": 30})).await;
        let said = text(&answer["reply"]["content"]);
        assert!(said.len() > 40_000 && said.ends_with("[the rest was cut off]"), "{} bytes", said.len());
    }
    field.server.kill9();
    field.server.restart().await;
    assert_eq!(process.line(registered).await.as_ref(), Ok(&agent.id), "the same agent");
    let answer = interrupt(&agent, json!({"reason": "hello again", "wait": 30})).await;
    assert!(text(&answer["reply"]["content"]).ends_with("said: hello again"), "{answer}");
}
