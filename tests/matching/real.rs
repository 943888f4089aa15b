//! Real posts, queries of every shape made from them, and changes between the posts.

use std::collections::BTreeMap;

use boson::filter::{Folded, Index, Scratch, Sieve};
use boson::model::Item;

use super::queries::{Maker, SHAPES};
use super::{found, is_set, posts, sieve};
use crate::made_up::dice::Dice;

const QUERIES: usize = 2_000;
/// All queries are asked about one post of so many; about the others, one query of so many and all that were found.
const POSTS_ASKED: usize = 8;
const QUERIES_ASKED: usize = 24;
/// How many trackers come or go between two posts.
const CHANGES: usize = 8;
/// How many indexes share the posts among them, each with changes of its own.
const PARTS: usize = 4;

/// The name of its shape, the query, and what decides.
type Query<'a> = (&'a str, String, Sieve);

#[derive(Default)]
struct Told {
    queries: usize,
    answers: usize,
    others: usize,
}

#[test]
fn real_posts_are_found_as_one_by_one() {
    let posts = posts::all();
    assert_eq!(posts.len(), 2_946);
    let mut make = Maker::new(&posts);
    let mut queries: Vec<Query> = Vec::new();
    let mut refused = Vec::new();
    while queries.len() < QUERIES {
        for (name, shape) in SHAPES {
            let query = shape(&mut make);
            match sieve(&query) {
                Ok(sieve) => queries.push((name, query, sieve)),
                Err(refusal) => refused.push(format!("{query}: {refusal}")),
            }
        }
        assert!(refused.len() < 40, "{}", refused.join("\n"));
    }
    let mut told: BTreeMap<&str, Told> = BTreeMap::new();
    for (name, _, _) in &queries {
        told.entry(name).or_default().queries += 1;
    }
    std::thread::scope(|scope| {
        let queries = &queries;
        let parts: Vec<_> = (0..)
            .zip(posts.chunks(posts.len().div_ceil(PARTS)))
            .map(|(part, posts)| scope.spawn(move || compare(queries, posts, part)))
            .collect();
        for part in parts {
            for (name, (answers, others)) in part.join().expect("see above") {
                let told = told.entry(name).or_default();
                told.answers += answers;
                told.others += others;
            }
        }
    });
    for (name, told) in &told {
        let Told {
            queries,
            answers,
            others,
        } = told;
        println!("{name}: {queries} queries, {answers} answers, {others} not");
        assert!(*answers > 10 && *others > 10, "{name} shows little");
    }
}

/// Of each shape: how often one that was asked wanted a post, and how often not.
type Counts<'a> = BTreeMap<&'a str, (usize, usize)>;

fn compare<'a>(queries: &[Query<'a>], posts: &[Item], part: u64) -> Counts<'a> {
    let all = is_set("BOSON_TEST_ALL");
    let mut index = Index::new();
    let mut is_in = vec![true; queries.len()];
    for (key, (_, _, sieve)) in (0..).zip(queries) {
        index.insert(key, sieve);
    }
    let (mut dice, mut scratch) = (Dice::new(part), Scratch::default());
    let mut counts = Counts::new();
    for (n, post) in posts.iter().enumerate() {
        let found = found(&index, post, &mut scratch);
        assert!(found.is_sorted(), "the order");
        let item = Folded::new(post);
        for (key, (name, query, sieve)) in queries.iter().enumerate() {
            let is_found = found.binary_search(&(key as u64)).is_ok();
            let asked = n % POSTS_ASKED == 0 || (key + n) % QUERIES_ASKED == 0;
            if !(all || asked || is_found) {
                continue;
            }
            let wants = sieve.check_folded(&item).keeps();
            assert_eq!(
                is_found,
                wants && is_in[key],
                "`{query}` about {}, {} in the index: {post:?}",
                post.id.0,
                if is_in[key] {
                    "which is"
                } else {
                    "which is not"
                },
            );
            let (answers, others) = counts.entry(*name).or_default();
            *if wants { answers } else { others } += 1;
        }
        for _ in 0..CHANGES {
            let key = dice.below(queries.len());
            if is_in[key] && dice.percent(50.0) {
                assert!(index.remove(key as u64));
                is_in[key] = false;
            } else {
                // Some are there already: they replace themselves.
                index.insert(key as u64, &queries[key].2);
                is_in[key] = true;
            }
        }
        assert_eq!(index.len(), is_in.iter().filter(|is_in| **is_in).count());
    }
    counts
}
