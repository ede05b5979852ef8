//! `muster serve`: puts the parts together and runs them until a signal.

mod bus;
mod connectors;
mod jobs;
mod listen;
mod pages;
mod telemetry;

use crate::cli::say;
use crate::settings::{ServeArgs, Settings};
use muster_base::{Error, Result, SystemClock};
use muster_domain::access::{self, Bootstrap};
use muster_domain::{App, gateway, jobs as domain_jobs, links, presence, turns};
use muster_engine::Engine;
use muster_engine::models::{Models, Prices};
use muster_engine::tools::Tools;
use muster_gateway::GatewayFile;
use muster_http::{AppState, Surface};
use muster_store::{Backend, Db};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long an orderly end may take, and then the sending of the last traces: together with the end of the program's threads
/// less than the ten seconds after which service managers kill.
const END_WITHIN: Duration = Duration::from_millis(8000);
const TRACES_WITHIN: Duration = Duration::from_millis(800);

/// Every dialect that the program speaks.
pub(crate) fn surfaces() -> Vec<Surface> {
    vec![
        muster_surface_hosting::surface(),
        muster_surface_orgs::surface(),
        muster_surface_mission::surface(),
        muster_surface_network::surface(),
    ]
}

/// Starts the server and returns when it has ended in order.
pub(crate) async fn run(args: ServeArgs) -> Result<()> {
    let settings = args.resolve()?;
    let telemetry = telemetry::start(&settings)?;
    // Each link is an open file, and the 1,024 that a shell or a service lets us have are soon used up.
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(most) => tracing::debug!(most, "may have this many open files"),
        Err(error) => tracing::warn!(error = %error, "cannot raise the limit of open files"),
    }
    let outcome = serve(settings, &telemetry).await;
    telemetry.stop(TRACES_WITHIN);
    outcome
}

async fn serve(settings: Settings, telemetry: &telemetry::Telemetry) -> Result<()> {
    settings.storage.prepare()?;
    let _lock = settings.storage.is_sqlite().then(|| lock(&settings)).transpose()?;
    let listener = TcpListener::bind(&settings.listen).await.map_err(|error| {
        Error::invalid(
            "listen",
            format!("{} cannot be listened on: {error}; choose another address or port", settings.listen),
        )
    })?;
    let address = listener.local_addr().map_err(Error::internal)?;
    let db = Db::open(&settings.storage.options()).await?;
    let secrets = settings.storage.secret_box(muster_domain::is_sealed(&db).await?)?;
    muster_domain::verify_key(&db, &secrets).await?;
    let models = models(&settings)?;
    let domain = domain_settings(&settings, address, &models)?;
    let app = App::new(db, Arc::new(SystemClock), secrets, domain);
    let password = access::bootstrap(&app, bootstrap(&settings)).await?;
    if app.db.backend() == Backend::Sqlite {
        // The lock says that no other process is at these turns: what a killed one left is taken up at once.
        turns::recover_all(&app).await?;
    }
    domain_jobs::register_housekeeping(&app).await?;
    presence::register_sweep(&app).await?;

    let shutdown = CancellationToken::new();
    let engine = engine(&app, &settings, models)?;
    let workers = [
        tokio::spawn(engine.run(shutdown.clone())),
        tokio::spawn(jobs::run(app.clone(), shutdown.clone())),
        tokio::spawn(connectors::tend(app.clone(), shutdown.clone())),
        tokio::spawn(connectors::write_queries(app.clone(), shutdown.clone())),
        tokio::spawn(forget_credentials(app.clone(), shutdown.clone())),
        tokio::spawn(write_signs_of_life(app.clone(), shutdown.clone())),
        tokio::spawn(links::run(app.clone(), shutdown.clone())),
    ];
    let bus = bus::connect(&app, settings.bus_url.as_deref(), &shutdown).await?;
    let state = AppState {
        rate_limit: settings.rate_limit,
        trusted_proxies: settings.trusted_proxies.clone(),
        shutdown: shutdown.clone(),
        ..AppState::new(app.clone())
    };
    let router = pages::router(Arc::new(state), &surfaces(), telemetry.metrics());
    let server = tokio::spawn(listen::serve(listener, router, listen::Patience::default(), shutdown.clone()));
    if let Some(password) = password {
        say(format!("first start: sign in as `{}` with the password {}", settings.admin_user, password.expose()));
        say("it is not shown again; change it in the console");
    }
    say(format!("muster ready on http://{address}"));

    wait_for_signal().await;
    tracing::info!("shutting down");
    shutdown.cancel();
    let end = async {
        for worker in workers {
            let _ = worker.await;
        }
        let _ = server.await;
        // Nobody gives a sign of life any more.
        if let Err(error) = presence::flush_all(&app).await {
            tracing::warn!(error = ?error, "could not write when agents were seen last");
        }
        // Nobody queries a connector any more.
        if let Err(error) = muster_domain::connectors::flush(&app).await {
            tracing::warn!(error = ?error, "could not write which connectors were queried");
        }
        bus.close().await;
        app.db.close().await;
    };
    if tokio::time::timeout(END_WITHIN, end).await.is_err() {
        tracing::warn!("ended before every connection was closed");
    }
    Ok(())
}

/// Keeps a second server from the same database file; the system lets go of it when the process ends, however it ends.
fn lock(settings: &Settings) -> Result<std::fs::File> {
    // Beside the database, which may be elsewhere than in the data directory.
    let path = settings.storage.lock_path();
    let file = std::fs::File::create(&path)
        .map_err(|error| Error::invalid("data", format!("{} cannot be written: {error}", path.display())))?;
    file.try_lock().map_err(|_| {
        Error::conflict(format!(
            "another muster serves {}; stop it first, or choose another data directory",
            settings.storage.database_url
        ))
    })?;
    Ok(file)
}

fn domain_settings(settings: &Settings, address: SocketAddr, models: &Models) -> Result<muster_domain::Settings> {
    let defaults = muster_domain::Settings::default();
    let providers: Vec<String> = models.list().into_iter().map(str::to_owned).collect();
    Ok(muster_domain::Settings {
        public_url: settings.public_url.clone().unwrap_or_else(|| format!("http://{address}")),
        session_ttl: settings.session_ttl,
        event_retention: settings.event_retention,
        lease: settings.lease,
        offline_after: settings.offline_after,
        links: settings.links.clone(),
        gateway: gateway(settings),
        sources: connectors::types(settings)?,
        model_providers: if providers.is_empty() { defaults.model_providers.clone() } else { providers },
        ..defaults
    })
}

/// The gateway's file: it lists agents of the first org.
fn gateway(settings: &Settings) -> Option<gateway::Binding> {
    let path = settings.gateway_config.as_ref()?;
    if !path.is_file() {
        tracing::warn!(path = %path.display(), "the gateway's file is not there yet");
    }
    let file = GatewayFile::new(path, std::env::home_dir());
    Some(gateway::Binding { org: settings.org.clone(), file: Arc::new(file) })
}

fn bootstrap(settings: &Settings) -> Bootstrap {
    Bootstrap {
        org: settings.org.clone(),
        username: settings.admin_user.clone(),
        password: settings.admin_password.clone(),
        api_key: settings.api_key.clone(),
    }
}

fn models(settings: &Settings) -> Result<Models> {
    let client = reqwest::Client::builder()
        .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(Duration::from_secs(60))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(Error::internal)?;
    let models = Models::new(settings.models.clone(), client);
    tracing::info!(models = ?models.list(), "model providers");
    Ok(models)
}

fn engine(app: &Arc<App>, settings: &Settings, models: Models) -> Result<Arc<Engine>> {
    Ok(Engine::new(
        app.clone(),
        models,
        Prices::with_overrides(&settings.prices),
        Tools::builtin()?,
        settings.engine.clone(),
    ))
}

/// Another process may have revoked a credential: what is remembered of them is dropped when access changes.
async fn forget_credentials(app: Arc<App>, shutdown: CancellationToken) {
    let mut changed = app.db.hub().listen("access", "");
    loop {
        tokio::select! {
            () = changed.wait() => app.credentials.forget(),
            () = shutdown.cancelled() => return,
        }
    }
}

/// Writes when agents were seen, looking every few seconds whose record has become old.
async fn write_signs_of_life(app: Arc<App>, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(presence::FLUSH_EVERY) => {}
            () = shutdown.cancelled() => return,
        }
        if let Err(error) = presence::flush(&app).await {
            tracing::warn!(error = ?error, "could not write when agents were seen last; trying again");
        }
    }
}

async fn wait_for_signal() {
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
