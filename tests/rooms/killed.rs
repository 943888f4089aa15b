//! The real program in rooms of a chat: killed again and again while people talk to it, and told to stop.

use std::time::{Duration, Instant};

use boson::clock::Clock;

use super::life::{Life, Place};
use super::stack_exchange_chat::{MessageView, Settings, StackExchangeChat};
use super::web::Web;

const ROOMS: usize = 3;
const KILLS: usize = 6;
/// How many commands are typed in one life.
const COMMANDS: usize = 5;
/// For how long something may not happen before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A chat, and the program's place.
pub struct Scene {
    pub chat: StackExchangeChat,
    bot: i64,
    pub ann: i64,
    bob: i64,
    pub rooms: Vec<i64>,
    pub place: Place,
}

impl Scene {
    pub async fn new() -> Scene {
        let chat = StackExchangeChat::start(Settings::default(), Clock::Real).await;
        let ann = chat.account("ann@example.org", "pw", "ann");
        let bob = chat.account("bob@example.org", "pw", "bob");
        let bot = chat.account("boson@example.org", "secret", "Boson");
        let rooms: Vec<i64> = (0..ROOMS)
            .map(|n| chat.room(&format!("Room {n}"), ann))
            .collect();
        let place = Place::new();
        let config = format!(
            "[http]\nallow_private = true\n[pace]\ncommands = 1000\n[platform.here]\nkind = \"stack-exchange-chat\"\nurl = \"{}\"\n\
             email = \"boson@example.org\"\npassword = {{ file = \"password\" }}\nrooms = {rooms:?}\n",
            chat.url()
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

    fn say(&self, room: usize, text: &str) -> i64 {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_is_answered_once_however_often_the_program_is_killed() {
    let scene = Scene::new().await;
    let web = Web::start().await;
    let feed = "<rss version=\"2.0\"><channel><title>Empty</title></channel></rss>";
    web.page("/feed", &["content-type: text/xml"], feed);
    let mut asked: Vec<Vec<i64>> = vec![Vec::new(); ROOMS];
    let mut life = scene.start();
    for (room, asked) in asked.iter_mut().enumerate() {
        // Only where it has been before is it expected to read back.
        let began = Instant::now();
        while !scene.chat.chat().rooms[&scene.rooms[room]]
            .present
            .contains_key(&scene.bot)
        {
            assert!(began.elapsed() < PATIENCE, "{}", life.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        asked.push(scene.say(room, "@boson echo hello"));
        scene.answered(room, asked, &life).await;
    }
    let url = web.url("/feed");
    for kill in 0..KILLS {
        for n in 0..COMMANDS {
            let room = (kill + n) % ROOMS;
            let text = match n {
                2 => format!("@boson track feed {url} named t-{kill}-{room} every 1 hour"),
                _ => format!("@boson echo life {kill} number {n}"),
            };
            asked[room].push(scene.say(room, &text));
            tokio::time::sleep(Duration::from_millis(
                37 * (1 + (kill * 7 + n * 3) as u64 % 9),
            ))
            .await;
        }
        life.kill();
        life = scene.start();
    }
    for (room, asked) in asked.iter_mut().enumerate() {
        // Behind everything else.
        asked.push(scene.say(room, "@boson list"));
        scene.answered(room, asked, &life).await;
        let said = scene.said(room);
        let answers: Vec<i64> = said.iter().filter_map(|said| said.parent).collect();
        assert_eq!(answers, *asked, "room {room}: {said:#?}\n{}", life.log());
        let refused = said.iter().find(|said| said.source.contains("already"));
        assert_eq!(refused, None, "nothing was done twice");
    }
    life.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_told_to_stop_leaves_its_rooms() {
    let scene = Scene::new().await;
    let life = scene.start();
    let is_in = || {
        let chat = scene.chat.chat();
        !chat.rooms_of(scene.bot).is_empty()
    };
    let began = Instant::now();
    while !is_in() || scene.chat.sockets() == 0 {
        assert!(began.elapsed() < PATIENCE, "{}", life.log());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    life.signal(libc::SIGTERM);
    let (_, status, log) = life.end(PATIENCE);
    assert!(status.success(), "{log}");
    assert!(!is_in(), "{log}");
}
