//! The state of a running turn, and its loop of model calls and tools.

use super::call::Called;
use super::text::ReplyText;
use super::{Stop, tool};
use crate::models::{AgentKeys, Resolved};
use crate::prompt::{self, Parts, Plan};
use crate::tools::{self, Offer};
use crate::worker::Engine;
use muster_base::{Error, Result};
use muster_domain::agents::{self, Agent, Definition, SessionMode};
use muster_domain::conversations::{self, Conversation, Message};
use muster_domain::models::{ModelReply, ModelRequest, PromptMessage, ToolSpec};
use muster_domain::turns::{self, Answer, Claim, Step, StepDone, StepKind, Trace};
use muster_domain::{Ctx, connectors, memory};
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How many messages of the past that no prompt shows any more one turn has summarised at the most.
const CATCH_UP: i64 = 400;
/// How many remembered values a prompt may recall.
const RECALLED: i64 = 50;
/// The context window of a model that nobody told us about, in tokens.
const UNKNOWN_WINDOW: i64 = 128_000;
/// Tool calls of a turn when the configuration says nothing.
const TOOL_CALLS: i64 = 50;

pub(super) struct Session<'e> {
    pub(super) engine: &'e Engine,
    pub(super) ctx: Ctx,
    pub(super) claim: Claim,
    pub(super) agent: Agent,
    pub(super) definition: Definition,
    pub(super) conversation: Conversation,
    pub(super) uses_own_key: bool,
    pub(super) text: ReplyText,
    pub(super) shutdown: CancellationToken,
    /// What the agent may call in this turn.
    pub(super) tools: Offer,
    pub(super) deadline: tokio::time::Instant,
    /// Output tokens reserved for the next model call.
    pub(super) grant: i64,
    /// Output tokens that this turn has used.
    pub(super) used: i64,
    steps: Vec<Step>,
    pub(super) keys: AgentKeys,
    /// The model call that gave nothing to go on with, for the end of the turn.
    pub(super) failed: Option<StepDone>,
}

/// What the agent remembers, as far as a prompt shows it; nothing when it has no memory.
#[derive(Default)]
struct Recalled {
    values: Option<Vec<(String, String)>>,
    working: Option<String>,
}

impl<'e> Session<'e> {
    pub(super) async fn load(engine: &'e Engine, claim: &Claim, shutdown: CancellationToken) -> Result<Self> {
        let turn = &claim.turn;
        let system = Ctx::system(engine.app.clone(), &turn.org);
        let agent = agents::find(&system, &turn.agent).await?;
        let ctx = Ctx::of_agent(engine.app.clone(), &turn.org, &agent.id, &agent.name);
        let definition = agents::definition_at(&ctx, &agent.id, turn.version.unwrap_or(agent.version)).await?;
        let conversation = conversations::conversation(&ctx, &turn.conversation).await?;
        // Only an attempt after the first can have left steps, and readers that have seen something.
        let (steps, seen) = if turn.attempt > 1 {
            (turns::find(&ctx, &turn.id).await?.steps, turns::longest_text(&engine.app, &turn.id).await?)
        } else {
            (vec![], String::new())
        };
        let granted = connectors::offered_to(&ctx, &agent.id).await?;
        let tools = engine.tools.offer(&definition.configuration, tools::connectors::of(granted))?;
        let own = agents::provider_keys(&engine.app, &turn.org, &agent.id).await?;
        let started = turn.started_at.unwrap_or_else(|| engine.app.now());
        let passed = Duration::from_millis((engine.app.now().0 - started.0).max(0).unsigned_abs());
        let left = definition.configuration.timeout().saturating_sub(passed);
        Ok(Self {
            engine,
            ctx,
            claim: claim.clone(),
            agent,
            conversation,
            uses_own_key: own.openai.is_some() || own.anthropic.is_some(),
            keys: AgentKeys { openai: own.openai, anthropic: own.anthropic },
            definition,
            text: ReplyText::new(seen),
            shutdown,
            tools,
            deadline: tokio::time::Instant::now() + left,
            grant: claim.grant,
            used: turn.usage.output_tokens,
            steps,
            failed: None,
        })
    }

    /// The whole turn.
    pub(super) async fn run(&mut self) -> Result<(), Stop> {
        if let Some(why) = &self.claim.turn.cancel {
            return Err(Stop::Cancelled(why.clone()));
        }
        if self.claim.turn.attempt > self.engine.settings.max_attempts * 2 {
            return Err(Stop::Refused("INTERNAL", "the turn was taken up too often without an end".to_owned()));
        }
        let configuration = &self.definition.configuration;
        let resolved = self.engine.models.resolve(configuration.model.as_deref(), &self.keys)?;
        let tools = self.tools.specs();
        let mut messages = self.opening(&resolved, &tools).await?;
        let system = messages.0;
        let mut spoken = std::mem::take(&mut messages.1);
        let mut next = self.replay(&mut spoken).await?;
        loop {
            let request = self.request(&resolved, &system, &spoken, &tools).await?;
            let called = self.call(&resolved, &request, next).await?;
            if called.reply.tool_calls.is_empty() {
                return self.answer(called, next).await;
            }
            next = self.use_tools(called, next, &mut spoken).await?;
        }
    }

    /// The system prompt and the conversation, made to fit into the model's window.
    async fn opening(&mut self, resolved: &Resolved, tools: &[ToolSpec]) -> Result<(String, Vec<PromptMessage>), Stop> {
        let own = conversations::messages_of_turn(&self.ctx.db, self.ctx.org(), &self.claim.turn.id).await?;
        let last = own.last().map_or(0, |message| message.seq);
        let mut after = self.conversation.summary_seq;
        if self.definition.session_mode == SessionMode::Ephemeral {
            after = own.first().map_or(0, |message| message.seq - 1);
        }
        // One more than is shown, to see whether there are more.
        let most = (prompt::MOST_PAST + own.len() + 1) as i64;
        let mut history =
            conversations::history(&self.ctx.db, self.ctx.org(), &self.conversation.id, after, last, most).await?;
        let is_whole = history.len() < prompt::MOST_PAST + own.len() + 1;
        let memory = self.recall().await?;
        let mut system = self.system(&memory, tools);
        let window = self.window(resolved);
        let plan = prompt::plan(&self.definition.configuration, window, self.grant, &system, &history, own.len());
        let offline = resolved.model.provider() == "offline";
        match plan {
            Plan::Keep => {}
            // The offline responder cannot summarise.
            Plan::Drop(first) => drop(history.drain(..first)),
            Plan::Compact(first) if offline => drop(history.drain(..first)),
            Plan::Compact(first) => {
                let mut old: Vec<Message> = history.drain(..first).collect();
                if !is_whole {
                    old = self.with_earlier(after, old).await?;
                }
                self.compact(resolved, &old).await?;
                system = self.system(&memory, tools);
            }
        }
        self.note_prompt(&system, &history).await?;
        Ok((system, prompt::messages(&history)))
    }

    /// The messages after `after` that are before `old`, and `old` with them if these are all.
    ///
    /// A summary stands for everything up to its last message, so it must leave out none in between.
    async fn with_earlier(&self, after: i64, old: Vec<Message>) -> Result<Vec<Message>> {
        let Some(first) = old.first() else { return Ok(old) };
        let conversation = &self.conversation.id;
        let mut all =
            conversations::earliest(&self.ctx.db, self.ctx.org(), conversation, (after, first.seq), CATCH_UP).await?;
        if (all.len() as i64) < CATCH_UP {
            all.extend(old);
        }
        Ok(all)
    }

    /// How many tokens fit into a model.
    pub(super) fn window(&self, resolved: &Resolved) -> i64 {
        self.engine.prices.context_window(resolved.model.provider(), &resolved.name).unwrap_or(UNKNOWN_WINDOW)
    }

    fn system(&self, memory: &Recalled, tools: &[ToolSpec]) -> String {
        let summary =
            self.conversation.summary.as_deref().filter(|_| self.definition.session_mode == SessionMode::Persistent);
        prompt::system(&Parts {
            name: &self.agent.name,
            description: self.agent.description.as_deref(),
            definition: &self.definition,
            memory: memory.values.as_deref(),
            working_memory: memory.working.as_deref(),
            summary,
            has_tools: !tools.is_empty(),
        })
    }

    async fn recall(&self) -> Result<Recalled> {
        if !self.definition.configuration.memory_limit().0 {
            return Ok(Recalled::default());
        }
        let entries = memory::recent(&self.ctx, &self.agent.id, RECALLED).await?;
        let values = entries.into_iter().map(|entry| (entry.key, entry.value)).collect();
        Ok(Recalled { values: Some(values), working: memory::working(&self.ctx, &self.agent.id).await? })
    }

    /// Keeps what is needed to show the prompt later: messages never change, so their range is enough.
    async fn note_prompt(&mut self, system: &str, history: &[Message]) -> Result<()> {
        if self.claim.turn.prompt.is_some() {
            return Ok(());
        }
        let range = history.first().zip(history.last()).map(|(first, last)| [first.seq, last.seq]);
        let prompt = json!({"system": system, "history": range, "summary": self.conversation.summary.is_some()});
        self.claim.turn.prompt = Some(prompt.to_string());
        Ok(())
    }

    /// Puts completed steps of an earlier attempt into the conversation and finishes tools that were begun.
    ///
    /// Returns the index of the next step.
    async fn replay(&mut self, spoken: &mut Vec<PromptMessage>) -> Result<i64, Stop> {
        let steps = std::mem::take(&mut self.steps);
        let mut next = 0;
        let mut calls = Vec::new();
        for mut step in steps {
            // What failed is tried again in its place.
            if step.kind == StepKind::Model && step.state == "failed" {
                continue;
            }
            next = step.index + 1;
            match step.kind {
                StepKind::Compaction => {}
                StepKind::Model => {
                    let output =
                        step.output.as_ref().ok_or_else(|| Error::internal("a model step without its output"))?;
                    let reply: ModelReply = serde_json::from_str(output.get()).map_err(Error::internal)?;
                    self.text.begin_call();
                    self.text.push(&reply.content);
                    calls.clone_from(&reply.tool_calls);
                    calls.reverse();
                    spoken.push(PromptMessage::Assistant { content: reply.content, tool_calls: reply.tool_calls });
                }
                StepKind::Tool => {
                    let call = calls.pop().ok_or_else(|| Error::internal("a tool step that no model asked for"))?;
                    if step.state == "running" {
                        step = self.run_tool(&call, step).await?;
                    }
                    spoken.push(tool::result(&call, &step));
                }
            }
        }
        Ok(next)
    }

    /// The next call of the model, within what is reserved and what the budgets leave.
    async fn request(
        &mut self,
        resolved: &Resolved,
        system: &str,
        spoken: &[PromptMessage],
        tools: &[ToolSpec],
    ) -> Result<ModelRequest, Stop> {
        if self.grant == 0 {
            self.grant =
                turns::reserve_more(&self.ctx, &self.claim.lease, self.engine.settings.max_output_tokens).await?;
        }
        if self.grant == 0 {
            return Err(Stop::Starved);
        }
        let mut most = self.grant;
        if let Some(limit) = self.engine.prices.max_output_tokens(resolved.model.provider(), &resolved.name) {
            most = most.min(limit);
        }
        let budget = self.definition.configuration.budget.clone().unwrap_or_default();
        if let Some(limit) = budget.max_output_tokens_per_turn {
            most = most.min(limit - self.used);
        }
        if let Some(limit) = budget.max_output_tokens_per_day {
            let since = self.engine.app.now() - Duration::from_secs(24 * 3600);
            most = most.min(limit - turns::usage_of_day(&self.ctx.db, &self.agent.id, since).await?);
        }
        if most <= 0 {
            let message = "a limit of configuration.budget is used up: raise it, or wait where it is a daily one";
            return Err(Stop::Refused("BUDGET_EXHAUSTED", message.to_owned()));
        }
        Ok(ModelRequest {
            model: resolved.name.clone(),
            system: system.to_owned(),
            messages: spoken.to_vec(),
            tools: tools.to_vec(),
            max_output_tokens: most,
            timeout: self.deadline.saturating_duration_since(tokio::time::Instant::now()),
        })
    }

    async fn answer(&mut self, called: Called, index: i64) -> Result<(), Stop> {
        let content = self.text.whole();
        if content.trim().is_empty() {
            return Err(self.refuse(&called, index, "EMPTY_REPLY", "the model gave no text"));
        }
        let turn = &self.claim.turn.id;
        let mut stream = Vec::new();
        stream.extend(self.text.take_rest(turn).map(|piece| ("message.delta", piece)));
        let prompt = self.claim.turn.prompt.clone();
        super::persist(|| {
            let step = called.done(&self.claim.turn.id, index);
            let hand_to =
                Some(&self.conversation.counterparty).filter(|with| with.kind == "agent").map(|with| with.id.clone());
            let answer =
                Answer { content: content.clone(), step, stream: stream.clone(), prompt: prompt.clone(), hand_to };
            turns::answer(&self.ctx, &self.claim.lease, answer)
        })
        .await?;
        Ok(())
    }

    /// What is left of a turn that has no reply.
    pub(super) fn trace(&self) -> Trace {
        Trace { prompt: self.claim.turn.prompt.clone(), call: self.failed.clone() }
    }

    /// Ends the turn over an answer with which nothing can be done; it has its price all the same.
    pub(super) fn refuse(&mut self, called: &Called, index: i64, code: &'static str, message: &str) -> Stop {
        self.failed = Some(called.useless((&self.claim.turn.id, index), code, message));
        Stop::Refused(code, message.to_owned())
    }

    /// How many tool calls the turn may still make, after `made`.
    pub(super) fn tool_calls_left(&self, made: i64) -> i64 {
        let limit = self.definition.configuration.budget.as_ref().and_then(|budget| budget.max_tool_calls_per_turn);
        limit.unwrap_or(TOOL_CALLS) - made
    }
}
