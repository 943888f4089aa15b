//! Room on the disk, taken before it is needed: a database that finds its disk full in the midst of a write does not open
//! again.

use std::fs::File;
use std::io;
use std::path::Path;

/// Beside what a commit brings, so much is taken for what the database writes by itself, in bytes.
const MARGIN: u64 = 8 << 20;
/// One row in ten makes the database write the page anew in which it stands: so much for each, in bytes.
const PAGE: u64 = 1 << 10;
/// A value is written so often, at the most.
const TIMES: u64 = 3;
/// Values from this size on get files of their own.
const LARGE: usize = 64 << 10;
/// After so many commits it is looked whether what was taken is still there: the database gives back the end of its file.
const OFTEN: u64 = 64;

/// What the database's file has of the disk.
pub(super) struct Space {
    file: File,
    /// Up to here its blocks are taken.
    taken: u64,
    /// How long it was last.
    length: u64,
    commits: u64,
}

impl Space {
    /// Of a database that is open.
    pub fn of(file: File) -> Space {
        Space {
            file,
            taken: 0,
            length: 0,
            commits: 0,
        }
    }

    /// Before a database is opened, which writes by itself then: it has room for that.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn before_opening(database: &Path) -> io::Result<()> {
        match File::options().write(true).open(database) {
            Ok(file) => {
                let end = file.metadata()?.len() + MARGIN;
                take(&file, end)?;
                has(&file, MARGIN / 4)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match database.ancestors().find(|path| path.exists()) {
                    Some(folder) => has(&File::open(folder)?, 2 * MARGIN),
                    None => Ok(()),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Takes what values of these sizes need.
    ///
    /// # Errors
    /// When the disk is full; then nothing may be written.
    pub fn make(&mut self, values: impl Iterator<Item = usize>) -> io::Result<()> {
        let (mut bytes, mut large) = (0, 0);
        for value in values {
            bytes += TIMES * value as u64 + PAGE;
            if value >= LARGE {
                large += TIMES * value as u64;
            }
        }
        let length = self.file.metadata()?.len();
        let shrunken = length < self.length;
        self.length = length;
        self.commits += 1;
        let end = length + bytes;
        if end > self.taken || shrunken || self.commits.is_multiple_of(OFTEN) {
            take(&self.file, end + MARGIN)?;
            self.taken = end + MARGIN;
        }
        match large {
            0 => Ok(()),
            large => has(&self.file, large),
        }
    }
}

/// Takes all blocks of a file up to this end, which does not become longer by that.
#[cfg(target_os = "linux")]
fn take(file: &File, end: u64) -> io::Result<()> {
    use nix::errno::Errno;
    use nix::fcntl::{FallocateFlags, fallocate};
    let length = i64::try_from(end).map_err(|_| io::ErrorKind::FileTooLarge)?;
    match fallocate(file, FallocateFlags::FALLOC_FL_KEEP_SIZE, 0, length) {
        Ok(()) => Ok(()),
        // Not every file system can; then it is only looked how much is there.
        Err(Errno::EOPNOTSUPP | Errno::ENOSYS | Errno::EINVAL) => look(file, end),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn take(file: &File, end: u64) -> io::Result<()> {
    look(file, end)
}

fn look(file: &File, end: u64) -> io::Result<()> {
    has(file, end.saturating_sub(file.metadata()?.len()))
}

/// The disk on which this lies has so much room.
#[cfg(unix)]
fn has(file: &File, bytes: u64) -> io::Result<()> {
    let disk = nix::sys::statvfs::fstatvfs(file)?;
    let free = u128::from(disk.blocks_available()) * u128::from(disk.fragment_size());
    match free >= u128::from(bytes) {
        true => Ok(()),
        false => Err(io::ErrorKind::StorageFull.into()),
    }
}

#[cfg(not(unix))]
fn has(_: &File, _: u64) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_makes_no_file_longer() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("db");
        Space::before_opening(&path).unwrap();
        std::fs::write(&path, "x").unwrap();
        Space::before_opening(&path).unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let mut space = Space::of(file);
        space.make([10, 1 << 20].into_iter()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 1);
        assert_eq!(
            space.taken,
            1 + TIMES * (10 + (1 << 20)) + 2 * PAGE + MARGIN
        );
    }

    #[test]
    fn more_than_a_disk_has_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = File::create(dir.path().join("db")).unwrap();
        let refused = Space::of(file).make([usize::MAX >> 4].into_iter());
        let kind = refused.unwrap_err().kind();
        let kinds = [io::ErrorKind::StorageFull, io::ErrorKind::FileTooLarge];
        assert!(kinds.contains(&kind), "{kind:?}");
    }
}
