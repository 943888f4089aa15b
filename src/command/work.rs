//! What a command cannot answer at once: work beside the loop, whose answer comes later.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Scene;
use crate::model::Text;
use crate::store::Committed;
use crate::tracker::Trouble;

type Run = dyn FnOnce(&Committed, &Patience) -> Result<Text, Trouble> + Send;

/// Work that reads what is committed when it begins, changes nothing and makes a text.
pub struct Work(Box<Run>);

/// How long work may take. It asks now and then, and ends with what it has when it is over.
pub struct Patience {
    until: Instant,
    stop: Arc<AtomicBool>,
}

impl Work {
    pub fn new(
        run: impl FnOnce(&Committed, &Patience) -> Result<Text, Trouble> + Send + 'static,
    ) -> Work {
        Work(Box::new(run))
    }

    /// Does it; takes as long as it takes.
    ///
    /// # Errors
    /// When the store cannot be read, or what was asked makes no sense.
    pub fn run(self, rows: &Committed, patience: &Patience) -> Result<Text, Trouble> {
        (self.0)(rows, patience)
    }
}

impl Patience {
    /// Over after this long, or when nobody waits for the answer any more.
    pub fn new(longest: Duration, stop: Arc<AtomicBool>) -> Patience {
        Patience {
            until: Instant::now() + longest,
            stop,
        }
    }

    pub fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || Instant::now() >= self.until
    }
}

impl Scene<'_> {
    /// Answers with what comes of this work; the text that the command returns is not said.
    pub fn later(
        &mut self,
        work: impl FnOnce(&Committed, &Patience) -> Result<Text, Trouble> + Send + 'static,
    ) -> Text {
        self.work = Some(Work::new(work));
        Text::new()
    }
}
