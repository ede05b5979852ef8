//! Settings as the driver wants them; what would reach around the policy or into this machine's files is refused.

use super::TITLE;
use crate::settings::filled;
use mongodb::options::{
    AuthMechanism, ClientOptions, ConnectionString, Credential, HostInfo, ReadPreference, SelectionCriteria,
    ServerAddress, Tls, TlsOptions,
};
use muster_base::{Error, Result, Secret};
use muster_domain::connectors::failed;
use serde::Deserialize;
use std::io::Write as _;
use std::time::Duration;
use tempfile::NamedTempFile;

/// The usual port.
pub(super) const PORT: u16 = 27017;

const CONNECTION_STRING: &str = "connectionString";

/// What a connection string may say besides hosts, user and database. Files of this machine, other ways to connect and
/// unchecked certificates are not among it.
const ALLOWED: &[&str] = &[
    "appname",
    "authmechanism",
    "authsource",
    "compressors",
    "connecttimeoutms",
    "directconnection",
    "heartbeatfrequencyms",
    "journal",
    "loadbalanced",
    "localthresholdms",
    "maxidletimems",
    "maxpoolsize",
    "maxstalenessseconds",
    "minpoolsize",
    "readconcernlevel",
    "readpreference",
    "readpreferencetags",
    "replicaset",
    "retryreads",
    "retrywrites",
    "serverselectiontimeoutms",
    "sockettimeoutms",
    "srvmaxhosts",
    "srvservicename",
    "ssl",
    "tls",
    "uuidrepresentation",
    "w",
    "waitqueuetimeoutms",
    "wtimeoutms",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Settings {
    pub(super) database: String,
    connection_string: Option<Secret<String>>,
    host: Option<String>,
    port: Option<u16>,
    user: Option<String>,
    password: Option<Secret<String>>,
    auth_source: Option<String>,
    replica_set: Option<String>,
    #[serde(default)]
    tls: bool,
    ca_certificate: Option<String>,
}

/// How a deployment is reached. Certificates are in a file for as long as this lives, as the driver reads one.
pub(super) struct Way {
    to: To,
    authorities: Option<NamedTempFile>,
    /// The setting that names the servers.
    pub(super) field: &'static str,
}

enum To {
    String(Box<ConnectionString>),
    Options(Box<ClientOptions>),
}

impl Way {
    /// Errors: `invalid` with the setting; its value is not repeated.
    pub(super) fn read(mut settings: Settings) -> Result<Self> {
        let authorities = filled(settings.ca_certificate.take()).map(|pem| certificates(&pem)).transpose()?;
        let text = settings.connection_string.take().filter(|text| !text.expose().trim().is_empty());
        let host = filled(settings.host.take());
        let (to, field) = match (text, host) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("host", "must be left out beside a connection string"));
            }
            (Some(text), None) => (To::String(Box::new(parsed(text.expose())?)), CONNECTION_STRING),
            (None, Some(host)) => (To::Options(Box::new(options(host, settings)?)), "host"),
            (None, None) => return Err(Error::invalid("host", "is needed, or a connection string")),
        };
        Ok(Self { to, authorities, field })
    }

    /// The options for a client; looks up the hosts of `mongodb+srv`.
    ///
    /// Errors: `upstream` when that fails.
    pub(super) async fn options(&self) -> Result<ClientOptions> {
        let mut options = match &self.to {
            To::Options(options) => (**options).clone(),
            To::String(text) => ClientOptions::parse((**text).clone()).await.map_err(|_| {
                failed(format!("the servers of {TITLE} cannot be looked up by their connection string"))
            })?,
        };
        if let (Some(Tls::Enabled(tls)), Some(file)) = (&mut options.tls, &self.authorities) {
            tls.ca_file_path = Some(file.path().to_owned());
        }
        options.app_name = Some("muster".to_owned());
        options.max_pool_size = Some(8);
        options.min_pool_size = None;
        options.max_idle_time = Some(Duration::from_secs(60));
        options.connect_timeout = Some(Duration::from_secs(10));
        options.server_selection_timeout = Some(Duration::from_secs(10));
        options.retry_writes = Some(false);
        if options.selection_criteria.is_none() {
            // Whoever reads should not be in the way of who writes.
            options.selection_criteria =
                Some(SelectionCriteria::ReadPreference(ReadPreference::SecondaryPreferred { options: None }));
        }
        Ok(options)
    }

    /// The servers that are named, for a first look whether they may be connected to.
    pub(super) fn hosts(options: &ClientOptions) -> Vec<(String, u16)> {
        let named = options.hosts.iter().filter_map(|address| match address {
            ServerAddress::Tcp { host, port } => Some((host.clone(), port.unwrap_or(PORT))),
            _ => None,
        });
        named.collect()
    }
}

fn options(host: String, settings: Settings) -> Result<ClientOptions> {
    let credential = match (filled(settings.user), settings.password) {
        (Some(user), password) => {
            let password = password.map(|password| password.expose().clone());
            let source = filled(settings.auth_source).unwrap_or_else(|| "admin".to_owned());
            Some(Credential::builder().username(user).password(password).source(source).build())
        }
        (None, Some(_)) => return Err(Error::invalid("user", "is needed beside the password")),
        (None, None) => None,
    };
    let address = ServerAddress::Tcp { host: host.trim().to_owned(), port: settings.port };
    let tls = settings.tls.then(|| Tls::Enabled(TlsOptions::default()));
    Ok(ClientOptions::builder()
        .hosts(vec![address])
        .credential(credential)
        .repl_set_name(filled(settings.replica_set))
        .tls(tls)
        .build())
}

fn parsed(text: &str) -> Result<ConnectionString> {
    let refuse = |problem: String| Error::invalid(CONNECTION_STRING, problem);
    let text = text.trim();
    for name in names(text) {
        if !ALLOWED.contains(&name.to_ascii_lowercase().as_str()) {
            let problem =
                format!("must not have the option `{}`; settings of their own are for what is allowed", short(name));
            return Err(refuse(problem));
        }
    }
    // What the driver says of it may repeat a part of it.
    let parsed = ConnectionString::parse(text).map_err(|_| {
        refuse("must be a connection string such as mongodb://user:password@db.example.com/".to_owned())
    })?;
    if let HostInfo::HostIdentifiers(hosts) = &parsed.host_info
        && hosts.iter().any(|host| !matches!(host, ServerAddress::Tcp { .. }))
    {
        return Err(refuse("must name hosts, not sockets of this machine".to_owned()));
    }
    let mechanism = parsed.credential.as_ref().and_then(|credential| credential.mechanism.as_ref());
    if let Some(mechanism) = mechanism
        && !matches!(mechanism, AuthMechanism::ScramSha1 | AuthMechanism::ScramSha256 | AuthMechanism::Plain)
    {
        return Err(refuse("must sign in by SCRAM-SHA-1, SCRAM-SHA-256 or PLAIN".to_owned()));
    }
    if let Some(Tls::Enabled(tls)) = &parsed.tls
        && (tls.allow_invalid_certificates.is_some() || tls.ca_file_path.is_some() || tls.cert_key_file_path.is_some())
    {
        return Err(refuse("must not change how certificates are checked; use the setting caCertificate".to_owned()));
    }
    Ok(parsed)
}

/// The names of the options of a connection string.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let options = text.split_once('?').map_or("", |(_, options)| options);
    options.split(['&', ';']).map(|pair| pair.split('=').next().unwrap_or_default()).filter(|name| !name.is_empty())
}

fn short(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}

/// The file that the driver reads certificates from.
fn certificates(pem: &str) -> Result<NamedTempFile> {
    if !pem.contains("-----BEGIN CERTIFICATE-----") {
        return Err(Error::invalid("caCertificate", "must be a certificate in PEM, beginning with -----BEGIN"));
    }
    let mut file = tempfile::Builder::new().prefix("muster-ca-").tempfile().map_err(Error::internal)?;
    file.write_all(pem.as_bytes()).and_then(|()| file.flush()).map_err(Error::internal)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::read;
    use serde_json::{Value, json};

    fn way(mut settings: Value) -> Result<Way> {
        settings["database"] = json!("shop");
        Way::read(read(settings.as_object().cloned().expect("an object")).expect("settings"))
    }

    #[tokio::test]
    async fn both_ways_lead_to_the_same_options() {
        let text = "mongodb://reader:p%40ss@db.example.com:27018/?authSource=admin&replicaSet=rs0&tls=true";
        let parts = json!({
            "host": "db.example.com", "port": 27018, "user": "reader", "password": "p@ss", "replicaSet": "rs0", "tls": true,
        });
        for settings in [json!({"connectionString": text}), parts] {
            let options = way(settings).expect("a way").options().await.expect("options");
            assert_eq!(Way::hosts(&options), [("db.example.com".to_owned(), 27018)]);
            assert_eq!(options.repl_set_name.as_deref(), Some("rs0"));
            let credential = options.credential.expect("credentials");
            assert_eq!(
                (credential.username.as_deref(), credential.password.as_deref()),
                (Some("reader"), Some("p@ss"))
            );
            assert!(matches!(options.tls, Some(Tls::Enabled(_))));
            let criteria = format!("{:?}", options.selection_criteria);
            assert!(criteria.contains("SecondaryPreferred"), "{criteria}");
        }
    }

    #[tokio::test]
    async fn certificates_are_in_a_file_as_long_as_they_are_needed() {
        let pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        let way = way(json!({"host": "db.example.com", "tls": true, "caCertificate": pem})).expect("a way");
        let options = way.options().await.expect("options");
        let Some(Tls::Enabled(tls)) = options.tls else { panic!("TLS") };
        let path = tls.ca_file_path.expect("a file");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), pem);
        drop(way);
        assert!(!path.exists());
    }

    #[test]
    fn what_reaches_around_the_policy_is_refused_without_its_value() {
        for text in [
            "mongodb://hunter2:hunter2@%2Ftmp%2Fhunter2.sock/",
            "mongodb://db.example.com/?proxyHost=hunter2",
            "mongodb://db.example.com/?tls=true&tlsCAFile=/etc/hunter2",
            "mongodb://db.example.com/?tls=true&tlsCertificateKeyFile=/etc/hunter2",
            "mongodb://db.example.com/?tls=true&tlsInsecure=true",
            "mongodb://db.example.com/?tls=true&tlsAllowInvalidCertificates=true",
            "mongodb://db.example.com/?authMechanism=MONGODB-OIDC&authMechanismProperties=ENVIRONMENT:k8s",
            "mongodb://db.example.com/?authMechanism=MONGODB-AWS",
            "mongodb://hunter2@db.example.com/?authMechanism=MONGODB-X509&tls=true",
            "mongodb://db.example.com/?%70roxyHost=hunter2",
            "http://hunter2:hunter2@db.example.com/",
            "hunter2",
            "mongodb://",
        ] {
            let error = way(json!({"connectionString": text})).err().unwrap_or_else(|| panic!("{text}"));
            assert_eq!(error.field(), Some("connectionString"), "{text}: {error}");
            assert!(!error.message().contains("hunter2"), "{error}");
        }
        for (settings, field) in [
            (json!({}), "host"),
            (json!({"host": "a", "connectionString": "mongodb://b/"}), "host"),
            (json!({"host": "a", "password": "x"}), "user"),
            (json!({"host": "a", "caCertificate": "x"}), "caCertificate"),
        ] {
            assert_eq!(way(settings).err().expect("refused").field(), Some(field));
        }
    }
}
