//! The words everything else is said in: plain data, without I/O and without async.
//!
//! Invariant: every value here can be stored, logged and compared.

pub mod dialogue;
mod errand;
pub mod facts;
mod form;
mod hold;
mod item;
mod job;
mod message;
mod mistake;
mod person;
mod recipe;
mod refusal;
mod report;
mod room;
mod stop;
pub mod text;
mod tracker;
mod verdict;

pub use errand::{Errand, Trashed, Which};
pub use form::{Choosable, Field, FieldKind, Filled, Form, Taken};
pub use hold::{Hold, Mute, Why};
pub use item::{Fact, Item, ItemId, one_line};
pub use job::{Job, JobKey, Task};
pub use message::{Heard, Message, MessageId};
pub use mistake::Mistake;
pub use person::{Person, PersonId, Role};
pub use recipe::{Args, Part, Recipe, Unsure};
pub use refusal::Refusal;
pub use report::{Day, Outgoing, Passage, Reason, Report, ReportId};
pub use room::RoomId;
pub use stop::{Stop, Stopped};
pub use text::Text;
pub use tracker::{SourceId, Stage, Tracker, TrackerId, TrackerName};
pub use verdict::Verdict;
