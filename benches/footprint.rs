//! How much memory the program has when nothing happens, and how much more with each tracker.
//!
//! `cargo bench --bench footprint`

mod rig;
mod stock;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use stock::Sources;

fn main() {
    let (trackers, rounds) = if rig::measures() {
        (10_000, 3)
    } else {
        (100, 1)
    };
    let folder = || tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on disk");
    let empty = folder();
    let Some(_) = resident(empty.path()) else {
        println!("this system does not tell how much memory a process has");
        return;
    };
    let measure = |folder: &Path| {
        let mut kib = rig::Rounds::default();
        for _ in 0..rounds {
            kib.push(resident(folder).expect("it was told before"));
        }
        kib
    };
    let idle = measure(empty.path());
    let mib = idle.median() / 1024.0;
    rig::tell(
        "resident memory at idle",
        &format!("{mib:.1} MiB"),
        "under 30 MiB",
        mib < 30.0,
    );
    let runtime = rig::runtime();
    for (sources, words) in [
        (Sources::Distinct, "sources of their own"),
        (Sources::One, "one source"),
    ] {
        let folder = folder();
        runtime.block_on(stock::fill(folder.path(), trackers, sources));
        let full = measure(folder.path());
        let each = (full.median() - idle.median()) / trackers as f64;
        rig::tell(
            &format!("a tracker, of {trackers} with {words}"),
            &format!("{each:.2} KiB ({} in all)", full.words("KiB")),
            "under 4 KiB",
            each < 4.0,
        );
    }
}

/// Starts the program on a store, talks to it, and reads how much memory it has, in KiB.
fn resident(folder: &Path) -> Option<f64> {
    let mut boson = Command::new(env!("CARGO_BIN_EXE_boson"))
        .args(["chat", "--as", "Ann", "--data"])
        .arg(folder)
        // Away from any `config.toml`.
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut ask = boson.stdin.take().expect("a pipe in");
    let mut said = BufReader::new(boson.stdout.take().expect("a pipe out"));
    let mut line = String::new();
    for command in ["@boson alive\n", "@boson whoami\n"] {
        ask.write_all(command.as_bytes()).expect("it listens");
        line.clear();
        said.read_line(&mut line).expect("it answers");
        assert!(!line.is_empty(), "no answer to {command}");
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", boson.id())).ok();
    drop(ask);
    assert!(boson.wait().expect("it ends").success());
    let status = status?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
