//! `wizard`: sets something up by asking questions.

mod asks;
mod begun;
mod heard;
mod instead;
mod kept;
mod line;
mod questions;
mod sample;
mod told;
mod turn;

use clap::ArgMatches;
use serde::{Deserialize, Serialize};

use super::{Act, CommandKind, Grammar, Scene, change};
use crate::model::{Message, Refusal, Role, Text};
use crate::registry::{Kind, declare};
use crate::source;
use crate::tracker::Trouble;

pub use heard::heard;
pub use instead::instead;
pub use kept::{forget, plan};
pub use sample::{SAMPLE, sampled};

/// Asks what you want, one question after the other, and does it.
#[derive(clap::Args)]
struct Wizard {
    /// What to set up: `track`, as usual, `edit`, `filter` or `room`, with what is known of it already; `continue` goes on here with what was begun in another room.
    #[arg(
        value_name = "WHAT",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    what: Vec<String>,
    /// The question that is answered: what a button types.
    #[arg(long, value_name = "QUESTION", hide = true)]
    to: Option<String>,
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
    /// With what is answered already, by the names of the questions.
    New(About, Vec<(String, String)>),
    /// What was asked before is asked again.
    Again,
    /// What a button answers to the question of this name.
    Answer(String, String),
    /// What was begun in another room goes on here.
    Continue,
}

fn run(matches: &ArgMatches, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let words = matches.get_many::<String>("what").into_iter().flatten();
    let words: Vec<&str> = words.map(String::as_str).collect();
    let to = matches.get_one::<String>("to");
    if to.is_none() {
        line::check_flags(&words)?;
    }
    let begins = match (to, words.as_slice()) {
        (Some(to), _) => Begins::Answer(to.clone(), words.join(" ")),
        (None, []) if scene.asked => Begins::Again,
        (None, ["continue"]) => Begins::Continue,
        (None, [] | ["track"]) => Begins::New(About::Track, Vec::new()),
        (None, ["track", rest @ ..]) => Begins::New(About::Track, line::known(rest)),
        (None, [kind, ..]) if source::ALL.iter().any(|known| known.name == *kind) => {
            Begins::New(About::Track, line::known(&words))
        }
        (None, ["edit" | "change", rest @ ..]) => Begins::New(About::Edit, tracker(scene, rest)?),
        (None, ["room"]) if scene.role < Role::Owner => {
            return Err(
                Refusal::new("Only an owner of this room may change how it is set.")
                    .hint(super::role::whom_to_ask(scene, Role::Owner))
                    .into(),
            );
        }
        (None, ["room"]) => Begins::New(About::Room, Vec::new()),
        (None, ["filter" | "filters", rest @ ..]) => {
            Begins::New(About::Filter, tracker(scene, rest)?)
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

/// The tracker that was named, as an answer.
fn tracker(scene: &Scene<'_>, words: &[&str]) -> Result<Vec<(String, String)>, Refusal> {
    match words {
        [] => Ok(Vec::new()),
        [name, ..] => {
            let tracker = change::own(scene, name)?;
            let answer = (questions::TRACKER.to_string(), tracker.name.to_string());
            Ok(vec![answer])
        }
    }
}

/// Begins a dialogue, or goes on with one, and asks.
pub fn begin(
    grammar: &mut Grammar,
    scene: &mut Scene<'_>,
    begins: Begins,
) -> Result<Text, Trouble> {
    match begins {
        Begins::New(about, given) => begun::open(grammar, scene, about, &given, false),
        Begins::Again => begun::again(grammar, scene),
        Begins::Answer(to, answer) => begun::pressed(grammar, scene, &to, &answer),
        Begins::Continue => begun::move_here(grammar, scene),
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
        trackers: &mut *scene.trackers,
        message,
        role,
        people: scene.people,
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
