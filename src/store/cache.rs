//! Rows as the engine has them, kept for being read again: the loop reads the same few again and again, and every
//! commit reads what it replaces.

use hashbrown::HashMap;

use super::engine::{Bytes, Tree};

/// The most bytes that are kept; at more all is forgotten.
const MOST: usize = 2 << 20;
/// What an entry takes beside its key and value, about.
const ENTRY: usize = 96;

/// Some rows of the engine, and some keys without a row.
#[derive(Default)]
pub(super) struct Cache {
    trees: [HashMap<Bytes, Option<Bytes>>; Tree::ALL.len()],
    bytes: usize,
}

impl Cache {
    /// The row under a key, if that is known: `Some(None)` when there is none.
    pub(super) fn get(&self, tree: Tree, key: &[u8]) -> Option<Option<Bytes>> {
        self.trees[usize::from(tree.number())].get(key).cloned()
    }

    /// Notes what the engine has under a key.
    pub(super) fn note(&mut self, tree: Tree, key: Bytes, value: Option<Bytes>) {
        let size = |value: &Option<Bytes>| value.as_ref().map_or(0, |value| value.len());
        let (held, new) = (key.len() + ENTRY, size(&value));
        if self.bytes + held + new > MOST {
            *self = Cache::default();
        }
        let before = self.trees[usize::from(tree.number())].insert(key, value);
        self.bytes += new;
        match before {
            Some(before) => self.bytes -= size(&before),
            None => self.bytes += held,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_grows_beyond_its_limit() {
        let mut cache = Cache::default();
        let value: Bytes = vec![7; 1 << 10].into();
        for n in 0..10_000u64 {
            let key: Bytes = (n % 5_000).to_be_bytes().to_vec().into();
            cache.note(Tree::Meta, key.clone(), Some(value.clone()));
            assert_eq!(cache.get(Tree::Meta, &key), Some(Some(value.clone())));
            let held: usize = cache.trees[usize::from(Tree::Meta.number())]
                .iter()
                .map(|(key, value)| key.len() + ENTRY + value.as_ref().map_or(0, |row| row.len()))
                .sum();
            assert_eq!(held, cache.bytes);
            assert!(held <= MOST);
        }
    }

    #[test]
    fn it_knows_that_there_is_none() {
        let mut cache = Cache::default();
        let key: Bytes = b"key".to_vec().into();
        assert_eq!(cache.get(Tree::Meta, &key), None);
        cache.note(Tree::Meta, key.clone(), None);
        assert_eq!(cache.get(Tree::Meta, &key), Some(None));
        assert_eq!(cache.get(Tree::Jobs, &key), None);
    }
}
