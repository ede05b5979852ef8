//! The types of data sources, one file or folder each, behind the domain's port.
//!
//! A type is a struct that implements `SourceType` and one line in [`types`]; forms, checks, docs and what agents are
//! told follow from its `About`. Types that speak HTTP are written with [`api`], the settings' schema with [`form`].

#![warn(missing_docs)]

mod api;
mod clickhouse;
mod collect;
mod confluence;
mod discord;
mod form;
mod github;
mod grafana;
mod http;
mod idle;
mod jira;
mod kubernetes;
mod librenms;
mod loki;
#[cfg(feature = "mongo")]
mod mongo;
mod mysql;
mod pagerduty;
mod params;
mod postgresql;
mod prometheus;
mod redis;
mod settings;
mod slack;
mod sql;
mod table;

use muster_domain::connectors::SourceType;
use muster_outbound::Outbound;
use std::sync::Arc;
use table::TableType;

/// Every type, in the order in which forms offer them. They reach their servers through `outbound`, or connect to what
/// its guard lets through.
pub fn types(outbound: &Outbound) -> Vec<Arc<dyn SourceType>> {
    let guard = outbound.guard();
    vec![
        Arc::new(postgresql::PostgreSql::new(guard)),
        Arc::new(mysql::MySql::new(guard)),
        Arc::new(redis::Redis::new(guard)),
        #[cfg(feature = "mongo")]
        Arc::new(mongo::MongoDb::new(guard)),
        Arc::new(http::HttpApi::new(outbound)),
        Arc::new(clickhouse::ClickHouse::new(outbound)),
        TableType::<slack::Slack>::shared(outbound),
        TableType::<github::Github>::shared(outbound),
        TableType::<librenms::Librenms>::shared(outbound),
        TableType::<prometheus::Prometheus>::shared(outbound),
        TableType::<loki::Loki>::shared(outbound),
        TableType::<jira::Jira>::shared(outbound),
        TableType::<pagerduty::Pagerduty>::shared(outbound),
        TableType::<grafana::Grafana>::shared(outbound),
        TableType::<confluence::Confluence>::shared(outbound),
        TableType::<discord::Discord>::shared(outbound),
        Arc::new(kubernetes::Kubernetes::new(outbound)),
    ]
}

#[cfg(test)]
mod tests;
