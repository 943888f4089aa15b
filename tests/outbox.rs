//! What waits for a room: answers have a bound of their own, and a report that is said in part is found by each part.

use boson::model::{MessageId, Outgoing, PersonId, RoomId, Text, TrackerId};
use boson::store::Store;
use boson::tracker::{begun, enqueue_answer, fold, is_report, queue, reported, said, waiting};
use chrono::{DateTime, Utc};

const MOST: usize = 5;

fn at() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn room() -> RoomId {
    RoomId::new("test", "room")
}

fn answer(n: usize) -> Outgoing {
    let to = (MessageId(format!("m{n}").into()), PersonId("ann".into()));
    Outgoing {
        answers: Some(to),
        ..Outgoing::new(room(), Text::line(format!("answer {n}")), at())
    }
}

fn report(n: u64) -> Outgoing {
    Outgoing {
        tracker: Some(TrackerId(7)),
        reports: vec![n],
        ..Outgoing::new(room(), Text::line(format!("report {n}")), at())
    }
}

fn all(store: &Store) -> Vec<(u64, String)> {
    let waiting = waiting(store, &room(), usize::MAX).unwrap();
    let all = waiting.into_iter();
    all.map(|(number, outgoing)| (number, outgoing.text.plain()))
        .collect()
}

fn texts(store: &Store) -> Vec<String> {
    all(store).into_iter().map(|(_, text)| text).collect()
}

#[test]
fn the_oldest_answer_that_nobody_has_begun_goes_when_too_many_wait() {
    let mut store = Store::memory();
    for n in 0..3 {
        queue(&mut store, report(n)).unwrap();
    }
    for n in 0..MOST {
        assert!(!enqueue_answer(&mut store, answer(n), MOST, &[]).unwrap());
    }
    let first = all(&store)[0].0;
    assert!(enqueue_answer(&mut store, answer(MOST), MOST, &[first]).unwrap());
    assert_eq!(
        texts(&store),
        [
            "answer 0", "answer 2", "answer 3", "answer 4", "answer 5", "report 0", "report 1",
            "report 2"
        ]
    );
    // However many answers wait, reports do not make room for them.
    let line = |_, count| Text::line(format!("and {count} more"));
    assert_eq!(fold(&mut store, &room(), MOST, &[], line).unwrap(), 0);
    for n in 3..9 {
        queue(&mut store, report(n)).unwrap();
    }
    assert!(fold(&mut store, &room(), MOST, &[], line).unwrap() > 0);
    let left = all(&store);
    let reports = left.iter().filter(|(number, _)| is_report(*number)).count();
    assert_eq!(
        (left.len() - reports, reports <= MOST),
        (MOST, true),
        "{left:?}"
    );
}

#[test]
fn a_report_that_is_said_in_part_is_found_by_each_part() {
    let mut store = Store::memory();
    let number = queue(&mut store, report(3)).unwrap();
    let message = |n: usize| MessageId(format!("said {n}").into());
    begun(&mut store, &room(), number, &[message(0)]).unwrap();
    begun(&mut store, &room(), number, &[message(1)]).unwrap();
    let (_, waits) = waiting(&store, &room(), 1).unwrap().remove(0);
    assert_eq!((waits.said, waits.attempts), (2, 0));
    said(&mut store, &room(), number, Some(message(2))).unwrap();
    assert_eq!(texts(&store), [""; 0]);
    for n in 0..3 {
        let found = reported(&store, &room(), &message(n)).unwrap();
        assert!(found.is_some(), "{n}");
    }
    // What was thrown away meanwhile does not come back.
    begun(&mut store, &room(), number, &[message(3)]).unwrap();
    assert_eq!(texts(&store), [""; 0]);
}
