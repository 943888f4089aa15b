//! A platform that lets somebody listen in: all that the loop hears is written down.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use boson::model::{Heard, MessageId, RoomId, Text};
use boson::room::{Manners, Platform, SayError, Saying, Seated, Spoken, Trashed, Which};
use tokio::sync::mpsc;

use super::house::{House, Line};
use super::run::Time;

/// What was heard, by room.
#[derive(Clone, Default)]
pub struct Tap(Arc<Mutex<HashMap<RoomId, Room>>>);

#[derive(Default)]
struct Room {
    /// The last form of each message, in the order in which they were first heard.
    said: Vec<(MessageId, String)>,
    deleted: Vec<MessageId>,
}

/// A house whose platform is tapped.
pub struct Tapped<H> {
    pub chat: H,
    pub tap: Tap,
}

struct Listening {
    inner: Arc<dyn Platform>,
    tap: Tap,
}

impl<H> Tapped<H> {
    pub fn new(chat: H) -> Tapped<H> {
        Tapped {
            chat,
            tap: Tap::default(),
        }
    }
}

impl Tap {
    fn note(&self, heard: &Heard) {
        let mut rooms = self.0.lock().unwrap();
        match heard {
            Heard::Said(message) => {
                let room = rooms.entry(message.room.clone()).or_default();
                room.said.push((message.id.clone(), message.text.clone()));
            }
            Heard::Edited(message) => {
                let room = rooms.entry(message.room.clone()).or_default();
                let known = room.said.iter_mut().rev().find(|(id, _)| *id == message.id);
                known
                    .expect("it was heard before")
                    .1
                    .clone_from(&message.text);
            }
            Heard::Deleted { room, message } => {
                let room = rooms.entry(room.clone()).or_default();
                room.deleted.push(message.clone());
            }
            _ => {}
        }
    }

    /// Everything that was said in a room was heard once, in its last form and, where the platform has an order, in
    /// order; what was taken away was never heard, or heard to be taken away.
    pub fn check(&self, room: &RoomId, said: &[(MessageId, Option<String>)], in_order: bool) {
        let rooms = self.0.lock().unwrap();
        let heard = rooms.get(room).expect("something was heard");
        let mut expected = Vec::new();
        for (id, text) in said {
            match text {
                Some(text) => expected.push((id.clone(), text.clone())),
                None => {
                    let known = heard.said.iter().find(|(known, _)| known == id);
                    if let Some(known) = known {
                        assert!(heard.deleted.contains(id), "{room}: {id:?} is gone");
                        expected.push(known.clone());
                    }
                }
            }
        }
        let mut all = heard.said.clone();
        if !in_order {
            all.sort();
            expected.sort();
        }
        for (n, (heard, expected)) in all.iter().zip(&expected).enumerate() {
            assert_eq!(heard, expected, "message {n} of {room}");
        }
        assert_eq!(all.len(), expected.len(), "in {room}");
    }
}

#[async_trait]
impl Platform for Listening {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn manners(&self) -> Manners {
        self.inner.manners()
    }

    async fn listen(&self, rooms: Vec<Seated>, heard: mpsc::Sender<Heard>) -> Result<(), SayError> {
        let (sender, mut receiver) = mpsc::channel::<Heard>(16);
        let hand_on = async {
            while let Some(one) = receiver.recv().await {
                self.tap.note(&one);
                if heard.send(one).await.is_err() {
                    return;
                }
            }
        };
        let listening = self.inner.listen(rooms, sender);
        tokio::select! {
            outcome = listening => outcome,
            () = hand_on => Ok(()),
            () = heard.closed() => Ok(()),
        }
    }

    fn pieces(&self, text: &Text) -> Vec<Text> {
        self.inner.pieces(text)
    }

    async fn say(&self, saying: &Saying) -> Result<Spoken, SayError> {
        self.inner.say(saying).await
    }

    async fn edit(&self, room: &RoomId, message: &MessageId, text: &Text) -> Result<(), SayError> {
        self.inner.edit(room, message, text).await
    }

    fn wait(&self) -> Duration {
        self.inner.wait()
    }

    fn room(&self, typed: &str) -> Option<RoomId> {
        self.inner.room(typed)
    }

    async fn join(&self, room: &RoomId) -> Result<String, SayError> {
        self.inner.join(room).await
    }

    async fn leave(&self, room: &RoomId) -> Result<(), SayError> {
        self.inner.leave(room).await
    }

    async fn trash(&self, room: &RoomId, which: &Which) -> Result<Trashed, SayError> {
        self.inner.trash(room, which).await
    }
}

#[async_trait]
impl<H: House> House for Tapped<H> {
    fn time(&self) -> &Time {
        self.chat.time()
    }

    fn platform(&self) -> Arc<dyn Platform> {
        Arc::new(Listening {
            inner: self.chat.platform(),
            tap: self.tap.clone(),
        })
    }

    fn room(&self, n: usize) -> RoomId {
        self.chat.room(n)
    }

    fn take_in(&self, rooms: usize) {
        self.chat.take_in(rooms);
    }

    async fn waits_for_the_bot(&self, rooms: usize) {
        self.chat.waits_for_the_bot(rooms).await;
    }

    async fn say(&self, room: usize, person: usize, text: &str) -> MessageId {
        self.chat.say(room, person, text).await
    }

    async fn reply(&self, room: usize, person: usize, to: &MessageId, text: &str) {
        self.chat.reply(room, person, to, text).await;
    }

    async fn edit(&self, room: usize, message: &MessageId, text: &str) {
        self.chat.edit(room, message, text).await;
    }

    fn said(&self, room: usize) -> Vec<Line> {
        self.chat.said(room)
    }

    fn fits(&self, text: &str) -> bool {
        self.chat.fits(text)
    }

    fn reads_back(&self) -> bool {
        true
    }

    fn slow(&self) {
        self.chat.slow();
    }

    fn breaks(&self) -> usize {
        self.chat.breaks()
    }

    fn snap(&self, way: usize) {
        self.chat.snap(way);
    }

    fn failures(&self) -> usize {
        self.chat.failures()
    }

    fn fail(&self, way: usize) {
        self.chat.fail(way);
    }

    async fn close(&self, closed: bool) {
        self.chat.close(closed).await;
    }
}
