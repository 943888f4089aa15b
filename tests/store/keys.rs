//! Keys survive being bytes, in order.

use std::fmt::Debug;

use boson::model::{ItemId, JobKey, MessageId, PersonId, RoomId, SourceId, TrackerId, TrackerName};
use boson::store::Key;
use chrono::{DateTime, TimeZone, Utc};
use proptest::prelude::*;

fn bytes(key: &impl Key) -> Vec<u8> {
    let mut bytes = Vec::new();
    key.encode(&mut bytes);
    bytes
}

fn survives<K: Key + Ord + Debug>(a: &K, b: &K) {
    let (left, right) = (bytes(a), bytes(b));
    for (key, bytes) in [(a, &left), (b, &right)] {
        let mut rest = bytes.as_slice();
        assert_eq!(K::decode(&mut rest).as_ref(), Some(key));
        assert!(rest.is_empty());
        // A key that is cut short is no key.
        if let Some((_, cut)) = bytes.split_last() {
            assert!(K::decode(&mut &cut[..]).is_none_or(|shorter| shorter != *key));
        }
    }
    assert_eq!(a.cmp(b), left.cmp(&right), "{a:?} and {b:?}");
    if a != b {
        assert!(!left.starts_with(&right) && !right.starts_with(&left));
    }
}

/// Short strings over few characters, so that equal beginnings and zeros are common.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[\u{0}\u{1}a\u{ff}é😀]{0,5}", any::<String>(),]
}

fn time() -> impl Strategy<Value = DateTime<Utc>> {
    (-80_000_000_000_000i64..80_000_000_000_000)
        .prop_map(|ms| Utc.timestamp_millis_opt(ms).unwrap())
}

fn room() -> impl Strategy<Value = RoomId> {
    (text(), text()).prop_map(|(platform, room)| RoomId {
        platform: platform.into(),
        room: room.into(),
    })
}

fn name() -> impl Strategy<Value = TrackerName> {
    "[a-z0-9ä][a-z0-9._-]{0,8}".prop_map(|name| name.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers(a: u64, b: u64) {
        survives(&a, &b);
        survives(&TrackerId(a), &TrackerId(b));
        survives(&SourceId(a), &SourceId(b));
    }

    #[test]
    fn strings(a in text(), b in text()) {
        survives(&a, &b);
        survives(&ItemId(a.clone()), &ItemId(b.clone()));
        survives(&PersonId(a.clone().into()), &PersonId(b.clone().into()));
        survives(&MessageId(a.clone().into()), &MessageId(b.clone().into()));
        survives(&JobKey(a), &JobKey(b));
    }

    #[test]
    fn times(a in time(), b in time(), x in text(), y in text()) {
        survives(&a, &b);
        survives(&(a, JobKey(x)), &(b, JobKey(y)));
    }

    #[test]
    fn pairs_and_triples(a in (room(), name(), any::<u64>()), b in (room(), name(), any::<u64>())) {
        survives(&a.0, &b.0);
        survives(&a.1, &b.1);
        survives(&(a.0.clone(), a.2), &(b.0.clone(), b.2));
        survives(&a, &b);
    }

    #[test]
    fn strings_side_by_side(a in (text(), text(), text()), b in (text(), text(), text())) {
        survives(&a, &b);
    }

    /// Whatever lies on the disk, reading it as a key does not panic.
    #[test]
    fn foreign_bytes(bytes: Vec<u8>) {
        let _ = <(RoomId, TrackerName, u64)>::decode(&mut bytes.as_slice());
        let _ = <(DateTime<Utc>, JobKey)>::decode(&mut bytes.as_slice());
    }
}

#[test]
fn what_is_finer_than_a_millisecond_is_dropped_towards_the_past() {
    for nanos in [1_999_999, -1, -1_000_001] {
        let at = DateTime::from_timestamp_nanos(nanos);
        let back = DateTime::<Utc>::decode(&mut bytes(&at).as_slice()).unwrap();
        assert_eq!(back.timestamp_millis(), nanos.div_euclid(1_000_000));
    }
}
