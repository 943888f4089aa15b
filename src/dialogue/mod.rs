//! Questions and answers: a dialogue is data, and [`step`] is all that happens in it.
//!
//! Invariant: nothing here knows who asks or where it is kept; each step is a function of the questions, of how far
//! somebody has come, and of what they said.

mod detour;
mod pieces;
pub mod read;
mod said;

use crate::model::dialogue::{Answers, State, answer};
use crate::model::{Field, FieldKind, Refusal};
use crate::when::Reading;

pub use detour::{Detour, is_no, is_plain_yes, is_yes};
pub use said::{Button, answered, question, shown, summary};

/// A question, with what a form need not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub field: Field,
    /// What somebody could answer.
    pub example: Option<String>,
    /// The page of the manual that says more.
    pub page: Option<String>,
    /// It is asked only where this question was answered so.
    pub only_if: Option<(String, String)>,
    /// It only leads on: its answer is not repeated.
    pub passing: bool,
}

impl Question {
    /// A question that is asked of everybody, with neither example nor page.
    pub fn new(field: Field) -> Question {
        Question {
            field,
            example: None,
            page: None,
            only_if: None,
            passing: false,
        }
    }
}

/// Questions in the order in which they are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialogue {
    /// No two of them have one name.
    pub questions: Vec<Question>,
    /// All is repeated at the end, and waits for a `yes`; otherwise the last answer ends it.
    pub confirms: bool,
    /// Only the word `yes` does it: what people say in passing does not.
    pub strictly: bool,
}

impl Dialogue {
    /// The questions whose answers are repeated, in the order of their numbers.
    pub fn repeated(&self) -> impl Iterator<Item = &Question> {
        self.questions.iter().filter(|question| !question.passing)
    }

    pub fn question(&self, name: &str) -> Option<&Question> {
        self.questions
            .iter()
            .find(|question| question.field.name == name)
    }
}

/// What a dialogue asks, and what it makes of answers.
pub trait Asks {
    /// The questions as these answers turn them.
    fn dialogue(&self, answers: &Answers) -> Dialogue;

    /// The answer as it is kept, of one that fits its kind.
    ///
    /// # Errors
    /// When it makes no sense beside the other answers.
    fn check(&self, _: &Question, answer: String, _: &Answers) -> Result<String, Refusal> {
        Ok(answer)
    }

    /// The question that is asked once more because of an answer, which is not kept.
    fn again(&self, _: &Question, _answer: &str) -> Option<String> {
        None
    }
}

/// One whose questions are known from the beginning.
impl Asks for Dialogue {
    fn dialogue(&self, answers: &Answers) -> Dialogue {
        let is_asked = |question: &&Question| match &question.only_if {
            Some((name, wanted)) => answer(answers, name) == Some(wanted),
            None => true,
        };
        Dialogue {
            questions: self.questions.iter().filter(is_asked).cloned().collect(),
            confirms: self.confirms,
            strictly: self.strictly,
        }
    }
}

/// Where and when somebody answers.
#[derive(Clone, Debug)]
pub struct Around {
    pub reading: Reading,
    /// Nobody else hears it.
    pub private: bool,
}

/// What comes of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The question that waits now is to be asked, or all to be repeated.
    Asks,
    /// That was no answer; the same is asked again.
    Wrong(Refusal),
    /// The question is to be explained.
    Explains,
    /// What was answered so far is to be shown.
    Sums,
    Cancelled,
    /// Everything is answered, and confirmed where that is wanted.
    Done,
}

/// The most questions that one answer can take away from behind others.
const DEEP: usize = 8;

/// A dialogue at its beginning, with these answers given already; those that cannot be are asked for.
pub fn begin(asks: &dyn Asks, name: &str, given: &Answers, around: &Around) -> State {
    let mut state = State {
        name: name.into(),
        ..State::default()
    };
    // An answer may bring the question of the next.
    for _ in 0..=given.len() {
        for (name, given) in given {
            if state.passed.contains(name) {
                continue;
            }
            let is_known = state.answers.iter().any(|(known, _)| known == name);
            let mut with = state.answers.clone();
            if !is_known {
                with.push((name.clone(), given.clone()));
            }
            // It may bring its own question, which is asked of nobody else.
            let dialogue = asks.dialogue(&with);
            let Some(question) = dialogue.question(name) else {
                continue;
            };
            let read = read::read(question, given, around)
                .and_then(|answer| asks.check(question, answer, &state.answers));
            match read {
                Ok(answer) => put(&mut state, name, answer),
                // Without it, nobody would ask for it any more.
                Err(_) if asks.dialogue(&state.answers).question(name).is_none() => {
                    state.answers = with;
                }
                Err(_) => {}
            }
        }
    }
    settle(asks, &mut state);
    state
}

/// Takes what somebody said, which may be several answers, one behind the other.
pub fn step(asks: &dyn Asks, state: &mut State, line: &str, around: &Around) -> Said {
    let mut rest = line;
    loop {
        let whole = takes_all(asks, state);
        let (piece, behind) = match whole {
            true => (rest, ""),
            false => pieces::first(rest),
        };
        let said = one(asks, state, piece.trim(), around);
        state.wrong = match said {
            Said::Wrong(_) => state.wrong.saturating_add(1),
            Said::Asks | Said::Done | Said::Cancelled => 0,
            Said::Explains | Said::Sums => state.wrong,
        };
        match said {
            Said::Asks if !behind.trim().is_empty() => rest = behind,
            said => return said,
        }
    }
}

/// Whether the question that waits takes all of what is said, with whatever stands in it.
fn takes_all(asks: &dyn Asks, state: &State) -> bool {
    let dialogue = asks.dialogue(&state.answers);
    let at = state.at.as_deref().and_then(|at| dialogue.question(at));
    at.is_some_and(|question| matches!(question.field.kind, FieldKind::Long | FieldKind::Secret))
}

/// Takes one answer, or a word beside the answers.
fn one(asks: &dyn Asks, state: &mut State, piece: &str, around: &Around) -> Said {
    let dialogue = asks.dialogue(&state.answers);
    let Some(at) = state.at.clone() else {
        return confirm(&dialogue, state, piece);
    };
    let Some(question) = dialogue.question(&at) else {
        // Its questions are others since it was kept.
        settle(asks, state);
        return Said::Asks;
    };
    // What can be chosen is chosen, whatever else it means.
    let detour = match read::names_a_choice(question, piece) {
        true => None,
        false => Detour::of(piece),
    };
    match detour {
        Some(Detour::Cancel) => return Said::Cancelled,
        Some(Detour::Explain) => return Said::Explains,
        Some(Detour::Sum) => return Said::Sums,
        Some(Detour::Back) => return back(&dialogue, state, &at),
        Some(Detour::Skip) => return skip(asks, state, question),
        Some(Detour::Nothing) if !question.field.needed => {
            put(state, &at, String::new());
            settle(asks, state);
            return Said::Asks;
        }
        Some(Detour::Nothing) | None => {}
    }
    let read = read::read(question, piece, around)
        .and_then(|answer| asks.check(question, answer, &state.answers));
    match read {
        Ok(answer) => match asks.again(question, &answer) {
            Some(again) => {
                state.passed.remove(&again);
                state.at = Some(again);
                Said::Asks
            }
            None => {
                put(state, &at, answer);
                settle(asks, state);
                ended(&dialogue_now(asks, state), state)
            }
        },
        Err(refusal) => Said::Wrong(refusal.about(&at)),
    }
}

fn dialogue_now(asks: &dyn Asks, state: &State) -> Dialogue {
    asks.dialogue(&state.answers)
}

/// What comes when a question is done with: the next one, or the end.
fn ended(dialogue: &Dialogue, state: &State) -> Said {
    match state.at.is_none() && !dialogue.confirms {
        true => Said::Done,
        false => Said::Asks,
    }
}

fn back(dialogue: &Dialogue, state: &mut State, at: &str) -> Said {
    let mut before = dialogue.questions.iter();
    let here = before.position(|question| question.field.name == at);
    let before = here.and_then(|here| here.checked_sub(1));
    match before.and_then(|before| dialogue.questions.get(before)) {
        Some(question) => {
            state.passed.remove(&question.field.name);
            state.at = Some(question.field.name.clone());
            Said::Asks
        }
        None => Said::Wrong(
            Refusal::new("That is the first question; nothing comes before it.")
                .hint("`cancel` ends all of it"),
        ),
    }
}

/// Leaves a question as it is: with its answer if it had one, with what is usual otherwise.
fn skip(asks: &dyn Asks, state: &mut State, question: &Question) -> Said {
    let name = &question.field.name;
    let answered = state.answer(name).is_some();
    if !answered && question.field.needed {
        match question.field.value.clone() {
            Some(usual) => put(state, name, usual),
            None => {
                return Said::Wrong(
                    Refusal::new("That one cannot be left out.")
                        .hint("`?` explains it, `cancel` ends all of it"),
                );
            }
        }
    }
    state.passed.insert(name.clone());
    settle(asks, state);
    ended(&dialogue_now(asks, state), state)
}

/// Takes what somebody said when all was repeated.
fn confirm(dialogue: &Dialogue, state: &mut State, piece: &str) -> Said {
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

fn put(state: &mut State, name: &str, answer: String) {
    state.passed.insert(name.into());
    match state.answers.iter_mut().find(|(known, _)| known == name) {
        Some((_, kept)) => *kept = answer,
        None => state.answers.push((name.into(), answer)),
    }
}

/// Forgets the answers to what is no longer asked, and goes to the first question that is open.
fn settle(asks: &dyn Asks, state: &mut State) {
    for _ in 0..DEEP {
        let dialogue = asks.dialogue(&state.answers);
        let fits = |name: &str, answer: &str| {
            let question = dialogue.question(name);
            question.is_some_and(|question| read::is_among(question, answer))
        };
        let before = state.answers.len();
        state.answers.retain(|(name, answer)| fits(name, answer));
        let answers = &state.answers;
        let is_answered = |name: &str| answers.iter().any(|(known, _)| known == name);
        state.passed.retain(|name| {
            let question = dialogue.question(name);
            question.is_some_and(|question| !question.field.needed || is_answered(name))
        });
        let mut names = dialogue
            .questions
            .iter()
            .map(|question| &question.field.name);
        state.at = names.find(|name| !state.passed.contains(*name)).cloned();
        if before == state.answers.len() {
            return;
        }
    }
}
