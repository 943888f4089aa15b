//! Queries of every shape of the language, made from the words of posts.

use boson::model::Item;

use crate::made_up::dice::Dice;

/// One shape's name and how it is made.
pub type Shape = (&'static str, fn(&mut Maker) -> String);

/// Every shape.
pub const SHAPES: &[Shape] = &[
    ("word", |make| make.word()),
    ("phrase", |make| make.phrase(2, 4)),
    ("token", |make| make.token()),
    ("prefix", |make| format!("{}*", make.beginning())),
    ("phrase with prefix", |make| {
        let [one, other] = make.neighbours();
        format!("\"{one} {}*\"", first_letters(&other, 3))
    }),
    ("and", |make| format!("{} {}", make.common(), make.word())),
    ("not", |make| {
        format!("{} -{}", make.common(), make.common())
    }),
    ("only not", |make| {
        format!("-{} -{}", make.common(), make.common())
    }),
    ("or", |make| {
        format!(
            "{} or {} or {}",
            make.word(),
            make.phrase(2, 2),
            make.word()
        )
    }),
    ("nest", |make| make.nest(0)),
    ("tag", |make| format!("tag:{}", make.tag())),
    ("tags", |make| format!("tag:{},{}", make.tag(), make.tag())),
    ("tag with star", |make| {
        format!("tag:{}*", first_letters(&make.tag(), 2))
    }),
    ("not tagged", |make| {
        format!("-tag:{} {}", make.tag(), make.word())
    }),
    ("length", |make| {
        let from = make.dice.between(0, 3_000);
        match make.dice.below(4) {
            0 => format!("length:<{from}"),
            1 => format!("length:>={from}"),
            2 => format!("length:{from}..{}", from + 40),
            _ => format!("length:{from} or {}", make.word()),
        }
    }),
    ("date", |make| {
        let (year, month) = (make.dice.between(2014, 2017), make.dice.between(1, 12));
        let side = *make.dice.pick(&["newer", "older"]);
        format!("{side}:{year}-{month:02}-15 {}", make.word())
    }),
    ("age", |make| {
        let days = make.dice.between(20, 1_000);
        let side = *make.dice.pick(&["newer", "older"]);
        format!("{side}:{days}d {}", make.common())
    }),
    ("title", |make| format!("title:{}", make.title_word())),
    ("body", |make| format!("body:{}", make.word())),
    ("phrase of a field", |make| {
        let field = *make.dice.pick(&["title", "body", "contains"]);
        format!("{field}:{}", make.phrase(2, 3))
    }),
    ("author", |make| match make.dice.below(3) {
        0 => format!("author:\"user {}\"", make.dice.between(1, 300)),
        1 => format!("author:user* {}", make.word()),
        _ => format!(
            "-author:\"User {}\" {}",
            make.dice.between(1, 30),
            make.word()
        ),
    }),
    ("site", |make| {
        let site = *make.dice.pick(&["beer", "coffee", "beer,coffee", "tea"]);
        format!("site:{site} {}", make.word())
    }),
    ("number", |make| {
        let n = make.dice.between(0, 12);
        let fact = *make.dice.pick(&["score", "answers", "comments"]);
        match make.dice.below(5) {
            0 => format!("{fact}:>{n} {}", make.common()),
            1 => format!("{fact}:<={n} {}", make.word()),
            2 => format!("{fact}:{n}..{}", n + 1),
            3 => format!("{fact}:={n} site:coffee"),
            _ => format!("views:>={}", make.dice.between(100, 10_000)),
        }
    }),
    ("user", |make| format!("user:{}", make.dice.between(1, 300))),
    ("time", |make| {
        let fact = *make.dice.pick(&["created", "edited", "active"]);
        let days = make.dice.between(20, 1_000);
        let sign = *make.dice.pick(&["<", ">"]);
        format!("{fact}:{sign}{days}d {}", make.word())
    }),
    ("mark", |make| {
        let mark = *make.dice.pick(&[
            "is:answered",
            "is:question",
            "is:edited",
            "has:link",
            "-is:answer",
        ]);
        format!("{mark} {}", make.word())
    }),
    ("pattern", |make| format!("/{}/", make.pattern())),
    ("pattern of a field", |make| {
        let field = *make.dice.pick(&["title", "body", "matches"]);
        format!("{field}:/{}/", make.pattern())
    }),
    ("pattern among others", |make| {
        format!("/{}/ -{} or {}", make.pattern(), make.common(), make.word())
    }),
];

/// Draws from posts.
pub struct Maker<'a> {
    pub dice: Dice,
    posts: &'a [Item],
}

impl<'a> Maker<'a> {
    pub fn new(posts: &'a [Item]) -> Maker<'a> {
        Maker {
            dice: Dice::new(3),
            posts,
        }
    }

    fn post(&mut self) -> &'a Item {
        self.dice.pick(self.posts)
    }

    /// Pieces between spaces of some post, without what has a meaning to queries; so many at least.
    fn pieces(&mut self, least: usize) -> Vec<String> {
        loop {
            let post = self.post();
            let text = if self.dice.percent(20.0) {
                &post.title
            } else {
                &post.body
            };
            let pieces: Vec<String> = text
                .split_whitespace()
                .map(|piece| piece.replace(['"', '“', '”', '„', '«', '»', '\\', '*'], ""))
                .filter(|piece| piece.chars().any(char::is_alphanumeric))
                .collect();
            if pieces.len() >= least {
                return pieces;
            }
        }
    }

    /// As it stands in a post: `don't`, `$5`, `example.com/a`.
    fn token(&mut self) -> String {
        let pieces = self.pieces(1);
        format!("\"{}\"", self.dice.pick(&pieces))
    }

    /// Letters only, five or more.
    fn word(&mut self) -> String {
        loop {
            let pieces = self.pieces(1);
            let word: String = letters(self.dice.pick::<String>(&pieces));
            if word.chars().count() >= 5 {
                return word;
            }
        }
    }

    /// Any word, most often one that many posts have.
    fn common(&mut self) -> String {
        loop {
            let pieces = self.pieces(1);
            let word = letters(self.dice.pick::<String>(&pieces));
            if !["", "and", "or", "not"].contains(&word.to_lowercase().as_str()) {
                return word;
            }
        }
    }

    fn title_word(&mut self) -> String {
        loop {
            let post = self.post();
            let words: Vec<String> = post.title.split_whitespace().map(letters).collect();
            if !words.is_empty() {
                let word = self.dice.pick(&words).clone();
                if word.len() > 3 {
                    return word;
                }
            }
        }
    }

    fn neighbours(&mut self) -> [String; 2] {
        loop {
            let pieces = self.pieces(2);
            let at = self.dice.below(pieces.len() - 1);
            let pair = [letters(&pieces[at]), letters(&pieces[at + 1])];
            if pair.iter().all(|word| !word.is_empty()) {
                return pair;
            }
        }
    }

    /// With whatever stood between the words.
    fn phrase(&mut self, least: usize, most: usize) -> String {
        let count = self.dice.between(least, most);
        let pieces = self.pieces(count);
        let at = self.dice.below(pieces.len() - count + 1);
        format!("\"{}\"", pieces[at..at + count].join(" "))
    }

    fn beginning(&mut self) -> String {
        let letters = self.dice.between(3, 5);
        first_letters(&self.word(), letters)
    }

    fn tag(&mut self) -> String {
        loop {
            let post = self.post();
            if !post.tags.is_empty() {
                return self.dice.pick(&post.tags).clone();
            }
        }
    }

    /// Ands, ors and nots, some levels deep.
    fn nest(&mut self, depth: usize) -> String {
        if depth > 3 || depth > 0 && self.dice.percent(30.0) {
            return match self.dice.below(8) {
                0 | 1 => self.common(),
                2 => self.word(),
                3 => self.phrase(2, 2),
                4 => format!("{}*", self.beginning()),
                5 => format!("tag:{}", self.tag()),
                6 => format!("length:>{}", self.dice.between(100, 2_000)),
                _ => format!("/{}/", self.pattern()),
            };
        }
        let parts: Vec<String> = (0..self.dice.between(2, 3))
            .map(|_| self.nest(depth + 1))
            .collect();
        let join = *self.dice.pick(&[" ", " or ", " and ", " "]);
        let not = *self.dice.pick(&["", "", "", "-"]);
        format!("{not}({})", parts.join(join))
    }

    fn pattern(&mut self) -> String {
        let [one, other] = self.neighbours().map(|word| regex::escape(&word));
        let word = self.word();
        let start = self.beginning();
        match self.dice.below(14) {
            0 => word,
            1 => format!(r"\b{one}\W+{other}\b"),
            2 => format!(r"{start}[a-z]*"),
            3 => format!(r"\b(?:{word}|{one} {other})\b"),
            4 => format!(r"^{one}\b"),
            5 => format!(r"{one}.{{0,12}}{other}\S"),
            6 => format!(r"(?-i){word}"),
            7 => format!(r"{word}s?[.,!?]"),
            8 => format!(r"\b{start}\w{{3,5}}\b"),
            9 => format!(r"\d+ ?{one}"),
            10 => format!(r"{one}[-_ ]?{other}$"),
            11 => format!(r"(?:https?:\/\/)?(?:www\.)?{word}\.(?:com|net|org)"),
            12 => self
                .dice
                .pick(&[
                    r"[A-Z]{6,}",
                    r"(?-i)[A-Z]{6,}",
                    r"\d{4,}",
                    r"\b[0-9a-f]{6,}\b",
                    r"\$\d+",
                    r"\d+ ?%",
                    r"\p{Lu}\.\p{Lu}\.",
                    r"[^\x00-\x7f]",
                ])
                .to_string(),
            _ => format!(r"{one}\s{other}|{word}"),
        }
    }
}

/// The letters and digits of a piece.
fn letters(piece: &str) -> String {
    piece.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn first_letters(word: &str, count: usize) -> String {
    word.chars().take(count).collect()
}
