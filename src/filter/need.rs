//! What an item must have for a filter to keep it, in a form that can be looked up: how the index finds the few
//! filters that may keep an item without asking each.

/// One thing that an item can have. Letters are folded as the text they are looked for in.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// This word, whole; `rust's` has the word `rust`.
    Word { text: TextField, word: Box<str> },
    /// These two words, next to each other.
    Pair {
        text: TextField,
        first: Box<str>,
        second: Box<str>,
    },
    /// A word that begins with these letters.
    Beginning { text: TextField, letters: Box<str> },
    /// This piece of the folded text, wherever it stands.
    Piece { text: TextField, piece: Box<str> },
    /// This piece of the text in small letters, as patterns see it; a match of the pattern begins at most `before`
    /// characters before it, where that is known.
    Literal {
        text: TextField,
        piece: Box<str>,
        before: Option<u32>,
    },
    /// A fact, such as `tag`, that has this value among its values, folded.
    Name { fact: &'static str, value: Box<str> },
    /// A fact that has a value which begins with these letters, folded.
    NameBeginning {
        fact: &'static str,
        letters: Box<str>,
    },
    /// A fact that is a number in this closed range, or a time or an age in seconds.
    Range {
        fact: &'static str,
        from: f64,
        to: f64,
    },
}

/// Which text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextField {
    Title,
    Body,
    Either,
}

impl TextField {
    /// Both texts that an item has, with their names.
    pub const EACH: [(TextField, &'static str); 2] =
        [(TextField::Title, "title"), (TextField::Body, "body")];

    /// Whether a filter for this one looks into the title, or into the body.
    pub fn covers(self, text: TextField) -> bool {
        self == TextField::Either || self == text
    }

    /// What stands before a query's term.
    pub fn prefix(self) -> &'static str {
        match self {
            TextField::Either => "",
            TextField::Title => "title:",
            TextField::Body => "body:",
        }
    }
}

/// What a filter needs: at least one key of *each* choice is there when the filter keeps an item.
/// The index looks for the keys of one choice only, the one that is rarest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    /// None where nothing can be looked up; the filter is then asked about each item.
    pub choices: Vec<Vec<Key>>,
    /// An item with a key of any choice is kept: nothing is left to ask.
    pub enough: bool,
}

impl Needs {
    /// Nothing can be looked up.
    pub fn anything() -> Needs {
        Needs::default()
    }

    /// One of these keys is there when the filter keeps the item, and perhaps when it does not.
    pub fn one_of(keys: Vec<Key>) -> Needs {
        Needs {
            choices: vec![keys],
            enough: false,
        }
    }

    /// One of these keys is there exactly when the filter keeps the item.
    pub fn exactly(keys: Vec<Key>) -> Needs {
        Needs {
            choices: vec![keys],
            enough: true,
        }
    }
}

/// Where the index found a key, or what looks like it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// The number of the word, or of the first of two.
    Word { text: TextField, at: usize },
    /// The piece begins at this byte, if what was seen of it is no chance; of the folded text, or of the small one for
    /// a pattern, a match of which begins at most `before` characters before.
    Piece {
        text: TextField,
        at: usize,
        before: Option<u32>,
    },
    /// A fact has it.
    Fact,
}

/// Whether a filter holds because of what was found at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    Yes,
    /// Not because of this place.
    No,
    /// It holds, does not, or cannot be told, whatever stands elsewhere.
    Decided(Option<bool>),
}
