//! Which crate may know which: the arrows of DESIGN.md.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// What cargo knows of this machine's build: other machines' dependencies may never have been downloaded here.
fn metadata() -> Metadata {
    let rustc = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let told = String::from_utf8(rustc.stdout).expect("text");
    let host = told.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    let options = ["--offline", "--filter-platform", host].map(str::to_owned);
    MetadataCommand::new().manifest_path(manifest).other_options(options).exec().expect("cargo metadata")
}

/// The folder-like name of one of our packages: `store` for `muster-store`.
fn short(name: &str) -> Option<&str> {
    if name == "muster" { Some(name) } else { name.strip_prefix("muster-") }
}

/// What a package needs to be built; what only its tests need does not count.
fn needs(package: &Package) -> BTreeSet<String> {
    package.dependencies.iter().filter(|dep| dep.kind == DependencyKind::Normal).map(|dep| dep.name.clone()).collect()
}

/// Which of our crates a crate may need.
fn allowed(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "base" => &[],
        "store" | "wire" | "outbound" => &["base"],
        "domain" => &["base", "store"],
        "http" | "gateway" | "sandbox" => &["base", "domain"],
        // What calls user-supplied addresses does so through the one guarded client.
        "engine" | "channels" | "connectors" => &["base", "domain", "outbound"],
        "host" => &["base", "wire"],
        surface if surface.starts_with("surface-") => &["base", "domain", "http"],
        // The program and what tests and measures it put all the parts together.
        _ => return None,
    })
}

#[test]
fn every_crate_knows_only_those_below_it() {
    let metadata = metadata();
    let mut checked = 0;
    for package in metadata.workspace_packages() {
        let Some(name) = short(&package.name) else { continue };
        let Some(allowed) = allowed(name) else { continue };
        for needed in needs(package) {
            let Some(other) = short(&needed) else { continue };
            assert!(allowed.contains(&other), "{name} must not know {other}; it may know {allowed:?}");
        }
        checked += 1;
    }
    assert!(checked >= 5, "base, store, domain, http and a surface are there");
}

#[test]
fn the_domain_knows_no_http_and_no_vendor_not_even_by_way_of_others() {
    let metadata = metadata();
    let packages: BTreeMap<_, _> =
        metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();
    let graph = metadata.resolve.as_ref().expect("a resolved graph");
    let nodes: BTreeMap<_, _> = graph.nodes.iter().map(|node| (&node.id, node)).collect();
    for root in ["muster-base", "muster-store", "muster-domain"] {
        let start =
            metadata.workspace_packages().into_iter().find(|package| package.name == root).expect("the crate is there");
        let mut seen = BTreeSet::new();
        let mut waiting = vec![&start.id];
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            let name = packages[id];
            let outside = ["axum", "reqwest", "hyper", "tower", "tower-http", "muster-http"].contains(&name);
            assert!(!outside, "{root} must not need {name}");
            let normal = nodes[id]
                .deps
                .iter()
                .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
            waiting.extend(normal.map(|dep| &dep.pkg));
        }
    }
}

#[test]
fn a_surface_needs_neither_the_database_nor_another_surface() {
    for package in metadata().workspace_packages() {
        if !package.name.starts_with("muster-surface-") {
            continue;
        }
        for needed in needs(package) {
            let forbidden = needed == "muster-store" || needed == "sqlx" || needed.starts_with("muster-surface-");
            assert!(!forbidden, "{} must not need {needed}", package.name);
        }
    }
}
