//! Whether something that was said to nobody in particular can only be an answer.

use super::choose::is_called;
use super::{Question, is_plain_no, is_plain_yes};
use crate::model::{Choosable, FieldKind};

/// Whether what was said is, word for word, an answer to this question: a number or a word of its choices, `yes` or `no`.
/// Without a question, all is repeated and waits for a `yes`.
pub fn fits(question: Option<&Question>, said: &str) -> bool {
    let Some(question) = question else {
        return is_plain_yes(said) || is_plain_no(said);
    };
    match &question.field.kind {
        FieldKind::One(all) => names(all, said),
        FieldKind::Many(all) => said.split(',').all(|one| names(all, one)),
        FieldKind::Tick => is_plain_yes(said) || is_plain_no(said),
        FieldKind::Number { least, most } => {
            let number = said.trim().parse::<u32>();
            number.is_ok_and(|number| (least..=most).contains(&&number))
        }
        // Whatever people say to each other could be one.
        _ => false,
    }
}

fn names(all: &[Choosable], said: &str) -> bool {
    let said = said.trim().to_lowercase();
    let number = said.parse::<usize>().ok();
    number.is_some_and(|number| (1..=all.len()).contains(&number))
        || all.iter().any(|one| is_called(one, &said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;

    fn question(kind: FieldKind) -> Question {
        Question::new(Field {
            name: "x".into(),
            label: "X".into(),
            help: None,
            kind,
            value: None,
            needed: true,
            turns: false,
        })
    }

    #[test]
    fn only_what_can_be_nothing_else_is_an_answer() {
        let all = vec![
            Choosable {
                value: "feed".into(),
                label: "Feed: what a site publishes".into(),
            },
            Choosable {
                value: "tags".into(),
                label: "Tags".into(),
            },
        ];
        for (kind, yes, no) in [
            (
                FieldKind::One(all.clone()),
                &["1", " 2 ", "Feed", "tags"][..],
                &["3", "fee", "feed please", "", "skip", "1; 2"][..],
            ),
            (
                FieldKind::Many(all),
                &["1, tags", "2"],
                &["1, 3", "1 and 2", ","],
            ),
            (
                FieldKind::Tick,
                &["yes", "No."],
                &["ok", "y", "sure", "yes and no"],
            ),
            (
                FieldKind::Number { least: 2, most: 9 },
                &["2", "9"],
                &["1", "10", "two", "-3"],
            ),
            (FieldKind::Line, &[], &["1", "yes"]),
        ] {
            let question = question(kind);
            for said in yes {
                assert!(fits(Some(&question), said), "{said}");
            }
            for said in no {
                assert!(!fits(Some(&question), said), "{said}");
            }
        }
        assert!(fits(None, "Yes") && fits(None, "no") && !fits(None, "fine"));
    }
}
