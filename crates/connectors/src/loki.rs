//! Grafana Loki: log lines by LogQL, labels and streams.
//!
//! Endpoints: <https://grafana.com/docs/loki/latest/reference/loki-http-api/>.

use crate::api::{Api, Budget};
use crate::form::form;
use crate::prometheus::{connect, fields};
use crate::table::{Endpoint, Paging, Param, Vendor, fetch, moment};
use async_trait::async_trait;
use jiff::Timestamp;
use muster_base::{Clock, Result, SystemClock};
use muster_domain::connectors::{About, Query};
use muster_outbound::Outbound;
use serde_json::{Map, Value, json};

const START: Param =
    Param::text("start", "a time, seconds since 1970, or how long ago such as `2h`; an hour by default");
const END: Param = Param::text("end", "likewise; now by default");
const STEP: Param = Param::text("step", "for metrics: the time between values, e.g. `1m`");
const DIRECTION: Param =
    Param::one_of("direction", "newest first is `backward`, the default", &["backward", "forward"]);

const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("query_range", "loki/api/v1/query_range", "log lines, or metrics of them, over a span of time")
        .searches("query", "LogQL, e.g. `{app=\"api\"} |= \"error\"`")
        .takes(&[START, END, DIRECTION, STEP])
        .at("/data/result")
        .pages(Paging::None, "limit", 5000),
    Endpoint::get("query", "loki/api/v1/query", "a metric of log lines at one time")
        .searches("query", "LogQL, e.g. `sum(count_over_time({app=\"api\"}[1h]))`")
        .takes(&[Param::text("time", "when; now by default"), DIRECTION])
        .at("/data/result")
        .pages(Paging::None, "limit", 5000),
    Endpoint::get("labels", "loki/api/v1/labels", "the names of labels")
        .asks("query", "only of streams that this selector matches")
        .takes(&[START, END])
        .at("/data"),
    Endpoint::get("label_values", "loki/api/v1/label/{label}/values", "the values of a label")
        .asks("query", "only of streams that this selector matches")
        .takes(&[Param::text("label", "the label's name"), START, END])
        .at("/data"),
    Endpoint::get("series", "loki/api/v1/series", "the streams that a selector matches")
        .searches("match[]", "a selector, e.g. `{app=\"api\"}`")
        .takes(&[START, END])
        .at("/data"),
    Endpoint::get("stats", "loki/api/v1/index/stats", "how many streams, chunks, bytes and lines a selector matches")
        .searches("query", "a selector, e.g. `{app=\"api\"}`")
        .takes(&[START, END]),
];

const QUERY_FORM: &str = "\
`query` is LogQL; `resource` is `query_range` (the default) or one of the lists. Each log line is an item with `time`, \
`line` and `labels`.

```json
{\"query\": \"{app=\\\"api\\\"} |= \\\"error\\\"\", \"params\": {\"start\": \"2h\", \"limit\": 100}}
{\"resource\": \"label_values\", \"params\": {\"label\": \"app\"}}
```";

/// A Loki server.
pub(crate) struct Loki;

#[async_trait]
impl Vendor for Loki {
    fn about() -> About {
        let base = "Where the server is; its API is below `/loki/api/v1` there.";
        About {
            kind: "loki",
            title: "Loki",
            summary: "Reads log lines of Grafana Loki by LogQL.",
            query_form: QUERY_FORM,
            settings: form(fields(base, "https://loki.example.com")),
        }
    }

    fn open(settings: Map<String, Value>, outbound: &Outbound) -> Result<(Self, Api)> {
        Ok((Self, connect(settings, outbound, "Loki")?))
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    fn usual(&self) -> Option<&'static str> {
        Some("query_range")
    }

    async fn greet(&self, api: &Api) -> Result<String> {
        let budget = &mut Budget::small();
        // The version needs no tenant and perhaps no credentials, so labels have to answer as well.
        fetch(self, api, &["loki", "api", "v1", "labels"], &[], budget).await?;
        let built = fetch(self, api, &["loki", "api", "v1", "status", "buildinfo"], &[], budget).await;
        let version = built.ok().and_then(|built| built["version"].as_str().map(|version| format!(" {version}")));
        Ok(format!("Loki{} at {}", version.unwrap_or_default(), api.host()))
    }

    async fn prepare(&self, _: &Api, query: &mut Query, _: &mut Budget) -> Result<()> {
        let now = SystemClock.now();
        for name in ["start", "end", "time"] {
            if let Some(at) = moment(&query.params, name, now)? {
                // Nanoseconds since 1970 are what every version takes.
                query.params.insert(name.to_owned(), json!(format!("{}000000", at.0)));
            }
        }
        Ok(())
    }

    fn items(&self, endpoint: &Endpoint, mut body: Value) -> Vec<Value> {
        let streams = body.pointer("/data/resultType").is_some_and(|kind| kind == "streams");
        let forward = body.pointer("/data/direction").is_some_and(|direction| direction == "forward");
        match body.pointer_mut(endpoint.items).map(Value::take) {
            Some(Value::Array(items)) if streams => lines(items, forward),
            Some(Value::Array(items)) => items,
            Some(Value::Null) | None => Vec::new(),
            Some(item) => vec![item],
        }
    }
}

/// The lines of all streams in the order of their times: as they came when there is one stream, else newest first unless
/// the streams themselves run forward.
fn lines(streams: Vec<Value>, forward: bool) -> Vec<Value> {
    let mut lines: Vec<(i64, Value)> = Vec::new();
    let mut forward = forward;
    for mut stream in streams {
        let labels = stream["stream"].take();
        let Value::Array(values) = stream["values"].take() else { continue };
        let times: Vec<i64> = values.iter().filter_map(|value| value[0].as_str()?.parse().ok()).collect();
        forward |= times.first() < times.last();
        lines.extend(values.into_iter().filter_map(|mut value| {
            let at: i64 = value[0].as_str()?.parse().ok()?;
            let mut item = Map::new();
            item.insert("time".to_owned(), json!(Timestamp::from_nanosecond(i128::from(at)).ok()?.to_string()));
            item.insert("line".to_owned(), value[1].take());
            item.insert("labels".to_owned(), labels.clone());
            Some((at, Value::Object(item)))
        }));
    }
    if forward {
        lines.sort_by_key(|(at, _)| *at);
    } else {
        lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    }
    lines.into_iter().map(|(_, line)| line).collect()
}
