//! The one HTTP client for user-supplied URLs.

use crate::call::Call;
use crate::errors::{FAILED, from_transport};
use crate::guard::Guard;
use crate::redirect;
use crate::response::Response;
use muster_base::{Error, Kind, Result, Secret};
use reqwest::{Certificate, Client, Identity};
use std::time::{Duration, Instant};

/// How long connecting may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// Sends calls, and connects only where the guard lets it. Cheap to clone; clones share connections.
#[derive(Debug, Clone)]
pub struct Outbound {
    guard: Guard,
    client: Client,
}

/// Whom a client trusts and as whom it speaks beyond what the system says.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// Certificates in PEM that sign the other side's; they are trusted besides the system's.
    pub authorities: Option<String>,
    /// A certificate and its private key in PEM, for servers that want one.
    pub identity: Option<Secret<String>>,
}

impl Outbound {
    /// A client with the system's certificates.
    pub fn new(guard: Guard) -> Result<Self> {
        Self::build(guard, &Trust::default())
    }

    /// Another client with the same guard and `trust`.
    ///
    /// Errors: `invalid` without a field when a certificate cannot be read.
    pub fn trusting(&self, trust: &Trust) -> Result<Self> {
        Self::build(self.guard.clone(), trust)
    }

    /// What decides where it may connect to; for protocols other than HTTP.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Sends a call and waits for status and headers of the answer. The time limit also holds for its body.
    ///
    /// Errors: `invalid` without a field when the address is refused; `upstream` with [`FAILED`] or
    /// [`TIMEOUT`](crate::TIMEOUT). Any status is an answer, also a redirect that is not to be followed.
    pub async fn send(&self, call: Call) -> Result<Response> {
        let end = Instant::now() + call.within;
        let follows = call.redirects > 0;
        let mut left = call.redirects;
        let mut call = call;
        loop {
            let response = self.once(&call, end.saturating_duration_since(Instant::now())).await?;
            let next = if follows { redirect::next(&call, response.status(), response.headers())? } else { None };
            let Some(next) = next else { return Ok(Response::new(response)) };
            if left == 0 {
                return Err(Error::new(Kind::Upstream, FAILED, format!("`{}` redirects too often", call.host())));
            }
            left -= 1;
            call = next;
        }
    }

    async fn once(&self, call: &Call, within: Duration) -> Result<reqwest::Response> {
        let host = call.host();
        self.guard.check_literal(&host)?;
        let mut request = self.client.request(call.method.clone(), call.url.clone());
        request = request.headers(call.headers.clone()).timeout(within);
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        request.send().await.map_err(|error| from_transport(&host, &error))
    }

    fn build(guard: Guard, trust: &Trust) -> Result<Self> {
        let mut builder = Client::builder()
            .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_WITHIN)
            .pool_idle_timeout(Duration::from_secs(60))
            .pool_max_idle_per_host(8)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            // A proxy would do the connecting, where the guard sees nothing of it.
            .no_proxy()
            .dns_resolver(guard.clone());
        if let Some(pem) = &trust.authorities {
            let certificates = Certificate::from_pem_bundle(pem.as_bytes()).map_err(|_| unreadable("certificate"))?;
            if certificates.is_empty() {
                return Err(unreadable("certificate"));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        if let Some(pem) = &trust.identity {
            let identity = Identity::from_pem(pem.expose().as_bytes())
                .map_err(|_| unreadable("client certificate with its private key"))?;
            builder = builder.identity(identity);
        }
        let client = builder.build().map_err(Error::internal)?;
        Ok(Self { guard, client })
    }
}

fn unreadable(what: &str) -> Error {
    Error::invalid("", format!("must be a {what} in PEM, beginning with -----BEGIN"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use crate::{TIMEOUT, parse_url};
    use reqwest::Method;
    use std::sync::Arc;
    use wiremock::matchers::{method, path};
    use wiremock::{Mock, MockServer, ResponseTemplate};

    fn outbound(setting: &str) -> Outbound {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Outbound::new(Guard::new(Policy::parse(setting).expect("a setting"))).expect("a client")
    }

    fn get(url: &str) -> Call {
        Call::get(parse_url("url", url).expect("a URL"))
    }

    async fn server(answer: ResponseTemplate) -> MockServer {
        let server = MockServer::start().await;
        Mock::given(method("GET")).and(path("/")).respond_with(answer).mount(&server).await;
        Mock::given(path("/there"))
            .respond_with(ResponseTemplate::new(200).set_body_string("there"))
            .mount(&server)
            .await;
        server
    }

    #[tokio::test]
    async fn private_addresses_are_refused_in_every_spelling_and_by_name() {
        let server = server(ResponseTemplate::new(200)).await;
        let port = server.address().port();
        let refusing = outbound("off");
        for host in [
            "127.0.0.1",
            "localhost",
            "LOCALHOST",
            "2130706433",
            "0x7f.0.0.1",
            "0177.1",
            "[::1]",
            "[::ffff:7f00:1]",
            "0",
        ] {
            let error = refusing.send(get(&format!("http://{host}:{port}/"))).await.expect_err(host);
            assert_eq!(error.kind(), Kind::Invalid, "{host}: {error}");
            assert!(error.message().contains("MUSTER_ALLOW_PRIVATE_URLS"), "{host}: {error}");
        }
        assert!(server.received_requests().await.expect("kept").is_empty());
        assert_eq!(outbound("127.0.0.1").send(get(&server.uri())).await.expect("allowed").status(), 200);
    }

    #[tokio::test]
    async fn the_address_that_is_connected_to_is_the_one_that_was_checked() {
        let server = server(ResponseTemplate::new(200)).await;
        let names: crate::Lookup = Arc::new(|_| Box::pin(async { Ok(vec!["127.0.0.1".parse().expect("an address")]) }));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let rebound = Outbound::new(Guard::with_lookup(Policy::Public, names)).expect("a client");
        let url = format!("http://harmless.example.com:{}/", server.address().port());
        assert_eq!(rebound.send(get(&url)).await.expect_err("refused").kind(), Kind::Invalid);
        assert!(server.received_requests().await.expect("kept").is_empty());
    }

    #[tokio::test]
    async fn a_redirect_to_a_private_address_is_refused_and_none_is_followed_unasked() {
        let server = MockServer::start().await;
        let port = server.address().port();
        for (from, to) in
            [("/literal", format!("http://127.0.0.2:{port}/")), ("/name", format!("http://localhost:{port}/"))]
        {
            let answer = ResponseTemplate::new(302).insert_header("location", to);
            Mock::given(path(from)).respond_with(answer).mount(&server).await;
        }
        let outbound = outbound("127.0.0.1");
        for from in ["/literal", "/name"] {
            let url = format!("{}{from}", server.uri());
            assert_eq!(outbound.send(get(&url)).await.expect("an answer").status(), 302);
            // `localhost` leads to 127.0.0.1 and ::1, of which only one is allowed.
            let followed = outbound.send(get(&url).follow(3)).await;
            if from == "/literal" {
                assert_eq!(followed.expect_err("refused").kind(), Kind::Invalid);
            }
        }
    }

    #[tokio::test]
    async fn redirects_are_followed_within_bounds() {
        let server = server(ResponseTemplate::new(302).insert_header("location", "/there")).await;
        let outbound = outbound("on");
        let body = outbound.send(get(&server.uri()).follow(1)).await.expect("followed").read(100).await.expect("read");
        assert_eq!(&body.bytes[..], b"there");
        let circle = self::server(ResponseTemplate::new(302).insert_header("location", "/")).await;
        let error = outbound.send(get(&circle.uri()).follow(3)).await.expect_err("a circle");
        assert!(error.message().contains("too often"), "{error}");
        assert_eq!(circle.received_requests().await.expect("kept").len(), 4);
    }

    #[tokio::test]
    async fn bodies_are_read_up_to_a_limit() {
        let server = server(ResponseTemplate::new(200).set_body_string("x".repeat(100_000))).await;
        let outbound = outbound("on");
        let body = outbound.send(get(&server.uri())).await.expect("an answer").read(1000).await.expect("a beginning");
        assert_eq!((body.bytes.len(), body.truncated), (1000, true));
        let error =
            outbound.send(get(&server.uri())).await.expect("an answer").whole(1000).await.expect_err("too long");
        assert_eq!(error.kind(), Kind::TooLarge);
        let body = outbound.send(get(&server.uri())).await.expect("an answer").read(100_000).await.expect("all");
        assert!(!body.truncated);
    }

    #[tokio::test]
    async fn slow_and_missing_servers_are_told_apart_without_the_url() {
        let server = server(ResponseTemplate::new(200).set_delay(Duration::from_secs(60))).await;
        let outbound = outbound("on");
        let url = format!("{}/?key=secret", server.uri());
        let slow = outbound.send(get(&url).within(Duration::from_millis(50))).await.expect_err("slow");
        assert_eq!((slow.kind(), slow.code()), (Kind::Upstream, TIMEOUT));
        let closed = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
        let gone = outbound.send(get(&format!("http://{closed}/?key=secret"))).await.expect_err("nobody there");
        assert_eq!((gone.kind(), gone.code()), (Kind::Upstream, FAILED));
        for error in [slow, gone] {
            assert!(!error.message().contains("secret"), "{error}");
        }
    }

    #[tokio::test]
    async fn what_is_no_certificate_is_refused() {
        let outbound = outbound("off");
        let trust = Trust { authorities: Some("no certificate".to_owned()), identity: None };
        assert_eq!(outbound.trusting(&trust).expect_err("refused").kind(), Kind::Invalid);
        let trust = Trust { authorities: None, identity: Some("no certificate".to_owned().into()) };
        assert_eq!(outbound.trusting(&trust).expect_err("refused").kind(), Kind::Invalid);
    }

    #[test]
    fn a_secret_header_is_not_shown() {
        let call = Call::new(Method::GET, parse_url("url", "https://example.com").expect("a URL"));
        let call = call.secret_header("Authorization", "Bearer secret").expect("a header");
        assert!(!format!("{call:?}").contains("Bearer secret"));
        let error = call.header("x", "a\nb: secret").expect_err("refused");
        assert!(!error.message().contains("secret"), "{error}");
    }
}
