//! Grafana: dashboards, alerts and their rules, annotations, names of data sources.
//!
//! Endpoints: <https://grafana.com/docs/grafana/latest/developers/http_api/>.

use crate::api::{Api, Budget, SignIn};
use crate::form::{authorities, form, url, whole};
use crate::settings::{filled, read};
use crate::table::{Endpoint, Paging, Param, Vendor, drop_fields, fetch, moment};
use async_trait::async_trait;
use muster_base::{Clock, Result, SystemClock};
use muster_domain::connectors::{About, Query};
use muster_outbound::Outbound;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const UID: Param = Param::text("uid", "its uid");

const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("dashboards/search", "api/search", "the dashboards")
        .asks("query", "a text that the title has to have")
        .takes(&[
            Param::repeated("tag", "tag", "only with these tags"),
            Param::repeated("folder_uids", "folderUIDs", "only in these folders"),
            Param::flag("starred", "only those with a star"),
            Param::one_of("type", "dashboards or folders", &["dash-db", "dash-folder"]),
        ])
        .always(&[("type", "dash-db")])
        .pages(Paging::Number("page"), "limit", 1000),
    Endpoint::get("dashboards/get", "api/dashboards/uid/{uid}", "one dashboard: its panels and what they ask for")
        .takes(&[UID]),
    Endpoint::get("folders/list", "api/folders", "the folders").pages(Paging::Number("page"), "limit", 1000),
    Endpoint::get("alerts/list", "api/alertmanager/grafana/api/v2/alerts", "the alerts that are there now").takes(&[
        Param::flag("active", "those that are neither silenced nor inhibited"),
        Param::flag("silenced", "those that are silenced"),
        Param::flag("inhibited", "those that are inhibited"),
        Param::repeated("filter", "filter", "matchers such as `severity=\"critical\"`"),
    ]),
    Endpoint::get(
        "alert_rules/state",
        "api/prometheus/grafana/api/v1/rules",
        "the alert rules with their state, by group",
    )
    .takes(&[
        Param::repeated("state", "state", "firing, pending, inactive (normal in older versions)"),
        Param::text("dashboard_uid", "only of this dashboard"),
    ])
    .at("/data/groups"),
    Endpoint::get("alert_rules/list", "api/v1/provisioning/alert-rules", "the alert rules as they are defined"),
    Endpoint::get("alert_rules/get", "api/v1/provisioning/alert-rules/{uid}", "one alert rule as it is defined")
        .takes(&[UID]),
    Endpoint::get("silences/list", "api/alertmanager/grafana/api/v2/silences", "the silences"),
    Endpoint::get("datasources/list", "api/datasources", "the names and kinds of data sources"),
    Endpoint::get("annotations/list", "api/annotations", "annotations and changes of alerts, newest first")
        .takes(&[
            Param::text("from", "a time, seconds since 1970, or how long ago such as `2h`"),
            Param::text("to", "likewise"),
            Param::repeated("tags", "tags", "only with all of these tags"),
            Param::text("dashboard_uid", "only of this dashboard").sent_as("dashboardUID"),
            Param::one_of("type", "", &["alert", "annotation"]),
        ])
        .pages(Paging::None, "limit", 1000),
    Endpoint::get("users/list", "api/org/users", "the members of the organisation"),
    Endpoint::get("teams/list", "api/teams/search", "the teams")
        .asks("query", "a text that the name has to have")
        .at("/teams")
        .pages(Paging::Number("page"), "perpage", 1000),
    Endpoint::get("org/get", "api/org", "the organisation itself"),
];

const QUERY_FORM: &str = "\
`resource` is what to read, `params` says of what; `query` is a part of a title or name.

```json
{\"resource\": \"dashboards/search\", \"query\": \"latency\"}
{\"resource\": \"alerts/list\", \"params\": {\"active\": true}}
{\"resource\": \"annotations/list\", \"params\": {\"from\": \"24h\", \"tags\": [\"deploy\"]}}
```

Metrics are asked of the data source itself, by a connector of its own (`prometheus`, `loki`, ...).";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    base_url: String,
    org_id: Option<u64>,
    ca_certificate: Option<String>,
    #[serde(flatten)]
    sign_in: SignIn,
}

/// A Grafana server.
pub(crate) struct Grafana;

#[async_trait]
impl Vendor for Grafana {
    fn about() -> About {
        let base = url("Base URL", "Where Grafana is, with the path below which it is served.");
        let mut fields = vec![("baseUrl", base.example("https://grafana.example.com").required())];
        fields.extend(SignIn::fields());
        fields.push((
            "orgId",
            whole("Organisation", "The number of the organisation, where a user is in several.", 1, 1 << 40),
        ));
        fields.push(("caCertificate", authorities()));
        About {
            kind: "grafana",
            title: "Grafana",
            summary: "Reads dashboards, alerts, annotations and names of data sources of Grafana.",
            query_form: QUERY_FORM,
            settings: form(fields),
        }
    }

    fn open(settings: Map<String, Value>, outbound: &Outbound) -> Result<(Self, Api)> {
        let settings: Settings = read(settings)?;
        let api = Api::new(outbound, "Grafana", &settings.base_url, settings.sign_in.auth()?)?;
        let api = api.trusting(filled(settings.ca_certificate))?;
        let api = match settings.org_id {
            Some(org) => api.header("x-grafana-org-id", &org.to_string()),
            None => api,
        };
        Ok((Self, api))
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn greet(&self, api: &Api) -> Result<String> {
        let budget = &mut Budget::small();
        let org = fetch(self, api, &["api", "org"], &[], budget).await?;
        let health = fetch(self, api, &["api", "health"], &[], budget).await?;
        let version = health["version"].as_str().map(|version| format!(" {version}")).unwrap_or_default();
        Ok(format!("Grafana{version} at {}, organisation {}", api.host(), org["name"].as_str().unwrap_or("?")))
    }

    async fn prepare(&self, _: &Api, query: &mut Query, _: &mut Budget) -> Result<()> {
        let now = SystemClock.now();
        for name in ["from", "to"] {
            if let Some(at) = moment(&query.params, name, now)? {
                query.params.insert(name.to_owned(), json!(at.0.to_string()));
            }
        }
        Ok(())
    }

    fn trim(&self, endpoint: &Endpoint, item: &mut Value) -> bool {
        match endpoint.name {
            // Where they are and as whom they are asked is nobody's business here.
            "datasources/list" => {
                let known = ["id", "uid", "name", "type", "typeName", "isDefault", "readOnly"];
                if let Some(source) = item.as_object_mut() {
                    source.retain(|name, _| known.contains(&name.as_str()));
                }
            }
            // How panels look, which is most of a dashboard.
            "dashboards/get" => {
                drop_fields(item, &["fieldConfig", "options", "gridPos", "fieldOptions", "pluginVersion"]);
            }
            "users/list" => drop_fields(item, &["avatarUrl"]),
            _ => {}
        }
        true
    }
}
