//! `backup` in the room of the real program: what it writes can be restored, also when it is killed over it.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::life::{Life, PATIENCE, Place, run};

/// A place with trackers that are not looked at for years.
fn filled(trackers: usize) -> (Place, Life) {
    let place = Place::new();
    let mut life = place.chat();
    let mut lines = String::new();
    for n in 0..trackers {
        lines += &format!("track feed http://127.0.0.1:1/{n} named t{n} every day at 9:00\n");
    }
    life.write(lines.as_bytes());
    life.say("echo filled");
    life.hear_until(|line| line == "filled");
    (place, life)
}

/// The files in the folder of backups whose names begin so.
fn files(place: &Place, begin: &str) -> Vec<PathBuf> {
    let Ok(folder) = fs::read_dir(place.data().join("backups")) else {
        return Vec::new();
    };
    let all = folder.map(|entry| entry.unwrap().path());
    let its = all.filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(begin)
    });
    its.collect()
}

/// What `list` says of a store that is made from this file.
fn restored(file: &std::path::Path) -> Vec<String> {
    let place = Place::new();
    let file = file.to_str().unwrap();
    let (lines, code, log) = run(&mut place.command(&["restore", file]), b"");
    assert_eq!(code, 0, "{lines:?}\n{log}");
    let (lines, code, log) = run(&mut place.command(&["chat", "--as", "ann"]), b"list\n");
    assert_eq!(code, 0, "{log}");
    lines
}

#[test]
fn a_backup_from_a_room_can_be_restored() {
    let (place, mut life) = filled(30);
    life.say("backup");
    // Whether that is done before or behind it, nobody waits for it in vain.
    life.say("echo still here");
    let (mut copied, mut echoed) = (None, false);
    life.hear_until(|line| {
        if line.starts_with("Backed up: ") {
            copied = Some(line.to_string());
        }
        echoed |= line == "still here";
        echoed && copied.is_some()
    });
    let said = copied.expect("it was heard");
    let file = files(&place, "kept-").pop().expect("a copy");
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    assert!(
        said.contains(&format!("as `{name}` in the folder")),
        "{said}"
    );
    assert!(!said.contains(place.data().to_str().unwrap()));
    assert!(!place.data().join("backups/checking").exists());
    assert!(
        restored(&file)
            .iter()
            .any(|line| line.starts_with("30 trackers"))
    );
    life.say("stop t29");
    life.say("list");
    life.hear_until(|line| line.starts_with("29 trackers"));
    life.signal(libc::SIGTERM);
    let (_, status, log) = life.end(PATIENCE);
    assert!(status.success(), "{log}");
}

#[test]
fn a_kill_over_a_backup_harms_neither_it_nor_the_store() {
    let (place, mut life) = filled(60);
    let mut made = 0;
    for n in 0..12u64 {
        life.say("backup");
        if n % 4 == 3 {
            life.hear_until(|line| line.starts_with("Backed up: "));
        } else {
            // At any moment of it; what comes of the moment is judged, and not when it comes.
            let moment = Instant::now();
            while moment.elapsed() < Duration::from_millis(n * 9) {
                std::hint::spin_loop();
            }
        }
        life.kill();
        // What bears its whole name is whole.
        for file in files(&place, "kept-") {
            if file.extension().is_some_and(|end| end == "ndjson") {
                assert!(
                    restored(&file)
                        .iter()
                        .any(|line| line.starts_with("60 trackers")),
                    "{file:?}"
                );
                fs::remove_file(file).unwrap();
                made += 1;
            }
        }
        life = place.chat();
        life.say("list");
        life.hear_until(|line| line.starts_with("60 trackers"));
    }
    assert!(made >= 3, "only {made} were made");
    life.say("backup");
    life.hear_until(|line| line.starts_with("Backed up: "));
    assert!(!place.data().join("backups/checking").exists());
    life.signal(libc::SIGTERM);
    let (_, status, log) = life.end(PATIENCE);
    assert!(status.success() && !log.contains("ERROR"), "{log}");
}

#[test]
fn a_backup_for_which_there_is_no_room_is_none() {
    let (place, mut life) = filled(3);
    // Nothing can be written where this stands.
    let folder = place.data().join("backups");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::write(&folder, "in the way").unwrap();
    life.say("backup");
    let heard = life.hear_until(|line| line.starts_with("hint: the reference `"));
    assert!(
        heard.contains(&"The backup went wrong: there is none. The store is as it was.".into())
    );
    assert!(life.log().contains("a backup went wrong"), "{}", life.log());
    fs::remove_file(&folder).unwrap();
    life.say("backup");
    life.hear_until(|line| line.starts_with("Backed up: "));
    life.signal(libc::SIGKILL);
}
