//! The end: what is begun is finished, what was heard is written down, the store is let go.

use std::time::Duration;

use tokio::sync::mpsc;

use super::{Bot, Ending, Event, Outbound, TURN};
use crate::model::{Heard, Stop, Stopped};
use crate::tracker::Trouble;
use crate::watch::Stage;

/// How long a stopping bot waits for platforms to finish what they are saying.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// How long what is begun may take when the bot reboots or shuts down.
const FINISH: Duration = Duration::from_secs(5);
/// How long platforms may take to leave their rooms.
const FAREWELL: Duration = Duration::from_secs(5);

impl Bot {
    /// Ends in order: what is being said is said, everything is on disk, the store's folder is free. Who is killed from a
    /// room ends without waiting for anything.
    ///
    /// # Errors
    /// When the store cannot be closed in order.
    pub async fn close(mut self) -> Result<(), Trouble> {
        self.measures.pulse.reaches(match self.stopper.asked() {
            Some(Stop::Reboot) => Stage::Rebooting,
            Some(Stop::Kill | Stop::Shutdown) | None => Stage::Stopping,
        });
        let mut heard = Vec::new();
        let mut unfinished = 0;
        if matches!(self.stopper.asked(), Some(Stop::Reboot | Stop::Shutdown)) {
            (heard, unfinished) = self.finish().await;
        }
        // They let go of the store soon.
        self.works.call_off_all();
        if self.stopper.asked() != Some(Stop::Kill) {
            self.last_words().await;
        }
        if let Some(error) = self.broken {
            return Err(error.into());
        }
        if let Some(Ending::Asked(stopped)) = self.stopper.ending() {
            let stopped = Stopped {
                unfinished,
                ..*stopped
            };
            self.note_stopped(stopped)?;
        }
        if let Some(copying) = self.copying.take() {
            // It is called off by now, and a store that is still read could not be let go.
            let _ = tokio::time::timeout(LAST_WORDS, copying).await;
        }
        self.note_heard();
        self.commit().await?;
        self.stopper.last_words().await;
        tracing::info!("ends");
        // They can read the store.
        self.lines.abort_all();
        while let Some(line) = self.lines.join_next().await {
            heard.extend(line.ok());
        }
        self.store.close().await?;
        // Nobody hears any more: platforms leave their rooms in order.
        drop(heard);
        if self.stopper.asked() == Some(Stop::Kill) {
            self.ears.abort_all();
        }
        let left = async { while self.ears.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, left).await.is_err() {
            tracing::warn!("a platform was not left in order");
        }
        Ok(())
    }

    /// Waits for what is being said and worked out.
    async fn last_words(&mut self) {
        let until = tokio::time::Instant::now() + LAST_WORDS;
        while self.speaking > 0 || !self.works.is_empty() {
            match tokio::time::timeout_at(until, self.events.recv()).await {
                Ok(Some(event @ (Event::Said(..) | Event::Worked(..)))) => {
                    self.take(event, self.clock.now(), &mut Outbound::default())
                }
                // What was not acknowledged is not done any more.
                Ok(Some(
                    Event::Heard(..)
                    | Event::Looked(..)
                    | Event::Read(..)
                    | Event::Rang(_)
                    | Event::Done(..),
                )) => {}
                Ok(None) | Err(_) => break,
            }
        }
    }

    /// Does what was heard and answers it; reports stay where they are. Gives the channels of platforms that are still
    /// where they were, and how much was not finished in time.
    async fn finish(&mut self) -> (Vec<mpsc::Receiver<Heard>>, usize) {
        let until = tokio::time::Instant::now() + FINISH;
        let mut heard = Vec::new();
        let mut events = Vec::new();
        loop {
            let done = self.lines.is_empty()
                && self.events.is_empty()
                && self.speaking == 0
                && self.works.is_empty()
                && self.errands.is_empty();
            if done || self.stopper.asked() == Some(Stop::Kill) {
                return (heard, 0);
            }
            let next = async {
                tokio::select! {
                    _ = self.events.recv_many(&mut events, TURN) => None,
                    Some(line) = self.lines.join_next() => line.ok(),
                }
            };
            match tokio::time::timeout_at(until, next).await {
                Ok(line) => heard.extend(line),
                Err(_) => {
                    let left = self.works.len() + self.errands.len() + self.events.len();
                    // What still waits in the line of a platform is not counted by anybody.
                    let left = left.max(1);
                    tracing::warn!(left, "not finished in time");
                    return (heard, left);
                }
            }
            self.turn(&mut events).await;
        }
    }
}
