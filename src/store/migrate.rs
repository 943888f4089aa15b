//! Bringing a store of an older version up to date, after a copy of it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::ledger::NEXT_ID;
use super::open::database;
use super::{Error, FORMAT, Store, tables};

/// A step from one version to the next.
pub type Migration = fn(&mut Store) -> Result<(), Error>;

/// The step from each version to the one after it, from version 0 on. All of them are one commit.
pub const MIGRATIONS: &[Migration] = &[number_from_the_highest];

const _: () = assert!(MIGRATIONS.len() as u64 == FORMAT);

/// Takes the steps from `version` to today's.
pub(super) fn run(store: &mut Store, version: u64) -> Result<(), Error> {
    let done = usize::try_from(version).expect("versions are few");
    for step in &MIGRATIONS[done..] {
        step(store)?;
    }
    store.stamp();
    Ok(())
}

/// Version 0 had no version, no ledger (opening counts what is there) and no row that says which number comes next:
/// go on after the highest one in use.
fn number_from_the_highest(store: &mut Store) -> Result<(), Error> {
    let mut highest = 0;
    for (id, _) in store.scan_back(&tables::TRACKERS, &(), 1)? {
        highest = highest.max(id.0);
    }
    for (id, _) in store.scan_back(&tables::SOURCES, &(), 1)? {
        highest = highest.max(id.0);
    }
    for (number, _) in store.scan_back(&tables::JOURNAL, &(), 1)? {
        highest = highest.max(number);
    }
    // These are numbered within a room, a person or a tracker: their highest can be anywhere.
    for ((_, number), _) in store.scan(&tables::OUTBOX, &(), usize::MAX)? {
        highest = highest.max(number);
    }
    for ((_, number), _) in store.scan(&tables::REPORTS, &(), usize::MAX)? {
        highest = highest.max(number);
    }
    for ((_, number), _) in store.scan(&tables::WAITING, &(), usize::MAX)? {
        highest = highest.max(number);
    }
    for ((_, _, number), _) in store.scan(&tables::UNDO, &(), usize::MAX)? {
        highest = highest.max(number);
    }
    store.put(&tables::META, &NEXT_ID.into(), &(highest + 1).into());
    Ok(())
}

/// Copies the database before it is changed, into a new folder under `backups`. Blocks.
pub(super) fn copy(dir: &Path) -> Result<PathBuf, Error> {
    let target = unused(&dir.join("backups"), &format!("before-v{FORMAT}"));
    let copied = copy_folder(&database(dir), &database(&target))
        .and_then(
            |()| match fs::copy(dir.join("manifest.json"), target.join("manifest.json")) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                Ok(_) | Err(_) => Ok(()),
            },
        )
        .and_then(|()| File::open(&target)?.sync_all());
    copied.map_err(|error| Error::file(&target, error))?;
    Ok(target)
}

/// A path in `folder` that does not exist: the name, or the name and a number.
pub(super) fn unused(folder: &Path, name: &str) -> PathBuf {
    let mut path = folder.join(name);
    let mut number = 1;
    while path.exists() {
        number += 1;
        path = folder.join(format!("{name}-{number}"));
    }
    path
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
            File::open(&target)?.sync_all()?;
        }
    }
    File::open(to)?.sync_all()
}
