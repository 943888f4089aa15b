//! What was being asked when the process ended is asked once more, where nobody else reads along.

use chrono::{DateTime, Utc};

use super::Bot;
use crate::command::wizard;
use crate::model::{Message, Outgoing, PersonId, Role, RoomId};
use crate::store::rows::DialogueRow;
use crate::store::tables;
use crate::tracker::{self, Trouble};

impl Bot {
    /// Asks once more what waits for an answer in direct messages. In rooms with others it is asked when its person next
    /// says something to the bot there; nothing is asked twice of whoever says nothing.
    pub(super) fn ask_again(&mut self, now: DateTime<Utc>) -> Result<(), Trouble> {
        let all = self.store.scan(&tables::DIALOGUES, &(), usize::MAX)?;
        for (place, row) in all {
            let here = self.rooms.contains_key(&place.0);
            if here && row.direct && !row.light && !row.repeated && now < row.ends {
                self.ask_one_again(&place, row, now)?;
            }
        }
        Ok(())
    }

    fn ask_one_again(
        &mut self,
        place: &(RoomId, PersonId),
        mut row: DialogueRow,
        now: DateTime<Utc>,
    ) -> Result<(), Trouble> {
        let message = Message {
            id: row.heard.clone(),
            room: place.0.clone(),
            person: row.who.clone(),
            text: String::new(),
            at: now,
            direct: true,
            reply_to_bot: false,
            reply_to: None,
            role: Role::Member,
            thread: row.thread.clone(),
            private: false,
            everywhere: false,
            past: false,
            mentions: Vec::new(),
        };
        let role = self.role(&message);
        let text = self.in_scene(&message, "", role, now, |grammar, scene| {
            wizard::repeated(grammar, scene)
        })?;
        if text.is_empty() {
            return Ok(());
        }
        // It can be answered like the question itself.
        let outgoing = Outgoing {
            answers: Some((row.heard.clone(), place.1.clone())),
            thread: row.thread.clone(),
            ..Outgoing::new(place.0.clone(), text, now)
        };
        tracker::queue(&mut self.store, outgoing)?;
        row.repeated = true;
        self.store.put(&tables::DIALOGUES, place, &row);
        Ok(())
    }
}
