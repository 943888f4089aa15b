//! The rules of the code that can be read from the code: floors, doors, names, pages, the map.
//!
//! `BLESS=1 cargo test --test tidy` writes the usage into the pages of `man/`; all else is for a person to mend.

#[path = "tidy/code.rs"]
mod code;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use boson::command::manual;
use boson::{command, filter, man, printer, room, source};

/// Names that say nothing.
const BANNED: [&str; 11] = [
    "util", "helper", "common", "misc", "base", "manager", "service", "handler", "impl", "data",
    "info",
];

/// Says all that is wrong at once, and what to do.
fn judge(wrong: Vec<String>, what_to_do: &str) {
    assert!(wrong.is_empty(), "\n{}\n\n{what_to_do}\n", wrong.join("\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder that end in `.end`, as paths from the root, sorted.
fn files(folder: &str, end: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path: PathBuf = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|its| its == end) {
                let path = path.strip_prefix(root()).expect("it lies below the root");
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

/// The top module that a file of `src/` belongs to: `filter` for `src/filter/query/mod.rs`.
fn module(file: &str) -> &str {
    let inside = file.strip_prefix("src/").unwrap_or(file);
    let first = inside.split('/').next().unwrap_or(inside);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// Every file of `src/` with its code: no comments, no texts.
fn sources() -> Vec<(String, String)> {
    let all: Vec<_> = files("src", "rs")
        .into_iter()
        .map(|file| {
            let code = code::bare(&read(&file));
            (file, code)
        })
        .collect();
    assert!(all.len() > 50, "src/ cannot have become this small");
    all
}

/// The top modules there are, without `lib` and `main`.
fn modules() -> BTreeSet<String> {
    let all = sources();
    let names = all.iter().map(|(file, _)| module(file));
    names
        .filter(|name| !["lib", "main"].contains(name))
        .map(String::from)
        .collect()
}

/// The table of floors in `src/lib.rs`.
fn floors() -> BTreeMap<String, u32> {
    let text = read("src/lib.rs");
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("//! |")?.split('|').map(str::trim);
        let floor = cells.next()?.parse().ok()?;
        let name = cells.next()?.trim_matches(['[', ']', '`']);
        Some((name.to_string(), floor))
    });
    let mut floors = BTreeMap::new();
    for (name, floor) in rows {
        assert_eq!(
            floors.insert(name.clone(), floor),
            None,
            "`{name}` stands twice in the table"
        );
    }
    floors
}

#[test]
fn the_table_of_floors_names_every_module() {
    let mut listed: BTreeSet<String> = floors().into_keys().collect();
    assert!(
        listed.remove("main"),
        "`main` is missing in the table of src/lib.rs"
    );
    assert_eq!(
        listed,
        modules(),
        "the table of floors in src/lib.rs (left) is not what lies in src/ (right)"
    );
}

#[test]
fn modules_use_lower_floors_only() {
    let (floors, modules) = (floors(), modules());
    let mut wrong = Vec::new();
    for (file, code) in sources() {
        let user = module(&file);
        let Some(floor) = floors.get(user) else {
            continue;
        };
        for (line, used) in code::uses(&code, &file, &modules) {
            match floors.get(&used) {
                Some(below) if below < floor => {}
                _ if used == user => {}
                Some(its) => wrong.push(format!(
                    "{file}:{line}: `{user}` (floor {floor}) uses `{used}` (floor {its})"
                )),
                None => wrong.push(format!("{file}:{line}: `{used}` is on no floor")),
            }
        }
    }
    judge(
        wrong,
        "A module uses lower floors only. Move what is needed down, hand it in from above, or, when the order itself \
         is wrong, change the table in src/lib.rs and say why in the commit.",
    );
}

/// Who may write a word in code. All others may not.
struct Door {
    /// Paths or names; `env::` also stands for `std::env::`.
    words: &'static [&'static str],
    /// Modules that may.
    open: &'static [&'static str],
    instead: &'static str,
}

const DOORS: &[Door] = &[
    Door {
        words: &["sled"],
        open: &["store"],
        instead: "ask `store`: it has typed tables",
    },
    Door {
        words: &[
            "reqwest",
            "rustls",
            "tokio_rustls",
            "rustls_native_certs",
            "hyper",
            "tokio_tungstenite",
            "tungstenite",
        ],
        open: &["http"],
        instead: "ask `http`: it has the limits",
    },
    Door {
        words: &["prometheus"],
        open: &["meter"],
        instead: "ask `meter`: it has every name that is counted",
    },
    Door {
        words: &["sd_notify"],
        open: &["main"],
        instead: "ask `watch`: whoever starts the program tells who started it",
    },
    Door {
        words: &["env::", "env;"],
        open: &["config", "main"],
        instead: "let `config` read it and hand the value down",
    },
    Door {
        words: &["sleep", "sleep_until", "interval_at"],
        open: &["clock", "http", "bot", "room"],
        instead: "what happens later is a job on the agenda",
    },
    Door {
        words: &["println!", "print!", "eprintln!", "eprint!"],
        open: &["main"],
        instead: "return a text, or log it with `tracing`; a platform writes to its own paper",
    },
    Door {
        words: &["todo!", "unimplemented!", "dbg!"],
        open: &[],
        instead: "finish it",
    },
];

/// What waits, and what is around the program.
const WORLD: [&str; 7] = [
    "tokio",
    "futures_util",
    "fs",
    "net",
    "io",
    "process",
    "thread",
];

/// Modules that never wait: how much of the world they know, and which modules below them they do not.
const STILL: &[(&str, &[&str], &[&str])] = &[
    ("model", &[], &[]),
    ("registry", &[], &[]),
    ("when", &[], &[]),
    ("man", &[], &[]),
    ("filter", &[], &["store", "clock", "http", "room"]),
    ("printer", &[], &["store", "clock", "http", "room"]),
    (
        "dialogue",
        &[],
        &["store", "clock", "http", "room", "source"],
    ),
    // It reads the operator's folder.
    ("recipe", &["fs", "io"], &["store", "clock", "http", "room"]),
    ("tracker", &[], &["clock", "http"]),
    ("command", &[], &["clock", "http", "room"]),
];

#[test]
fn one_door_each() {
    let mut wrong = Vec::new();
    for (file, code) in sources() {
        for door in DOORS
            .iter()
            .filter(|door| !door.open.contains(&module(&file)))
        {
            for word in door.words {
                for line in code::lines_with(&code, word) {
                    wrong.push(format!("{file}:{line}: `{word}`: {}", door.instead));
                }
            }
        }
    }
    judge(wrong, "See “What always holds” in src/lib.rs.");
}

#[test]
fn commands_leave_it_to_one_place_who_may_do_what() {
    let mut wrong = Vec::new();
    // Whoever may end the bot is asked beside the loop, too.
    let beside = ["src/command/may.rs", "src/command/ends.rs"];
    let commands = sources()
        .into_iter()
        .filter(|(file, _)| file.starts_with("src/command/") && !beside.contains(&file.as_str()));
    for (file, code) in commands {
        let compared = [
            " < Role::",
            " <= Role::",
            " > Role::",
            " >= Role::",
            ".role <",
            ".role >",
        ];
        for (at, line) in code.lines().enumerate() {
            if compared.iter().any(|compared| line.contains(compared)) {
                wrong.push(format!("{file}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    judge(wrong, "Ask `may::check` for a `Deed`.");
}

#[test]
fn what_is_still_does_not_wait_and_does_not_look_around() {
    let modules = modules();
    let mut wrong = Vec::new();
    for (file, code) in sources() {
        let Some((still, known, unknown)) = STILL.iter().find(|(name, ..)| *name == module(&file))
        else {
            continue;
        };
        let world = WORLD.iter().filter(|word| !known.contains(word));
        let words = world
            .map(|word| format!("{word}::"))
            .chain(["async".into(), "await".into()]);
        for word in words {
            for line in code::lines_with(&code, &word) {
                wrong.push(format!("{file}:{line}: `{still}` does not know `{word}`"));
            }
        }
        for (line, used) in code::uses(&code, &file, &modules) {
            if unknown.contains(&used.as_str()) {
                wrong.push(format!("{file}:{line}: `{still}` does not know `{used}`"));
            }
        }
    }
    judge(wrong, "See “What always holds” in src/lib.rs.");
}

#[test]
fn names_say_something() {
    let mut wrong = Vec::new();
    let folders = ["src", "tests", "fuzz/fuzz_targets", "benches"];
    let all = folders.iter().filter(|folder| root().join(folder).is_dir());
    for file in all.flat_map(|folder| files(folder, "rs")) {
        let path = file.strip_suffix(".rs").unwrap_or(&file);
        for word in path.split(['/', '_', '-']) {
            if BANNED
                .iter()
                .any(|banned| word == *banned || word.strip_suffix('s') == Some(*banned))
            {
                wrong.push(format!("{file}: `{word}` says nothing"));
            }
        }
    }
    judge(wrong, "Name the file after its one subject.");
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut wrong = Vec::new();
    for file in files("src", "rs") {
        let text = read(&file);
        if !text.starts_with("//! ") {
            wrong.push(format!("{file}: it does not open with `//!`"));
        }
    }
    judge(
        wrong,
        "Open the file with one sentence (`//!`) that says what it is for.",
    );
}

/// A folder of kinds: its name, and of each kind in `ALL` its name and what it declares.
type Folder = (&'static str, Vec<(&'static str, Option<clap::Command>)>);

fn kinds() -> Vec<Folder> {
    macro_rules! declared {
        ($folder:ident) => {
            (
                stringify!($folder),
                $folder::ALL
                    .iter()
                    .map(|kind| (kind.name, Some((kind.declare)())))
                    .collect(),
            )
        };
    }
    vec![
        declared!(command),
        declared!(source),
        declared!(filter),
        declared!(printer),
        (
            "room",
            room::ALL.iter().map(|kind| (kind.name, None)).collect(),
        ),
    ]
}

#[test]
fn every_kind_is_listed_under_the_name_of_its_file() {
    let mut wrong = Vec::new();
    for (folder, kinds) in kinds() {
        let listed: BTreeSet<String> = kinds.iter().map(|(name, _)| name.to_string()).collect();
        if listed.len() < kinds.len() {
            wrong.push(format!("src/{folder}/mod.rs: `ALL` has a name twice"));
        }
        let mut declared = BTreeSet::new();
        for file in files(&format!("src/{folder}"), "rs") {
            if !read(&file).contains("pub const KIND:") {
                continue;
            }
            // `one_box.rs` is `one-box`, `feed/mod.rs` is `feed`.
            let path = file.trim_end_matches("/mod.rs").trim_end_matches(".rs");
            let name = path.rsplit('/').next().unwrap_or(path).replace('_', "-");
            if !listed.contains(&name) {
                wrong.push(format!(
                    "{file}: no kind `{name}` in `ALL` of src/{folder}/mod.rs; add `{}::KIND`, or call it like its file",
                    name.replace('-', "_")
                ));
            }
            declared.insert(name);
        }
        // Filters that ask for one fact are a line each.
        let lines = match folder {
            "filter" => read("src/filter/asked.rs"),
            _ => String::new(),
        };
        for name in listed.difference(&declared) {
            if lines.contains(&format!("\n    \"{name}\",\n"))
                || lines.contains(&format!("asks!(\"{name}\","))
            {
                continue;
            }
            wrong.push(format!(
                "src/{folder}/: the kind `{name}` has no file of that name"
            ));
        }
        for (name, command) in &kinds {
            let Some(command) = command else { continue };
            if command.get_name() != *name {
                wrong.push(format!(
                    "src/{folder}/: `{name}` declares itself as `{}`",
                    command.get_name()
                ));
            }
            if command.get_about().is_none() {
                wrong.push(format!(
                    "src/{folder}/: `{name}` has no sentence (`///`) above its arguments"
                ));
            }
            // A filter's flag is described by the filter itself.
            for arg in command.get_arguments().filter(|_| folder != "filter") {
                if arg.get_help().is_none() && !arg.is_hide_set() {
                    wrong.push(format!(
                        "src/{folder}/: `{name}` does not say what `{}` is",
                        arg.get_id()
                    ));
                }
            }
        }
    }
    judge(
        wrong,
        "File, kind and declaration share one word, and `ALL` lists them.",
    );
}

#[test]
fn every_page_belongs_to_something_and_everything_has_a_page() {
    let mut wrong = Vec::new();
    let written: BTreeSet<String> = files("man", "md")
        .iter()
        .map(|file| {
            file.trim_start_matches("man/")
                .trim_end_matches(".md")
                .to_string()
        })
        .collect();
    for name in &written {
        let file = format!("man/{name}.md");
        let heading = read(&file).lines().next().unwrap_or_default().to_string();
        if heading != format!("# {name}") {
            wrong.push(format!(
                "{file}: its first line is `{heading}`, not `# {name}`"
            ));
        }
    }
    let mut used = BTreeSet::new();
    for entry in manual::pages() {
        if !used.insert(entry.name.to_string()) {
            wrong.push(format!("man/: two pages are called `{}`", entry.name));
        }
        if !written.contains(entry.name) {
            wrong.push(format!("man/{}.md is missing", entry.name));
        }
    }
    for name in written.difference(&used) {
        wrong.push(format!(
            "man/{name}.md belongs to no kind and is no topic of src/command/manual.rs"
        ));
    }
    // A page of a kind is called like the kind; where that is taken, `as-` and the kind.
    for (folder, kinds) in kinds() {
        for (name, _) in kinds {
            let names = [name.to_string(), format!("as-{name}")];
            if !names.iter().any(|name| used.contains(name)) {
                wrong.push(format!("src/{folder}/: `{name}` has no page man/{name}.md"));
            }
        }
    }
    judge(
        wrong,
        "A page's file, its heading and its kind share one word.",
    );
}

#[test]
fn every_page_has_a_summary_and_the_usage_of_today() {
    let bless = std::env::var_os("BLESS").is_some();
    assert!(
        !(bless && std::env::var_os("CI").is_some()),
        "CI never blesses"
    );
    let mut wrong = Vec::new();
    for entry in manual::pages() {
        let file = format!("man/{}.md", entry.name);
        let page = entry.read();
        if !page.summary.ends_with('.') || page.summary.starts_with("To be written") {
            wrong.push(format!(
                "{file}: its first paragraph is no sentence: `{}`",
                page.summary
            ));
        }
        if page.body.is_empty() {
            wrong.push(format!("{file}: nothing stands below the first sentence"));
        }
        let has_usage = page
            .body
            .iter()
            .any(|piece| matches!(piece, man::Piece::Usage(_)));
        match entry.declare {
            Some(_) if !has_usage => wrong.push(format!(
                "{file}: no usage; write `<!-- usage -->` and `<!-- /usage -->` on two lines"
            )),
            None if has_usage => wrong.push(format!(
                "{file}: nothing declares its usage; take the marks away"
            )),
            Some(_) | None => {}
        }
        let fresh = entry.markdown();
        if !root().join(&file).is_file() || fresh == read(&file) {
            continue;
        }
        match bless {
            true => fs::write(root().join(&file), fresh).expect("the page can be written"),
            false => wrong.push(format!("{file}: its usage is not what src/ declares")),
        }
    }
    judge(
        wrong,
        "`BLESS=1 cargo test --test tidy` writes the usages; the rest is yours.",
    );
}

/// What Markdown links to, without what leads elsewhere.
fn links(markdown: &str) -> Vec<String> {
    use pulldown_cmark::{Event, Parser, Tag};
    Parser::new(markdown)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(dest_url.into_string())
            }
            _ => None,
        })
        .filter(|url| {
            !url.contains("://") && !url.starts_with(['#']) && !url.starts_with("mailto:")
        })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    let top = fs::read_dir(root()).expect("the root can be read");
    let top = top.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let top = top.filter(|name| name.ends_with(".md"));
    for file in top.chain(files("man", "md")).chain(files("tests", "md")) {
        let folder = Path::new(&file)
            .parent()
            .unwrap_or(Path::new(""))
            .to_path_buf();
        for link in links(&read(&file)) {
            let path = link.split('#').next().unwrap_or_default();
            if !root().join(&folder).join(path).exists() {
                wrong.push(format!("{file}: `{link}` leads nowhere"));
            }
        }
    }
    judge(
        wrong,
        "Links within the repository are paths from the file they stand in.",
    );
}

#[test]
fn the_readme_maps_the_source() {
    let text = read("README.md");
    let map = text
        .split_once("<!-- map -->")
        .and_then(|(_, rest)| rest.split_once("<!-- /map -->"));
    let Some((map, _)) = map else {
        panic!(
            "README.md has no map: a table between `<!-- map -->` and `<!-- /map -->`, a row for each module of src/"
        );
    };
    // The first code in a row: `src/bot/`, `bot/`, `bot.rs` and `bot` are the same.
    let mut listed = BTreeSet::new();
    for line in map
        .lines()
        .filter(|line| line.trim_start().starts_with(['|', '-', '*']))
    {
        let Some(path) = line.split('`').nth(1) else {
            continue;
        };
        let name = path
            .trim_start_matches("src/")
            .trim_end_matches('/')
            .trim_end_matches(".rs");
        if !["", "lib", "main"].contains(&name) {
            assert!(
                listed.insert(name.to_string()),
                "`{name}` stands twice in the map of README.md"
            );
        }
    }
    assert_eq!(
        listed,
        modules(),
        "the map in README.md (left) is not what lies in src/ (right)"
    );
}
