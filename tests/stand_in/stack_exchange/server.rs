//! The API on a real socket: HTTP/1.1, always packed with gzip.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard};

use boson::clock::Clock;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, broadcast};
use tokio::task::JoinHandle;

use super::network::{Answer, Fault, Network};
use super::request::Request;
use super::socket::{self, Told};

/// A running stand-in; it stops when it is dropped.
pub struct StackExchange {
    /// What comes before `/questions`: `http://127.0.0.1:9001/2.3`.
    pub url: String,
    pub websocket: String,
    pub shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

/// What the sockets share.
pub struct Shared {
    network: Mutex<Network>,
    pub clock: Clock,
    pub(super) changed: Notify,
    pub(super) told: broadcast::Sender<Told>,
    /// How often the web socket's heart beats, in seconds.
    pub(super) beat: i64,
    pub(super) counts: Mutex<socket::Counts>,
}

impl StackExchange {
    /// Both sockets on this machine; port 0 takes any. The web socket's port is the next one, or any.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(
        network: Network,
        clock: Clock,
        port: u16,
    ) -> std::io::Result<StackExchange> {
        StackExchange::beating(network, clock, port, 60).await
    }

    /// The same with another heartbeat, in seconds of the clock.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn beating(
        network: Network,
        clock: Clock,
        port: u16,
        beat: i64,
    ) -> std::io::Result<StackExchange> {
        let http = TcpListener::bind(("127.0.0.1", port)).await?;
        let web = if port == 0 { 0 } else { port + 1 };
        let web = TcpListener::bind(("127.0.0.1", web)).await?;
        let (url, websocket) = (
            format!("http://{}/2.3", http.local_addr()?),
            format!("ws://{}/", web.local_addr()?),
        );
        let shared = Arc::new(Shared {
            network: Mutex::new(network),
            clock,
            changed: Notify::new(),
            told: broadcast::channel(100_000).0,
            beat,
            counts: Mutex::default(),
        });
        let tasks = vec![
            tokio::spawn(listen(http, shared.clone())),
            tokio::spawn(socket::listen(web, shared.clone())),
            tokio::spawn(socket::beat(shared.clone())),
        ];
        Ok(StackExchange {
            url,
            websocket,
            shared,
            tasks,
        })
    }

    /// Changes the network at the present second; the web socket tells it at once.
    pub fn change<T>(&self, change: impl FnOnce(&mut Network, i64) -> T) -> T {
        let now = self.shared.clock.now().timestamp();
        let mut network = self.shared.network();
        network.advance(now);
        let result = change(&mut network, now);
        drop(network);
        self.shared.changed.notify_one();
        result
    }

    /// The web sockets of today stay open and say nothing any more.
    pub fn silence(&self) {
        self.shared.told.send(Told::Silence).ok();
    }

    /// The web sockets of today break off.
    pub fn drop_sockets(&self) {
        self.shared.told.send(Told::Drop).ok();
    }

    /// What came and went on the web sockets.
    pub fn counts(&self) -> socket::Counts {
        *self.shared.counts.lock().expect("nobody panics with it")
    }
}

impl Drop for StackExchange {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    pub fn network(&self) -> MutexGuard<'_, Network> {
        self.network.lock().expect("nobody panics with it")
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut talks = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        talks.spawn(async move { talk(stream, &shared).await.ok() });
        while talks.try_join_next().is_some() {}
    }
}

/// One caller, with one request after another.
async fn talk(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    loop {
        let Some(request) = Request::read(&mut stream).await? else {
            return Ok(());
        };
        let Request {
            method,
            target,
            body,
            ..
        } = &request;
        let now = shared.clock.now().timestamp();
        let answer = shared.network().answer(method, target, body, now);
        if !send(&mut stream, answer, shared.clock.now()).await? {
            return Ok(());
        }
    }
}

/// Whether the connection goes on.
async fn send(
    stream: &mut BufReader<TcpStream>,
    answer: Answer,
    now: DateTime<Utc>,
) -> std::io::Result<bool> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&answer.body)?;
    let packed = packed.finish()?;
    let headers = answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let head = format!(
        "HTTP/1.1 {} Stand-In\r\ndate: {}\r\n{}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        answer.status,
        now.format("%a, %d %b %Y %H:%M:%S GMT"),
        headers.collect::<String>(),
        packed.len()
    );
    let seen = match answer.fault {
        Some(Fault::Cut | Fault::NeverEnds) => packed.len() / 2,
        _ => packed.len(),
    };
    let mut whole = head.into_bytes();
    whole.extend_from_slice(&packed[..seen]);
    stream.write_all(&whole).await?;
    match answer.fault {
        Some(Fault::Cut) => Ok(false),
        Some(Fault::NeverEnds) => {
            // Until the other side has had enough.
            stream.read_u8().await.ok();
            Ok(false)
        }
        _ => Ok(true),
    }
}
