//! What `resource` names: a usual word, or a group, a version and a kind in the plural.

use crate::table::in_path;
use muster_base::{Error, Result};
use muster_domain::connectors::Resource;

/// Words for what people look at, with where the API has it.
const USUAL: &[(&str, &str, &str)] = &[
    ("pods", "v1", "pods: what runs, and how it is"),
    ("deployments", "apps/v1", "deployments"),
    ("statefulsets", "apps/v1", "stateful sets"),
    ("daemonsets", "apps/v1", "daemon sets"),
    ("replicasets", "apps/v1", "replica sets"),
    ("jobs", "batch/v1", "jobs"),
    ("cronjobs", "batch/v1", "cron jobs"),
    ("services", "v1", "services"),
    ("endpointslices", "discovery.k8s.io/v1", "the addresses behind services"),
    ("ingresses", "networking.k8s.io/v1", "ingresses"),
    ("networkpolicies", "networking.k8s.io/v1", "network policies"),
    ("configmaps", "v1", "config maps"),
    ("secrets", "v1", "secrets: their names, types and keys, never their values"),
    ("serviceaccounts", "v1", "service accounts"),
    ("persistentvolumeclaims", "v1", "claims of storage"),
    ("persistentvolumes", "v1", "volumes of the cluster"),
    ("storageclasses", "storage.k8s.io/v1", "classes of storage"),
    ("horizontalpodautoscalers", "autoscaling/v2", "autoscalers"),
    ("poddisruptionbudgets", "policy/v1", "disruption budgets"),
    ("resourcequotas", "v1", "quotas"),
    ("limitranges", "v1", "limit ranges"),
    ("events", "v1", "events: what happened lately"),
    ("namespaces", "v1", "namespaces"),
    ("nodes", "v1", "nodes"),
    ("roles", "rbac.authorization.k8s.io/v1", "roles"),
    ("rolebindings", "rbac.authorization.k8s.io/v1", "who has which role"),
    ("clusterroles", "rbac.authorization.k8s.io/v1", "roles in the whole cluster"),
    ("clusterrolebindings", "rbac.authorization.k8s.io/v1", "who has which role in the whole cluster"),
    ("customresourcedefinitions", "apiextensions.k8s.io/v1", "the kinds that were added to the cluster"),
    ("podmetrics", "metrics.k8s.io/v1beta1", "what pods use, where a metrics server runs"),
    ("nodemetrics", "metrics.k8s.io/v1beta1", "what nodes use, where a metrics server runs"),
];

/// Those of the usual kinds that are in no namespace.
const WHOLE_CLUSTER: &[&str] = &[
    "namespaces",
    "nodes",
    "persistentvolumes",
    "storageclasses",
    "clusterroles",
    "clusterrolebindings",
    "customresourcedefinitions",
];

/// A kind of object, as the API's paths have it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    group: Option<String>,
    version: String,
    pub(super) plural: String,
}

impl Kind {
    /// Reads `pods`, `apps/v1/deployments`, `v1/pods`, also with `/list` or `/get` at the end.
    ///
    /// Errors: `invalid` with `resource`.
    pub(super) fn read(resource: &str) -> Result<Self> {
        let text = resource.trim().trim_matches('/');
        let text = text.strip_suffix("/list").or_else(|| text.strip_suffix("/get")).unwrap_or(text);
        let text = text.strip_prefix("apis/").or_else(|| text.strip_prefix("api/")).unwrap_or(text);
        let parts: Vec<&str> = text.split('/').collect();
        match parts.as_slice() {
            [word] => usual(word).ok_or_else(|| refuse(word)),
            [version, plural] if is_version(version) && is_name(plural) => Ok(Self::of(None, version, plural)),
            [group, version, plural] if is_name(group) && is_version(version) && is_name(plural) => {
                Ok(Self::of(Some(*group), version, plural))
            }
            _ => Err(refuse(text)),
        }
    }

    fn of(group: Option<&str>, version: &str, plural: &str) -> Self {
        let group = group.filter(|group| *group != "core").map(str::to_owned);
        Self { group, version: version.to_owned(), plural: plural.to_owned() }
    }

    /// Whether objects of this kind are in a namespace, as far as it is one of the usual kinds.
    pub(super) fn is_usually_in_a_namespace(&self) -> bool {
        let known = USUAL.iter().any(|(name, ..)| *name == self.plural);
        known && !WHOLE_CLUSTER.contains(&self.plural.as_str())
    }

    /// The parts of the path of all objects, of a namespace, or of one object. There is nothing behind an object: what
    /// is there runs commands, forwards ports or makes tokens, but for the logs of pods, which are asked for apart.
    pub(super) fn path(&self, namespace: Option<&str>, name: Option<&str>) -> Result<Vec<String>> {
        let mut path = match &self.group {
            Some(group) => vec!["apis".to_owned(), group.clone()],
            None => vec!["api".to_owned()],
        };
        path.push(self.version.clone());
        if let Some(namespace) = namespace {
            path.extend(["namespaces".to_owned(), one("params.namespace", namespace)?]);
        }
        path.push(self.plural.clone());
        if let Some(name) = name {
            path.push(one("params.name", name)?);
        }
        Ok(path)
    }
}

fn one(field: &str, value: &str) -> Result<String> {
    let parts = in_path(value, false).map_err(|problem| Error::invalid(field, problem))?;
    match parts.into_iter().next().filter(|part| !part.contains(['/', '\\'])) {
        Some(part) => Ok(part),
        None => Err(Error::invalid(field, "must be one name")),
    }
}

fn usual(word: &str) -> Option<Kind> {
    let plural = match word {
        "po" | "pod" => "pods",
        "deploy" | "deployment" => "deployments",
        "svc" | "service" => "services",
        "ns" | "namespace" => "namespaces",
        "no" | "node" => "nodes",
        "ev" | "event" => "events",
        "cm" | "configmap" => "configmaps",
        "pvc" => "persistentvolumeclaims",
        "pv" => "persistentvolumes",
        "ing" | "ingress" => "ingresses",
        "hpa" => "horizontalpodautoscalers",
        "crds" => "customresourcedefinitions",
        word => word,
    };
    let (_, place, _) = USUAL.iter().find(|(name, ..)| *name == plural)?;
    let (group, version) = place.rsplit_once('/').map_or((None, *place), |(group, version)| (Some(group), version));
    let plural = plural.strip_suffix("metrics").map_or(plural.to_owned(), |kind| format!("{kind}s"));
    Some(Kind::of(group, version, &plural))
}

fn refuse(text: &str) -> Error {
    let usual: Vec<&str> = USUAL.iter().map(|(name, ..)| *name).collect();
    let said = if text.is_empty() { "is needed".to_owned() } else { format!("`{}` does not exist", short(text)) };
    let problem = format!("{said}; there is {}, pods/log, version, and any group/version/plural", usual.join(", "));
    Error::invalid("resource", problem)
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

fn is_version(text: &str) -> bool {
    let rest = text.strip_prefix('v').unwrap_or_default();
    rest.starts_with(|c: char| c.is_ascii_digit()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// A DNS name in lower case.
fn is_name(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let inner = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.');
    text.len() <= 253 && inner && ends(text.chars().next()) && ends(text.chars().last()) && !text.contains("..")
}

/// What can be asked for, for people and agents.
pub(super) fn resources() -> Vec<Resource> {
    let lists = "Params: namespace, name (one object), labelSelector, fieldSelector";
    let mut told: Vec<Resource> = USUAL
        .iter()
        .map(|(name, place, about)| Resource {
            name: (*name).to_owned(),
            description: format!("{about} ({place}). {lists}"),
        })
        .collect();
    let logs = "the log of a pod, an item per line. Params: namespace, name (needed), container, tailLines, sinceSeconds, \
                previous, timestamps";
    told.push(Resource { name: "pods/log".to_owned(), description: logs.to_owned() });
    told.push(Resource { name: "version".to_owned(), description: "the version of the cluster".to_owned() });
    let any = "any other kind, e.g. `cert-manager.io/v1/certificates`";
    told.push(Resource { name: "GROUP/VERSION/PLURAL".to_owned(), description: format!("{any}. {lists}") });
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(resource: &str, namespace: Option<&str>, name: Option<&str>) -> Result<String> {
        Ok(Kind::read(resource)?.path(namespace, name)?.join("/"))
    }

    #[test]
    fn kinds_are_found_by_word_and_by_place() {
        for (resource, namespace, name, expected) in [
            ("pods", None, None, "api/v1/pods"),
            ("pods/list", Some("a"), None, "api/v1/namespaces/a/pods"),
            ("deploy", Some("a"), Some("web"), "apis/apps/v1/namespaces/a/deployments/web"),
            ("v1/nodes", None, Some("n1"), "api/v1/nodes/n1"),
            ("apps/v1/deployments", None, None, "apis/apps/v1/deployments"),
            (
                "cert-manager.io/v1alpha2/certificates",
                Some("a"),
                None,
                "apis/cert-manager.io/v1alpha2/namespaces/a/certificates",
            ),
            ("podmetrics", Some("a"), None, "apis/metrics.k8s.io/v1beta1/namespaces/a/pods"),
            ("namespaces", None, Some("a"), "api/v1/namespaces/a"),
        ] {
            assert_eq!(path(resource, namespace, name).expect(resource), expected);
        }
    }

    #[test]
    fn nothing_behind_an_object_can_be_reached() {
        for resource in [
            "",
            "podz",
            "pods/exec",
            "v1/pods/proxy",
            "api/v1/namespaces/a/pods/b/exec",
            "apps/v1/deployments/scale",
            "../../pods",
            "v1/../pods",
            "V1/pods",
            "v1/pods?x=1",
            "a..b/v1/pods",
        ] {
            assert_eq!(path(resource, None, None).expect_err(resource).field(), Some("resource"));
        }
        for name in ["a/exec", "..", "a/../b", "a\\exec", ""] {
            assert_eq!(path("pods", Some("a"), Some(name)).expect_err(name).field(), Some("params.name"));
            assert_eq!(path("pods", Some(name), None).expect_err(name).field(), Some("params.namespace"));
        }
    }
}
