//! The web socket: who listens to what, the heartbeat, and the silent death.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::DateTime;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::server::Shared;
use super::site::Ping;

/// What is told to all who are there.
#[derive(Clone)]
pub enum Told {
    Ping(Arc<Ping>),
    Beat,
    /// Say nothing from now on.
    Silence,
    /// Break off.
    Drop,
}

/// What came and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub connected: usize,
    pub subscribed: usize,
    pub pings: usize,
    pub beats: usize,
    pub answered: usize,
}

/// A caller that leaves so many heartbeats without an answer is left.
const UNANSWERED: usize = 3;

/// Tells what happens as soon as the clock is there, and lets the heart beat.
pub async fn beat(shared: Arc<Shared>) {
    let mut last = shared.clock.now().timestamp();
    loop {
        let beat = last + shared.beat;
        let due = shared.network().next().map_or(beat, |next| next.min(beat));
        let due = DateTime::from_timestamp(due, 0).expect("a date of our days");
        tokio::select! {
            () = shared.clock.until(due) => {}
            () = shared.changed.notified() => {}
        }
        let now = shared.clock.now().timestamp();
        let pings = {
            let mut network = shared.network();
            network.advance(now);
            network.pings()
        };
        for ping in pings {
            // Nobody may be there.
            shared.told.send(Told::Ping(Arc::new(ping))).ok();
        }
        if now >= beat {
            last = now;
            shared.told.send(Told::Beat).ok();
        }
    }
}

pub async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut talks = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        let told = shared.told.subscribe();
        talks.spawn(async move {
            if let Ok(socket) = tokio_tungstenite::accept_async(stream).await {
                count(&shared, |counts| counts.connected += 1);
                talk(socket, told, &shared).await.ok();
            }
        });
        while talks.try_join_next().is_some() {}
    }
}

fn count(shared: &Shared, change: impl FnOnce(&mut Counts)) {
    change(&mut shared.counts.lock().expect("nobody panics with it"));
}

async fn talk(
    mut socket: WebSocketStream<TcpStream>,
    mut told: broadcast::Receiver<Told>,
    shared: &Shared,
) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let mut channels = BTreeSet::new();
    let (mut silent, mut unanswered) = (false, 0);
    loop {
        tokio::select! {
            heard = socket.next() => {
                let text = match heard {
                    None => return Ok(()),
                    Some(Ok(Message::Text(text))) => text.as_str().to_string(),
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => return Err(error),
                };
                if text.ends_with("-questions-active") {
                    channels.insert(text);
                    count(shared, |counts| counts.subscribed += 1);
                } else if text == "hb" || text == "pong" || action(&text).as_deref() == Some("hb") {
                    unanswered = 0;
                    count(shared, |counts| counts.answered += 1);
                }
            }
            news = told.recv() => {
                let message = match news {
                    Ok(Told::Drop) | Err(RecvError::Closed) => return Ok(()),
                    Ok(Told::Silence) => {
                        silent = true;
                        continue;
                    }
                    Err(RecvError::Lagged(_)) => continue,
                    Ok(_) if silent => continue,
                    Ok(Told::Beat) => {
                        unanswered += 1;
                        if unanswered > UNANSWERED {
                            return Ok(());
                        }
                        count(shared, |counts| counts.beats += 1);
                        vec![json!({"action": "hb", "data": "hb"})]
                    }
                    Ok(Told::Ping(ping)) => {
                        let own = format!("{}-questions-active", ping.number);
                        let names = [String::from("155-questions-active"), own];
                        let names = names.iter().filter(|name| channels.contains(*name));
                        let about = ping.about.to_string();
                        names.map(|name| json!({"action": name, "data": about})).collect()
                    }
                };
                for message in message {
                    if message["action"] != "hb" {
                        count(shared, |counts| counts.pings += 1);
                    }
                    socket.send(Message::text(message.to_string())).await?;
                }
            }
        }
    }
}

fn action(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    value["action"].as_str().map(String::from)
}
