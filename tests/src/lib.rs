//! End-to-end tests: see `it/main.rs`. They start the real program, so build it first: `cargo build -p muster`.
