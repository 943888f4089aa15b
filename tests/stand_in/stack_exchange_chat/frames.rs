//! What a listener is told, room by room.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::chat::Chat;
use super::events::{Event, To};

/// Who listens: at a web socket opened for `room`, or by asking about it.
#[derive(Clone, Copy, Debug)]
pub struct Listener {
    /// None for a stranger.
    pub user: Option<i64>,
    pub room: i64,
}

impl Listener {
    /// The rooms whose events are for this listener, with the last event before each: those the user is in.
    fn rooms(&self, chat: &Chat) -> Vec<(i64, i64)> {
        let Some(user) = self.user else {
            return vec![(self.room, 0)];
        };
        let all = chat.rooms.values();
        all.filter_map(|room| Some((room.id, room.present.get(&user)?.since)))
            .collect()
    }

    /// A heartbeat.
    pub fn beat(&self, chat: &Chat) -> Value {
        let mut keys: Vec<i64> = self.rooms(chat).into_iter().map(|(room, _)| room).collect();
        if keys.is_empty() {
            keys.push(self.room);
        }
        let all = keys.into_iter().map(|room| (format!("r{room}"), json!({})));
        Value::Object(all.collect())
    }

    /// The room's own object with all after the event `since`, or an empty one.
    pub fn since(&self, chat: &Chat, since: i64) -> Value {
        let all = chat.log.after(since).iter();
        let all = all.filter(|event| match event.to {
            To::Room | To::RoomAnd(_) => event.room == self.room,
            To::One(user) => Some(user) == self.user,
        });
        let all: Vec<Value> = all.map(|event| self.body(event)).collect();
        let last = chat.log.last();
        match (all.is_empty(), last > since) {
            (true, false) => json!({}),
            (true, true) => json!({"t": last, "d": last - since}),
            (false, _) => json!({"e": all, "t": last, "d": last - since}),
        }
    }

    /// What a socket begins with: all after the event `since` in its room, with `all` in each of its rooms.
    pub fn backlog(&self, chat: &Chat, since: i64, all: bool) -> Option<Value> {
        let mut rooms = vec![self.room];
        if all {
            rooms = self.rooms(chat).into_iter().map(|(room, _)| room).collect();
        }
        let keys = rooms.into_iter().filter_map(|room| {
            let object = Listener { room, ..*self }.since(chat, since);
            let news = object.get("t").is_some();
            news.then(|| (format!("r{room}"), object))
        });
        let keys: Map<String, Value> = keys.collect();
        (!keys.is_empty()).then_some(Value::Object(keys))
    }

    /// The frames of what happened after `seen`, which is moved: when and what, one for each thing
    /// that happened.
    pub fn frames(&self, chat: &Chat, seen: &mut i64) -> Vec<(DateTime<Utc>, Value)> {
        let mut frames = Vec::new();
        let news = chat.log.after(*seen);
        if news.is_empty() {
            return frames;
        }
        let rooms = self.rooms(chat);
        for happened in news.chunk_by(|one, next| one.first == next.first) {
            let Some((last, at)) = happened.last().map(|event| (event.id, event.at)) else {
                continue;
            };
            let covered = last - *seen;
            *seen = last;
            let mut keys = Map::new();
            for (room, since) in &rooms {
                let own = |event: &&Event| match event.to {
                    To::Room | To::RoomAnd(_) => event.room == *room && event.id > *since,
                    To::One(user) => Some(user) == self.user,
                };
                let events: Vec<Value> =
                    happened.iter().filter(own).map(|e| self.body(e)).collect();
                let object = match events.is_empty() {
                    true => json!({"t": last, "d": covered}),
                    false => json!({"e": events, "t": last, "d": covered}),
                };
                keys.insert(format!("r{room}"), object);
            }
            for event in happened {
                // Thrown out, or in no room at all: it is told all the same.
                let key = match event.to {
                    To::RoomAnd(user) if Some(user) == self.user => event.room,
                    To::One(user) if Some(user) == self.user && rooms.is_empty() => self.room,
                    To::Room | To::RoomAnd(_) | To::One(_) => continue,
                };
                if rooms.iter().any(|(room, _)| *room == key) {
                    continue;
                }
                let empty = || json!({"e": [], "t": last, "d": covered});
                let object = keys.entry(format!("r{key}")).or_insert_with(empty);
                if let Some(all) = object["e"].as_array_mut() {
                    all.push(self.body(event));
                }
            }
            if !keys.is_empty() {
                frames.push((at, Value::Object(keys)));
            }
        }
        frames
    }

    fn body(&self, event: &Event) -> Value {
        let mut body = event.body.clone();
        if let Some((user, own)) = &event.own
            && Some(*user) == self.user
        {
            body.extend(own.clone());
        }
        Value::Object(body)
    }
}
