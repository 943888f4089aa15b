//! The end of a dialogue, where all is repeated and waits for a `yes`.

use super::detour::{Detour, is_no, is_plain_yes, is_yes};
use super::{Dialogue, Question, Said};
use crate::model::Refusal;
use crate::model::dialogue::State;

/// Takes what somebody said when all was repeated.
pub(super) fn confirm(dialogue: &Dialogue, state: &mut State, piece: &str) -> Said {
    let asked = !dialogue.questions.is_empty();
    match Detour::of(piece) {
        Some(Detour::Cancel) => return Said::Cancelled,
        Some(Detour::Sum) => return Said::Sums,
        Some(Detour::Explain) => return Said::Explains,
        Some(Detour::Back) => {
            let Some(last) = dialogue.questions.last() else {
                return Said::Cancelled;
            };
            state.passed.remove(&last.field.name);
            state.at = Some(last.field.name.clone());
            return Said::Asks;
        }
        Some(Detour::Skip | Detour::Nothing) | None => {}
    }
    let agrees = match dialogue.strictly {
        true => is_plain_yes(piece),
        false => is_yes(piece),
    };
    if agrees {
        return Said::Done;
    }
    if !asked && is_no(piece) {
        return Said::Cancelled;
    }
    if let Some(question) = meant(dialogue, piece) {
        state.passed.remove(&question.field.name);
        state.at = Some(question.field.name.clone());
        return Said::Asks;
    }
    Said::Wrong(match (asked, is_no(piece)) {
        (true, true) => Refusal::new("Which of it shall be different?")
            .hint("type the number of an answer to change it; `cancel` ends all of it"),
        (true, false) => Refusal::new("I wait for a `yes`.").hint(
            "`yes` does it, the number of an answer changes that one, `cancel` ends all of it",
        ),
        (false, _) => Refusal::new("I wait for `yes` or `no`.").hint("`no` leaves all as it is"),
    })
}

/// The question that somebody means by its number or its name.
fn meant<'a>(dialogue: &'a Dialogue, piece: &str) -> Option<&'a Question> {
    let piece = piece.trim_start_matches('#').trim_end_matches(['.', ')']);
    if let Ok(number) = piece.parse::<usize>() {
        return dialogue.repeated().nth(number.checked_sub(1)?);
    }
    let is_it = |question: &&Question| {
        let field = &question.field;
        field.name.eq_ignore_ascii_case(piece) || field.label.eq_ignore_ascii_case(piece)
    };
    dialogue.questions.iter().find(is_it)
}
