//! The bot's side of a network whose other side is a small server on this machine.

use std::sync::Arc;
use std::time::Duration;

use boson::clock::Clock;
use boson::http::{self, Cipher, Http};
use boson::model::{Heard, Message, RoomId, Text};
use boson::room::irc::{Channel, Flood, Irc, Settings};
use boson::room::{Platform, SayError, Saying, Seated, Spoken};
use chrono::TimeDelta;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::stand_in::{self, Server, Stored};

/// The platform's name in all scenes.
pub const NET: &str = "net";
/// Nothing takes this long; a test that waits so long has failed.
pub const LONG: Duration = Duration::from_secs(240);

/// A network with a bot, an operator of `#one` and `#two`, and somebody else.
pub struct Scene {
    pub server: Server,
    pub clock: Clock,
    pub settings: Settings,
    hand: JoinHandle<()>,
}

/// A bot that listens.
pub struct Ears {
    pub platform: Arc<Irc>,
    pub heard: mpsc::Receiver<Heard>,
    pub task: JoinHandle<()>,
}

impl Scene {
    pub async fn new() -> Scene {
        Scene::with(stand_in::Settings::default()).await
    }

    /// A server without anything of IRCv3.
    pub async fn old() -> Scene {
        Scene::with(old()).await
    }

    pub async fn with(settings: stand_in::Settings) -> Scene {
        let clock = clock();
        let server = Server::start(settings, clock.clone()).await;
        Scene::at(server, clock)
    }

    pub fn at(server: Server, clock: Clock) -> Scene {
        for nick in ["ann", "bob"] {
            server.person(nick);
            server.join(nick, "#one");
            server.join(nick, "#two");
        }
        let settings = Settings {
            name: NET.into(),
            bot: "boson".into(),
            server: http::Server {
                host: "localhost".into(),
                port: server.port,
                cipher: Cipher::None,
                identity: None,
            },
            nick: "boson".into(),
            user: "~boson".into(),
            realname: "Boson".into(),
            server_password: None,
            login: None,
            channels: ["#one", "#two"]
                .map(|name| Channel::read(name).unwrap())
                .into(),
            flood: Flood::default(),
            invitations: true,
        };
        let moved = clock.clone();
        // A second passes in 25 milliseconds.
        let hand = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(1)).await;
                moved.advance_to(moved.now() + TimeDelta::milliseconds(40));
            }
        });
        Scene {
            server,
            clock,
            settings,
            hand,
        }
    }

    /// A bot that begins to listen in its channels.
    pub fn listen(&self) -> Ears {
        self.listen_in(&[("#one", None), ("#two", None)])
    }

    /// The same in other rooms, with the messages that were heard last.
    pub fn listen_in(&self, rooms: &[(&str, Option<&str>)]) -> Ears {
        let http = Http::new(http::Settings::default(), self.clock.clone()).unwrap();
        let platform = Arc::new(Irc::open(self.settings.clone(), http, self.clock.clone()));
        let (sender, heard) = mpsc::channel(1_000);
        let rooms = rooms.iter().map(|(name, heard)| Seated {
            room: room(name),
            heard: heard.map(|heard| boson::model::MessageId(heard.into())),
        });
        let rooms = rooms.collect();
        let listening = platform.clone();
        let task = tokio::spawn(async move { listening.listen(rooms, sender).await.unwrap() });
        Ears {
            platform,
            heard,
            task,
        }
    }

    /// A bot that is in its channels.
    pub async fn sits(&self) -> Ears {
        let mut ears = self.listen();
        for _ in 0..2 {
            ears.until(|heard| matches!(heard, Heard::Joined { .. }))
                .await;
        }
        ears
    }

    /// Waits until something is so.
    pub async fn until(&self, what: &str, is: impl Fn() -> bool) {
        let waits = async {
            while !is() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let waited = tokio::time::timeout(LONG, waits).await;
        assert!(waited.is_ok(), "{what}: {:#?}", self.server.came());
    }

    /// So much time passes.
    pub async fn passes(&self, seconds: i64) {
        let until = self.clock.now() + TimeDelta::seconds(seconds);
        self.clock.until(until).await;
    }

    /// What the bot has said there, once it is so many lines.
    pub async fn said(&self, target: &str, count: usize) -> Vec<String> {
        self.until("not said", || {
            self.server.said(target, "boson").len() >= count
        })
        .await;
        texts(self.server.said(target, "boson"))
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.hand.abort();
    }
}

impl Ears {
    pub async fn next(&mut self) -> Heard {
        let next = tokio::time::timeout(LONG, self.heard.recv()).await;
        next.expect("something is heard").expect("it listens")
    }

    /// The first that is so; what stands before it is left out.
    pub async fn until(&mut self, is: impl Fn(&Heard) -> bool) -> Heard {
        loop {
            let heard = self.next().await;
            if is(&heard) {
                return heard;
            }
        }
    }

    /// The next message of a person.
    pub async fn message(&mut self) -> Message {
        match self.until(|heard| matches!(heard, Heard::Said(_))).await {
            Heard::Said(message) => message,
            _ => unreachable!("it was waited for"),
        }
    }

    /// The next trouble, or that there is none any more.
    pub async fn trouble(&mut self) -> Option<String> {
        match self
            .until(|heard| matches!(heard, Heard::Trouble { .. }))
            .await
        {
            Heard::Trouble { what, .. } => what,
            _ => unreachable!("it was waited for"),
        }
    }

    pub async fn say(&self, to: &str, text: Text) -> Result<Spoken, SayError> {
        let saying = Saying::new(room(to), text);
        let said = tokio::time::timeout(LONG, self.platform.say(&saying)).await;
        said.expect("it is said or not")
    }

    /// Says something beside what happens else.
    pub fn begin(&self, to: &str, text: Text) -> JoinHandle<Result<Spoken, SayError>> {
        let (platform, saying) = (self.platform.clone(), Saying::new(room(to), text));
        tokio::spawn(async move { platform.say(&saying).await })
    }
}

pub fn clock() -> Clock {
    Clock::stopped("2026-11-21T09:00:00Z".parse().unwrap())
}

pub fn old() -> stand_in::Settings {
    stand_in::Settings {
        old: true,
        says: "NETWORK=old",
        ..stand_in::Settings::default()
    }
}

pub fn room(name: &str) -> RoomId {
    RoomId::new(NET, name)
}

pub fn texts(said: Vec<Stored>) -> Vec<String> {
    said.into_iter().map(|stored| stored.text).collect()
}

/// So many lines.
pub fn lines(count: usize) -> (Text, Vec<String>) {
    let all: Vec<String> = (0..count).map(|n| format!("line {n}")).collect();
    (Text::new().pre(all.join("\n")), all)
}
