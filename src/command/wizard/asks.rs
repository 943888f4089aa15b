//! A dialogue at work: its questions, and whether an answer makes sense, which is tried out and taken back.

use std::cell::RefCell;
use std::collections::HashMap;

use super::questions::{self, FITS, LINE, TRACKER};
use super::rare::MORE;
use super::{About, line, room, sample, within};
use crate::command::form::SOURCE;
use crate::command::{Grammar, Scene, change};
use crate::dialogue::{Asks, Dialogue, Question};
use crate::filter;
use crate::model::dialogue::{Answers, answer};
use crate::model::{Item, Message, PersonId, Refusal, Role, RoomId, Text};
use crate::source;
use crate::tracker::{Trial, Trouble};

/// Where a dialogue is kept: where its person answers.
pub type Place = (RoomId, PersonId);

/// A dialogue with all that its questions depend on.
pub struct Wizard<'a, 's> {
    pub about: &'a About,
    place: &'a Place,
    inside: RefCell<Inside<'a, 's>>,
    tried: RefCell<HashMap<String, Tried>>,
    items: RefCell<HashMap<Option<String>, Vec<Item>>>,
}

struct Inside<'a, 's> {
    grammar: &'a mut Grammar,
    scene: &'a mut Scene<'s>,
}

/// What a line would do.
#[derive(Clone)]
pub enum Tried {
    /// What it would answer.
    Fine(Text),
    Refused(Refusal),
}

impl<'a, 's> Wizard<'a, 's> {
    pub fn new(
        grammar: &'a mut Grammar,
        scene: &'a mut Scene<'s>,
        about: &'a About,
        place: &'a Place,
    ) -> Wizard<'a, 's> {
        Wizard {
            about,
            place,
            inside: RefCell::new(Inside { grammar, scene }),
            tried: RefCell::default(),
            items: RefCell::default(),
        }
    }

    /// What the source has that is talked about, as far as is known, the newest last.
    pub fn items(&self, answers: &Answers) -> Vec<Item> {
        let key = match self.about {
            About::Track => answer(answers, SOURCE).map(|_| {
                let inside = self.inside.borrow();
                line::plain(inside.scene, self.about, &only_source(answers)).unwrap_or_default()
            }),
            About::Edit | About::Filter => answer(answers, TRACKER).map(String::from),
            About::Room
            | About::Sure(..)
            | About::Instead(_)
            | About::Lacks(_)
            | About::Other(_) => None,
        };
        if let Some(items) = self.items.borrow().get(&key) {
            return items.clone();
        }
        let inside = self.inside.borrow();
        let items = key
            .as_ref()
            .and_then(|_| sample::known(inside.scene, self.about, self.place, answers).ok());
        let items = items.unwrap_or_default();
        self.items.borrow_mut().insert(key, items.clone());
        items
    }

    /// The line that says what was answered so far.
    pub fn line(&self, answers: &Answers) -> Option<String> {
        line::plain(self.inside.borrow().scene, self.about, answers)
    }

    /// The same in words.
    pub fn in_words(&self, answers: &Answers) -> Option<String> {
        let line = self.line(answers)?;
        Some(line::in_words(self.inside.borrow_mut().grammar, &line))
    }

    /// What the line would do that says what was answered so far; none where too little was.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tried(&self, answers: &Answers) -> Result<Option<Tried>, Trouble> {
        let Some(line) = self.line(answers) else {
            return Ok(None);
        };
        if let Some(tried) = self.tried.borrow().get(&line) {
            return Ok(Some(tried.clone()));
        }
        let mut inside = self.inside.borrow_mut();
        let Inside { grammar, scene } = &mut *inside;
        let (tried, _) = tried(grammar, scene, &line, scene.role)?;
        self.tried.borrow_mut().insert(line, tried.clone());
        Ok(Some(tried))
    }

    /// The tracker that would come of what was answered so far, to be tried.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn trial(&self, answers: &Answers) -> Result<Option<Trial>, Trouble> {
        let Some(line) = self.line(answers) else {
            return Ok(None);
        };
        let mut inside = self.inside.borrow_mut();
        let Inside { grammar, scene } = &mut *inside;
        // What it brings is shown, also where it is too much.
        let (_, trial) = tried(grammar, scene, &line, Role::Operator)?;
        Ok(trial)
    }

    /// Shows the scene.
    pub fn scene<T>(&self, show: impl FnOnce(&mut Scene<'s>) -> T) -> T {
        show(self.inside.borrow_mut().scene)
    }
}

/// Whether an answer to the question of this name is what is wrong.
fn is_about(refusal: &Refusal, name: &str, given: &str) -> bool {
    let about = refusal.about.as_deref();
    let wished = |about: &str| name == MORE && given.split(',').any(|one| one == about);
    about.is_some_and(|about| about == name || about == room::list_of(name) || wished(about))
}

/// The answers that say what is watched.
fn only_source(answers: &Answers) -> Vec<(String, String)> {
    let chosen = answer(answers, SOURCE);
    let kind = source::ALL.iter().find(|kind| Some(kind.name) == chosen);
    let is_own = |name: &str| kind.is_some_and(|kind| questions::is_own(kind, name));
    let of_source = answers
        .iter()
        .filter(|(name, _)| name == SOURCE || is_own(name));
    of_source.cloned().collect()
}

/// Does what a line says as a dry run, as somebody of this role, and takes it back.
fn tried(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    line: &str,
    role: Role,
) -> Result<(Tried, Option<Trial>), Trouble> {
    let tracks = !line.starts_with("room");
    let line = match (tracks, role > scene.role) {
        (true, true) => line::with(&line::with(line, "--broad"), "--dry-run"),
        (true, false) => line::with(line, "--dry-run"),
        // It is taken back all the same.
        (false, _) => line.to_string(),
    };
    let message: &Message = scene.message;
    let mark = scene.store.mark();
    scene.trackers.begin();
    let (outcome, trial) = within(scene, (message, role), &line, |scene| {
        let outcome = crate::command::obey(grammar, scene);
        let touched = scene.trackers.touched().map(|tracker| tracker.id);
        let trial = touched.and_then(|id| scene.trackers.trial(id).ok());
        (outcome, trial)
    });
    (scene.work, scene.errand) = (None, None);
    scene.store.rewind(mark);
    scene.trackers.rewind(scene.store)?;
    match outcome {
        Ok(text) | Err(Trouble::DryRun(text)) => Ok((Tried::Fine(text), trial)),
        Err(Trouble::Refusal(refusal)) => Ok((Tried::Refused(refusal), trial)),
        Err(Trouble::Store(error)) => Err(Trouble::Store(error)),
    }
}

impl Asks for Wizard<'_, '_> {
    fn dialogue(&self, answers: &Answers) -> Dialogue {
        let examples = !self.items(answers).is_empty();
        questions::of(self.inside.borrow().scene, self.about, answers, examples)
    }

    fn check(
        &self,
        question: &Question,
        given: String,
        answers: &Answers,
    ) -> Result<String, Refusal> {
        let name = question.field.name.as_str();
        // `heat:>5` says no more than `>5` where it is asked for.
        let given = match given.split_once(':') {
            Some((before, value)) if before == name && !value.trim().is_empty() => {
                value.trim().to_string()
            }
            Some(_) | None => given,
        };
        self.judged(question, given.clone(), answers)
            .or_else(|refusal| {
                // `the coffee site, please` is `coffee`.
                let plain = without_fillers(&given);
                match plain != given && !plain.is_empty() {
                    true => self.judged(question, plain, answers).map_err(|_| refusal),
                    false => Err(refusal),
                }
            })
    }

    fn again(&self, question: &Question, given: &str) -> Option<String> {
        let asks = question.field.name == FITS && given != "yes";
        asks.then(|| match self.about {
            About::Filter => questions::FILTER.into(),
            About::Track
            | About::Edit
            | About::Room
            | About::Sure(..)
            | About::Instead(_)
            | About::Lacks(_)
            | About::Other(_) => "where".into(),
        })
    }
}

/// An answer without what people put around it.
fn without_fillers(given: &str) -> String {
    const FILLERS: [&str; 9] = [
        "the", "a", "an", "site", "please", "feed", "of", "from", "on",
    ];
    let words = given
        .split_whitespace()
        .map(|word| word.trim_end_matches([',', '.', '!']));
    let words = words.filter(|word| !FILLERS.contains(&word.to_lowercase().as_str()));
    words.collect::<Vec<&str>>().join(" ")
}

impl Wizard<'_, '_> {
    /// The answer as it is kept, if it makes sense beside the others.
    fn judged(
        &self,
        question: &Question,
        given: String,
        answers: &Answers,
    ) -> Result<String, Refusal> {
        let name = question.field.name.as_str();
        let tracks = |command: &String| command == crate::command::track::KIND.name;
        if matches!(self.about, About::Lacks(command) if !tracks(command)) {
            // Nothing shows what it would do but doing it.
            return Ok(given);
        }
        let given = match name {
            // `my beer` is nearly a name.
            "name" => given.split_whitespace().collect::<Vec<&str>>().join("-"),
            _ => given,
        };
        if [LINE, FITS, questions::FILTER].contains(&name) {
            return Ok(given);
        }
        if name == "in" && ["here", "this room"].contains(&given.to_lowercase().as_str()) {
            return Ok("here".into());
        }
        if name == TRACKER {
            let tracker = change::own(self.inside.borrow().scene, &given)?;
            return Ok(tracker.name.to_string());
        }
        let mut with: Vec<(String, String)> = answers.to_vec();
        with.retain(|(known, _)| known != name);
        with.push((name.into(), given.clone()));
        let Some(line) = self.line(&with) else {
            return Ok(given);
        };
        let chooses = name == "where" || filter::names().any(|filter| filter == name);
        let mut inside = self.inside.borrow_mut();
        let Inside { grammar, scene } = &mut *inside;
        // How much it brings is asked where it is said what to keep, and at the end.
        let role = match chooses {
            true => scene.role,
            false => Role::Operator,
        };
        let without = {
            let mut answers = answers.to_vec();
            answers.retain(|(known, _)| known != name);
            line::plain(scene, self.about, &answers)
        };
        match tried(grammar, scene, &line, role) {
            // What is left as it was is no mistake here.
            Ok((Tried::Refused(refusal), _)) if refusal.idle => Ok(given),
            Ok((Tried::Refused(refusal), _)) if is_about(&refusal, name, &given) => {
                Err(match name {
                    // What the command says of its flag is no answer here.
                    "in" => refusal.hint("`here` tells it in this room"),
                    "thread" | MORE => refusal.hint("choose others, or `none`"),
                    _ => refusal,
                })
            }
            Ok((Tried::Refused(refusal), _)) => {
                let other = refusal.about.as_deref().filter(|other| *other != name);
                let wished = answer(answers, MORE).unwrap_or_default();
                let is_said = |other: &str| {
                    answer(answers, other).is_some() || wished.split(',').any(|one| one == other)
                };
                if without.is_none() && other.is_some_and(is_said) {
                    // That one could not be tried before; the end says so.
                    return Ok(given);
                }
                // Where it is wrong without this answer too, another one is to blame, and the end says so.
                let before = without.map(|line| tried(grammar, scene, &line, role));
                match before {
                    Some(Ok((Tried::Refused(before), _))) if !before.idle => Ok(given),
                    Some(_) | None => Err(refusal),
                }
            }
            Ok((Tried::Fine(_), _)) => Ok(given),
            Err(trouble) => {
                // The end says it once more, and then it counts.
                tracing::error!(%trouble, "an answer cannot be tried");
                Ok(given)
            }
        }
    }
}
