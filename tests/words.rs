//! How a chat line is cut into words, and which of them become flags.

use boson::command::sentence::{CONNECTORS, Declared, flags};
use boson::command::words::{Line, quoted, split};
use proptest::prelude::*;

fn texts(line: &Line) -> Vec<&str> {
    line.words.iter().map(|word| word.text.as_str()).collect()
}

#[test]
fn lines_are_cut_where_people_expect_it() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        (" \t\n ", &[]),
        ("alive", &["alive"]),
        ("  track   feed  x ", &["track", "feed", "x"]),
        ("echo \"two words\" more", &["echo", "two words", "more"]),
        ("echo 'two words'", &["echo", "two words"]),
        ("echo “two words”", &["echo", "two words"]),
        ("echo „two words“", &["echo", "two words"]),
        ("echo «two words»", &["echo", "two words"]),
        ("echo »two words«", &["echo", "two words"]),
        ("echo ‘two words’", &["echo", "two words"]),
        ("echo ‚two words‘", &["echo", "two words"]),
        ("echo “two words\" x", &["echo", "two words", "x"]),
        ("echo \"two words” x", &["echo", "two words", "x"]),
        (
            "echo \"she said “hi there” twice\" x",
            &["echo", "she said “hi there” twice", "x"],
        ),
        (
            "echo “say \"hi there\" twice” x",
            &["echo", "say \"hi there\" twice", "x"],
        ),
        ("it's fine", &["it's", "fine"]),
        ("it’s fine, isn’t it", &["it’s", "fine,", "isn’t", "it"]),
        ("'don't panic' now", &["don't panic", "now"]),
        ("a 5\" disk 3'", &["a", "5\"", "disk", "3'"]),
        ("\"foo\"bar baz", &["foobar", "baz"]),
        ("named \"\"", &["named", ""]),
        ("matches \\bfoo\\d+", &["matches", "\\bfoo\\d+"]),
        ("matches \"\\bfoo \\d+\"", &["matches", "\\bfoo \\d+"]),
        ("a\\ b c", &["a b", "c"]),
        ("\\\"a b\\\"", &["\"a", "b\""]),
        ("\"a \\\"b\\\" c\" d", &["a \"b\" c", "d"]),
        ("a\\\\b", &["a\\b"]),
        ("a\\", &["a\\"]),
        ("#start # no comment", &["#start", "#", "no", "comment"]),
        ("track —dry-run –upper", &["track", "--dry-run", "--upper"]),
        ("5 — 6 –3 a–b", &["5", "—", "6", "–3", "a–b"]),
        ("--name=\"two words\" x", &["--name=two words", "x"]),
        ("—name=“two words” x", &["--name=two words", "x"]),
        ("author:\"Jon Skeet\"", &["author:\"Jon", "Skeet\""]),
        ("author:“Jon Skeet”", &["author:\"Jon", "Skeet\""]),
        (
            "a\u{a0}b\u{2003}c\u{202f}d\u{3000}e",
            &["a", "b", "c", "d", "e"],
        ),
        (
            "re\u{200b}mind\u{200d} \u{feff}me \u{200b}",
            &["remind", "me"],
        ),
        ("long\u{200c}\u{200b}word", &["longword"]),
        (
            "👩\u{200d}💻 می\u{200c}خواهم",
            &["👩\u{200d}💻", "می\u{200c}خواهم"],
        ),
        ("a\u{202e}b\u{7}c", &["abc"]),
        (
            "one\ntwo\r\nthree\u{2028}four",
            &["one", "two", "three", "four"],
        ),
        ("\"one\r\ntwo\"", &["one\ntwo"]),
        (
            "a &amp; b &lt;c&gt; &quot;d e&quot; &#39;f g&#39;",
            &["a", "&", "b", "<c>", "d e", "f g"],
        ),
        ("&amp;lt; &bogus; AT&T &", &["&lt;", "&bogus;", "AT&T", "&"]),
        ("a&nbsp;b&zwnj;&#8203;c", &["a", "bc"]),
        (
            "https://example.org/?a=1&b=2",
            &["https://example.org/?a=1&b=2"],
        ),
    ];
    for (raw, expected) in table {
        let line = split(raw);
        assert_eq!(texts(&line), *expected, "{raw:?}");
        assert_eq!(line.unclosed, None, "{raw:?}");
    }
}

#[test]
fn an_unclosed_quote_takes_the_rest_and_is_pointed_at() {
    for (raw, expected, at) in [
        ("echo \"two words ", &["echo", "two words "][..], 5),
        ("echo 'two words", &["echo", "two words"], 5),
        ("echo “", &["echo", ""], 5),
        ("x --name=\"two words", &["x", "--name=two words"], 9),
        ("é \"a\\\"", &["é", "a\""], 3),
    ] {
        let line = split(raw);
        assert_eq!(texts(&line), expected, "{raw:?}");
        assert_eq!(line.unclosed, Some(at), "{raw:?}");
    }
}

#[test]
fn quoted_words_know_it() {
    let line = split("a \"b\" c\"d 'e' --f=\"g\" \\\"h");
    let quoted: Vec<bool> = line.words.iter().map(|word| word.quoted).collect();
    assert_eq!(quoted, [false, true, false, true, false, false]);
}

#[test]
fn the_line_is_normalised_and_spans_point_into_it() {
    let line = split("where\u{a0}title:“a b” «c d» —e it’s &amp;");
    assert_eq!(line.text, "where title:\"a b\" \"c d\" --e it’s &");
    let spans: Vec<&str> = line
        .words
        .iter()
        .map(|word| &line.text[word.span.clone()])
        .collect();
    assert_eq!(
        spans,
        ["where", "title:\"a", "b\"", "\"c d\"", "--e", "it’s", "&"]
    );
}

/// What `track` says to a source whose name has a slip.
fn guess(typed: &str) -> String {
    let track = boson::command::ALL
        .iter()
        .find(|kind| kind.name == "track")
        .expect("there is `track`");
    let refusal = boson::registry::parse(&mut (track.declare)(), vec![typed.into()])
        .expect_err("no source is called so");
    refusal.hint.unwrap_or_default()
}

#[test]
fn the_likeliest_source_is_guessed() {
    for (slip, meant) in [
        ("quesions", "questions"),
        ("qestions", "questions"),
        ("question", "questions"),
        ("anwsers", "answers"),
        ("answer", "answers"),
        ("coments", "comments"),
        ("commments", "comments"),
        ("revision", "revisions"),
        ("revsions", "revisions"),
        ("badge", "badges"),
        ("post", "posts"),
        ("pots", "posts"),
        ("tag", "tags"),
        ("user", "users"),
        ("uesrs", "users"),
        ("edit", "edits"),
        ("fed", "feed"),
        ("feeds", "feed"),
    ] {
        assert_eq!(guess(slip), format!("did you mean `track {meant}`?"));
    }
    assert_eq!(guess("zebra"), "`man track` shows how");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_quoted_is_one_word(word in "[ -~äß“”„'’«»—–€😀]{1,40}") {
        let line = split(&format!("echo {} --where={}", quoted(&word), quoted(&word)));
        prop_assert_eq!(line.unclosed, None);
        let texts = texts(&line);
        let flag = format!("--where={word}");
        prop_assert_eq!(texts, ["echo", &word, &flag]);
    }

    #[test]
    fn anything_quoted_is_at_most_one_word(word in ".{0,40}") {
        let line = split(&quoted(&word));
        prop_assert_eq!(line.unclosed, None);
        prop_assert_eq!(line.words.len(), 1);
    }

    #[test]
    fn any_line_can_be_cut(raw in any::<String>()) {
        whole(&split(&raw));
    }

    #[test]
    fn any_line_of_difficult_characters_can_be_cut(raw in "[-a=\"'“”«’\\\\ \n—–&;#\u{a0}\u{200b}\u{200d}é1]{0,60}") {
        whole(&split(&raw));
    }

    #[test]
    fn plain_words_come_back(words in prop::collection::vec("[a-zA-Z0-9:/.,_@+<>]{1,12}", 0..20)) {
        let line = split(&words.join(" "));
        prop_assert_eq!(texts(&line), words);
    }

    #[test]
    fn anything_visible_can_be_quoted(text in "[a-z \"'\\\\é—“’]{0,30}") {
        let mut quoted = String::from("\"");
        for c in text.chars() {
            if matches!(c, '"' | '\\' | '“') {
                quoted.push('\\');
            }
            quoted.push(c);
        }
        quoted.push('"');
        let line = split(&quoted);
        prop_assert_eq!(texts(&line), [text.as_str()]);
        prop_assert_eq!(line.unclosed, None);
    }
}

/// What holds for every line.
fn whole(line: &Line) {
    let mut end = 0;
    for word in &line.words {
        assert!(
            word.span.start >= end && word.span.end > word.span.start,
            "{line:?}"
        );
        assert!(
            line.text[end..word.span.start]
                .chars()
                .all(char::is_whitespace),
            "{line:?}"
        );
        assert!(word.quoted || !word.text.is_empty(), "{line:?}");
        end = word.span.end;
    }
    assert!(
        line.text[end..].chars().all(char::is_whitespace),
        "{line:?}"
    );
    if let Some(at) = line.unclosed {
        assert!(line.text[at..].starts_with(['"', '\'']), "{line:?}");
        assert!(
            line.words
                .last()
                .expect("a quote begins a word")
                .span
                .contains(&at)
        );
    }
}

/// The long flags of a tracker, as a stand-in.
fn declared(name: &str) -> Declared {
    match name {
        "every" | "tag" | "author" | "in" | "as" | "name" | "where" | "contains" => Declared::Value,
        "dry-run" => Declared::Switch,
        _ => Declared::No,
    }
}

fn argv(raw: &str) -> Vec<String> {
    flags(&split(raw), declared)
}

#[test]
fn connecting_words_are_flags() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("feed URL", &["feed", "URL"]),
        (
            "feed URL every 5 minutes",
            &["feed", "URL", "--every=5 minutes"],
        ),
        (
            "feed URL Every  5\u{a0}minutes",
            &["feed", "URL", "--every=5 minutes"],
        ),
        (
            "every 5 minutes feed URL",
            &["--every=5 minutes", "feed", "URL"],
        ),
        (
            "feed URL every frobday x",
            &["feed", "URL", "--every=frobday x"],
        ),
        (
            "feed URL every \"5 minutes\"",
            &["feed", "URL", "--every=5 minutes"],
        ),
        (
            "every day at 9:00 and 17:30 in #ops",
            &["--every=day at 9:00 and 17:30", "--in=#ops"],
        ),
        (
            "every week on monday at 9 as list",
            &["--every=week on monday at 9", "--as=list"],
        ),
        ("on weekdays at 17:30", &["--every=weekdays at 17:30"]),
        ("on \"weekdays at 17:30\"", &["--every=weekdays at 17:30"]),
        (
            "feed URL on monday at 9 named x",
            &["feed", "URL", "--every=monday at 9", "--name=x"],
        ),
        (
            "on the 1st of every month at 9:00 as list",
            &["--every=the 1st of every month at 9:00", "--as=list"],
        ),
        (
            "every month on the last day",
            &["--every=month on the last day"],
        ),
        (
            "questions on stackoverflow tagged rust",
            &["questions", "stackoverflow", "--tag=rust"],
        ),
        ("feed on the verge", &["feed", "the", "verge"]),
        (
            "feed on sunday-times.example",
            &["feed", "sunday-times.example"],
        ),
        ("tagged rust,c", &["--tag=rust,c"]),
        (
            "tagged rust, c , d every hour",
            &["--tag=rust,c,d", "--every=hour"],
        ),
        ("tagged \"open source\", rust", &["--tag=open source,rust"]),
        ("by Jon Skeet tagged c", &["--author=Jon Skeet", "--tag=c"]),
        ("by \"by\" in by", &["--author=by", "--in=by"]),
        ("as list named every", &["--as=list", "--name=every"]),
        ("as \"as\" \"as\"", &["--as=as", "as"]),
        ("named -x", &["--name=-x"]),
        ("\"every\" hour", &["every", "hour"]),
        ("where reputation < 50", &["--where=reputation < 50"]),
        ("where -homework", &["--where=-homework"]),
        (
            "where “help me”  or  tag:x",
            &["--where=\"help me\"  or  tag:x"],
        ),
        (
            "where author:“Jon Skeet” by x in y",
            &["--where=author:\"Jon Skeet\" by x in y"],
        ),
        ("where \"tag:a every b\"", &["--where=tag:a every b"]),
        (
            "where 'title:\"a b\"' every hour",
            &["--where=title:\"a b\"", "--every=hour"],
        ),
        ("where \"a b\" --dry-run", &["--where=\"a b\"", "--dry-run"]),
        ("where “a: b”", &["--where=\"a: b\""]),
        ("where 'a b' every day", &["--where='a b'", "--every=day"]),
        ("where \"not\"", &["--where=\"not\""]),
        ("where \"a <= b\"", &["--where=\"a <= b\""]),
        ("where \"length <= 5\"", &["--where=length <= 5"]),
        ("where \"a)\"", &["--where=\"a)\""]),
        ("where \"a or b\"", &["--where=a or b"]),
        ("where \"a -b\"", &["--where=a -b"]),
        ("where \"a b\" –c", &["--where=\"a b\" --c"]),
        (
            "where a every b --dry-run",
            &["--where=a every b", "--dry-run"],
        ),
        ("where a --b", &["--where=a --b"]),
        (
            "where title:/it\\\\s \\d/",
            &["--where=title:/it\\\\s \\d/"],
        ),
        ("where \"a b", &["--where=a b"]),
        (
            "--name every every hour",
            &["--name", "every", "--every=hour"],
        ),
        ("--name=every every hour", &["--name=every", "--every=hour"]),
        ("--name=\"a b\" x", &["--name=a b", "x"]),
        ("--contains -5", &["--contains=-5"]),
        ("--contains \"--x\"", &["--contains=--x"]),
        ("--contains --dry-run", &["--contains", "--dry-run"]),
        ("--dry-run every hour", &["--dry-run", "--every=hour"]),
        ("—dry-run every hour", &["--dry-run", "--every=hour"]),
        ("every hour --dry-run", &["--every=hour", "--dry-run"]),
        (
            "x -- every hour where y",
            &["x", "--", "every", "hour", "where", "y"],
        ),
        ("feed URL every", &["feed", "URL", "--every"]),
        ("every tagged x", &["--every", "--tag=x"]),
        ("feed tagged", &["feed", "--tag"]),
        ("tagged --dry-run", &["--tag", "--dry-run"]),
        ("feed where", &["feed", "--where"]),
        ("feed where --dry-run", &["feed", "--where", "--dry-run"]),
        ("feed on", &["feed", "on"]),
    ];
    for (raw, expected) in table {
        assert_eq!(argv(raw), *expected, "{raw:?}");
    }
}

#[test]
fn a_command_without_such_flags_keeps_its_words() {
    for raw in [
        "echo as is",
        "echo come on every where",
        "echo --upper in by on monday",
    ] {
        let expected: Vec<&str> = raw.split(' ').collect();
        assert_eq!(
            flags(&split(raw), |name| name == "upper"),
            expected,
            "{raw}"
        );
    }
}

#[test]
fn a_commands_declaration_answers_for_its_flags() {
    let command = clap::Command::new("track").subcommand(
        clap::Command::new("feed")
            .arg(clap::Arg::new("name").long("name").alias("call"))
            .arg(
                clap::Arg::new("dry")
                    .long("dry-run")
                    .action(clap::ArgAction::SetTrue),
            ),
    );
    for (name, expected) in [
        ("name", Declared::Value),
        ("call", Declared::Value),
        ("dry-run", Declared::Switch),
        ("every", Declared::No),
    ] {
        assert_eq!(Declared::by(&command, name), expected, "{name}");
    }
}

#[test]
fn the_longest_lines_take_no_longer_than_they_must() {
    let began = std::time::Instant::now();
    for part in [
        "every ",
        "on monday ",
        "every on monday ",
        "where ",
        "\"",
        "\\",
        "'",
        "“\"",
        "& ",
        "&#x",
        "&amp;",
        "by x ",
        "tagged , ",
        "--contains ",
        "—",
        "every 5 minutes ",
        "on the 1st of every ",
        "\u{200d}é",
    ] {
        let raw = part.repeat(65_536 / part.len());
        flags(&split(&raw), declared);
    }
    // Some milliseconds each, unoptimized: far off if anything were quadratic.
    assert!(
        began.elapsed() < std::time::Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}

fn sentence_words() -> impl Strategy<Value = Vec<String>> {
    let words = prop::sample::select(vec![
        "on",
        "every",
        "tagged",
        "by",
        "in",
        "as",
        "named",
        "where",
        "the",
        "1st",
        "of",
        "month",
        "monday",
        "5",
        "minutes",
        "at",
        "9:00",
        "x",
        "y,",
        ",z",
        "\"q q\"",
        "\"every\"",
        "--dry-run",
        "--contains",
        "--name=a",
        "--bogus",
        "-v",
        "--",
        "“",
        "'",
        "ü",
        "week",
    ]);
    prop::collection::vec(words.prop_map(String::from), 0..16)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_line_becomes_arguments(raw in any::<String>()) {
        flags(&split(&raw), declared);
        flags(&split(&raw), |_: &str| true);
    }

    /// No word that is not a connecting one is lost, and none changes places.
    #[test]
    fn words_survive_in_order(words in sentence_words()) {
        let line = split(&words.join(" "));
        let all = flags(&line, declared).join("\n");
        let mut rest = all.as_str();
        for word in &line.words {
            let connects = CONNECTORS.iter().any(|connector| connector.word == word.text);
            if connects || word.quoted {
                continue;
            }
            match rest.find(&word.text) {
                Some(at) => rest = &rest[at + word.text.len()..],
                None => prop_assert!(false, "{:?} is missing from {:?}", word.text, all),
            }
        }
    }

    #[test]
    fn a_command_without_flags_gets_its_words(words in sentence_words()) {
        let line = split(&words.join(" "));
        let texts: Vec<String> = line.words.iter().map(|word| word.text.clone()).collect();
        prop_assert_eq!(flags(&line, |_: &str| false), texts);
    }
}
