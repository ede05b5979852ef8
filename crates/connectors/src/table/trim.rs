//! Making items smaller and safe to hand on.

use serde_json::Value;

/// Takes these fields out, however deep they are.
pub(crate) fn drop_fields(value: &mut Value, fields: &[&str]) {
    match value {
        Value::Object(map) => {
            map.retain(|name, _| !fields.contains(&name.as_str()));
            map.values_mut().for_each(|value| drop_fields(value, fields));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| drop_fields(value, fields)),
        _ => {}
    }
}

/// Takes out the fields that `leave_out` names, however deep they are.
pub(crate) fn drop_where(value: &mut Value, leave_out: &impl Fn(&str, &Value) -> bool) {
    match value {
        Value::Object(map) => {
            map.retain(|name, value| !leave_out(name, value));
            map.values_mut().for_each(|value| drop_where(value, leave_out));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| drop_where(value, leave_out)),
        _ => {}
    }
}
