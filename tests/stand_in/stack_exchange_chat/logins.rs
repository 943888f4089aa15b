//! Who is logged in: sessions and their cookies, keys of forms, the captcha.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// A login lasts about so many seconds.
const LIFE: i64 = 180 * 86_400;

/// A login.
#[derive(Clone, Debug)]
pub struct Session {
    pub email: String,
    /// Of its cookies, empty on a host without one.
    pub domain: String,
    /// Unix seconds.
    pub at: i64,
}

/// All logins at the sites whose chats these are.
#[derive(Debug, Default)]
pub struct Logins {
    /// By the value of `acct`, as it is sent.
    sessions: BTreeMap<String, Session>,
    /// Keys of log-in forms that were handed out.
    keys: BTreeSet<String>,
    made: u64,
    /// When somebody logged in or tried to, Unix seconds.
    tries: Vec<(String, i64)>,
    /// A captcha after so many tries within five minutes.
    captcha_after: Option<usize>,
}

impl Logins {
    pub fn new(captcha_after: Option<usize>) -> Logins {
        Logins {
            captcha_after,
            ..Logins::default()
        }
    }

    /// The next of a series that is always the same.
    pub fn next(&mut self, what: &str) -> String {
        self.made += 1;
        opaque(&format!("{what} {}", self.made))
    }

    /// A new key for the log-in form.
    pub fn key(&mut self) -> String {
        let key = self.next("key");
        self.keys.insert(key.clone());
        key
    }

    pub fn knows(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Opens a session and gives the value of `acct`, which is encoded once already.
    pub fn open(&mut self, email: &str, domain: &str, at: i64) -> String {
        let (t, s) = (self.next("t"), self.next("s"));
        // Whoever decodes it, or encodes it again, sends another one.
        let value = format!("t={}%2b{}%3d&s={}%2f", &t[..16], &t[16..24], &s[..32]);
        let session = Session {
            email: email.into(),
            domain: domain.into(),
            at,
        };
        self.sessions.insert(value.clone(), session);
        value
    }

    pub fn session(&self, acct: &str, domain: &str, now: i64) -> Option<&Session> {
        let session = self.sessions.get(acct)?;
        let good = now - session.at < LIFE && session.domain == domain;
        good.then_some(session)
    }

    pub fn close(&mut self, acct: &str) {
        self.sessions.remove(acct);
    }

    /// Ends all sessions of somebody, as after months.
    pub fn expire(&mut self, email: &str) {
        self.sessions.retain(|_, session| session.email != email);
    }

    /// Somebody tries to log in; whether that is once too often.
    pub fn too_often(&mut self, email: &str, now: i64) -> bool {
        self.tries.retain(|(_, at)| now - at < 300);
        self.tries.push((email.into(), now));
        let own = self.tries.iter().filter(|(its, _)| its == email).count();
        self.captcha_after.is_some_and(|most| own > most)
    }
}

/// 64 hexadecimal digits that follow from a text.
pub fn opaque(text: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // A String takes everything.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
