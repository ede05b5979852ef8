//! The databases that the program is tested on.

use muster_store::testing::{create_postgres, drop_postgres};

/// Which database the program runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file in the data directory.
    Sqlite,
    /// A fresh database on the test server, see `scripts/with-postgres`.
    Postgres,
}

/// A database that goes away when it is dropped.
#[derive(Debug)]
pub struct Database {
    postgres: Option<Created>,
}

#[derive(Debug)]
struct Created {
    url: String,
    admin: String,
    name: String,
}

impl Database {
    /// An empty database.
    pub async fn create(backend: Backend) -> Self {
        if backend == Backend::Sqlite {
            return Self { postgres: None };
        }
        let (url, admin, name) = create_postgres().await;
        Self { postgres: Some(Created { url, admin, name }) }
    }

    /// Its URL; `None` is the file that the program makes in its data directory.
    pub fn url(&self) -> Option<&str> {
        self.postgres.as_ref().map(|created| created.url.as_str())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(created) = self.postgres.take() else { return };
        // The test's runtime may be about to end, so the clean-up has its own.
        let cleanup = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(drop_postgres(&created.admin, &created.name));
        });
        let _ = cleanup.join();
    }
}
