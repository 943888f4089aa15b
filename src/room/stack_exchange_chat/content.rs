//! What a person typed, read out of the HTML that the chat made of it.

use crate::html::{Lexer, Token, attribute};

/// The most bytes of HTML that are read of one message; no message of the chat comes near it.
const LONGEST: usize = 200_000;
/// Elements inside each other; what lies deeper is read as if it were not marked.
const DEEPEST: usize = 64;
/// Joins what stands on both sides and is not seen. The bot puts it where something must not be read as markup or as
/// a call by name.
pub const JOINER: char = '\u{200d}';

/// What a message says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// As it was typed, as far as HTML tells: marks of markup are back, a link that was shown short is whole, a
    /// one-box is its link, entities are decoded. Lines are apart by `\n`.
    pub text: String,
    /// It is only the beginning: the whole message has to be asked for.
    pub partial: bool,
    /// The chat itself says that messages were moved from here or came here.
    pub moved: bool,
}

/// Reads the HTML of a message; whatever it is, it takes time in proportion to its length.
pub fn read(html: &str) -> Content {
    let html = &html[..html.floor_char_boundary(LONGEST)];
    let mut reader = Reader::default();
    for token in Lexer::whole(html) {
        match token {
            Token::Words(words) => reader.words(&words),
            Token::Open { name, attributes } => reader.open(name, attributes),
            Token::Close { name } => reader.close(&name),
        }
    }
    reader.end()
}

/// What an element means.
#[derive(PartialEq)]
enum Means {
    /// Its words stand between these.
    Mark(&'static str),
    Link {
        href: String,
        title: Option<String>,
        /// It shows the label of a topic.
        tag: bool,
    },
    /// A card, with the first link in it.
    Card(Option<String>),
    /// Nothing but its words.
    Words,
}

struct Element {
    name: String,
    means: Means,
    /// Where its words begin in what was read.
    start: usize,
}

#[derive(Default)]
struct Reader {
    text: String,
    open: Vec<Element>,
    partial: bool,
    /// It has several lines or is code: nothing in it is markup.
    plain: bool,
    /// A line has just begun, and the space before its words is the chat's own.
    line_begun: bool,
}

impl Reader {
    fn words(&mut self, words: &str) {
        let words = match self.line_begun {
            true => words.strip_prefix(' ').unwrap_or(words),
            false => words,
        };
        self.line_begun = false;
        for c in words.chars() {
            // Between signs of emoji and of many scripts it has a meaning.
            let ours = c == JOINER && self.text.chars().next_back().is_none_or(|c| c.is_ascii());
            if !ours {
                self.text.push(c);
            }
        }
    }

    fn open(&mut self, name: String, attributes: &str) {
        if name == "br" {
            if self.text.ends_with(' ') {
                self.text.pop();
            }
            self.text.push('\n');
            self.line_begun = true;
            return;
        }
        if ["img", "hr", "wbr", "input"].contains(&name.as_str()) {
            return;
        }
        let class = attribute(attributes, "class").unwrap_or_default();
        let has = |wanted: &str| class.split_whitespace().any(|class| class == wanted);
        if ["div", "pre"].contains(&name.as_str()) && (has("full") || has("partial")) {
            self.plain = true;
            self.partial |= has("partial");
        }
        let means = match name.as_str() {
            "i" | "em" => Means::Mark("*"),
            "b" | "strong" => Means::Mark("**"),
            "code" => Means::Mark("`"),
            "strike" | "s" | "del" => Means::Mark("---"),
            "div" if has("onebox") => Means::Card(None),
            "a" => self.link(attributes),
            _ => Means::Words,
        };
        if name == "span" && has("ob-post-tag") {
            let around = self.open.last_mut().map(|element| &mut element.means);
            if let Some(Means::Link { tag, .. }) = around {
                *tag = true;
            }
        }
        if means != Means::Words && self.text.ends_with(JOINER) {
            self.text.pop();
            // What is around it may have begun behind what is gone.
            let end = self.text.len();
            for element in &mut self.open {
                element.start = element.start.min(end);
            }
        }
        if self.open.len() < DEEPEST {
            let start = self.text.len();
            self.open.push(Element { name, means, start });
        }
    }

    fn link(&mut self, attributes: &str) -> Means {
        let Some(href) = attribute(attributes, "href").filter(|href| !href.is_empty()) else {
            return Means::Words;
        };
        let href = match href.starts_with("//") {
            true => format!("https:{href}"),
            false => href,
        };
        for element in &mut self.open {
            if let Means::Card(first @ None) = &mut element.means {
                *first = Some(href.clone());
            }
        }
        Means::Link {
            href,
            title: attribute(attributes, "title").filter(|title| !title.is_empty()),
            tag: false,
        }
    }

    fn close(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|element| element.name == name) {
            while self.open.len() > at {
                self.close_last();
            }
        }
    }

    fn close_last(&mut self) {
        let Some(Element { means, start, .. }) = self.open.pop() else {
            return;
        };
        // A line end at the close of an element may have taken a space from before it.
        let start = self.text.floor_char_boundary(start);
        let inside = self.text[start..].trim().to_string();
        match means {
            Means::Words => {}
            Means::Card(None) => {}
            Means::Mark(_) if self.plain || inside.is_empty() => {}
            Means::Mark(mark) => {
                self.text.insert_str(start, mark);
                self.text.push_str(mark);
            }
            Means::Card(Some(href)) => {
                self.text.truncate(start);
                self.text.push_str(&href);
            }
            Means::Link { tag: true, .. } => {
                self.text.truncate(start);
                self.text.push_str(&format!("[tag:{inside}]"));
            }
            Means::Link { href, .. } if inside.is_empty() || is_shown(&inside, &href) => {
                self.text.truncate(start);
                self.text.push_str(&href);
            }
            Means::Link { href, title, .. } => {
                let title = title.map(|title| format!(" \"{title}\""));
                let title = title.unwrap_or_default();
                self.text.truncate(start);
                self.text.push_str(&format!("[{inside}]({href}{title})"));
            }
        }
    }

    fn end(mut self) -> Content {
        while !self.open.is_empty() {
            self.close_last();
        }
        // The first line of code keeps its indent.
        let text = match self.plain {
            true => self.text.trim_end().trim_start_matches(['\n', '\r']),
            false => self.text.trim(),
        };
        Content {
            moved: is_moved(text),
            text: text.to_string(),
            partial: self.partial,
        }
    }
}

/// Whether the words of a link are just its address: without the scheme, and with `…` where they were too long.
fn is_shown(words: &str, href: &str) -> bool {
    let (words, href) = (without_scheme(words), without_scheme(href));
    let (first, shortened) = match words.split_once('…') {
        None => return words.trim_end_matches('/') == href.trim_end_matches('/'),
        Some(parts) => parts,
    };
    let mut rest = match href.strip_prefix(first) {
        Some(rest) if !first.is_empty() => rest,
        Some(_) | None => return false,
    };
    shortened.split('…').all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

fn without_scheme(address: &str) -> &str {
    let rest = ["https://", "http://", "ftp://", "//"]
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme));
    let rest = rest.unwrap_or(address);
    rest.strip_prefix("www.").unwrap_or(rest)
}

/// `→ *[3 messages](…) moved to [Name](…/rooms/1/name)*`, `← *3 messages moved from [Name](…/rooms/1/name)*`.
fn is_moved(text: &str) -> bool {
    let (rest, verb) = match (text.strip_prefix('→'), text.strip_prefix('←')) {
        (Some(rest), _) => (rest, " moved to "),
        (None, Some(rest)) => (rest, " moved from "),
        (None, None) => return false,
    };
    let line = rest.trim().strip_prefix('*');
    let Some(line) = line.and_then(|line| line.strip_suffix('*')) else {
        return false;
    };
    let line = line.strip_prefix('[').unwrap_or(line);
    let behind = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let counted = behind.len() < line.len() && behind.starts_with(" message");
    let room = behind.split_once(verb);
    counted && room.is_some_and(|(_, room)| room.starts_with('[') && room.contains("/rooms/"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(html: &str) -> String {
        read(html).text
    }

    #[test]
    fn markup_is_back_as_it_was_typed() {
        for (html, typed) in [
            ("hi", "hi"),
            ("<i>a</i> <b>b</b>", "*a* **b**"),
            ("<b><i>x</i></b>", "***x***"),
            ("<code>a &lt; b</code>", "`a < b`"),
            ("<strike>gone</strike>", "---gone---"),
            (
                "&#39;a&#39; &amp;amp; &quot;b&quot; &#91;c]",
                "'a' &amp; \"b\" [c]",
            ),
            ("&gt; quoted", "> quoted"),
            ("3 < 4 <5", "3 < 4 <5"),
            ("<b></b>x<u>y</u>", "xy"),
            ("a<!-- <b> -->b", "ab"),
        ] {
            assert_eq!(text(html), typed, "{html}");
        }
    }

    #[test]
    fn a_link_that_was_shown_short_is_whole_again() {
        for (html, typed) in [
            (
                r#"<a href="http://a.example/b" rel="nofollow noopener noreferrer">a.example/b</a>"#,
                "http://a.example/b",
            ),
            (
                r#"see <a href="https://a.example/long/way/to/it">a.example/long&hellip;</a>."#,
                "see https://a.example/long/way/to/it.",
            ),
            (
                r#"<a href="https://www.a.example/long/way/to/it">a.example/…/it</a>"#,
                "https://www.a.example/long/way/to/it",
            ),
            (
                r#"<a href="//stackoverflow.com/q/1">stackoverflow.com/q/1</a>"#,
                "https://stackoverflow.com/q/1",
            ),
            (
                r#"<a title="it's &quot;so&quot;" href='http://a.example/?b=1&amp;c=2'>words</a>"#,
                r#"[words](http://a.example/?b=1&c=2 "it's "so"")"#,
            ),
            (
                r#"<a href="http://b.example">a.example…</a>"#,
                "[a.example…](http://b.example)",
            ),
            (r#"<a name="x">words</a>"#, "words"),
            (r#"<a href="http://a.example"></a>"#, "http://a.example"),
        ] {
            assert_eq!(text(html), typed, "{html}");
        }
    }

    #[test]
    fn tags_and_one_boxes_are_what_they_came_from() {
        let tag = r##"use <a href="//stackoverflow.com/questions/tagged/c%2b%2b"><span class="ob-post-tag"
            style="color: #3E6D8E;">c++</span></a>!"##;
        assert_eq!(text(tag), "use [tag:c++]!");
        let image = r#"<div class="onebox ob-image"><a rel="nofollow" href="//i.stack.imgur.com/x.png"><img
            src="//i.stack.imgur.com/x.png" class="user-image" alt="user image" /></a></div>"#;
        assert_eq!(text(image), "https://i.stack.imgur.com/x.png");
        let post = r#"<div class="onebox ob-post"><div class="ob-post-votes">3</div><img title="Site">
            <div class="ob-post-title">Q: <a href="//a.example/q/1">Why?</a></div>
            <div class="ob-post-body">Because. <a href="//b.example">B</a></div></div>"#;
        assert_eq!(text(post), "https://a.example/q/1");
        assert_eq!(
            text(&format!("@Ann {image}")),
            "@Ann https://i.stack.imgur.com/x.png"
        );
        assert_eq!(text(r#"<div class="onebox">nothing</div>"#), "nothing");
    }

    #[test]
    fn several_lines_and_code_keep_their_lines() {
        let full = read(
            "<div class='full'>one *1* <br>  two <br>  <br> <a href=\"http://a.example\">a.example</a></div>",
        );
        assert_eq!(full.text, "one *1*\n two\n\nhttp://a.example");
        assert!(!full.partial);
        let code = read("<pre class='full'>  if a &lt; b\n    c()</pre>");
        assert_eq!(code.text, "  if a < b\n    c()");
        let partial = read("<div class=\"partial\">one <br> tw</div>");
        assert_eq!((partial.text.as_str(), partial.partial), ("one\ntw", true));
        assert!(read("<pre class='partial'>x</pre>").partial);
    }

    #[test]
    fn lines_about_moved_messages_are_known() {
        let away = r#"&rarr; <i><a href="//chat.example/transcript/message/1#1">3 messages</a> moved to
            <a href="//chat.example/rooms/7/trash">Trash</a></i>"#;
        assert!(read(&away.replace("\n            ", " ")).moved);
        let here = r#"&larr; <i>1 message moved from <a href="/rooms/1/a-room">A room</a></i>"#;
        assert!(read(here).moved);
        for no in [
            "&rarr; <i>3 messages moved to somewhere</i>",
            "&rarr; 3 messages moved to [x](/rooms/1)",
            "&larr; <i>messages moved from <a href=\"/rooms/1\">x y</a></i>",
            "<i>moved</i>",
        ] {
            assert!(!read(no).moved, "{no}");
        }
    }

    #[test]
    fn what_the_bot_hid_is_not_read_back() {
        assert_eq!(
            text("@\u{200d}ann :\u{200d}12 x --\u{200d}-y"),
            "@ann :12 x ---y"
        );
        assert_eq!(text("ü\u{200d}<b>x</b>\u{200d}ü"), "ü**x**ü");
        let family = "👩\u{200d}👧";
        assert_eq!(text(family), family);
    }

    #[test]
    fn broken_html_gives_what_can_be_read() {
        for (html, typed) in [
            ("<b>a", "**a**"),
            ("a</b></i></div>b", "ab"),
            ("<b><i>a</b>b</i>", "***a***b"),
            ("a<a href=\"http://x", "a<a href=\"http://x"),
            (
                "a<a href=\"http://x.example>b</a>c",
                "a<a href=\"http://x.example>bc",
            ),
            ("<", "<"),
            ("</", "</"),
            ("<a", "<a"),
            ("&notanentity; &#xffffff; &", "&notanentity; &#xffffff; &"),
        ] {
            assert_eq!(text(html), typed, "{html}");
        }
        let deep = "<b>".repeat(10_000) + "x";
        assert!(text(&deep).len() < 1000);
        let long = "é".repeat(LONGEST);
        assert!(text(&long).len() <= LONGEST);
    }

    #[test]
    fn marks_behind_joiners_stand_between_characters() {
        assert_eq!(text("é\u{200d}\u{200d}<b><i>😀</i></b>"), "é***😀***");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_comes_it_is_read(html in "(<|>|/|b|i|a |br|div|class=|full|partial|onebox|href=|\"|'|&|;|#|1|\u{200d}|é|😀|<b>|<i>|</i>|</b>| |\n|!--|-->){0,60}") {
            let content = read(&html);
            // Marks and the scheme that links inside the network lack are all that is added.
            prop_assert!(content.text.len() <= html.len() * 3 + 10);
        }

        #[test]
        fn escaped_words_are_read_as_they_were(words in "[ -~é\u{1f600}]{0,80}") {
            let html = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let html = html.replace('"', "&quot;").replace('\'', "&#39;");
            prop_assert_eq!(text(&html), words.trim());
        }
    }
}
