//! Taking own messages out of a room's sight.

use super::Chat;
use crate::model::RoomId;
use crate::room::{SayError, Trashed, Which};

/// Takes them away.
///
/// # Errors
/// When the chat cannot be asked.
pub(super) async fn trash(chat: &Chat, room: &RoomId, which: &Which) -> Result<Trashed, SayError> {
    let number = chat.number(room)?;
    let ids = match which {
        Which::Last(count) => {
            let own = chat.recent.of(number);
            let last = own.iter().rev().take(*count);
            last.map(|own| own.id.to_string()).collect()
        }
        Which::These(these) => these.clone(),
    };
    let mut trashed = Trashed::default();
    for id in ids {
        let path = format!("/messages/{id}/delete");
        let reply = chat.door.post_from(number, &path, &[]).await;
        match reply.map(|reply| reply.text().into_owned()) {
            Ok(done) if done == "\"ok\"" => trashed.deleted += 1,
            Ok(what) => trashed.kept.push((id, what)),
            Err(wrong) => trashed.kept.push((id, wrong.words())),
        }
    }
    Ok(trashed)
}
