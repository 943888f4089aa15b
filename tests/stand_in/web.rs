//! A small web server that behaves as badly as it is told to.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What a path does.
#[derive(Clone)]
pub enum Act {
    /// Answers with exactly these bytes and closes.
    Raw(Vec<u8>),
    /// A page that knows about `If-None-Match` and `If-Modified-Since`.
    Page {
        body: Vec<u8>,
        headers: Vec<(String, String)>,
    },
    /// Takes the question and says nothing, ever.
    Silence,
    /// Sends a byte every 20 milliseconds, for ever.
    Drip,
    /// Sends as fast as it can, for ever.
    Flood,
    /// Closes without a word.
    HangUp,
    /// Answers when `gate` opens.
    Gated,
    /// Answers what was sent along with a status and JSON.
    Play(Player),
}

/// From what was sent along to a status and JSON.
pub type Player = Arc<dyn Fn(&str) -> (u16, String) + Send + Sync>;

/// The server; it stops when it is dropped.
pub struct Web {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    acts: Mutex<HashMap<String, Act>>,
    heard: Mutex<Vec<String>>,
    sent: Mutex<Vec<String>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
    gate: Notify,
}

impl Web {
    pub async fn start() -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn({
            let shared = shared.clone();
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let shared = shared.clone();
                    tokio::spawn(async move { talk(stream, &shared).await.ok() });
                }
            }
        });
        Web {
            address,
            shared,
            task,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn on(&self, path: &str, act: Act) {
        self.shared.acts.lock().unwrap().insert(path.into(), act);
    }

    /// A page with headers as `name: value`.
    pub fn page(&self, path: &str, headers: &[&str], body: impl Into<Vec<u8>>) {
        let headers = headers
            .iter()
            .map(|line| {
                let (name, value) = line.split_once(": ").unwrap();
                (name.to_string(), value.to_string())
            })
            .collect();
        let body = body.into();
        self.on(path, Act::Page { body, headers });
    }

    /// An answer without a body.
    pub fn status(&self, path: &str, status: &str, headers: &[&str]) {
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let raw = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\n\r\n");
        self.on(path, Act::Raw(raw.into_bytes()));
    }

    /// What was asked for, whole heads in lower case.
    pub fn heard(&self) -> Vec<String> {
        self.shared.heard.lock().unwrap().clone()
    }

    /// What was sent along with questions, in order.
    pub fn sent(&self) -> Vec<String> {
        self.shared.sent.lock().unwrap().clone()
    }

    pub fn at_once(&self) -> usize {
        self.shared.at_once.load(Ordering::SeqCst)
    }

    pub fn most_at_once(&self) -> usize {
        self.shared.most_at_once.load(Ordering::SeqCst)
    }

    /// Lets one gated answer go.
    pub fn open_gate(&self) {
        self.shared.gate.notify_one();
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_string();
    let lower = head.to_lowercase();
    let length = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
    let mut sent = String::new();
    if let Some(length) = length {
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        sent = String::from_utf8_lossy(&body).into_owned();
        shared.sent.lock().unwrap().push(sent.clone());
    }
    shared.heard.lock().unwrap().push(lower.clone());
    let now = shared.at_once.fetch_add(1, Ordering::SeqCst) + 1;
    shared.most_at_once.fetch_max(now, Ordering::SeqCst);
    let act = shared.acts.lock().unwrap().get(&path).cloned();
    let result = perform(act, &lower, &sent, stream.get_mut(), shared).await;
    shared.at_once.fetch_sub(1, Ordering::SeqCst);
    result
}

async fn perform(
    act: Option<Act>,
    head: &str,
    sent: &str,
    stream: &mut TcpStream,
    shared: &Shared,
) -> std::io::Result<()> {
    match act {
        None => {
            stream
                .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                .await
        }
        Some(Act::Raw(raw)) => stream.write_all(&raw).await,
        Some(Act::Page { body, headers }) => {
            let known = headers.iter().any(|(name, value)| {
                let asked = match name.to_lowercase().as_str() {
                    "etag" => "if-none-match",
                    "last-modified" => "if-modified-since",
                    _ => return false,
                };
                head.contains(&format!("{asked}: {}", value.to_lowercase()))
            });
            let status = if known { "304 Not Modified" } else { "200 OK" };
            let length = if known { 0 } else { body.len() };
            let mut answer =
                format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n");
            for (name, value) in headers {
                answer.push_str(&format!("{name}: {value}\r\n"));
            }
            answer.push_str("\r\n");
            stream.write_all(answer.as_bytes()).await?;
            stream.write_all(&body[..length]).await
        }
        Some(Act::Play(player)) => {
            let (status, json) = player(sent);
            let answer = format!(
                "HTTP/1.1 {status} So\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
                json.len()
            );
            stream.write_all(answer.as_bytes()).await
        }
        Some(Act::Silence) => std::future::pending().await,
        Some(Act::Drip) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                stream.write_all(b"x").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Some(Act::Flood) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                stream.write_all(&[b'x'; 65_536]).await?;
            }
        }
        Some(Act::HangUp) => Ok(()),
        Some(Act::Gated) => {
            shared.gate.notified().await;
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
                .await
        }
    }
}

/// A host for one caller, with a certificate for `localhost` that it made itself; gives its port.
pub fn self_signed() -> u16 {
    use rustls::pki_types::PrivateKeyDer;
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let certificate = include_bytes!("self-signed.der").to_vec().into();
    let key = PrivateKeyDer::try_from(include_bytes!("self-signed-key.der").to_vec()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut talk = rustls::ServerConnection::new(config.into()).unwrap();
        while talk.is_handshaking() && talk.complete_io(&mut stream).is_ok() {}
    });
    port
}
