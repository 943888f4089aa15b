//! Ending the bot from a room, while its loop hangs, while much waits, and in the real program.

use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use boson::bot::{Bot, Ending, Setup};
use boson::clock::Clock;
use boson::model::{Heard, Message, MessageId, Outgoing, Role, RoomId, Stop, Text};
use boson::room::memory::Memory;
use boson::room::{Manners, Platform, SayError, Saying, Seated, Spoken};
use boson::store::{Options, Store};
use boson::tracker::{self, Limits};
use tokio::sync::{mpsc, watch};

use super::ear::Ear;
use super::program::{PATIENCE, Scene};
use super::setup;

/// How many messages or reports wait.
const MANY: usize = 10_000;

/// A chat in which everything takes for ever, and which can make the loop hang.
#[derive(Default)]
struct Slow {
    ear: Ear,
    /// What the loop waits for when it cuts a text into messages.
    gate: (Mutex<bool>, Condvar),
    hanging: watch::Sender<bool>,
    begun: watch::Sender<usize>,
    last: watch::Sender<Option<String>>,
}

#[async_trait]
impl Platform for Slow {
    fn name(&self) -> &str {
        "slow"
    }

    fn manners(&self) -> Manners {
        Manners {
            paced: true,
            ..Manners::plain(NonZeroUsize::new(4_000).unwrap())
        }
    }

    async fn listen(&self, _: Vec<Seated>, heard: mpsc::Sender<Heard>) -> Result<(), SayError> {
        self.ear.listen(heard).await;
        Ok(())
    }

    fn pieces(&self, text: &Text) -> Vec<Text> {
        let (shut, opened) = &self.gate;
        let mut shut = shut.lock().unwrap();
        while *shut {
            self.hanging.send_replace(true);
            shut = opened.wait(shut).unwrap();
        }
        vec![text.clone()]
    }

    async fn say(&self, _: &Saying) -> Result<Spoken, SayError> {
        self.begun.send_modify(|begun| *begun += 1);
        std::future::pending().await
    }

    async fn last_word(&self, saying: &Saying) -> Result<Spoken, SayError> {
        self.last.send_replace(Some(saying.text.plain()));
        Ok(Spoken::now(MessageId("last".into())))
    }

    async fn edit(&self, _: &RoomId, _: &MessageId, _: &Text) -> Result<(), SayError> {
        std::future::pending().await
    }
}

impl Slow {
    fn shut(&self, shut: bool) {
        *self.gate.0.lock().unwrap() = shut;
        self.gate.1.notify_all();
    }
}

/// What somebody of this role says in the room of the slow chat.
fn said(id: usize, role: Role, text: &str, clock: &Clock) -> Message {
    let message = Memory::new("slow").1;
    Message {
        id: MessageId(id.to_string().into()),
        role,
        ..message.message("room", "Ann", text, clock.now())
    }
}

fn room() -> RoomId {
    RoomId::new("slow", "room")
}

/// Waits for something that must come.
async fn soon<T>(coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, coming)
        .await
        .expect("it comes")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_kill_is_heard_while_the_loop_hangs_and_much_waits() {
    let clock = Clock::Real;
    let slow = Arc::new(Slow::default());
    let setup = setup::usual(vec![slow.clone()], vec![room()], Store::memory(), &clock);
    let bot = Bot::new(setup).await.unwrap();
    let stopper = bot.stopper();
    let running = tokio::spawn(bot.run());
    slow.shut(true);
    slow.ear
        .hear(said(0, Role::Member, "@boson alive", &clock))
        .await;
    soon(slow.hanging.subscribe().wait_for(|hangs| *hangs))
        .await
        .unwrap();
    for n in 1..=MANY {
        slow.ear
            .hear(said(n, Role::Member, "@boson echo more", &clock))
            .await;
    }
    // Who may not is no more than another message that waits.
    slow.ear
        .hear(said(MANY + 1, Role::Member, "@boson kill", &clock))
        .await;
    slow.ear
        .hear(said(MANY + 2, Role::Owner, "@boson STOP!!", &clock))
        .await;
    let mut last = slow.last.subscribe();
    let last = soon(last.wait_for(Option::is_some)).await.unwrap().clone();
    assert!(last.unwrap().starts_with("Killed by Ann"));
    assert!(!running.is_finished(), "the loop still hangs");
    let Some(Ending::Asked(stopped)) = stopper.ending() else {
        panic!("{:?}", stopper.ending());
    };
    assert_eq!(stopped.message, MessageId((MANY + 2).to_string().into()));
    slow.shut(false);
    let ended = soon(running).await.unwrap().unwrap();
    assert_eq!(ended, Some(Stop::Kill));
    assert_eq!(*slow.begun.borrow(), 0, "nothing was said after it");
}

/// Reports that wait for a room called so.
fn queue(store: &mut Store, room: &RoomId, clock: &Clock) {
    for n in 0..MANY {
        let text = Text::line(format!("report {n}"));
        tracker::queue(store, Outgoing::new(room.clone(), text, clock.now())).unwrap();
    }
}

/// One in which so much may wait.
fn roomy(setup: Setup) -> Setup {
    Setup {
        limits: Limits {
            waiting: 2 * MANY,
            ..setup.limits
        },
        ..setup
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_nothing_is_said_and_all_that_waited_is_there() {
    let clock = Clock::Real;
    let folder = tempfile::tempdir().unwrap();
    let room = RoomId::new("test", "#room");
    let open = || Store::open(folder.path(), Options::default());
    let mut store = open().await.unwrap();
    queue(&mut store, &room, &clock);
    store.commit().await.unwrap();
    let (platform, handle) = Memory::new("test");
    let setup = setup::usual(vec![Arc::new(platform)], vec![room.clone()], store, &clock);
    let running = tokio::spawn(Bot::new(roomy(setup)).await.unwrap().run());
    let mut spoken = soon(handle.wait(50)).await;
    let mut kill = handle.message("#room", "Ann", "@boson kill", clock.now());
    kill.role = Role::Owner;
    handle.hear(Heard::Said(kill)).await;
    assert_eq!(soon(running).await.unwrap().unwrap(), Some(Stop::Kill));
    spoken.extend(handle.take());
    let last = spoken.pop().unwrap();
    assert!(last.text.plain().starts_with("Killed by Ann"), "{last:?}");
    for (n, said) in spoken.iter().enumerate() {
        assert_eq!(said.text.plain(), format!("report {n}"));
    }
    // The next process holds the rest until somebody decides.
    let (platform, handle) = Memory::new("test");
    let store = open().await.unwrap();
    let setup = setup::usual(vec![Arc::new(platform)], vec![room], store, &clock);
    let bot = Bot::new(roomy(setup)).await.unwrap();
    let stopper = bot.stopper();
    let running = tokio::spawn(bot.run());
    let back = soon(handle.wait(1)).await.remove(0).text.plain();
    let waited: Option<usize> = back
        .split(". ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next()?.parse().ok());
    let waited = waited.unwrap_or_else(|| panic!("{back}"));
    // What was being said when the kill came may have been said or not.
    let rest = MANY - spoken.len();
    assert!((rest..=rest + 1).contains(&waited), "{rest} {back}");
    assert!(
        handle.take().is_empty(),
        "nothing is said before somebody decides"
    );
    let mut drop = handle.message("#room", "Ann", "@boson drop", clock.now());
    drop.role = Role::Owner;
    handle.hear(Heard::Said(drop)).await;
    let dropped = soon(handle.wait(1)).await.remove(0).text.plain();
    assert!(dropped.contains(&format!(" {waited} ")), "{dropped}");
    stopper.stop();
    assert_eq!(soon(running).await.unwrap().unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_granted_it_may_and_what_is_old_ends_nothing() {
    let clock = Clock::Real;
    let room = RoomId::new("test", "#room");
    let (platform, handle) = Memory::new("test");
    let setup = setup::usual(
        vec![Arc::new(platform)],
        vec![room],
        Store::memory(),
        &clock,
    );
    let running = tokio::spawn(Bot::new(setup).await.unwrap().run());
    let say = |who: &str, role, text: &str, ago: i64| {
        let at = clock.now() - chrono::TimeDelta::seconds(ago);
        let mut message = handle.message("#room", who, text, at);
        message.role = role;
        message.past = ago > 0;
        Heard::Said(message)
    };
    handle
        .hear(say("Ann", Role::Owner, "@boson kill", 60))
        .await;
    let old = soon(handle.wait(1)).await.remove(0).text.plain();
    assert!(old.starts_with("I hear `kill` only now"), "{old}");
    handle
        .hear(say("Bob", Role::Member, "@boson kill", 0))
        .await;
    let refused = soon(handle.wait(1)).await.remove(0).text.plain();
    assert!(refused.starts_with("`kill` is for owners"), "{refused}");
    handle
        .hear(say("Ann", Role::Owner, "@boson grant Bob owner", 0))
        .await;
    let granted = soon(handle.wait(1)).await.remove(0).text.plain();
    assert!(granted.contains("Bob"), "{granted}");
    // A talk about it between others is none of its business.
    handle
        .hear(say("Bob", Role::Member, "kill it, Ann!", 0))
        .await;
    handle.hear(say("Bob", Role::Member, "@boson kil", 0)).await;
    assert_eq!(soon(running).await.unwrap().unwrap(), Some(Stop::Kill));
    let said = handle.take();
    assert!(
        said[0].text.plain().starts_with("Killed by Bob"),
        "{said:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reboot_finishes_what_was_heard_before_it() {
    const COMMANDS: usize = 500;
    let clock = Clock::Real;
    let mut store = Store::memory();
    let room = RoomId::new("test", "#room");
    queue(&mut store, &RoomId::new("test", "#other"), &clock);
    store.commit().await.unwrap();
    let (platform, handle) = Memory::new("test");
    let setup = setup::usual(vec![Arc::new(platform)], vec![room.clone()], store, &clock);
    let running = tokio::spawn(Bot::new(setup).await.unwrap().run());
    for n in 0..COMMANDS {
        let text = format!("@boson echo {n}");
        let message = handle.message("#room", "Ann", &text, clock.now());
        handle.hear(Heard::Said(message)).await;
    }
    let mut reboot = handle.message("#room", "Ann", "@boson restart please", clock.now());
    reboot.role = Role::Owner;
    handle.hear(Heard::Said(reboot)).await;
    assert_eq!(soon(running).await.unwrap().unwrap(), Some(Stop::Reboot));
    let said = handle.take();
    let here = said.iter().filter(|said| said.room == room);
    let echoes: Vec<String> = here
        .map(|said| said.text.plain())
        .filter(|text| !text.starts_with("I reboot"))
        .collect();
    let all: Vec<String> = (0..COMMANDS).map(|n| n.to_string()).collect();
    assert_eq!(echoes, all);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_is_killed_rebooted_and_shut_down_from_a_chat() {
    let scene = Scene::new().await;
    let mut life = scene.start();
    scene.is_in(&life).await;
    let owner = scene.ann;
    scene.chat.say(scene.rooms[0], owner, "@boson STOP!!");
    let (_, status, log) = life.end(PATIENCE);
    assert_eq!(status.code(), Some(69), "{log}");
    let last = |room: usize| scene.said(room).pop().map(|said| said.source);
    assert!(last(0).unwrap().contains("Killed by ann"), "{:?}", last(0));
    assert_eq!(last(1), None, "other rooms hear nothing of it");

    life = scene.start();
    scene.hears(0, "ann killed me", &life).await;
    scene.is_in(&life).await;
    scene.chat.say(scene.rooms[1], owner, "@boson reboot");
    scene.hears(1, "I am back after", &life).await;
    assert!(
        last(1).unwrap().contains("nothing was lost"),
        "{:?}",
        last(1)
    );
    // It is the same process.
    assert_eq!(life.log().matches(" begins").count(), 2, "{}", life.log());

    scene.is_in(&life).await;
    scene.chat.say(scene.rooms[2], owner, "@boson shut down");
    let (_, status, log) = life.end(PATIENCE);
    assert_eq!(status.code(), Some(0), "{log}");
    let (_, status, log) = scene.start().end(PATIENCE);
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("ann shut me down"), "{log}");
    let mut up = scene.place.command(&["run", "--up"]);
    life = super::life::Life::start(&mut up);
    scene
        .hears(2, "I am up again; ann shut me down", &life)
        .await;
    // From now on it starts as ever.
    life.kill();
    life = scene.start();
    scene.is_in(&life).await;
    scene.chat.say(scene.rooms[2], owner, "@boson alive");
    scene.hears(2, "I am here", &life).await;
    life.signal(libc::SIGTERM);
    assert!(life.end(Duration::from_secs(60)).1.success());
}
