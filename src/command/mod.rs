//! What people can type: one file a command, listed in `ALL`.
//!
//! Invariant: a command knows the store, the clock's time and the message; it does not know platforms and
//! never waits. What takes long it hands out as work, whose answer comes later.

pub mod addressed;
mod alive;
pub mod backup;
mod change;
pub mod choices;
mod claim;
pub mod code;
mod commands;
mod cost;
mod docs;
mod drop;
mod echo;
mod edit;
pub mod ends;
mod explain;
mod export;
pub mod form;
mod formerly;
mod grant;
mod granted;
pub mod halt;
pub mod held;
mod help;
pub mod join;
mod journal;
mod kill;
mod leave;
mod list;
mod man;
pub mod manual;
mod may;
mod meant;
pub mod mute;
mod passage;
mod pause;
mod privileges;
mod quota;
mod reboot;
mod recipes;
mod rename;
mod resume;
mod revoke;
pub mod role;
mod room;
pub mod sentence;
mod show;
mod shutdown;
mod status;
mod stop;
mod test;
mod track;
pub mod trash;
mod turned;
mod undo;
mod unknown;
mod unmute;
mod r#use;
mod version;
mod vocabulary;
mod whoami;
mod why;
mod wishes;
pub mod wizard;
pub mod words;
pub mod work;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};
use clap::ArgMatches;

use crate::model::dialogue::Unfinished;
use crate::model::{Errand, Message, MessageId, Person, Refusal, Role, RoomId, Text};
use crate::registry::{self, Kind};
use crate::store::Store;
use crate::tracker::{Trackers, Trouble};
use crate::when::Reading;

pub use change::revert_message;
pub use man::{contents, page};
pub use work::{Patience, Work};

/// Every command, in the order of the manual.
pub const ALL: &[CommandKind] = &[
    help::KIND,
    man::KIND,
    commands::KIND,
    wizard::KIND,
    track::KIND,
    list::KIND,
    show::KIND,
    test::KIND,
    explain::KIND,
    why::KIND,
    edit::KIND,
    rename::KIND,
    pause::KIND,
    resume::KIND,
    stop::KIND,
    undo::KIND,
    mute::KIND,
    unmute::KIND,
    drop::KIND,
    recipes::KIND,
    r#use::KIND,
    export::KIND,
    status::KIND,
    quota::KIND,
    alive::KIND,
    version::KIND,
    join::KIND,
    leave::KIND,
    reboot::KIND,
    shutdown::KIND,
    kill::KIND,
    trash::KIND,
    docs::KIND,
    whoami::KIND,
    room::KIND,
    privileges::KIND,
    grant::KIND,
    revoke::KIND,
    claim::KIND,
    journal::KIND,
    backup::KIND,
    echo::KIND,
];

/// A command: its declaration, who may use it, what it does.
pub type CommandKind = Kind<Act>;

/// What a command does, and who may ask for it.
pub struct Act {
    /// The least role; what depends on the arguments stands in `may.rs`, which checks both.
    pub role: Role,
    pub run: fn(&ArgMatches, &mut Scene<'_>) -> Result<Text, Trouble>,
}

/// All that a command may know and touch.
pub struct Scene<'a> {
    pub store: &'a mut Store,
    /// What was answered and is written nowhere.
    pub secrets: &'a mut wizard::Secrets,
    pub trackers: &'a mut Trackers,
    pub message: &'a Message,
    /// The person's role in this room.
    pub role: Role,
    /// Who spoke in a room since the start, or owns it by the config or, as far as that is known, by the platform.
    pub people: &'a dyn Fn(&RoomId) -> Vec<Seen>,
    /// Who owns this room, for whoever knows none of them: words that stand after "ask".
    pub owned_by: &'a dyn Fn() -> String,
    pub now: DateTime<Utc>,
    pub bot: &'a Bot,
    pub standing: Standing,
    /// The command as it was typed, without the address.
    pub line: &'a str,
    /// What the answer has to wait for; see [`Scene::later`].
    pub work: Option<Work>,
    /// What is to be done on a platform; see [`Scene::send`].
    pub errand: Option<Errand>,
    /// The answer concerns nobody but whoever asks.
    pub aside: bool,
    /// The command that it turned out to be.
    pub kind: Option<&'static str>,
    /// Whoever typed it is in the middle of a dialogue here.
    pub asked: bool,
    /// Whether what a command lacks is asked for in this room.
    pub unfinished: &'a dyn Fn() -> Unfinished,
    /// The message was heard before: it is a correction, or read once more after a kill.
    pub corrects: bool,
    /// The question that is answered.
    pub settled: Option<Settled>,
    /// The dialogue that is to begin; the text that the command returns is not said.
    pub begins: Option<wizard::Begins>,
}

/// A question that does not wait any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// With which it was asked.
    pub messages: Vec<MessageId>,
    /// What was answered, as it is shown.
    pub answered: String,
}

/// Somebody who spoke in a room, or owns it by the config or the platform.
pub struct Seen {
    pub person: Person,
    pub role: Role,
    /// When the role was heard of.
    pub at: DateTime<Utc>,
}

/// What the bot knows of itself.
pub struct Bot {
    pub name: String,
    pub started: DateTime<Utc>,
    /// Recipes of the program, and of the operator's folder.
    pub recipes: Vec<crate::recipe::Written>,
    /// The rooms the bot is in.
    pub rooms: HashSet<RoomId>,
    /// Where the documentation is, if it is on the web.
    pub docs: Option<String>,
    /// Makes somebody the operator.
    pub code: code::Code,
    /// Who may end it.
    pub stopped_by: ends::StoppedBy,
    /// Platforms that cannot be used, each with words that stand after "because".
    pub troubles: BTreeMap<String, String>,
    /// The reference of the last fault of ours, and when it was.
    pub last_fault: Option<(String, DateTime<Utc>)>,
}

/// Figures of the running loop, for `status`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standing {
    pub rooms: usize,
    /// Looks under way.
    pub looking: usize,
    /// The room in which it was typed can be left.
    pub leaves: bool,
    /// Whoever typed it can be shown a form.
    pub forms: bool,
    /// Others wait by the machine's clock while it is answered; by one that stands still nobody does.
    pub hurried: bool,
}

impl Scene<'_> {
    pub fn room(&self) -> &RoomId {
        &self.message.room
    }

    /// Answers with what comes of this errand; the text that the command returns is not said.
    pub fn send(&mut self, errand: Errand) -> Text {
        self.errand = Some(errand);
        Text::new()
    }

    pub fn reading(&self) -> Reading {
        self.trackers.reading(self.room(), self.now)
    }
}

/// The commands' grammars, built once: building one for each message would cost more than all the rest.
pub struct Grammar(HashMap<&'static str, clap::Command>);

impl Grammar {
    /// The grammar of a command.
    fn of(&mut self, kind: &CommandKind) -> &mut clap::Command {
        self.0
            .get_mut(kind.name)
            .expect("the grammar holds every listed command")
    }
}

impl Default for Grammar {
    fn default() -> Grammar {
        Grammar(
            ALL.iter()
                .map(|kind| {
                    let mut command = (kind.declare)();
                    command.build();
                    (kind.name, command)
                })
                .collect(),
        )
    }
}

/// Whether a line begins with the name of a command and has no code in it: what answers a question may be a secret, and is
/// written nowhere.
pub fn may_be_kept(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let is = |kind: &CommandKind| kind.name.eq_ignore_ascii_case(first);
    ALL.iter().any(is) && !is(&claim::KIND)
}

/// Reads one line that is meant for the bot, does what it says and answers.
///
/// # Errors
/// A mistake of the person, or a fault of the store; in both cases the caller drops what was written.
pub fn answer(grammar: &mut Grammar, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    match scene.asked {
        true => wizard::heard(grammar, scene),
        false => {
            let mark = scene.store.mark();
            scene.trackers.begin();
            match obey(grammar, scene) {
                Err(Trouble::Refusal(refusal)) => {
                    // What it did before it was refused must not stay where a question comes in its place.
                    scene.store.rewind(mark);
                    scene.trackers.rewind(scene.store)?;
                    (scene.work, scene.errand, scene.aside) = (None, None, false);
                    wizard::instead(grammar, scene, refusal)
                }
                outcome => outcome,
            }
        }
    }
}

/// Does what a command says, whatever else its person is asked.
fn obey(grammar: &mut Grammar, scene: &mut Scene<'_>) -> Result<Text, Trouble> {
    let mut line = words::split(scene.line);
    if let Some(at) = line.unclosed {
        let rest: String = line.text[at..].chars().skip(1).take(20).collect();
        let rest = rest.trim();
        let place = if rest.is_empty() {
            "at the end".to_string()
        } else {
            format!("before “{rest}”")
        };
        return Err(
            Refusal::new(format!("The quotation mark {place} is never closed."))
                .hint("close it, or write a backslash before it if it is no quotation")
                .into(),
        );
    }
    let Some(first) = line.words.first() else {
        return match scene.standing.forms {
            true => wizard::begin(grammar, scene, wizard::Begins::NEW_TRACKER),
            false => Ok(help::short(scene)),
        };
    };
    let cry = halt::meant(scene.line);
    let typed = match cry {
        Some(stop) => stop.name(),
        None if alive::is_called(&first.text) => alive::KIND.name,
        None if first.text.eq_ignore_ascii_case("setup") => wizard::KIND.name,
        None => &first.text,
    };
    let kind = registry::find(ALL, typed, "command")
        .map_err(|refusal| unknown::refused(grammar, &line, refusal))?;
    scene.kind = Some(kind.name);
    may::check_command(scene, kind)?;
    if let Some(stop) = cry {
        return Ok(scene.send(Errand::Stop(stop)));
    }
    let command = grammar.of(kind);
    // Whoever says no more than that is asked the rest.
    if kind.name == "track" && line.words.len() == 1 && scene.standing.forms {
        return wizard::begin(grammar, scene, wizard::Begins::NEW_TRACKER);
    }
    let today = match kind.name {
        "track" => formerly::read(&line)?,
        _ => None,
    };
    let today = match today {
        None => None,
        Some(formerly::Formerly::Help) => return Ok(page(kind.name)?.text()),
        Some(formerly::Formerly::Line(today)) => {
            line = words::split(&today.line);
            Some(today)
        }
    };
    turned::turn(&mut line);
    let argv = sentence::flags(&line, |flag| sentence::Declared::by(command, flag));
    let answer = registry::parse(command, argv.into_iter().skip(1).collect())
        .map_err(|refusal| match kind.name {
            name if ends::is_end(name) => {
                refusal.hint(format!("`{name}`, and nothing behind it, does it"))
            }
            // Nobody is asked for a code that opens nothing.
            name if name == claim::KIND.name && !scene.bot.code.is_there() => claim::nothing(),
            _ => refusal,
        })
        .map_err(Trouble::from)
        .and_then(|matches| (kind.build.run)(&matches, scene));
    let answer = match (answer, scene.begins.take()) {
        (Ok(_), Some(begins)) => wizard::begin(grammar, scene, begins),
        (answer, _) => answer,
    };
    let Some(today) = today else {
        return answer;
    };
    match answer {
        Ok(text) => Ok(today.shown_in(text)),
        Err(Trouble::DryRun(text)) => Err(Trouble::DryRun(today.shown_in(text))),
        Err(Trouble::Refusal(refusal)) => Err(today.refused(refusal).into()),
        Err(trouble @ Trouble::Store(_)) => Err(trouble),
    }
}
