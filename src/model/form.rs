//! A form: questions on one page, for platforms that have such pages.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{MessageId, Person, Role, RoomId};

/// Questions on one page. Each platform with forms draws it its own way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What it is about; comes back with the answers: the command that they complete.
    pub name: String,
    /// A few words at its top.
    pub title: String,
    /// What stands on the button that hands it in.
    pub submit: String,
    pub fields: Vec<Field>,
}

/// A question of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Comes back with the answer; no two fields of a form share one.
    pub name: String,
    pub label: String,
    pub help: Option<String>,
    pub kind: FieldKind,
    /// What is filled in already.
    pub value: Option<String>,
    /// It must be answered.
    pub needed: bool,
    /// Other questions depend on it: the form is asked for anew when its answer changes.
    pub turns: bool,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldKind {
    /// With one line.
    Line,
    /// With one of these.
    One(Vec<Choosable>),
    /// With yes or no: `true` or nothing.
    Tick,
    /// With several lines.
    Long,
    /// With any number of these: their values, with commas between them.
    Many(Vec<Choosable>),
    /// With a point in time: as RFC 3339.
    Moment,
    /// With a length of time.
    Length,
    /// With a schedule: `every 5 minutes`.
    Schedule,
    /// With a whole number, both ends included.
    Number { least: u32, most: u32 },
    /// With something that nobody else may see, and no log.
    Secret,
    /// With a room.
    Room,
    /// With a person.
    Person,
    /// With an address on the web.
    Link,
    /// With a query.
    Query,
}

/// One of several answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choosable {
    /// Comes back when it is chosen.
    pub value: String,
    pub label: String,
}

/// A form that somebody has handed in, or changed so that it has to be drawn anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The platform's name for this handing in; what becomes of it is told under this id.
    pub id: MessageId,
    pub room: RoomId,
    pub person: Person,
    pub role: Role,
    pub at: DateTime<Utc>,
    /// The thread in which it was asked for.
    pub thread: Option<MessageId>,
    /// The form's name.
    pub form: String,
    /// The answers by their fields' names, in the order of the form; unanswered questions are not among them.
    pub answers: Vec<(String, String)>,
    /// Those whom the answers name by their ids.
    pub mentions: Vec<Person>,
    /// It is handed in; otherwise it is only to be drawn anew.
    pub done: bool,
}

/// What becomes of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is done: the form may go.
    Done,
    /// Some answers cannot be: fields by their names, each with a sentence. Never empty.
    Mistakes(Vec<(String, String)>),
    /// It is to be drawn so.
    Again(Form),
}
