//! The wizard in the whole bot: whatever is answered, in whatever detours and over whatever restarts, the command that
//! it shows at the end gives the same tracker as its answers.

#[path = "rooms/setup.rs"]
mod setup;

use std::num::NonZeroUsize;
use std::sync::Arc;

use boson::bot::{Bot, Event, Setup};
use boson::clock::Clock;
use boson::fact::{self, Readers};
use boson::http::{Http, Staged};
use boson::model::{Heard, RoomId, Tracker};
use boson::room::Manners;
use boson::room::memory::{Handle, Memory};
use boson::source::Shared;
use boson::store::{Store, tables};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const ROOM: &str = "@ann";

/// A bot that somebody talks to alone.
struct Talk {
    bot: Option<Bot>,
    handle: Handle,
    http: Http,
    clock: Clock,
    messages: usize,
}

impl Talk {
    async fn new() -> Talk {
        let clock = Clock::stopped("2026-11-21T09:00:00Z".parse().unwrap());
        let (http, stage) = Http::staged(clock.clone());
        let feed = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/web/four.xml"));
        let feed = Staged::page("application/xml", feed.unwrap());
        stage.serve("https://example.org/feed", feed);
        let mut talk = Talk {
            bot: None,
            handle: Memory::new("test").1,
            http,
            clock,
            messages: 0,
        };
        talk.start(Store::memory()).await;
        talk
    }

    async fn start(&mut self, store: Store) {
        // Nothing that it says is cut.
        let manners = Manners {
            edits: true,
            ..Manners::plain(NonZeroUsize::MAX)
        };
        let (platform, handle) = Memory::with("test", manners);
        self.handle = handle;
        let shared = Shared::default();
        let services = fact::Settings {
            heat: Some("https://heat.example.org/".into()),
            burned: Some("https://tagdor.example.org/".into()),
        };
        let rooms = vec![RoomId::new("test", ROOM)];
        let setup = setup::usual(vec![Arc::new(platform)], rooms, store, &self.clock);
        let setup = Setup {
            http: self.http.clone(),
            readers: Readers::new(&shared, &services),
            shared,
            recipes: Vec::new(),
            ..setup
        };
        self.bot = Some(Bot::new(setup).await.unwrap());
    }

    async fn restart(&mut self) {
        let store = self.bot.take().expect("it is there").into_store();
        self.start(store).await;
        self.bot.as_mut().expect("it is there").settle().await;
    }

    /// What is said in answer.
    async fn says(&mut self, text: &str) -> String {
        let mut message = self.handle.message(ROOM, "ann", text, self.clock.now());
        self.messages += 1;
        message.id.0 = format!("m{}", self.messages).into();
        message.direct = true;
        let bot = self.bot.as_mut().expect("it is there");
        let heard = Event::Heard(Heard::Said(message), None);
        assert!(bot.sender().try_send(heard).is_ok());
        bot.settle().await;
        let said = self.handle.take();
        let said: Vec<String> = said.iter().map(|said| said.text.plain()).collect();
        said.join("\n")
    }

    /// Says something that is no plain answer to what is asked, and gives what is said at its end.
    async fn detours(&mut self, which: u8, asked: &str) -> String {
        match which {
            190..=199 => self.says("back").await,
            200..=206 => self.says("what").await,
            207..=212 => self.says("?").await,
            213..=217 => self.says("list").await,
            218..=222 => self.says("summary").await,
            223..=229 => {
                self.restart().await;
                self.says("wizard").await
            }
            // What it lacks is asked for, and given up.
            230..=234 => {
                self.says("track comments").await;
                self.says("cancel").await
            }
            // Something else is not begun.
            235..=239 => {
                self.says("wizard questions").await;
                self.says("go on").await
            }
            240..=247 => {
                let answer = answers(asked)[0];
                self.says(&format!("{answer}; skip; skip")).await
            }
            // What is unclear stands before what is an answer.
            248.. => {
                let answer = answers(asked)[0];
                self.says(&format!("back; {answer}; )(; {answer}")).await
            }
            0..=189 => unreachable!("that is an answer"),
        }
    }

    /// Every tracker there is.
    async fn trackers(&mut self) -> Vec<Tracker> {
        let store = self.bot.take().expect("it is there").into_store();
        let all = store.scan(&tables::TRACKERS, &(), usize::MAX).unwrap();
        let all = all.into_iter().map(|(_, tracker)| tracker).collect();
        self.start(store).await;
        self.bot.as_mut().expect("it is there").settle().await;
        all
    }
}

/// How somebody begins.
const BEGINS: [&str; 4] = [
    "wizard",
    "wizard feed --expires 2h --any --unsure=keep",
    "wizard feed https://example.org/feed tagged rust --backlog 3 --expires \"2 hours\"",
    "wizard feed --unsure keep --backlog=3",
];

/// How somebody begins to change what is there.
const CHANGES: [&str; 4] = [
    "wizard edit news",
    "wizard edit; news",
    "wizard edit news --any --expires 3h every hour",
    "wizard filter news",
];

/// What stands in a recipe of flags that were typed and are not asked for.
const FLAGS: [(&str, &str); 4] = [
    ("--expires", "expires: Some(\"2"),
    ("--backlog", "backlog: 3"),
    ("--any", "any: true"),
    ("--unsure", "unsure: Keep"),
];

/// What somebody may answer to a question, by the words with which it begins.
fn answers(question: &str) -> &'static [&'static str] {
    match question {
        "What shall I watch?" => &["feed", "1", "Feed"],
        "Address?" => &[
            "https://example.org/feed",
            "<https://example.org/feed>",
            "example.org/feed",
        ],
        "Which posts shall I tell?" => &[
            "rust",
            "rust or kitchen",
            "\"rust belt\"",
            "skip",
            "none",
            "-go length:>3",
            "\"list\"",
        ],
        "What else must hold of it?" => &[
            "skip",
            "author",
            "tag, length",
            "1-8",
            "4",
            "none",
            "contains and author",
        ],
        "Contains?" => &["the kitchen", "\"borrow checker\""],
        "Matches?" => &["rust.*", "a|b"],
        "Length?" => &["<200", "10..2000"],
        "Author?" => &["ann", "b*"],
        "Tag?" => &["rust,go", "rust"],
        "Newer?" => &["3000 days", "2020-01-01"],
        "Older?" => &["1 hour", "yesterday"],
        "Created?" => &["<3000d", ">1h"],
        "Is that what you want?" => &["yes", "1", "fine", "skip", "yes"],
        "Which tracker?" => &["news", "1"],
        "Which filter?" => &["author", "tag", "4"],
        "How often?" => &[
            "every hour",
            "skip",
            "every day at 9",
            "on weekdays at 17:30",
            "5 minutes",
        ],
        "How shall it look?" => &["line", "list", "2", "digest", "skip"],
        "Where shall I tell it?" => &["here", "skip", "none"],
        "What shall it be called?" => &["news", "skip", "my-list"],
        "Anything else?" => &["skip", "expires", "backlog, unsure", "none", "1-3", "yes"],
        "Expires?" => &["2 hours", "skip"],
        "Backlog?" => &["3", "skip"],
        "Any?" => &["yes", "skip"],
        "Unsure?" => &["keep", "skip"],
        other => panic!("nobody expects: {other}"),
    }
}

/// The question that waits, out of what was said.
fn question(said: &str) -> Option<&str> {
    let lines = said.lines().rev();
    let mut asked = lines.filter_map(|line| {
        let end = line.find('?')? + 1;
        let asked = &line[..end];
        let plain = |c: char| c.is_alphabetic() || c == ' ' || c == '?';
        (asked.len() > 3 && asked.chars().all(plain)).then_some(asked)
    });
    asked.next()
}

/// What a tracker does, without what tells it from others.
fn what(tracker: &Tracker) -> String {
    format!("{:?} {:?} {}", tracker.recipe, tracker.room, tracker.broad)
}

/// Answers what is asked until all is answered; `choices` says which answer, or which detour, comes next. Gives what is
/// said at the end, and the line that it says could have been typed, unless there is nothing to be done.
async fn answered(
    talk: &mut Talk,
    begins: &str,
    mut choices: impl Iterator<Item = u8>,
) -> Result<(String, Option<String>), TestCaseError> {
    let mut said = talk.says(begins).await;
    let mut steps = 0;
    while !said.contains("You could have typed") && !said.contains("Nothing was changed.") {
        steps += 1;
        prop_assert!(steps < 400, "it does not end: {}", said);
        let asked = question(&said).filter(|asked| *asked != "Shall I do it?");
        let Some(asked) = asked.map(String::from) else {
            said = talk.says("wizard").await;
            // All was answered already, and what stood behind it was read as commands: from the beginning.
            if said.contains("Let us set up a tracker") {
                talk.says("cancel").await;
                said = talk.says(begins).await;
            }
            continue;
        };
        let choice = choices.next().unwrap_or(0);
        said = match choice {
            detour @ 190.. => talk.detours(detour, &asked).await,
            _ => {
                let all = answers(&asked);
                talk.says(all[usize::from(choice) % all.len()]).await
            }
        };
    }
    let typed = said.split_once("You could have typed: `");
    let typed = typed.map(|(_, typed)| typed.split("`\n").next().expect("it ends").to_string());
    Ok((said, typed))
}

/// Goes through a wizard.
async fn talk(choices: &[u8]) -> Result<(), TestCaseError> {
    let mut talk = Talk::new().await;
    let mut choices = choices.iter().copied();
    let begins = BEGINS[usize::from(choices.next().unwrap_or(0)) % BEGINS.len()];
    let (said, typed) = answered(&mut talk, begins, choices).await?;
    let typed = typed.expect("it says so");
    let done = talk.says("yes").await;
    prop_assert!(done.starts_with("Tracking"), "{} gave {}", said, done);
    let answered = talk.trackers().await;
    prop_assert_eq!(answered.len(), 1);
    let kept = format!("{:?}", answered[0].recipe);
    for (flag, written) in FLAGS {
        prop_assert!(!begins.contains(flag) || kept.contains(written), "{}", kept);
    }
    let name = answered[0].name.to_string();
    talk.says(&format!("stop {name}")).await;
    let again = talk.says(&typed).await;
    prop_assert!(again.starts_with("Tracking"), "{} gave {}", typed, again);
    let commanded = talk.trackers().await;
    prop_assert_eq!(what(&commanded[0]), what(&answered[0]), "{}", typed);
    prop_assert!(
        typed.contains("named") == (commanded[0].name.as_str() == name) || name.starts_with("feed")
    );
    Ok(())
}

/// Changes what is tracked by questions.
async fn talk_of_changes(choices: &[u8]) -> Result<(), TestCaseError> {
    let mut talk = Talk::new().await;
    let mut choices = choices.iter().copied();
    let begins = CHANGES[usize::from(choices.next().unwrap_or(0)) % CHANGES.len()];
    talk.says("track feed https://example.org/feed named news tagged rust by ann --expires 2h where kitchen")
        .await;
    let before = talk.trackers().await;
    let (said, typed) = answered(&mut talk, begins, choices).await?;
    let Some(typed) = typed else {
        let after = talk.trackers().await;
        prop_assert_eq!(what(&before[0]), what(&after[0]), "{}", said);
        return Ok(());
    };
    let done = talk.says("yes").await;
    prop_assert!(done.starts_with("Changed"), "{} gave {}", said, done);
    let answered = talk.trackers().await;
    let undone = talk.says("undo").await;
    prop_assert!(undone.starts_with("Took back"), "{}", undone);
    let again = talk.says(&typed).await;
    prop_assert!(again.starts_with("Changed"), "{} gave {}", typed, again);
    let commanded = talk.trackers().await;
    prop_assert_eq!(what(&commanded[0]), what(&answered[0]), "{}", typed);
    Ok(())
}

/// Runs it for many choices.
fn for_any_choices<F>(cases: u32, run: impl Fn(Vec<u8>) -> F)
where
    F: Future<Output = Result<(), TestCaseError>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let choices = prop::collection::vec(any::<u8>(), 0..60);
    let outcome = runner.run(&choices, |choices| runtime.block_on(run(choices)));
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[test]
fn the_command_at_the_end_gives_the_same_tracker() {
    for_any_choices(48, |choices| async move { talk(&choices).await });
}

#[test]
fn the_command_at_the_end_changes_the_same() {
    for_any_choices(32, |choices| async move { talk_of_changes(&choices).await });
}
