//! One line in the chat's own markup, in which nothing means more than it should.

use super::content::JOINER;
use crate::model::text::{Span, harmless};

/// The longest address that is a link, in bytes; a longer one is words.
const ADDRESS: usize = 400;
/// So many characters of an address are shown where it stands as a link with words, as the chat does by itself.
const SHOWN: usize = 60;
/// Characters that end a name behind `@`, besides white space.
const NAME_ENDS: &str = "._!?();:/+&<-";
/// The fewest characters of a name that call somebody.
const NAME: usize = 3;

/// A line of spans as it is sent. Nothing stands around it, and it may be empty.
pub(super) fn line(begin: &str, spans: &[Span]) -> String {
    let mut parts = Parts::default();
    parts.plain(begin);
    for span in spans {
        parts.span(span);
    }
    parts.trim();
    let mut line = Line::default();
    let mut parts = parts.0.iter().peekable();
    while let Some(part) = parts.next() {
        let next = parts.peek().and_then(|next| next.first());
        line.part(part, next);
    }
    begun(line.0)
}

/// Where a line must not begin as it does, its beginning is hidden: as a reply, a quote or a line across the room.
pub(super) fn begun(line: String) -> String {
    let ruler = line.len() >= 3
        && ["-", "="]
            .iter()
            .any(|sign| line.replace(sign, "").is_empty());
    if ruler || line.starts_with('>') {
        return format!("{JOINER}{line}");
    }
    match line.strip_prefix(':') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => format!(":{JOINER}{rest}"),
        Some(_) | None => line,
    }
}

/// Words in which nobody is called, and addresses still lead where they did.
pub(super) fn uncalled(words: &str) -> String {
    let mut done = String::with_capacity(words.len());
    let mut address = false;
    for (at, c) in words.char_indices() {
        address = (address || words[at..].starts_with("://")) && !c.is_whitespace();
        match c {
            '@' if address => done.push_str("%40"),
            '@' => done.extend(['@', JOINER]),
            _ => done.push(c),
        }
    }
    done
}

/// The most UTF-16 units of a text in which nobody is called, and with a space behind every address.
pub(super) fn uncalled_units(words: &str) -> usize {
    let signs = words.matches('@').count() * 2;
    words.encode_utf16().count() + signs + words.matches("://").count()
}

/// A person called by name, who hears of it.
pub(super) fn call(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    format!("@{}", name.replace('@', ""))
}

/// An address in a form that nothing in the chat misreads; none when it is not one of the web.
pub(super) fn address(url: &str) -> Option<String> {
    let url = harmless(url.trim());
    let scheme = ["https://", "http://"].into_iter().find(|scheme| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })?;
    let rest = &url[scheme.len()..];
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let plain = |c: char| c.is_alphanumeric() || "-._:".contains(c);
    if !host.starts_with(char::is_alphanumeric) || !host.chars().all(plain) {
        return None;
    }
    let mut address = format!("{scheme}{host}");
    let mut bytes = [0; 4];
    for c in path.chars() {
        if c.is_ascii_alphanumeric() || "-._~:/?#!$&+,;=%".contains(c) {
            address.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut bytes).bytes() {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    (address.len() <= ADDRESS).then_some(address)
}

/// A line cut where its markup changes.
#[derive(Default)]
struct Parts(Vec<Part>);

#[derive(Debug, PartialEq)]
enum Part {
    Plain(String),
    Bold(String),
    Code(String),
    Link { words: String, address: String },
    Address(String),
    Tag(String),
    Call(String),
}

impl Part {
    /// The first character that is seen.
    fn first(&self) -> Option<char> {
        match self {
            Part::Plain(words) => words.chars().next(),
            Part::Bold(_) => Some('*'),
            Part::Code(_) => Some('`'),
            Part::Link { .. } | Part::Tag(_) => Some('['),
            Part::Address(_) => Some('h'),
            Part::Call(_) => Some('@'),
        }
    }
}

impl Parts {
    fn span(&mut self, span: &Span) {
        match span {
            Span::Words(words) => self.words(&harmless(words)),
            Span::Marked(words) if !can_be_bold(words.trim()) => {
                self.words(&format!("**{}**", harmless(words)));
            }
            Span::Bold(words) | Span::Marked(words) => self.bold(&harmless(words)),
            Span::Code(code) => self.code(&harmless(code)),
            Span::Link { words, url } => self.link(&harmless(words), url),
            Span::Author { name, url } => match address(url) {
                Some(_) => self.link(&harmless(name), url),
                None => self.plain(&harmless(name)),
            },
            Span::Url(url) => match address(url) {
                Some(address) => self.0.push(Part::Address(address)),
                None => self.words(&harmless(url)),
            },
            Span::Tag(tag) => self.tag(&harmless(tag)),
            Span::Mention(name) => self.call(&harmless(name)),
        }
    }

    fn plain(&mut self, words: &str) {
        match self.0.last_mut() {
            _ if words.is_empty() => {}
            Some(Part::Plain(before)) => before.push_str(words),
            Some(_) | None => self.0.push(Part::Plain(words.into())),
        }
    }

    /// Words, in which the chat would find addresses: better they are links as ours are.
    fn words(&mut self, words: &str) {
        let mut rest = words;
        while let Some(at) = rest.find("://") {
            let begin = ["https", "http", "ftp"].iter().find_map(|scheme| {
                let begin = at.checked_sub(scheme.len())?;
                let before = rest.get(begin..at)?;
                before.eq_ignore_ascii_case(scheme).then_some(begin)
            });
            let end = rest[at..].find(|c: char| c.is_whitespace() || "<>\"`".contains(c));
            let end = end.map_or(rest.len(), |end| at + end);
            let begin = begin.unwrap_or(end);
            let found = rest[begin..end].trim_end_matches(|c| ".,;:!?'*_])".contains(c));
            self.plain(&rest[..begin]);
            match address(found) {
                Some(address) => self.0.push(Part::Address(address)),
                None => self.plain(&hidden(found)),
            }
            rest = &rest[begin + found.len()..];
        }
        self.plain(rest);
    }

    fn bold(&mut self, words: &str) {
        let inside = words.trim();
        let (start, end) = around(words);
        self.plain(start);
        match self.0.last_mut() {
            _ if inside.is_empty() => {}
            _ if !can_be_bold(inside) => self.words(inside),
            Some(Part::Bold(before)) => before.push_str(&hidden(inside)),
            Some(_) | None => self.0.push(Part::Bold(hidden(inside))),
        }
        self.plain(end);
    }

    fn code(&mut self, code: &str) {
        let inside = code.trim();
        let (start, end) = around(code);
        self.plain(start);
        match inside {
            "" => {}
            _ if inside.contains('`') => self.words(inside),
            _ => self.0.push(Part::Code(inside.into())),
        }
        self.plain(end);
    }

    fn link(&mut self, words: &str, url: &str) {
        match (words.trim(), address(url)) {
            ("", Some(address)) => self.0.push(Part::Address(address)),
            (_, Some(address)) => {
                let (start, end) = around(words);
                self.plain(start);
                self.0.push(Part::Link {
                    words: words.trim().into(),
                    address,
                });
                self.plain(end);
            }
            (_, None) => {
                self.words(words);
                self.plain(" ");
                self.words(&harmless(url));
            }
        }
    }

    fn tag(&mut self, tag: &str) {
        let fits = |c: char| c.is_alphanumeric() || "-.#+".contains(c);
        match !tag.is_empty() && tag.chars().all(fits) {
            true => self.0.push(Part::Tag(tag.into())),
            false => self.words(&format!("[{tag}]")),
        }
    }

    /// Whom it calls is found by the beginning of the name, so that it may end before what would be markup.
    fn call(&mut self, name: &str) {
        let called = call(name);
        let name = &called[1..];
        let inside = |at: usize| {
            let side = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            side(name[..at].chars().next_back()) && side(name[at + 1..].chars().next())
        };
        let fits = |(at, c): (usize, char)| match c {
            '_' => inside(at),
            _ => c.is_alphanumeric() || c == '\'' || NAME_ENDS.contains(c),
        };
        let end = name.char_indices().find(|sign| !fits(*sign));
        let end = end.map_or(name.len(), |(at, _)| at);
        let long = name[..end].split(|c| NAME_ENDS.contains(c)).next();
        match long.is_some_and(|name| name.chars().count() >= NAME) {
            true => self.0.push(Part::Call(format!("@{}", &name[..end]))),
            false => self.plain(&called),
        }
    }

    /// Takes the space away that stands around the whole line.
    fn trim(&mut self) {
        while let Some(Part::Plain(words)) = self.0.first_mut() {
            *words = words.trim_start().to_string();
            match words.is_empty() {
                true => drop(self.0.remove(0)),
                false => break,
            }
        }
        while let Some(Part::Plain(words)) = self.0.last_mut() {
            words.truncate(words.trim_end().len());
            match words.is_empty() {
                true => drop(self.0.pop()),
                false => break,
            }
        }
    }
}

/// A marker beside the same sign, or behind a backslash, is not told from it.
fn can_be_bold(words: &str) -> bool {
    !words.contains('*') && !words.ends_with('\\')
}

/// The space before and behind words.
fn around(words: &str) -> (&str, &str) {
    let start = words.len() - words.trim_start().len();
    match start == words.len() {
        true => (words, ""),
        false => (&words[..start], &words[words.trim_end().len()..]),
    }
}

/// Words in which the chat finds no address.
fn hidden(words: &str) -> String {
    words.replace("://", &format!("{JOINER}://"))
}

/// What is sent, so far.
#[derive(Default)]
struct Line(String);

impl Line {
    fn part(&mut self, part: &Part, next: Option<char>) {
        match part {
            Part::Plain(words) => self.escaped(words, next),
            Part::Bold(words) => {
                self.apart(|before| before.is_alphanumeric() || matches!(before, '*' | '`'));
                self.0.push_str("**");
                self.escaped(words, Some('*'));
                self.0.push_str("**");
                if next.is_some_and(|next| next.is_alphanumeric() || next == '*') {
                    self.0.push(JOINER);
                }
            }
            Part::Code(code) => {
                self.apart(|before| before == '`');
                self.0.push('`');
                self.0.push_str(&uncalled(code));
                self.0.push('`');
            }
            Part::Link { words, address } => self.link(words, address),
            Part::Address(address) => {
                let alone = self.0.is_empty() && next.is_none();
                let before = self.0.chars().next_back().is_none_or(char::is_whitespace);
                let behind = next.is_none_or(char::is_whitespace);
                let end = address.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '/');
                // A whole message of one address is unfolded; one that touches words may swallow them.
                match before && behind && end && !alone {
                    true => self.0.push_str(address),
                    false => self.link(&shown(address), address),
                }
            }
            Part::Tag(tag) => self.0.push_str(&format!("[tag:{tag}]")),
            Part::Call(name) => {
                if self.0.ends_with(char::is_alphanumeric) {
                    self.0.push(' ');
                }
                self.0.push_str(name);
                let ends =
                    |next: char| next.is_whitespace() || next == ',' || NAME_ENDS.contains(next);
                if !next.is_none_or(ends) {
                    self.0.push(' ');
                }
            }
        }
    }

    fn link(&mut self, words: &str, address: &str) {
        self.0.push('[');
        if words.starts_with("tag:") || words.starts_with("meta-tag:") {
            self.0.push(JOINER);
        }
        self.escaped(&hidden(words), Some(']'));
        self.0.push_str("](");
        self.0.push_str(address);
        self.0.push(')');
    }

    /// Puts what is not seen behind a character that would make something else of what follows.
    fn apart(&mut self, from: impl Fn(char) -> bool) {
        if self.0.chars().next_back().is_some_and(from) {
            self.0.push(JOINER);
        }
    }

    /// Words as they are, whatever the chat would make of them.
    fn escaped(&mut self, words: &str, next: Option<char>) {
        let mut dashes = 0;
        let mut chars = words.chars().peekable();
        while let Some(c) = chars.next() {
            let before = self.0.chars().next_back();
            let behind = chars.peek().copied().or(next);
            let space = |side: Option<char>| side.is_none_or(char::is_whitespace);
            dashes = if c == '-' { dashes + 1 } else { 0 };
            match c {
                // A marker hugs what it marks.
                '*' | '_' if space(before) && space(behind) => self.0.push(c),
                '*' | '_' | '`' | '[' | ']' | '\\' => {
                    self.0.push('\\');
                    self.0.push(c);
                    // Who looks for the end of a link's words may not look for the backslash.
                    if c == ']' && behind == Some('(') {
                        self.0.push(JOINER);
                    }
                }
                '@' => {
                    self.0.push(c);
                    self.0.push(JOINER);
                }
                '-' if dashes == 3 => {
                    dashes = 1;
                    self.0.push(JOINER);
                    self.0.push(c);
                }
                _ => self.0.push(c),
            }
        }
    }
}

/// An address as the chat shows it.
fn shown(address: &str) -> String {
    let (_, rest) = address.split_once("://").unwrap_or(("", address));
    crate::model::text::cut(rest.trim_end_matches('/'), SHOWN)
}
