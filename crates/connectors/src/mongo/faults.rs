//! What the driver's errors mean to who asked.

use super::TITLE;
use mongodb::error::{CommandError, Error as DriverError, ErrorKind};
use muster_base::{Error, Secret};
use muster_domain::connectors::{failed, timed_out};

/// The most characters of the server's own message that are passed on.
const LONGEST: usize = 300;

/// Codes of the server: <https://www.mongodb.com/docs/manual/reference/error-codes/>
const UNAUTHORIZED: i32 = 13;
const AUTHENTICATION_FAILED: i32 = 18;
const MAX_TIME: i32 = 50;
const BAD_QUERY: &[i32] = &[2, 4, 9, 14, 15, 16, 17, 40, 52, 59, 72, 73, 165, 166, 168];

/// The error, without the password should it be in there.
pub(super) fn of(error: &DriverError, password: Option<&Secret<String>>) -> Error {
    match error.kind.as_ref() {
        ErrorKind::Authentication { message, .. } => failed(format!(
            "{TITLE} does not accept the credentials; check user and password: {}",
            said(message, password)
        )),
        ErrorKind::Command(command) => of_command(command, password),
        ErrorKind::ServerSelection { message, .. } => unreachable_for(message, password),
        ErrorKind::Io(cause) => failed(format!("{TITLE} cannot be reached: {}", said(&cause.to_string(), password))),
        kind => failed(format!("{TITLE} failed: {}", said(&kind.to_string(), password))),
    }
}

fn of_command(error: &CommandError, password: Option<&Secret<String>>) -> Error {
    let said = said(&error.message, password);
    match error.code {
        MAX_TIME => timed_out(TITLE),
        UNAUTHORIZED => failed(format!("{TITLE} does not allow this to the user: {said}")),
        AUTHENTICATION_FAILED => {
            failed(format!("{TITLE} does not accept the credentials; check user and password: {said}"))
        }
        code if BAD_QUERY.contains(&code) || code >= 10_000 => {
            Error::invalid("query", format!("{TITLE} refuses it: {said}"))
        }
        _ => failed(format!("{TITLE} failed: {said}")),
    }
}

/// The driver's message has a description of all servers in it, with what each said at its end.
fn unreachable_for(message: &str, password: Option<&Secret<String>>) -> Error {
    let message = said(message, password);
    if message.contains("uthentication failed") || message.contains("SCRAM failure") {
        return failed(format!("{TITLE} does not accept the credentials; check user and password"));
    }
    failed(format!("no server of {TITLE} can be reached: {message}"))
}

fn said(message: &str, password: Option<&Secret<String>>) -> String {
    let mut line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(password) = password.map(Secret::expose).filter(|password| password.len() >= 4) {
        line = line.replace(password.as_str(), "[redacted]");
    }
    line.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}
