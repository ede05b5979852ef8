//! One message and the turn that answers it, from sending to the end, over connections that break.

use super::happening::{Accepted, Failed, Happening, turn_of};
use super::screen::{Look, Screen};
use crate::client::api::{Api, Events};
use crate::client::failure::{BROKEN, UNREACHABLE};
use crate::client::find::Agent;
use crate::client::follow::{Follower, Heard};
use eventsource_stream::Event;
use futures::StreamExt;
use muster_base::{Error, Kind, Result};
use reqwest::Url;
use serde_json::{Map, Value, json};
use std::pin::pin;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep};

/// How long a connection may stay away before we give up.
const PATIENCE: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_secs(1);
/// The exit code of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// What is sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    pub(super) text: String,
    pub(super) conversation: Option<String>,
    /// Cancels the turn that runs in the conversation.
    pub(super) interrupts: bool,
}

impl Message {
    fn body(&self) -> Value {
        let mut body = Map::from_iter([("content".to_owned(), json!(self.text))]);
        body.extend(self.conversation.as_ref().map(|id| ("conversation_id".to_owned(), json!(id))));
        body.extend(self.interrupts.then(|| ("queue_mode".to_owned(), json!("interrupt"))));
        Value::Object(body)
    }
}

/// Sends a message and shows the turn. `Some` says why the turn failed; an error, that we do not know its end.
pub(super) async fn ask(api: &Api, agent: &Agent, message: &Message, look: Look) -> Result<Option<Failed>> {
    let mut turn = Turn::new(api, agent, look)?;
    let outcome = turn.run(message).await;
    turn.screen.end()?;
    outcome
}

/// The open stream of a stored message, what the server said of it, and the event that said it.
type Stored = (Events, Accepted, Event);

struct Turn<'a> {
    api: &'a Api,
    agent: &'a Agent,
    screen: Screen,
    interrupts: Signal,
    ticks: Interval,
    /// Its id, once an event told it.
    id: Option<String>,
    is_cancelling: bool,
}

impl<'a> Turn<'a> {
    fn new(api: &'a Api, agent: &'a Agent, look: Look) -> Result<Self> {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Ok(Self {
            api,
            agent,
            screen: Screen::new(look),
            interrupts: signal(SignalKind::interrupt()).map_err(Error::internal)?,
            ticks,
            id: None,
            is_cancelling: false,
        })
    }

    async fn run(&mut self, message: &Message) -> Result<Option<Failed>> {
        let sent = tokio::select! {
            sent = send(self.api, &self.agent.id, message) => sent,
            _ = self.interrupts.recv() => self.leave(),
        };
        let (events, accepted, first) = sent?;
        self.screen.show(&first, &Happening::Accepted(accepted.clone()))?;
        let path = ["v1", "agent", &self.agent.id, "messages", &accepted.id, "stream"];
        let mut follower = Follower::new(self.api, self.api.at(&path, &[]), None, Some(PATIENCE)).with(events);
        loop {
            match self.hear(&mut follower, &accepted).await? {
                Heard::Lost => self.screen.wait_for("lost the connection, trying again")?,
                Heard::Event(event) => {
                    self.id = turn_of(&event).or(self.id.take());
                    let happening = Happening::of(&event);
                    self.screen.show(&event, &happening)?;
                    match happening {
                        Happening::Completed { .. } => return Ok(None),
                        Happening::Failed(failed) => return Ok(Some(failed)),
                        _ => {}
                    }
                }
            }
        }
    }

    /// The next thing heard; meanwhile time goes by, and Ctrl-C cancels the turn.
    async fn hear(&mut self, follower: &mut Follower<'_>, accepted: &Accepted) -> Result<Heard> {
        let mut next = pin!(follower.next());
        loop {
            tokio::select! {
                heard = &mut next => return heard.map_err(|error| explain_loss(&error)),
                _ = self.ticks.tick() => self.screen.tick()?,
                _ = self.interrupts.recv() => self.cancel(accepted).await?,
            }
        }
    }

    /// Cancels the turn at the first Ctrl-C; its stream then tells the end. The second leaves at once.
    async fn cancel(&mut self, accepted: &Accepted) -> Result<()> {
        if std::mem::replace(&mut self.is_cancelling, true) {
            self.leave::<()>()?;
        }
        self.screen.wait_for("cancelling; Ctrl-C again leaves at once")?;
        let id = match &self.id {
            Some(id) => Some(id.clone()),
            None => self.find(accepted).await?,
        };
        let Some(id) = id else { return Ok(()) };
        let path = self.api.in_org(&["turns", &id, "_cancel"], &[]).await?;
        match self.api.post(&path, &json!({})).await {
            Ok(_) => Ok(()),
            // It ended by itself meanwhile.
            Err(error) if matches!(error.kind(), Kind::Conflict | Kind::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The conversation's turn that has not ended yet, for as long as no event names it.
    async fn find(&self, accepted: &Accepted) -> Result<Option<String>> {
        let query = [("agent", self.agent.id.as_str()), ("conversation", &accepted.conversation_id), ("limit", "10")];
        let answer = self.api.get(&self.api.in_org(&["turns"], &query).await?).await?;
        let turns = answer["data"].as_array().into_iter().flatten();
        let mut open = turns.filter(|turn| matches!(turn["state"].as_str(), Some("queued" | "running")));
        Ok(open.next().and_then(|turn| turn["id"].as_str()).map(str::to_owned))
    }

    fn leave<T>(&mut self) -> Result<T> {
        self.screen.end()?;
        std::process::exit(INTERRUPTED)
    }
}

fn explain_loss(error: &Error) -> Error {
    let message = format!(
        "{}; the message is stored and will be answered: look in the console, or send another with --conversation",
        error.message()
    );
    Error::new(error.kind(), error.code(), message)
}

/// Sends the message and waits until it is stored. It is stored once, however often the connection breaks.
async fn send(api: &Api, agent: &str, message: &Message) -> Result<Stored> {
    let url = api.at(&["v1", "agent", agent, "messages"], &[]);
    let (body, once) = (message.body(), muster_base::new_id("cli"));
    let began = Instant::now();
    let mut may_be_stored = false;
    loop {
        let error = match post(api, &url, &body, &once).await {
            Ok(stored) => return Ok(stored),
            Err(error) => error,
        };
        may_be_stored |= error.code() == BROKEN;
        // A server that never answered has nothing of ours, and the person had better know at once.
        let is_worth_it = may_be_stored && matches!(error.code(), BROKEN | UNREACHABLE);
        if !is_worth_it || began.elapsed() > PATIENCE {
            return Err(error);
        }
        sleep(TICK).await;
    }
}

async fn post(api: &Api, url: &Url, body: &Value, once: &str) -> Result<Stored> {
    let mut events = api.post_stream(url, body, once).await?;
    let broken =
        || Error::new(Kind::Upstream, BROKEN, format!("{} did not say that the message is stored", api.server()));
    let event = events.next().await.ok_or_else(broken)??;
    match Happening::of(&event) {
        Happening::Accepted(accepted) => Ok((events, accepted, event)),
        _ => Err(broken()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_only_what_was_asked_for() {
        let message = Message { text: "hi".to_owned(), ..Message::default() };
        assert_eq!(message.body(), json!({"content": "hi"}));
        let message = Message { conversation: Some("c".to_owned()), interrupts: true, ..message };
        assert_eq!(message.body(), json!({"content": "hi", "conversation_id": "c", "queue_mode": "interrupt"}));
    }
}
