//! `muster.toml`: the same names as the flags, with underscores.

use super::StorageArgs;
use super::values::{LogFormat, OnOff, SqliteSync};
use muster_base::{Error, Result, Secret};
use muster_engine::models::{Price, Provider, ProviderKind};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The file's keys; an unknown one is an error, since it is most likely a slip.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    pub(super) listen: Option<String>,
    pub(super) data: Option<PathBuf>,
    pub(super) database_url: Option<String>,
    pub(super) db_connections: Option<u32>,
    pub(super) secret_key: Option<String>,
    pub(super) sqlite_sync: Option<SqliteSync>,
    pub(super) bus_url: Option<String>,
    pub(super) public_url: Option<String>,
    pub(super) org: Option<String>,
    pub(super) admin_user: Option<String>,
    pub(super) admin_password: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) rate_limit: Option<OnOff>,
    pub(super) trusted_proxies: Option<Vec<String>>,
    pub(super) allow_private_urls: Option<String>,
    pub(super) gateway_config: Option<PathBuf>,
    pub(super) event_retention_days: Option<u64>,
    pub(super) session_hours: Option<u64>,
    pub(super) turn_concurrency: Option<usize>,
    pub(super) turn_lease_seconds: Option<u64>,
    pub(super) offline_after_seconds: Option<u64>,
    pub(super) max_links: Option<usize>,
    pub(super) link_heartbeat_seconds: Option<u64>,
    pub(super) relay_url: Option<String>,
    pub(super) max_relays: Option<usize>,
    pub(super) relay_max_mib: Option<u64>,
    pub(super) relay_rate_mib: Option<u64>,
    pub(super) relay_idle_seconds: Option<u64>,
    pub(super) turn_attempts: Option<i64>,
    pub(super) turn_retry_ms: Option<u64>,
    pub(super) max_output_tokens: Option<i64>,
    pub(super) default_model: Option<String>,
    pub(super) openai_api_key: Option<String>,
    pub(super) openai_base_url: Option<String>,
    pub(super) anthropic_api_key: Option<String>,
    pub(super) anthropic_base_url: Option<String>,
    pub(super) log: Option<String>,
    pub(super) log_format: Option<LogFormat>,
    pub(super) otlp_endpoint: Option<String>,
    /// Model servers by name.
    pub(super) models: BTreeMap<String, ModelServer>,
    /// Prices that override or add to the built-in table.
    pub(super) prices: Vec<Price>,
}

/// `[models.NAME]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelServer {
    /// openai (default) or anthropic: the API that it speaks.
    kind: Option<String>,
    base_url: String,
    api_key: Option<String>,
    default_model: Option<String>,
}

impl ModelServer {
    pub(super) fn provider(&self, name: &str) -> Result<Provider> {
        let kind = match self.kind.as_deref() {
            None | Some("openai") => ProviderKind::OpenAi,
            Some("anthropic") => ProviderKind::Anthropic,
            Some(_) => return Err(Error::invalid(format!("models.{name}.kind"), "must be openai or anthropic")),
        };
        if reqwest::Url::parse(&self.base_url).is_err() {
            return Err(Error::invalid(
                format!("models.{name}.base_url"),
                "must be a URL such as http://127.0.0.1:11434/v1",
            ));
        }
        Ok(Provider {
            kind,
            base_url: self.base_url.clone(),
            api_key: self.api_key.clone().map(Secret::new),
            default_model: self.default_model.clone(),
        })
    }
}

impl File {
    /// Reads the file that is named, else the first that is there; none is fine.
    pub(super) fn find(args: &StorageArgs) -> Result<(Self, Option<PathBuf>)> {
        let data = args.data.clone().unwrap_or_else(|| PathBuf::from("./muster-data"));
        let path = match &args.config {
            Some(path) => Some(path.clone()),
            None => [PathBuf::from("muster.toml"), data.join("muster.toml")].into_iter().find(|path| path.is_file()),
        };
        let Some(path) = path else { return Ok((Self::default(), None)) };
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Error::invalid("config", format!("{} cannot be read: {error}", path.display())))?;
        let file =
            Self::parse(&text).map_err(|error| Error::invalid("config", format!("{}: {error}", path.display())))?;
        Ok((file, Some(path)))
    }

    pub(super) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}
