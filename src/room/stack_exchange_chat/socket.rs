//! One web socket of the chat, from its opening to its end.

use chrono::TimeDelta;
use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};

use super::Chat;
use super::frame::{self, Frame};
use super::wrong::Wrong;

/// Silence of this length means that the socket is dead; the chat sends heart-beats more often.
const SILENCE: TimeDelta = TimeDelta::seconds(60);

/// What becomes of a socket.
pub(super) enum Told {
    Open,
    Frame(Frame),
    /// What came of a question for news, where there is no socket.
    News(Result<Frame, Wrong>),
    /// It has ended, or was never opened. Plain words that stand after "because".
    Ended {
        why: String,
        room_gone: bool,
    },
}

#[derive(Deserialize)]
struct Place {
    url: String,
}

/// Opens a socket for a room and tells what comes, until it ends or `close` asks for it. `since` is the last event that
/// is known. Nobody is told of an end that was asked for.
pub(super) async fn listen(
    chat: &Chat,
    room: u64,
    since: Option<i64>,
    number: u64,
    told: mpsc::Sender<(u64, Told)>,
    mut close: oneshot::Receiver<()>,
) {
    let mut socket = tokio::select! {
        socket = open(chat, room, since) => match socket {
            Ok(socket) => socket,
            Err(wrong) => {
                let room_gone = matches!(wrong, Wrong::Missing | Wrong::Barred { .. });
                let why = wrong.words();
                let _ = told.send((number, Told::Ended { why, room_gone })).await;
                return;
            }
        },
        _ = &mut close => return,
    };
    if told.send((number, Told::Open)).await.is_err() {
        return;
    }
    let why = loop {
        let silent = chat.clock.now() + SILENCE;
        let text = tokio::select! {
            text = socket.next() => text,
            () = chat.clock.until(silent) => {
                break format!("it was silent for {} seconds", SILENCE.num_seconds());
            }
            _ = &mut close => {
                socket.close().await;
                return;
            }
        };
        let frame = match text {
            Some(Ok(text)) => frame::read(text.as_bytes()),
            Some(Err(error)) => break error.to_string(),
            None => break "the chat has ended it".into(),
        };
        if told.send((number, Told::Frame(frame))).await.is_err() {
            return;
        }
    };
    let ended = Told::Ended {
        why,
        room_gone: false,
    };
    let _ = told.send((number, ended)).await;
}

async fn open(chat: &Chat, room: u64, since: Option<i64>) -> Result<crate::http::Socket, Wrong> {
    let number = room.to_string();
    let reply = chat
        .door
        .post_from(room, "/ws-auth", &[("roomid", &number)])
        .await?;
    let place: Place = serde_json::from_slice(&reply.body).map_err(|_| Wrong::Unsure {
        what: "the chat does not say where its socket is".into(),
    })?;
    let since = since.map_or(String::new(), |since| format!("?l={since}"));
    Ok(chat.door.socket(&format!("{}{since}", place.url)).await?)
}
