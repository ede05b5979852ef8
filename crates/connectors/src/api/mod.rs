//! What all sources that are HTTP APIs have in common: a vendor is a table of endpoints and what is peculiar about it.

pub(crate) mod endpoint;
pub(crate) mod http;
pub(crate) mod paging;
pub(crate) mod refusal;
pub(crate) mod settings;
pub(crate) mod source;
pub(crate) mod trim;

pub(crate) use endpoint::{Endpoint, Paging, Param};
pub(crate) use http::{Answered, Budget, Http, Sent};
pub(crate) use refusal::{Refusal, Why};
pub(crate) use settings::Settings;
pub(crate) use source::{ApiType, Vendor, fetch};
