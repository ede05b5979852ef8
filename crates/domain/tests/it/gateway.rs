//! Agents from a gateway's file, with a file that is a list in memory.

mod fake;
mod syncing;
mod writing;
