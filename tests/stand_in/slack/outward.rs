//! Requests to an app that hears by HTTP: signed, with three tries more for events.

use std::sync::Arc;

use boson::clock::Clock;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::apps::Hears;
use super::delivery::Envelope;
use super::server::Shared;
use super::signature::sign;

/// What an app answered.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Seconds that an app may take.
const LONGEST: i64 = 3;
/// Redirects that are followed.
const REDIRECTS: usize = 2;

/// Sends what is due to all apps that hear by HTTP.
pub fn send_due(shared: &Arc<Shared>) {
    let mut world = shared.world();
    let slack = &mut world.slack;
    let apps: Vec<(String, Hears, String)> = slack
        .apps
        .values()
        .map(|app| (app.id.clone(), app.hears.clone(), app.secret.clone()))
        .collect();
    for (app, hears, secret) in apps {
        let Hears::Http {
            events,
            commands,
            interactivity,
        } = hears
        else {
            continue;
        };
        for id in slack.due(&app) {
            slack.sent(id, None);
            let its = &slack.deliveries[&id];
            let url = match its.kind {
                Envelope::Events => &events,
                Envelope::Commands => &commands,
                Envelope::Interactive => &interactivity,
            };
            let (kind, body) = written(its.kind, &its.payload);
            let mut headers = signed(&secret, slack.now(), &body);
            headers.push(("content-type".into(), kind.into()));
            if its.attempt > 0 {
                headers.push(("x-slack-retry-num".into(), its.attempt.to_string()));
                headers.push(("x-slack-retry-reason".into(), its.reason.clone()));
            }
            let (url, shared) = (url.clone(), shared.clone());
            tokio::spawn(async move {
                let done = in_time(&shared.clock, post(&url, &headers, &body)).await;
                let mut world = shared.world();
                conclude(&mut world.slack, id, done);
                drop(world);
                shared.tell();
            });
        }
    }
}

fn conclude(slack: &mut super::state::Slack, id: u64, done: Result<Answered, &'static str>) {
    match done {
        Ok(answered) if (200..300).contains(&answered.status) => {
            let text = String::from_utf8_lossy(&answered.body).into_owned();
            let payload = match serde_json::from_str(&text) {
                Ok(value @ Value::Object(_)) => Some(value),
                Ok(_) | Err(_) if text.trim().is_empty() => None,
                // A plain text is the answer to a command.
                Ok(_) | Err(_) => Some(json!({"text": text})),
            };
            slack.settle(id, payload);
        }
        Ok(answered) => {
            let stop = answered
                .headers
                .iter()
                .any(|(name, value)| name == "x-slack-no-retry" && value == "1");
            slack.failed(id, "http_error", !stop);
        }
        Err(reason) => slack.failed(id, reason, true),
    }
}

/// The body of a request, and its type.
fn written(kind: Envelope, payload: &Value) -> (&'static str, Vec<u8>) {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    match kind {
        Envelope::Events => return ("application/json", payload.to_string().into_bytes()),
        Envelope::Commands => {
            for (name, value) in payload.as_object().into_iter().flatten() {
                form.append_pair(name, value.as_str().unwrap_or_default());
            }
        }
        Envelope::Interactive => {
            form.append_pair("payload", &payload.to_string());
        }
    }
    (
        "application/x-www-form-urlencoded",
        form.finish().into_bytes(),
    )
}

/// Asks an address whether it is the app's: it must give back a word.
///
/// # Errors
/// What went wrong, in Slack's words.
pub async fn verify(clock: &Clock, url: &str, secret: &str, now: i64) -> Result<Value, String> {
    let word = format!("challenge-{now}");
    let body =
        json!({"token": "ignore", "type": "url_verification", "challenge": word}).to_string();
    let mut headers = signed(secret, now, body.as_bytes());
    headers.push(("content-type".into(), "application/json".into()));
    let answered = in_time(clock, post(url, &headers, body.as_bytes())).await?;
    let text = String::from_utf8_lossy(&answered.body).into_owned();
    let inside: Option<Value> = serde_json::from_str(&text).ok();
    let given = inside.and_then(|value| value["challenge"].as_str().map(String::from));
    match answered.status == 200 && given.unwrap_or(text.trim().to_string()) == word {
        true => Ok(json!({})),
        false => Err("challenge_failed".into()),
    }
}

/// Looks whether a command's address still has a good certificate, as Slack does now and then.
///
/// # Errors
/// What went wrong.
pub async fn ssl_check(clock: &Clock, url: &str, secret: &str, now: i64) -> Result<Value, String> {
    let body = b"ssl_check=1&token=ignore";
    let mut headers = signed(secret, now, body);
    headers.push((
        "content-type".into(),
        "application/x-www-form-urlencoded".into(),
    ));
    let answered = in_time(clock, post(url, &headers, body)).await?;
    let body = String::from_utf8_lossy(&answered.body).into_owned();
    Ok(json!({"status": answered.status, "body": body}))
}

fn signed(secret: &str, now: i64, body: &[u8]) -> Vec<(String, String)> {
    vec![
        ("x-slack-request-timestamp".into(), now.to_string()),
        ("x-slack-signature".into(), sign(secret, now, body)),
        ("user-agent".into(), "Slackbot 1.0 (stand-in)".into()),
    ]
}

/// What an app answers, when it does so in time; a clock that stands still gives it all the time it wants.
async fn in_time(
    clock: &Clock,
    asked: impl Future<Output = Result<Answered, &'static str>>,
) -> Result<Answered, &'static str> {
    tokio::select! {
        done = asked => done,
        () = clock.until(clock.now() + TimeDelta::seconds(LONGEST)) => Err("http_timeout"),
    }
}

async fn post(
    url: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Answered, &'static str> {
    let mut url = url::Url::parse(url).map_err(|_| "unknown_error")?;
    for _ in 0..=REDIRECTS {
        let answered = once(&url, headers, body).await?;
        let to = answered.headers.iter().find(|(name, _)| name == "location");
        match to.filter(|_| (300..400).contains(&answered.status)) {
            Some((_, to)) => url = url.join(to).map_err(|_| "unknown_error")?,
            None => return Ok(answered),
        }
    }
    Err("too_many_redirects")
}

/// One request on a connection of its own; only to this machine.
async fn once(
    url: &url::Url,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Answered, &'static str> {
    let host = url.host_str().unwrap_or_default();
    let (true, "http") = (["127.0.0.1", "localhost"].contains(&host), url.scheme()) else {
        return Err("ssl_error");
    };
    let port = url.port().unwrap_or(80);
    let stream = TcpStream::connect(("127.0.0.1", port)).await;
    let mut stream = stream.map_err(|_| "connection_failed")?;
    let mut head = format!(
        "POST {} HTTP/1.1\r\nhost: {host}:{port}\r\naccept: */*\r\nconnection: close\r\ncontent-length: {}\r\n",
        &url[url::Position::BeforePath..url::Position::AfterQuery],
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    stream
        .write_all(&bytes)
        .await
        .map_err(|_| "connection_failed")?;
    let mut all = Vec::new();
    stream
        .read_to_end(&mut all)
        .await
        .map_err(|_| "connection_failed")?;
    parsed(&all).ok_or("unknown_error")
}

fn parsed(all: &[u8]) -> Option<Answered> {
    let end = all.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&all[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_string()))
        .collect();
    let mut body = all[end + 4..].to_vec();
    let chunked =
        |(name, value): &(String, String)| name == "transfer-encoding" && value == "chunked";
    if headers.iter().any(chunked) {
        body = unchunked(&body)?;
    }
    Some(Answered {
        status,
        headers,
        body,
    })
}

fn unchunked(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?;
        let size = usize::from_str_radix(size.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(all);
        }
        all.extend_from_slice(rest.get(end + 2..end + 2 + size)?);
        rest = rest.get(end + 4 + size..)?;
    }
}
