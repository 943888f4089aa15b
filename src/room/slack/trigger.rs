//! Slash commands, clicks and forms of a moment ago, and what can be done for a while in answer to them.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;

use super::locked;
use crate::model::MessageId;

/// How long a form may be opened; Slack's own limit is three seconds from the typing on.
const OPENS: TimeDelta = TimeDelta::milliseconds(2_900);
/// How long an answer may be given to the address that came along; Slack's own limit is half an hour.
const ANSWERS: TimeDelta = TimeDelta::minutes(29);
/// How many answers that address takes.
const USES: u32 = 5;
/// How many are kept in mind.
const MOST: usize = 1_000;

/// A slash command, a click, or a form.
#[derive(Clone, Debug)]
pub(super) struct Trigger {
    /// When it came.
    pub at: DateTime<Utc>,
    /// Opens one form.
    pub id: Option<String>,
    /// Takes answers for the one person; a secret.
    pub response_url: Option<SecretString>,
    pub channel: String,
    /// Who typed or clicked.
    pub user: String,
    /// What was typed, as people type it: `/boson list`. None of a click or a form.
    pub typed: Option<String>,
    /// It is a form that was handed in.
    pub form: bool,
    /// The message with the button that was clicked.
    pub message: Option<String>,
    /// The thread in which it happened.
    pub thread: Option<String>,
}

#[derive(Default)]
pub(super) struct Triggers(Mutex<HashMap<MessageId, Kept>>);

struct Kept {
    trigger: Trigger,
    uses: u32,
    opened: bool,
}

impl Triggers {
    /// Keeps it in mind under the id of its message.
    pub fn note(&self, message: MessageId, trigger: Trigger) {
        let mut all = locked(&self.0);
        let now = trigger.at;
        if all.len() >= MOST {
            all.retain(|_, kept| now - kept.trigger.at < ANSWERS);
        }
        if all.len() >= MOST {
            let oldest = all.iter().min_by_key(|(_, kept)| kept.trigger.at);
            if let Some(oldest) = oldest.map(|(message, _)| message.clone()) {
                all.remove(&oldest);
            }
        }
        let kept = Kept {
            trigger,
            uses: 0,
            opened: false,
        };
        all.insert(message, kept);
    }

    /// The slash command or click behind a private message, while it is kept in mind.
    pub fn of(&self, message: &MessageId) -> Option<Trigger> {
        let all = locked(&self.0);
        all.get(message).map(|kept| kept.trigger.clone())
    }

    /// What was typed is known in whole.
    pub fn typed(&self, message: &MessageId, typed: String) {
        if let Some(kept) = locked(&self.0).get_mut(message) {
            kept.trigger.typed = Some(typed);
        }
    }

    /// The last one of this person in a channel whose address may still take answers.
    pub fn last(&self, channel: &str, user: &str, now: DateTime<Utc>) -> Option<MessageId> {
        let all = locked(&self.0);
        let open = all.iter().filter(|(_, kept)| {
            kept.trigger.channel == channel
                && kept.trigger.user == user
                && kept.trigger.response_url.is_some()
                && kept.uses < USES
                && now - kept.trigger.at <= ANSWERS
        });
        let last = open.max_by_key(|(_, kept)| kept.trigger.at);
        last.map(|(message, _)| message.clone())
    }

    /// What opens a form in answer to it; once, and only for three seconds.
    pub fn open(&self, message: &MessageId, now: DateTime<Utc>) -> Option<String> {
        let mut all = locked(&self.0);
        let kept = all.get_mut(message)?;
        if kept.opened || now - kept.trigger.at > OPENS {
            return None;
        }
        kept.opened = true;
        kept.trigger.id.clone()
    }

    /// The address that takes an answer to it, while it takes one; each call counts as a use.
    pub fn answer(&self, message: &MessageId, now: DateTime<Utc>) -> Option<SecretString> {
        let mut all = locked(&self.0);
        let kept = all.get_mut(message)?;
        if kept.uses >= USES || now - kept.trigger.at > ANSWERS {
            return None;
        }
        kept.uses += 1;
        kept.trigger.response_url.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(at: DateTime<Utc>) -> Trigger {
        Trigger {
            at,
            id: Some("1.2.a".into()),
            response_url: Some("https://example.org/x".into()),
            channel: "C1".into(),
            user: "U1".into(),
            typed: Some("/boson list".into()),
            form: false,
            message: None,
            thread: None,
        }
    }

    #[test]
    fn it_opens_once_and_answers_five_times() {
        let (all, now) = (Triggers::default(), DateTime::UNIX_EPOCH);
        let message = MessageId("a".into());
        all.note(message.clone(), trigger(now));
        assert_eq!(all.open(&message, now).as_deref(), Some("1.2.a"));
        assert_eq!(all.open(&message, now), None);
        let answers = (0..7).filter(|_| all.answer(&message, now).is_some());
        assert_eq!(answers.count(), 5);
    }

    #[test]
    fn it_is_good_for_a_while_only() {
        let (all, now) = (Triggers::default(), DateTime::UNIX_EPOCH);
        let message = MessageId("a".into());
        all.note(message.clone(), trigger(now));
        assert_eq!(all.open(&message, now + TimeDelta::seconds(3)), None);
        assert!(all.answer(&message, now + TimeDelta::minutes(28)).is_some());
        assert!(all.answer(&message, now + TimeDelta::minutes(31)).is_none());
    }

    #[test]
    fn few_are_kept() {
        let all = Triggers::default();
        for n in 0..3 * MOST as i64 {
            let at = DateTime::UNIX_EPOCH + TimeDelta::milliseconds(n);
            all.note(MessageId(n.to_string().into()), trigger(at));
        }
        assert_eq!(locked(&all.0).len(), MOST);
        assert!(all.of(&MessageId("2999".into())).is_some());
        assert!(all.of(&MessageId("1999".into())).is_none());
    }
}
