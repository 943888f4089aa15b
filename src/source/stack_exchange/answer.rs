//! What the API answers: the wrapper around everything.

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::Value;

/// An answer without its wrapper.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub items: Vec<Value>,
    pub has_more: bool,
}

/// The wrapper; what is missing is as nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wrapper {
    pub items: Vec<Value>,
    pub has_more: bool,
    /// Seconds for which this method must not be asked.
    pub backoff: Option<i64>,
    pub quota_max: Option<i64>,
    pub quota_remaining: Option<i64>,
    pub error_id: Option<i64>,
    pub error_name: String,
    pub error_message: String,
}

/// How long nothing is asked after a violation that does not say for how long.
const THROTTLED: i64 = 60;

impl Wrapper {
    /// Whether its refusal is about this.
    pub fn says(&self, word: &str) -> bool {
        self.error_id == Some(400) && self.error_message.to_lowercase().contains(word)
    }

    /// How long nothing may be asked, if it says that too much was asked; a day at most.
    pub fn throttled(&self) -> Option<TimeDelta> {
        if self.error_id != Some(502) {
            return None;
        }
        let numbers = self.error_message.split(|c: char| !c.is_ascii_digit());
        let seconds = numbers
            .filter_map(|word| word.parse::<i64>().ok())
            .next_back();
        // Exactly as long is refused now and then.
        Some(TimeDelta::seconds(
            seconds.unwrap_or(THROTTLED).clamp(1, 86_400) + 1,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_says_for_how_long() {
        let throttled = |message: &str| {
            let wrapper = Wrapper {
                error_id: Some(502),
                error_message: message.into(),
                ..Wrapper::default()
            };
            wrapper.throttled().map(|rest| rest.num_seconds())
        };
        assert_eq!(
            throttled("too many requests from this IP, more requests available in 37 seconds"),
            Some(38)
        );
        assert_eq!(throttled("Violation of backoff parameter"), Some(61));
        assert_eq!(
            throttled("in 99999999999999999999 or 9999999 seconds"),
            Some(86_401)
        );
        assert_eq!(Wrapper::default().throttled(), None);
    }
}
