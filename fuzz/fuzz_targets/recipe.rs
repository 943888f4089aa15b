//! Any text is a recipe or a list of mistakes with their places; a recipe's examples can be run.
#![cfg_attr(not(test), no_main)]

use boson::recipe::{parse, run_example};

#[cfg(not(test))]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| run(bytes));

pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match parse("ex", &text, "ex.toml") {
        Ok(written) => {
            for example in &written.examples {
                // It holds or it does not; both are answers.
                let _ = run_example(&written, example);
            }
        }
        Err(mistakes) => {
            let lines = text.matches('\n').count() + 1;
            assert!(!mistakes.is_empty());
            let mut last = 0;
            for mistake in mistakes {
                assert!((1..=lines).contains(&mistake.line), "{mistake}");
                assert!(last <= mistake.line, "{mistake} is not in its place");
                last = mistake.line;
            }
        }
    }
}
