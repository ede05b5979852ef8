//! The types of data sources, one file or folder each, behind the domain's port.
//!
//! A type is a struct that implements `SourceType` and one line in [`types`]; forms, checks, docs and what agents are
//! told follow from its `About`. Types that speak HTTP are written with [`api`], the settings' schema with [`form`].

#![warn(missing_docs)]
// The kit is written before the last of its users.
#![allow(dead_code, unused_imports)]

mod api;
mod collect;
mod form;
mod mysql;
mod params;
mod postgresql;
mod redis;
mod settings;
mod sql;

use muster_domain::connectors::SourceType;
use muster_outbound::Outbound;
use std::sync::Arc;

/// Every type, in the order in which forms offer them. They reach their servers through `outbound`, or connect to what
/// its guard lets through.
pub fn types(outbound: &Outbound) -> Vec<Arc<dyn SourceType>> {
    let guard = outbound.guard();
    vec![
        Arc::new(postgresql::PostgreSql::new(guard)),
        Arc::new(mysql::MySql::new(guard)),
        Arc::new(redis::Redis::new(guard)),
    ]
}

#[cfg(test)]
mod tests;
