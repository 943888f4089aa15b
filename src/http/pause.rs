//! How long to wait before something that failed is tried again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// The first pause.
const FIRST: Duration = Duration::from_secs(1);

/// A second, doubled after each failure in a row up to the longest, and less by up to a half, so that not everybody comes
/// back at once. What differs between programs and times goes into `salt`.
pub fn pause(failures: u32, longest: Duration, salt: &impl Hash) -> Duration {
    let whole = FIRST.saturating_mul(1 << failures.min(16)).min(longest);
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
        for longest in [60, 300].map(Duration::from_secs) {
            for salt in 0..100 {
                for failures in 0..40 {
                    let most = Duration::from_secs(1 << failures.min(9)).min(longest);
                    let pause = pause(failures, longest, &salt);
                    assert!(pause <= most && pause >= most / 2, "{failures}: {pause:?}");
                }
            }
            assert_ne!(pause(5, longest, &1), pause(5, longest, &2));
        }
    }
}
