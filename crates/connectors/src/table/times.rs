//! Moments as people and models write them.

use muster_base::{Error, Millis, Result};
use serde_json::{Map, Value};

/// Reads the param `name`: RFC 3339, seconds since 1970, `now`, or how long ago, such as `2h` or `-2h`.
pub(crate) fn moment(params: &Map<String, Value>, name: &str, now: Millis) -> Result<Option<Millis>> {
    let Some(value) = params.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let text = super::param::text_of(value).unwrap_or_default();
    let text = text.trim();
    let found = match text {
        "now" => Some(now),
        _ => seconds(text).or_else(|| Millis::parse(text)).or_else(|| span(text).map(|ago| Millis(now.0 - ago))),
    };
    let problem =
        "must be a time such as 2026-01-31T12:00:00Z, seconds since 1970, `now`, or how long ago such as `2h`";
    found.map(Some).ok_or_else(|| Error::invalid(format!("params.{name}"), problem))
}

fn seconds(text: &str) -> Option<Millis> {
    let seconds: f64 = text.parse().ok()?;
    (0.0..1e11).contains(&seconds).then_some(Millis((seconds * 1000.0) as i64))
}

/// A span such as `90s`, `15m`, `2h`, `7d` or `1w` in milliseconds.
fn span(text: &str) -> Option<i64> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(seconds * 1000).filter(|span| *span < 1 << 45)
}

/// Seconds since 1970 with their milliseconds.
pub(crate) fn in_seconds(at: Millis) -> String {
    format!("{}.{:03}", at.0.div_euclid(1000), at.0.rem_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn moments_are_read_in_every_form() {
        let now = Millis(1_700_000_000_000);
        let read = |text: Value| moment(json!({"start": text}).as_object().expect("an object"), "start", now);
        for (text, at) in [
            (json!("now"), 1_700_000_000_000),
            (json!("2h"), 1_699_992_800_000),
            (json!("-15m"), 1_699_999_100_000),
            (json!(1_600_000_000), 1_600_000_000_000),
            (json!("1600000000.5"), 1_600_000_000_500),
            (json!("2023-11-14T22:13:20Z"), 1_700_000_000_000),
        ] {
            assert_eq!(read(text.clone()).expect("a moment"), Some(Millis(at)), "{text}");
        }
        for text in ["yesterday", "2x", "h", "", "-", "99999999999999999999d"] {
            assert_eq!(read(json!(text)).expect_err(text).field(), Some("params.start"));
        }
        assert_eq!(in_seconds(Millis(1_600_000_000_050)), "1600000000.050");
    }
}
