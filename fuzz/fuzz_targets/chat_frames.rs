//! Whatever the web socket of a chat says, it is read without harm, and so is the HTML in it.
#![cfg_attr(not(test), no_main)]

use boson::room::stack_exchange_chat::{content, frame};

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let whole = frame::read(text.as_bytes());
    assert_eq!(whole, frame::read(text.as_bytes()));
    // The same bytes as what somebody said.
    let event = serde_json::json!({"event_type": 1, "id": 1, "message_id": 1, "content": text});
    let said = serde_json::json!({"r1": {"e": [event], "t": 1, "d": 1}});
    let said = frame::read(said.to_string().as_bytes());
    assert_eq!(said.rooms[0].events[0].content.as_deref(), Some(&*text));
    for part in whole.rooms.iter().chain(&said.rooms) {
        for event in &part.events {
            if let Some(html) = &event.content {
                content::read(html);
            }
        }
    }
}
