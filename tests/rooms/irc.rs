//! IRC over real sockets: a small server that has all of IRCv3, and ngircd, which has none of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use boson::clock::Clock;
use boson::http::{self, Cipher, Http};
use boson::model::{MessageId, RoomId};
use boson::room::Platform;
use boson::room::irc::{Flood, Irc, Settings};

use super::daemon::Daemon;
use super::house::{House, Line};
use super::irc_server::{self as stand_in, Cut, Fault, Server};
use super::ngircd::{self, Person};
use super::run::Time;

const NAME: &str = "irc";
const PEOPLE: [&str; 2] = ["ann", "bob"];
const ROOMS: usize = 10;

fn channel(n: usize) -> String {
    format!("#room{n}")
}

/// A bot that goes to this port.
pub fn platform(port: u16, clock: &Clock) -> Irc {
    Irc::open(settings(port), door(clock), clock.clone())
}

pub fn settings(port: u16) -> Settings {
    Settings {
        name: NAME.into(),
        bot: "boson".into(),
        server: http::Server {
            host: "127.0.0.1".into(),
            port,
            cipher: Cipher::None,
            identity: None,
        },
        nick: "boson".into(),
        user: "boson".into(),
        realname: "Boson".into(),
        server_password: None,
        login: None,
        channels: Vec::new(),
        flood: Flood::default(),
        invitations: true,
    }
}

pub fn door(clock: &Clock) -> Http {
    Http::new(http::Settings::default(), clock.clone()).unwrap()
}

/// A line as it stands in a room: without the nick of whoever is answered, and who that is.
fn unnamed(text: &str) -> (String, Option<&'static str>) {
    for nick in PEOPLE {
        if let Some(rest) = text.strip_prefix(&format!("{nick}: ")) {
            return (rest.into(), Some(nick));
        }
    }
    (text.into(), None)
}

/// A hint stands on a line of its own, and belongs to what stands before it.
fn gathered(lines: impl Iterator<Item = Line>) -> Vec<Line> {
    let mut all: Vec<Line> = Vec::new();
    for line in lines {
        match all.last_mut() {
            Some(last) if line.text.starts_with("hint: ") => {
                last.text = format!("{}\n{}", last.text, line.text);
            }
            Some(_) | None => all.push(line),
        }
    }
    all
}

fn fits(text: &str) -> bool {
    text.len() <= 500 && !text.contains(['\r', '\n'])
}

/// A server that has all of IRCv3.
pub struct WithPast {
    time: Time,
    pub server: Server,
}

impl WithPast {
    pub async fn new(time: Time) -> WithPast {
        let server = Server::start(stand_in::Settings::default(), time.clock.clone()).await;
        for person in PEOPLE {
            server.person(person);
            (0..ROOMS).for_each(|room| server.join(person, &channel(room)));
        }
        WithPast { time, server }
    }
}

#[async_trait]
impl House for WithPast {
    fn time(&self) -> &Time {
        &self.time
    }

    fn platform(&self) -> Arc<dyn Platform> {
        Arc::new(platform(self.server.port, &self.time.clock))
    }

    fn room(&self, n: usize) -> RoomId {
        RoomId::new(NAME, channel(n))
    }

    async fn waits_for_the_bot(&self, rooms: usize) {
        while !(0..rooms).all(|room| self.server.is_in("boson", &channel(room))) {
            self.time.tick().await;
        }
    }

    async fn say(&self, room: usize, person: usize, text: &str) -> MessageId {
        let text = text.replace('\n', " ");
        MessageId(
            self.server
                .say(PEOPLE[person], &channel(room), &text)
                .into(),
        )
    }

    async fn reply(&self, room: usize, person: usize, to: &MessageId, text: &str) {
        self.server
            .answer(PEOPLE[person], &channel(room), text, Some(&to.0));
    }

    async fn edit(&self, _: usize, _: &MessageId, _: &str) {
        unreachable!("nothing is edited on IRC");
    }

    fn said(&self, room: usize) -> Vec<Line> {
        let said = self.server.said(&channel(room), "boson").into_iter();
        gathered(said.map(|stored| Line {
            id: MessageId(stored.id.into()),
            text: unnamed(&stored.text).0,
            answers: stored.reply.map(MessageId::from),
        }))
    }

    fn fits(&self, text: &str) -> bool {
        fits(text)
    }

    fn types(&self) -> usize {
        400
    }

    fn edits(&self) -> bool {
        false
    }

    fn reads_back(&self) -> bool {
        true
    }

    /// It is slow by itself.
    fn slow(&self) {}

    fn breaks(&self) -> usize {
        3
    }

    fn snap(&self, way: usize) {
        let how = [
            Cut::Close,
            Cut::Error("Closing Link: (Server restarts)"),
            Cut::Silence,
        ][way];
        self.server.cut(how);
    }

    fn failures(&self) -> usize {
        4
    }

    fn fail(&self, way: usize) {
        self.server
            .fail([Fault::Before, Fault::After, Fault::Refused, Fault::Silence][way]);
    }

    async fn close(&self, closed: bool) {
        self.server.moderate(closed);
    }
}

/// A real server, as Debian has it.
pub struct Real {
    time: Time,
    server: Daemon,
    people: Vec<Person>,
    /// What people have typed: the room, who, and the message.
    typed: Mutex<Vec<(usize, usize, MessageId)>>,
    count: AtomicU64,
}

impl Real {
    /// None where ngircd is not there.
    pub async fn new(time: Time) -> Option<Real> {
        let server = ngircd::start().await?;
        let mut people = Vec::new();
        for nick in PEOPLE {
            let person = Person::connect(server.port, nick).await;
            for room in 0..ROOMS {
                // Who is there first is the operator.
                person.send(&format!("JOIN {}", channel(room)));
                person
                    .sees(|line| line.contains(" 366 ") && line.contains(&channel(room)))
                    .await;
            }
            people.push(person);
        }
        for room in 0..ROOMS {
            // Bob may speak also where not everybody may.
            people[0].send(&format!("MODE {} +v bob", channel(room)));
        }
        Some(Real {
            time,
            server,
            people,
            typed: Mutex::default(),
            count: AtomicU64::new(0),
        })
    }
}

#[async_trait]
impl House for Real {
    fn time(&self) -> &Time {
        &self.time
    }

    fn platform(&self) -> Arc<dyn Platform> {
        Arc::new(platform(self.server.port, &self.time.clock))
    }

    fn room(&self, n: usize) -> RoomId {
        RoomId::new(NAME, channel(n))
    }

    async fn waits_for_the_bot(&self, rooms: usize) {
        while !(0..rooms).all(|room| self.people[0].is_in("boson", &channel(room))) {
            self.time.tick().await;
        }
    }

    async fn say(&self, room: usize, person: usize, text: &str) -> MessageId {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let id = MessageId(format!("typed-{count}").into());
        self.typed.lock().unwrap().push((room, person, id.clone()));
        let text = text.replace('\n', " ");
        self.people[person].send(&format!("PRIVMSG {} :{text}", channel(room)));
        // Who speaks next is not to overtake them.
        self.people[person].is_heard().await;
        id
    }

    async fn reply(&self, room: usize, person: usize, _: &MessageId, text: &str) {
        self.say(room, person, &format!("boson: {text}")).await;
    }

    async fn edit(&self, _: usize, _: &MessageId, _: &str) {
        unreachable!("nothing is edited on IRC");
    }

    fn said(&self, room: usize) -> Vec<Line> {
        let typed = self.typed.lock().unwrap();
        let here: Vec<_> = typed.iter().filter(|(its, ..)| *its == room).collect();
        let mut answered = [0; PEOPLE.len()];
        let said = self.people[0].said(&channel(room), "boson");
        let said = said.into_iter().enumerate().map(|(n, text)| {
            let (text, nick) = unnamed(&text);
            // Everybody is answered in the order in which they have asked.
            let answers = nick.and_then(|nick| {
                let person = PEOPLE.iter().position(|name| *name == nick)?;
                let mut theirs = here.iter().filter(|(_, its, _)| *its == person);
                let (.., id) = theirs.nth(answered[person])?;
                answered[person] += 1;
                Some(id.clone())
            });
            Line {
                id: MessageId(format!("said-{n}").into()),
                text,
                answers,
            }
        });
        gathered(said)
    }

    fn fits(&self, text: &str) -> bool {
        fits(text)
    }

    fn types(&self) -> usize {
        400
    }

    fn edits(&self) -> bool {
        false
    }

    fn reads_back(&self) -> bool {
        false
    }

    /// It is slow by itself.
    fn slow(&self) {}

    /// What people say meanwhile is heard by nobody.
    fn breaks(&self) -> usize {
        0
    }

    fn snap(&self, _: usize) {}

    fn failures(&self) -> usize {
        1
    }

    /// For a moment nobody may speak.
    fn fail(&self, _: usize) {
        self.moderate(true);
        let (clock, out) = (self.time.clock.clone(), self.people[0].out());
        tokio::spawn(async move {
            clock
                .until(clock.now() + chrono::TimeDelta::seconds(2))
                .await;
            (0..ROOMS).for_each(|room| out(format!("MODE {} -m", channel(room))));
        });
    }

    async fn close(&self, closed: bool) {
        self.moderate(closed);
    }
}

impl Real {
    fn moderate(&self, closed: bool) {
        let sign = if closed { '+' } else { '-' };
        for room in 0..ROOMS {
            self.people[0].send(&format!("MODE {} {sign}m", channel(room)));
        }
    }
}
