//! The types of data sources, one file or folder each, behind the domain's port.

#![warn(missing_docs)]
