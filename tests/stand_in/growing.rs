//! Feeds that grow whenever somebody looks, and the book of who was shown what.
//!
//! Every answer has an `ETag` of its own. A request that brings one back proves that the answer was taken in for good:
//! Boson reads it from its store.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How many entries a feed shows at most.
const SHOWN: usize = 300;
/// The most entries that come between two looks.
const MOST_NEW: u64 = 4;
/// How late an answer can be, in milliseconds.
const LATE_MS: u64 = 400;

pub const COLOURS: [&str; 3] = ["red", "green", "blue"];
pub const AUTHORS: [&str; 2] = ["bea", "cyd"];
pub const TAGS: [&str; 2] = ["odd", "even"];

/// The server; its thread ends when this is dropped.
pub struct Growing {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    /// Numbers everything that happens in a test, so that one can say what came first.
    time: AtomicU64,
    frozen: AtomicBool,
    over: AtomicBool,
    feeds: Vec<Mutex<Feed>>,
}

/// One feed and its past.
pub struct Feed {
    pub entries: Vec<Entry>,
    pub answers: Vec<Answer>,
    dice: Dice,
}

#[derive(Clone, Copy)]
pub struct Entry {
    pub colour: &'static str,
    pub author: &'static str,
    pub tag: &'static str,
}

/// An answer with a body.
pub struct Answer {
    /// It showed the entries before this one.
    pub until: usize,
    /// When it was made.
    pub at: u64,
    /// When it was known to be taken in.
    pub proven: Option<u64>,
}

/// Chance that can be thrown again: xorshift.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            dice.below(2);
        }
        dice
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }

    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

impl Growing {
    pub fn start(feeds: usize, seed: u64) -> Growing {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let feed = |n| {
            Mutex::new(Feed {
                entries: Vec::new(),
                answers: Vec::new(),
                dice: Dice::new(seed * 100 + n as u64),
            })
        };
        let shared = Arc::new(Shared {
            time: AtomicU64::new(1),
            frozen: AtomicBool::new(false),
            over: AtomicBool::new(false),
            feeds: (0..feeds).map(feed).collect(),
        });
        let server = Growing {
            address,
            shared: shared.clone(),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.over.load(Ordering::SeqCst) {
                    return;
                }
                let shared = shared.clone();
                // Who asked may be dead by now.
                std::thread::spawn(move || answer(stream, &shared).ok());
            }
        });
        server
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self, feed: usize) -> String {
        format!("http://{}/f{feed}/feed", self.address)
    }

    /// The next moment.
    pub fn tick(&self) -> u64 {
        self.shared.time.fetch_add(1, Ordering::SeqCst)
    }

    pub fn feed(&self, feed: usize) -> MutexGuard<'_, Feed> {
        self.shared.feeds[feed].lock().unwrap()
    }

    /// From now on nothing new comes.
    pub fn freeze(&self) {
        self.shared.frozen.store(true, Ordering::SeqCst);
    }

    /// From now on they grow again.
    pub fn thaw(&self) {
        self.shared.frozen.store(false, Ordering::SeqCst);
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for the next caller.
        TcpStream::connect(self.address).ok();
    }
}

impl Feed {
    fn grow(&mut self) {
        for _ in 0..self.dice.below(MOST_NEW + 1) {
            let entry = Entry {
                colour: self.dice.one_of(&COLOURS),
                author: self.dice.one_of(&AUTHORS),
                tag: self.dice.one_of(&TAGS),
            };
            self.entries.push(entry);
        }
    }

    fn atom(&self, number: usize) -> String {
        let mut xml = format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Feed {number}</title><id>urn:f{number}</id>"
        );
        let first = self.entries.len().saturating_sub(SHOWN);
        for (n, entry) in self.entries.iter().enumerate().skip(first).rev() {
            let Entry {
                colour,
                author,
                tag,
            } = entry;
            let (day, hour, minute) = (1 + n / 1440, n / 60 % 24, n % 60);
            xml.push_str(&format!(
                "<entry><id>urn:f{number}:{n}</id><title>f{number} e{n} {colour}</title>\
                 <author><name>{author}</name></author><category term=\"{tag}\"/>\
                 <published>2020-01-{day:02}T{hour:02}:{minute:02}:00Z</published>\
                 <link href=\"https://entries.example/f{number}/{n}\"/></entry>"
            ));
        }
        xml.push_str("</feed>");
        xml
    }
}

fn answer(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut number, mut known) = (0, None);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(path) = line.strip_prefix("get /f") {
            number = path
                .split('/')
                .next()
                .and_then(|n| n.parse().ok())
                .unwrap_or(0);
        }
        if let Some(etag) = line.strip_prefix("if-none-match: ") {
            known = etag.trim_matches('"').parse::<usize>().ok();
        }
    }
    let (head_and_body, wait) = {
        let mut feed = shared.feeds[number].lock().unwrap();
        let now = shared.time.fetch_add(1, Ordering::SeqCst);
        if let Some(answer) = known.and_then(|known| feed.answers.get_mut(known)) {
            answer.proven.get_or_insert(now);
        }
        if !shared.frozen.load(Ordering::SeqCst) {
            feed.grow();
        }
        let until = feed.entries.len();
        // Half of the answers are late: much can happen between what they show and when they arrive.
        let wait = feed.dice.below(2 * LATE_MS).saturating_sub(LATE_MS);
        let same = known
            .and_then(|known| feed.answers.get(known))
            .is_some_and(|answer| answer.until == until);
        let text = if same {
            "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_string()
        } else {
            let (etag, body) = (feed.answers.len(), feed.atom(number));
            feed.answers.push(Answer {
                until,
                at: shared.time.fetch_add(1, Ordering::SeqCst),
                proven: None,
            });
            format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nETag: \"{etag}\"\r\n\
                 Content-Type: application/atom+xml\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        (text, Duration::from_millis(wait))
    };
    let until = Instant::now() + wait;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(left);
    }
    reader.get_mut().write_all(head_and_body.as_bytes())
}
