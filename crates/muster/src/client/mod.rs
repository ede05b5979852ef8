//! Commands that talk to a running server.
macro_rules! later { ($m:ident, $t:ident) => { pub(crate) mod $m { #[derive(clap::Args)] pub(crate) struct $t {} impl $t { pub(crate) async fn run(self) -> muster_base::Result<()> { Ok(()) } } } }; }
pub(crate) mod agents { #[derive(clap::Subcommand)] pub(crate) enum Agents { Ls } impl Agents { pub(crate) async fn run(self) -> muster_base::Result<()> { Ok(()) } } }
later!(chat, Chat);
later!(status, Status);
later!(events, Events);
