//! What an API says when it does not give what it was asked for.

use super::http::Answered;
use serde_json::Value;

/// The longest message of another side that is handed on.
const LONGEST: usize = 400;

/// A refusal in the words of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) message: String,
    pub(crate) why: Why,
}

/// What can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// Give better credentials.
    Credentials,
    /// Give them more rights.
    Forbidden,
    /// Wait, that many seconds where it says so.
    Throttled(Option<u64>),
    /// Ask otherwise: what was given in this field.
    Param(&'static str),
    /// Read the message.
    Other,
}

impl Refusal {
    pub(crate) fn new(why: Why, message: impl Into<String>) -> Self {
        Self { message: message.into(), why }
    }
}

/// The refusal that the status says, with the message wherever APIs put theirs. `None`: it is none.
pub(crate) fn by_status(answer: &Answered) -> Option<Refusal> {
    let why = match answer.status {
        200..=299 => return None,
        401 => Why::Credentials,
        403 => Why::Forbidden,
        429 => Why::Throttled(answer.retry_after()),
        _ => Why::Other,
    };
    Some(Refusal::new(why, words(answer)))
}

/// What an answer says.
pub(crate) fn words(answer: &Answered) -> String {
    match answer.json() {
        Some(body) => said(&body).unwrap_or_else(|| status_words(answer.status)),
        None => text(answer).unwrap_or_else(|| status_words(answer.status)),
    }
}

fn said(body: &Value) -> Option<String> {
    const PLACES: [&str; 11] = [
        "/message",
        "/error/message",
        "/error_description",
        "/errorMessages/0",
        "/errors/0/message",
        "/errors/0/title",
        "/errors/0",
        "/error",
        "/detail",
        "/title",
        "/reason",
    ];
    if let Value::String(text) = body {
        return Some(text.clone());
    }
    let found = PLACES.iter().filter_map(|place| body.pointer(place).and_then(Value::as_str));
    let by_field = body.get("errors").and_then(Value::as_object).and_then(|errors| {
        errors.iter().find_map(|(field, problem)| Some(format!("{field}: {}", problem.as_str()?)))
    });
    found.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned).or(by_field)
}

/// A body that is short text and no page.
fn text(answer: &Answered) -> Option<String> {
    let text = std::str::from_utf8(&answer.body).ok()?.trim();
    let page = text.starts_with('<') || answer.header("content-type").is_some_and(|kind| kind.contains("html"));
    (!text.is_empty() && !page).then(|| text.to_owned())
}

fn status_words(status: u16) -> String {
    let status = muster_outbound::StatusCode::from_u16(status).ok();
    status.and_then(|status| status.canonical_reason()).unwrap_or("no reason given").to_owned()
}

/// One line of at most 400 characters.
pub(crate) fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
