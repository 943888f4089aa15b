//! What is asked of a platform beside speaking.

use super::{Form, Part, Stop};

/// What is to be done on a platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Enter the room that somebody means by this number, name or link.
    Join(String),
    /// Leave the room in which it was typed, once the answer is said.
    Leave,
    /// End the bot.
    Stop(Stop),
    /// Copy the store into a file, and see whether it can be restored from that.
    BackUp,
    /// Show a form to whoever typed it.
    Ask(Form),
    /// See what a source has at present, for the dialogue of this number.
    Sample(u64, Part),
    /// Take own messages out of the sight of the room in which it was typed.
    Trash(Which),
}

/// Which of its own messages the bot shall take away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The last so many.
    Last(usize),
    /// Numbers or links, as somebody typed them.
    These(Vec<String>),
}

/// What became of messages that were to be taken away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trashed {
    /// Moved to another room.
    pub moved: usize,
    pub deleted: usize,
    /// As they are called there, with words that stand after "because".
    pub kept: Vec<(String, String)>,
}
