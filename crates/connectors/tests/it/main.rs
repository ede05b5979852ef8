//! Types of sources against servers: those of other projects where there are such, else fakes written from the vendors'
//! public API documentation, strict about what the vendor is strict about.
//!
//! Needs the packages of `tests/node-emulate` (`scripts/npm-install tests/node-emulate`) and of `tests/python`
//! (`scripts/python-install tests/python`).

mod clickhouse;
mod confluence;
mod discord;
mod fake;
mod github;
mod grafana;
mod http;
mod jira;
mod kubernetes;
mod librenms;
mod loki;
#[cfg(feature = "mongo")]
mod mongo;
mod pagerduty;
mod peers;
mod policy;
mod prometheus;
mod slack;
mod support;
