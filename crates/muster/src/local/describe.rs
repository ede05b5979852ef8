//! `muster routes` and `muster openapi`: what the program answers, without starting it.

use crate::cli::say;
use crate::serve::surfaces;
use clap::Args;
use muster_base::{Error, Result};
use muster_domain::access::Scope;
use serde_json::json;

/// List every operation
#[derive(Args)]
pub(crate) struct Routes {
    /// Print JSON lines
    #[arg(long)]
    json: bool,
}

impl Routes {
    pub(crate) fn run(self) {
        for route in muster_http::routes(&surfaces()) {
            if self.json {
                say(json!({"method": route.method, "path": route.path, "surface": route.surface, "role": route.role,
                           "scope": route.scope.map(Scope::as_str), "file": route.file, "line": route.line}));
            } else {
                let (role, scope) = (
                    route.role.map_or("public", |role| role.as_str()),
                    route.scope.map_or("-", |scope| scope.as_str()),
                );
                say(format!(
                    "{:<7} {:<56} {:<9} {:<16} {}:{}",
                    route.method, route.path, role, scope, route.file, route.line
                ));
            }
        }
    }
}

/// Prints the OpenAPI document.
pub(crate) fn openapi() -> Result<()> {
    let document = muster_http::openapi(&surfaces(), env!("CARGO_PKG_VERSION"));
    say(serde_json::to_string_pretty(&document).map_err(Error::internal)?);
    Ok(())
}
