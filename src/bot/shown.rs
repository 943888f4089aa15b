//! Messages with buttons: once one is pressed, or its question answered, they show what came of it.

use std::collections::VecDeque;

use super::Bot;
use super::deeds::Deed;
use super::obey::Reply;
use crate::command::{Settled, wizard};
use crate::model::text::{Block, Span};
use crate::model::{Message, MessageId, RoomId, Text};

/// How many of them are kept in mind, of all rooms; those before keep their buttons.
const MOST: usize = 1_000;

/// What stands in the rooms with buttons below it, and how it is to be changed.
#[derive(Default)]
pub(super) struct Shown {
    texts: VecDeque<(RoomId, MessageId, Text)>,
    /// Changes that go out with the next commit.
    changes: Vec<Change>,
}

/// A message that is to look otherwise.
struct Change {
    room: RoomId,
    message: MessageId,
    text: Text,
    /// The click that changes it.
    click: Option<MessageId>,
}

impl Shown {
    /// A message with buttons was said.
    pub(super) fn note(&mut self, room: RoomId, message: MessageId, text: Text) {
        if self.texts.len() >= MOST {
            self.texts.pop_front();
        }
        self.texts.push_back((room, message, text));
    }

    fn find(&mut self, room: &RoomId, message: &MessageId) -> Option<&mut Text> {
        let mut all = self.texts.iter_mut().rev();
        let its = all.find(|(of, known, _)| of == room && known == message);
        its.map(|(_, _, text)| text)
    }
}

impl Bot {
    /// A question was answered: what was answered stands in the place of its buttons.
    pub(super) fn settle_question(&mut self, answer: &Message, settled: &Settled) {
        let who = answer.person.name.as_str();
        let line = vec![
            Span::Words(format!("→ {who}: ")),
            Span::Bold(settled.answered.clone()),
        ];
        let mut click = Some(answer.id.clone());
        // Of several, the last is the one that people see.
        for message in settled.messages.iter().rev() {
            let by = click.take();
            self.end_question(&answer.room, message, line.clone(), by);
        }
    }

    /// Nobody is asked with this message any more.
    pub(super) fn end_question(
        &mut self,
        room: &RoomId,
        message: &MessageId,
        line: Vec<Span>,
        click: Option<MessageId>,
    ) {
        let asks = |block: &Block| match block {
            Block::Choices(choices) => choices.iter().any(|its| wizard::is_answer(&its.command)),
            Block::Line(_)
            | Block::Hint(_)
            | Block::Entry(_)
            | Block::Pre(_)
            | Block::OneBox(_) => false,
        };
        let shown = self.shown.find(room, message);
        let Some(text) = shown.filter(|text| text.0.iter().any(asks)) else {
            return;
        };
        // Nor is it said any more how to answer.
        let mut new = std::mem::take(text);
        let stays = |block: &Block| !matches!(block, Block::Choices(_) | Block::Hint(_));
        new.0.retain(stays);
        let new = new.spans(line);
        self.change(room, message, new, click);
    }

    /// A button below a message was pressed: what was done with it stands in its place.
    pub(super) fn show_pressed(&mut self, press: &Message, reply: &Reply) {
        let Reply::Now { text: done, only } = reply else {
            return;
        };
        let Some(message) = press.reply_to.as_ref().filter(|_| press.private && !only) else {
            return;
        };
        let Some(text) = self.shown.find(&press.room, message) else {
            return;
        };
        let types = |block: &&mut Block| match block {
            Block::Choices(choices) => choices.iter().any(|choice| choice.command == press.text),
            Block::Line(_)
            | Block::Hint(_)
            | Block::Entry(_)
            | Block::Pre(_)
            | Block::OneBox(_) => false,
        };
        let (Some(row), Some(Block::Line(said))) = (text.0.iter_mut().find(types), done.0.first())
        else {
            return;
        };
        let mut line = vec![Span::Words(format!("✓ {}: ", press.person.name))];
        line.extend(said.iter().cloned());
        *row = Block::Line(line);
        let new = text.clone();
        self.change(&press.room, message, new, Some(press.id.clone()));
    }

    fn change(&mut self, room: &RoomId, id: &MessageId, text: Text, click: Option<MessageId>) {
        let edits = self.rooms.get(room).is_some_and(|room| room.manners.edits);
        let platform = self.platforms.get(room.platform.as_str()).filter(|_| edits);
        let pieces = platform.map_or(Vec::new(), |platform| platform.pieces(&text));
        // What has grown too long for one message stays as it is.
        let [text] = pieces.as_slice() else {
            return;
        };
        self.shown.changes.push(Change {
            room: room.clone(),
            message: id.clone(),
            text: text.clone(),
            click,
        });
    }

    /// Sends changes on their way; never waits.
    pub(super) fn let_out_changes(&mut self) {
        for change in std::mem::take(&mut self.shown.changes) {
            let Some(room) = self.rooms.get_mut(&change.room) else {
                continue;
            };
            let deed = Deed::Change {
                message: change.message,
                text: change.text,
                click: change.click,
            };
            if room.is_told(deed) {
                self.speaking += 1;
            }
        }
    }
}
