//! A line of the protocol: read from whatever bytes come, and written so that nothing can break out of it.

use std::borrow::Cow;
use std::fmt::Write;

use compact_str::CompactString;
use smallvec::SmallVec;

/// The longest line that is taken, in bytes: what stands before a message may be 8191 of them, the rest 512.
pub const LONGEST: usize = 8_191 + 512;

/// A line from a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What IRCv3 puts before a message.
    pub tags: Vec<(String, String)>,
    /// Whoever it comes from, where the line says so.
    pub source: Option<Source>,
    /// In capitals, or three digits.
    pub command: CompactString,
    pub params: SmallVec<[CompactString; 3]>,
}

/// A server, or somebody with what their client and their server say about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    pub nick: CompactString,
    pub user: Option<CompactString>,
    pub host: Option<CompactString>,
}

impl Line {
    /// Reads a line with or without its end; none when there is nothing in it that one could do something with.
    pub fn read(bytes: &[u8]) -> Option<Line> {
        let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let text = decoded(&bytes[..end.unwrap_or(bytes.len())]);
        let mut rest = text.trim_start_matches(' ');
        let mut line = Line::default();
        if let Some(behind) = rest.strip_prefix('@') {
            let (tags, behind) = behind.split_once(' ')?;
            line.tags = tags.split(';').filter_map(tag).collect();
            rest = behind.trim_start_matches(' ');
        }
        if let Some(behind) = rest.strip_prefix(':') {
            let (source, behind) = behind.split_once(' ')?;
            line.source = Some(Source::read(source));
            rest = behind.trim_start_matches(' ');
        }
        let (command, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let is_command = command.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if command.is_empty() || !is_command {
            return None;
        }
        line.command = command.into();
        line.command.make_ascii_uppercase();
        loop {
            rest = rest.trim_start_matches(' ');
            if rest.is_empty() {
                return Some(line);
            }
            if let Some(last) = rest.strip_prefix(':') {
                line.params.push(last.into());
                return Some(line);
            }
            let (param, behind) = rest.split_once(' ').unwrap_or((rest, ""));
            line.params.push(param.into());
            rest = behind;
        }
    }

    pub fn tag(&self, name: &str) -> Option<&str> {
        let mut tags = self.tags.iter();
        let (_, value) = tags.find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The parameter with this number, or nothing.
    pub fn param(&self, n: usize) -> &str {
        self.params.get(n).map_or("", CompactString::as_str)
    }

    pub fn last(&self) -> &str {
        self.params.last().map_or("", CompactString::as_str)
    }

    /// The nick of whoever it comes from.
    pub fn nick(&self) -> &str {
        self.source.as_ref().map_or("", |source| &source.nick)
    }
}

impl Source {
    pub fn read(text: &str) -> Source {
        let (rest, host) = match text.split_once('@') {
            Some((rest, host)) => (rest, Some(host)),
            None => (text, None),
        };
        let (nick, user) = match rest.split_once('!') {
            Some((nick, user)) => (nick, Some(user)),
            None => (rest, None),
        };
        Source {
            nick: nick.into(),
            user: user.map(CompactString::from),
            host: host.map(CompactString::from),
        }
    }
}

/// Bytes as people meant them: UTF-8, or else Latin-1, in which every byte is a character. Servers cut what is too long,
/// also within a character of UTF-8.
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(error) if error.error_len().is_none() && !bytes[..error.valid_up_to()].is_ascii() => {
            decoded(&bytes[..error.valid_up_to()])
        }
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

fn tag(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    if name.is_empty() {
        return None;
    }
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.extend(chars.next().map(|c| match c {
                ':' => ';',
                's' => ' ',
                'r' => '\r',
                'n' => '\n',
                other => other,
            })),
            other => plain.push(other),
        }
    }
    Some((name.into(), plain))
}

/// A line for a server, without its end. Whatever is put into it, it stays one line with that many parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Out(String);

impl Out {
    pub fn new(command: &'static str) -> Out {
        let mut line = String::with_capacity(128);
        line.push_str(command);
        Out(line)
    }

    /// Adds a parameter without spaces; what stands behind a space is left out.
    pub fn word(mut self, word: &str) -> Out {
        let ends = |c: char| c == ' ' || is_forbidden(c);
        let word = word.split(ends).next().unwrap_or_default();
        let word = word.trim_start_matches(':');
        self.0.push(' ');
        self.0.push_str(if word.is_empty() { "*" } else { word });
        self
    }

    /// Adds the last parameter, in which spaces may stand.
    pub fn text(mut self, text: &str) -> Out {
        self.0.push_str(" :");
        if !text.contains(is_forbidden) {
            self.0.push_str(text);
            return self;
        }
        let harmless = text.chars().map(|c| if is_forbidden(c) { ' ' } else { c });
        self.0.extend(harmless);
        self
    }

    /// Puts a tag before the line.
    pub fn tagged(mut self, name: &'static str, value: &str) -> Out {
        let mut tag = format!("@{name}=");
        for c in value.chars() {
            match c {
                ';' => tag.push_str("\\:"),
                ' ' => tag.push_str("\\s"),
                '\\' => tag.push_str("\\\\"),
                c if is_forbidden(c) => {}
                c => tag.push(c),
            }
        }
        match self.0.strip_prefix('@') {
            Some(rest) => _ = write!(tag, ";{rest}"),
            None => _ = write!(tag, " {}", self.0),
        }
        self.0 = tag;
        self
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Would end the line.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Line {
        Line::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_line_has_tags_a_source_a_command_and_parameters() {
        let line = read(
            "@time=2026-11-21T09:00:00.000Z;+x=a\\:b\\sc\\\\;y :ann!~a@host  PRIVMSG  #x :hello  you\r\n",
        );
        assert_eq!(line.tag("+x"), Some("a;b c\\"));
        assert_eq!(line.tag("y"), Some(""));
        assert_eq!(line.tag("z"), None);
        let source = line.source.clone().unwrap();
        assert_eq!(
            (
                source.nick.as_str(),
                source.user.as_deref(),
                source.host.as_deref()
            ),
            ("ann", Some("~a"), Some("host"))
        );
        assert_eq!((line.command.as_str(), line.param(0)), ("PRIVMSG", "#x"));
        assert_eq!((line.last(), line.param(7)), ("hello  you", ""));
        assert_eq!(read("ping :").params, [""].into());
        assert_eq!(read("PING a b:c").params, ["a", "b:c"].into());
        assert_eq!(
            read(":irc.example.org 001 boson :Hi").nick(),
            "irc.example.org"
        );
    }

    #[test]
    fn what_is_no_line_is_none() {
        for text in [
            "",
            " ",
            "\r\n",
            "@a=b",
            ":ann",
            ":ann ",
            "@a :b ",
            "é b",
            "PRIV-MSG a",
        ] {
            assert_eq!(Line::read(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_latin_1() {
        let line = Line::read(b"PRIVMSG #x :caf\xe9").unwrap();
        assert_eq!(line.last(), "café");
        assert_eq!(Line::read("PRIVMSG #x :café".as_bytes()).unwrap(), line);
        let cut = "PRIVMSG #x :café €".as_bytes();
        let line = Line::read(&cut[..cut.len() - 1]).unwrap();
        assert_eq!(line.last(), "café ");
    }

    #[test]
    fn nothing_breaks_out_of_a_line() {
        let out = Out::new("PRIVMSG")
            .word("#a b\r\nQUIT")
            .text("x\r\nQUIT :\0y");
        assert_eq!(out.as_str(), "PRIVMSG #a :x  QUIT : y");
        assert_eq!(Out::new("JOIN").word(":x").word("").as_str(), "JOIN x *");
        let out = out.tagged("label", "a;b").tagged("+draft/reply", "c\nd e");
        let line = read(out.as_str());
        assert_eq!(
            (line.tag("label"), line.tag("+draft/reply")),
            (Some("a;b"), Some("cd e"))
        );
        assert_eq!(line.last(), "x  QUIT : y");
    }
}
