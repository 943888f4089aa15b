//! How long to wait before something that failed is tried again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// The first pause, and the longest.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// A second, doubled after each failure, and less by up to a half, so that not everybody comes back at once. What
/// differs between programs and times goes into `salt`.
pub(super) fn pause(failures: u32, salt: &impl Hash) -> Duration {
    let whole = FIRST.saturating_mul(1 << failures.min(16)).min(LONGEST);
    let mut hasher = DefaultHasher::new();
    salt.hash(&mut hasher);
    let less = (hasher.finish() % 1000) as u32;
    whole - whole / 2000 * less
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_differ() {
        for salt in 0..100 {
            for failures in 0..40 {
                let most = Duration::from_secs(1 << failures.min(6)).min(LONGEST);
                let pause = pause(failures, &salt);
                assert!(pause <= most && pause >= most / 2, "{failures}: {pause:?}");
            }
        }
        assert_ne!(pause(5, &1), pause(5, &2));
    }
}
