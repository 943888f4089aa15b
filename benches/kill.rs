//! How long a kill takes from being heard to the last byte that is said: with 10,000 reports waiting for a slow chat and a
//! busy room beside it, and with nothing else to do.
//!
//! `cargo bench --bench kill`

#[path = "../tests/rooms/ear.rs"]
mod ear;
#[allow(dead_code, reason = "other benches need more of it")]
mod rig;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use boson::bot::{Bot, Setup};
use boson::clock::Clock;
use boson::http::Http;
use boson::model::{Heard, Message, MessageId, Outgoing, Role, RoomId, Stop, Text};
use boson::room::memory::Memory;
use boson::room::{Manners, Platform, SayError, Saying, Seated, Spoken};
use boson::store::Store;
use boson::tracker::{self, Limits};
use ear::Ear;
use tokio::sync::mpsc;

/// Reports that wait for the slow chat.
const REPORTS: usize = 10_000;
/// Commands that are heard in the busy room before somebody has enough.
const COMMANDS: usize = 10_000;

/// A chat that notes when it said something last.
struct Chat {
    name: &'static str,
    /// How long a message takes.
    takes: Duration,
    ear: Ear,
    said: AtomicUsize,
    last: Mutex<Option<Instant>>,
}

impl Chat {
    fn new(name: &'static str, takes: Duration) -> Arc<Chat> {
        Arc::new(Chat {
            name,
            takes,
            ear: Ear::default(),
            said: AtomicUsize::new(0),
            last: Mutex::new(None),
        })
    }

    fn room(&self) -> RoomId {
        RoomId::new(self.name, "room")
    }

    async fn hear(&self, n: usize, role: Role, text: String) {
        let person = format!("person{}", n % 500);
        let message = Memory::new(self.name).1;
        let message = message.message("room", &person, &text, Clock::Real.now());
        let id = MessageId(n.to_string().into());
        self.ear
            .hear(Message {
                id,
                role,
                ..message
            })
            .await;
    }

    fn speaks(&self) -> Spoken {
        let number = self.said.fetch_add(1, Ordering::Relaxed);
        *self.last.lock().expect("no panics") = Some(Instant::now());
        Spoken::now(MessageId(number.to_string().into()))
    }
}

#[async_trait]
impl Platform for Chat {
    fn name(&self) -> &str {
        self.name
    }

    fn manners(&self) -> Manners {
        Manners {
            paced: !self.takes.is_zero(),
            ..Manners::plain(std::num::NonZeroUsize::MAX)
        }
    }

    async fn listen(&self, _: Vec<Seated>, heard: mpsc::Sender<Heard>) -> Result<(), SayError> {
        self.ear.listen(heard).await;
        Ok(())
    }

    async fn say(&self, _: &Saying) -> Result<Spoken, SayError> {
        let clock = Clock::Real;
        clock.until(clock.now() + self.takes).await;
        Ok(self.speaks())
    }

    async fn last_word(&self, _: &Saying) -> Result<Spoken, SayError> {
        Ok(self.speaks())
    }

    async fn edit(&self, _: &RoomId, _: &MessageId, _: &Text) -> Result<(), SayError> {
        Ok(())
    }
}

fn main() {
    let rounds = if rig::measures() { 20 } else { 1 };
    let runtime = rig::runtime();
    let (mut busy, mut idle) = (rig::Rounds::default(), rig::Rounds::default());
    let mut worst: f64 = 0.0;
    // In turn, so that what else the machine does hits both.
    for _ in 0..rounds {
        let took = runtime.block_on(kill(REPORTS, COMMANDS));
        worst = worst.max(took);
        busy.push(took);
        idle.push(runtime.block_on(kill(0, 0)));
    }
    println!("with nothing else to do: {}", idle.words("ms"));
    rig::tell(
        "a kill while 10,000 reports and a busy room wait, until the last byte",
        &format!("{}; {worst:.1} ms at the worst", busy.words("ms")),
        "at most 100 ms at the worst",
        worst <= 100.0,
    );
}

/// Milliseconds from when a kill is heard to when something is said for the last time, in whichever chat.
async fn kill(reports: usize, commands: usize) -> f64 {
    let slow = Chat::new("slow", Duration::from_secs(1));
    let fast = Chat::new("fast", Duration::ZERO);
    let mut store = Store::memory();
    for n in 0..reports {
        let text = Text::line(format!("report {n}"));
        let outgoing = Outgoing::new(slow.room(), text, Clock::Real.now());
        tracker::queue(&mut store, outgoing).expect("a sound store");
    }
    let (http, _stage) = Http::staged(Clock::Real);
    let rooms = vec![slow.room(), fast.room()];
    let setup = rig::setup(slow.clone(), rooms, store, http);
    let bot = Bot::new(Setup {
        platforms: vec![slow.clone(), fast.clone()],
        limits: Limits {
            waiting: 2 * REPORTS,
            ..setup.limits
        },
        ..setup
    })
    .await
    .expect("a bot over a sound store");
    let running = tokio::spawn(bot.run());
    for n in 0..commands {
        fast.hear(n, Role::Member, format!("@boson echo {n}")).await;
    }
    let begun = Instant::now();
    fast.hear(commands, Role::Owner, "@boson kill".into()).await;
    let ended = running.await.expect("no panics").expect("a sound store");
    assert_eq!(ended, Some(Stop::Kill));
    let last = |chat: &Chat| *chat.last.lock().expect("no panics");
    let last = last(&slow).max(last(&fast)).expect("it had a last word");
    last.saturating_duration_since(begun).as_secs_f64() * 1_000.0
}
