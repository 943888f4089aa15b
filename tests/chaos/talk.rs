//! Rooms of a chat over sockets that die, while the program is killed and stopped: what is asked is answered once.

use std::time::Duration;

use boson::clock::Clock;

use crate::growing::Dice;
use crate::program::{ROOMS, Scene};
use crate::stack_exchange_chat::{Settings, StackExchangeChat};
use crate::wire::{Way, Wire};

/// How many lives it has.
const LIVES: usize = 6;
/// How many commands are typed in one life.
const COMMANDS: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_is_answered_once_though_every_socket_dies() {
    let chat = StackExchangeChat::start(Settings::default(), Clock::Real).await;
    let wire = Wire::to(chat.url().trim_start_matches("http://").parse().unwrap());
    let url = format!("http://{}", wire.address());
    let scene = Scene::at(chat, &url, "timeout = \"2 seconds\"\n");
    let mut life = scene.start();
    let mut asked = scene.greeted(&life).await;
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
            asked[room].push(scene.say(room, &text));
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
    scene.answered_once(&mut asked, &life).await;
    life.kill();
    println!("{died} connections died");
}
