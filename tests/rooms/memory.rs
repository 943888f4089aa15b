//! The platform without a network.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use boson::model::{Heard, Message, MessageId, Role, RoomId};
use boson::room::memory::{Handle, Memory};
use boson::room::{Platform, SayError};

use super::house::{House, Line};
use super::run::Time;

pub struct InMemory {
    time: Time,
    handle: Mutex<Handle>,
    said: Mutex<Vec<(RoomId, Line)>>,
    /// What people have typed, to be corrected.
    typed: Mutex<Vec<Message>>,
}

impl InMemory {
    pub fn new() -> InMemory {
        InMemory {
            time: Time::passes(),
            handle: Mutex::new(Memory::new("memory").1),
            said: Mutex::default(),
            typed: Mutex::default(),
        }
    }

    fn handle(&self) -> Handle {
        self.handle.lock().unwrap().clone()
    }

    fn message(&self, room: usize, person: usize, text: &str) -> Message {
        let name = ["ann", "bob"][person];
        let room = self.room(room).room;
        let mut message = self
            .handle()
            .message(&room, name, text, self.time.clock.now());
        message.role = [Role::Owner, Role::Member][person];
        // Ids go on when the process starts anew.
        let mut typed = self.typed.lock().unwrap();
        message.id = MessageId(format!("typed-{}", typed.len()).into());
        typed.push(message.clone());
        message
    }

    fn shut(&self, closed: bool) {
        let fault = closed.then(|| SayError::Later {
            what: "it is closed".into(),
            rest: Duration::from_secs(5),
        });
        self.handle().fail(fault);
    }

    fn gather(&self) {
        let mut said = self.said.lock().unwrap();
        for spoken in self.handle().take() {
            let text = spoken.text.plain();
            let line = Line {
                id: spoken.message,
                text,
                answers: spoken.answers,
            };
            match said
                .iter_mut()
                .find(|(room, old)| spoken.edit && *room == spoken.room && old.id == line.id)
            {
                Some((_, old)) => old.text = line.text,
                None => said.push((spoken.room, line)),
            }
        }
        let gone = self.handle().gone();
        said.retain(|(room, line)| !gone.contains(&(room.clone(), line.id.clone())));
    }
}

#[async_trait]
impl House for InMemory {
    fn time(&self) -> &Time {
        &self.time
    }

    fn platform(&self) -> Arc<dyn Platform> {
        self.gather();
        let (memory, handle) = Memory::new("memory");
        *self.handle.lock().unwrap() = handle;
        Arc::new(memory)
    }

    fn room(&self, n: usize) -> RoomId {
        RoomId::new("memory", format!("#{n}"))
    }

    async fn waits_for_the_bot(&self, _: usize) {}

    async fn say(&self, room: usize, person: usize, text: &str) -> MessageId {
        let message = self.message(room, person, text);
        let id = message.id.clone();
        assert!(self.handle().hear(Heard::Said(message)).await);
        id
    }

    async fn reply(&self, room: usize, person: usize, to: &MessageId, text: &str) {
        let mut message = self.message(room, person, text);
        message.reply_to = Some(to.clone());
        message.reply_to_bot = true;
        assert!(self.handle().hear(Heard::Said(message)).await);
    }

    async fn edit(&self, _: usize, message: &MessageId, text: &str) {
        let mut message = {
            let typed = self.typed.lock().unwrap();
            typed
                .iter()
                .find(|typed| typed.id == *message)
                .unwrap()
                .clone()
        };
        message.text = text.into();
        assert!(self.handle().hear(Heard::Edited(message)).await);
    }

    fn said(&self, room: usize) -> Vec<Line> {
        self.gather();
        let room = self.room(room);
        let said = self.said.lock().unwrap();
        let here = said.iter().filter(|(of, _)| *of == room);
        here.map(|(_, line)| line.clone()).collect()
    }

    fn fits(&self, text: &str) -> bool {
        text.chars().count() <= 4_000
    }

    fn reads_back(&self) -> bool {
        false
    }

    fn slow(&self) {
        self.handle().slow(Duration::from_secs(5));
    }

    fn breaks(&self) -> usize {
        0
    }

    fn snap(&self, _: usize) {}

    fn failures(&self) -> usize {
        1
    }

    /// For a moment nothing can be said.
    fn fail(&self, _: usize) {
        self.shut(true);
        let handle = self.handle();
        let clock = self.time.clock.clone();
        tokio::spawn(async move {
            clock
                .until(clock.now() + chrono::TimeDelta::seconds(2))
                .await;
            handle.fail(None);
        });
    }

    async fn close(&self, closed: bool) {
        self.shut(closed);
    }
}
