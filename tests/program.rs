//! The program's command line, from outside.

#[allow(dead_code, reason = "other tests need more of it")]
#[path = "crash/life.rs"]
mod life;

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use life::{Life, PATIENCE, Place, boson, run};

/// Runs it without input: what it printed, how it ended, what stands on standard error.
fn boson_with(args: &[&str]) -> (String, i32, String) {
    let (lines, code, log) = run(boson().args(args), b"");
    (lines.join("\n"), code, log)
}

/// Types these lines into a fresh room.
fn chat(input: impl AsRef<[u8]>) -> (Vec<String>, String) {
    let place = Place::new();
    let command = &mut place.command(&["chat", "--as", "ann"]);
    let (lines, code, log) = run(command, input.as_ref());
    assert_eq!(code, 0, "{log}");
    (lines, log)
}

#[test]
fn help_and_version() {
    let (help, code, log) = boson_with(&["--help"]);
    assert_eq!((code, log.as_str()), (0, ""));
    for word in [
        "run",
        "chat",
        "man",
        "check",
        "completions",
        "backup",
        "restore",
        "--config",
        "--data",
    ] {
        assert!(help.contains(word), "{word} is missing in\n{help}");
    }
    let (version, code, _) = boson_with(&["--version"]);
    assert_eq!(
        (version.as_str(), code),
        (concat!("boson ", env!("CARGO_PKG_VERSION")), 0)
    );
    for command in [
        "run",
        "chat",
        "man",
        "check",
        "completions",
        "backup",
        "restore",
    ] {
        let (help, code, _) = boson_with(&[command, "--help"]);
        assert_eq!(code, 0);
        assert!(help.contains(&format!("Usage: boson {command}")), "{help}");
    }
    let (out, code, log) = boson_with(&["chta"]);
    assert_eq!((out.as_str(), code), ("", 2));
    assert!(log.contains("chat"), "no hint in {log}");
}

#[test]
fn the_manual_in_the_terminal() {
    let (contents, code, log) = boson_with(&["man"]);
    assert_eq!((code, log.as_str()), (0, ""));
    assert!(contents.contains("track") && contents.contains("terminal"));
    let (page, code, log) = boson_with(&["man", "track"]);
    assert_eq!((code, log.as_str()), (0, ""));
    assert!(page.starts_with("track"), "{page}");
    assert!(page.contains("--backlog N"), "{page}");
    let (out, code, log) = boson_with(&["man", "trak"]);
    assert_eq!((out.as_str(), code), ("", 1));
    assert!(log.contains("hint: did you mean `man track`?"), "{log}");
}

#[test]
fn the_manual_for_man() {
    let place = Place::new();
    let folder = place.path("pages/man");
    let (out, code, log) = boson_with(&["man", "--roff", folder.to_str().unwrap()]);
    assert_eq!(code, 0, "{log}");
    let mut files: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert!(
        out.starts_with(&format!("Wrote {} pages", files.len())),
        "{out}"
    );
    for file in ["boson.1", "boson-track.1", "boson-feed.7"] {
        assert!(files.iter().any(|name| name == file), "{file} in {files:?}");
    }
    let lint = Command::new("mandoc")
        .args(["-Tlint", "-Wwarning"])
        .args(files.iter().map(|file| folder.join(file)))
        .stdin(Stdio::null())
        .output();
    match lint {
        Ok(lint) => assert_eq!(String::from_utf8_lossy(&lint.stdout), ""),
        Err(_) => println!("there is no mandoc here: the pages are only there, not linted"),
    }
    let (_, code, log) = boson_with(&["man", "--roff", "/dev/null/pages"]);
    assert_eq!(code, 1);
    assert!(log.contains("/dev/null/pages"), "{log}");
}

#[test]
fn completions() {
    for (shell, word) in [
        ("bash", "complete -F _boson"),
        ("zsh", "#compdef boson"),
        ("fish", "complete -c boson"),
    ] {
        let (script, code, log) = boson_with(&["completions", shell]);
        assert_eq!((code, log.as_str()), (0, ""));
        assert!(
            script.contains(word) && script.contains("restore"),
            "{shell}: {script}"
        );
    }
    let (out, code, log) = boson_with(&["completions", "csh"]);
    assert_eq!((out.as_str(), code), ("", 2));
    assert!(log.contains("bash"), "{log}");
}

/// A place with this config and no other.
fn with_config(text: &str) -> Place {
    let place = Place::new();
    std::fs::write(place.path("config.toml"), text).unwrap();
    place
}

/// What `check` and `chat` say of a config; they must say the same.
fn mistakes(place: &Place) -> String {
    let file = place.path("config.toml");
    let file = file.to_str().unwrap();
    let (out, code, log) = boson_with(&["check", file]);
    assert_eq!((out.as_str(), code), ("", 2), "{log}");
    let (said, code, started) = run(
        &mut place.command(&["chat", "--as", "ann"]),
        b"echo hello\n",
    );
    assert_eq!((said.len(), code), (0, 2), "{started}");
    assert!(!place.data().exists(), "nothing is begun with a mistake");
    log.replace(&place.path("").display().to_string(), "")
}

#[test]
fn a_good_config_has_no_mistakes() {
    let place = with_config("name = \"higgs\"\n[log]\nlevel = \"warn\"\n");
    let file = place.path("config.toml");
    let (out, code, log) = boson_with(&["check", file.to_str().unwrap()]);
    assert_eq!((code, log.as_str()), (0, ""));
    assert!(out.contains("no mistakes"), "{out}");
    let (out, code, _) = boson_with(&["check", "--config", file.to_str().unwrap()]);
    assert_eq!(code, 0, "{out}");
    let lines = run(
        &mut place.command(&["chat", "--as", "ann"]),
        b"@higgs echo hello\n",
    );
    assert_eq!((lines.0, lines.1), (vec!["hello".to_string()], 0));
    let (out, code, log) = boson_with(&["check", "/nowhere/config.toml"]);
    assert_eq!((out.as_str(), code), ("", 2));
    assert!(log.starts_with("/nowhere/config.toml: "), "{log}");
}

#[test]
fn every_mistake_of_a_config_is_said_with_its_place_and_a_hint() {
    let place = with_config(
        "nam = \"x\"\n\
         [trackers]\n\
         every = 5\n\
         [log]\n\
         level = \"loud\"\n\
         [http.login.\"feeds.example\"]\n\
         user = \"u\"\n\
         password = { env = \"BOSON_TEST_NO_SUCH_SECRET\" }\n",
    );
    let log = mistakes(&place);
    for place in [
        "config.toml:1:1: ",
        "config.toml:3:",
        "config.toml:5:",
        "config.toml:8:",
    ] {
        assert!(log.contains(place), "no {place} in\n{log}");
    }
    for hint in [
        "did you mean `name`?",
        "\"info\"",
        "BOSON_TEST_NO_SUCH_SECRET",
    ] {
        assert!(log.contains(hint), "no {hint} in\n{log}");
    }
    assert_eq!(log.matches("hint: ").count(), 4, "{log}");
}

#[test]
fn a_missing_file_with_a_secret_is_a_mistake() {
    let place = with_config(
        "[http.login.\"feeds.example\"]\nuser = \"u\"\npassword = { file = \"gone.secret\" }\n",
    );
    let log = mistakes(&place);
    assert!(log.starts_with("config.toml:3:"), "{log}");
    assert!(
        log.contains("gone.secret") && log.contains("hint: "),
        "{log}"
    );
}

#[test]
fn mistakes_in_the_folder_of_recipes_are_said_too() {
    let place = with_config("recipes = \"mine\"\nnam = \"x\"\n");
    std::fs::create_dir(place.path("mine")).unwrap();
    let recipe = "about = \"Broken\"\nas = \"lin\"\n[source]\nkind = \"feeed\"\n";
    std::fs::write(place.path("mine/broken.toml"), recipe).unwrap();
    let log = mistakes(&place);
    assert!(log.contains("config.toml:2:1: "), "{log}");
    for (line, hint) in [(2, "did you mean `line`?"), (4, "did you mean `feed`?")] {
        assert!(log.contains(&format!("mine/broken.toml:{line}:")), "{log}");
        assert!(log.contains(hint), "{log}");
    }
    // One that is right is there.
    std::fs::write(place.path("config.toml"), "recipes = \"mine\"\n").unwrap();
    let recipe =
        "about = \"Mine\"\n[source]\nkind = \"feed\"\nurl = \"https://mine.example/feed\"\n";
    std::fs::write(place.path("mine/broken.toml"), recipe).unwrap();
    let (lines, code, log) = run(&mut place.command(&["chat", "--as", "ann"]), b"recipes\n");
    assert_eq!(code, 0, "{log}");
    assert!(
        lines.iter().any(|line| line.contains("broken")),
        "{lines:?}"
    );
}

#[test]
fn what_is_backed_up_is_restored() {
    let place = Place::new();
    // Nobody listens there.
    let line = b"track feed http://127.0.0.1:1/feed named kept every day at 9:00 --contains kept\n";
    let (_, code, log) = run(&mut place.command(&["chat", "--as", "ann"]), line);
    assert_eq!(code, 0, "{log}");
    let file = place.path("a.backup");
    let (out, code, log) = run(&mut place.command(&["backup", file.to_str().unwrap()]), b"");
    assert_eq!(code, 0, "{log}");
    assert!(out[0].starts_with("Wrote ") && out[0].contains("a.backup"));
    let elsewhere = place.path("elsewhere");
    let restore = |file: &str| {
        let data = elsewhere.to_str().unwrap();
        boson_with(&["restore", file, "--data", data])
    };
    let (out, code, log) = restore(file.to_str().unwrap());
    assert_eq!(code, 0, "{log}");
    assert!(out.starts_with("Restored "), "{out}");
    let chat = |data: &std::path::Path| {
        let mut command = boson();
        command.args(["chat", "--as", "ann", "--data"]).arg(data);
        let (lines, code, log) = run(&mut command, b"export kept\nundo\n");
        assert_eq!(code, 0, "{log}");
        lines
    };
    let lines = chat(&elsewhere);
    assert_eq!(lines, chat(&place.data()));
    assert!(
        lines.contains(&"contains = \"kept\"".to_string()),
        "{lines:?}"
    );
    assert!(lines.iter().any(|line| line.starts_with("Took back")));

    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    std::fs::remove_dir_all(&elsewhere).unwrap();
    let (_, code, log) = restore(file.to_str().unwrap());
    assert_eq!(code, 3);
    assert!(log.contains("damaged"), "{log}");
    let (_, code, log) = restore("/nowhere/a.backup");
    assert_eq!(code, 3);
    assert!(log.contains("/nowhere/a.backup"), "{log}");
}

#[test]
fn a_room_for_scripts_says_the_messages_and_nothing_else() {
    let (lines, log) = chat("echo hello\n\n@boson echo --upper again\necho 'two  words'\n");
    assert_eq!(lines, ["hello", "AGAIN", "two  words"]);
    assert!(!log.contains("hello") && !log.contains("AGAIN"), "{log}");
    // The last line needs no end, and other systems end lines differently.
    assert_eq!(chat("echo one\r\necho two").0, ["one", "two"]);
    assert_eq!(chat("").0, [""; 0]);
}

#[test]
fn whoami_says_the_name_that_was_given() {
    let place = Place::new();
    let command = &mut place.command(&["chat", "--as", "Zoë", "--room", "cellar"]);
    let (lines, code, log) = run(command, b"whoami\nstatus\n");
    assert_eq!(code, 0, "{log}");
    assert!(lines[0].contains("Zoë"), "{lines:?}");
}

#[test]
fn ten_thousand_commands_get_ten_thousand_answers_in_order() {
    let input: String = (0..10_000).map(|n| format!("echo {n}\n")).collect();
    let (lines, _) = chat(input);
    let wanted: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
    assert!(lines == wanted, "{} answers", lines.len());
}

#[test]
fn two_thousand_changes_are_all_answered_and_all_kept() {
    let place = Place::new();
    let mut input = String::from("track feed http://127.0.0.1:1/feed named t0 every day at 9:00\n");
    // Four hundred times five changes of one tracker, each on top of the one before.
    for n in 1..=400 {
        let (old, new) = (n - 1, n);
        input.push_str(&format!(
            "rename t{old} t{new}\npause t{new}\nresume t{new}\nedit t{new} --contains w{new}\nundo\n"
        ));
    }
    let (lines, code, log) = run(
        &mut place.command(&["chat", "--as", "ann"]),
        input.as_bytes(),
    );
    assert_eq!(code, 0, "{log}");
    for (verb, times) in [
        (" is called ", 400),
        ("Paused ", 400),
        ("Resumed ", 400),
        ("Changed ", 400),
        ("Took back", 400),
    ] {
        let answers = lines.iter().filter(|line| line.contains(verb)).count();
        assert_eq!(answers, times, "{verb}");
    }
    let (lines, _, _) = run(&mut place.command(&["chat", "--as", "ann"]), b"list\n");
    assert!(lines.contains(&"1 tracker:".to_string()), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("`t400`")));
}

#[test]
fn long_lines_and_broken_text_are_answered() {
    let longest = 64 * 1024;
    // As long as may be.
    let fits = format!("echo {}\n", "x".repeat(longest - 5));
    assert_eq!(chat(&fits).0, ["x".repeat(longest - 5)]);
    // One more is refused, and what follows is read.
    let (lines, _) = chat(format!("echo {}\necho after\n", "y".repeat(longest)));
    assert!(lines[0].contains("64 at most"), "{:?}", lines[0]);
    assert_eq!(lines.last().unwrap(), "after");
    let (lines, _) = chat([&vec![b'z'; 3 << 20][..], b"\necho after\n"].concat());
    assert_eq!(lines.last().unwrap(), "after");
    assert!(lines.iter().all(|line| line.len() < 2_000), "an echo of it");
    let (lines, _) = chat(b"echo \xff\xfe\x80 broken\n\xc3\x28\necho \0nul\x1b[31m\necho after\n");
    assert!(lines[0].contains('\u{fffd}') && lines[0].ends_with("broken"));
    assert!(lines.iter().all(|line| !line.contains('\u{1b}')));
    assert_eq!(lines.last().unwrap(), "after");
}

#[test]
fn the_end_of_input_waits_for_what_is_due() {
    // The first look of a tracker is due when the input ends: what comes of it is said.
    let place = Place::new();
    let feed = "<rss version='2.0'><channel><title>Small</title><item><guid>1</guid>\
                <title>First</title></item></channel></rss>";
    let url = serve(feed);
    let input = format!("track feed {url} named small --backlog 1\n");
    let (lines, code, log) = run(
        &mut place.command(&["chat", "--as", "ann"]),
        input.as_bytes(),
    );
    assert_eq!(code, 0, "{log}");
    assert!(
        lines.iter().any(|line| line == "[small] First"),
        "{lines:?}\n{log}"
    );
}

/// A host that gives this page to everybody.
fn serve(page: &str) -> String {
    use std::io::{BufRead, BufReader, Write};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/feed", listener.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    );
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|n| n > 2) {
                line.clear();
            }
            reader.get_mut().write_all(answer.as_bytes()).ok();
        }
    });
    url
}

#[test]
fn lingering_goes_on_listening_and_then_ends() {
    let place = Place::new();
    let mut life = Life::start(&mut place.command(&["chat", "--linger", "2 seconds"]));
    life.say("echo here");
    life.hear_until(|line| line == "here");
    let closed = Instant::now();
    life.close_input();
    let (_, status, log) = life.end(PATIENCE);
    assert!(status.success(), "{log}");
    assert!(
        closed.elapsed() >= Duration::from_millis(1_900),
        "{:?}",
        closed.elapsed()
    );
    let (_, code, log) = boson_with(&["chat", "--linger", "soon"]);
    assert_eq!(code, 2);
    assert!(log.contains("soon") && log.contains("hint"), "{log}");
}

#[test]
fn nobody_reads_in_a_log_what_people_write() {
    let secret = "xyzzy";
    let input = format!(
        "echo {secret}\ntrack feed http://127.0.0.1:1/{secret} named {secret}\n{secret}\necho \"{secret}\nedit {secret}\nundo\n"
    );
    for format in ["human", "json"] {
        let place = with_config(&format!(
            "[http]\nallow_private = true\n[log]\nlevel = \"info\"\nformat = \"{format}\"\n"
        ));
        let (lines, code, log) = run(
            &mut place.command(&["chat", "--as", "ann"]),
            input.as_bytes(),
        );
        assert_eq!(code, 0, "{log}");
        assert!(lines.iter().any(|line| line == secret), "{lines:?}");
        assert!(!log.contains(secret), "{log}");
        assert!(!log.is_empty(), "at this level it logs that a room is left");
        if format == "json" {
            for line in log.lines() {
                let entry: serde_json::Value =
                    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
                assert!(entry["level"].is_string() && entry["timestamp"].is_string());
            }
        }
    }
}

#[test]
fn a_folder_that_cannot_be_used_is_named_in_one_sentence() {
    let place = Place::new();
    let file = place.path("file");
    std::fs::write(&file, "").unwrap();
    for data in ["/dev/null/data", "/proc/boson", file.to_str().unwrap()] {
        let mut command = boson();
        command.args(["chat", "--data", data]);
        let (lines, code, log) = run(&mut command, b"echo hello\n");
        assert_eq!((lines.len(), code), (0, 1), "{log}");
        assert!(log.contains(data), "{log}");
        assert_eq!(log.lines().count(), 1, "{log}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_trouble() {
    // The page is longer than a pipe holds.
    for args in [&["man", "track"][..], &["completions", "bash"]] {
        let mut child = boson()
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(!log.contains("panicked"), "{log}");
    }
}
