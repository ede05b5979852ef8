//! The time, which models do not know.

use super::{spec, text};
use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use muster_base::{Error, Result};
use muster_domain::models::ToolSpec;
use muster_domain::tools::{Outcome, Tool, ToolCall};
use serde_json::json;

/// `current_time`
pub(super) struct CurrentTime(ToolSpec);

impl CurrentTime {
    pub(super) fn new() -> Self {
        Self(spec(
            "current_time",
            "The current date and time, in UTC or in a time zone.",
            json!({"type": "object", "properties": {
                "timezone": {"type": "string", "description": "an IANA time zone such as Europe/Paris", "maxLength": 64}
            }, "additionalProperties": false}),
        ))
    }
}

#[async_trait]
impl Tool for CurrentTime {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }

    async fn call(&self, call: ToolCall) -> Result<Outcome> {
        let name = match text(&call.arguments, "timezone") {
            "" => "UTC",
            name => name,
        };
        let zone = TimeZone::get(name)
            .map_err(|_| Error::invalid("timezone", "is not an IANA time zone such as Europe/Paris"))?;
        let now = Timestamp::from_millisecond(call.ctx.now().0).map_err(Error::internal)?.to_zoned(zone);
        Ok(Outcome::Value(json!({
            "time": now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            "timezone": name,
            "weekday": now.strftime("%A").to_string(),
        })))
    }
}
