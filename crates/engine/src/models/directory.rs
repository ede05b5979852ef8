//! The directory of models: finds the one that an agent asks for.

use super::faults::error;
use super::openai::is_openai;
use super::{AgentKeys, Anthropic, ModelSettings, Offline, OpenAi, Provider, ProviderKind};
use muster_base::Secret;
use muster_domain::models::{Fault, Model, ModelError};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

const OPENAI: &str = "openai";
const ANTHROPIC: &str = "anthropic";
const OFFLINE: &str = "offline";

/// Every model that can be called.
#[derive(Debug, Clone)]
pub struct Models {
    /// `openai` first, `anthropic` second, then the others by name: the order in which a default is looked for.
    entries: Arc<[Entry]>,
    default_model: Option<String>,
    client: reqwest::Client,
}

/// A model that was found.
#[derive(Clone)]
pub struct Resolved {
    /// Whom to call.
    pub model: Arc<dyn Model>,
    /// The model's name without its provider, for `ModelRequest::model`.
    pub name: String,
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.model.provider(), self.name)
    }
}

/// A provider with the adapter that calls it. Adapters hold little and share the client's connections.
#[derive(Debug, Clone)]
struct Entry {
    name: String,
    adapter: Adapter,
    default_model: Option<String>,
    is_vendors_own: bool,
}

#[derive(Debug, Clone)]
enum Adapter {
    OpenAi(Arc<OpenAi>),
    Anthropic(Arc<Anthropic>),
}

impl Models {
    /// The directory of these settings. All adapters send through `client`.
    pub fn new(settings: ModelSettings, client: reqwest::Client) -> Self {
        let ModelSettings { openai, anthropic, others, default_model } = settings;
        let own = [(OPENAI, openai), (ANTHROPIC, anthropic)];
        let own = own.into_iter().filter_map(|(name, provider)| Some((name.to_owned(), provider?)));
        let mut entries: Vec<Entry> = Vec::new();
        for (name, provider) in own.chain(others) {
            // The name `offline` is taken, and `[models.openai]` does not hide the provider from the environment.
            if name != OFFLINE && !entries.iter().any(|entry| entry.name == name) {
                entries.push(Entry::new(name, provider, &client));
            }
        }
        let default_model = default_model.filter(|model| !model.trim().is_empty());
        Self { entries: entries.into(), default_model, client }
    }

    /// The names of the operator's providers, in the order in which a default is looked for; empty when there are none.
    pub fn list(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    /// Finds the model that an agent wants.
    ///
    /// `provider/model` says it exactly; the model's name may contain slashes. A bare name beginning with `claude` is
    /// Anthropic's, any other OpenAI's or, without it, the only provider's. A provider's name alone means its default
    /// model, and no wish the operator's default. An agent's own key is used in place of the operator's. Without any
    /// provider and any key it is the offline model, whatever was wanted. A model of a provider that is not configured
    /// is an error ([`Fault::Rejected`]) that names those that are.
    pub fn resolve(&self, wanted: Option<&str>, keys: &AgentKeys) -> Result<Resolved, ModelError> {
        let entries = self.available(keys);
        if entries.is_empty() {
            return Ok(offline());
        }
        match wanted.map(str::trim).filter(|wanted| !wanted.is_empty()) {
            Some(wanted) => find(&entries, wanted),
            None => self.default_of(&entries, keys),
        }
    }

    fn default_of(&self, entries: &[Cow<'_, Entry>], keys: &AgentKeys) -> Result<Resolved, ModelError> {
        let has_own_key = keys.openai.is_some() || keys.anthropic.is_some();
        match self.default_model.as_deref().map(|model| find(entries, model)) {
            // The operator's default may be at a provider for which only other agents have brought a key.
            Some(Err(_)) if has_own_key => first_default(entries),
            Some(found) => found,
            None => first_default(entries),
        }
    }

    /// The operator's providers and those that the agent's keys open, under the agent's keys.
    fn available(&self, keys: &AgentKeys) -> Vec<Cow<'_, Entry>> {
        let mut entries: Vec<Cow<'_, Entry>> = self.entries.iter().map(Cow::Borrowed).collect();
        let brought = [
            (OPENAI, &keys.openai, Provider::openai as fn(Option<Secret<String>>) -> Provider),
            (ANTHROPIC, &keys.anthropic, Provider::anthropic),
        ];
        for (name, key, provider) in brought {
            let Some(key) = key.as_ref().filter(|key| !key.expose().trim().is_empty()) else { continue };
            match entries.iter_mut().find(|entry| entry.name == name) {
                Some(entry) => entry.to_mut().rekey(key),
                None => {
                    let entry = Entry::new(name.to_owned(), provider(Some(key.clone())), &self.client);
                    entries.push(Cow::Owned(entry));
                }
            }
        }
        entries
    }
}

impl Entry {
    fn new(name: String, provider: Provider, client: &reqwest::Client) -> Self {
        let Provider { kind, base_url, api_key, default_model } = provider;
        let built_in = match name.as_str() {
            OPENAI => Some("gpt-4.1-mini"),
            ANTHROPIC => Some("claude-sonnet-4-5"),
            _ => None,
        };
        let is_vendors_own = kind == ProviderKind::Anthropic || is_openai(&base_url);
        let adapter = match kind {
            ProviderKind::OpenAi => Adapter::OpenAi(OpenAi::new(&name, client.clone(), &base_url, api_key).into()),
            ProviderKind::Anthropic => {
                Adapter::Anthropic(Anthropic::new(&name, client.clone(), &base_url, api_key).into())
            }
        };
        let default_model = default_model.filter(|model| !model.trim().is_empty());
        Self { name, adapter, default_model: default_model.or(built_in.map(str::to_owned)), is_vendors_own }
    }

    fn rekey(&mut self, key: &Secret<String>) {
        self.adapter = match &self.adapter {
            Adapter::OpenAi(model) => Adapter::OpenAi(model.with_key(key.clone()).into()),
            Adapter::Anthropic(model) => Adapter::Anthropic(model.with_key(key.clone()).into()),
        };
    }

    fn model(&self, name: &str) -> Resolved {
        let model: Arc<dyn Model> = match &self.adapter {
            Adapter::OpenAi(model) => model.clone(),
            Adapter::Anthropic(model) => model.clone(),
        };
        Resolved { model, name: name.to_owned() }
    }

    fn default(&self) -> Result<Resolved, ModelError> {
        match &self.default_model {
            Some(name) => Ok(self.model(name)),
            None => Err(rejected(format!("provider {0} has no default model; name one as {0}/MODEL", self.name))),
        }
    }
}

fn find(entries: &[Cow<'_, Entry>], wanted: &str) -> Result<Resolved, ModelError> {
    let (provider, model) = wanted.split_once('/').map_or((wanted, ""), |(provider, model)| (provider, model.trim()));
    if provider == OFFLINE {
        return Ok(offline());
    }
    if let Some(entry) = entries.iter().find(|entry| entry.name == provider) {
        return if model.is_empty() { entry.default() } else { Ok(entry.model(model)) };
    }
    if wanted.contains('/') {
        let hint = "name a model as PROVIDER/MODEL";
        return Err(rejected(format!("no provider {provider} is configured, only {}; {hint}", names(entries))));
    }
    let entry = provider_of(entries, wanted)
        .ok_or_else(|| rejected(format!("no configured provider has model {wanted}; there are {}", names(entries))))?;
    Ok(entry.model(wanted))
}

/// The provider of a bare model name. Only vendors' own servers are known not to have each other's models.
fn provider_of<'a>(entries: &'a [Cow<'_, Entry>], model: &str) -> Option<&'a Entry> {
    let vendor = if model.starts_with("claude") { ANTHROPIC } else { OPENAI };
    let of_vendor = entries.iter().find(|entry| entry.name == vendor);
    let only = match entries {
        [only] if vendor == OPENAI || !only.is_vendors_own => Some(only),
        _ => None,
    };
    of_vendor.or(only).map(|entry| &**entry)
}

fn first_default(entries: &[Cow<'_, Entry>]) -> Result<Resolved, ModelError> {
    match entries.iter().find(|entry| entry.default_model.is_some()) {
        Some(entry) => entry.default(),
        None => Err(rejected(format!("none of {} has a default model; set one or name a model", names(entries)))),
    }
}

fn offline() -> Resolved {
    Resolved { model: Arc::new(Offline), name: OFFLINE.to_owned() }
}

fn names(entries: &[Cow<'_, Entry>]) -> String {
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    names.join(", ")
}

fn rejected(message: String) -> ModelError {
    error(Fault::Rejected, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::fake;

    fn named(name: &str, kind: ProviderKind, default_model: Option<&str>) -> (String, Provider) {
        let default_model = default_model.map(str::to_owned);
        (name.to_owned(), Provider { kind, base_url: "http://localhost:1/v1".to_owned(), api_key: None, default_model })
    }

    fn key(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    fn found(models: &Models, wanted: Option<&str>, keys: &AgentKeys) -> String {
        match models.resolve(wanted, keys) {
            Ok(resolved) => format!("{resolved:?}"),
            Err(error) => format!("{:?}: {error}", error.fault),
        }
    }

    fn both() -> ModelSettings {
        ModelSettings {
            openai: Some(Provider::openai(Some(key("sk-operator")))),
            anthropic: Some(Provider::anthropic(Some(key("sk-operator")))),
            others: [named("router", ProviderKind::OpenAi, None)].into(),
            default_model: None,
        }
    }

    #[test]
    fn without_providers_and_keys_every_wish_ends_offline() {
        let models = Models::new(ModelSettings::default(), fake::client());
        for wanted in [None, Some(""), Some("openai/gpt-4.1"), Some("claude-opus-4-1"), Some("nobody/x")] {
            assert_eq!(found(&models, wanted, &AgentKeys::default()), "offline/offline");
        }
        assert!(models.list().is_empty());
    }

    #[test]
    fn a_name_finds_its_provider() {
        let models = Models::new(both(), fake::client());
        let cases = [
            ("openai/gpt-4.1", "openai/gpt-4.1"),
            ("anthropic/claude-opus-4-5", "anthropic/claude-opus-4-5"),
            ("router/meta/llama-3", "router/meta/llama-3"),
            ("claude-opus-4-5", "anthropic/claude-opus-4-5"),
            ("o4-mini", "openai/o4-mini"),
            ("anthropic", "anthropic/claude-sonnet-4-5"),
            ("openai/", "openai/gpt-4.1-mini"),
            ("offline", "offline/offline"),
            ("offline/x", "offline/offline"),
            (
                "mistral/large",
                "Rejected: no provider mistral is configured, only openai, anthropic, router; name a model as PROVIDER/MODEL",
            ),
            ("router", "Rejected: provider router has no default model; name one as router/MODEL"),
        ];
        for (wanted, expected) in cases {
            assert_eq!(found(&models, Some(wanted), &AgentKeys::default()), expected);
        }
        assert_eq!(models.list(), ["openai", "anthropic", "router"]);
    }

    #[test]
    fn a_bare_name_goes_to_the_only_provider_unless_it_cannot_have_it() {
        let only = |provider| ModelSettings { others: [provider].into(), ..ModelSettings::default() };
        let local = Models::new(only(named("local", ProviderKind::OpenAi, None)), fake::client());
        assert_eq!(found(&local, Some("llama3"), &AgentKeys::default()), "local/llama3");
        assert_eq!(found(&local, Some("claude-x"), &AgentKeys::default()), "local/claude-x");
        let settings = ModelSettings { openai: Some(Provider::openai(Some(key("sk")))), ..ModelSettings::default() };
        let openai = Models::new(settings, fake::client());
        let refused = "Rejected: no configured provider has model claude-x; there are openai";
        assert_eq!(found(&openai, Some("claude-x"), &AgentKeys::default()), refused);
    }

    #[test]
    fn no_wish_means_the_operators_default_or_the_first_providers() {
        let none = AgentKeys::default();
        let mut settings = both();
        assert_eq!(found(&Models::new(settings.clone(), fake::client()), None, &none), "openai/gpt-4.1-mini");
        settings.default_model = Some("router/meta/llama-3".to_owned());
        assert_eq!(found(&Models::new(settings.clone(), fake::client()), None, &none), "router/meta/llama-3");
        settings.default_model = Some("gone/x".to_owned());
        assert!(found(&Models::new(settings, fake::client()), None, &none).starts_with("Rejected"));
        let local = [named("a", ProviderKind::OpenAi, None), named("b", ProviderKind::OpenAi, Some("m"))];
        let settings = ModelSettings { others: local.into(), ..ModelSettings::default() };
        assert_eq!(found(&Models::new(settings, fake::client()), None, &none), "b/m");
    }

    #[test]
    fn an_agents_key_opens_a_provider_and_is_never_shown() {
        let keys = AgentKeys { openai: None, anthropic: Some(key("sk-ant-agents-own")) };
        let models = Models::new(ModelSettings::default(), fake::client());
        assert_eq!(found(&models, None, &keys), "anthropic/claude-sonnet-4-5");
        assert!(found(&models, Some("openai/gpt-4.1"), &keys).contains("only anthropic"));
        let mut settings = both();
        settings.default_model = Some("gone/x".to_owned());
        let models = Models::new(settings, fake::client());
        assert_eq!(found(&models, None, &keys), "openai/gpt-4.1-mini");
        let shown = format!("{models:?} {keys:?} {:?}", models.available(&keys));
        assert!(!shown.contains("sk-operator") && !shown.contains("sk-ant-agents-own"));
    }
}
