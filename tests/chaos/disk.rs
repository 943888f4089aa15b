//! A disk of its own, which can be full: a file system in memory, in a room of the machine that only this test sees.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How large it is, in MiB.
const SIZE: u64 = 48;

/// It is there as long as this is.
pub struct Disk {
    holder: Child,
    at: PathBuf,
}

impl Disk {
    /// At this folder, for those who [`Disk::words`] lets in.
    ///
    /// # Panics
    /// In CI, where the machine allows no such thing.
    pub fn new(at: PathBuf) -> Option<Disk> {
        std::fs::create_dir_all(&at).unwrap();
        let mount = format!(
            "mount -t tmpfs -o size={SIZE}m,mode=700 tmpfs '{}' && echo there && exec cat",
            at.display()
        );
        let mut holder = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", &mount])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("util-linux is there");
        let mut said = String::new();
        let out = holder.stdout.take().expect("it is piped");
        BufReader::new(out).read_line(&mut said).unwrap();
        if said.trim() != "there" {
            holder.wait().ok();
            #[allow(clippy::disallowed_methods)]
            let strict = std::env::var("CI").is_ok();
            assert!(
                !strict,
                "this machine gives nobody a file system of their own"
            );
            println!("this machine gives nobody a file system of their own: no disk is full");
            return None;
        }
        Some(Disk { holder, at })
    }

    /// The words before a program that sees it.
    pub fn words(&self) -> Vec<String> {
        let holder = self.holder.id().to_string();
        let words = [
            "nsenter",
            "--preserve-credentials",
            "--user",
            "--mount",
            "--target",
            &holder,
        ];
        words.map(String::from).to_vec()
    }

    fn ballast(&self) -> String {
        self.at.join("ballast").display().to_string()
    }

    fn run(&self, script: &str) {
        let words = self.words();
        let mut command = Command::new(&words[0]);
        let done = command
            .args(&words[1..])
            .args(["sh", "-c", script])
            .output()
            .unwrap();
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
    }

    /// Leaves so many bytes of room.
    pub fn fill(&self, left: u64) {
        let (at, ballast) = (self.at.display(), self.ballast());
        // What `head` cannot write any more is what others have taken meanwhile.
        self.run(&format!(
            "free=$(( $(stat -f -c '%a * %S' '{at}') - {left} )); \
             [ $free -gt 0 ] && head -c $free /dev/zero > '{ballast}' 2>/dev/null; true"
        ));
    }

    pub fn empty(&self) {
        self.run(&format!("rm -f '{}'", self.ballast()));
    }

    pub fn at(&self) -> &Path {
        &self.at
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Its input ends, and so does it; the file system goes with the last who sees it.
        drop(self.holder.stdin.take());
        self.holder.wait().ok();
    }
}

#[test]
fn a_disk_can_be_full_and_empty_again() {
    let dir = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::new(dir.path().join("data")) else {
        return;
    };
    let write = |bytes: u64| {
        let words = disk.words();
        let path = disk.at().join("file");
        let script = format!(
            "head -c {bytes} /dev/zero > '{}' 2>/dev/null",
            path.display()
        );
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .args(["sh", "-c", &script])
            .status()
            .unwrap()
            .success()
    };
    assert!(write(1 << 20));
    disk.fill(0);
    assert!(!write(8 << 20));
    disk.empty();
    assert!(write(8 << 20));
    // Others do not see it.
    assert!(!disk.at().join("file").exists());
}
