//! The tools that a model asked for: each is a step, carried out in order, and its result goes back to the model.

use super::call::{Called, raw};
use super::session::Session;
use super::{Stop, persist};
use crate::prompt::cut;
use muster_base::{Error, Result};
use muster_domain::models::{PromptMessage, ToolCall, Usage};
use muster_domain::tools::{self, Outcome};
use muster_domain::turns::{self, Step, StepKind, ToolRound};
use serde_json::{Value, json};
use tracing::Instrument;

/// The most bytes of a result that a model is shown.
const RESULT_BYTES: usize = 32 * 1024;
/// The most tools that one reply may ask for.
const AT_ONCE: usize = 32;

/// What the model is told about a finished tool call.
pub(super) fn result(call: &ToolCall, step: &Step) -> PromptMessage {
    let (content, is_error) = match (&step.error, &step.output) {
        (Some(error), _) => (error.clone(), true),
        // A text, such as a table, is read better without the signs that JSON puts into it.
        (None, Some(output)) => {
            (serde_json::from_str::<String>(output.get()).unwrap_or_else(|_| output.get().to_owned()), false)
        }
        (None, None) => ("null".to_owned(), false),
    };
    let content = if content.len() > RESULT_BYTES {
        format!("{}\n[cut: the result has {} bytes]", cut(&content, RESULT_BYTES), content.len())
    } else {
        content
    };
    PromptMessage::Tool { call_id: call.id.clone(), name: call.name.clone(), content, is_error }
}

/// The arguments for people: JSON where they are, else the text.
fn shown(arguments: &str) -> Value {
    serde_json::from_str(arguments).unwrap_or_else(|_| Value::from(cut(arguments, RESULT_BYTES)))
}

impl Session<'_> {
    /// Writes down the model's wish, carries out the tools and adds both to the conversation. Returns the next step's index.
    pub(super) async fn use_tools(
        &mut self,
        called: Called,
        index: i64,
        spoken: &mut Vec<PromptMessage>,
    ) -> Result<i64, Stop> {
        let mut reply = called.reply.clone();
        reply.tool_calls.truncate(AT_ONCE);
        let made = spoken.iter().filter(|message| matches!(message, PromptMessage::Tool { .. })).count() as i64;
        if self.tool_calls_left(made) <= -(AT_ONCE as i64) {
            let message = "the model went on calling tools past the limit of the turn";
            return Err(self.refuse(&called, index, "TOOL_LIMIT", message));
        }
        let turn = self.claim.turn.id.clone();
        let now = self.engine.app.now();
        let mut stream: Vec<(&'static str, String)> =
            self.text.take_news(&turn).map(|piece| ("message.delta", piece)).into_iter().collect();
        let mut steps = Vec::new();
        for (call, at) in reply.tool_calls.iter().zip(index + 1..) {
            let arguments = shown(&call.arguments);
            let started = json!({"turn_id": turn, "call_id": call.id, "name": call.name, "arguments": arguments});
            stream.push(("tool.started", started.to_string()));
            steps.push(Step {
                index: at,
                kind: StepKind::Tool,
                name: call.name.chars().take(128).collect(),
                key: format!("{turn}:{at}"),
                state: "running".to_owned(),
                attempts: 1,
                input: Some(raw(&arguments)?),
                output: None,
                error: None,
                usage: Usage::default(),
                started_at: now,
                finished_at: None,
            });
        }
        let called = Called { reply: reply.clone(), ..called };
        let want = self.engine.settings.max_output_tokens;
        self.grant = persist(|| {
            let done = called.done(&turn, index);
            let prompt = self.claim.turn.prompt.clone();
            let round = ToolRound { prompt, tools: steps.clone(), stream: stream.clone(), want };
            turns::finish_model_step(&self.ctx, &self.claim.lease, done, round)
        })
        .await?;
        spoken.push(PromptMessage::Assistant { content: reply.content.clone(), tool_calls: reply.tool_calls.clone() });
        let next = index + 1 + steps.len() as i64;
        for ((call, step), made) in reply.tool_calls.iter().zip(steps).zip(made..) {
            let step = if self.tool_calls_left(made) > 0 {
                self.run_tool(call, step).await?
            } else {
                let message = "the limit of tool calls of this turn is reached; answer with what you know";
                self.finish_tool(call, step, Err(Error::conflict(message))).await?
            };
            spoken.push(result(call, &step));
        }
        Ok(next)
    }

    /// Carries out one tool call and writes it down.
    pub(super) async fn run_tool(&mut self, call: &ToolCall, step: Step) -> Result<Step, Stop> {
        if let Some(why) = turns::cancel_wanted(&self.ctx, &self.claim.lease).await? {
            return Err(Stop::Cancelled(why));
        }
        if self.shutdown.is_cancelled() {
            return Err(Stop::Shutdown);
        }
        let outcome = match self.tools.prepare(&call.name, &call.arguments) {
            Err(error) => Err(error),
            Ok((tool, arguments)) => {
                let span = tracing::info_span!("tool_call", tool.name = %call.name);
                let (remembers, limit) = self.definition.configuration.memory_limit();
                let call = tools::ToolCall {
                    ctx: self.ctx.clone(),
                    agent: self.agent.id.clone(),
                    agent_name: self.agent.name.clone(),
                    depth: self.claim.turn.depth,
                    memory_limit: remembers.then_some(limit),
                    key: step.key.clone(),
                    arguments,
                };
                match tokio::time::timeout_at(self.deadline, tool.call(call).instrument(span)).await {
                    Ok(outcome) => outcome,
                    Err(_) => return Err(Stop::TimedOut),
                }
            }
        };
        self.finish_tool(call, step, outcome).await
    }

    async fn finish_tool(&mut self, call: &ToolCall, mut step: Step, outcome: Result<Outcome>) -> Result<Step, Stop> {
        "done".clone_into(&mut step.state);
        step.finished_at = Some(self.engine.app.now());
        let error = match outcome {
            Ok(Outcome::Value(value)) => {
                step.output = Some(raw(&value)?);
                return self.write_tool(call, step, None).await.map_err(Stop::Failed);
            }
            Ok(Outcome::Effect(effect)) => match self.write_tool(call, step.clone(), Some(effect)).await {
                Ok(step) => return Ok(step),
                // What our own store could not do is no answer for the model: the turn is taken up again.
                Err(error) if is_ours(&error) => return Err(Stop::Failed(error)),
                Err(error) => error,
            },
            Err(error) if is_ours(&error) => return Err(Stop::Failed(error)),
            Err(error) => error,
        };
        step.error = Some(match error.field() {
            Some(field) if error.kind() == muster_base::Kind::NotFound => format!("{}; {field}", error.message()),
            _ => error.message().to_owned(),
        });
        "failed".clone_into(&mut step.state);
        self.write_tool(call, step, None).await.map_err(Stop::Failed)
    }

    async fn write_tool(&self, call: &ToolCall, step: Step, effect: Option<turns::Effect>) -> Result<Step> {
        let (turn, call_id) = (self.claim.turn.id.clone(), call.id.clone());
        let finished = move |step: &Step| {
            let took = step.finished_at.map_or(0, |at| at.0 - step.started_at.0);
            let result = step.output.as_ref().map_or(Value::Null, |output| shown(output.get()));
            let data = json!({"turn_id": turn, "call_id": call_id, "name": step.name, "ok": step.error.is_none(),
                              "result": result, "error": step.error, "duration_ms": took});
            vec![("tool.finished", data.to_string())]
        };
        turns::finish_tool_step(&self.ctx, &self.claim.lease, step, effect, finished).await
    }
}

/// Whether an error is none of the model's business.
fn is_ours(error: &Error) -> bool {
    use muster_base::Kind;
    error.code() == turns::LOST || (error.code().starts_with("store.")) || error.kind() == Kind::Internal
}
