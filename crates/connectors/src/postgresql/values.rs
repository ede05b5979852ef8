//! Values as JSON, from the binary form in which PostgreSQL sends them.

use crate::sql::calendar;
use crate::sql::rows::{bytes, float, json as parsed, short_float, whole, whole_unsigned};
use muster_base::{Error, Result};
use serde_json::Value;
use sqlx::ValueRef as _;
use sqlx::postgres::{PgTypeInfo, PgTypeKind, PgValueFormat, PgValueRef};

/// The form in which a column's values come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Text,
    Json,
    Bytes,
    Uuid,
    Date,
    Time,
    Timestamp,
    TimestampTz,
}

/// How a column of a type is read, and what is asked for so that it comes like that: `$c` is the column, `$n` the most
/// characters. The numbers are those of PostgreSQL's catalog (src/include/catalog/pg_type.dat).
pub(super) fn shape(kind: &PgTypeInfo) -> (Shape, &'static str) {
    const AS_IT_IS: &str = "$c";
    match kind.oid().map_or(0, |oid| oid.0) {
        16 => (Shape::Bool, AS_IT_IS),
        21 => (Shape::Int2, AS_IT_IS),
        23 => (Shape::Int4, AS_IT_IS),
        20 => (Shape::Int8, AS_IT_IS),
        26 => (Shape::Oid, AS_IT_IS),
        700 => (Shape::Float4, AS_IT_IS),
        701 => (Shape::Float8, AS_IT_IS),
        19 => (Shape::Text, AS_IT_IS),
        25 | 1042 | 1043 => (Shape::Text, "left($c, $n)"),
        17 => (Shape::Bytes, "substring($c FROM 1 FOR $n)"),
        2950 => (Shape::Uuid, AS_IT_IS),
        1082 => (Shape::Date, AS_IT_IS),
        1083 => (Shape::Time, AS_IT_IS),
        1114 => (Shape::Timestamp, AS_IT_IS),
        1184 => (Shape::TimestampTz, AS_IT_IS),
        114 | 3802 => (Shape::Json, "left($c::text, $n)"),
        // A row without a name for its type.
        2249 => (Shape::Json, "left(to_json($c)::text, $n)"),
        _ => match kind.kind() {
            PgTypeKind::Array(_) | PgTypeKind::Composite(_) => (Shape::Json, "left(to_json($c)::text, $n)"),
            _ => (Shape::Text, "left($c::text, $n)"),
        },
    }
}

/// Microseconds and days from 1970-01-01 to 2000-01-01, from where PostgreSQL counts.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
const EPOCH_DAYS: i64 = 10_957;

/// A value as JSON.
pub(super) fn json(shape: Shape, value: PgValueRef<'_>) -> Result<Value> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let is_text = value.format() == PgValueFormat::Text;
    let raw = value.as_bytes().map_err(Error::internal)?;
    if is_text {
        return text(raw).map(Value::from);
    }
    Ok(match shape {
        Shape::Bool => Value::from(raw.first().is_some_and(|byte| *byte != 0)),
        Shape::Int2 => Value::from(i16::from_be_bytes(exact(raw)?)),
        Shape::Int4 => Value::from(i32::from_be_bytes(exact(raw)?)),
        Shape::Int8 => whole(i64::from_be_bytes(exact(raw)?)),
        Shape::Oid => whole_unsigned(u64::from(u32::from_be_bytes(exact(raw)?))),
        Shape::Float4 => short_float(f32::from_be_bytes(exact(raw)?)),
        Shape::Float8 => float(f64::from_be_bytes(exact(raw)?)),
        Shape::Text => Value::from(text(raw)?),
        Shape::Json => parsed(text(raw.strip_prefix(&[1]).unwrap_or(raw))?),
        Shape::Bytes => bytes(raw),
        Shape::Uuid => Value::from(uuid(&exact(raw)?)),
        Shape::Date => Value::from(date(i32::from_be_bytes(exact(raw)?))),
        Shape::Time => Value::from(calendar::time(i64::from_be_bytes(exact(raw)?))),
        Shape::Timestamp => Value::from(moment(i64::from_be_bytes(exact(raw)?), "")),
        Shape::TimestampTz => Value::from(moment(i64::from_be_bytes(exact(raw)?), "Z")),
    })
}

fn exact<const N: usize>(raw: &[u8]) -> Result<[u8; N]> {
    raw.try_into().map_err(|_| Error::internal("a value of PostgreSQL has another length than its type"))
}

fn text(raw: &[u8]) -> Result<&str> {
    std::str::from_utf8(raw).map_err(Error::internal)
}

fn date(days: i32) -> String {
    match days {
        i32::MAX => "infinity".to_owned(),
        i32::MIN => "-infinity".to_owned(),
        days => calendar::date(i64::from(days) + EPOCH_DAYS),
    }
}

fn moment(micros: i64, zone: &str) -> String {
    match micros {
        i64::MAX => "infinity".to_owned(),
        i64::MIN => "-infinity".to_owned(),
        micros => calendar::moment(micros.saturating_add(EPOCH_MICROS)) + zone,
    }
}

fn uuid(bytes: &[u8; 16]) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(*bytes));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
