//! `/healthz`, `/readyz` and `/metrics`, asked as others ask them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Instant;

use crate::judged;
use crate::life::{Life, PATIENCE, Place, run};

/// A place whose Boson is watched at a port that the machine chooses.
fn watched() -> Place {
    let place = Place::new();
    let config = "[http]\nallow_private = true\n[trackers]\nleast_every = \"1 second\"\n\
                  [watch]\nlisten = \"127.0.0.1:0\"\n";
    std::fs::write(place.path("config.toml"), config).unwrap();
    place
}

/// Where it is watched, as its log says.
fn address(life: &Life) -> SocketAddr {
    let until = Instant::now() + PATIENCE;
    loop {
        let log = life.log();
        let said = log.lines().find_map(|line| {
            let (_, rest) = line.split_once("who watches is answered address=")?;
            rest.trim().parse().ok()
        });
        if let Some(address) = said {
            return address;
        }
        assert!(Instant::now() < until, "it does not say where: {log}");
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
}

/// What it answers: the status, the head in small letters, the body.
fn ask(address: SocketAddr, request: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!("{request} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    (status.expect("a status"), head.to_lowercase(), body.into())
}

fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let (status, _, body) = ask(address, &format!("GET {path}"));
    (status, body)
}

/// Asks until it answers so.
fn comes_to(address: SocketAddr, path: &str, status: u16) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let (now, body) = get(address, path);
        if now == status {
            return body;
        }
        assert!(Instant::now() < until, "{path} still answers {now}: {body}");
    }
}

/// One figure of `/metrics`.
fn figure(text: &str, name: &str) -> Option<f64> {
    let lines = text.lines();
    let mut figures = lines.filter_map(|line| line.rsplit_once(' '));
    figures.find_map(|(its, figure)| (its == name).then(|| figure.parse().unwrap()))
}

#[test]
fn it_says_that_it_lives_and_what_it_counts() {
    let place = watched();
    let mut life = place.chat();
    let address = address(&life);
    assert_eq!(get(address, "/healthz"), (200, "it lives\n".into()));
    assert_eq!(comes_to(address, "/readyz", 200), "in 1 room, 0 trackers\n");
    for line in [
        "echo one",
        "echo two",
        "xyzzy",
        "unmute",
        "track feed http://127.0.0.1:1/secret-feed named tongue",
    ] {
        life.say(line);
    }
    life.say("echo done");
    life.hear_until(|line| line == "done");
    let (status, head, text) = ask(address, "GET /metrics");
    assert_eq!(status, 200);
    assert!(
        head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"),
        "{head}"
    );
    for (name, expected) in [
        ("boson_messages_heard_total{platform=\"terminal\"}", 6.0),
        (
            "boson_commands_total{command=\"echo\",outcome=\"done\"}",
            3.0,
        ),
        (
            "boson_commands_total{command=\"unmute\",outcome=\"refused\"}",
            1.0,
        ),
        (
            "boson_commands_total{command=\"unknown\",outcome=\"refused\"}",
            1.0,
        ),
        (
            "boson_commands_total{command=\"undo\",outcome=\"done\"}",
            0.0,
        ),
        ("boson_trackers", 1.0),
        ("boson_sources", 1.0),
        ("boson_rooms", 1.0),
        ("boson_platform_up{platform=\"terminal\"}", 1.0),
        ("boson_holds{why=\"muted\"}", 0.0),
        ("boson_build_info{version=\"0.1.0\"}", 1.0),
    ] {
        assert_eq!(figure(&text, name), Some(expected), "{name} in\n{text}");
    }
    // Whole seconds, and a busy machine may be silent for one of them.
    let silent = figure(&text, "boson_loop_silent_seconds").unwrap();
    assert!((0.0..PATIENCE.as_secs_f64()).contains(&silent), "{silent}");
    // The answer to `done` may have been read before the loop heard that it was said.
    let answers = || {
        let (_, text) = get(address, "/metrics");
        figure(&text, "boson_answer_seconds_count").unwrap()
    };
    let until = Instant::now() + PATIENCE;
    while answers() < 6.0 {
        assert!(Instant::now() < until);
    }
    assert!(figure(&text, "boson_commit_seconds_count").unwrap() >= 1.0);
    for secret in ["home", "\"ann\"", "tongue", "secret-feed"] {
        assert!(!text.contains(secret), "{secret} in\n{text}");
    }
    assert_eq!(get(address, "/").0, 404);
    assert_eq!(ask(address, "POST /healthz").0, 405);
    let (status, head, body) = ask(address, "HEAD /metrics");
    assert_eq!((status, &*body), (200, ""));
    assert!(head.contains("content-length: "), "{head}");
    life.signal(libc::SIGTERM);
    let (_, status, log) = life.end(PATIENCE);
    assert!(status.success(), "{log}");
}

#[test]
fn what_trackers_do_is_counted() {
    let web = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/feed", web.local_addr().unwrap());
    std::thread::spawn(move || {
        for (n, stream) in web.incoming().map_while(Result::ok).enumerate() {
            let mut stream = stream;
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let entries: String = (0..n.min(4))
                .map(|n| format!("<item><guid>{n}</guid><title>Entry {n}</title></item>"))
                .collect();
            let body =
                format!("<rss version=\"2.0\"><channel><title>F</title>{entries}</channel></rss>");
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    let place = watched();
    let mut life = place.chat();
    let address = address(&life);
    life.say(&format!("track feed {url} named all every 1 second"));
    life.say(&format!(
        "track feed {url} named odd every 1 second where 1 or 3"
    ));
    life.hear_until(|line| line.contains("[all] Entry 3"));
    let until = Instant::now() + PATIENCE;
    loop {
        let (_, text) = get(address, "/metrics");
        let counts = [
            "boson_items_seen_total",
            "boson_items_kept_total",
            "boson_reports_said_total",
            "boson_outbox_messages",
        ]
        .map(|name| figure(&text, name).unwrap());
        // Two greetings and six reports.
        if counts == [4.0, 6.0, 8.0, 0.0] {
            assert_eq!(figure(&text, "boson_reports_queued_total"), Some(8.0));
            let looks = figure(&text, "boson_look_seconds_count{outcome=\"done\"}");
            assert!(looks.unwrap() >= 4.0, "{text}");
            break;
        }
        assert!(Instant::now() < until, "{counts:?}\n{text}");
    }
}

#[test]
fn prometheus_finds_nothing_to_complain_about() {
    let place = watched();
    let mut life = place.chat();
    let address = address(&life);
    life.say("echo hello");
    life.hear_until(|line| line == "hello");
    let (_, text) = get(address, "/metrics");
    let file = place.path("metrics.txt");
    std::fs::write(&file, text).unwrap();
    if judged(Command::new("promtool").arg("--version")).is_none() {
        return;
    }
    let script = format!("promtool check metrics < '{}' 2>&1", file.display());
    let judgement = judged(Command::new("sh").args(["-c", &script])).unwrap();
    let words = String::from_utf8_lossy(&judgement.stdout);
    assert!(judgement.status.success() && words.is_empty(), "{words}");
}

#[test]
fn nobody_listens_unless_the_config_says_where() {
    let place = Place::new();
    let mut life = place.chat();
    life.say("echo here");
    life.hear_until(|line| line == "here");
    assert!(!life.log().contains("who watches"), "{}", life.log());
}

#[test]
fn an_address_that_others_reach_needs_a_second_word() {
    let place = Place::new();
    let config = "[watch]\nlisten = \"0.0.0.0:0\"\n";
    std::fs::write(place.path("config.toml"), config).unwrap();
    let (_, code, log) = run(&mut place.command(&["chat"]), b"");
    assert_eq!(code, 2, "{log}");
    assert!(
        log.contains("config.toml:2:10: `listen` in [watch] lets other machines see 0.0.0.0:0"),
        "{log}"
    );
    std::fs::write(
        place.path("config.toml"),
        format!("{config}public = true\n"),
    )
    .unwrap();
    let (_, code, log) = run(&mut place.command(&["chat"]), b"");
    assert_eq!(code, 0, "{log}");
}

#[test]
fn an_address_that_another_program_has_is_said_at_the_start() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = other.local_addr().unwrap();
    let place = Place::new();
    let config = format!("[watch]\nlisten = \"{taken}\"\n");
    std::fs::write(place.path("config.toml"), config).unwrap();
    let (lines, code, log) = run(&mut place.command(&["chat"]), b"echo hello\n");
    assert_eq!((lines.len(), code), (0, 1), "{log}");
    let why =
        format!("who watches cannot be answered at {taken}: another program has this address");
    assert!(
        log.contains(&why) && log.contains("`listen` in [watch]"),
        "{log}"
    );
}

#[test]
fn it_is_watched_at_the_same_address_after_a_reboot() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let place = Place::new();
    let config = format!("[watch]\nlisten = \"{address}\"\n");
    std::fs::write(place.path("config.toml"), config).unwrap();
    let mut life = place.chat();
    life.say("reboot");
    life.hear_until(|line| line.starts_with("I am back"));
    life.say("echo back");
    life.hear_until(|line| line == "back");
    comes_to(address, "/readyz", 200);
    life.signal(libc::SIGTERM);
    let (_, status, log) = life.end(PATIENCE);
    assert!(status.success(), "{log}");
    assert_eq!(log.matches("who watches is answered").count(), 2, "{log}");
}
