//! A web socket of Socket Mode: hello, envelopes, acknowledgements, pings, and how it ends.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::server::Shared;
use super::world::{OpenSocket, World};

/// What a socket is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Says `disconnect` with that reason, and closes a little later.
    Disconnect(String),
    /// Ends with a close frame.
    Close,
    /// Ends with a TCP reset.
    Reset,
    /// Stays open and says nothing any more, not even to a ping.
    Silence,
    /// Sends this, whatever it is.
    Send(String),
}

/// Who has a ticket.
pub struct Admitted {
    pub app: String,
    /// Seconds that it lives.
    pub life: i64,
    /// There are too many already.
    pub full: bool,
}

/// Sockets of one app.
const MOST: usize = 10;
/// Seconds that a socket lives whose client asked for quick reconnects.
const SHORT_LIFE: i64 = 360;
/// Seconds until a socket that is dead is noticed.
const NOTICED: i64 = 30;
const HOST: &str = "applink-1";

type Socket = WebSocketStream<TcpStream>;

/// Takes a ticket, when it is still good.
pub fn redeem(world: &mut World, ticket: &str, quick: bool) -> Option<Admitted> {
    let (app, until) = world.slack.tickets.remove(ticket)?;
    let life = if quick {
        SHORT_LIFE
    } else {
        world.slack.rules.socket_life
    };
    let full = world.live(&app).len() >= MOST;
    (world.slack.now() <= until).then_some(Admitted { app, life, full })
}

/// Talks until one side has had enough.
pub async fn serve(mut socket: Socket, shared: &Shared, admitted: Admitted) {
    if admitted.full {
        let word = disconnect("too_many_websockets");
        // Whatever ends it, it ends.
        socket.send(Message::text(word)).await.ok();
        close(&mut socket).await.ok();
        return;
    }
    let (orders, mut ordered) = mpsc::unbounded_channel();
    let (number, mute, hello) = {
        let mut world = shared.world();
        world.opened += 1;
        let number = world.opened;
        let open = OpenSocket {
            app: admitted.app.clone(),
            outbox: [].into(),
            orders,
            ending: false,
            gone: world.faults.wire.mute > 0,
        };
        let mute = open.gone;
        world.sockets.insert(number, open);
        world.faults.wire.mute = world.faults.wire.mute.saturating_sub(1);
        let hello = json!({
            "type": "hello", "num_connections": world.live(&admitted.app).len(),
            "connection_info": {"app_id": admitted.app},
            "debug_info": {"host": HOST, "build_number": 10, "approximate_connection_time": admitted.life},
        });
        (number, mute, hello)
    };
    let done = match mute {
        true => silence(&mut socket, shared, number, &mut ordered).await,
        false => match socket.send(Message::text(hello.to_string())).await {
            Ok(()) => talk(&mut socket, shared, number, admitted.life, &mut ordered).await,
            Err(error) => Err(error),
        },
    };
    shared.world().sockets.remove(&number);
    shared.tell();
    if let Ok(End::Left) = done {
        let mut lost = [0; 1024];
        while matches!(socket.get_mut().read(&mut lost).await, Ok(read) if read > 0) {}
    }
}

fn disconnect(reason: &str) -> String {
    json!({"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}).to_string()
}

/// What becomes of a connection whose web socket has ended.
enum End {
    Dropped,
    /// It stays until the other side closes it: Slack answers the close frame and does no more.
    Left,
}

async fn talk(
    socket: &mut Socket,
    shared: &Shared,
    number: u64,
    life: i64,
    ordered: &mut mpsc::UnboundedReceiver<Order>,
) -> Result<End, Error> {
    let mut changed = shared.changed.subscribe();
    shared.tell();
    let (ping, last) = {
        let rules = &shared.world().slack.rules;
        (
            TimeDelta::seconds(rules.ping),
            TimeDelta::seconds(rules.closes_after),
        )
    };
    let mut pings = shared.clock.now() + ping;
    let mut warned = shared.clock.now() + TimeDelta::seconds(life);
    // When it closes, once it was said that it will.
    let mut end: Option<DateTime<Utc>> = None;
    loop {
        // What it is told to do comes before what happened later.
        while let Ok(order) = ordered.try_recv() {
            if let Some(ended) = obey(socket, shared, number, ordered, order, &mut end).await? {
                return Ok(ended);
            }
        }
        let (moved, frames) = {
            let mut world = shared.world();
            let moved = world.pump();
            let socket = world.sockets.get_mut(&number);
            (
                moved,
                socket.map(|socket| std::mem::take(&mut socket.outbox)),
            )
        };
        if moved {
            // Some of it may be for another socket.
            shared.tell();
        }
        for frame in frames.unwrap_or_default() {
            socket.send(Message::text(frame)).await?;
        }
        let now = shared.clock.now();
        if end.is_some_and(|end| now >= end) {
            return close(socket).await;
        }
        let next = pings.min(end.unwrap_or(warned));
        tokio::select! {
            biased;
            order = ordered.recv() => {
                let order = order.unwrap_or(Order::Reset);
                if let Some(ended) = obey(socket, shared, number, ordered, order, &mut end).await? {
                    return Ok(ended);
                }
            }
            heard = socket.next() => match heard {
                None => return Ok(End::Left),
                Some(Ok(Message::Text(text))) => acknowledged(shared, &text),
                // Pings and closes are answered below.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
            },
            news = changed.changed() => {
                if news.is_err() {
                    return Ok(End::Dropped);
                }
            }
            () = shared.clock.until(next) => {
                let now = shared.clock.now();
                if now >= pings {
                    pings = now + ping;
                    let still = shared.world().faults.wire.still;
                    if !still {
                        let words = format!("Ping from {HOST}");
                        socket.send(Message::Ping(words.into_bytes().into())).await?;
                    }
                }
                if now >= warned && end.is_none() {
                    warned = now + TimeDelta::seconds(life);
                    end = Some(now + last);
                    if let Some(its) = shared.world().sockets.get_mut(&number) {
                        its.ending = true;
                    }
                    socket.send(Message::text(disconnect("warning"))).await?;
                }
            }
        }
    }
}

/// Does what a socket is told; says how it ended, if it did.
async fn obey(
    socket: &mut Socket,
    shared: &Shared,
    number: u64,
    ordered: &mut mpsc::UnboundedReceiver<Order>,
    order: Order,
    end: &mut Option<DateTime<Utc>>,
) -> Result<Option<End>, Error> {
    match order {
        Order::Close => return close(socket).await.map(Some),
        Order::Reset => {
            socket.get_ref().set_zero_linger()?;
            return Ok(Some(End::Dropped));
        }
        Order::Silence => return silence(socket, shared, number, ordered).await.map(Some),
        Order::Send(text) => socket.send(Message::text(text)).await?,
        Order::Disconnect(reason) => {
            socket.send(Message::text(disconnect(&reason))).await?;
            let last = shared.world().slack.rules.closes_after;
            *end = Some(shared.clock.now() + TimeDelta::seconds(last));
        }
    }
    Ok(None)
}

/// What a client sends is an acknowledgement, or nothing to us.
fn acknowledged(shared: &Shared, text: &str) {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return;
    };
    let Some(envelope) = value["envelope_id"].as_str() else {
        return;
    };
    let mut world = shared.world();
    if world.faults.wire.lost_acks > 0 {
        world.faults.wire.lost_acks -= 1;
        return;
    }
    world.slack.acked(envelope, value.get("payload").cloned());
    drop(world);
    shared.tell();
}

async fn close(socket: &mut Socket) -> Result<End, Error> {
    let frame = CloseFrame {
        code: CloseCode::Away,
        reason: "".into(),
    };
    socket.close(Some(frame)).await?;
    while let Some(heard) = socket.next().await {
        heard?;
    }
    Ok(End::Dropped)
}

/// Reads and drops what comes, until the other side has gone or something else is wanted.
///
/// Slack sends into it for a while before it notices: what goes there comes again by another socket.
async fn silence(
    socket: &mut Socket,
    shared: &Shared,
    number: u64,
    ordered: &mut mpsc::UnboundedReceiver<Order>,
) -> Result<End, Error> {
    let mut lost = [0; 1024];
    let noticed = shared.clock.now() + TimeDelta::seconds(NOTICED);
    let mut gone = false;
    loop {
        tokio::select! {
            () = shared.clock.until(noticed), if !gone => {
                gone = true;
                if let Some(its) = shared.world().sockets.get_mut(&number) {
                    its.gone = true;
                }
                shared.tell();
            }
            read = socket.get_mut().read(&mut lost) => {
                if read? == 0 {
                    return Ok(End::Dropped);
                }
            }
            order = ordered.recv() => match order {
                Some(Order::Silence | Order::Send(_) | Order::Disconnect(_)) => {}
                Some(Order::Close) => return close(socket).await,
                Some(Order::Reset) | None => {
                    socket.get_ref().set_zero_linger()?;
                    return Ok(End::Dropped);
                }
            },
        }
    }
}
