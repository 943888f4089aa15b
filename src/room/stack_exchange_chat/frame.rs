//! One text of the socket, and one answer to a question for news: what happened in which room.

use serde_json::{Map, Value};

use super::event::Event;

/// What happened, by room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    pub rooms: Vec<Part>,
    /// What was missed is too long ago to be told.
    pub reset: bool,
}

/// What happened in one room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub room: u64,
    /// Also of other rooms: who is meant is told in each.
    pub events: Vec<Event>,
    /// The number of the last event that is covered.
    pub t: Option<i64>,
    /// What was missed there is too long ago to be told.
    pub reset: bool,
}

/// Reads a text. What it does not know is left out; rubbish is a frame in which nothing happened.
pub fn read(text: &[u8]) -> Frame {
    let all: Map<String, Value> = serde_json::from_slice(text).unwrap_or_default();
    let mut frame = Frame::default();
    for (key, value) in all {
        if key == "reset" {
            frame.reset = !matches!(value, Value::Null | Value::Bool(false));
        }
        let room = key.strip_prefix('r').and_then(|number| number.parse().ok());
        if let (Some(room), Value::Object(part)) = (room, value) {
            frame.rooms.push(Part::read(room, part));
        }
    }
    frame
}

impl Part {
    fn read(room: u64, mut part: Map<String, Value>) -> Part {
        let events = match part.remove("e") {
            Some(Value::Array(events)) => events,
            Some(_) | None => Vec::new(),
        };
        let events = events.into_iter();
        Part {
            room,
            events: events
                .filter_map(|event| serde_json::from_value(event).ok())
                .collect(),
            t: part.get("t").and_then(Value::as_i64),
            reset: part
                .get("reset")
                .is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_what_only_looks_like_them() {
        let frame = read(
            br#"{"r1":{"e":[{"event_type":1,"id":9,"content":"a\u003cb","user_id":-2,"new":[1]},7,
                {"event_type":"x","id":"y","room_id":-1}],"t":9,"d":1},"r2":{},"rx":{},"r3":7}"#,
        );
        let rooms: Vec<u64> = frame.rooms.iter().map(|part| part.room).collect();
        assert_eq!((rooms, frame.reset), (vec![1, 2], false));
        let part = &frame.rooms[0];
        assert_eq!((part.t, part.reset, part.events.len()), (Some(9), false, 2));
        assert_eq!(part.events[0].content.as_deref(), Some("a<b"));
        assert_eq!(part.events[0].user_id, Some(-2));
        assert_eq!(part.events[1], Event::default());
        assert!(read(br#"{"reset":true}"#).reset);
        assert!(read(br#"{"r1":{"reset":1}}"#).rooms[0].reset);
        for rubbish in [
            "",
            "[]",
            "null",
            "{\"r1\":",
            "\u{0}",
            "{\"r-1\":{}}",
            "{\"reset\":null}",
        ] {
            assert_eq!(read(rubbish.as_bytes()), Frame::default(), "{rubbish}");
        }
    }
}
