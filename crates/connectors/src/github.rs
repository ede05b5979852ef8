//! GitHub, and GitHub Enterprise Server: repositories, issues, pull requests, commits, releases, workflow runs, search.
//!
//! Endpoints, paging and limits: <https://docs.github.com/en/rest>.

use crate::api::{Api, Auth, Budget, Reply, too_often};
use crate::form::{authorities, form, secret, url};
use crate::settings::{filled, read};
use crate::table::{Endpoint, Paging, Param, Vendor, drop_where, fetch};
use async_trait::async_trait;
use muster_base::{Clock, Error, Result, Secret, SystemClock};
use muster_domain::connectors::{About, Query};
use muster_outbound::Outbound;
use serde::Deserialize;
use serde_json::{Map, Value};

const BASE: &str = "https://api.github.com";

const OWNER: Param = Param::text("owner", "the user or organisation that has the repository");
const REPO: Param = Param::text("repo", "the repository's name");
const ORG: Param = Param::text("org", "an organisation");
const NUMBER: Param = Param::number("number", "the number of the issue or pull request");
const STATE: Param = Param::one_of("state", "", &["open", "closed", "all"]);
const DIRECTION: Param = Param::one_of("direction", "", &["asc", "desc"]);
const SINCE: Param = Param::text("since", "only what changed after this time, e.g. `2026-01-31T00:00:00Z`");
const LABELS: Param = Param::commas("labels", "only with all of these labels");
const SORT: Param = Param::text("sort", "what to sort by");
const ORDER: Param = Param::one_of("order", "", &["asc", "desc"]);

/// Lists that GitHub pages.
const fn list(name: &'static str, path: &'static str, about: &'static str) -> Endpoint {
    Endpoint::get(name, path, about).pages(Paging::LinkHeader, "per_page", 100)
}

const fn search(name: &'static str, path: &'static str, about: &'static str) -> Endpoint {
    list(name, path, about)
        .searches("q", "words and GitHub's search qualifiers, e.g. `repo:OWNER/REPO is:open label:bug`")
        .takes(&[SORT, ORDER])
        .at("/items")
}

const ENDPOINTS: &[Endpoint] = &[
    list("repos/list", "orgs/{org}/repos", "the repositories of an organisation").takes(&[
        ORG,
        Param::one_of("type", "", &["all", "public", "private", "forks", "sources", "member"]),
        Param::one_of("sort", "", &["created", "updated", "pushed", "full_name"]),
        DIRECTION,
    ]),
    list("repos/list", "users/{owner}/repos", "those of a user").takes(&[
        Param::text("owner", "a user, or an organisation"),
        Param::one_of("type", "", &["all", "owner", "member"]),
        Param::one_of("sort", "", &["created", "updated", "pushed", "full_name"]),
        DIRECTION,
    ]),
    list("repos/list", "user/repos", "without `org` and `owner` those that the token's user can see").takes(&[
        Param::one_of("visibility", "", &["all", "public", "private"]),
        Param::one_of("type", "", &["all", "owner", "public", "private", "member"]),
        Param::one_of("sort", "", &["created", "updated", "pushed", "full_name"]),
        DIRECTION,
    ]),
    Endpoint::get("repos/get", "repos/{owner}/{repo}", "one repository").takes(&[OWNER, REPO]),
    list("issues/list", "repos/{owner}/{repo}/issues", "the issues of a repository, without pull requests").takes(&[
        OWNER,
        REPO,
        STATE,
        LABELS,
        SINCE,
        DIRECTION,
        Param::text("assignee", "a user, `none` or `*`"),
        Param::text("creator", "a user"),
        Param::text("milestone", "a milestone's number, `none` or `*`"),
        Param::one_of("sort", "", &["created", "updated", "comments"]),
    ]),
    list("issues/list", "orgs/{org}/issues", "issues of an organisation that concern the token's user").takes(&[
        ORG,
        Param::one_of("filter", "", &["assigned", "created", "mentioned", "subscribed", "repos", "all"]),
        STATE,
        LABELS,
        SINCE,
        DIRECTION,
    ]),
    list(
        "issues/list",
        "issues",
        "without `owner` and `org` the issues everywhere that are assigned to the token's user",
    )
    .takes(&[
        Param::one_of("filter", "", &["assigned", "created", "mentioned", "subscribed", "repos", "all"]),
        STATE,
        LABELS,
        SINCE,
        DIRECTION,
    ]),
    Endpoint::get("issues/get", "repos/{owner}/{repo}/issues/{number}", "one issue").takes(&[OWNER, REPO, NUMBER]),
    list(
        "issues/comments",
        "repos/{owner}/{repo}/issues/{number}/comments",
        "the comments on an issue or pull request",
    )
    .takes(&[OWNER, REPO, NUMBER, SINCE]),
    list("labels/list", "repos/{owner}/{repo}/labels", "the labels of a repository").takes(&[OWNER, REPO]),
    list("milestones/list", "repos/{owner}/{repo}/milestones", "the milestones of a repository")
        .takes(&[OWNER, REPO, STATE]),
    list("pulls/list", "repos/{owner}/{repo}/pulls", "the pull requests of a repository").takes(&[
        OWNER,
        REPO,
        STATE,
        Param::text("head", "only from this branch, as `user:branch`"),
        Param::text("base", "only into this branch"),
        Param::one_of("sort", "", &["created", "updated", "popularity", "long-running"]),
        DIRECTION,
    ]),
    Endpoint::get("pulls/get", "repos/{owner}/{repo}/pulls/{number}", "one pull request").takes(&[OWNER, REPO, NUMBER]),
    list(
        "pulls/files",
        "repos/{owner}/{repo}/pulls/{number}/files",
        "the files that a pull request changes, with patches",
    )
    .takes(&[OWNER, REPO, NUMBER]),
    list("pulls/reviews", "repos/{owner}/{repo}/pulls/{number}/reviews", "the reviews of a pull request")
        .takes(&[OWNER, REPO, NUMBER]),
    list("pulls/comments", "repos/{owner}/{repo}/pulls/{number}/comments", "the review comments on a pull request")
        .takes(&[OWNER, REPO, NUMBER, SINCE]),
    list("commits/list", "repos/{owner}/{repo}/commits", "the commits of a repository, newest first").takes(&[
        OWNER,
        REPO,
        Param::text("sha", "a branch, tag or commit to begin with"),
        Param::text("path", "only commits that touch this file or folder"),
        Param::text("author", "a user or an e-mail address"),
        SINCE,
        Param::text("until", "only commits before this time"),
    ]),
    Endpoint::get("commits/get", "repos/{owner}/{repo}/commits/{ref*}", "one commit with its changes").takes(&[
        OWNER,
        REPO,
        Param::text("ref", "a commit, branch or tag"),
    ]),
    list("branches/list", "repos/{owner}/{repo}/branches", "the branches of a repository").takes(&[OWNER, REPO]),
    list("tags/list", "repos/{owner}/{repo}/tags", "the tags of a repository").takes(&[OWNER, REPO]),
    list("releases/list", "repos/{owner}/{repo}/releases", "the releases of a repository").takes(&[OWNER, REPO]),
    Endpoint::get("contents/get", "repos/{owner}/{repo}/contents/{path*}", "a file, in base64, or what a folder holds")
        .takes(&[
            OWNER,
            REPO,
            Param::text("path", "the file or folder"),
            Param::text("ref", "a commit, branch or tag"),
        ]),
    list("contributors/list", "repos/{owner}/{repo}/contributors", "who committed to a repository")
        .takes(&[OWNER, REPO]),
    list("workflows/list", "repos/{owner}/{repo}/actions/workflows", "the workflows of a repository")
        .takes(&[OWNER, REPO])
        .at("/workflows"),
    list("runs/list", "repos/{owner}/{repo}/actions/runs", "the workflow runs of a repository, newest first")
        .takes(&[
            OWNER,
            REPO,
            Param::text("status", "e.g. `completed`, `failure`, `success`, `in_progress`, `queued`"),
            Param::text("branch", "only of this branch"),
            Param::text("event", "e.g. `push`, `pull_request`"),
            Param::text("actor", "only those that this user started"),
            Param::text("created", "a date or range, e.g. `>=2026-01-01`"),
            Param::text("head_sha", "only of this commit"),
        ])
        .at("/workflow_runs"),
    list("runs/jobs", "repos/{owner}/{repo}/actions/runs/{run_id}/jobs", "the jobs of a workflow run")
        .takes(&[OWNER, REPO, Param::number("run_id", "the run's id"), Param::one_of("filter", "", &["latest", "all"])])
        .at("/jobs"),
    list("notifications/list", "notifications", "the notifications of the token's user").takes(&[
        Param::flag("all", "also those that were read"),
        Param::flag("participating", "only where the user takes part"),
        SINCE,
    ]),
    search("search/issues", "search/issues", "issues and pull requests by words"),
    search("search/repos", "search/repositories", "repositories by words"),
    search("search/code", "search/code", "code by words; needs a token"),
    search("search/commits", "search/commits", "commits by words"),
    search("search/users", "search/users", "users and organisations by words"),
];

const QUERY_FORM: &str = "\
`resource` is what to read, `params` says of what. `query` is for `search/...`, in GitHub's search language; with \
`issues/list` and `pulls/list` it searches among these.

```json
{\"resource\": \"repos/list\", \"params\": {\"owner\": \"OWNER\"}}
{\"resource\": \"issues/list\", \"params\": {\"owner\": \"OWNER\", \"repo\": \"REPO\", \"state\": \"open\", \"limit\": 50}}
{\"resource\": \"search/issues\", \"query\": \"repo:OWNER/REPO is:pr is:open review:required\"}
```";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    token: Option<Secret<String>>,
    base_url: Option<String>,
    ca_certificate: Option<String>,
}

/// GitHub as one token sees it.
pub(crate) struct Github;

#[async_trait]
impl Vendor for Github {
    fn about() -> About {
        let token = "A personal access token or an app's installation token; read rights are enough. Without one only \
                     what is public can be read, 60 times an hour.";
        let base = "Where the REST API is; for GitHub Enterprise Server `https://HOST/api/v3`.";
        About {
            kind: "github",
            title: "GitHub",
            summary: "Reads repositories, issues, pull requests, commits, releases and workflow runs of GitHub.",
            query_form: QUERY_FORM,
            settings: form([
                ("token", secret("Token", token)),
                ("baseUrl", url("Base URL", base).default(BASE)),
                ("caCertificate", authorities()),
            ]),
        }
    }

    fn open(settings: Map<String, Value>, outbound: &Outbound) -> Result<(Self, Api)> {
        let settings: Settings = read(settings)?;
        let base = filled(settings.base_url).unwrap_or_else(|| BASE.to_owned());
        let auth = match settings.token.filter(|token| !token.expose().is_empty()) {
            Some(token) => Auth::Bearer("Bearer", token),
            None => Auth::None,
        };
        let api = Api::new(outbound, "GitHub", &base, auth)?.trusting(filled(settings.ca_certificate))?;
        let api = api.header("accept", "application/vnd.github+json").header("x-github-api-version", "2022-11-28");
        Ok((Self, api))
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn greet(&self, api: &Api) -> Result<String> {
        let budget = &mut Budget::small();
        let user =
            if api.has_credentials() { fetch(self, api, &["user"], &[], budget).await.map(Some) } else { Ok(None) };
        let who = match user {
            Ok(Some(user)) => user["login"].as_str().unwrap_or("?").to_owned(),
            Ok(None) => "nobody: only what is public can be read".to_owned(),
            // An app's installation is no user, and may still ask for its limits.
            Err(error) if error.message().contains("(403)") => "an app".to_owned(),
            Err(error) => return Err(error),
        };
        let limits = fetch(self, api, &["rate_limit"], &[], budget).await?;
        let left = limits.pointer("/resources/core/remaining").and_then(Value::as_u64);
        let left = left.map(|left| format!(", {left} requests left this hour")).unwrap_or_default();
        Ok(format!("GitHub at {} as {who}{left}", api.host()))
    }

    async fn prepare(&self, api: &Api, query: &mut Query, budget: &mut Budget) -> Result<()> {
        match query.resource.trim() {
            "issues/list" if !query.query.trim().is_empty() => search_among(query, "is:issue"),
            "pulls/list" if !query.query.trim().is_empty() => search_among(query, "is:pr"),
            "repos/list" if !query.params.contains_key("org") => {
                let Some(Value::String(owner)) = query.params.get("owner").cloned() else { return Ok(()) };
                // An organisation's own list has its private repositories as well.
                let url = api.at(&["orgs", &owner]).map_err(|error| error.with_field("params.owner"))?;
                if api.get(url).answer(&mut budget.aside(1 << 20)).await?.status().is_success() {
                    query.params.remove("owner");
                    query.params.insert("org".to_owned(), Value::String(owner));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What is forbidden for a while only is told by headers:
    /// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>.
    fn fault(&self, api: &Api, answer: &Reply) -> Option<Error> {
        match answer.status().as_u16() {
            403 | 429 if answer.retry_after().is_some() => Some(too_often(api, answer, answer.retry_after())),
            403 | 429 if answer.header("x-ratelimit-remaining") == Some("0") => {
                Some(too_often(api, answer, until_reset(answer)))
            }
            301 | 302 | 307 | 308 => {
                let problem = "GitHub says that this has moved, e.g. that the repository was renamed; use its new name";
                Some(Error::invalid("resource", problem))
            }
            _ => None,
        }
    }

    fn trim(&self, endpoint: &Endpoint, item: &mut Value) -> bool {
        if endpoint.name == "issues/list" && item.get("pull_request").is_some() {
            return false;
        }
        drop_where(item, &|name, value| {
            let link = name.ends_with("_url") && name != "html_url" && name != "clone_url" && value.is_string();
            link || matches!(name, "_links" | "node_id" | "gravatar_id" | "permissions")
                || (name == "url" && value.is_string())
        });
        true
    }
}

/// Turns a list with words into a search for them among what the list would have.
fn search_among(query: &mut Query, what: &str) {
    let param = |name: &str| query.params.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let place = match (param("owner"), param("repo"), param("org")) {
        (Some(owner), Some(repo), _) => format!(" repo:{owner}/{repo}"),
        (Some(owner), None, _) => format!(" user:{owner}"),
        (_, _, Some(org)) => format!(" org:{org}"),
        _ => String::new(),
    };
    let state = match param("state") {
        Some(state @ ("open" | "closed")) => format!(" is:{state}"),
        _ => String::new(),
    };
    query.query = format!("{} {what}{place}{state}", query.query.trim());
    "search/issues".clone_into(&mut query.resource);
    for name in ["owner", "repo", "org", "state"] {
        query.params.remove(name);
    }
}

fn until_reset(answer: &Reply) -> Option<u64> {
    let reset: i64 = answer.header("x-ratelimit-reset")?.parse().ok()?;
    Some((reset - SystemClock.now().seconds()).max(1) as u64)
}
