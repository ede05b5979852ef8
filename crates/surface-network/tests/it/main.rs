//! Promises of the network surface, through HTTP.

mod agents;
mod described;
mod guarded;
mod interrupt;
mod memory;
mod reply;
mod support;
