//! `/api/agent-templates`: what agents can be made from.

use muster_base::Error;
use muster_domain::access::{Role, Scope};
use muster_domain::templates::{self, Template};
use muster_http::{Caller, Json, Op, Path, Reply, get};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// List the templates.
pub(crate) const LIST: Op = get("/api/agent-templates")
    .floor(Role::Viewer)
    .scope(Scope::CatalogsRead)
    .summary("List the templates that agents can be made from")
    .gives::<TemplateList>();

/// Read a template.
pub(crate) const GET: Op = get("/api/agent-templates/{template}")
    .floor(Role::Viewer)
    .scope(Scope::CatalogsRead)
    .summary("Read a template")
    .gives::<OneTemplate>();

/// What an agent can be made from.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AgentTemplate")]
struct TemplateView {
    /// What `template` and `template_name` take.
    id: &'static str,
    /// A name for people.
    name: &'static str,
    /// The role of an agent that is given none.
    role: &'static str,
    /// What it is for.
    description: &'static str,
    /// The soul.
    soul_content: &'static str,
    /// Model, tools and environment.
    config: &'static Map<String, Value>,
}

/// The templates.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AgentTemplateList")]
pub(crate) struct TemplateList {
    /// All of them.
    templates: Vec<TemplateView>,
}

/// One template.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OneAgentTemplate")]
pub(crate) struct OneTemplate {
    /// The template.
    template: TemplateView,
}

impl From<&'static Template> for TemplateView {
    fn from(template: &'static Template) -> Self {
        Self {
            id: &template.id,
            name: &template.name,
            role: &template.role,
            description: &template.description,
            soul_content: &template.soul,
            config: &template.config,
        }
    }
}

pub(crate) async fn list(_: Caller) -> Reply<TemplateList> {
    Ok(Json(TemplateList { templates: templates::all().iter().map(TemplateView::from).collect() }))
}

pub(crate) async fn show(_: Caller, Path(id): Path<String>) -> Reply<OneTemplate> {
    let found = templates::all().iter().find(|template| template.id == id);
    let template = found.ok_or_else(|| Error::missing("template", id))?;
    Ok(Json(OneTemplate { template: template.into() }))
}
