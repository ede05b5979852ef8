//! Promises of the framework, kept through HTTP.

mod bodies;
mod described;
mod guarded;
mod limited;
mod repeated;
mod routed;
mod support;
