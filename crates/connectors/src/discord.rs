//! Discord: servers ("guilds"), channels, messages and members that a bot can see.
//!
//! Endpoints, limits and errors: <https://discord.com/developers/docs/reference>.

use crate::api::{Api, Auth, Budget, Reply, too_often};
use crate::form::{form, secret, text, url};
use crate::settings::{filled, read};
use crate::table::{Endpoint, Paging, Param, Vendor, drop_fields, fetch};
use async_trait::async_trait;
use muster_base::{Error, Result, Secret};
use muster_domain::connectors::{About, Query};
use muster_outbound::Outbound;
use serde::Deserialize;
use serde_json::{Map, Value};

const BASE: &str = "https://discord.com/api/v10";
const GUILD: Param = Param::text("guild", "a server's id or name; the one of the settings by default");
const CHANNEL: Param = Param::text("channel", "a channel's id, or its name such as `#general` on the server `guild`");
const MESSAGE: Param = Param::text("message", "the message's id");

const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("guilds/list", "users/@me/guilds", "the servers that the bot is on")
        .always(&[("with_counts", "true")])
        .pages(Paging::LastItem { param: "after", at: "/id" }, "limit", 200),
    Endpoint::get("guilds/get", "guilds/{guild}", "one server").takes(&[GUILD]).always(&[("with_counts", "true")]),
    Endpoint::get("channels/list", "guilds/{guild}/channels", "the channels of a server").takes(&[GUILD]),
    Endpoint::get("channels/get", "channels/{channel}", "one channel").takes(&[CHANNEL, GUILD]),
    Endpoint::get(
        "threads/list",
        "guilds/{guild}/threads/active",
        "the threads of a server that are active; each is a channel",
    )
    .takes(&[GUILD])
    .at("/threads"),
    Endpoint::get("messages/list", "channels/{channel}/messages", "the messages of a channel or thread, newest first")
        .takes(&[CHANNEL, GUILD, Param::text("before", "only messages before the one with this id")])
        .pages(Paging::LastItem { param: "before", at: "/id" }, "limit", 100),
    Endpoint::get("messages/around", "channels/{channel}/messages", "the messages before and after one")
        .takes(&[
            CHANNEL,
            GUILD,
            Param::text("message", "the id of the message in the middle").sent_as("around").needed(),
        ])
        .pages(Paging::None, "limit", 100),
    Endpoint::get("messages/get", "channels/{channel}/messages/{message}", "one message")
        .takes(&[CHANNEL, GUILD, MESSAGE]),
    Endpoint::get("messages/pins", "channels/{channel}/messages/pins", "the pinned messages of a channel")
        .takes(&[CHANNEL, GUILD])
        .at("/items")
        .pages(Paging::None, "limit", 50),
    Endpoint::get(
        "members/list",
        "guilds/{guild}/members",
        "the members of a server; the bot needs the members intent",
    )
    .takes(&[GUILD])
    .pages(Paging::LastItem { param: "after", at: "/user/id" }, "limit", 1000),
    Endpoint::get("members/search", "guilds/{guild}/members/search", "the members whose name begins with a text")
        .searches("query", "the beginning of a name")
        .takes(&[GUILD])
        .pages(Paging::None, "limit", 1000),
    Endpoint::get("roles/list", "guilds/{guild}/roles", "the roles of a server").takes(&[GUILD]),
    Endpoint::get("events/list", "guilds/{guild}/scheduled-events", "what is planned on a server").takes(&[GUILD]),
];

const QUERY_FORM: &str = "\
`resource` is what to read, `params` says of what; `query` is only for `members/search`.

```json
{\"resource\": \"messages/list\", \"params\": {\"channel\": \"#general\", \"limit\": 20}}
{\"resource\": \"channels/list\", \"params\": {\"guild\": \"41771983423143937\"}}
```

A channel's name needs a server: `guild`, the one of the settings, or the only one that the bot is on. The texts of \
messages come only with the message content intent.";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    token: Secret<String>,
    guild: Option<String>,
    base_url: Option<String>,
}

/// Discord as one bot sees it.
pub(crate) struct Discord {
    guild: Option<String>,
}

#[async_trait]
impl Vendor for Discord {
    fn about() -> About {
        About {
            kind: "discord",
            title: "Discord",
            summary: "Reads servers, channels, messages and members that a Discord bot can see.",
            query_form: QUERY_FORM,
            settings: form([
                ("token", secret("Bot token", "The token of the bot.").required()),
                ("guild", text("Server", "The id or name of the server that is meant where none is named.")),
                ("baseUrl", url("Base URL", "Where the API is.").default(BASE)),
            ]),
        }
    }

    fn open(settings: Map<String, Value>, outbound: &Outbound) -> Result<(Self, Api)> {
        let settings: Settings = read(settings)?;
        let base = filled(settings.base_url).unwrap_or_else(|| BASE.to_owned());
        let api = Api::new(outbound, "Discord", &base, Auth::Bearer("Bot", settings.token))?;
        // The form that Discord asks for; others may be blocked.
        let api = api.header("user-agent", concat!("DiscordBot (muster, ", env!("CARGO_PKG_VERSION"), ")"));
        Ok((Self { guild: filled(settings.guild) }, api))
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn greet(&self, api: &Api) -> Result<String> {
        let budget = &mut Budget::small();
        let me = fetch(self, api, &["users", "@me"], &[], budget).await?;
        let guilds = fetch(self, api, &["users", "@me", "guilds"], &[], budget).await?;
        let count = guilds.as_array().map_or(0, Vec::len);
        let servers = if count == 1 { "1 server".to_owned() } else { format!("{count} servers") };
        Ok(format!("Discord as {} on {servers}", me["username"].as_str().unwrap_or("?")))
    }

    async fn prepare(&self, api: &Api, query: &mut Query, budget: &mut Budget) -> Result<()> {
        let mut aside = budget.aside(8 << 20);
        let resource = query.resource.trim().to_owned();
        let of_guild = ENDPOINTS.iter().any(|row| row.name == resource && row.in_path("guild"));
        let of_channel = ENDPOINTS.iter().any(|row| row.name == resource && row.in_path("channel"));
        if of_guild {
            let guild = self.guild(api, query.params.get("guild"), &mut aside).await?;
            query.params.insert("guild".to_owned(), Value::String(guild));
        } else if of_channel {
            // The server is only there to find the channel.
            let guild = query.params.remove("guild");
            let Some(Value::String(channel)) = query.params.get("channel").cloned() else { return Ok(()) };
            if !is_id(&channel) {
                let guild = self.guild(api, guild.as_ref(), &mut aside).await?;
                let id = self.channel(api, &guild, &channel, &mut aside).await?;
                query.params.insert("channel".to_owned(), Value::String(id));
            }
        }
        Ok(())
    }

    fn fault(&self, api: &Api, answer: &Reply) -> Option<Error> {
        if answer.status().as_u16() != 429 {
            return None;
        }
        // More exact than the header, and always there.
        let body: Option<Value> = serde_json::from_slice(answer.body()).ok();
        let wait = body.and_then(|body| body["retry_after"].as_f64()).map(|wait| wait.max(0.0).ceil() as u64);
        Some(too_often(api, answer, wait.or(answer.retry_after())))
    }

    fn trim(&self, _: &Endpoint, item: &mut Value) -> bool {
        drop_fields(
            item,
            &[
                "avatar",
                "avatar_decoration_data",
                "banner",
                "banner_color",
                "accent_color",
                "discriminator",
                "public_flags",
                "flags",
                "clan",
                "collectibles",
                "primary_guild",
                "display_name_styles",
                "icon",
                "splash",
                "discovery_splash",
                "proxy_url",
                "proxy_icon_url",
                "placeholder",
                "placeholder_version",
                "permission_overwrites",
            ],
        );
        true
    }
}

impl Discord {
    /// The id of a server: the one that is named, of the settings, or the only one.
    async fn guild(&self, api: &Api, named: Option<&Value>, budget: &mut Budget) -> Result<String> {
        let named =
            named.and_then(|value| value.as_str().map(str::to_owned).or(value.as_u64().map(|id| id.to_string())));
        let named = filled(named).or_else(|| self.guild.clone());
        if let Some(id) = named.as_deref().filter(|named| is_id(named)) {
            return Ok(id.to_owned());
        }
        let guilds = fetch(self, api, &["users", "@me", "guilds"], &[], budget).await?;
        let guilds: Vec<(&str, &str)> = pairs(&guilds);
        match named {
            Some(name) => find(&guilds, &name).ok_or_else(|| {
                Error::invalid(
                    "params.guild",
                    format!("the bot is on no server of that name; it is on {}", names(&guilds)),
                )
            }),
            None => match guilds.as_slice() {
                [(id, _)] => Ok((*id).to_owned()),
                _ => Err(Error::invalid("params.guild", format!("is needed; the bot is on {}", names(&guilds)))),
            },
        }
    }

    async fn channel(&self, api: &Api, guild: &str, name: &str, budget: &mut Budget) -> Result<String> {
        let channels = fetch(self, api, &["guilds", guild, "channels"], &[], budget).await?;
        let channels = pairs(&channels);
        find(&channels, name.trim().trim_start_matches('#')).ok_or_else(|| {
            Error::invalid("params.channel", format!("there is no such channel; there is {}", names(&channels)))
        })
    }
}

/// Ids are numbers of at least 17 digits; names of channels may be shorter ones.
fn is_id(text: &str) -> bool {
    text.len() >= 15 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn pairs(list: &Value) -> Vec<(&str, &str)> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|item| Some((item["id"].as_str()?, item["name"].as_str()?))).collect()
}

fn find(list: &[(&str, &str)], name: &str) -> Option<String> {
    list.iter().find(|(_, other)| other.eq_ignore_ascii_case(name)).map(|(id, _)| (*id).to_owned())
}

fn names(list: &[(&str, &str)]) -> String {
    let names: Vec<&str> = list.iter().take(20).map(|(_, name)| *name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
