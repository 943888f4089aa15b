//! Reads an answer as its question wants it.

use super::choose::{choices, many, one};
use super::{Around, Question, is_no, is_yes};
use crate::model::text::cut;
use crate::model::{Choosable, FieldKind, Refusal};
use crate::when;

/// The longest answer, in characters.
const LONGEST: usize = 3_000;
/// The longest answer of several lines, in characters.
const LONGEST_TEXT: usize = 20_000;

/// The answer in the form in which it is kept.
///
/// # Errors
/// When it is none of what the question takes.
pub fn read(question: &Question, said: &str, around: &Around) -> Result<String, Refusal> {
    let field = &question.field;
    let said = said.trim();
    let most = match field.kind {
        FieldKind::Long => LONGEST_TEXT,
        _ => LONGEST,
    };
    if said.chars().count() > most {
        let refusal = Refusal::new(format!("That is longer than {most} characters."));
        return Err(refusal.hint("say it in fewer words"));
    }
    if said.is_empty() {
        return Err(nothing(question));
    }
    match &field.kind {
        FieldKind::One(all) => one(all, said),
        FieldKind::Many(all) => many(all, said),
        FieldKind::Tick => match (is_yes(said), is_no(said)) {
            (true, _) => Ok("true".into()),
            (false, true) => Ok(String::new()),
            (false, false) => Err(Refusal::new(format!(
                "`{}` is neither `yes` nor `no`.",
                shown(said)
            ))),
        },
        FieldKind::Number { least, most } => number(said, *least, *most),
        FieldKind::Moment => {
            let moment = when::moment(&bare(said), &around.reading)?;
            Ok(moment.to_rfc3339())
        }
        FieldKind::Length => {
            let said = bare(said);
            when::duration(&said)?;
            Ok(said)
        }
        FieldKind::Schedule => schedule(&bare(said)),
        FieldKind::Secret if !around.private => Err(Refusal::new(
            "I take no secrets where others read along, and have not kept that one.",
        )
        .hint("say it to me in a direct message, and take it away here")),
        FieldKind::Secret | FieldKind::Long => Ok(said.into()),
        FieldKind::Link => link(&bare(said)),
        FieldKind::Room | FieldKind::Person => {
            let said = bare(said);
            match said.split_whitespace().count() {
                0 => Err(nothing(question)),
                _ => Ok(said),
            }
        }
        // A phrase keeps its quotes: they mean something in it.
        FieldKind::Query => Ok(one_line(said)),
        FieldKind::Line => {
            let said = bare(said);
            match said.is_empty() {
                true => Err(nothing(question)),
                false => Ok(said),
            }
        }
    }
}

/// Whether a kept answer can still be given: what was chosen may not be there any more.
pub fn is_among(question: &Question, answer: &str) -> bool {
    let has = |all: &[Choosable], value: &str| all.iter().any(|one| one.value == value);
    match &question.field.kind {
        FieldKind::One(all) => has(all, answer) || answer.is_empty() && !question.field.needed,
        FieldKind::Many(all) => answer.is_empty() || answer.split(',').all(|value| has(all, value)),
        _ => true,
    }
}

/// Whether this is, word for word, something that can be chosen.
pub fn names_a_choice(question: &Question, said: &str) -> bool {
    let mut all = choices(&question.field.kind).iter();
    all.any(|one| one.value.eq_ignore_ascii_case(said.trim()))
}

/// Whether an answer is a word or a number out of a few, so that nothing else can be meant by it.
pub fn is_closed(kind: &FieldKind) -> bool {
    match kind {
        FieldKind::One(_) | FieldKind::Many(_) | FieldKind::Tick | FieldKind::Number { .. } => true,
        FieldKind::Line
        | FieldKind::Long
        | FieldKind::Moment
        | FieldKind::Length
        | FieldKind::Schedule
        | FieldKind::Secret
        | FieldKind::Room
        | FieldKind::Person
        | FieldKind::Link
        | FieldKind::Query => false,
    }
}

fn nothing(question: &Question) -> Refusal {
    let refusal = Refusal::new("That was empty.");
    match question.field.needed {
        true => refusal.hint("`?` explains the question"),
        false => refusal.hint("`skip` leaves it out"),
    }
}

fn number(said: &str, least: u32, most: u32) -> Result<String, Refusal> {
    let said = bare(said);
    let digits: String = said
        .chars()
        .filter(|c| !matches!(c, ',' | ' ' | '\u{a0}' | '_'))
        .collect();
    let number = digits.parse::<u32>().ok();
    let number = number.filter(|number| (least..=most).contains(number));
    number.map(|number| number.to_string()).ok_or_else(|| {
        let said = shown(&said);
        Refusal::new(match most {
            u32::MAX => format!("`{said}` is no number."),
            most => format!("`{said}` is no number from {least} to {most}."),
        })
        .hint("write it in digits")
    })
}

/// A schedule in its usual words; `every` may be left out.
fn schedule(said: &str) -> Result<String, Refusal> {
    let read = when::every(said);
    let every = read.or_else(|refusal| when::every(&format!("every {said}")).map_err(|_| refusal));
    every.map(|every| every.to_string())
}

fn link(said: &str) -> Result<String, Refusal> {
    let said = said.trim_start_matches('<').trim_end_matches('>').trim();
    // A chat writes a link with its words behind a bar.
    let said = said.split('|').next().unwrap_or_default();
    let plain =
        !said.is_empty() && !said.contains(char::is_whitespace) && said.contains(['.', ':']);
    match plain {
        true => Ok(said.into()),
        false => Err(
            Refusal::new(format!("`{}` is no address on the web.", shown(said)))
                .hint("for instance `https://example.org/feed`"),
        ),
    }
}

/// Without quotes around it, on one line.
pub(super) fn bare(said: &str) -> String {
    let said = one_line(said);
    let said = said.trim();
    let quotes = [('"', '"'), ('“', '”'), ('`', '`'), ('\'', '\'')];
    for (open, close) in quotes {
        let inner = said
            .strip_prefix(open)
            .and_then(|said| said.strip_suffix(close));
        if let Some(inner) = inner.filter(|inner| !inner.contains([open, close])) {
            return inner.trim().into();
        }
    }
    said.into()
}

fn one_line(said: &str) -> String {
    let words: Vec<&str> = said.split('\n').map(str::trim).collect();
    words.join(" ").trim().into()
}

pub(super) fn shown(said: &str) -> String {
    cut(&said.replace('`', "'"), 40)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;
    use crate::when::{Order, Reading};

    fn around(private: bool) -> Around {
        Around {
            reading: Reading {
                now: "2026-11-21T09:00:00Z".parse().unwrap(),
                zone: chrono_tz::UTC,
                order: Order::DayMonth,
            },
            private,
        }
    }

    fn question(kind: FieldKind) -> Question {
        Question::new(Field {
            name: "q".into(),
            label: "Q".into(),
            help: None,
            kind,
            value: None,
            needed: true,
            turns: false,
        })
    }

    fn choices() -> Vec<Choosable> {
        let all = [
            ("feed", "Feed: a site"),
            ("close-votes", "Close votes: people"),
            ("tags", "Tags"),
        ];
        all.map(|(value, label)| Choosable {
            value: value.into(),
            label: label.into(),
        })
        .into()
    }

    #[test]
    fn what_each_kind_reads() {
        let number = FieldKind::Number {
            least: 1,
            most: 2_000,
        };
        for (kind, said, kept) in [
            (FieldKind::One(choices()), "1", Some("feed")),
            (FieldKind::One(choices()), "2.", Some("close-votes")),
            (
                FieldKind::One(choices()),
                "Close Votes",
                Some("close-votes"),
            ),
            (FieldKind::One(choices()), "clo", Some("close-votes")),
            (FieldKind::One(choices()), "\"tags\"", Some("tags")),
            (FieldKind::One(choices()), "4", None),
            (FieldKind::One(choices()), "0", None),
            (FieldKind::One(choices()), "fed up", None),
            (FieldKind::Many(choices()), "3, feed", Some("feed,tags")),
            (FieldKind::Many(choices()), "1-2", Some("feed,close-votes")),
            (FieldKind::Many(choices()), "1 3", Some("feed,tags")),
            (
                FieldKind::Many(choices()),
                "tags and close votes",
                Some("close-votes,tags"),
            ),
            (
                FieldKind::Many(choices()),
                "all",
                Some("feed,close-votes,tags"),
            ),
            (FieldKind::Many(choices()), "1, x", None),
            (FieldKind::Tick, "Yes", Some("true")),
            (FieldKind::Tick, "no", Some("")),
            (FieldKind::Tick, "perhaps", None),
            (number.clone(), "1,000", Some("1000")),
            (number.clone(), "0", None),
            (number, "many", None),
            (
                FieldKind::Moment,
                "tomorrow at 9",
                Some("2026-11-22T09:00:00+00:00"),
            ),
            (FieldKind::Moment, "whenever", None),
            (FieldKind::Length, "2 hours", Some("2 hours")),
            (FieldKind::Length, "2", None),
            (
                FieldKind::Schedule,
                "every day at 9",
                Some("every day at 9:00"),
            ),
            (FieldKind::Schedule, "5 minutes", Some("every 5 minutes")),
            (FieldKind::Schedule, "soon", None),
            (
                FieldKind::Link,
                "<https://e.org/x|e.org>",
                Some("https://e.org/x"),
            ),
            (FieldKind::Link, "e.org", Some("e.org")),
            (FieldKind::Link, "the news", None),
            (FieldKind::Line, "\"stop\"", Some("stop")),
            (FieldKind::Line, "\"\"", None),
            (
                FieldKind::Query,
                "\"borrow checker\"",
                Some("\"borrow checker\""),
            ),
            (FieldKind::Long, "a\nb", Some("a\nb")),
            (FieldKind::Person, "@ann", Some("@ann")),
            (FieldKind::Room, "#ops", Some("#ops")),
        ] {
            let read = read(&question(kind.clone()), said, &around(false)).ok();
            assert_eq!(read.as_deref(), kept, "{kind:?}: {said}");
        }
    }

    #[test]
    fn a_secret_is_taken_in_private_only() {
        let secret = question(FieldKind::Secret);
        let refusal = read(&secret, "hunter2", &around(false)).unwrap_err();
        assert!(!refusal.to_string().contains("hunter2"));
        assert_eq!(
            read(&secret, "hunter2", &around(true)).as_deref(),
            Ok("hunter2")
        );
    }
}
