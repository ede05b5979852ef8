//! PagerDuty: incidents, services, who is on call, schedules.
//!
//! Endpoints, paging and errors: <https://developer.pagerduty.com/api-reference/>.

use crate::api::{Api, Auth, Budget};
use crate::form::{choice, form, secret, url};
use crate::settings::{filled, read};
use crate::table::{Endpoint, Paging, Param, Vendor, drop_fields, fetch};
use async_trait::async_trait;
use muster_base::{Error, Result, Secret};
use muster_domain::connectors::About;
use muster_outbound::Outbound;
use serde::Deserialize;
use serde_json::{Map, Value};

const BASE: &str = "https://api.pagerduty.com";
const ID: Param = Param::text("id", "its id, e.g. `PABC123`");
const SINCE: Param = Param::text("since", "the beginning, e.g. `2026-01-31T00:00:00Z`");
const UNTIL: Param = Param::text("until", "the end");
const TEAMS: Param = Param::repeated("team_ids", "team_ids[]", "only of these teams");
const INCLUDE: Param = Param::repeated("include", "include[]", "what to give in full, e.g. `services`");

/// Lists that PagerDuty pages by offset.
const fn list(name: &'static str, path: &'static str, at: &'static str, about: &'static str) -> Endpoint {
    Endpoint::get(name, path, about).at(at).pages(Paging::Offset("offset"), "limit", 100)
}

const ENDPOINTS: &[Endpoint] = &[
    list("incidents/list", "incidents", "/incidents", "the incidents, of the last month unless `since` says otherwise")
        .takes(&[
            Param::repeated("statuses", "statuses[]", "triggered, acknowledged, resolved"),
            Param::repeated("urgencies", "urgencies[]", "high, low"),
            Param::repeated("service_ids", "service_ids[]", "only of these services"),
            Param::repeated("user_ids", "user_ids[]", "only assigned to these people"),
            TEAMS,
            SINCE,
            UNTIL,
            Param::one_of("date_range", "`all` for all there ever were", &["all"]),
            Param::text("sort_by", "e.g. `created_at:desc`"),
            INCLUDE,
        ]),
    Endpoint::get("incidents/get", "incidents/{id}", "one incident").takes(&[ID, INCLUDE]).at("/incident"),
    list("incidents/alerts", "incidents/{id}/alerts", "/alerts", "the alerts of an incident").takes(&[ID]),
    Endpoint::get("incidents/notes", "incidents/{id}/notes", "the notes on an incident").takes(&[ID]).at("/notes"),
    list("incidents/log", "incidents/{id}/log_entries", "/log_entries", "what happened with an incident")
        .takes(&[ID, SINCE, UNTIL]),
    list("services/list", "services", "/services", "the services")
        .asks("query", "a text that the name has to have")
        .takes(&[TEAMS, Param::one_of("sort_by", "", &["name", "name:asc", "name:desc"])]),
    Endpoint::get("services/get", "services/{id}", "one service").takes(&[ID]).at("/service"),
    list("oncalls/list", "oncalls", "/oncalls", "who is on call, now unless `since` and `until` say otherwise").takes(
        &[
            Param::repeated("schedule_ids", "schedule_ids[]", "only by these schedules"),
            Param::repeated("escalation_policy_ids", "escalation_policy_ids[]", "only by these policies"),
            Param::repeated("user_ids", "user_ids[]", "only these people"),
            Param::flag("earliest", "only the first turn of each"),
            SINCE,
            UNTIL,
            INCLUDE,
        ],
    ),
    list("schedules/list", "schedules", "/schedules", "the schedules")
        .asks("query", "a text that the name has to have"),
    Endpoint::get("schedules/get", "schedules/{id}", "one schedule, with its turns between `since` and `until`")
        .takes(&[ID, SINCE, UNTIL, Param::text("time_zone", "e.g. `Europe/Berlin`")])
        .at("/schedule"),
    list("escalation_policies/list", "escalation_policies", "/escalation_policies", "who is called after whom")
        .asks("query", "a text that the name has to have")
        .takes(&[TEAMS]),
    list("users/list", "users", "/users", "the people")
        .asks("query", "a text that the name has to have")
        .takes(&[TEAMS]),
    Endpoint::get("users/get", "users/{id}", "one person").takes(&[ID]).at("/user"),
    list("teams/list", "teams", "/teams", "the teams").asks("query", "a text that the name has to have"),
    list("log_entries/list", "log_entries", "/log_entries", "what happened with all incidents").takes(&[
        SINCE,
        UNTIL,
        TEAMS,
        Param::flag("is_overview", "only what matters"),
    ]),
    list(
        "maintenance_windows/list",
        "maintenance_windows",
        "/maintenance_windows",
        "when services are under maintenance",
    )
    .takes(&[
        Param::repeated("service_ids", "service_ids[]", "only of these services"),
        TEAMS,
        Param::one_of("filter", "", &["past", "future", "ongoing", "open"]),
    ]),
    Endpoint::get("priorities/list", "priorities", "the priorities of incidents").at("/priorities"),
];

const QUERY_FORM: &str = "\
`resource` is what to read, `params` says of what; `query` is a part of a name for lists that can be searched.

```json
{\"resource\": \"incidents/list\", \"params\": {\"statuses\": [\"triggered\", \"acknowledged\"]}}
{\"resource\": \"oncalls/list\", \"params\": {\"include\": [\"users\"]}}
```";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    token: Secret<String>,
    token_kind: Option<String>,
    base_url: Option<String>,
}

/// A PagerDuty account.
pub(crate) struct Pagerduty;

#[async_trait]
impl Vendor for Pagerduty {
    fn about() -> About {
        let token = "A read-only REST API key of the account or of a user, or an OAuth access token.";
        let kind = "An API key is sent as `Token token=...`, an OAuth access token as `Bearer ...`.";
        let base = "Where the REST API is; for accounts in the EU `https://api.eu.pagerduty.com`.";
        About {
            kind: "pagerduty",
            title: "PagerDuty",
            summary: "Reads incidents, services, schedules and who is on call from PagerDuty.",
            query_form: QUERY_FORM,
            settings: form([
                ("token", secret("API key", token).required()),
                ("tokenKind", choice("Kind of key", kind, &["key", "oauth"])),
                ("baseUrl", url("Base URL", base).default(BASE)),
            ]),
        }
    }

    fn open(settings: Map<String, Value>, outbound: &Outbound) -> Result<(Self, Api)> {
        let settings: Settings = read(settings)?;
        let auth = match settings.token_kind.as_deref() {
            Some("oauth") => Auth::Bearer("Bearer", settings.token),
            None | Some("key") => {
                let said = Secret::new(format!("Token token={}", settings.token.expose().trim()));
                Auth::Header("authorization".to_owned(), said)
            }
            Some(_) => return Err(Error::invalid("tokenKind", "must be key or oauth")),
        };
        let base = filled(settings.base_url).unwrap_or_else(|| BASE.to_owned());
        let api = Api::new(outbound, "PagerDuty", &base, auth)?;
        Ok((Self, api.header("accept", "application/vnd.pagerduty+json;version=2")))
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn greet(&self, api: &Api) -> Result<String> {
        let budget = &mut Budget::small();
        // Only the key of a user is somebody; any key may list services.
        if let Ok(me) = fetch(self, api, &["users", "me"], &[], budget).await
            && let Some(name) = me.pointer("/user/name").and_then(Value::as_str)
        {
            return Ok(format!("PagerDuty as {name}"));
        }
        fetch(self, api, &["services"], &[("limit", "1")], budget).await?;
        Ok("PagerDuty with a key of the account".to_owned())
    }

    fn trim(&self, _: &Endpoint, item: &mut Value) -> bool {
        // A key by which anybody may raise incidents, and pictures.
        drop_fields(item, &["integration_key", "integration_email", "avatar_url", "self"]);
        true
    }
}
