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
    /// This piece of the text in small letters, as patterns see it; every match of the pattern holds one of them, and
    /// begins at most `before` bytes before it where that is known.
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

/// What a filter needs: at least one key of *each* choice is there when the filter keeps an item.
/// The index looks for the keys of one choice only, the one that is rarest.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    /// None where nothing can be looked up; the filter is then asked about each item.
    pub choices: Vec<Vec<Key>>,
    /// Where an item has a key of a choice, the filter keeps it: nothing is left to ask.
    pub enough: bool,
}

impl Needs {
    /// Nothing can be looked up.
    pub fn anything() -> Needs {
        Needs::default()
    }

    /// One of these keys is there exactly when the filter keeps the item.
    pub fn exactly(keys: Vec<Key>) -> Needs {
        Needs {
            choices: vec![keys],
            enough: true,
        }
    }
}

/// Where the index found a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// The number of the word, or of the first of two.
    Word { text: TextField, at: usize },
    /// The first byte of a piece.
    Piece { text: TextField, at: usize },
    /// A fact has it.
    Fact,
}
