//! Promises of the domain, kept on SQLite and on PostgreSQL.

mod access;
mod agents;
mod arrows;
mod comms;
mod conversations;
mod events;
mod heartbeat;
mod jobs;
mod memory;
mod presence;
mod support;
mod tasks;
mod turns;
