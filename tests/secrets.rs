//! What is answered in secret stands in no log, in no file of the store and in no backup.

#[path = "secrets/log.rs"]
mod log;
#[path = "rooms/setup.rs"]
mod setup;

use std::path::Path;
use std::sync::Arc;

use boson::bot::{Bot, Event, Setup};
use boson::clock::Clock;
use boson::model::{Heard, RoomId};
use boson::room::memory::{Handle, Memory};
use boson::store::{Options, Store};
use log::Log;

const ROOM: &str = "@ann";
const CODE: &str = "q7w8-e9r0-t1y2";
const WRONG: &str = "mother's maiden name";

async fn start(store: Store) -> (Bot, Handle) {
    let clock = Clock::stopped("2026-11-21T09:00:00Z".parse().unwrap());
    let (platform, handle) = Memory::new("test");
    let rooms = vec![RoomId::new("test", ROOM)];
    let setup = Setup {
        code: Some(CODE.into()),
        ..setup::usual(vec![Arc::new(platform)], rooms, store, &clock)
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
    // All of it runs in this thread.
    let log = Log::begin();
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
    all.push(log.bytes());
    all.push(journal.into_bytes());
    for secret in [CODE, WRONG] {
        if let Some(file) = all.iter().find(|file| stands_in(file, secret)) {
            panic!("{secret} stands in: {}", String::from_utf8_lossy(file));
        }
    }
}
