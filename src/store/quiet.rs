//! Runs something that may panic, and keeps its panic message off standard error.

use std::cell::Cell;
use std::panic::{self, PanicHookInfo, UnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};

thread_local! {
    static HERE: Cell<bool> = const { Cell::new(false) };
}

/// One at a time: the hook belongs to the whole process.
static TURN: Mutex<()> = Mutex::new(());

/// The outcome, or the words of the panic. What other threads say as they panic is heard as always.
pub(super) fn catch<T>(run: impl FnOnce() -> T + UnwindSafe) -> Result<T, String> {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let before: Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync> = panic::take_hook().into();
    let others = before.clone();
    panic::set_hook(Box::new(move |info| {
        if !HERE.get() {
            others(info);
        }
    }));
    HERE.set(true);
    let outcome = panic::catch_unwind(run);
    HERE.set(false);
    panic::set_hook(Box::new(move |info| before(info)));
    drop(turn);
    outcome.map_err(|panic| match panic.downcast::<String>() {
        Ok(words) => *words,
        Err(panic) => match panic.downcast::<&str>() {
            Ok(words) => (*words).to_string(),
            Err(_) => "it panicked without a word".into(),
        },
    })
}
