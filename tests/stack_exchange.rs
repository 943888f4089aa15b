//! The program itself against the stand-in for Stack Exchange: what it prints, and what it never does.

#[path = "stand_in/stack_exchange.rs"]
mod stand_in;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use boson::clock::Clock;
use stand_in::{Network, Site, StackExchange};

const KEY: &str = "a-key-that-nobody-sees";

/// What the program prints and logs, at this level of logging, when it is asked for coffee.
async fn prints(level: &str) -> (String, String) {
    let posts = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/posts/coffee/Posts.xml");
    let mut network = Network::new(vec![Site::posts("coffee", posts)]);
    network.limits.enforced = false;
    let clock = Clock::stopped("2015-03-20T00:00:00Z".parse().unwrap());
    let server = StackExchange::start(network, clock, 0).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "[http]\nallow_private = true\n[log]\nlevel = \"{level}\"\n[source.stackexchange]\nurl = \"{}\"\n\
         websocket = \"{}\"\nkey = {{ file = \"key\" }}\n",
        server.url, server.websocket
    );
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    std::fs::write(folder.path().join("key"), KEY).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_boson"))
        .args(["chat", "--as", "ann", "--config"])
        .arg(folder.path().join("config.toml"))
        .arg("--data")
        .arg(folder.path().join("data"))
        .env_remove("BOSON_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "track questions on coffee --backlog 3").unwrap();
    drop(input);
    let output = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    let output = output.await.unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn defect_22_answers_of_the_api_are_not_printed() {
    let (said, log) = prints("info").await;
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("New question"))
        .collect();
    assert_eq!(lines.len(), 3, "{said}\n{log}");
    for text in [&said, &log] {
        for of_the_api in ["\"items\"", "quota_remaining", "has_more", "<p>"] {
            assert!(!text.contains(of_the_api), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_in_no_log() {
    let (said, log) = prints("trace").await;
    assert!(log.contains("INFO"), "{log}");
    assert!(!said.contains(KEY) && !log.contains(KEY), "{log}");
}
