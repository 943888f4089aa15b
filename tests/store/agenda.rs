//! The agenda and the journal.

use boson::model::{Job, JobKey, Person, PersonId, RoomId, SourceId, Task, TrackerId};
use boson::store::rows::Entry;
use boson::store::{Store, agenda, journal};
use chrono::{DateTime, TimeDelta, Utc};

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_750_000_000 + seconds, 0).unwrap()
}

fn job(task: Task, seconds: i64) -> Job {
    Job {
        key: task.key(),
        due: at(seconds),
        attempts: 0,
        task,
    }
}

#[tokio::test]
async fn jobs_come_in_the_order_they_are_due() {
    let mut store = Store::memory();
    assert_eq!(agenda::next(&store).unwrap(), None);
    for (n, seconds) in [(1, 30), (2, 10), (3, 20)] {
        agenda::put(&mut store, &job(Task::Look(SourceId(n)), seconds)).unwrap();
    }
    store.commit().await.unwrap();
    agenda::put(&mut store, &job(Task::Tell(TrackerId(4)), 5)).unwrap();
    assert_eq!(agenda::next(&store).unwrap(), Some(at(5)));
    let keys = |seconds, limit| -> Vec<String> {
        let due = agenda::due(&store, at(seconds), limit).unwrap();
        due.into_iter().map(|job| job.key.0).collect()
    };
    assert!(keys(4, 9).is_empty());
    assert_eq!(keys(20, 9), ["tell 4", "look 2", "look 3"]);
    assert_eq!(keys(99, 2), ["tell 4", "look 2"]);
}

#[test]
fn a_job_takes_the_place_of_one_under_the_same_key() {
    let mut store = Store::memory();
    let key = JobKey("look 1".into());
    for seconds in [30, 10, 50] {
        agenda::put(&mut store, &job(Task::Look(SourceId(1)), seconds)).unwrap();
    }
    assert_eq!(agenda::due(&store, at(99), 9).unwrap().len(), 1);
    assert_eq!(agenda::get(&store, &key).unwrap().unwrap().due, at(50));
    agenda::remove(&mut store, &key).unwrap();
    agenda::remove(&mut store, &key).unwrap();
    assert_eq!(agenda::get(&store, &key).unwrap(), None);
    assert_eq!(agenda::next(&store).unwrap(), None);
}

#[test]
fn a_job_is_not_due_a_fraction_of_a_millisecond_early() {
    let mut store = Store::memory();
    let mut look = job(Task::Look(SourceId(1)), 0);
    look.due += TimeDelta::nanoseconds(700);
    agenda::put(&mut store, &look).unwrap();
    assert!(agenda::due(&store, at(0), 9).unwrap().is_empty());
    assert_eq!(agenda::due(&store, look.due, 9).unwrap(), [look]);
}

#[test]
fn the_journal_is_read_from_its_end() {
    let mut store = Store::memory();
    for n in 0..300 {
        let entry = Entry {
            at: at(n),
            who: Person {
                id: PersonId("1".into()),
                name: "ann".into(),
            },
            room: RoomId::new("test", "room"),
            words: format!("stop {n}"),
            what: "stopped".into(),
            also: Vec::new(),
        };
        journal::append(&mut store, entry).unwrap();
    }
    for room in [None, Some(&RoomId::new("test", "room"))] {
        let last = journal::last(&store, room, 2).unwrap();
        assert_eq!(last.len(), 2);
        assert_eq!((last[0].at, last[1].at), (at(299), at(298)));
    }
}
