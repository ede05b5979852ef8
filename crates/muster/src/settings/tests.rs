use super::*;
use clap::Parser;

#[derive(Parser)]
struct Only {
    #[command(flatten)]
    serve: ServeArgs,
}

fn resolve(config: &str, flags: &[&str]) -> Result<Settings> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("muster.toml");
    std::fs::write(&path, config).expect("written");
    let path = path.display().to_string();
    let args = ["muster", "--config", &path].into_iter().chain(flags.iter().copied());
    Only::try_parse_from(args).expect("the flags are known").serve.resolve()
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let settings = resolve("listen = \"127.0.0.1:1\"\norg = \"acme\"", &["--listen", "127.0.0.1:2"]).expect("valid");
    assert_eq!(settings.listen, "127.0.0.1:2");
    assert_eq!(settings.org, "acme");
    assert_eq!(settings.admin_user, "admin");
}

#[test]
fn the_example_file_is_valid_also_with_everything_switched_on() {
    let example = include_str!("../../../../deploy/muster.example.toml");
    File::parse(example).expect("as it is");
    // Every commented setting is `# name = value` or `# [section]`.
    let on: String = example
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest)
                if rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(name, _)| !name.contains(' ')) =>
            {
                format!("{rest}\n")
            }
            _ => format!("{line}\n"),
        })
        .collect();
    File::parse(&on).expect("with everything switched on");
    // Each key of the file, as the error about an unknown one lists them.
    let error = File::parse("unknown = 1").err().expect("refused").to_string();
    let names: Vec<&str> = error.split('`').skip(1).step_by(2).filter(|name| *name != "unknown").collect();
    assert!(names.len() > 30, "{error}");
    for name in names {
        let is_there = |line: &str| line.starts_with(&format!("{name} = ")) || line.starts_with(&format!("[{name}."));
        assert!(on.lines().any(|line| is_there(line) || line == format!("[[{name}]]")), "{name} is not in the example");
    }
}

#[test]
fn wrong_settings_are_refused_by_name() {
    for (config, name) in [
        ("lissen = \"x\"", "lissen"),
        ("public_url = \"ftp://example.com\"", "public_url"),
        ("trusted_proxies = [\"x\"]", "trusted_proxies"),
        ("allow_private_urls = \"10.0.0.0/8,b@d\"", "allow_private_urls"),
        ("gateway_config = \"/\"", "gateway_config"),
        ("bus_url = \"nats://example.com\"", "bus_url"),
        ("turn_lease_seconds = 0", "turn_lease_seconds"),
        ("offline_after_seconds = 9", "offline_after_seconds"),
        ("max_links = 0", "max_links"),
        ("link_heartbeat_seconds = 4", "link_heartbeat_seconds"),
        ("relay_url = \"muster.example.com\"", "relay_url"),
        ("relay_rate_mib = 0", "relay_rate_mib"),
        ("[models.x]\nbase_url = \"nowhere\"", "models.x.base_url"),
    ] {
        let error = resolve(config, &[]).err().expect("refused");
        assert!(error.message().contains(name), "{config}: {}", error.message());
    }
}

#[test]
fn links_and_relays_take_what_is_set_and_the_defaults_else() {
    let links =
        resolve("max_links = 7\nrelay_max_mib = 2", &["--relay-url", "https://one.example.com/"]).expect("valid").links;
    assert_eq!((links.most, links.relay_bytes), (7, 2 << 20));
    assert_eq!(links.relay_url.as_deref(), Some("https://one.example.com"));
    let LinkSettings { heartbeat, relays, relay_rate, relay_idle, .. } = LinkSettings::default();
    assert_eq!(
        (links.heartbeat, links.relays, links.relay_rate, links.relay_idle),
        (heartbeat, relays, relay_rate, relay_idle)
    );
}

#[test]
fn an_empty_setting_is_no_setting() {
    let flags = ["--bus-url", "", "--public-url", "", "--api-key", "", "--openai-api-key", "", "--openai-base-url", ""];
    let settings = resolve("org = \"acme\"\nadmin_password = \"\"", &flags).expect("valid");
    assert!(settings.bus_url.is_none() && settings.public_url.is_none() && settings.api_key.is_none());
    assert!(settings.admin_password.is_none() && settings.models.openai.is_none());
    assert_eq!(resolve("org = \"acme\"", &["--org", ""]).expect("valid").org, "acme");
}

#[test]
fn the_gateway_file_need_not_be_there_yet() {
    let path = |config: &str, flags: &[&str]| resolve(config, flags).expect("valid").gateway_config;
    assert_eq!(path("", &[]), None);
    assert_eq!(path("gateway_config = \"\"", &[]), None);
    let file = "/nowhere/openclaw.json";
    assert_eq!(path(&format!("gateway_config = \"{file}\""), &[]), Some(file.into()));
    assert_eq!(path("gateway_config = \"other\"", &["--gateway-config", file]), Some(file.into()));
    let home = std::env::home_dir().expect("a home");
    assert_eq!(path("gateway_config = \"~/.openclaw/openclaw.json\"", &[]), Some(home.join(".openclaw/openclaw.json")));
}
