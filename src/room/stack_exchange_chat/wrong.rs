//! Why the chat did not do something, read from what it answers.

use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

use crate::http::{HttpError, Reply};
use crate::model::text;

/// The longest sentence of the chat that is kept, in characters.
const SENTENCE: usize = 200;
/// The longest rest that the chat is believed to want, and the longest that a room or an account is closed without being
/// asked again.
const LONGEST: Duration = Duration::from_secs(3600);
const BELIEVED: Duration = Duration::from_secs(24 * 3600);
/// How long a frozen room is left alone: somebody may thaw it.
const FROZEN: Duration = Duration::from_secs(3600);
/// How long an account is taken for blocked when only a date says until when.
const BLOCKED: Duration = Duration::from_secs(3600);

/// Why the chat did not do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// The chat was not reached: it has done nothing.
    Unreached {
        what: String,
    },
    /// No whole answer came: it may have been done, or not.
    Unsure {
        what: String,
    },
    /// Something is broken there (500 and above): it may have been done, or not.
    Broken {
        status: u16,
    },
    /// Too many messages and edits; how long to wait, where it says so.
    Throttled {
        rest: Option<Duration>,
    },
    /// The room is in time-out or frozen, or the account is blocked.
    Closed {
        what: String,
        rest: Duration,
    },
    /// This account may not write there.
    Barred {
        what: String,
    },
    /// There is no such room, message or page, or not for this account.
    Missing,
    TooLong,
    /// A person must show that they are one: a captcha or a guard before the host.
    Human,
    /// The account is not logged in, which is being mended.
    LoggedOut,
    /// Nobody knows what that answer means.
    Refused {
        status: u16,
        said: String,
    },
}

static AGAIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"You can perform this action again in (\d+) seconds?").expect("a test uses it")
});
static ENDING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"ending in (\d+) (second|minute|hour|day)s?").expect("a test uses it")
});

impl Wrong {
    /// What is wrong with an answer; none where it is one. Many refusals of edits, deletions and stars have the status
    /// 200 and are answers here.
    pub fn of(reply: &Reply) -> Option<Wrong> {
        let body = reply.text();
        match reply.status {
            200..=299 => None,
            // It points to its page of errors, or to the log-in.
            300..=399 => Some(match reply.header("location") {
                Some(to) if to.contains("/users/login") => Wrong::LoggedOut,
                Some(_) | None => Wrong::Missing,
            }),
            409 => Some(Wrong::Throttled { rest: again(&body) }),
            408 | 429 => {
                let rest = reply
                    .header("retry-after")
                    .and_then(|rest| rest.parse().ok());
                let rest = rest.map(|rest| Duration::from_secs(rest).min(LONGEST));
                Some(Wrong::Throttled { rest })
            }
            403 | 503 if guarded(reply, &body) => Some(Wrong::Human),
            status => Some(Wrong::said(status, &body)),
        }
    }

    fn said(status: u16, body: &str) -> Wrong {
        let said = || sentence(body);
        if body.contains("message is too long") {
            return Wrong::TooLong;
        }
        if body.contains("Your account is blocked") || body.contains("room is in timeout") {
            return Wrong::Closed {
                what: said(),
                rest: ending(body).unwrap_or(BLOCKED),
            };
        }
        if body.contains("has been frozen") {
            return Wrong::Closed {
                what: said(),
                rest: FROZEN,
            };
        }
        let barred = [
            "or you do not have permission",
            "You do not have permission",
            "You cannot write",
        ];
        if barred.iter().any(|words| body.contains(words)) || body.starts_with("You need ") {
            return Wrong::Barred { what: said() };
        }
        let html = body.trim_start().starts_with('<');
        match status {
            404 if html || body.contains("Page not found") => Wrong::Missing,
            500.. => Wrong::Broken { status },
            _ if !html && is_human(body) => Wrong::Human,
            _ => Wrong::Refused {
                status,
                said: if html { String::new() } else { said() },
            },
        }
    }

    /// Plain words that stand after "because".
    pub fn words(&self) -> String {
        match self {
            Wrong::Unreached { what } | Wrong::Unsure { what } => what.clone(),
            Wrong::Broken { status } => format!("the chat answered {status}: it is in trouble"),
            Wrong::Throttled { .. } => "the chat wants fewer messages".into(),
            Wrong::Closed { what, .. } | Wrong::Barred { what } => {
                format!("the chat says “{what}”")
            }
            Wrong::Missing => "the chat knows no such thing".into(),
            Wrong::TooLong => "the message is too long for the chat".into(),
            Wrong::Human => "the chat wants to see that a person is there".into(),
            Wrong::LoggedOut => "the account is not logged in".into(),
            Wrong::Refused { status, said } if said.is_empty() => {
                format!("the chat answered {status}")
            }
            Wrong::Refused { said, .. } => format!("the chat says “{said}”"),
        }
    }
}

impl From<HttpError> for Wrong {
    fn from(error: HttpError) -> Wrong {
        let what = error.to_string();
        match error.may_have_arrived() {
            false => Wrong::Unreached { what },
            true => Wrong::Unsure { what },
        }
    }
}

/// What the chat says to an edit or a deletion; `ok` when it is done.
///
/// # Errors
/// When it says something else than a sentence.
pub(super) fn answer(reply: &Reply) -> Result<String, Wrong> {
    let said: Result<String, _> = serde_json::from_slice(&reply.body);
    match said {
        Ok(said) if again(&said).is_some() => Err(Wrong::Throttled { rest: again(&said) }),
        Ok(said) => Ok(sentence(&said)),
        Err(_) => Err(Wrong::Unsure {
            what: "the chat did not say what became of it".into(),
        }),
    }
}

/// How long a throttled account has to wait, where a text says so.
pub(super) fn again(text: &str) -> Option<Duration> {
    let seconds = AGAIN.captures(text)?.get(1)?.as_str().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST))
}

/// The end of `ending in 58 seconds`.
fn ending(text: &str) -> Option<Duration> {
    let found = ENDING.captures(text)?;
    let number: u64 = found.get(1)?.as_str().parse().ok()?;
    let unit = match found.get(2)?.as_str() {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        _ => 86_400,
    };
    Some(Duration::from_secs(number.checked_mul(unit)?).min(BELIEVED))
}

/// A guard before the host has answered, and not the chat.
fn guarded(reply: &Reply, body: &str) -> bool {
    reply.header("cf-mitigated").is_some()
        || ["Cloudflare", "cloudflare", "Just a moment"]
            .iter()
            .any(|sign| body.contains(sign))
}

/// A text asks for proof that a person is there.
pub(super) fn is_human(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "human verification",
        "you are human",
        "are a human",
        "captcha",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

/// What the chat says, as one short line without quotes of JSON.
fn sentence(body: &str) -> String {
    let said: String = serde_json::from_str(body).unwrap_or_else(|_| body.to_string());
    let said = text::harmless(said.trim());
    text::cut(said.trim_end_matches('.'), SENTENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, headers: &[(&str, &str)], body: &str) -> Option<Wrong> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        Wrong::of(&Reply {
            status,
            headers: headers.collect(),
            body: body.into(),
        })
    }

    #[test]
    fn what_the_chat_answers() {
        let seconds = Duration::from_secs;
        assert_eq!(
            of(200, &[], "\"It is too late to edit this message\""),
            None
        );
        let lost = [("location", "/error?aspxerrorpath=/messages/1")];
        assert_eq!(of(302, &lost, ""), Some(Wrong::Missing));
        let out = [("location", "https://example.org/users/login?x")];
        assert_eq!(of(302, &out, ""), Some(Wrong::LoggedOut));
        assert_eq!(of(404, &[], "<html>Page not found"), Some(Wrong::Missing));
        for (text, rest) in [
            (
                "You can perform this action again in 1 second.",
                Some(seconds(1)),
            ),
            (
                "You can perform this action again in 17 seconds",
                Some(seconds(17)),
            ),
            ("Conflict", None),
        ] {
            assert_eq!(of(409, &[], text), Some(Wrong::Throttled { rest }));
        }
        for (text, rest) in [
            ("The room is in timeout, ending in 58 seconds", 58),
            ("Your account is blocked, ending in 5 hours", 18_000),
            ("Your account is blocked, ending on Oct 2 at 1:37", 3_600),
            (
                "The room has been frozen; new messages cannot be added",
                3_600,
            ),
        ] {
            let what = text.into();
            let rest = seconds(rest);
            assert_eq!(of(404, &[], text), Some(Wrong::Closed { what, rest }));
        }
        for text in [
            "The room does not exist, or you do not have permission",
            "You need 20 reputation to talk here",
            "You cannot write or edit messages in this room",
        ] {
            assert_eq!(
                of(404, &[], text),
                Some(Wrong::Barred { what: text.into() })
            );
        }
        assert_eq!(
            of(500, &[("chat", "error")], "The message is too long"),
            Some(Wrong::TooLong)
        );
        assert_eq!(of(502, &[], "<html>"), Some(Wrong::Broken { status: 502 }));
        assert_eq!(
            of(403, &[], "<title>Just a moment...</title>"),
            Some(Wrong::Human)
        );
        assert_eq!(
            of(503, &[("cf-mitigated", "challenge")], ""),
            Some(Wrong::Human)
        );
        assert_eq!(
            of(503, &[], "<html>maintenance"),
            Some(Wrong::Broken { status: 503 })
        );
        assert_eq!(
            of(400, &[], "Please confirm you are human"),
            Some(Wrong::Human)
        );
        let said = "The fkey is wrong".to_string();
        assert_eq!(
            of(400, &[], "\"The fkey is wrong.\""),
            Some(Wrong::Refused { status: 400, said })
        );
    }

    #[test]
    fn what_is_said_is_short_and_harmless() {
        let said = Wrong::of(&Reply {
            status: 400,
            headers: Vec::new(),
            body: "x\n\u{202e}".repeat(1_000).into_bytes(),
        });
        let words = said.unwrap().words();
        assert!(
            words.chars().count() < 250 && !words.contains(['\n', '\u{202e}']),
            "{words}"
        );
    }
}
