//! Logging in: what server and bot can both do, the account, the welcome.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

use super::line::{Line, Out, Source};
use super::scram::{self, Hash, Scram};
use super::session::{Session, Stage};
use super::wrong::{self, End};
use super::{Login, Way};
use crate::http::Cipher;
use crate::meter;

/// What the bot can use, besides SASL.
const WANTED: &[&str] = &[
    "account-notify",
    "account-tag",
    "batch",
    "cap-notify",
    "chathistory",
    "chghost",
    "draft/chathistory",
    "echo-message",
    "extended-join",
    "labeled-response",
    "message-tags",
    "multi-prefix",
    "server-time",
    "userhost-in-names",
    "znc.in/playback",
];
/// Why the bot does not trust whoever asks for its password.
const UNPROVEN: &str = "the server cannot prove that it knows the password of the account";
/// How many characters of an answer one line takes.
const CHUNK: usize = 400;

/// What both can do, as far as they have agreed.
#[derive(Clone, Debug, Default)]
pub(super) struct Caps {
    offered: BTreeSet<String>,
    agreed: BTreeSet<String>,
    /// Questions without an answer.
    open: usize,
    /// All that can be agreed upon is.
    done: bool,
    pub logged_in: bool,
    /// The ways to log in that the server names.
    ways: Vec<String>,
    sasl: Sasl,
    /// What the server says while somebody logs in, as far as it has come.
    said: String,
}

/// How the bot is logging in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Sasl {
    #[default]
    Not,
    Plain,
    /// The certificate has been shown already.
    Certificate,
    /// The server has not asked for the first message.
    Ready(Scram),
    Scram(Scram),
}

impl Caps {
    pub fn has(&self, name: &str) -> bool {
        self.agreed.contains(name)
    }
}

impl Session {
    /// The first lines.
    pub(super) fn greet(&mut self) {
        let settings = self.settings.clone();
        self.send(&Out::new("CAP").word("LS").word("302"));
        if let Some(password) = &settings.server_password {
            self.send(&Out::new("PASS").text(password.expose_secret()));
        }
        self.send(&Out::new("NICK").word(&settings.nick));
        let user = Out::new("USER").word(&settings.user).word("0").word("*");
        self.send(&user.text(&settings.realname));
    }

    pub(super) fn cap(&mut self, line: &Line) {
        let names = || line.last().split_whitespace();
        match line.param(1).to_ascii_uppercase().as_str() {
            "LS" => {
                let caps = &mut self.link.caps;
                caps.offered.extend(names().map(|name| {
                    // Behind the name stands what it can do in particular.
                    let (name, ways) = name.split_once('=').unwrap_or((name, ""));
                    if name == "sasl" {
                        let ways = ways.split(',').filter(|way| !way.is_empty());
                        caps.ways = ways.map(str::to_uppercase).collect();
                    }
                    name.to_string()
                }));
                if line.param(2) != "*" && self.link.stage == Stage::Greeting {
                    self.want();
                }
            }
            "ACK" => {
                for name in names() {
                    match name.strip_prefix('-') {
                        Some(name) => self.link.caps.agreed.remove(name),
                        None => self.link.caps.agreed.insert(name.into()),
                    };
                }
                self.agreed();
            }
            "NAK" => {
                // One that it does not want spoils all that were asked for together.
                let all: Vec<String> = names().map(String::from).collect();
                if let [_, _, ..] = all.as_slice() {
                    self.link.caps.open += all.len();
                    for name in all {
                        self.send(&Out::new("CAP").word("REQ").text(&name));
                    }
                }
                self.agreed();
            }
            "NEW" => {
                let new: Vec<&str> = names().filter(|name| WANTED.contains(name)).collect();
                if !new.is_empty() {
                    self.send(&Out::new("CAP").word("REQ").text(&new.join(" ")));
                }
            }
            "DEL" => {
                for name in names() {
                    self.link.caps.agreed.remove(name);
                }
            }
            _ => {}
        }
    }

    /// Asks for what both can do.
    fn want(&mut self) {
        let offered = &self.link.caps.offered;
        let mut wanted: Vec<&str> = WANTED
            .iter()
            .copied()
            .filter(|name| offered.contains(*name))
            .collect();
        if self.by_sasl().is_some() {
            if !offered.contains("sasl") {
                return self.no_sasl();
            }
            wanted.push("sasl");
        } else if self.by_certificate() {
            wanted.push("sasl");
        }
        if wanted.is_empty() {
            return self.finish_caps();
        }
        let request = Out::new("CAP").word("REQ").text(&wanted.join(" "));
        self.link.caps.open = 1;
        self.send(&request);
    }

    /// A question was answered.
    fn agreed(&mut self) {
        let caps = &mut self.link.caps;
        caps.open = caps.open.saturating_sub(1);
        if caps.open > 0 || caps.done || self.link.stage != Stage::Greeting {
            return;
        }
        match self.by_sasl() {
            None if self.by_certificate() && self.link.caps.has("sasl") => {
                self.link.caps.sasl = Sasl::Certificate;
                self.send(&Out::new("AUTHENTICATE").word("EXTERNAL"));
            }
            None => self.finish_caps(),
            Some(login) if self.link.caps.has("sasl") => self.log_in(&login, true),
            Some(_) => self.no_sasl(),
        }
    }

    fn by_sasl(&self) -> Option<Login> {
        let login = self.settings.login.clone();
        login.filter(|login| login.way == Way::Sasl)
    }

    /// It has shown its certificate, and the server knows accounts by them. One that does not may know it by its
    /// certificate all the same, as bouncers do.
    fn by_certificate(&self) -> bool {
        let caps = &self.link.caps;
        let takes = caps.ways.is_empty() || caps.ways.iter().any(|way| way == "EXTERNAL");
        let shown = self.settings.server.identity.is_some() && self.settings.login.is_none();
        shown && takes && caps.offered.contains("sasl")
    }

    fn no_sasl(&mut self) {
        let what = "the server offers no SASL; `login = \"nickserv\"` uses its services instead";
        self.link.end = Some(End::Fatal(what.into()));
    }

    /// Begins to log in: without showing the password where the server can do that.
    fn log_in(&mut self, login: &Login, hidden: bool) {
        let ways = &self.link.caps.ways;
        let hash = Hash::ALL
            .into_iter()
            .find(|hash| ways.iter().any(|way| way == hash.name()));
        let scram = hash.zip(login.seed).filter(|_| hidden);
        self.asked += 1;
        let (way, sasl) = match scram {
            Some((hash, seed)) => {
                let count = self.link.began.timestamp_micros().unsigned_abs() ^ self.asked;
                let nonce = scram::nonce(&seed, count);
                let scram = Scram::new(hash, &login.account, &nonce);
                (hash.name(), Sasl::Ready(scram))
            }
            None => ("PLAIN", Sasl::Plain),
        };
        self.link.caps.sasl = sasl;
        self.send(&Out::new("AUTHENTICATE").word(way));
    }

    /// The server says something while the bot logs in.
    pub(super) fn authenticate(&mut self, chunk: &str) {
        if self.link.caps.sasl == Sasl::Certificate {
            // Whose account it is, the certificate says.
            self.send(&Out::new("AUTHENTICATE").word("+"));
            return;
        }
        let Some(login) = self.by_sasl() else {
            return;
        };
        let caps = &mut self.link.caps;
        if chunk != "+" {
            caps.said.push_str(chunk);
        }
        if chunk.len() >= CHUNK && caps.said.len() < 10 * CHUNK {
            return;
        }
        let said = STANDARD.decode(std::mem::take(&mut caps.said));
        let said = said.ok().and_then(|said| String::from_utf8(said).ok());
        let answer = match (std::mem::take(&mut caps.sasl), said) {
            (Sasl::Plain, _) => {
                let account = &login.account;
                Some(format!(
                    "{account}\0{account}\0{}",
                    login.password.expose_secret()
                ))
            }
            (Sasl::Ready(scram), _) => {
                let first = scram.first();
                caps.sasl = Sasl::Scram(scram);
                Some(first)
            }
            (Sasl::Scram(mut scram), Some(said)) => {
                let answer = scram.answer(&said, &login.password);
                caps.sasl = Sasl::Scram(scram);
                answer
            }
            (Sasl::Scram(_), None) => None,
            (Sasl::Not | Sasl::Certificate, _) => return,
        };
        let Some(answer) = answer else {
            self.link.end = Some(End::Fatal(UNPROVEN.into()));
            return;
        };
        let coded = STANDARD.encode(answer);
        let mut rest = coded.as_str();
        while rest.len() >= CHUNK {
            let (chunk, behind) = rest.split_at(CHUNK);
            self.send(&Out::new("AUTHENTICATE").word(chunk));
            rest = behind;
        }
        let last = if rest.is_empty() { "+" } else { rest };
        self.send(&Out::new("AUTHENTICATE").word(last));
    }

    /// The server says that the bot is logged in.
    pub(super) fn is_logged_in(&mut self) {
        match &self.link.caps.sasl {
            Sasl::Scram(scram) if !scram.is_done() => {
                self.link.end = Some(End::Fatal(UNPROVEN.into()));
            }
            Sasl::Ready(_) => self.link.end = Some(End::Fatal(UNPROVEN.into())),
            Sasl::Not | Sasl::Plain | Sasl::Certificate | Sasl::Scram(_) => self.finish_caps(),
        }
    }

    /// Accounts that are older than the way without a password being shown can still show it, to a server that somebody
    /// vouches for.
    fn shows_password(&mut self, line: &Line) -> bool {
        let hidden = matches!(self.link.caps.sasl, Sasl::Ready(_) | Sasl::Scram(_));
        let safe = self.settings.server.cipher != Cipher::None;
        let plain = self.link.caps.ways.iter().any(|way| way == "PLAIN");
        let login = self.by_sasl().filter(|_| hidden && safe && plain);
        match login {
            Some(login) if line.command == "904" => {
                self.link.caps.said.clear();
                self.log_in(&login, false);
                true
            }
            Some(_) | None => false,
        }
    }

    pub(super) fn not_logged_in(&mut self, line: &Line) {
        if self.shows_password(line) {
            return;
        }
        let what = match line.command.as_str() {
            "904" | "908" if self.link.caps.sasl == Sasl::Certificate => {
                "the server knows no account by my certificate; `man irc` shows how to tell it"
                    .to_string()
            }
            "908" => "the server does not take passwords in the way SASL PLAIN has".to_string(),
            "904" => "the server does not take the account and its password".to_string(),
            _ => format!(
                "the server does not let me log in: {}",
                wrong::quoted(line.last())
            ),
        };
        self.link.end = Some(End::Fatal(what));
    }

    /// Nothing is left to be agreed upon.
    pub(super) fn finish_caps(&mut self) {
        if !std::mem::replace(&mut self.link.caps.done, true) && self.link.stage == Stage::Greeting
        {
            self.send(&Out::new("CAP").word("END"));
        }
    }

    /// The bot is on the network.
    pub(super) fn welcome(&mut self, line: &Line, now: DateTime<Utc>) {
        if self.link.stage != Stage::Greeting {
            return;
        }
        self.link.stage = Stage::Welcome;
        self.link.began = now;
        self.link.me.nick = line.param(0).into();
        let shown = line.last().split_whitespace().last().unwrap_or_default();
        if shown.contains('!') && shown.contains('@') {
            let shown = Source::read(shown);
            (self.link.me.user, self.link.me.host) = (shown.user, shown.host);
        }
        if self.by_sasl().is_some() && !self.link.caps.done {
            self.no_sasl();
        }
    }

    /// The server has said all that it says by itself.
    pub(super) fn ready(&mut self, now: DateTime<Utc>) {
        if self.link.stage != Stage::Welcome {
            return;
        }
        meter::connected(&self.settings.name);
        self.link.stage = Stage::Ready;
        let login = self.settings.login.clone();
        if let Some(login) = login.filter(|login| login.way == Way::NickServ) {
            let password = login.password.expose_secret();
            let words = format!("IDENTIFY {} {password}", login.account);
            self.send(&Out::new("PRIVMSG").word("NickServ").text(&words));
            self.queue.count(2, now);
        }
        self.read_directs();
    }
}
