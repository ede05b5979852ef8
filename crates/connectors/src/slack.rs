//! Slack: channels, messages and people of a workspace, by the Web API.
//!
//! Methods, paging and errors: <https://docs.slack.dev/apis/web-api/>. Only reading methods are in the table.

use crate::api::{Api, Ask, Auth, Budget, Reply, too_often, words};
use crate::form::{form, secret, url};
use crate::settings::{filled, read};
use crate::table::{Endpoint, Paging, Param, Vendor, drop_fields, drop_where, fetch};
use async_trait::async_trait;
use muster_base::{Error, Result, Secret};
use muster_domain::connectors::{About, Query, failed};
use muster_outbound::{Outbound, Url};
use serde::Deserialize;
use serde_json::{Map, Value};
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
    Endpoint::get(
        "messages/list",
        "conversations.history",
        "a channel's messages, newest first, without the replies in threads",
    )
    .takes(&[
        CHANNEL.needed(),
        Param::text("oldest", "only messages after this timestamp, in seconds since 1970"),
        Param::text("latest", "only messages before this timestamp"),
        Param::flag("inclusive", "also the messages at these timestamps"),
    ])
    .at("/messages")
    .pages(CURSOR, "limit", 200),
    Endpoint::get(
        "messages/replies",
        "conversations.replies",
        "a thread: its first message and the replies, oldest first",
    )
    .takes(&[
        CHANNEL.needed(),
        Param::text("ts", "the `ts` of the thread's first message").needed(),
        Param::text("oldest", "only messages after this timestamp"),
        Param::text("latest", "only messages before this timestamp"),
    ])
    .at("/messages")
    .pages(CURSOR, "limit", 200),
    Endpoint::get(
        "messages/search",
        "search.messages",
        "messages of the whole workspace by words; takes a user token with `search:read`",
    )
    .searches("query", "words and Slack's search modifiers, e.g. `deploy in:#ops from:@ann after:2026-01-01`")
    .takes(&[Param::one_of("sort", "", &["score", "timestamp"]), Param::one_of("sort_dir", "", &["asc", "desc"])])
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    token: Secret<String>,
    base_url: Option<String>,
}

/// A workspace as seen by one token.
#[derive(Default)]
pub(crate) struct Slack {
    /// Ids of channels by name, and until when they are good.
    channels: Mutex<HashMap<String, (String, Instant)>>,
}

#[async_trait]
impl Vendor for Slack {
    fn about() -> About {
        let token = "A bot token (`xoxb-...`) or user token (`xoxp-...`). A bot needs the scopes `channels:read`, \
                     `channels:history` and `users:read`, and the same of `groups` for private channels.";
        About {
            kind: "slack",
            title: "Slack",
            summary: "Reads channels, messages, threads and people of a Slack workspace.",
            query_form: QUERY_FORM,
            settings: form([
                ("token", secret("Token", token).required()),
                ("baseUrl", url("Base URL", "Where the Web API is.").default(BASE)),
            ]),
        }
    }

    fn open(settings: Map<String, Value>, outbound: &Outbound) -> Result<(Self, Api)> {
        let settings: Settings = read(settings)?;
        let base = filled(settings.base_url).unwrap_or_else(|| BASE.to_owned());
        let api = Api::new(outbound, "Slack", &base, Auth::Bearer("Bearer", settings.token))?;
        Ok((Self::default(), api))
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    /// Every method takes its arguments as a form, and some only so.
    fn ask<'a>(&self, api: &'a Api, url: Url) -> Ask<'a> {
        api.post(url).in_body()
    }

    async fn greet(&self, api: &Api) -> Result<String> {
        let who = fetch(self, api, &["auth.test"], &[], &mut Budget::small()).await?;
        let word = |name: &str| who[name].as_str().unwrap_or("?").to_owned();
        let kind = if who["bot_id"].is_string() { "bot" } else { "user" };
        Ok(format!("Slack workspace {} as {kind} {}", word("team"), word("user")))
    }

    async fn prepare(&self, api: &Api, query: &mut Query, budget: &mut Budget) -> Result<()> {
        let Some(Value::String(channel)) = query.params.get("channel") else { return Ok(()) };
        if !is_id(channel) {
            let id = self.channel(api, channel.trim().trim_start_matches('#'), budget).await?;
            query.params.insert("channel".to_owned(), Value::String(id));
        }
        Ok(())
    }

    /// What fails is answered with 200 and `"ok": false`.
    fn fault(&self, api: &Api, answer: &Reply) -> Option<Error> {
        let body: Value = serde_json::from_slice(answer.body()).ok()?;
        if !answer.status().is_success() || body["ok"] != false {
            return None;
        }
        let word = words(api, body["error"].as_str().unwrap_or("no reason given"));
        if let Some(needed) = body["needed"].as_str() {
            let needed = words(api, needed);
            return Some(failed(format!("Slack does not allow this ({word}); the token needs the scope {needed}")));
        }
        Some(match word.as_str() {
            "ratelimited" => too_often(api, answer, answer.retry_after()),
            "channel_not_found" => no_channel(""),
            "user_not_found" => Error::invalid("params.user", "there is no such user"),
            "thread_not_found" => Error::invalid("params.ts", "there is no such thread"),
            _ => failed(format!("Slack refuses this: {word}{}", advice(&word))),
        })
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
    async fn channel(&self, api: &Api, name: &str, budget: &mut Budget) -> Result<String> {
        if let Some(id) = self.known(name) {
            return Ok(id);
        }
        let mut aside = budget.aside(32 << 20);
        let found = match self.look_for(api, name, "public_channel,private_channel", &mut aside).await {
            // A token that may not see private channels can still see public ones.
            Err(error) if error.message().contains("missing_scope") => {
                self.look_for(api, name, "public_channel", &mut aside).await
            }
            found => found,
        };
        found?.ok_or_else(|| no_channel(name))
    }

    async fn look_for(&self, api: &Api, name: &str, types: &str, budget: &mut Budget) -> Result<Option<String>> {
        let mut cursor = String::new();
        loop {
            let mut query = vec![("types", types), ("limit", "1000")];
            if !cursor.is_empty() {
                query.push(("cursor", cursor.as_str()));
            }
            let page = fetch(self, api, &["conversations.list"], &query, budget).await?;
            self.remember(&page);
            if let Some(id) = self.known(name) {
                return Ok(Some(id));
            }
            let next = page["response_metadata"]["next_cursor"].as_str().unwrap_or_default().to_owned();
            if next.is_empty() || next == cursor {
                return Ok(None);
            }
            cursor = next;
        }
    }

    fn known(&self, name: &str) -> Option<String> {
        let channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        channels.get(name).filter(|(_, until)| *until > Instant::now()).map(|(id, _)| id.clone())
    }

    fn remember(&self, page: &Value) {
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        channels.retain(|_, (_, until)| *until > now);
        for channel in page["channels"].as_array().into_iter().flatten() {
            if let (Some(name), Some(id)) = (channel["name"].as_str(), channel["id"].as_str()) {
                channels.insert(name.to_owned(), (id.to_owned(), now + REMEMBERED));
            }
        }
    }
}

fn no_channel(name: &str) -> Error {
    let name =
        if name.is_empty() { String::new() } else { format!(" `#{}`", name.chars().take(80).collect::<String>()) };
    Error::invalid("params.channel", format!("there is no channel{name} that the token can see"))
}

/// Ids are a letter for the kind of conversation and then capitals and digits; names are lower case.
fn is_id(channel: &str) -> bool {
    channel.len() >= 9
        && channel.starts_with(['C', 'G', 'D'])
        && channel.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// What to do about an error of the Web API.
fn advice(word: &str) -> &'static str {
    match word {
        "not_authed" | "invalid_auth" | "account_inactive" | "token_revoked" | "token_expired" => "; check the token",
        "not_allowed_token_type" => "; this takes another kind of token, e.g. a user token for searches",
        "not_in_channel" => "; invite the bot to the channel",
        "invalid_ts_latest" | "invalid_ts_oldest" => "; timestamps are seconds since 1970",
        _ => "",
    }
}
