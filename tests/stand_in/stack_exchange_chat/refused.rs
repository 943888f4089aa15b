//! Why the chat did not do something, and how it says so.

use super::answer::Answer;
use super::throttle::sentence;
use serde_json::json;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No such room, message or page, or none for you.
    NotFound,
    /// The id was never given to a message.
    NeverWas,
    Permission,
    Blocked {
        until: i64,
        now: i64,
    },
    Reputation(i64),
    /// Of the room, with the seconds that are left.
    Timeout(i64),
    Frozen,
    Empty,
    TooLong,
    /// Seconds to wait.
    Throttled(i64),
    EditDeleted,
    EditOthers,
    EditLate,
    Deleted,
    DeleteOthers,
    DeleteLate,
    /// Pins are for owners.
    PinOthers,
    StarOwn,
    StarsSpent,
    /// Only owners do that.
    Owners,
    /// The key of the form is wrong, old or missing.
    Key,
    /// Something that must be there is not.
    Missing,
}

impl Refused {
    /// The answer; `path` is that of the request.
    pub fn answer(self, path: &str) -> Answer {
        let said = |text: &str| Answer::json(&json!(text));
        match self {
            Refused::NotFound => Answer::not_found(),
            Refused::NeverWas => Answer::never_was(path),
            Refused::Permission => Answer::refused(
                404,
                "The room does not exist, or you do not have permission",
            ),
            Refused::Blocked { until, now } => {
                let ending = ending(until, now);
                Answer::refused(404, format!("Your account is blocked, ending {ending}"))
            }
            Refused::Reputation(least) => {
                Answer::refused(403, format!("You need {least} reputation to talk here"))
            }
            Refused::Timeout(1) => {
                Answer::refused(404, "The room is in timeout, ending in 1 second")
            }
            Refused::Timeout(left) => {
                let text = format!("The room is in timeout, ending in {left} seconds");
                Answer::refused(404, text)
            }
            Refused::Frozen => Answer::refused(
                404,
                "The room has been frozen; new messages cannot be added",
            ),
            Refused::Empty => Answer::refused(500, "The message is empty"),
            Refused::TooLong => Answer::refused(500, "The message is too long"),
            Refused::Throttled(seconds) => Answer::refused(409, sentence(seconds)),
            Refused::EditDeleted => {
                said("This message has already been deleted and cannot be edited")
            }
            Refused::EditOthers => said("You can only edit your own messages"),
            Refused::EditLate => said("It is too late to edit this message"),
            Refused::Deleted => said("This message has already been deleted."),
            Refused::DeleteOthers => said("You can only delete your own messages"),
            Refused::DeleteLate => said("It is too late to delete this message"),
            Refused::PinOthers => said("Only a room-owner can pin messages"),
            Refused::StarOwn => said("You cannot star your own messages"),
            Refused::StarsSpent => said("You have no more stars today"),
            Refused::Owners => Answer::refused(404, "You do not have permission to do that"),
            Refused::Key => Answer::refused(400, "The fkey is missing or not valid"),
            Refused::Missing => Answer::refused(400, "Something is missing"),
        }
    }
}

/// `in 5 hours`, or `on Oct 2 at 1:37` when that is further away.
fn ending(until: i64, now: i64) -> String {
    let left = until - now;
    let (number, unit) = match left {
        ..=59 => (left, "second"),
        60..=3_599 => (left / 60, "minute"),
        3_600..=86_399 => (left / 3_600, "hour"),
        _ => {
            let date = chrono::DateTime::from_timestamp(until, 0).expect("a date of our days");
            return date.format("on %b %-d at %-H:%M").to_string();
        }
    };
    let s = if number == 1 { "" } else { "s" };
    format!("in {number} {unit}{s}")
}
