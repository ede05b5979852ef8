//! Values as JSON, from the binary form in which MySQL sends them.

use crate::sql::calendar::fraction;
use crate::sql::rows::{bytes, float, json as parsed, short_float, whole, whole_unsigned};
use muster_base::{Error, Result};
use serde_json::Value;
use sqlx::mysql::MySqlValueRef;
use sqlx::{MySql, TypeInfo as _, ValueRef as _};

/// A value as JSON.
pub(super) fn json(value: MySqlValueRef<'_>) -> Result<Value> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let kind = value.type_info().into_owned();
    let raw = <&[u8] as sqlx::Decode<MySql>>::decode(value).map_err(Error::internal)?;
    Ok(match kind.name() {
        "NULL" => Value::Null,
        "BOOLEAN" | "TINYINT" => Value::from(i8::from_le_bytes(exact(raw)?)),
        "TINYINT UNSIGNED" => Value::from(u8::from_le_bytes(exact(raw)?)),
        "SMALLINT" => Value::from(i16::from_le_bytes(exact(raw)?)),
        "SMALLINT UNSIGNED" | "YEAR" => Value::from(u16::from_le_bytes(exact(raw)?)),
        "INT" | "MEDIUMINT" => Value::from(i32::from_le_bytes(exact(raw)?)),
        "INT UNSIGNED" | "MEDIUMINT UNSIGNED" => Value::from(u32::from_le_bytes(exact(raw)?)),
        "BIGINT" => whole(i64::from_le_bytes(exact(raw)?)),
        "BIGINT UNSIGNED" => whole_unsigned(u64::from_le_bytes(exact(raw)?)),
        "FLOAT" => short_float(f32::from_le_bytes(exact(raw)?)),
        "DOUBLE" => float(f64::from_le_bytes(exact(raw)?)),
        "DATE" | "DATETIME" => Value::from(moment(raw, kind.name() == "DATE", "")?),
        // The session's time zone is UTC.
        "TIMESTAMP" => Value::from(moment(raw, false, "Z")?),
        "TIME" => Value::from(time(raw)?),
        "DECIMAL" | "ENUM" | "SET" => Value::from(text(raw)?),
        "JSON" => parsed(text(raw)?),
        "BIT" => whole_unsigned(raw.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))),
        "GEOMETRY" => bytes(raw),
        // The name says nothing of the collation, which tells text from bytes.
        _ if <str as sqlx::Type<MySql>>::compatible(&kind) => Value::from(text(raw)?),
        _ => bytes(raw),
    })
}

fn exact<const N: usize>(raw: &[u8]) -> Result<[u8; N]> {
    raw.try_into().map_err(|_| Error::internal("a value of MySQL has another length than its type"))
}

fn text(raw: &[u8]) -> Result<&str> {
    std::str::from_utf8(raw).map_err(Error::internal)
}

/// A number of the packed form of dates and times, 0 beyond its end.
fn number(raw: &[u8], from: usize, length: usize) -> i64 {
    let part = raw.get(from..from + length).unwrap_or_default();
    part.iter().rev().fold(0, |number, byte| number << 8 | i64::from(*byte))
}

/// Length, year (2), month, day; hour, minute, second; microseconds (4): as much of it as is not zero.
fn moment(raw: &[u8], is_date: bool, zone: &str) -> Result<String> {
    if raw.is_empty() {
        return Err(Error::internal("a date of MySQL without its length"));
    }
    let date = format!("{:04}-{:02}-{:02}", number(raw, 1, 2), number(raw, 3, 1), number(raw, 4, 1));
    if is_date {
        return Ok(date);
    }
    let clock = format!("{:02}:{:02}:{:02}", number(raw, 5, 1), number(raw, 6, 1), number(raw, 7, 1));
    Ok(format!("{date}T{clock}{}{zone}", fraction(number(raw, 8, 4))))
}

/// Length, sign, days (4), hour, minute, second; microseconds (4): as much of it as is not zero.
fn time(raw: &[u8]) -> Result<String> {
    if raw.is_empty() {
        return Err(Error::internal("a time of MySQL without its length"));
    }
    let sign = if number(raw, 1, 1) == 0 { "" } else { "-" };
    let hours = number(raw, 2, 4) * 24 + number(raw, 6, 1);
    Ok(format!("{sign}{hours:02}:{:02}:{:02}{}", number(raw, 7, 1), number(raw, 8, 1), fraction(number(raw, 9, 4))))
}
