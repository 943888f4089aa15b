//! Filters that several trackers have, each once, filed under what an item must have for it to hold.

use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, LazyLock};

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use slab::Slab;

use super::super::facts::{self, Value};
use super::super::fold::Words;
use super::super::folded::Folded;
use super::super::need::{Key, TextField};
use super::super::{Filter, Needs};
use super::NONE;
use super::filed::{Filed, spread};
use super::grams::{Form, Found, Grams};
use super::ranges::Ranges;
use super::rarity::Seen;

/// The predicate that always holds.
pub const EVERY: u32 = 0;
/// Beginnings of words and names are filed under so many bytes at the most.
const BEGINNING: usize = 8;

/// Nobody outside can know which words meet in one place.
static HASHER: LazyLock<DefaultHashBuilder> = LazyLock::new(DefaultHashBuilder::default);

pub fn hash<T: Hash + ?Sized>(value: &T) -> u64 {
    HASHER.hash_one(value)
}

/// The hash under which a word is filed and counted.
pub fn hash_word(word: &str) -> u64 {
    hash(word.as_bytes())
}

fn pair(first: u64, second: u64) -> u32 {
    let mixed = (first.rotate_left(21) ^ second).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}

fn short(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// As much of it as beginnings are filed under.
fn beginning(letters: &str) -> &str {
    &letters[..letters.floor_char_boundary(BEGINNING)]
}

struct Predicate {
    /// None for the one that always holds.
    filter: Option<Arc<dyn Filter>>,
    /// How many lists and trees name it.
    uses: u32,
    /// Its list for all sites, or [`NONE`].
    list: u32,
    /// How many lists it has within sites.
    scoped: u32,
    /// Which choice of its needs it is filed under, if it is.
    choice: u8,
    /// What it is filed under is enough for it to hold.
    enough: bool,
}

const UNFILED: u8 = u8::MAX;

pub struct Predicates {
    all: Slab<Predicate>,
    /// By their spelling: its hash, the number.
    spelled: HashTable<(u32, u32)>,
    words: Filed<()>,
    /// Beginnings of words, and how many there are of each length in bytes.
    beginnings: Filed<()>,
    beginning_lengths: [u32; BEGINNING + 1],
    pairs: u32,
    names: Filed<()>,
    name_beginnings: Filed<()>,
    grams: Grams,
    ranges: HashMap<&'static str, Ranges>,
}

impl Default for Predicates {
    fn default() -> Predicates {
        let mut all = Slab::new();
        let number = all.insert(Predicate {
            filter: None,
            uses: 1,
            list: NONE,
            scoped: 0,
            choice: UNFILED,
            enough: true,
        });
        debug_assert_eq!(number, EVERY as usize);
        Predicates {
            all,
            spelled: HashTable::new(),
            words: Filed::default(),
            beginnings: Filed::default(),
            beginning_lengths: [0; BEGINNING + 1],
            pairs: 0,
            names: Filed::default(),
            name_beginnings: Filed::default(),
            grams: Grams::new(hash("grams")),
            ranges: HashMap::new(),
        }
    }
}

impl Predicates {
    /// One more than the highest number.
    pub fn capacity(&self) -> usize {
        self.all.capacity()
    }

    /// How many there are, with the one that always holds.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// The number of a filter, which is held once more; filed under a choice of its needs where one is given.
    pub fn hold(&mut self, filter: &Arc<dyn Filter>, choice: Option<usize>) -> u32 {
        let spelling = filter.spelling();
        let hash = short(hash_word(&spelling));
        let all = &self.all;
        let known = self.spelled.find(spread(hash), |(known, number)| {
            *known == hash && all[*number as usize].is_spelled(&spelling)
        });
        let number = match known {
            Some((_, number)) => *number,
            None => {
                let number = self.all.insert(Predicate {
                    filter: Some(Arc::clone(filter)),
                    uses: 0,
                    list: NONE,
                    scoped: 0,
                    choice: UNFILED,
                    enough: false,
                }) as u32;
                self.spelled
                    .insert_unique(spread(hash), (hash, number), |(hash, _)| spread(*hash));
                number
            }
        };
        self.all[number as usize].uses += 1;
        if let Some(choice) = choice.and_then(|choice| u8::try_from(choice).ok()) {
            self.file(number, choice);
        }
        number
    }

    /// Holds a predicate once more.
    pub fn keep(&mut self, predicate: u32) {
        self.all[predicate as usize].uses += 1;
    }

    /// Lets go of a predicate; the last one to do so takes it out.
    pub fn release(&mut self, predicate: u32) {
        let held = &mut self.all[predicate as usize];
        held.uses -= 1;
        if held.choice != UNFILED && held.list == NONE && held.scoped == 0 {
            self.unfile(predicate);
        }
        if self.all[predicate as usize].uses == 0
            && let Some(filter) = self.all.remove(predicate as usize).filter
        {
            let hash = short(hash_word(&filter.spelling()));
            let entry = self
                .spelled
                .find_entry(spread(hash), |(_, number)| *number == predicate);
            if let Ok(entry) = entry {
                entry.remove();
            }
        }
    }

    pub fn filter(&self, predicate: u32) -> &dyn Filter {
        match &self.all[predicate as usize].filter {
            Some(filter) => &**filter,
            None => &Always,
        }
    }

    /// The list for all sites, and how many there are within sites.
    pub fn lists(&self, predicate: u32) -> (u32, u32) {
        let predicate = &self.all[predicate as usize];
        (predicate.list, predicate.scoped)
    }

    pub fn set_list(&mut self, predicate: u32, list: u32) {
        self.all[predicate as usize].list = list;
    }

    pub fn count_scoped(&mut self, predicate: u32, more: i32) {
        let scoped = &mut self.all[predicate as usize].scoped;
        *scoped = scoped.saturating_add_signed(more);
    }

    fn file(&mut self, number: u32, choice: u8) {
        if self.all[number as usize].choice != UNFILED {
            return;
        }
        let needs = self.filter(number).needs();
        let predicate = &mut self.all[number as usize];
        predicate.choice = choice;
        predicate.enough = needs.enough;
        self.each_key(needs, number, choice, true);
    }

    fn unfile(&mut self, number: u32) {
        let needs = self.filter(number).needs();
        let choice = std::mem::replace(&mut self.all[number as usize].choice, UNFILED);
        self.each_key(needs, number, choice, false);
    }

    /// Files a predicate under the keys of a choice, or takes it out again.
    fn each_key(&mut self, needs: Needs, number: u32, choice: u8, comes: bool) {
        let keys = needs
            .choices
            .into_iter()
            .nth(choice.into())
            .unwrap_or_default();
        for key in keys {
            let put = |filed: &mut Filed<()>, hash: u32| match comes {
                true => filed.insert(hash, number, ()),
                false => filed.remove(hash, number),
            };
            let count =
                |count: &mut u32| *count = count.saturating_add_signed(if comes { 1 } else { -1 });
            match key {
                Key::Word { word, .. } => put(&mut self.words, short(hash_word(&word))),
                Key::Pair { first, second, .. } => {
                    count(&mut self.pairs);
                    put(&mut self.words, pair(hash_word(&first), hash_word(&second)));
                }
                Key::Beginning { letters, .. } => {
                    let letters = beginning(&letters);
                    count(&mut self.beginning_lengths[letters.len()]);
                    put(&mut self.beginnings, short(hash_word(letters)));
                }
                Key::Piece { piece, .. } => match comes {
                    true => self.grams.insert(&piece, None, number),
                    false => self.grams.remove(&piece, None, number),
                },
                Key::Literal { piece, before, .. } => match comes {
                    true => self.grams.insert(&piece, Some(before), number),
                    false => self.grams.remove(&piece, Some(before), number),
                },
                Key::Name { fact, value } => put(&mut self.names, short(hash(&(fact, &*value)))),
                Key::NameBeginning { fact, letters } => {
                    let hash = short(hash(&(fact, beginning(&letters))));
                    put(&mut self.name_beginnings, hash);
                }
                Key::Range { fact, from, to } => {
                    let ranges = self.ranges.entry(fact).or_default();
                    match comes {
                        true => ranges.insert(from, to, number),
                        false => ranges.remove(from, to, number),
                    }
                    if ranges.is_empty() {
                        self.ranges.remove(fact);
                    }
                }
            }
        }
    }

    /// Predicates that are filed under what is known of an item beside its texts, and whether that is enough.
    pub fn facts(&self, item: &Folded<'_>, mut found: impl FnMut(u32, bool)) {
        if self.names.is_empty() && self.name_beginnings.is_empty() && self.ranges.is_empty() {
            return;
        }
        facts::values(item, &mut |fact, value| match value {
            Value::Number(number) => {
                if let Some(ranges) = self.ranges.get(fact) {
                    ranges.holding(number, |predicate| {
                        found(predicate, self.all[predicate as usize].enough);
                    });
                }
            }
            Value::Name(name) => {
                let under = short(hash(&(fact, name)));
                if self.names.may_have(under) {
                    let filed = self.names.under(under);
                    filed.for_each(|(predicate, ())| found(predicate, false));
                }
                if !self.name_beginnings.is_empty() {
                    for letters in beginnings(name.as_bytes()) {
                        let Ok(letters) = std::str::from_utf8(letters) else {
                            continue;
                        };
                        let under = short(hash(&(fact, letters)));
                        if self.name_beginnings.may_have(under) {
                            let filed = self.name_beginnings.under(under);
                            filed.for_each(|(predicate, ())| found(predicate, false));
                        }
                    }
                }
            }
        });
    }

    /// Predicates that are filed under the words of a text, with the number of the word, or of the first of two.
    pub fn words(&self, words: &Words, learn: Option<&Seen>, mut found: impl FnMut(u32, usize)) {
        let has_words = !self.words.is_empty();
        let has_beginnings = !self.beginnings.is_empty();
        if !has_words && !has_beginnings && learn.is_none() {
            return;
        }
        let mut look = |filed: &Filed<()>, hash: u32, at: usize| {
            if filed.may_have(hash) {
                for (predicate, ()) in filed.under(hash) {
                    found(predicate, at);
                }
            }
        };
        // A word, and the same without `'s`.
        let mut before: Option<(u64, Option<u64>)> = None;
        for at in 0..words.count() {
            let word = words.word(at);
            let whole = hash_word(word);
            let stem = word.strip_suffix("'s").map(hash_word);
            look(&self.words, short(whole), at);
            if let Some(stem) = stem {
                look(&self.words, short(stem), at);
            }
            if self.pairs > 0
                && let Some((first, first_stem)) = before
            {
                look(&self.words, pair(first, whole), at - 1);
                if first_stem.is_some() || stem.is_some() {
                    for first in [Some(first), first_stem].into_iter().flatten() {
                        for second in [Some(whole), stem].into_iter().flatten() {
                            look(&self.words, pair(first, second), at - 1);
                        }
                    }
                }
            }
            before = Some((whole, stem));
            if has_beginnings {
                for letters in beginnings(word.as_bytes()) {
                    if self.beginning_lengths[letters.len()] > 0 {
                        look(&self.beginnings, short(hash(letters)), at);
                    }
                }
            }
            if let Some(seen) = learn {
                seen.word(whole);
            }
        }
    }

    /// Predicates that are filed under pieces of a text.
    pub fn pieces(&self, field: TextField, item: &Folded<'_>, mut found: impl FnMut(Found)) {
        if self.grams.is_empty() {
            return;
        }
        let words = item.words(field);
        if item.plain(field).is_ascii {
            self.grams.find(words.text.as_bytes(), Form::Both, found);
            return;
        }
        if self.grams.has_pieces() {
            self.grams
                .find(words.text.as_bytes(), Form::Folded, &mut found);
        }
        self.grams
            .find(item.small(field).as_bytes(), Form::Small, found);
    }

    /// Heap bytes of it all, its filters included.
    pub fn bytes(&self) -> usize {
        // Each filter is a block of its own, and what was typed is another.
        let filter = |filter: &Arc<dyn Filter>| {
            size_of_val(&**filter) + 16 + 16 + filter.value().len().next_multiple_of(16) + 8
        };
        let filters: usize = self
            .all
            .iter()
            .filter_map(|(_, predicate)| predicate.filter.as_ref())
            .map(filter)
            .sum();
        filters
            + self.all.capacity() * size_of::<Predicate>()
            + self.spelled.allocation_size()
            + self.words.bytes()
            + self.beginnings.bytes()
            + self.names.bytes()
            + self.name_beginnings.bytes()
            + self.grams.bytes()
            + self.ranges.values().map(Ranges::bytes).sum::<usize>()
    }
}

impl Predicate {
    fn is_spelled(&self, spelling: &str) -> bool {
        self.filter
            .as_ref()
            .is_some_and(|filter| filter.spelling() == spelling)
    }
}

/// The beginnings of a word that may be filed, from one byte to as many as are.
fn beginnings(word: &[u8]) -> impl Iterator<Item = &[u8]> {
    (1..=word.len().min(BEGINNING)).map(|end| &word[..end])
}

/// The filter that always holds.
struct Always;

impl Filter for Always {
    fn check(&self, _: &Folded<'_>) -> crate::model::Verdict {
        crate::model::Verdict::Keep("every item is kept".into())
    }

    fn spelling(&self) -> String {
        String::new()
    }

    fn value(&self) -> String {
        String::new()
    }
}
