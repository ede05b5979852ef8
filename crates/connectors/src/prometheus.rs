//! Prometheus and what speaks its API (Thanos, Mimir, VictoriaMetrics): metrics by PromQL, series, targets, alerts.
//!
//! Endpoints: <https://prometheus.io/docs/prometheus/latest/querying/api/>.

use crate::api::{Api, Budget, SignIn};
use crate::form::{Field, authorities, form, text, url};
use crate::settings::{filled, read};
use crate::table::{Endpoint, Param, Vendor, fetch, in_seconds, moment};
use async_trait::async_trait;
use muster_base::{Clock, Error, Millis, Result, SystemClock};
use muster_domain::connectors::{About, Query, failed};
use muster_outbound::Outbound;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const START: Param = Param::text("start", "a time, seconds since 1970, or how long ago such as `2h`");
const END: Param = Param::text("end", "likewise; now by default");
const TIMEOUT: Param = Param::text("timeout", "how long the server may take, e.g. `10s`");

const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("query", "api/v1/query", "the value of an expression at one time")
        .searches("query", "PromQL, e.g. `up == 0`")
        .takes(&[Param::text("time", "when; now by default"), TIMEOUT])
        .at("/data/result"),
    Endpoint::get("query_range", "api/v1/query_range", "the values of an expression over a span of time")
        .searches("query", "PromQL, e.g. `sum by (job) (rate(http_requests_total[5m]))`")
        .takes(&[
            START,
            END,
            Param::text("step", "the time between values, e.g. `1m`; a hundredth of the span by default"),
            TIMEOUT,
        ])
        .at("/data/result"),
    Endpoint::get("series", "api/v1/series", "the series that a selector matches")
        .searches("match[]", "a selector, e.g. `up{job=\"api\"}`")
        .takes(&[START, END])
        .at("/data"),
    Endpoint::get("labels", "api/v1/labels", "the names of labels")
        .asks("match[]", "only of series that this selector matches")
        .takes(&[START, END])
        .at("/data"),
    Endpoint::get(
        "label_values",
        "api/v1/label/{label}/values",
        "the values of a label; of `__name__` the names of metrics",
    )
    .asks("match[]", "only of series that this selector matches")
    .takes(&[Param::text("label", "the label's name"), START, END])
    .at("/data"),
    Endpoint::get("metadata", "api/v1/metadata", "what metrics are: kind, help and unit")
        .takes(&[Param::text("metric", "only of this metric")])
        .at("/data"),
    Endpoint::get("targets", "api/v1/targets", "what is scraped, and whether that works")
        .takes(&[Param::one_of("state", "", &["active", "dropped", "any"])])
        .always(&[("state", "active")])
        .at("/data"),
    Endpoint::get("alerts", "api/v1/alerts", "the alerts that are pending or firing").at("/data/alerts"),
    Endpoint::get("rules", "api/v1/rules", "the rules for alerts and recordings, by group")
        .takes(&[Param::one_of("type", "", &["alert", "record"])])
        .at("/data/groups"),
];

const QUERY_FORM: &str = "\
`query` is PromQL; `resource` is `query` (at one time, the default), `query_range` (over a span), or one of the lists.

```json
{\"query\": \"up == 0\"}
{\"resource\": \"query_range\", \"query\": \"rate(http_requests_total[5m])\", \"params\": {\"start\": \"6h\", \"step\": \"5m\"}}
{\"resource\": \"label_values\", \"params\": {\"label\": \"job\"}}
```";

/// The settings of servers that are asked as Prometheus is; Loki is one of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    base_url: String,
    tenant: Option<String>,
    ca_certificate: Option<String>,
    #[serde(flatten)]
    sign_in: SignIn,
}

/// The form of these settings.
pub(crate) fn fields(base: &str, example: &str) -> Vec<(&'static str, Field)> {
    let base = url("Base URL", base).example(example).required();
    let tenant = text("Tenant", "Sent as `X-Scope-OrgID`, where the server has tenants.");
    let mut fields = vec![("baseUrl", base)];
    fields.extend(SignIn::fields());
    fields.extend([("tenant", tenant), ("caCertificate", authorities())]);
    fields
}

/// The API of a server with these settings.
pub(crate) fn connect(settings: Map<String, Value>, outbound: &Outbound, title: &'static str) -> Result<Api> {
    let settings: Settings = read(settings)?;
    let api = Api::new(outbound, title, &settings.base_url, settings.sign_in.auth()?)?;
    let api = api.trusting(filled(settings.ca_certificate))?;
    Ok(match filled(settings.tenant) {
        Some(tenant) => api.header("x-scope-orgid", &tenant),
        None => api,
    })
}

/// A Prometheus server.
pub(crate) struct Prometheus;

#[async_trait]
impl Vendor for Prometheus {
    fn about() -> About {
        let base = "Where the server is; its API is below `/api/v1` there.";
        About {
            kind: "prometheus",
            title: "Prometheus",
            summary: "Reads metrics, series, targets and alerts of Prometheus and compatible servers by PromQL.",
            query_form: QUERY_FORM,
            settings: form(fields(base, "https://prometheus.example.com")),
        }
    }

    fn open(settings: Map<String, Value>, outbound: &Outbound) -> Result<(Self, Api)> {
        Ok((Self, connect(settings, outbound, "Prometheus")?))
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    fn usual(&self) -> Option<&'static str> {
        Some("query")
    }

    async fn greet(&self, api: &Api) -> Result<String> {
        let budget = &mut Budget::small();
        let built = fetch(self, api, &["api", "v1", "status", "buildinfo"], &[], budget).await;
        if let Some(version) = built.ok().as_ref().and_then(|built| built.pointer("/data/version")?.as_str()) {
            return Ok(format!("Prometheus {version} at {}", api.host()));
        }
        // Compatible servers need not know it.
        let found = fetch(self, api, &["api", "v1", "query"], &[("query", "vector(1)")], budget).await?;
        if found["status"] == "success" {
            return Ok(format!("a server that speaks Prometheus' API at {}", api.host()));
        }
        Err(failed("what answered is no Prometheus; check the base URL"))
    }

    async fn prepare(&self, _: &Api, query: &mut Query, budget: &mut Budget) -> Result<()> {
        let now = SystemClock.now();
        let range = query.resource.trim() == "query_range";
        let (mut start, mut end) = (moment(&query.params, "start", now)?, moment(&query.params, "end", now)?);
        if range {
            end = end.or(Some(now));
            start = start.or(end.map(|end| Millis(end.0 - 3_600_000)));
        }
        if let (Some(start), Some(end)) = (start, end)
            && start >= end
        {
            return Err(Error::invalid("params.start", "must be before the end"));
        }
        let time = moment(&query.params, "time", now)?;
        for (name, at) in [("start", start), ("end", end), ("time", time)] {
            if let Some(at) = at {
                query.params.insert(name.to_owned(), json!(in_seconds(at)));
            }
        }
        if let (true, false, Some(start), Some(end)) = (range, query.params.contains_key("step"), start, end) {
            let step = ((end.0 - start.0) / 100_000).max(1);
            query.params.insert("step".to_owned(), json!(step.to_string()));
        }
        if matches!(query.resource.trim(), "query" | "query_range") && !query.params.contains_key("timeout") {
            let timeout = format!("{}ms", budget.left().as_millis().max(1));
            query.params.insert("timeout".to_owned(), json!(timeout));
        }
        Ok(())
    }

    fn items(&self, endpoint: &Endpoint, mut body: Value) -> Vec<Value> {
        let kind = body.pointer("/data/resultType").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(found) = body.pointer_mut(endpoint.items).map(Value::take) else { return Vec::new() };
        match (endpoint.name, found) {
            // One value has no labels and is no list of series.
            ("query" | "query_range", value) if matches!(kind.as_str(), "scalar" | "string") => {
                vec![json!({"metric": {}, "value": value})]
            }
            ("metadata", Value::Object(metrics)) => {
                metrics.into_iter().flat_map(|(name, told)| metadata(&name, told)).collect()
            }
            ("targets", mut targets) => {
                let lists = ["activeTargets", "droppedTargets"].map(|name| targets[name].take());
                lists
                    .into_iter()
                    .flat_map(|list| if let Value::Array(list) = list { list } else { Vec::new() })
                    .collect()
            }
            (_, Value::Array(items)) => items,
            (_, Value::Null) => Vec::new(),
            (_, item) => vec![item],
        }
    }
}

fn metadata(name: &str, told: Value) -> Vec<Value> {
    let Value::Array(told) = told else { return Vec::new() };
    let named = told.into_iter().map(|mut told| {
        told["metric"] = json!(name);
        told
    });
    named.collect()
}
