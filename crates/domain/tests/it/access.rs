//! Access: who may do what, and that it is noticed at once when that changes.

mod agent_keys;
mod keys;
mod orgs;
mod sessions;
mod users;
