//! URLs as people type them.

use muster_base::{Error, Result};
use reqwest::Url;

/// The longest URL that is taken.
const LONGEST: usize = 2048;

/// Reads an http or https URL. The URL's own rules turn the many spellings of an address (`0x7f.1`, `2130706433`) into
/// the one that is checked.
///
/// Errors: `invalid` with `field`; the URL itself is not repeated, as it may hold a credential.
pub fn parse(field: &str, text: &str) -> Result<Url> {
    let refuse = |problem: &str| Err(Error::invalid(field, problem));
    if text.len() > LONGEST {
        return refuse("must be at most 2048 characters long");
    }
    let Ok(url) = Url::parse(text.trim()) else {
        return refuse("must be a URL such as https://example.com");
    };
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("must begin with https:// or http://");
    }
    if !url.has_host() {
        return refuse("must name a host, such as https://example.com");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("must not hold a user name or password; give them by the settings meant for them");
    }
    Ok(url)
}

/// Scheme, host and port: what a credential was meant for.
pub fn origin(url: &Url) -> (String, String, u16) {
    let host = url.host_str().unwrap_or_default().to_owned();
    (url.scheme().to_owned(), host, url.port_or_known_default().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_http_urls_without_credentials_are_taken() {
        for text in [
            "",
            "example.com",
            "ftp://example.com",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
            "https://me:secret@example.com",
            "https://me@example.com",
            "//example.com",
            "gopher://example.com",
        ] {
            let error = parse("url", text).expect_err(text);
            assert_eq!(error.field(), Some("url"), "{text}");
            assert!(!error.message().contains("secret"), "{error}");
        }
        assert!(parse("url", " https://example.com/a?b=c ").is_ok());
    }

    #[test]
    fn spellings_of_an_address_become_the_address() {
        for text in ["http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://①②⑦.0.0.1/"]
        {
            assert_eq!(parse("url", text).expect(text).host_str(), Some("127.0.0.1"), "{text}");
        }
    }
}
