//! Interrupting an agent: a message that it gets as soon as can be, and whose reply can be waited for.
//!
//! Where the agent is decides how: a hosted agent breaks off what it does in that conversation, one that is linked gets
//! it pushed, any other finds it when it next asks.

mod store;
mod verbs;
mod wait;

pub(crate) use verbs::is_delivered;
pub use verbs::{Interrupted, interrupt};
pub use wait::{Awaited, LONGEST_WAIT, Replied, wait_for_reply};
