//! A kill on a network of IRC while much waits to be said there: one last line, and nothing behind it.

use std::sync::Arc;
use std::time::Duration;

use boson::bot::Bot;
use boson::clock::Clock;
use boson::model::{RoomId, Stop};
use boson::room::irc::{Flood, Irc};
use boson::store::Store;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;

use super::irc;
use super::irc_server::{Server, Settings};
use super::setup;

const CHANNELS: usize = 3;
/// How often bob asks for a long page in each channel.
const PAGES: usize = 10;
/// Only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(90);

fn channel(n: usize) -> String {
    format!("#room{n}")
}

fn clock() -> Clock {
    Clock::stopped("2026-11-21T09:00:00Z".parse().unwrap())
}

async fn tick() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// A server that reads a little at a time.
async fn slow(stream: TcpStream) -> Option<DuplexStream> {
    let (mut reader, mut writer) = stream.into_split();
    let (far, near) = tokio::io::duplex(4096);
    let (mut from_server, mut to_server) = tokio::io::split(near);
    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut writer).await });
    tokio::spawn(async move {
        let mut some = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut some).await {
            tokio::time::sleep(Duration::from_millis(1)).await;
            if to_server.write_all(&some[..count]).await.is_err() {
                return;
            }
        }
        // Both halves hold the line: it must be told that nothing more comes.
        let _ = to_server.shutdown().await;
    });
    Some(far)
}

/// By a clock that stands still: no pause is over, and no silence of the server too long.
async fn nothing_follows_a_kill(server: Server, clock: Clock, flood: Flood) {
    for nick in ["ann", "bob"] {
        server.person(nick);
        (0..CHANNELS).for_each(|n| server.join(nick, &channel(n)));
    }
    let settings = boson::room::irc::Settings {
        flood,
        ..irc::settings(server.port)
    };
    let platform = Irc::open(settings, irc::door(&clock), clock.clone());
    let rooms = (0..CHANNELS)
        .map(|n| RoomId::new("irc", channel(n)))
        .collect();
    let setup = setup::usual(vec![Arc::new(platform)], rooms, Store::memory(), &clock);
    let running = tokio::spawn(Bot::new(setup).await.unwrap().run());
    let ended = async {
        while !(0..CHANNELS).all(|n| server.is_in("boson", &channel(n))) {
            tick().await;
        }
        for _ in 0..PAGES {
            for n in 0..CHANNELS {
                server.say("bob", &channel(n), "@boson man track");
            }
        }
        // Some of it has left, and not all.
        while (0..CHANNELS).all(|n| server.said(&channel(n), "boson").is_empty()) {
            tick().await;
        }
        // Who was in the channel first is its operator.
        server.say("ann", &channel(1), "@boson STOP!!");
        running.await.unwrap().unwrap()
    };
    let ended = tokio::time::timeout(PATIENCE, ended).await;
    assert_eq!(ended.expect("it ends"), Some(Stop::Kill));
    let gone = async {
        while server.is_there("boson") {
            tick().await;
        }
    };
    let gone = tokio::time::timeout(PATIENCE, gone).await;
    gone.expect("the server sees it go");
    let came = server.came();
    let last = came.iter().position(|line| line.contains("Killed by ann"));
    let last = last.unwrap_or_else(|| panic!("no last word: {came:#?}"));
    assert!(came[last].contains(&channel(1)), "{}", came[last]);
    let behind: Vec<&String> = came[last + 1..]
        .iter()
        .filter(|line| !line.starts_with("PING ") && !line.starts_with("QUIT "))
        .collect();
    assert!(behind.is_empty(), "{behind:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_follows_where_lines_leave_slowly() {
    let clock = clock();
    let server = Server::start(Settings::default(), clock.clone()).await;
    nothing_follows_a_kill(server, clock, Flood::default()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_follows_where_lines_leave_as_fast_as_they_come() {
    let clock = clock();
    let server = Server::start(Settings::default(), clock.clone()).await;
    let flood = Flood {
        off: true,
        ..Flood::default()
    };
    nothing_follows_a_kill(server, clock, flood).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_follows_where_the_server_reads_slowly() {
    let clock = clock();
    let server = Server::on(Settings::default(), clock.clone(), slow).await;
    let flood = Flood {
        off: true,
        ..Flood::default()
    };
    nothing_follows_a_kill(server, clock, flood).await;
}
