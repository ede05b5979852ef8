//! Connectors: kept with sealed secrets, opened when needed, asked within limits, granted to agents.

mod asking;
mod fake;
mod granting;
mod keeping;
