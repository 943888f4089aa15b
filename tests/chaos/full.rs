//! A disk that becomes full while the program writes, and one that is full when it starts.

use crate::disk::Disk;
use crate::life::{PATIENCE, Place, Turn, run};

#[test]
fn what_was_confirmed_before_the_disk_was_full_is_there_when_there_is_room_again() {
    let place = Place::new();
    let Some(disk) = Disk::new(place.data()) else {
        return;
    };
    let place = place.within(disk.words());
    let mut life = place.chat();
    life.say("echo here");
    life.hear_until(|line| line == "here");
    disk.fill(0);
    // It has taken some room for itself, and uses that up.
    let (mut typed, mut confirmed, mut over) = (0, 0, false);
    while !over {
        assert!(typed < 9_000, "the disk is never full");
        let mut lines = String::new();
        for n in typed..typed + 10 {
            lines += &format!("track feed http://127.0.0.1:1/{n} named t{n} every day at 9:00\n");
        }
        typed += 10;
        if !life.try_write((lines + "echo more\n").as_bytes()) {
            break;
        }
        loop {
            match life.turn(PATIENCE) {
                Turn::Said(line) if line.starts_with("Tracking ") => confirmed += 1,
                Turn::Said(line) if line.starts_with("I could not write that down") => {
                    // It ends by that, if not by something else that it wanted to keep.
                    over = true;
                }
                Turn::Said(line) if line == "more" => break,
                Turn::Said(_) => {}
                Turn::Silent => panic!("it hangs\n{}", life.log()),
                Turn::Over => {
                    over = true;
                    break;
                }
            }
        }
    }
    let (_, status, log) = life.end(PATIENCE);
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("there is no room on the disk"), "{log}");

    // Nothing is begun on a full disk, and nothing is harmed by trying.
    let (lines, code, log) = run(&mut place.command(&["chat", "--as", "ann"]), b"list\n");
    assert_eq!((lines.len(), code), (0, 1), "{log}");
    assert!(log.contains("No space left on device"), "{log}");

    disk.empty();
    let (lines, code, log) = run(&mut place.command(&["chat", "--as", "ann"]), b"list\n");
    assert_eq!(code, 0, "{log}");
    let listed = lines.iter().find_map(|line| {
        let (count, _) = line.split_once(" trackers")?;
        count.parse::<u64>().ok()
    });
    // What was not confirmed may be there all the same.
    let listed = listed.unwrap_or_else(|| panic!("no list: {lines:#?}\n{log}"));
    assert!(
        confirmed > 0 && (confirmed..=typed).contains(&listed),
        "{confirmed} {listed} {typed}"
    );
}
