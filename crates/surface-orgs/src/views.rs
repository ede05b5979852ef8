//! What all resources of this dialect share: lists, their pages, and whom an agent's own token may see.

use muster_base::{Cursor, Error, Page, PageRequest, Result};
use muster_domain::Ctx;
use schemars::JsonSchema;
use serde::Serialize;

/// A page of a list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "{T}List")]
pub(crate) struct List<T> {
    /// The items.
    pub(crate) data: Vec<T>,
    /// Hand it back as `pageToken` to read on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_page_token: Option<String>,
}

impl<T> List<T> {
    /// A page whose items are shown by `view`.
    pub(crate) fn of<R>(page: Page<R>, view: impl Fn(R) -> T) -> Self {
        let next_page_token = page.next.as_ref().map(Cursor::encode);
        Self { data: page.items.into_iter().map(view).collect(), next_page_token }
    }
}

/// How many items a list gives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// When nothing is said.
    pub(crate) usual: i64,
    /// At the most.
    pub(crate) most: i64,
}

impl Sizes {
    /// The sizes of ordinary lists.
    pub(crate) const LIST: Self = Self { usual: 50, most: 200 };

    /// Checks a wanted number of items.
    pub(crate) fn limit(self, asked: Option<i64>) -> Result<i64> {
        let limit = asked.unwrap_or(self.usual);
        if (1..=self.most).contains(&limit) {
            return Ok(limit);
        }
        Err(Error::invalid("limit", format!("must be from 1 to {}", self.most)))
    }
}

/// The page that is wanted of an ordinary list.
pub(crate) fn page(limit: Option<i64>, token: Option<&str>) -> Result<PageRequest> {
    let after = token.map(|token| Cursor::decode(token, "pageToken")).transpose()?;
    Ok(PageRequest { limit: Sizes::LIST.limit(limit)?, after })
}

/// The agent that a list is narrowed to: an agent's own token sees only what is its agent's.
pub(crate) fn narrowed(ctx: &Ctx, asked: Option<String>) -> Result<Option<String>> {
    let Some(own) = &ctx.principal().agent else { return Ok(asked) };
    if let Some(asked) = &asked {
        ctx.may_act_as(asked)?;
    }
    Ok(Some(own.clone()))
}

/// A change that mentions nothing is a mistake of the caller.
pub(crate) fn must_change(mentions: bool, fields: &str) -> Result<()> {
    if mentions { Ok(()) } else { Err(Error::invalid("", format!("the body must have at least one of {fields}"))) }
}
