//! Confluence: pages and spaces, and searches by CQL, of the cloud and of servers that people run themselves.
//!
//! Endpoints: <https://developer.atlassian.com/cloud/confluence/rest/v2/> (the search is still of version 1) and
//! <https://developer.atlassian.com/server/confluence/confluence-rest-api-examples/>.

use crate::api::{Api, Budget};
use crate::form::form;
use crate::jira::{Deployment, connect, fields};
use crate::table::{Endpoint, Paging, Param, Vendor, drop_fields, fetch};
use async_trait::async_trait;
use muster_base::Result;
use muster_domain::connectors::About;
use muster_outbound::Outbound;
use serde_json::{Map, Value};

const ID: Param = Param::number("id", "the page's id");
const NEXT: Paging = Paging::LinkAt("/_links/next");
const CQL: &str = "CQL, e.g. `type = page AND space = OPS AND text ~ \"backup\" ORDER BY lastmodified DESC`";
const BODY: Param = Param::one_of("body_format", "also the text", &["storage", "view"]);

const fn list(name: &'static str, path: &'static str, about: &'static str, most: usize) -> Endpoint {
    Endpoint::get(name, path, about).at("/results").pages(NEXT, "limit", most)
}

const SEARCH: Endpoint = list("search", "rest/api/search", "pages, blog posts, comments and more by CQL", 100)
    .searches("cql", CQL)
    .takes(&[Param::one_of("excerpt", "what to give of the text", &["highlight", "indexed", "none"])]);

const CLOUD: &[Endpoint] = &[
    SEARCH,
    list("pages/list", "api/v2/pages", "the pages", 250).takes(&[
        Param::commas("space_id", "only of the spaces with these ids").sent_as("space-id"),
        Param::text("title", "only with this title"),
        Param::commas("status", "current, archived, draft, trashed"),
        Param::text("sort", "e.g. `-modified-date`"),
        BODY.sent_as("body-format"),
    ]),
    Endpoint::get("pages/get", "api/v2/pages/{id}", "one page with its text")
        .takes(&[ID, BODY.sent_as("body-format")])
        .always(&[("body-format", "storage")]),
    list("pages/children", "api/v2/pages/{id}/children", "the pages below a page", 250).takes(&[ID]),
    list("pages/comments", "api/v2/pages/{id}/footer-comments", "the comments on a page", 250)
        .takes(&[ID, BODY.sent_as("body-format")])
        .always(&[("body-format", "storage")]),
    list("pages/versions", "api/v2/pages/{id}/versions", "the versions of a page", 250).takes(&[ID]),
    list("pages/labels", "api/v2/pages/{id}/labels", "the labels of a page", 250).takes(&[ID]),
    list("pages/attachments", "api/v2/pages/{id}/attachments", "the files at a page", 250).takes(&[ID]),
    list("blogposts/list", "api/v2/blogposts", "the blog posts", 250).takes(&[
        Param::commas("space_id", "only of the spaces with these ids").sent_as("space-id"),
        Param::text("title", "only with this title"),
        Param::text("sort", "e.g. `-created-date`"),
        BODY.sent_as("body-format"),
    ]),
    list("spaces/list", "api/v2/spaces", "the spaces", 250).takes(&[
        Param::commas("keys", "only with these keys"),
        Param::one_of("type", "", &["global", "personal", "collaboration", "knowledge_base"]),
        Param::one_of("status", "", &["current", "archived"]),
    ]),
    Endpoint::get("spaces/get", "api/v2/spaces/{id}", "one space").takes(&[Param::number("id", "the space's id")]),
];

const EXPAND: Param = Param::commas("expand", "what to give besides, e.g. `body.storage,version,space`");
const USUAL_EXPAND: &[(&str, &str)] = &[("expand", "body.storage,version,space")];

const SERVER: &[Endpoint] = &[
    SEARCH,
    list("pages/list", "rest/api/content", "the pages", 100)
        .takes(&[
            Param::text("space_key", "only of the space with this key").sent_as("spaceKey"),
            Param::text("title", "only with this title"),
            Param::text("status", "current, trashed, draft, any"),
            EXPAND,
        ])
        .always(&[("type", "page")]),
    Endpoint::get("pages/get", "rest/api/content/{id}", "one page with its text")
        .takes(&[ID, EXPAND])
        .always(USUAL_EXPAND),
    list("pages/children", "rest/api/content/{id}/child/page", "the pages below a page", 100).takes(&[ID, EXPAND]),
    list("pages/comments", "rest/api/content/{id}/child/comment", "the comments on a page", 100)
        .takes(&[ID, EXPAND])
        .always(USUAL_EXPAND),
    list("pages/labels", "rest/api/content/{id}/label", "the labels of a page", 100).takes(&[ID]),
    list("pages/attachments", "rest/api/content/{id}/child/attachment", "the files at a page", 100).takes(&[ID]),
    list("blogposts/list", "rest/api/content", "the blog posts", 100)
        .takes(&[Param::text("space_key", "only of the space with this key").sent_as("spaceKey"), EXPAND])
        .always(&[("type", "blogpost")]),
    list("spaces/list", "rest/api/space", "the spaces", 100).takes(&[
        Param::repeated("keys", "spaceKey", "only with these keys"),
        Param::one_of("type", "", &["global", "personal"]),
        Param::one_of("status", "", &["current", "archived"]),
    ]),
    Endpoint::get("spaces/get", "rest/api/space/{key}", "one space")
        .takes(&[Param::text("key", "the space's key"), EXPAND]),
];

const QUERY_FORM: &str = "\
`resource` is what to read (`search` by default), `query` is CQL for it, `params` says of what the others are.

```json
{\"query\": \"type = page AND space = OPS AND text ~ \\\"backup\\\"\", \"params\": {\"limit\": 10}}
{\"resource\": \"pages/get\", \"params\": {\"id\": 98311}}
```";

/// A Confluence site.
pub(crate) struct Confluence {
    deployment: Deployment,
}

#[async_trait]
impl Vendor for Confluence {
    fn about() -> About {
        let base = "The address of the site; in the cloud with `/wiki` at its end.";
        About {
            kind: "confluence",
            title: "Confluence",
            summary: "Reads pages and spaces of Confluence and searches them.",
            query_form: QUERY_FORM,
            settings: form(fields(base, "https://example.atlassian.net/wiki")),
        }
    }

    fn open(settings: Map<String, Value>, outbound: &Outbound) -> Result<(Self, Api)> {
        let (deployment, api) = connect(settings, outbound, "Confluence")?;
        Ok((Self { deployment }, api))
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        match self.deployment {
            Deployment::Cloud => CLOUD,
            Deployment::Server => SERVER,
        }
    }

    fn usual(&self) -> Option<&'static str> {
        Some("search")
    }

    async fn greet(&self, api: &Api) -> Result<String> {
        let me = fetch(self, api, &["rest", "api", "user", "current"], &[], &mut Budget::small()).await?;
        Ok(format!("Confluence at {} as {}", api.host(), me["displayName"].as_str().unwrap_or("?")))
    }

    fn trim(&self, _: &Endpoint, item: &mut Value) -> bool {
        drop_fields(item, &["_links", "_expandable", "profilePicture", "iconCssClass", "extensions"]);
        true
    }
}
