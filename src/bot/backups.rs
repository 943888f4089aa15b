//! Copies of the store, made while the bot runs: every hour, and when somebody asks for one.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::errands::Done;
use super::{Bot, Event};
use crate::command::backup;
use crate::model::{Job, Task, Text};
use crate::store::{self, Backup, RestoreError, agenda};
use crate::tracker::Trouble;

/// From so many rows on whoever waits is told how far it is: they take more than some seconds.
const MANY: u64 = 50_000;

/// A copy is being made: it has ended when the other end is dropped.
pub(super) type Copying = oneshot::Receiver<()>;

impl Bot {
    /// Puts the next hourly copy on the agenda.
    pub(super) fn plan_backup(&mut self, now: DateTime<Utc>) -> Result<(), Trouble> {
        let job = Job {
            key: Task::Backup.key(),
            due: now + TimeDelta::hours(1),
            attempts: 0,
            task: Task::Backup,
        };
        agenda::put(&mut self.store, &job)?;
        Ok(())
    }

    /// Makes everything durable that was written. What changes while the store is copied waits: a copy of a store that
    /// changes would be no copy. What only asks goes on. Whoever ends the bot waits for no copy: it is called off.
    pub(super) async fn commit(&mut self) -> Result<(), store::Error> {
        if self.store.has_pending()
            && let Some(copying) = self.copying.take()
        {
            // It has ended, however.
            let _ = copying.await;
        }
        self.store.commit().await
    }

    /// Begins to copy what is committed into this file.
    fn copy(
        &mut self,
        to: &Path,
    ) -> impl Future<Output = Result<Backup, store::Error>> + Send + 'static {
        let (copied, copying) = oneshot::channel();
        let before = self.copying.replace(copying);
        let stopper = self.stopper.clone();
        let copy = self.store.copy(to, move || stopper.is_stopping());
        async move {
            let copy = copy.await;
            if let Some(before) = before {
                let _ = before.await;
            }
            drop(copied);
            copy
        }
    }

    /// Makes the hourly copy, beside the loop.
    pub(super) fn back_up(&mut self, now: DateTime<Utc>) {
        let Some(folder) = self.folder.clone() else {
            return;
        };
        let copy = self.copy(&store::backup_path(&folder, now));
        tokio::spawn(async move {
            let outcome = match copy.await {
                Ok(backup) => {
                    tracing::info!(rows = backup.rows, bytes = backup.bytes, "backup written");
                    store::prune_backups(&folder)
                }
                // There will be another within an hour.
                Err(store::Error::CalledOff) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                tracing::error!(%error, "the hourly backup went wrong");
            }
        });
    }

    /// Makes a copy because somebody asked for it, and sees whether the store can be restored from it.
    pub(super) fn begin_backup(&mut self) -> Result<BoxFuture<'static, Done>, Text> {
        let folder = self.folder.clone().ok_or_else(backup::nowhere)?;
        if std::mem::replace(&mut self.errands.backs_up, true) {
            return Err(backup::already());
        }
        let path = store::kept_path(&folder, self.clock.now());
        let scratch = folder.join("backups").join("checking");
        let copy = self.copy(&path);
        let (number, sender) = (self.errands.last + 1, self.sender.clone());
        Ok(Box::pin(async move {
            let name = path.file_name().unwrap_or_default();
            let name = name.to_string_lossy().into_owned();
            let copied = match copy.await {
                Ok(copied) => copied,
                Err(error) => return Done::BackedUp(name, Err(error.into())),
            };
            if copied.rows >= MANY {
                // Nobody listens any more when the bot has ended.
                let _ = sender.send(Event::Done(number, Done::Copied(copied))).await;
            }
            let runtime = tokio::runtime::Handle::current();
            let verified = tokio::task::spawn_blocking(move || {
                let verified = runtime.block_on(store::verify(&path, &scratch));
                if verified.is_err() {
                    // Nobody is to rely on it.
                    drop(std::fs::remove_file(&path));
                }
                verified
            });
            let verified = verified.await;
            Done::BackedUp(name, verified.unwrap_or(Err(store::Error::Closed.into())))
        }))
    }

    /// A copy that somebody asked for is made, or not.
    pub(super) fn backed_up(&mut self, name: &str, outcome: Result<Backup, RestoreError>) -> Text {
        self.errands.backs_up = false;
        match outcome {
            Ok(copied) => {
                tracing::info!(
                    name,
                    rows = copied.rows,
                    bytes = copied.bytes,
                    "backup written"
                );
                backup::done(name, &copied)
            }
            Err(RestoreError::Store(store::Error::CalledOff)) => backup::called_off(),
            Err(error) => {
                let reference = self.reference();
                tracing::error!(reference, name, %error, "a backup went wrong");
                backup::failed(&reference)
            }
        }
    }
}
