//! Whatever a server of IRC sends, it is read without harm, and nothing of it breaks out of what the bot answers.
#![cfg_attr(not(test), no_main)]

use std::sync::Arc;

use boson::http::{Cipher, Server};
use boson::room::irc::line::{Line, Out};
use boson::room::irc::session::Session;
use boson::room::irc::{Channel, Flood, Settings, colour};
use chrono::{DateTime, TimeDelta, Utc};

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

pub fn run(bytes: &[u8]) {
    let now: DateTime<Utc> = DateTime::UNIX_EPOCH;
    let mut session = Session::new(Arc::new(settings()), now);
    session.begin(now);
    check(&session.leaves());
    session.take(b":irc.test 001 boson :Welcome boson!b@host", now);
    session.take(b":irc.test 376 boson :End", now);
    session.take(b":boson!b@host JOIN #one", now);
    for (n, bytes) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if let Some(line) = Line::read(bytes) {
            // What was read can be said again, and is one line then.
            let mut out = Out::new("PRIVMSG");
            for param in &line.params {
                out = out.word(param);
            }
            let out = out.text(line.last()).tagged("label", line.nick());
            check(&format!("{}\r\n", out.as_str()));
            let again = Line::read(out.as_str().as_bytes()).expect("it was just written");
            assert_eq!(again.params.len(), line.params.len() + 1);
            let bare = colour::bare(line.last());
            assert_eq!(colour::bare(&bare.replace(['\u{3}', '\u{4}'], "")), bare);
        }
        let now = now + TimeDelta::seconds(n as i64);
        session.take(bytes, now);
        session.pump(now);
        assert!(session.due(now) >= DateTime::UNIX_EPOCH);
        check(&session.leaves());
    }
    session.broken(now);
    session.begin(now);
}

/// Whole lines, and nothing in them that would end one.
fn check(out: &str) {
    assert!(out.is_empty() || out.ends_with("\r\n"));
    for line in out.split_terminator("\r\n") {
        assert!(!line.contains(['\r', '\n', '\0']), "{line:?}");
        assert!(Line::read(line.as_bytes()).is_some(), "{line:?}");
    }
}

fn settings() -> Settings {
    Settings {
        name: "irc".into(),
        bot: "boson".into(),
        server: Server {
            host: "localhost".into(),
            port: 6667,
            cipher: Cipher::None,
            identity: None,
        },
        nick: "boson".into(),
        user: "boson".into(),
        realname: "Boson".into(),
        server_password: None,
        login: None,
        channels: Channel::read("#one").into_iter().collect(),
        flood: Flood::default(),
        invitations: true,
    }
}
