//! Calls to addresses that users supply: webhooks, connectors, tools. Private addresses are refused unless the operator
//! allows them, against the address that is connected to.
//!
//! HTTP goes through [`Outbound`]; what speaks another protocol asks its [`Guard`] for the addresses of a host and
//! connects to one of those.

#![warn(missing_docs)]

mod address;
mod call;
mod client;
mod errors;
mod guard;
mod policy;
mod redirect;
mod response;
mod url;

pub use address::is_public;
pub use call::Call;
pub use client::{Outbound, Trust};
pub use errors::{FAILED, TIMEOUT};
pub use guard::{Guard, Lookup};
pub use policy::Policy;
pub use response::{Body, Response};
pub use url::{origin, parse as parse_url};

pub use reqwest::{Method, StatusCode, Url, header};
