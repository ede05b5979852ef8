//! A hosted agent as its callers see it.

use crate::client::{Answer, Client, text};
use crate::sse::Events;
use crate::wait::{eventually, soon};
use serde_json::{Value, json};
use std::time::Duration;

/// An agent on a server.
#[derive(Debug, Clone)]
pub struct Agent {
    /// Its id.
    pub id: String,
    /// The server, under the credential that made the agent.
    pub client: Client,
}

impl Client {
    /// Makes an agent with nothing but a name.
    pub async fn agent(&self, name: &str) -> Agent {
        self.make_agent(json!({"name": name})).await
    }

    /// Makes an agent.
    pub async fn make_agent(&self, body: Value) -> Agent {
        let made = self.post("/v1/agent/create", body).await.expect(201);
        Agent { id: text(&made["id"]), client: self.clone() }
    }
}

impl Agent {
    /// The path of one of its resources.
    pub fn at(&self, rest: &str) -> String {
        format!("/v1/agent/{}/{rest}", self.id)
    }

    /// The agent as it is now.
    pub async fn show(&self) -> Value {
        self.client.get(&format!("/v1/agent/{}", self.id)).await.expect(200)
    }

    /// Output tokens that it has left.
    pub async fn balance(&self) -> i64 {
        self.show().await["output_token_balance"].as_i64().expect("a number")
    }

    /// Sends a message; gives its id.
    pub async fn post(&self, content: &str) -> String {
        text(&self.send(json!({"content": content})).await.expect(201)["id"])
    }

    /// Sends a message with all its fields.
    pub async fn send(&self, body: Value) -> Answer {
        self.client.post(&self.at("messages"), body).await
    }

    /// Sends a message and follows the stream of its turn.
    pub async fn ask(&self, content: &str) -> Events {
        self.client.post_following(&self.at("messages"), &json!({"content": content})).await
    }

    /// Follows the turn of a message after a place.
    pub async fn follow(&self, message: &str, last: Option<&str>) -> Events {
        self.client.follow(&self.at(&format!("messages/{message}/stream")), last).await
    }

    /// Sends a message and waits for the reply.
    pub async fn talk(&self, content: &str) -> String {
        let message = self.post(content).await;
        text(&self.reply(&message).await["content"])
    }

    /// Sends a message in a conversation of this name and waits for the reply.
    pub async fn talk_in(&self, conversation: &str, content: &str) -> String {
        let sent = self.send(json!({"content": content, "conversation_id": conversation})).await.expect(201);
        text(&self.reply(&text(&sent["id"])).await["content"])
    }

    /// The reply to a message, once there is one.
    pub async fn reply(&self, message: &str) -> Value {
        let settled = self.settled(message).await;
        assert_eq!(settled["status"], "completed", "{settled}");
        let turn = self.turn(&text(&settled["turn_id"])).await;
        assert!(turn["reply"].is_object(), "a completed message without a reply: {turn}");
        turn["reply"].clone()
    }

    /// A message once it is completed, failed or cancelled.
    pub async fn settled(&self, message: &str) -> Value {
        eventually("the message is settled", Duration::from_secs(60), async || {
            let found = self.message(message).await;
            (!matches!(found["status"].as_str(), Some("pending" | "processing"))).then_some(found)
        })
        .await
    }

    /// Waits until a message has a status.
    pub async fn until(&self, message: &str, status: &str) -> Value {
        soon(&format!("the message is {status}"), async || {
            let found = self.message(message).await;
            (found["status"] == status).then_some(found)
        })
        .await
    }

    /// A message as the list shows it.
    pub async fn message(&self, id: &str) -> Value {
        let all = self.messages().await;
        let found = all.iter().find(|message| message["id"] == id);
        found.cloned().unwrap_or_else(|| panic!("message {id} is gone; there are {all:?}"))
    }

    /// All messages, oldest first.
    pub async fn messages(&self) -> Vec<Value> {
        self.messages_with("").await
    }

    /// All messages that fit a query such as `&conversation_id=a`, oldest first.
    pub async fn messages_with(&self, query: &str) -> Vec<Value> {
        let (mut all, mut before): (Vec<Value>, String) = (Vec::new(), String::new());
        loop {
            let page = self.client.get(&self.at(&format!("messages?limit=100{query}{before}"))).await.expect(200);
            let mut rows = page["messages"].as_array().cloned().expect("a list");
            rows.append(&mut all);
            all = rows;
            if page["has_more"] != true {
                return all;
            }
            before = format!("&before={}", text(&all[0]["id"]));
        }
    }

    /// All replies, oldest first.
    pub async fn replies(&self) -> Vec<Value> {
        self.messages().await.into_iter().filter(|message| message["role"] == "assistant").collect()
    }

    /// A turn in full.
    pub async fn turn(&self, id: &str) -> Value {
        self.client.get(&format!("/v1/orgs/default/turns/{id}")).await.expect(200)
    }

    /// The turn of a message in full.
    pub async fn turn_of(&self, message: &str) -> Value {
        self.turn(&text(&self.message(message).await["turn_id"])).await
    }

    /// All its turns, oldest first.
    pub async fn turns(&self) -> Vec<Value> {
        let path = format!("/v1/orgs/default/turns?agent={}&limit=200", self.id);
        let mut turns = self.client.get(&path).await.expect(200)["data"].as_array().cloned().expect("a list");
        turns.reverse();
        turns
    }
}
