//! How the real program is watched from outside: its pages, its supervisor, its log.

#[path = "watch/copies.rs"]
mod copies;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "crash/life.rs"]
mod life;
#[path = "watch/log.rs"]
mod log;
#[path = "watch/pages.rs"]
mod pages;
#[path = "watch/supervisor.rs"]
mod supervisor;

use std::process::{Command, Output, Stdio};

/// Asks another program for its judgement; where it is missing, a test fails in CI and says so elsewhere.
fn judged(command: &mut Command) -> Option<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).output() {
        Ok(output) => Some(output),
        Err(error) => {
            #[allow(clippy::disallowed_methods)]
            let strict = std::env::var("CI").is_ok();
            assert!(!strict, "{name}: {error}");
            println!("there is no {name} here: nothing was judged");
            None
        }
    }
}
