//! Anthropic's Messages API.
//!
//! Outside facts are from Anthropic's API reference: "Messages", "Streaming messages" and "Errors", version 2023-06-01.

mod answer;
mod request;
#[cfg(test)]
mod tests;

use super::exchange::{Assemble as _, receive, send, within};
use super::faults::signed;
use answer::Answer;
use async_trait::async_trait;
use muster_base::Secret;
use muster_domain::models::{Model, ModelError, ModelReply, ModelRequest, TextSink};
use request::Body;
use reqwest::RequestBuilder;
use reqwest::header::HeaderValue;
use std::sync::Arc;

/// Where Anthropic itself answers.
pub const PUBLIC_URL: &str = "https://api.anthropic.com";

/// The version of the API that this speaks.
const VERSION: &str = "2023-06-01";

/// A server that speaks Anthropic's Messages API.
#[derive(Debug, Clone)]
pub struct Anthropic {
    provider: Arc<str>,
    client: reqwest::Client,
    url: String,
    key: Option<Secret<String>>,
}

impl Anthropic {
    /// A server at `base_url`, with or without `/v1` at its end: Anthropic's own SDKs leave it out, other tools do not.
    pub fn new(provider: &str, client: reqwest::Client, base_url: &str, key: Option<Secret<String>>) -> Self {
        let base_url = base_url.trim().trim_end_matches('/').trim_end_matches("/v1");
        Self { provider: provider.into(), client, url: format!("{base_url}/v1/messages"), key }
    }

    /// The same server under another key.
    pub fn with_key(&self, key: Secret<String>) -> Self {
        Self { key: Some(key), ..self.clone() }
    }

    async fn converse(&self, request: &ModelRequest, sink: TextSink<'_>) -> Result<ModelReply, ModelError> {
        let response = send(self.post(&Body::new(request))).await?;
        let mut answer = Answer::default();
        receive(response, &mut answer, sink).await?;
        answer.finish(request)
    }

    fn post(&self, body: &Body<'_>) -> RequestBuilder {
        let post = self.client.post(&self.url).header("anthropic-version", VERSION).json(body);
        match self.key().map(HeaderValue::from_str) {
            Some(Ok(mut key)) => {
                key.set_sensitive(true);
                post.header("x-api-key", key)
            }
            // Makes the request fail with what is wrong, without repeating the key.
            Some(Err(_)) => post.header("x-api-key", "\n"),
            None => post,
        }
    }

    /// The key without the line feed that comes with keys read from files.
    fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.expose().trim()).filter(|key| !key.is_empty())
    }
}

#[async_trait]
impl Model for Anthropic {
    fn provider(&self) -> &str {
        &self.provider
    }

    async fn call(&self, request: &ModelRequest, sink: TextSink<'_>) -> Result<ModelReply, ModelError> {
        let result = within(request.timeout, self.converse(request, sink)).await;
        result.map_err(|error| signed(error, &self.provider, self.key()))
    }
}
