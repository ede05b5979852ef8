//! What a turn needs of a tool. The engine implements them; the domain knows this shape.

use crate::context::Ctx;
use crate::models::ToolSpec;
use crate::turns::Effect;
use async_trait::async_trait;
use muster_base::Result;
use serde_json::Value;

/// What a tool is told about the turn that calls it.
#[derive(Clone)]
pub struct ToolCall {
    /// The context of the agent: its org, acting as the agent.
    pub ctx: Ctx,
    /// The agent.
    pub agent: String,
    /// The agent's name.
    pub agent_name: String,
    /// How many agents the turn's message passed through.
    pub depth: i64,
    /// The most bytes that the agent may remember; `None` when it may not.
    pub memory_limit: Option<i64>,
    /// Stable over attempts.
    pub key: String,
    /// Checked against the tool's schema.
    pub arguments: Value,
}

/// What a tool gives.
pub enum Outcome {
    /// A result; nothing of ours was changed.
    Value(Value),
    /// A change of ours, carried out in the transaction that writes down the step: it happens once.
    Effect(Effect),
}

/// A tool that agents can call.
#[async_trait]
pub trait Tool: Send + Sync {
    /// How it is offered.
    fn spec(&self) -> &ToolSpec;

    /// Whether it is offered to an agent with this configuration.
    fn offered(&self, configuration: &crate::agents::Configuration) -> bool {
        let _ = configuration;
        true
    }

    /// Carries out a call. An error is told to the model, which may try otherwise.
    async fn call(&self, call: ToolCall) -> Result<Outcome>;
}
