//! Rewrites the XML of any feed as the RSS 2.0 or Atom 1.0 that the parser reads best.
//!
//! What is in the wild is older, newer or more broken than the parser allows: strange versions and namespaces,
//! stray ampersands, HTML entities, tags where text belongs. The rewritten feed has a few known elements on four
//! levels and nothing else; entities that a document defines itself are never expanded.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use url::Url;

use super::names::{self, Dialect, Field, Names, Place};
use super::pace::Pace;
use super::plain::LONGEST_URL;

/// How many entries are read.
pub(super) const ENTRIES: usize = 10_000;
/// The longest text of one element that is kept, in bytes.
const LONGEST: usize = 512 << 10;
/// The deepest nesting that is followed.
const DEEPEST: usize = 1000;

/// A feed that is ready for the parser.
pub(super) struct Mended {
    pub xml: String,
    pub dialect: Dialect,
    pub pace: Pace,
    /// The address of its site, as it is written.
    pub site: Option<String>,
}

/// Why it could not be rewritten.
pub(super) enum Broken {
    /// It is a web page.
    Page,
    /// It is XML, but begins with this element.
    Other(String),
    /// It is no XML: what is wrong, and in which line, counted from 1.
    Xml { what: String, line: usize },
}

/// Rewrites a feed.
pub(super) fn mend(text: &str, url: &Url) -> Result<Mended, Broken> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    let mut mender = Mender::new(url, text.len());
    let mut root = false;
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let line = || {
            1 + text
                .as_bytes()
                .iter()
                .take(at)
                .filter(|b| **b == b'\n')
                .count()
        };
        let event = reader.read_event().map_err(|error| Broken::Xml {
            what: in_words(&error),
            line: line(),
        })?;
        match event {
            Event::Start(tag) => {
                if !root {
                    mender.root(&tag)?;
                    root = true;
                } else if mender.open.is_empty() {
                    // A second root: whatever it is, the feed is over.
                    break;
                } else if mender.open.len() >= DEEPEST {
                    return Err(Broken::Xml {
                        what: format!("more than {DEEPEST} elements are open at once"),
                        line: line(),
                    });
                } else {
                    mender.start(&tag);
                }
            }
            Event::End(tag) => {
                if let Some(what) = mender.end(tag.name().as_ref()) {
                    return Err(Broken::Xml { what, line: line() });
                }
            }
            Event::Text(words) => mender.text(&words),
            Event::CData(words) => mender.text(&words),
            Event::GeneralRef(reference) => {
                let decoded = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c.to_string(),
                    Err(_) => String::new(),
                    Ok(None) => entity(&reference),
                };
                mender.text(&decoded);
            }
            Event::Eof => break,
            Event::Empty(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_) => {}
        }
    }
    if !root {
        return Err(Broken::Other(String::new()));
    }
    if let Some(open) = mender.open.last() {
        let what = format!(
            "it ends in the middle, `{}` is still open",
            short(&open.name)
        );
        let line = 1 + text.bytes().filter(|b| *b == b'\n').count();
        return Err(Broken::Xml { what, line });
    }
    Ok(mender.finish())
}

/// An entity that HTML knows; any other stays as it is written.
fn entity(name: &str) -> String {
    let written = format!("&{name};");
    html_escape::decode_html_entities(&written).into_owned()
}

fn short(name: &str) -> String {
    crate::model::text::cut(name, 40).replace('`', "'")
}

fn in_words(error: &quick_xml::Error) -> String {
    use quick_xml::errors::SyntaxError as Bad;
    match error {
        quick_xml::Error::Syntax(bad) => match bad {
            Bad::InvalidBangMarkup => "`<!` is followed by nothing that makes sense",
            Bad::UnclosedPI | Bad::UnclosedXmlDecl => "`<?` is never closed",
            Bad::UnclosedComment => "a comment is never closed",
            Bad::UnclosedDoctype => "`<!DOCTYPE` is never closed",
            Bad::UnclosedCData => "`<![CDATA[` is never closed",
            Bad::UnclosedTag => "a tag is never closed",
            Bad::UnclosedSingleQuotedAttributeValue | Bad::UnclosedDoubleQuotedAttributeValue => {
                "a quote in a tag is never closed"
            }
        }
        .into(),
        _ => "it is no XML".into(),
    }
}

/// An element that is open.
struct Open {
    /// As written.
    name: String,
    place: Place,
    /// The element that was written for it.
    written: Option<&'static str>,
    /// The last text of an element that is heard and not written.
    heard: Option<(&'static str, String)>,
    /// How many bytes of text it has had.
    length: usize,
    names: usize,
    bases: usize,
}

struct Mender {
    out: String,
    /// When `out` is longer than this, bases are no longer repeated: a long one could make a small feed huge.
    room: usize,
    dialect: Dialect,
    open: Vec<Open>,
    names: Names,
    bases: Vec<Url>,
    entries: usize,
    pace: Pace,
    period: Option<String>,
    frequency: Option<String>,
    site: Option<String>,
}

impl Mender {
    fn new(url: &Url, length: usize) -> Mender {
        Mender {
            out: String::new(),
            room: length.saturating_mul(2).saturating_add(1 << 20),
            dialect: Dialect::Rss,
            open: Vec::new(),
            names: Names::default(),
            bases: vec![url.clone()],
            entries: 0,
            pace: Pace::default(),
            period: None,
            frequency: None,
            site: None,
        }
    }

    fn root(&mut self, tag: &BytesStart) -> Result<(), Broken> {
        let name = tag.local_name().as_ref().to_string();
        self.dialect = match name.to_ascii_lowercase().as_str() {
            "rss" | "rdf" => Dialect::Rss,
            "feed" => Dialect::Atom,
            "html" | "body" | "head" => return Err(Broken::Page),
            _ => return Err(Broken::Other(short(&name))),
        };
        let begin = match self.dialect {
            Dialect::Rss => names::RSS_BEGIN,
            Dialect::Atom => names::ATOM_BEGIN,
        };
        self.out.push_str(begin);
        self.enter(tag, Place::Top, None);
        Ok(())
    }

    fn enter(&mut self, tag: &BytesStart, place: Place, written: Option<&'static str>) {
        let names = self.names.declare(tag);
        let mut bases = 0;
        if let Some(base) = value(tag, "xml:base")
            && let Some(base) = self.bases.last().and_then(|last| last.join(&base).ok())
            // Bases add up: nested deep enough, a small feed could fill the memory.
            && base.as_str().len() <= LONGEST_URL
        {
            self.bases.push(base);
            bases = 1;
        }
        self.open.push(Open {
            name: tag.name().as_ref().into(),
            place,
            written,
            heard: None,
            length: 0,
            names,
            bases,
        });
    }

    fn start(&mut self, tag: &BytesStart) {
        let around = self.open.last().map_or(Place::Nowhere, |open| open.place);
        if let Place::Text { xhtml } = around {
            return self.inner(tag, xhtml);
        }
        if around == Place::Nowhere {
            return self.enter(tag, Place::Nowhere, None);
        }
        let declared = self.names.declare(tag);
        let space = self.names.space(tag.name().as_ref());
        self.names.forget(declared);
        let local = tag.local_name();
        let field = names::field(self.dialect, around, space, local.as_ref());
        match field {
            Field::Unknown => self.enter(tag, Place::Nowhere, None),
            Field::Through(place) => self.enter(tag, place, None),
            Field::Heard(name) => {
                self.enter(tag, Place::Word, None);
                if let Some(open) = self.open.last_mut() {
                    open.heard = Some((name, String::new()));
                }
            }
            Field::Entry(name) => {
                self.entries += 1;
                if self.entries > ENTRIES {
                    return self.enter(tag, Place::Nowhere, None);
                }
                self.enter(tag, Place::Entry, Some(name));
                self.out.push_str(&format!("<{name}>"));
                // RSS 1.0 names entries by address, in an attribute.
                if let (Dialect::Rss, Some(about)) = (self.dialect, value(tag, "rdf:about")) {
                    self.out.push_str("<guid>");
                    self.escaped(&about);
                    self.out.push_str("</guid>");
                }
            }
            Field::Write(name, place) => self.write(tag, name, place),
        }
    }

    /// A known element: its known attributes, made harmless.
    fn write(&mut self, tag: &BytesStart, name: &'static str, place: Place) {
        let mut place = place;
        let mut attributes: Vec<(&str, String)> = Vec::new();
        if names::is_construct(self.dialect, name) {
            let kind = value(tag, "type").unwrap_or_default();
            let mode = value(tag, "mode").unwrap_or_default();
            let Some(kind) = names::text_type(&kind, &mode) else {
                // A picture or a film inside the feed.
                return self.enter(tag, Place::Nowhere, None);
            };
            place = Place::Text {
                xhtml: kind == "xhtml",
            };
            attributes.push((
                "type",
                if kind == "xhtml" {
                    "html".into()
                } else {
                    kind.into()
                },
            ));
        } else {
            for wanted in ["href", "rel", "type", "url", "term", "label", "title"] {
                attributes.extend(value(tag, wanted).map(|value| (wanted, value)));
            }
        }
        self.enter(tag, place, Some(name));
        if let [_, .., base] = self.bases.as_slice()
            && self.dialect == Dialect::Atom
            && self.out.len() < self.room
        {
            attributes.push(("xml:base", base.to_string()));
        }
        if self.dialect == Dialect::Atom && name == "link" && self.at_top() {
            let site = value(tag, "rel").is_none_or(|rel| rel == "alternate");
            self.site = self
                .site
                .take()
                .or_else(|| value(tag, "href").filter(|_| site));
        }
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push_str(&format!(" {name}=\""));
            self.escaped(&value);
            self.out.push('"');
        }
        self.out.push('>');
    }

    /// Whether the element that was just opened belongs to the feed itself.
    fn at_top(&self) -> bool {
        self.open.iter().all(|open| open.place != Place::Entry)
    }

    /// A tag where text belongs: it becomes HTML that is written as text.
    fn inner(&mut self, tag: &BytesStart, xhtml: bool) {
        let attributes: String = ["href", "src", "alt"]
            .into_iter()
            .filter_map(|name| {
                let value = value(tag, name)?
                    .replace('&', "&amp;")
                    .replace('"', "&quot;");
                Some(format!(" {name}=\"{value}\""))
            })
            .collect();
        let html = format!("<{}{attributes}>", tag.local_name().as_ref());
        self.words(&html);
        self.enter(tag, Place::Text { xhtml }, None);
    }

    /// Closes an element; says what is wrong if it is not the one that is open.
    fn end(&mut self, name: &str) -> Option<String> {
        let Some(open) = self.open.pop() else {
            return Some(format!("`</{}>` closes nothing", short(name)));
        };
        if open.name != name.trim() {
            let (name, open) = (short(name), short(&open.name));
            return Some(format!("`</{name}>` stands where `</{open}>` should"));
        }
        self.names.forget(open.names);
        self.bases.truncate(self.bases.len() - open.bases);
        if let Some(name) = open.written {
            self.out.push_str(&format!("</{name}>"));
        } else if matches!(open.place, Place::Text { .. }) {
            let html = format!("</{}>", name.rsplit(':').next().unwrap_or_default().trim());
            self.words(&html);
        }
        if let Some((name, text)) = open.heard {
            match name {
                "period" => self.period = Some(text),
                "frequency" => self.frequency = Some(text),
                _ => self.pace.hear(name, &text),
            }
        }
        None
    }

    /// Text of the feed, decoded.
    fn text(&mut self, text: &str) {
        let Some(open) = self.open.last_mut() else {
            return;
        };
        match open.place {
            Place::Text { xhtml: true } => {
                let html = text.replace('&', "&amp;").replace('<', "&lt;");
                self.words(&html);
            }
            Place::Text { xhtml: false } | Place::Word => {
                if let Some((_, heard)) = &mut open.heard {
                    heard.extend(text.chars().take(40));
                } else {
                    self.words(text);
                }
            }
            // The parser cannot bear letters of other scripts beside an address of mail.
            Place::Name => {
                let spaced = apart(text);
                self.words(&spaced);
            }
            Place::Top | Place::Entry | Place::Person | Place::Nowhere => {}
        }
    }

    /// Writes words into the nearest element that is written, as long as it may grow.
    fn words(&mut self, words: &str) {
        let Some(open) = self
            .open
            .iter_mut()
            .rev()
            .find(|open| open.written.is_some())
        else {
            return;
        };
        let left = LONGEST.saturating_sub(open.length);
        let end = (0..=left.min(words.len()))
            .rev()
            .find(|at| words.is_char_boundary(*at));
        let kept = &words[..end.unwrap_or(0)];
        open.length += kept.len();
        if self.dialect == Dialect::Rss
            && open.written == Some("link")
            && self.site.is_none()
            && self.at_top()
        {
            self.site = Some(kept.trim().into()).filter(|site: &String| !site.is_empty());
        }
        let kept = kept.to_string();
        self.escaped(&kept);
    }

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                c if c.is_control() && !c.is_whitespace() => {}
                c => self.out.push(c),
            }
        }
    }

    fn finish(mut self) -> Mended {
        self.out.push_str(match self.dialect {
            Dialect::Rss => names::RSS_END,
            Dialect::Atom => names::ATOM_END,
        });
        if let Some(period) = &self.period {
            self.pace.period(period, self.frequency.as_deref());
        }
        Mended {
            xml: self.out,
            dialect: self.dialect,
            pace: self.pace,
            site: self.site,
        }
    }
}

/// The value of an attribute, decoded; 4 KiB at most.
fn value(tag: &BytesStart, wanted: &str) -> Option<String> {
    tag.attributes()
        .with_checks(false)
        .take(100)
        .filter_map(Result::ok)
        .find(|attribute| attribute.key.as_ref() == wanted)
        .filter(|attribute| attribute.value.len() <= 4096)
        .map(|attribute| html_escape::decode_html_entities(&attribute.value).into_owned())
}

/// A name with a space wherever an address of mail touches a letter that is not ASCII: the parser cuts there, blindly.
pub(super) fn apart(name: &str) -> String {
    let of_address =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '@');
    let mut spaced = String::with_capacity(name.len() + 8);
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let run = rest
            .find(|c| of_address(c) != of_address(first))
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at(run);
        let address = piece.contains('@');
        if address && spaced.chars().next_back().is_some_and(|c| !c.is_ascii()) {
            spaced.push(' ');
        }
        spaced.push_str(piece);
        if address && after.chars().next().is_some_and(|c| !c.is_ascii()) {
            spaced.push(' ');
        }
        rest = after;
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stand_apart_and_names_stay_whole() {
        for (name, expected) in [
            ("山田（ann@example.org）山", "山田（ ann@example.org ）山"),
            (
                "ann@example.org (Jonas Große)",
                "ann@example.org (Jonas Große)",
            ),
            ("“@”", "“ @ ”"),
            ("é", "é"),
            ("", ""),
        ] {
            assert_eq!(apart(name), expected);
        }
    }
}
