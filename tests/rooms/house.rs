//! A place with rooms and people in them, which a platform leads to.

use std::sync::Arc;

use async_trait::async_trait;
use boson::model::{MessageId, RoomId};
use boson::room::Platform;

/// A message of the bot, as it stands in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: MessageId,
    pub text: String,
    /// The message that it answers.
    pub answers: Option<MessageId>,
}

/// A place with rooms that never end; person 0 owns them all, person 1 none.
#[async_trait]
pub trait House: Send + Sync {
    /// The clock by which it lives.
    fn time(&self) -> &super::run::Time;

    /// A client, as a process opens it that starts anew.
    fn platform(&self) -> Arc<dyn Platform>;

    /// The room of this number.
    fn room(&self, n: usize) -> RoomId;

    /// Before the bot starts in so many rooms: somebody has taken it there, where it does not go by itself.
    fn take_in(&self, _rooms: usize) {}

    /// The bot is in these rooms and hears, as far as people there can tell.
    async fn waits_for_the_bot(&self, rooms: usize);

    async fn say(&self, room: usize, person: usize, text: &str) -> MessageId;

    async fn reply(&self, room: usize, person: usize, to: &MessageId, text: &str);

    async fn edit(&self, room: usize, message: &MessageId, text: &str);

    /// What stands in a room and was said by the bot, in order.
    fn said(&self, room: usize) -> Vec<Line>;

    /// A message may be so long.
    fn fits(&self, text: &str) -> bool;

    /// People can type so many characters at once.
    fn types(&self) -> usize {
        usize::MAX
    }

    /// What was said can be corrected and taken away.
    fn edits(&self) -> bool {
        true
    }

    /// What was said while nobody listened can be heard later.
    fn reads_back(&self) -> bool;

    /// From now on it takes messages slowly.
    fn slow(&self);

    /// In how many ways its connection can break.
    fn breaks(&self) -> usize;

    /// Breaks the connection.
    fn snap(&self, way: usize);

    /// In how many ways saying something can go wrong.
    fn failures(&self) -> usize;

    /// The next messages of the bot go wrong.
    fn fail(&self, way: usize);

    /// Nothing can be said, or it can again.
    async fn close(&self, closed: bool);
}
