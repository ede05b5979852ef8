//! What agents can be made from: bundles of a soul, a model, tools and an environment, embedded from `catalog/templates`.

use muster_base::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// The files, in the order in which they are offered.
const FILES: [&str; 7] = [
    include_str!("../../../../catalog/templates/orchestrator.yaml"),
    include_str!("../../../../catalog/templates/developer.yaml"),
    include_str!("../../../../catalog/templates/specialist-dev.yaml"),
    include_str!("../../../../catalog/templates/reviewer.yaml"),
    include_str!("../../../../catalog/templates/researcher.yaml"),
    include_str!("../../../../catalog/templates/content-creator.yaml"),
    include_str!("../../../../catalog/templates/security-auditor.yaml"),
];

static TEMPLATES: LazyLock<Vec<Template>> =
    LazyLock::new(|| FILES.iter().map(|text| read(text).expect("a test reads every file")).collect());

/// A bundle that an agent can be made from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// What it is chosen by.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// The role of an agent that is given none.
    pub role: String,
    /// What it is for.
    pub description: String,
    /// Voice and tone.
    pub soul: String,
    /// Model, tools and environment, in the words of an agent's `config`.
    pub config: Map<String, Value>,
}

fn read(text: &str) -> Result<Template> {
    serde_saphyr::from_str(text).map_err(|error| Error::invalid("template", error))
}

/// All templates.
pub fn all() -> &'static [Template] {
    &TEMPLATES
}

/// The ids of all templates.
pub fn ids() -> Vec<&'static str> {
    all().iter().map(|template| template.id.as_str()).collect()
}

/// The template of this id.
///
/// Errors: an unknown one names those that there are; `field` is where it was asked for.
pub fn find(id: &str, field: &str) -> Result<&'static Template> {
    let found = all().iter().find(|template| template.id == id);
    found.ok_or_else(|| Error::invalid(field, format!("must be one of {}", ids().join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_a_whole_bundle() {
        for text in FILES {
            let template = read(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            let model = template.config["model"]["primary"].as_str().expect("a model");
            assert!(model.split_once('/').is_some(), "{model} names its provider");
            assert!(template.config["tools"]["allow"].as_array().is_some_and(|tools| !tools.is_empty()));
            let sandbox = &template.config["sandbox"];
            assert!(sandbox["pvc_size"].is_string() && sandbox["resources"]["cpu"].is_string(), "{}", template.id);
            assert!(template.soul.chars().count() > 200 && template.role.len() <= 100);
        }
        assert_eq!(find("nobody", "template").expect_err("unknown").problem().matches(", ").count(), 6);
    }

    #[test]
    fn a_file_that_is_no_template_is_refused() {
        assert!(read("id: x").is_err());
        assert!(read("id: [x").is_err());
    }
}
