//! Keys as bytes: the order of the bytes is the order of the values, and no key is a part of another by accident.
//!
//! Numbers are big-endian. A string ends in two zero bytes, and a zero byte within it is followed by 0xff, so that
//! `("a", "bc")` and `("ab", "c")` differ whatever people put into names.

use chrono::{DateTime, Utc};
use compact_str::CompactString;

use crate::model::{ItemId, JobKey, MessageId, PersonId, RoomId, SourceId, TrackerId, TrackerName};

/// Something a table can be ordered by.
pub trait Key: Sized {
    /// Appends the key's bytes.
    fn encode(&self, out: &mut Vec<u8>);

    /// Takes one key off the front; `None` when there is none.
    fn decode(from: &mut &[u8]) -> Option<Self>;
}

/// No key at all: the prefix of every key.
impl Key for () {
    fn encode(&self, _out: &mut Vec<u8>) {}

    fn decode(_from: &mut &[u8]) -> Option<()> {
        Some(())
    }
}

impl Key for u64 {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_be_bytes());
    }

    fn decode(from: &mut &[u8]) -> Option<u64> {
        let (number, rest) = from.split_first_chunk::<8>()?;
        *from = rest;
        Some(u64::from_be_bytes(*number))
    }
}

impl Key for String {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_str(self, out);
    }

    fn decode(from: &mut &[u8]) -> Option<String> {
        let mut bytes = Vec::new();
        loop {
            let zero = from.iter().position(|byte| *byte == 0)?;
            bytes.extend_from_slice(&from[..zero]);
            let after = *from.get(zero + 1)?;
            *from = &from[zero + 2..];
            match after {
                0 => return String::from_utf8(bytes).ok(),
                0xff => bytes.push(0),
                1..=0xfe => return None,
            }
        }
    }
}

fn encode_str(text: &str, out: &mut Vec<u8>) {
    if text.as_bytes().contains(&0) {
        for byte in text.bytes() {
            out.push(byte);
            if byte == 0 {
                out.push(0xff);
            }
        }
    } else {
        out.extend_from_slice(text.as_bytes());
    }
    out.extend_from_slice(&[0, 0]);
}

/// Milliseconds since 1970; the sign is turned over so that what was before comes first.
/// What is finer than a millisecond is dropped, towards the past.
impl Key for DateTime<Utc> {
    fn encode(&self, out: &mut Vec<u8>) {
        let turned = self.timestamp_millis().cast_unsigned() ^ (1 << 63);
        turned.encode(out);
    }

    fn decode(from: &mut &[u8]) -> Option<DateTime<Utc>> {
        let turned = u64::decode(from)?;
        DateTime::from_timestamp_millis((turned ^ (1 << 63)).cast_signed())
    }
}

impl Key for CompactString {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_str(self, out);
    }

    fn decode(from: &mut &[u8]) -> Option<CompactString> {
        String::decode(from).map(CompactString::from)
    }
}

impl Key for RoomId {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_str(&self.platform, out);
        encode_str(&self.room, out);
    }

    fn decode(from: &mut &[u8]) -> Option<RoomId> {
        Some(RoomId {
            platform: CompactString::decode(from)?,
            room: CompactString::decode(from)?,
        })
    }
}

impl Key for TrackerName {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_str(self.as_str(), out);
    }

    fn decode(from: &mut &[u8]) -> Option<TrackerName> {
        TrackerName::try_from(String::decode(from)?).ok()
    }
}

impl Key for TrackerId {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }

    fn decode(from: &mut &[u8]) -> Option<TrackerId> {
        u64::decode(from).map(TrackerId)
    }
}

impl Key for SourceId {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }

    fn decode(from: &mut &[u8]) -> Option<SourceId> {
        u64::decode(from).map(SourceId)
    }
}

impl Key for PersonId {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_str(&self.0, out);
    }

    fn decode(from: &mut &[u8]) -> Option<PersonId> {
        CompactString::decode(from).map(PersonId)
    }
}

impl Key for ItemId {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_str(&self.0, out);
    }

    fn decode(from: &mut &[u8]) -> Option<ItemId> {
        String::decode(from).map(ItemId)
    }
}

impl Key for JobKey {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_str(&self.0, out);
    }

    fn decode(from: &mut &[u8]) -> Option<JobKey> {
        String::decode(from).map(JobKey)
    }
}

impl Key for MessageId {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_str(&self.0, out);
    }

    fn decode(from: &mut &[u8]) -> Option<MessageId> {
        CompactString::decode(from).map(MessageId)
    }
}

impl<A: Key, B: Key> Key for (A, B) {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
        self.1.encode(out);
    }

    fn decode(from: &mut &[u8]) -> Option<(A, B)> {
        Some((A::decode(from)?, B::decode(from)?))
    }
}

impl<A: Key, B: Key, C: Key> Key for (A, B, C) {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
        self.1.encode(out);
        self.2.encode(out);
    }

    fn decode(from: &mut &[u8]) -> Option<(A, B, C)> {
        Some((A::decode(from)?, B::decode(from)?, C::decode(from)?))
    }
}
