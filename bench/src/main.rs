//! `muster-bench`: starts the real program on throw-away data, measures it, and prints one table.
//!
//! It is no test: it ends with 0 whatever comes out, as figures depend on the machine and on what else it does.

mod bare_commits;
mod bare_http;
mod connectors;
mod disk;
mod fleet;
mod http;
mod links;
mod load;
mod machine;
mod memory;
mod mission;
mod model;
mod process;
mod reads;
mod report;
mod start;
mod turns;
mod writes;

use bare_commits::Bare;
use clap::{Parser, Subcommand, ValueEnum};
use muster_store::testing;
use report::{Figure, Results, progress};
use sqlx::{Connection, PgConnection};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Anything that keeps a figure from being measured ends in its line of the table.
pub(crate) type Outcome<T> = Result<T, Problem>;

/// What went wrong, in words.
pub(crate) type Problem = Box<dyn std::error::Error + Send + Sync>;

/// Measures Muster's speed, start and memory on this machine.
#[derive(Parser)]
struct Args {
    /// The program that is measured [default: muster beside this program]
    #[arg(long, env = "MUSTER_BIN", value_name = "FILE")]
    program: Option<PathBuf>,
    /// Where the throw-away data goes; its file system counts [default: beside this program]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Writes the results as JSON as well
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Shorter rounds: less exact
    #[arg(long)]
    quick: bool,
    /// Measures only this; may be repeated
    #[arg(long, value_name = "NAME")]
    only: Vec<Name>,
    #[command(subcommand)]
    role: Option<Role>,
}

/// What can be measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    Reads,
    Writes,
    Turns,
    Start,
    Memory,
    Mission,
    Links,
    Postgres,
    Connectors,
}

#[derive(Subcommand)]
enum Role {
    /// What reads are compared with; started by the bench itself.
    #[command(hide = true)]
    BareHttp { folder: PathBuf },
}

/// What every measurement needs.
pub(crate) struct Bench {
    pub(crate) program: PathBuf,
    pub(crate) quick: bool,
    home: PathBuf,
}

impl Bench {
    /// A folder that goes away with all that is in it.
    pub(crate) fn folder(&self) -> Outcome<tempfile::TempDir> {
        Ok(tempfile::Builder::new().prefix("muster-bench-").tempdir_in(&self.home)?)
    }
}

/// Where the program keeps its data.
pub(crate) enum Database {
    /// In its data directory.
    Sqlite,
    /// In one PostgreSQL database; what it is compared with is in another.
    Postgres { url: String, bare: String },
}

impl Database {
    /// What the program is told.
    pub(crate) fn settings(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Sqlite => vec![],
            Self::Postgres { url, .. } => vec![("MUSTER_DATABASE_URL", url.clone())],
        }
    }

    /// The name of a figure.
    pub(crate) fn named(&self, name: &str) -> String {
        match self {
            Self::Sqlite => name.to_owned(),
            Self::Postgres { .. } => format!("{name} (PostgreSQL)"),
        }
    }

    pub(crate) async fn bare(&self, folder: &Path) -> Outcome<Bare> {
        match self {
            Self::Sqlite => Bare::sqlite(folder).await,
            Self::Postgres { bare, .. } => Bare::postgres(bare).await,
        }
    }
}

fn main() {
    let args = Args::parse();
    if let Err(error) = run(args) {
        progress(&format!("error: {error}"));
    }
}

fn run(args: Args) -> Outcome<()> {
    if let Some(Role::BareHttp { folder }) = &args.role {
        // The same runtime as the program's.
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        return runtime.block_on(bare_http::serve(folder));
    }
    // One thread makes the load, so that it takes as little as possible from what is measured.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            done = measure(&args) => done,
            // What is dropped here takes its servers and folders with it.
            () = interrupted() => Err("interrupted".into()),
        }
    })
}

async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

async fn measure(args: &Args) -> Outcome<()> {
    let beside = std::env::current_exe()?.parent().map(Path::to_path_buf).unwrap_or_default();
    let program = args.program.clone().unwrap_or_else(|| beside.join("muster"));
    let program = program
        .canonicalize()
        .map_err(|error| format!("{}: {error}; build it first, or set MUSTER_BIN", program.display()))?;
    let bench = Bench { program, quick: args.quick, home: args.folder.clone().unwrap_or(beside) };
    let mut results = Results { machine: machine::facts(&bench.home), quick: bench.quick, figures: Vec::new() };
    for name in Name::value_variants().iter().filter(|name| args.only.is_empty() || args.only.contains(name)) {
        let measured = match name {
            Name::Reads => reads::measure(&bench).await,
            Name::Writes => writes::measure(&bench, &Database::Sqlite).await,
            Name::Turns => turns::measure(&bench, &Database::Sqlite).await,
            Name::Start => start::measure(&bench).await,
            Name::Memory => memory::measure(&bench).await,
            Name::Mission => mission::measure(&bench).await,
            Name::Links => links::measure(&bench).await,
            Name::Postgres => postgres(&bench).await,
            Name::Connectors => connectors(&bench).await,
        };
        let shown = name.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        results.figures.extend(measured.unwrap_or_else(|error| vec![Figure::failed(&shown, &error.to_string())]));
    }
    results.print();
    if let Some(path) = &args.json {
        results.write(path)?;
    }
    Ok(())
}

async fn has_postgres() -> bool {
    let server = postgres_server();
    let connecting = tokio::time::timeout(Duration::from_secs(3), PgConnection::connect(&server)).await;
    matches!(connecting, Ok(Ok(_)))
}

fn without_postgres(name: &str) -> Vec<Figure> {
    vec![Figure::plain(name, f64::NAN, "no server; set MUSTER_TEST_POSTGRES".to_owned())]
}

/// Queries of connectors, where there is a PostgreSQL server to be asked.
async fn connectors(bench: &Bench) -> Outcome<Vec<Figure>> {
    if has_postgres().await { connectors::measure(bench).await } else { Ok(without_postgres("connector query")) }
}

/// Messages and turns again, on PostgreSQL, where there is a server.
async fn postgres(bench: &Bench) -> Outcome<Vec<Figure>> {
    if !has_postgres().await {
        return Ok(without_postgres("PostgreSQL"));
    }
    let mut figures = Vec::new();
    for name in ["messages", "turns"] {
        // A database of its own each, as each run of the program has another key for its secrets.
        let (url, admin, ours) = testing::create_postgres().await;
        let (bare, _, theirs) = testing::create_postgres().await;
        let database = Database::Postgres { url, bare };
        let measured = match name {
            "messages" => writes::measure(bench, &database).await,
            _ => turns::measure(bench, &database).await,
        };
        figures
            .extend(measured.unwrap_or_else(|error| vec![Figure::failed(&database.named(name), &error.to_string())]));
        testing::drop_postgres(&admin, &ours).await;
        testing::drop_postgres(&admin, &theirs).await;
    }
    Ok(figures)
}

/// The server of `muster_store::testing`, so that it can be looked at before databases are made there.
#[expect(clippy::disallowed_methods, reason = "the tests find their server in the same way")]
fn postgres_server() -> String {
    std::env::var("MUSTER_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}
