//! What is due later, in the order it is due.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use crate::model::{Job, JobKey};

use super::committed::Rows;
use super::engine::Direction;
use super::tables::{AGENDA, JOBS};
use super::{Error, Store};

/// Puts a job on the agenda, in the place of one under the same key.
///
/// # Errors
/// When the store cannot be read.
pub fn put(store: &mut Store, job: &Job) -> Result<(), Error> {
    remove(store, &job.key)?;
    store.put(&JOBS, &job.key, &job.due);
    store.put(&AGENDA, &(job.due, job.key.clone()), job);
    Ok(())
}

/// Takes a job off the agenda; nothing happens when it is not on it.
///
/// # Errors
/// When the store cannot be read.
pub fn remove(store: &mut Store, key: &JobKey) -> Result<(), Error> {
    if let Some(due) = store.get(&JOBS, key)? {
        store.delete(&JOBS, key);
        store.delete(&AGENDA, &(due, key.clone()));
    }
    Ok(())
}

/// The job under a key.
///
/// # Errors
/// When the store cannot be read.
pub fn get(store: &Store, key: &JobKey) -> Result<Option<Job>, Error> {
    match store.get(&JOBS, key)? {
        Some(due) => store.get(&AGENDA, &(due, key.clone())),
        None => Ok(None),
    }
}

/// The jobs that are due at `now`, the longest due first, at most `limit`. They stay on the agenda.
///
/// # Errors
/// When the store cannot be read.
pub fn due(store: &Store, now: DateTime<Utc>, limit: usize) -> Result<Vec<Job>, Error> {
    let mut jobs = Vec::new();
    store.walk(AGENDA.tree, &[], Direction::Forward, &mut |key, value| {
        let (at, _) = AGENDA.key(key)?;
        if at > now || jobs.len() == limit {
            return Ok(ControlFlow::Break(()));
        }
        // Keys are cut to milliseconds: the job itself knows whether its time has come.
        let job = AGENDA.value(value)?;
        if job.due <= now {
            jobs.push(job);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(jobs)
}

/// When the next job is due.
///
/// # Errors
/// When the store cannot be read.
pub fn next(store: &Store) -> Result<Option<DateTime<Utc>>, Error> {
    let first = store.scan(&AGENDA, &(), 1)?;
    Ok(first.into_iter().next().map(|(_, job)| job.due))
}
