//! A room without a terminal: one message a line in, the plain text of what is said out.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use compact_str::CompactString;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{Mutex, mpsc};

use super::{Manners, Platform, SayError, Saying, Seat, Seated, Spoken};
use crate::clock::Clock;
use crate::model::{Heard, Message, MessageId, RoomId, Text};

/// The longest line in bytes; what is longer arrives cut, with `…` after this many bytes, so that one can tell.
pub const LONGEST_LINE: usize = 64 * 1024;

/// How long to wait with the next try when nobody reads.
pub(super) const NO_READER: Duration = Duration::from_secs(60);

/// A platform with one room and one person, over any two ends of a pipe.
pub struct Pipe<R, W> {
    name: CompactString,
    seat: Seat,
    clock: Clock,
    input: Mutex<R>,
    output: Mutex<W>,
    messages: AtomicU64,
}

impl<R, W> Pipe<R, W> {
    /// The platform called as in `seat.room`; it reads nothing before it listens.
    pub fn new(seat: Seat, clock: Clock, input: R, output: W) -> Pipe<R, W> {
        Pipe {
            name: seat.room.platform.clone(),
            seat,
            clock,
            input: Mutex::new(input),
            output: Mutex::new(output),
            messages: AtomicU64::new(0),
        }
    }

    fn next_id(&self) -> MessageId {
        MessageId(
            (self.messages.fetch_add(1, Ordering::Relaxed) + 1)
                .to_string()
                .into(),
        )
    }

    fn message(&self, text: String) -> Message {
        self.seat.message(self.next_id(), text, self.clock.now())
    }
}

#[async_trait]
impl<R, W> Platform for Pipe<R, W>
where
    R: AsyncBufRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    fn name(&self) -> &str {
        &self.name
    }

    fn manners(&self) -> Manners {
        Manners {
            local: true,
            ..Manners::plain(NonZeroUsize::MAX)
        }
    }

    async fn listen(&self, _: Vec<Seated>, heard: mpsc::Sender<Heard>) -> Result<(), SayError> {
        let mut input = self.input.lock().await;
        loop {
            let line = tokio::select! {
                line = next_line(&mut *input) => line,
                () = heard.closed() => return Ok(()),
            };
            // What cannot be read any more has ended too: the loop must hear so, or it waits for ever.
            let (next, end) = match line {
                Ok(Some(line)) if line.trim().is_empty() => continue,
                Ok(Some(line)) => (Heard::Said(self.message(line)), None),
                Ok(None) => (Heard::Left(self.seat.room.clone()), Some(Ok(()))),
                Err(error) => (
                    Heard::Left(self.seat.room.clone()),
                    Some(Err(SayError::Never {
                        what: format!("the input cannot be read: {error}"),
                    })),
                ),
            };
            // Waits while the loop is slow; when it has gone nobody misses the line.
            if heard.send(next).await.is_err() {
                return Ok(());
            }
            if let Some(end) = end {
                return end;
            }
        }
    }

    async fn say(&self, saying: &Saying) -> Result<Spoken, SayError> {
        let room = &saying.room;
        if *room != self.seat.room {
            // The next start may sit there again, so what is for it is kept.
            return Err(SayError::Later {
                what: format!("nobody sits in {room} now"),
                rest: NO_READER,
            });
        }
        let mut bytes = saying.text.plain().into_bytes();
        bytes.push(b'\n');
        let mut output = self.output.lock().await;
        let written = async {
            output.write_all(&bytes).await?;
            output.flush().await
        };
        // Whoever read has gone; the next process may have a reader again, and says it.
        written.await.map_err(|error| SayError::Later {
            what: format!("the output cannot be written: {error}"),
            rest: NO_READER,
        })?;
        Ok(Spoken::now(self.next_id()))
    }

    async fn edit(&self, _: &RoomId, _: &MessageId, _: &Text) -> Result<(), SayError> {
        Err(SayError::Never {
            what: "what went out cannot be changed".into(),
        })
    }
}

/// The next line without its end, at most [`LONGEST_LINE`] bytes of it; `None` at the end of the input.
async fn next_line<R: AsyncBufRead + Unpin>(input: &mut R) -> std::io::Result<Option<String>> {
    let mut line: Vec<u8> = Vec::new();
    let mut too_long = false;
    let mut begun = false;
    loop {
        let there = input.fill_buf().await?;
        if there.is_empty() {
            if !begun {
                return Ok(None);
            }
            break;
        }
        begun = true;
        let (piece, used, ended) = match there.iter().position(|byte| *byte == b'\n') {
            Some(end) => (&there[..end], end + 1, true),
            None => (there, there.len(), false),
        };
        // One byte more than the limit is kept, so that a carriage return at the end is no reason to cut.
        let fits = piece.len().min(LONGEST_LINE + 1 - line.len());
        line.extend_from_slice(&piece[..fits]);
        too_long |= fits < piece.len();
        input.consume(used);
        if ended {
            break;
        }
    }
    if !too_long && line.last() == Some(&b'\r') {
        line.pop();
    }
    too_long |= line.len() > LONGEST_LINE;
    line.truncate(LONGEST_LINE);
    if too_long && let Err(error) = std::str::from_utf8(&line) {
        // Not the half of a character that the cut went through.
        if error.error_len().is_none() {
            line.truncate(error.valid_up_to());
        }
    }
    let mut text = String::from_utf8_lossy(&line).into_owned();
    if too_long {
        text.push('…');
    }
    Ok(Some(text))
}
