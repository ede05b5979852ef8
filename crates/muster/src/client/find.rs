//! Finding an agent by what people call it: its number, its id or its name.

use super::api::Api;
use muster_base::{Error, Kind, Millis, Result};
use serde::Deserialize;
use serde_json::Value;

/// How many agents are asked for at once.
pub(super) const PAGE: usize = 200;
/// How many names a suggestion has at the most.
const SUGGESTED: usize = 3;

/// An agent as far as the commands show it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Agent {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) lifecycle: String,
    pub(super) presence: String,
    pub(super) model: Option<String>,
    pub(super) message_count: i64,
    pub(super) output_token_balance: i64,
    pub(super) last_seen_at: Option<Millis>,
    pub(super) version: i64,
    pub(super) created_at: Millis,
    pub(super) updated_at: Millis,
}

/// Finds an agent by number or id, else by name: exactly, or in another case when only one is called so.
pub(super) async fn find(api: &Api, wanted: &str) -> Result<Agent> {
    if wanted.trim().is_empty() {
        return Err(Error::invalid("agent", "must be the number, the id or the name of an agent"));
    }
    if is_number(wanted)
        && let Some(id) = id_of_number(api, wanted).await?
        && let Some(agent) = by_id(api, &id).await?
    {
        return Ok(agent);
    }
    if is_slug(wanted)
        && let Some(agent) = by_id(api, wanted).await?
    {
        return Ok(agent);
    }
    let mut similar = Vec::new();
    let mut token = None;
    loop {
        let (agents, next) = page(api, &[("q", wanted)], PAGE, token.as_deref()).await?;
        for agent in agents {
            similar.push(api.read::<Agent>(agent)?);
        }
        token = next;
        if token.is_none() {
            break;
        }
    }
    choose(wanted, similar)
}

/// A page of agents as the API shows them, and the token of the next.
pub(super) async fn page(
    api: &Api,
    filter: &[(&str, &str)],
    limit: usize,
    token: Option<&str>,
) -> Result<(Vec<Value>, Option<String>)> {
    let limit = limit.to_string();
    let mut query = filter.to_vec();
    query.push(("limit", &limit));
    query.extend(token.map(|token| ("pageToken", token)));
    let mut answer = api.get(&api.in_org(&["agents"], &query).await?).await?;
    let next = answer["nextPageToken"].as_str().map(str::to_owned);
    Ok((api.read(answer["data"].take())?, next))
}

async fn by_id(api: &Api, id: &str) -> Result<Option<Agent>> {
    match api.get(&api.in_org(&["agents", id], &[]).await?).await {
        Ok(answer) => api.read(answer).map(Some),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The id of the agent with this number.
async fn id_of_number(api: &Api, number: &str) -> Result<Option<String>> {
    match api.get(&api.in_mission(&["agents", number], &[])).await {
        Ok(answer) => Ok(answer["agent"]["slug"].as_str().map(str::to_owned)),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_slug(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_')
}

fn choose(wanted: &str, similar: Vec<Agent>) -> Result<Agent> {
    if let Some(exact) = similar.iter().find(|agent| agent.name == wanted) {
        return Ok(exact.clone());
    }
    let folded = wanted.to_lowercase();
    let same: Vec<&Agent> = similar.iter().filter(|agent| agent.name.to_lowercase() == folded).collect();
    if let [only] = same.as_slice() {
        return Ok((*only).clone());
    }
    let names = if same.is_empty() { similar.iter().collect() } else { same };
    let names: Vec<String> =
        names.iter().take(SUGGESTED).map(|agent| format!("`{}` ({})", agent.name, agent.id)).collect();
    let advice = if names.is_empty() {
        "`muster agents ls` lists them all".to_owned()
    } else {
        format!("did you mean {}?", names.join(" or "))
    };
    Err(Error::new(
        Kind::NotFound,
        "client.not_found",
        format!("no agent has the number, id or name `{wanted}`; {advice}"),
    ))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::json;

    pub(in crate::client) fn agent(id: &str, name: &str) -> Agent {
        let shown = json!({
            "id": id, "number": 1, "orgId": "default", "name": name, "identity": {}, "lifecycle": "active",
            "presence": "idle", "source": "hosted", "messageCount": 12, "outputTokenBalance": 1_000_000, "version": 1,
            "lastSeenAt": "2026-11-22T03:57:00.000Z", "createdAt": "2026-11-01T00:00:00.000Z",
            "updatedAt": "2026-11-20T00:00:00.000Z",
        });
        serde_json::from_value(shown).unwrap()
    }

    #[test]
    fn a_name_counts_exactly_before_it_counts_in_another_case() {
        let known = || vec![agent("agent-1", "ann"), agent("agent-2", "Ann"), agent("agent-3", "Anne")];
        assert_eq!(choose("Ann", known()).unwrap().id, "agent-2");
        assert_eq!(choose("ANNE", known()).unwrap().id, "agent-3");
        let error = choose("ANN", known()).unwrap_err();
        assert_eq!(
            error.message(),
            "no agent has the number, id or name `ANN`; did you mean `ann` (agent-1) or `Ann` (agent-2)?"
        );
    }

    #[test]
    fn an_unknown_name_is_told_where_the_names_are() {
        let error = choose("Bob", Vec::new()).unwrap_err();
        assert_eq!(error.message(), "no agent has the number, id or name `Bob`; `muster agents ls` lists them all");
        let error = choose("An", vec![agent("agent-1", "Ann")]).unwrap_err();
        assert!(error.message().ends_with("did you mean `Ann` (agent-1)?"));
    }

    #[test]
    fn only_digits_are_looked_up_as_a_number() {
        assert!(is_number("12"));
        for name in ["+7", "-7", "1a", "agent-1"] {
            assert!(!is_number(name), "{name}");
        }
    }

    #[test]
    fn only_what_can_be_an_id_is_looked_up_as_one() {
        assert!(is_slug("agent-ann-2k4n8p3x"));
        for name in ["Ann", "a b", "..", "a/b", "ä"] {
            assert!(!is_slug(name), "{name}");
        }
    }
}
