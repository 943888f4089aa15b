//! The real program in rooms of a chat, and people who talk to it there.

use std::time::{Duration, Instant};

use boson::clock::Clock;

use crate::life::{Life, Place};
use crate::stack_exchange_chat::{MessageView, Settings, StackExchangeChat};

pub const ROOMS: usize = 3;
/// For how long something may not happen before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A chat, and the program's place.
pub struct Scene {
    pub chat: StackExchangeChat,
    pub bot: i64,
    pub ann: i64,
    bob: i64,
    pub rooms: Vec<i64>,
    pub place: Place,
}

impl Scene {
    pub async fn new() -> Scene {
        let chat = StackExchangeChat::start(Settings::default(), Clock::Real).await;
        let url = chat.url().to_string();
        Scene::at(chat, &url, "")
    }

    /// The program finds the chat at this address, and has these settings for the web.
    pub fn at(chat: StackExchangeChat, url: &str, web: &str) -> Scene {
        let ann = chat.account("ann@example.org", "pw", "ann");
        let bob = chat.account("bob@example.org", "pw", "bob");
        let bot = chat.account("boson@example.org", "secret", "Boson");
        let rooms: Vec<i64> = (0..ROOMS)
            .map(|n| chat.room(&format!("Room {n}"), ann))
            .collect();
        let place = Place::new();
        let config = format!(
            "[http]\nallow_private = true\n{web}[pace]\ncommands = 1000\n[platform.here]\nkind = \"stack-exchange-chat\"\nurl = \"{url}\"\n\
             email = \"boson@example.org\"\npassword = {{ file = \"password\" }}\nrooms = {rooms:?}\n"
        );
        std::fs::write(place.path("config.toml"), config).unwrap();
        std::fs::write(place.path("password"), "secret\n").unwrap();
        Scene {
            chat,
            bot,
            ann,
            bob,
            rooms,
            place,
        }
    }

    pub fn start(&self) -> Life {
        Life::start(&mut self.place.command(&["run"]))
    }

    pub fn say(&self, room: usize, text: &str) -> i64 {
        self.chat.say(self.rooms[room], self.bob, text)
    }

    /// What the program said in a room.
    pub fn said(&self, room: usize) -> Vec<MessageView> {
        let mut said = self.chat.messages(self.rooms[room]);
        said.retain(|message| message.user == self.bot);
        said
    }

    /// Waits until the program is in all rooms and hears them, by what it logged since it began last.
    pub async fn is_in(&self, life: &Life) {
        let began = Instant::now();
        let is_in = || {
            let log = life.log();
            let last = log.rsplit(" begins ").next().unwrap_or_default();
            last.matches("in the room").count() == ROOMS && last.contains("the socket is open")
        };
        while !is_in() {
            assert!(began.elapsed() < PATIENCE, "{}", life.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until the last that the program said in a room has these words.
    pub async fn hears(&self, room: usize, words: &str, life: &Life) {
        let began = Instant::now();
        let heard = || {
            self.said(room)
                .pop()
                .is_some_and(|said| said.source.contains(words))
        };
        while !heard() {
            let said = self.said(room);
            assert!(began.elapsed() < PATIENCE, "{said:#?}\n{}", life.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until the program answers in each room; gives what it was asked there.
    pub async fn greeted(&self, life: &Life) -> Vec<Vec<i64>> {
        let mut asked = Vec::new();
        for room in 0..ROOMS {
            // Only where it has been before is it expected to read back.
            let began = Instant::now();
            while !self.chat.chat().rooms[&self.rooms[room]]
                .present
                .contains_key(&self.bot)
            {
                assert!(began.elapsed() < PATIENCE, "{}", life.log());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            asked.push(vec![self.say(room, "@boson echo hello")]);
            self.answered(room, &asked[room], life).await;
        }
        asked
    }

    /// Waits until all that was asked in each room is answered: once, and in order.
    pub async fn answered_once(&self, asked: &mut [Vec<i64>], life: &Life) {
        for (room, asked) in asked.iter_mut().enumerate() {
            // Behind everything else.
            asked.push(self.say(room, "@boson list"));
            self.answered(room, asked, life).await;
            let said = self.said(room);
            let answers: Vec<i64> = said.iter().filter_map(|said| said.parent).collect();
            assert_eq!(answers, *asked, "room {room}: {said:#?}\n{}", life.log());
        }
    }

    /// Waits until each of these messages is answered.
    async fn answered(&self, room: usize, asked: &[i64], life: &Life) {
        let began = Instant::now();
        let is_answered = |id: &i64| self.said(room).iter().any(|said| said.parent == Some(*id));
        while !asked.iter().all(is_answered) {
            let said = self.said(room);
            assert!(
                began.elapsed() < PATIENCE,
                "room {room}: {asked:?} {said:#?}\n{}",
                life.log()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
