//! `wizard`: sets something up by asking questions.

mod asks;
mod begun;
pub mod form;
mod handed;
mod heard;
mod instead;
mod kept;
mod lacks;
mod line;
mod offered;
mod questions;
mod rare;
mod recipes;
mod room;
mod sample;
mod told;
mod turn;

use clap::ArgMatches;
use serde::{Deserialize, Serialize};

use super::form::SOURCE;
use super::may::{self, Deed};
use super::{Act, CommandKind, Grammar, Scene, change};
use crate::dialogue::pieces;
use crate::model::{Message, Refusal, Role, Text};
use crate::registry::{Kind, declare};
use crate::source;
use crate::tracker::Trouble;

use recipes::RECIPE;

pub use begun::repeated;
pub use handed::handed;
pub use heard::{fits, heard};
pub use instead::instead;
pub use kept::{Secrets, forget, plain_until, plan};
pub use sample::sampled;

/// Asks what you want, one question after the other, and does it.
#[derive(clap::Args)]
struct Wizard {
    /// What to set up: `track`, as usual, `recipe`, `edit`, `filter` or `room`, with what is known of it already; `continue` goes on here with what was begun in another room.
    #[arg(
        value_name = "WHAT",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    what: Vec<String>,
    /// The question that is answered: what a button types.
    #[arg(long, value_name = "QUESTION", hide = true)]
    to: Option<String>,
    /// The dialogue, or the one question of it, that is answered on a form: what a button types.
    #[arg(long, value_name = "QUESTION", hide = true)]
    form: Option<String>,
}

pub const KIND: CommandKind = Kind {
    name: "wizard",
    declare: || declare::<Wizard>("wizard"),
    page: include_str!("../../../man/wizard.md"),
    build: Act {
        role: Role::Member,
        run,
    },
};

/// What a dialogue is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// A new tracker.
    Track,
    /// A tracker that is there.
    Edit,
    /// One filter of a tracker that is there.
    Filter,
    /// What the room wishes.
    Room,
    /// Whether this line is to be done, which does what is said behind it.
    Sure(String, String),
    /// Which of these lines is meant.
    Instead(Vec<String>),
    /// What the command of this name lacks.
    Lacks(String),
    /// Whether this line is done in the place of what waits.
    Other(String),
}

impl About {
    /// The name under which it is kept: a line may have line ends in it.
    pub fn name(&self) -> String {
        serde_json::to_string(self).expect("words only are always written")
    }

    /// What was kept under a name; none when that is known no more.
    pub fn named(name: &str) -> Option<About> {
        serde_json::from_str(name).ok()
    }
}

/// A dialogue that is to begin.
#[derive(Debug)]
pub enum Begins {
    /// With what is answered already, by the names of the questions, and with answers to those that come.
    New(About, Vec<(String, String)>, String),
    /// What was asked before is asked again.
    Again,
    /// What a button answers to the question of this name.
    Answer(String, String),
    /// What was begun in another room goes on here.
    Continue,
    /// All that is asked about something stands on a form.
    Form(About, Vec<(String, String)>),
    /// What is asked already stands on a form.
    FormOf(String),
}

impl Begins {
    /// A form that begins a tracker.
    pub const NEW_TRACKER: Begins = Begins::Form(About::Track, Vec::new());

    /// A form that changes this tracker.
    pub fn form_of_edit(tracker: &str) -> Begins {
        let known = (questions::TRACKER.to_string(), tracker.to_string());
        Begins::Form(About::Edit, vec![known])
    }
}

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    if let Some(form) = matches.get_one::<String>("form") {
        scene.begins = Some(Begins::FormOf(form.clone()));
        return Ok(Text::new());
    }
    let to = matches.get_one::<String>("to");
    // What stands behind the first `;` answers what is asked then.
    let (own, rest) = pieces::first(scene.line);
    let rest = rest.trim().to_string();
    let typed = super::words::split(own);
    let cut: Vec<&str> = typed
        .words
        .iter()
        .skip(1)
        .map(|word| word.text.as_str())
        .collect();
    let whole = matches.get_many::<String>("what").into_iter().flatten();
    let whole: Vec<&str> = whole.map(String::as_str).collect();
    let words = match to.is_some() || rest.is_empty() {
        true => whole,
        false => cut,
    };
    if to.is_none() {
        line::check_flags(&words)?;
    }
    let begins = match (to, words.as_slice()) {
        (Some(to), _) => Begins::Answer(to.clone(), words.join(" ")),
        (None, []) if scene.asked => Begins::Again,
        (None, ["continue"]) => Begins::Continue,
        (None, [] | ["track"]) => Begins::New(About::Track, Vec::new(), rest),
        (None, ["track", of @ ..]) => Begins::New(About::Track, line::known("track", of), rest),
        (None, [kind, ..]) if source::ALL.iter().any(|known| known.name == *kind) => {
            Begins::New(About::Track, line::known("track", &words), rest)
        }
        (None, ["recipe" | "use", of @ ..]) => {
            let mut answers = vec![(SOURCE.to_string(), RECIPE.to_string())];
            answers.extend(
                of.first()
                    .map(|name| (RECIPE.to_string(), name.to_string())),
            );
            Begins::New(About::Track, answers, rest)
        }
        (None, ["edit" | "change", of @ ..]) => Begins::New(About::Edit, tracker(scene, of)?, rest),
        (None, ["room"]) => {
            may::check(scene, Deed::Settings)?;
            Begins::New(About::Room, Vec::new(), rest)
        }
        (None, ["filter" | "filters", of @ ..]) => {
            Begins::New(About::Filter, tracker(scene, of)?, rest)
        }
        (None, [other, ..]) => {
            let other = crate::model::text::cut(&other.replace('`', "'"), 40);
            return Err(
                Refusal::new(format!("I have no questions about `{other}`."))
                    .hint("`wizard` sets up a tracker, `wizard edit NAME` changes one, `wizard room` this room; `man wizard` says more")
                    .into(),
            );
        }
    };
    scene.begins = Some(begins);
    Ok(Text::new())
}

/// Whether a button that types this answers a question.
pub fn is_answer(command: &str) -> bool {
    command.starts_with("wizard --to ")
}

/// The tracker that was named, and what is said of it already, as answers.
fn tracker(scene: &Scene<'_>, words: &[&str]) -> Result<Vec<(String, String)>, Refusal> {
    match words {
        [] => none_to_choose(scene, false).map_or(Ok(Vec::new()), Err),
        [name, ..] => {
            let tracker = change::own(scene, name)?;
            let mut answers = line::known("edit", words);
            let named = |(known, _): &(String, String)| known == questions::TRACKER;
            answers.retain(|answer| !named(answer));
            answers.insert(0, (questions::TRACKER.into(), tracker.name.to_string()));
            Ok(answers)
        }
    }
}

/// Why nobody is asked which tracker they mean: there is none; `all`: those of others will do.
fn none_to_choose(scene: &Scene<'_>, all: bool) -> Option<Refusal> {
    let mut here = scene.trackers.of_room(scene.room()).peekable();
    if here.peek().is_none() {
        return Some(
            Refusal::new("Nothing is tracked in this room yet.")
                .hint("`wizard` sets up a tracker by questions, `track feed ADDRESS` at once"),
        );
    }
    let mine = all || here.any(|tracker| change::own(scene, tracker.name.as_str()).is_ok());
    (!mine).then(|| {
        Refusal::new("All trackers of this room belong to others.").hint(format!(
            "{}, or whoever started them: `list` shows them",
            super::role::whom_to_ask(scene, Role::Owner)
        ))
    })
}

/// Begins a dialogue, or goes on with one, and asks.
pub fn begin(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    begins: Begins,
) -> Result<Text, Trouble> {
    match begins {
        Begins::New(about, given, rest) => {
            begun::open(grammar, scene, about, &given, (&rest, false))
        }
        Begins::Again => begun::again(grammar, scene),
        Begins::Answer(to, answer) => begun::pressed(grammar, scene, &to, &answer),
        Begins::Continue => begun::move_here(grammar, scene),
        Begins::Form(about, given) => {
            let form = form::of_all(grammar, scene, about, given);
            Ok(form::ask(scene, form))
        }
        Begins::FormOf(to) => {
            let form = form::of_open(grammar, scene, &to)?;
            Ok(form::ask(scene, form))
        }
    }
}

/// Shows something inside of a command all that the command may know and touch, with another line, in another room.
fn within<T>(
    scene: &mut Scene<'_>,
    (message, role): (&Message, Role),
    line: &str,
    run: impl FnOnce(&mut Scene<'_>) -> T,
) -> T {
    let mut inner = Scene {
        store: &mut *scene.store,
        secrets: &mut *scene.secrets,
        trackers: &mut *scene.trackers,
        message,
        role,
        people: scene.people,
        owned_by: scene.owned_by,
        now: scene.now,
        bot: scene.bot,
        standing: super::Standing {
            forms: false,
            ..scene.standing
        },
        line,
        work: None,
        errand: None,
        aside: false,
        kind: None,
        asked: false,
        unfinished: scene.unfinished,
        corrects: false,
        settled: None,
        begins: None,
    };
    let done = run(&mut inner);
    let Scene {
        work,
        errand,
        aside,
        ..
    } = inner;
    (scene.work, scene.errand, scene.aside) = (work, errand, aside);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_message_are_one_choice() {
        for about in [
            About::Track,
            About::Instead(vec!["track feed X\nstop news".into(), "list".into()]),
            About::Sure("echo one\ntwo".into(), "That\nis much.".into()),
        ] {
            assert_eq!(About::named(&about.name()), Some(about));
        }
        assert_eq!(About::named("of another time"), None);
    }
}
