//! Texts as the chat shows them, and read back from its HTML.

use boson::clock::Clock;
use boson::model::Text;
use boson::model::text::{Block, Span};
use boson::room::stack_exchange_chat::content;
use boson::room::stack_exchange_chat::cut::pieces;
use boson::room::stack_exchange_chat::render::{LINE, LINES, source, units};
use chrono::DateTime;
use proptest::prelude::*;

use crate::stand_in::{Chat, Rules};

/// What the chat makes of a text without its reply prefix.
fn html(source: &str) -> String {
    let clock = Clock::stopped(DateTime::UNIX_EPOCH);
    let chat = Chat::new("chat.stackoverflow.com", Rules::default(), clock, 0);
    chat.render(source).full
}

fn sources(text: &Text) -> Vec<String> {
    pieces(text)
        .iter()
        .map(|piece| source(piece).text)
        .collect()
}

fn line(spans: &[Span]) -> String {
    match &sources(&Text::new().spans(spans.to_vec()))[..] {
        [one] => one.clone(),
        several => panic!("one message, not {several:?}"),
    }
}

fn words(words: &str) -> Span {
    Span::Words(words.into())
}

fn link(words: &str, url: &str) -> Span {
    let (words, url) = (words.into(), url.into());
    Span::Link { words, url }
}

#[test]
fn a_line_has_the_markup_of_the_chat() {
    for (spans, sent) in [
        (vec![words("plain: 3 * 4")], "plain: 3 * 4"),
        (
            vec![words("a"), Span::Bold(" b ".into()), words("c")],
            "a **b** c",
        ),
        (
            vec![words("re"), Span::Marked("build".into()), words("ing")],
            "re\u{200d}**build**\u{200d}ing",
        ),
        (
            vec![words("type "), Span::Code("track [x]".into())],
            "type `track [x]`",
        ),
        (vec![Span::Code("a`b".into())], "a\\`b"),
        (
            vec![link(
                "Why [x] (y)?",
                "https://a.example/q_(1)?x=[2]&y=\"3\"",
            )],
            "[Why \\[x\\] (y)?](https://a.example/q_%281%29?x=%5B2%5D&y=%223%22)",
        ),
        (
            vec![link("x", "javascript:alert(1)")],
            "x javascript:alert(1)",
        ),
        (
            vec![link("see http://b.example", "https://a.example/")],
            "[see http\u{200d}://b.example](https://a.example/)",
        ),
        (
            vec![
                words("by "),
                Span::Author {
                    name: "Ann_O".into(),
                    url: "https://a.example/u/1".into(),
                },
            ],
            "by [Ann\\_O](https://a.example/u/1)",
        ),
        (
            vec![words("at "), Span::Url("https://a.example/x_y".into())],
            "at https://a.example/x_y",
        ),
        (
            vec![Span::Url("https://a.example/x_y".into()), words(", by ann")],
            "[a.example/x\\_y](https://a.example/x_y), by ann",
        ),
        (
            // Alone it would be unfolded.
            vec![Span::Url("https://a.example/x.png".into())],
            "[a.example/x.png](https://a.example/x.png)",
        ),
        (
            vec![
                words("in "),
                Span::Tag("c++".into()),
                Span::Tag("a b".into()),
            ],
            "in [tag:c++]\\[a b\\]",
        ),
        (
            vec![Span::Mention("Ann O'Neil_x".into()), words(": hi @ben")],
            "@AnnO'Neil_x: hi @\u{200d}ben",
        ),
    ] {
        assert_eq!(line(&spans), sent);
        assert!(pieces(&Text::new().spans(spans))[0].0.len() == 1);
    }
}

#[test]
fn nothing_that_users_wrote_is_markup_or_a_reply_or_a_call() {
    for (typed, sent) in [
        ("*a* __b__", "\\*a\\* \\_\\_b\\_\\_"),
        (
            "[x](http:evil) [tag:y]",
            "\\[x\\]\u{200d}(http:evil) \\[tag:y\\]",
        ),
        (":123 you", ":\u{200d}123 you"),
        ("> so they say", "\u{200d}> so they say"),
        ("===", "\u{200d}==="),
        ("---gone---", "--\u{200d}-gone--\u{200d}-"),
        ("@@101 @ann", "@\u{200d}@\u{200d}101 @\u{200d}ann"),
        ("    code?", "code?"),
        (
            "!http://a.example/x.png",
            "![a.example/x.png](http://a.example/x.png)",
        ),
    ] {
        assert_eq!(line(&[words(typed)]), sent);
        let several = sources(&Text::line(typed).and("more"));
        assert_eq!(several.len(), 1);
        let html = html(&several[0]);
        assert!(html.starts_with("<div class='full'>"), "{html}");
        assert!(
            !several[0].contains("@a") && !several[0].contains(":1"),
            "{several:?}"
        );
    }
}

#[test]
fn several_lines_have_no_markup() {
    let text = Text::line("a *b* `c`")
        .entry("d")
        .spans(vec![link("e", "https://a.example/"), words(", f")])
        .spans(vec![
            Span::Mention("Ann Other".into()),
            words(" @ben https://a.example/@ben"),
        ]);
    assert_eq!(
        sources(&text),
        [
            "a *b* `c`\n- d\ne https://a.example/, f\n@AnnOther @\u{200d}ben https://a.example/%40ben"
        ]
    );
}

#[test]
fn code_is_indented_and_apart_from_links() {
    let table = Text::line("Two:").pre("a | b\n\n1 | @2\n");
    assert_eq!(
        sources(&table),
        ["    Two:\n    a | b\n    \n    1 | @\u{200d}2"]
    );
    let linked = Text::new()
        .spans(vec![words("see "), link("it", "https://a.example/")])
        .pre("a\nb")
        .hint("type `c`");
    assert_eq!(
        sources(&linked),
        [
            "see [it](https://a.example/)",
            "    a\n    b",
            "hint: type `c`"
        ]
    );
    assert_eq!(html(&sources(&linked)[1]), "<pre class='full'>a\nb</pre>");
}

#[test]
fn a_one_box_stands_alone() {
    let mut text = Text::line("An image:");
    text.0.push(Block::OneBox("https://a.example/x.png".into()));
    let text = text.and("and more");
    let sources = sources(&text);
    assert_eq!(
        sources,
        ["An image:", "https://a.example/x.png", "and more"]
    );
    let chat = Chat::new(
        "chat.stackoverflow.com",
        Rules::default(),
        Clock::stopped(DateTime::UNIX_EPOCH),
        0,
    );
    let html = chat.render(&sources[1]).full;
    assert!(html.contains("onebox ob-image"), "{html}");
    assert_eq!(content::read(&html).text, "https://a.example/x.png");
}

#[test]
fn a_long_line_becomes_three_at_most() {
    let word = "abcdefghi ";
    let long = Text::line(word.repeat(120));
    let sent = sources(&long);
    assert_eq!(sent.len(), 3);
    assert!(
        sent.iter()
            .all(|sent| units(sent) <= LINE && !sent.contains('\n'))
    );
    // In parts it would be four: better one message.
    let longer = sources(&Text::line(word.repeat(170)));
    assert_eq!(longer.len(), 1);
    assert_eq!(longer[0].lines().count(), 4);
    let hint = Text::new().hint(word.repeat(80));
    let hints = sources(&hint);
    assert!(hints[0].starts_with("hint: a") && hints[1].starts_with('a'));
    let many = (0..100).fold(Text::new(), |text, _| text.entry(word.repeat(40)));
    let sent = sources(&many);
    assert_eq!(sent.len(), 5);
    assert!(sent.iter().all(|sent| units(sent) <= LINES));
}

#[test]
fn a_message_does_not_end_in_a_gap() {
    let line = "abcdefghi ".repeat(49);
    let mut text = (0..20).fold(Text::new(), |text, _| text.and(&line));
    text = text.pre("").and(&line);
    let all = pieces(&text);
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].0.len(), 20);
    assert_eq!(pieces(&all[0]), all[..1]);
}

/// What is written, without what cannot be seen.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != content::JOINER)
        .collect()
}

/// The same without what markup adds.
fn bones(text: &str) -> String {
    let letters = letters(text).replace("hint:", "");
    letters.chars().filter(|c| !"*`[]()".contains(*c)).collect()
}

fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-*_`\\[\\]()\\\\@:><=!#&\"' a-c\u{e9}]{0,30}",
        "(\\*{1,3}|_{1,2}|---|`|\\[|\\]|\\(|\\)|\\]\\(|tag:|\\[tag:a\\]|\\\\| |a|ann|@|:12 |> |//|==|-|<b>|&amp;){0,20}",
        "([a-z]{1,8}[ ,.]){0,12}",
    ]
}

fn any_span() -> impl Strategy<Value = Span> {
    let address = || "https://b\\.example/[a-c_/-]{0,8}";
    prop_oneof![
        4 => nasty().prop_map(Span::Words),
        1 => "[a-c_\\[\\]@`-][a-c _\\[\\]@`-]{0,5}[a-c]".prop_map(Span::Bold),
        1 => "[a-c _\\[\\]*@\\\\-]{0,5}[a-c*\\\\]".prop_map(Span::Code),
        1 => ("[a-c _\\[\\]()*@`\\\\-]{0,5}[-a-c*\\[\\])\\\\]", address())
            .prop_map(|(words, url)| Span::Link { words, url }),
        1 => ("[a-c _\\[\\]()*@`\\\\-]{0,5}[a-c]", address())
            .prop_map(|(name, url)| Span::Author { name, url }),
        1 => address().prop_map(Span::Url),
        1 => "[a-z+#.-]{1,8}".prop_map(Span::Tag),
        1 => "[A-Z][a-z]{3,8}".prop_map(Span::Mention),
    ]
}

/// A span as a person would type it; bold words that touch are one.
fn typed(spans: &[Span]) -> String {
    let mut typed = String::new();
    let mut bold = false;
    for span in spans {
        match span {
            Span::Words(words) => typed.push_str(words),
            Span::Bold(words) | Span::Marked(words) if bold => {
                typed.truncate(typed.len() - 2);
                typed.push_str(&format!("{words}**"));
            }
            Span::Bold(words) | Span::Marked(words) => typed.push_str(&format!("**{words}**")),
            Span::Code(code) => typed.push_str(&format!("`{code}`")),
            Span::Link { words, url } | Span::Author { name: words, url } => {
                typed.push_str(&format!("[{words}]({url})"));
            }
            Span::Url(url) => typed.push_str(url),
            Span::Tag(tag) => typed.push_str(&format!("[tag:{tag}]")),
            Span::Mention(name) => typed.push_str(&format!("@{name}")),
        }
        bold = matches!(span, Span::Bold(_) | Span::Marked(_))
            || (bold && matches!(span, Span::Words(words) if words.is_empty()));
    }
    typed
}

fn long_spans() -> impl Strategy<Value = Vec<Span>> {
    let address = || "https://b\\.example/[a-c_/-]{0,200}";
    let long = prop_oneof![
        3 => "([a-z*_@]{1,12} ){0,120}".prop_map(Span::Words),
        1 => "([a-z]{1,8} ){0,20}[a-z]".prop_map(Span::Bold),
        1 => "([a-z*]{1,8} ){0,20}[a-z]".prop_map(Span::Code),
        1 => ("([a-z]{1,8} ){0,10}[a-z]", address())
            .prop_map(|(words, url)| Span::Link { words, url }),
        1 => address().prop_map(Span::Url),
        1 => " \u{1f600}{1,200} ".prop_map(Span::Words),
    ];
    proptest::collection::vec(long, 0..5)
}

fn long_text() -> impl Strategy<Value = Text> {
    let block = prop_oneof![
        6 => long_spans().prop_map(Block::Line),
        1 => long_spans().prop_map(Block::Hint),
        3 => long_spans().prop_map(Block::Entry),
        1 => "([a-z @]{0,80}\n){0,12}".prop_map(Block::Pre),
        1 => "https://[a-z]{1,12}\\.example/".prop_map(Block::OneBox),
    ];
    let pre = "([a-z @]{0,80}\n){0,80}".prop_map(Block::Pre);
    prop_oneof![
        proptest::collection::vec(block.clone(), 1..4),
        proptest::collection::vec(block, 0..30),
        proptest::collection::vec(pre, 1..4),
    ]
    .prop_map(Text)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn words_stay_words(typed in nasty()) {
        for sent in sources(&Text::new().spans(vec![words(&typed)])) {
            let html = html(&sent);
            prop_assert!(!html.contains('<'), "{} {}", sent, html);
            prop_assert_eq!(letters(&content::read(&html).text), letters(&typed), "{}", sent);
        }
    }

    #[test]
    fn markup_is_shown_as_it_was_meant(spans in proptest::collection::vec(any_span(), 0..6)) {
        let sent = sources(&Text::new().spans(spans.clone()));
        let read = |sent: &String| letters(&content::read(&html(sent)).text);
        let back: String = sent.iter().map(read).collect();
        prop_assert_eq!(back, letters(&typed(&spans)), "{:?}", sent);
    }

    #[test]
    fn pieces_keep_to_the_limits_and_lose_nothing(text in long_text()) {
        let mut back = String::new();
        for piece in pieces(&text) {
            let source = source(&piece);
            let sent = source.text;
            prop_assert!(units(&sent) <= LINES);
            prop_assert!(sent.lines().all(|line| units(line) <= LINE), "{}", sent);
            prop_assert!(source.plain || !sent.contains('\n'));
            prop_assert!(!sent.trim().is_empty());
            back.push_str(&bones(&content::read(&html(&sent)).text));
            // Whatever was cut once is not cut again.
            prop_assert_eq!(pieces(&piece), [piece]);
        }
        prop_assert_eq!(back, bones(&text.plain()));
    }
}
