//! From a secret to a principal. Hot, so answers are kept for a few seconds and dropped when access changes.

use crate::access::{Credential, Principal, Role, store};
use crate::context::{App, Ctx, Request};
use crate::events::{self, NewEvent};
use muster_base::{Error, Kind, Millis, Result};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long another node may not notice that a credential was revoked; this node notices at once.
const KEPT: Duration = Duration::from_secs(5);
const REFUSALS_PER_MINUTE: u32 = 60;

/// Valid credentials that were looked up lately, and when keys were last used.
pub struct Credentials {
    known: moka::sync::Cache<[u8; 32], Arc<Principal>>,
    /// Counts how often all were forgotten: what was looked up before is not remembered after.
    forgotten: AtomicU64,
    used: Mutex<HashMap<String, Millis>>,
    refusals: Mutex<Refusals>,
}

/// How many refusals were written to the log in a minute, and how many were left out since the last that was.
#[derive(Default)]
struct Refusals {
    minute: i64,
    seen: u32,
    left_out: u64,
}

impl Default for Credentials {
    fn default() -> Self {
        let known = moka::sync::Cache::builder().max_capacity(20_000).time_to_live(KEPT).build();
        Self { known, forgotten: AtomicU64::new(0), used: Mutex::default(), refusals: Mutex::default() }
    }
}

impl Credentials {
    /// Forgets all, after a change of keys, users or sessions.
    pub fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        self.known.invalidate_all();
    }

    /// Takes the times at which keys were used since the last call.
    pub(crate) fn take_used(&self) -> Vec<(String, Millis)> {
        std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }

    fn note_used(&self, id: &str, now: Millis) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        match used.get_mut(id) {
            Some(at) => *at = now,
            None => drop(used.insert(id.to_owned(), now)),
        }
    }

    /// How many refusals were left out of the log lately, if one more may be written to it in this minute.
    fn admit_refusal(&self, now: Millis) -> Option<u64> {
        let minute = now.0 / 60_000;
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals.minute != minute {
            (refusals.minute, refusals.seen) = (minute, 0);
        }
        refusals.seen += 1;
        if refusals.seen > REFUSALS_PER_MINUTE {
            refusals.left_out += 1;
            return None;
        }
        Some(std::mem::take(&mut refusals.left_out))
    }

    /// Counts a refusal that is not written to the log; the next that is says how many there were.
    pub fn leave_out_refusal(&self) {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).left_out += 1;
    }
}

/// The hash that is stored in place of a secret with 256 bits.
pub(crate) fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The hash as it is stored.
pub(super) fn hex(digest: &[u8; 32]) -> String {
    data_encoding::HEXLOWER.encode(digest)
}

/// Who this API key, session token or agent token stands for.
///
/// Errors: `auth.invalid` when it is unknown or revoked, `auth.expired` when its time is over.
pub async fn identify(app: &Arc<App>, secret: &str) -> Result<Arc<Principal>> {
    let digest = digest(secret);
    let now = app.now();
    if let Some(principal) = app.credentials.known.get(&digest) {
        expired(&principal, now)?;
        app.credentials.note_used(&principal.id, now);
        return Ok(principal);
    }
    let hash = hex(&digest);
    let forgotten = app.credentials.forgotten.load(Ordering::SeqCst);
    let credential = if secret.starts_with("mcs_") {
        Credential::Session(hash.clone())
    } else if secret.starts_with("agt_") {
        Credential::Token(hash.clone())
    } else {
        Credential::Key(hash.clone())
    };
    let found = look_up(app, &credential).await?;
    let (stored, mut principal) = found.ok_or_else(invalid)?;
    if !bool::from(stored.as_bytes().ct_eq(hash.as_bytes())) {
        return Err(invalid());
    }
    expired(&principal, now)?;
    principal.credential = Some(credential);
    let principal = Arc::new(principal);
    app.credentials.note_used(&principal.id, now);
    if app.credentials.forgotten.load(Ordering::SeqCst) == forgotten {
        app.credentials.known.insert(digest, principal.clone());
    }
    Ok(principal)
}

async fn look_up(app: &App, credential: &Credential) -> Result<Option<(String, Principal)>> {
    match credential {
        Credential::Session(hash) => store::session_principal(&app.db, hash).await,
        Credential::Token(hash) => store::token_principal(&app.db, hash).await,
        Credential::Key(hash) => store::key_principal(&app.db, hash).await,
    }
}

/// Whether the credential of a principal that was identified earlier still holds: for what runs longer than a request.
///
/// When the database cannot be asked it counts as holding; the next look decides.
pub async fn still_holds(app: &App, principal: &Principal) -> bool {
    if principal.credential.is_none() {
        return true;
    }
    match current(app, principal).await {
        Ok(Some(now)) => now.role >= principal.role,
        Ok(None) => false,
        Err(_) => true,
    }
}

/// What the credential of a principal stands for by now; `None` when it was revoked, has expired, or never was one.
pub(crate) async fn current(app: &App, principal: &Principal) -> Result<Option<Principal>> {
    let Some(credential) = &principal.credential else { return Ok(None) };
    let found = look_up(app, credential).await?.map(|(_, now)| now);
    Ok(found.filter(|now| expired(now, app.now()).is_ok()))
}

/// The credential is none of ours.
pub(crate) fn invalid() -> Error {
    Error::new(Kind::Unauthorized, "auth.invalid", "the credential is not valid: it is unknown or was revoked")
}

fn expired(principal: &Principal, now: Millis) -> Result<()> {
    match principal.expires_at {
        Some(at) if at <= now => Err(Error::new(Kind::Unauthorized, "auth.expired", "the credential has expired")),
        _ => Ok(()),
    }
}

/// Writes a refused request to the event log of the caller's org, or of the first org when the caller is unknown.
///
/// Never fails and never waits for long; a flood is written down only in part, counted in the
/// metrics in full, and the first that is written after it says how many were left out.
pub async fn note_refusal(
    app: &Arc<App>,
    principal: Option<&Principal>,
    request: &Request,
    operation: &str,
    error: &Error,
) {
    metrics::counter!("muster_refusals_total", "code" => error.code()).increment(1);
    let Some(left_out) = app.credentials.admit_refusal(app.now()) else { return };
    let org = match principal {
        Some(principal) => Some(principal.org.clone()),
        None => store::first_org(&app.db).await.ok().flatten(),
    };
    let Some(org) = org else { return };
    let principal = principal.cloned().unwrap_or_else(|| Principal {
        role: Role::Viewer,
        id: "unknown".to_owned(),
        name: "unknown".to_owned(),
        ..Principal::system(&org)
    });
    let ctx = Ctx::new(app.clone(), Arc::new(principal), Request::default());
    let mut data = json!({"operation": operation, "code": error.code(), "requestId": request.id});
    if left_out > 0 {
        data["leftOut"] = json!(left_out);
    }
    let event = NewEvent::new("access.refused", operation, data);
    let for_tx = ctx.clone();
    let written = ctx.db.write(move |tx| Box::pin(async move { events::append(tx, &for_tx, vec![event]).await })).await;
    if let Err(error) = written {
        tracing::warn!(error = ?error, "could not write a refusal to the event log");
    }
}
