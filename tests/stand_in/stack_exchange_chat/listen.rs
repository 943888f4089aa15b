//! Connections: one request after another, or a web socket.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::answer::Answer;
use super::asked::Asked;
use super::faults::{Fault, How};
use super::request::Request;
use super::routes;
use super::server::Shared;
use super::socket::{self, Ticket};

/// What becomes of a connection after a request.
enum Then {
    Answer(Answer),
    /// Half of it, and the end.
    Cut(Answer),
    HangUp,
    Reset,
    Silence,
    Upgrade {
        ticket: Ticket,
        l: Option<i64>,
    },
}

/// Takes connections for ever.
pub async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut talks = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        talks.spawn(async move { talk(stream, &shared).await.ok() });
        while talks.try_join_next().is_some() {}
    }
}

/// Lets people fade from rooms when nothing is heard of them.
pub async fn fade(shared: Arc<Shared>) {
    loop {
        let now = shared.clock.now();
        shared.clock.until(now + TimeDelta::seconds(5)).await;
        let mut world = shared.world();
        let world = &mut *world;
        for socket in world.sockets.values() {
            if let Some(user) = socket.user {
                let chat = &mut world.chats[socket.chat];
                let rooms = chat.rooms_of(user);
                chat.alive(user, &rooms);
            }
        }
        world.chats.iter_mut().for_each(|chat| chat.fade());
        shared.tell();
    }
}

async fn talk(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(request) = Request::read(&mut stream).await? {
        let keep = request
            .header("connection")
            .is_none_or(|its| !its.eq_ignore_ascii_case("close"));
        match decide(shared, &request) {
            Then::Answer(answer) => {
                let whole = written(shared, answer, keep);
                stream.write_all(&whole).await?;
                if !keep {
                    return Ok(());
                }
            }
            Then::Cut(answer) => {
                let lost = answer.body.len().div_ceil(2);
                let whole = written(shared, answer, keep);
                return stream.write_all(&whole[..whole.len() - lost]).await;
            }
            Then::HangUp => return Ok(()),
            Then::Reset => return stream.get_ref().set_zero_linger(),
            Then::Silence => {
                // Until the other side has had enough.
                stream.read_to_end(&mut Vec::new()).await?;
                return Ok(());
            }
            Then::Upgrade { ticket, l } => {
                let key = request.header("sec-websocket-key").unwrap_or_default();
                let head = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Accept: {}\r\n\r\n",
                    derive_accept_key(key.as_bytes())
                );
                stream.write_all(head.as_bytes()).await?;
                let early = stream.buffer().to_vec();
                let stream = stream.into_inner();
                let socket =
                    WebSocketStream::from_partially_read(stream, early, Role::Server, None).await;
                socket::serve(socket, shared, ticket, l).await;
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Does what is asked, or what goes wrong instead.
fn decide(shared: &Shared, request: &Request) -> Then {
    let mut world = shared.world();
    let world = &mut *world;
    let asked = Asked::read(request, world, shared.settings.hosts);
    let control = asked.parts.first() == Some(&"_test");
    let fault = match control {
        true => None,
        false => world.faults.take(&request.method, asked.path),
    };
    let upgrade = request
        .header("upgrade")
        .is_some_and(|its| its.eq_ignore_ascii_case("websocket"));
    let then = match fault {
        Some(Fault {
            how, after: false, ..
        }) => wrong(&how, &asked, Answer::text(200, "{\"id\":")),
        Some(Fault { how, .. }) if !upgrade => {
            let right = routes::answer(world, shared, &asked);
            wrong(&how, &asked, right)
        }
        _ if upgrade => upgraded(world, &asked),
        _ => Then::Answer(routes::answer(world, shared, &asked)),
    };
    if !control {
        let status = match &then {
            Then::Answer(answer) | Then::Cut(answer) => answer.status,
            Then::Upgrade { .. } => 101,
            Then::HangUp | Then::Reset | Then::Silence => 0,
        };
        world.requests.push(routes::logged(&asked, status));
    }
    shared.tell();
    then
}

fn wrong(how: &How, asked: &Asked<'_>, right: Answer) -> Then {
    match (how, how.answer(asked.path, right)) {
        (How::Cut, Some(answer)) => Then::Cut(answer),
        (How::Reset, _) => Then::Reset,
        (How::Silence, _) => Then::Silence,
        (_, Some(answer)) => Then::Answer(answer),
        (_, None) => Then::HangUp,
    }
}

/// A web socket needs an origin and a ticket; no cookies.
fn upgraded(world: &mut super::server::World, asked: &Asked<'_>) -> Then {
    let origin = asked.request.header("origin").unwrap_or_default();
    if origin.is_empty() {
        return Then::Answer(Answer::text(403, "no origin"));
    }
    if world.faults.frames.no_upgrades > 0 {
        world.faults.frames.no_upgrades -= 1;
        return Then::Answer(Answer::text(503, "not now"));
    }
    let ticket = match asked.parts.as_slice() {
        ["events", room, token] => socket::redeem(world, room, token),
        _ => None,
    };
    match ticket {
        Some(ticket) => Then::Upgrade {
            ticket,
            l: asked.number("l"),
        },
        None => Then::Answer(Answer::not_found()),
    }
}

/// The answer as it goes over the wire.
fn written(shared: &Shared, answer: Answer, keep: bool) -> Vec<u8> {
    let headers = answer.headers.iter();
    let headers = headers.map(|(name, value)| format!("{name}: {value}\r\n"));
    let mut whole = format!(
        "HTTP/1.1 {} {}\r\ndate: {}\r\ncontent-type: {}\r\ncache-control: private\r\n{}content-length: {}\r\n{}\r\n",
        answer.status,
        reason(answer.status),
        shared.clock.now().format("%a, %d %b %Y %H:%M:%S GMT"),
        answer.kind,
        headers.collect::<String>(),
        answer.body.len(),
        if keep { "" } else { "connection: close\r\n" },
    )
    .into_bytes();
    whole.extend_from_slice(&answer.body);
    whole
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "So",
    }
}
