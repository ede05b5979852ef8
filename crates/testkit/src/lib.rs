//! What the end-to-end tests stand on: the real program in a process of its own, a client, and model servers.
//!
//! Everything has its own free port and temporary directory, so tests run side by side; everything is ended and removed
//! when it is dropped, also by a panic.

mod agent;
mod client;
mod database;
mod mariadb;
mod model;
mod nats;
mod peer;
mod port;
mod program;
mod redis;
mod script;
mod server;
mod socket;
mod sse;
mod wait;

pub use agent::Agent;
pub use client::{Answer, Client};
pub use database::{Backend, Database};
pub use mariadb::MariaDb;
pub use model::{Asked, ScriptedModel};
pub use nats::Nats;
pub use peer::Peer;
pub use program::Process;
pub use redis::Redis;
pub use script::{Gate, Script};
pub use server::{ADMIN_KEY, ADMIN_PASSWORD, Server, Setup};
pub use socket::Socket;
pub use sse::{Events, Heard, Reading};
pub use wait::{eventually, soon};
