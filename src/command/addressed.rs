//! Whether a message is meant for the bot, and what of it is the command.

use crate::model::Message;

/// The fewest letters of the bot's name that call it.
const SHORTEST: usize = 3;

/// The command in a message: what stands behind `@boson`, behind the room's prefix, or all of it when the
/// message answers the bot and begins with a command, or is said to it alone. `others` are the names of the people of the room: a
/// beginning of the bot's name that also begins one of theirs does not call the bot.
pub fn addressed<'a, 'n>(
    message: &'a Message,
    name: &str,
    prefix: Option<&str>,
    others: impl Iterator<Item = &'n str>,
) -> Option<&'a str> {
    if message.private {
        return Some(&message.text);
    }
    let text = message
        .text
        .trim_start_matches(|c: char| c.is_whitespace() || is_invisible(c));
    if let Some(rest) = text.strip_prefix('@') {
        // What the bot says calls nobody, and is copied all the same.
        let rest = rest.trim_start_matches(is_invisible);
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
            .unwrap_or(rest.len());
        let called = &rest[..end];
        let behind = || rest[end..].trim_start_matches([',', ':', ' ', '\u{a0}', '\t', '\n']);
        if called.eq_ignore_ascii_case(name) {
            return Some(behind());
        }
        let (called, name) = (called.to_lowercase(), name.to_lowercase());
        let letters = called.chars().count();
        let whole = called == name;
        let short = letters >= SHORTEST.min(name.chars().count()) && name.starts_with(&called);
        if whole || (short && !others.into_iter().any(|other| begins(other, &called))) {
            return Some(behind());
        }
        // Somebody else is called.
        if !called.is_empty() && !message.direct {
            return None;
        }
    }
    if let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty())
        && let Some(rest) = text.strip_prefix(prefix)
        && rest.chars().next().is_some_and(char::is_alphabetic)
    {
        return Some(rest);
    }
    // Who thanks for a report does not want an error.
    let replies = message.reply_to_bot && begins_with_command(text);
    (message.direct || replies).then_some(text)
}

fn begins_with_command(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    let mut all = super::ALL.iter();
    all.any(|kind| kind.name.eq_ignore_ascii_case(word)) || super::halt::meant(text).is_some()
}

/// Takes no place on the screen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Names are called without the spaces in them.
fn begins(name: &str, called: &str) -> bool {
    let name: String = name
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    name.starts_with(called)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MessageId, Person, PersonId, Role, RoomId};

    fn meant(text: &str, prefix: Option<&str>, others: &[&str]) -> Option<String> {
        let message = Message {
            id: MessageId("1".into()),
            room: RoomId::new("test", "test"),
            person: Person {
                id: PersonId("ann".into()),
                name: "ann".into(),
            },
            text: text.into(),
            at: chrono::DateTime::UNIX_EPOCH,
            direct: false,
            reply_to_bot: false,
            reply_to: None,
            role: Role::Member,
            thread: None,
            private: false,
            everywhere: false,
            past: false,
            mentions: Vec::new(),
        };
        addressed(&message, "boson", prefix, others.iter().copied()).map(String::from)
    }

    #[test]
    fn who_is_called() {
        for (text, command) in [
            ("@boson alive", Some("alive")),
            ("  @Boson: alive", Some("alive")),
            ("@bos alive", Some("alive")),
            ("@boson", Some("")),
            ("@\u{200d}boson alive", Some("alive")),
            ("@bo alive", None),
            ("@bosonic alive", None),
            ("boson alive", None),
            ("alive", None),
            ("hello @boson", None),
            ("!alive", None),
        ] {
            assert_eq!(meant(text, None, &[]).as_deref(), command, "{text}");
        }
    }

    #[test]
    fn an_ambiguous_beginning_calls_nobody() {
        assert_eq!(meant("@bos alive", None, &["Bos Worth"]), None);
        assert_eq!(
            meant("@boso alive", None, &["Bos Worth"]).as_deref(),
            Some("alive")
        );
        assert_eq!(
            meant("@boson alive", None, &["bosonova"]).as_deref(),
            Some("alive")
        );
    }

    #[test]
    fn a_prefix_stands_before_a_word() {
        assert_eq!(meant("!alive", Some("!"), &[]).as_deref(), Some("alive"));
        assert_eq!(meant("!!! wow", Some("!"), &[]), None);
    }
}
