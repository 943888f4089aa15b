//! Ids of messages: the server's own where it gives them, else ones of ours, made of the time and a number.

use chrono::{DateTime, SecondsFormat, Utc};
use compact_str::format_compact;

use super::line::Line;
use crate::model::MessageId;

/// Makes ids that stand in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Stamps {
    last: i64,
    count: u32,
    /// The server's ids are of no use: its past is asked for by times alone.
    pub own: bool,
}

impl Stamps {
    /// The id of a message, and when it was said.
    pub fn of(&mut self, line: &Line, now: DateTime<Utc>) -> (MessageId, DateTime<Utc>) {
        let at = said_at(line).unwrap_or(now);
        match named(line).filter(|_| !self.own) {
            Some(id) => (MessageId(id.into()), at),
            None => (self.next(at), at),
        }
    }

    /// The id of a message that has none.
    pub fn next(&mut self, at: DateTime<Utc>) -> MessageId {
        let millis = at.timestamp_millis();
        self.count = match millis == self.last {
            true => self.count + 1,
            false => 0,
        };
        self.last = millis;
        MessageId(format_compact!("{millis:013}-{:04}", self.count))
    }
}

/// The id that the server gave a message.
pub(super) fn named(line: &Line) -> Option<&str> {
    line.tag("msgid").filter(|id| !id.is_empty())
}

/// When a line was said, where the server says so.
pub(super) fn said_at(line: &Line) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(line.tag("time")?).ok()?;
    Some(time.with_timezone(&Utc))
}

/// When a message was said whose id is one of ours.
pub(super) fn time_in(id: &MessageId) -> Option<DateTime<Utc>> {
    let (millis, count) = id.0.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = millis.len() == 13 && digits(millis) && count.len() >= 4 && digits(count);
    fits.then(|| DateTime::from_timestamp_millis(millis.parse().ok()?))?
}

/// A time as servers write it.
pub(super) fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_in_order_and_tell_their_time() {
        let mut stamps = Stamps::default();
        let now: DateTime<Utc> = "2026-11-21T09:00:00.5Z".parse().unwrap();
        let line = |text: &str| Line::read(text.as_bytes()).unwrap();
        let (first, at) = stamps.of(&line("PRIVMSG #x :a"), now);
        assert_eq!((at, time_in(&first)), (now, Some(now)));
        let (second, _) = stamps.of(&line("PRIVMSG #x :a"), now);
        assert!(second > first);
        let (third, at) = stamps.of(&line("@time=2026-11-21T09:00:01.000Z PRIVMSG #x :a"), now);
        assert!(third > second && at > now);
        let (named, _) = stamps.of(&line("@msgid=abc-0001 PRIVMSG #x :a"), now);
        assert_eq!((named.0.as_str(), time_in(&named)), ("abc-0001", None));
        assert_eq!(written(now), "2026-11-21T09:00:00.500Z");
    }
}
