//! How often something that can be looked up is there: what is rare is looked for first.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

use super::super::need::Key;

/// Characters of an ordinary post.
const LENGTH: f64 = 1_500.0;
/// Words of an ordinary post.
const WORDS: f64 = 260.0;

/// How surprising a letter is behind another in ordinary English, in quarters of a bit above `#`: a row for the letter
/// before, `a` to `z`, anything that is neither letter nor digit, a digit; columns in the same order. Counted in three
/// thousand questions and answers.
const PAIRS: [&[u8; 28]; 28] = [
    b"P867J<:M8L;08-T:S01/=6DK9J0]",
    b"2?LO(W]Z4Ba1QU0WW0;E0>Ka6]=U",
    b".Q=N/VT/4_67UR+HS7B18a_aBL6S",
    b"6MQ:/JBO0HEBLC3R_57S7CJ_>['V",
    b"5G943>@K=VJ8;2D?G-28G<;==L)a",
    b"6WVT./RY1a^5V[/^^1L79aVaEa*[",
    b"5VTT-H<04]a6K<3aa2;B7]TaCa)V",
    b"-MYR(N^[/a[DMD0Ra?H8A]Ja>a/[",
    b"9?38778RPS;48+4<C8//E;UD]A4a",
    b"/L7S2LSSASSSLL-FLSFL'LLLSL7S",
    b"6JLL)FHN/KL;U4?LXD4<@JH^:S*U",
    b"0J;4-ABV0^A/EN3A]I77:BEa0U.Z",
    b"-9MR+JFO1ZZC8L/2XP;S7UV]8a.]",
    b"7J7.1B/K8G8>M@4PZP50?DRW:N+^",
    b">?;8?1A>=V?63.88W/93/<6EEI/J",
    b"0LQG,JQ;3aH1FS04a-796WP]Aa0Q",
    b"MSJSSSSSGSSMMSJSSSMM#SSSSS=S",
    b"2@>;+E?K1a=>9=1EV>47<@Ja7R+]",
    b"9L=R1MS74`>B?@39QT4.6]?aDZ(]",
    b"5QCY0S^*2`^;IL1Ha798;PAa9Q+^",
    b"7:4<6B5T6VG161B7a.//PGRJAM1[",
    b"1Q_X&_X_/_SDQ_/S_OAULXXXC_9O",
    b".LPH-NY,,]T@N71LaD=HRa>aMa/Y",
    b".O3O4HVE/VVVOK?+VOH-?OI=7O/M",
    b"BBDC5TE]=VO9BH-:aE8>NXCaXU%a",
    b"1=;Q'KKA1QHAKC7QQQKF?>KQ550K",
    b"/24796971CA86;37D92.=>4R:Ra;",
    b"KNDQLDCSSSKE>MCLVM@?V]SMV]''",
];

fn class(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a'),
        b'0'..=b'9' => 27,
        _ => 26,
    }
}

/// Pieces of addresses, which every third post has, and what they are to the table: rarer than they are.
const ADDRESSES: [&str; 11] = [
    "https://www.",
    "http://www.",
    ".com/",
    ".org/",
    ".net/",
    ".info/",
    ".co.uk/",
    ".html",
    ".php",
    "/index",
    ".io/",
];
/// A piece of an address stands at one place in two to that.
const IN_ADDRESSES: f64 = 10.0;

/// How many bits of chance a piece of text is: it stands at one place in two to that.
pub fn bits(before: u8, piece: &[u8]) -> f64 {
    match address(piece) {
        Some(part) => {
            let (left, right) = (&piece[..part.start], &piece[part.end..]);
            IN_ADDRESSES + pairs(before, left) + pairs(b'/', right)
        }
        None => pairs(before, piece),
    }
}

/// The longest part that is often in addresses.
fn address(piece: &[u8]) -> Option<std::ops::Range<usize>> {
    let is_in = |part: &[u8]| {
        ADDRESSES.iter().any(|address| {
            address
                .as_bytes()
                .windows(part.len())
                .any(|there| there == part)
        })
    };
    (4..=piece.len().min(12)).rev().find_map(|length| {
        let from = piece.windows(length).position(is_in)?;
        Some(from..from + length)
    })
}

fn pairs(before: u8, piece: &[u8]) -> f64 {
    let mut bits = 0;
    let mut last = class(before);
    for byte in piece {
        let here = class(*byte);
        // The table knows no two spaces or signs in a row.
        bits += match (last, here) {
            (26, 26) => 8,
            _ => u32::from(PAIRS[last][here] - b'#'),
        };
        last = here;
        // Letters of other scripts, and most signs, are rarer than the spaces that they are counted with.
        if here == 26
            && !b" .,:/-'()\"?!
"
            .contains(byte)
        {
            bits += 16;
        }
    }
    f64::from(bits) / 4.0
}

/// How often words were seen lately, roughly and in little memory: words that fall on the same counter count together.
#[derive(Default)]
pub struct Seen {
    counters: OnceLock<Box<[AtomicU16; COUNTERS]>>,
    items: AtomicU32,
}

const COUNTERS: usize = 4096;
/// So many items are believed more than a guess.
const ENOUGH: u32 = 64;
/// One item in so many is counted.
const SAMPLE: u32 = 4;

impl Seen {
    /// Counts an item; whether its words are to be counted.
    pub fn item(&self) -> bool {
        let items = self.items.load(Ordering::Relaxed);
        if items == SAMPLE * u32::from(u16::MAX / 2) {
            self.halve();
            return false;
        }
        self.items.store(items + 1, Ordering::Relaxed);
        items.is_multiple_of(SAMPLE)
    }

    /// Counts a word by its hash.
    pub fn word(&self, hash: u64) {
        let counters = self
            .counters
            .get_or_init(|| Box::new(std::array::from_fn(|_| AtomicU16::new(0))));
        let counter = &counters[hash as usize % COUNTERS];
        let count = counter.load(Ordering::Relaxed);
        counter.store(count.saturating_add(1), Ordering::Relaxed);
    }

    fn halve(&self) {
        for counter in self.counters.get().into_iter().flat_map(|all| all.iter()) {
            counter.store(counter.load(Ordering::Relaxed) / 2, Ordering::Relaxed);
        }
        self.items
            .store(self.items.load(Ordering::Relaxed) / 2, Ordering::Relaxed);
    }

    /// How many times a word is in an item.
    fn per_item(&self, word: &str, hash: u64) -> f64 {
        let guess = (WORDS * 2f64.powf(-bits(b' ', word.as_bytes()))).min(WORDS);
        let counted = self.items.load(Ordering::Relaxed) / SAMPLE;
        match self.counters.get() {
            Some(counters) if counted >= ENOUGH => {
                let count = counters[hash as usize % COUNTERS].load(Ordering::Relaxed);
                f64::from(count) / f64::from(counted) + 1e-6 * guess
            }
            _ => guess,
        }
    }

    /// How many times a key is found in an item.
    pub fn expects(&self, key: &Key, hash: impl Fn(&str) -> u64) -> f64 {
        let word = |word: &str| self.per_item(word, hash(word));
        match key {
            Key::Word { word: letters, .. } => word(letters),
            Key::Pair { first, second, .. } => word(first).min(word(second)) / 16.0,
            Key::Beginning { letters, .. } => {
                (WORDS * 2f64.powf(-bits(b' ', letters.as_bytes()))).min(WORDS)
            }
            Key::Piece { piece, .. } | Key::Literal { piece, .. } => {
                let (_, gram) = super::grams::rarest(piece.as_bytes());
                LENGTH * 2f64.powf(-bits(b' ', gram))
            }
            Key::Name { fact, .. } | Key::NameBeginning { fact, .. } => match *fact {
                "is" | "has" | "type" => 0.3,
                _ => 0.002,
            },
            Key::Range { from, to, .. } if from == to => 0.002,
            Key::Range { from, to, .. } if from.is_finite() && to.is_finite() => 0.1,
            Key::Range { .. } => 0.4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_call_rare_is_rare() {
        let common = bits(b' ', b"the ");
        for rare in ["zyxw", "rust"] {
            assert!(bits(b' ', rare.as_bytes()) > common, "{rare}");
        }
    }

    #[test]
    fn what_was_seen_often_is_expected() {
        let seen = Seen::default();
        let hash = |word: &str| word.len() as u64;
        let key = |word: &str| Key::Word {
            text: super::super::super::need::TextField::Either,
            word: word.into(),
        };
        for _ in 0..1_000 {
            if seen.item() {
                seen.word(3);
            }
        }
        assert!(seen.expects(&key("zzz"), hash) > 0.9);
        assert!(seen.expects(&key("zzzz"), hash) < 0.1);
    }
}
