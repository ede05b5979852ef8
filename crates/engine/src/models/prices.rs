//! What models cost and how much they hold.
//!
//! The table is `catalog/models.toml`; the operator may add rows and replace them. A model that is not in it has no
//! price, which is different from costing nothing.

use muster_domain::models::Usage;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const CATALOG: &str = include_str!("../../../../catalog/models.toml");

/// One row of the table: prices in USD per million tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The provider's name, e.g. `openai`.
    pub provider: String,
    /// The model's name. It also stands for dated snapshots (`gpt-4.1-2025-04-14`), and with `*` at its end for all
    /// names that begin like it.
    pub model: String,
    /// A million tokens of prompt.
    pub input: f64,
    /// A million tokens of prompt that the provider had cached; as `input` when left out.
    #[serde(default)]
    pub cached_input: Option<f64>,
    /// A million tokens of answer.
    pub output: f64,
    /// The most tokens of prompt and answer together.
    #[serde(default)]
    pub context_window: Option<i64>,
    /// The most tokens of an answer.
    #[serde(default)]
    pub max_output_tokens: Option<i64>,
}

#[derive(Deserialize)]
struct Catalog {
    model: Vec<Price>,
}

/// The table.
#[derive(Debug, Clone)]
pub struct Prices {
    /// Later rows win over earlier ones of the same name.
    rows: Vec<Price>,
}

impl Default for Prices {
    fn default() -> Self {
        Self::with_overrides(&[])
    }
}

impl Prices {
    /// The built-in table with the operator's rows in place of those of the same name.
    pub fn with_overrides(overrides: &[Price]) -> Self {
        // The text is embedded and a test reads it, so there is no failure to report.
        let built_in = toml::from_str::<Catalog>(CATALOG).map(|catalog| catalog.model).unwrap_or_default();
        Self { rows: built_in.into_iter().chain(overrides.iter().cloned()).collect() }
    }

    /// The row of a model: the one with the longest matching name, the operator's before the built-in one.
    pub fn of(&self, provider: &str, model: &str) -> Option<&Price> {
        let matching = self.rows.iter().filter(|row| row.provider == provider && matches(&row.model, model));
        matching.max_by_key(|row| row.model.trim_end_matches('*').len())
    }

    /// What a call costs in millionths of a dollar, rounded up; `None` when the price is not known.
    pub fn cost_micro_usd(&self, provider: &str, model: &str, usage: &Usage) -> Option<i64> {
        let price = self.of(provider, model)?;
        let input = usage.input_tokens.max(0);
        let cached = usage.cached_input_tokens.clamp(0, input);
        let picos = i128::from(input - cached) * pico_per_token(price.input)
            + i128::from(cached) * pico_per_token(price.cached_input.unwrap_or(price.input))
            + i128::from(usage.output_tokens.max(0)) * pico_per_token(price.output);
        let micros = (picos + 999_999) / 1_000_000;
        Some(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    /// How many tokens fit into a model, prompt and answer together; `None` when it is not known.
    pub fn context_window(&self, provider: &str, model: &str) -> Option<i64> {
        self.of(provider, model)?.context_window
    }

    /// How long an answer of a model can be in tokens; `None` when it is not known.
    pub fn max_output_tokens(&self, provider: &str, model: &str) -> Option<i64> {
        self.of(provider, model)?.max_output_tokens
    }
}

/// USD per million tokens as millionths of a millionth of a dollar per token: whole numbers, so that sums are exact.
fn pico_per_token(usd_per_million: f64) -> i128 {
    (usd_per_million.max(0.0) * 1e6).round() as i128
}

/// Whether a row's name stands for a model.
///
/// What follows the name must look like a date or be `latest`: `o3-pro` is another model than `o3`, at another price.
fn matches(row: &str, model: &str) -> bool {
    if let Some(beginning) = row.strip_suffix('*') {
        return model.starts_with(beginning);
    }
    let Some(rest) = model.strip_prefix(row) else { return false };
    let Some(snapshot) = rest.strip_prefix(['-', '@']) else { return rest.is_empty() };
    let digits = snapshot.chars().take_while(char::is_ascii_digit).count();
    snapshot == "latest" || (digits >= 4 && snapshot.chars().all(|c| c.is_ascii_digit() || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(input_tokens: i64, cached_input_tokens: i64, output_tokens: i64) -> Usage {
        Usage { input_tokens, output_tokens, cached_input_tokens }
    }

    #[test]
    fn the_embedded_catalog_is_sound() {
        let prices = Prices::default();
        for row in &prices.rows {
            let name = format!("{}/{}", row.provider, row.model);
            let cached = row.cached_input.unwrap_or(row.input);
            assert!(row.input >= cached && cached >= 0.0 && row.output >= row.input, "{name}");
            assert!(row.context_window.zip(row.max_output_tokens).is_some_and(|(all, out)| all >= out), "{name}");
            let same =
                prices.rows.iter().filter(|other| (&other.provider, &other.model) == (&row.provider, &row.model));
            assert_eq!(same.count(), 1, "{name}");
        }
        assert!(prices.of("openai", "gpt-4.1-mini").is_some());
        assert!(prices.of("anthropic", "claude-sonnet-4-5").is_some());
    }

    #[test]
    fn snapshots_have_the_price_of_their_model_and_relatives_do_not() {
        let prices = Prices::default();
        let row = |model| prices.of("openai", model).map(|row| row.model.as_str());
        assert_eq!(row("gpt-4.1-2025-04-14"), Some("gpt-4.1"));
        assert_eq!(row("gpt-4.1-mini-2025-04-14"), Some("gpt-4.1-mini"));
        assert_eq!(row("o3-pro"), None);
        assert_eq!(row("gpt-4.10"), None);
        assert_eq!(row(""), None);
        let claude = prices.of("anthropic", "claude-sonnet-4-5-20250929").map(|row| row.model.as_str());
        assert_eq!(claude, Some("claude-sonnet-4-5"));
        assert_eq!(prices.of("elsewhere", "gpt-4.1"), None);
    }

    #[test]
    fn costs_are_exact_and_rounded_up() {
        let prices = Prices::default();
        let cost = |usage| prices.cost_micro_usd("openai", "gpt-4.1-mini", &usage);
        assert_eq!(cost(usage(1_000_000, 0, 0)), Some(400_000));
        assert_eq!(cost(usage(1_000_000, 500_000, 1_000_000)), Some(200_000 + 50_000 + 1_600_000));
        assert_eq!(cost(usage(1, 0, 0)), Some(1));
        assert_eq!(cost(usage(30, 30, 0)), Some(3));
        assert_eq!(cost(usage(0, 0, 0)), Some(0));
        assert_eq!(cost(usage(-5, 10, i64::MAX)), Some(i64::MAX));
        assert_eq!(prices.cost_micro_usd("openai", "unheard-of", &usage(1, 0, 1)), None);
        assert_eq!(prices.cost_micro_usd("offline", "offline", &usage(9, 0, 9)), Some(0));
    }

    #[test]
    fn the_operators_rows_win_and_may_end_in_a_star() {
        let mut own = Prices::default().of("openai", "gpt-4.1").expect("built in").clone();
        own.input = 1.0;
        let local =
            Price { provider: "local".to_owned(), model: "*".to_owned(), input: 0.0, output: 0.0, ..own.clone() };
        let prices = Prices::with_overrides(&[own, local]);
        assert_eq!(prices.cost_micro_usd("openai", "gpt-4.1", &usage(10, 0, 0)), Some(10));
        assert_eq!(prices.cost_micro_usd("local", "meta/llama-3", &usage(10, 0, 10)), Some(0));
        assert_eq!(prices.context_window("local", "meta/llama-3"), Some(1_047_576));
    }
}
