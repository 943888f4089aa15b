//! Questions and answers: a dialogue is data, and [`step`] is all that happens in it.
//!
//! Invariant: nothing here knows who asks or where it is kept; each step is a function of the questions, of how far
//! somebody has come, and of what they said.

mod begin;
mod choose;
mod confirm;
mod detour;
mod exact;
pub mod pieces;
pub mod read;
mod said;

use crate::model::dialogue::{Answers, State, answer};
use crate::model::{Field, FieldKind, Refusal};
use crate::when::Reading;

pub use begin::{Begun, begin};
pub use detour::{Detour, is_no, is_plain_no, is_plain_yes, is_yes};
pub use exact::fits;
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

/// Takes what somebody said, which may be several answers, one behind the other. Where one is not understood, what
/// stands behind it is kept, and taken once that is mended.
pub fn step(asks: &dyn Asks, state: &mut State, line: &str, around: &Around) -> Said {
    if forgot(&asks.dialogue(&state.answers), state) {
        settle(asks, state);
        return Said::Asks;
    }
    let mut kept = std::mem::take(&mut state.rest);
    let mut rest = line.to_string();
    loop {
        let (piece, behind) = match takes_all(asks, state) {
            true => (rest.as_str(), ""),
            false => pieces::first(&rest),
        };
        let piece = piece.trim().to_string();
        // Who says more than one answer says again what stood behind; who goes back wants it otherwise.
        let behind = match behind.trim() {
            "" if Detour::of(&piece) == Some(Detour::Back) => String::new(),
            "" => std::mem::take(&mut kept),
            behind => behind.to_string(),
        };
        kept.clear();
        let said = answered_with(asks, state, &piece, around);
        match said {
            Said::Asks if !behind.is_empty() => rest = behind,
            Said::Wrong(_) | Said::Explains | Said::Sums => {
                keep_rest(asks, state, behind);
                return said;
            }
            Said::Asks | Said::Cancelled | Said::Done => return said,
        }
    }
}

/// Takes one answer, whatever stands in it: one that was chosen, and not typed.
pub fn answered_with(asks: &dyn Asks, state: &mut State, answer: &str, around: &Around) -> Said {
    let said = one(asks, state, answer.trim(), around);
    state.wrong = match said {
        Said::Wrong(_) => state.wrong.saturating_add(1),
        Said::Asks | Said::Done | Said::Cancelled => 0,
        Said::Explains | Said::Sums => state.wrong,
    };
    said
}

/// Keeps what stands behind an answer that was not understood, unless a secret may stand there.
pub fn keep_rest(asks: &dyn Asks, state: &mut State, rest: String) {
    let dialogue = asks.dialogue(&state.answers);
    let is_secret = |question: &Question| question.field.kind == FieldKind::Secret;
    state.rest = match dialogue.questions.iter().any(is_secret) {
        true => String::new(),
        false => rest,
    };
}

/// Whether a secret was answered that this process has not heard: it is written nowhere.
fn forgot(dialogue: &Dialogue, state: &State) -> bool {
    dialogue.questions.iter().any(|question| {
        let field = &question.field;
        let is_known = state.secrets.iter().any(|(name, _)| *name == field.name);
        field.kind == FieldKind::Secret
            && field.needed
            && state.passed.contains(&field.name)
            && !is_known
    })
}

/// Goes on after something happened beside it: what cannot be answered any more is forgotten, and the first question
/// that is open waits.
pub fn resume(asks: &dyn Asks, state: &mut State) {
    let dialogue = asks.dialogue(&state.answers);
    let waits = state.at.as_deref().and_then(|at| dialogue.question(at));
    let fits = |(name, answer): &(String, String)| {
        let question = dialogue.question(name);
        question.is_some_and(|question| read::is_among(question, answer))
    };
    if waits.is_none() && state.at.is_some()
        || !state.answers.iter().all(fits)
        || forgot(&dialogue, state)
    {
        settle(asks, state);
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
        return confirm::confirm(&dialogue, state, piece);
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
            put(state, question, String::new());
            settle(asks, state);
            return ended(&dialogue_now(asks, state), state);
        }
        Some(Detour::Nothing) => return Said::Wrong(must(question, state)),
        // `fine` is what people say to what would be left as it is.
        None if is_yes(piece) && is_left_by_yes(question, state) => {
            return skip(asks, state, question);
        }
        None => {}
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
                put(state, question, answer);
                settle(asks, state);
                ended(&dialogue_now(asks, state), state)
            }
        },
        Err(refusal) => Said::Wrong(refusal.about(&at)),
    }
}

/// Whether `yes` can only mean that what a question has already is right.
fn is_left_by_yes(question: &Question, state: &State) -> bool {
    let field = &question.field;
    let has = state.answer(&field.name).is_some() || field.value.is_some();
    has && match field.kind {
        FieldKind::One(_)
        | FieldKind::Many(_)
        | FieldKind::Moment
        | FieldKind::Length
        | FieldKind::Schedule
        | FieldKind::Number { .. }
        | FieldKind::Link => true,
        FieldKind::Line
        | FieldKind::Long
        | FieldKind::Tick
        | FieldKind::Secret
        | FieldKind::Room
        | FieldKind::Person
        | FieldKind::Query => false,
    }
}

/// Why nothing is no answer to a question.
fn must(question: &Question, state: &State) -> Refusal {
    let field = &question.field;
    let has = state.answer(&field.name).is_some() || field.value.is_some();
    let refusal = Refusal::new("That one must be answered.");
    match (has, read::is_closed(&field.kind)) {
        (true, _) => refusal.hint("`skip` leaves it as it is"),
        (false, true) => refusal.hint("`?` explains it, `cancel` ends all of it"),
        (false, false) => refusal
            .hint("if that word was your answer, put it between quotes; `cancel` ends all of it"),
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
            Some(usual) => put(state, question, usual),
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

fn put(state: &mut State, question: &Question, answer: String) {
    let name = &question.field.name;
    state.passed.insert(name.clone());
    let kept = match question.field.kind {
        FieldKind::Secret => &mut state.secrets,
        _ => &mut state.answers,
    };
    match kept.iter_mut().find(|(known, _)| known == name) {
        Some((_, kept)) => *kept = answer,
        None => kept.push((name.clone(), answer)),
    }
}

/// Forgets the answers to what is no longer asked, and goes to the first question that is open.
pub fn settle(asks: &dyn Asks, state: &mut State) {
    for _ in 0..DEEP {
        let dialogue = asks.dialogue(&state.answers);
        let fits = |name: &str, answer: &str| {
            let question = dialogue.question(name);
            question.is_some_and(|question| read::is_among(question, answer))
        };
        let before = state.answers.len();
        state.answers.retain(|(name, answer)| fits(name, answer));
        let is_asked = |name: &str| dialogue.question(name).is_some();
        state.secrets.retain(|(name, _)| is_asked(name));
        let answered = state.answers.iter().chain(&state.secrets);
        let answered: Vec<&str> = answered.map(|(name, _)| name.as_str()).collect();
        let is_answered = |name: &str| answered.contains(&name);
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
