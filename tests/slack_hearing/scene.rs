//! The bot's side of a workspace whose other side is a stand-in on this machine.

use std::sync::Arc;
use std::time::Duration;

use boson::clock::Clock;
use boson::http::{self, Http};
use boson::model::{Heard, Message, MessageId, RoomId};
use boson::room::slack::{Settings, Slack, Way};
use boson::room::{Platform, Seated};
use chrono::TimeDelta;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::client::{Town, soon};

/// The platform's name in all scenes.
pub const WORKS: &str = "works";

/// A workspace, and how the bot uses it.
pub struct Scene {
    pub town: Town,
    pub settings: Settings,
}

/// A bot that listens.
pub struct Ears {
    pub platform: Arc<Slack>,
    pub heard: mpsc::Receiver<Heard>,
    pub task: JoinHandle<()>,
    clock: Clock,
}

impl Scene {
    pub async fn new() -> Scene {
        let town = Town::new().await;
        let settings = Settings {
            name: WORKS.into(),
            bot: "boson".into(),
            url: town.server.api().trim_end_matches('/').into(),
            bot_token: town.token.as_str().into(),
            way: Way::Socket {
                app_token: town.app_token.as_str().into(),
            },
            rooms: Vec::new(),
            private_mistakes: false,
        };
        Scene { town, settings }
    }

    /// A bot that does not listen yet.
    pub fn platform(&self) -> Arc<Slack> {
        let door = http::Settings {
            allow_private: true,
            timeout: Duration::from_secs(20),
            ..http::Settings::default()
        };
        let clock = self.town.clock.clone();
        let http = Http::new(door, clock.clone()).unwrap();
        Arc::new(Slack::open(self.settings.clone(), http, clock))
    }

    /// Begins to listen; these channels were heard up to these messages before.
    pub fn listen(&self, heard: &[(&str, Option<&str>)]) -> Ears {
        let seated = heard.iter().map(|(channel, heard)| Seated {
            room: id(channel),
            heard: heard.map(|heard| MessageId(heard.into())),
        });
        let platform = self.platform();
        let (ears, seated) = (platform.clone(), seated.collect());
        let (sender, heard) = mpsc::channel(4096);
        let task = tokio::spawn(async move { ears.listen(seated, sender).await.unwrap() });
        Ears {
            platform,
            heard,
            task,
            clock: self.town.clock.clone(),
        }
    }

    /// Begins to listen, and waits until it is in its two channels.
    pub async fn listening(&self) -> Ears {
        let mut ears = self.listen(&[]);
        for _ in 0..2 {
            ears.joined().await;
        }
        ears
    }

    /// Somebody says something.
    pub fn say(&self, channel: &str, user: &str, text: &str) -> String {
        let mut slack = self.town.server.slack();
        slack.say(channel, user, text, None).unwrap()
    }

    /// Somebody answers in a thread.
    pub fn reply(&self, channel: &str, user: &str, thread: &str, text: &str) -> String {
        let mut slack = self.town.server.slack();
        slack.say(channel, user, text, Some(thread)).unwrap()
    }

    /// Somebody changes what they said.
    pub fn edit(&self, channel: &str, ts: &str, text: &str) {
        let mut slack = self.town.server.slack();
        slack.edit(channel, ts, |message| message.text = text.into());
    }

    /// How often a method was called.
    pub fn asked(&self, method: &str) -> usize {
        let path = format!("/api/{method}");
        let all = self.town.server.requests();
        all.iter().filter(|request| request.path == path).count()
    }

    pub fn sockets(&self) -> usize {
        self.town.server.sockets(&self.town.app)
    }

    /// Slack has nothing more to deliver.
    pub fn settled(&self) -> bool {
        let slack = self.town.server.slack();
        slack
            .deliveries
            .values()
            .all(crate::slack::Delivery::settled)
    }

    /// Waits for something on the other side.
    pub async fn until(&self, done: impl Fn(&Scene) -> bool) {
        soon(async {
            while !done(self) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// The same while time passes, a second at a time.
    pub async fn passing(&self, done: impl Fn(&Scene) -> bool) {
        passing(&self.town.clock, self.until(done)).await;
    }
}

pub async fn passing<T>(clock: &Clock, happens: impl Future<Output = T>) -> T {
    let pass = async {
        loop {
            // The other tasks come to nothing while the clock runs ahead of them.
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            clock.advance_to(clock.now() + TimeDelta::seconds(1));
        }
    };
    soon(async {
        tokio::select! {
            biased;
            happened = happens => happened,
            () = pass => unreachable!("time does not end"),
        }
    })
    .await
}

/// The room with this id.
pub fn id(channel: &str) -> RoomId {
    RoomId::new(WORKS, channel)
}

impl Ears {
    /// What is heard next.
    pub async fn next(&mut self) -> Heard {
        soon(self.heard.recv()).await.expect("it still listens")
    }

    /// What is heard next while time passes, a second at a time.
    pub async fn passing(&mut self) -> Heard {
        let clock = self.clock.clone();
        passing(&clock, self.next()).await
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

    pub async fn edited(&mut self) -> Message {
        match self.next().await {
            Heard::Edited(message) => message,
            other => panic!("{other:?}"),
        }
    }

    /// A channel was entered: its id and what it is called.
    pub async fn joined(&mut self) -> (String, String) {
        match self.next().await {
            Heard::Joined { room, name, .. } => (room.room.to_string(), name),
            other => panic!("{other:?}"),
        }
    }

    /// The platform cannot be used, or can be again.
    pub async fn trouble(&mut self) -> Option<String> {
        match self.next().await {
            Heard::Trouble { platform, what } if platform == WORKS => what,
            other => panic!("{other:?}"),
        }
    }

    /// Nothing is heard of what happened so far: what is said now comes next.
    pub async fn silent(&mut self, scene: &Scene) {
        scene.say(&scene.town.general, &scene.town.ann, "and now this");
        assert_eq!(self.texts(1).await, ["and now this"]);
    }

    /// Ends it, and returns when it has ended.
    pub async fn end(self) {
        drop(self.heard);
        soon(self.task).await.unwrap();
    }
}
