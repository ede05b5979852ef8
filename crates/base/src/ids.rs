//! Ids and secrets. Ids sort by the time they were made; secrets carry 256 bits from the operating system.

use data_encoding::{BASE64URL_NOPAD, Encoding};
use std::sync::LazyLock;
use uuid::Uuid;

/// Lower-case base32 without letters that look like digits, for the random end of slugs.
static SLUG_ALPHABET: LazyLock<Encoding> = LazyLock::new(|| {
    let mut spec = data_encoding::Specification::new();
    spec.symbols.push_str("23456789abcdefghijkmnpqrstuvwxyz");
    spec.encoding().expect("32 distinct symbols")
});

/// A new id such as `msg_0199c2...`: the prefix and a UUID version 7 in hexadecimal, so that ids sort by time.
pub fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::now_v7().simple())
}

/// A new secret: the prefix and 256 random bits in URL-safe base64.
pub fn new_secret(prefix: &str) -> String {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    format!("{prefix}{}", BASE64URL_NOPAD.encode(&bytes))
}

/// The URL-safe slug of an agent: `agent-<slug of name>-<8 random>`.
pub fn agent_slug(name: &str) -> String {
    let mut bytes = [0u8; 5];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    let base = slug(name);
    let base = if base.is_empty() { "unnamed" } else { base.as_str() };
    format!("agent-{base}-{}", SLUG_ALPHABET.encode(&bytes))
}

/// `name` in lower-case ASCII letters, digits and single hyphens, at most 40 characters; empty when nothing is left.
pub fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if out.len() >= 40 {
            break;
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_safe_in_a_url_whatever_the_name() {
        assert_eq!(slug("  Ännie's Bot / 2 "), "nnie-s-bot-2");
        assert_eq!(slug("日本"), "");
        assert!(agent_slug("日本").starts_with("agent-unnamed-"));
        assert_eq!(agent_slug("Acme Bot").len(), "agent-acme-bot-".len() + 8);
    }

    #[test]
    fn ids_made_later_sort_later() {
        let ids: Vec<String> = (0..1000).map(|_| new_id("x")).collect();
        assert!(ids.is_sorted());
    }
}
