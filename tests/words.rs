//! How a chat line is cut into words, and which of them become flags.

use boson::command::words::{Line, split};
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

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
