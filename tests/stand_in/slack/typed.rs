//! What a client makes of what somebody types: signs escaped, names as mentions, addresses as links.

use super::channels::Kind;
use super::state::Slack;

/// What is typed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Into {
    Message,
    /// Names are told only when the app asks for it, and with what was typed.
    Command {
        escape: bool,
    },
}

/// Ends of names of hosts that a client takes for an address although no `https://` stands before them.
const ENDS: [&str; 8] = ["com", "org", "net", "io", "dev", "rs", "uk", "de"];
/// What may stand behind an address and is no part of it.
const BEHIND: &[char] = &['.', ',', ';', ':', '!', '?', ')', '\'', '"'];

/// Escapes the three signs that mean something.
pub fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
}

/// What clients with smart punctuation make of quotes and of two hyphens.
pub fn smart(text: &str) -> String {
    let mut all = String::new();
    let mut before = ' ';
    for sign in text.replace("--", "\u{2014}").chars() {
        let opens = before.is_whitespace() || "([{\u{2014}".contains(before);
        all.push(match sign {
            '"' if opens => '\u{201c}',
            '"' => '\u{201d}',
            '\'' if opens => '\u{2018}',
            '\'' => '\u{2019}',
            sign => sign,
        });
        before = sign;
    }
    all
}

impl Slack {
    /// The text that goes to Slack when somebody of a workspace types this; what is in code stays as it is.
    pub fn typed(&self, team: &str, text: &str, into: Into) -> String {
        let names = match into {
            Into::Message => true,
            Into::Command { escape } => escape,
        };
        let parts = text.split('`');
        let parts = parts
            .enumerate()
            .map(|(at, part)| match at % 2 == 0 && names {
                true => self.linked(team, part, into),
                false => escape(part),
            });
        parts.collect::<Vec<_>>().join("`")
    }

    fn linked(&self, team: &str, text: &str, into: Into) -> String {
        let mut all = String::new();
        let mut rest = text;
        let mut start = true;
        while let Some(sign) = rest.chars().next() {
            let found = start.then(|| self.token(team, rest, into)).flatten();
            if let Some((length, token)) = found {
                all.push_str(&token);
                rest = &rest[length..];
                start = false;
                continue;
            }
            all.push_str(&escape(&rest[..sign.len_utf8()]));
            rest = &rest[sign.len_utf8()..];
            start = !sign.is_alphanumeric();
        }
        all
    }

    /// What stands at the beginning of a text: how many bytes of it, and what they become.
    fn token(&self, team: &str, text: &str, into: Into) -> Option<(usize, String)> {
        if let Some(after) = text.strip_prefix('@') {
            for word in ["here", "channel", "everyone"] {
                if starts(after, word) && into == Into::Message {
                    return Some((1 + word.len(), format!("<!{word}>")));
                }
            }
            let (length, id) = self.person_named(team, after)?;
            let handle = &self.users[&id].name;
            return Some((
                1 + length,
                match into {
                    Into::Message => format!("<@{id}>"),
                    Into::Command { .. } => format!("<@{id}|{handle}>"),
                },
            ));
        }
        if let Some(after) = text.strip_prefix('#') {
            let all = self.channels.values().filter(|its| its.in_team(team));
            let all = all.filter(|its| !its.name.is_empty() && starts(after, &its.name));
            let its = all.max_by_key(|its| its.name.len())?;
            let label = if its.kind == Kind::Public {
                its.name.as_str()
            } else {
                ""
            };
            return Some((1 + its.name.len(), format!("<#{}|{label}>", its.id)));
        }
        address(text)
    }

    /// The person whose name a text begins with, and the length of the name.
    fn person_named(&self, team: &str, text: &str) -> Option<(usize, String)> {
        let met = |id: &str| {
            let mut all = self.channels.values();
            all.any(|its| its.in_team(team) && its.members.contains(id))
        };
        let all = self.users.values().filter(|its| !its.deleted);
        let all = all.filter(|its| its.team == team || met(&its.id));
        let names = all.flat_map(|its| {
            let names = [&its.name, &its.display_name, &its.real_name];
            names.map(|name| (name.len(), its.id.clone(), name))
        });
        let found = names.filter(|(_, _, name)| starts(text, name));
        let (length, id, _) = found.max_by_key(|(length, ..)| *length)?;
        Some((length, id))
    }
}

/// Whether a text begins with a name and goes on with something else; letters may be small or large.
fn starts(text: &str, name: &str) -> bool {
    let head = text.get(..name.len());
    let same = head.is_some_and(|head| head.to_lowercase() == name.to_lowercase());
    let after = text.get(name.len()..).and_then(|rest| rest.chars().next());
    same && !name.is_empty() && !after.is_some_and(|sign| sign.is_alphanumeric() || sign == '_')
}

/// A link, an e-mail address or the name of a host.
fn address(text: &str) -> Option<(usize, String)> {
    let end = text.find(|sign: char| sign.is_whitespace() || "<>|\"".contains(sign));
    let word = text[..end.unwrap_or(text.len())].trim_end_matches(BEHIND);
    let escaped = escape(word);
    if word.starts_with("https://") || word.starts_with("http://") {
        return url::Url::parse(word)
            .is_ok()
            .then(|| (word.len(), format!("<{escaped}>")));
    }
    let (host, user) = match word.split_once('@') {
        Some((user, host)) => (host, Some(user)),
        None => (word, None),
    };
    let (name, last) = host.split('/').next()?.rsplit_once('.')?;
    let plain = |its: &str| {
        !its.is_empty()
            && its
                .chars()
                .all(|sign| sign.is_alphanumeric() || "-._+".contains(sign))
    };
    if !plain(name) || !ENDS.contains(&last) || user.is_some_and(|user| !plain(user)) {
        return None;
    }
    let scheme = if user.is_some() { "mailto:" } else { "http://" };
    Some((word.len(), format!("<{scheme}{escaped}|{escaped}>")))
}
