//! APIs that are a table of endpoints: a vendor is such a table and what is peculiar about it.

mod endpoint;
mod paging;
mod param;
mod source;
mod times;
mod trim;

pub(crate) use endpoint::{Endpoint, Paging, in_path, limit};
pub(crate) use paging::set as set_param;
pub(crate) use param::{Param, text_of};
pub(crate) use source::{TableType, Vendor, fetch};
pub(crate) use times::{in_seconds, moment};
pub(crate) use trim::{drop_fields, drop_where};
