//! The errors of the API, in words for people.

use std::time::Duration;

use chrono::TimeDelta;

use super::answer::Wrapper;
use crate::model::text::cut;
use crate::source::{Extent, LookError};

/// How long nothing is asked after an answer that is a page for people: that is what those get who are banned.
pub(super) const BAN: TimeDelta = TimeDelta::minutes(5);
/// The longest back-off that is believed, in seconds.
pub(super) const LONGEST_BACKOFF: i64 = 86_400;

/// A rest of which people are told.
const LONG: Duration = Duration::from_secs(2 * 3600);

/// What a refusal means; `site` is what was asked about.
pub(super) fn sentence(wrapper: &Wrapper, site: &str) -> LookError {
    let message = cut(&wrapper.error_message.replace('`', "'"), 200);
    let operator = "the operator can set it in `config.toml` under `[source.stackexchange]`";
    // The others are about what was asked.
    let extent = match wrapper.error_id {
        Some(401 | 402 | 405 | 406 | 500 | 503) => Extent::Line,
        _ => Extent::Source,
    };
    let what = match wrapper.error_id {
        Some(400) if wrapper.says("no site found") => {
            return LookError {
                what: format!("Stack Exchange has no site called `{site}`"),
                gone: true,
                ..LookError::default()
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
        extent,
        ..LookError::default()
    }
}

/// It must not be asked for so long. A long time is worth telling.
pub(super) fn not_yet(rest: Duration) -> LookError {
    LookError {
        what: "Stack Exchange wants to be left alone".into(),
        rest: Some(rest),
        gone: false,
        waits: rest < LONG,
        extent: Extent::Line,
    }
}

/// It has put everything off for long.
pub(super) fn busy(rest: Duration) -> LookError {
    LookError {
        what: "Stack Exchange puts everything off".into(),
        rest: Some(rest),
        extent: Extent::Line,
        ..LookError::default()
    }
}

/// It says that there is more and more, and gives nothing new.
pub(super) fn too_much() -> LookError {
    LookError {
        what: "Stack Exchange gives the same again and again".into(),
        ..LookError::default()
    }
}

/// Something that stands before the API answered with a page for people, because the API itself does not work.
pub(super) fn unreachable(status: u16) -> LookError {
    LookError {
        what: format!("Stack Exchange cannot be reached properly (it answered {status})"),
        extent: Extent::Line,
        ..LookError::default()
    }
}

/// It answered, but not as an API does.
pub(super) fn garbled() -> LookError {
    LookError {
        what: "what Stack Exchange sent is damaged or was cut off".into(),
        extent: Extent::Line,
        ..LookError::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_api_is_a_sentence() {
        for (id, said) in [
            (400, "does not understand the question (bad thing)"),
            (401, "wants an access token"),
            (402, "does not accept the access token"),
            (403, "does not let us ask that"),
            (404, "no longer has such a method"),
            (405, "wants a key"),
            (406, "has withdrawn the access token"),
            (407, "refused to answer (bad thing)"),
            (409, "refused to answer (bad thing)"),
            (500, "something is broken at Stack Exchange"),
            (503, "is being repaired"),
            (-1, "refused to answer (bad thing)"),
        ] {
            let wrapper = Wrapper {
                error_id: Some(id),
                error_message: "bad thing".into(),
                ..Wrapper::default()
            };
            let error = sentence(&wrapper, "beer");
            assert!(error.what.contains(said), "{id}: {}", error.what);
            assert!(!error.what.ends_with('.') && !error.gone, "{id}");
        }
        let wrapper = Wrapper {
            error_id: Some(400),
            error_message: "No site found for name `beeer`".into(),
            ..Wrapper::default()
        };
        assert!(sentence(&wrapper, "beeer").gone);
    }

    #[test]
    fn a_long_rest_is_told() {
        assert!(not_yet(Duration::from_secs(60)).waits);
        let error = not_yet(Duration::from_secs(8 * 3600));
        assert_eq!(error.what, "Stack Exchange wants to be left alone");
        assert!(!error.waits);
    }
}
