//! What a provider's failure means, said in one way for all of them.

use muster_domain::models::{Fault, ModelError};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;
use std::time::Duration;

/// The most characters of a provider's own words that are passed on.
const LONGEST_MESSAGE: usize = 500;

/// The most characters of a whole error message.
const LONGEST_ERROR: usize = 700;

/// A failure, said without the provider's name; [`signed`] adds it.
pub(super) fn error(fault: Fault, message: impl Into<String>) -> ModelError {
    ModelError { fault, message: message.into() }
}

/// Puts the provider's name before the message, takes the key out of it and bounds it.
///
/// Every error leaves an adapter through here, whatever part of the provider's words it repeats.
pub(super) fn signed(error: ModelError, provider: &str, key: Option<&str>) -> ModelError {
    let message = format!("{provider}: {}", error.message);
    let message = key.map_or_else(|| message.clone(), |key| without_key(&message, key));
    ModelError { message: bounded(&message, LONGEST_ERROR), ..error }
}

/// The failure that an HTTP answer stands for.
pub(super) fn from_status(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> ModelError {
    let (own_words, code) = own_words(body);
    let fault = match status.as_u16() {
        // OpenAI answers 429 also when an account has run out of money, which no waiting mends.
        429 if code.as_deref() == Some("insufficient_quota") => Fault::Rejected,
        429 => Fault::RateLimited { retry_after: retry_after(headers) },
        401 | 403 => Fault::Unauthorized,
        408 => Fault::Timeout,
        500..=599 => Fault::Unavailable,
        _ => Fault::Rejected,
    };
    let number = status.as_u16();
    let said = match fault {
        Fault::RateLimited { .. } => format!("is limiting our requests ({number})"),
        Fault::Unauthorized => format!("refused the key ({number}), check it"),
        Fault::Timeout => format!("gave up waiting ({number})"),
        Fault::Unavailable | Fault::Malformed => format!("failed ({number})"),
        Fault::Rejected if status.is_redirection() => format!("redirects elsewhere ({number}), check the base URL"),
        Fault::Rejected => format!("refused the request ({number})"),
    };
    error(fault, with_words(&said, own_words))
}

/// The failure that an error object inside a stream stands for.
pub(super) fn from_object(object: &Value) -> ModelError {
    let code = text_of(object, "code").or_else(|| text_of(object, "type"));
    let kind = text_of(object, "type").or_else(|| code.clone()).unwrap_or_default();
    let fault = code.as_deref().and_then(status_fault).unwrap_or_else(|| kind_fault(&kind));
    let words = words_of(object);
    error(fault, with_words("failed while answering", words))
}

/// The failure that a transport error stands for.
pub(super) fn from_transport(cause: reqwest::Error) -> ModelError {
    // The address may carry credentials, so it stays out of the message.
    let cause = cause.without_url();
    if cause.is_timeout() {
        return error(Fault::Timeout, "did not answer in time");
    }
    let reason = root_cause(&cause);
    if cause.is_builder() {
        return error(Fault::Rejected, format!("the base URL or the key cannot be used: {reason}"));
    }
    if cause.is_body() || cause.is_decode() {
        return error(Fault::Malformed, format!("the answer broke off: {reason}"));
    }
    error(Fault::Unavailable, format!("cannot be reached: {reason}"))
}

/// How long `Retry-After` asks to wait: seconds, or a date (RFC 9110, section 10.2.3).
///
/// A date is compared with the answer's own `Date`, so that it does not matter whether our clocks agree.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let sent = http_date(headers.get(DATE)?.to_str().ok()?)?;
    let again = http_date(value)?;
    Some(Duration::from_secs(u64::try_from(again - sent).unwrap_or(0)))
}

/// Seconds since 1970 of a date as HTTP writes it.
fn http_date(text: &str) -> Option<i64> {
    let zoned = jiff::fmt::rfc2822::DateTimeParser::new().parse_zoned(text.trim()).ok()?;
    Some(zoned.timestamp().as_second())
}

/// The provider's own message and code in an error body, as far as there are any.
fn own_words(body: &[u8]) -> (Option<String>, Option<String>) {
    let Ok(json) = serde_json::from_slice::<Value>(body) else {
        let text = String::from_utf8_lossy(body);
        let is_page = text.trim_start().starts_with('<');
        return (Some(text.trim().to_owned()).filter(|_| !is_page), None);
    };
    // Some servers wrap the error in a list of one.
    let json = json.get(0).cloned().unwrap_or(json);
    let object = json.get("error").filter(|error| !error.is_null()).unwrap_or(&json);
    (words_of(object), text_of(object, "code").or_else(|| text_of(object, "type")))
}

/// The message of an error object: OpenAI and Anthropic say `message`, FastAPI servers `detail`, others just a string.
fn words_of(object: &Value) -> Option<String> {
    if let Some(text) = object.as_str() {
        return Some(text.to_owned());
    }
    match object.get("detail") {
        Some(detail) if object.get("message").is_none() => {
            Some(detail.as_str().map_or_else(|| detail.to_string(), str::to_owned))
        }
        _ => text_of(object, "message"),
    }
}

fn text_of(object: &Value, field: &str) -> Option<String> {
    match object.get(field)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The fault of a code that is an HTTP status, as routers in front of several providers send it.
fn status_fault(code: &str) -> Option<Fault> {
    let status = StatusCode::from_bytes(code.as_bytes()).ok()?;
    Some(from_status(status, &HeaderMap::new(), b"").fault)
}

/// The fault of an error's type, as Anthropic's and OpenAI's error pages list them.
fn kind_fault(kind: &str) -> Fault {
    match kind {
        "rate_limit_error" | "rate_limit_exceeded" | "requests" | "tokens" => Fault::RateLimited { retry_after: None },
        "authentication_error" | "permission_error" | "invalid_api_key" => Fault::Unauthorized,
        "invalid_request_error" | "not_found_error" | "request_too_large" | "billing_error" | "insufficient_quota" => {
            Fault::Rejected
        }
        "timeout_error" => Fault::Timeout,
        // overloaded_error, api_error, server_error and what is new.
        _ => Fault::Unavailable,
    }
}

fn with_words(said: &str, own_words: Option<String>) -> String {
    match own_words.filter(|words| !words.trim().is_empty()) {
        Some(words) => format!("{said}: {}", bounded(words.trim(), LONGEST_MESSAGE)),
        None => said.to_owned(),
    }
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Replaces the key, and words that begin like it: providers repeat a refused key with only its middle masked.
fn without_key(message: &str, key: &str) -> String {
    const SHORTEST_TO_COMPARE: usize = 12;
    const BEGINNING: usize = 8;
    let key = key.trim();
    if key.is_empty() {
        return message.to_owned();
    }
    let message = message.replace(key, "[key]");
    let Some(beginning) = key.get(..BEGINNING).filter(|_| key.len() >= SHORTEST_TO_COMPARE) else {
        return message;
    };
    message
        .split_inclusive(char::is_whitespace)
        .map(|word| match word.find(beginning) {
            Some(at) => format!("{}[key]{}", &word[..at], &word[word.trim_end().len()..]),
            None => word.to_owned(),
        })
        .collect()
}

fn bounded(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().expect("name"), value.parse().expect("value"))).collect()
    }

    fn fault(status: u16) -> Fault {
        from_status(StatusCode::from_u16(status).expect("status"), &HeaderMap::new(), b"").fault
    }

    #[test]
    fn each_status_has_its_fault() {
        assert_eq!(fault(429), Fault::RateLimited { retry_after: None });
        assert_eq!([fault(401), fault(403)], [Fault::Unauthorized; 2]);
        assert_eq!([fault(400), fault(404), fault(413), fault(302)], [Fault::Rejected; 4]);
        assert_eq!([fault(500), fault(503), fault(529)], [Fault::Unavailable; 3]);
        assert_eq!(fault(408), Fault::Timeout);
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        assert_eq!(retry_after(&headers(&[("retry-after", "7")])), Some(Duration::from_secs(7)));
        let date = [("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")];
        assert_eq!(retry_after(&headers(&date)), Some(Duration::from_secs(30)));
        let past = [("date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("retry-after", "Sun, 06 Nov 1994 08:40:00 GMT")];
        assert_eq!(retry_after(&headers(&past)), Some(Duration::ZERO));
        for nonsense in ["soon", "-1", "1e300", "NaN"] {
            assert_eq!(retry_after(&headers(&[("retry-after", nonsense)])), None, "{nonsense}");
        }
    }

    #[test]
    fn the_providers_own_words_are_passed_on_in_every_form() {
        let bodies = [
            r#"{"error":{"message":"too many"}}"#,
            r#"{"error":"too many"}"#,
            r#"{"detail":"too many"}"#,
            r#"{"object":"error","message":"too many"}"#,
            r#"[{"error":{"message":"too many"}}]"#,
            "too many\n",
        ];
        for body in bodies {
            let error = from_status(StatusCode::BAD_REQUEST, &HeaderMap::new(), body.as_bytes());
            assert_eq!(error.message, "refused the request (400): too many", "{body}");
        }
        let page = from_status(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"<html>nginx</html>");
        assert_eq!(page.message, "failed (502)");
    }

    #[test]
    fn an_empty_account_is_not_worth_waiting_for() {
        let body = br#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#;
        assert_eq!(from_status(StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new(), body).fault, Fault::Rejected);
    }

    #[test]
    fn keys_and_masked_keys_are_taken_out_and_length_is_bounded() {
        let key = "sk-abcdef-0123456789";
        let words = format!("bad key {key}, also \"sk-abcde***6789\" here");
        let signed_error = signed(error(Fault::Unauthorized, words), "openai", Some(key));
        assert_eq!(signed_error.message, "openai: bad key [key], also \"[key] here");
        let long = signed(error(Fault::Rejected, "x".repeat(5000)), "openai", None);
        assert!(long.message.len() < 800);
    }
}
