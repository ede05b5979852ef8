//! The secret box: secrets are sealed with XChaCha20-Poly1305 and bound to the place where they are kept, so that a
//! sealed text that is copied to another org, owner or field does not open.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use muster_base::{Error, Kind, Result, Secret};
use sha2::{Digest, Sha256};
use std::sync::{Arc, PoisonError, RwLock};
use zeroize::Zeroizing;

const NONCE: usize = 24;

/// The keys that seal and open: the first seals, all open.
#[derive(Clone)]
pub struct KeyRing {
    keys: Vec<(String, Secret<Vec<u8>>)>,
}

impl KeyRing {
    /// Reads keys separated by commas, white space or line ends: 32 bytes each in base64 or hexadecimal, newest first.
    pub fn parse(text: &str) -> Result<Self> {
        let keys = text
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|part| !part.is_empty())
            .map(parse_key)
            .collect::<Result<Vec<_>>>()?;
        if keys.is_empty() {
            return Err(Error::invalid("secret_key", "is empty; it takes 32 bytes in base64 or hexadecimal"));
        }
        Ok(Self { keys })
    }

    /// The text of a fresh key.
    pub fn generate() -> Secret<String> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        getrandom::fill(bytes.as_mut_slice()).expect("the operating system has randomness");
        Secret::new(BASE64.encode(bytes.as_slice()))
    }

    /// The id of the key that seals: says nothing about the key.
    pub fn current_id(&self) -> &str {
        &self.keys[0].0
    }
}

fn parse_key(text: &str) -> Result<(String, Secret<Vec<u8>>)> {
    let wrong = || Error::invalid("secret_key", "must be 32 bytes in base64 or hexadecimal");
    let bytes = if text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        (0..64)
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16))
            .collect::<Result<Vec<u8>, _>>()
            .map_err(|_| wrong())?
    } else {
        BASE64.decode(text.trim_end_matches('=')).map_err(|_| wrong())?
    };
    if bytes.len() != 32 {
        return Err(wrong());
    }
    let digest = Sha256::digest([b"muster key id".as_slice(), &bytes].concat());
    let id = format!("{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3]);
    Ok((id, Secret::new(bytes)))
}

/// Seals and opens secrets. Cheap to clone; all clones follow a rotation.
#[derive(Clone)]
pub struct SecretBox {
    ring: Arc<RwLock<KeyRing>>,
    newer: Option<Newer>,
}

/// Gives the keys anew when they have changed since the last call.
type Newer = Arc<dyn Fn() -> Option<KeyRing> + Send + Sync>;

impl SecretBox {
    /// A box with these keys.
    pub fn new(ring: KeyRing) -> Self {
        Self { ring: Arc::new(RwLock::new(ring)), newer: None }
    }

    /// A box that asks before each use whether there are newer keys, so that a rotation needs no restart.
    ///
    /// `newer` must be quick: it is asked on every seal and open.
    pub fn following(ring: KeyRing, newer: impl Fn() -> Option<KeyRing> + Send + Sync + 'static) -> Self {
        Self { ring: Arc::new(RwLock::new(ring)), newer: Some(Arc::new(newer)) }
    }

    fn look_for_newer(&self) {
        if let Some(ring) = self.newer.as_ref().and_then(|newer| newer()) {
            self.replace(ring);
        }
    }

    /// Replaces the keys, after a rotation.
    pub fn replace(&self, ring: KeyRing) {
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
    }

    /// Seals `plain` for one place; `place` is e.g. `[org, owner, field]`.
    pub fn seal(&self, place: &[&str], plain: &str) -> Result<String> {
        self.look_for_newer();
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let (id, key) = &ring.keys[0];
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| Error::internal("no randomness"))?;
        let payload = Payload { msg: plain.as_bytes(), aad: &bound_to(place) };
        let sealed = cipher(key)?
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::internal("could not seal a secret"))?;
        Ok(format!("v1:{id}:{}", BASE64.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// Opens what was sealed for the same place.
    pub fn open(&self, place: &[&str], sealed: &str) -> Result<Secret<String>> {
        self.look_for_newer();
        let mut parts = sealed.splitn(3, ':');
        let (Some("v1"), Some(id), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Error::internal("a sealed secret is not in a form that this version reads"));
        };
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let key = ring.keys.iter().find(|(known, _)| known == id).map(|(_, key)| key).ok_or_else(|| {
            Error::new(
                Kind::Internal,
                "secrets.wrong_key",
                format!("a secret was sealed with key {id}, which is not in the key ring"),
            )
        })?;
        let bytes = BASE64.decode(body).map_err(Error::internal)?;
        let nonce: [u8; NONCE] = bytes
            .get(..NONCE)
            .and_then(|n| n.try_into().ok())
            .ok_or_else(|| Error::internal("a sealed secret is cut short"))?;
        let payload = Payload { msg: &bytes[NONCE..], aad: &bound_to(place) };
        let plain = cipher(key)?
            .decrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::new(Kind::Internal, "secrets.wrong_key", "a secret does not open with this key"))?;
        String::from_utf8(plain).map(Secret::new).map_err(Error::internal)
    }

    /// The id of the key that seals now.
    pub fn current_id(&self) -> String {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).current_id().to_owned()
    }
}

fn cipher(key: &Secret<Vec<u8>>) -> Result<XChaCha20Poly1305> {
    XChaCha20Poly1305::new_from_slice(key.expose()).map_err(|_| Error::internal("a key has 32 bytes"))
}

/// The parts with their lengths in front, so that no two places give the same bytes.
fn bound_to(place: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in place {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part.as_bytes());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret_box() -> SecretBox {
        SecretBox::new(KeyRing::parse(KeyRing::generate().expose()).expect("own key"))
    }

    #[test]
    fn a_secret_opens_in_its_own_place_only() {
        let secrets = secret_box();
        let sealed = secrets.seal(&["org", "agent", "token"], "hush").expect("seals");
        assert!(!sealed.contains("hush"));
        assert_eq!(secrets.open(&["org", "agent", "token"], &sealed).expect("opens").expose(), "hush");
        assert!(secrets.open(&["orga", "gent", "token"], &sealed).is_err());
    }

    #[test]
    fn an_old_key_still_opens_after_a_new_one_was_put_in_front() {
        let (old, new) = (KeyRing::generate(), KeyRing::generate());
        let secrets = SecretBox::new(KeyRing::parse(old.expose()).expect("key"));
        let sealed = secrets.seal(&["x"], "hush").expect("seals");
        secrets.replace(KeyRing::parse(&format!("{}\n{}", new.expose(), old.expose())).expect("keys"));
        assert_eq!(secrets.open(&["x"], &sealed).expect("opens").expose(), "hush");
        secrets.replace(KeyRing::parse(new.expose()).expect("key"));
        assert_eq!(secrets.open(&["x"], &sealed).expect_err("key is gone").code(), "secrets.wrong_key");
    }
}
