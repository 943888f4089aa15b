//! Listens to a network: one connection, which is opened again whenever it breaks.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;

use super::line::{LONGEST, Out};
use super::session::{Session, Stage};
use super::wrong::{self, End};
use super::{Network, Order, locked};
use crate::http::{HttpError, Stream, pause, stream_trouble};
use crate::model::Heard;
use crate::room::{SayError, Seated};

/// How many orders may wait.
const ORDERS: usize = 1_024;
/// The longest pause between two tries, and the one after which it is tried again what the operator must mend.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
const SLOW: Duration = Duration::from_secs(300);
const SLOWEST: Duration = Duration::from_secs(3_600);
/// How long a server is left alone that says it was too much.
const LEFT_ALONE: Duration = Duration::from_secs(60);
/// A connection that lived so long was a good one.
const GOOD: TimeDelta = TimeDelta::seconds(120);
/// After so many tries that did not come to be on the network, what waits to be said is given back to the store.
const GIVEN_BACK: u32 = 3;
/// How long the farewell may take.
const FAREWELL: Duration = Duration::from_secs(3);
/// How long the last words of a server may take.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// How much is read at once.
const READ: usize = 64 * 1_024;

/// Listens until nobody does.
pub(super) async fn listen(network: &Arc<Network>, rooms: Vec<Seated>, heard: mpsc::Sender<Heard>) {
    let (orders, mut ordered) = mpsc::channel(ORDERS);
    *locked(&network.orders) = Some(orders);
    let _deaf = Deaf(network);
    let mut life = Life {
        session: seated(network, rooms),
        network,
        heard: &heard,
        failures: 0,
        outside: 0,
        fatal: 0,
        trouble: None,
    };
    while !heard.is_closed() {
        let began = network.clock.now();
        let opened = tokio::select! {
            opened = network.http.stream(&network.settings.server) => opened,
            () = heard.closed() => break,
        };
        let end = match opened {
            Ok(stream) => life.talk(stream, &mut ordered).await,
            Err(error) => Some(unreached(&error)),
        };
        let Some(end) = end else {
            break;
        };
        if !life.ended(&end, began, &mut ordered).await {
            break;
        }
    }
}

/// A session that shall be in these rooms and in those of the settings.
fn seated(network: &Network, rooms: Vec<Seated>) -> Session {
    let now = network.clock.now();
    let mut session = Session::new(network.settings.clone(), now);
    let configured = &network.settings.channels;
    for Seated { room, heard } in rooms {
        if network.own(&room).is_err() {
            continue;
        }
        if session.link.support.is_channel(&room.room) {
            let same = configured
                .iter()
                .find(|channel| channel.name.eq_ignore_ascii_case(&room.room));
            let name = same.map_or(room.room.as_str(), |channel| &channel.name);
            let key = same.and_then(|channel| channel.key.as_deref());
            let seat = session.sit(name, key, now);
            seat.lasting = true;
            seat.heard = heard;
        } else if let Some(direct) = session.directs.recall(&room.room) {
            direct.heard = heard;
        }
    }
    session
}

fn unreached(error: &HttpError) -> End {
    let what = wrong::unreached(error);
    match error {
        HttpError::Tls { .. } | HttpError::Identity { .. } | HttpError::NoSuchHost { .. } => {
            End::Fatal(what)
        }
        _ => End::Gone(what),
    }
}

struct Life<'a> {
    session: Session,
    network: &'a Network,
    heard: &'a mpsc::Sender<Heard>,
    failures: u32,
    /// So many of them in a row did not even come to be on the network.
    outside: u32,
    /// So many were the operator's business.
    fatal: u32,
    /// What the operator was told.
    trouble: Option<String>,
}

/// Both directions of a connection, and what is under way in them.
struct Wire {
    reader: ReadHalf<Stream>,
    writer: WriteHalf<Stream>,
    came: Vec<u8>,
    leaves: Vec<u8>,
    /// Something was written and may not have left.
    unflushed: bool,
}

impl Life<'_> {
    /// Talks until the connection ends; none when nobody listens any more.
    async fn talk(&mut self, stream: Stream, orders: &mut mpsc::Receiver<Order>) -> Option<End> {
        let (reader, writer) = tokio::io::split(stream);
        let mut wire = Wire {
            reader,
            writer,
            came: Vec::new(),
            leaves: Vec::new(),
            unflushed: false,
        };
        let clock = &self.network.clock;
        self.session.begin(clock.now());
        let mut buffer = vec![0; READ];
        let mut yielded = false;
        loop {
            let now = clock.now();
            self.session.pump(now);
            self.show(now);
            wire.leaves
                .extend_from_slice(self.session.leaves().as_bytes());
            for told in std::mem::take(&mut self.session.told) {
                if self.heard.send(told).await.is_err() {
                    self.farewell(wire).await;
                    return None;
                }
            }
            if self.session.link.stage == Stage::Ready {
                self.well().await;
            }
            if let Some(end) = self.session.link.end.take() {
                return Some(end);
            }
            // What others are about to say leaves in the same packet.
            if !wire.leaves.is_empty() && !yielded {
                yielded = true;
                tokio::task::yield_now().await;
                while let Ok(order) = orders.try_recv() {
                    self.order(order);
                }
                continue;
            }
            yielded = false;
            let due = self.session.due(now).max(now + TimeDelta::milliseconds(1));
            let Wire {
                reader,
                writer,
                leaves,
                unflushed,
                ..
            } = &mut wire;
            let broken = tokio::select! {
                () = self.heard.closed() => {
                    self.farewell(wire).await;
                    return None;
                }
                Some(order) = orders.recv() => {
                    self.order(order);
                    // Those that wait leave together.
                    while let Ok(order) = orders.try_recv() {
                        self.order(order);
                    }
                    None
                }
                read = reader.read(&mut buffer) => match read {
                    Ok(0) => Some(End::Gone("the server closed the connection".into())),
                    Ok(count) => {
                        wire.came.extend_from_slice(&buffer[..count]);
                        self.take(&mut wire.came);
                        None
                    }
                    Err(error) => Some(self.broken(&error)),
                },
                wrote = put(writer, leaves), if *unflushed || !leaves.is_empty() => match wrote {
                    Ok(count) => {
                        // Nothing was left to write, so all of it has left.
                        *unflushed = count > 0;
                        leaves.drain(..count);
                        None
                    }
                    Err(error) => Some(self.broken(&error)),
                },
                () = clock.until(due) => None,
            };
            // Why the server ends it may be said in its last line.
            if let Some(broken) = broken {
                self.last_words(&mut wire, &mut buffer).await;
                return Some(self.session.link.end.take().unwrap_or(broken));
            }
        }
    }

    fn broken(&self, error: &std::io::Error) -> End {
        let error = stream_trouble(error, &self.network.settings.server.host);
        End::Gone(wrong::unreached(&error))
    }

    /// Takes what the server had sent before the connection broke.
    async fn last_words(&mut self, wire: &mut Wire, buffer: &mut [u8]) {
        let reading = async {
            while let Ok(count @ 1..) = wire.reader.read(buffer).await {
                wire.came.extend_from_slice(&buffer[..count]);
            }
        };
        // Who does not close it says nothing more.
        let _ = tokio::time::timeout(LAST_WORDS, reading).await;
        self.take(&mut wire.came);
    }

    /// Takes whole lines out of what came.
    fn take(&mut self, came: &mut Vec<u8>) {
        let now = self.network.clock.now();
        let mut begin = 0;
        while let Some(length) = came[begin..].iter().position(|byte| *byte == b'\n') {
            let line = &came[begin..begin + length];
            if line.len() <= LONGEST {
                self.session.take(line, now);
            }
            begin += length + 1;
        }
        came.drain(..begin);
        // No server sends such lines: of the rest of it only the end is waited for.
        if came.len() > 2 * LONGEST {
            came.truncate(LONGEST + 1);
        }
    }

    fn order(&mut self, order: Order) {
        let now = self.network.clock.now();
        match order {
            Order::Say(wishes) => {
                for wish in wishes {
                    self.session.speak(wish, now);
                }
            }
            Order::LastWord(wishes) => {
                for wish in wishes {
                    self.session.last_word(wish, now);
                }
            }
            Order::Join { room, done } => self.session.join(&room, done, now),
            Order::Leave { room, done } => {
                self.session.leave(&room);
                // Whoever waited may have gone away.
                let _ = done.send(());
            }
        }
    }

    /// Lets others see how long a message takes, and what a channel is.
    fn show(&self, now: DateTime<Utc>) {
        let mut view = locked(&self.network.view);
        view.wait = self.session.queue.wait(now);
        if view.channels != self.session.link.support.channels {
            view.channels
                .clone_from(&self.session.link.support.channels);
        }
    }

    /// All is well: whoever was told otherwise hears of it.
    async fn well(&mut self) {
        if self.trouble.take().is_some() {
            self.tell(None).await;
        }
    }

    async fn tell(&self, what: Option<String>) {
        let platform = self.network.settings.name.clone();
        // Nobody listens any more.
        let _ = self.heard.send(Heard::Trouble { platform, what }).await;
    }

    /// A connection has ended: waits until the next. False when nobody listens any more.
    async fn ended(
        &mut self,
        end: &End,
        began: DateTime<Utc>,
        orders: &mut mpsc::Receiver<Order>,
    ) -> bool {
        let clock = &self.network.clock;
        let now = clock.now();
        let name = &self.network.settings.name;
        tracing::warn!(
            network = name,
            why = end.words(),
            "the connection has ended"
        );
        if now - began >= GOOD {
            self.failures = 0;
        }
        self.outside = match self.session.link.stage {
            Stage::Ready => 0,
            Stage::Greeting | Stage::Welcome => self.outside.saturating_add(1),
        };
        self.session.broken(now);
        let salt = (now, name);
        let rest = match end {
            End::Gone(_) => pause(self.failures, LONGEST_PAUSE, &salt),
            End::Rest(_) => LEFT_ALONE + pause(self.failures, LONGEST_PAUSE, &salt),
            End::Fatal(_) => SLOW + pause(7 + self.fatal, SLOWEST, &salt),
        };
        self.failures = self.failures.saturating_add(1);
        self.fatal = match end {
            End::Fatal(_) => self.fatal.saturating_add(1).min(20),
            End::Gone(_) | End::Rest(_) => 0,
        };
        if let End::Fatal(what) = end
            && self.trouble.as_ref() != Some(what)
        {
            self.trouble = Some(what.clone());
            self.tell(Some(what.clone())).await;
        }
        let hopeless = matches!(end, End::Fatal(_)) || self.outside >= GIVEN_BACK;
        let back = SayError::Later {
            what: end.words().into(),
            rest: rest.max(LEFT_ALONE),
        };
        let next = now + TimeDelta::from_std(rest).unwrap_or(TimeDelta::hours(1));
        loop {
            if hopeless {
                self.session.refuse_all(&back);
            }
            for told in std::mem::take(&mut self.session.told) {
                if self.heard.send(told).await.is_err() {
                    return false;
                }
            }
            tokio::select! {
                () = self.heard.closed() => return false,
                Some(order) = orders.recv() => self.order(order),
                () = clock.until(next) => return true,
            }
        }
    }

    /// Says that the bot goes, and waits until that has left.
    async fn farewell(&mut self, mut wire: Wire) {
        self.session
            .send(&Out::new("QUIT").text("I am ended, and come back."));
        wire.leaves
            .extend_from_slice(self.session.leaves().as_bytes());
        let bye = async {
            wire.writer.write_all(&wire.leaves).await?;
            wire.writer.flush().await?;
            // The server answers and closes.
            let mut rest = vec![0; READ];
            while wire.reader.read(&mut rest).await? > 0 {}
            wire.writer.shutdown().await
        };
        if !matches!(tokio::time::timeout(FAREWELL, bye).await, Ok(Ok(()))) {
            tracing::debug!("the network was left without a farewell");
        }
    }
}

/// Writes some of the bytes, or, when there are none, lets those leave that were written. Nothing happens twice when it is
/// dropped while it waits.
async fn put(writer: &mut WriteHalf<Stream>, bytes: &[u8]) -> std::io::Result<usize> {
    if bytes.is_empty() {
        writer.flush().await?;
        return Ok(0);
    }
    match writer.write(bytes).await? {
        0 => Err(std::io::ErrorKind::WriteZero.into()),
        count => Ok(count),
    }
}

/// However listening ends, nothing can be said then.
struct Deaf<'a>(&'a Network);

impl Drop for Deaf<'_> {
    fn drop(&mut self) {
        *locked(&self.0.orders) = None;
    }
}

/// Logs in and out again, to see whether that works; gives the nick that the bot has then.
///
/// # Errors
/// Why it does not work.
pub(super) async fn attempt(network: &Network) -> Result<String, String> {
    let server = &network.settings.server;
    let stream = network
        .http
        .stream(server)
        .await
        .map_err(|error| wrong::unreached(&error))?;
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut session = Session::new(network.settings.clone(), network.clock.now());
    session.begin(network.clock.now());
    let mut came = Vec::new();
    let mut buffer = vec![0; READ];
    let talking = async {
        let broken =
            |error: std::io::Error| wrong::unreached(&stream_trouble(&error, &server.host));
        loop {
            writer
                .write_all(session.leaves().as_bytes())
                .await
                .map_err(broken)?;
            writer.flush().await.map_err(broken)?;
            if let Some(end) = session.link.end.take() {
                return Err(end.words().to_string());
            }
            if session.link.stage == Stage::Ready {
                let nick = session.link.me.nick.to_string();
                // It is tried, no more.
                let _ = writer.write_all(b"QUIT :looked\r\n").await;
                let _ = writer.flush().await;
                return Ok(nick);
            }
            let count = reader.read(&mut buffer).await.map_err(broken)?;
            if count == 0 {
                return Err("the server closed the connection".into());
            }
            came.extend_from_slice(&buffer[..count]);
            while let Some(length) = came.iter().position(|byte| *byte == b'\n') {
                session.take(&came[..length], network.clock.now());
                came.drain(..=length);
            }
        }
    };
    match tokio::time::timeout(Duration::from_secs(60), talking).await {
        Ok(outcome) => outcome,
        Err(_) => Err("the server does not let me in within a minute, and does not say why".into()),
    }
}
