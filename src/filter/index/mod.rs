//! Finds the few trackers among many that want an item, at a cost that hardly grows with their number; exactly those
//! that asking each of them would find.
//!
//! Filters that are spelled the same are one predicate, asked once an item. A predicate is filed under what an item
//! must have for it to hold: a word, two words, a few bytes of a pattern's letters, a value, a range of numbers. Each
//! tracker is posted with one predicate of each way in which its tree can hold, the one that is expected to be
//! rarest; those that have none are posted with the item itself. What an item has is looked up, the predicates that
//! are found are asked whether they hold here, and of the trackers posted with those that do, what is left of their
//! trees is evaluated. A change of a tracker counts from the next item on: nothing is ever built anew.

mod burden;
mod few;
mod filed;
mod grams;
mod plan;
mod predicates;
mod ranges;
mod rarity;
mod scratch;

use hashbrown::{HashMap, HashTable};
use slab::Slab;

use super::Sieve;
use super::folded::Folded;
use super::need::{Here, Hit, TextField};
use super::tree::{Tree, all_hold, any_holds};
pub use burden::Burden;
use few::Few;
use plan::{Plan, Rest, Way};
use predicates::{EVERY, Predicates, hash_word};
pub use scratch::Scratch;
use scratch::State;

/// Tries at single places before a predicate is asked about the whole item.
const TRIES: u32 = 8;
/// No number.
const NONE: u32 = u32::MAX;

/// All trackers of a source, ready to be found.
#[derive(Default)]
pub struct Index {
    predicates: Predicates,
    lists: Slab<List>,
    /// The list of a predicate within one site.
    scoped: HashTable<Scoped>,
    /// The number of each site that somebody names.
    scopes: HashMap<Box<str>, u32>,
    sites: Slab<Site>,
    rests: Slab<Kept>,
    trackers: Slab<Tracker>,
    /// Where the tracker of a key is.
    keys: HashTable<u32>,
    seen: rarity::Seen,
}

/// Trackers that are posted with a predicate, of one site or of any.
struct List {
    predicate: u32,
    /// The site's number, or [`NONE`].
    scope: u32,
    posts: Few<Post>,
}

#[derive(Clone, Copy)]
struct Post {
    tracker: u32,
    /// What is left to ask: [`NONE`], a predicate if it has the bit [`ONE`], or a number in `rests`.
    rest: u32,
}

/// The bit of a rest that is a single predicate.
const ONE: u32 = 1 << 31;

struct Scoped {
    predicate: u32,
    scope: u32,
    list: u32,
}

struct Site {
    name: Box<str>,
    /// How many lists are for it.
    lists: u32,
}

struct Tracker {
    key: u64,
    /// It wants also what cannot be told.
    unsure: bool,
    /// Where it is posted: a list, and the place in it.
    posted: Few<(u32, u32)>,
}

/// What is left of a tree, shared by the posts of one tracker.
struct Kept {
    rest: Left,
    posts: u32,
}

/// A tree over the numbers of predicates.
enum Left {
    Is(u32),
    Not(Box<Left>),
    All(Box<[Left]>),
    Any(Box<[Left]>),
}

fn hash_key(key: u64) -> u64 {
    predicates::hash(&key)
}

fn hash_scoped(predicate: u32, scope: u32) -> u64 {
    predicates::hash(&(predicate, scope))
}

impl Index {
    pub fn new() -> Index {
        Index::default()
    }

    /// How many trackers it holds.
    pub fn len(&self) -> usize {
        self.trackers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.trackers.is_empty()
    }

    /// Files a tracker under a key; it takes the place of what was filed under the same key.
    pub fn insert(&mut self, key: u64, sieve: &Sieve) {
        self.remove(key);
        let seen = &self.seen;
        let expects = |key: &super::need::Key| seen.expects(key, hash_word);
        let Plan { scope, ways, whole } = plan::plan(sieve, &expects);
        let scope = scope.map_or(NONE, |site| self.scope(site));
        let tracker = self.trackers.insert(Tracker {
            key,
            unsure: sieve.keeps_unsure(),
            posted: Few::None,
        }) as u32;
        let trackers = &self.trackers;
        self.keys.insert_unique(hash_key(key), tracker, |at| {
            hash_key(trackers[*at as usize].key)
        });
        if ways.is_empty() {
            let rest = self.rest(&whole);
            self.post(tracker, EVERY, scope, rest);
        }
        let mut shared = None;
        for Way {
            filter,
            choice,
            rest,
        } in ways
        {
            let rest = match rest {
                Rest::Whole => *shared.get_or_insert_with(|| self.rest(&whole)),
                rest => self.rest(&rest),
            };
            let predicate = self.predicates.hold(filter, Some(choice));
            self.post(tracker, predicate, scope, rest);
            // The list holds it now.
            self.predicates.release(predicate);
        }
    }

    /// Takes a tracker out; whether there was one.
    pub fn remove(&mut self, key: u64) -> bool {
        let trackers = &self.trackers;
        let found = self
            .keys
            .find_entry(hash_key(key), |at| trackers[*at as usize].key == key);
        let Ok(entry) = found else {
            return false;
        };
        let (tracker, _) = entry.remove();
        // From behind: a tracker may stand in one list several times, and the last one takes an earlier place.
        while let Some((list, at)) = self.trackers[tracker as usize].posted.pop() {
            self.unpost(list, at);
        }
        self.trackers.remove(tracker as usize);
        true
    }

    /// The trackers that want an item, by their keys: each once, in no order. `scratch` serves again and again.
    pub fn find(&self, item: &Folded<'_>, scratch: &mut Scratch, found: &mut Vec<u64>) {
        found.clear();
        scratch.begin(self.predicates.capacity());
        let mut facts = std::mem::take(&mut scratch.facts);
        let mut sites = std::mem::take(&mut scratch.sites);
        facts.clear();
        sites.clear();
        self.predicates
            .facts(item, |predicate, enough| facts.push((predicate, enough)));
        if !self.scopes.is_empty() {
            super::facts::values(item, &mut |fact, value| {
                if let (plan::SCOPE, super::facts::Value::Name(site)) = (fact, value) {
                    sites.extend(self.scopes.get(site).copied());
                }
            });
        }
        scratch.sites = sites;
        self.post_found(EVERY, item, scratch, found);
        for (predicate, enough) in &facts {
            if *enough {
                self.holds(*predicate, item, scratch, found);
            } else {
                self.ask(*predicate, Hit::Fact, item, scratch, found);
            }
        }
        scratch.facts = facts;
        let learns = self.seen.item();
        for (field, _) in TextField::EACH {
            let learn = learns.then_some(&self.seen);
            self.predicates
                .words(item.words(field), learn, |predicate, at| {
                    let hit = Hit::Word { text: field, at };
                    self.ask(predicate, hit, item, scratch, found);
                });
            self.predicates.pieces(field, item, |piece| {
                let hit = Hit::Piece {
                    text: field,
                    at: piece.at,
                    before: piece.before,
                };
                self.ask(piece.predicate, hit, item, scratch, found);
            });
        }
    }

    /// Asks a predicate whether it holds because of what was found at one place.
    #[inline]
    fn ask(
        &self,
        predicate: u32,
        hit: Hit,
        item: &Folded<'_>,
        scratch: &mut Scratch,
        found: &mut Vec<u64>,
    ) {
        if scratch.is_done(predicate) {
            return;
        }
        let holds = match scratch.state(predicate) {
            State::Known(holds) => holds,
            State::Unknown => {
                let filter = self.predicates.filter(predicate);
                match filter.holds_at(item, hit) {
                    Here::Yes => Some(true),
                    Here::Decided(holds) => holds,
                    Here::No if scratch.tried(predicate) < TRIES => return,
                    Here::No => filter.holds(item),
                }
            }
        };
        match holds {
            Some(true) => self.holds(predicate, item, scratch, found),
            holds => scratch.know(predicate, holds),
        }
    }

    fn holds(
        &self,
        predicate: u32,
        item: &Folded<'_>,
        scratch: &mut Scratch,
        found: &mut Vec<u64>,
    ) {
        if !scratch.is_done(predicate) {
            scratch.know(predicate, Some(true));
            scratch.done(predicate);
            self.post_found(predicate, item, scratch, found);
        }
    }

    /// Finds the trackers that are posted with a predicate that holds.
    fn post_found(
        &self,
        predicate: u32,
        item: &Folded<'_>,
        scratch: &mut Scratch,
        found: &mut Vec<u64>,
    ) {
        let (any, scoped) = self.predicates.lists(predicate);
        if any != NONE {
            self.read(any, item, scratch, found);
        }
        if scoped > 0 {
            for n in 0..scratch.sites.len() {
                let site = scratch.sites[n];
                let list = self.scoped.find(hash_scoped(predicate, site), |entry| {
                    entry.predicate == predicate && entry.scope == site
                });
                if let Some(list) = list {
                    self.read(list.list, item, scratch, found);
                }
            }
        }
    }

    fn read(&self, list: u32, item: &Folded<'_>, scratch: &mut Scratch, found: &mut Vec<u64>) {
        for post in self.lists[list as usize].posts.as_slice() {
            let holds = match post.rest {
                NONE => Some(true),
                rest if rest & ONE != 0 => self.is(rest & !ONE, item, scratch),
                rest => self.left(&self.rests[rest as usize].rest, item, scratch),
            };
            if holds == Some(false) {
                continue;
            }
            let tracker = &self.trackers[post.tracker as usize];
            if holds == Some(true) || tracker.unsure {
                // One that can be found in several ways is perhaps found already.
                if matches!(tracker.posted, Few::One(_)) || scratch.first(post.tracker) {
                    found.push(tracker.key);
                }
            }
        }
    }

    /// Whether a predicate holds for the item.
    fn is(&self, predicate: u32, item: &Folded<'_>, scratch: &mut Scratch) -> Option<bool> {
        match scratch.state(predicate) {
            State::Known(holds) => holds,
            State::Unknown => {
                let holds = self.predicates.filter(predicate).holds(item);
                scratch.know(predicate, holds);
                holds
            }
        }
    }

    fn left(&self, left: &Left, item: &Folded<'_>, scratch: &mut Scratch) -> Option<bool> {
        match left {
            Left::Is(predicate) => self.is(*predicate, item, scratch),
            Left::Not(inner) => self.left(inner, item, scratch).map(|holds| !holds),
            Left::All(parts) => all_hold(parts.iter().map(|part| self.left(part, item, scratch))),
            Left::Any(parts) => any_holds(parts.iter().map(|part| self.left(part, item, scratch))),
        }
    }

    /// The number of a site; it lasts as long as there are lists for it.
    fn scope(&mut self, site: Box<str>) -> u32 {
        if let Some(number) = self.scopes.get(&site) {
            return *number;
        }
        let number = self.sites.insert(Site {
            name: site.clone(),
            lists: 0,
        }) as u32;
        self.scopes.insert(site, number);
        number
    }

    fn rest(&mut self, rest: &Rest<'_>) -> u32 {
        let left = match rest {
            Rest::Nothing | Rest::Whole => return NONE,
            Rest::All(parts) => match parts.as_slice() {
                [] => return NONE,
                [Tree::Leaf(filter)] => return ONE | self.predicates.hold(filter, None),
                [one] => self.leave(one),
                many => Left::All(many.iter().map(|part| self.leave(part)).collect()),
            },
        };
        self.rests.insert(Kept {
            rest: left,
            posts: 0,
        }) as u32
    }

    fn leave(&mut self, tree: &Tree) -> Left {
        match tree {
            Tree::Leaf(filter) => Left::Is(self.predicates.hold(filter, None)),
            Tree::Not(inner) => Left::Not(Box::new(self.leave(inner))),
            Tree::All(parts) => Left::All(parts.iter().map(|part| self.leave(part)).collect()),
            Tree::Any(parts) => Left::Any(parts.iter().map(|part| self.leave(part)).collect()),
        }
    }

    fn release(&mut self, left: Left) {
        match left {
            Left::Is(predicate) => self.predicates.release(predicate),
            Left::Not(inner) => self.release(*inner),
            Left::All(parts) | Left::Any(parts) => {
                parts.into_iter().for_each(|part| self.release(part));
            }
        }
    }

    fn post(&mut self, tracker: u32, predicate: u32, scope: u32, rest: u32) {
        let list = self.list(predicate, scope);
        let posts = &mut self.lists[list as usize].posts;
        posts.push(Post { tracker, rest });
        let at = posts.as_slice().len() as u32 - 1;
        if rest & ONE == 0 {
            self.rests[rest as usize].posts += 1;
        }
        self.trackers[tracker as usize].posted.push((list, at));
    }

    fn unpost(&mut self, list: u32, at: u32) {
        let posts = &mut self.lists[list as usize].posts;
        let gone = posts.swap_remove(at as usize);
        let posts = posts.as_slice();
        let last = posts.len() as u32;
        if let Some(moved) = posts.get(at as usize) {
            let posted = &mut self.trackers[moved.tracker as usize].posted;
            let place = posted
                .as_mut_slice()
                .iter_mut()
                .find(|place| **place == (list, last));
            if let Some(place) = place {
                place.1 = at;
            }
        }
        if last == 0 {
            self.unlist(list);
        }
        match gone.rest {
            NONE => {}
            rest if rest & ONE != 0 => self.predicates.release(rest & !ONE),
            rest => {
                let kept = &mut self.rests[rest as usize];
                kept.posts -= 1;
                if kept.posts == 0 {
                    let kept = self.rests.remove(rest as usize);
                    self.release(kept.rest);
                }
            }
        }
    }

    /// The list of a predicate in a scope; made when there is none.
    fn list(&mut self, predicate: u32, scope: u32) -> u32 {
        let hash = hash_scoped(predicate, scope);
        let known = match scope {
            NONE => Some(self.predicates.lists(predicate).0).filter(|list| *list != NONE),
            _ => self
                .scoped
                .find(hash, |entry| {
                    entry.predicate == predicate && entry.scope == scope
                })
                .map(|entry| entry.list),
        };
        if let Some(list) = known {
            return list;
        }
        let list = self.lists.insert(List {
            predicate,
            scope,
            posts: Few::None,
        }) as u32;
        self.predicates.keep(predicate);
        if scope == NONE {
            self.predicates.set_list(predicate, list);
        } else {
            self.predicates.count_scoped(predicate, 1);
            let entry = Scoped {
                predicate,
                scope,
                list,
            };
            self.scoped.insert_unique(hash, entry, |entry| {
                hash_scoped(entry.predicate, entry.scope)
            });
            self.sites[scope as usize].lists += 1;
        }
        list
    }

    fn unlist(&mut self, list: u32) {
        let List {
            predicate, scope, ..
        } = self.lists.remove(list as usize);
        if scope == NONE {
            self.predicates.set_list(predicate, NONE);
        } else {
            self.predicates.count_scoped(predicate, -1);
            let entry = self
                .scoped
                .find_entry(hash_scoped(predicate, scope), |entry| entry.list == list);
            if let Ok(entry) = entry {
                entry.remove();
            }
            let site = &mut self.sites[scope as usize];
            site.lists -= 1;
            if site.lists == 0 {
                let site = self.sites.remove(scope as usize);
                self.scopes.remove(&site.name);
            }
        }
        self.predicates.release(predicate);
    }

    /// Heap bytes of all it holds, its filters included.
    pub fn bytes(&self) -> usize {
        let posts: usize = self.lists.iter().map(|(_, list)| list.posts.bytes()).sum();
        let posted: usize = self
            .trackers
            .iter()
            .map(|(_, tracker)| tracker.posted.bytes())
            .sum();
        let rests: usize = self.rests.iter().map(|(_, kept)| kept.rest.bytes()).sum();
        let slabs = self.lists.capacity() * size_of::<Option<List>>()
            + self.rests.capacity() * size_of::<Option<Kept>>()
            + self.trackers.capacity() * size_of::<Option<Tracker>>();
        let tables = self.scoped.allocation_size() + self.keys.allocation_size();
        self.predicates.bytes() + slabs + posts + posted + rests + tables
    }
}

impl Left {
    fn bytes(&self) -> usize {
        match self {
            Left::Is(_) => 0,
            Left::Not(inner) => size_of::<Left>() + 16 + inner.bytes(),
            Left::All(parts) | Left::Any(parts) => {
                16 + parts
                    .iter()
                    .map(|part| size_of::<Left>() + part.bytes())
                    .sum::<usize>()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sieve;
    use super::*;
    use crate::model::{Item, ItemId, Recipe};
    use crate::when::{Order, Reading};
    use chrono::DateTime;
    use proptest::prelude::*;

    fn sieve(query: &str, unsure: &str) -> Sieve {
        let reading = Reading {
            now: DateTime::UNIX_EPOCH,
            zone: chrono_tz::Tz::UTC,
            order: Order::DayMonth,
        };
        let recipe = serde_json::json!({"source": {"kind": "x"}, "where": query, "unsure": unsure});
        let recipe: Recipe = serde_json::from_value(recipe).unwrap();
        Sieve::of(&recipe, &reading).unwrap_or_else(|refusal| panic!("{query}: {refusal}"))
    }

    fn item(title: &str, body: &str, tags: &[&str]) -> Item {
        Item {
            id: ItemId("1".into()),
            revision: 0,
            title: title.into(),
            body: body.into(),
            author: None,
            url: None,
            at: DateTime::UNIX_EPOCH,
            seen: DateTime::UNIX_EPOCH,
            tags: tags.iter().map(ToString::to_string).collect(),
            facts: Default::default(),
        }
    }

    const TERMS: [&str; 36] = [
        "rust",
        "rust*",
        "ru*",
        "\"borrow checker\"",
        "\"the borrow checker\"",
        "\"b* checker\"",
        "c++",
        "#rust",
        "title:rust",
        "body:rust",
        "\"?\"",
        "\"🦀\"",
        "\"straße\"",
        "K",
        "it's",
        "it",
        "tag:rust",
        "tag:rust,go",
        "tag:r*",
        "tag:*st",
        "length:<20",
        "length:10..40",
        "length:=4",
        "/rus[tk]/",
        "/foo\\W*bar/",
        "/\\d{4}/",
        "/[a-c]{5}/",
        "/colou?r/",
        "title:/^rust/",
        "/\\brust\\b/",
        "/(a+)+$/",
        "/ſtrasse|kilo/",
        "body:/k.lo/",
        "é",
        "score:>1",
        "site:beer",
    ];

    fn query() -> impl Strategy<Value = String> {
        let term = prop::sample::select(&TERMS[..]).prop_map(String::from);
        term.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                inner.clone().prop_map(|one| format!("-({one})")),
                prop::collection::vec(inner.clone(), 2..4)
                    .prop_map(|all| format!("({})", all.join(" "))),
                prop::collection::vec(inner, 2..4)
                    .prop_map(|any| format!("({})", any.join(" or "))),
            ]
        })
    }

    fn text() -> impl Strategy<Value = String> {
        let words = [
            "rust",
            "Rust’s",
            "rust's",
            "rusty",
            "#rust",
            "the",
            "borrow",
            "checker",
            "Checker",
            "c++",
            "c",
            "?",
            "🦀",
            "STRASSE",
            "straße",
            "K",
            "k",
            "it's",
            "it",
            "2024",
            "abcab",
            "foo",
            "bar",
            "foo-bar",
            "colour",
            "e\u{301}",
            "é",
            "ſtrasse",
            "Kilo",
            "k\u{200b}ilo",
            "aaa",
            "\n",
            "rusk",
            "…",
            "東京",
        ];
        prop::collection::vec(prop::sample::select(words.to_vec()), 0..12).prop_flat_map(|words| {
            prop::sample::select(vec![" ", " ", "", "\n", "-"])
                .prop_map(move |between| words.join(between))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn the_index_finds_what_asking_one_by_one_finds(
            queries in prop::collection::vec(query(), 1..20),
            gone in prop::collection::vec(any::<bool>(), 20),
            items in prop::collection::vec((text(), text(), prop::sample::subsequence(vec!["rust", "go", "Ruby"], 0..3)), 1..4),
        ) {
            let unsure = |n: usize| if n % 3 == 2 { "keep" } else { "drop" };
            let sieves: Vec<Sieve> = queries.iter().enumerate().map(|(n, query)| sieve(query, unsure(n))).collect();
            let mut index = Index::new();
            let mut scratch = Scratch::default();
            let mut found = Vec::new();
            for (key, sieve) in (0..).zip(&sieves) {
                index.insert(key, sieve);
            }
            for (round, (title, body, tags)) in items.iter().enumerate() {
                let there = |n: &usize| round != 1 || !gone[*n];
                for n in (0..sieves.len()).filter(|n| gone[*n]) {
                    if there(&n) {
                        index.insert(n as u64, &sieves[n]);
                    } else {
                        prop_assert!(index.remove(n as u64));
                    }
                }
                let item = item(title, body, tags);
                let folded = Folded::new(&item);
                index.find(&folded, &mut scratch, &mut found);
                found.sort_unstable();
                let expected: Vec<u64> = (0..sieves.len())
                    .filter(there)
                    .filter(|n| sieves[*n].check_folded(&folded).keeps())
                    .map(|n| n as u64)
                    .collect();
                prop_assert_eq!(&found, &expected, "{:?} {:?}", queries, item);
            }
            for key in 0..sieves.len() as u64 {
                index.remove(key);
            }
            prop_assert_eq!(index.len(), 0);
            prop_assert!(index.lists.is_empty() && index.rests.is_empty() && index.scoped.is_empty());
            prop_assert_eq!(index.predicates.count(), 1);
            prop_assert!(index.sites.is_empty() && index.scopes.is_empty());
        }
    }
}
