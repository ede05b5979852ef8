//! Slack: channels, messages and people of a workspace, by the Web API.
//!
//! Methods, paging and errors: <https://docs.slack.dev/apis/web-api/>. Only reading methods are in the table.

use crate::api::settings::{base_url, schema, secret};
use crate::api::trim::{drop_fields, drop_where};
use crate::api::*;
use async_trait::async_trait;
use muster_base::{Error, Result};
use muster_domain::connectors::{About, Query};
use muster_outbound::Outbound;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const BASE: &str = "https://slack.com/api";

/// How long a channel's id is remembered by its name.
const REMEMBERED: Duration = Duration::from_secs(300);

const CHANNEL: Param = Param::text("channel", "a channel's name such as `#general`, or its id");
const CURSOR: Paging = Paging::Cursor { param: "cursor", at: "/response_metadata/next_cursor" };

const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("channels/list", "conversations.list", "the channels that the token can see")
        .takes(&[
            Param::commas("types", "public_channel (default), private_channel, mpim, im"),
            Param::flag("exclude_archived", "leave archived channels out, true by default"),
        ])
        .always(&[("exclude_archived", "true")])
        .at("/channels")
        .pages(CURSOR, "limit", 200),
    Endpoint::get("channels/info", "conversations.info", "one channel with its topic and purpose")
        .takes(&[CHANNEL.needed(), Param::flag("include_num_members", "count its members")])
        .at("/channel"),
    Endpoint::get("channels/members", "conversations.members", "the ids of a channel's members")
        .takes(&[CHANNEL.needed()])
        .at("/members")
        .pages(CURSOR, "limit", 200),
    Endpoint::get("messages/list", "conversations.history", "a channel's messages, newest first, without the replies in threads")
        .takes(&[
            CHANNEL.needed(),
            Param::text("oldest", "only messages after this timestamp, in seconds since 1970"),
            Param::text("latest", "only messages before this timestamp"),
            Param::flag("inclusive", "also the messages at these timestamps"),
        ])
        .at("/messages")
        .pages(CURSOR, "limit", 200),
    Endpoint::get("messages/replies", "conversations.replies", "a thread: its first message and the replies, oldest first")
        .takes(&[
            CHANNEL.needed(),
            Param::text("ts", "the `ts` of the thread's first message").needed(),
            Param::text("oldest", "only messages after this timestamp"),
            Param::text("latest", "only messages before this timestamp"),
        ])
        .at("/messages")
        .pages(CURSOR, "limit", 200),
    Endpoint::get("messages/search", "search.messages", "messages of the whole workspace by words; takes a user token with `search:read`")
        .searches("query", "words and Slack's search modifiers, e.g. `deploy in:#ops from:@ann after:2026-01-01`")
        .takes(&[
            Param::one_of("sort", "", &["score", "timestamp"]),
            Param::one_of("sort_dir", "", &["asc", "desc"]),
        ])
        .at("/messages/matches")
        .pages(Paging::Number("page"), "count", 100),
    Endpoint::get("users/list", "users.list", "the people and bots of the workspace")
        .at("/members")
        .pages(CURSOR, "limit", 200),
    Endpoint::get("users/info", "users.info", "one person or bot")
        .takes(&[Param::text("user", "the id, e.g. `U012AB3CD`").needed()])
        .at("/user"),
    Endpoint::get("usergroups/list", "usergroups.list", "groups of people that can be mentioned together")
        .takes(&[Param::flag("include_users", "with the ids of their members")])
        .at("/usergroups"),
    Endpoint::get("files/list", "files.list", "files that were shared, newest first")
        .takes(&[CHANNEL, Param::text("user", "only files of the person with this id")])
        .at("/files")
        .pages(Paging::Number("page"), "count", 100),
    Endpoint::get("team/info", "team.info", "the workspace itself").at("/team"),
];

const QUERY_FORM: &str = "\
`resource` is what to read, `params` says of what; `query` is only for `messages/search`.

```json
{\"resource\": \"messages/list\", \"params\": {\"channel\": \"#general\", \"limit\": 20}}
{\"resource\": \"messages/replies\", \"params\": {\"channel\": \"#general\", \"ts\": \"1700000000.000100\"}}
{\"resource\": \"messages/search\", \"query\": \"outage in:#ops after:2026-01-01\"}
```

A channel is named with `#` or by its id. The bot has to be a member of a channel to read its messages.";

/// A workspace as seen by one token.
#[derive(Default)]
pub(crate) struct Slack {
    /// Ids of channels by name, and until when they are good.
    channels: Mutex<HashMap<String, (String, Instant)>>,
}

#[async_trait]
impl Vendor for Slack {
    fn about() -> About {
        let settings = json!({
            "token": secret("Token", "A bot token (`xoxb-...`) or user token (`xoxp-...`). A bot needs the scopes \
                `channels:read`, `channels:history` and `users:read`; `groups:*` for private channels."),
            "base_url": base_url("Where the Web API is", Some(BASE)),
        });
        About {
            kind: "slack",
            title: "Slack",
            summary: "Reads channels, messages, threads and people of a Slack workspace.",
            query_form: QUERY_FORM,
            settings: schema(settings, &["token"]),
        }
    }

    fn open(settings: &Settings, outbound: &Outbound) -> Result<(Self, Http)> {
        let http = Http::new("Slack", outbound, settings.base_url(Some(BASE))?);
        Ok((Self::default(), http.bearer("token", settings.needed("token")?)?))
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    /// Every method takes its arguments as a form, and some only so.
    fn send<'a>(&self, query: &'a [(String, String)]) -> Sent<'a> {
        Sent::Form(query)
    }

    async fn greet(&self, http: &Http) -> Result<String> {
        let who = fetch(self, http, "auth.test", &[], &mut Budget::small()).await?;
        let word = |name: &str| who[name].as_str().unwrap_or("?").to_owned();
        let kind = if who["bot_id"].is_string() { "bot" } else { "user" };
        Ok(format!("Slack workspace {} as {kind} {}", word("team"), word("user")))
    }

    async fn prepare(&self, http: &Http, query: &mut Query, budget: &mut Budget) -> Result<()> {
        let Some(Value::String(channel)) = query.params.get("channel") else { return Ok(()) };
        if !is_id(channel) {
            let id = self.channel(http, channel.trim().trim_start_matches('#'), budget).await?;
            query.params.insert("channel".to_owned(), Value::String(id));
        }
        Ok(())
    }

    fn refusal(&self, answer: &Answered) -> Option<Refusal> {
        if let Some(refusal) = refusal::by_status(answer) {
            return Some(refusal);
        }
        let body = answer.json()?;
        if body["ok"] != false {
            return None;
        }
        let word = body["error"].as_str().unwrap_or("no reason given");
        let (why, advice) = sort(word);
        let message = match body["needed"].as_str() {
            Some(needed) => format!("{word}: the token needs the scope {needed}"),
            None if advice.is_empty() => word.to_owned(),
            None => format!("{word}: {advice}"),
        };
        Some(Refusal::new(why, message))
    }

    fn trim(&self, endpoint: &Endpoint, item: &mut Value) -> bool {
        if endpoint.name.starts_with("users/") {
            drop_where(item, &|name, _| name.starts_with("image_") || name == "avatar_hash");
        }
        if endpoint.name.starts_with("messages/") && item["text"].as_str().is_some_and(|text| !text.is_empty()) {
            // The same text once more, as a layout.
            drop_fields(item, &["blocks", "client_msg_id"]);
        }
        true
    }
}

impl Slack {
    /// The id of a channel.
    async fn channel(&self, http: &Http, name: &str, budget: &mut Budget) -> Result<String> {
        if let Some((id, until)) = self.known().get(name)
            && *until > Instant::now()
        {
            return Ok(id.clone());
        }
        let mut aside = budget.aside(32 << 20);
        let found = match self.look_for(http, name, "public_channel,private_channel", &mut aside).await {
            // A token that may not see private channels can still see public ones.
            Err(error) if error.message().contains("missing_scope") => {
                self.look_for(http, name, "public_channel", &mut aside).await
            }
            found => found,
        };
        let problem = || format!("there is no channel `#{}` that the token can see", refusal::cut(name));
        found?.ok_or_else(|| Error::invalid("params.channel", problem()))
    }

    async fn look_for(&self, http: &Http, name: &str, types: &str, budget: &mut Budget) -> Result<Option<String>> {
        let mut query = vec![("types".to_owned(), types.to_owned()), ("limit".to_owned(), "1000".to_owned())];
        loop {
            let page = fetch(self, http, "conversations.list", &query, budget).await?;
            let until = Instant::now() + REMEMBERED;
            let mut known = self.known();
            known.retain(|_, (_, until)| *until > Instant::now());
            for channel in page["channels"].as_array().into_iter().flatten() {
                if let (Some(name), Some(id)) = (channel["name"].as_str(), channel["id"].as_str()) {
                    known.insert(name.to_owned(), (id.to_owned(), until));
                }
            }
            if let Some((id, _)) = known.get(name) {
                return Ok(Some(id.clone()));
            }
            drop(known);
            let cursor = page["response_metadata"]["next_cursor"].as_str().unwrap_or_default();
            if cursor.is_empty() {
                return Ok(None);
            }
            query.truncate(2);
            query.push(("cursor".to_owned(), cursor.to_owned()));
        }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, (String, Instant)>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ids are a letter for the kind of conversation and then capitals and digits; names are lower case.
fn is_id(channel: &str) -> bool {
    channel.len() >= 9
        && channel.starts_with(['C', 'G', 'D'])
        && channel.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn sort(word: &str) -> (Why, &'static str) {
    match word {
        "not_authed" | "invalid_auth" | "account_inactive" | "token_revoked" | "token_expired" => (Why::Credentials, ""),
        "missing_scope" | "no_permission" | "ekm_access_denied" | "access_denied" => (Why::Forbidden, ""),
        "not_allowed_token_type" => (Why::Forbidden, "this takes another kind of token, e.g. a user token"),
        "not_in_channel" => (Why::Forbidden, "invite the bot to the channel"),
        "ratelimited" => (Why::Throttled(None), ""),
        "channel_not_found" => (Why::Param("params.channel"), "there is no such channel that the token can see"),
        "user_not_found" => (Why::Param("params.user"), "there is no such user"),
        "thread_not_found" => (Why::Param("params.ts"), "there is no such thread"),
        "invalid_ts_latest" | "invalid_ts_oldest" => (Why::Other, "timestamps are seconds since 1970"),
        _ => (Why::Other, ""),
    }
}
