//! The one vocabulary of what can be known about an item: what a query may ask for, what sources give, `man facts`.

/// A fact that items can have.
#[derive(Debug)]
pub struct Known {
    /// What one types before the colon; the key in an item's facts.
    pub name: &'static str,
    /// Other spellings.
    pub also: &'static [&'static str],
    pub sort: Sort,
    /// What it says, as a sentence.
    pub sentence: &'static str,
    /// What is counted, in the plural, where it is a number of things.
    pub unit: &'static str,
    /// The kinds of sources that give it; none stands for every source.
    pub from: &'static [&'static str],
    /// How it is asked for, as a query.
    pub example: &'static str,
    /// How it is said behind "items", with `{}` for the value.
    pub said: &'static str,
    /// The name of its age, where it is a time.
    pub age: &'static str,
}

/// What a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Words are looked for in it.
    Text,
    /// One name or several, each compared as a whole.
    Names,
    Number,
    /// A length of time; a number of seconds in an item's facts.
    Span,
    /// A point in time; in an item's facts also *no*, where it is known never to have come.
    Time,
    YesNo,
}

impl Sort {
    /// For the manual.
    pub fn name(self) -> &'static str {
        match self {
            Sort::Text => "text",
            Sort::Names => "name",
            Sort::Number => "number",
            Sort::Span => "length of time",
            Sort::Time => "time",
            Sort::YesNo => "yes or no",
        }
    }
}

/// What an item may be (`is:closed`) or have (`has:code`).
#[derive(Debug)]
pub struct Mark {
    /// `is` or `has`.
    pub verb: &'static str,
    pub name: &'static str,
    pub also: &'static [&'static str],
    /// When it holds, exactly.
    pub sentence: &'static str,
    pub from: &'static [&'static str],
    pub test: Test,
    /// How it is said behind "items": what two of them share, and the rest.
    pub said: (&'static str, &'static str),
    /// The key under which an index finds it: verb and name.
    pub key: &'static str,
}

/// How a mark is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// The number is 1 or more.
    Some(&'static str),
    /// The time has come.
    Happened(&'static str),
    /// The yes-or-no is yes.
    Yes(&'static str),
    /// `type` is one of these.
    Type(&'static [&'static str]),
    /// There is such a name; none counts as no.
    Named(&'static str),
    /// A web address stands in the title or the body.
    Link,
    /// Code stands in the body.
    Code,
}

/// The kinds of sources that the vocabulary knows, and what their items are called.
pub const SOURCES: &[(&str, &str)] = &[
    ("feed", "feeds"),
    ("stackexchange", "posts on Stack Exchange"),
];

const EVERY: &[&str] = &[];
const FEED: &[&str] = &["feed"];
const POSTS: &[&str] = &["stackexchange"];
const BOTH: &[&str] = &["feed", "stackexchange"];

const fn fact(
    name: &'static str,
    sort: Sort,
    from: &'static [&'static str],
    also: &'static [&'static str],
    sentence: &'static str,
) -> Known {
    Known {
        name,
        also,
        sort,
        sentence,
        unit: "",
        from,
        example: "",
        said: "",
        age: "",
    }
}

impl Known {
    const fn said(mut self, said: &'static str) -> Known {
        self.said = said;
        self
    }

    const fn example(mut self, example: &'static str) -> Known {
        self.example = example;
        self
    }

    const fn unit(mut self, unit: &'static str) -> Known {
        self.unit = unit;
        self
    }

    const fn age(mut self, age: &'static str) -> Known {
        self.age = age;
        self
    }

    /// Whether this is how it is called; letters of any case are equal, `_` is `-`.
    fn is_called(&self, typed: &str) -> bool {
        called(self.name, self.also, typed)
    }
}

/// Every fact, in the order of the manual.
pub static ALL: &[Known] = &[
    fact(
        "title",
        Sort::Text,
        EVERY,
        &["headline", "subject"],
        "The title.",
    )
    .example("title:rust"),
    fact(
        "body",
        Sort::Text,
        EVERY,
        &["text"],
        "The text below the title.",
    )
    .example("body:async*"),
    fact(
        "author",
        Sort::Names,
        EVERY,
        &["authors", "by", "writer", "owner"],
        "Who wrote it.",
    )
    .said("by {}")
    .example("author:\"Jon Skeet\""),
    fact(
        "tag",
        Sort::Names,
        EVERY,
        &[
            "tags",
            "tagged",
            "label",
            "labels",
            "category",
            "categories",
        ],
        "Its labels.",
    )
    .said("tagged {}")
    .example("tag:rust,go"),
    fact(
        "length",
        Sort::Number,
        EVERY,
        &["len", "chars", "characters", "size"],
        "How many characters the body has, or the title where there is no body.",
    )
    .unit("characters")
    .said("with {} characters")
    .example("length:<200"),
    fact(
        "created",
        Sort::Time,
        EVERY,
        &["date", "age", "published", "posted", "asked"],
        "When it was published; where the source does not say, when it was first seen.",
    )
    .said("created {}")
    .age("age of created")
    .example("created:<7d"),
    fact(
        "url",
        Sort::Names,
        EVERY,
        &["urls", "link", "address"],
        "Where it leads.",
    )
    .said("with the address {}")
    .example("url:*github.com*"),
    fact(
        "id",
        Sort::Names,
        EVERY,
        &["ids"],
        "What its source calls it.",
    )
    .said("with the id {}")
    .example("id:1234"),
    fact(
        "edited",
        Sort::Time,
        BOTH,
        &["updated", "modified", "changed"],
        "When it was last changed.",
    )
    .said("edited {}")
    .age("age of edited")
    .example("edited:<1h"),
    fact(
        "enclosure",
        Sort::Names,
        FEED,
        &["attachment", "enclosures"],
        "The address of a file that comes with it, such as an episode to listen to.",
    )
    .said("with the attachment {}")
    .example("enclosure:*.mp3"),
    fact(
        "discussion",
        Sort::Names,
        FEED,
        &["discuss"],
        "The address where it is discussed.",
    )
    .said("discussed at {}")
    .example("discussion:*lobste.rs*"),
    fact(
        "site",
        Sort::Names,
        POSTS,
        &["sites"],
        "The site it stands on.",
    )
    .said("on {}")
    .example("site:stackoverflow,superuser"),
    fact(
        "type",
        Sort::Names,
        POSTS,
        &["types", "kind"],
        "What it is: `question`, `answer`, `comment` …",
    )
    .said("of the type {}")
    .example("type:question"),
    fact(
        "user",
        Sort::Names,
        POSTS,
        &["users", "user-id", "userid", "uid"],
        "The number of its author's account.",
    )
    .said("by user {}")
    .example("user:811"),
    fact(
        "reputation",
        Sort::Number,
        POSTS,
        &["rep"],
        "The reputation of its author.",
    )
    .said("by people with {} reputation")
    .example("reputation:<50"),
    fact(
        "score",
        Sort::Number,
        POSTS,
        &["scores", "vote", "votes", "points"],
        "Votes up less votes down.",
    )
    .said("with a score {}")
    .example("score:>=5"),
    fact(
        "answers",
        Sort::Number,
        POSTS,
        &["answer", "answer-count"],
        "How many answers it has.",
    )
    .unit("answers")
    .said("with {} answers")
    .example("answers:0"),
    fact(
        "comments",
        Sort::Number,
        POSTS,
        &["comment", "comment-count"],
        "How many comments it has.",
    )
    .unit("comments")
    .said("with {} comments")
    .example("comments:>10"),
    fact(
        "views",
        Sort::Number,
        POSTS,
        &["view", "view-count"],
        "How often it was looked at.",
    )
    .unit("views")
    .said("with {} views")
    .example("views:>10k"),
    fact(
        "active",
        Sort::Time,
        POSTS,
        &["activity", "last-active"],
        "When something last happened to it.",
    )
    .said("active {}")
    .age("age of active")
    .example("active:<7d"),
    fact(
        "closed",
        Sort::Time,
        POSTS,
        &["closes"],
        "When it was closed.",
    )
    .said("closed {}")
    .age("age of closed")
    .example("closed:<1d"),
    fact(
        "post",
        Sort::Names,
        POSTS,
        &["posts", "post-id", "postid"],
        "The number of the post that a comment stands below.",
    )
    .said("below the post {}")
    .example("post:93696"),
    fact(
        "post-inactive",
        Sort::Span,
        POSTS,
        &["inactive"],
        "How long nothing had happened to the post before this.",
    )
    .said("on a post inactive for {}")
    .example("post-inactive:>7d"),
    fact(
        "accepted",
        Sort::YesNo,
        POSTS,
        &[],
        "Of an answer: it is the accepted one. Of a question: one of its answers is.",
    )
    .said("accepted")
    .example("is:accepted"),
];

const fn mark(
    verb: &'static str,
    name: &'static str,
    key: &'static str,
    from: &'static [&'static str],
    test: Test,
    said: (&'static str, &'static str),
    sentence: &'static str,
) -> Mark {
    Mark {
        verb,
        name,
        also: &[],
        sentence,
        from,
        test,
        said,
        key,
    }
}

impl Mark {
    const fn also(mut self, also: &'static [&'static str]) -> Mark {
        self.also = also;
        self
    }
}

/// Every mark, in the order of the manual.
pub static MARKS: &[Mark] = &[
    mark(
        "has",
        "author",
        "has:author",
        EVERY,
        Test::Named("author"),
        ("with ", "a named author"),
        "Somebody is named as its author.",
    ),
    mark(
        "has",
        "tag",
        "has:tag",
        EVERY,
        Test::Named("tag"),
        ("with ", "a tag"),
        "It has a tag.",
    )
    .also(&["tags"]),
    mark(
        "has",
        "link",
        "has:link",
        EVERY,
        Test::Link,
        ("with ", "a link in it"),
        "A web address, `http://…` or `https://…`, stands in its title or its body.",
    )
    .also(&["links", "url"]),
    mark(
        "has",
        "code",
        "has:code",
        EVERY,
        Test::Code,
        ("with ", "code"),
        "Code stands in its body: between back-ticks, or in a line that begins with four spaces.",
    ),
    mark(
        "is",
        "edited",
        "is:edited",
        BOTH,
        Test::Happened("edited"),
        ("", "edited"),
        "It was changed after it was published.",
    )
    .also(&["updated"]),
    mark(
        "has",
        "enclosure",
        "has:enclosure",
        FEED,
        Test::Named("enclosure"),
        ("with ", "an attachment"),
        "A file comes with it.",
    )
    .also(&["attachment"]),
    mark(
        "has",
        "discussion",
        "has:discussion",
        FEED,
        Test::Named("discussion"),
        ("with ", "a place to discuss it"),
        "It names a page where it is discussed.",
    ),
    mark(
        "is",
        "question",
        "is:question",
        POSTS,
        Test::Type(&["question"]),
        ("of the type ", "question"),
        "Its type is `question`.",
    )
    .also(&["questions"]),
    mark(
        "is",
        "answer",
        "is:answer",
        POSTS,
        Test::Type(&["answer"]),
        ("of the type ", "answer"),
        "Its type is `answer`.",
    )
    .also(&["answers"]),
    mark(
        "is",
        "comment",
        "is:comment",
        POSTS,
        Test::Type(&["comment"]),
        ("of the type ", "comment"),
        "Its type is `comment`.",
    )
    .also(&["comments"]),
    mark(
        "is",
        "post",
        "is:post",
        POSTS,
        Test::Type(&["question", "answer", "post"]),
        ("of the type ", "post"),
        "Its type is `question`, `answer` or `post`.",
    )
    .also(&["posts"]),
    mark(
        "is",
        "answered",
        "is:answered",
        POSTS,
        Test::Some("answers"),
        ("", "answered"),
        "It has an answer or more.",
    ),
    mark(
        "has",
        "answers",
        "has:answers",
        POSTS,
        Test::Some("answers"),
        ("with ", "answers"),
        "The same.",
    )
    .also(&["answer"]),
    mark(
        "has",
        "comments",
        "has:comments",
        POSTS,
        Test::Some("comments"),
        ("with ", "comments"),
        "It has a comment or more.",
    )
    .also(&["comment"]),
    mark(
        "is",
        "accepted",
        "is:accepted",
        POSTS,
        Test::Yes("accepted"),
        ("", "accepted"),
        "It is an accepted answer, or a question that has one.",
    ),
    mark(
        "has",
        "accepted",
        "has:accepted",
        POSTS,
        Test::Yes("accepted"),
        ("with ", "an accepted answer"),
        "The same.",
    ),
    mark(
        "is",
        "closed",
        "is:closed",
        POSTS,
        Test::Happened("closed"),
        ("", "closed"),
        "It was closed and is not open again.",
    ),
];

fn called(name: &str, also: &[&str], typed: &str) -> bool {
    let same = |name: &str| {
        name.len() == typed.len()
            && name
                .bytes()
                .zip(typed.bytes())
                .all(|(a, b)| a == b.to_ascii_lowercase() || a == b'-' && b == b'_')
    };
    same(name) || also.iter().any(|other| same(other))
}

/// The place in [`ALL`] of the fact that is called so, under whichever of its names.
pub fn find(typed: &str) -> Option<usize> {
    ALL.iter().position(|known| known.is_called(typed))
}

/// The place in [`MARKS`] of what stands behind `is:` or `has:`.
pub fn find_mark(verb: &str, typed: &str) -> Option<usize> {
    MARKS
        .iter()
        .position(|mark| mark.verb == verb && called(mark.name, mark.also, typed))
}

/// Whether a source of this kind gives what comes `from` these.
pub fn is_given(from: &[&str], source: &str) -> bool {
    from.is_empty() || from.contains(&source)
}

/// Whose facts these are, in words: `feeds and posts on Stack Exchange`.
pub fn givers(from: &[&str]) -> String {
    if from.is_empty() {
        return "every source".into();
    }
    let names: Vec<&str> = from
        .iter()
        .map(|kind| called_source(kind).unwrap_or(kind))
        .collect();
    names.join(" and ")
}

/// What the items of a kind of source are called.
pub fn called_source(kind: &str) -> Option<&'static str> {
    SOURCES
        .iter()
        .find(|(name, _)| *name == kind)
        .map(|(_, called)| *called)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_facts_share_a_name() {
        let mut seen = BTreeSet::new();
        for known in ALL {
            for name in [known.name].iter().chain(known.also) {
                assert!(seen.insert(*name), "{name}");
            }
            assert_eq!(known.sort == Sort::Time, !known.age.is_empty());
            assert!(known.sentence.ends_with(['.', '…']), "{}", known.name);
            assert!(!known.example.is_empty(), "{}", known.name);
        }
        let mut seen = BTreeSet::new();
        for mark in MARKS {
            assert_eq!(mark.key, format!("{}:{}", mark.verb, mark.name));
            for name in [mark.name].iter().chain(mark.also) {
                assert!(seen.insert((mark.verb, *name)), "{name}");
            }
        }
    }

    #[test]
    fn names_are_found_as_people_write_them() {
        for (typed, name) in [
            ("Score", "score"),
            ("votes", "score"),
            ("POST_INACTIVE", "post-inactive"),
            ("tags", "tag"),
        ] {
            assert_eq!(ALL[find(typed).unwrap()].name, name);
        }
        assert!(find("scor").is_none());
        assert!(find_mark("is", "code").is_none());
    }
}
