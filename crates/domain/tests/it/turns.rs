//! The turn ledger: each message is answered once, whatever happens meanwhile.

mod budget;
mod crowds;
mod ends;
mod handing;
mod leases;
mod queue;
mod streams;
