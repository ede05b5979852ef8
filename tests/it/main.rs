//! End to end: the real program in a process of its own, with real databases and model servers, killed and started again.
//!
//! Needs the program (`cargo build -p muster`, or `MUSTER_BIN`), a PostgreSQL server (`scripts/with-postgres`), Node.js
//! with the packages of `tests/node` (`npm ci` there), those of `tests/python` (`scripts/python-install tests/python`), and
//! `nats-server`.

mod connectors;
mod contract;
mod conversations;
mod crash;
mod data;
mod document;
mod elsewhere;
mod fuzz;
mod gateway;
mod junk;
mod linked_nodes;
mod load;
mod local;
mod network;
mod nodes;
mod peer;
mod process;
mod races;
mod rendezvous;
mod soul;
mod streaming;
mod support;
mod turns;
