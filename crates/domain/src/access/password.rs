//! Passwords: argon2id, always off the async threads, and never more than a few at once.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use muster_base::{Error, Result, Secret};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Each hash takes 19 MiB and some 20 ms; more at once would only make all of them slow.
static AT_ONCE: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(4));

/// The fewest characters of a password.
const SHORTEST: usize = 10;
/// The most bytes of a password.
const LONGEST: usize = 1024;

/// Refuses passwords that are too short to keep, or too long to hash.
pub(super) fn check(password: &str, field: &str) -> Result<()> {
    if password.chars().count() < SHORTEST || password.len() > LONGEST {
        return Err(Error::invalid(field, format!("must have {SHORTEST} to {LONGEST} characters")));
    }
    Ok(())
}

/// Hashes a password with a fresh salt.
pub(super) async fn hash(password: Secret<String>) -> Result<String> {
    let _place = AT_ONCE.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || {
        let hash = Argon2::default()
            .hash_password(password.expose().as_bytes())
            .map_err(|error| Error::internal(error.to_string()))?;
        Ok(hash.to_string())
    })
    .await
    .map_err(Error::internal)?
}

/// Whether the password fits the hash. With no hash it works as long and says no, so that time tells nothing.
pub(super) async fn verify(password: Secret<String>, hash: Option<String>) -> Result<bool> {
    let _place = AT_ONCE.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || {
        let Some(hash) = hash else {
            let _ = Argon2::default().hash_password(password.expose().as_bytes());
            return Ok(false);
        };
        let parsed = PasswordHash::new(&hash).map_err(|error| Error::internal(error.to_string()))?;
        Ok(Argon2::default().verify_password(password.expose().as_bytes(), &parsed).is_ok())
    })
    .await
    .map_err(Error::internal)?
}
