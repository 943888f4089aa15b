//! A room over many lives of the program: what is asked, what is answered, what is said, and what the next life must know.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::growing::{AUTHORS, COLOURS, Dice, Growing, TAGS};
use crate::heard::{Ears, Heard, Said};
use crate::life::{Life, PATIENCE, Place, Turn};
use crate::owed::{Past, Span};
use crate::world::{Command, Edit, Tracker, World};

const FEEDS: usize = 3;
/// The most trackers of a story at a time.
const TRACKERS: usize = 10;
/// The most commands that wait for an answer.
const WAITING: usize = 4;
/// How often it is looked whether something is to go wrong.
const MOMENT: Duration = Duration::from_millis(50);

/// What goes wrong in a life, besides that it ends by a kill.
pub trait Trouble {
    /// Where a feed is asked for that lies at this address.
    fn way(&self, url: String) -> String {
        url
    }

    /// A life has begun.
    fn begins(&mut self, _dice: &mut Dice) {}

    /// The life is so old.
    fn goes_on(&mut self, _life: &Life, _age: Duration, _dice: &mut Dice) {}

    /// The life has ended.
    fn ends(&mut self) {}

    /// From now on nothing goes wrong any more.
    fn is_over(&mut self) {}

    /// The end is waited for.
    fn waits(&mut self) {}

    /// It has said that it could not write something down, or has ended by itself.
    fn was_felt(&mut self) {}

    /// Whether the program may complain of this life, and end by itself.
    fn is_felt(&self) -> bool {
        false
    }
}

/// Nothing but kills.
pub struct Kills;

impl Trouble for Kills {}

/// A room, its trackers, and the processes that serve it one after the other.
pub struct Story<T> {
    seed: u64,
    trouble: T,
    dice: Dice,
    place: Place,
    web: Growing,
    /// How the room can be; several after a kill, until the next process is asked.
    worlds: Vec<World>,
    waiting: VecDeque<(u64, Command)>,
    /// The lines of the first one's answer so far.
    answer: Vec<String>,
    commands: u64,
    /// Whom each name belonged to; none is given twice.
    names: HashMap<String, usize>,
    pasts: Vec<Past>,
    ears: Ears,
    /// The last report of any life.
    last: Option<Said>,
    /// The present process has reported nothing yet.
    silent: bool,
    /// It has said that it could not write something down.
    unwritten: bool,
    repeated: u64,
    deaths: u64,
}

impl<T: Trouble> Story<T> {
    /// `trouble` is made for feeds at an address.
    pub fn new(seed: u64, place: Place, trouble: impl FnOnce(SocketAddr) -> T) -> Story<T> {
        let web = Growing::start(FEEDS, seed);
        Story {
            seed,
            dice: Dice::new(seed),
            trouble: trouble(web.address()),
            place,
            web,
            worlds: vec![World::default()],
            waiting: VecDeque::new(),
            answer: Vec::new(),
            commands: 0,
            names: HashMap::new(),
            pasts: Vec::new(),
            ears: Ears::default(),
            last: None,
            silent: true,
            unwritten: false,
            repeated: 0,
            deaths: 0,
        }
    }

    /// All of it; gives how many entries were said.
    pub fn tell(mut self, kills: u64) -> (usize, T) {
        for _ in 0..kills {
            self.live_and_die();
        }
        self.live_to_the_end();
        let said = self.pasts.iter().map(|past| past.said.len()).sum();
        println!(
            "seed {}: {} commands, {} trackers, {said} entries said, {} messages twice in {kills} kills",
            self.seed,
            self.commands,
            self.pasts.len(),
            self.repeated
        );
        assert!(self.repeated <= kills);
        (said, self.trouble)
    }

    fn start(&mut self) -> Life {
        self.silent = true;
        self.ears = Ears::default();
        self.unwritten = false;
        self.place.chat()
    }

    fn live_and_die(&mut self) {
        self.trouble.begins(&mut self.dice);
        let mut life = self.start();
        let born = Instant::now();
        // At a moment in time, or shortly after something was said: then the next commit is under way.
        let (die_at, mut lines_left) = match self.dice.below(2) {
            0 => (Duration::from_millis(self.dice.below(2_500)), u64::MAX),
            _ => (Duration::from_secs(4), self.dice.below(120)),
        };
        self.ask(&mut life);
        let mut speak_at = Duration::ZERO;
        while born.elapsed() < die_at && lines_left > 0 {
            if born.elapsed() >= speak_at && self.waiting.len() < WAITING {
                for _ in 0..=self.dice.below(3) {
                    let command = self.think_of();
                    self.say(&mut life, command);
                }
                speak_at = born.elapsed() + Duration::from_millis(self.dice.below(250));
            }
            let until = if self.waiting.len() < WAITING {
                die_at.min(speak_at)
            } else {
                die_at
            };
            self.trouble.goes_on(&life, born.elapsed(), &mut self.dice);
            let wait = until.saturating_sub(born.elapsed());
            let wait = wait.clamp(Duration::from_millis(1), MOMENT);
            match life.turn(wait) {
                Turn::Said(line) => {
                    self.hear(line);
                    lines_left -= 1;
                }
                Turn::Silent => {}
                Turn::Over => {
                    assert!(
                        self.trouble.is_felt(),
                        "seed {}: it ended by itself\n{}",
                        self.seed,
                        life.log()
                    );
                    break;
                }
            }
        }
        let spin = Duration::from_micros(self.dice.below(3_000));
        let moment = Instant::now();
        while moment.elapsed() < spin {
            std::hint::spin_loop();
        }
        life.signal(libc::SIGKILL);
        self.deaths += 1;
        let (lines, status, log) = life.end(PATIENCE);
        self.is_calm(&log);
        for line in lines {
            self.hear(line);
        }
        // Whatever it meets, it does not take its store for damaged.
        assert_ne!(
            status.code(),
            Some(3),
            "seed {}, after {} kills:\n{log}",
            self.seed,
            self.deaths
        );
        if self.unwritten || status.code().is_some() {
            self.trouble.was_felt();
        }
        self.died();
        self.trouble.ends();
    }

    fn live_to_the_end(&mut self) {
        self.trouble.is_over();
        let mut life = self.start();
        self.ask(&mut life);
        self.hear_out(&mut life);
        let trackers: Vec<_> = self.worlds.iter().map(|world| &world.trackers).collect();
        assert!(
            trackers.windows(2).all(|pair| pair[0] == pair[1]),
            "{trackers:#?}"
        );
        let paused: Vec<String> = self.worlds[0]
            .trackers
            .iter()
            .filter(|(_, tracker)| tracker.paused)
            .map(|(name, _)| name.clone())
            .collect();
        for name in paused {
            self.say(&mut life, Command::Resume(name));
        }
        self.hear_out(&mut life);
        self.web.freeze();
        let until = Instant::now() + PATIENCE;
        // What is missing can still come; what is wrong stays so.
        while !(self.all_is_taken_in() && self.missing().is_empty())
            && self.mistakes().is_empty()
            && Instant::now() < until
        {
            self.trouble.waits();
            if let Some(line) = life.hear(Duration::from_millis(100)) {
                self.hear(line);
            }
        }
        life.close_input();
        let (lines, status, log) = life.end(PATIENCE);
        self.is_calm(&log);
        assert!(status.success(), "{status:?}\n{log}");
        for line in lines {
            self.hear(line);
        }
        let (mistakes, missing) = (self.mistakes(), self.missing());
        assert!(
            mistakes.is_empty() && missing.is_empty(),
            "seed {}: {mistakes:#?} {missing:#?}\n{log}",
            self.seed
        );
    }

    /// Asks how everything is.
    fn ask(&mut self, life: &mut Life) {
        let mut names: Vec<String> = self
            .worlds
            .iter()
            .flat_map(|world| world.trackers.keys().cloned())
            .collect();
        names.sort();
        names.dedup();
        self.say(life, Command::List);
        for name in names {
            self.say(life, Command::Export(name.clone()));
            self.say(life, Command::Show(name));
        }
    }

    fn say(&mut self, life: &mut Life, command: Command) {
        // What could be true when this one is read: all that waits before it was done.
        let worlds: Vec<World> = self
            .worlds
            .iter()
            .map(|world| {
                let commands = self.waiting.iter();
                commands.fold(world.clone(), |world, (_, command)| world.step(command).0)
            })
            .collect();
        let now = self.web.tick();
        for world in &worlds {
            if let Some(id) = world.touches(&command) {
                let (after, _) = world.step(&command);
                if let Some(span) = self.pasts[id].spans.last_mut() {
                    span.until.get_or_insert(now);
                    span.rest_undone |=
                        matches!(command, Command::Undo) && !world.works(id) && after.works(id);
                }
                if let Some(tracker) = after.by_id(id) {
                    self.pasts[id].filters.push(tracker.filter.clone());
                }
            }
        }
        self.commands += 1;
        let words = format!("{}\necho ~{}\n", command.words(), self.commands);
        let written = life.try_write(words.as_bytes());
        assert!(
            written || self.trouble.is_felt(),
            "seed {}: it cannot be talked to\n{}",
            self.seed,
            life.log()
        );
        self.waiting.push_back((self.commands, command));
    }

    /// Hears until everything is answered.
    fn hear_out(&mut self, life: &mut Life) {
        let until = Instant::now() + PATIENCE;
        while !self.waiting.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            match life.hear(left) {
                Some(line) => self.hear(line),
                None => panic!("no answer to {:?}\n{}", self.waiting, life.log()),
            }
        }
    }

    fn hear(&mut self, line: String) {
        match self.ears.take(line) {
            None => {}
            Some(Heard::Said(said)) => self.said(said),
            // What nobody asked for and no tracker says: that a feed fails, and that it works again.
            Some(Heard::Answer(line)) if is_notice(&line) => {}
            Some(Heard::Answer(line)) if is_unwritten(&line) => {
                assert!(self.trouble.is_felt(), "seed {}: {line}", self.seed);
                self.unwritten = true;
            }
            Some(Heard::Answer(line)) => {
                let Some((number, _)) = self.waiting.front() else {
                    panic!("seed {}: nobody asked for {line:?}", self.seed);
                };
                if line == format!("~{number}") {
                    self.answered();
                    self.settle();
                } else {
                    self.answer.push(line);
                }
            }
        }
    }

    /// The oldest command has its answer: only the worlds in which that is the answer remain.
    fn answered(&mut self) {
        let answer = std::mem::take(&mut self.answer);
        let (_, command) = self.waiting.pop_front().expect("it waited");
        let mut worlds = Vec::new();
        for world in &self.worlds {
            let after = world.after(&command, &answer);
            worlds.extend(after.filter(|after| !worlds.contains(after)));
        }
        assert!(
            !worlds.is_empty(),
            "seed {}, after {} kills: {command:?} was answered {answer:#?}, known is {:#?}",
            self.seed,
            self.deaths,
            self.worlds
        );
        self.worlds = worlds;
    }

    /// Writes down how trackers stand that nobody is changing.
    fn settle(&mut self) {
        if self.waiting.iter().any(|(_, command)| !command.asks()) {
            return;
        }
        let now = self.web.tick();
        for (id, past) in self.pasts.iter_mut().enumerate() {
            if past.spans.last().is_some_and(|span| span.until.is_none()) {
                continue;
            }
            let stands = |world: &World| world.by_id(id).filter(|tracker| !tracker.paused).cloned();
            let works = stands(&self.worlds[0]);
            if self.worlds.iter().all(|world| stands(world) == works) {
                past.spans.push(Span {
                    from: now,
                    until: None,
                    rest_undone: false,
                    works,
                });
            }
        }
    }

    fn said(&mut self, said: Said) {
        let first = std::mem::take(&mut self.silent);
        if first && self.last.as_ref() == Some(&said) {
            // It was being said when the process before was killed.
            self.repeated += 1;
            return;
        }
        let id = *self
            .names
            .get(&said.tracker)
            .unwrap_or_else(|| panic!("nobody is called {}", said.tracker));
        let past = &mut self.pasts[id];
        past.greetings += usize::from(said.is_greeting());
        let entries = said.entries();
        assert!(
            said.is_greeting() || !entries.is_empty(),
            "what is {said:?}?"
        );
        for (feed, entry) in entries {
            assert_eq!(feed, past.feed, "{said:?}");
            assert!(
                past.said.last().is_none_or(|last| *last < entry),
                "seed {}, after {} kills: twice or in the wrong order, after {:?}: {said:?}; the last was {:?}",
                self.seed,
                self.deaths,
                past.said.last(),
                self.last
            );
            past.said.push(entry);
        }
        self.last = Some(said);
    }

    /// What was not answered may have happened, in the order in which it was asked, up to any point.
    fn died(&mut self) {
        // An answer that was begun was given after the commit.
        let begun = !self.answer.is_empty();
        if begun
            && self
                .waiting
                .front()
                .is_some_and(|(_, command)| !command.asks())
        {
            self.answered();
        }
        self.answer.clear();
        let mut worlds = self.worlds.clone();
        let mut present = self.worlds.clone();
        for (_, command) in self.waiting.drain(..) {
            for world in &mut present {
                *world = world.step(&command).0;
                if !worlds.contains(world) {
                    worlds.push(world.clone());
                }
            }
        }
        self.worlds = worlds;
    }

    fn is_calm(&self, log: &str) {
        let bad: &[&str] = match self.trouble.is_felt() {
            true => &["panicked"],
            false => &["ERROR", "WARN", "panicked"],
        };
        assert!(
            !bad.iter().any(|word| log.contains(word)),
            "seed {}, after {} kills:\n{log}",
            self.seed,
            self.deaths
        );
    }

    /// Every feed that somebody watches was looked at since it stopped to grow, and that look was kept.
    fn all_is_taken_in(&self) -> bool {
        self.worlds[0].trackers.values().all(|tracker| {
            let feed = self.web.feed(tracker.feed);
            let last = feed.answers.last();
            last.is_some_and(|answer| answer.until == feed.entries.len() && answer.proven.is_some())
        })
    }

    fn mistakes(&self) -> Vec<String> {
        self.of_all(|_, past| past.mistakes(&self.web.feed(past.feed)))
    }

    fn missing(&self) -> Vec<String> {
        self.of_all(|id, past| {
            let now = self.worlds[0].by_id(id);
            past.missing(&self.web.feed(past.feed), now)
        })
    }

    /// What there is to say of each tracker, after its name.
    fn of_all(&self, what: impl Fn(usize, &Past) -> Vec<String>) -> Vec<String> {
        let pasts = self.pasts.iter().enumerate();
        pasts
            .flat_map(|(id, past)| {
                let name = self.names.iter().find(|(_, other)| **other == id);
                let name = name.map_or("?", |(name, _)| name.as_str());
                let lines = what(id, past).into_iter();
                lines.map(move |line| format!("{name}: {line}"))
            })
            .collect()
    }

    /// Something to type.
    fn think_of(&mut self) -> Command {
        let world = self.waiting.iter().fold(
            self.worlds[self.worlds.len() - 1].clone(),
            |world, (_, command)| world.step(command).0,
        );
        let names: Vec<&String> = world.trackers.keys().collect();
        let chance = self.dice.below(100);
        if names.len() < 3 || (chance < 15 && names.len() < TRACKERS) {
            return self.think_of_tracker();
        }
        let name = names[self.dice.below(names.len() as u64) as usize].clone();
        let dice = &mut self.dice;
        match chance {
            0..30 => Command::Edit(
                name,
                match dice.below(8) {
                    0 => Edit::Filter("contains", dice.one_of(&COLOURS)),
                    1 => Edit::Filter("tag", dice.one_of(&TAGS)),
                    2..5 => Edit::Without(dice.one_of(&["contains", "author", "tag"])),
                    5 => Edit::Every(dice.one_of(&["every second", "every 2 seconds"])),
                    _ => Edit::As(dice.one_of(&["line", "digest", "list", "one-box"])),
                },
            ),
            30..40 => Command::Pause(name),
            40..58 => match world.trackers.iter().find(|(_, tracker)| tracker.paused) {
                Some((paused, _)) => Command::Resume(paused.clone()),
                None => Command::Resume(name),
            },
            58..66 => {
                let id = world.trackers[&name].id;
                let new = self.new_name(id);
                Command::Rename(name, new)
            }
            66..70 => Command::Stop(name),
            70..85 => Command::Undo,
            85..90 => Command::List,
            90..95 => Command::Show(name),
            _ => Command::Export(name),
        }
    }

    fn think_of_tracker(&mut self) -> Command {
        let dice = &mut self.dice;
        let mut filter = std::collections::BTreeMap::new();
        match dice.below(5) {
            0 => drop(filter.insert("contains", dice.one_of(&COLOURS))),
            1 => drop(filter.insert("author", dice.one_of(&AUTHORS))),
            2 => drop(filter.insert("tag", dice.one_of(&TAGS))),
            _ => {}
        }
        let (printer, every) = match dice.below(4) {
            0 => ("digest", "every 2 seconds"),
            1 => ("one-box", "every second"),
            2 => ("list", "every second"),
            _ => ("line", "every second"),
        };
        let feed = dice.below(FEEDS as u64) as usize;
        let id = self.pasts.len();
        let tracker = Tracker {
            id,
            feed,
            every,
            printer,
            filter,
            paused: false,
        };
        let name = self.new_name(id);
        self.pasts.push(Past {
            feed,
            since: self.web.tick(),
            spans: Vec::new(),
            said: Vec::new(),
            greetings: 0,
            filters: Vec::new(),
        });
        Command::Track(name, tracker, self.trouble.way(self.web.url(feed)))
    }

    fn new_name(&mut self, id: usize) -> String {
        let name = format!("n{}", self.names.len());
        self.names.insert(name.clone(), id);
        name
    }
}

/// A line of a notice about a feed.
fn is_notice(line: &str) -> bool {
    let of_trackers = line.starts_with("`n");
    let fails = [" cannot be read: ", " can be read again, after "];
    of_trackers && fails.iter().any(|fails| line.contains(fails))
        || line == "I keep trying, and say so when it works again."
}

/// A line of the answer to everything that the store did not take.
fn is_unwritten(line: &str) -> bool {
    line.starts_with("I could not write that down, so I stop")
        || line.starts_with("hint: tell the operator; look with `list` whether it was done")
}
