//! Boson sits in chat rooms and does what people there ask for in plain words: watch a source, keep what matters,
//! say it in a form they like, in the room and at the times they like.
//!
//! Everything it does is one sentence with the same parts in the same order, and the folders of `src/` are the words
//! of that sentence:
//!
//! ```text
//! source → fact → filter → schedule → printer → room
//! ```
//!
//! A new command, source, filter or printer is one new file and two lines in its folder's `mod.rs`: `mod x;` and
//! `x::KIND` in `ALL`. Its clap declaration is at once what people type, what a recipe holds, and the usage on its
//! page in `man/`. A filter that asks for one fact of the vocabulary (`model/facts/`) is a line in `filter/asked.rs`.
//!
//! # The map
//!
//! A module uses modules of lower floors only; those of one floor do not know each other. `tests/tidy.rs` reads this
//! table and fails when the code says otherwise.
//!
//! | floor | module | what it is |
//! | --- | --- | --- |
//! | 0 | [`model`] | The words: room, person, message, item, verdict, tracker, recipe, report, job, text. Plain data. |
//! | 0 | [`clock`] | What time it is: the machine's, or one that tests set. |
//! | 0 | [`meter`] | What is counted while it runs, for whoever watches it from outside. |
//! | 1 | [`registry`] | A kind: its name, its declaration, its page. Finding one by what was typed, with hints. |
//! | 1 | [`when`] | Times, lengths of time and schedules in words, read and said. |
//! | 1 | [`man`] | A page of the manual: read from Markdown, shown in a room or as a real man page. |
//! | 1 | [`html`] | HTML, cut into tags and words. |
//! | 1 | [`http`] | The only door to the web: time-outs, limits, no private addresses, a queue for each host. |
//! | 1 | [`store`] | Typed tables over sled; the agenda, the journal, group commit, backup. |
//! | 2 | [`source`] | Where items come from. |
//! | 2 | [`filter`] | What keeps or drops an item, the query language, and the index that finds who wants an item. |
//! | 2 | [`printer`] | What items look like in a room. |
//! | 2 | [`room`] | Chat platforms: hearing, saying, manners. |
//! | 2 | [`watch`] | Whether the loop lives, and the pages that say so. |
//! | 2 | [`dialogue`] | Questions and answers: what is asked next, what an answer means. |
//! | 3 | [`fact`] | What is looked up about an item because its source does not say it. |
//! | 4 | [`recipe`] | A tracker as a file, with examples that are run. |
//! | 4 | [`tracker`] | Recipes at work: built, sifted, told, due again. |
//! | 5 | [`command`] | What people can type, and the manual of it all. |
//! | 6 | [`bot`] | The one loop. |
//! | 6 | [`config`] | What is set in `config.toml`. |
//! | 7 | [`start`] | From a config to a bot: hands each part its section. |
//! | 8 | `main` | The program: its own command line, logs, signals. |
//!
//! # What always holds
//!
//! - The model does nothing: no reading, no writing, no waiting. Each of its values can be stored, logged, compared.
//! - A filter or a printer knows items and nothing around them: no store, no clock, no web, no room.
//! - A command knows the store, the time and the message. It does not know platforms, and it never waits: what takes
//!   long is done beside the loop (`command/work.rs`), and its answer is an event like any other.
//! - The loop carries things between the parts and decides nothing that a part below could decide.
//! - Whatever happens later is a job on the store's agenda. Nobody else keeps a date, so nothing due is forgotten
//!   when the process ends.
//! - One door each: only `store` names the database, only `http` names the web client, and the environment is read
//!   by `config` and `main` alone.
//!
//! # How a message is answered
//!
//! A platform, say `room/terminal.rs`, hears a line and sends it to the loop. `bot/mod.rs` takes what is waiting, up
//! to some hundreds of events. For each message `bot/hear.rs` asks `command/addressed.rs` whether it was meant for
//! the bot, and `bot/pace.rs` whether this person may go on at this pace. Then `command::answer` cuts the line into
//! words (`command/words.rs`), turns connecting words into flags (`command/sentence.rs`), finds the kind, checks the
//! role (`command/may.rs`), lets clap read the arguments, and runs the command's file, such as
//! `command/track.rs`. The command writes into the store's pending changes and returns a text, or a refusal with a
//! hint; of a refused command nothing stays. Whoever is in the middle of a dialogue answers
//! instead: `command/wizard/heard.rs` tells answers from commands, `dialogue/` knows what an answer means, and at the end
//! the answers are a line like any other. When all events of the turn are done, the store commits them together
//! and waits for the disk once (`store/commit.rs`). Only then do the answers leave, cut into the messages
//! that the room's platform takes (`Platform::pieces`), in order, by a task for each room (`bot/speak.rs`); what a platform
//! does not take now waits in the outbox. What a command wants of a platform (`join`, `trash`) is an errand beside the
//! loop (`bot/errands.rs`), whose answer is an event like any other.
//!
//! # How an item reaches a room
//!
//! The agenda (`store/agenda.rs`) says that a source is due. The loop starts a look beside itself; `source/feed/`
//! fetches through `http/`, once for all trackers that watch the same address, and comes back as an event with the
//! items and a cursor. What its trackers want to know beyond that is looked up (`fact/`), for new items only, and only
//! where nothing else decides. `tracker/sift.rs` leaves out what was seen before, finds the trackers that want the rest
//! (`filter/index/`, without asking each of them), notes for `why` which filters held and where (`filter/why.rs`), and
//! hands what is left to its printer, or puts it aside until the tracker's own hour
//! (`tracker/tell.rs`). Seen ids, cursor, outgoing texts and the next look are one commit: a crash before it and
//! the look is made again, a crash after it and the texts are still there. They wait in the room's outbox
//! (`tracker/outbox.rs`), one at a time goes to the platform, and it leaves the outbox when the platform has it.
//!
//! More than is usual opens a breaker (`tracker/breaker.rs`): a hold (`tracker/hold.rs`) takes what waits out of the
//! outbox and keeps what comes (`tracker/kept.rs`), until somebody decides. A mute is a hold like any other. Who speaks
//! knows nothing of holds: what must not be said does not stand in the outbox.

pub mod bot;
pub mod clock;
pub mod command;
pub mod config;
pub mod dialogue;
pub mod fact;
pub mod filter;
pub mod html;
pub mod http;
pub mod man;
pub mod meter;
pub mod model;
pub mod printer;
pub mod recipe;
pub mod registry;
pub mod room;
pub mod source;
pub mod start;
pub mod store;
pub mod tracker;
pub mod watch;
pub mod when;

/// The program's, its benches' and its tests': a command takes memory on one thread that another gives back, which the
/// system's own does slowly.
#[cfg(not(fuzzing))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
