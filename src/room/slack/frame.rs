//! What Slack sends over a web socket, read; nothing of it is trusted.

use serde_json::{Value, json};

/// One frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    /// The socket is live; so many of the app are.
    Hello {
        connections: u64,
    },
    /// The socket will end.
    Leaving(Reason),
    Envelope(Envelope),
    /// Nothing that has to be acknowledged.
    Nothing,
}

/// Why a socket will end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Another one shall take its place.
    Renewed,
    /// The app may have none any more.
    Off,
    /// The app has too many.
    TooMany,
}

/// Something that must be acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    pub id: String,
    pub kind: Kind,
    /// The acknowledgement may bring an answer.
    pub accepts: bool,
    /// How often it was sent before.
    pub attempt: u64,
    pub payload: Value,
}

/// What an envelope brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Event,
    Command,
    Interaction,
    Other(String),
}

/// Reads a frame; what is no JSON, or says nothing known, is nothing.
pub fn read(text: &str) -> Frame {
    let Ok(mut frame) = serde_json::from_str::<Value>(text) else {
        return Frame::Nothing;
    };
    let kind = frame["type"].as_str().unwrap_or_default();
    if let Some(id) = frame["envelope_id"].as_str() {
        return Frame::Envelope(Envelope {
            id: id.into(),
            kind: match kind {
                "events_api" => Kind::Event,
                "slash_commands" => Kind::Command,
                "interactive" => Kind::Interaction,
                other => Kind::Other(crate::model::text::cut(other, 50)),
            },
            accepts: frame["accepts_response_payload"].as_bool() == Some(true),
            attempt: frame["retry_attempt"].as_u64().unwrap_or(0),
            payload: frame
                .get_mut("payload")
                .map(Value::take)
                .unwrap_or_default(),
        });
    }
    match kind {
        "hello" => Frame::Hello {
            connections: frame["num_connections"].as_u64().unwrap_or(1),
        },
        "disconnect" => Frame::Leaving(match frame["reason"].as_str() {
            Some("link_disabled") => Reason::Off,
            Some("too_many_websockets") => Reason::TooMany,
            // `warning`, `refresh_requested`, and what nobody knows yet.
            Some(_) | None => Reason::Renewed,
        }),
        _ => Frame::Nothing,
    }
}

/// The acknowledgement of an envelope, with an answer where there is one.
pub fn acknowledgement(id: &str, answer: Option<&Value>) -> String {
    match answer {
        Some(answer) => json!({"envelope_id": id, "payload": answer}).to_string(),
        None => json!({"envelope_id": id}).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read() {
        let hello = r#"{"type":"hello","num_connections":2,"connection_info":{"app_id":"A1"}}"#;
        assert_eq!(read(hello), Frame::Hello { connections: 2 });
        for (reason, expected) in [
            ("warning", Reason::Renewed),
            ("refresh_requested", Reason::Renewed),
            ("link_disabled", Reason::Off),
            ("too_many_websockets", Reason::TooMany),
            ("something_new", Reason::Renewed),
        ] {
            let text = json!({"type": "disconnect", "reason": reason}).to_string();
            assert_eq!(read(&text), Frame::Leaving(expected));
        }
        let text = r#"{"envelope_id":"e","type":"events_api","accepts_response_payload":false,
            "retry_attempt":1,"retry_reason":"timeout","payload":{"a":1}}"#;
        let envelope = Envelope {
            id: "e".into(),
            kind: Kind::Event,
            accepts: false,
            attempt: 1,
            payload: json!({"a": 1}),
        };
        assert_eq!(read(text), Frame::Envelope(envelope));
        // What nobody knows is acknowledged all the same.
        let Frame::Envelope(envelope) = read(r#"{"envelope_id":"e","type":"new"}"#) else {
            panic!("it has an envelope")
        };
        assert_eq!(envelope.kind, Kind::Other("new".into()));
        for nothing in ["", "{", "[]", "null", "{\"type\":\"hi\"}", "\"hello\""] {
            assert_eq!(read(nothing), Frame::Nothing);
        }
    }

    #[test]
    fn acknowledgements_bring_an_answer_or_none() {
        assert_eq!(acknowledgement("e", None), r#"{"envelope_id":"e"}"#);
        let answer = json!({"response_action": "clear"});
        assert_eq!(
            acknowledgement("e", Some(&answer)),
            r#"{"envelope_id":"e","payload":{"response_action":"clear"}}"#
        );
    }
}
