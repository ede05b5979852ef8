//! Promises of the domain, kept on SQLite and on PostgreSQL.

mod access;
mod agents;
mod arrows;
mod conversations;
mod events;
mod gateway;
mod jobs;
mod memory;
mod presence;
mod support;
mod turns;
