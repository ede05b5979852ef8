//! Names for agents that name themselves: one that is taken gets a number.

use super::store;
use muster_base::Result;
use muster_store::Tx;

/// The most characters of a name.
const LONGEST: usize = 100;

/// `wanted` if no agent of the org has it, else with a number at its end; cut to what a name may have.
///
/// Whoever takes the name must be ready for another who was quicker. A few looks find a number however many are taken.
pub(crate) async fn free_name(tx: &mut Tx, org: &str, wanted: &str) -> Result<String> {
    if !is_taken(tx, org, &numbered(wanted, 1)).await? {
        return Ok(numbered(wanted, 1));
    }
    // The numbers are mostly taken from below: doubling finds one that is free, halving the first beside a taken one.
    let (mut taken, mut free) = (1_u64, 2_u64);
    while is_taken(tx, org, &numbered(wanted, free)).await? {
        (taken, free) = (free, free * 2);
    }
    while free - taken > 1 {
        let middle = taken.midpoint(free);
        if is_taken(tx, org, &numbered(wanted, middle)).await? {
            taken = middle;
        } else {
            free = middle;
        }
    }
    Ok(numbered(wanted, free))
}

async fn is_taken(tx: &mut Tx, org: &str, name: &str) -> Result<bool> {
    store::has_name(tx, org, name).await
}

/// The name with this number; the first has none.
fn numbered(name: &str, number: u64) -> String {
    let end = if number == 1 { String::new() } else { format!("-{number}") };
    let kept: String = name.trim().chars().take(LONGEST - end.len()).collect();
    kept.trim_end().to_owned() + &end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_name_is_no_longer_than_names_may_be() {
        assert_eq!(numbered(" worker ", 1), "worker");
        assert_eq!(numbered("worker", 12), "worker-12");
        let long = "x".repeat(150);
        assert_eq!(numbered(&long, 1).len(), LONGEST);
        assert!(numbered(&long, 12).ends_with("x-12"));
        assert_eq!(numbered(&long, 12).len(), LONGEST);
    }
}
