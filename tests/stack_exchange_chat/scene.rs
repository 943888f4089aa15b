//! The bot's side of a chat whose other side is a stand-in on this machine.

use std::sync::Arc;
use std::time::Duration;

use boson::clock::Clock;
use boson::http::{self, Http};
use boson::model::{Heard, Message, MessageId, RoomId};
use boson::room::stack_exchange_chat::{Settings, StackExchangeChat};
use boson::room::{Platform, Seated};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::stand_in;

/// The platform's name in all scenes.
pub const CHAT: &str = "chat.example.org";
/// Nothing takes this long; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(30);

/// A chat with a bot, an owner and somebody else.
pub struct Scene {
    pub server: stand_in::StackExchangeChat,
    pub clock: Clock,
    pub settings: Settings,
    /// The account of the bot, the owner of the rooms, and somebody else.
    pub bot: i64,
    pub ann: i64,
    pub ben: i64,
    pub folder: tempfile::TempDir,
}

/// A bot that listens.
pub struct Ears {
    pub platform: Arc<StackExchangeChat>,
    pub heard: mpsc::Receiver<Heard>,
    pub task: JoinHandle<()>,
    clock: Clock,
}

impl Scene {
    pub async fn new() -> Scene {
        Scene::with(stand_in::Settings::default()).await
    }

    pub async fn with(settings: stand_in::Settings) -> Scene {
        let clock = Clock::stopped("2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let server = stand_in::StackExchangeChat::start(settings, clock.clone()).await;
        let bot = server.account("boson@example.org", "secret", "Boson Bot");
        let ann = server.account("ann@example.org", "a", "Ann");
        let ben = server.account("ben@example.org", "b", "Ben");
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            name: CHAT.into(),
            bot: "boson".into(),
            url: server.url().into(),
            login: server.url().into(),
            email: Some("boson@example.org".into()),
            password: Some(SecretString::from("secret")),
            cookies: None,
            trash: None,
            invitations: true,
            folder: folder.path().into(),
        };
        Scene {
            server,
            clock,
            settings,
            bot,
            ann,
            ben,
            folder,
        }
    }

    /// A room of Ann's in which Ben is, too.
    pub fn room(&self, name: &str) -> i64 {
        let room = self.server.room(name, self.ann);
        self.server.chat().enter(room, self.ann);
        self.server.chat().enter(room, self.ben);
        room
    }

    /// Begins to listen in these rooms.
    pub fn listen(&self, rooms: &[(i64, Option<i64>)]) -> Ears {
        let seated = rooms.iter().map(|(room, heard)| Seated {
            room: id(*room),
            heard: heard.map(|heard| MessageId(heard.to_string().into())),
        });
        listen(&self.settings, &self.clock, seated.collect())
    }

    /// Listens in one room, and waits until the socket is open.
    pub async fn listening(&self, room: i64) -> Ears {
        let before = self.asked(&format!("/chats/{room}/events"));
        let mut ears = self.listen(&[(room, None)]);
        ears.joined(room).await;
        self.open().await;
        // Once to enter, once to look what was missed until the socket was open.
        self.until(|_| self.asked(&format!("/chats/{room}/events")) >= before + 2)
            .await;
        ears
    }

    /// Waits until a socket is open.
    pub async fn open(&self) {
        self.until(|server| server.sockets() > 0).await;
    }

    /// The same while time passes.
    pub async fn opening(&self) {
        self.passing(self.open()).await;
    }

    /// Waits for something while time passes, a second at a time.
    pub async fn passing<T>(&self, happens: impl Future<Output = T>) -> T {
        passing(&self.clock, happens).await
    }

    /// Waits for something on the other side.
    pub async fn until(&self, done: impl Fn(&stand_in::StackExchangeChat) -> bool) {
        let wait = async {
            let mut seen = u64::MAX;
            while !done(&self.server) {
                seen = self.server.news(seen).await;
            }
        };
        let done = tokio::time::timeout(LONG, wait).await;
        done.expect("it happens at once");
    }

    pub fn asked(&self, path: &str) -> usize {
        let all = self.server.requests();
        all.iter()
            .filter(|request| request.path.contains(path))
            .count()
    }

    pub fn move_on(&self, seconds: i64) {
        self.clock
            .advance_to(self.clock.now() + TimeDelta::seconds(seconds));
    }
}

/// Begins to listen somewhere.
pub fn listen(settings: &Settings, clock: &Clock, rooms: Vec<Seated>) -> Ears {
    let door = http::Settings {
        allow_private: true,
        timeout: Duration::from_secs(20),
        ..http::Settings::default()
    };
    let http = Http::new(door, clock.clone()).unwrap();
    let platform = Arc::new(StackExchangeChat::open(
        settings.clone(),
        http,
        clock.clone(),
    ));
    let (sender, heard) = mpsc::channel(4096);
    let ears = platform.clone();
    let task = tokio::spawn(async move { ears.listen(rooms, sender).await.unwrap() });
    Ears {
        platform,
        heard,
        task,
        clock: clock.clone(),
    }
}

async fn passing<T>(clock: &Clock, happens: impl Future<Output = T>) -> T {
    let pass = async {
        loop {
            // The other tasks come to nothing while the clock runs ahead of them.
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            clock.advance_to(clock.now() + TimeDelta::seconds(1));
        }
    };
    let happened = async {
        tokio::select! {
            biased;
            happened = happens => happened,
            () = pass => unreachable!("time does not end"),
        }
    };
    let happened = tokio::time::timeout(LONG, happened).await;
    happened.expect("it happens in time")
}

/// The room with this number.
pub fn id(room: i64) -> RoomId {
    RoomId::new(CHAT, room.to_string())
}

impl Ears {
    /// What is heard next, beside people who come and go: time makes those who say nothing fade away.
    pub async fn next(&mut self) -> Heard {
        loop {
            let heard = self.any().await;
            if !matches!(heard, Heard::Came { .. } | Heard::Went { .. }) {
                return heard;
            }
        }
    }

    /// Whatever is heard next.
    pub async fn any(&mut self) -> Heard {
        let heard = tokio::time::timeout(LONG, self.heard.recv()).await;
        heard
            .expect("something is heard")
            .expect("it still listens")
    }

    /// What is heard next while time passes, a second at a time.
    pub async fn passing(&mut self) -> Heard {
        let clock = self.clock.clone();
        passing(&clock, self.next()).await
    }

    /// The next messages while time passes.
    pub async fn texts_passing(&mut self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.len() < count {
            match self.passing().await {
                Heard::Said(message) => texts.push(message.text),
                other => panic!("{other:?}"),
            }
        }
        texts
    }

    /// The next message.
    pub async fn said(&mut self) -> Message {
        match self.next().await {
            Heard::Said(message) => message,
            other => panic!("{other:?}"),
        }
    }

    pub async fn texts(&mut self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.len() < count {
            texts.push(self.said().await.text);
        }
        texts
    }

    /// The room has been entered.
    pub async fn joined(&mut self, room: i64) -> String {
        match self.next().await {
            Heard::Joined {
                room: its, name, ..
            } if its == id(room) => name,
            other => panic!("{other:?}"),
        }
    }

    /// The next message has been edited.
    pub async fn edited(&mut self) -> Message {
        match self.next().await {
            Heard::Edited(message) => message,
            other => panic!("{other:?}"),
        }
    }

    /// Trouble with the platform, or its end.
    pub async fn trouble(&mut self) -> Option<String> {
        match self.next().await {
            Heard::Trouble { platform, what } if platform == CHAT => what,
            other => panic!("{other:?}"),
        }
    }

    /// Ends it, and returns when it has ended.
    pub async fn end(self) {
        drop(self.heard);
        let ended = tokio::time::timeout(LONG, self.task).await;
        ended.expect("it ends").unwrap();
    }
}
