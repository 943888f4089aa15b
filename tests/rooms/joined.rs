//! Reports that are said in one message, of which nobody knows whether it has arrived: whatever is held meanwhile, each of
//! them stands in the room once.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use boson::bot::{Bot, Stopper};
use boson::model::{Heard, Message, MessageId, Outgoing, Role, RoomId, Text};
use boson::room::memory::Memory;
use boson::room::{Manners, Platform, SayError, Saying, Seated, Spoken};
use boson::store::{OpenError, Options, Store};
use boson::tracker;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::ear::Ear;
use super::run::Time;
use super::setup;

const REPORTS: usize = 5;
/// Only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

fn room() -> RoomId {
    RoomId::new("slow", "#room")
}

/// What becomes of a message that says several reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joined {
    /// It is there, and the platform does not say so.
    Unknown,
    /// It is not there, and the platform says no more than that it does not know.
    Lost,
    /// It is there, and the platform says nothing at all.
    Hangs,
}

/// A chat that takes a message in half a minute, and shows what stands there to whoever looks for it.
struct Chat {
    joined: Mutex<Joined>,
    ear: Ear,
    /// The lines of the messages that stand in the room.
    stands: watch::Sender<Vec<String>>,
    /// How often somebody tried to say several together.
    tries: watch::Sender<usize>,
    /// Which reports were said or found since then.
    settled: watch::Sender<BTreeSet<String>>,
}

#[async_trait]
impl Platform for Chat {
    fn name(&self) -> &str {
        "slow"
    }

    fn manners(&self) -> Manners {
        Manners {
            paced: true,
            ..Manners::plain(NonZeroUsize::new(4_000).unwrap())
        }
    }

    fn wait(&self) -> Duration {
        Duration::from_secs(30)
    }

    async fn listen(&self, _: Vec<Seated>, heard: mpsc::Sender<Heard>) -> Result<(), SayError> {
        self.ear.listen(heard).await;
        Ok(())
    }

    async fn say(&self, saying: &Saying) -> Result<Spoken, SayError> {
        let plain = saying.text.plain();
        let lines: Vec<String> = plain.lines().map(String::from).collect();
        let standing = self.stands.borrow().clone();
        let message = MessageId(standing.len().to_string().into());
        let reports = || lines.iter().filter(|line| line.starts_with("report"));
        let joined = *self.joined.lock().unwrap();
        let first = reports().count() > 1 && *self.tries.borrow() == 0;
        if !first {
            self.settled
                .send_modify(|settled| settled.extend(reports().cloned()));
        }
        if saying.since.is_some() && lines.iter().all(|line| standing.contains(line)) {
            return Ok(Spoken {
                message,
                before: true,
            });
        }
        if first {
            if joined != Joined::Lost {
                self.stands.send_modify(|stands| stands.extend(lines));
            }
            self.tries.send_modify(|tries| *tries += 1);
            return match joined {
                Joined::Hangs => std::future::pending().await,
                Joined::Unknown | Joined::Lost => Err(SayError::Later {
                    what: "nobody knows".into(),
                    rest: Duration::from_secs(60),
                }),
            };
        }
        self.stands.send_modify(|stands| stands.extend(lines));
        Ok(Spoken::now(message))
    }

    async fn edit(&self, _: &RoomId, _: &MessageId, _: &Text) -> Result<(), SayError> {
        unreachable!("nobody corrects anything here")
    }
}

impl Chat {
    fn new(joined: Joined) -> Arc<Chat> {
        Arc::new(Chat {
            joined: Mutex::new(joined),
            ear: Ear::default(),
            stands: watch::Sender::new(Vec::new()),
            tries: watch::Sender::new(0),
            settled: watch::Sender::default(),
        })
    }

    /// An owner says something; in which room does not matter to who may do it.
    async fn hear(&self, room: &str, text: &str, time: &Time) {
        let message = Memory::new("slow").1;
        let message = Message {
            role: Role::Owner,
            id: MessageId(format!("{text} {}", time.clock.now().timestamp_millis()).into()),
            ..message.message(room, "Ann", text, time.clock.now())
        };
        self.ear.hear(message).await;
    }

    /// Waits for a line that begins so.
    async fn stands(&self, begins: &str) {
        let mut stands = self.stands.subscribe();
        let there = |lines: &Vec<String>| lines.iter().any(|line| line.starts_with(begins));
        let waits = tokio::time::timeout(PATIENCE, stands.wait_for(there)).await;
        assert!(waits.is_ok(), "no {begins}: {:#?}", self.stands.borrow());
    }

    async fn tried(&self) {
        let mut tries = self.tries.subscribe();
        let waits = tokio::time::timeout(PATIENCE, tries.wait_for(|tries| *tries > 0)).await;
        waits.expect("several are said together").unwrap();
    }

    /// Waits until each report was said or found.
    async fn settled(&self) {
        let mut settled = self.settled.subscribe();
        let all = |settled: &BTreeSet<String>| settled.len() == REPORTS;
        let waits = tokio::time::timeout(PATIENCE, settled.wait_for(all)).await;
        assert!(waits.is_ok(), "only {:#?}", self.settled.borrow());
    }

    /// How often each report stands there.
    fn counts(&self) -> [usize; REPORTS] {
        let stands = self.stands.borrow();
        std::array::from_fn(|n| {
            let line = format!("report {n}");
            stands.iter().filter(|stands| **stands == line).count()
        })
    }
}

/// The store, once whoever was there before has let it go.
async fn open(folder: &Path) -> Store {
    let opens = async {
        loop {
            match Store::open(folder, Options::default()).await {
                Ok(store) => return store,
                Err(OpenError::Busy { .. }) => tokio::time::sleep(Duration::from_millis(1)).await,
                Err(error) => panic!("{error}"),
            }
        }
    };
    let opened = tokio::time::timeout(PATIENCE, opens).await;
    opened.expect("it is let go")
}

/// A bot in the room, and one beside it.
async fn begin(chat: &Arc<Chat>, store: Store, time: &Time) -> (Stopper, JoinHandle<()>) {
    let rooms = vec![room(), RoomId::new("slow", "#ops")];
    let setup = setup::usual(vec![chat.clone()], rooms, store, &time.clock);
    let bot = Bot::new(setup).await.unwrap();
    let stopper = bot.stopper();
    let running = tokio::spawn(async move {
        bot.run().await.unwrap();
    });
    (stopper, running)
}

async fn end(stopper: Stopper, running: JoinHandle<()>) {
    stopper.stop();
    let ended = tokio::time::timeout(PATIENCE, running).await;
    ended.expect("it ends").unwrap();
}

async fn with_reports(folder: &Path, time: &Time) -> Store {
    let mut store = open(folder).await;
    for n in 0..REPORTS {
        let text = Text::line(format!("report {n}"));
        let outgoing = Outgoing::new(room(), text, time.clock.now());
        tracker::queue(&mut store, outgoing).unwrap();
    }
    store.commit().await.unwrap();
    store
}

/// Held after a try that ended nobody knows how.
async fn held_after(joined: Joined) {
    let (time, folder) = (Time::passes(), tempfile::tempdir().unwrap());
    let chat = Chat::new(joined);
    let store = with_reports(folder.path(), &time).await;
    let (stopper, running) = begin(&chat, store, &time).await;
    chat.tried().await;
    chat.hear("#room", "@boson mute", &time).await;
    // What is said first of all that comes now was not tried before.
    chat.stands("Muted").await;
    chat.hear("#room", "@boson unmute", &time).await;
    chat.stands("No longer muted").await;
    chat.settled().await;
    end(stopper, running).await;
    assert_eq!(chat.counts(), [1; REPORTS], "{:#?}", chat.stands.borrow());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrived_without_a_word_is_not_said_again() {
    held_after(Joined::Unknown).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_did_not_arrive_is_said() {
    held_after(Joined::Lost).await;
}

/// Held while it is being said, by a process that does not live to hear of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_being_said_when_it_was_held_is_not_said_again_by_the_next_process() {
    let (time, folder) = (Time::passes(), tempfile::tempdir().unwrap());
    let chat = Chat::new(Joined::Hangs);
    let store = with_reports(folder.path(), &time).await;
    let (_, running) = begin(&chat, store, &time).await;
    chat.tried().await;
    chat.hear("#room", "@boson mute", &time).await;
    // Once another room has its answer, the mute is written down.
    chat.hear("#ops", "@boson echo written", &time).await;
    chat.stands("written").await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    let (stopper, running) = begin(&chat, open(folder.path()).await, &time).await;
    chat.hear("#room", "@boson unmute", &time).await;
    chat.stands("No longer muted").await;
    chat.settled().await;
    end(stopper, running).await;
    assert_eq!(chat.counts(), [1; REPORTS], "{:#?}", chat.stands.borrow());
}
