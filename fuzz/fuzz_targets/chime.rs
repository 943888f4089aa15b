//! Whatever the web socket of Stack Exchange says, it is read without harm.
#![cfg_attr(not(test), no_main)]

use boson::source::stack_exchange::bell::{Chime, read};

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let whole = read(&text);
    // The same bytes as what stands inside.
    let inside = serde_json::json!({"action": "155-questions-active", "data": text});
    for chime in [whole, read(&inside.to_string())] {
        match chime {
            Chime::Active { site, .. } => {
                assert!(!site.is_empty() && site.len() <= 100);
                assert!(!site.contains(['&', '/', ' ', '#']));
            }
            Chime::Heartbeat => assert!(text.len() <= 200),
            Chime::Other => {}
        }
    }
}
