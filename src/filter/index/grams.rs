//! Pieces of texts, filed under a few of their bytes: an item is read once for each length in use, whatever the
//! number of pieces.

use super::filed::Filed;
use super::rarity;

/// How many bytes a piece is filed under: the most of these that it has.
const SIZES: [usize; 5] = [1, 2, 3, 4, 6];

/// Where the filed bytes stand in their piece.
#[derive(Clone, Copy)]
pub struct Place {
    /// Bytes of the piece before them; the highest bit tells a pattern's piece.
    offset: u16,
    /// A match begins at most so many characters before the piece; `u16::MAX` when that is not known.
    before: u16,
}

const LITERAL: u16 = 1 << 15;

/// Which form of a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The folded one, for pieces of phrases.
    Folded,
    /// The one in small letters, for patterns.
    Small,
    /// ASCII: both are the same.
    Both,
}

/// A piece that may stand in a text.
pub struct Found {
    pub predicate: u32,
    pub at: usize,
    pub before: Option<u32>,
}

#[derive(Default)]
pub struct Grams {
    filed: Filed<Place>,
    /// How many pieces are filed under each size.
    sizes: [u32; SIZES.len()],
    /// How many pieces of phrases there are.
    pieces: u32,
    seed: u64,
}

impl Grams {
    pub fn new(seed: u64) -> Grams {
        Grams {
            seed: seed | 1,
            ..Grams::default()
        }
    }

    pub fn insert(&mut self, piece: &str, pattern: Option<Option<u32>>, predicate: u32) {
        let (hash, size, place) = self.place(piece, pattern);
        self.filed.insert(hash, predicate, place);
        self.sizes[size] += 1;
        self.pieces += u32::from(pattern.is_none());
    }

    pub fn remove(&mut self, piece: &str, pattern: Option<Option<u32>>, predicate: u32) {
        let (hash, size, _) = self.place(piece, pattern);
        self.filed.remove(hash, predicate);
        self.sizes[size] -= 1;
        self.pieces -= u32::from(pattern.is_none());
    }

    fn place(&self, piece: &str, pattern: Option<Option<u32>>) -> (u32, usize, Place) {
        let (offset, gram) = rarest(piece.as_bytes());
        let size = SIZES.iter().position(|size| *size == gram.len());
        let mut bytes = [0; 8];
        bytes[..gram.len()].copy_from_slice(gram);
        let hash = self.hash(u64::from_le_bytes(bytes), gram.len());
        let literal = if pattern.is_some() { LITERAL } else { 0 };
        let before = pattern
            .flatten()
            .and_then(|before| u16::try_from(before).ok());
        let place = Place {
            offset: offset as u16 | literal,
            before: before.unwrap_or(u16::MAX),
        };
        (hash, size.unwrap_or(0), place)
    }

    /// The upper half of a product depends on all of both. Pieces of different sizes do not meet.
    fn hash(&self, bytes: u64, size: usize) -> u32 {
        let seed = self.seed.rotate_left(size as u32) | 1;
        (bytes.wrapping_mul(seed) >> 32) as u32
    }

    /// Whether phrases have pieces: then the folded form of a text is read too.
    pub fn has_pieces(&self) -> bool {
        self.pieces > 0
    }

    pub fn is_empty(&self) -> bool {
        self.filed.is_empty()
    }

    /// All pieces that may stand in a text, from left to right for each size.
    pub fn find(&self, text: &[u8], form: Form, mut found: impl FnMut(Found)) {
        let mut tail = [0; 16];
        let last = text.len().saturating_sub(8);
        tail[..text.len() - last].copy_from_slice(&text[last..]);
        let load = |at: usize| {
            let bytes = match text.get(at..at + 8) {
                Some(bytes) => bytes,
                None => &tail[at - last..at - last + 8],
            };
            u64::from_le_bytes(bytes.try_into().unwrap_or_default())
        };
        for (n, size) in SIZES.into_iter().enumerate() {
            if self.sizes[n] == 0 || text.len() < size {
                continue;
            }
            let mask = (1 << (8 * size)) - 1;
            for at in 0..=text.len() - size {
                let hash = self.hash(load(at) & mask, size);
                if !self.filed.may_have(hash) {
                    continue;
                }
                for (predicate, place) in self.filed.under(hash) {
                    let literal = place.offset & LITERAL != 0;
                    let offset = usize::from(place.offset & !LITERAL);
                    let unread = match form {
                        Form::Folded => literal,
                        Form::Small => !literal,
                        Form::Both => false,
                    };
                    if unread || offset > at {
                        continue;
                    }
                    let before = (place.before != u16::MAX).then(|| place.before.into());
                    found(Found {
                        predicate,
                        at: at - offset,
                        before,
                    });
                }
            }
        }
    }

    /// Heap bytes.
    pub fn bytes(&self) -> usize {
        self.filed.bytes()
    }
}

/// The bytes of a piece that are rarest in ordinary texts, and where they stand in it.
pub fn rarest(piece: &[u8]) -> (usize, &[u8]) {
    let size = SIZES
        .into_iter()
        .rev()
        .find(|size| *size <= piece.len())
        .unwrap_or(0);
    let piece = &piece[..piece.len().min(usize::from(LITERAL - 1))];
    let bits = |gram: &[u8]| rarity::bits(b' ', gram);
    piece
        .windows(size.max(1))
        .enumerate()
        .max_by(|(_, a), (_, b)| bits(a).total_cmp(&bits(b)))
        .unwrap_or((0, piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_found_wherever_they_stand() {
        let mut grams = Grams::new(42);
        let pieces = ["?", "ab", "abc", "abcd", "abcde", "abcdefgh", "🦀"];
        for (n, piece) in pieces.iter().enumerate() {
            grams.insert(piece, None, n as u32);
        }
        let at = |grams: &Grams, text: &str| {
            let mut all = Vec::new();
            grams.find(text.as_bytes(), Form::Folded, |found| {
                all.push((found.predicate, found.at));
            });
            all.sort_unstable();
            all
        };
        assert_eq!(at(&grams, "x?"), [(0, 1)]);
        assert_eq!(
            at(&grams, "abcdefgh"),
            [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]
        );
        assert_eq!(at(&grams, "crab 🦀"), [(1, 2), (6, 5)]);
        assert_eq!(at(&grams, ""), []);
        for (n, piece) in pieces.iter().enumerate() {
            grams.remove(piece, None, n as u32);
        }
        assert!(grams.is_empty() && !grams.has_pieces());
        assert_eq!(at(&grams, "abcdefgh?"), []);
    }
}
