//! Connections: one request after another, or a web socket.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::answer::Answer;
use super::asked::Asked;
use super::control;
use super::faults::{Fault, How};
use super::page;
use super::request::Request;
use super::routes::routed;
use super::server::Shared;
use super::socket::{self, Admitted};
use super::world::{RequestLog, World};

/// What becomes of a connection after a request.
enum Then {
    Answer(Answer),
    /// The same, so many seconds later.
    Slow(Answer, i64),
    /// Half of it, and the end.
    Cut(Answer),
    HangUp,
    Reset,
    Silence,
    Upgrade(Admitted),
    /// What a program or a person wants done.
    Control(Value),
    /// The browser waits for news after that count.
    News(u64, String),
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

async fn talk(stream: TcpStream, shared: &Arc<Shared>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(request) = Request::read(&mut stream).await? {
        let keep = request
            .header("connection")
            .is_none_or(|its| !its.eq_ignore_ascii_case("close"));
        let answer = match decide(shared, &request) {
            Then::Answer(answer) => answer,
            Then::Slow(answer, seconds) => {
                let due = shared.clock.now() + TimeDelta::seconds(seconds);
                shared.clock.until(due).await;
                answer
            }
            Then::Control(body) => controlled(shared, &body).await,
            Then::News(seen, channel) => page::news(shared, seen, &channel).await,
            Then::Cut(answer) => {
                let lost = answer.body.len().div_ceil(2);
                let whole = answer.written(shared.clock.now(), keep);
                return stream.write_all(&whole[..whole.len() - lost]).await;
            }
            Then::HangUp => return Ok(()),
            Then::Reset => return stream.get_ref().set_zero_linger(),
            Then::Silence => {
                // Until the other side has had enough.
                stream.read_to_end(&mut Vec::new()).await?;
                return Ok(());
            }
            Then::Upgrade(admitted) => {
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
                socket::serve(socket, shared, admitted).await;
                return Ok(());
            }
        };
        stream
            .write_all(&answer.written(shared.clock.now(), keep))
            .await?;
        if !keep {
            return Ok(());
        }
    }
    Ok(())
}

/// Does what is asked, or what goes wrong instead.
fn decide(shared: &Shared, request: &Request) -> Then {
    let asked = Asked::read(request);
    if asked.path.starts_with("/_test/") || asked.path == "/" || asked.path.starts_with("/page/") {
        return ours(shared, &asked);
    }
    let mut world = shared.world();
    let world = &mut *world;
    let channel = asked.text("channel");
    let fault = world.faults.take(asked.path, channel.as_deref());
    let upgrade = request
        .header("upgrade")
        .is_some_and(|its| its.eq_ignore_ascii_case("websocket"));
    let then = match fault {
        Some(Fault {
            how: How::Slow(seconds),
            ..
        }) if !upgrade => Then::Slow(routed(world, &asked), seconds),
        Some(Fault {
            how, after: false, ..
        }) => {
            let right = match how {
                How::Cut if !upgrade => routed(world, &asked),
                _ => Answer::text(200, "{\"ok\":"),
            };
            wrong(&how, right)
        }
        Some(Fault { how, .. }) if !upgrade => {
            let right = routed(world, &asked);
            wrong(&how, right)
        }
        _ if upgrade => upgraded(world, &asked),
        _ => Then::Answer(routed(world, &asked)),
    };
    let status = match &then {
        Then::Answer(answer) | Then::Cut(answer) | Then::Slow(answer, _) => answer.status,
        Then::Upgrade(_) => 101,
        Then::HangUp | Then::Reset | Then::Silence | Then::Control(_) | Then::News(..) => 0,
    };
    let mut args = asked.args.clone();
    args.remove("token");
    args.remove("ticket");
    world.requests.push(RequestLog {
        path: asked.path.into(),
        status,
        args: Value::Object(args),
        at: shared.clock.now().timestamp_millis(),
    });
    shared.tell();
    then
}

/// What is no part of Slack: the page, and what tests want. Only for programs and pages of this machine.
fn ours(shared: &Shared, asked: &Asked<'_>) -> Then {
    let host = asked.request.header("host").unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let site = asked.request.header("sec-fetch-site").unwrap_or("none");
    if !["127.0.0.1", "localhost"].contains(&host) || !["none", "same-origin"].contains(&site) {
        return Then::Answer(Answer::text(403, "only from this machine"));
    }
    match asked.path {
        "/_test/inject" | "/page/act" if asked.request.method == "POST" => match asked.broken {
            None if asked.json => Then::Control(Value::Object(asked.args.clone())),
            _ => Then::Answer(Answer::text(400, "no JSON object")),
        },
        "/page/news" => {
            let seen = asked
                .text("since")
                .and_then(|its| its.parse().ok())
                .unwrap_or(0);
            Then::News(seen, asked.text("user").unwrap_or_default())
        }
        path => Then::Answer(page::file(shared, path)),
    }
}

/// Does what a program wants, and waits for acknowledgements.
async fn controlled(shared: &Arc<Shared>, body: &Value) -> Answer {
    match control::done(shared, body).await {
        Ok(value) => Answer::json(&value),
        Err(refused) => {
            let mut answer = Answer::json(&refused.json());
            answer.status = 400;
            answer
        }
    }
}

fn wrong(how: &How, right: Answer) -> Then {
    match (how, how.answer(right)) {
        (How::Cut, Some(answer)) => Then::Cut(answer),
        (How::Reset, _) => Then::Reset,
        (How::Silence, _) => Then::Silence,
        (_, Some(answer)) => Then::Answer(answer),
        (_, None) => Then::HangUp,
    }
}

/// A web socket needs a ticket; no token.
fn upgraded(world: &mut World, asked: &Asked<'_>) -> Then {
    if world.faults.wire.no_upgrades > 0 {
        world.faults.wire.no_upgrades -= 1;
        return Then::Answer(Answer::text(503, "not now"));
    }
    let ticket = asked.text("ticket").unwrap_or_default();
    let quick = asked.yes("debug_reconnects");
    let admitted = match asked.path {
        "/link/" | "/link" => socket::redeem(world, &ticket, quick),
        _ => None,
    };
    match admitted {
        Some(admitted) => Then::Upgrade(admitted),
        None => Then::Answer(Answer::text(404, "no such ticket")),
    }
}
