//! What a supervisor hears over a real socket, and what systemd says of the unit.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::judged;
use crate::life::{Life, PATIENCE, Place};

/// A supervisor at its socket.
struct Supervisor(UnixDatagram);

impl Supervisor {
    fn new(place: &Place) -> Supervisor {
        let socket = UnixDatagram::bind(place.path("notify")).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Supervisor(socket)
    }

    /// Starts a Boson that is to give a sign of life so often.
    fn start(place: &Place, life: Option<Duration>) -> Life {
        let mut command = place.command(&["chat", "--as", "ann"]);
        command.env("NOTIFY_SOCKET", place.path("notify"));
        command
            .env_remove("WATCHDOG_USEC")
            .env_remove("WATCHDOG_PID");
        if let Some(life) = life {
            command.env("WATCHDOG_USEC", life.as_micros().to_string());
        }
        Life::start(&mut command)
    }

    /// What it is told next.
    fn hears(&self) -> String {
        let mut bytes = [0; 4096];
        let length = self.0.recv(&mut bytes).expect("it is told something");
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    }

    fn hears_until(&self, word: &str) -> Vec<String> {
        let until = Instant::now() + PATIENCE;
        let mut heard = Vec::new();
        while !heard
            .last()
            .is_some_and(|last: &String| last.contains(word))
        {
            assert!(Instant::now() < until, "no {word} in {heard:?}");
            heard.push(self.hears());
        }
        heard
    }
}

#[test]
fn it_is_told_of_the_beginning_and_the_end() {
    let place = Place::new();
    let supervisor = Supervisor::new(&place);
    let mut life = Supervisor::start(&place, None);
    assert_eq!(
        supervisor.hears(),
        "READY=1\nSTATUS=in 1 room, 0 trackers\n"
    );
    life.say("echo here");
    life.hear_until(|line| line == "here");
    life.signal(libc::SIGTERM);
    assert_eq!(supervisor.hears(), "STOPPING=1\nSTATUS=it stops\n");
    let (_, status, log) = life.end(PATIENCE);
    assert!(status.success(), "{log}");
}

#[test]
fn it_hears_a_sign_of_life_twice_as_often_as_it_wants_one() {
    let place = Place::new();
    let supervisor = Supervisor::new(&place);
    let mut life = Supervisor::start(&place, Some(Duration::from_millis(400)));
    let begun = Instant::now();
    supervisor.hears_until("READY=1");
    for _ in 0..5 {
        supervisor.hears_until("WATCHDOG=1");
    }
    assert!(
        begun.elapsed() >= Duration::from_millis(900),
        "that is too often"
    );
    life.say("track feed http://127.0.0.1:1/feed named one");
    let told = supervisor.hears_until("STATUS=");
    assert_eq!(told.last().unwrap(), "STATUS=in 1 room, 1 tracker\n");
    life.signal(libc::SIGTERM);
    supervisor.hears_until("STOPPING=1");
}

#[test]
fn a_reboot_is_no_end() {
    let place = Place::new();
    let supervisor = Supervisor::new(&place);
    let mut life = Supervisor::start(&place, None);
    supervisor.hears_until("READY=1");
    life.say("reboot");
    let told = supervisor.hears_until("READY=1").join("");
    assert!(
        told.starts_with("RELOADING=1\nSTATUS=it reboots\nMONOTONIC_USEC="),
        "{told}"
    );
    assert!(!told.contains("STOPPING=1"), "{told}");
    life.signal(libc::SIGTERM);
    supervisor.hears_until("STOPPING=1");
}

#[test]
fn a_start_that_is_refused_is_never_ready() {
    let place = Place::new();
    let first = place.chat();
    let supervisor = Supervisor::new(&place);
    // It may be quicker than the first one.
    first.hear(Duration::from_millis(1));
    let mut other = place.chat();
    other.close_input();
    drop(other);
    std::fs::write(place.path("config.toml"), "[watch]\nlisten = 5\n").unwrap();
    let refused = Supervisor::start(&place, None);
    let (_, status, log) = refused.end(PATIENCE);
    assert_eq!(status.code(), Some(2), "{log}");
    supervisor.0.set_nonblocking(true).unwrap();
    assert!(supervisor.0.recv(&mut [0; 16]).is_err());
    first.signal(libc::SIGKILL);
}

#[test]
fn systemd_takes_the_unit_and_finds_it_well_shut() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/boson.service");
    let text = std::fs::read_to_string(&unit).unwrap();
    let place = Place::new();
    // The program lies elsewhere here.
    let here = place.path("boson.service");
    let program = env!("CARGO_BIN_EXE_boson");
    std::fs::write(&here, text.replace("/usr/local/bin/boson", program)).unwrap();
    let mut command = Command::new("systemd-analyze");
    let Some(judgement) = judged(command.args(["verify", "--man=no"]).arg(&here)) else {
        return;
    };
    let words = [judgement.stdout, judgement.stderr].concat();
    let words = String::from_utf8_lossy(&words);
    // What other units of the machine lack is not ours.
    let ours: Vec<&str> = words
        .lines()
        .filter(|line| line.contains("boson"))
        .collect();
    assert!(ours.is_empty(), "{ours:#?}");
    let mut command = Command::new("systemd-analyze");
    let command = command.args(["security", "--offline=true", "--threshold=15"]);
    let judgement = judged(command.arg(&here)).unwrap();
    let words = String::from_utf8_lossy(&judgement.stdout).into_owned();
    let words = words + &String::from_utf8_lossy(&judgement.stderr);
    assert!(judgement.status.success(), "{words}");
}

#[test]
fn the_unit_runs_a_command_that_there_is_and_knows_how_it_ends() {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/boson.service");
    let text = std::fs::read_to_string(&unit).unwrap();
    let setting = |name: &str| {
        let mut lines = text.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
    };
    let command = setting("ExecStart").unwrap();
    let words = command.split(' ').skip(1);
    let words: Vec<&str> = words.filter(|word| *word != "$BOSON_ARGS").collect();
    let place = Place::new();
    let mut boson = crate::life::boson();
    let words = words.into_iter().map(|word| match word {
        "/etc/boson/config.toml" => place.path("config.toml"),
        "/var/lib/boson" => place.data(),
        other => other.into(),
    });
    // It ends with its input, since nobody sits there.
    let (_, code, log) = crate::life::run(boson.args(words), b"");
    assert_eq!(code, 0, "{log}");
    assert_eq!(setting("RestartPreventExitStatus"), Some("0 2 3 4"));
    assert_eq!(setting("RestartForceExitStatus"), Some("75"));
    assert_eq!(setting("Type"), Some("notify"));
}
