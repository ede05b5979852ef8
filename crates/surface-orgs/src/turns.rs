//! Turns: listed, and cancelled. One turn in full is the inspector's.

use crate::inspector::{self, TurnView};
use crate::views::{List, narrowed, page};
use muster_base::Millis;
use muster_domain::access::{Role, Scope};
use muster_domain::turns::{self, State, Turn, TurnFilter};
use muster_http::{Caller, Json, Op, Path, Query, Reply, get, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// List turns, newest first.
pub(crate) const LIST: Op = get("/v1/orgs/{org}/turns")
    .floor(Role::Viewer)
    .scope(Scope::MessagesRead)
    .summary("List turns, newest first")
    .query::<TurnsQuery>()
    .gives::<List<TurnSummary>>();

/// Inspect a turn.
pub(crate) const GET: Op = get("/v1/orgs/{org}/turns/{turn}")
    .floor(Role::Viewer)
    .scope(Scope::MessagesRead)
    .summary("Inspect a turn: its messages, prompt and steps")
    .gives::<TurnView>();

/// Cancel a turn.
pub(crate) const CANCEL: Op = post("/v1/orgs/{org}/turns/{turn}/_cancel")
    .floor(Role::Operator)
    .scope(Scope::MessagesWrite)
    .summary("End a waiting turn, or ask a running one to break off; an ended turn is left as it is")
    .gives::<TurnSummary>();

/// Which turns are listed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TurnsQuery {
    /// Only of this agent, by its id.
    agent: Option<String>,
    /// Only of this conversation, by its id `conv_...`.
    conversation: Option<String>,
    /// Only in this state.
    state: Option<State>,
    /// How many at the most, 1 to 200 (50).
    limit: Option<i64>,
    /// `nextPageToken` of the page before.
    page_token: Option<String>,
}

/// A turn in brief.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TurnSummary {
    /// Its id.
    id: String,
    /// The agent.
    agent_id: String,
    /// The conversation.
    conversation_id: String,
    /// How far it has got.
    state: State,
    /// How often it was taken up.
    attempt: i64,
    /// The version of the agent's definition that it runs under; null until it has begun.
    definition_version: Option<i64>,
    /// `provider/model`, once one was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// When it was made.
    created_at: Millis,
    /// When it was first taken up.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Millis>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Millis>,
    /// What it used.
    usage: TurnUsage,
    /// Why it gave no reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<TurnError>,
}

/// What a turn used.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TurnUsage {
    /// Tokens of the prompts, cached ones included.
    input_tokens: i64,
    /// Tokens of the answers.
    output_tokens: i64,
    /// Tokens of the prompts that the provider had cached.
    cached_input_tokens: i64,
    /// Milliseconds within model calls.
    model_ms: i64,
    /// What it cost in US dollars, when the price is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_usd: Option<f64>,
}

/// Why a turn gave no reply.
#[derive(Debug, Serialize, JsonSchema)]
struct TurnError {
    /// Upper snake case, e.g. `MODEL_ERROR`.
    code: String,
    /// A sentence for people.
    message: String,
}

impl From<Turn> for TurnSummary {
    fn from(turn: Turn) -> Self {
        let usage = TurnUsage {
            input_tokens: turn.usage.input_tokens,
            output_tokens: turn.usage.output_tokens,
            cached_input_tokens: turn.usage.cached_input_tokens,
            model_ms: turn.model_ms,
            cost_usd: turn.cost_micro_usd.map(|micro| micro as f64 / 1e6),
        };
        Self {
            id: turn.id,
            agent_id: turn.agent,
            conversation_id: turn.conversation,
            state: turn.state,
            attempt: turn.attempt,
            definition_version: turn.version,
            model: turn.model,
            created_at: turn.created_at,
            started_at: turn.started_at,
            finished_at: turn.finished_at,
            usage,
            error: turn.error.map(|(code, message)| TurnError { code, message }),
        }
    }
}

pub(crate) async fn list(caller: Caller, Query(query): Query<TurnsQuery>) -> Reply<List<TurnSummary>> {
    let page = page(query.limit, query.page_token.as_deref())?;
    let agent = narrowed(&caller, query.agent)?;
    let filter = TurnFilter { agent, conversation: query.conversation, state: query.state };
    Ok(Json(List::of(turns::list(&caller, &filter, &page).await?, TurnSummary::from)))
}

pub(crate) async fn show(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Reply<TurnView> {
    let detail = turns::find(&caller, &id).await?;
    caller.may_act_as(&detail.turn.agent)?;
    Ok(Json(inspector::view(&caller, detail).await?))
}

pub(crate) async fn cancel(caller: Caller, Path((_org, id)): Path<(String, String)>) -> Reply<TurnSummary> {
    if caller.principal().agent.is_some() {
        let detail = turns::find(&caller, &id).await?;
        caller.may_act_as(&detail.turn.agent)?;
    }
    Ok(Json(turns::cancel(&caller, &id).await?.into()))
}
