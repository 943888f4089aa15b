//! Who ends the bot, heard by the line that passes the loop: by role and by room, whatever the clocks say.

use std::sync::Arc;
use std::time::Duration;

use boson::bot::{Bot, Setup};
use boson::clock::Clock;
use boson::command::ends::StoppedBy;
use boson::model::{Heard, Message, Person, PersonId, Role, RoomId, Stop};
use boson::room::memory::{Handle, Memory};
use boson::store::Store;
use chrono::TimeDelta;
use tokio::task::JoinHandle;

use super::setup;

/// Only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// A bot at home in `#home`, and whom it hears.
struct House {
    handle: Handle,
    running: JoinHandle<Option<Stop>>,
    clock: Clock,
}

impl House {
    async fn new() -> House {
        let clock = Clock::Real;
        let (platform, handle) = Memory::new("test");
        let home = RoomId::new("test", "#home");
        let setup = setup::usual(
            vec![Arc::new(platform)],
            vec![home.clone(), RoomId::new("test", "#party")],
            Store::memory(),
            &clock,
        );
        let bot = Bot::new(Setup {
            stopped_by: StoppedBy::owners(move |room| *room == home),
            ..setup
        })
        .await
        .unwrap();
        let running = tokio::spawn(async move { bot.run().await.unwrap() });
        House {
            handle,
            running,
            clock,
        }
    }

    fn owner(&self, room: &str, text: &str) -> Message {
        Message {
            role: Role::Owner,
            ..self.handle.message(room, "Ann", text, self.clock.now())
        }
    }

    async fn hear(&self, message: Message) {
        assert!(self.handle.hear(Heard::Said(message)).await);
    }

    /// What it answers.
    async fn answer(&self) -> String {
        let said = tokio::time::timeout(PATIENCE, self.handle.wait(1)).await;
        said.expect("it answers").remove(0).text.plain()
    }

    async fn ends(self) -> Option<Stop> {
        let ended = tokio::time::timeout(PATIENCE, self.running).await;
        ended.expect("it ends").unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_made_a_room_does_not_end_it_for_all() {
    let house = House::new().await;
    for cry in ["@boson STOP!!", "@boson reboot", "@boson power off"] {
        house.hear(house.owner("#party", cry)).await;
        let said = house.answer().await;
        assert!(said.contains("takes me from all rooms"), "{said}");
        assert!(said.contains("`mute` silences me here"), "{said}");
    }
    house.hear(house.owner("#party", "@boson mute")).await;
    assert!(house.answer().await.starts_with("Muted"));
    house.hear(house.owner("#home", "@boson STOP!!")).await;
    assert_eq!(house.ends().await, Some(Stop::Kill));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_answers_for_the_platform_ends_it_from_anywhere() {
    let house = House::new().await;
    let mut kill = house.owner("#party", "@boson kill");
    kill.everywhere = true;
    house.hear(kill).await;
    assert_eq!(house.ends().await, Some(Stop::Kill));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_makes_a_room_count() {
    let house = House::new().await;
    let mut join = house.owner("#home", "@boson join #party");
    join.role = Role::Operator;
    join.person = Person {
        id: PersonId("zoe".into()),
        name: "Zoe".into(),
    };
    house.hear(join).await;
    let said = house.answer().await;
    assert!(said.contains("from now on its owners may"), "{said}");
    house.hear(house.owner("#party", "@boson restart")).await;
    assert_eq!(house.ends().await, Some(Stop::Reboot));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_whose_clock_is_an_hour_behind_is_obeyed() {
    let house = House::new().await;
    let behind = |text: &str| Message {
        at: house.clock.now() - TimeDelta::hours(1),
        ..house.owner("#home", text)
    };
    house.hear(behind("@boson echo here")).await;
    assert_eq!(house.answer().await, "here");
    house.hear(behind("@boson kill")).await;
    assert_eq!(house.ends().await, Some(Stop::Kill));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_back_from_before_the_start_ends_nothing() {
    let house = House::new().await;
    let mut kill = house.owner("#home", "@boson kill");
    kill.at -= TimeDelta::minutes(1);
    kill.past = true;
    house.hear(kill).await;
    let said = house.answer().await;
    assert!(said.starts_with("I hear `kill` only now"), "{said}");
    // After a gap what was said in it counts.
    let mut kill = house.owner("#home", "@boson kill");
    kill.past = true;
    house.hear(kill).await;
    assert_eq!(house.ends().await, Some(Stop::Kill));
}
