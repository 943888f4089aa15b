//! A workspace to test with, an app's calls over plain sockets, and its web socket.

use std::collections::VecDeque;
use std::time::Duration;

use boson::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::slack::{Kind, Settings, SlackServer, Standing};

/// Turns a hang into a failure.
const HANG: Duration = Duration::from_secs(30);

pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANG, what).await.expect("it hangs")
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Page {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.head.lines().filter_map(|line| line.split_once(": "));
        all.find(|(its, _)| *its == name).map(|(_, value)| value)
    }
}

/// Sends a request as it is; the answer may be cut.
pub async fn ask(
    url: &str,
    method: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> std::io::Result<Page> {
    let url = url::Url::parse(url).unwrap();
    let address = (url.host_str().unwrap().to_string(), url.port().unwrap());
    let mut stream = TcpStream::connect((address.0.as_str(), address.1)).await?;
    let path = &url[url::Position::BeforePath..];
    let mut text = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}:{}\r\nconnection: close\r\n",
        address.0, address.1
    );
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(text.as_bytes()).await?;
    let mut all = Vec::new();
    soon(stream.read_to_end(&mut all)).await?;
    let all = String::from_utf8_lossy(&all).into_owned();
    let (head, body) = all
        .split_once("\r\n\r\n")
        .ok_or(std::io::ErrorKind::UnexpectedEof)?;
    Ok(Page {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head: head.into(),
        body: body.into(),
    })
}

pub const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");
pub const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A workspace with an app in it.
pub struct Town {
    pub server: SlackServer,
    pub clock: Clock,
    pub team: String,
    pub app: String,
    pub app_token: String,
    pub bot: String,
    pub token: String,
    pub ann: String,
    pub ben: String,
    /// With Ann, Ben and the bot.
    pub general: String,
    /// Without the bot.
    pub random: String,
    /// Private, without the bot.
    pub secret: String,
    /// Of Ann and the bot.
    pub direct: String,
}

pub fn noon() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

impl Town {
    pub async fn new() -> Town {
        Town::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Town {
        let clock = Clock::stopped(noon());
        let server = SlackServer::start(settings, clock.clone()).await;
        let mut slack = server.slack();
        let team = slack.team("Works");
        let ann = slack.user(&team, "Ann Other", Standing::Admin);
        let ben = slack.user(&team, "Ben", Standing::Member);
        let (app, app_token) = slack.app("Boson");
        let (bot, token) = slack.install(&app, &team);
        let general = slack.channel(&team, "general", Kind::Public, &ann);
        let random = slack.channel(&team, "random", Kind::Public, &ann);
        let secret = slack.channel(&team, "secret", Kind::Private, &ann);
        let members = &mut slack.channels.get_mut(&general).unwrap().members;
        members.extend([ben.clone(), bot.clone()]);
        let (direct, _) = slack.direct(&team, &[ann.clone(), bot.clone()]);
        drop(slack);
        Town {
            server,
            clock,
            team,
            app,
            app_token,
            bot,
            token,
            ann,
            ben,
            general,
            random,
            secret,
            direct,
        }
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        let to = self.clock.now() + TimeDelta::seconds(seconds);
        self.clock.advance_to(to);
    }

    pub async fn page(&self, method: &str, args: &Value) -> Page {
        let url = format!("{}{method}", self.server.api());
        let bearer = format!("Bearer {}", self.token);
        let headers = [JSON, ("authorization", bearer.as_str())];
        ask(&url, "POST", &headers, &args.to_string())
            .await
            .unwrap()
    }

    /// Calls a method that takes JSON.
    pub async fn call(&self, method: &str, args: Value) -> Value {
        self.page(method, &args).await.json()
    }

    /// Calls a method with a form.
    pub async fn form(&self, method: &str, args: &[(&str, &str)]) -> Value {
        self.form_as(&self.token, method, args).await
    }

    pub async fn form_as(&self, token: &str, method: &str, args: &[(&str, &str)]) -> Value {
        let url = format!("{}{method}", self.server.api());
        let bearer = format!("Bearer {token}");
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(args)
            .finish();
        let headers = [FORM, ("authorization", bearer.as_str())];
        ask(&url, "POST", &headers, &body).await.unwrap().json()
    }

    /// The error of a call with JSON.
    pub async fn refused(&self, method: &str, args: Value) -> String {
        error(&self.call(method, args).await)
    }

    pub async fn refused_form(&self, method: &str, args: &[(&str, &str)]) -> String {
        error(&self.form(method, args).await)
    }

    /// Posts as the app; gives the `ts`.
    pub async fn post(&self, channel: &str, text: &str) -> String {
        let args = json!({"channel": channel, "text": text});
        let done = self.call("chat.postMessage", args).await;
        done["ts"]
            .as_str()
            .unwrap_or_else(|| panic!("{done}"))
            .into()
    }

    pub async fn inject_page(&self, wish: &Value) -> Page {
        ask(
            &self.server.inject_url(),
            "POST",
            &[JSON],
            &wish.to_string(),
        )
        .await
        .unwrap()
    }

    /// Does something as a person, or breaks something.
    pub async fn inject(&self, wish: Value) -> Value {
        let page = self.inject_page(&wish).await;
        assert_eq!(page.status, 200, "{wish}: {page:?}");
        page.json()
    }

    /// The same in the background, where an acknowledgement is awaited.
    pub fn later(&self, wish: Value) -> tokio::task::JoinHandle<Value> {
        let url = self.server.inject_url();
        tokio::spawn(async move {
            ask(&url, "POST", &[JSON], &wish.to_string())
                .await
                .unwrap()
                .json()
        })
    }

    pub async fn ear(&self) -> Ear {
        let opened = self
            .form_as(&self.app_token, "apps.connections.open", &[])
            .await;
        Ear::open(opened["url"].as_str().unwrap_or_else(|| panic!("{opened}"))).await
    }
}

pub fn error(value: &Value) -> String {
    assert_eq!(value["ok"], false, "{value}");
    value["error"].as_str().unwrap().into()
}

/// A web socket of the app.
pub struct Ear {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub hello: Value,
    /// What came while something else was awaited.
    early: VecDeque<Value>,
}

impl Ear {
    pub async fn open(url: &str) -> Ear {
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let mut ear = Ear {
            socket,
            hello: Value::Null,
            early: VecDeque::new(),
        };
        ear.hello = ear.next().await.expect("a word of welcome");
        ear
    }

    /// The next frame of text; none when the other side has gone.
    pub async fn next(&mut self) -> Option<Value> {
        if let Some(early) = self.early.pop_front() {
            return Some(early);
        }
        loop {
            match soon(self.socket.next()).await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    /// Acknowledges, and waits until the other side has read it: a clock that is moved next is too late for it.
    pub async fn ack(&mut self, envelope: &Value, payload: Option<Value>) {
        let mut ack = json!({"envelope_id": envelope["envelope_id"]});
        if let Some(payload) = payload {
            ack["payload"] = payload;
        }
        for frame in [Message::text(ack.to_string()), Message::Ping("read".into())] {
            self.socket.send(frame).await.unwrap();
        }
        loop {
            match soon(self.socket.next()).await.unwrap().unwrap() {
                Message::Pong(_) => return,
                Message::Text(text) => self.early.push_back(serde_json::from_str(&text).unwrap()),
                _ => {}
            }
        }
    }

    /// The next envelope, acknowledged.
    pub async fn heard(&mut self) -> Value {
        let envelope = self.next().await.expect("an envelope");
        self.ack(&envelope, None).await;
        envelope
    }

    /// The next event, acknowledged.
    pub async fn event(&mut self) -> Value {
        self.heard().await["payload"]["event"].clone()
    }
}
