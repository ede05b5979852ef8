//! Values that go into statements: text and whole numbers, which both databases store alike.

use muster_base::Millis;

/// One bound value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// TEXT or NULL.
    Text(Option<String>),
    /// BIGINT or NULL.
    Int(Option<i64>),
}

/// The bound values of a statement, in the order of `$1, $2, ...`.
pub type Args = Vec<Value>;

/// PostgreSQL has no place for a NUL in a text; SQLite has, but what one takes the other must take too.
pub(crate) fn refuse_nul(args: &Args) -> muster_base::Result<()> {
    let has_nul = |value: &Value| matches!(value, Value::Text(Some(text)) if text.contains('\0'));
    if args.iter().any(has_nul) {
        return Err(muster_base::Error::invalid("", "a text has a NUL character, which cannot be stored"));
    }
    Ok(())
}

/// Binds values: `args![id.as_str(), limit, at]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::Value::from($value)),*] };
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(Some(value.clone()))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}

impl From<Millis> for Value {
    fn from(value: Millis) -> Self {
        Self::Int(Some(value.0))
    }
}

impl From<Option<Millis>> for Value {
    fn from(value: Option<Millis>) -> Self {
        Self::Int(value.map(|at| at.0))
    }
}
