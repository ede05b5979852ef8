//! How deep a body is nested, found without reading it: fields that are kept as they came have no other bound.

use memchr::memchr2;
use std::ops::Range;

/// How many objects and lists may lie in each other, the body itself included.
///
/// What comes in goes out again within lists of ours, and many clients read no more than 128 levels.
pub(crate) const DEEPEST: usize = 64;

/// The field of the body that is nested deeper than [`DEEPEST`]; empty when it has no name.
pub(crate) fn too_deep(body: &[u8]) -> Option<String> {
    let (mut depth, mut at, mut field) = (0_usize, 0, 0..0);
    while let Some(byte) = body.get(at) {
        match byte {
            b'"' => {
                let end = end_of_text(body, at);
                // What comes last before a value opens is the field's name.
                if depth == 1 {
                    field = at..end;
                }
                at = end;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(text(body, field));
        }
        at += 1;
    }
    None
}

/// The place after the text that begins at `start`.
fn end_of_text(body: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = body.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        if body[at + found] == b'"' {
            return at + found + 1;
        }
        at += found + 2;
    }
    body.len()
}

fn text(body: &[u8], range: Range<usize>) -> String {
    body.get(range).and_then(|text| serde_json::from_slice(text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize, field: &str) -> String {
        let levels = levels - 1;
        format!(r#"{{"a": "[[{{", "{field}": {}1{}, "z": [1]}}"#, "[".repeat(levels), "]".repeat(levels))
    }

    #[test]
    fn the_field_that_is_too_deep_is_named() {
        assert_eq!(too_deep(nested(DEEPEST, "b").as_bytes()), None);
        assert_eq!(too_deep(nested(DEEPEST + 1, "b").as_bytes()).as_deref(), Some("b"));
        assert_eq!(too_deep(nested(10_000, r"b\u0041\\").as_bytes()).as_deref(), Some(r"bA\"));
        assert_eq!(too_deep("[".repeat(65).as_bytes()).as_deref(), Some(""));
    }

    #[test]
    fn brackets_within_texts_do_not_count() {
        let body = serde_json::json!({"a": format!("\\\"{}", "[".repeat(500)), "[[[\"": "x"}).to_string();
        assert_eq!(too_deep(body.as_bytes()), None);
        for broken in [r#"{"a"#, r#"{"a\"#, "\"", "]]]]", ""] {
            assert_eq!(too_deep(broken.as_bytes()), None);
        }
    }
}
