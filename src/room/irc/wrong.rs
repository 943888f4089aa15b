//! What a server refuses, in words for people.

use std::time::Duration;

use super::line::Line;
use crate::http::HttpError;
use crate::model::text::{cut, harmless};
use crate::room::SayError;

/// How long something rests that was refused, and that somebody can change.
const REST: Duration = Duration::from_secs(60);
const LONG_REST: Duration = Duration::from_secs(300);

/// How a connection ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It broke, or the server closed it.
    Gone(String),
    /// The server wants to be left alone for a while.
    Rest(String),
    /// The operator has to do something about it.
    Fatal(String),
}

impl End {
    pub fn words(&self) -> &str {
        match self {
            End::Gone(what) | End::Rest(what) | End::Fatal(what) => what,
        }
    }
}

/// What a server says in its own words, as a part of a sentence of ours.
pub(super) fn quoted(text: &str) -> String {
    let text = super::colour::bare(text);
    let text = harmless(text.trim()).replace(['`', '“', '”'], "'");
    format!(
        "“{}”",
        cut(text.trim().trim_end_matches('.').trim_end(), 200)
    )
}

/// Why a server ends the connection, from its last words.
pub(super) fn farewell(text: &str) -> End {
    let small = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| small.contains(word));
    let what = format!("the server closed the connection: {}", quoted(text));
    if says(&[
        "throttle",
        "too fast",
        "too many",
        "flood",
        "try again later",
        "reconnecting",
    ]) {
        return End::Rest(what);
    }
    let banned = [
        "k-line", "k:line", "kline", "g-line", "g:line", "gline", "z-line", "z:line", "d-line",
        "banned", "akill",
    ];
    match says(&banned) {
        true => End::Fatal(format!("the server has banned me: {}", quoted(text))),
        false => End::Gone(what),
    }
}

/// Why a channel does not let the bot in; none when the line says no such thing.
pub(super) fn shut(line: &Line) -> Option<String> {
    let what = match line.command.as_str() {
        "403" | "476" | "479" => "there is no such channel",
        "405" => "I am in as many channels as the server allows",
        "437" => "the channel cannot be entered at the moment",
        "470" => "it sends people on to another channel",
        "471" => "it is full",
        "473" => "only who is invited comes in; `/invite` takes me in",
        "474" => "I am banned there",
        "475" => "it has a key, and mine is not the right one",
        "477" => "only nicks that are registered come in",
        "489" => "only who uses TLS comes in",
        "520" => "only operators of the network come in",
        "480" | "609" | "495" => {
            return Some(format!("it does not let me in: {}", quoted(line.last())));
        }
        _ => return None,
    };
    Some(what.into())
}

/// Why something cannot be said to whom the line names; none when the line says no such thing.
pub(super) fn unsaid(line: &Line) -> Option<SayError> {
    let later = |what: &str, rest| {
        Some(SayError::Later {
            what: what.into(),
            rest,
        })
    };
    match line.command.as_str() {
        "401" | "406" => later("nobody of that nick is there", LONG_REST),
        "403" => later("there is no such channel", LONG_REST),
        "404" | "442" => later("the channel does not let me speak", REST),
        "407" | "412" | "417" => Some(SayError::Never {
            what: format!("the server does not take it: {}", quoted(line.last())),
        }),
        "439" | "263" => later("the server wants me to be slower", REST),
        "477" => later("only nicks that are registered may speak there", LONG_REST),
        "486" | "531" | "716" => later("they take no messages from me", LONG_REST),
        _ => None,
    }
}

/// Why no connection came about.
pub(super) fn unreached(error: &HttpError) -> String {
    match error {
        HttpError::Tls { host, why } => {
            format!("the connection to {host} cannot be encrypted: {why}")
        }
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_words_say_what_to_do() {
        for (text, end) in [
            ("Closing Link: boson[1.2.3.4] (Ping timeout)", "gone"),
            ("Closing Link: (K-Lined: spam)", "fatal"),
            ("You are banned from this server", "fatal"),
            ("Trying to reconnect too fast.", "rest"),
            ("Closing Link: boson (Excess Flood)", "rest"),
        ] {
            let is = match farewell(text) {
                End::Gone(_) => "gone",
                End::Rest(_) => "rest",
                End::Fatal(_) => "fatal",
            };
            assert_eq!(is, end, "{text}");
        }
        assert_eq!(quoted("\u{3}4`x`.\u{7}"), "“'x'”");
    }
}
