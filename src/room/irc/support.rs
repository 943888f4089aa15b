//! What a server says of itself: which names are the same, which modes make an operator, what it can do.

use super::line::Line;
use compact_str::CompactString;

/// How names are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Casing {
    Ascii,
    /// `{}|~` are the small letters of `[]\^`.
    #[default]
    Rfc1459,
    /// The same without `^`.
    Strict,
}

/// What a server says of itself, and what is usual where it says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    pub casing: Casing,
    /// Modes of members with the sign before their names, the highest first.
    pub prefixes: Vec<(char, char)>,
    /// What the name of a channel may begin with.
    pub channels: String,
    /// Kinds of modes: lists, with a parameter, with one only to be set, without.
    pub modes: [String; 4],
    /// It can be asked to say when somebody comes and goes.
    pub monitor: bool,
    /// WHO can be asked for accounts.
    pub whox: bool,
    /// How many messages of the past it gives at once.
    pub history: Option<usize>,
    /// Messages of the past can be named by their ids.
    pub history_by_id: bool,
    /// What the network is called.
    pub network: Option<String>,
    /// The longest line, in bytes with its end.
    pub line: usize,
}

impl Default for Support {
    fn default() -> Support {
        Support {
            casing: Casing::default(),
            prefixes: vec![('q', '~'), ('a', '&'), ('o', '@'), ('h', '%'), ('v', '+')],
            channels: "#&!+".into(),
            modes: ["beIq", "k", "lfJ", ""].map(String::from),
            monitor: false,
            whox: false,
            history: None,
            history_by_id: true,
            network: None,
            line: 512,
        }
    }
}

impl Casing {
    pub fn lower(self, name: &str) -> CompactString {
        let plain = !name.contains(['[', ']', '\\', '^']);
        match plain {
            true => {
                let mut lower = CompactString::from(name);
                lower.make_ascii_lowercase();
                lower
            }
            false => name.chars().map(|c| self.letter(c)).collect(),
        }
    }

    /// Whether two names are the same.
    pub fn is_same(self, one: &str, other: &str) -> bool {
        one.len() == other.len()
            && one
                .chars()
                .map(|c| self.letter(c))
                .eq(other.chars().map(|c| self.letter(c)))
    }

    fn letter(self, c: char) -> char {
        match (self, c) {
            (Casing::Rfc1459 | Casing::Strict, '[') => '{',
            (Casing::Rfc1459 | Casing::Strict, ']') => '}',
            (Casing::Rfc1459 | Casing::Strict, '\\') => '|',
            (Casing::Rfc1459, '^') => '~',
            (Casing::Ascii | Casing::Rfc1459 | Casing::Strict, c) => c.to_ascii_lowercase(),
        }
    }
}

impl Support {
    /// Takes one line of it.
    pub fn take(&mut self, line: &Line) {
        let all = line.params.len().saturating_sub(1).max(1);
        for token in line.params.iter().take(all).skip(1) {
            let (name, value) = token.split_once('=').unwrap_or((token, ""));
            match name {
                "CASEMAPPING" => {
                    self.casing = match value {
                        "ascii" => Casing::Ascii,
                        "strict-rfc1459" | "rfc1459-strict" => Casing::Strict,
                        _ => Casing::Rfc1459,
                    }
                }
                "PREFIX" => {
                    if let Some((modes, signs)) = value
                        .strip_prefix('(')
                        .and_then(|rest| rest.split_once(')'))
                    {
                        self.prefixes = modes.chars().zip(signs.chars()).collect();
                    }
                }
                "CHANTYPES" => self.channels = value.into(),
                "CHANMODES" => {
                    let mut kinds = value.split(',');
                    self.modes = [(); 4].map(|()| kinds.next().unwrap_or_default().into());
                }
                "MONITOR" => self.monitor = true,
                "WHOX" => self.whox = true,
                "CHATHISTORY" | "draft/CHATHISTORY" => {
                    // None means as many as one likes.
                    let most = value.parse().ok().filter(|most| *most > 0);
                    self.history = Some(most.unwrap_or(100).min(100));
                }
                "MSGREFTYPES" => self.history_by_id = value.split(',').any(|kind| kind == "msgid"),
                "NETWORK" => self.network = Some(value.into()),
                "LINELEN" => {
                    let length = value.parse().unwrap_or(512);
                    self.line = std::cmp::Ord::clamp(length, 512, 4_096);
                }
                _ => {}
            }
        }
    }

    pub fn is_channel(&self, name: &str) -> bool {
        name.starts_with(|c| self.channels.contains(c))
    }

    /// Whether somebody with these modes may change the channel.
    pub fn is_operator(&self, modes: &str) -> bool {
        let place = |mode: char| self.prefixes.iter().position(|(known, _)| *known == mode);
        let least = place('o').unwrap_or(0);
        modes
            .chars()
            .any(|mode| place(mode).is_some_and(|place| place <= least))
    }

    /// Cuts the signs off a name in a list; gives the modes that they mean, and the name.
    pub fn unsigned<'a>(&self, name: &'a str) -> (String, &'a str) {
        let mode = |c: char| self.prefixes.iter().find(|(_, sign)| *sign == c);
        let bare = name.trim_start_matches(|c| mode(c).is_some());
        let signs = &name[..name.len() - bare.len()];
        (
            signs
                .chars()
                .filter_map(mode)
                .map(|(mode, _)| *mode)
                .collect(),
            bare,
        )
    }

    /// Whether a mode is followed by a parameter.
    pub fn has_param(&self, mode: char, added: bool) -> bool {
        let [lists, always, set, _] = &self.modes;
        lists.contains(mode)
            || always.contains(mode)
            || (added && set.contains(mode))
            || self.prefixes.iter().any(|(known, _)| *known == mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn support(text: &str) -> Support {
        let mut support = Support::default();
        let line = format!(":irc.example.org 005 boson {text} :are supported");
        support.take(&Line::read(line.as_bytes()).unwrap());
        support
    }

    #[test]
    fn names_are_the_same_as_the_server_says() {
        assert_eq!(support("").casing.lower("Ann[^]"), "ann{~}");
        assert_eq!(
            support("CASEMAPPING=ascii").casing.lower("Ann[^]É"),
            "ann[^]É"
        );
        assert_eq!(
            support("CASEMAPPING=strict-rfc1459").casing.lower("A[^]"),
            "a{^}"
        );
    }

    #[test]
    fn operators_are_who_stands_at_least_that_high() {
        let support = support("PREFIX=(Yqaohv)!~&@%+ CHANTYPES=# LINELEN=99999 CHATHISTORY=0");
        for (signs, modes, operator) in [
            ("@+", "ov", true),
            ("%", "h", false),
            ("~&", "qa", true),
            ("!", "Y", true),
            ("+", "v", false),
            ("", "", false),
        ] {
            let name = format!("{signs}ann");
            assert_eq!(support.unsigned(&name), (modes.to_string(), "ann"));
            assert_eq!(support.is_operator(modes), operator, "{signs}");
        }
        assert!(support.is_channel("#x") && !support.is_channel("&x"));
        assert_eq!((support.line, support.history), (4_096, Some(100)));
    }

    #[test]
    fn modes_are_read_with_their_parameters() {
        let support = support("CHANMODES=b,k,l,imnpst PREFIX=(ov)@+");
        assert!(support.has_param('b', false) && support.has_param('k', false));
        assert!(support.has_param('l', true) && !support.has_param('l', false));
        assert!(support.has_param('o', false) && !support.has_param('m', true));
    }
}
