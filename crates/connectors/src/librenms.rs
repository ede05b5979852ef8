//! LibreNMS: devices, ports, alerts, services and logs of a monitored network.
//!
//! Endpoints: <https://docs.librenms.org/API/>.

use crate::api::{Api, Auth, Budget, Reply, words};
use crate::form::{authorities, form, secret, url};
use crate::settings::{filled, read};
use crate::table::{Endpoint, Paging, Param, Vendor, drop_fields, fetch};
use async_trait::async_trait;
use muster_base::{Error, Result, Secret};
use muster_domain::connectors::{About, Query, failed};
use muster_outbound::Outbound;
use serde::Deserialize;
use serde_json::{Map, Value, json};

const DEVICE: Param = Param::text("hostname", "a device's host name or id");
const COLUMNS: Param = Param::commas("columns", "the columns of the table of ports to give");
/// All columns are far too many.
const USUAL_COLUMNS: &[(&str, &str)] = &[(
    "columns",
    "device_id,port_id,ifName,ifAlias,ifDescr,ifOperStatus,ifAdminStatus,ifSpeed,ifInOctets_rate,ifOutOctets_rate",
)];
const SERVICE: [Param; 2] = [
    Param::one_of("state", "0 is ok, 1 warning, 2 critical", &["0", "1", "2"]),
    Param::text("type", "the kind of check, e.g. `http`"),
];

const LOG: &[Param] = &[
    DEVICE,
    Param::text("from", "only after this time, e.g. `2026-01-31 00:00:00`"),
    Param::text("to", "only before this time"),
    Param::number("start", "how many to leave out"),
];

const fn logs(name: &'static str, path: &'static str, about: &'static str) -> Endpoint {
    Endpoint::get(name, path, about).takes(LOG).at("/logs").pages(Paging::None, "limit", 1000)
}

const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("devices/list", "devices", "the monitored devices")
        .asks("query", "a text that the field named by `type` has to match; a host name where `type` is left out")
        .takes(&[
            Param::text(
                "type",
                "which devices: all, active, ignored, up, down, disabled, or the field that the query is about: \
                 hostname, sysName, os, mac, ipv4, ipv6, location, serial, hardware, type, ...",
            ),
            Param::text("order", "the column to sort by, e.g. `hostname` or `uptime DESC`"),
        ])
        .at("/devices"),
    Endpoint::get("devices/get", "devices/{hostname}", "one device").takes(&[DEVICE]).at("/devices"),
    Endpoint::get(
        "devices/availability",
        "devices/{hostname}/availability",
        "how available a device was over spans of time",
    )
    .takes(&[DEVICE])
    .at("/availability"),
    Endpoint::get("devices/outages", "devices/{hostname}/outages", "when a device was down")
        .takes(&[DEVICE])
        .at("/outages"),
    Endpoint::get("devices/health", "devices/{hostname}/health/{type}", "the sensors of one kind of a device")
        .takes(&[DEVICE, Param::text("type", "e.g. `device_temperature`")])
        .at("/graphs"),
    Endpoint::get("devices/health", "devices/{hostname}/health", "without `type` the kinds of sensors of a device")
        .takes(&[DEVICE])
        .at("/graphs"),
    Endpoint::get("devices/links", "devices/{hostname}/links", "the neighbours of a device")
        .takes(&[DEVICE])
        .at("/links"),
    Endpoint::get("devices/addresses", "devices/{hostname}/ip", "the addresses of a device")
        .takes(&[DEVICE])
        .at("/addresses"),
    Endpoint::get("devices/inventory", "inventory/{hostname}/all", "the hardware in a device")
        .takes(&[DEVICE])
        .at("/inventory"),
    Endpoint::get("devicegroups/list", "devicegroups", "the groups of devices").at("/groups"),
    Endpoint::get("devicegroups/devices", "devicegroups/{name}", "the devices of a group")
        .takes(&[Param::text("name", "the group's name"), Param::flag("full", "whole devices instead of their ids")])
        .always(&[("full", "1")])
        .at("/devices"),
    Endpoint::get("ports/list", "devices/{hostname}/ports", "the ports of a device")
        .takes(&[DEVICE, COLUMNS])
        .always(USUAL_COLUMNS)
        .at("/ports"),
    Endpoint::get("ports/list", "ports", "without `hostname` the ports of all devices")
        .takes(&[COLUMNS])
        .always(USUAL_COLUMNS)
        .at("/ports"),
    Endpoint::get("ports/get", "ports/{port_id}", "everything about one port")
        .takes(&[Param::number("port_id", "its id")])
        .at("/port"),
    Endpoint::get("ports/search", "ports/search/{text}", "the ports whose name, alias or description has a text")
        .takes(&[Param::text("text", "the text"), COLUMNS])
        .always(USUAL_COLUMNS)
        .at("/ports"),
    Endpoint::get("alerts/list", "alerts", "the alerts")
        .takes(&[
            Param::one_of("state", "0 is ok, 1 alert, 2 acknowledged", &["0", "1", "2"]),
            Param::one_of("severity", "", &["ok", "warning", "critical"]),
            Param::number("alert_rule", "the id of the rule"),
            Param::text("order", "e.g. `timestamp ASC`"),
        ])
        .at("/alerts"),
    Endpoint::get("alerts/get", "alerts/{id}", "one alert").takes(&[Param::number("id", "its id")]).at("/alerts"),
    Endpoint::get("rules/list", "rules", "the rules that raise alerts").at("/rules"),
    Endpoint::get("services/list", "services/{hostname}", "the checked services of a device")
        .takes(&[DEVICE, SERVICE[0], SERVICE[1]])
        .at("/services"),
    Endpoint::get("services/list", "services", "without `hostname` those of all devices")
        .takes(&SERVICE)
        .at("/services"),
    Endpoint::get("sensors/list", "resources/sensors", "all sensors with their values").at("/sensors"),
    Endpoint::get("locations/list", "resources/locations", "the locations of devices").at("/locations"),
    Endpoint::get("vlans/list", "resources/vlans", "the VLANs of all devices").at("/vlans"),
    Endpoint::get("links/list", "resources/links", "who is connected to whom").at("/links"),
    Endpoint::get("arp/list", "resources/ip/arp/{address}", "the entries of ARP tables")
        .takes(&[Param::text("address", "an IP address, a network as `10.0.0.0/8`, or a MAC address")])
        .at("/arp"),
    Endpoint::get("bgp/list", "bgp", "the BGP sessions")
        .takes(&[
            DEVICE,
            Param::number("asn", "the own number"),
            Param::number("remote_asn", "the other side's number"),
        ])
        .at("/bgp_sessions"),
    Endpoint::get("bills/list", "bills", "the bills with what was transferred").at("/bills"),
    logs("logs/eventlog", "logs/eventlog/{hostname}", "what happened on a device"),
    logs("logs/syslog", "logs/syslog/{hostname}", "the syslog of a device"),
    logs("logs/alertlog", "logs/alertlog/{hostname}", "the alerts that a device raised"),
    Endpoint::get("system/get", "system", "the LibreNMS server itself").at("/system"),
];

const QUERY_FORM: &str = "\
`resource` is what to read, `params` says of what. `query` is only for `devices/list`: a text to look for.

```json
{\"resource\": \"devices/list\", \"params\": {\"type\": \"down\"}}
{\"resource\": \"alerts/list\", \"params\": {\"state\": 1, \"severity\": \"critical\"}}
{\"resource\": \"ports/list\", \"params\": {\"hostname\": \"core-1.example.com\"}}
```

Communities and passwords by which devices are polled are left out of what comes back.";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    base_url: String,
    token: Secret<String>,
    ca_certificate: Option<String>,
}

/// A LibreNMS server.
pub(crate) struct Librenms;

#[async_trait]
impl Vendor for Librenms {
    fn about() -> About {
        let base = "Where LibreNMS is; its API is below `/api/v0` there.";
        About {
            kind: "librenms",
            title: "LibreNMS",
            summary: "Reads devices, ports, alerts, services and logs of a network that LibreNMS monitors.",
            query_form: QUERY_FORM,
            settings: form([
                ("baseUrl", url("Base URL", base).example("https://librenms.example.com").required()),
                ("token", secret("API token", "A token of a user who may only read (`global-read`).").required()),
                ("caCertificate", authorities()),
            ]),
        }
    }

    fn open(settings: Map<String, Value>, outbound: &Outbound) -> Result<(Self, Api)> {
        let settings: Settings = read(settings)?;
        let base = settings.base_url.trim().trim_end_matches('/');
        let base = if base.ends_with("/api/v0") { base.to_owned() } else { format!("{base}/api/v0") };
        let api = Api::new(outbound, "LibreNMS", &base, Auth::Header("x-auth-token".to_owned(), settings.token))?;
        Ok((Self, api.trusting(filled(settings.ca_certificate))?))
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn greet(&self, api: &Api) -> Result<String> {
        let system = fetch(self, api, &["system"], &[], &mut Budget::small()).await?;
        match system.pointer("/system/0/local_ver").and_then(Value::as_str) {
            Some(version) => Ok(format!("LibreNMS {version} at {}", api.host())),
            None => Err(failed("what answered is no LibreNMS; check the base URL")),
        }
    }

    async fn prepare(&self, _: &Api, query: &mut Query, _: &mut Budget) -> Result<()> {
        let words = query.resource.trim() == "devices/list" && !query.query.trim().is_empty();
        if words && !query.params.contains_key("type") {
            query.params.insert("type".to_owned(), json!("hostname"));
        }
        Ok(())
    }

    fn fault(&self, api: &Api, answer: &Reply) -> Option<Error> {
        let body: Value = serde_json::from_slice(answer.body()).ok()?;
        let refused = answer.status().is_success() && body["status"] == "error";
        let said = words(api, body["message"].as_str().unwrap_or("no reason given"));
        refused.then(|| failed(format!("LibreNMS refuses this: {said}")))
    }

    /// Services come as a list per device.
    fn items(&self, endpoint: &Endpoint, mut body: Value) -> Vec<Value> {
        let Some(Value::Array(items)) = body.pointer_mut(endpoint.items).map(Value::take) else { return Vec::new() };
        let flat = items.into_iter().flat_map(|item| match item {
            Value::Array(inner) => inner,
            item => vec![item],
        });
        flat.collect()
    }

    fn trim(&self, _: &Endpoint, item: &mut Value) -> bool {
        // How devices are polled; the arguments of checks often hold a password.
        drop_fields(item, &["community", "authname", "authpass", "cryptopass", "service_param"]);
        true
    }
}
