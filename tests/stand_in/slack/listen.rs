//! Connections: one request after another, or a web socket.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::answer::Answer;
use super::api;
use super::asked::Asked;
use super::control::{self, Next};
use super::faults::{Fault, How};
use super::page;
use super::request::Request;
use super::server::{RequestLog, Shared, World};
use super::socket::{self, Admitted};

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
        stream.write_all(&written(shared, answer, keep)).await?;
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
    match control::act(shared, body).await {
        Ok(Next::Value(mut value)) => {
            if value.get("ok").is_none() {
                value["ok"] = json!(true);
            }
            Answer::json(&value)
        }
        Ok(Next::Wait(id)) => Answer::json(&control::settled(shared, id).await),
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

/// The answer of Slack itself.
fn routed(world: &mut World, asked: &Asked<'_>) -> Answer {
    let slack = &mut world.slack;
    let parts: Vec<&str> = asked
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    match parts.as_slice() {
        ["api", method] => api::answer(slack, method, asked),
        ["actions", rest @ ..] => {
            let body = Value::Object(asked.args.clone());
            match slack.answer(&rest.join("/"), &body) {
                Ok(()) => Answer::text(200, "ok"),
                Err(refused) => {
                    let status = if refused.error.ends_with("_url") {
                        404
                    } else {
                        400
                    };
                    let mut answer = Answer::json(&refused.json());
                    answer.status = status;
                    answer
                }
            }
        }
        ["upload", "v1", id, _] => uploaded(slack, id, asked),
        _ => Answer::text(404, "not found"),
    }
}

/// The bytes of a file: as they are, or as one part of a form.
fn uploaded(slack: &mut super::state::Slack, id: &str, asked: &Asked<'_>) -> Answer {
    let Some(upload) = slack.uploads.get_mut(id) else {
        return Answer::text(404, "not found");
    };
    let body = &asked.request.body;
    let length = upload.length;
    let multipart = asked.request.header("content-type");
    let multipart = multipart.is_some_and(|kind| kind.starts_with("multipart/form-data"));
    let bytes = match multipart {
        true => {
            let start = body
                .windows(4)
                .position(|four| four == b"\r\n\r\n")
                .map(|at| at + 4);
            start
                .and_then(|at| body.get(at..at + length))
                .unwrap_or_default()
                .to_vec()
        }
        false => body.clone(),
    };
    if bytes.len() != length {
        return Answer::text(400, "the length is not what was said");
    }
    upload.bytes = Some(bytes);
    Answer::text(200, format!("OK - {length}"))
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

/// The answer as it goes over the wire.
fn written(shared: &Shared, answer: Answer, keep: bool) -> Vec<u8> {
    let headers = answer.headers.iter();
    let headers = headers.map(|(name, value)| format!("{name}: {value}\r\n"));
    let mut whole = format!(
        "HTTP/1.1 {} {}\r\ndate: {}\r\ncontent-type: {}\r\ncache-control: no-store\r\n{}content-length: {}\r\n{}\r\n",
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
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "So",
    }
}
