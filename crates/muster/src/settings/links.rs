//! What agents that dial in, and relays between them, may take.

use super::{file::File, text, values, within};
use clap::Args;
use muster_base::Result;
use muster_domain::links::LinkSettings;
use std::time::Duration;

/// The settings of links and relays.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct LinkArgs {
    /// How many agents may be dialled in to this node at once [default: 50000]
    #[arg(long, env = "MUSTER_MAX_LINKS", value_name = "N")]
    pub(super) max_links: Option<usize>,
    /// Seconds between an agent's signs of life on its link, a tenth more or less for each [default: 30]
    #[arg(long, env = "MUSTER_LINK_HEARTBEAT_SECONDS", value_name = "SECONDS")]
    pub(super) link_heartbeat_seconds: Option<u64>,
    /// Where agents reach this very node for a relay; needed where several nodes share a public URL [default: the public URL]
    #[arg(long, env = "MUSTER_RELAY_URL", value_name = "URL")]
    pub(super) relay_url: Option<String>,
    /// How many relays this node carries at once; 0 carries none [default: 256]
    #[arg(long, env = "MUSTER_MAX_RELAYS", value_name = "N")]
    pub(super) max_relays: Option<usize>,
    /// How many MiB one relay carries before it ends [default: 1024]
    #[arg(long, env = "MUSTER_RELAY_MAX_MIB", value_name = "MIB")]
    pub(super) relay_max_mib: Option<u64>,
    /// How many MiB a second one relay carries [default: 16]
    #[arg(long, env = "MUSTER_RELAY_RATE_MIB", value_name = "MIB")]
    pub(super) relay_rate_mib: Option<u64>,
    /// Seconds without a byte after which a relay ends [default: 300]
    #[arg(long, env = "MUSTER_RELAY_IDLE_SECONDS", value_name = "SECONDS")]
    pub(super) relay_idle_seconds: Option<u64>,
}

impl LinkArgs {
    /// The settings in force, checked.
    pub(super) fn resolve(self, file: &File) -> Result<LinkSettings> {
        let defaults = LinkSettings::default();
        let seconds = |name, value: Option<u64>, default: Duration, least, most| {
            within(name, value, default.as_secs(), least, most).map(Duration::from_secs)
        };
        let mebibytes = |name, value: Option<u64>, default: u64, most| {
            within(name, value, default >> 20, 1, most).map(|count| count << 20)
        };
        let relay_url = text(&self.relay_url, &file.relay_url);
        Ok(LinkSettings {
            most: within("max_links", self.max_links.or(file.max_links), defaults.most, 1, 1_000_000)?,
            heartbeat: seconds(
                "link_heartbeat_seconds",
                self.link_heartbeat_seconds.or(file.link_heartbeat_seconds),
                defaults.heartbeat,
                5,
                600,
            )?,
            relay_url: relay_url.map(|url| values::web_url("relay_url", &url)).transpose()?,
            relays: within("max_relays", self.max_relays.or(file.max_relays), defaults.relays, 0, 100_000)?,
            relay_bytes: mebibytes(
                "relay_max_mib",
                self.relay_max_mib.or(file.relay_max_mib),
                defaults.relay_bytes,
                1 << 20,
            )?,
            relay_rate: mebibytes(
                "relay_rate_mib",
                self.relay_rate_mib.or(file.relay_rate_mib),
                defaults.relay_rate,
                1 << 14,
            )?,
            relay_idle: seconds(
                "relay_idle_seconds",
                self.relay_idle_seconds.or(file.relay_idle_seconds),
                defaults.relay_idle,
                5,
                24 * 3600,
            )?,
            ..defaults
        })
    }
}
