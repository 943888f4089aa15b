//! Many messages that are said together, over connections that break between what is written and within it: all are said,
//! in order, and once.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use boson::model::Text;
use boson::room::irc::Flood;
use boson::room::{Platform, Saying};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;

use super::scene::{Scene, clock, room, texts};
use super::stand_in::{Server, Settings};

/// How many messages, of two lines each.
const MESSAGES: usize = 30;

/// After how many bytes of what is said each of the next connections breaks.
type Breaks = Arc<Mutex<VecDeque<usize>>>;

/// A connection that breaks when so much was said over it, in both directions at once.
async fn brittle(stream: TcpStream, breaks: Breaks) -> Option<DuplexStream> {
    let (far, near) = tokio::io::duplex(1 << 20);
    let left = breaks.lock().unwrap().pop_front();
    let (mut from_bot, mut to_bot) = stream.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(near);
    tokio::spawn(async move {
        let back = async { tokio::io::copy(&mut from_server, &mut to_bot).await };
        let there = async {
            let (mut came, mut bytes) = (Vec::new(), vec![0; 4096]);
            while let Ok(count @ 1..) = from_bot.read(&mut bytes).await {
                let sent = came.len();
                came.extend_from_slice(&bytes[..count]);
                let begins = came.windows(8).position(|some| some == b"PRIVMSG ");
                let end = left.zip(begins).map(|(left, begins)| begins + left);
                let most = end.map_or(came.len(), |end| end.clamp(sent, came.len()));
                if to_server.write_all(&came[sent..most]).await.is_err() {
                    return;
                }
                if end.is_some_and(|end| end <= came.len()) {
                    // What is there is taken before the line is dead.
                    let _ = to_server.flush().await;
                    return;
                }
            }
        };
        tokio::select! {
            _ = back => {}
            () = there => {}
        }
    });
    Some(far)
}

/// What comes of it where connections break so.
async fn talk(breaks: &[usize]) {
    let all: Breaks = Arc::new(Mutex::new(breaks.iter().copied().collect()));
    let clock = clock();
    let left = all.clone();
    let server = Server::on(Settings::default(), clock.clone(), move |stream| {
        brittle(stream, left.clone())
    });
    let mut scene = Scene::at(server.await, clock);
    scene.settings.flood = Flood {
        off: true,
        ..Flood::default()
    };
    let ears = scene.sits().await;
    let message = |n: usize| Text::line(format!("{n} first")).and(format!("{n} second"));
    let sayings = (0..MESSAGES).map(|n| Saying::new(room("#one"), message(n)));
    let sayings: Arc<[Saying]> = sayings.collect();
    let outcomes = tokio::time::timeout(super::scene::LONG, ears.platform.say_all(&sayings)).await;
    let outcomes = outcomes.unwrap_or_else(|_| panic!("{breaks:?}: {:#?}", scene.server.came()));
    assert_eq!(outcomes.len(), MESSAGES);
    for (n, outcome) in outcomes.iter().enumerate() {
        assert!(outcome.is_ok(), "{breaks:?}: {n} {outcome:?}");
    }
    let wanted: Vec<String> = (0..MESSAGES)
        .flat_map(|n| [format!("{n} first"), format!("{n} second")])
        .collect();
    assert_eq!(
        texts(scene.server.said("#one", "boson")),
        wanted,
        "{breaks:?}"
    );
    assert!(all.lock().unwrap().is_empty(), "all of them broke");
    let came = scene.server.came();
    let connections = came.iter().filter(|line| line.starts_with("USER")).count();
    assert_eq!(connections, breaks.len() + 1);
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_where_connections_break_within_lines() {
    // Ends of lines, the first byte of the next, and whatever is between.
    for first in [1, 9, 25, 29, 30, 31, 32, 33, 34, 61, 100, 333, 700] {
        talk(&[first]).await;
    }
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_where_one_connection_after_the_other_breaks() {
    for n in 0..6 {
        talk(&[200 + 37 * n, 150 + 53 * n, 1 + 11 * n]).await;
    }
}
