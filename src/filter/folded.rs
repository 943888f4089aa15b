//! An item as filters read it: folded and cut into words once, however many trackers look at it.

use std::borrow::Cow;
use std::cell::OnceCell;

use unicode_segmentation::UnicodeSegmentation;

use super::facts::Facts;
use super::fold::{Words, beginning, composed, small};
use super::need::TextField;
use crate::model::Item;

/// An item with what its filters found out about it so far.
pub struct Folded<'a> {
    pub item: &'a Item,
    title: Reading<'a>,
    body: Reading<'a>,
    facts: OnceCell<Facts>,
    length: OnceCell<usize>,
}

/// One text of an item in the forms that filters ask for.
struct Reading<'a> {
    text: &'a str,
    words: OnceCell<Words>,
    plain: OnceCell<Plain<'a>>,
}

/// A text as patterns see it: accents composed, case kept.
pub(super) struct Plain<'a> {
    pub text: Cow<'a, str>,
    pub is_ascii: bool,
    /// In small letters; none where it is ASCII and the folded text says the same.
    small: OnceCell<Option<Small>>,
    /// The longest runs of classes of characters, by the class's number.
    runs: std::cell::RefCell<Vec<(u32, usize)>>,
}

/// A text in small letters.
struct Small {
    text: String,
    /// Every byte stands where it stands in the text itself.
    in_place: bool,
}

impl<'a> Reading<'a> {
    fn of(text: &'a str) -> Reading<'a> {
        Reading {
            text: beginning(text),
            words: OnceCell::new(),
            plain: OnceCell::new(),
        }
    }

    fn words(&self) -> &Words {
        self.words.get_or_init(|| Words::of(self.text))
    }

    fn plain(&self) -> &Plain<'a> {
        self.plain.get_or_init(|| Plain {
            text: composed(self.text),
            is_ascii: self.text.is_ascii(),
            small: OnceCell::new(),
            runs: Default::default(),
        })
    }
}

impl Plain<'_> {
    /// The longest run of characters of a class, in characters; `count` counts it when nobody asked before.
    pub fn longest_run(&self, class: u32, count: impl FnOnce(&str) -> usize) -> usize {
        if let Some((_, longest)) = self.runs.borrow().iter().find(|(known, _)| *known == class) {
            return *longest;
        }
        let longest = count(&self.text);
        self.runs.borrow_mut().push((class, longest));
        longest
    }
}

impl<'a> Folded<'a> {
    /// Reads nothing yet.
    pub fn new(item: &'a Item) -> Folded<'a> {
        Folded {
            item,
            title: Reading::of(&item.title),
            body: Reading::of(&item.body),
            facts: OnceCell::new(),
            length: OnceCell::new(),
        }
    }

    /// The words of the title or of the body.
    pub(super) fn words(&self, text: TextField) -> &Words {
        self.reading(text).words()
    }

    /// The title or the body with its accents composed, case kept: what patterns are tried on.
    pub(super) fn plain(&self, text: TextField) -> &Plain<'a> {
        self.reading(text).plain()
    }

    /// The title or the body in small letters, one for each letter of its plain form.
    pub(super) fn small(&self, text: TextField) -> &str {
        match self.made_small(text) {
            Some(small) => &small.text,
            None => &self.words(text).text,
        }
    }

    /// Whether every byte of the small form stands where it stands in the plain form.
    pub(super) fn small_is_in_place(&self, text: TextField) -> bool {
        self.made_small(text).is_none_or(|small| small.in_place)
    }

    fn made_small(&self, text: TextField) -> Option<&Small> {
        let plain = self.plain(text);
        plain
            .small
            .get_or_init(|| {
                (!plain.is_ascii).then(|| {
                    let mut in_place = true;
                    let text = plain
                        .text
                        .chars()
                        .map(|c| {
                            let small = small(c);
                            in_place &= small.len_utf8() == c.len_utf8();
                            small
                        })
                        .collect();
                    Small { text, in_place }
                })
            })
            .as_ref()
    }

    fn reading(&self, text: TextField) -> &Reading<'a> {
        match text {
            TextField::Title => &self.title,
            TextField::Body | TextField::Either => &self.body,
        }
    }

    /// What is known about it beside its texts.
    pub(super) fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| Facts::of(self))
    }

    /// Characters as people count them: of the body, or of the title where there is no body.
    pub(super) fn length(&self) -> usize {
        *self.length.get_or_init(|| {
            let text = match self.item.body.trim() {
                "" => self.item.title.trim(),
                body => body,
            };
            if text.is_ascii() {
                text.len()
            } else {
                text.graphemes(true).count()
            }
        })
    }
}
