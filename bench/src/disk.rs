//! How long the disk takes to keep something: what no commit can be faster than.

use crate::Outcome;
use crate::load::{median, percentile};
use std::io::{Seek as _, Write as _};
use std::path::Path;
use std::time::Instant;

/// Milliseconds of a synced write of 4 KiB over what is there: p50 and p99 of `count`.
pub(crate) fn sync(folder: &Path, count: usize) -> Outcome<(f64, f64)> {
    let mut file = std::fs::File::create(folder.join("sync"))?;
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let begun = Instant::now();
        file.rewind()?;
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok((median(&mut times), percentile(&mut times, 0.99)))
}
