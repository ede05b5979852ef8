//! The list of routes, for `muster routes` and for tests that walk all operations.

use crate::op::Access;
use crate::surface::Surface;
use muster_domain::access::{Role, Scope};

/// One operation in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteLine {
    /// The method.
    pub method: &'static str,
    /// The path template.
    pub path: &'static str,
    /// The surface.
    pub surface: &'static str,
    /// The least role; `None` for operations that need no credential.
    pub role: Option<Role>,
    /// The scope.
    pub scope: Option<Scope>,
    /// The name in OpenAPI, logs and metrics.
    pub id: String,
    /// The source file.
    pub file: &'static str,
    /// The line in it.
    pub line: u32,
}

/// All operations, surface by surface in the order of their declaration.
pub fn routes(surfaces: &[Surface]) -> Vec<RouteLine> {
    let mut lines = Vec::new();
    for surface in surfaces {
        for route in &surface.routes {
            let spec = &route.spec;
            let role = match spec.access {
                Access::Public => None,
                Access::Floor(role) => Some(role),
            };
            lines.push(RouteLine {
                method: spec.verb.as_str(),
                path: spec.path,
                surface: surface.name,
                role,
                scope: spec.scope,
                id: route.id.clone(),
                file: spec.location.file(),
                line: spec.location.line(),
            });
        }
    }
    lines
}
