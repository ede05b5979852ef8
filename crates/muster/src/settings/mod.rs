//! Settings: flag, then environment, then `muster.toml`, then default. Read here and nowhere else.

mod file;
mod links;
mod values;

pub(crate) use values::{OnOff, SqliteSync};

use clap::Args;
use file::File;
use links::LinkArgs;
use muster_base::{Error, Kind, Result, Secret};
use muster_domain::links::LinkSettings;
use muster_engine::EngineSettings;
use muster_engine::models::{ModelSettings, Price, Provider};
use muster_outbound::Policy;
use muster_store::{KeyRing, Options, SecretBox, Synchronous};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the data is: for every command that opens it.
#[derive(Args, Clone, Debug)]
pub(crate) struct StorageArgs {
    /// A settings file [default: ./muster.toml, then muster.toml in the data directory]
    #[arg(long, env = "MUSTER_CONFIG", value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// The data directory, created with mode 0700 [default: ./muster-data]
    #[arg(long, env = "MUSTER_DATA", value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// sqlite://PATH or postgres://... [default: SQLite in the data directory]
    #[arg(long, env = "MUSTER_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
    /// Seals secrets: 32 bytes in base64 or hexadecimal; several separated by commas, newest first [default: made in the data directory]
    #[arg(long, env = "MUSTER_SECRET_KEY", value_name = "KEY", hide_env_values = true)]
    pub(crate) secret_key: Option<String>,
    /// full waits for the disk at each commit; normal may lose the last ones at a power cut [default: full]
    #[arg(long, env = "MUSTER_SQLITE_SYNC", value_name = "full|normal")]
    pub(crate) sqlite_sync: Option<SqliteSync>,
}

/// The settings of the server.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) storage: StorageArgs,
    /// Address and port; port 0 picks a free one [default: 127.0.0.1:7717]
    #[arg(long, env = "MUSTER_LISTEN", value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// nats://... when several nodes share one PostgreSQL
    #[arg(long, env = "MUSTER_BUS_URL", value_name = "URL", hide_env_values = true)]
    bus_url: Option<String>,
    /// What links and callbacks are built from [default: http://<listen>]
    #[arg(long, env = "MUSTER_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Slug of the org that the first start makes [default: default]
    #[arg(long, env = "MUSTER_ORG", value_name = "SLUG")]
    org: Option<String>,
    /// Name of the user that the first start makes [default: admin]
    #[arg(long, env = "MUSTER_ADMIN_USER", value_name = "NAME")]
    admin_user: Option<String>,
    /// Their password [default: generated and printed once]
    #[arg(long, env = "MUSTER_ADMIN_PASSWORD", value_name = "PASSWORD", hide_env_values = true)]
    admin_password: Option<String>,
    /// An admin API key with this exact value exists in the first org
    #[arg(long, env = "MUSTER_API_KEY", value_name = "KEY", hide_env_values = true)]
    api_key: Option<String>,
    /// on or off [default: on]
    #[arg(long, env = "MUSTER_RATE_LIMIT", value_name = "on|off")]
    rate_limit: Option<OnOff>,
    /// Proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas
    #[arg(long, env = "MUSTER_TRUSTED_PROXIES", value_name = "CIDR,...", value_delimiter = ',')]
    trusted_proxies: Option<Vec<String>>,
    /// Private addresses that user-supplied URLs may reach: off, on, or networks and host names [default: off]
    #[arg(long, env = "MUSTER_ALLOW_PRIVATE_URLS", value_name = "off|on|LIST")]
    allow_private_urls: Option<String>,
    /// The gateway's file: its agents are taken over from there and written into it
    #[arg(long, env = "MUSTER_GATEWAY_CONFIG", value_name = "FILE")]
    gateway_config: Option<PathBuf>,
    /// How many days events are kept; 0 keeps them for ever [default: 90]
    #[arg(long, env = "MUSTER_EVENT_RETENTION_DAYS", value_name = "DAYS")]
    event_retention_days: Option<u64>,
    /// How many hours a sign-in lasts [default: 168]
    #[arg(long, env = "MUSTER_SESSION_HOURS", value_name = "HOURS")]
    session_hours: Option<u64>,
    /// How many turns run at once in this process [default: 64]
    #[arg(long, env = "MUSTER_TURN_CONCURRENCY", value_name = "N")]
    turn_concurrency: Option<usize>,
    /// Seconds after which the turns of a node that died are taken over [default: 15]
    #[arg(long, env = "MUSTER_TURN_LEASE_SECONDS", value_name = "SECONDS")]
    turn_lease_seconds: Option<u64>,
    /// Seconds of silence after which an agent that runs elsewhere counts as offline [default: 600]
    #[arg(long, env = "MUSTER_OFFLINE_AFTER_SECONDS", value_name = "SECONDS")]
    offline_after_seconds: Option<u64>,
    #[command(flatten)]
    links: LinkArgs,
    /// The most output tokens of one model call, reserved before it [default: 8192]
    #[arg(long, env = "MUSTER_MAX_OUTPUT_TOKENS", value_name = "N")]
    max_output_tokens: Option<i64>,
    /// How often a turn is tried when its model fails [default: 6]
    #[arg(long, env = "MUSTER_TURN_ATTEMPTS", value_name = "N")]
    turn_attempts: Option<i64>,
    /// Milliseconds before the first retry of a turn; doubles each time [default: 1000]
    #[arg(long, env = "MUSTER_TURN_RETRY_MS", value_name = "MS")]
    turn_retry_ms: Option<u64>,
    /// The model of agents that name none, as provider/model
    #[arg(long, env = "MUSTER_DEFAULT_MODEL", value_name = "MODEL")]
    default_model: Option<String>,
    /// Key for OpenAI, or for the compatible server at OPENAI_BASE_URL
    #[arg(long, env = "OPENAI_API_KEY", value_name = "KEY", hide_env_values = true)]
    openai_api_key: Option<String>,
    /// An OpenAI-compatible server
    #[arg(long, env = "OPENAI_BASE_URL", value_name = "URL")]
    openai_base_url: Option<String>,
    /// Key for Anthropic
    #[arg(long, env = "ANTHROPIC_API_KEY", value_name = "KEY", hide_env_values = true)]
    anthropic_api_key: Option<String>,
    /// Another address of Anthropic's API
    #[arg(long, env = "ANTHROPIC_BASE_URL", value_name = "URL")]
    anthropic_base_url: Option<String>,
    /// Connections to the database [default: 16]
    #[arg(long, env = "MUSTER_DB_CONNECTIONS", value_name = "N")]
    db_connections: Option<u32>,
    /// What is logged, e.g. info or muster=debug [default: info]
    #[arg(long, env = "MUSTER_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// text or json [default: text]
    #[arg(long, env = "MUSTER_LOG_FORMAT", value_name = "text|json")]
    log_format: Option<values::LogFormat>,
    /// Where traces go by OTLP over HTTP, e.g. http://127.0.0.1:4318
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<String>,
}

/// The settings as they are in force.
pub(crate) struct Settings {
    pub(crate) storage: Storage,
    pub(crate) listen: String,
    pub(crate) bus_url: Option<String>,
    pub(crate) public_url: Option<String>,
    pub(crate) org: String,
    pub(crate) admin_user: String,
    pub(crate) admin_password: Option<Secret<String>>,
    pub(crate) api_key: Option<Secret<String>>,
    pub(crate) rate_limit: bool,
    pub(crate) trusted_proxies: Vec<ipnet::IpNet>,
    pub(crate) outbound: Policy,
    pub(crate) gateway_config: Option<PathBuf>,
    pub(crate) event_retention: Option<Duration>,
    pub(crate) session_ttl: Duration,
    pub(crate) lease: Duration,
    pub(crate) offline_after: Duration,
    pub(crate) links: LinkSettings,
    pub(crate) engine: EngineSettings,
    pub(crate) models: ModelSettings,
    pub(crate) prices: Vec<Price>,
    pub(crate) log: String,
    pub(crate) log_json: bool,
    pub(crate) otlp_endpoint: Option<String>,
}

/// Where the data is.
pub(crate) struct Storage {
    pub(crate) data: PathBuf,
    pub(crate) database_url: String,
    secret_key: Option<Secret<String>>,
    synchronous: Synchronous,
    connections: u32,
}

impl StorageArgs {
    /// The settings in force for a command that opens the data.
    pub(crate) fn resolve(&self) -> Result<Storage> {
        let (file, _) = File::find(self)?;
        self.merge(&file, None)
    }

    fn merge(&self, file: &File, connections: Option<u32>) -> Result<Storage> {
        let data = self.data.clone().or_else(|| file.data.clone()).unwrap_or_else(|| PathBuf::from("./muster-data"));
        let url = text(&self.database_url, &file.database_url);
        let database_url = url.unwrap_or_else(|| format!("sqlite://{}", data.join("muster.db").display()));
        let sync = self.sqlite_sync.or(file.sqlite_sync).unwrap_or(SqliteSync::Full);
        let connections = connections.or(file.db_connections).unwrap_or(16);
        if !(2..=1000).contains(&connections) {
            return Err(Error::invalid("db_connections", "must be from 2 to 1000"));
        }
        Ok(Storage {
            data,
            database_url,
            secret_key: text(&self.secret_key, &file.secret_key).map(Secret::new),
            synchronous: if sync == SqliteSync::Full { Synchronous::Full } else { Synchronous::Normal },
            connections,
        })
    }
}

impl Storage {
    /// How to open the database.
    pub(crate) fn options(&self) -> Options {
        Options { url: self.database_url.clone(), synchronous: self.synchronous, connections: self.connections }
    }

    /// Whether only one server may use the database.
    pub(crate) fn is_sqlite(&self) -> bool {
        self.database_url.starts_with("sqlite://")
    }

    /// The file that tells that a server is at the database.
    pub(crate) fn lock_path(&self) -> PathBuf {
        let database = self.database_url.strip_prefix("sqlite://").unwrap_or("muster.db");
        PathBuf::from(format!("{database}.lock"))
    }

    /// Makes the data directory, for its owner only.
    pub(crate) fn prepare(&self) -> Result<()> {
        create_private(&self.data).map_err(|error| {
            Error::invalid("data", format!("the directory {} cannot be made: {error}", self.data.display()))
        })
    }

    /// Where the key is kept when no setting gives it.
    pub(crate) fn key_path(&self) -> PathBuf {
        self.data.join("secret.key")
    }

    /// Whether the key comes from a setting rather than from the data directory.
    pub(crate) fn key_is_set(&self) -> bool {
        self.secret_key.is_some()
    }

    /// The keys that seal secrets: set, or in the data directory, where they are made when missing and nothing is sealed
    /// yet.
    ///
    /// Keys from the data directory are followed: a rotation there takes effect at once.
    pub(crate) fn secret_box(&self, is_sealed: bool) -> Result<SecretBox> {
        if let Some(key) = &self.secret_key {
            return Ok(SecretBox::new(KeyRing::parse(key.expose())?));
        }
        let ring = KeyRing::parse(self.key_from_file(is_sealed)?.expose())?;
        let path = self.key_path();
        let seen = std::sync::Mutex::new(changed_at(&path));
        Ok(SecretBox::following(ring, move || {
            let now = changed_at(&path);
            let mut seen = seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if *seen == now {
                return None;
            }
            let ring = std::fs::read_to_string(&path).ok().and_then(|text| KeyRing::parse(&text).ok())?;
            *seen = now;
            Some(ring)
        }))
    }

    fn key_from_file(&self, is_sealed: bool) -> Result<Secret<String>> {
        let path = self.key_path();
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Secret::new(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && is_sealed => {
                let message = format!(
                    "this database was sealed with a key that is not here: set MUSTER_SECRET_KEY, or put the key into {}",
                    path.display()
                );
                Err(Error::new(Kind::Invalid, "secrets.no_key", message))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = KeyRing::generate();
                write_private(&path, key.expose()).map_err(|error| {
                    Error::invalid("data", format!("the key file {} cannot be written: {error}", path.display()))
                })?;
                Ok(key)
            }
            Err(error) => {
                Err(Error::invalid("data", format!("the key file {} cannot be read: {error}", path.display())))
            }
        }
    }
}

/// When a file was last changed, and which file it is: a rename gives it another number.
fn changed_at(path: &Path) -> Option<(std::time::SystemTime, u64)> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.ino()))
}

fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a file that only its owner can read, all of it or nothing.
///
/// The owner stays who it was: an operator who is root works on the data of a server that is not.
pub(crate) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let temporary = path.with_extension("new");
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    keep_owner(&file, path)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)
}

/// Gives a new file to the owner of the one that it takes the place of, or else of its folder.
fn keep_owner(file: &std::fs::File, place: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (wanted, own) = (place.metadata().or_else(|_| folder.metadata())?, file.metadata()?);
    if (wanted.uid(), wanted.gid()) == (own.uid(), own.gid()) {
        return Ok(());
    }
    match fchown(file, Some(wanted.uid()), Some(wanted.gid())) {
        // Who is not root can give nothing away, and then the file is theirs as anything that they write.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Ok(()),
        other => other,
    }
}

impl ServeArgs {
    /// The settings in force, checked.
    pub(crate) fn resolve(self) -> Result<Settings> {
        let (file, _) = File::find(&self.storage)?;
        let storage = self.storage.merge(&file, self.db_connections)?;
        let models = self.models(&file)?;
        let links = self.links.resolve(&file)?;
        let defaults = EngineSettings::default();
        let engine = EngineSettings {
            concurrency: within(
                "turn_concurrency",
                self.turn_concurrency.or(file.turn_concurrency),
                defaults.concurrency,
                1,
                10_000,
            )?,
            max_output_tokens: within(
                "max_output_tokens",
                self.max_output_tokens.or(file.max_output_tokens),
                defaults.max_output_tokens,
                1,
                1_000_000,
            )?,
            max_attempts: within(
                "turn_attempts",
                self.turn_attempts.or(file.turn_attempts),
                defaults.max_attempts,
                1,
                100,
            )?,
            retry_base: Duration::from_millis(within(
                "turn_retry_ms",
                self.turn_retry_ms.or(file.turn_retry_ms),
                1000,
                1,
                60_000,
            )?),
            ..defaults
        };
        let proxies = self.trusted_proxies.or(file.trusted_proxies).unwrap_or_default();
        let proxies = proxies.iter().filter(|text| !text.is_empty());
        let allow_private_urls = text(&self.allow_private_urls, &file.allow_private_urls);
        let gateway_config = self.gateway_config.or(file.gateway_config);
        let gateway_config = gateway_config.map(|path| values::gateway_config(&path)).transpose()?.flatten();
        let retention_days = self.event_retention_days.or(file.event_retention_days).unwrap_or(90);
        let public_url =
            text(&self.public_url, &file.public_url).map(|url| values::web_url("public_url", &url)).transpose()?;
        let bus_url = text(&self.bus_url, &file.bus_url);
        if bus_url.is_some() && storage.is_sqlite() {
            return Err(Error::invalid(
                "bus_url",
                "several nodes need a PostgreSQL that they share; set database_url to it",
            ));
        }
        Ok(Settings {
            storage,
            listen: text(&self.listen, &file.listen).unwrap_or_else(|| "127.0.0.1:7717".to_owned()),
            bus_url,
            public_url,
            org: text(&self.org, &file.org).unwrap_or_else(|| "default".to_owned()),
            admin_user: text(&self.admin_user, &file.admin_user).unwrap_or_else(|| "admin".to_owned()),
            admin_password: text(&self.admin_password, &file.admin_password).map(Secret::new),
            api_key: text(&self.api_key, &file.api_key).map(Secret::new),
            rate_limit: self.rate_limit.or(file.rate_limit).unwrap_or(OnOff::On) == OnOff::On,
            trusted_proxies: proxies.map(|text| values::network(text)).collect::<Result<_>>()?,
            outbound: Policy::parse(allow_private_urls.as_deref().unwrap_or("off"))?,
            gateway_config,
            event_retention: (retention_days > 0).then(|| Duration::from_secs(retention_days * 24 * 3600)),
            session_ttl: Duration::from_secs(
                within("session_hours", self.session_hours.or(file.session_hours), 168, 1, 24 * 365)? * 3600,
            ),
            lease: Duration::from_secs(within(
                "turn_lease_seconds",
                self.turn_lease_seconds.or(file.turn_lease_seconds),
                15,
                2,
                600,
            )?),
            offline_after: Duration::from_secs(within(
                "offline_after_seconds",
                self.offline_after_seconds.or(file.offline_after_seconds),
                600,
                10,
                7 * 24 * 3600,
            )?),
            links,
            engine,
            models,
            prices: file.prices,
            log: text(&self.log, &file.log).unwrap_or_else(|| "info".to_owned()),
            log_json: self.log_format.or(file.log_format) == Some(values::LogFormat::Json),
            otlp_endpoint: text(&self.otlp_endpoint, &file.otlp_endpoint),
        })
    }

    fn models(&self, file: &File) -> Result<ModelSettings> {
        let provider = |key: Option<String>, url: Option<String>, make: fn(Option<Secret<String>>) -> Provider| {
            if key.is_none() && url.is_none() {
                return None;
            }
            let mut provider = make(key.map(Secret::new));
            if let Some(url) = url {
                provider.base_url = url;
            }
            Some(provider)
        };
        Ok(ModelSettings {
            openai: provider(
                text(&self.openai_api_key, &file.openai_api_key),
                text(&self.openai_base_url, &file.openai_base_url),
                Provider::openai,
            ),
            anthropic: provider(
                text(&self.anthropic_api_key, &file.anthropic_api_key),
                text(&self.anthropic_base_url, &file.anthropic_base_url),
                Provider::anthropic,
            ),
            others: file
                .models
                .iter()
                .map(|(name, model)| Ok((name.clone(), model.provider(name)?)))
                .collect::<Result<_>>()?,
            default_model: text(&self.default_model, &file.default_model),
        })
    }
}

/// The first of the two that says something. An empty text says nothing: compose files and unit files pass on variables
/// that may not be set.
fn text<'t>(first: impl Into<Option<&'t String>>, second: impl Into<Option<&'t String>>) -> Option<String> {
    [first.into(), second.into()].into_iter().flatten().find(|text| !text.is_empty()).cloned()
}

fn within<T: PartialOrd + std::fmt::Display + Copy>(
    name: &str,
    value: Option<T>,
    default: T,
    least: T,
    most: T,
) -> Result<T> {
    let value = value.unwrap_or(default);
    if value < least || value > most {
        return Err(Error::invalid(name, format!("must be from {least} to {most}")));
    }
    Ok(value)
}

#[cfg(test)]
mod tests;
