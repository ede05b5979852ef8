//! Work to do later or again: enqueued in the transaction of a change, claimed by lease, unique by key.

mod housekeeping;
mod store;
mod verbs;

pub use housekeeping::{housekeep, register_housekeeping};
pub use verbs::{Job, claim_due, done, enqueue, failed, next_due};
