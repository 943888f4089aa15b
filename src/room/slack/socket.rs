//! One web socket of Socket Mode, from its opening to its end.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use super::Workspace;
use super::connect::{Inbound, Told};
use super::frame::{self, Envelope, Frame, Kind, Reason};
use super::wrong::Wrong;
use crate::http::{Sign, Socket};

/// How often Slack is asked for a sign of life, and how long none may come.
const PING: TimeDelta = TimeDelta::seconds(12);
const SILENCE: TimeDelta = TimeDelta::seconds(45);
/// How long a socket may be open without a word of welcome.
const WELCOME: TimeDelta = TimeDelta::seconds(15);
/// How long Slack waits for what becomes of a form: three seconds, less what the way takes.
const PATIENCE: TimeDelta = TimeDelta::milliseconds(2_500);
/// How long one is read on that has a successor: what is under way on it, nobody sends again.
const DRAIN: TimeDelta = TimeDelta::seconds(2);
/// How long the farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);
/// How many acknowledgements may wait for their answers.
const WAITING: usize = 64;

/// What tells of a socket under its number.
#[derive(Clone)]
pub(super) struct Teller {
    pub number: u64,
    pub to: mpsc::Sender<(u64, Told)>,
}

impl Teller {
    /// # Errors
    /// When nobody listens any more.
    pub async fn tell(&self, told: Told) -> Result<(), ()> {
        self.to.send((self.number, told)).await.map_err(|_| ())
    }
}

/// When a socket is to end.
pub(super) struct Ends {
    /// It has a successor, and ends in a moment.
    pub close: oneshot::Receiver<()>,
    /// Nobody listens any more: it ends at once, when the other side of this is gone.
    pub all: watch::Receiver<()>,
}

/// Opens a socket and tells what comes, until it ends or is to end. Nobody is told of an end that was asked for.
pub(super) async fn listen(workspace: Arc<Workspace>, teller: Teller, mut ends: Ends) {
    let ended = tokio::select! {
        ended = open(&workspace) => ended,
        _ = &mut ends.close => return,
        _ = ends.all.changed() => return,
    };
    let ended = match ended {
        Ok(socket) => Talk::new(workspace, socket, teller.clone()).run(ends).await,
        Err(wrong) => Some(Err(wrong)),
    };
    if let Some(ended) = ended {
        // Nobody listens any more.
        let _ = teller.tell(Told::Ended(ended)).await;
    }
}

async fn open(workspace: &Workspace) -> Result<Socket, Wrong> {
    let address = workspace.api.socket_address().await?;
    workspace.api.socket(&address).await
}

struct Talk {
    workspace: Arc<Workspace>,
    socket: Socket,
    teller: Teller,
    /// What goes out, written elsewhere.
    acknowledged: mpsc::Sender<String>,
    acknowledgements: mpsc::Receiver<String>,
    /// Acknowledgements that wait for their answers.
    waiting: JoinSet<()>,
    welcome: bool,
}

/// How it goes on.
enum Next {
    On,
    /// Nobody listens any more.
    Stop,
}

impl Talk {
    fn new(workspace: Arc<Workspace>, socket: Socket, teller: Teller) -> Talk {
        let (acknowledged, acknowledgements) = mpsc::channel(WAITING);
        Talk {
            workspace,
            socket,
            teller,
            acknowledged,
            acknowledgements,
            waiting: JoinSet::new(),
            welcome: false,
        }
    }

    /// How it ended; none when that was asked for.
    async fn run(mut self, ends: Ends) -> Option<Result<(), Wrong>> {
        let ended = self.talk(ends).await;
        if matches!(ended, None | Some(Ok(()))) {
            // Slack answers the farewell but does not hang up.
            let _ = tokio::time::timeout(FAREWELL, self.socket.close()).await;
        }
        ended
    }

    async fn talk(&mut self, mut ends: Ends) -> Option<Result<(), Wrong>> {
        let clock = self.workspace.clock.clone();
        let mut silent = clock.now() + WELCOME;
        let mut ping = clock.now() + PING;
        // When it ends.
        let mut end: Option<DateTime<Utc>> = None;
        let mut all_end = false;
        loop {
            let over = end.is_some_and(|end| end <= clock.now());
            // Its last acknowledgements go out first.
            if over && self.waiting.is_empty() && self.acknowledgements.is_empty() {
                return None;
            }
            let next = end
                .filter(|_| !over)
                .unwrap_or(silent)
                .min(ping.min(silent));
            let done = tokio::select! {
                biased;
                _ = ends.all.changed(), if !all_end => {
                    all_end = true;
                    end = Some(clock.now());
                    Ok(Next::On)
                }
                _ = &mut ends.close, if end.is_none() => {
                    end = Some(clock.now() + DRAIN);
                    Ok(Next::On)
                }
                Some(text) = self.acknowledgements.recv() => {
                    self.socket.say(&text).await.map(|()| Next::On)
                }
                Some(_) = self.waiting.join_next() => Ok(Next::On),
                sign = self.socket.sign() => {
                    if self.welcome || matches!(sign, Some(Ok(Sign::Text(_)))) {
                        silent = clock.now() + SILENCE;
                    }
                    match sign {
                        Some(Ok(Sign::Text(text))) => match self.frame(&text).await {
                            Ok(next) => Ok(next),
                            Err(wrong) => return Some(Err(wrong)),
                        },
                        Some(Ok(Sign::Alive)) => Ok(Next::On),
                        Some(Err(error)) => Err(error),
                        None => return Some(Ok(())),
                    }
                }
                () = clock.until(next) => {
                    if clock.now() < ping.min(silent) {
                        continue;
                    }
                    if clock.now() >= silent {
                        return Some(Err(Wrong::Unsure { what: "its socket has fallen silent".into() }));
                    }
                    ping = clock.now() + PING;
                    self.socket.ping().await.map(|()| Next::On)
                }
            };
            match done {
                Ok(Next::On) => {}
                Ok(Next::Stop) => return None,
                Err(error) => return Some(Err(error.into())),
            }
        }
    }

    async fn frame(&mut self, text: &str) -> Result<Next, Wrong> {
        let told = match frame::read(text) {
            Frame::Hello { connections } => {
                self.welcome = true;
                Told::Hello { connections }
            }
            Frame::Leaving(reason) => {
                if reason != Reason::Renewed {
                    tracing::warn!(?reason, "Slack ends the socket");
                }
                Told::Leaving(reason)
            }
            Frame::Envelope(envelope) => match self.envelope(envelope).await? {
                Some(inbound) => Told::Came(inbound),
                None => return Ok(Next::On),
            },
            Frame::Nothing => return Ok(Next::On),
        };
        Ok(match self.teller.tell(told).await {
            Ok(()) => Next::On,
            Err(()) => Next::Stop,
        })
    }

    /// Acknowledges first; what has to be done comes later.
    async fn envelope(&mut self, envelope: Envelope) -> Result<Option<Inbound>, Wrong> {
        let Envelope {
            id, kind, payload, ..
        } = envelope;
        if kind == Kind::Interaction && envelope.accepts && payload["type"] == "view_submission" {
            return Ok(Some(Inbound::Interaction(payload, Some(self.later(id)))));
        }
        self.socket.say(&frame::acknowledgement(&id, None)).await?;
        Ok(match kind {
            Kind::Event => Some(Inbound::Event(payload)),
            Kind::Command => Some(Inbound::Command(payload)),
            Kind::Interaction => Some(Inbound::Interaction(payload, None)),
            Kind::Other(kind) => {
                tracing::info!(kind, "Slack sends something that is not known");
                None
            }
        })
    }

    /// Acknowledges when the answer is there, and without one when that takes too long.
    fn later(&mut self, id: String) -> oneshot::Sender<Option<Value>> {
        let (answer, answered) = oneshot::channel();
        let (clock, out) = (self.workspace.clock.clone(), self.acknowledged.clone());
        let until = clock.now() + PATIENCE;
        self.waiting.spawn(async move {
            let answer = tokio::select! {
                answer = answered => answer.ok().flatten(),
                () = clock.until(until) => None,
            };
            // The socket may have ended.
            let _ = out.send(frame::acknowledgement(&id, answer.as_ref())).await;
        });
        answer
    }
}
