//! The elements of feeds that are read, by the names they go under in each dialect.

use quick_xml::events::BytesStart;

/// What every RSS is rewritten to; older versions and RSS 1.0 fit in.
pub(super) const RSS_BEGIN: &str = "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
     xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel>";
pub(super) const RSS_END: &str = "</channel></rss>";
/// What every Atom is rewritten to.
pub(super) const ATOM_BEGIN: &str = "<feed xmlns=\"http://www.w3.org/2005/Atom\">";
pub(super) const ATOM_END: &str = "</feed>";

/// How many namespace declarations are remembered at once.
const DECLARED: usize = 200;

/// The two families of XML feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Rss,
    Atom,
}

/// Where in a feed we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Among what the feed says of itself.
    Top,
    Entry,
    Person,
    /// In an element whose text is read and whose tags are HTML; `xhtml` when its text is escaped once only.
    Text {
        xhtml: bool,
    },
    /// In an element that has one plain value.
    Word,
    /// In an element that holds a person's name or address of mail.
    Name,
    /// In something that nobody reads.
    Nowhere,
}

/// What becomes of an element.
pub(super) enum Field {
    Unknown,
    /// It vanishes, what is in it counts.
    Through(Place),
    Entry(&'static str),
    /// It is written under this name.
    Write(&'static str, Place),
    /// Its text is heard by the pace and not written.
    Heard(&'static str),
}

/// The namespaces that mean something to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    Rss,
    Atom,
    Content,
    DublinCore,
    Syndication,
    Media,
    Other,
}

/// Which prefix stands for which namespace.
#[derive(Default)]
pub(super) struct Names(Vec<(String, Space)>);

impl Names {
    /// Remembers what a tag declares; says how many that were.
    pub fn declare(&mut self, tag: &BytesStart) -> usize {
        let before = self.0.len();
        for attribute in tag
            .attributes()
            .with_checks(false)
            .take(100)
            .filter_map(Result::ok)
        {
            let key = attribute.key.as_ref();
            let prefix = match key.strip_prefix("xmlns") {
                Some("") => "",
                Some(prefix) if prefix.starts_with(':') => &prefix[1..],
                _ => continue,
            };
            if self.0.len() < DECLARED {
                self.0
                    .push((prefix.into(), Space::of(&attribute.value, prefix)));
            }
        }
        self.0.len() - before
    }

    /// Forgets the last declarations.
    pub fn forget(&mut self, count: usize) {
        self.0.truncate(self.0.len().saturating_sub(count));
    }

    /// The namespace of a name; prefixes that were never declared mean what they usually mean.
    pub fn space(&self, name: &str) -> Space {
        let prefix = name.rsplit_once(':').map_or("", |(prefix, _)| prefix);
        let declared = self.0.iter().rev().find(|(declared, _)| declared == prefix);
        match declared {
            Some((_, space)) => *space,
            None => match prefix {
                "" | "rss" => Space::Rss,
                "atom" => Space::Atom,
                "content" => Space::Content,
                "dc" => Space::DublinCore,
                "sy" => Space::Syndication,
                "media" => Space::Media,
                _ => Space::Other,
            },
        }
    }
}

impl Space {
    fn of(uri: &str, prefix: &str) -> Space {
        let uri = uri.trim().trim_end_matches('/');
        match uri {
            "http://www.w3.org/2005/Atom"
            | "https://www.w3.org/2005/Atom"
            | "http://purl.org/atom/ns#" => Space::Atom,
            "http://purl.org/rss/1.0/modules/content" => Space::Content,
            "http://purl.org/dc/elements/1.1" | "http://purl.org/dc/elements/1.0" => {
                Space::DublinCore
            }
            "http://purl.org/rss/1.0/modules/syndication" => Space::Syndication,
            "http://search.yahoo.com/mrss" => Space::Media,
            "http://www.w3.org/1999/xhtml" => Space::Other,
            // Many versions of RSS were given a namespace by somebody.
            _ if prefix.is_empty() || uri.contains("rss") && !uri.contains("modules") => Space::Rss,
            _ => Space::Other,
        }
    }
}

/// What becomes of an element that stands at `place`.
pub(super) fn field(dialect: Dialect, place: Place, space: Space, name: &str) -> Field {
    if space == Space::Syndication && place == Place::Top {
        return match name {
            "updatePeriod" => Field::Heard("period"),
            "updateFrequency" => Field::Heard("frequency"),
            _ => Field::Unknown,
        };
    }
    match dialect {
        Dialect::Rss => rss(place, space, name),
        Dialect::Atom => atom(place, space, name),
    }
}

fn rss(place: Place, space: Space, name: &str) -> Field {
    const TEXT: Place = Place::Text { xhtml: false };
    match (place, space, name) {
        (Place::Top, Space::Rss, "channel") => Field::Through(Place::Top),
        (Place::Top, Space::Rss, "skipHours" | "skipDays") => Field::Through(Place::Top),
        (Place::Top, Space::Rss, "hour") => Field::Heard("hour"),
        (Place::Top, Space::Rss, "day") => Field::Heard("day"),
        (Place::Top, Space::Rss, "ttl") => Field::Heard("ttl"),
        (Place::Top, Space::Rss, "item") => Field::Entry("item"),
        (Place::Top | Place::Entry, Space::Rss, "title") => Field::Write("title", TEXT),
        (Place::Top | Place::Entry, Space::Rss, "link") => Field::Write("link", Place::Word),
        (Place::Entry, Space::Rss, "description") => Field::Write("description", TEXT),
        (Place::Entry, Space::Content, "encoded") => Field::Write("content:encoded", TEXT),
        (Place::Entry, Space::Rss, "guid") => Field::Write("guid", Place::Word),
        (Place::Entry, Space::Rss, "author") => Field::Write("author", Place::Name),
        (Place::Entry, Space::DublinCore, "creator") => Field::Write("dc:creator", Place::Name),
        (Place::Entry, Space::Rss, "category") | (Place::Entry, Space::DublinCore, "subject") => {
            Field::Write("category", Place::Word)
        }
        (Place::Entry, Space::Rss, "pubDate") => Field::Write("pubDate", Place::Word),
        (Place::Entry, Space::DublinCore, "date") => Field::Write("dc:date", Place::Word),
        (Place::Entry, Space::Rss | Space::Atom, "updated") => Field::Write("updated", Place::Word),
        (Place::Entry, Space::Rss, "comments") => Field::Write("comments", Place::Word),
        (Place::Entry, Space::Rss, "enclosure") => Field::Write("enclosure", Place::Word),
        _ => Field::Unknown,
    }
}

fn atom(place: Place, space: Space, name: &str) -> Field {
    const TEXT: Place = Place::Text { xhtml: false };
    if space == Space::Media {
        return match (place, name) {
            (Place::Entry, "group") => Field::Through(Place::Entry),
            (Place::Entry, "description") => Field::Write("summary", TEXT),
            _ => Field::Unknown,
        };
    }
    if !matches!(space, Space::Atom | Space::Rss) {
        return Field::Unknown;
    }
    match (place, name) {
        (Place::Top, "entry") => Field::Entry("entry"),
        (Place::Top | Place::Entry, "id") => Field::Write("id", Place::Word),
        (Place::Top | Place::Entry, "title") => Field::Write("title", TEXT),
        (Place::Top | Place::Entry, "link") => Field::Write("link", Place::Word),
        (Place::Top | Place::Entry, "author") => Field::Write("author", Place::Person),
        (Place::Person, "name") => Field::Write("name", Place::Word),
        (Place::Person, "email") => Field::Write("email", Place::Word),
        (Place::Entry, "summary") => Field::Write("summary", TEXT),
        (Place::Entry, "content") => Field::Write("content", TEXT),
        (Place::Entry, "category") => Field::Write("category", Place::Word),
        // The second names are those of Atom 0.3.
        (Place::Entry, "published" | "issued" | "created") => {
            Field::Write("published", Place::Word)
        }
        (Place::Entry, "updated" | "modified") => Field::Write("updated", Place::Word),
        _ => Field::Unknown,
    }
}

/// Whether an element says by an attribute what its text is.
pub(super) fn is_construct(dialect: Dialect, name: &str) -> bool {
    dialect == Dialect::Atom && matches!(name, "title" | "summary" | "content")
}

/// What the text of an Atom element is: `text`, `html` or `xhtml`; none when it is no text.
pub(super) fn text_type(kind: &str, mode: &str) -> Option<&'static str> {
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match kind.as_str() {
        // Atom 0.3 says by a mode whether HTML is escaped.
        "text/html" | "application/xhtml+xml" if mode == "xml" => Some("xhtml"),
        "html" | "text/html" => Some("html"),
        "xhtml" => Some("xhtml"),
        "application/xhtml+xml" if mode == "escaped" => Some("html"),
        "" | "text" => Some("text"),
        kind if kind.ends_with("/xml") || kind.ends_with("+xml") => Some("xhtml"),
        kind if kind.starts_with("text/") => Some("text"),
        kind if kind.contains('/') => None,
        _ => Some("text"),
    }
}
