//! What people typed, read from the text that Slack makes of it.

use std::collections::{BTreeMap, BTreeSet};

/// What the ids in a text are called.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub people: BTreeMap<String, String>,
    pub channels: BTreeMap<String, String>,
}

/// The ids in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentioned {
    pub people: BTreeSet<String>,
    /// With their names, where the text has them.
    pub channels: BTreeMap<String, Option<String>>,
}

/// How many ids of a text are looked up; people mention fewer.
const MOST: usize = 50;

/// The people and channels that a text mentions.
pub fn mentioned(text: &str) -> Mentioned {
    let mut found = Mentioned::default();
    for piece in pieces(text) {
        let Piece::Token { body, label } = piece else {
            continue;
        };
        if let Some(person) = id(body, '@') {
            if found.people.len() < MOST {
                found.people.insert(person.into());
            }
        } else if let Some(channel) = id(body, '#')
            && found.channels.len() < MOST
        {
            let label = label.filter(|label| !label.is_empty());
            found.channels.insert(channel.into(), label.map(decoded));
        }
    }
    found
}

/// A text as it was typed: mentions by name, links as they are, entities decoded once, and quotes and dashes that
/// clients make of typed ones straightened, except in code.
pub fn words(text: &str, names: &Names) -> String {
    let mut out = String::with_capacity(text.len());
    let mut code = Code::default();
    for piece in pieces(text) {
        match piece {
            Piece::Plain(plain) => code.straighten(&decoded(plain), &mut out),
            Piece::Token { body, label } => out.push_str(&typed(body, label, names)),
        }
    }
    out
}

enum Piece<'a> {
    Plain(&'a str),
    /// What stands between `<` and `>`, without them; what follows the first `|` is its label.
    Token {
        body: &'a str,
        label: Option<&'a str>,
    },
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let Some(length) = rest[start + 1..].find('>') else {
            break;
        };
        if start > 0 {
            found.push(Piece::Plain(&rest[..start]));
        }
        let inside = &rest[start + 1..start + 1 + length];
        let (body, label) = match inside.split_once('|') {
            Some((body, label)) => (body, Some(label)),
            None => (inside, None),
        };
        found.push(Piece::Token { body, label });
        rest = &rest[start + 1 + length + 1..];
    }
    if !rest.is_empty() {
        found.push(Piece::Plain(rest));
    }
    found
}

/// The id behind a sign: `@U1`.
fn id(body: &str, sign: char) -> Option<&str> {
    let id = body.strip_prefix(sign)?;
    let fits = !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then_some(id)
}

/// What somebody typed to get a token.
fn typed(body: &str, label: Option<&str>, names: &Names) -> String {
    let label = label.map(decoded).filter(|label| !label.is_empty());
    if let Some(person) = id(body, '@') {
        let name = names.people.get(person).cloned().or(label);
        return format!("@{}", name.as_deref().unwrap_or(person));
    }
    if let Some(channel) = id(body, '#') {
        // Anybody may write another label; the id leads there.
        let name = names.channels.get(channel);
        return name.map_or_else(|| channel.to_string(), |name| format!("#{name}"));
    }
    if let Some(special) = body.strip_prefix('!') {
        let first = special.split('^').next().unwrap_or_default();
        return match (first, label) {
            ("here" | "channel" | "everyone", _) => format!("@{first}"),
            (_, Some(label)) => label,
            (_, None) => decoded(special),
        };
    }
    let address = decoded(body);
    match label {
        // A mail address, or `example.com` that Slack made a link.
        Some(label)
            if address == format!("mailto:{label}")
                || address == format!("tel:{label}")
                || without_scheme(&address) == without_scheme(&label) =>
        {
            label
        }
        Some(_) | None => address
            .strip_prefix("mailto:")
            .map_or_else(|| address.clone(), str::to_string),
    }
}

fn without_scheme(address: &str) -> &str {
    let rest = address.strip_prefix("https://");
    let rest = rest.or_else(|| address.strip_prefix("http://"));
    rest.unwrap_or(address).trim_end_matches('/')
}

/// Slack escapes these three and nothing else.
fn decoded(text: &str) -> String {
    if !text.contains('&') {
        return text.to_string();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Whether what comes next stands in code.
#[derive(Default)]
struct Code {
    /// Between one back-tick and the next of the same line.
    inline: bool,
    /// Between three and the next three.
    block: bool,
}

impl Code {
    fn straighten(&mut self, text: &str, out: &mut String) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if !self.inline && rest.starts_with("```") {
                self.block = !self.block;
                out.push_str("```");
                rest = &rest[3..];
                continue;
            }
            match c {
                '`' if !self.block => self.inline = !self.inline,
                '\n' => self.inline = false,
                _ => {}
            }
            match straight(c).filter(|_| !self.inline && !self.block) {
                Some(typed) => out.push_str(typed),
                None => out.push(c),
            }
            rest = &rest[c.len_utf8()..];
        }
    }
}

/// What somebody typed where their client shows this.
fn straight(c: char) -> Option<&'static str> {
    match c {
        '\u{201c}' | '\u{201d}' | '\u{201e}' => Some("\""),
        '\u{2018}' | '\u{2019}' | '\u{201a}' => Some("'"),
        '\u{2014}' => Some("--"),
        '\u{a0}' => Some(" "),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names() -> Names {
        let map = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter();
            pairs
                .map(|(id, name)| (id.to_string(), name.to_string()))
                .collect()
        };
        Names {
            people: map(&[("UBOT", "boson"), ("U1", "Ann Other")]),
            channels: map(&[("C1", "general")]),
        }
    }

    #[test]
    fn what_was_typed() {
        for (text, expected) in [
            ("<@UBOT> list", "@boson list"),
            ("<@UBOT|botty>: list", "@boson: list"),
            (
                "ask <@U1> or <@U2|ben> or <@U3>",
                "ask @Ann Other or @ben or @U3",
            ),
            (
                "join <#C1>, <#C2|ops>, <#C3|>, <#C4>",
                "join #general, C2, C3, C4",
            ),
            (
                "<!here> <!channel> <!subteam^S1|@crew>",
                "@here @channel @crew",
            ),
            ("<!date^1^{date}|today>", "today"),
            (
                "track feed <https://x.org/a?b=1&amp;c=2>",
                "track feed https://x.org/a?b=1&c=2",
            ),
            ("<https://x.org|https://x.org>", "https://x.org"),
            ("<http://example.com|example.com>", "example.com"),
            ("<https://x.org/a|see here>", "https://x.org/a"),
            ("<mailto:a@b.org|a@b.org>", "a@b.org"),
            ("a &lt;b&gt; &amp;amp; &quot;", "a <b> &amp; &quot;"),
            ("“a b” ‘c’ —name x", "\"a b\" 'c' --name x"),
            ("`“a”` “b” ```—``` —", "`“a”` \"b\" ```—``` --"),
            ("`open\n“b”", "`open\n\"b\""),
            ("a < b", "a < b"),
            ("<>", ""),
            ("<", "<"),
        ] {
            assert_eq!(words(text, &names()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_mentioned() {
        let found = mentioned("<@U1> <@U1|x> <#C1|general> <#C2> <https://x.org>");
        assert_eq!(found.people, ["U1".to_string()].into());
        let channels = [
            ("C1".to_string(), Some("general".to_string())),
            ("C2".to_string(), None),
        ];
        assert_eq!(found.channels, channels.into());
    }

    proptest! {
        #[test]
        fn what_needs_no_escape_stays(text in "[a-zA-Z0-9 .,;:!?\"'`*_~@#/()-]*") {
            prop_assert_eq!(words(&text, &names()), text);
        }

        #[test]
        fn an_escaped_text_comes_back(text in "[a-z<>& |@#!]*") {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            prop_assert_eq!(words(&escaped, &names()), text);
        }

        #[test]
        fn nothing_breaks_it(text in any::<String>()) {
            words(&text, &names());
            mentioned(&text);
        }
    }
}
