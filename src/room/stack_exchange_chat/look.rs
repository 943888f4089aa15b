//! Looks whether something was said, before it is said again.

use chrono::{DateTime, TimeDelta, Utc};

use super::Chat;
use super::content::{self, JOINER};
use super::event::Event;
use super::history::{self, Past, Span};
use super::posted::Begun;
use super::render::Source;
use super::wrong::Wrong;

/// How many messages of a room are read back at first, then at once, and how often at most.
const FIRST: usize = 100;
const MORE: usize = 500;
const PAGES: usize = 10;
/// How much the time of a message may differ from that of the answer it came with.
const SLACK: TimeDelta = TimeDelta::seconds(2);
/// So many letters and digits of a text tell whether a message may be it.
const FEW: usize = 40;

/// What is looked for.
pub(super) struct Sent<'a> {
    pub source: &'a Source,
    /// The same without markup, as it stands in a message of several lines.
    pub rows: &'a str,
    /// The message that it answers.
    pub parent: Option<i64>,
}

/// The last own message in a room that says this, or says it among other lines; none when it was not said.
///
/// # Errors
/// When the chat does not tell.
pub(super) async fn look(
    chat: &Chat,
    room: u64,
    sent: &Sent<'_>,
    begun: Begun,
) -> Result<Option<i64>, Wrong> {
    let me = chat.door.me().ok_or(Wrong::LoggedOut)?;
    let mut span = Span::Last(FIRST);
    for page in 0..PAGES {
        let past = history::read(&chat.door, room, span).await?;
        for event in &past.events {
            chat.note(room, event);
        }
        let begun = of_chat(begun, &past, chat.clock.now());
        for event in past.events.iter().rev() {
            let own = event.user_id == Some(me.id) && is_behind(event, begun);
            if let (true, Some(id)) = (own, event.message_id)
                && may_be(event, sent)
                && sent.is(&source(chat, id).await?, event)
            {
                return Ok(Some(id));
            }
        }
        let first = past.events.iter().find(|event| event.message_id.is_some());
        let whole = past.events.len() < if page == 0 { FIRST } else { MORE };
        let Some((first, id)) = first.and_then(|first| Some((first, first.message_id?))) else {
            break;
        };
        if whole || !is_behind(first, begun) {
            break;
        }
        span = Span::Before(id, MORE);
    }
    Ok(None)
}

/// By the chat's clock.
fn of_chat(begun: Begun, past: &Past, now: DateTime<Utc>) -> Begun {
    match (begun, DateTime::from_timestamp(past.sync, 0)) {
        (Begun::Since(at), Some(there)) if past.sync > 0 => Begun::Since(at + (there - now)),
        (begun, _) => begun,
    }
}

fn is_behind(event: &Event, begun: Begun) -> bool {
    match begun {
        Begun::After(id) => event.message_id.is_some_and(|its| its > id),
        Begun::Since(at) => event
            .time_stamp
            .is_none_or(|its| its >= (at - SLACK).timestamp()),
    }
}

/// A look at its HTML does not rule it out.
fn may_be(event: &Event, sent: &Sent<'_>) -> bool {
    let Some(html) = &event.content else {
        return false;
    };
    let content = content::read(html);
    let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let shown = letters(&content.text);
    let begins = |text: &str| {
        // The chat may change the scheme of an address.
        let head = text.split("http").next().unwrap_or(text);
        let few: String = letters(head).chars().take(FEW).collect();
        shown.contains(&few)
    };
    content.partial || begins(&sent.source.text) || begins(sent.rows)
}

/// What was typed for a message.
async fn source(chat: &Chat, id: i64) -> Result<String, Wrong> {
    match chat.door.get(&format!("/message/{id}?plain=true")).await {
        Ok(reply) => Ok(reply.text().into_owned()),
        // It has just been taken away.
        Err(Wrong::Missing) => Ok(String::new()),
        Err(wrong) => Err(wrong),
    }
}

/// Without the space around it and what makes it another text than the one before.
fn bare(text: &str) -> &str {
    let unseen = |c: char| c.is_whitespace() || c == JOINER;
    text.trim_start_matches(unseen)
        .trim_end_matches(|c| unseen(c) || c == '#')
}

/// What was typed, without `:id ` before it.
pub(super) fn unanswered(typed: &str) -> (Option<i64>, &str) {
    let parts = typed
        .strip_prefix(':')
        .and_then(|rest| rest.split_once(' '));
    match parts.and_then(|(id, rest)| Some((id.parse().ok()?, rest))) {
        Some((parent, rest)) => (Some(parent), rest),
        None => (None, typed),
    }
}

impl Sent<'_> {
    /// Whether this was typed for a message: it alone, as an answer to the same, or its lines together among others.
    fn is(&self, typed: &str, event: &Event) -> bool {
        let typed = typed.replace("\r\n", "\n").replace('\u{a0}', " ");
        let (parent, typed) = unanswered(&typed);
        let told = event.parent_id.filter(|_| event.show_parent);
        let sent = self.source.text.replace('\u{a0}', " ");
        if bare(typed) == bare(&sent) {
            return self.parent == parent.or(told);
        }
        let wanted = squeezed(bare(self.rows));
        if !typed.contains('\n') || wanted.is_empty() {
            return false;
        }
        let mut all = String::new();
        // Where lines begin and end in what is left without space.
        let mut borders = vec![0];
        for line in typed.lines() {
            all.push_str(&squeezed(bare(line)));
            borders.push(all.len());
        }
        let is_border = |at: usize| borders.binary_search(&at).is_ok();
        let mut found = all.match_indices(wanted.as_str());
        found.any(|(at, _)| is_border(at) && is_border(at + wanted.len()))
    }
}

/// Long lines are cut at other places when they stand among others.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str, rows: &str, typed: &str) -> bool {
        let source = Source {
            text: text.into(),
            plain: text.contains('\n'),
        };
        let sent = Sent {
            source: &source,
            rows,
            parent: None,
        };
        sent.is(typed, &Event::default())
    }

    #[test]
    fn a_text_is_found_alone_and_among_lines() {
        assert!(is("a **b**", "a b", "a **b**"));
        assert!(is("a **b**", "a b", "a **b**\u{200d}"));
        assert!(!is("a **b**", "a b", ":12 a **b**"));
        assert!(is("a **b**", "a b", "one\r\na b\r\ntwo"));
        assert!(is("a\nb c", "a\nb c", "one\na\nb\nc\ntwo"));
        assert!(!is("a **b**", "a b", "a b"));
        assert!(!is("a", "a", "ba\nc"));
        assert!(!is("a", "a", "b\nab"));
        assert!(!is("a\nb", "a\nb", "a\nx\nb"));
        assert!(is("ab", "ab", "abab\nab"));
        assert!(!is("", "", "a\nb"));
    }

    #[test]
    fn an_answer_is_one_to_the_same_message() {
        let source = Source {
            text: "pong".into(),
            plain: false,
        };
        let sent = |parent| Sent {
            source: &source,
            rows: "pong",
            parent,
        };
        let told = Event {
            parent_id: Some(12),
            show_parent: true,
            ..Event::default()
        };
        let untold = Event::default();
        assert!(sent(Some(12)).is(":12 pong", &untold));
        assert!(sent(Some(12)).is("pong", &told));
        assert!(!sent(Some(12)).is(":13 pong", &untold));
        assert!(!sent(Some(12)).is("pong", &untold));
        assert!(!sent(None).is("pong", &told));
    }
}
