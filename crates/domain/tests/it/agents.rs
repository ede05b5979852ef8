//! The registry of agents.

mod changes;
mod configuration;
mod lifecycle;
mod lists;
mod registry;
mod roster;
mod versions;
