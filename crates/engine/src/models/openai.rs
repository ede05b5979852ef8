//! OpenAI's chat completions, and the many servers that speak them.
//!
//! Outside facts are from OpenAI's API reference, "Create chat completion" and "The chat completion chunk object";
//! where compatible servers are known to differ, the code says so.

mod answer;
mod calls;
mod request;
#[cfg(test)]
mod tests;

use super::exchange::{Assemble as _, receive, send, within};
use super::faults::signed;
use answer::Answer;
use async_trait::async_trait;
use muster_base::Secret;
use muster_domain::models::{Fault, Model, ModelError, ModelReply, ModelRequest, TextSink};
use request::Body;
use reqwest::{Response, Url};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where OpenAI itself answers.
pub const PUBLIC_URL: &str = "https://api.openai.com/v1";

/// A server that speaks OpenAI's chat completions.
#[derive(Debug, Clone)]
pub struct OpenAi {
    provider: Arc<str>,
    client: reqwest::Client,
    url: String,
    key: Option<Secret<String>>,
    habits: Arc<Habits>,
}

impl OpenAi {
    /// A server at `base_url`, which includes the version as in `https://api.openai.com/v1`.
    ///
    /// Without a key no credentials are sent, as local servers want it.
    pub fn new(provider: &str, client: reqwest::Client, base_url: &str, key: Option<Secret<String>>) -> Self {
        Self {
            provider: provider.into(),
            client,
            url: format!("{}/chat/completions", base_url.trim().trim_end_matches('/')),
            key,
            habits: Arc::new(Habits::of(base_url)),
        }
    }

    /// The same server under another key; what is learned about the server is shared.
    pub fn with_key(&self, key: Secret<String>) -> Self {
        Self { key: Some(key), ..self.clone() }
    }

    async fn converse(&self, request: &ModelRequest, sink: TextSink<'_>) -> Result<ModelReply, ModelError> {
        let response = self.open(request).await?;
        let mut answer = Answer::default();
        receive(response, &mut answer, sink).await?;
        answer.finish(request)
    }

    /// Sends the request, again without what the server turns out not to know. A refused request costs nothing.
    async fn open(&self, request: &ModelRequest) -> Result<Response, ModelError> {
        loop {
            let habit = self.habits.now();
            match send(self.post(&Body::new(request, habit))).await {
                Err(refusal) if self.habits.learn(habit, &refusal) => {}
                result => return result,
            }
        }
    }

    fn post(&self, body: &Body<'_>) -> reqwest::RequestBuilder {
        let post = self.client.post(&self.url).json(body);
        match self.key() {
            Some(key) => post.bearer_auth(key),
            None => post,
        }
    }

    /// The key without the line feed that comes with keys read from files.
    fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.expose().trim()).filter(|key| !key.is_empty())
    }
}

#[async_trait]
impl Model for OpenAi {
    fn provider(&self) -> &str {
        &self.provider
    }

    async fn call(&self, request: &ModelRequest, sink: TextSink<'_>) -> Result<ModelReply, ModelError> {
        let result = within(request.timeout, self.converse(request, sink)).await;
        result.map_err(|error| signed(error, &self.provider, self.key()))
    }
}

/// How a server wants to be asked, as far as servers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Habit {
    /// Takes the limit of the answer as `max_completion_tokens` and not as `max_tokens`.
    new_limit: bool,
    /// Knows `stream_options`, by which the usage is asked for.
    stream_options: bool,
}

/// What is known of a server's habits; it grows with its refusals.
#[derive(Debug)]
struct Habits {
    new_limit: AtomicBool,
    stream_options: AtomicBool,
}

impl Habits {
    /// OpenAI has replaced `max_tokens` by `max_completion_tokens`, and its reasoning models refuse the old name.
    /// Compatible servers often know only the old name, and some ignore the new one silently, which would leave the
    /// answer unbounded. So the new name is for OpenAI's own hosts and Azure's, and for servers that ask for it.
    fn of(base_url: &str) -> Self {
        Self { new_limit: is_openai(base_url).into(), stream_options: true.into() }
    }

    fn now(&self) -> Habit {
        Habit {
            new_limit: self.new_limit.load(Ordering::Relaxed),
            stream_options: self.stream_options.load(Ordering::Relaxed),
        }
    }

    /// Whether a refusal of a request of this `habit` taught something, so that another attempt may succeed.
    fn learn(&self, habit: Habit, refusal: &ModelError) -> bool {
        if refusal.fault != Fault::Rejected {
            return false;
        }
        // "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        let wants_new_limit = ["max_tokens", "max_completion_tokens", "instead"].map(|w| refusal.message.contains(w));
        if !habit.new_limit && wants_new_limit == [true; 3] {
            self.new_limit.store(true, Ordering::Relaxed);
            return true;
        }
        if habit.stream_options && refusal.message.contains("stream_options") {
            self.stream_options.store(false, Ordering::Relaxed);
            return true;
        }
        false
    }
}

/// Whether an address is one of OpenAI's own hosts or of its models' at Azure.
pub(super) fn is_openai(base_url: &str) -> bool {
    let host = Url::parse(base_url.trim()).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    // eu.api.openai.com and others keep data in a region.
    host == "api.openai.com" || host.ends_with(".api.openai.com") || host.ends_with(".openai.azure.com")
}
