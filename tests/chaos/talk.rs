//! Rooms of a chat over sockets that die, while the program is killed and stopped: what is asked is answered once.

use std::time::{Duration, Instant};

use boson::clock::Clock;

use crate::growing::Dice;
use crate::life::{Life, Place};
use crate::stack_exchange_chat::{MessageView, Settings, StackExchangeChat};
use crate::wire::{Way, Wire};

const ROOMS: usize = 3;
/// How many lives it has.
const LIVES: usize = 6;
/// How many commands are typed in one life.
const COMMANDS: usize = 5;
/// For how long something may not happen before the test fails.
const PATIENCE: Duration = Duration::from_secs(120);

struct Scene {
    chat: StackExchangeChat,
    bot: i64,
    bob: i64,
    rooms: Vec<i64>,
    place: Place,
}

impl Scene {
    fn start(&self) -> Life {
        Life::start(&mut self.place.command(&["run"]))
    }

    /// What the program said in a room.
    fn said(&self, room: usize) -> Vec<MessageView> {
        let mut said = self.chat.messages(self.rooms[room]);
        said.retain(|message| message.user == self.bot);
        said
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
async fn what_is_asked_is_answered_once_though_every_socket_dies() {
    let chat = StackExchangeChat::start(Settings::default(), Clock::Real).await;
    let ann = chat.account("ann@example.org", "pw", "ann");
    let bob = chat.account("bob@example.org", "pw", "bob");
    let bot = chat.account("boson@example.org", "secret", "Boson");
    let rooms: Vec<i64> = (0..ROOMS)
        .map(|n| chat.room(&format!("Room {n}"), ann))
        .collect();
    let url = chat.url();
    let server = url.trim_start_matches("http://").parse().unwrap();
    let wire = Wire::to(server);
    let place = Place::new();
    let config = format!(
        "[http]\nallow_private = true\ntimeout = \"2 seconds\"\n[pace]\ncommands = 1000\n\
         [platform.here]\nkind = \"stack-exchange-chat\"\nurl = \"http://{}\"\n\
         email = \"boson@example.org\"\npassword = {{ file = \"password\" }}\nrooms = {rooms:?}\n",
        wire.address()
    );
    std::fs::write(place.path("config.toml"), config).unwrap();
    std::fs::write(place.path("password"), "secret\n").unwrap();
    let scene = Scene {
        chat,
        bot,
        bob,
        rooms,
        place,
    };
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
        asked.push(
            scene
                .chat
                .say(scene.rooms[room], scene.bob, "@boson echo hello"),
        );
        scene.answered(room, asked, &life).await;
    }
    let mut dice = Dice::new(7);
    for n in 0..LIVES {
        for command in 0..COMMANDS {
            wire.becomes(match dice.below(5) {
                0 => Way::Refused,
                1 => Way::Cut(dice.below(3_000)),
                2 => Way::Silent,
                _ => Way::Open,
            });
            if dice.below(3) == 0 {
                wire.breaks();
            }
            if dice.below(4) == 0 {
                life.signal(libc::SIGSTOP);
            }
            let room = dice.below(ROOMS as u64) as usize;
            let text = format!("@boson echo life {n} number {command}");
            let message = scene.chat.say(scene.rooms[room], scene.bob, &text);
            asked[room].push(message);
            tokio::time::sleep(Duration::from_millis(20 + dice.below(400))).await;
            life.signal(libc::SIGCONT);
        }
        wire.becomes(Way::Open);
        if dice.below(2) == 0 {
            life.kill();
            life = scene.start();
        }
    }
    let died = wire.died();
    assert!(died > 0, "no connection died");
    for (room, asked) in asked.iter_mut().enumerate() {
        // Behind everything else.
        asked.push(scene.chat.say(scene.rooms[room], scene.bob, "@boson list"));
        scene.answered(room, asked, &life).await;
        let said = scene.said(room);
        let answers: Vec<i64> = said.iter().filter_map(|said| said.parent).collect();
        assert_eq!(answers, *asked, "room {room}: {said:#?}\n{}", life.log());
    }
    life.kill();
    println!("{died} connections died");
}
