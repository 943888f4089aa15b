//! One line in Slack's own markup, in which nothing means more than it should.

use crate::model::text::{Span, harmless};

/// What is not seen, and keeps a sign from being markup.
pub const APART: char = '\u{200b}';
/// The longest address that is a link, in bytes; a longer one is words.
const ADDRESS: usize = 2_000;
/// Signs that mark words between two of them, at the edges of words.
const MARKS: [char; 4] = ['*', '_', '~', '`'];
/// The most that a person called by name takes, in characters.
pub const CALL: usize = 20;

/// Who is called by a name: the id of that person, where exactly one is known.
pub type Known<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Words for any text of Slack: nobody is called, and nothing is a link.
pub fn escape(words: &str) -> String {
    let mut done = String::with_capacity(words.len());
    for c in words.chars() {
        put(&mut done, c);
    }
    done
}

/// The length of a text, counted so that Slack counts no more: UTF-16 units.
pub fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// A line of spans as it stands in a block, behind `begin`, which is not looked at.
pub fn line(begin: &str, spans: &[Span], known: Known<'_>) -> String {
    let mut line = Line::default();
    for c in begin.chars() {
        line.signs.push(Sign::made(c));
    }
    for span in spans {
        line.span(span, known);
    }
    line.written()
}

/// Lines that stay as they are.
pub fn fence(lines: &str) -> String {
    let lines: Vec<String> = lines.lines().map(|line| fenced(&harmless(line))).collect();
    format!("```\n{}\n```", lines.join("\n"))
}

/// A line of spans without markup, in which people are called all the same.
pub fn plain(begin: &str, spans: &[Span], known: Known<'_>) -> String {
    let mut done = String::from(begin);
    for span in spans {
        match span {
            Span::Mention(name) => match known(name) {
                Some(id) => done.push_str(&format!("<@{id}>")),
                None => done.push_str(&escape(&format!("@{}", harmless(name)))),
            },
            Span::Words(_)
            | Span::Bold(_)
            | Span::Marked(_)
            | Span::Code(_)
            | Span::Link { .. }
            | Span::Url(_)
            | Span::Tag(_)
            | Span::Author { .. } => {
                let words = crate::model::Text::new().spans(vec![span.clone()]);
                done.push_str(&escape(&words.plain()));
            }
        }
    }
    done
}

/// A link as Slack reads it; none where it is no address of the web.
pub fn link(url: &str, words: &str) -> Option<String> {
    let address = address(url)?;
    let words = fenced(&harmless(words.trim())).replace('|', "¦");
    Some(match words.is_empty() {
        true => format!("<{address}>"),
        false => format!("<{address}|{words}>"),
    })
}

/// An address that nothing in Slack misreads; none when it is not one of the web.
fn address(url: &str) -> Option<String> {
    let url = harmless(url.trim());
    let scheme = ["https://", "http://"].into_iter().find(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })?;
    let rest = &url[scheme.len()..];
    if !rest.starts_with(|c: char| c.is_alphanumeric() || c == '[') {
        return None;
    }
    let mut address = String::from(scheme);
    for c in rest.chars() {
        match c {
            '<' => address.push_str("%3C"),
            '>' => address.push_str("%3E"),
            '|' => address.push_str("%7C"),
            '"' => address.push_str("%22"),
            '`' => address.push_str("%60"),
            '&' => address.push_str("&amp;"),
            c if c.is_whitespace() => address.push_str("%20"),
            c => address.push(c),
        }
    }
    (address.len() <= ADDRESS).then_some(address)
}

fn put(to: &mut String, c: char) {
    match c {
        '&' => to.push_str("&amp;"),
        '<' => to.push_str("&lt;"),
        '>' => to.push_str("&gt;"),
        c => to.push(c),
    }
}

/// A line of code that does not end the code.
fn fenced(line: &str) -> String {
    escape(line).replace("```", &format!("`{APART}`{APART}`"))
}

/// A character, and whether it may be markup.
#[derive(Clone, Copy)]
struct Sign {
    c: char,
    /// It stands for itself, whatever Slack would make of it.
    literal: bool,
    /// It is written as it is: a part of a link or of a call.
    raw: bool,
}

impl Sign {
    fn made(c: char) -> Sign {
        Sign {
            c,
            literal: false,
            raw: false,
        }
    }
}

/// A line so far.
#[derive(Default)]
struct Line {
    signs: Vec<Sign>,
    /// The last span was markup: what comes now must not touch it.
    marked: bool,
}

impl Line {
    fn span(&mut self, span: &Span, known: Known<'_>) {
        match span {
            Span::Words(words) => self.words(&harmless(words)),
            Span::Bold(words) | Span::Marked(words) => self.bold(&harmless(words)),
            Span::Code(code) | Span::Tag(code) => self.code(&harmless(code)),
            Span::Link { words, url } => match link(url, words) {
                Some(link) => self.raw(&link),
                None => {
                    self.words(&harmless(words));
                    self.literal(" ");
                    self.words(&harmless(url));
                }
            },
            Span::Author { name, url } => match link(url, name) {
                Some(link) => self.raw(&link),
                None => self.words(&harmless(name)),
            },
            Span::Url(url) => match link(url, "") {
                Some(link) => self.raw(&link),
                None => self.words(&harmless(url)),
            },
            Span::Mention(name) => match known(name) {
                Some(id) => self.raw(&format!("<@{id}>")),
                None => self.literal(&format!("@{}", harmless(name))),
            },
        }
    }

    fn raw(&mut self, text: &str) {
        self.apart(text.chars().next());
        for c in text.chars() {
            self.signs.push(Sign {
                c,
                literal: false,
                raw: true,
            });
        }
    }

    fn literal(&mut self, text: &str) {
        self.apart(text.chars().next());
        for c in text.chars() {
            self.signs.push(Sign {
                c,
                literal: true,
                raw: false,
            });
        }
    }

    /// Puts what is not seen behind markup that something would touch.
    fn apart(&mut self, next: Option<char>) {
        let Some(next) = next else { return };
        let touches = next.is_alphanumeric() || MARKS.contains(&next);
        if std::mem::take(&mut self.marked) && touches {
            self.signs.push(Sign::made(APART));
        }
    }

    /// Opens or closes something marked.
    fn mark(&mut self, mark: char) {
        let before = self.signs.last().map(|sign| sign.c);
        if before.is_some_and(|c| c.is_alphanumeric() || MARKS.contains(&c)) {
            self.signs.push(Sign::made(APART));
        }
        self.signs.push(Sign::made(mark));
    }

    /// Words, in which addresses lead somewhere.
    fn words(&mut self, words: &str) {
        let mut rest = words;
        while let Some(at) = rest.find("://") {
            let begin = ["https", "http"].iter().find_map(|scheme| {
                let begin = at.checked_sub(scheme.len())?;
                let before = rest.get(begin..at)?;
                let free = !rest[..begin].ends_with(char::is_alphanumeric);
                (before.eq_ignore_ascii_case(scheme) && free).then_some(begin)
            });
            let end = rest[at..].find(|c: char| c.is_whitespace() || "<>\"`|".contains(c));
            let end = end.map_or(rest.len(), |end| at + end);
            let begin = begin.unwrap_or(end);
            let found = rest[begin..end].trim_end_matches(|c| ".,;:!?'*_)]".contains(c));
            self.literal(&rest[..begin]);
            match link(found, "") {
                Some(link) => self.raw(&link),
                None => self.literal(found),
            }
            rest = &rest[begin + found.len()..];
        }
        self.literal(rest);
    }

    fn bold(&mut self, words: &str) {
        let inside = words.trim();
        let (start, end) = around(words);
        self.literal(start);
        if !inside.is_empty() {
            self.apart(Some('*'));
            self.mark('*');
            for c in inside.chars() {
                match c {
                    '*' => self.signs.extend([APART, '*', APART].map(Sign::made)),
                    c => self.literal(c.encode_utf8(&mut [0; 4])),
                }
            }
            self.signs.push(Sign::made('*'));
            self.marked = true;
        }
        self.literal(end);
    }

    fn code(&mut self, code: &str) {
        let inside = code.trim();
        let (start, end) = around(code);
        self.literal(start);
        match inside {
            "" => {}
            // There is no way to write it in code.
            _ if inside.contains('`') => self.words(inside),
            _ => {
                self.apart(Some('`'));
                self.mark('`');
                self.signs.extend(inside.chars().map(Sign::made));
                self.signs.push(Sign::made('`'));
                self.marked = true;
            }
        }
        self.literal(end);
    }

    /// The line as it is sent.
    fn written(&self) -> String {
        let mut done = String::with_capacity(self.signs.len());
        let signs = &self.signs;
        // The last place of each mark where it could close something.
        let last = MARKS.map(|mark| (0..signs.len()).rev().find(|at| self.closes(*at, mark)));
        for (at, sign) in signs.iter().enumerate() {
            let apart = sign.literal && self.is_mark(at, &last);
            // Slack takes it for a quotation even when it is escaped.
            let quotes = at == 0 && sign.literal && sign.c == '>';
            if quotes || (apart && at > 0) {
                done.push(APART);
            }
            match sign.raw {
                true => done.push(sign.c),
                false => put(&mut done, sign.c),
            }
            if apart {
                done.push(APART);
            }
        }
        done
    }

    /// Slack would take it for the beginning of something marked, of which `last` are the last ends.
    fn is_mark(&self, at: usize, last: &[Option<usize>; 4]) -> bool {
        let c = self.signs[at].c;
        let Some(mark) = MARKS.iter().position(|mark| *mark == c) else {
            return false;
        };
        // Three of these are code up to the next three, in whatever line.
        let next = self.signs.get(at + 1);
        let fence = c == '`' && next.is_some_and(|next| next.c == '`');
        fence || (last[mark].is_some_and(|last| last > at) && self.opens(at))
    }

    fn opens(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map(|before| self.signs[before].c);
        let next = self.signs.get(at + 1).map(|next| next.c);
        let edge = self.signs[at].c == '`' || !before.is_some_and(char::is_alphanumeric);
        edge && next.is_some_and(|next| !next.is_whitespace())
    }

    fn closes(&self, at: usize, mark: char) -> bool {
        let before = at.checked_sub(1).map(|before| self.signs[before].c);
        let next = self.signs.get(at + 1).map(|next| next.c);
        let edge = mark == '`' || !next.is_some_and(char::is_alphanumeric);
        self.signs[at].c == mark && edge && before.is_some_and(|before| !before.is_whitespace())
    }
}

/// The space before and behind words.
fn around(words: &str) -> (&str, &str) {
    let start = words.len() - words.trim_start().len();
    match start == words.len() {
        true => (words, ""),
        false => (&words[..start], &words[words.trim_end().len()..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::spans;

    fn nobody(_: &str) -> Option<String> {
        None
    }

    fn words(text: &str) -> String {
        line("", &[Span::Words(text.into())], &nobody).replace(APART, "·")
    }

    #[test]
    fn words_stand_for_themselves() {
        for (text, sent) in [
            (
                "a & b <!channel> <@U1>",
                "a &amp; b &lt;!channel&gt; &lt;@U1&gt;",
            ),
            ("5 * 3 * 2, snake_case_name", "5 * 3 * 2, snake_case_name"),
            ("*bold* _it_ ~no~", "*·bold* ·_·it_ ·~·no~"),
            ("~/src and ~/bin", "~/src and ~/bin"),
            ("it's `x` here", "it's ·`·x` here"),
            ("```rust", "`··`·`rust"),
            ("> not a quote", "·&gt; not a quote"),
            ("1 > 0", "1 &gt; 0"),
            ("**x**", "*··*·x**"),
            ("*", "*"),
            ("@here #general", "@here #general"),
        ] {
            assert_eq!(words(text), sent, "{text}");
        }
    }

    #[test]
    fn addresses_in_words_are_links() {
        for (text, sent) in [
            (
                "see https://e.org/a?b=1&c=2.",
                "see <https://e.org/a?b=1&amp;c=2>.",
            ),
            ("(http://e.org/x)", "(<http://e.org/x>)"),
            ("https://e.org/a_b_c*d*", "<https://e.org/a_b_c*d>*"),
            ("ftp://e.org javascript://x", "ftp://e.org javascript://x"),
            ("https:// alone", "https:// alone"),
            ("<https://e.org|x>", "&lt;<https://e.org>|x&gt;"),
        ] {
            assert_eq!(words(text), sent, "{text}");
        }
    }

    #[test]
    fn markup_does_not_touch_words() {
        let bold = |words: &str| Span::Bold(words.into());
        let all = |spans: &[Span]| line("", spans, &nobody).replace(APART, "·");
        let text = |words: &str| Span::Words(words.into());
        assert_eq!(all(&[text("a"), bold("b"), text("c")]), "a·*b*·c");
        assert_eq!(all(&[text("a "), bold(" b "), text("c")]), "a  *b* c");
        assert_eq!(all(&[bold("a*b_c_")]), "*a·*·b_c_*");
        assert_eq!(all(&[text("*a "), bold("b")]), "*·a *b*");
        assert_eq!(all(&[bold("a"), bold("b")]), "*a*·*b*");
        assert_eq!(all(&spans("use `a<b` or `c`d")), "use `a&lt;b` or `c`·d");
        assert_eq!(all(&[Span::Code("a`b".into())]), "a`b");
        assert_eq!(all(&[bold("  ")]), "  ");
    }

    #[test]
    fn links_and_people() {
        let known = |name: &str| (name == "Ann").then(|| "U1".to_string());
        let one = |span: Span| line("", &[span], &known);
        let link = |words: &str, url: &str| Span::Link {
            words: words.into(),
            url: url.into(),
        };
        assert_eq!(
            one(link("a | b <c>", "https://e.org/?x=<y>|z w")),
            "<https://e.org/?x=%3Cy%3E%7Cz%20w|a ¦ b &lt;c&gt;>"
        );
        assert_eq!(one(link("x", "mailto:a@b")), "x mailto:a@b");
        assert_eq!(one(Span::Url("https://e.org".into())), "<https://e.org>");
        assert_eq!(one(Span::Mention("Ann".into())), "<@U1>");
        assert_eq!(one(Span::Mention("channel".into())), "@channel");
        assert_eq!(one(Span::Mention("<!here>".into())), "@&lt;!here&gt;");
        assert_eq!(one(Span::Tag("rust".into())), "`rust`");
        let both = [Span::Words("hi, ".into()), Span::Mention("Ann".into())];
        assert_eq!(plain("- ", &both, &known), "- hi, <@U1>");
    }

    #[test]
    fn code_keeps_its_fence() {
        assert_eq!(
            fence("a <b>\n```\nc").replace(APART, "·"),
            "```\na &lt;b&gt;\n`·`·`\nc\n```"
        );
    }
}
