//! What a tracker said.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::text::Span;
use super::{ItemId, MessageId, PersonId, RoomId, SourceId, Text, TrackerId};

/// Numbers reports in the order they were made.
pub type ReportId = u64;

/// An item that a tracker announced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub id: ReportId,
    pub tracker: TrackerId,
    pub source: SourceId,
    pub item: ItemId,
    pub title: String,
    pub url: Option<String>,
    pub at: DateTime<Utc>,
    /// Why the filters kept it.
    pub because: String,
    /// Which predicates held, and where; not known of old reports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Reason>,
}

/// A predicate that an item met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// As it is written in a query.
    pub predicate: String,
    /// Words that stand after "because"; empty where passages show it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passages: Vec<Passage>,
}

/// A short piece of an item's text, with what was found in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Which text: `title`, `body`, or the name of a fact.
    pub of: String,
    pub words: String,
    /// What was found, in bytes of the words, from the first to behind the last.
    pub marks: Vec<(u32, u32)>,
}

impl Passage {
    /// Its words, those that were found marked.
    pub fn spans(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        let mut read = 0;
        for (from, to) in &self.marks {
            let (from, to) = (*from as usize, *to as usize);
            let (Some(before), Some(found)) =
                (self.words.get(read..from), self.words.get(from..to))
            else {
                continue;
            };
            spans.push(Span::Words(before.into()));
            spans.push(Span::Marked(found.into()));
            read = to;
        }
        spans.push(Span::Words(
            self.words.get(read..).unwrap_or_default().into(),
        ));
        spans.retain(|span| !matches!(span, Span::Words(words) if words.is_empty()));
        spans
    }
}

/// A day whose reports of a tracker stand in one thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    pub tracker: TrackerId,
    /// As the room counts its days.
    pub date: NaiveDate,
    /// It begins the thread, and does not stand in it.
    pub opens: bool,
}

/// Something that still has to be said; it leaves the store when the platform has said it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    pub room: RoomId,
    pub text: Text,
    /// Whose reports it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracker: Option<TrackerId>,
    /// The reports it says; none for a notice.
    pub reports: Vec<ReportId>,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// It was tried in one message with the entry of this number, and others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<u64>,
    /// The message that it answers, and whose that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<(MessageId, PersonId)>,
    /// Since when it waits; long ago where an older version wrote it.
    #[serde(default)]
    pub at: DateTime<Utc>,
    /// How many of the messages that it becomes were said.
    #[serde(default)]
    pub said: usize,
    /// It stands for so many others that there was no room for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub folded: u64,
    /// The thread in which it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<MessageId>,
    /// The day in whose thread it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Day>,
    /// Only the person whom it answers is to see it, where the platform can do that.
    #[serde(default, skip_serializing_if = "is_false")]
    pub only: bool,
    /// From then on nobody wants to hear it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<DateTime<Utc>>,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

fn is_false(yes: &bool) -> bool {
    !yes
}

impl Outgoing {
    /// A notice that nobody has tried to say yet.
    pub fn new(room: RoomId, text: Text, at: DateTime<Utc>) -> Outgoing {
        Outgoing {
            room,
            text,
            tracker: None,
            reports: Vec::new(),
            attempts: 0,
            with: None,
            answers: None,
            at,
            said: 0,
            folded: 0,
            thread: None,
            day: None,
            only: false,
            expires: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_an_older_version_is_read() {
        let old = r#"{"id":3,"tracker":1,"source":2,"item":"x","title":"T","url":null,
            "at":"2026-11-21T09:00:00Z","because":"there is no filter"}"#;
        let report: Report = serde_json::from_str(old).unwrap();
        assert!(report.why.is_empty());
        let old = r#"{"room":{"platform":"a","room":"b"},"text":[],"reports":[3],"attempts":0}"#;
        let outgoing: Outgoing = serde_json::from_str(old).unwrap();
        assert_eq!(outgoing.tracker, None);
    }

    #[test]
    fn marks_that_fit_nowhere_mark_nothing() {
        let passage = Passage {
            of: "title".into(),
            words: "über alles".into(),
            marks: vec![(1, 3), (6, 11), (3, 4), (90, 99)],
        };
        let text = Text::new().spans(passage.spans());
        assert_eq!(text.plain(), "über **alles**");
    }
}
