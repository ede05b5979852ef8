//! Values of settings that have a form of their own.

use clap::ValueEnum;
use muster_base::{Error, Result};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// A switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnOff {
    On,
    Off,
}

/// How far a commit on SQLite has got when it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SqliteSync {
    Full,
    Normal,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// The gateway's file, `~/` resolved. It need not be there yet; nothing at all is no file.
pub(crate) fn gateway_config(path: &Path) -> Result<Option<PathBuf>> {
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let path = match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(below), Some(home)) => home.join(below),
        _ => path.to_owned(),
    };
    if path.is_dir() {
        let message = format!("{} is a folder; name the file in it, such as openclaw.json", path.display());
        return Err(Error::invalid("gateway_config", message));
    }
    Ok(Some(path))
}

/// An address or a network.
pub(crate) fn network(text: &str) -> Result<ipnet::IpNet> {
    let text = text.trim();
    text.parse::<ipnet::IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(ipnet::IpNet::from)).map_err(|_| {
        Error::invalid("trusted_proxies", format!("`{text}` is neither an address nor a network such as 10.0.0.0/8"))
    })
}

/// The URL in a setting, without its last slash.
pub(crate) fn web_url(setting: &str, text: &str) -> Result<String> {
    let url = reqwest::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match url {
        Some(url) if url.query().is_none() && url.fragment().is_none() => {
            Ok(url.as_str().trim_end_matches('/').to_owned())
        }
        _ => Err(Error::invalid(setting, "must be an http or https URL such as https://muster.example.com")),
    }
}
