//! All that is logged, kept to be looked at.

use std::io;
use std::sync::{Arc, Mutex};

use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Level};

/// What this thread logs, from when it was begun until it is dropped.
pub struct Log {
    written: Written,
    _guard: DefaultGuard,
    _second: Dispatch,
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub fn begin() -> Log {
        let written = Written::default();
        // Where there is only one, other threads decide by their own what is logged here.
        let second = Dispatch::new(NoSubscriber::new());
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        Log {
            written,
            _guard: tracing::subscriber::set_default(subscriber),
            _second: second,
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.written.0.lock().unwrap().clone()
    }
}
