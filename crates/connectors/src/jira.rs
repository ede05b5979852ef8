//! Jira: issues by JQL, projects, boards and sprints, of the cloud and of servers that people run themselves.
//!
//! Endpoints: <https://developer.atlassian.com/cloud/jira/platform/rest/v2/> (version 2 gives texts as text, not as a
//! tree) and <https://developer.atlassian.com/server/jira/platform/rest/>.

use crate::api::{Api, Auth, Budget};
use crate::form::{Field, authorities, choice, form, secret, text, url};
use crate::settings::{filled, read};
use crate::table::{Endpoint, Paging, Param, Vendor, drop_where, fetch};
use async_trait::async_trait;
use muster_base::{Error, Result, Secret};
use muster_domain::connectors::About;
use muster_outbound::Outbound;
use serde::Deserialize;
use serde_json::{Map, Value};

const KEY: Param = Param::text("key", "the issue's key, e.g. `OPS-17`");
const PROJECT: Param = Param::text("project", "the project's key or id");
const FIELDS: Param = Param::commas("fields", "the fields to give; `*all` for all");
/// What people look at; all fields of an issue are hundreds.
const USUAL_FIELDS: &[(&str, &str)] = &[(
    "fields",
    "summary,status,issuetype,priority,assignee,reporter,project,labels,components,fixVersions,created,updated,duedate,\
     resolution,parent",
)];
const START: Paging = Paging::Offset("startAt");
const JQL: &str = "JQL, e.g. `project = OPS AND status != Done ORDER BY updated DESC`";

const SEARCH_CLOUD: Endpoint = Endpoint::get("issues/search", "rest/api/2/search/jql", "issues by JQL")
    .searches("jql", JQL)
    .takes(&[FIELDS, Param::commas("expand", "e.g. `changelog`")])
    .always(USUAL_FIELDS)
    .at("/issues")
    .pages(Paging::Cursor { param: "nextPageToken", at: "/nextPageToken" }, "maxResults", 100);
const SEARCH_SERVER: Endpoint = Endpoint::get("issues/search", "rest/api/2/search", "issues by JQL")
    .searches("jql", JQL)
    .takes(&[FIELDS, Param::commas("expand", "e.g. `changelog`")])
    .always(USUAL_FIELDS)
    .at("/issues")
    .pages(START, "maxResults", 100);
const ISSUE: Endpoint = Endpoint::get("issues/get", "rest/api/2/issue/{key}", "one issue with all its fields")
    .takes(&[KEY, FIELDS, Param::commas("expand", "e.g. `changelog,renderedFields`")]);
const COMMENTS: Endpoint =
    Endpoint::get("issues/comments", "rest/api/2/issue/{key}/comment", "the comments on an issue")
        .takes(&[KEY])
        .at("/comments")
        .pages(START, "maxResults", 100);
const WORKLOGS: Endpoint =
    Endpoint::get("issues/worklogs", "rest/api/2/issue/{key}/worklog", "the work logged on an issue")
        .takes(&[KEY])
        .at("/worklogs")
        .pages(START, "maxResults", 100);
const CHANGELOG: Endpoint =
    Endpoint::get("issues/changelog", "rest/api/2/issue/{key}/changelog", "who changed what of an issue")
        .takes(&[KEY])
        .at("/values")
        .pages(START, "maxResults", 100);
const PROJECTS_CLOUD: Endpoint = Endpoint::get("projects/list", "rest/api/2/project/search", "the projects")
    .asks("query", "a text that name or key has to have")
    .at("/values")
    .pages(START, "maxResults", 50);
const PROJECTS_SERVER: Endpoint = Endpoint::get("projects/list", "rest/api/2/project", "the projects");
const A_PROJECT: Endpoint =
    Endpoint::get("projects/get", "rest/api/2/project/{project}", "one project").takes(&[PROJECT]);
const VERSIONS: Endpoint =
    Endpoint::get("projects/versions", "rest/api/2/project/{project}/versions", "the versions of a project")
        .takes(&[PROJECT]);
const COMPONENTS: Endpoint =
    Endpoint::get("projects/components", "rest/api/2/project/{project}/components", "the components of a project")
        .takes(&[PROJECT]);
const USERS_CLOUD: Endpoint =
    Endpoint::get("users/search", "rest/api/2/user/search", "people by name or e-mail address")
        .searches("query", "a part of a name or address")
        .pages(START, "maxResults", 100);
const USERS_SERVER: Endpoint =
    Endpoint::get("users/search", "rest/api/2/user/search", "people by name or e-mail address")
        .searches("username", "a part of a name or address")
        .pages(START, "maxResults", 100);
const FIELD_LIST: Endpoint =
    Endpoint::get("fields/list", "rest/api/2/field", "the fields of issues, with those made here");
const STATUSES: Endpoint = Endpoint::get("statuses/list", "rest/api/2/status", "the statuses of issues");
const PRIORITIES: Endpoint = Endpoint::get("priorities/list", "rest/api/2/priority", "the priorities of issues");
const TYPES: Endpoint = Endpoint::get("issuetypes/list", "rest/api/2/issuetype", "the types of issues");
const BOARDS: Endpoint = Endpoint::get("boards/list", "rest/agile/1.0/board", "the boards")
    .takes(&[
        Param::text("project", "only of the project with this key or id").sent_as("projectKeyOrId"),
        Param::one_of("type", "", &["scrum", "kanban", "simple"]),
        Param::text("name", "only with this in their name"),
    ])
    .at("/values")
    .pages(START, "maxResults", 50);
const SPRINTS: Endpoint =
    Endpoint::get("sprints/list", "rest/agile/1.0/board/{board}/sprint", "the sprints of a board")
        .takes(&[Param::number("board", "the board's id"), Param::commas("state", "future, active, closed")])
        .at("/values")
        .pages(START, "maxResults", 50);
const SPRINT_ISSUES: Endpoint =
    Endpoint::get("sprints/issues", "rest/agile/1.0/sprint/{sprint}/issue", "the issues of a sprint")
        .asks("jql", "JQL that they have to match besides")
        .takes(&[Param::number("sprint", "the sprint's id"), FIELDS])
        .always(USUAL_FIELDS)
        .at("/issues")
        .pages(START, "maxResults", 100);

const CLOUD: &[Endpoint] = &[
    SEARCH_CLOUD,
    ISSUE,
    COMMENTS,
    WORKLOGS,
    CHANGELOG,
    PROJECTS_CLOUD,
    A_PROJECT,
    VERSIONS,
    COMPONENTS,
    BOARDS,
    SPRINTS,
    SPRINT_ISSUES,
    USERS_CLOUD,
    FIELD_LIST,
    STATUSES,
    PRIORITIES,
    TYPES,
];
const SERVER: &[Endpoint] = &[
    SEARCH_SERVER,
    ISSUE,
    COMMENTS,
    WORKLOGS,
    PROJECTS_SERVER,
    A_PROJECT,
    VERSIONS,
    COMPONENTS,
    BOARDS,
    SPRINTS,
    SPRINT_ISSUES,
    USERS_SERVER,
    FIELD_LIST,
    STATUSES,
    PRIORITIES,
    TYPES,
];

const QUERY_FORM: &str = "\
`resource` is what to read (`issues/search` by default), `query` is JQL for it, `params` says of what the others are.

```json
{\"query\": \"project = OPS AND status != Done ORDER BY updated DESC\", \"params\": {\"limit\": 20}}
{\"resource\": \"issues/comments\", \"params\": {\"key\": \"OPS-17\"}}
```

In the cloud a search has to be bounded, e.g. by a project or a time.";

/// How Atlassian's servers are reached; Confluence is one of them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    base_url: String,
    #[serde(default)]
    deployment: Deployment,
    username: Option<String>,
    token: Secret<String>,
    ca_certificate: Option<String>,
}

/// Atlassian's two products of one name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Deployment {
    /// Run by Atlassian.
    #[default]
    Cloud,
    /// Server or Data Center, run by whoever uses it.
    Server,
}

/// The form of these settings.
pub(crate) fn fields(base: &str, example: &str) -> [(&'static str, Field); 5] {
    let username = "Cloud: the e-mail address of the account that made the token. Server: only with a password.";
    let token = "Cloud: an API token. Server: a personal access token, or the password of the user.";
    [
        ("baseUrl", url("Base URL", base).example(example).required()),
        (
            "deployment",
            choice("Deployment", "Run by Atlassian (cloud), or Server and Data Center.", &["cloud", "server"]),
        ),
        ("username", text("User name", username)),
        ("token", secret("Token", token).required()),
        ("caCertificate", authorities()),
    ]
}

/// The API with these settings.
pub(crate) fn connect(
    settings: Map<String, Value>,
    outbound: &Outbound,
    title: &'static str,
) -> Result<(Deployment, Api)> {
    let settings: Settings = read(settings)?;
    let auth = match (filled(settings.username), settings.deployment) {
        (Some(user), _) => Auth::Basic(user, settings.token),
        (None, Deployment::Server) => Auth::Bearer("Bearer", settings.token),
        (None, Deployment::Cloud) => {
            return Err(Error::invalid(
                "username",
                "is needed in the cloud: the e-mail address of the token's account",
            ));
        }
    };
    let api = Api::new(outbound, title, &settings.base_url, auth)?.trusting(filled(settings.ca_certificate))?;
    Ok((settings.deployment, api))
}

/// A Jira site.
pub(crate) struct Jira {
    deployment: Deployment,
}

#[async_trait]
impl Vendor for Jira {
    fn about() -> About {
        About {
            kind: "jira",
            title: "Jira",
            summary: "Reads issues, projects, boards and sprints of Jira.",
            query_form: QUERY_FORM,
            settings: form(fields("The address of the site.", "https://example.atlassian.net")),
        }
    }

    fn open(settings: Map<String, Value>, outbound: &Outbound) -> Result<(Self, Api)> {
        let (deployment, api) = connect(settings, outbound, "Jira")?;
        Ok((Self { deployment }, api))
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        match self.deployment {
            Deployment::Cloud => CLOUD,
            Deployment::Server => SERVER,
        }
    }

    fn usual(&self) -> Option<&'static str> {
        Some("issues/search")
    }

    async fn greet(&self, api: &Api) -> Result<String> {
        let budget = &mut Budget::small();
        let me = fetch(self, api, &["rest", "api", "2", "myself"], &[], budget).await?;
        let server = fetch(self, api, &["rest", "api", "2", "serverInfo"], &[], budget).await?;
        let name = me["displayName"].as_str().unwrap_or("?");
        let version = server["version"].as_str().map(|version| format!(" {version}")).unwrap_or_default();
        Ok(format!("Jira{version} at {} as {name}", api.host()))
    }

    fn trim(&self, endpoint: &Endpoint, item: &mut Value) -> bool {
        let fields = endpoint.name == "fields/list";
        drop_where(item, &|name, value| {
            let picture = matches!(name, "avatarUrls" | "iconUrl" | "avatarId" | "_links");
            let link = matches!(name, "self" | "expand") && value.is_string();
            // Sites have hundreds of fields of their own, nearly all of them empty in one issue.
            let empty = name.starts_with("customfield_") && value.is_null();
            picture || (link && !fields) || empty
        });
        true
    }
}
