//! The room in the terminal: a line to edit below, what is said above it.

use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use compact_str::CompactString;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Editor, ExternalPrinter};
use tokio::sync::{mpsc, oneshot};

use super::paint::{self, Paper};
use super::pipe::{LONGEST_LINE, NO_READER, Pipe};
use super::{Manners, Platform, PlatformKind, SayError, Saying, Seat, Seated, Spoken};
use crate::clock::Clock;
use crate::model::{Heard, MessageId, RoomId, Text};

pub const KIND: PlatformKind = PlatformKind {
    name: "terminal",
    only_one: true,
};

/// What the terminal's room is opened with.
pub struct Opening {
    /// What the bot is called.
    pub bot: String,
    pub seat: Seat,
    pub clock: Clock,
    /// Where it may keep files of its own; it exists.
    pub folder: PathBuf,
    /// Whether a line that was typed may stand in one of them.
    pub keeps: fn(&str) -> bool,
    /// Colours are welcome where there is a terminal.
    pub colours: bool,
    /// The terminal, if there is one, can move its cursor.
    pub editing: bool,
}

/// Lines that the history keeps.
const HISTORY: usize = 1000;

/// The line editor where there is a terminal at both ends; otherwise a plain pipe.
pub fn open(opening: Opening) -> Box<dyn Platform> {
    let terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if !terminal || !opening.editing {
        let input = tokio::io::BufReader::new(tokio::io::stdin());
        let output = tokio::io::stdout();
        return Box::new(Pipe::new(opening.seat, opening.clock, input, output));
    }
    Box::new(Terminal {
        name: opening.seat.room.platform.clone(),
        bot: opening.bot,
        seat: opening.seat,
        clock: opening.clock,
        history: opening.folder.join("history"),
        keeps: opening.keeps,
        colours: opening.colours,
        screen: Arc::new(Screen {
            editor: Mutex::new(None),
            width: AtomicUsize::new(usize::MAX),
            over: AtomicBool::new(false),
        }),
        messages: AtomicU64::new(0),
    })
}

struct Terminal {
    name: CompactString,
    bot: String,
    seat: Seat,
    clock: Clock,
    history: PathBuf,
    keeps: fn(&str) -> bool,
    colours: bool,
    screen: Arc<Screen>,
    messages: AtomicU64,
}

/// What the platform and its editor's thread share.
struct Screen {
    /// Prints above the line that is being edited; `None` while no line is.
    editor: Mutex<Option<std::sync::mpsc::Sender<Print>>>,
    /// Characters in a line, as of the last line that was edited.
    width: AtomicUsize,
    /// The person has ended the conversation.
    over: AtomicBool,
}

struct Print {
    words: String,
    done: oneshot::Sender<()>,
}

#[async_trait]
impl Platform for Terminal {
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
        let (lines, mut typed) = mpsc::channel(1);
        let _restored = Restored::new(&self.screen);
        let greeting = Text::line("I am here. `help` shows how to begin; Ctrl-D ends.");
        self.say(&Saying::new(self.seat.room.clone(), greeting))
            .await?;
        self.start_editor(lines)?;
        loop {
            let line = tokio::select! {
                line = typed.recv() => line,
                () = heard.closed() => return Ok(()),
            };
            let Some(line) = line else {
                // When the loop has gone nobody waits for the end.
                heard.send(Heard::Left(self.seat.room.clone())).await.ok();
                return Ok(());
            };
            // What was pasted can have several lines.
            for line in line.lines().filter(|line| !line.trim().is_empty()) {
                let text = match line.len() > LONGEST_LINE {
                    true => format!("{}…", &line[..line.floor_char_boundary(LONGEST_LINE)]),
                    false => line.to_string(),
                };
                let message = self.seat.message(self.next_id(), text, self.clock.now());
                if heard.send(Heard::Said(message)).await.is_err() {
                    return Ok(());
                }
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
        let paper = Paper {
            colours: self.colours,
            width: self.screen.width.load(Ordering::Relaxed),
        };
        let words = paint::message(&self.bot, &saying.text, paper);
        self.screen.print(words).await?;
        Ok(Spoken::now(self.next_id()))
    }

    async fn edit(&self, _: &RoomId, _: &MessageId, _: &Text) -> Result<(), SayError> {
        Err(SayError::Never {
            what: "what stands in the terminal cannot be changed".into(),
        })
    }
}

impl Terminal {
    fn next_id(&self) -> MessageId {
        MessageId(
            (self.messages.fetch_add(1, Ordering::Relaxed) + 1)
                .to_string()
                .into(),
        )
    }

    /// Edits lines on a thread of its own, since reading a terminal blocks, until the person ends it or nobody takes
    /// the lines any more.
    fn start_editor(&self, lines: mpsc::Sender<String>) -> Result<(), SayError> {
        let never = |what: String| SayError::Never {
            what: format!("the terminal cannot be used: {what}"),
        };
        let config = rustyline::Config::builder()
            .max_history_size(HISTORY)
            .map_err(|error| never(error.to_string()))?
            .auto_add_history(false)
            .build();
        let mut editor = Editor::<(), DefaultHistory>::with_config(config)
            .map_err(|error| never(error.to_string()))?;
        let printer = editor
            .create_external_printer()
            .map_err(|error| never(error.to_string()))?;
        let (prints, queue) = std::sync::mpsc::channel();
        std::thread::Builder::new()
            .name("terminal-print".into())
            .spawn(move || print_all(printer, &queue))
            .map_err(|error| never(error.to_string()))?;
        *self.screen.editor() = Some(prints);

        let person = &self.seat.person.name;
        let prompt = (
            format!("{}> ", crate::model::text::harmless(person)),
            format!("{}> ", paint::name(person, self.colours)),
        );
        let history = (self.history.clone(), self.keeps);
        let screen = Arc::clone(&self.screen);
        std::thread::Builder::new()
            .name("terminal-edit".into())
            .spawn(move || edit_lines(editor, &prompt, history, &screen, &lines))
            .map_err(|error| never(error.to_string()))?;
        Ok(())
    }
}

fn edit_lines(
    mut editor: Editor<(), DefaultHistory>,
    prompt: &(String, String),
    (history, keeps): (PathBuf, fn(&str) -> bool),
    screen: &Screen,
    lines: &mpsc::Sender<String>,
) {
    // The prompt has its colour from whatever helper there is.
    editor.set_helper(Some(()));
    // The first time there is none; a damaged one is no reason not to talk.
    if let Err(error) = editor.load_history(&history) {
        tracing::debug!(%error, "no history of typed lines");
    }
    loop {
        if let Some((width, _)) = editor.dimensions() {
            screen.width.store(width.into(), Ordering::Relaxed);
        }
        match editor.readline(prompt) {
            Ok(line) => {
                if keeps(&line) {
                    let added = editor.add_history_entry(&line);
                    let kept = added.and_then(|_| editor.append_history(&history));
                    if let Err(error) = kept {
                        tracing::debug!(%error, "the history of typed lines cannot be kept");
                    }
                }
                if lines.blocking_send(line).is_err() {
                    break;
                }
            }
            // The window has another size.
            Err(ReadlineError::Signal(_)) => {}
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => break,
            Err(error) => {
                tracing::warn!(%error, "the terminal cannot be read any more");
                break;
            }
        }
    }
    screen.over.store(true, Ordering::SeqCst);
}

/// Prints one after the other, on a thread of its own: printing waits while the editor shows a search.
fn print_all(mut printer: impl ExternalPrinter, queue: &std::sync::mpsc::Receiver<Print>) {
    while let Ok(Print { words, done }) = queue.recv() {
        if let Err(error) = printer.print(words) {
            // `done` is dropped, and whoever waits prints by itself.
            tracing::debug!(%error, "the editor prints no more");
            return;
        }
        // Whoever asked may have stopped waiting.
        done.send(()).ok();
    }
}

impl Screen {
    fn editor(&self) -> std::sync::MutexGuard<'_, Option<std::sync::mpsc::Sender<Print>>> {
        self.editor
            .lock()
            .expect("nothing panics while it holds the editor")
    }

    async fn print(&self, words: String) -> Result<(), SayError> {
        let (done, printed) = oneshot::channel();
        let asked = self.editor().as_ref().is_some_and(|editor| {
            let words = words.clone();
            editor.send(Print { words, done }).is_ok()
        });
        if asked && printed.await.is_ok() {
            return Ok(());
        }
        let mut output = std::io::stdout().lock();
        output
            .write_all(words.as_bytes())
            .and_then(|()| output.flush())
            .map_err(|error| SayError::Later {
                what: format!("the terminal cannot be written: {error}"),
                rest: NO_READER,
            })
    }
}

/// Gives the terminal back as it was, also when listening is dropped in the middle of a line.
struct Restored<'a> {
    screen: &'a Screen,
    #[cfg(unix)]
    before: Option<nix::sys::termios::Termios>,
}

impl Restored<'_> {
    fn new(screen: &Screen) -> Restored<'_> {
        screen.over.store(false, Ordering::SeqCst);
        Restored {
            screen,
            #[cfg(unix)]
            before: nix::sys::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }
}

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        if self.screen.over.load(Ordering::SeqCst) {
            return;
        }
        // Somebody else ends it; the editor's thread still waits for a key and ends with the process.
        *self.screen.editor() = None;
        #[cfg(unix)]
        if let Some(before) = &self.before {
            use nix::sys::termios::{SetArg, tcsetattr};
            // Nothing can be done when even this fails.
            tcsetattr(std::io::stdin(), SetArg::TCSANOW, before).ok();
        }
        let mut output = std::io::stdout().lock();
        // The editor had asked for marks around what is pasted.
        output
            .write_all(b"\x1b[?2004l\n")
            .and_then(|()| output.flush())
            .ok();
    }
}
