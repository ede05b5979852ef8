//! Promises of the domain, kept on SQLite and on PostgreSQL.

mod access;
mod agents;
mod arrows;
mod comms;
mod connectors;
mod conversations;
mod enrolments;
mod events;
mod gateway;
mod heartbeat;
mod inbox;
mod interrupts;
mod jobs;
mod links;
mod memory;
mod presence;
mod shared_memory;
mod support;
mod tasks;
mod turns;
