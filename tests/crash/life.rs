//! One life of the real program: started, talked to, listened to, ended.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longer than anything takes on the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A data folder and a config, which outlive processes.
pub struct Place {
    dir: tempfile::TempDir,
    within: Vec<String>,
}

impl Place {
    /// With a config that lets trackers look at this machine every second.
    pub fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let config = "[http]\nallow_private = true\n[trackers]\nleast_every = \"1 second\"\n[trackers.breaker]\nburst = 0\nroom_burst = 0\n";
        std::fs::write(dir.path().join("config.toml"), config).unwrap();
        Place {
            dir,
            within: Vec::new(),
        }
    }

    /// The same; the program is started by these words, which its own follow.
    pub fn within(mut self, words: Vec<String>) -> Place {
        self.within = words;
        self
    }

    /// A file or folder in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// `boson` with this place's config and data.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = match self.within.split_first() {
            None => boson(),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(env!("CARGO_BIN_EXE_boson"));
                command.current_dir(Path::new("/"));
                command
            }
        };
        command
            .args(args)
            .arg("--config")
            .arg(self.path("config.toml"))
            .arg("--data")
            .arg(self.data());
        command
    }

    pub fn chat(&self) -> Life {
        Life::start(&mut self.command(&["chat", "--as", "ann"]))
    }
}

/// The program, in a folder in which it finds nothing.
pub fn boson() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_boson"));
    command
        .current_dir(Path::new("/"))
        .env_remove("BOSON_CONFIG");
    command
}

/// What a process does next.
pub enum Turn {
    Said(String),
    Silent,
    /// It has ended, or closed its output.
    Over,
}

/// A process.
pub struct Life {
    pid: i32,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    ended: Receiver<ExitStatus>,
    errors: Arc<Mutex<Vec<u8>>>,
}

impl Life {
    pub fn start(command: &mut Command) -> Life {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        let reads = std::thread::spawn(move || {
            let mut line = Vec::new();
            while output.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                // What a kill cut off was not said.
                if line.pop() != Some(b'\n') {
                    return;
                }
                let text = String::from_utf8(std::mem::take(&mut line)).expect("UTF-8");
                if sender.send(text).is_err() {
                    return;
                }
            }
        });
        let errors = Arc::new(Mutex::new(Vec::new()));
        let mut log = child.stderr.take().unwrap();
        let collects = std::thread::spawn({
            let errors = errors.clone();
            move || {
                let mut bytes = [0; 4096];
                while let Ok(n @ 1..) = log.read(&mut bytes) {
                    errors.lock().unwrap().extend_from_slice(&bytes[..n]);
                }
            }
        });
        let input = child.stdin.take();
        let (sender, ended) = channel();
        std::thread::spawn(move || {
            let status = child.wait().unwrap();
            // Everything it wrote has been read before it counts as ended.
            reads.join().unwrap();
            collects.join().unwrap();
            sender.send(status).ok();
        });
        Life {
            pid,
            input,
            lines,
            ended,
            errors,
        }
    }

    /// Types a line.
    pub fn say(&mut self, line: &str) {
        self.write(format!("{line}\n").as_bytes());
    }

    /// Types this, if it still listens.
    pub fn try_write(&mut self, bytes: &[u8]) -> bool {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all(bytes).is_ok()
    }

    pub fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the input is open");
        if let Err(error) = input.write_all(bytes) {
            panic!("it cannot be talked to: {error}\n{}", self.log());
        }
    }

    /// What it says next, if that comes in time.
    pub fn hear(&self, within: Duration) -> Option<String> {
        match self.lines.recv_timeout(within) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => panic!("it has ended\n{}", self.log()),
        }
    }

    /// What it does next, within this time.
    pub fn turn(&self, within: Duration) -> Turn {
        match self.lines.recv_timeout(within) {
            Ok(line) => Turn::Said(line),
            Err(RecvTimeoutError::Timeout) => Turn::Silent,
            Err(RecvTimeoutError::Disconnected) => Turn::Over,
        }
    }

    /// Waits for a line like this, and gives all lines up to it.
    pub fn hear_until(&self, mut like: impl FnMut(&str) -> bool) -> Vec<String> {
        let until = Instant::now() + PATIENCE;
        let mut lines = Vec::new();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.hear(left) {
                Some(line) => lines.push(line),
                None => panic!("not said in time; only {lines:#?}\n{}", self.log()),
            }
            if like(lines.last().unwrap()) {
                return lines;
            }
        }
    }

    /// What stands in its log so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&self.errors.lock().unwrap()).into_owned()
    }

    pub fn signal(&self, signal: i32) {
        // SAFETY: sends a signal to a process that this test started and that was not waited for yet, or has just
        // been: then nobody else can have its number so soon.
        unsafe { libc::kill(self.pid, signal) };
    }

    /// How much memory it takes at present, in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        kib.expect("a process that lives takes memory")
    }

    /// Kills it, and gives what it had said that nobody heard yet.
    pub fn kill(self) -> Vec<String> {
        self.signal(libc::SIGKILL);
        self.end(PATIENCE).0
    }

    pub fn close_input(&mut self) {
        self.input = None;
    }

    /// Waits for its end: what it said until then, how it ended, its log.
    pub fn end(self, within: Duration) -> (Vec<String>, ExitStatus, String) {
        let Ok(status) = self.ended.recv_timeout(within) else {
            let log = self.log();
            self.signal(libc::SIGKILL);
            panic!("it did not end within {within:?}\n{log}");
        };
        (self.lines.try_iter().collect(), status, self.log())
    }
}

/// Runs the program to its end with this input.
pub fn run(command: &mut Command, input: &[u8]) -> (Vec<String>, i32, String) {
    let mut life = Life::start(command);
    if let Some(mut to) = life.input.take() {
        let input = input.to_vec();
        // Not to be waited for: both sides could wait for each other.
        std::thread::spawn(move || to.write_all(&input).ok());
    }
    let (lines, status, log) = life.end(2 * PATIENCE);
    (lines, status.code().unwrap_or(-1), log)
}
