//! What is answered in secret stands in no log, in no file of the store and in no backup.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use boson::bot::{Bot, Event, Pace, RoomSetup, Setup};
use boson::clock::Clock;
use boson::fact::Readers;
use boson::http::Http;
use boson::model::{Heard, RoomId};
use boson::room::memory::{Handle, Memory};
use boson::source::Shared;
use boson::store::{Options, Store};
use boson::tracker::{Limits, RoomManners};
use boson::when::Order;
use tracing_subscriber::fmt::MakeWriter;

const ROOM: &str = "@ann";
const CODE: &str = "q7w8-e9r0-t1y2";
const WRONG: &str = "mother's maiden name";

/// A log that is kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;

    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

async fn start(store: Store) -> (Bot, Handle) {
    let clock = Clock::stopped("2026-11-21T09:00:00Z".parse().unwrap());
    let (http, _) = Http::staged(clock.clone());
    let (platform, handle) = Memory::new("test");
    let shared = Shared::default();
    let setup = Setup {
        name: "boson".into(),
        docs: None,
        code: Some(CODE.into()),
        stopped_by: boson::command::ends::StoppedBy::owners(|_| true),
        store,
        clock,
        http,
        readers: Readers::new(&shared, &Default::default()),
        shared,
        platforms: vec![Arc::new(platform)],
        rooms: vec![RoomId::new("test", ROOM)],
        manners: Arc::new(|_| RoomManners {
            zone: chrono_tz::UTC,
            order: Order::DayMonth,
            longest: 40_000,
            threads: false,
        }),
        room_setup: Arc::new(|_| RoomSetup::default()),
        limits: Limits::default(),
        pace: Pace {
            commands: 1_000,
            within: Duration::from_secs(10),
        },
        recipes: Vec::new(),
        linger: Duration::ZERO,
        folder: None,
    };
    (Bot::new(setup).await.unwrap(), handle)
}

/// What is said in answer.
async fn says(bot: &mut Bot, handle: &Handle, id: &str, text: &str) -> String {
    let at = "2026-11-21T09:00:00Z".parse().unwrap();
    let mut message = handle.message(ROOM, "ann", text, at);
    message.id.0 = id.into();
    message.direct = true;
    let heard = Event::Heard(Heard::Said(message), None);
    assert!(bot.sender().try_send(heard).is_ok());
    bot.settle().await;
    let said = handle.take();
    let said: Vec<String> = said.iter().map(|said| said.text.plain()).collect();
    said.join("\n")
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(files(&path)),
            false => all.push(std::fs::read(&path).unwrap()),
        }
    }
    all
}

fn stands_in(bytes: &[u8], secret: &str) -> bool {
    let mut all = bytes.windows(secret.len());
    all.any(|part| part.eq_ignore_ascii_case(secret.as_bytes()))
}

#[tokio::test]
async fn a_code_is_written_nowhere() {
    let log = Log::default();
    // Where there is only one, other threads decide by their own what is logged here.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // All of it runs in this thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    let folder = tempfile::tempdir().unwrap();
    let copies = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Options::default())
        .await
        .unwrap();
    let (mut bot, handle) = start(store).await;
    let asked = says(&mut bot, &handle, "m1", "claim").await;
    assert!(asked.contains("Code?"), "{asked}");
    let wrong = says(&mut bot, &handle, "m2", WRONG).await;
    assert!(wrong.contains("That is not the code."), "{wrong}");
    says(&mut bot, &handle, "m3", "claim").await;
    // The question survives the process; nothing was answered that could.
    let store = bot.into_store();
    let (mut bot, handle) = start(store).await;
    let done = says(&mut bot, &handle, "m4", CODE).await;
    assert!(done.contains("You are the operator"), "{done}");
    let journal = says(&mut bot, &handle, "m5", "journal").await;
    assert!(journal.contains("claim the operator's role"), "{journal}");
    let store = bot.into_store();
    store.backup(&copies.path().join("copy.bak")).await.unwrap();
    drop(store);
    let mut all = files(folder.path());
    assert!(
        all.iter().any(|file| stands_in(file, "operator")),
        "they can be read"
    );
    all.extend(files(copies.path()));
    all.push(log.0.lock().unwrap().clone());
    all.push(journal.into_bytes());
    for secret in [CODE, WRONG] {
        if let Some(file) = all.iter().find(|file| stands_in(file, secret)) {
            panic!("{secret} stands in: {}", String::from_utf8_lossy(file));
        }
    }
}
