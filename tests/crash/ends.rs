//! Ends in order, refused starts, and kills while nothing but the start is under way.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::growing::{Dice, Growing};
use crate::heard::{Ears, Heard};
use crate::life::{Life, PATIENCE, Place, run};

/// How long a process may take to end after a signal.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// A host that hears every question and answers none; tells of each.
fn silence() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/feed", listener.local_addr().unwrap());
    let (sender, heard) = channel();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            reader.read_line(&mut line).ok();
            held.push(reader);
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    (url, heard)
}

fn ends_in_order(life: Life, signal: i32) -> Vec<String> {
    let sent = Instant::now();
    life.signal(signal);
    let (lines, status, log) = life.end(PATIENCE);
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(sent.elapsed() < LAST_WORDS, "{:?}", sent.elapsed());
    assert!(!log.contains("ERROR"), "{log}");
    lines
}

#[test]
fn signals_end_it_in_order_while_a_host_is_silent_and_others_are_read() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let place = Place::new();
        let web = Growing::start(1, 7);
        let (url, asked) = silence();
        let mut life = place.chat();
        life.say(&format!(
            "track feed {} named quick every 1 second",
            web.url(0)
        ));
        life.say(&format!("track feed {url} named slow every 1 second"));
        asked.recv_timeout(PATIENCE).expect("it looks");
        life.hear_until(|line| line.starts_with("`quick` reads"));
        let lines = ends_in_order(life, signal);
        assert!(!lines.iter().any(|line| line.contains("slow")), "{lines:?}");
        // What it knew it still knows, and it asks again.
        let mut life = place.chat();
        life.say("list");
        let heard = life.hear_until(|line| line.contains("`slow`"));
        assert!(heard.iter().any(|line| line.contains("`quick`")));
        asked.recv_timeout(PATIENCE).expect("it looks again");
        ends_in_order(life, signal);
    }
}

#[test]
fn what_was_answered_before_a_signal_is_kept_and_what_was_not_is_not_half_done() {
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let place = Place::new();
        let (url, _asked) = silence();
        let mut life = place.chat();
        let lines: String = (0..300)
            .map(|n| format!("track feed {url} named t{n}\n"))
            .collect();
        life.write(lines.as_bytes());
        life.hear_until(|line| line.contains("`t5`"));
        let rest = ends_in_order(life, signal);
        let answered: Vec<usize> = rest.iter().filter_map(|line| started(line)).collect();
        let last = answered.last().copied().unwrap_or(5);
        let mut life = place.chat();
        life.say(&format!("export t{last}"));
        life.hear_until(|line| line.starts_with("url = "));
        life.say("status");
        ends_in_order(life, signal);
    }
}

/// The number of the tracker that this answer says was started.
fn started(line: &str) -> Option<usize> {
    line.strip_prefix("Tracking ")?
        .split_once("`t")?
        .1
        .split_once('`')?
        .0
        .parse()
        .ok()
}

#[test]
fn a_signal_while_it_starts_ends_it_too() {
    let place = Place::new();
    let mut dice = Dice::new(3);
    for _ in 0..8 {
        let life = place.chat();
        let wait = Duration::from_millis(dice.below(60));
        assert_eq!(life.hear(wait), None);
        life.signal(libc::SIGTERM);
        let (lines, status, log) = life.end(PATIENCE);
        assert_eq!(lines, [""; 0]);
        // Before it listens for signals they end it at once.
        assert!(
            status.code() == Some(0) || status.code().is_none(),
            "{status:?}\n{log}"
        );
    }
    still_works(&place);
}

/// Starts, tracks, stops, ends.
fn still_works(place: &Place) {
    let (url, _asked) = silence();
    let mut life = place.chat();
    life.say(&format!("track feed {url} named whole"));
    life.hear_until(|line| line.starts_with("Tracking "));
    life.say("stop whole");
    life.hear_until(|line| line.starts_with("Stopped "));
    let lines = ends_in_order(life, libc::SIGTERM);
    assert!(lines.iter().all(|line| line.starts_with("hint: ")));
}

#[test]
fn a_kill_in_the_first_moments_of_an_empty_folder_leaves_one_that_works() {
    let mut dice = Dice::new(4);
    for n in 0..12 {
        let place = Place::new();
        for _ in 0..=n % 3 {
            let life = place.chat();
            assert_eq!(life.hear(Duration::from_micros(dice.below(50_000))), None);
            life.kill();
        }
        still_works(&place);
    }
}

#[test]
fn a_kill_while_it_starts_loses_nothing() {
    let place = Place::new();
    let (url, _asked) = silence();
    let mut life = place.chat();
    for n in 0..30 {
        life.say(&format!("track feed {url}/{n} named t{n}"));
    }
    life.hear_until(|line| line.contains("`t29`"));
    life.kill();
    let mut dice = Dice::new(5);
    for _ in 0..20 {
        let life = place.chat();
        assert_eq!(life.hear(Duration::from_micros(dice.below(50_000))), None);
        life.kill();
    }
    let mut life = place.chat();
    life.say("list --page 2");
    life.hear_until(|line| line.starts_with("30 trackers"));
    ends_in_order(life, libc::SIGTERM);
}

#[test]
fn a_second_process_on_the_same_folder_is_refused() {
    let place = Place::new();
    let mut first = place.chat();
    first.say("echo here");
    first.hear_until(|line| line == "here");
    for args in [&["chat", "--as", "bob"][..], &["backup", "/dev/null"]] {
        let (lines, code, log) = run(&mut place.command(args), b"echo me too\n");
        assert_eq!((lines.len(), code), (0, 4), "{log}");
        let data = place.data();
        let sentence = format!("another boson is at work in {}", data.display());
        assert!(
            log.contains(&sentence) && log.contains("--data"),
            "it says {log}"
        );
    }
    first.say("echo still here");
    first.hear_until(|line| line == "still here");
    ends_in_order(first, libc::SIGTERM);
}

#[test]
fn a_damaged_store_is_refused_and_a_backup_brings_it_back() {
    let place = Place::new();
    // Nobody listens there.
    let url = "http://127.0.0.1:1/feed";
    let mut life = place.chat();
    for name in ["one", "two"] {
        life.say(&format!(
            "track feed {url} named {name} every day at 9:00 --contains {name}"
        ));
    }
    life.hear_until(|line| line.contains("`two`"));
    life.say("echo done");
    life.hear_until(|line| line == "done");
    ends_in_order(life, libc::SIGTERM);
    let file = place.path("kept.backup");
    let kept = file.to_str().unwrap();
    let (lines, code, log) = run(&mut place.command(&["backup", kept]), b"");
    assert_eq!(code, 0, "{log}");
    assert!(lines[0].starts_with("Wrote "), "{lines:?}");

    let database = place.data().join("sled/db");
    let mut bytes = std::fs::read(&database).unwrap();
    for byte in &mut bytes {
        *byte ^= 0x5a;
    }
    std::fs::write(&database, bytes).unwrap();
    refused(&place);
    std::fs::remove_file(&database).unwrap();
    refused(&place);

    let (lines, code, log) = run(&mut place.command(&["restore", kept]), b"");
    assert_eq!(code, 0, "{log}");
    assert!(lines[0].starts_with("Restored "), "{lines:?}");
    let (lines, code, log) = run(
        &mut place.command(&["chat", "--as", "ann"]),
        b"list\nexport two\n",
    );
    assert_eq!(code, 0, "{log}");
    assert!(lines.contains(&"2 trackers:".to_string()), "{lines:?}");
    assert!(
        lines.contains(&"contains = \"two\"".to_string()),
        "{lines:?}"
    );
    // Never over a store that works.
    let (_, code, log) = run(&mut place.command(&["restore", kept]), b"");
    assert_eq!(code, 3, "{log}");
    assert!(log.contains("holds a store already"), "{log}");
}

fn refused(place: &Place) {
    let (lines, code, log) = run(
        &mut place.command(&["chat", "--as", "ann"]),
        b"echo hello\n",
    );
    assert_eq!((lines.len(), code), (0, 3), "{log}");
    assert!(log.contains("boson restore"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn what_nobody_could_read_is_said_by_the_next_process() {
    let place = Place::new();
    let web = Growing::start(1, 11);
    web.freeze();
    let mut child = place
        .command(&["chat", "--as", "ann"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "track feed {} named n0 every 1 second", web.url(0)).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("nothing is there yet")));
    drop(lines);
    web.thaw();
    let until = Instant::now() + PATIENCE;
    let taken_in = || {
        let feed = web.feed(0);
        let proven = feed.answers.iter().filter(|answer| answer.proven.is_some());
        proven.map(|answer| answer.until).max().unwrap_or(0)
    };
    while taken_in() < 4 {
        assert!(Instant::now() < until, "it stopped to look");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    web.freeze();
    child.kill().unwrap();
    child.wait().unwrap();

    let life = place.chat();
    let mut ears = Ears::default();
    let mut said = Vec::new();
    while said.last().is_none_or(|last| *last + 1 < taken_in()) {
        let line = life.hear(PATIENCE);
        let line = line.unwrap_or_else(|| panic!("only {said:?} of {}", taken_in()));
        if let Some(Heard::Said(message)) = ears.take(line) {
            said.extend(message.entries().into_iter().map(|(_, entry)| entry));
        }
    }
    assert_eq!(said, (0..said.len()).collect::<Vec<_>>());
    ends_in_order(life, libc::SIGTERM);
}
