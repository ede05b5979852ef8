//! JSON5 with the place of every part, so that one part can be changed and every other byte stays.
//!
//! Libraries either give values without places, or know JSON with comments but not all of JSON5 (identifiers with
//! escapes, every line terminator, a byte order mark). The grammar is that of <https://spec.json5.org>.

mod fault;
mod number;
mod parse;
mod text;
mod tree;
mod trivia;

pub(crate) use fault::{Fault, Place};
pub(crate) use parse::parse;
pub(crate) use text::is_identifier;
pub(crate) use tree::{Kind, Node, object};
pub(crate) use trivia::trivia;

#[cfg(test)]
mod tests;
