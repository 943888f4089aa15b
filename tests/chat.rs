//! Replays the transcripts of `tests/chat/`, `man/` and the README against the whole bot, with a stopped clock.

#[path = "stand_in/stack_exchange.rs"]
mod stack_exchange;
mod transcript;

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use boson::bot::{Bot, Event, Pace, RoomSetup, Setup};
use boson::clock::Clock;
use boson::command::ends::StoppedBy;
use boson::fact::{self, Readers};
use boson::http::{Http, Player, Stage, Staged};
use boson::model::text::{Block, Choice};
use boson::model::{
    FieldKind, Filled, Form, Heard, Item, Message, MessageId, Role, RoomId, Taken, Text,
    TrackerName,
};
use boson::printer::{self, Printer};
use boson::room::memory::{Handle, Memory};
use boson::room::{Manners, SayError};
use boson::source::{Ring, Shared};
use boson::store::Store;
use boson::tracker::{Limits, RoomManners};
use boson::when;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use stack_exchange::{Fault, Network};
use transcript::{Act, Suite, Test};
use url::Url;

/// The room's settings that directions change.
#[derive(Clone)]
struct Settings {
    prefix: Option<String>,
    zone: chrono_tz::Tz,
    order: when::Order,
    per_room: usize,
    waiting: usize,
    busy: u64,
    /// Who may end the bot.
    stopped_by: StoppedBy,
    /// The platform has buttons, forms and threads, and tells things to one person alone.
    rich: bool,
    /// The operator said who knows how angry texts sound, and which tags were burned.
    services: bool,
}

/// The theatre: a bot, its room, its web.
struct Play {
    bot: Option<Bot>,
    room: Handle,
    stage: Stage,
    /// Stack Exchange, with the sites that transcripts fill.
    network: Arc<Mutex<Network>>,
    /// What happens there rings a bell, as the web socket does.
    rings: bool,
    http: Http,
    clock: Clock,
    settings: Arc<Mutex<Settings>>,
    roles: HashMap<String, Role>,
    last: HashMap<String, Message>,
    /// The one before it.
    before: HashMap<String, Message>,
    /// All that the bot said in `#test`.
    heard: Vec<(MessageId, String)>,
    /// Every button and menu there, with its message, the last one at the end.
    buttons: Vec<(MessageId, Choice)>,
    /// The form that somebody sees.
    form: Option<Form>,
    /// What the log says at the start.
    code: Option<String>,
    /// The printer that goes wrong.
    failing: Arc<Mutex<String>>,
    /// Where backups go.
    disk: Option<tempfile::TempDir>,
    /// What stands in the room, so that it can be looked at again after `take`.
    asked: HashMap<MessageId, String>,
}

const PLATFORM: &str = "test";

/// The rooms in which the bot is from the start.
const HOUSES: [&str; 2] = ["#test", "#ops"];

impl Play {
    async fn new() -> Play {
        // A Saturday.
        let clock = Clock::stopped("2026-11-21T09:00:00Z".parse().unwrap());
        let (http, stage) = Http::staged(clock.clone());
        let settings = Settings {
            prefix: None,
            zone: chrono_tz::UTC,
            order: when::Order::DayMonth,
            per_room: 10_000,
            waiting: 1_000,
            busy: 1_000,
            // As the config would name them.
            stopped_by: StoppedBy::owners(|room| HOUSES.contains(&room.room.as_str())),
            rich: false,
            services: true,
        };
        let network = Arc::new(Mutex::new(Network::by_hand()));
        stage.answer_host("api.stackexchange.com", player(&network, &clock));
        stage.answer_host("heat.example.org", Arc::new(classifier));
        stage.answer_host("tagdor.example.org", Arc::new(tagdor));
        let mut play = Play {
            bot: None,
            room: Memory::new(PLATFORM).1,
            stage,
            network,
            rings: false,
            http,
            clock,
            settings: Arc::new(Mutex::new(settings)),
            roles: HashMap::new(),
            last: HashMap::new(),
            before: HashMap::new(),
            heard: Vec::new(),
            buttons: Vec::new(),
            form: None,
            code: None,
            failing: Arc::default(),
            disk: None,
            asked: HashMap::new(),
        };
        play.start(Store::memory()).await;
        play
    }

    async fn start(&mut self, store: Store) {
        let rich = self.settings.lock().unwrap().rich;
        let (platform, handle) = match rich {
            false => Memory::new(PLATFORM),
            true => Memory::with(
                PLATFORM,
                Manners {
                    edits: true,
                    buttons: true,
                    forms: true,
                    threads: true,
                    private_mistakes: true,
                    ..Manners::plain(NonZeroUsize::new(4_000).unwrap())
                },
            ),
        };
        self.room = handle;
        let settings = self.settings.clone();
        let manners = move |room: &RoomId| {
            let settings = settings.lock().unwrap();
            let plain = room.room != "#test";
            RoomManners {
                zone: if plain { chrono_tz::UTC } else { settings.zone },
                order: if plain {
                    when::Order::DayMonth
                } else {
                    settings.order
                },
                longest: 4_000,
                threads: rich,
            }
        };
        let settings = self.settings.clone();
        let Settings {
            per_room,
            waiting,
            busy,
            stopped_by,
            services,
            ..
        } = settings.lock().unwrap().clone();
        let services = match services {
            true => fact::Settings {
                heat: Some("https://heat.example.org/api/classify/".into()),
                burned: Some("https://tagdor.example.org/".into()),
            },
            false => fact::Settings::default(),
        };
        let shared = Shared::default();
        let setup = Setup {
            name: "boson".into(),
            docs: None,
            code: self.code.clone(),
            stopped_by,
            store,
            clock: self.clock.clone(),
            http: self.http.clone(),
            readers: Readers::new(&shared, &services),
            shared,
            platforms: vec![Arc::new(platform)],
            rooms: HOUSES.map(|room| RoomId::new(PLATFORM, room)).into(),
            manners: Arc::new(manners),
            room_setup: Arc::new(move |room| RoomSetup {
                prefix: (room.room == "#test")
                    .then(|| settings.lock().unwrap().prefix.clone())
                    .flatten(),
                owners: Vec::new(),
                ..RoomSetup::default()
            }),
            limits: Limits {
                least_every: Duration::from_secs(60),
                every: Duration::from_secs(600),
                per_room,
                waiting,
                burst: 20,
                busy,
                ..Limits::default()
            },
            pace: Pace {
                commands: 20,
                within: Duration::from_secs(10),
            },
            recipes: boson::recipe::shipped(),
            linger: Duration::ZERO,
            folder: self.disk.as_ref().map(|disk| disk.path().into()),
        };
        let mut bot = Bot::new(setup).await.unwrap();
        let failing = self.failing.clone();
        bot.print_with(Arc::new(move |name| {
            let (name, failing) = (name.to_string(), failing.clone());
            let sound = printer::build(&name)?;
            Ok(Box::new(Fails {
                sound,
                name,
                failing,
            }))
        }));
        self.bot = Some(bot);
    }

    fn bot(&mut self) -> &mut Bot {
        self.bot.as_mut().expect("the bot is on stage")
    }

    /// The process ends and another takes up the same store.
    async fn restart(&mut self) {
        let store = self.bot.take().expect("the bot is on stage").into_store();
        self.start(store).await;
        self.bot().settle().await;
    }

    async fn hear(&mut self, heard: Heard) {
        let sender = self.bot().sender();
        if sender.try_send(Event::Heard(heard, None)).is_err() {
            panic!("the loop's queue is full");
        }
    }

    fn message(&self, room: &str, who: &str, text: &str) -> Message {
        let mut message = self.room.message(room, who, text, self.clock.now());
        message.direct = room.starts_with('@');
        message.role = self.roles.get(who).copied().unwrap_or(Role::Member);
        message
    }

    async fn says(&mut self, room: &str, who: &str, text: &str) {
        let message = self.message(room, who, text);
        if let Some(before) = self.last.insert(who.into(), message.clone()) {
            self.before.insert(who.into(), before);
        }
        self.hear(Heard::Said(message)).await;
        self.bot().settle().await;
    }

    /// Somebody types a slash command, or presses a button of a message.
    async fn types(&mut self, who: &str, text: &str, of: Option<MessageId>) {
        let mut message = self.message("#test", who, text);
        message.private = true;
        message.reply_to = of;
        self.asked.insert(message.id.clone(), who.into());
        self.hear(Heard::Said(message)).await;
        self.bot().settle().await;
    }

    /// Somebody fills in the form that they see: `url=https://example.org, every=every hour`.
    async fn fills(&mut self, who: &str, answers: &str, done: bool) {
        let Some(form) = self.form.clone() else {
            panic!("nobody sees a form to hand in {answers}");
        };
        let of = self.message("#test", who, "");
        let mut all: Vec<(String, String)> = Vec::new();
        for field in &form.fields {
            let said = answers.split(", ").find_map(|answer| {
                let (name, said) = answer.split_once('=').expect("NAME=ANSWER");
                (name == field.name).then(|| said.to_string())
            });
            let answer = said.or_else(|| field.value.clone());
            all.extend(answer.map(|answer| (field.name.clone(), answer)));
        }
        let filled = Filled {
            id: of.id,
            room: of.room,
            person: of.person,
            role: of.role,
            at: of.at,
            thread: None,
            form: form.name,
            answers: all,
            mentions: Vec::new(),
            done,
        };
        self.asked.insert(filled.id.clone(), who.into());
        self.hear(Heard::Filled(filled)).await;
        self.bot().settle().await;
    }

    /// What became of forms, as it stands in a transcript.
    fn seen(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for (of, taken) in self.room.forms() {
            let who = self.asked.get(&of).cloned().unwrap_or_default();
            match taken {
                Taken::Done => {
                    self.form = None;
                    lines.push(format!("<boson> (the form of {who} is gone)"));
                }
                Taken::Mistakes(mistakes) => {
                    for (field, words) in mistakes {
                        lines.push(format!("<boson> (at {field}, for {who}) {words}"));
                    }
                }
                Taken::Again(form) => {
                    lines.push(format!("<boson> (a form for {who}) {}", shown(&form)));
                    self.form = Some(form);
                }
            }
        }
        lines
    }

    /// Lets time pass: everything that becomes due happens at its own time.
    async fn pass(&mut self, to: DateTime<Utc>) {
        self.bot().settle().await;
        while let Some(due) = self.bot().next_due().filter(|due| *due <= to) {
            self.clock.advance_to(due);
            self.bot().settle().await;
        }
        self.clock.advance_to(to);
        self.bot().settle().await;
    }

    /// Something happens on Stack Exchange; gives whether the direction was about that.
    async fn happens(&mut self, direction: &str) -> bool {
        let now = self.clock.now().timestamp();
        let pings = {
            let mut network = self.network.lock().unwrap();
            if !network.direct(direction, now) {
                return false;
            }
            network.pings()
        };
        if self.rings {
            for ping in pings {
                let bell = format!("stack-exchange/{}", ping.site);
                let id = ping.about["id"].as_str().unwrap().parse().unwrap();
                self.ring(Ring::Activity { bell, id }).await;
            }
            self.bot().settle().await;
        }
        true
    }

    async fn ring(&mut self, ring: Ring) {
        let sender = self.bot().sender();
        if sender.try_send(Event::Rang(ring)).is_err() {
            panic!("the loop's queue is full");
        }
    }

    async fn direct(&mut self, direction: &str) {
        if self.happens(direction).await {
            return;
        }
        let words: Vec<&str> = direction.split_whitespace().collect();
        match words.as_slice() {
            [url, "serves", file] if url.starts_with("http") => {
                let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                    .join("tests")
                    .join(file);
                let body = std::fs::read(&path)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                self.stage.serve(url, Staged::page(kind_of(file), body));
            }
            [url, "serves", n, "entries"] => self.stage.serve(
                url,
                Staged::page("application/xml", entries(n.parse().unwrap())),
            ),
            [url, "serves", "a", "title", "of", n, "KiB"] => {
                let title = "long ".repeat(n.parse::<usize>().unwrap() * 1024 / 5);
                let feed = format!(
                    "<rss version=\"2.0\"><channel><title>Long</title><item><guid>long</guid><title>{title}</title></item></channel></rss>"
                );
                self.stage.serve(url, Staged::page("application/xml", feed));
            }
            [url, "was", "asked", n, "times"] => {
                let asked = self.stage.requests();
                let asked = asked.iter().filter(|asked| asked.as_str() == *url).count();
                assert_eq!(
                    asked,
                    n.parse::<usize>().unwrap(),
                    "how often {url} was asked"
                );
            }
            [url, "serves:", ..] => {
                let text = direction
                    .split_once("serves: ")
                    .expect("a text")
                    .1
                    .replace("\\n", "\n");
                self.stage.serve(url, Staged::page("text/xml", text));
            }
            [url, "answers", status] => self
                .stage
                .serve(url, Staged::status(status.parse().unwrap())),
            [
                url,
                "answers",
                status,
                "and",
                "wants",
                n,
                "minutes",
                "of",
                "rest",
            ] => {
                let rest = n.parse::<u64>().unwrap() * 60;
                let page =
                    Staged::status(status.parse().unwrap()).header("retry-after", rest.to_string());
                self.stage.serve(url, page);
            }
            [url, "does", "not", "answer"] => self.stage.serve(url, Staged::Slow),
            [url, "moved", "to", new] => self
                .stage
                .serve(url, Staged::status(301).header("location", *new)),
            [.., "pass" | "passes"] => {
                let passing = when::duration(&words[..words.len() - 1].join(" ")).unwrap();
                let to = self.clock.now() + TimeDelta::from_std(passing).unwrap();
                self.pass(to).await;
            }
            ["it", "is", date, time] => {
                let at = NaiveDateTime::parse_from_str(&format!("{date} {time}"), "%Y-%m-%d %H:%M")
                    .unwrap();
                self.pass(at.and_utc()).await;
            }
            ["bot", "restarts"] => self.restart().await,
            [
                "the",
                "operator",
                "allows",
                n,
                "trackers",
                "in",
                "a",
                "room",
            ] => {
                self.settings.lock().unwrap().per_room = n.parse().unwrap();
                self.restart().await;
            }
            [who, "is", "a" | "an", role] => {
                let role = [
                    Role::Guest,
                    Role::Member,
                    Role::Reviewer,
                    Role::Owner,
                    Role::Operator,
                ]
                .into_iter()
                .find(|known| known.name() == *role)
                .unwrap_or_else(|| panic!("no role: {role}"));
                self.roles.insert((*who).into(), role);
            }
            [who, "corrects", "the", "one", "before", "to:", ..] => {
                let mut message = self.before[*who].clone();
                message.text = direction.split_once("to: ").expect("a text").1.into();
                self.hear(Heard::Edited(message)).await;
                self.bot().settle().await;
            }
            [who, "corrects", "that", "to:", ..] => {
                let mut message = self.last[*who].clone();
                message.text = direction.split_once("to: ").expect("a text").1.into();
                self.last.insert((*who).into(), message.clone());
                self.hear(Heard::Edited(message)).await;
                self.bot().settle().await;
            }
            [who, "replies:", ..] => {
                let mut message = self.message(
                    "#test",
                    who,
                    direction.split_once("replies: ").expect("a text").1,
                );
                message.reply_to_bot = true;
                message.reply_to = self.heard.last().map(|(id, _)| id.clone());
                self.hear(Heard::Said(message)).await;
                self.bot().settle().await;
            }
            [who, "replies", "to", ..] => {
                let (words, text) = direction
                    .split_once('“')
                    .and_then(|(_, rest)| rest.split_once("”: "))
                    .expect("“WORDS”: TEXT");
                let mut message = self.message("#test", who, text);
                message.reply_to_bot = true;
                let heard = self.heard.iter().rev();
                let meant = heard.clone().find(|(_, text)| text.contains(words));
                let (id, _) = meant.unwrap_or_else(|| panic!("the bot did not say {words}"));
                message.reply_to = Some(id.clone());
                self.hear(Heard::Said(message)).await;
                self.bot().settle().await;
            }
            [who, "answers", "in", "the", "thread", "of", ..] => {
                let (words, text) = direction
                    .split_once('“')
                    .and_then(|(_, rest)| rest.split_once("”: "))
                    .expect("“WORDS”: TEXT");
                let heard = self.heard.iter().rev();
                let meant = heard.clone().find(|(_, text)| text.contains(words));
                let (id, _) = meant.unwrap_or_else(|| panic!("the bot did not say {words}"));
                let id = id.clone();
                let mut message = self.message("#test", who, text);
                message.reply_to_bot = true;
                message.reply_to = Some(id.clone());
                message.thread = Some(id);
                self.hear(Heard::Said(message)).await;
                self.bot().settle().await;
            }
            [who, "leaves", room] => {
                let person = self.message(room, who, "").person;
                let room = RoomId::new(PLATFORM, *room);
                self.hear(Heard::Went { room, person }).await;
                self.bot().settle().await;
            }
            [who, "says", "at", "once", n, "times:", ..] => {
                let text = direction.split_once("times: ").expect("a text").1;
                for _ in 0..n.parse::<usize>().unwrap() {
                    let message = self.message("#test", who, text);
                    self.hear(Heard::Said(message)).await;
                }
                self.bot().settle().await;
            }
            [who, "says", n, "times:", ..] => {
                for _ in 0..n.parse::<usize>().unwrap() {
                    self.says(
                        "#test",
                        who,
                        direction.split_once("times: ").expect("a text").1,
                    )
                    .await;
                }
            }
            [who, "sends", n, "KiB"] => {
                let text = format!(
                    "@boson echo {}",
                    "x".repeat(n.parse::<usize>().unwrap() * 1024)
                );
                self.says("#test", who, &text).await;
            }
            ["the", "platform", "has", "buttons"] => {
                self.settings.lock().unwrap().rich = true;
                self.restart().await;
            }
            [who, "types", "/boson", ..] => {
                let text = direction.split_once("/boson").expect("a text").1.trim();
                self.types(who, text, None).await;
            }
            [who, verb @ ("presses" | "picks"), ..] => {
                let picked = direction
                    .split_once('“')
                    .and_then(|(_, rest)| rest.split_once('”'));
                let picked = picked.map(|(picked, _)| picked);
                assert_eq!(picked.is_some(), *verb == "picks", "{direction}");
                let label = direction.split_once('[').expect("a button").1;
                let (label, of) = label.split_once(']').expect("a button");
                let of = of.trim_start_matches(" of ").trim().to_string();
                let meant = self.buttons.iter().rev();
                let meant = meant.clone().find(|(_, choice)| {
                    let is_kind = choice.picks.is_some() == picked.is_some();
                    let is_of = of.is_empty() || choice.command.ends_with(&of);
                    choice.label == label && is_kind && is_of
                });
                let (message, choice) = meant.unwrap_or_else(|| panic!("no button [{label}]"));
                let typed = match picked {
                    Some(picked) => Choice::typed(&choice.command, picked),
                    None => choice.command.clone(),
                };
                let message = message.clone();
                self.types(who, &typed, Some(message)).await;
            }
            [who, "says", "in", "a", "thread:", ..] => {
                let text = direction.split_once("thread: ").expect("a text").1;
                let mut message = self.message("#test", who, text);
                message.thread = Some(MessageId("the thread".into()));
                self.hear(Heard::Said(message)).await;
                self.bot().settle().await;
            }
            [who, verb @ ("chooses:" | "hands"), ..] => {
                let answers = direction.split_once(": ").expect("answers").1;
                self.fills(who, answers, *verb == "hands").await;
            }
            ["the", "log", "says:", "claim", code] => {
                self.code = Some((*code).into());
                self.restart().await;
            }
            ["the", "store", "is", "on", "a", "disk"] => {
                self.disk = Some(tempfile::tempdir().unwrap());
                self.restart().await;
            }
            ["the", "operator", "lets", n, "messages", "wait"] => {
                self.settings.lock().unwrap().waiting = n.parse().unwrap();
                self.restart().await;
            }
            ["the", "operator", "lets", "operators", "alone", "end", "it"] => {
                self.settings.lock().unwrap().stopped_by = StoppedBy::operators();
                self.restart().await;
            }
            ["the", "operator", "sets", "no", "services"] => {
                self.settings.lock().unwrap().services = false;
                self.restart().await;
            }
            ["the", "operator", "calls", n, "items", "a", "day", "busy"] => {
                self.settings.lock().unwrap().busy = n.parse().unwrap();
                self.restart().await;
            }
            ["the", "room", "has", setting, value] => {
                let mut settings = self.settings.lock().unwrap();
                match *setting {
                    "prefix" => settings.prefix = Some((*value).into()),
                    "zone" => settings.zone = when::zone(value).unwrap(),
                    "order" => settings.order = value.parse().unwrap(),
                    other => panic!("no room setting: {other}"),
                }
            }
            [who, "invites", "boson", "to", room] => {
                let by = self.message("#test", who, "").person;
                let room = RoomId::new(PLATFORM, *room);
                let name = room.room.clone();
                self.hear(Heard::Invited {
                    room,
                    name: name.to_string(),
                    by,
                    there: false,
                })
                .await;
                self.bot().settle().await;
            }
            ["boson", "is", "sent", "away", "from", room] => {
                let room = RoomId::new(PLATFORM, *room);
                self.hear(Heard::Left(room)).await;
                self.bot().settle().await;
            }
            [_, _, "ago", who, "said:", ..] => {
                let (ago, said) = direction.split_once(" ago ").expect("a time");
                let ago = TimeDelta::from_std(when::duration(ago).unwrap()).unwrap();
                let text = said.split_once("said: ").expect("a text").1;
                let mut message = self.message("#test", who, text);
                message.at -= ago;
                message.past = true;
                self.hear(Heard::Said(message)).await;
                self.bot().settle().await;
            }
            ["a", "message", "takes", ..] => {
                let wait = when::duration(&words[3..].join(" ")).unwrap();
                self.room.slow(wait);
            }
            ["the", "printer", name, "goes", "wrong"] => {
                *self.failing.lock().unwrap() = (*name).into();
            }
            ["the", "printer", _, "works", "again"] => self.failing.lock().unwrap().clear(),
            ["the", "web", "socket", "is", "heard"] => {
                self.rings = true;
                self.ring(Ring::Up("stack-exchange")).await;
                self.bot().settle().await;
            }
            ["the", "web", "socket", "is", "dead"] => {
                self.rings = false;
                self.ring(Ring::Down("stack-exchange")).await;
                self.bot().settle().await;
            }
            ["the", "room", "cannot", "be", "reached"] => {
                let rest = Duration::from_secs(5);
                self.room.fail(Some(SayError::Later {
                    what: "no connection".into(),
                    rest,
                }));
            }
            ["the", "room", "can", "be", "reached", "again"] => self.room.fail(None),
            _ => panic!("no such direction: {direction}"),
        }
    }

    /// What was said since the last time, as it stands in a transcript: room by room, since rooms do not wait
    /// for each other.
    fn said(&mut self) -> Vec<String> {
        let mut spoken = self.room.take();
        self.heard.extend(
            spoken
                .iter()
                .filter(|spoken| spoken.room.room == "#test")
                .map(|spoken| (spoken.message.clone(), spoken.text.plain())),
        );
        spoken.sort_by_key(|spoken| {
            let room = spoken.room.room.clone();
            (room != "#test", room)
        });
        for spoken in spoken.iter().filter(|said| said.room.room == "#test") {
            for block in &spoken.text.0 {
                if let Block::Choices(choices) = block {
                    let choices = choices.iter();
                    let message = &spoken.message;
                    self.buttons
                        .extend(choices.map(|choice| (message.clone(), choice.clone())));
                }
            }
        }
        let seen = self.seen();
        let rich = self.settings.lock().unwrap().rich;
        let said = spoken
            .into_iter()
            .map(|spoken| {
                let room = match spoken.room.room.as_str() {
                    "#test" => String::new(),
                    room => format!("[{room}] "),
                };
                let edited = if spoken.edit { " (edited)" } else { "" };
                let only = spoken.only.filter(|_| rich);
                let only = only.map(|only| format!(" (only {} sees it)", only.0));
                let thread = spoken.thread.map_or("", |_| " (in the thread)");
                let text: Vec<String> = spoken.text.0.iter().map(written).collect();
                let text = text.join("\n");
                let text: Vec<&str> = text.split('\n').map(str::trim_end).collect();
                let only = only.unwrap_or_default();
                format!("{room}<boson>{edited}{only}{thread} {}", text.join("\n"))
            })
            .chain(seen);
        said.collect()
    }
}

/// A printer that panics when a test says so.
struct Fails {
    sound: Box<dyn Printer>,
    name: String,
    failing: Arc<Mutex<String>>,
}

impl Printer for Fails {
    fn print(&self, tracker: &TrackerName, items: &[Item]) -> Vec<Text> {
        let fails = *self.failing.lock().unwrap() == self.name;
        assert!(!fails, "the printer {} goes wrong", self.name);
        self.sound.print(tracker, items)
    }

    fn gathers(&self) -> bool {
        self.sound.gathers()
    }
}

/// A block, with its buttons.
fn written(block: &Block) -> String {
    match block {
        Block::Choices(choices) => {
            let labels = choices.iter().map(|choice| match choice.picks.as_deref() {
                None => format!("[{}]", choice.label),
                Some(field) => format!("[{}: {}]", choice.label, kind_of_menu(&field.kind)),
            });
            labels.collect::<Vec<_>>().join(" ")
        }
        block => boson::model::Text(vec![block.clone()]).plain(),
    }
}

/// What is picked from a menu.
fn kind_of_menu(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::One(_) => "one of them",
        FieldKind::Many(_) => "some of them",
        FieldKind::Moment => "a time",
        FieldKind::Person => "a person",
        FieldKind::Room => "a room",
        other => panic!("nothing is picked for {other:?}"),
    }
}

/// A form: its questions with what is filled in, those that must be answered with a star.
fn shown(form: &Form) -> String {
    let mut lines = vec![format!("{}:", form.title)];
    for field in &form.fields {
        let star = if field.needed { "*" } else { "" };
        let value = field.value.as_deref().unwrap_or_default();
        lines.push(format!("{}{star} ({}): {value}", field.label, field.name));
    }
    lines.push(format!("[{}]", form.submit));
    lines.join("\n").replace(": \n", ":\n")
}

/// Answers for the API of Stack Exchange.
fn player(network: &Arc<Mutex<Network>>, clock: &Clock) -> Player {
    let (network, clock) = (network.clone(), clock.clone());
    Arc::new(move |method, url, sent| {
        let query = url
            .query()
            .map_or(String::new(), |query| format!("?{query}"));
        let target = format!("{}{query}", url.path());
        let now = clock.now().timestamp();
        let mut answer = network.lock().unwrap().answer(method, &target, sent, now);
        match answer.fault {
            Some(Fault::NeverEnds) => return Staged::Slow,
            Some(Fault::Cut) => answer.body.truncate(answer.body.len() / 2),
            Some(Fault::Status(_) | Fault::Error(_) | Fault::Throttle(_)) | None => {}
        }
        Staged::Page {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
        }
    })
}

/// Finds a text as angry as it has exclamation marks.
fn classifier(_: &str, _: &Url, sent: &[u8]) -> Staged {
    let asked: Value = serde_json::from_slice(sent).unwrap();
    let judged = asked["contents"].as_array().unwrap().iter().map(|content| {
        let score = content["text"].as_str().unwrap().matches('!').count();
        let nb = (score as f64 / 10.0).min(1.0);
        json!({"id": content["id"], "nb": nb, "op": 0.5, "bad": {"regex": "!+", "type": 0}, "score": score})
    });
    let judged: Vec<Value> = judged.collect();
    let answer = json!({"domain": asked["domain"], "result": judged, "backOff": 30_000});
    Staged::page("application/json", answer.to_string())
}

/// Says that `homework` was burned, fails at `unknowable`, and knows no other tag.
fn tagdor(_: &str, url: &Url, _: &[u8]) -> Staged {
    match url.path() {
        "/tags/homework" => Staged::page(
            "application/json",
            r#"{"status":"completed","burninated":true,"meta_post":"https://meta.example.org/q/1"}"#,
        ),
        "/tags/unknowable" => Staged::status(500),
        _ => Staged::status(404),
    }
}

/// A feed with this many entries, the newest first.
fn entries(n: usize) -> String {
    let entries: String = (1..=n)
        .rev()
        .map(|n| {
            format!("<item><guid>{n}</guid><title>Entry {n}</title><link>https://example.org/{n}</link></item>\n")
        })
        .collect();
    format!("<rss version=\"2.0\"><channel><title>Many</title>\n{entries}</channel></rss>")
}

fn kind_of(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("json") => "application/feed+json",
        Some("html") => "text/html; charset=utf-8",
        _ => "application/xml",
    }
}

/// Plays a test; returns what the bot said at each step.
async fn play(test: &Test) -> Vec<Vec<String>> {
    let mut play = Play::new().await;
    let mut said = Vec::new();
    for step in &test.steps {
        match &step.act {
            Act::Says { room, who, text } => play.says(room, who, text).await,
            Act::Direction(direction) => play.direct(direction).await,
        }
        said.push(play.said());
    }
    said
}

fn suites() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("README.md")];
    for folder in ["tests/chat", "man"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|kind| kind == "md")
                && !path.ends_with("tests/chat/README.md")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn every_role_that_a_command_needs_is_refused_in_a_transcript() {
    let texts: Vec<String> = suites()
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for kind in boson::command::ALL {
        let refused = format!("> `{}` is for ", kind.name);
        assert!(
            kind.build.role == boson::model::Role::Guest
                || texts.iter().any(|text| text.contains(&refused)),
            "no transcript shows who may not use `{}`",
            kind.name
        );
    }
}

#[test]
fn every_transcript_comes_true() {
    let bless = std::env::var_os("BLESS").is_some();
    assert!(
        !(bless && std::env::var_os("CI").is_some()),
        "CI never blesses"
    );
    let only = std::env::var_os("ONLY").unwrap_or_default();
    let only = only.to_string_lossy();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut wrong = Vec::new();
    let mut tests = 0;
    for path in suites() {
        if !path.to_string_lossy().contains(only.as_ref()) {
            continue;
        }
        let suite = Suite::read(&path);
        let mut all = Vec::new();
        for test in &suite.tests {
            tests += 1;
            // Shown only when something fails: where a panic happened.
            println!("{}: {}", path.display(), test.name);
            let said = runtime.block_on(play(test));
            for (step, said) in test.steps.iter().zip(&said) {
                if step.expected != *said {
                    wrong.push(format!(
                        "{}:{}: {}\n  after: {:?}\n  expected:\n{}\n  said:\n{}",
                        path.display(),
                        step.line,
                        test.name,
                        step.act,
                        indented(&step.expected),
                        indented(said)
                    ));
                }
            }
            all.push(said);
        }
        if bless {
            suite.bless(&all);
        }
    }
    assert!(tests > 0, "no transcript was found");
    assert!(
        bless || wrong.is_empty(),
        "{} of the steps of {tests} transcripts went otherwise:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

fn indented(messages: &[String]) -> String {
    messages
        .iter()
        .flat_map(|message| message.lines())
        .map(|line| format!("    {line}\n"))
        .collect()
}
