//! What a message is called in its channel: the time at which it was said.

use chrono::{DateTime, TimeDelta, Utc};

/// When a message was said, by its name.
pub(super) fn time(ts: &str) -> Option<DateTime<Utc>> {
    let (seconds, micros) = ts.split_once('.')?;
    let micros: i64 = micros.parse().ok()?;
    let seconds: i64 = seconds.parse().ok()?;
    DateTime::from_timestamp_micros(seconds.checked_mul(1_000_000)?.checked_add(micros)?)
}

/// The name that a message of this time would have.
pub(super) fn of(at: DateTime<Utc>) -> String {
    let micros = at.timestamp_micros().max(0);
    format!("{:010}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// The name of a message right before this one.
pub(super) fn before(ts: &str) -> String {
    let before = time(ts).map(|at| at - TimeDelta::microseconds(1));
    before.map_or_else(String::new, of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_times() {
        let ts = "1732000000.000100";
        let at = time(ts).unwrap();
        assert_eq!(at.timestamp_micros(), 1_732_000_000_000_100);
        assert_eq!(of(at), ts);
        assert_eq!(before("1732000000.000000"), "1731999999.999999");
        assert_eq!(
            time("9999999999.999999").map(of).as_deref(),
            Some("9999999999.999999")
        );
        assert_eq!(time("now"), None);
    }
}
