//! The beginning of a dialogue, of which some answers may be known already.

use super::{Around, Asks, put, read, settle};
use crate::model::Refusal;
use crate::model::dialogue::{Answers, State};

/// A dialogue that has begun.
#[derive(Debug)]
pub struct Begun {
    pub state: State,
    /// Why an answer that was given beforehand is none; it is asked for.
    pub wrong: Option<Refusal>,
}

/// A dialogue at its beginning, with these answers given already; those that cannot be are asked for.
pub fn begin(asks: &dyn Asks, name: &str, given: &Answers, around: &Around) -> Begun {
    let mut state = State {
        name: name.into(),
        ..State::default()
    };
    let mut wrong: Vec<(&str, Refusal)> = Vec::new();
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
                Ok(answer) => put(&mut state, question, answer),
                Err(refusal) => {
                    // Without it, nobody would ask for it any more.
                    if asks.dialogue(&state.answers).question(name).is_none() {
                        state.answers = with;
                    }
                    wrong.retain(|(known, _)| known != name);
                    wrong.push((name, refusal.about(name)));
                }
            }
        }
    }
    settle(asks, &mut state);
    let asked = asks.dialogue(&state.answers);
    wrong.retain(|(name, _)| !state.passed.contains(*name) && asked.question(name).is_some());
    // What waits now comes first.
    let at = |(name, _): &(&str, Refusal)| state.at.as_deref() == Some(*name);
    let first = wrong.iter().position(at).unwrap_or(0);
    let wrong = (first < wrong.len()).then(|| wrong.swap_remove(first).1);
    Begun { state, wrong }
}
