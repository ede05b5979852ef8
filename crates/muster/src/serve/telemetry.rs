//! Logs to standard error, metrics for Prometheus, traces by OTLP when asked.

use crate::settings::Settings;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use muster_base::{Error, Result};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

/// What must be flushed at the end.
pub(super) struct Telemetry {
    metrics: PrometheusHandle,
    #[cfg(feature = "otlp")]
    traces: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

impl Telemetry {
    pub(super) fn metrics(&self) -> PrometheusHandle {
        self.metrics.clone()
    }

    /// Sends what is still on its way, for as long as may be.
    pub(super) fn stop(self, within: std::time::Duration) {
        #[cfg(feature = "otlp")]
        if let Some(traces) = self.traces {
            let _ = traces.shutdown_with_timeout(within);
        }
        #[cfg(not(feature = "otlp"))]
        let _ = within;
    }
}

/// Where the words of PostgreSQL servers go that are no answer. Those of a connector's server are its data.
const NOTICES: &str = "sqlx::postgres::notice";

/// What is logged: as the operator says, and no notices unless they are asked for by name.
fn filter(wanted: &str) -> Result<EnvFilter> {
    let wrong = |error| Error::invalid("log", error);
    let filter = EnvFilter::try_new(wanted).map_err(wrong)?;
    if wanted.contains(NOTICES) {
        return Ok(filter);
    }
    Ok(filter.add_directive(format!("{NOTICES}=off").parse().map_err(wrong)?))
}

/// Starts all three.
pub(super) fn start(settings: &Settings) -> Result<Telemetry> {
    let seconds =
        &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0];
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), seconds)
        .and_then(|builder| {
            builder.set_buckets_for_metric(
                Matcher::Suffix("_size".to_owned()),
                &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0],
            )
        })
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(Error::internal)?;
    let filter = filter(&settings.log)?;
    let text = fmt::layer().with_writer(std::io::stderr);
    let lines = if settings.log_json {
        text.json().flatten_event(true).boxed()
    } else {
        text.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).boxed()
    };
    // What is logged does not decide what is traced.
    let registry = tracing_subscriber::registry().with(lines.with_filter(filter));
    #[cfg(feature = "otlp")]
    {
        let traces = settings.otlp_endpoint.as_deref().map(otlp).transpose()?;
        let layer = traces.as_ref().map(|provider| {
            use opentelemetry::trace::TracerProvider;
            let level = tracing_subscriber::filter::LevelFilter::INFO;
            tracing_opentelemetry::layer().with_tracer(provider.tracer("muster")).with_filter(level)
        });
        registry.with(layer).try_init().map_err(Error::internal)?;
        Ok(Telemetry { metrics, traces })
    }
    #[cfg(not(feature = "otlp"))]
    {
        if settings.otlp_endpoint.is_some() {
            return Err(Error::invalid("otlp_endpoint", "this program was built without the feature otlp"));
        }
        registry.try_init().map_err(Error::internal)?;
        Ok(Telemetry { metrics })
    }
}

#[cfg(feature = "otlp")]
fn otlp(endpoint: &str) -> Result<opentelemetry_sdk::trace::SdkTracerProvider> {
    use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
    let url = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(url)
        .build()
        .map_err(|error| Error::invalid("otlp_endpoint", error))?;
    let resource = opentelemetry_sdk::Resource::builder().with_service_name("muster").build();
    Ok(opentelemetry_sdk::trace::SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a notice would be logged, and whether something else would.
    fn logged(wanted: &str) -> (bool, bool) {
        let filter = filter(wanted).expect("a filter");
        tracing::subscriber::with_default(tracing_subscriber::registry().with(filter), || {
            let notice = tracing::enabled!(target: "sqlx::postgres::notice", tracing::Level::INFO);
            (notice, tracing::enabled!(target: "sqlx::query", tracing::Level::INFO))
        })
    }

    #[test]
    fn what_a_database_server_remarks_is_logged_only_when_it_is_asked_for() {
        assert_eq!(logged("info"), (false, true));
        assert_eq!(logged("debug,muster=trace"), (false, true));
        assert_eq!(logged("sqlx=trace"), (false, true));
        assert_eq!(logged("warn,sqlx::postgres::notice=info"), (true, false));
    }
}
