//! A bot that speaks in the rooms of a stand-in.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use boson::http::{self, Http};
use boson::model::{Heard, MessageId, Text};
use boson::room::stack_exchange_chat::StackExchangeChat;
use boson::room::{Platform, SayError, Saying, Seated, Spoken};
use chrono::TimeDelta;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::scene::{Scene, id};
use crate::stand_in::{MessageView, Settings};

/// Nothing takes this long; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(60);

pub struct Talk {
    pub scene: Scene,
    pub bot: Arc<StackExchangeChat>,
    pub rooms: Vec<i64>,
    listening: JoinHandle<()>,
}

impl Talk {
    /// A bot in so many rooms.
    pub async fn new(rooms: usize) -> Talk {
        Talk::with(rooms, Settings::default(), |_| {}).await
    }

    /// The same, with a stand-in of this kind, and with what `prepare` does before the bot comes.
    pub async fn with(rooms: usize, settings: Settings, prepare: impl FnOnce(&mut Scene)) -> Talk {
        let mut scene = Scene::with(settings).await;
        let rooms = (0..rooms).map(|n| scene.room(&format!("Room {n}")));
        let rooms: Vec<i64> = rooms.collect();
        prepare(&mut scene);
        let (bot, listening) = listen(&scene, &rooms, Duration::from_secs(20)).await;
        Talk {
            scene,
            bot,
            rooms,
            listening,
        }
    }

    /// The bot is started anew; `patience` is how long it waits for an answer, by a real clock.
    pub async fn restart(&mut self, patience: Duration) {
        self.listening.abort();
        // It says nothing any more.
        let _ = (&mut self.listening).await;
        (self.bot, self.listening) = listen(&self.scene, &self.rooms, patience).await;
    }

    pub fn room(&self) -> i64 {
        self.rooms[0]
    }

    pub async fn say(&self, text: &Text) -> Result<Spoken, SayError> {
        self.saying(Saying::new(id(self.room()), text.clone()))
            .await
    }

    /// Says a line in the first room.
    pub async fn line(&self, words: &str) -> Result<Spoken, SayError> {
        self.say(&Text::line(words)).await
    }

    pub async fn answer(&self, to: i64, text: &Text) -> Result<Spoken, SayError> {
        let saying = Saying {
            answers: Some(MessageId(to.to_string().into())),
            ..Saying::new(id(self.room()), text.clone())
        };
        self.saying(saying).await
    }

    pub async fn saying(&self, saying: Saying) -> Result<Spoken, SayError> {
        self.passing(100, self.bot.say(&saying)).await
    }

    pub async fn edit(&self, message: &MessageId, words: &str) -> Result<(), SayError> {
        let (room, text) = (id(self.room()), Text::line(words));
        self.passing(5, self.bot.edit(&room, message, &text)).await
    }

    /// Does something while time passes, at most so many seconds of it.
    pub async fn passing<T>(&self, seconds: i64, doing: impl Future<Output = T>) -> T {
        let clock = self.scene.clock.clone();
        let pass = async {
            for _ in 0..seconds * 10 {
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
                clock.advance_to(clock.now() + TimeDelta::milliseconds(100));
            }
            std::future::pending::<()>().await;
        };
        let doing = async {
            tokio::select! {
                biased;
                done = doing => done,
                () = pass => unreachable!("it is pending for ever"),
            }
        };
        let done = tokio::time::timeout(LONG, doing).await;
        done.expect("it is done within that time")
    }

    /// What the bot has said in the first room and nobody deleted.
    pub fn own(&self) -> Vec<MessageView> {
        self.own_in(self.room())
    }

    pub fn own_in(&self, room: i64) -> Vec<MessageView> {
        let mut all = self.scene.server.messages(room);
        all.retain(|message| message.user == self.scene.bot && !message.deleted);
        all
    }

    /// The same as it was sent, without `:id `.
    pub fn sources(&self) -> Vec<String> {
        let own = self.own();
        own.iter().map(|message| message.source.clone()).collect()
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// The number of a message.
pub fn number(spoken: &Spoken) -> i64 {
    spoken.message.0.parse().unwrap()
}

/// A bot that is in all these rooms, and what it hears goes nowhere.
async fn listen(
    scene: &Scene,
    rooms: &[i64],
    patience: Duration,
) -> (Arc<StackExchangeChat>, JoinHandle<()>) {
    let door = http::Settings {
        allow_private: true,
        timeout: patience,
        ..http::Settings::default()
    };
    let http = Http::new(door, scene.clock.clone()).unwrap();
    let settings = scene.settings.clone();
    let bot = Arc::new(StackExchangeChat::open(settings, http, scene.clock.clone()));
    let seated = rooms.iter().map(|room| Seated {
        room: id(*room),
        heard: None,
    });
    let (seated, ears) = (seated.collect(), bot.clone());
    let (sender, mut heard) = mpsc::channel(64);
    let listening = tokio::spawn(async move {
        let hearing = ears.listen(seated, sender);
        hearing.await.unwrap();
    });
    let mut left = rooms.len();
    let joined = async {
        while left > 0 {
            match heard.recv().await.expect("it listens") {
                Heard::Joined { .. } => left -= 1,
                Heard::Came { .. } | Heard::Went { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(LONG, joined).await.expect("it joins");
    scene.open().await;
    tokio::spawn(async move { while heard.recv().await.is_some() {} });
    (bot, listening)
}
