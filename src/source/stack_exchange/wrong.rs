//! The errors of the API, in words for people.

use chrono::TimeDelta;

use super::answer::Wrapper;
use crate::model::text::cut;
use crate::source::LookError;

/// How long nothing is asked after an answer that is a page for people: that is what those get who are banned.
pub(super) const BAN: TimeDelta = TimeDelta::minutes(5);
/// The longest back-off that is believed, in seconds.
pub(super) const LONGEST_BACKOFF: i64 = 86_400;

/// What a refusal means; `site` is what was asked about.
pub(super) fn sentence(wrapper: &Wrapper, site: &str) -> LookError {
    let message = cut(&wrapper.error_message.replace('`', "'"), 200);
    let operator = "the operator can set it in `config.toml` under `[source.stackexchange]`";
    let what = match wrapper.error_id {
        Some(400) if wrapper.says("no site found") => {
            return LookError {
                what: format!("Stack Exchange has no site called `{site}`"),
                rest: None,
                gone: true,
            };
        }
        Some(400) => format!("Stack Exchange does not understand the question ({message})"),
        Some(401) => format!("Stack Exchange wants an access token for that; {operator}"),
        Some(402) => format!("Stack Exchange does not accept the access token; {operator}"),
        Some(403) => "Stack Exchange does not let us ask that".into(),
        Some(404) => "Stack Exchange no longer has such a method".into(),
        Some(405) => format!("Stack Exchange wants a key for that; {operator}"),
        Some(406) => format!("Stack Exchange has withdrawn the access token; {operator}"),
        Some(500) => "something is broken at Stack Exchange".into(),
        Some(503) => "Stack Exchange is being repaired".into(),
        _ => format!("Stack Exchange refused to answer ({message})"),
    };
    LookError {
        what,
        rest: None,
        gone: false,
    }
}

/// It answered, but not as an API does.
pub(super) fn garbled() -> LookError {
    LookError {
        what: "what Stack Exchange sent is damaged or was cut off".into(),
        rest: None,
        gone: false,
    }
}
