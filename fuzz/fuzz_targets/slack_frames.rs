//! Whatever Slack sends is read without harm, and what has to be acknowledged can be.
#![cfg_attr(not(test), no_main)]

use boson::room::slack::event::{self, Happened};
use boson::room::slack::frame::{self, Frame};
use serde_json::{Value, json};

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let read = frame::read(&text);
    assert_eq!(read, frame::read(&text));
    if let Frame::Envelope(envelope) = &read {
        let ack: Value = serde_json::from_str(&frame::acknowledgement(&envelope.id, None)).unwrap();
        assert_eq!(ack, json!({"envelope_id": envelope.id}));
        told(&envelope.payload);
    }
    if let Ok(value) = serde_json::from_str::<Value>(&text) {
        told(&value);
        told(&json!({"event": value}));
        told(
            &json!({"event": {"type": "message", "channel": "C1", "subtype": "message_changed", "message": value}}),
        );
        event::post(&value);
    }
    // The same bytes as what somebody said.
    let event = json!({"type": "message", "channel": "C1", "user": "U1", "text": text, "ts": "1732000000.000100"});
    match event::read(&json!({"event_id": "Ev1", "event": event})).happened {
        Happened::Said { post, .. } => assert_eq!(post.text, text),
        other => panic!("{other:?}"),
    }
}

/// Messages are named in the order of times, whoever tells of them.
fn told(payload: &Value) {
    match event::read(payload).happened {
        Happened::Said { post, .. } | Happened::Changed { post, .. } => {
            assert!(event::is_ts(&post.ts));
            assert!(
                post.thread
                    .is_none_or(|thread| event::is_ts(&thread) && thread != post.ts)
            );
        }
        Happened::Deleted { ts, .. } => assert!(event::is_ts(&ts)),
        Happened::Came { .. }
        | Happened::Went { .. }
        | Happened::Lost { .. }
        | Happened::Reopened { .. }
        | Happened::Created { .. }
        | Happened::Renamed { .. }
        | Happened::Replaced { .. }
        | Happened::Person(_)
        | Happened::Revoked { .. }
        | Happened::Uninstalled
        | Happened::Nothing => {}
    }
}
