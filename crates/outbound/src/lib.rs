//! Calls to addresses that users supply: webhooks, connectors, tools. Private addresses are refused unless the operator
//! allows them, against the address that is connected to.

#![warn(missing_docs)]
