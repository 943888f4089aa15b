//! Work beside the loop: a few at a time, so that it takes no strength from what everybody waits for.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use compact_str::CompactString;

use super::speak::Answer;
use crate::command::Work;
use crate::model::{MessageId, RoomId, Text};

/// The most works under way.
const AT_ONCE: usize = 2;
/// The most works that wait.
const WAITING: usize = 64;

/// Who asked for a work: the answer as it will be, but for its text.
pub(super) struct Asked {
    pub answer: Answer,
    /// The command, for the log.
    pub line: String,
    /// The person's name.
    pub who: CompactString,
    /// They asked in private, and are answered so.
    pub private: bool,
}

impl Asked {
    /// Something to say to whoever asked, while they wait for the answer.
    pub fn answer_beside(&self, text: Text) -> Answer {
        Answer {
            room: self.answer.room.clone(),
            asker: self.answer.asker.clone(),
            text,
            replaces: Vec::new(),
            since: None,
            permit: None,
        }
    }
}

/// A work that begins.
pub(super) struct Begun {
    pub number: u64,
    pub work: Work,
    /// Says that nobody waits for it any more.
    pub stop: Arc<AtomicBool>,
}

/// Works under way, and those that wait.
#[derive(Default)]
pub(super) struct Works {
    waiting: VecDeque<(Asked, Work)>,
    under_way: HashMap<u64, UnderWay>,
    last: u64,
}

struct UnderWay {
    /// `None` when it was called off.
    asked: Option<Asked>,
    stop: Arc<AtomicBool>,
}

impl Works {
    /// Puts a work at the end of the line; gives back who asked when the line is too long.
    pub(super) fn add(&mut self, asked: Asked, work: Work) -> Option<Asked> {
        if self.waiting.len() >= WAITING {
            return Some(asked);
        }
        self.waiting.push_back((asked, work));
        None
    }

    /// The next work that may begin now.
    pub(super) fn start(&mut self) -> Option<Begun> {
        if self.under_way.len() >= AT_ONCE {
            return None;
        }
        let (asked, work) = self.waiting.pop_front()?;
        self.last += 1;
        let stop = Arc::<AtomicBool>::default();
        let under_way = UnderWay {
            asked: Some(asked),
            stop: stop.clone(),
        };
        self.under_way.insert(self.last, under_way);
        Some(Begun {
            number: self.last,
            work,
            stop,
        })
    }

    /// A work has ended: who waits for its answer, unless it was called off.
    pub(super) fn done(&mut self, number: u64) -> Option<Asked> {
        self.under_way.remove(&number)?.asked
    }

    /// Calls off what a message asked for: it says something else by now.
    pub(super) fn call_off(&mut self, room: &RoomId, message: &MessageId) {
        let is_it =
            |asked: &Asked| asked.answer.room == *room && asked.answer.asker.message == *message;
        self.waiting.retain(|(asked, _)| !is_it(asked));
        for work in self.under_way.values_mut() {
            if work.asked.as_ref().is_some_and(is_it) {
                work.asked = None;
                work.stop.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Calls off everything: the bot ends.
    pub(super) fn call_off_all(&mut self) {
        self.waiting.clear();
        for work in self.under_way.values_mut() {
            work.asked = None;
            work.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Somebody in this room waits for a work.
    pub(super) fn is_in(&self, room: &RoomId) -> bool {
        let waiting = self.waiting.iter().map(|(asked, _)| asked);
        let under_way = self.under_way.values();
        let under_way = under_way.filter_map(|work| work.asked.as_ref());
        waiting
            .chain(under_way)
            .any(|asked| asked.answer.room == *room)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those under way, and those that wait.
    pub(super) fn len(&self) -> usize {
        self.under_way.len() + self.waiting.len()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::bot::{Asker, Bot, Event, Outbound, Pace, RoomSetup, Setup};
    use crate::clock::Clock;
    use crate::command::ends::StoppedBy;
    use crate::http::Http;
    use crate::model::{Heard, Item, ItemId, Message, PersonId, Text};
    use crate::room::memory::{Handle, Memory};
    use crate::store::{Store, items};
    use crate::tracker::{Limits, RoomManners};
    use crate::when::Order;

    fn room() -> RoomId {
        RoomId::new("test", "#test")
    }

    async fn bot() -> (Bot, Handle) {
        bot_that_remembers(Limits::default().remembered).await
    }

    async fn bot_that_remembers(remembered: usize) -> (Bot, Handle) {
        let clock = Clock::stopped("2026-11-21T09:00:00Z".parse().unwrap());
        let (platform, handle) = Memory::new("test");
        let setup = Setup {
            name: "boson".into(),
            docs: None,
            code: None,
            stopped_by: StoppedBy::owners(|_| true),
            store: Store::memory(),
            shared: crate::source::Shared::default(),
            readers: crate::fact::Readers::default(),
            http: Http::staged(clock.clone()).0,
            clock,
            platforms: vec![Arc::new(platform)],
            rooms: vec![room()],
            manners: Arc::new(|_| RoomManners {
                zone: chrono_tz::UTC,
                order: Order::DayMonth,
                longest: 4_000,
                threads: false,
            }),
            room_setup: Arc::new(|_| RoomSetup::default()),
            limits: Limits {
                remembered,
                ..Limits::default()
            },
            pace: Pace {
                commands: 20,
                within: Duration::from_secs(10),
            },
            recipes: Vec::new(),
            linger: Duration::ZERO,
            folder: None,
        };
        (Bot::new(setup).await.unwrap(), handle)
    }

    fn asked(message: &str) -> Asked {
        Asked {
            answer: Answer {
                room: room(),
                asker: Asker {
                    person: PersonId("ann".into()),
                    message: MessageId(message.into()),
                    thread: None,
                    only: false,
                    heard: None,
                },
                text: Text::new(),
                replaces: Vec::new(),
                since: None,
                permit: None,
            },
            line: "test x".into(),
            who: "ann".into(),
            private: false,
        }
    }

    fn item(n: usize, now: chrono::DateTime<chrono::Utc>) -> Item {
        Item {
            id: ItemId(n.to_string()),
            revision: 0,
            title: format!("Entry {n}"),
            body: String::new(),
            author: None,
            url: None,
            at: now,
            seen: now,
            tags: Vec::new(),
            facts: Default::default(),
        }
    }

    fn says(text: &'static str) -> Work {
        Work::new(move |_, _| Ok(Text::line(text)))
    }

    /// Ends only when nobody waits for it any more.
    fn endless() -> Work {
        Work::new(|_, patience| {
            while !patience.is_over() {
                std::hint::spin_loop();
            }
            Ok(Text::line("over"))
        })
    }

    fn begin(bot: &mut Bot, works: Vec<(Asked, Work)>) {
        bot.release(Outbound {
            works,
            ..Outbound::default()
        });
    }

    fn said(handle: &Handle) -> Vec<String> {
        let said = handle.take();
        said.into_iter().map(|said| said.text.plain()).collect()
    }

    #[tokio::test]
    async fn a_panic_beside_the_loop_is_a_fault_like_any_other() {
        let (mut bot, handle) = bot().await;
        let panics = Work::new(|_, _| panic!("a secret"));
        begin(
            &mut bot,
            vec![(asked("1"), panics), (asked("2"), says("well"))],
        );
        bot.settle().await;
        let mut said = said(&handle);
        said.sort();
        assert_eq!(said.len(), 2);
        assert!(said[0].starts_with("Something went wrong on my side"));
        assert!(!said[0].contains("secret"));
        assert_eq!(said[1], "well");
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_takes_no_more() {
        let (mut bot, handle) = bot().await;
        let works = (0..100).map(|n| (asked(&n.to_string()), says("well")));
        begin(&mut bot, works.collect());
        bot.settle().await;
        let said = said(&handle);
        let refused = said.iter().filter(|text| text.starts_with("Too many"));
        assert_eq!((said.len(), refused.count()), (100, 100 - WAITING));
    }

    #[tokio::test]
    async fn what_was_called_off_is_not_answered() {
        let (mut bot, handle) = bot().await;
        let works = vec![
            (asked("1"), endless()),
            (asked("2"), says("two")),
            (asked("3"), says("three")),
            (asked("3"), says("three again")),
        ];
        begin(&mut bot, works);
        for message in ["1", "3"] {
            bot.works.call_off(&room(), &MessageId(message.into()));
        }
        bot.settle().await;
        assert_eq!(said(&handle), ["two"]);
        assert!(bot.works.is_empty());
    }

    #[tokio::test]
    async fn who_corrects_a_question_has_one_answer() {
        let (mut bot, handle) = bot().await;
        let now = bot.clock.now();
        let message = |text: &str| handle.message("#test", "ann", text, now);
        let hear = |bot: &Bot, heard| {
            let sent = bot.sender().try_send(Event::Heard(heard, None));
            assert!(sent.is_ok());
        };
        let track = message("@boson track feed https://example.org/feed named m");
        hear(&bot, Heard::Said(track));
        bot.settle().await;
        let source = bot.trackers.of_room(&room()).next().unwrap().source;
        let many: Vec<Item> = (0..100).map(|n| item(n, now)).collect();
        items::add(&mut bot.store, source, &many, 1_000).unwrap();
        handle.take();

        let test = message("@boson test m");
        let other = Message {
            text: "@boson echo no".into(),
            ..test.clone()
        };
        hear(&bot, Heard::Said(test.clone()));
        hear(&bot, Heard::Edited(other.clone()));
        bot.settle().await;
        assert_eq!(said(&handle), ["no"]);

        // What was answered later is replaced like any other answer.
        hear(&bot, Heard::Edited(test));
        bot.settle().await;
        hear(&bot, Heard::Edited(other));
        bot.settle().await;
        let spoken = handle.take();
        assert!(spoken.iter().all(|spoken| spoken.edit));
        let texts: Vec<String> = spoken.iter().map(|spoken| spoken.text.plain()).collect();
        assert!(texts[0].contains("all of the last 100 items"), "{texts:?}");
        assert_eq!(texts.last().map(String::as_str), Some("no"));
    }

    #[tokio::test]
    async fn a_test_that_was_not_cut_short_does_not_say_so() {
        let (mut bot, handle) = bot_that_remembers(50).await;
        let now = bot.clock.now();
        let track = "@boson track feed https://example.org/feed named m";
        let message = handle.message("#test", "ann", track, now);
        let hear = |bot: &Bot, message| {
            let sent = bot
                .sender()
                .try_send(Event::Heard(Heard::Said(message), None));
            assert!(sent.is_ok());
        };
        hear(&bot, message);
        bot.settle().await;
        let source = bot.trackers.of_room(&room()).next().unwrap().source;
        let many: Vec<Item> = (0..100).map(|n| item(n, now)).collect();
        items::add(&mut bot.store, source, &many, 100).unwrap();
        handle.take();
        hear(&bot, handle.message("#test", "ann", "@boson test m", now));
        bot.settle().await;
        let said = said(&handle).join("\n");
        assert!(said.contains("all of the last 50 items"), "{said}");
        assert!(!said.contains("I stopped"), "{said}");
    }

    #[tokio::test]
    async fn what_was_done_beside_the_loop_is_not_done_again_after_a_kill() {
        let (mut bot, handle) = bot().await;
        let now = bot.clock.now();
        for line in [
            "@boson track feed https://example.org/feed named m",
            "@boson trash 1",
        ] {
            let mut message = handle.message("#test", "ann", line, now);
            message.role = crate::model::Role::Owner;
            let heard = Event::Heard(Heard::Said(message.clone()), None);
            assert!(bot.sender().try_send(heard).is_ok());
            bot.settle().await;
            let row = bot.store.get(&crate::store::tables::ROOMS, &room());
            let noted = row.unwrap().and_then(|row| row.heard);
            assert_eq!(noted, Some(message.id), "{line}");
        }
        assert_eq!(handle.gone().len(), 1);
    }

    #[tokio::test]
    async fn the_end_does_not_wait_for_work() {
        let (mut bot, handle) = bot().await;
        begin(&mut bot, vec![(asked("1"), endless())]);
        let closed = tokio::time::timeout(Duration::from_secs(2), bot.close()).await;
        closed.expect("it ends soon").unwrap();
        assert_eq!(said(&handle), [""; 0]);
    }
}
