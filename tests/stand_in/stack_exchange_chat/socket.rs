//! A web socket: what was missed, what happens, the heartbeat, and how it ends.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::answer::json;
use super::frames::Listener;
use super::server::{OpenSocket, Shared, World};

/// What `/ws-auth` handed out: good for one connection.
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    pub chat: usize,
    pub room: i64,
    pub user: Option<i64>,
    /// Unix seconds.
    pub until: i64,
}

/// How a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drop {
    /// With a close frame, answered by the other side.
    Close,
    /// With a TCP reset.
    Reset,
    /// It stays open and says nothing any more, not even to a ping.
    Silence,
}

/// What a socket is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    End(Drop),
    /// Sends this, whatever it is.
    Send(String),
}

/// What goes out, and when.
struct Outgoing {
    queue: VecDeque<(DateTime<Utc>, String)>,
    listener: Listener,
    chat: usize,
    seen: i64,
    /// It never says anything.
    mute: bool,
}

type Socket = WebSocketStream<TcpStream>;

/// Takes the ticket of a token, when it is still good.
pub fn redeem(world: &mut World, room: &str, token: &str) -> Option<Ticket> {
    let ticket = world.tickets.get(token)?;
    if ticket.room.to_string() != room {
        return None;
    }
    let ticket = world.tickets.remove(token)?;
    (world.chats[ticket.chat].now() <= ticket.until).then_some(ticket)
}

/// Talks until one side has had enough. `l` is the last event that the other side knows.
pub async fn serve(mut socket: Socket, shared: &Shared, ticket: Ticket, l: Option<i64>) {
    let mut changed = shared.changed.subscribe();
    let (orders, mut ordered) = mpsc::unbounded_channel();
    let (number, mut outgoing) = open(shared, ticket, l, orders);
    shared.tell();
    // Whatever ends it, it ends.
    talk(
        &mut socket,
        shared,
        &mut outgoing,
        &mut changed,
        &mut ordered,
    )
    .await
    .ok();
    let mut world = shared.world();
    world.sockets.remove(&number);
    if let Some(user) = ticket.user {
        let chat = &mut world.chats[ticket.chat];
        let rooms = chat.rooms_of(user);
        chat.alive(user, &rooms);
    }
    drop(world);
    shared.tell();
}

/// Registers the socket and reads the log under one lock: nothing is missed and nothing comes twice.
fn open(
    shared: &Shared,
    ticket: Ticket,
    l: Option<i64>,
    orders: mpsc::UnboundedSender<Order>,
) -> (u64, Outgoing) {
    let mut world = shared.world();
    let world = &mut *world;
    let chat = &mut world.chats[ticket.chat];
    let listener = Listener {
        user: ticket.user,
        room: ticket.room,
    };
    let mut outgoing = Outgoing {
        queue: VecDeque::new(),
        listener,
        chat: ticket.chat,
        seen: chat.log.last(),
        mute: world.faults.frames.mute > 0,
    };
    world.faults.frames.mute = world.faults.frames.mute.saturating_sub(1);
    let since = match l {
        _ if world.faults.frames.forgetful => i64::MAX,
        Some(l) => l,
        None => chat.log.last() - chat.rules.backlog as i64,
    };
    if let Some(user) = ticket.user {
        chat.enter(ticket.room, user);
    }
    let now = chat.clock.now();
    outgoing.queue.push_back((now, json(&listener.beat(chat))));
    if world.faults.frames.reset > 0 || since < i64::MAX && !chat.log.reaches(since) {
        world.faults.frames.reset = world.faults.frames.reset.saturating_sub(1);
        outgoing
            .queue
            .push_back((now, json(&json!({"reset": true}))));
    } else if since < outgoing.seen {
        // Entering is news, too.
        outgoing.seen = chat.log.last();
        let backlog = listener.backlog(chat, since, chat.rules.replay_all);
        outgoing
            .queue
            .extend(backlog.map(|frame| (now, json(&frame))));
    }
    world.opened += 1;
    let open = OpenSocket {
        chat: ticket.chat,
        room: ticket.room,
        user: ticket.user,
        orders,
    };
    world.sockets.insert(world.opened, open);
    (world.opened, outgoing)
}

impl Outgoing {
    /// Takes what happened since.
    fn look(&mut self, shared: &Shared) {
        let world = shared.world();
        let (chat, faults) = (&world.chats[self.chat], &world.faults.frames);
        for (at, frame) in self.listener.frames(chat, &mut self.seen) {
            let due = at + TimeDelta::seconds(faults.late);
            let text = json(&frame);
            if faults.twice {
                self.queue.push_back((due, text.clone()));
            }
            self.queue.push_back((due, text));
        }
    }

    fn beat(&self, shared: &Shared) -> Option<Value> {
        let world = shared.world();
        let still = world.faults.frames.still;
        (!still).then(|| self.listener.beat(&world.chats[self.chat]))
    }
}

async fn talk(
    socket: &mut Socket,
    shared: &Shared,
    outgoing: &mut Outgoing,
    changed: &mut watch::Receiver<u64>,
    ordered: &mut mpsc::UnboundedReceiver<Order>,
) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let beat = TimeDelta::seconds(shared.settings.beat);
    let mut next = shared.clock.now() + beat;
    if outgoing.mute {
        return silence(socket, ordered).await;
    }
    loop {
        while let Some((due, _)) = outgoing.queue.front() {
            if *due > shared.clock.now() {
                break;
            }
            if let Some((_, text)) = outgoing.queue.pop_front() {
                socket.send(Message::text(text)).await?;
            }
        }
        let late = outgoing.queue.front().map_or(next, |(due, _)| *due);
        tokio::select! {
            // What it is told to do comes before what happened later.
            biased;
            order = ordered.recv() => match order {
                Some(Order::End(Drop::Close)) => return close(socket).await,
                Some(Order::End(Drop::Reset)) | None => {
                    socket.get_ref().set_zero_linger()?;
                    return Ok(());
                }
                Some(Order::End(Drop::Silence)) => return silence(socket, ordered).await,
                Some(Order::Send(text)) => socket.send(Message::text(text)).await?,
            },
            heard = socket.next() => match heard {
                None => return Ok(()),
                // The client has nothing to say; pings and closes are answered below.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
            },
            news = changed.changed() => {
                if news.is_err() {
                    return Ok(());
                }
                outgoing.look(shared);
            }
            () = shared.clock.until(late.min(next)) => {
                let now = shared.clock.now();
                if now >= next {
                    next = now + beat;
                    if let Some(beat) = outgoing.beat(shared) {
                        outgoing.queue.push_back((now, json(&beat)));
                    }
                }
            }
        }
    }
}

async fn close(socket: &mut Socket) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let frame = CloseFrame {
        code: CloseCode::Away,
        reason: "".into(),
    };
    socket.close(Some(frame)).await?;
    while let Some(heard) = socket.next().await {
        heard?;
    }
    Ok(())
}

/// Reads and drops what comes, until the other side has gone or something else is wanted.
async fn silence(
    socket: &mut Socket,
    ordered: &mut mpsc::UnboundedReceiver<Order>,
) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let mut lost = [0; 1024];
    loop {
        tokio::select! {
            read = socket.get_mut().read(&mut lost) => {
                if read? == 0 {
                    return Ok(());
                }
            }
            order = ordered.recv() => match order {
                Some(Order::End(Drop::Silence) | Order::Send(_)) => {}
                Some(Order::End(Drop::Close)) => return close(socket).await,
                Some(Order::End(Drop::Reset)) | None => {
                    socket.get_ref().set_zero_linger()?;
                    return Ok(());
                }
            },
        }
    }
}
