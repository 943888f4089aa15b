//! Predicates filed under hashes, to be found again by those that an item brings.

use hashbrown::HashTable;

/// How many bits of the map there are for a key, at the least. Each key sets two, in one word of the map: of the hashes
/// that are not filed one in a hundred gets past it.
const BITS: usize = 16;

/// Which predicates are filed under a hash. A map of bits stands before the table: it is small enough to stay close
/// to the processor, and says no to nearly all that is not there.
pub struct Filed<T> {
    table: HashTable<Entry<T>>,
    map: Vec<u64>,
    /// How far a hash is shifted to become the number of a word of the map.
    shift: u32,
    /// How many keys were taken out since the map was drawn.
    gone: usize,
}

#[derive(Clone, Copy)]
struct Entry<T> {
    hash: u32,
    predicate: u32,
    with: T,
}

impl<T> Default for Filed<T> {
    fn default() -> Filed<T> {
        Filed {
            table: HashTable::new(),
            map: Vec::new(),
            shift: 31,
            gone: 0,
        }
    }
}

/// The table looks at both ends of a hash, of which only half is kept.
pub fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The two bits of a hash in its word.
#[inline]
fn bits(hash: u32) -> u64 {
    1 << (hash & 63) | 1 << (hash >> 6 & 63)
}

impl<T: Copy> Filed<T> {
    pub fn insert(&mut self, hash: u32, predicate: u32, with: T) {
        let entry = Entry {
            hash,
            predicate,
            with,
        };
        self.table
            .insert_unique(spread(hash), entry, |entry| spread(entry.hash));
        if self.table.len() * BITS > self.map.len() * 64 {
            self.draw();
        }
        let word = (hash >> self.shift) as usize;
        self.map[word] |= bits(hash);
    }

    pub fn remove(&mut self, hash: u32, predicate: u32) {
        let found = self.table.find_entry(spread(hash), |entry| {
            entry.hash == hash && entry.predicate == predicate
        });
        if let Ok(entry) = found {
            entry.remove();
            self.gone += 1;
            if self.gone > self.table.len() + 64 {
                self.draw();
            }
        }
    }

    /// Draws the map anew.
    fn draw(&mut self) {
        let words = (self.table.len() * BITS)
            .div_ceil(64)
            .next_power_of_two()
            .max(2);
        self.map = vec![0; words];
        self.shift = 32 - words.trailing_zeros();
        self.gone = 0;
        for entry in &self.table {
            self.map[(entry.hash >> self.shift) as usize] |= bits(entry.hash);
        }
        if self.table.capacity() > 4 * self.table.len() + 64 {
            self.table.shrink_to_fit(|entry| spread(entry.hash));
        }
    }

    /// Whether anything may be filed under this hash.
    #[inline]
    pub fn may_have(&self, hash: u32) -> bool {
        let bits = bits(hash);
        let word = self.map.get((hash >> self.shift) as usize);
        word.is_some_and(|word| word & bits == bits)
    }

    /// All that is filed under this hash.
    pub fn under(&self, hash: u32) -> impl Iterator<Item = (u32, T)> {
        self.table
            .iter_hash(spread(hash))
            .filter(move |entry| entry.hash == hash)
            .map(|entry| (entry.predicate, entry.with))
    }

    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Heap bytes.
    pub fn bytes(&self) -> usize {
        self.table.allocation_size() + self.map.capacity() * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_filed_is_found_until_it_is_taken_out() {
        let mut filed = Filed::default();
        let hash = |n: u32| n.wrapping_mul(0x9e37_79b9);
        for n in 0..10_000 {
            filed.insert(hash(n / 2), n, ());
        }
        let under = |filed: &Filed<()>, n: u32| {
            let mut found: Vec<u32> = filed
                .under(hash(n))
                .map(|(predicate, ())| predicate)
                .collect();
            found.sort_unstable();
            found
        };
        for n in 0..5_000 {
            assert!(filed.may_have(hash(n)));
            assert_eq!(under(&filed, n), [2 * n, 2 * n + 1]);
        }
        let strangers = (5_000..10_000).filter(|n| filed.may_have(hash(*n)));
        assert!(strangers.count() < 1_000);
        for n in 0..9_990 {
            filed.remove(hash(n / 2), n);
        }
        assert_eq!(under(&filed, 4_994), Vec::<u32>::new());
        assert_eq!(under(&filed, 4_999), [9_998, 9_999]);
        assert!(filed.bytes() < 4_096, "{}", filed.bytes());
    }
}
