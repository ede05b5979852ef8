//! Addresses below the base URL, and nowhere else.

use super::Api;
use muster_base::{Error, Result};
use muster_outbound::{Url, origin};

impl Api {
    /// The address of these parts of a path below the base. Each is one part whatever is in it: a slash or a question
    /// mark in a value of the caller's leads nowhere else.
    ///
    /// Errors: `invalid` with the field `resource` for a part that is empty or only dots.
    pub(crate) fn at(&self, parts: &[&str]) -> Result<Url> {
        if parts.iter().any(|part| part.is_empty() || matches!(*part, "." | "..")) {
            return Err(Error::invalid("resource", "must not have parts that are empty or only dots"));
        }
        let mut url = self.base().clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        Ok(url)
    }

    /// The address that a caller wrote as a path below the base, with or without a slash in front, with `?` and
    /// parameters if they like.
    ///
    /// Errors: `invalid` with `field` when it leads out of the base.
    pub(crate) fn below(&self, field: &str, text: &str) -> Result<Url> {
        let refuse =
            || Error::invalid(field, format!("must be a path below {}, such as `items?state=open`", self.base()));
        let relative = text.trim().trim_start_matches('/');
        // `./` in front, so that `http:` or `//host` in the text stay parts of a path.
        let url = self.base().join(&format!("./{relative}")).map_err(|_| refuse())?;
        let stays = origin(&url) == origin(self.base()) && url.path().starts_with(self.base().path());
        if !stays || url.fragment().is_some() || relative.contains('\\') {
            return Err(refuse());
        }
        // Servers that decode before they route would walk up by these.
        let path = url.path().to_ascii_lowercase();
        if path.contains("%2e%2e") || path.contains("%2f") || path.contains("%5c") || path.contains("//") {
            return Err(refuse());
        }
        Ok(url)
    }
}
